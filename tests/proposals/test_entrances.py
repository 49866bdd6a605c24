"""The quotes of the integrity tests go through every entrance: no adversarial one comes in, every genuine one in its place."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kb import resources
from kb.model import Cue, KnowledgeBase, Predicate, Term
from kb.problems import Place, Problem
from kb.proposals import store
from kb.proposals.foreign import Excerpt, ExcerptGate
from kb.proposals.gate import Gate, Verdict
from kb.texts.quotes import REASONS
from tools import integrity

CASES = dict(enumerate(integrity.cases(), 1))
CLAIMS = {
    claim.pop("case"): claim
    for line in (Path(__file__).parent / "genuine.jsonl").read_text(encoding="utf-8").splitlines()
    for claim in [json.loads(line)]
}
BAD = {number: case for number, case in CASES.items() if case["expect"] != "found" and "pieces" not in case}
PREDICATE = Predicate("speaks-of", "speaks of", "It names both.", ("concept",), ("concept",), ("condition",))
Case = dict[str, Any]


def as_file(case: Case, parts: Case) -> str:
    quote = {"words": case["quote"], **({"sentence": case["sentence"]} if "sentence" in case else {})}
    return json.dumps({**parts, "quote": [quote] if "sentence" in case else case["quote"]})


def as_langextract(case: Case, parts: Case) -> str:
    start = case["spot"][2] if "sentence" in case and "spot" in case else None
    interval = {"start_pos": start, "end_pos": (start or 0) + len(case["quote"])}
    extraction = {"extraction_class": parts["predicate"], "extraction_text": case["quote"], "char_interval": interval}
    return json.dumps({"document_id": parts.get("document"), "extractions": [{**extraction, "attributes": parts}]})


def as_annotation(case: Case, parts: Case) -> str:
    selectors: list[Case] = [{"type": "TextQuoteSelector", "exact": case["quote"]}]
    if "sentence" in case and "spot" in case:
        selectors.append({"type": "TextPositionSelector", "start": case["spot"][2]})
    return json.dumps({"type": "Annotation", "body": [parts], "target": {"selector": selectors}})


ENTRANCES: list[Callable[[Case, Case], str]] = [as_file, as_langextract, as_annotation]


@pytest.fixture(scope="module")
def base() -> KnowledgeBase:
    return make_open_base()


def make_open_base() -> KnowledgeBase:
    """Return the knowledge base of the integrity tests without facts and exemptions."""
    made = integrity.base()
    documents = {
        name: document._replace(sentences=tuple(one._replace(exempt=None) for one in document.sentences))
        for name, document in made.documents.items()
    }
    return made._replace(documents=documents, facts=())


def check(base: KnowledgeBase, tmp_path: Path, text: str) -> list[Verdict]:
    path, problems = tmp_path / "answers.jsonl", list[Problem]()
    path.write_text(f"{text}\n", encoding="utf-8")
    gate = Gate(base, integrity.finder(base))
    return [gate.check(record) for record in store.read_file(path, "proposal", problems, {"proposer": "model:example"})]


def make_base(base: KnowledgeBase, claim: Case) -> KnowledgeBase:
    terms = {part: Term(part, "concept", claim[part], part) for part in ("subject", "object")}
    terms["c"] = Term("c", "situation", "stop taking zelorin suddenly", "c")
    cues = tuple(Cue("predicate", PREDICATE.id, language, (claim["cue"],)) for language in ("en", "de"))
    return base._replace(terms=terms, predicates={PREDICATE.id: PREDICATE}, cues=cues)


@pytest.mark.parametrize("number", CLAIMS)
def test_every_genuine_quote_comes_in_as_the_same_fact_through_every_entrance(
    number: int, base: KnowledgeBase, tmp_path: Path
) -> None:
    case, claim = CASES[number], CLAIMS[number]
    kb, more = make_base(base, claim), {key: claim[key] for key in ("polarity", "condition") if key in claim}
    parts = {"document": case["spot"][0], "subject": "subject", "predicate": "speaks-of", "object": "object", **more}
    verdicts = [verdict for entrance in ENTRANCES for verdict in check(kb, tmp_path, entrance(case, parts))]
    assert [verdict.verdict for verdict in verdicts] == ["ready"] * len(ENTRANCES)
    assert {(at.document, at.sentence, at.start, at.end) for one in verdicts for at in one.locations} == {tuple(case["spot"])}
    assert len({json.dumps(verdict.fact) for verdict in verdicts}) == 1


@pytest.mark.parametrize("number", BAD)
def test_no_adversarial_quote_comes_in_through_any_entrance(number: int, base: KnowledgeBase, tmp_path: Path) -> None:
    case = BAD[number]
    claim = {"subject": "zelorin", "predicate": "has-side-effect", "object": "itching"} | {
        key: case[key] for key in ("document", "subject", "object", "modality") if key in case
    }
    for entrance in ENTRANCES:
        verdicts = check(base, tmp_path, entrance(case, claim))
        assert not [verdict for verdict in verdicts if verdict.is_acceptable]
        if entrance is as_file and verdicts and "document" not in case and case["expect"] != "other-claim":
            assert verdicts[0].problems[0].code == REASONS[case["expect"]]


def test_the_gate_for_files_lets_in_the_genuine_quotes_only(tmp_path: Path) -> None:
    for path in (*integrity.HERE.iterdir(), resources.example() / "documents/zelorin-leaflet.txt"):
        if path.suffix in {".txt", ".html"}:
            (tmp_path / path.name).write_bytes(path.read_bytes())
    place = Place("records.yaml", 1)
    good = [
        Excerpt(CASES[number]["quote"], CASES[number]["spot"][0], place, CASES[number].get("sentence", "")) for number in CLAIMS
    ]
    bad = [
        Excerpt(case["quote"], case.get("document", name), place, case.get("sentence", ""))
        for case in BAD.values()
        if case["expect"] != "other-claim"
        for name in ("zelorin-leaflet", "study", "brochure")
    ]
    gate = ExcerptGate(tmp_path)
    run = gate.check(good)
    spots = {(receipt["reference"], receipt["sentence"], receipt["start"], receipt["end"]) for receipt in run.receipts}
    assert (len(good), spots) == (48, {tuple(CASES[number]["spot"]) for number in CLAIMS})
    assert gate.check(bad).receipts == []
