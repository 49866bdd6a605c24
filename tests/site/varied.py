"""A knowledge base whose claims have what claims can have: denials, groups, quantities, disputes, reviews, several languages."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kb.records import strict_yaml

TWO = Path(__file__).parents[1] / "queries/two-documents"

_RETIRED = {"id": "pruritus", "kind": "symptom", "label": "pruritus", "definition": "A wish to scratch."}
_TERMS: list[dict[str, Any]] = [
    {**_RETIRED, "deprecated": True, "replaced-by": "itching", "note": "It is the same as itching."},
    {"id": "placebo", "kind": "drug", "label": "placebo", "definition": "A medicine without an active part."},
]
_NAUSEA = {
    "id": "nausea",
    "kind": "symptom",
    "label": {"en": "nausea", "fr": "nausée", "he": "בחילה"},
    "aliases": {"fr": ["mal de cœur"]},
    "definition": {"en": "Feeling sick.", "fr": "Envie de vomir."},
}
_ABOUT = {"subject": "velaril", "predicate": "has-side-effect", "object": "nausea"}
_FACTS: list[dict[str, Any]] = [
    {**_ABOUT, "modality": "can", "dose": {"low": "10", "high": "35", "unit": "mg"}, "evidence": [{"sentence": "s1.2"}]},
    {**_ABOUT, "modality": "may", "polarity": "negated", "evidence": [{"sentence": "s1.3"}]},
    {
        **_ABOUT,
        "modality": "can",
        "condition": {"any-of": ["hill-fever", "low-mood"]},
        "evidence": [{"sentence": "s1.2"}, {"sentence": "s1.5", "direction": "disputes"}],
    },
    {
        **_ABOUT,
        "modality": "sometimes",
        "condition": {"all-of": ["hill-fever", "low-mood"]},
        "curator": "person:ana",
        "added": "2026-11-01",
        "review": [{"by": "person:ben", "on": "2026-11-02", "verdict": "agreed", "digest": "0" * 64}],
        "status": {"is": "disputed", "reason": "Another text differs."},
        "evidence": [{"sentence": "s1.2"}],
    },
    {
        **_ABOUT,
        "modality": "is",
        "frequency": {"value": "8.3", "unit": "%", "n": 12, "of": 145},
        "comparator": "placebo",
        "against": {"value": "6.5", "unit": "%"},
        "status": {"is": "deprecated", "reason": "It is of another drug."},
        "evidence": [{"sentence": "s1.6"}],
    },
]
_MORE = ["dose", "condition", "comparator", "against"]


def write_varied(top: Path) -> Path:
    """Write two documents, of which one is retracted, with facts of every kind, a retired term and names in three languages."""
    shutil.copytree(TWO, top)
    _change(top / "terms/terms.yaml", lambda terms: [*terms, *_TERMS, _NAUSEA])
    _change(top / "facts/leaflet.yaml", lambda facts: [*facts, *_FACTS])
    _change(top / "documents/review.yaml", lambda review: {**review, "standing": {"is": "retracted", "since": "2026-02-01"}})
    _change(top / "predicates.yaml", lambda all_: [{**all_[0], "qualifiers": [*all_[0]["qualifiers"], *_MORE]}, *all_[1:]])
    return top


def _change(path: Path, change: Callable[[Any], Any]) -> None:
    """Change the content of a YAML file."""
    path.write_text(
        json.dumps(change(strict_yaml.parse(path.read_text(encoding="utf-8"), path.name).value), ensure_ascii=False),
        encoding="utf-8",
    )
