"""Facts as JSON-LD nodes for ``schemas/context.jsonld``, which gives records their meaning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kb.metadata import Curation
from kb.model import SEPARATOR, Document, Fact, LiteralObject
from kb.rdf import quantities
from kb.rdf.iris import Names
from tests.schema.quantity_records import as_node


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
        "object": fact.object if isinstance(fact.object, str) else _value_object(fact.object, names.base + fact.path),
        **{name: _qualifier(fact, name, names) for name in fact.qualifiers},
        "sentences": [f"{document}/{sentence}" for sentence in fact.sources],
        "evidence": [],
    }
    if fact.note:
        record["note"] = fact.note
    if fact.curation:
        record |= spell_curation(fact.curation, fact.path, names)
    for piece in fact.evidence:
        node: dict[str, Any] = {
            "id": f"{fact.path}/evidence/{piece.name}",
            "type": "Evidence",
            "sentence": f"{document}/{piece.sentence}",
            ("disputes" if piece.disputes else "supports"): list(piece.disputes or piece.supports),
        }
        if piece.modality:
            node["modality"] = piece.modality
        if piece.start is not None:
            node |= {"start": piece.start, "end": piece.end}
        if piece.wordings:
            node["as"] = [words for _, words in piece.wordings]
            node |= {
                f"kb:{part}Wording": {"@value": words} for part, words in piece.wordings
            }  # with the part that each stands for
        if piece.basis or basis:
            node["basis"] = names.expand(piece.basis or basis)
        record["evidence"].append(node)
    return record


def spell_curation(curation: Curation, fact: str, names: Names) -> dict[str, Any]:
    """Give who entered and reviewed a fact, and why it has its status, as keys of its node."""
    own = {"curator": curation.curator and names.agent(curation.curator), "added": curation.added, "reason": curation.reason}
    reviews = [
        {**review._asdict(), "id": f"{fact}/evaluation/{number}", "type": ["Review", "Activity"], "by": names.agent(review.by)}
        for number, review in enumerate(curation.reviews, 1)
    ]
    return {**{key: value for key, value in own.items() if value}, "review": reviews}


def _qualifier(fact: Fact, name: str, names: Names) -> str | dict[str, Any]:
    """Give the value, or a node with value and hedge where the evidence hedges it otherwise than the claim."""
    value: str | dict[str, Any] = fact.qualifiers[name]
    if quantities.MARK in fact.qualifiers[name]:
        value = as_node(fact.qualifiers[name], f"{names.base}{fact.path}/figure/{name}")
    elif SEPARATOR in value:
        value = spell_group(fact.qualifiers[name], f"{names.base}{fact.path}/group/{name}")
    own = {"", "is", fact.qualifiers["modality"]}
    hedges = [piece.modality for piece in fact.evidence if name in piece.supports and piece.modality not in own]
    if not hedges or name in {"modality", "polarity"}:
        return value
    node = f"{names.base}{fact.path}/hedged/{name}"
    return {"id": node, "type": "HedgedValue", "value": value, "modality": hedges}


def spell_group(text: str, node: str) -> dict[str, Any]:
    """Give several values of the model as a node of JSON-LD."""
    kind, *members = text.split(SEPARATOR)
    return {"id": node, "type": {"all-of": "AllOf", "any-of": "AnyOf"}[kind], kind: members}


def _value_object(obj: LiteralObject, fact: str) -> dict[str, Any]:
    if obj.quantity:
        return as_node(obj.quantity, f"{fact}/figure/object")
    if obj.language:
        return {"value": obj.value, "language": obj.language.lower()}
    return {"value": obj.value, "datatype": obj.datatype}
