"""A fact as RDF: the statement, its qualifiers, its evidence, and the plain triple where that says no more.

The meaning of a record is ``schemas/context.jsonld``: :func:`as_jsonld` gives the record that a JSON-LD
processor expands into the same statement as :class:`Compiler` makes. A test holds the two equal.
"""

from __future__ import annotations

from collections.abc import Mapping
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


class Compiler:
    """Compiles facts: what they share is resolved once, so that a fact costs a handful of string operations.

    Args:
        names: The names of the knowledge base.
        predicates: Its predicates by id.
        documents: Its documents by id.
        language: The language of notes.
        model: How to write statements.
    """

    def __init__(
        self,
        names: Names,
        predicates: Mapping[str, Predicate],
        documents: Mapping[str, Document],
        language: str,
        model: Model = "full",
    ) -> None:
        self._names, self._base = names, names.base
        self._predicates = predicates
        self._language = language
        self._model = model
        self._listed = {name: qualifier.listed for name, qualifier in contracts.qualifiers().items()}
        self._keys = {name: iri(KB + name) for name in (*self._listed, "claim")}
        self._basis = {
            document.id: iri(names.expand(document.evidence) or "") for document in documents.values() if document.evidence
        }

    def compile(self, fact: Fact) -> list[Quad]:
        """Compile one fact, independent of all others."""
        base = self._base
        graph, node = f"<{base}graph/document/{fact.document}>", f"<{base}{fact.path}>"
        quads = self._claim(fact, node, graph)
        if self._model == "plain":
            return quads
        quads.append(Quad(node, TYPE, FACT, graph))
        quads.append(Quad(node, PRIMARY_SOURCE, f"<{base}document/{fact.document}>", graph))
        quads.extend(Quad(node, DERIVED, f"<{base}document/{fact.document}/{each}>", graph) for each in fact.sentences)
        for name, word in fact.qualifiers.items():
            value = f"<{KB}{word}>" if self._listed[name] else f"<{base}term/{word}>"
            quads.append(Quad(node, self._keys[name], value, graph))
        if fact.note:
            quads.append(Quad(node, NOTE, literal(fact.note, language=self._language), graph))
        for piece in fact.evidence:
            quads.extend(self._evidence(piece, fact, node, graph))
        return quads

    def _claim(self, fact: Fact, node: str, graph: str) -> list[Quad]:
        """Write subject, predicate and object in the way of the statement model."""
        subject, predicate = f"<{self._base}term/{fact.subject}>", f"<{self._base}predicate/{fact.predicate}>"
        obj = _object(fact.object, self._names)
        plain = holds_plainly(fact, self._predicates[fact.predicate])
        if self._model == "named-graphs" and plain:
            return [Quad(subject, predicate, obj, node)]
        bare = [Quad(subject, predicate, obj, graph)] if plain else []
        if self._model == "plain":
            return bare
        if self._model == "rdf12":
            return [Quad(node, REIFIES, f"<<( {subject} {predicate} {obj} )>>", graph), *bare]
        return [
            Quad(node, TYPE, STATEMENT, graph),
            Quad(node, SUBJECT, subject, graph),
            Quad(node, PREDICATE, predicate, graph),
            Quad(node, OBJECT, obj, graph),
            *bare,
        ]

    def _evidence(self, piece: Evidence, fact: Fact, node: str, graph: str) -> list[Quad]:
        """Write a piece of evidence: the sentence, what it supports, how firmly."""
        here = f"<{self._base}{fact.path}/evidence/{piece.name}>"
        quads = [
            Quad(node, EVIDENCE, here, graph),
            Quad(here, TYPE, EVIDENCE_CLASS, graph),
            Quad(here, TARGET, f"<{self._base}document/{fact.document}/{piece.sentence}>", graph),
            *[Quad(here, SUPPORTS, self._keys[part], graph) for part in piece.supports],
        ]
        if piece.modality:
            quads.append(Quad(here, MODALITY, f"<{KB}{piece.modality}>", graph))
        if fact.document in self._basis:
            quads.append(Quad(here, BASIS, self._basis[fact.document], graph))
        return quads


def _object(obj: str | LiteralObject, names: Names) -> str:
    if isinstance(obj, LiteralObject):
        return literal(obj.value, names.expand(obj.datatype) or "", obj.language)
    return f"<{names.base}term/{obj}>"


def as_jsonld(fact: Fact, documents: Mapping[str, Document], names: Names) -> dict[str, Any]:
    """Give the record as a JSON-LD node for ``schemas/context.jsonld``.

    Expand it with the contexts ``[{"@base": BASE, "@language": LANGUAGE}, context]``, in this order.

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
