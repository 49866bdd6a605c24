"""The dictionary of a knowledge base proposes most of the facts that its curators wrote, and few others."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kb import pipeline, resources
from kb.model import KnowledgeBase
from kb.proposals.gate import Gate, Verdict
from kb.proposals.lexicon import Dictionary
from kb.records import resolve
from kb.verification.cite import make_finder

Run = Callable[..., Any]


def propose(kb: KnowledgeBase, document: str, texts: list[str] | None = None) -> list[Verdict]:
    empty = kb._replace(facts=())
    return list(Dictionary(Gate(empty, make_finder(empty, texts or []))).propose(document))


def count_right(kb: KnowledgeBase, verdicts: list[Verdict]) -> int:
    """Count the proposals that are facts of the knowledge base, with the same modality."""
    known = {(fact.path, fact.qualifiers["modality"]) for fact in kb.facts}
    made = (resolve.parse_fact_value(verdict.fact, verdict.document) for verdict in verdicts)
    return sum((fact.path, fact.qualifiers["modality"]) in known for fact in made)


def test_most_facts_of_the_shipped_document_are_proposed_and_nine_of_ten_proposals_are_right() -> None:
    folder = os.environ.get("KB_DOCUMENTS")
    if not folder:
        pytest.skip("the text is held elsewhere: set KB_DOCUMENTS to the folder that holds clonazepam-overview.txt")
    kb = pipeline.load(resources.content())
    verdicts = propose(kb, "clonazepam-overview", [folder])
    assert count_right(kb, verdicts) >= 45
    assert count_right(kb, verdicts) / len(verdicts) >= 0.9


def test_the_example_is_proposed_and_every_proposal_is_ready_and_the_same_again() -> None:
    kb = pipeline.load(resources.example())
    verdicts = propose(kb, "zelorin-leaflet")
    assert count_right(kb, verdicts) >= 9
    assert {verdict.verdict for verdict in verdicts} == {"ready"}
    assert [verdict.fact for verdict in propose(kb, "zelorin-leaflet")] == [verdict.fact for verdict in verdicts]


def test_decided_sentences_are_left_alone(content: Path, run_kb: Run) -> None:
    before = run_kb("propose", "zelorin-leaflet", "--content", str(content)).stdout
    assert "zelorin can interact with moon tea" in before
    words = (
        "--document zelorin-leaflet --subject zelorin --predicate interacts-with --object moon-tea --modality can --evidence s6.1"
    )
    assert run_kb("fact", "add", "--content", str(content), *words.split()).returncode == 0
    assert "moon tea" not in run_kb("propose", "zelorin-leaflet", "--content", str(content), "--dry-run").stdout


def test_the_task_for_a_model_fences_the_text_and_holds_the_vocabulary(content: Path, run_kb: Run) -> None:
    text = content / "documents/zelorin-leaflet.txt"
    task = run_kb("propose", "zelorin-leaflet", "--prompt", "--content", str(content)).stdout
    data = task[task.index("<<<DATA") : task.index("DATA>>>")]
    assert "In rare cases, zelorin may cause a serious skin rash." in data
    assert data.count("\n") == sum(1 for _ in pipeline.load(content).documents["zelorin-leaflet"].sentences) + 1
    assert "- has-side-effect (has side effect)" in task
    assert not (content / "proposals").exists()
    assert text.exists()


def test_the_example_of_the_page_is_ready(content: Path, tmp_path: Path, run_kb: Run) -> None:
    page = (Path(__file__).parents[2] / "docs/proposals.md").read_text(encoding="utf-8")
    block = page.split("```json\n")[1].split("```")[0]
    (tmp_path / "answers.json").write_text(block, encoding="utf-8")
    result = run_kb("propose", str(tmp_path / "answers.json"), "--content", str(content))
    assert (result.returncode, "1 proposal: 1 ready. 1 new." in result.stdout) == (0, True)
