"""The property graph: terms and literals as nodes, facts as edges with all that limits them.

An edge has the type of its predicate (``HAS_SIDE_EFFECT``) only if the fact has a plain triple. The edge of every other fact,
whether denied, conditional or hedged, has the type ``STATED`` and must be read together with its properties. So a pattern with
the type of a predicate never matches what the document does not say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kb.formats.tables.row_values import EXACT, exact_matches
from kb.formats.tables.table_registry import Loss
from kb.model import Fact, KnowledgeBase, LiteralObject
from kb.rdf.facts import has_plain_triple
from kb.rdf.iris import literal_segment, names_of
from kb.rdf.wording import word_evidence
from kb.schema import vocabulary
from kb.schema.vocabulary import class_name

Row = dict[str, Any]

#: The type of the edges of facts without a plain triple.
STATED = "STATED"

#: The properties of nodes with their types, in the order of the columns, for every format.
NODE: dict[str, type] = {
    "id": str,
    "label": str,
    "name": str,
    "kind": str,
    "iri": str,
    "definition": str,
    "aliases": list,
    "identifiers": list,
    "value": str,
    "unit": str,
    "datatype": str,
    "language": str,
    "note": str,
}


def edge_columns() -> dict[str, type]:
    """Return the properties of edges with their types, as :data:`NODE` does; the first two are the ends."""
    first: dict[str, type] = {"from": str, "to": str, "type": str, "fact": str, "predicate": str, "document": str}
    words = dict.fromkeys(vocabulary.qualifiers(), str)
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
            "id": term.id,
            "label": class_name(term.kind),
            "name": term.label,
            "kind": term.kind,
            "iri": names.term(term.id),
            "definition": term.definition,
            "aliases": list(term.aliases),
            "identifiers": list(same.get(term.id, ())),
            "value": term.value,
            "unit": term.unit,
            "note": term.note,
        }
        nodes[term.id] = _drop_empty(row)
    edges = []
    for fact in kb.facts:
        if isinstance(fact.object, LiteralObject):
            node = _literal(fact.object)
            nodes[node["id"]] = node
        edges.append(_edge(fact, kb))
    return PropertyGraph([nodes[name] for name in sorted(nodes)], edges, tuple(_losses(kb)))


def _drop_empty(row: Row) -> Row:
    return {key: value for key, value in row.items() if value not in ("", [])}


def _literal_id(literal: LiteralObject) -> str:
    return f"literal:{literal_segment(literal.value, literal.language or literal.datatype)}"


def _literal(literal: LiteralObject) -> Row:
    row = {
        "id": _literal_id(literal),
        "label": "Literal",
        "name": literal.value,
        "value": literal.value,
        "datatype": literal.datatype,
        "language": literal.language,
    }
    return _drop_empty(row)


def _edge(fact: Fact, kb: KnowledgeBase) -> Row:
    plain = has_plain_triple(fact, kb.predicates[fact.predicate])
    target = _literal_id(fact.object) if isinstance(fact.object, LiteralObject) else fact.object
    row = {
        "from": fact.subject,
        "to": target,
        "type": fact.predicate.upper().replace("-", "_") if plain else STATED,
        "fact": kb.dataset.base + fact.path,
        "predicate": fact.predicate,
        "document": fact.document,
        **fact.qualifiers,
        "plain": plain,
        "sentences": list(fact.sentences),
        "evidence": list(map(word_evidence, fact.evidence)),
        "note": fact.note,
    }
    return _drop_empty(row)


def _losses(kb: KnowledgeBase) -> list[Loss]:
    others = [mapping for mapping in kb.mappings if mapping.match != EXACT or not mapping.subject.startswith("term:")]
    sentences = sum(len(document.sentences) for document in kb.documents.values())
    losses = [
        Loss(len(others), "mappings are not exact, or are of predicates, and are left out; mappings.csv has them"),
        Loss(sentences, "sentences are named by number; their positions and digests are left out"),
    ]
    return [loss for loss in losses if loss.number]
