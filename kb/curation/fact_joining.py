"""Join the records of facts that claim the same of one document: only what does not decide between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kb.model import Evidence, Record
from kb.records import resolve

_JOINED = {"evidence", "note", "curator", "added"}  # what facts of the same claim may differ in


def find_differences(one: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """Return the keys in which two records differ that claim the same, and between which nothing decides."""
    keys = sorted({*one, *other} - {*_JOINED, "document"})
    return ", ".join(key for key in keys if one.get(key) != other.get(key))


def join_facts(records: Sequence[Record]) -> dict[str, Any]:
    """Return the first of several records with the evidence of all; each sentence supports the parts that it supported."""
    facts = [resolve.parse_fact(record) for record in records]
    pieces: dict[Evidence, dict[str, Any]] = {}
    for fact, record in zip(facts, records, strict=True):
        for piece, raw in zip(map(_strip, fact.evidence), record.value["evidence"], strict=True):
            words = {**raw.get("as", {}), **pieces.get(piece, {}).get("as", {})}
            pieces[piece] = {**pieces.get(piece, raw), **({"as": words} if words else {})}
    home = records[0]
    value = {**home.value, "evidence": list(pieces.values())}
    if [*map(_strip, resolve.parse_fact_value(value, home.stem).evidence)] != list(pieces):
        value["evidence"] = [{**raw, "supports": list(piece.supports)} for piece, raw in pieces.items()]
    if note := " ".join(dict.fromkeys(fact.note for fact in facts if fact.note)):
        value["note"] = note
    return value


def _strip(piece: Evidence) -> Evidence:
    """Return a piece of evidence without its name, and without the words of the sentence."""
    return piece._replace(name="", wordings=())
