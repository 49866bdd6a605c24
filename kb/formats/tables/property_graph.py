"""The property graph: terms, literals, documents and sentences as nodes, facts as edges with all that limits them.

Nodes have their IRIs as keys, so that the graphs of several knowledge bases can be loaded together.

An edge has the type of its predicate (``HAS_SIDE_EFFECT``) only if the fact has a plain triple. The edge of every other fact,
whether denied, conditional or hedged, has the type ``STATED`` and must be read together with its properties. So a pattern with
the type of a predicate never matches what the document does not say.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from kb.formats.tables.omissions import UNTABLED, list_omissions
from kb.formats.tables.row_values import EXACT, exact_matches, find_number
from kb.formats.tables.table_registry import Loss
from kb.model import DISPUTE, STANDING, STATUS, Fact, KnowledgeBase, LiteralObject
from kb.rdf import quantities
from kb.rdf.facts import has_plain_triple
from kb.rdf.iris import Names, literal_segment, names_of
from kb.rdf.wording import find_hedges, spell_value, word_evidence, word_fact, word_hedged
from kb.schema import vocabulary
from kb.schema.composition import class_name

Row = dict[str, Any]

#: The type of the edges of facts without a plain triple.
STATED = "STATED"
#: The type of the edges from sentences to their documents.
PART_OF = "PART_OF"

#: The properties of nodes with their types, in the order of the columns, for every format.
NODE: dict[str, type] = {
    "id": str,
    "label": str,
    "name": str,
    "kind": str,
    "definition": str,
    "aliases": list,
    "identifiers": list,
    "value": str,
    "number": float,
    "unit": str,
    "start": int,
    "end": int,
    "sha256": str,
    "datatype": str,
    "language": str,
    "note": str,
}


def edge_columns(edges: Iterable[Row]) -> dict[str, type]:
    """Return the properties of edges with their types, as :data:`NODE` does; the first two are the ends."""
    marks = [name for name in (DISPUTE, STATUS) if any(name in edge for edge in edges)]
    first: dict[str, type] = {"from": str, "to": str, "type": str, "fact": str, "predicate": str}
    words = dict.fromkeys(("claim", "document", STANDING, *vocabulary.qualifiers(), *marks), str)
    return {**first, **words, "plain": bool, "sentences": list, "evidence": list, "note": str}


@dataclass(frozen=True, slots=True)
class PropertyGraph:
    """Nodes and edges as rows, without absent properties."""

    nodes: list[Row]
    edges: list[Row]
    losses: tuple[Loss, ...]


def build_graph(kb: KnowledgeBase) -> PropertyGraph:
    """Make the property graph of a knowledge base, sorted."""
    names, same = names_of(kb), exact_matches(kb)
    nodes: dict[str, Row] = {}
    for term in kb.terms.values():
        row = {
            "id": names.term(term.id),
            "label": class_name(term.kind),
            "name": term.label,
            "kind": term.kind,
            "definition": term.definition,
            "aliases": list(term.aliases),
            "identifiers": list(same.get(term.id, ())),
            "value": term.value,
            "number": float(term.value) if term.value else "",
            "unit": term.unit,
            "note": term.note,
        }
        nodes[names.term(term.id)] = _drop_empty(row)
    edges = []
    for fact in kb.stated_facts():
        if isinstance(fact.object, LiteralObject):
            node = _literal(fact.object)
            nodes[node["id"]] = node
        edges.append(_edge(fact, kb, names))
    for document in kb.documents.values():
        whole = {"id": names.document(document.id), "label": "Document", "name": document.title, "sha256": document.sha256}
        nodes[whole["id"]] = whole
        for sentence in document.sentences:
            part = {"id": names.sentence(document.id, sentence.id), "label": "Sentence", "name": sentence.id}
            nodes[part["id"]] = {**part, "start": sentence.start, "end": sentence.end, "sha256": sentence.sha256}
            edges.append({"from": part["id"], "to": whole["id"], "type": PART_OF})
    return PropertyGraph([nodes[name] for name in sorted(nodes)], edges, tuple(_losses(kb)))


def _drop_empty(row: Row) -> Row:
    return {key: value for key, value in row.items() if value not in ("", [])}


def _literal_id(literal: LiteralObject) -> str:
    if literal.quantity:
        return f"literal:{literal.quantity}"
    return f"literal:{literal_segment(literal.value, literal.language or literal.datatype)}"


def _literal(literal: LiteralObject) -> Row:
    number = find_number(literal)
    row = {
        "id": _literal_id(literal),
        "label": "Literal",
        "name": literal.value,
        "value": literal.value if not literal.quantity else "" if number is None else quantities.parse(literal.quantity).value,
        "number": "" if number is None else number,
        "unit": quantities.parse(literal.quantity).unit if literal.quantity else "",
        "datatype": literal.datatype,
        "language": literal.language,
    }
    return _drop_empty(row)


def _edge(fact: Fact, kb: KnowledgeBase, names: Names) -> Row:
    plain, hedges = has_plain_triple(fact, kb.predicates[fact.predicate]), find_hedges(fact)
    target = _literal_id(fact.object) if isinstance(fact.object, LiteralObject) else names.term(fact.object)
    terms = vocabulary.term_qualifiers()
    values = {
        name: names.term(value) if value in kb.terms and name in terms else spell_value(value, names.term)
        for name, value in fact.qualifiers.items()
    }
    row = {
        "from": names.term(fact.subject),
        "to": target,
        "type": fact.predicate.upper().replace("-", "_") if plain else STATED,
        "fact": names.base + fact.path,
        "predicate": fact.predicate,
        "claim": word_fact(fact, kb.terms, kb.predicates),
        "document": names.document(fact.document),
        **{name: word_hedged(value, hedges.get(name, ())) for name, value in values.items()},
        "plain": plain,
        "sentences": [names.sentence(fact.document, sentence) for sentence in fact.sentences],
        "evidence": list(map(word_evidence, fact.evidence)),
        "note": fact.note,
    }
    return _drop_empty(row)


def _losses(kb: KnowledgeBase) -> list[Loss]:
    others = [mapping for mapping in kb.mappings if mapping.match != EXACT or not mapping.subject.startswith("term:")]
    what = "mappings are not exact, or are of predicates, and are left out; mappings.csv has them"
    return [*([Loss(len(others), what)] if others else []), *list_omissions(kb, "curation", *UNTABLED)]
