"""The verdicts on quotes and facts are fixed for each version of the rules: recorded results depend on them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kb import pipeline, resources
from kb.document_parts import Sentence
from kb.model import KnowledgeBase, Predicate, Record, Term
from kb.problems import Place
from kb.records import resolve
from kb.schema.vocabulary import RULES
from kb.texts import normal_form
from kb.texts.indexed_text import IndexedText
from kb.texts.normalisation import normalise
from kb.texts.quotes import QuoteFinder
from kb.verification.claims import Judge

FROZEN: dict[str, Any] = json.loads((Path(__file__).parent / "verdicts.json").read_text(encoding="utf-8"))
CHANGED = (
    "A verdict changed. If on purpose, raise RULES in kb/schema/vocabulary.py and write version and results into verdicts.json."
)
SENTENCES: dict[str, str] = FROZEN["sentences"]


@pytest.fixture(scope="module")
def base() -> KnowledgeBase:
    """Make a knowledge base of the frozen sentences, terms and predicates."""
    example = pipeline.load(resources.example())
    positions, at = list[Sentence](), 0
    for name, words in SENTENCES.items():
        positions.append(Sentence(name, at, at + len(words), normal_form.digest(words)))
        at += len(words) + 1
    document = next(iter(example.documents.values()))._replace(id="leaflet", sentences=tuple(positions))
    terms = {name: Term(name, "concept", label, "") for name, label in FROZEN["terms"].items()}
    predicates = {name: Predicate(name, label, "", (), ()) for name, label in FROZEN["predicates"].items()}
    return example._replace(documents={"leaflet": document}, terms=terms, predicates=predicates, facts=(), cues=())


def test_the_frozen_verdicts_are_those_of_this_version() -> None:
    assert FROZEN["rules"] == RULES, CHANGED


@pytest.mark.parametrize("case", FROZEN["facts"], ids=lambda case: case["shows"])
def test_a_fact_keeps_its_verdict_while_the_version_stays(case: dict[str, Any], base: KnowledgeBase) -> None:
    fact = resolve.parse_fact(Record("fact", case["fact"], Place("frozen"), stem="leaflet"))
    judged = Judge(base._replace(cues=())).judge(fact, SENTENCES)
    findings = [[finding.kind, finding.part, finding.piece] for finding in judged.findings]
    result = {"checked": list(judged.checked), "skipped": list(judged.skipped), "findings": findings}
    assert result == case["result"], CHANGED


@pytest.mark.parametrize("case", FROZEN["quotes"], ids=lambda case: case["quote"])
def test_a_quote_keeps_its_verdict_while_the_version_stays(case: dict[str, str], base: KnowledgeBase) -> None:
    text = normal_form.parse("\n".join(SENTENCES.values()).encode("utf-8"), "text/plain", "frozen")
    finder = QuoteFinder({"leaflet": IndexedText(base.documents["leaflet"], text)})
    verdict = finder.find(case["quote"])
    assert [verdict.verdict, str(verdict.location or "")] == [case["verdict"], case["location"]], CHANGED


@pytest.mark.parametrize("case", FROZEN["normalised"], ids=lambda case: case["sha256"][:8])
def test_a_text_keeps_its_normalisation_while_the_version_stays(case: dict[str, str]) -> None:
    assert normal_form.digest(normalise(case["text"]).text) == case["sha256"], CHANGED
