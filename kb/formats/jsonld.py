"""JSON-LD 1.1 with its context inline, so that a reader needs nothing else: one flat list of nodes.

Keys are the standards' own short names; values are coerced by the context (section 4.2.3 of JSON-LD 1.1), so
that most are plain strings.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from kb.formats.grouping import TYPE, Grouped, by_subject
from kb.iris import XSD, Names
from kb.problems import fail
from kb.quads import Quad, iri_value, is_blank, is_iri, literal_value

_SHORT = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_GENERIC_DELIMITERS = tuple(":/?#[]@")
_RESERVED = {"id", "type"}


def triples(statements: Iterable[Quad], names: Names) -> Iterator[str]:
    """Write JSON-LD; graphs are dropped."""
    grouped = list(by_subject(statements))
    context = _Context(grouped, names)
    yield '{\n  "@context": '
    yield json.dumps(context.document(), indent=2, ensure_ascii=False).replace("\n", "\n  ")
    yield ',\n  "@graph": ['
    for index, node in enumerate(map(context.node, grouped)):
        text = json.dumps(node, indent=2, ensure_ascii=False).replace("\n", "\n    ")
        yield f"{',' if index else ''}\n    {text}"
    yield "\n  ]\n}\n"


class _Context:
    """The context of one export: prefixes that are used, and a short key with its coercion per property."""

    def __init__(self, grouped: list[Grouped], names: Names) -> None:
        self.names = names
        self.used: set[str] = set()
        self.unusable = _RESERVED | {scheme for scheme in map(_scheme, _iris(grouped)) if scheme}
        sorts: dict[str, set[str]] = defaultdict(set)
        for _, about in grouped:
            for predicate, objects in about:
                if predicate != TYPE:
                    sorts[predicate].update(map(_sort, objects))
        self.coercion = {predicate: next(iter(found)) if len(found) == 1 else "" for predicate, found in sorts.items()}
        self.keys = self._keys(sorted(self.coercion))
        self.taken = {*self.keys.values(), *_RESERVED}  # some readers take such a relative IRI for the key
        for each in grouped:  # so that every prefix is known before the context is written
            self.node(each)

    def _keys(self, predicates: list[str]) -> dict[str, str]:
        """Choose the key of each property: its short name where that is clear, else a CURIE, else its IRI."""
        own = f"<{self.names.base}"
        short = {each: re.split("[/#]", iri_value(each))[-1] for each in predicates if not each.startswith(own)}
        times = Counter(short.values())
        taken = {*self.names.prefixes, *_RESERVED}
        return {
            each: short[each]
            if each in short and times[short[each]] == 1 and _SHORT.fullmatch(short[each]) and short[each] not in taken
            else self.name(iri_value(each))
            for each in predicates
        }

    def node(self, grouped: Grouped) -> dict[str, Any]:
        """Write a subject and all about it."""
        subject, about = grouped
        node: dict[str, Any] = {"id": self.node_id(subject)}
        for predicate, objects in about:
            if predicate == TYPE:
                values: list[Any] = [self.type(obj) for obj in objects]
            else:
                values = [self.value(predicate, obj) for obj in objects]
            node["type" if predicate == TYPE else self.keys[predicate]] = values[0] if len(values) == 1 else values
        return node

    def document(self) -> dict[str, Any]:
        """Give the context as JSON."""
        terms: dict[str, Any] = {}
        for predicate, key in self.keys.items():
            full = iri_value(predicate)
            definition: dict[str, Any] = {"@id": full}
            coercion = self.coercion[predicate]
            if coercion.startswith("@language "):
                definition["@language"] = coercion.partition(" ")[2]
            elif coercion == "@id":
                definition["@type"] = "@id"
            elif coercion and coercion != f"{XSD}string":
                definition["@type"] = self.name(coercion)
            if key != self.name(full) or len(definition) > 1:
                terms[key] = definition["@id"] if len(definition) == 1 else definition
        prefixes = {}
        for prefix in sorted(self.used):
            start = self.names.prefixes[prefix]
            prefixes[prefix] = start if start.endswith(_GENERIC_DELIMITERS) else {"@id": start, "@prefix": True}
        return {
            "@version": 1.1,
            "@base": self.names.base,
            "id": "@id",
            "type": "@type",
            **prefixes,
            **dict(sorted(terms.items())),
        }

    def name(self, value: str) -> str:
        """Write an IRI where the vocabulary is meant: as a CURIE or in full."""
        for prefix, start in self.names.matching(value):
            if prefix not in self.unusable and not value[len(start) :].startswith("//"):
                self.used.add(prefix)
                return f"{prefix}:{value[len(start) :]}"
        return value

    def type(self, term: str) -> str:
        """Write what a node is.

        Raises:
            KbError: It is a literal (KB702).
        """
        if is_iri(term):
            return self.name(iri_value(term))
        if is_blank(term):
            return term
        raise fail("KB702", f"JSON-LD cannot write that something is of type {term[:40]}.", "Choose another format.")

    def node_id(self, term: str) -> str:
        """Write a node."""
        return term if is_blank(term) else self.reference(iri_value(term))

    def reference(self, value: str) -> str:
        """Write an IRI where a node is meant: as a CURIE, relative to the base, or in full."""
        named, relative = self.name(value), self.names.relative(value)
        if named != value or relative is None or ":" in relative or relative in self.taken:
            return named
        return relative

    def value(self, predicate: str, obj: str) -> Any:
        """Write an object, leaving out what the context says already."""
        if _sort(obj) == "@id":
            reference = self.node_id(obj)
            return reference if self.coercion[predicate] == "@id" else {"id": reference}
        found = literal_value(obj)
        if self.coercion[predicate]:
            return found.value
        if found.language:
            return {"@value": found.value, "@language": found.language}
        if found.datatype == f"{XSD}string":
            return found.value
        return {"@value": found.value, "@type": self.name(found.datatype)}


def _sort(obj: str) -> str:
    if is_iri(obj) or is_blank(obj):
        return "@id"
    found = literal_value(obj)
    return f"@language {found.language}" if found.language else found.datatype


def _iris(grouped: list[Grouped]) -> Iterator[str]:
    for subject, about in grouped:
        yield subject
        for predicate, objects in about:
            yield predicate
            yield from (obj if is_iri(obj) or is_blank(obj) else f"<{literal_value(obj).datatype}>" for obj in objects)


def _scheme(term: str) -> str:
    """Give the scheme of an IRI that would be taken for a CURIE, were its scheme a prefix."""
    scheme, _, rest = term[1:].partition(":")
    return "" if rest.startswith("//") or is_blank(term) else scheme
