"""RDF statements: four strings, each a term in the syntax of N-Quads.

A term is ``<iri>``, ``"text"``, ``"text"@language`` or ``"text"^^<datatype>``, in the canonical form of
RDF 1.2 N-Triples, section 4. So two terms are equal exactly when their strings are, and sorting
strings sorts statements. A knowledge base has no blank nodes; the result of a query may have some.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

XSD = "http://www.w3.org/2001/XMLSchema#"
_STRING = f"{XSD}string"
_UNESCAPES = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
_ESCAPES = {code: f"\\u{code:04X}" for code in (*range(0x20), 0x7F, 0xFFFE, 0xFFFF)}
_ESCAPES |= {ord(char): f"\\{letter}" for letter, char in _UNESCAPES.items() if letter != "'"}
_ESCAPED = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))")
_LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"(?:@([A-Za-z0-9-]+)|\^\^<([^>]*)>)?', re.DOTALL)


class Quad(NamedTuple):
    """A statement in a named graph; every field is a term in the syntax of N-Quads."""

    subject: str
    predicate: str
    object: str
    graph: str


#: A node and all its rows in one graph. A row is a predicate and an object, each after a space, as a line of N-Quads holds them
#: between subject and graph; so rows sort as their lines do, and many lines are written by one join.
NodeRows = tuple[str, Iterable[str]]


def write_lines(node: str, rows: Iterable[str], graph: str) -> str:
    """Write the rows of a node as lines of N-Quads."""
    end = f" {graph} .\n"
    return f"{node}{(end + node).join(rows)}{end}"


def make_quads(node: str, rows: Iterable[str], graph: str) -> Iterator[Quad]:
    """Make the rows of a node into statements."""
    for row in rows:
        predicate, _, obj = row[1:].partition(" ")
        yield Quad(node, predicate, obj, graph)


class Literal(NamedTuple):
    """The parts of a literal.

    Args:
        value: The lexical form, unescaped, exactly as written.
        datatype: The IRI of the datatype; empty if there is a language.
        language: The language tag in lower case; empty if there is none.
    """

    value: str
    datatype: str = _STRING
    language: str = ""


def iri(value: str) -> str:
    """Write an IRI, already valid, as a term."""
    return f"<{value}>"


def literal(value: str, datatype: str = _STRING, language: str = "") -> str:
    """Write a literal as a term, with its lexical form unchanged.

    Args:
        value: The lexical form.
        datatype: The datatype's IRI; ``xsd:string`` is not written (RDF 1.1 Concepts, section 3.3).
        language: A language tag; written in lower case, since some readers change its case.
    """
    is_plain = value.isprintable() and '"' not in value and "\\" not in value  # ten times as fast as a translation
    text = f'"{value}"' if is_plain else f'"{value.translate(_ESCAPES)}"'
    if language:
        return f"{text}@{language.lower()}"
    return text if datatype == _STRING else f"{text}^^<{datatype}>"


def is_iri(term: str) -> bool:
    """Return whether a term is an IRI."""
    return term.startswith("<") and not is_triple(term)


def is_blank(term: str) -> bool:
    """Return whether a term is a blank node, which only results of queries have."""
    return term.startswith("_:")


def is_triple(term: str) -> bool:
    """Return whether a term is a triple (RDF 1.2)."""
    return term.startswith("<<(")


def iri_value(term: str) -> str:
    """Return the IRI of a term that is one."""
    return term[1:-1]


def literal_value(term: str) -> Literal:
    """Parse a literal.

    Raises:
        ValueError: The term is not a literal.
    """
    match = _LITERAL.fullmatch(term)
    if match is None:
        message = f"not a literal: {term[:80]}"
        raise ValueError(message)
    value, language, datatype = match.groups()
    if "\\" in value:
        value = _ESCAPED.sub(_unescape, value)
    if language:
        return Literal(value, "", language)
    return Literal(value, datatype or _STRING)


def _unescape(match: re.Match[str]) -> str:
    short, long, character = match.groups()
    return chr(int(short or long, 16)) if short or long else _UNESCAPES[character]
