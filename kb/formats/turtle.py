"""Write Turtle and TriG: grouped by subject, types first, with the prefixes that are used and IRIs relative to the base.

TriG is written without the ``GRAPH`` keyword, which RDF 1.1 TriG, section 2.2, makes optional and some readers refuse.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from kb.files.sorting import buffer_text
from kb.formats.grouping import TYPE, Grouped, group_by_graph, group_by_subject
from kb.rdf.iris import XSD, Names
from kb.rdf.quads import Quad, iri_value, is_blank, is_iri, is_triple, literal_value

_LOCAL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.:-]*[A-Za-z0-9_:-])?")
_BARE = {f"{XSD}integer": re.compile(r"0|-?[1-9][0-9]*"), f"{XSD}boolean": re.compile("true|false")}
_WIDTH = 100
# The size of the cache of written terms.
_MOST_CACHED = 20_000


class Shortener:
    """Writes terms in the shortest form that stands for the same term; records the prefixes that it uses."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.used: set[str] = set()
        self.term = lru_cache(_MOST_CACHED)(self._write)

    def _write(self, term: str) -> str:
        """Write a term."""
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
    """Write objects on one line if they fit, otherwise on a line each."""
    line, width = [next(written)], 0
    for obj in written:
        line.append(obj)
        width = sum(map(len, line)) + 2 * len(line) - 2
        if width > _WIDTH:
            break
    if width <= _WIDTH:
        yield f" {', '.join(line)}"
        return
    start = f"\n{indent}        "
    yield start + f",{start}".join(line)
    yield from (f",{start}{obj}" for obj in written)
