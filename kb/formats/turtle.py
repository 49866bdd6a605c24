"""Turtle and TriG: grouped by subject, types first, prefixes that are used, relative to the base.

TriG is written without the ``GRAPH`` keyword, which RDF 1.1 TriG, section 2.2, leaves out and some readers refuse.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from kb.files.sorting import buffer_text
from kb.formats.grouping import TYPE, Grouped, group_by_graph, group_by_subject
from kb.rdf.iris import XSD, Names
from kb.rdf.quads import Quad, iri_value, is_blank, is_iri, is_triple, literal_value

_LOCAL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.:-]*[A-Za-z0-9_:-])?")
_BARE = {f"{XSD}integer": re.compile(r"0|-?[1-9][0-9]*"), f"{XSD}boolean": re.compile("true|false")}
_WIDTH = 100
# So many terms are remembered as they were written.
_MOST_KNOWN = 20_000


class Shortener:
    """Writes terms in the shortest form that reads back to the same term; remembers the prefixes it used."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.used: set[str] = set()
        self._known: dict[str, str] = {}

    def term(self, term: str) -> str:
        """Write a term."""
        known = self._known.get(term)
        if known is None:
            if len(self._known) > _MOST_KNOWN:
                self._known.clear()
            known = self._known[term] = self._write(term)
        return known

    def _write(self, term: str) -> str:
        if is_triple(term):
            subject, predicate, obj = term[4:-4].split(" ", 2)
            return f"<<( {self.term(subject)} {self.term(predicate)} {self.term(obj)} )>>"
        if is_iri(term):
            return self.iri(iri_value(term))
        if is_blank(term):
            return term
        value = literal_value(term)
        bare = _BARE.get(value.datatype)
        if bare and bare.fullmatch(value.value):
            return value.value
        if value.datatype and value.datatype != f"{XSD}string":
            return f"{term[: term.rindex('^^')]}^^{self.iri(value.datatype)}"
        return term

    def iri(self, value: str) -> str:
        """Write an IRI as a prefixed name, relative to the base, or in full."""
        for prefix, start in self.names.matching(value):
            if _LOCAL.fullmatch(value[len(start) :]) and not prefix.endswith("."):
                self.used.add(prefix)
                return f"{prefix}:{value[len(start) :]}"
        relative = self.names.relative(value)
        return f"<{value}>" if relative is None else f"<{relative}>"


def triples(statements: Iterable[Quad], names: Names) -> Iterator[str]:
    """Write Turtle; graphs are dropped."""
    shortener = Shortener(names)
    body = buffer_text(_subjects(group_by_subject(statements), shortener, ""))
    yield from _heading(shortener)
    yield from body


def quads(statements: Iterable[Quad], names: Names) -> Iterator[str]:
    """Write TriG."""
    shortener = Shortener(names)
    body = buffer_text(_graphs(statements, shortener))
    yield from _heading(shortener)
    yield from body


def _heading(shortener: Shortener) -> Iterator[str]:
    yield f"@base <{shortener.names.base}> .\n"
    for prefix in sorted(shortener.used):
        yield f"@prefix {prefix}: <{shortener.names.prefixes[prefix]}> .\n"


def _graphs(statements: Iterable[Quad], shortener: Shortener) -> Iterator[str]:
    for graph, grouped in group_by_graph(statements):
        if not graph:
            yield from _subjects(grouped, shortener, "")
            continue
        yield f"\n{shortener.term(graph)} {{"
        yield from _subjects(grouped, shortener, "    ")
        yield "}\n"


def _subjects(grouped: Iterable[Grouped], shortener: Shortener, indent: str) -> Iterator[str]:
    between = f" ;\n{indent}    "
    for subject, about in grouped:
        before = f"\n{indent}{shortener.term(subject)} "
        for predicate, objects in about:
            yield f"{before}{'a' if predicate == TYPE else shortener.term(predicate)}"
            yield from _objects(map(shortener.term, objects), indent)
            before = between
        yield " .\n"


def _objects(written: Iterator[str], indent: str) -> Iterator[str]:
    """Write objects on one line if they fit, else on a line each."""
    held, width = [next(written)], 0
    for each in written:
        held.append(each)
        width = sum(map(len, held)) + 2 * len(held) - 2
        if width > _WIDTH:
            break
    if width <= _WIDTH:
        yield f" {', '.join(held)}"
        return
    start = f"\n{indent}        "
    yield start + f",{start}".join(held)
    yield from (f",{start}{each}" for each in written)
