"""Write KGX: nodes and edges of the Biolink Model 4.4, as TSV and as JSON Lines.

A node is a term that has an exact match whose prefix the model knows; of several matches, the one that the model prefers for
the class is used. An edge is a fact for which a rule names an edge that claims no more than the fact: the first rule of
``biolink.yaml`` that fits or, if the predicate has none, a predicate of the model that a mapping calls the same or broader. A
denied fact becomes a negated edge, or none; a conditional fact becomes none. Everything that is omitted is reported.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from kb.formats.tables.row_values import EXACT, exact_matches
from kb.formats.tables.table_registry import Export, Loss
from kb.model import EdgeRule, Fact, KnowledgeBase, LiteralObject, Term
from kb.rdf.iris import names_of
from kb.schema import biolink, vocabulary
from kb.schema.biolink import PREFIX

#: What separates the values of a list in KGX TSV.
_LIST = "|"
_FIRM = frozenset({"", "is"})
_BREAKS = str.maketrans("\t\n\r", "   ")
_NODE = ("id", "category", "name", "description", "synonym", "xref", "provided_by")
_EDGE = ("id", "subject", "predicate", "object", "category", "negated", "knowledge_level", "agent_type")

Row = dict[str, Any]


def write(kb: KnowledgeBase) -> Export:
    """Write nodes and edges, and report what is omitted."""
    nodes, of_term, lost_nodes = _nodes(kb)
    edges, lost_edges = _edges(kb, of_term)
    files: dict[str, bytes] = {}
    rows: dict[str, int] = {}
    changed = 0
    for kind, records, first in (("nodes", nodes, _NODE), ("edges", edges, _EDGE)):
        columns = list(dict.fromkeys((*first, *(key for row in records for key in row))))
        table = [[_cell(row.get(column)) for column in columns] for row in records]
        changed += sum(cell != raw for cells, row in zip(table, records, strict=True) for cell, raw in _raw(cells, row, columns))
        lines = ("\t".join(cells) for cells in (columns, *table))
        files[f"{kb.dataset.id}_{kind}.tsv"] = "".join(f"{line}\n" for line in lines).encode("utf-8")
        files[f"{kb.dataset.id}_{kind}.jsonl"] = "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in records).encode(
            "utf-8"
        )
        rows |= {f"{kb.dataset.id}_{kind}.{suffix}": len(records) for suffix in ("tsv", "jsonl")}
    unsafe = [Loss(changed, "values hold a tab, line end or |, which the TSV files have as blank or /; JSON Lines keep them")]
    return Export(files, tuple(loss for loss in (*lost_nodes, *lost_edges, *unsafe) if loss.number), rows)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return _LIST.join(str(item).translate(_BREAKS).replace(_LIST, "/") for item in value)
    return str(value).translate(_BREAKS)


def _raw(cells: list[str], row: Row, columns: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Pair each cell with its value if no character had to be replaced."""
    for cell, column in zip(cells, columns, strict=True):
        value = row.get(column)
        if isinstance(value, str):
            yield cell, value
        elif isinstance(value, list):
            yield cell, _LIST.join(value) if not any(_LIST in item for item in value) else ""


def _nodes(kb: KnowledgeBase) -> tuple[list[Row], dict[str, str], list[Loss]]:
    """Make the nodes, the node of each term, and the losses."""
    same = exact_matches(kb)
    nodes: dict[str, Row] = {}
    of_term: dict[str, str] = {}
    left: list[str] = []
    shared: list[str] = []
    unknown = Counter(curie.partition(":")[0] for curies in same.values() for curie in curies if not biolink.spell(curie))
    for term in kb.terms.values():
        known = _preferred(term, same.get(term.id, ()), kb)
        if not known:
            left.append(term.id)
            continue
        of_term[term.id] = known[0]
        if known[0] in nodes:
            shared.append(term.id)
            _join(nodes[known[0]], term)
        else:
            nodes[known[0]] = _node(term, known, kb)
    others = Counter(
        mapping.match.partition(":")[2]
        for mapping in kb.mappings
        if mapping.subject.startswith("term:") and mapping.match != EXACT
    )
    losses = [
        Loss(len(left), "terms have no exact match with a prefix that Biolink knows, and are no nodes", tuple(left)),
        Loss(len(shared), "terms share an identifier with another and stand in its node", tuple(shared)),
        Loss(unknown.total(), "identifiers have a prefix that Biolink does not know", _format_counts(unknown)),
        Loss(others.total(), "mappings of terms are not exact and are left out", _format_counts(others)),
    ]
    return [nodes[name] for name in sorted(nodes)], of_term, losses


def _format_counts(counts: Mapping[str, int]) -> tuple[str, ...]:
    return tuple(f"{name} {count}" for name, count in sorted(counts.items()))


def _class_of(term: Term, kb: KnowledgeBase) -> str:
    return kb.biolink.terms.get(term.id) or _class_of_kind(term.kind)


@cache
def _class_of_kind(kind: str) -> str:
    """Return the class that ``values.schema.json`` matches to a kind of term: the exact, else the close, else the broader one."""
    links = vocabulary.values("kind")[kind].links
    matches = [curie for match in ("exactMatch", "closeMatch", "broadMatch") for curie in links.get(match, ())]
    classes = [curie.removeprefix(PREFIX) for curie in matches if curie.startswith(PREFIX)]
    return next((name for name in classes if name in biolink.node_classes()), biolink.ANYTHING)


def _preferred(term: Term, curies: Iterable[str], kb: KnowledgeBase) -> list[str]:
    """Return the identifiers that the model knows, the one that it prefers for the class of the term first."""
    rank = biolink.rank(_class_of(term, kb))
    known = {spelt for curie in curies if (spelt := biolink.spell(curie))}
    return sorted(known, key=lambda curie: (rank.get(curie.partition(":")[0], len(rank)), curie))


def _node(term: Term, known: list[str], kb: KnowledgeBase) -> Row:
    row: Row = {"id": known[0], "category": [PREFIX + _class_of(term, kb)], "name": term.label, "description": term.definition}
    row |= {"has_attribute_type": known[0]} if _class_of(term, kb) in biolink.attribute_classes() else {}
    row |= {"synonym": list(term.aliases)} if term.aliases else {}
    row |= {"xref": known[1:]} if known[1:] else {}
    return {**row, "provided_by": [_source(kb)]}


def _join(node: Row, term: Term) -> None:
    labels = dict.fromkeys((*node.get("synonym", ()), term.label, *term.aliases))
    node["synonym"] = [label for label in labels if label != node["name"]]


def _source(kb: KnowledgeBase) -> str:
    return kb.biolink.infores or f"infores:{kb.dataset.id}"


def _edges(kb: KnowledgeBase, of_term: Mapping[str, str]) -> tuple[list[Row], list[Loss]]:
    left: dict[str, list[str]] = {reason: [] for reason in _REASONS}
    dropped: Counter[str] = Counter()
    edges = []
    rules = {name: tuple(_rules(name, kb)) for name in kb.predicates}
    facts = []
    for fact in kb.facts:
        rule, reason = _rule_for(fact, rules[fact.predicate], kb)
        ends = (of_term.get(fact.subject, ""), of_term.get(str(fact.object), ""))
        if rule is not None and not all(ends):
            reason = "term"
        elif rule is not None and ends[0] == ends[1]:
            reason = "loop"
        if rule is None or reason:
            left[reason].append(fact.path.removeprefix("fact/"))
            continue
        edge, lost = _edge(fact, rule, (ends[0], ends[1]), kb, of_term)
        dropped.update(lost)
        edges.append(edge)
        facts.append(fact)
    losses = [Loss(len(names), _REASONS[reason], tuple(names)) for reason, names in left.items()]
    losses += [
        Loss(dropped.total(), "qualifiers of the edges have no slot, or are hedged beyond what it says", _format_counts(dropped)),
        Loss(
            sum(len(fact.evidence) for fact in facts),
            "pieces of evidence of the edges are left out; publications name the document",
        ),
        Loss(sum(bool(fact.note) for fact in facts), "notes on facts of the edges are left out"),
    ]
    return edges, losses


_REASONS = {
    "predicate": "facts have a predicate that no rule and no mapping leads to the Biolink Model",
    "condition": "facts hold only under a trigger, condition or population and are no edges",
    "hedge": "facts are hedged beyond what the Biolink predicate says",
    "negated": "denied facts have no Biolink predicate that means the same",
    "literal": "facts have a literal as object",
    "term": "facts have a term at an end that is no node",
    "loop": "facts have both ends in one node",
}


def _rules(name: str, kb: KnowledgeBase) -> Iterator[EdgeRule]:
    """Yield the rules of a predicate: those of the profile, or what follows from the mappings."""
    if name in kb.biolink.predicates:
        yield from kb.biolink.predicates[name]
        return
    for match in (EXACT, "skos:broadMatch"):
        for mapping in kb.mappings:
            outside = mapping.object.removeprefix(PREFIX)
            if (mapping.subject, mapping.match) == (f"pred:{name}", match) and outside in biolink.predicates():
                yield EdgeRule(outside, negatable=match == EXACT)


def _rule_for(fact: Fact, rules: Iterable[EdgeRule], kb: KnowledgeBase) -> tuple[EdgeRule | None, str]:
    """Choose the rule for a fact, or return the reason why there is none."""
    if isinstance(fact.object, LiteralObject):
        return None, "literal"
    restricted = [name for name in vocabulary.restricting_qualifiers() if name in fact.qualifiers]
    if restricted and restricted != ["polarity"]:
        return None, "condition"
    predicate = kb.predicates[fact.predicate]
    ends = (kb.terms[fact.subject].kind, kb.terms[fact.object].kind)
    fitting = [rule for rule in rules if _accepts(rule.subject, ends[0]) and _accepts(rule.object, ends[1])]
    if not fitting:
        return None, "predicate"
    carried = [rule for rule in fitting if fact.qualifiers["modality"] in (rule.modalities or predicate.plain)]
    if not carried:
        return None, "hedge"
    if restricted:
        carried = [rule for rule in carried if rule.negatable]
        return (carried[0], "") if carried else (None, "negated")
    return carried[0], ""


def _accepts(kinds: tuple[str, ...], kind: str) -> bool:
    return not kinds or kind in kinds


def _edge(
    fact: Fact, rule: EdgeRule, ends: tuple[str, str], kb: KnowledgeBase, of_term: Mapping[str, str]
) -> tuple[Row, Iterator[str]]:
    """Make an edge, and name the qualifiers that it omits."""
    names, document = names_of(kb), kb.documents[fact.document]
    slots = biolink.associations()[rule.association].slots
    edge: Row = {
        "id": kb.dataset.base + fact.path,
        "subject": ends[0],
        "predicate": PREFIX + rule.predicate,
        "object": ends[1],
        "category": [PREFIX + rule.association],
        "negated": "polarity" in fact.qualifiers,
        "knowledge_level": "knowledge_assertion",
        "agent_type": biolink.agent_of(document.evidence),
        "primary_knowledge_source": _source(kb),
        "publications": [document.source or names.document(document.id)],
        **rule.qualifiers,
    }
    if spelt := biolink.spell(document.evidence):
        edge["has_evidence_of_type"] = [spelt]
    written = {"modality", "polarity"}
    for name, word in fact.qualifiers.items():
        slot = biolink.slot_of(name)
        value = word if vocabulary.qualifiers()[name].listed else of_term.get(word, "")
        if slot in slots and slot not in edge and value and _is_firm(fact, name):
            edge[slot] = [value] if slot in _LISTS else value
            written.add(name)
    edge |= {"original_subject": names.term(fact.subject), "original_predicate": names.predicate(fact.predicate)}
    edge["original_object"] = names.term(str(fact.object))
    return edge, (name for name in fact.qualifiers if name not in written)


_LISTS = frozenset({"anatomical_context_qualifier"})


def _is_firm(fact: Fact, qualifier: str) -> bool:
    """Return whether the evidence of a qualifier is not hedged: a slot cannot carry a hedge."""
    return all(piece.modality in _FIRM for piece in fact.evidence if qualifier in piece.supports)
