"""One record in, one value of the model out."""

from __future__ import annotations

from typing import Any

from kb import contracts
from kb.iris import fact_path, literal_segment
from kb.model import (
    Creator,
    Dataset,
    Document,
    Evidence,
    Exemption,
    Fact,
    LiteralObject,
    OutsideMatch,
    Predicate,
    Record,
    Section,
    Sentence,
    Term,
)

#: The part of a fact that is subject, predicate and object together.
CLAIM = "claim"


def dataset(record: Record) -> Dataset:
    """Parse ``kb.yaml``."""
    value = dict(record.value)
    value["creators"] = tuple(Creator(**each) for each in value["creators"])
    value["keywords"] = tuple(value.get("keywords", ()))
    return Dataset(**value)


def stand_in(record: Record) -> Dataset | None:
    """Make do with a ``kb.yaml`` that breaks its schema, so that the rest can be checked; nothing if its prefixes are lost."""
    prefixes = record.value.get("prefixes") if isinstance(record.value, dict) else None
    if not isinstance(prefixes, dict):
        return None
    base = "https://stand-in.invalid/"
    return Dataset("", "", "", "", base, "", "en", "", (), dict.fromkeys(prefixes, base))


def document(record: Record) -> Document:
    """Parse a document with its sentences."""
    value = dict(record.value)
    value["sentences"] = tuple(_sentence(each) for each in value["sentences"])
    value["sections"] = tuple(Section(**each) for each in value.get("sections", ()))
    return Document(**value, record=record)


def _sentence(value: dict[str, Any]) -> Sentence:
    exempt = value.get("exempt")
    if exempt is None:
        return Sentence(**value)
    parsed = Exemption(exempt["reason"], tuple(exempt.get("by", ())), exempt.get("note", ""))
    return Sentence(value["id"], value["start"], value["end"], value["sha256"], parsed)


def term(record: Record) -> Term:
    """Parse a term."""
    value = dict(record.value)
    value["aliases"] = tuple(value.get("aliases", ()))
    return Term(**value, record=record)


def predicate(record: Record) -> Predicate:
    """Parse a predicate."""
    value = dict(record.value)
    for key in ("subject", "object", "qualifiers", "requires", "plain"):
        value[key] = tuple(value.get(key, ()))
    return Predicate(**value, record=record)


def fact(record: Record) -> Fact:
    """Parse a fact: name it by what it claims, and spell out what each sentence supports."""
    value = record.value
    document_id = value.get("document", record.stem)
    obj = value["object"]
    if isinstance(obj, dict):
        obj = LiteralObject(**obj) if "language" not in obj else LiteralObject(obj["value"], "", obj["language"])
        segment = literal_segment(obj.value, obj.language or obj.datatype)
    else:
        segment = obj
    qualifiers = {name: value[name] for name in contracts.qualifiers() if name in value}
    restrictions = [(name, qualifiers[name]) for name in contracts.restricting() if name in qualifiers]
    return Fact(
        path=fact_path(document_id, value["subject"], value["predicate"], segment, restrictions),
        document=document_id,
        subject=value["subject"],
        predicate=value["predicate"],
        object=obj,
        qualifiers=qualifiers,
        evidence=_evidence(value["evidence"], qualifiers),
        note=value.get("note", ""),
        record=record,
    )


def _evidence(pieces: list[dict[str, Any]], qualifiers: dict[str, str]) -> tuple[Evidence, ...]:
    named = {part for piece in pieces for part in piece.get("supports", ())}
    rest = tuple(part for part in (CLAIM, *qualifiers) if part == CLAIM or part not in named)
    return tuple(_piece(piece, rest) for piece in pieces)


def _piece(piece: dict[str, Any], rest: tuple[str, ...]) -> Evidence:
    sentence, supports = piece["sentence"], tuple(dict.fromkeys(piece.get("supports", ())))
    name = f"{sentence}/{'.'.join(supports)}" if supports else sentence
    return Evidence(name, sentence, supports or rest, piece.get("modality", ""))


def mapping(record: Record) -> OutsideMatch:
    """Parse a row of SSSOM."""
    value = record.value
    return OutsideMatch(
        subject=value["subject_id"],
        match=value["predicate_id"],
        object=value["object_id"],
        justification=value["mapping_justification"],
        seen=value["object_source_version"],
        date=value["mapping_date"],
        label=value.get("object_label", ""),
        comment=value.get("comment", ""),
        record=record,
    )
