"""Find and change the ids of terms, predicates and documents that records have or name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any, NamedTuple

from kb.model import KEY, Trail
from kb.rdf import value_groups
from kb.schema import vocabulary

_SORTS = {"term": "term", "pred": "predicate"}  # by the prefix of the subject of a mapping
_LISTS = {"document": {"topic": "term", "replaces": "document"}}
_KEYS = {"biolink": {"terms": "term", "predicates": "predicate"}}


class NamedId(NamedTuple):
    """An id in a record: where it is, the kind of record that it belongs to, and the id."""

    trail: Trail
    sort: str
    id: str


def find_ids(kind: str, value: Mapping[str, Any]) -> Iterator[NamedId]:
    """Yield the ids that a record of a kind has and names."""
    if kind in {"term", "predicate", "document"}:
        yield NamedId(("id",), kind, value["id"])
    if "replaced-by" in value:
        yield NamedId(("replaced-by",), "term", value["replaced-by"])
    for key, sort in _LISTS.get(kind, {}).items():
        yield from (NamedId((key, at), sort, name) for at, name in enumerate(value.get(key, ())))
    for key, sort in _KEYS.get(kind, {}).items():
        yield from (NamedId((key, name, KEY), sort, name) for name in value.get(key, ()))
    if kind == "mapping":
        prefix, _, name = value["subject_id"].partition(":")
        yield from [NamedId(("subject_id",), _SORTS[prefix], name)] if prefix in _SORTS else []
    if kind in {"fact", "proposal", "verification"} and "document" in value:
        yield NamedId(("document",), "document", value["document"])
    if kind in {"fact", "proposal"}:
        yield from [NamedId(("predicate",), "predicate", value["predicate"])] if "predicate" in value else []
        for key in ("subject", "object", *vocabulary.term_qualifiers()):
            yield from _find_terms(key, value.get(key))


def _find_terms(key: str, value: Any) -> Iterator[NamedId]:
    """Yield the term in a place of a fact, or each of several."""
    if isinstance(value, str):
        yield NamedId((key,), "term", value)
    elif isinstance(value, dict) and value.keys() <= value_groups.CLASSES.keys():
        yield from (NamedId((key, group, at), "term", one) for group, own in value.items() for at, one in enumerate(own))


def rename_ids(kind: str, value: dict[str, Any], names: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    """Return a record with other ids, by the kind of record that they belong to and the former id; itself if it has none."""
    changes = [(named, names[named.sort, named.id]) for named in find_ids(kind, value) if (named.sort, named.id) in names]
    value = deepcopy(value) if changes else value
    for named, new in changes:
        *above, last = named.trail[:-1] if named.trail[-1] == KEY else named.trail
        inside: Any = value
        for step in above:
            inside = inside[step]
        if named.trail[-1] == KEY:
            inside[new] = inside.pop(named.id)
        else:
            inside[last] = inside[last].removesuffix(named.id) + new if kind == "mapping" else new
    return value
