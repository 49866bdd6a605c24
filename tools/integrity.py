"""The texts and quotes of the integrity tests: quotes.jsonl holds each quote with the verdict that it must get.

Quotes of the text that is held elsewhere are given by positions in it (``pieces``), so that none of its words is here.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kb import pipeline, resources
from kb.model import KnowledgeBase, Record
from kb.problems import Place
from kb.records import resolve
from kb.texts import normal_form, sentence_splitter
from kb.texts.indexed_text import IndexedText, QuoteLocation
from kb.texts.quotes import QuoteFinder
from kb.verification import cite
from kb.verification.cite import QuoteRequest

HERE = Path(__file__).resolve().parents[1] / "tests" / "texts" / "integrity"
HELD = "clonazepam-overview"

Case = dict[str, Any]


def cases() -> list[Case]:
    """Return every case, in the order of the file."""
    return [json.loads(line) for line in (HERE / "quotes.jsonl").read_text(encoding="utf-8").splitlines()]


def base() -> KnowledgeBase:
    """Return the example knowledge base with the documents of this folder and the one that is held elsewhere."""
    example = pipeline.load(resources.example())
    made = {path.stem: _document(path) for path in sorted(HERE.iterdir()) if path.suffix in {".txt", ".html"}}
    held = pipeline.load(resources.content()).documents[HELD]
    return example._replace(documents={**example.documents, **made, HELD: held})


def _document(path: Path) -> Any:
    text = normal_form.read(path)
    sentences = [
        {"id": each.id, "start": each.start, "end": each.end, "sha256": normal_form.digest(text.words[each.start : each.end])}
        for each in sentence_splitter.split(text)
    ]
    value = {
        "id": path.stem,
        "title": path.stem,
        "language": "de" if path.suffix == ".html" else "en",
        "rights": "Ours, CC0-1.0.",
        "text": "held-elsewhere",
        "mediatype": text.mediatype,
        "sha256": text.sha256,
        "words-sha256": text.digest,
        "bytes": text.bytes,
        "characters": len(text.words),
        "sentences": sentences,
    }
    return resolve.parse_document(Record("document", value, Place(str(path))))


def held() -> normal_form.Text | None:
    """Return the text that is held elsewhere, if ``KB_DOCUMENTS`` names its folder."""
    folder = os.environ.get("KB_DOCUMENTS")
    return normal_form.read(Path(folder) / f"{HELD}.txt") if folder else None


def finder(kb: KnowledgeBase) -> QuoteFinder:
    """Index the available texts."""
    texts = {path.stem: normal_form.read(path) for path in sorted(HERE.iterdir()) if path.suffix in {".txt", ".html"}}
    shipped = resources.example() / "documents" / "zelorin-leaflet.txt"
    texts["zelorin-leaflet"] = normal_form.read(shipped)
    text = held()
    if text:
        texts[HELD] = text
    return QuoteFinder({name: IndexedText(kb.documents[name], each) for name, each in texts.items()})


def ask(case: Case, number: int, text: normal_form.Text | None) -> QuoteRequest | None:
    """Return the request of a case; nothing if its words are held elsewhere."""
    if "pieces" not in case:
        words = case["quote"]
    elif text is None:
        return None
    else:
        words = "".join(each if isinstance(each, str) else text.words[each[0] : each[1]] for each in case["pieces"])
    keys = ("document", "sentence", "fact", "subject", "object", "modality")
    return QuoteRequest(number, words, **{key: case[key] for key in keys if key in case})


def wrong(case: Case, result: cite.QuoteResult) -> str:
    """Return how a verdict differs from the expected one; empty if it does not."""
    verdict = result.verdict
    if verdict.verdict != case["expect"]:
        return f"{verdict.verdict}, not {case['expect']}: {verdict.message}"
    if case["expect"] == "found" and verdict.location != QuoteLocation(*case["spot"]):
        return f"found at {verdict.location}, not at {case['spot']}"
    return ""


def table() -> str:
    """Run every case over the texts of the project, and count them by kind; cases of the held text are counted apart."""
    kb = base()
    texts = finder(kb)
    kinds: dict[str, list[int]] = {}
    for number, case in enumerate(cases(), 1):
        counts = kinds.setdefault(case["kind"], [0, 0, 0])
        asked = ask(case, number, None)
        if asked is None:
            counts[2] += 1
            continue
        (answered,) = cite.check_quotes(kb, texts, [asked])
        counts[0] += 1
        counts[1] += not wrong(case, answered)
    return "".join(_rows(kinds))


def _rows(kinds: dict[str, list[int]]) -> Iterator[str]:
    bad = {kind: counts for kind, counts in kinds.items() if kind != "genuine"}
    yield "| adversarial quotes | cases | refused for the right reason | other verdicts | cases of the held text |\n"
    yield "|---|---:|---:|---:|---:|\n"
    for kind, (count, right, held_) in bad.items():
        yield f"| {kind} | {count} | {right} | {count - right} | {held_} |\n"
    count, right, held_ = (sum(each[at] for each in bad.values()) for at in range(3))
    yield f"| **all** | **{count}** | **{right}** | **{count - right}** | **{held_}** |\n"
    count, right, held_ = kinds["genuine"]
    yield "\n| genuine quotes | cases | found in the right place | cases of the held text |\n|---|---:|---:|---:|\n"
    yield f"| **all** | **{count}** | **{right}** | **{held_}** |\n"
    yield "\nThe last column counts further quotes, of the text that is held elsewhere. The tests check them if that text\n"
    yield "is available (`KB_DOCUMENTS`).\n"
