"""A base of 40 facts on a leaflet, a label and an article, as a curator writes them, and wrong facts tried on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb import pipeline
from kb.verification import verify
from tools import claims

CURATED = Path(__file__).with_name("curated")
WRONG = CURATED.with_name("curated-wrong.json")


def test_forty_true_facts_pass_with_at_most_five_declared_wordings() -> None:
    base = pipeline.load(CURATED)
    run = verify.verify(CURATED)
    assert {fact.document for fact in base.facts} == set(base.documents)
    assert sum(len(piece.wordings) for fact in base.facts for piece in fact.evidence) <= 5
    assert list(run.problems) == []
    assert (run.counts["facts"], {one.verdict for one in run.judgements.values()}) == (verify.Count(40, 0, 0), {"passed"})


@pytest.mark.parametrize("path", sorted(CURATED.with_name("tried").glob("*.yaml")), ids=lambda path: path.stem)
def test_wrong_facts_tried_later_are_flagged_and_true_ones_are_not(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    figures = claims.measure_file(path, CURATED, (), show=True)
    assert capsys.readouterr().out == ""
    assert (figures.total(is_true=False)[0] > 25, figures.total(is_true=True)[1]) == (True, 0)


def test_no_wrong_fact_passes(capsys: pytest.CaptureFixture[str]) -> None:
    figures = claims.measure(*claims.read_cases(WRONG, CURATED, ()), show=True)
    assert capsys.readouterr().out == ""
    assert figures.total(is_true=False)[0] > 130
