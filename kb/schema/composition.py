"""Make the schemas and the context of a vocabulary: the published ones, with its kinds and qualifiers in the place of theirs.

A vocabulary consists of packages (``packages/NAME.yaml``) and of the words that a knowledge base declares in the same form
(``vocabulary`` in ``kb.yaml``). Kinds and qualifiers are data; the structure of records, and the lists that the code decides by,
such as the standings of documents, are part of the published schemas. ``make contracts`` writes these from all packages by the
same functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from kb.schema.units import find_unit

Schema = dict[str, Any]
#: The packages, in the order in which they are merged; the first is part of every vocabulary.
PACKAGES = ("core", "medicines")
#: The schemas that list kinds or qualifiers.
COMPOSED = ("values", "fact", "proposal", "cue")
#: Stands for all kinds in the kinds of a qualifier.
ANY = "any"

_VALUES = "values.schema.json#/$defs/"
#: What the definition of a qualifier that restricts ends in.
IDENTITY = " Part of the fact's identity; keeps it off plain triples."
_WORDS = {"type": "string", "minLength": 1, "maxLength": 1000}


class Words(NamedTuple):
    """The kinds and qualifiers of a vocabulary, by name, each as its package or ``kb.yaml`` declares it."""

    kinds: dict[str, Schema]
    qualifiers: dict[str, Schema]


@cache
def _read_package(name: str) -> Schema:
    import yaml

    text = (Path(__file__).parent / "packages" / f"{name}.yaml").read_text(encoding="utf-8")
    read: Schema = yaml.load(text, yaml.CSafeLoader)
    return read


def list_foreign_questions(packages: Iterable[str]) -> set[str]:
    """Return the names of the shipped queries that belong to other packages."""
    return {name for package in {*PACKAGES}.difference(packages) for name in _read_package(package).get("questions", ())}


def merge_words(packages: Iterable[str], own: Words | None = None) -> Words:
    """Merge packages, and own words after them."""
    merged = Words({}, {})
    packages = {PACKAGES[0], *packages}
    chosen = [Words(read["kinds"], read["qualifiers"]) for read in map(_read_package, filter(packages.__contains__, PACKAGES))]
    for words in (*chosen, *([own] if own else ())):
        for into, entries in zip(merged, words, strict=True):
            for name, entry in entries.items():
                _insert(into, name, entry)
    return merged


def _insert(into: dict[str, Schema], name: str, entry: Schema) -> None:
    """Insert an entry before the one that it names, or else at the end."""
    place = list(into).index(entry["before"]) if "before" in entry else len(into)
    after = list(into.items())[place:]
    for key, _ in after:
        del into[key]
    into.update({name: entry, **dict(after)})


def find_subkinds(kinds: Iterable[str], words: Words) -> Iterator[str]:
    """Yield kinds, and after them the other kinds that are below one of them."""
    named = list(kinds)
    yield from named
    for name in words.kinds:
        if name not in named and not set(named).isdisjoint(find_superclasses(name, words)):
            yield name


def find_superclasses(kind: str, words: Words) -> list[str]:
    """Return the kinds above a kind, the nearest first; a circle ends where it closes."""
    above: list[str] = []
    while (kind := words.kinds.get(kind, {}).get("superclass", "")) and kind not in above:
        above.append(kind)
    return above


def compose_schema(kind: str, published: Schema, words: Words) -> Schema:
    """Return a schema with the kinds and qualifiers of a vocabulary in the place of those that it has."""
    schema = deepcopy(published)
    listed = [name for name, entry in words.qualifiers.items() if "values" in entry]
    if kind == "values":
        _compose_values(schema["$defs"], words)
    elif kind == "cue":
        schema["properties"]["list"]["enum"] = ["predicate", *listed]
        schema["allOf"] = [_choose_list(name) for name in listed]
    else:
        make = _fact_property if kind == "fact" else _proposal_property
        properties = {name: make(name, entry, words) for name, entry in words.qualifiers.items()}
        schema["properties"] = _replace(schema["properties"], properties, "object", "evidence" if kind == "fact" else "quote")
    if kind == "fact":
        parts = schema["$defs"]["evidence"]["properties"]["as"]
        parts["properties"] = _replace(parts["properties"], {name: _wording(name) for name in words.qualifiers}, "object")
    return schema


def _replace(properties: Schema, made: Schema, before: str, after: str = "") -> Schema:
    """Replace what stands between two keys, or after the first."""
    names = list(properties)
    head, tail = names[: names.index(before) + 1], names[names.index(after) :] if after else []
    return {**{name: properties[name] for name in head}, **made, **{name: properties[name] for name in tail}}


def _compose_values(defs: Schema, words: Words) -> None:
    defs["kind"]["examples"] = [next(iter(words.kinds))]
    defs["kind"]["oneOf"] = [_entry(name, entry) for name, entry in words.kinds.items()]
    names = list(words.qualifiers)
    for name in set(defs["qualifier"]["enum"]).difference(names):
        if "oneOf" in defs.get(name, {}):
            del defs[name]
    for name, entry in words.qualifiers.items():
        if "values" in entry:
            about = {"label": label_of(name, entry), "definition": entry["definition"], **entry.get("list", {})}
            values = [_entry(value, each) for value, each in entry["values"].items()]
            made = {"title": about["label"], "description": about["definition"], "examples": [next(iter(entry["values"]))]}
            defs[name] = {**made, "type": "string", "oneOf": values}
    for part in ("qualifier", "part", "compared"):
        fixed = defs[part]["enum"]
        defs[part]["enum"] = [*fixed[: fixed.index("modality")], *names]


def label_of(name: str, entry: Schema) -> str:
    """Return the label of a word, which is its name if it has no other."""
    label: str = entry.get("label", name.replace("-", " "))
    return label


def _entry(name: str, entry: Schema) -> Schema:
    made = {"const": name, "title": label_of(name, entry), "description": entry["definition"]}
    return {**made, **{f"x-{key}": entry[key] for key in ("superclass", "links", "cues") if key in entry}}


def _fact_property(name: str, entry: Schema, words: Words) -> Schema:
    restricts = entry.get("restricts", False)
    about = {"title": label_of(name, entry), "description": entry["definition"] + IDENTITY * restricts}
    if "examples" in entry or "values" in entry:
        about["examples"] = entry.get("examples") or [next(iter(entry["values"]))]
    one = {"$ref": f"{_VALUES}{name if 'values' in entry else 'id'}"}
    quantity = {"$ref": "#/$defs/quantity"}
    if "kinds" in entry:
        about["oneOf"] = [one, {"$ref": "#/$defs/group"}]
    elif "values" in entry and "units" in entry:
        about["oneOf"] = [one, quantity]
    else:
        about |= one if "values" in entry else quantity
    if restricts:
        about["x-restricts"] = True
    if "kinds" in entry:
        about["x-kinds"] = list(_find_kinds(entry["kinds"], words))
    if "units" in entry:
        about["x-units"] = list(dict.fromkeys(find_unit(unit).base for unit in entry["units"]))
    return about


def _find_kinds(kinds: list[str], words: Words) -> Iterable[str]:
    """Return the kinds of the terms that a qualifier takes; none for any, if no kind is named before."""
    if kinds == [ANY]:
        return ()
    named = [kind for kind in kinds if kind in words.kinds]
    return dict.fromkeys([*named, *words.kinds]) if ANY in kinds else find_subkinds(named, words)


def _proposal_property(name: str, entry: Schema, words: Words) -> Schema:
    known = _fact_property(name, entry, words)
    forms = "A value, a quantity, or words for one." if "oneOf" in known and "units" in entry else ""
    forms = forms or (
        "A quantity, or words for it, such as 'at least 10 mg'." if "units" in entry else "A value, or words for it."
    )
    only_quantity = "units" in entry and "values" not in entry
    examples = {"examples": ["10 mg"] if only_quantity else known["examples"][:1]} if only_quantity or "examples" in known else {}
    about = {"title": known["title"], "description": f"{known['description']} {forms}", **examples}
    return {**about, "oneOf": [_WORDS, {"$ref": "#/$defs/quantity"}]} if "units" in entry else {**about, **_WORDS}


def _wording(name: str) -> Schema:
    about = {"title": name, "description": f"The value of '{name}', in the words of the sentence.", "examples": ["It"]}
    return {**about, "$ref": f"{_VALUES}wording"}


def _choose_list(name: str) -> Schema:
    chosen = {"properties": {"list": {"const": name}}, "required": ["list"]}
    return {"if": chosen, "then": {"properties": {"value": {"$ref": f"{_VALUES}{name}"}}}}


def class_name(kind: str) -> str:
    """Return the ontology class of a kind of term: ``DrugClass`` for ``drug-class``."""
    return "".join(part.capitalize() for part in kind.split("-"))


def compose_context(published: Schema, words: Words, iris: Mapping[str, str]) -> Schema:
    """Return the context with the kinds and qualifiers of a vocabulary; ``iris`` has the IRIs of own words, by name."""
    context = deepcopy(published)
    kinds = {kind: iris.get(class_name(kind), f"kb:{class_name(kind)}") for kind in words.kinds}
    predicate = context["Predicate"]["@context"]
    objects = predicate["object"]["@context"]
    predicate["object"]["@context"] = {"@vocab": None, **kinds, **{name: objects[name] for name in ("literal", "quantity")}}
    for scope in (predicate["subject"], context["Term"]["@context"]["kind"]):
        scope["@context"] = {"@vocab": None, **kinds}
    fact = context["Fact"]["@context"]
    meanings = {name: _meaning(name, entry, iris) for name, entry in words.qualifiers.items()}
    context["Fact"]["@context"] = _replace(fact, meanings, "object", "sentences")
    if iris:
        parts = {name: iris[name] for name in words.qualifiers if name in iris}
        for scope in (*(predicate[key] for key in ("qualifiers", "requires")), *_part_scopes(context)):
            scope["@context"] = parts
    return context


def _part_scopes(context: Schema) -> Iterator[Schema]:
    yield from (context["Evidence"]["@context"][key] for key in ("supports", "disputes"))
    yield from (context["Verification"]["@context"][key] for key in ("checked", "unchecked"))


def _meaning(name: str, entry: Schema, iris: Mapping[str, str]) -> Schema:
    meaning: Schema = {"@id": iris.get(name, f"kb:{name}"), "@type": "@vocab" if "values" in entry else "@id"}
    if name in {"modality", "polarity"}:
        return meaning
    own = {value: iris[value] for value in entry.get("values", ()) if value in iris}
    base = {"@base": "term/"} if "kinds" in entry else {}
    return {**meaning, "@context": {**base, **own, "value": {"@id": "rdf:value", "@type": meaning["@type"]}}}
