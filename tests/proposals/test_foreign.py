"""The excerpts of other people's records are held against their texts: every fault is found at its place, and nothing else."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kb.problems import RULES

Run = Callable[..., Any]
MAP = "excerpt: snippet\nreference: reference\nobject: [name]\nstance: supports\ndenied: [REFUTE]\nignored: [NO_EVIDENCE]\n"
GLOWS = ("amber", "violet", "silver", "copper", "golden", "cobalt", "ivory", "jade", "ruby", "pearl")
#: How the excerpt of a record is spoilt, and the code that says so.
FAULTS: dict[int, tuple[Callable[[str], str], str]] = {
    3: (lambda words: words.replace("before", "after"), "KB435"),  # drift
    7: (lambda words: words[:-4], "KB423"),  # a cut word
    11: (lambda words: words.replace("not ", ""), "KB431"),  # a dropped negation
    14: (lambda words: words.replace(" 4 ", " 5 "), "KB432"),  # a wrong number
    18: (lambda words: words.replace("a", "а"), "KB429"),  # noqa: RUF001 - a letter of another alphabet
    22: (lambda words: words.replace("glow", "glo\u200bw"), "KB108"),  # a hidden character
    25: (lambda words: " ".join([*words.split()[3:], *words.split()[:3]]), "KB433"),  # another order
    29: (lambda words: words.replace("patients", "[most] patients"), "KB430"),  # a bracket
    33: (lambda _: "Nothing of the kind was ever written by anybody here.", "KB436"),  # invented
    36: (lambda _: "glow", "KB422"),  # too short
}
OTHER_DOCUMENT, OTHER_CLAIM = 40, 44


def sentence(number: int) -> str:
    denial = "not " if number % 11 == 0 else ""
    return f"The {GLOWS[number % 10]} glow number {number} was {denial}seen in patients {number % 7} days before 4 meals."


@pytest.fixture
def records(tmp_path: Path) -> Path:
    """Fifty records of the shape of a knowledge base that models write, five a file, and ten texts."""
    (tmp_path / "texts").mkdir()
    for text in range(10):
        words = " ".join(sentence(number) for number in range(text * 5, text * 5 + 5))
        (tmp_path / "texts" / f"PMID_{text}.txt").write_text(f"Findings\n\n{words}\n", encoding="utf-8")
    (tmp_path / "map.yaml").write_text(MAP, encoding="utf-8")
    for number in range(50):
        words, reference, name = sentence(number), f"PMID:{number // 5}", f"{GLOWS[number % 10]} glow"
        if number in FAULTS:
            words = FAULTS[number][0](words)
        reference = "PMID:1" if number == OTHER_DOCUMENT else reference
        name = "night tingling" if number == OTHER_CLAIM else name
        stance = "REFUTE" if number % 11 == 0 and number not in FAULTS else "SUPPORT"
        evidence = {"reference": reference, "supports": stance, "snippet": words}
        value = {"name": f"Disease {number}", "phenotypes": [{"name": name, "evidence": [evidence]}]}
        (tmp_path / f"record-{number:02}.json").write_text(json.dumps(value, indent=1), encoding="utf-8")
    return tmp_path


def gate(records: Path, run_kb: Run, *more: str) -> Any:
    files = [str(path) for path in sorted(records.glob("record-*.json"))]
    return run_kb("gate", *files, "--map", str(records / "map.yaml"), *more)


def test_twelve_seeded_faults_are_found_at_their_places_and_none_else(records: Path, run_kb: Run) -> None:
    start = time.process_time()
    result = gate(records, run_kb, "--texts", str(records / "texts"), "-f", "json")
    assert time.process_time() - start < 5
    found = {int(problem["file"][-7:-5]): problem for problem in json.loads(result.stdout)}
    expected = {number: code for number, (_, code) in FAULTS.items()} | {OTHER_DOCUMENT: "KB427", OTHER_CLAIM: "KB437"}
    assert {number: problem["code"] for number, problem in found.items()} == expected | {22: found[22]["code"]}
    assert found[22]["code"] in {"KB428", "KB108"}
    for problem in found.values():
        line = Path(problem["file"]).read_text(encoding="utf-8").splitlines()[problem["line"] - 1]
        assert line[: problem["column"] - 1].endswith('"snippet": ')


@pytest.mark.parametrize(("fmt", "mark"), [("github", "::error file="), ("sarif", '"ruleId": "KB437"'), ("junit", "KB437")])
def test_problems_are_reported_for_machines(records: Path, run_kb: Run, fmt: str, mark: str) -> None:
    result = gate(records, run_kb, "--texts", str(records / "texts"), "-f", fmt)
    assert (result.returncode, mark in result.stdout) == (1, True)


def test_receipts_stand_for_the_texts(records: Path, run_kb: Run) -> None:
    receipts = records / "receipts.jsonl"
    gate(records, run_kb, "--texts", str(records / "texts"), "--receipts", str(receipts))
    assert len(receipts.read_text(encoding="utf-8").splitlines()) == 38
    for number in (*FAULTS, OTHER_DOCUMENT, OTHER_CLAIM):
        (records / f"record-{number:02}.json").unlink()
    assert gate(records, run_kb, "--receipts", str(receipts)).returncode == 0
    path = records / "record-01.json"
    path.write_text(path.read_text(encoding="utf-8").replace("violet", "purple"), encoding="utf-8")
    result = gate(records, run_kb, "--receipts", str(receipts))
    assert (result.returncode, result.stdout.count("KB445")) == (1, 1)


def test_a_linkml_schema_is_a_map_and_files_without_excerpts_fail(records: Path, run_kb: Run) -> None:
    slots = {"snippet": {"implements": ["linkml:excerpt"]}, "reference": {"implements": ["linkml:authoritative_reference"]}}
    (records / "map.yaml").write_text(json.dumps({"classes": {"Evidence": {"attributes": slots}}}), encoding="utf-8")
    result = gate(records, run_kb, "--texts", str(records / "texts"), "-f", "json")
    assert len(json.loads(result.stdout)) == 11  # the schema names no claims
    (records / "map.yaml").write_text("excerpt: other\n", encoding="utf-8")
    assert "KB445" in gate(records, run_kb, "--texts", str(records / "texts")).stderr
    assert "KB445" in RULES


def test_forty_thousand_quotes_take_seconds(tmp_path: Path, run_kb: Run) -> None:
    (tmp_path / "texts").mkdir()
    evidence = []
    for text in range(40):
        words = [sentence(text * 200 + number) for number in range(200)]
        (tmp_path / "texts" / f"pmid-{text}.txt").write_text(f"Findings\n\n{' '.join(words)}\n", encoding="utf-8")
        evidence += [{"reference": f"PMID:{text}", "snippet": one} for one in words * 5]
    (tmp_path / "map.yaml").write_text("excerpt: snippet\nreference: reference\n", encoding="utf-8")
    (tmp_path / "record-00.json").write_text(json.dumps({"evidence": evidence}), encoding="utf-8")
    start = time.process_time()
    result = gate(tmp_path, run_kb, "--texts", str(tmp_path / "texts"))
    assert result.stdout == "Checked 40000 excerpts: 0 refused.\n"
    assert time.process_time() - start < 10
