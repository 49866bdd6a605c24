"""Write JSON-LD 1.1 as one flat list of nodes, with the context inline, so that a reader needs nothing else.

Keys are the standards' own short names; values are coerced by the context (section 4.2.3 of JSON-LD 1.1), so
that most are plain strings.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
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
# IRIs with these beginnings cannot be mistaken for CURIEs; a language is no IRI.
_CLEAR = ("<http://", "<https://", "<@", "_:")
_INNER = "\n      "
# The size of the cache of written IRIs.
_MOST_CACHED = 20_000


def triples(statements: Iterable[Quad], names: Names) -> Iterator[str]:
    """Write JSON-LD; graphs are dropped."""
    context = _Context(names)
    grouped = group_by_subject(map(context.note, statements))
    body = buffer_text(_nodes(grouped, context))  # values depend on all statements, the context on all nodes
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
            written = (context.value(predicate, obj) for obj in objects)
            values = (_json(value).replace("\n", "\n      ") for value in written)
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
    yield from (f",{start}{value.replace(_INNER, start)}" for value in values)
    yield "\n      ]"


class _Context:
    """The context of one export: prefixes that are used, and a short key with its coercion per property."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.used: set[str] = set()
        self.unusable = set(_RESERVED)
        self._kinds: dict[str, set[str]] = defaultdict(set)
        self.reference = lru_cache(_MOST_CACHED)(self._reference)

    def note(self, statement: Quad) -> Quad:
        """Record what a statement needs in the context; all statements must be noted before any is written."""
        subject, predicate, obj, _ = statement
        kind = _kind(obj)
        if predicate != TYPE:
            self._kinds[predicate].add(kind)
        for term in (subject, predicate, obj if kind == "@id" else f"<{kind}>"):
            if not term.startswith(_CLEAR) and (scheme := _scheme(term)):
                self.unusable.add(scheme)
        return statement

    @cached_property
    def coercion(self) -> dict[str, str]:
        """The kind of the objects of each predicate, or nothing if there are several kinds."""
        return {predicate: next(iter(kinds)) if len(kinds) == 1 else "" for predicate, kinds in self._kinds.items()}

    @cached_property
    def keys(self) -> dict[str, str]:
        """The key of each predicate: its local name if that is unambiguous, else a CURIE, else the IRI."""
        predicates = sorted(self.coercion)
        own = f"<{self.names.base}"
        short = {
            predicate: re.split("[/#]", iri_value(predicate))[-1] for predicate in predicates if not predicate.startswith(own)
        }
        times = Counter(short.values())
        taken = {*self.names.prefixes, *_RESERVED}
        return {
            predicate: short[predicate]
            if predicate in short
            and times[short[predicate]] == 1
            and _SHORT.fullmatch(short[predicate])
            and short[predicate] not in taken
            else self.name(iri_value(predicate))
            for predicate in predicates
        }

    @cached_property
    def taken(self) -> set[str]:
        """Relative IRIs that must not be used, because some readers mistake them for keys."""
        return {*self.keys.values(), *_RESERVED}

    def key(self, predicate: str) -> str:
        """Write a predicate."""
        return "type" if predicate == TYPE else self.keys[predicate]

    def document(self) -> dict[str, Any]:
        """Return the context as JSON."""
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
        """Write an IRI in a vocabulary position: as a CURIE or in full."""
        for prefix, start in self.names.matching(value):
            if prefix not in self.unusable and not value[len(start) :].startswith("//"):
                self.used.add(prefix)
                return f"{prefix}:{value[len(start) :]}"
        return value

    def type(self, term: str) -> str:
        """Write the type of a node.

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

    def _reference(self, value: str) -> str:
        """Write an IRI in a node position: as a CURIE, relative to the base, or in full."""
        named, relative = self.name(value), self.names.relative(value)
        if named != value or relative is None or ":" in relative or relative in self.taken:
            return named
        return relative

    def value(self, predicate: str, obj: str) -> Any:
        """Write an object without what the context already says."""
        if predicate == TYPE:
            return self.type(obj)
        if _kind(obj) == "@id":
            reference = self.node_id(obj)
            return reference if self.coercion[predicate] == "@id" else {"id": reference}
        literal = literal_value(obj)
        if self.coercion[predicate]:
            return literal.value
        if literal.language:
            return {"@value": literal.value, "@language": literal.language}
        if literal.datatype == f"{XSD}string":
            return literal.value
        return {"@value": literal.value, "@type": self.name(literal.datatype)}


def _kind(obj: str) -> str:
    """Classify an object as a node, a language or a datatype, without reading the text of a literal."""
    if not obj.startswith('"'):
        return "@id"
    end = obj[obj.rindex('"') + 1 :]
    if end.startswith("@"):
        return f"@language {end[1:]}"
    return end[3:-1] or f"{XSD}string"


def _json(value: Any) -> str:
    return encode_basestring(value) if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)


def _scheme(term: str) -> str:
    """Return the scheme of an IRI that would be mistaken for a CURIE if its scheme were a prefix."""
    scheme, _, rest = term[1:].partition(":")
    return "" if rest.startswith("//") or is_blank(term) else scheme
