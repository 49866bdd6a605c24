r"""The text of a SPARQL query: its tokens, form, prefixes and variables.

Everything that kb reads out of a query without evaluating it is read here, from one tokenizer. It follows the terminals of
SPARQL 1.1, section 19.8, as far as needed to tell keywords and names from strings, IRIs and comments; it does not know the
grammar. ``\uXXXX`` escapes, which SPARQL allows anywhere, are resolved in keywords and names (section 19.2).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, NamedTuple
from urllib.parse import urljoin

Kind = Literal["string", "iri", "variable", "language", "number", "word", "name", "blank", "open", "close", "symbol"]
Clause = Literal["", "BASE", "PREFIX", "FROM", "FROM NAMED"]

#: The forms of a query (SPARQL 1.1, section 16).
FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_CODEPOINT = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_LONGEST_RELATIVE = 8192  # characters: urljoin keeps what it has resolved
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
# Quantifiers are possessive, and a string that is never closed runs to its end, so that the time grows with the length only.
_TOKEN = re.compile(
    r"""(?P<comment>\#[^\n\r]*+)
    |(?P<string>'''(?:'{0,2}+(?:[^'\\]|\\.))*+(?:''')?+ |\"""(?:"{0,2}+(?:[^"\\]|\\.))*+(?:\""")?+
        |'(?:[^'\\\n\r]|\\.)*+'?+ |"(?:[^"\\\n\r]|\\.)*+"?+)
    |(?P<iri><(?:[^<>"{}|^`\\\x00-\x20]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*+>)
    |(?P<variable>[?$]\w++)
    |(?P<language>@[A-Za-z]++(?:-[A-Za-z0-9]++)*+)
    |(?P<number>[0-9]++(?:\.[0-9]++)?+(?:[eE][+-]?[0-9]++)?+)
    |(?P<blank>_:\w(?:\.*+[\w-]++)*+)
    |(?P<word>(?:[^\W\d_]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})(?:[\w.-]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*+)
        (?P<name>:(?:\.*+(?:[\w:-]|%[0-9A-Fa-f]{2}|\\.)++)*+)?+
    |(?P<bare>:(?:\.*+(?:[\w:-]|%[0-9A-Fa-f]{2}|\\.)++)*+)
    |(?P<open>[({\[])
    |(?P<close>[)}\]])
    |(?P<symbol>\S)""",
    re.VERBOSE | re.DOTALL,
)


class SparqlToken(NamedTuple):
    """A token of a query; a ``name`` is a prefixed name, a ``word`` a keyword, ``a``, ``true`` or a function."""

    kind: Kind
    text: str
    start: int

    @property
    def end(self) -> int:
        """The position after its last character."""
        return self.start + len(self.text)

    @property
    def keyword(self) -> str:
        """The word in upper case; empty for any other kind of token."""
        return decode(self.text).upper() if self.kind == "word" else ""

    @property
    def prefix(self) -> str:
        """The prefix of a prefixed name, without its colon."""
        return decode(self.text).partition(":")[0]

    @property
    def local(self) -> str:
        """The local part of a prefixed name, its escapes resolved."""
        return re.sub(r"\\(.)", r"\1", decode(self.text).partition(":")[2], flags=re.DOTALL)


class Reference(NamedTuple):
    """An IRI that a query names, absolute or None if its prefix is not declared; and the clause that it is an argument of."""

    token: SparqlToken
    iri: str | None
    clause: Clause

    @property
    def is_declaration(self) -> bool:
        """Whether it is in the prologue."""
        return self.clause in {"BASE", "PREFIX"}


def tokens(text: str) -> Iterator[SparqlToken]:
    """Split a query into tokens, without its comments."""
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind == "word" and ("." in match[0] or "-" in match[0]):  # only the prefix of a name may hold these
            for part in re.finditer("[^.-]+|[.-]", match[0]):
                yield SparqlToken("symbol" if part[0] in ".-" else "word", part[0], match.start() + part.start())
        elif kind != "comment":
            yield SparqlToken("name" if kind == "bare" else kind, match[0], match.start())  # type: ignore[arg-type] # a group above


def decode(text: str) -> str:
    r"""Resolve ``\uXXXX`` and ``\UXXXXXXXX``."""
    return _CODEPOINT.sub(_character, text)


def _character(escape: re.Match[str]) -> str:
    code = int(escape[1] or escape[2], 16)
    return chr(code) if code <= 0x10FFFF else escape[0]


def find_position(text: str, offset: int) -> tuple[int, int]:
    """Convert an offset into line and column, both from 1."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def find_form(text: str) -> str:
    """Find the form of a query: SELECT, ASK, CONSTRUCT or DESCRIBE; empty if it has none and so cannot be parsed."""
    return next((token.keyword for token in tokens(text) if token.keyword in FORMS), "")


def find_references(text: str, prefixes: Mapping[str, str] | None = None, base: str = "") -> Iterator[Reference]:
    """Find the IRIs that a query names, in order; prefixes and base hold until the query declares its own."""
    known = dict(prefixes or {})
    before = last = SparqlToken("symbol", "", 0)
    for token in tokens(text):
        is_declared = last.keyword == "PREFIX" and token.kind == "name" and not token.local
        if token.kind in {"iri", "name"} and not is_declared:
            clause = _clause(before, last)
            iri = _resolve(token, known, base)
            if iri is not None and clause == "BASE":
                base = iri
            elif iri is not None and clause == "PREFIX":
                known[last.prefix] = iri
            yield Reference(token, iri, clause)
        before, last = last, token


def _clause(before: SparqlToken, last: SparqlToken) -> Clause:
    if before.keyword == "PREFIX" and last.kind == "name":
        return "PREFIX"
    if before.keyword == "FROM" and last.keyword == "NAMED":
        return "FROM NAMED"
    return {"BASE": "BASE", "FROM": "FROM"}.get(last.keyword, "")  # type: ignore[return-value] # mypy widens the values


def _resolve(token: SparqlToken, prefixes: Mapping[str, str], base: str) -> str | None:
    if token.kind == "name":
        start = prefixes.get(token.prefix)
        return None if start is None else start + token.local
    iri = decode(token.text)[1:-1]
    if not base or len(iri) > _LONGEST_RELATIVE or _SCHEME.match(iri):
        return iri
    try:
        resolved = urljoin(base, iri)
    except ValueError:  # not an address, such as <//[>
        return iri
    return f"{resolved}#" if iri.endswith("#") and not resolved.endswith("#") else resolved  # urljoin drops an empty fragment


def add_declarations(text: str, prefixes: Mapping[str, str], base: str = "", separator: str = "\n") -> str:
    """Add the declarations that a query lacks, so that any SPARQL engine can parse it; the base if there may be relative IRIs.

    A blank as separator keeps the numbers of the query's lines.
    """
    named = list(find_references(text))
    missing = sorted({reference.token.prefix for reference in named if reference.iri is None} & prefixes.keys())
    lines = [f"BASE <{base}>"] if base and _needs_base(text, named) else []
    lines += [f"PREFIX {prefix}: <{prefixes[prefix]}>" for prefix in missing]
    return "".join(f"{line}{separator}" for line in lines) + text


def _needs_base(text: str, named: Iterable[Reference]) -> bool:
    """Check whether a query names a relative IRI, or may compute one, before it declares an absolute BASE."""
    for reference in named:
        is_absolute = reference.iri is None or _SCHEME.match(reference.iri)
        if not is_absolute or reference.clause == "BASE":
            return not is_absolute
    return any(token.keyword in {"IRI", "URI"} for token in tokens(text))


def list_star_variables(text: str) -> list[str] | None:
    """List the variables of a ``SELECT *`` in the order in which the query first names them; nothing for other queries."""
    stream = list(tokens(text))
    select = next((index for index, token in enumerate(stream) if token.keyword == "SELECT"), len(stream))
    selected = next((token for token in stream[select + 1 :] if token.keyword not in {"DISTINCT", "REDUCED"}), None)
    if selected is None or selected.text != "*":
        return None
    return list(dict.fromkeys(token.text[1:] for token in stream if token.kind == "variable"))
