"""What is refused before a query runs, so that the answer is a clear message.

This reads tokens, not grammar, and is a courtesy: the guarantee that nothing leaves the machine is the sandbox.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from urllib.parse import urljoin

from kb.problems import KbError, Place, Problem
from kb.sparql.library import Traits
from kb.sparql.values import Graphs

#: The longest query, in characters, and the deepest nesting of its brackets.
LONGEST = 64 * 1024
DEEPEST = 128

_UPDATES = frozenset({"INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "COPY", "MOVE", "ADD", "WITH"})
_FORMS = frozenset({"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"})
_NONE: Mapping[str, str] = MappingProxyType({})
_CODEPOINT = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_HALF = re.compile(r"(?P<half>[\ud800-\udfff]|\\(?:u|U0000)[dD][89a-fA-F][0-9A-Fa-f]{2})|\\.", re.DOTALL)
_FROM = re.compile(r".* FROM|FROM NAMED", re.IGNORECASE | re.DOTALL)
#: The tokens of SPARQL 1.1, section 19.8, as far as it takes to tell words from texts. Quantifiers are possessive and
#: a text that is never closed runs to its end, so that the time grows with the length only.
TOKEN = re.compile(
    r"""(?P<comment>\#[^\n\r]*+)
    |(?P<text>'''(?:'{0,2}+(?:[^'\\]|\\.))*+(?:''')?+ |\"""(?:"{0,2}+(?:[^"\\]|\\.))*+(?:\""")?+
        |'(?:[^'\\\n\r]|\\.)*+'?+ |"(?:[^"\\\n\r]|\\.)*+"?+)
    |(?P<iri><(?:[^<>"{}|^`\\\x00-\x20]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*+>)
    |(?P<variable>[?$]\w++)
    |(?P<tag>@[A-Za-z]++(?:-[A-Za-z0-9]++)*+)
    |(?P<number>[0-9]++(?:[eE][+-]?[0-9]++)?)
    |(?P<word>(?:[^\W\d_]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}|_(?=:))(?:[\w.-]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*+)
        (?P<local>:(?:[\w.:-]|%[0-9A-Fa-f]{2}|\\.)*+)?+
    |(?P<bare>:(?:[\w.:-]|%[0-9A-Fa-f]{2}|\\.)*+)
    |(?P<open>[({\[])
    |(?P<close>[)}\]])""",
    re.VERBOSE | re.DOTALL,
)


def check(  # noqa: PLR0913 - the query, what it may name, and two bounds
    text: str,
    graphs: Collection[str],
    prefixes: Mapping[str, str] = _NONE,
    base: str = "",
    *,
    longest: int = LONGEST,
    deepest: int = DEEPEST,
) -> Iterator[Problem]:
    """Find what a query must not do.

    Args:
        text: The query.
        graphs: The IRIs of the graphs that ``FROM`` may name.
        prefixes: The prefixes that the query need not declare.
        base: The IRI that its relative IRIs are resolved against.
        longest: The longest query, in characters.
        deepest: The deepest nesting of its brackets.
    """
    if len(text) > longest:
        yield _problem("KB606", f"The query has {len(text):,} characters; at most {longest:,} are run.", "Shorten it.", text, 0)
        return
    half = next((found for found in _HALF.finditer(text) if found["half"]), None)
    if half:
        message = "The query holds half of a surrogate pair, which is no character."
        yield _problem("KB602", message, "Write the character itself.", text, half.start())
        return
    tokens = [token for token in TOKEN.finditer(text) if token.lastgroup != "comment"]
    if not tokens:
        yield _problem("KB602", "The query is empty.", "Write one, such as SELECT * { ?s ?p ?o }.", text, 0)
    yield from _nesting(tokens, text, deepest)
    yield from _words(tokens, text)
    yield from _datasets(tokens, text, graphs, prefixes, base)


def examine(text: str, graphs: Collection[str], prefixes: Mapping[str, str] = _NONE, base: str = "") -> Traits:
    """Check a query as :func:`check` does, and tell what it does.

    Raises:
        KbError: The query must not be asked.
    """
    refused = list(check(text, graphs, prefixes, base))
    if refused:
        raise KbError(refused)
    return Traits(names_graphs(text), fixes_order(text))


def fixes_order(text: str) -> bool:
    """Tell whether a query orders its rows or cuts them off, so that their order is its own."""
    words = {_decode(token.group()).upper() for token in TOKEN.finditer(text) if token.lastgroup == "word"}
    return not words.isdisjoint({"ORDER", "LIMIT", "OFFSET"})


def form(text: str) -> str:
    """Tell the form of a query, ``SELECT`` say; nothing where no word begins one, so that it has a syntax error."""
    words = (part for token in TOKEN.finditer(text) if token.lastgroup == "word" for part in re.findall(r"[^.-]+", token.group()))
    return next((word for word in (_decode(each).upper() for each in words) if word in _FORMS), "")


def names_graphs(text: str) -> bool:
    """Tell whether a query may look into a graph by name; without ``GRAPH`` and ``FROM`` it sees the default graph alone.

    Some engines take words apart where others see one, so a word that holds one of these counts.
    """
    spoken = (token.group() for token in TOKEN.finditer(text) if token.lastgroup not in {"comment", "text", "iri"})
    words = _decode("\n".join(spoken)).upper()
    return "GRAPH" in words or "FROM" in words


def _nesting(tokens: list[re.Match[str]], text: str, deepest: int) -> Iterator[Problem]:
    depth = 0
    for token in tokens:
        depth = max(0, depth + {"open": 1, "close": -1}.get(token.lastgroup or "", 0))
        if depth > deepest:
            yield _problem("KB606", f"More than {deepest} brackets are nested.", "Simplify the query.", text, token.start())
            return


def _words(tokens: list[re.Match[str]], text: str) -> Iterator[Problem]:
    form = False
    for token in tokens:
        if token.lastgroup != "word":
            continue
        for part in re.finditer(r"[^.-]+", token.group()):
            word, start = _decode(part.group()).upper(), token.start() + part.start()
            form = form or word in _FORMS
            if word == "SERVICE":
                message = "SERVICE would ask another machine; queries stay on this one."
                yield _problem("KB603", message, "Ask the other endpoint on its own and join the answers.", text, start)
                return
            if word in _UPDATES and not form:
                yield _problem("KB603", f"{word} is an update; queries only read.", "Change the records instead.", text, start)
                return


def dataset(text: str, prefixes: Mapping[str, str] = _NONE, base: str = "") -> Graphs | None:
    """Give the dataset that a query describes by ``FROM`` and ``FROM NAMED``, or nothing if it has none of them."""
    tokens = [token for token in TOKEN.finditer(text) if token.lastgroup != "comment"]
    found = [(iri, named) for _, iri, named in _sources(tokens, prefixes, base)]
    default, others = (tuple(dict.fromkeys(iri for iri, named in found if named is which)) for which in (False, True))
    return Graphs(default, others) if found else None


def _datasets(
    tokens: list[re.Match[str]], text: str, graphs: Collection[str], prefixes: Mapping[str, str], base: str
) -> Iterator[Problem]:
    """Find the graphs in ``FROM`` that there are not; a prefix that is unknown is left to the engine."""
    for token, iri, _ in _sources(tokens, prefixes, base):
        if iri not in graphs:
            message = f"FROM {token.group()[:200]} is not a graph of this knowledge base."
            yield _problem("KB603", message, "Leave FROM out: every graph is searched.", text, token.start())


def _sources(tokens: list[re.Match[str]], prefixes: Mapping[str, str], base: str) -> Iterator[tuple[re.Match[str], str, bool]]:
    """Give the graphs that ``FROM`` names: where, which, and whether as named ones."""
    known = dict(prefixes)
    before = beyond = ""
    for token in tokens:
        word = _decode(token.group())
        iri = _iri(token.lastgroup, word, known, base)
        if iri is not None and before.upper() == "BASE":
            base = iri
        elif iri is not None and beyond.upper() == "PREFIX":
            known[before.removesuffix(":")] = iri
        elif iri is not None and _FROM.fullmatch(f"{beyond} {before}"):
            yield token, iri, before.upper() == "NAMED"
        before, beyond = word, before


def _iri(kind: str | None, word: str, prefixes: Mapping[str, str], base: str) -> str | None:
    if kind == "iri":
        try:
            return urljoin(base, word[1:-1])
        except ValueError:  # something in brackets that is no address
            return word[1:-1]
    prefix, colon, local = word.partition(":")
    if kind in {"local", "bare"} and colon and prefix in prefixes:
        return prefixes[prefix] + re.sub(r"\\(.)", r"\1", local, flags=re.DOTALL)
    return None


def _decode(word: str) -> str:
    return _CODEPOINT.sub(_character, word) if "\\" in word else word


def _character(found: re.Match[str]) -> str:
    code = int(found[1] or found[2], 16)
    return chr(code) if code <= 0x10FFFF else found[0]


def _problem(code: str, message: str, remedy: str, text: str, offset: int) -> Problem:
    line = text.count("\n", 0, offset) + 1
    return Problem(Place("<query>", line, offset - text.rfind("\n", 0, offset)), code, message, remedy)
