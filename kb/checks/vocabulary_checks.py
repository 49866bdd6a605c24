"""Checks the words that a knowledge base declares itself in ``kb.yaml``: names, superclasses, values and cues."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, NamedTuple

from kb import resources
from kb.checks.identifiers import find_iri_error, make_iri_problem
from kb.model import Record, Trail
from kb.problems import Problem
from kb.rdf.iris import STANDARD
from kb.rdf.ontology import PARTS, STATUS
from kb.schema import composition
from kb.schema.composition import ANY, PACKAGES, Words
from kb.schema.units import find_unit_error
from kb.suggestions import did_you_mean

#: The names of columns and properties of tables and graphs, which no qualifier may have.
_COLUMNS = {"id", "type", "kind", "label", "definition", "category", "fact", "plain", "sentence", "sentences", "value", "unit"}
_CODE = "KB337"


class _Declared(NamedTuple):
    record: Record
    own: Words
    words: Words

    def problem(self, path: Iterable[str | int], message: str, remedy: str) -> Problem:
        return Problem(self.record.at("vocabulary", *path), _CODE, message, remedy)


def check(record: Record) -> Iterator[Problem]:
    """Check the own words of a record of ``kb.yaml`` that its schema accepts (KB337, KB502)."""
    about = record.value.get("vocabulary", {})
    own = Words(about.get("kinds", {}), about.get("qualifiers", {}))
    if not any(own):
        return
    declared = _Declared(record, own, composition.merge_words(about.get("packages", PACKAGES), own))
    yield from _check_names(declared)
    for name in own.kinds:
        yield from _check_superclass(declared, name)
    for name, entry in own.qualifiers.items():
        yield from _check_qualifier(declared, name, entry)
    for path, links in _list_links(own):
        yield from _check_links(record, path, links)


def _check_names(declared: _Declared) -> Iterator[Problem]:
    """Report names that a package or the structure of records has already, and values of two lists."""
    every = composition.merge_words(PACKAGES)
    lists = resources.schema("values")["$defs"]
    listed = {value["const"]: name for name, node in lists.items() if name != "kind" for value in node.get("oneOf", ())}
    words = {
        **dict.fromkeys(every.qualifiers, "a qualifier"),
        **{value: f"a value of '{name}'" for value, name in listed.items()},
    }
    words |= dict.fromkeys((*PARTS, *STATUS), "a word of kb")
    keys = {*resources.schema("fact")["properties"], *resources.schema("proposal")["properties"], *_COLUMNS, *lists}
    for name in declared.own.kinds:
        if name in every.kinds or name in {ANY, "literal", "quantity"}:
            yield _taken(declared, ("kinds", name), "a kind")
    for name, entry in declared.own.qualifiers.items():
        if kind := words.get(name, "a key of records or tables" if name in keys else ""):
            yield _taken(declared, ("qualifiers", name), kind)
        words.setdefault(name, "a qualifier")
        for value in entry.get("values", ()):
            if value in words or value in declared.own.qualifiers:
                yield _taken(declared, ("qualifiers", name, "values", value), words.get(value, "a qualifier"))
            words.setdefault(value, f"a value of '{name}'")


def _taken(declared: _Declared, path: Trail, what: str) -> Problem:
    remedy = "Choose another name, or use the word that there is; its package must be among 'packages'."
    return declared.problem(path, f"'{path[-1]}' is {what} already.", remedy)


def _check_superclass(declared: _Declared, name: str) -> Iterator[Problem]:
    above = declared.own.kinds[name].get("superclass", "")
    if above and above not in declared.words.kinds:
        yield _unknown(declared, ("kinds", name, "superclass"), above, declared.words.kinds)
    elif name in composition.find_superclasses(name, declared.words):
        yield declared.problem(("kinds", name, "superclass"), f"'{name}' is below itself.", "Remove a superclass of the circle.")


def _unknown(declared: _Declared, path: Trail, kind: str, known: Iterable[str]) -> Problem:
    remedy = did_you_mean(kind, tuple(known), f"It can be: {', '.join(known)}.")
    return declared.problem(path, f"There is no kind '{kind}'.", remedy)


def _check_qualifier(declared: _Declared, name: str, entry: dict[str, Any]) -> Iterator[Problem]:
    path = ("qualifiers", name)
    if "kinds" in entry and {"values", "units"} & entry.keys():
        message = f"'{name}' takes both terms and {'values' if 'values' in entry else 'quantities'}."
        yield declared.problem(path, message, "Make two qualifiers of it.")
    elif not {"kinds", "values", "units"} & entry.keys():
        remedy = "Give 'values' for a list, 'kinds' for terms, or 'units' for quantities."
        yield declared.problem(path, f"Nothing says what '{name}' takes.", remedy)
    for number, kind in enumerate(entry.get("kinds", ())):
        if kind != ANY and kind not in declared.words.kinds:
            yield _unknown(declared, (*path, "kinds", number), kind, (*declared.words.kinds, ANY))
    yield from _check_values(declared, path, entry)


def _check_values(declared: _Declared, path: Trail, entry: dict[str, Any]) -> Iterator[Problem]:
    for number, unit in enumerate(entry.get("units", ())):
        message, remedy = find_unit_error(unit)
        if message:
            yield declared.problem((*path, "units", number), message, remedy)
    for value, about in entry.get("values", {}).items():
        for language, cues in about.get("cues", {}).items():
            for number in (number for number, cue in enumerate(cues) if not re.search(r"[^\W_]", cue)):
                message = "The cue has no letter or digit, so no sentence could match it."
                yield declared.problem((*path, "values", value, "cues", language, number), message, "Write words.")


def _list_links(own: Words) -> Iterator[tuple[Trail, dict[str, list[str]]]]:
    for name, entry in own.kinds.items():
        yield ("kinds", name), entry.get("links", {})
    for name, entry in own.qualifiers.items():
        for value, about in entry.get("values", {}).items():
            yield ("qualifiers", name, "values", value), about.get("links", {})


def _check_links(record: Record, path: Trail, links: dict[str, list[str]]) -> Iterator[Problem]:
    prefixes = {**record.value.get("prefixes", {}), **STANDARD}
    for relation, number, target in chain.from_iterable(
        ((relation, number, target) for number, target in enumerate(targets)) for relation, targets in links.items()
    ):
        prefix, _, local = target.partition(":")
        place = record.at("vocabulary", *path, "links", relation, number)
        if prefix not in prefixes and not local.startswith("//"):
            remedy = "Declare it under 'prefixes', or write the whole IRI."
            yield Problem(place, _CODE, f"The prefix '{prefix}' of '{target}' is not declared.", remedy)
        elif error := find_iri_error(f"{prefixes[prefix]}{local}" if prefix in prefixes else target):
            yield make_iri_problem(place, relation, target, error)
