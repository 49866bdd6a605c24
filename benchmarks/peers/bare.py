"""Bare string formatting: msgspec reads a record, f-strings write its quads; nothing is checked, resolved or sorted."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.peers.model import BASE, KB, NOTE, OA, PLAIN, PROV, QUALIFIERS, RDF, hedges

_ESCAPES = str.maketrans({'"': '\\"', "\\": "\\\\", "\t": "\\t", "\n": "\\n"})


def quads(fact: dict[str, Any]) -> str:
    """Format one fact."""
    document = f"{BASE}document/{fact['document']}"
    restricted = f"/trigger/{fact['trigger']}" if "trigger" in fact else ""
    claim = f"{fact['subject']}/{fact['predicate']}/{fact['object']}{restricted}"
    node = f"{BASE}fact/{fact['document']}/{claim}"
    end = f"> <{BASE}graph/document/{fact['document']}> .\n"
    subject, predicate, obj = (
        f"{BASE}term/{fact['subject']}",
        f"{BASE}predicate/{fact['predicate']}",
        f"{BASE}term/{fact['object']}",
    )
    out = [
        f"<{node}> <{RDF}type> <{RDF}Statement{end}<{node}> <{RDF}type> <{KB}Fact{end}",
        f"<{node}> <{RDF}subject> <{subject}{end}<{node}> <{RDF}predicate> <{predicate}{end}<{node}> <{RDF}object> <{obj}{end}",
        f"<{node}> <{PROV}hadPrimarySource> <{document}{end}<{node}> <{KB}proposition> <{BASE}proposition/{claim}{end}",
    ]
    if not restricted and fact["modality"] in PLAIN[fact["predicate"]]:
        out.append(f"<{subject}> <{predicate}> <{obj}> <{BASE}graph/claims> .\n")
    parts, own = ["claim"], hedges(fact)
    for name, is_listed in QUALIFIERS.items():
        if name in fact:
            parts.append(name)
            value = f"{KB if is_listed else f'{BASE}term/'}{fact[name]}"
            if name in own:
                here = f"{node}/hedged/{name}"
                out.append(f"<{here}> <{RDF}type> <{KB}HedgedValue{end}<{here}> <{RDF}value> <{value}{end}")
                out.extend([f"<{here}> <{KB}modality> <{KB}{hedge}{end}" for hedge in own[name]])
                value = here
            out.append(f"<{node}> <{KB}{name}> <{value}{end}")
    if "note" in fact:
        out.append(f'<{node}> <{NOTE}> "{fact["note"].translate(_ESCAPES)}"@en{end[1:]}')
    named = {part for piece in fact["evidence"] for part in piece.get("supports", ())}
    sentences = dict.fromkeys(piece["sentence"] for piece in fact["evidence"])
    out.extend([f"<{node}> <{PROV}wasDerivedFrom> <{document}/{sentence}{end}" for sentence in sentences])
    for piece in fact["evidence"]:
        supports = piece.get("supports")
        here = f"{node}/evidence/{piece['sentence']}{'/' + '.'.join(supports) if supports else ''}"
        out.append(
            f"<{node}> <{KB}evidence> <{here}{end}<{here}> <{RDF}type> <{KB}Evidence{end}"
            f"<{here}> <{OA}hasTarget> <{document}/{piece['sentence']}{end}"
        )
        out.extend([f"<{here}> <{KB}supports> <{KB}{part}{end}" for part in supports or parts if supports or part not in named])
        if "modality" in piece:
            out.append(f"<{here}> <{KB}modality> <{KB}{piece['modality']}{end}")
    return "".join(out)


def main(source: Path, target: Path) -> None:
    """Format a file of JSON Lines as N-Quads."""
    decode = msgspec.json.Decoder().decode
    with source.open("rb") as lines, target.open("w", encoding="utf-8", buffering=1 << 20) as out:
        for line in lines:
            out.write(quads(decode(line)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
