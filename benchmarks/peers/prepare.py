"""The records in the shapes that some peers need, made before anything is measured: flat tables, one big JSON document."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.peers.model import BASE, QUALIFIERS, is_plain, path, proposition


def records(source: Path) -> Iterator[dict[str, Any]]:
    """Give the facts of a file of JSON Lines."""
    with source.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def pieces(fact: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], list[str]]]:
    """Give each piece of evidence with its path and what it supports, spelt out."""
    parts = ["claim", *(each for each in QUALIFIERS if each in fact)]
    named = {part for piece in fact["evidence"] for part in piece.get("supports", ())}
    for piece in fact["evidence"]:
        tail = "/" + ".".join(piece["supports"]) if "supports" in piece else ""
        yield (
            f"{path(fact)}/evidence/{piece['sentence']}{tail}",
            piece,
            piece.get("supports") or [part for part in parts if part not in named],
        )


def tables(source: Path, folder: Path) -> None:
    """Write facts, evidence and what it supports as CSV, for RML."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        (folder / "facts.csv").open("w", encoding="utf-8", newline="") as facts,
        (folder / "plain.csv").open("w", encoding="utf-8", newline="") as plain,
        (folder / "evidence.csv").open("w", encoding="utf-8", newline="") as evidence,
        (folder / "supports.csv").open("w", encoding="utf-8", newline="") as supports,
    ):
        to_facts, to_plain, to_evidence, to_supports = map(csv.writer, (facts, plain, evidence, supports))
        ends = ("subject", "predicate", "object")
        columns = ("about", "verb", "effect")  # morph-kgc has columns of its own with the names of the ends
        to_facts.writerow(("path", "proposition", "document", *columns, *QUALIFIERS, "note"))
        to_plain.writerow(("document", *columns))
        to_evidence.writerow(("path", "fact", "document", "sentence", "modality"))
        to_supports.writerow(("path", "document", "part"))
        for fact in records(source):
            document = fact["document"]
            claim = [fact[each] for each in ends]
            qualifiers = (fact.get(each, "") for each in QUALIFIERS)
            to_facts.writerow((path(fact), proposition(fact), document, *claim, *qualifiers, fact.get("note", "")))
            if is_plain(fact):
                to_plain.writerow((document, *claim))
            for here, piece, parts in pieces(fact):
                to_evidence.writerow((here, path(fact), document, piece["sentence"], piece.get("modality", "")))
                to_supports.writerows((here, document, part) for part in parts)


def linkml(source: Path, target: Path) -> None:
    """Write one JSON document for linkml-convert, with the identifiers that LinkML cannot make."""
    facts = []
    for fact in records(source):
        place = f"{BASE}document/{fact['document']}"
        evidence = [
            {
                "id": BASE + here,
                "sentence": f"{place}/{piece['sentence']}",
                "supports": [f"kb:{part}" for part in parts],
                **({"hedge": f"kb:{piece['modality']}"} if "modality" in piece else {}),
            }
            for here, piece, parts in pieces(fact)
        ]
        made = {"id": BASE + path(fact), "document": place, "proposition": proposition(fact), "evidence": evidence}
        made |= {"subject": f"{BASE}term/{fact['subject']}", "object": f"{BASE}term/{fact['object']}"}
        made |= {"predicate": f"{BASE}predicate/{fact['predicate']}", "derived": [each["sentence"] for each in evidence]}
        made |= {
            name: f"kb:{fact[name]}" if listed else f"{BASE}term/{fact[name]}"
            for name, listed in QUALIFIERS.items()
            if name in fact
        }
        facts.append(made | ({"note": fact["note"]} if "note" in fact else {}))
    target.write_text(json.dumps({"facts": facts}, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    {"tables": tables, "linkml": linkml}[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
