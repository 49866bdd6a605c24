"""Turtle and TriG: grouped by subject, types first, prefixes that are used, relative to the base.

TriG is written without the ``GRAPH`` keyword, which RDF 1.1 TriG, section 2.2, leaves out and some readers refuse.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from kb.formats.grouping import TYPE, by_subject
from kb.iris import XSD, Names
from kb.quads import Quad, iri_value, is_blank, is_iri, is_triple, literal_value

_LOCAL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.:-]*[A-Za-z0-9_:-])?")
_BARE = {f"{XSD}integer": re.compile(r"0|-?[1-9][0-9]*"), f"{XSD}boolean": re.compile("true|false")}
_WIDTH = 100


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
    body = list(_subjects(statements, shortener, ""))
    yield from _heading(shortener)
    yield from body


def quads(statements: Iterable[Quad], names: Names) -> Iterator[str]:
    """Write TriG."""
    shortener = Shortener(names)
    body: list[str] = []
    ordered = sorted(statements, key=lambda each: each.graph.rstrip(">"))
    for graph, members in groupby(ordered, lambda each: each.graph):
        if not graph:
            body.extend(_subjects(members, shortener, ""))
            continue
        body.append(f"\n{shortener.term(graph)} {{")
        body.extend(_subjects(members, shortener, "    "))
        body.append("}\n")
    yield from _heading(shortener)
    yield from body


def _heading(shortener: Shortener) -> Iterator[str]:
    yield f"@base <{shortener.names.base}> .\n"
    for prefix in sorted(shortener.used):
        yield f"@prefix {prefix}: <{shortener.names.prefixes[prefix]}> .\n"


def _subjects(statements: Iterable[Quad], shortener: Shortener, indent: str) -> Iterator[str]:
    for subject, about in by_subject(statements):
        lines = [
            f"{'a' if predicate == TYPE else shortener.term(predicate)}{_objects(objects, shortener, indent)}"
            for predicate, objects in about
        ]
        joined = f" ;\n{indent}    ".join(lines)
        yield f"\n{indent}{shortener.term(subject)} {joined} .\n"


def _objects(objects: list[str], shortener: Shortener, indent: str) -> str:
    written = [shortener.term(each) for each in objects]
    line = ", ".join(written)
    if len(line) <= _WIDTH or len(written) == 1:
        return f" {line}"
    start = f"\n{indent}        "
    return start + f",{start}".join(written)
