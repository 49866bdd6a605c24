"""Make a knowledge base of any size: made-up drugs, effects and sentences, the same for the same arguments."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DIGEST = "0" * 64
FREQUENCIES = ("very-common", "common", "uncommon", "rare", "very-rare")
SENTENCES = 50


def facts(count: int, seed: int = 1) -> Iterator[dict[str, Any]]:
    """Give fact records of about twelve values each, none of them twice.

    Args:
        count: How many.
        seed: What decides on their details.
    """
    chance = random.Random(seed)  # noqa: S311 - no secret is made
    for number in range(count):
        yield {
            "document": f"label-{number // 100}",
            "subject": f"drug-{number // 100 % 5000}",
            "predicate": "has-side-effect",
            "object": f"effect-{number % 8000}",
            "modality": chance.choice(("is", "can", "may")),
            "frequency": chance.choice(FREQUENCIES),
            "severity": chance.choice(("mild", "moderate", "severe")),
            "listing": "open-list",
            "evidence": [
                {"sentence": f"s1.{chance.randrange(SENTENCES) + 1}"},
                {"sentence": f"s2.{chance.randrange(SENTENCES) + 1}", "supports": ["severity"], "modality": "usually"},
            ],
        }


ABOUT = {
    "id": "generated",
    "title": "Generated",
    "description": "Made up for measuring.",
    "version": "1.0.0",
    "base": "https://example.org/generated/",
    "license": "https://creativecommons.org/publicdomain/zero/1.0/",
    "language": "en",
    "issued": "2026-01-31",
    "creators": [{"id": "generator", "name": "A generator"}],
    "prefixes": {},
}
PREDICATE = {
    "id": "has-side-effect",
    "label": "has side effect",
    "definition": "Named as an unwanted effect.",
    "subject": ["drug"],
    "object": ["symptom"],
    "qualifiers": ["frequency", "severity", "listing"],
    "plain": ["is", "can", "may"],
}


def document(name: str) -> dict[str, Any]:
    """Give a document of two sections."""
    numbers = [f"s{section}.{number + 1}" for section in (1, 2) for number in range(SENTENCES)]
    size = 10 * len(numbers)
    return {
        "id": name,
        "title": name,
        "language": "en",
        "rights": "Made up.",
        "text": "held-elsewhere",
        "sha256": DIGEST,
        "bytes": size,
        "characters": size,
        "sentences": [
            {"id": each, "start": 10 * index, "end": 10 * index + 9, "sha256": DIGEST} for index, each in enumerate(numbers)
        ],
    }


def write(folder: Path, count: int) -> None:
    """Write a whole knowledge base with ``count`` facts."""
    rows = list(facts(count))
    names = {"drug": {row["subject"] for row in rows}, "symptom": {row["object"] for row in rows}}
    rooms: dict[str, list[dict[str, Any]]] = {
        "documents": [document(name) for name in dict.fromkeys(row["document"] for row in rows)],
        "terms": [
            {"id": each, "kind": kind, "label": each, "definition": "Made up."} for kind in names for each in sorted(names[kind])
        ],
        "predicates": [PREDICATE],
        "facts": rows,
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "kb.yaml").write_text(json.dumps(ABOUT), encoding="utf-8")
    for room, records in rooms.items():
        (folder / room).mkdir(exist_ok=True)
        text = "".join(f"{json.dumps(record)}\n" for record in records)
        (folder / room / "all.jsonl").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]))
