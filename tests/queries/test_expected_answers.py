"""Expected answers of a knowledge base's own questions: what is true passes, everything else is a problem at its query."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kb import cli, queries, resources
from kb.queries import expected_answers

Captured = pytest.CaptureFixture[str]
QUERY = """# title: Effects
# question: Which effects are named?
# columns: [drug, effect]
# parameters:
#   drug: {type: term, variable: drug_term, description: Only this drug.}
EXPECT
SELECT ?drug ?effect ?frequency {
  VALUES ?drug_term { UNDEF }
  ?fact rdf:predicate pred:has-side-effect ; rdf:subject ?drug_term ; rdf:object/skos:prefLabel ?effect .
  ?drug_term skos:prefLabel ?drug
  OPTIONAL { ?fact kb:frequency/skos:prefLabel ?frequency }
}
"""


@pytest.fixture
def top(tmp_path: Path) -> Path:
    shutil.copytree(resources.starter(), tmp_path / "kb")
    facts = tmp_path / "kb/facts/leaflet.yaml"
    more = "\n- {subject: examplol, predicate: has-side-effect, object: medicine, modality: can, evidence: [{sentence: s1.2}]}\n"
    facts.write_text(facts.read_text(encoding="utf-8") + more, encoding="utf-8")
    predicates = tmp_path / "kb/predicates.yaml"
    predicates.write_text(
        predicates.read_text(encoding="utf-8").replace(
            "object: [symptom, condition]\n  qualifiers: [frequency", "object: [symptom, drug]\n  qualifiers: [frequency"
        ),
        encoding="utf-8",
    )
    (tmp_path / "kb/queries").mkdir()
    return tmp_path / "kb"


def expect(top: Path, case: str) -> list[str]:
    lines = f"# expect:\n#   - {case}" if case else "#"
    (top / "queries/effects.rq").write_text(QUERY.replace("EXPECT", lines), encoding="utf-8")
    return [problem.message for problem in expected_answers.check_expected(queries.open_base(top))]


@pytest.mark.parametrize(
    "case",
    [
        "count: 2",
        "{empty: false, contains: [{effect: itching, frequency: rare}]}",
        "{contains: [{effect: medicine, frequency: null}]}",
        "{rows: [{effect: itching}, {effect: medicine}], count: 2}",
        "{rows: [{drug: examplol, effect: medicine}, {drug: examplol, effect: itching}]}",
        "{parameters: {drug: examplol}, count: 2}",
        "{parameters: {drug: medicine}, empty: true}",
        "{parameters: {drug: medicine}, rows: []}",
    ],
)
def test_an_answer_as_expected_is_no_problem(top: Path, case: str) -> None:
    assert expect(top, case) == []


@pytest.mark.parametrize(
    ("case", "messages"),
    [
        ("count: 3", ["The answer has 2 rows and not 3."]),
        ("empty: true", ["The answer has 2 rows."]),
        ("{parameters: {drug: medicine}, empty: false}", ["With drug=medicine, the answer is empty."]),
        ("contains: [{effect: itching, frequency: common}]", ["The answer lacks the row {effect: itching, frequency: common}."]),
        ("rows: [{effect: itching}]", ["The answer has 2 rows and not 1.", "The answer has the row {effect: medicine}."]),
        (
            "rows: [{effect: itching}, {effect: itching}]",
            ["The answer lacks the row {effect: itching}.", "The answer has the row {effect: medicine}."],
        ),
        ("contains: [{efect: itching}]", ["The answer has no column efect."]),
        ("{parameters: {drug: nothing}, count: 1}", ["There is no term 'nothing'."]),
        ("{parameters: {durg: examplol}, count: 1}", ["'effects' has no parameter 'durg'."]),
        ("", ["No query of this knowledge base has expected answers, so nothing was checked."]),
    ],
)
def test_another_answer_is_a_problem(top: Path, case: str, messages: list[str]) -> None:
    assert expect(top, case) == messages


def test_validate_answers_questions_if_asked_to(top: Path, capsys: Captured) -> None:
    expect(top, "{rows: [{effect: cough}, {effect: itching}]}")
    arguments = ["validate", "--content", str(top), "--shapes", "none"]
    facts = top / "facts/leaflet.yaml"
    facts.write_text(facts.read_text(encoding="utf-8").split("\n- {")[0], encoding="utf-8")
    assert cli.run(arguments) == 0
    capsys.readouterr()
    assert cli.run([*arguments, "--questions"]) == 1
    assert f"{top}/queries/effects.rq:1: KB617 The answer lacks the row {{effect: cough}}." in capsys.readouterr().out


@pytest.mark.parametrize("case", ["{}", "count: -1", "counts: 1", "{rows: [[itching]]}"])
def test_a_wrong_expectation_is_a_wrong_heading(top: Path, case: str, capsys: Captured) -> None:
    with pytest.raises(Exception, match="KB609"):
        expect(top, case)
    assert cli.run(["validate", "--content", str(top), "--shapes", "none"]) == 1
    assert "KB609" in capsys.readouterr().out
