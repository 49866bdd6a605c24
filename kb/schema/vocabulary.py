"""The vocabulary of facts: qualifiers, controlled lists, kinds; and open licences.

A knowledge base chooses packages and adds words of its own (``vocabulary`` in ``kb.yaml``). Like the context of :mod:`decimal`, a
vocabulary is *in use* (:func:`use`): that of the knowledge base that was read or compiled last. Each function here answers by it,
from the published schemas, or from those that :mod:`kb.schema.composition` makes of other packages and own words.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from functools import lru_cache, wraps
from typing import Any, NamedTuple, ParamSpec, TypeVar, cast

from kb import resources
from kb.schema import composition
from kb.schema.composition import Schema, Words

P = ParamSpec("P")
T = TypeVar("T")

#: The version of the rules by which quotes are compared and facts are compared with sentences (docs/quotes.md,
#: docs/verification.md); it changes when a verdict could.
RULES = 7

#: Licences under which a text ships with the records: SPDX identifier to IRI.
OPEN_LICENCES = {
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "PDDL-1.0": "https://opendatacommons.org/licenses/pddl/1-0/",
    "ODC-By-1.0": "https://opendatacommons.org/licenses/by/1-0/",
    **{
        f"CC-{name}-{version}": f"https://creativecommons.org/licenses/{name.lower()}/{version}/"
        for name in ("BY", "BY-SA")
        for version in ("2.0", "2.5", "3.0", "4.0")
    },
}


class Value(NamedTuple):
    """An entry of a controlled list: the word in records, its label and definition.

    ``links`` has terms of other vocabularies by SKOS relation, such as ``{"exactMatch": ["HP:0012825"]}``. Only kinds have
    a superclass.
    """

    name: str
    label: str
    definition: str
    links: dict[str, list[str]]
    superclass: str = ""


class Qualifier(NamedTuple):
    """A qualifier that facts may carry, by its key in a record.

    Args:
        label: Its label.
        listed: Whether its values come from the controlled list with its name.
        kinds: The kinds of terms that it allows; none if its values are no terms.
        restricts: Whether it restricts the claim, so that the bare triple would say more.
        units: The units that its quantities are compared in; none: any. Nothing if its values are no quantities.
    """

    name: str
    label: str
    definition: str
    listed: bool
    kinds: tuple[str, ...]
    restricts: bool
    units: tuple[str, ...] | None = None


#: The standings of documents and the status of facts under which no plain triple is written.
VOID = frozenset(("retracted", "withdrawn", "deprecated"))


#: What a knowledge base declares, as JSON (:func:`declare`); nothing: all packages, and no words of its own.
_in_use: ContextVar[str] = ContextVar("vocabulary")
_latest = [""]  # for threads that begin without a context


def declare(about: Mapping[str, Any]) -> str:
    """Return the vocabulary that ``kb.yaml`` declares, in the form that :func:`use` takes; nothing if it declares none."""
    if "vocabulary" not in about:
        return ""
    declared = {"base": about["base"], "language": about["language"], **about["vocabulary"]}
    return json.dumps(declared, ensure_ascii=False, separators=(",", ":"))


def use(declared: str) -> None:
    """Take a vocabulary in use, in this context and in threads that begin later."""
    _in_use.set(declared)
    _latest[0] = declared


def in_use() -> str:
    """Return the vocabulary in use, in the form that :func:`use` takes."""
    return _in_use.get(_latest[0])


def by_vocabulary(function: Callable[P, T]) -> Callable[P, T]:
    """Cache the results of a function by its arguments, which have no names, and the vocabulary in use."""
    cached = lru_cache(maxsize=10_000)(lambda _, *arguments: function(*arguments))  # type: ignore[call-arg]
    current = _in_use.get

    @wraps(function)
    def call(*arguments: Any) -> T:
        return cached(current(_latest[0]), *arguments)

    return cast("Callable[P, T]", call)


@by_vocabulary
def _declared() -> dict[str, Any]:
    """Return what the knowledge base declares, with its base and language, and the packages that it uses."""
    return {"packages": composition.PACKAGES, "language": "en", **json.loads(in_use() or "{}")}


@by_vocabulary
def words() -> Words:
    """Return the kinds and qualifiers, as packages and the knowledge base declare them."""
    return composition.merge_words(_declared()["packages"], own_words())


@by_vocabulary
def packages() -> tuple[str, ...]:
    """Return the packages of a knowledge base that declares its vocabulary; none if it declares nothing."""
    return tuple(_declared()["packages"]) if in_use() else ()


@by_vocabulary
def own_words() -> Words:
    """Return the kinds and qualifiers that the knowledge base declares itself."""
    return Words(_declared().get("kinds", {}), _declared().get("qualifiers", {}))


@by_vocabulary
def own_iris() -> dict[str, str]:
    """Return the IRIs of the words that the knowledge base declares itself, by name; that of a kind by the name of its class."""
    own = own_words()
    values = (value for entry in own.qualifiers.values() for value in entry.get("values", ()))
    names = [*map(composition.class_name, own.kinds), *own.qualifiers, *values]
    return {name: f"{_declared()['base']}vocabulary/{name}" for name in names}


@by_vocabulary
def foreign_questions() -> set[str]:
    """Return the names of the shipped queries that are about words of other packages."""
    return composition.list_foreign_questions(_declared()["packages"])


def own_language() -> str:
    """Return the language of the labels and definitions of own words."""
    language: str = _declared()["language"]
    return language


@by_vocabulary
def schema(kind: str) -> Schema:
    """Return the JSON Schema of a kind of record, such as ``fact``."""
    published = resources.schema(kind)
    return composition.compose_schema(kind, published, words()) if in_use() and kind in composition.COMPOSED else published


@by_vocabulary
def context() -> Schema:
    """Return what the keys of records mean: the JSON-LD context, by term."""
    return composition.compose_context(resources.context(), words(), own_iris()) if in_use() else resources.context()


@by_vocabulary
def with_subkinds(kinds: Iterable[str]) -> tuple[str, ...]:
    """Return kinds with those below them, which stand wherever they do."""
    return tuple(composition.find_subkinds(kinds, words())) if own_words().kinds else tuple(kinds)


@by_vocabulary
def values(name: str) -> dict[str, Value]:
    """Return a controlled list of ``values.schema.json``: word to entry, in order."""
    entries: list[dict[str, Any]] = schema("values")["$defs"][name]["oneOf"]
    return {
        entry["const"]: Value(
            entry["const"], entry["title"], entry["description"], entry.get("x-links", {}), entry.get("x-superclass", "")
        )
        for entry in entries
    }


@by_vocabulary
def controlled_lists() -> tuple[str, ...]:
    """Return the names of the controlled lists whose values are concepts of the ontology."""
    listed = (name for name, qualifier in qualifiers().items() if qualifier.listed)
    return (*listed, *["standing", "dispute", "reason", "availability", "verdict", "fact-status", "review-verdict"])


@by_vocabulary
def qualifiers() -> dict[str, Qualifier]:
    """Return the qualifiers of ``fact.schema.json``, by name, in order."""
    lists = schema("values")["$defs"]
    properties: dict[str, dict[str, Any]] = schema("fact")["properties"]
    return {
        name: Qualifier(
            name,
            properties[name]["title"],
            properties[name]["description"],
            "oneOf" in lists.get(name, {}),
            tuple(properties[name].get("x-kinds", ())) or tuple(values("kind")) * ("x-kinds" in properties[name]),
            bool(properties[name].get("x-restricts")),
            tuple(properties[name]["x-units"]) if "x-units" in properties[name] else None,
        )
        for name in lists["qualifier"]["enum"]
    }


@by_vocabulary
def term_qualifiers() -> dict[str, tuple[str, ...]]:
    """Return the qualifiers whose values are terms, by name, with the kinds of these."""
    return {name: qualifier.kinds for name, qualifier in qualifiers().items() if qualifier.kinds}


@by_vocabulary
def restricting_qualifiers() -> tuple[str, ...]:
    """Return the names of the qualifiers that are part of the identity of a fact, in the order of its IRI."""
    return tuple(qualifier.name for qualifier in qualifiers().values() if qualifier.restricts)
