"""A knowledge base whose free texts are hostile, and as long as its schemas let them be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from kb import resources
from tests.conftest import small_kb

#: Markup, templates, quotes, right-to-left letters, a character beyond the first plane, and a word without a place to break.
HOSTILE = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(2)> \u05d0\u05d1 \U00012000 {{ 7777*7777 }} "
#: Where the schema admits it, a text has this length. Labels and texts are shorter, since the schema refuses more than 200 and
#: 4,000 characters of them (KB203); a literal may be longer, but then each page that words its fact has megabytes.
LONG = 10_000


def fill(name: str, start: str = "", end: str = "x") -> str:
    """Return a hostile text as long as the schema of a value admits: ``label`` or ``text``; or ``literal``."""
    values, literal = resources.schema("values")["$defs"], resources.schema("fact")["$defs"]["literal"]
    limit: int = min(LONG, {**values, "literal": literal["properties"]["value"]}[name]["maxLength"])
    words = f"{start}{HOSTILE}"
    repeated = (words * (limit // len(words) + 1))[: limit // 2]
    return repeated + end * (limit - len(repeated))


def write_hostile(top: Path) -> Path:
    """Write a knowledge base with a hostile text in every free text of its parts."""
    files = small_kb()
    about = {
        "title": fill("label", "base "),
        "description": fill("text"),
        "disclaimer": fill("text"),
        "keywords": [fill("label")],
    }
    files["kb.yaml"] |= {**about, "creators": [{"id": "curator", "name": fill("label", "maker ")}]}
    document = files["documents/leaflet.yaml"]
    document |= {"title": fill("label", "leaflet "), "rights": fill("text"), "note": fill("text"), "version": fill("label")}
    document["sections"] = [{"number": 1, "topic": fill("label", "section ")}]
    document["sentences"].append(
        {
            **document["sentences"][2],
            "id": "s1.3",
            "start": 71,
            "end": 100,
            "exempt": {"reason": "too-vague", "note": fill("text")},
        }
    )
    files["terms/terms.yaml"] = [
        _write_term(*term) for term in (("examplol", "drug"), ("itch", "symptom"), ("stopping", "event"))
    ]
    files["predicates.yaml"][0] |= {"label": fill("label", "causes "), "definition": fill("text"), "note": fill("text")}
    (fact,) = files["facts/leaflet.yaml"]
    status = {"is": "disputed", "reason": fill("text")}
    files["facts/leaflet.yaml"] = [
        {**fact, "note": fill("text"), "status": status},
        {**fact, "trigger": "stopping", "polarity": "negated"},
        {**fact, "object": {"value": fill("literal", "value ")}},
        {**fact, "object": {"value": fill("literal", "\u05d0\u05d1 ", "\u05d0"), "language": "he"}},
    ]
    for name, content in files.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return top


def _write_term(name: str, kind: str) -> dict[str, Any]:
    right_to_left = fill("label", f"\u05d0\u05d1 {name} ", "\u05d0")
    return {
        "id": name,
        "kind": kind,
        "label": fill("label", f"{name} ", "\U00012000"),
        "aliases": [right_to_left, fill("label", f"{name}-alias ")],
        "definition": fill("text", f"{name}\n\n"),
        "note": fill("text"),
    }
