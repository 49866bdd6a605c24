"""Find the terms of two knowledge bases that are one thing under two ids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

from kb.curation.base_joining import MergeOptions, RecordJoiner
from kb.model import KnowledgeBase, Record, Term
from kb.problems import Place, Problem, quote
from kb.rdf.iris import names_of
from kb.records import folder

_EXACT = "skos:exactMatch"
_Pair = tuple[str, str]


def find_pairs(bases: Mapping[str, KnowledgeBase], options: MergeOptions, joiner: RecordJoiner) -> list[_Pair]:
    """Return the terms that become one, each as the id that is retired and the one that stays: the preferred, or the first.

    They are matched exactly to the same thing, or a file of SSSOM calls them equal. What cannot be joined is noted as a clash.

    Raises:
        KbError: A file of SSSOM cannot be read.
    """
    pairs = {(both["a"], both["b"]) for both in _find_shared(bases).values() if len(both) == 2}
    for path in options.mappings:
        pairs |= {pair for record in folder.read_file(path, "mapping") if (pair := _read_pair(record, bases, joiner))}
    made: list[_Pair] = []
    for a, b in sorted(pairs):
        one, other = bases["a"].terms[a], bases["b"].terms[b]
        names = options.find_id("a", "term", a), options.find_id("b", "term", b)
        rivals = [pair for pair in pairs if pair != (a, b) and (pair[0] == a or pair[1] == b)]
        if names[0] == names[1]:
            continue
        if rivals or b in bases["a"].terms or a in bases["b"].terms:
            _refuse(one, other, "would become one, and with them two terms of one knowledge base", joiner)
        elif one.kind != other.kind:
            _refuse(one, other, "would become one, and are of different kinds", joiner)
        else:
            new = {"a": names[0], "b": names[1]}.get(options.prefer, min(names))
            made.append((names[new == names[0]], new))
    return made


def _refuse(one: Term, other: Term, what: str, joiner: RecordJoiner) -> None:
    places = [term.record.place if term.record else Place("kb") for term in (one, other)]
    joiner.note(places, f"'{one.id}' and '{other.id}' {what}", "Correct a mapping that says that they are equal.")


def _find_shared(bases: Mapping[str, KnowledgeBase]) -> dict[str, dict[str, str]]:
    """Return the terms that are matched exactly to each outside thing, by ``a`` and ``b``."""
    shared: dict[str, dict[str, str]] = {}
    for name, kb in bases.items():
        for row in kb.mappings:
            term = row.subject.removeprefix("term:")
            if row.match == _EXACT and term != row.subject and term in kb.terms:
                prefix, _, local = row.object.partition(":")
                start = row.prefixes.get(prefix) or kb.dataset.prefixes.get(prefix, f"{prefix}:")
                shared.setdefault(start + local, {})[name] = term
    return shared


def _read_pair(record: Record, bases: Mapping[str, KnowledgeBase], joiner: RecordJoiner) -> _Pair | None:
    """Return the two terms that a row of SSSOM calls equal."""
    value = record.value
    if value.get("predicate_id") != _EXACT or value.get("predicate_modifier"):
        return None
    sides = [_find_terms(value.get(key, ""), value.get("curie_map", {}), bases) for key in ("subject_id", "object_id")]
    for one, other in product(*sides):
        if one[0] != other[0]:
            both = dict((one, other))
            return both["a"], both["b"]
    what = f"{quote(value.get('subject_id', ''))} and {quote(value.get('object_id', ''))} are not a term of each knowledge base."
    joiner.clashes.append(Problem(record.place, "KB316", what, "Name a term of each, as term:ID or by its IRI."))
    return None


def _find_terms(curie: str, prefixes: Mapping[str, str], bases: Mapping[str, KnowledgeBase]) -> Iterator[tuple[str, str]]:
    """Yield the terms that a CURIE or an IRI names, each with ``a`` or ``b``."""
    prefix, _, local = curie.partition(":")
    for name, kb in bases.items():
        names = names_of(kb)
        address = prefixes[prefix] + local if prefix in prefixes else names.expand(curie) or curie
        term = address.removeprefix(names.term(""))
        if term != address and term in kb.terms:
            yield name, term
