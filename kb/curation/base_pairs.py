"""Find the terms and predicates of two knowledge bases that are one thing under two ids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import NamedTuple

from kb.curation.base_joining import MergeOptions, RecordJoiner
from kb.model import KnowledgeBase, Predicate, Record, Term
from kb.problems import Place, Problem, quote
from kb.rdf.iris import names_of
from kb.records import folder

_EXACT = "skos:exactMatch"
_PREFIXES = {"term": "term:", "predicate": "pred:"}  # of the subjects of mappings


class EqualPair(NamedTuple):
    """Two terms or predicates that become one.

    Args:
        sort: The kind of record: ``term`` or ``predicate``.
        side: The knowledge base whose id goes: ``a`` or ``b``.
        old, new: The id that goes and the one that stays, after what the caller renames.
    """

    sort: str
    side: str
    old: str
    new: str


class _Named(NamedTuple):
    """The ids in both knowledge bases of what is one thing."""

    sort: str
    a: str
    b: str


def find_pairs(bases: Mapping[str, KnowledgeBase], options: MergeOptions, joiner: RecordJoiner) -> list[EqualPair]:
    """Return the terms and predicates that become one; the id that stays is the preferred, or the first.

    They are matched exactly to the same thing, or a file of SSSOM calls them equal. What cannot be joined is noted as a clash.

    Raises:
        KbError: A file of SSSOM cannot be read.
    """
    pairs = {_Named(sort, both["a"], both["b"]) for sort in _PREFIXES for both in _find_shared(bases, sort) if len(both) == 2}
    for path in options.mappings:
        pairs |= {pair for record in folder.read_file(path, "mapping") if (pair := _read_pair(record, bases, joiner))}
    made: list[EqualPair] = []
    for sort, a, b in sorted(pairs):
        one, other = _things(bases["a"], sort)[a], _things(bases["b"], sort)[b]
        names = options.find_id("a", sort, a), options.find_id("b", sort, b)
        rivals = [pair for pair in pairs if pair != (sort, a, b) and (pair[:2] == (sort, a) or pair[::2] == (sort, b))]
        if names[0] == names[1]:
            continue
        if rivals or b in _things(bases["a"], sort) or a in _things(bases["b"], sort):
            _refuse(one, other, f"would become one, and with them two {sort}s of one knowledge base", joiner)
        elif isinstance(one, Term) and isinstance(other, Term) and one.kind != other.kind:
            _refuse(one, other, "would become one, and are of different kinds", joiner)
        else:
            new = {"a": names[0], "b": names[1]}.get(options.prefer, min(names))
            goes = names.index(new) ^ 1
            made.append(EqualPair(sort, "ab"[goes], names[goes], new))
    return made


def _things(kb: KnowledgeBase, sort: str) -> Mapping[str, Term] | Mapping[str, Predicate]:
    return kb.terms if sort == "term" else kb.predicates


def _refuse(one: Term | Predicate, other: Term | Predicate, what: str, joiner: RecordJoiner) -> None:
    places = [thing.record.place if thing.record else Place("kb") for thing in (one, other)]
    joiner.note(places, f"'{one.id}' and '{other.id}' {what}", "Correct a mapping that says that they are equal.")


def _find_shared(bases: Mapping[str, KnowledgeBase], sort: str) -> list[dict[str, str]]:
    """Return the terms or predicates that are matched exactly to each outside thing, by ``a`` and ``b``."""
    shared: dict[str, dict[str, str]] = {}
    for name, kb in bases.items():
        for row in kb.mappings:
            thing = row.subject.removeprefix(_PREFIXES[sort])
            if row.match == _EXACT and thing != row.subject and thing in _things(kb, sort):
                prefix, _, local = row.object.partition(":")
                start = row.prefixes.get(prefix) or kb.dataset.prefixes.get(prefix, f"{prefix}:")
                shared.setdefault(start + local, {})[name] = thing
    return list(shared.values())


def _read_pair(record: Record, bases: Mapping[str, KnowledgeBase], joiner: RecordJoiner) -> _Named | None:
    """Return the two terms or predicates that a row of SSSOM calls equal."""
    value = record.value
    if value.get("predicate_id") != _EXACT or value.get("predicate_modifier"):
        return None
    sides = [list(_find_named(value.get(key, ""), value.get("curie_map", {}), bases)) for key in ("subject_id", "object_id")]
    for (name, sort, thing), (other_name, other_sort, other) in product(*sides):
        if sort == other_sort and name != other_name:
            return _Named(sort, *((thing, other) if name == "a" else (other, thing)))
    both = " and ".join(quote(value.get(key, "")) for key in ("subject_id", "object_id"))
    what = f"{both} are not a term of each knowledge base, nor a predicate of each."
    joiner.clashes.append(Problem(record.place, "KB316", what, "Name one of each, as term:ID or pred:ID, or by its IRI."))
    return None


def _find_named(curie: str, prefixes: Mapping[str, str], bases: Mapping[str, KnowledgeBase]) -> Iterator[tuple[str, str, str]]:
    """Yield what a CURIE or an IRI names: ``a`` or ``b``, the kind of record, and the id."""
    prefix, _, local = curie.partition(":")
    for name, kb in bases.items():
        names = names_of(kb)
        address = prefixes[prefix] + local if prefix in prefixes else names.expand(curie) or curie
        for sort, start in (("term", names.term("")), ("predicate", names.predicate(""))):
            thing = address.removeprefix(start)
            if thing != address and thing in _things(kb, sort):
                yield name, sort, thing
