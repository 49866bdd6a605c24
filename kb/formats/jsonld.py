"""JSON-LD 1.1 with its context inline, so that a reader needs nothing else: one flat list of nodes.

Keys are the standards' own short names; values are coerced by the context (section 4.2.3 of JSON-LD 1.1), so
that most are plain strings.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from json.encoder import encode_basestring
from typing import Any

from kb.files.sorting import buffer_text
from kb.formats.grouping import TYPE, Grouped, group_by_subject
from kb.problems import fail
from kb.rdf.iris import XSD, Names
from kb.rdf.quads import Quad, iri_value, is_blank, is_iri, literal_value

_SHORT = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_GENERIC_DELIMITERS = tuple(":/?#[]@")
_RESERVED = {"id", "type"}
# What begins so cannot be taken for a CURIE; a language is none.
_CLEAR = ("<http://", "<https://", "<@", "_:")
_INNER = "\n      "
# So many IRIs are remembered as they were written.
_MOST_KNOWN = 20_000


def triples(statements: Iterable[Quad], names: Names) -> Iterator[str]:
    """Write JSON-LD; graphs are dropped."""
    context = _Context(names)
    grouped = group_by_subject(map(context.met, statements))
    body = buffer_text(_nodes(grouped, context))  # what a value becomes rests on all statements, the context on all nodes
    yield '{\n  "@context": '
    yield json.dumps(context.document(), indent=2, ensure_ascii=False).replace("\n", "\n  ")
    yield ',\n  "@graph": ['
    yield from body
    yield "\n  ]\n}\n"


def _nodes(grouped: Iterable[Grouped], context: _Context) -> Iterator[str]:
    before = ""
    for subject, about in grouped:
        yield f'{before}\n    {{\n      "id": {_json(context.node_id(subject))}'
        for predicate, objects in about:
            values = (_json(each).replace("\n", "\n      ") for each in context.values(predicate, objects))
            yield f",\n      {_json(context.key(predicate))}: "
            yield from _values(values)
        yield "\n    }"
        before = ","


def _values(values: Iterator[str]) -> Iterator[str]:
    """Write a value, or several as a list."""
    first, second = next(values), next(values, None)
    if second is None:
        yield first
        return
    start = "\n        "
    yield f"[{start}{first.replace(_INNER, start)},{start}{second.replace(_INNER, start)}"
    yield from (f",{start}{each.replace(_INNER, start)}" for each in values)
    yield "\n      ]"


class _Context:
    """The context of one export: prefixes that are used, and a short key with its coercion per property."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.used: set[str] = set()
        self.unusable = set(_RESERVED)
        self._sorts: dict[str, set[str]] = defaultdict(set)
        self._known: dict[str, str] = {}

    def met(self, statement: Quad) -> Quad:
        """Note what a statement asks of the context; all must be met before any is written."""
        subject, predicate, obj, _ = statement
        sort = _sort(obj)
        if predicate != TYPE:
            self._sorts[predicate].add(sort)
        for each in (subject, predicate, obj if sort == "@id" else f"<{sort}>"):
            if not each.startswith(_CLEAR) and (scheme := _scheme(each)):
                self.unusable.add(scheme)
        return statement

    @cached_property
    def coercion(self) -> dict[str, str]:
        """The sort of all objects of a predicate, where they are of one."""
        return {predicate: next(iter(found)) if len(found) == 1 else "" for predicate, found in self._sorts.items()}

    @cached_property
    def keys(self) -> dict[str, str]:
        """The key of each predicate."""
        return self._keys(sorted(self.coercion))

    @cached_property
    def taken(self) -> set[str]:
        """What may not stand for an IRI: some readers take such a relative IRI for the key."""
        return {*self.keys.values(), *_RESERVED}

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

    def key(self, predicate: str) -> str:
        """Write a predicate."""
        return "type" if predicate == TYPE else self.keys[predicate]

    def values(self, predicate: str, objects: Iterable[str]) -> Iterator[Any]:
        """Write the objects of a predicate."""
        return (self.type(obj) if predicate == TYPE else self.value(predicate, obj) for obj in objects)

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
        known = self._known.get(value)
        if known is None:
            if len(self._known) > _MOST_KNOWN:
                self._known.clear()
            known = self._known[value] = self._reference(value)
        return known

    def _reference(self, value: str) -> str:
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
    """Tell a node, a language or a datatype, without a look at the text of a literal."""
    if not obj.startswith('"'):
        return "@id"
    end = obj[obj.rindex('"') + 1 :]
    if end.startswith("@"):
        return f"@language {end[1:]}"
    return end[3:-1] or f"{XSD}string"


def _json(value: Any) -> str:
    return encode_basestring(value) if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)


def _scheme(term: str) -> str:
    """Give the scheme of an IRI that would be taken for a CURIE, were its scheme a prefix."""
    scheme, _, rest = term[1:].partition(":")
    return "" if rest.startswith("//") or is_blank(term) else scheme
