"""rdflib by hand: a graph in memory, then its own serializer; the format follows the suffix (.nt, .ttl)."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from rdflib import RDF as TYPES
from rdflib import Graph, Literal, Namespace, URIRef

from benchmarks.peers.model import BASE, KB, NOTE, OA, PROV, QUALIFIERS, hedges, is_plain, path, proposition

_KB, _PROV, _OA = Namespace(KB), Namespace(PROV), Namespace(OA)


def add(graph: Graph, fact: dict[str, Any]) -> None:
    """Add the triples of a fact."""
    name = BASE + path(fact)
    node, document = URIRef(name), f"{BASE}document/{fact['document']}"
    subject, obj = URIRef(f"{BASE}term/{fact['subject']}"), URIRef(f"{BASE}term/{fact['object']}")
    predicate = URIRef(f"{BASE}predicate/{fact['predicate']}")
    graph.add((node, TYPES.type, TYPES.Statement))
    graph.add((node, TYPES.type, _KB.Fact))
    graph.add((node, TYPES.subject, subject))
    graph.add((node, TYPES.predicate, predicate))
    graph.add((node, TYPES.object, obj))
    graph.add((node, _PROV.hadPrimarySource, URIRef(document)))
    graph.add((node, _KB.proposition, URIRef(proposition(fact))))
    if is_plain(fact):
        graph.add((subject, predicate, obj))
    parts = ["claim", *(each for each in QUALIFIERS if each in fact)]
    own = hedges(fact)
    for part in parts[1:]:
        value = URIRef((KB if QUALIFIERS[part] else f"{BASE}term/") + fact[part])
        if part in own:
            hedged = URIRef(f"{name}/hedged/{part}")
            graph.add((hedged, TYPES.type, _KB.HedgedValue))
            graph.add((hedged, TYPES.value, value))
            for hedge in own[part]:
                graph.add((hedged, _KB.modality, _KB[hedge]))
            value = hedged
        graph.add((node, _KB[part], value))
    if "note" in fact:
        graph.add((node, URIRef(NOTE), Literal(fact["note"], lang="en")))
    named = {part for piece in fact["evidence"] for part in piece.get("supports", ())}
    for piece in fact["evidence"]:
        supports = piece.get("supports") or [part for part in parts if part not in named]
        tail = "/" + ".".join(piece["supports"]) if "supports" in piece else ""
        here, sentence = URIRef(f"{name}/evidence/{piece['sentence']}{tail}"), URIRef(f"{document}/{piece['sentence']}")
        graph.add((node, _PROV.wasDerivedFrom, sentence))
        graph.add((node, _KB.evidence, here))
        graph.add((here, TYPES.type, _KB.Evidence))
        graph.add((here, _OA.hasTarget, sentence))
        for part in supports:
            graph.add((here, _KB.supports, _KB[part]))
        if "modality" in piece:
            graph.add((here, _KB.modality, _KB[piece["modality"]]))


def main(source: Path, target: Path) -> None:
    """Write a file of JSON Lines as N-Triples or Turtle."""
    graph = Graph()
    with source.open(encoding="utf-8") as lines:
        for line in lines:
            add(graph, json.loads(line))
    graph.serialize(target, format="nt" if target.suffix == ".nt" else "turtle", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
