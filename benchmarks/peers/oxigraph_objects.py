"""pyoxigraph by hand: a term object for every term, its own serializer; N-Quads."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, serialize

from benchmarks.peers.model import BASE, KB, NOTE, OA, PROV, QUALIFIERS, RDF, hedges, is_plain, path, proposition


def quads(fact: dict[str, Any]) -> Iterator[Quad]:
    """Give the quads of a fact."""
    name = BASE + path(fact)
    document = f"{BASE}document/{fact['document']}"
    node, graph = NamedNode(name), NamedNode(f"{BASE}graph/document/{fact['document']}")
    subject, predicate, obj = (NamedNode(f"{BASE}{room}/{fact[key]}") for room, key in _ENDS)
    yield Quad(node, _TYPE, _STATEMENT, graph)
    yield Quad(node, _TYPE, _FACT, graph)
    yield Quad(node, _SUBJECT, subject, graph)
    yield Quad(node, _PREDICATE, predicate, graph)
    yield Quad(node, _OBJECT, obj, graph)
    yield Quad(node, _SOURCE, NamedNode(document), graph)
    yield Quad(node, _PROPOSITION, NamedNode(proposition(fact)), graph)
    if is_plain(fact):
        yield Quad(subject, predicate, obj, _CLAIMS)
    parts = ["claim", *(each for each in QUALIFIERS if each in fact)]
    own = hedges(fact)
    for part in parts[1:]:
        value = NamedNode((KB if QUALIFIERS[part] else f"{BASE}term/") + fact[part])
        if part in own:
            hedged = NamedNode(f"{name}/hedged/{part}")
            yield Quad(hedged, _TYPE, _HEDGED, graph)
            yield Quad(hedged, _VALUE, value, graph)
            for hedge in own[part]:
                yield Quad(hedged, _MODALITY, NamedNode(KB + hedge), graph)
            value = hedged
        yield Quad(node, NamedNode(KB + part), value, graph)
    if "note" in fact:
        yield Quad(node, _NOTE, Literal(fact["note"], language="en"), graph)
    named = {part for piece in fact["evidence"] for part in piece.get("supports", ())}
    for piece in fact["evidence"]:
        supports = piece.get("supports") or [part for part in parts if part not in named]
        tail = "/" + ".".join(piece["supports"]) if "supports" in piece else ""
        here, sentence = NamedNode(f"{name}/evidence/{piece['sentence']}{tail}"), NamedNode(f"{document}/{piece['sentence']}")
        yield Quad(node, _DERIVED, sentence, graph)
        yield Quad(node, _EVIDENCE, here, graph)
        yield Quad(here, _TYPE, _EVIDENCE_CLASS, graph)
        yield Quad(here, _TARGET, sentence, graph)
        for part in supports:
            yield Quad(here, _SUPPORTS, NamedNode(KB + part), graph)
        if "modality" in piece:
            yield Quad(here, _MODALITY, NamedNode(KB + piece["modality"]), graph)


_PROPOSITION = NamedNode(f"{KB}proposition")
_CLAIMS = NamedNode(f"{BASE}graph/claims")
_ENDS = (("term", "subject"), ("predicate", "predicate"), ("term", "object"))
_TYPE, _STATEMENT, _SUBJECT, _PREDICATE, _OBJECT, _VALUE = (
    NamedNode(RDF + each) for each in ("type", "Statement", "subject", "predicate", "object", "value")
)
_FACT, _EVIDENCE, _EVIDENCE_CLASS, _SUPPORTS, _MODALITY, _HEDGED = (
    NamedNode(KB + each) for each in ("Fact", "evidence", "Evidence", "supports", "modality", "HedgedValue")
)
_SOURCE, _DERIVED = NamedNode(f"{PROV}hadPrimarySource"), NamedNode(f"{PROV}wasDerivedFrom")
_TARGET, _NOTE = NamedNode(f"{OA}hasTarget"), NamedNode(NOTE)


def main(source: Path, target: Path) -> None:
    """Write a file of JSON Lines as N-Quads."""
    with source.open(encoding="utf-8") as lines:
        serialize((quad for line in lines for quad in quads(json.loads(line))), str(target), format=RdfFormat.N_QUADS)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
