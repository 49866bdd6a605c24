"""A fact as RDF: the statement, its qualifiers, its evidence, and the plain triple where that says no more.

The meaning of a record is ``schemas/context.jsonld``: :func:`as_jsonld` gives the record that a JSON-LD
processor expands into the same statement as :func:`compiler` makes. A test holds the two equal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from kb import contracts
from kb.iris import KB, OA, PROV, RDF, SKOS, Names
from kb.model import Document, Evidence, Fact, LiteralObject, Predicate
from kb.quads import Quad, iri, literal

#: How a fact is written: as a described rdf:Statement, as a bare triple, as a graph of its own, or as an
#: RDF 1.2 reifier.
Model = Literal["full", "plain", "named-graphs", "rdf12"]

TYPE = iri(f"{RDF}type")
STATEMENT, SUBJECT, PREDICATE, OBJECT = (iri(RDF + name) for name in ("Statement", "subject", "predicate", "object"))
REIFIES = iri(f"{RDF}reifies")
FACT, EVIDENCE_CLASS = iri(f"{KB}Fact"), iri(f"{KB}Evidence")
EVIDENCE, SUPPORTS, MODALITY, BASIS = (iri(KB + name) for name in ("evidence", "supports", "modality", "evidenceType"))
PRIMARY_SOURCE, DERIVED = iri(f"{PROV}hadPrimarySource"), iri(f"{PROV}wasDerivedFrom")
TARGET, NOTE = iri(f"{OA}hasTarget"), iri(f"{SKOS}editorialNote")


def holds_plainly(fact: Fact, predicate: Predicate) -> bool:
    """Tell whether the triple 'subject predicate object' says no more than the fact.

    It does where nothing restricts the claim (no polarity, trigger, condition or population) and the
    predicate's definition already carries the fact's hedge.
    """
    if any(name in fact.qualifiers for name in contracts.restricting()):
        return False
    return fact.qualifiers["modality"] in predicate.plain


def compiler(
    names: Names,
    predicates: Mapping[str, Predicate],
    documents: Mapping[str, Document],
    language: str,
    model: Model = "full",
) -> Callable[[Fact], list[Quad]]:
    """Resolve all that facts share, once, and give the step that compiles one fact.

    Args:
        names: The names of the knowledge base.
        predicates: Its predicates by id.
        documents: Its documents by id.
        language: The language of notes.
        model: How to write statements.
    """
    listed = {name: qualifier.listed for name, qualifier in contracts.qualifiers().items()}
    keys = {name: iri(KB + name) for name in (*listed, "claim")}
    basis = {document.id: names.expand(document.evidence) for document in documents.values() if document.evidence}
    base = names.base

    def value(name: str, word: str) -> str:
        return iri(KB + word) if listed[name] else f"<{base}term/{word}>"

    def evidence(piece: Evidence, fact: Fact, node: str, graph: str) -> list[Quad]:
        here = f"<{base}{fact.path}/evidence/{piece.name}>"
        quads = [
            Quad(node, EVIDENCE, here, graph),
            Quad(here, TYPE, EVIDENCE_CLASS, graph),
            Quad(here, TARGET, f"<{base}document/{fact.document}/{piece.sentence}>", graph),
            *[Quad(here, SUPPORTS, keys[part], graph) for part in piece.supports],
        ]
        if piece.modality:
            quads.append(Quad(here, MODALITY, iri(KB + piece.modality), graph))
        if fact.document in basis:
            quads.append(Quad(here, BASIS, f"<{basis[fact.document]}>", graph))
        return quads

    def claim(fact: Fact, node: str, triple: tuple[str, str, str], graph: str) -> list[Quad]:
        subject, predicate, obj = triple
        plain = holds_plainly(fact, predicates[fact.predicate])
        if model == "plain":
            return [Quad(*triple, graph)] if plain else []
        if model == "named-graphs" and plain:
            return [Quad(*triple, node)]
        bare = [Quad(*triple, graph)] if plain else []
        if model == "rdf12":
            return [Quad(node, REIFIES, f"<<( {subject} {predicate} {obj} )>>", graph), *bare]
        return [
            Quad(node, TYPE, STATEMENT, graph),
            Quad(node, SUBJECT, subject, graph),
            Quad(node, PREDICATE, predicate, graph),
            Quad(node, OBJECT, obj, graph),
            *bare,
        ]

    def step(fact: Fact) -> list[Quad]:
        graph = f"<{base}graph/document/{fact.document}>"
        node = f"<{base}{fact.path}>"
        obj = _object(fact.object, names)
        quads = claim(fact, node, (f"<{base}term/{fact.subject}>", f"<{base}predicate/{fact.predicate}>", obj), graph)
        if model == "plain":
            return quads
        quads.append(Quad(node, TYPE, FACT, graph))
        quads.append(Quad(node, PRIMARY_SOURCE, f"<{base}document/{fact.document}>", graph))
        quads.extend(Quad(node, DERIVED, f"<{base}document/{fact.document}/{each}>", graph) for each in fact.sentences)
        quads.extend(Quad(node, keys[name], value(name, word), graph) for name, word in fact.qualifiers.items())
        if fact.note:
            quads.append(Quad(node, NOTE, literal(fact.note, language=language), graph))
        for piece in fact.evidence:
            quads.extend(evidence(piece, fact, node, graph))
        return quads

    return step


def _object(obj: str | LiteralObject, names: Names) -> str:
    if isinstance(obj, LiteralObject):
        return literal(obj.value, names.expand(obj.datatype) or "", obj.language)
    return f"<{names.base}term/{obj}>"


def as_jsonld(fact: Fact, documents: Mapping[str, Document], names: Names) -> dict[str, Any]:
    """Give the record as a JSON-LD node for ``schemas/context.jsonld``, with the base IRI as document base.

    What the record leaves to its surroundings is spelt out: its path, its document, its sentences, and
    what each sentence supports.
    """
    document = fact.document
    basis = documents[document].evidence
    record: dict[str, Any] = {
        "id": fact.path,
        "type": ["Fact", "Statement"],
        "document": document,
        "subject": fact.subject,
        "predicate": fact.predicate,
        "object": fact.object if isinstance(fact.object, str) else _value_object(fact.object),
        **fact.qualifiers,
        "sentences": [f"{document}/{sentence}" for sentence in fact.sentences],
        "evidence": [],
    }
    if fact.note:
        record["note"] = fact.note
    for piece in fact.evidence:
        node: dict[str, Any] = {
            "id": f"{fact.path}/evidence/{piece.name}",
            "type": "Evidence",
            "sentence": f"{document}/{piece.sentence}",
            "supports": list(piece.supports),
        }
        if piece.modality:
            node["modality"] = piece.modality
        if basis:
            node["basis"] = names.expand(basis)
        record["evidence"].append(node)
    return record


def _value_object(obj: LiteralObject) -> dict[str, str]:
    if obj.language:
        return {"value": obj.value, "language": obj.language.lower()}
    return {"value": obj.value, "datatype": obj.datatype}
