"""Write KGX: nodes and edges of the Biolink Model 4.4, as TSV and as JSON Lines.

A node is a term that has an exact match whose prefix the model knows; of several matches, the one that the model prefers for
the class is used, with the name that its vocabulary gives it. The profile (``biolink.yaml``) may let the other terms be nodes
with identifiers of our own. An edge is a fact for which a rule names an edge that claims no more than the fact: the first rule
of the profile that fits or, if the predicate has none, a predicate of the model that a mapping calls the same or broader. A
denied fact becomes a negated edge, or none; a restricted fact none, unless a rule starts the edge from what restricts it. Each
edge has the whole claim in words as its description. Everything that is omitted is reported.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kb.formats.tables.omissions import UNTABLED, list_omissions
from kb.formats.tables.row_values import EXACT, exact_matches, find_matches
from kb.formats.tables.table_registry import Export, Loss
from kb.metadata import EdgeRule
from kb.model import ONLY_DISPUTED, SEPARATOR, Fact, KnowledgeBase, LiteralObject, Term
from kb.rdf import quantities
from kb.rdf.facts import has_plain_triple, is_void
from kb.rdf.iris import names_of
from kb.rdf.wording import DENIAL, find_hedges, spell_qualifiers, word_fact
from kb.schema import biolink, vocabulary
from kb.schema.biolink import PREFIX

#: What separates the values of a list in KGX TSV.
_LIST = "|"
#: The level of knowledge, or the sort of agent, where it is not known or not one.
_UNKNOWN = "not_provided"
_UNSAFE = str.maketrans("\t\n\r|", "   /")
_NODE = ("id", "category", "name", "description", "synonym", "xref", "provided_by")
_EDGE = ("id", "subject", "predicate", "object", "category", "negated", "knowledge_level", "agent_type")

Row = dict[str, Any]


def write(kb: KnowledgeBase) -> Export:
    """Write nodes and edges, and report what is omitted."""
    nodes, of_term, losses = _nodes(kb)
    edges, lost_edges = _edges(kb, of_term)
    for fact in kb.stated_facts():
        if _gives_trade_name(fact, kb) and (node := of_term.get(fact.subject)):
            next(row for row in nodes if row["id"] == node).setdefault("trade_name", kb.terms[str(fact.object)].label)
    linked = {edge[end] for edge in edges for end in ("subject", "object")}
    if not kb.biolink.unlinked:
        unlinked = [name for name, node in of_term.items() if node not in linked]
        losses.append(Loss(len(unlinked), "terms take part in no edge, and are no nodes", tuple(unlinked)))
        nodes = [node for node in nodes if node["id"] in linked]
    files: dict[str, bytes] = {}
    rows: dict[str, int] = {}
    for kind, records, first in (("nodes", nodes, _NODE), ("edges", edges, _EDGE)):
        columns = list(dict.fromkeys((*first, *(key for row in records for key in row))))
        lines = ["\t".join(columns), *("\t".join(_cell(row.get(column)) for column in columns) for row in records)]
        files[f"{kb.dataset.id}_{kind}.tsv"] = "".join(f"{line}\n" for line in lines).encode("utf-8")
        json_lines = (f"{json.dumps(row, ensure_ascii=False)}\n" for row in records)
        files[f"{kb.dataset.id}_{kind}.jsonl"] = "".join(json_lines).encode("utf-8")
        rows |= {f"{kb.dataset.id}_{kind}.{suffix}": len(records) for suffix in ("tsv", "jsonl")}
    changed = sum(_is_changed(value) for row in (*nodes, *edges) for value in row.values())
    unsafe = Loss(changed, "values hold a tab, line end or |, which the TSV files have as blank or /; JSON Lines keep them")
    return Export(files, tuple(loss for loss in (*losses, *lost_edges, unsafe) if loss.number), rows)


def _cell(value: object) -> str:
    """Write a value; what is not true is empty, since readers of untyped cells take the word ``false`` as true.

    KGX cuts texts such as descriptions at a bar as well as lists.
    """
    if isinstance(value, bool):
        return "true" if value else ""
    items = value if isinstance(value, list) else [] if value is None else [value]
    return _LIST.join(str(item).translate(_UNSAFE) for item in items)


def _is_changed(value: object) -> bool:
    if isinstance(value, list):
        return any(map(_is_changed, value))
    return isinstance(value, str) and value.translate(_UNSAFE) != value


def _nodes(kb: KnowledgeBase) -> tuple[list[Row], dict[str, str], list[Loss]]:
    """Make the nodes, the node of each term, and the losses."""
    same = exact_matches(kb)
    close = find_matches(kb, "skos:closeMatch")
    names = {(mapping.subject, biolink.spell(mapping.object)): mapping.label for mapping in kb.mappings}
    nodes: dict[str, Row] = {}
    of_term: dict[str, str] = {}
    left, shared = list[str](), list[str]()
    unknown = Counter(curie.partition(":")[0] for curies in same.values() for curie in curies if not biolink.spell(curie))
    for term in kb.terms.values():
        known = _preferred(term, same.get(term.id, ()), kb)
        if not known and not kb.biolink.unmatched:
            left.append(term.id)
            continue
        name = names.get((f"term:{term.id}", known[0]), "") if known else ""
        node = _node(term, known, _preferred(term, close.get(term.id, ()), kb), name, kb)
        of_term[term.id] = node["id"]
        if nodes.setdefault(node["id"], node) is not node:
            shared.append(term.id)
            _join(nodes[node["id"]], term)
    inexact = (mapping for mapping in kb.mappings if mapping.subject.startswith("term:") and mapping.match != EXACT)
    others = Counter(mapping.match.partition(":")[2] for mapping in inexact)
    public = [name for name, node in of_term.items() if "description" not in nodes[node]]
    losses = [
        Loss(len(left), "terms have no exact match with a prefix that Biolink knows, and are no nodes", tuple(left)),
        Loss(len(public), "definitions are left out, since they define our term and not the public identifier of the node"),
        Loss(len(shared), "terms share an identifier with another and stand in its node", tuple(shared)),
        Loss(unknown.total(), "identifiers have a prefix that Biolink does not know", _format_counts(unknown)),
        Loss(others.total(), "mappings of terms are not exact and entail no edge", _format_counts(others)),
    ]
    return [nodes[name] for name in sorted(nodes)], of_term, losses


def _format_counts(counts: Mapping[str, int]) -> tuple[str, ...]:
    return tuple(f"{name} {count}" for name, count in sorted(counts.items()))


def _class_of(term: Term, kb: KnowledgeBase) -> str:
    return kb.biolink.terms.get(term.id) or biolink.class_of_kind(term.kind)


def _preferred(term: Term, curies: Iterable[str], kb: KnowledgeBase) -> list[str]:
    """Return the identifiers that the model knows, the one that it prefers for the class of the term first."""
    rank = biolink.model().nodes.get(_class_of(term, kb), {})
    known = {spelt for curie in curies if (spelt := biolink.spell(curie))}
    return sorted(known, key=lambda curie: (rank.get(curie.partition(":")[0], len(rank)), curie))


def _node(term: Term, exact: list[str], close: list[str], name: str, kb: KnowledgeBase) -> Row:
    """Make a node by a public identifier, with the name that its vocabulary gives it, or else by one of our own."""
    row: Row = {"id": exact[0] if exact else f"{kb.dataset.id}:{term.id}", "category": [PREFIX + _class_of(term, kb)]}
    row["name"] = name or term.label
    row |= {} if exact else {"description": term.definition}
    row |= {"has_attribute_type": row["id"]} if _class_of(term, kb) in biolink.model().attributes else {}
    synonyms = [label for label in dict.fromkeys((term.label, *term.aliases)) if label != row["name"]]
    row |= {"synonym": synonyms} if synonyms else {}
    references = exact[1:] if exact else close
    row |= {"xref": references} if references else {}
    return {**row, "provided_by": [_source(kb)]}


def _gives_trade_name(fact: Fact, kb: KnowledgeBase) -> bool:
    """Return whether a plain fact gives a medicine a name that a mapping makes equal to a brand of an outside vocabulary."""
    if fact.predicate != kb.biolink.trade_names or isinstance(fact.object, LiteralObject):
        return False
    is_brand = kb.terms[fact.object].kind == "brand" and any(map(biolink.spell, exact_matches(kb).get(fact.object, ())))
    is_chemical = "ChemicalEntity" in biolink.model().ancestors.get(_class_of(kb.terms[fact.subject], kb), ())
    return is_brand and is_chemical and has_plain_triple(fact, kb.predicates[fact.predicate])


def _join(node: Row, term: Term) -> None:
    labels = dict.fromkeys((*node.get("synonym", ()), term.label, *term.aliases))
    node["synonym"] = [label for label in labels if label != node["name"]]


def _source(kb: KnowledgeBase) -> str:
    return kb.biolink.infores or f"infores:{kb.dataset.id}"


def _edges(kb: KnowledgeBase, of_term: Mapping[str, str]) -> tuple[list[Row], list[Loss]]:
    left: dict[str, list[str]] = {reason: [] for reason in _REASONS}
    edges = []
    rules = {name: tuple(_rules(name, kb)) for name in kb.predicates}
    for fact in kb.stated_facts():
        rule, reason = _rule_for(fact, rules[fact.predicate], kb)
        subject = fact.qualifiers[rule.bearer] if rule and rule.bearer else fact.subject
        ends = (of_term.get(subject, ""), of_term.get(str(fact.object), ""))
        if rule is not None and not all(ends):
            reason = "term"
        elif rule is not None and ends[0] == ends[1]:
            reason = "loop"
        if rule is None and _gives_trade_name(fact, kb):
            continue
        if rule is None or reason:
            left[reason].append(fact.path.removeprefix("fact/"))
            continue
        edge = _edge(fact, rule, ends, kb)
        edges.append({**edge, "original_subject": names_of(kb).term(subject)})
    edges, contested, merged = _keep_apart(edges)
    losses = [Loss(len(names), _REASONS[reason], tuple(names)) for reason, names in left.items()]
    losses += [
        Loss(
            len(contested), "facts assert what another denies: KGX would merge their edges, and they are none", tuple(contested)
        ),
        Loss(merged, "edges have the ends and predicate of another, and differ in id and description: KGX reads the last"),
        *list_omissions(kb, "evidence", "notes", "curation", "sentences", *UNTABLED),
    ]
    return edges, losses


def _keep_apart(edges: Iterable[Row]) -> tuple[list[Row], list[str], int]:
    """Give edges with the same ends and predicate the same properties: KGX merges them, and keeps the last value of each.

    Where some deny what others assert, all are left out.

    Returns:
        The edges, the ids of those that are left out, and how many edges KGX drops.
    """
    groups: dict[tuple[str, ...], list[Row]] = {}
    for edge in edges:
        groups.setdefault((edge["subject"], edge["predicate"], edge["object"]), []).append(edge)
    agreed = [group for group in groups.values() if len({"negated" in edge for edge in group}) == 1]
    contested = [edge["id"] for group in groups.values() if group not in agreed for edge in group]
    shared = [set.intersection(*map(set, group)) for group in agreed]
    kept = [{key: edge[key] for key in edge if key in keys} for group, keys in zip(agreed, shared, strict=True) for edge in group]
    return kept, contested, len(kept) - len(agreed)


_REASONS = {
    "disputed": "facts are only disputed by their document and are no edges",
    "predicate": "facts have a predicate that no rule and no mapping leads to the Biolink Model",
    "range": "facts have ends that the class of edges of their rule does not take",
    "restriction": "facts hold only under a restriction and are no edges",
    "retracted": "facts are stated by a retracted or withdrawn document",
    "hedge": "facts are hedged beyond what the Biolink predicate says",
    "negated": "denied facts have no Biolink predicate that means the same, or deny a grade only, or with a hedge",
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
            if (mapping.subject, mapping.match) == (f"pred:{name}", match) and outside in biolink.model().predicates:
                yield EdgeRule(outside, negatable=match == EXACT)


def _rule_for(fact: Fact, rules: Iterable[EdgeRule], kb: KnowledgeBase) -> tuple[EdgeRule | None, str]:
    """Choose the rule for a fact, or return the reason why there is none."""
    gone = "retracted" if is_void(fact) else "disputed" * (fact.dispute == ONLY_DISPUTED)
    if isinstance(fact.object, LiteralObject) or gone:
        return None, "literal" if isinstance(fact.object, LiteralObject) else gone
    hedges = find_hedges(fact)
    restricted = {name for name in vocabulary.restricting_qualifiers() if name in fact.qualifiers} - {DENIAL}
    single = {name for name in restricted - hedges.keys() if SEPARATOR not in fact.qualifiers[name]}
    fitting = [rule for rule in rules if rule.bearer in {"", *single}]
    if restricted and not any(restricted == {rule.bearer} for rule in fitting):
        return None, "restriction"
    ends = (kb.terms[fact.subject].kind, kb.terms[fact.object].kind)
    fitting = [rule for rule in fitting if restricted <= {rule.bearer}]
    accepting = [rule for rule in fitting if _accepts(rule.subject, ends[0]) and _accepts(rule.object, ends[1])]
    fitting = [fitted for rule in accepting if (fitted := _fit_association(rule, fact, kb))]
    if not fitting:
        return None, "range" if accepting else "predicate"
    modality, plain = fact.qualifiers["modality"], kb.predicates[fact.predicate].plain
    carried = [rule for rule in fitting if modality in (rule.modalities or plain)]
    if not carried:
        return None, "hedge"
    if DENIAL in fact.qualifiers:  # neither what denies a severe effect nor "may not" denies the effect
        is_flat = modality == "is" and fact.qualifiers.keys() <= {"modality", "listing", DENIAL}
        carried = [rule for rule in carried if rule.negatable and is_flat]
        return (carried[0], "") if carried else (None, "negated")
    return carried[0], ""


def _accepts(kinds: tuple[str, ...], kind: str) -> bool:
    return not kinds or kind in kinds


def _fit_association(rule: EdgeRule, fact: Fact, kb: KnowledgeBase) -> EdgeRule | None:
    """Return the rule, with the widest class of edges if its own does not take the nodes, or nothing if its slots need it."""
    subject = fact.qualifiers[rule.bearer] if rule.bearer else fact.subject
    if (
        biolink.model()
        .associations[rule.association]
        .takes(*(_class_of(kb.terms[end], kb) for end in (subject, str(fact.object))))
    ):
        return rule
    return None if rule.qualifiers else rule._replace(association="Association")


def _measure(name: str, value: str) -> Row:
    """Return the slots of a frequency in numbers; no slot says 'about' or 'at least', so that only exact ones have any."""
    own = quantities.parse(value)
    is_exact = name == "frequency" and own.value and own.unit == "%" and not own.approx
    counts = {"has_count": int(own.n), "has_total": int(own.of)} if name == "frequency" and own.of else {}
    return {**counts, **({"has_percentage": float(own.value)} if is_exact else {})}


def _edge(fact: Fact, rule: EdgeRule, ends: tuple[str, str], kb: KnowledgeBase) -> Row:
    """Make an edge: what denies, restricts or grades it stands in its description, and qualifier by qualifier."""
    names, document, hedges = names_of(kb), kb.documents[fact.document], find_hedges(fact)
    types = list(dict.fromkeys(piece.basis or document.evidence for piece in fact.evidence))
    claimed = {piece.basis or document.evidence for piece in fact.evidence if "claim" in piece.supports}
    agents = {biolink.model().agents.get(name, _UNKNOWN) for name in claimed}
    slots = biolink.model().associations[rule.association].slots
    edge: Row = {
        "id": kb.dataset.base + fact.path,
        "subject": ends[0],
        "predicate": PREFIX + rule.predicate,
        "object": ends[1],
        "category": [PREFIX + rule.association],
        **({"negated": True} if DENIAL in fact.qualifiers else {}),
        "knowledge_level": "knowledge_assertion" if claimed.isdisjoint(biolink.model().inferences) else _UNKNOWN,
        "agent_type": agents.pop() if len(agents) == 1 else _UNKNOWN,
        "primary_knowledge_source": _source(kb),
        "publications": [document.source or names.document(document.id)],
        "description": word_fact(fact, kb.terms, kb.predicates),
        "qualifiers": [f"{name}: {value}" for name, value in spell_qualifiers(fact).items()],
        **rule.qualifiers,
    }
    if spelt := [curie for name in types if (curie := biolink.spell(name))]:
        edge["has_evidence_of_type"] = spelt
    for name, word in fact.qualifiers.items():
        if quantities.MARK in word:
            edge |= {key: value for key, value in _measure(name, word).items() if key in slots and name not in hedges}
            continue
        slot = biolink.model().slots.get(name, "")  # none for the standing of the document
        if slot in slots and slot not in edge and vocabulary.qualifiers()[name].listed and name not in hedges:
            edge[slot] = word
    return edge | {"original_predicate": names.predicate(fact.predicate), "original_object": names.term(str(fact.object))}
