"""The excerpts of other people's records are held against their texts: every fault is found at its place, and nothing else."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kb.problems import RULES
from tests.conftest import allowance

Run = Callable[..., Any]
MAP = """
excerpt: snippet
reference: reference
subject: [name]
object: [name]
predicates: {phenotypes: leads to, prevented: prevents}
qualifiers: {modality: certainty}
stance: supports
denied: [REFUTE]
ignored: [NO_EVIDENCE]
"""
GLOWS = ("amber", "violet", "silver", "copper", "golden", "cobalt", "ivory", "jade", "ruby", "pearl")
#: How the excerpt of a record is spoilt, and the code that says so.
FAULTS: dict[int, tuple[Callable[[str], str], str]] = {
    3: (lambda words: words.replace("before", "after"), "KB435"),  # drift
    7: (lambda words: words[:-4], "KB423"),  # a cut word
    11: (lambda words: words.replace("not ", ""), "KB431"),  # a dropped negation
    14: (lambda words: words.replace(" 4 ", " 5 "), "KB432"),  # a wrong number
    18: (lambda words: words.replace("a", "а"), "KB429"),  # noqa: RUF001 - a letter of another alphabet
    22: (lambda words: words.replace("glow", "glo\u200bw"), "KB108"),  # a hidden character
    25: (lambda words: " ".join([*words[:-1].split()[5:], *words.split()[:5]]), "KB433"),  # another order
    29: (lambda words: words.replace("patients", "[most] patients"), "KB430"),  # a bracket
    33: (lambda _: "Nothing of the kind was ever written by anybody here.", "KB436"),  # invented
    36: (lambda _: "glow", "KB422"),  # too short
}
OTHER_DOCUMENT, OTHER_CLAIM, OTHER_NUMBER, OTHER_RELATION, DROPPED_HEDGE, SAME_HEDGE = 40, 43, 45, 46, 47, 48


def sentence(number: int) -> str:
    verb = "does not lead" if number % 11 == 0 else "may lead" if number in {DROPPED_HEDGE, SAME_HEDGE} else "leads"
    glow = f"the {GLOWS[number % 10]} glow {number % 7} days before 4 meals"
    return f"In patients, night fever number {number} {verb} to {glow}."


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
        relation = "prevented" if number == OTHER_RELATION else "phenotypes"
        certainty = {DROPPED_HEDGE: {"certainty": "is"}, SAME_HEDGE: {"certainty": "may"}}.get(number, {})
        subject = f"night fever number {number + (number == OTHER_NUMBER)}"
        value = {"name": subject, relation: [{"name": name, **certainty, "evidence": [evidence]}]}
        (tmp_path / f"record-{number:02}.json").write_text(json.dumps(value, indent=1), encoding="utf-8")
    return tmp_path


def gate(records: Path, run_kb: Run, *more: str) -> Any:
    files = [str(path) for path in sorted(records.glob("record-*.json"))]
    return run_kb("gate", *files, "--map", str(records / "map.yaml"), *more)


def test_fifteen_seeded_faults_are_found_at_their_places_and_none_else(records: Path, run_kb: Run) -> None:
    start = time.process_time()
    result = gate(records, run_kb, "--texts", str(records / "texts"), "-f", "json")
    assert time.process_time() - start < 5
    found = {int(problem["file"][-7:-5]): problem for problem in json.loads(result.stdout)}
    expected = {number: code for number, (_, code) in FAULTS.items()} | {OTHER_DOCUMENT: "KB427"}
    expected |= dict.fromkeys((OTHER_CLAIM, OTHER_NUMBER, OTHER_RELATION, DROPPED_HEDGE), "KB437")
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
    assert len(receipts.read_text(encoding="utf-8").splitlines()) == 35
    for number in (*FAULTS, OTHER_DOCUMENT, OTHER_CLAIM, OTHER_NUMBER, OTHER_RELATION, DROPPED_HEDGE):
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
    (records / "map.yaml").write_text("predicates: [leads to]\n", encoding="utf-8")
    assert "KB203" in gate(records, run_kb, "--texts", str(records / "texts")).stderr
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
    assert time.process_time() - start < 10 * allowance()


MECHANISMS = Path(__file__).parent / "mechanisms"
SCHEMA = {
    "slots": {
        "snippet": {"implements": ["linkml:excerpt"]},
        "reference": {"implements": ["linkml:authoritative_reference"]},
        "medicine": {"slot_uri": "rdf:subject"},
        "relation": {"relational_role": "PREDICATE"},
        "effect": {"implements": ["rdf:object"]},
    }
}
OWN_MAP = """
excerpt: snippet
reference: reference
subject: [name]
object: [name]
predicates: {side_effects: has side effect, indications: used-to-treat, interactions: interacts-with}
qualifiers: {frequency: how_often, modality: certainty}
stance: supports
denied: [REFUTE]
ignored: [NO_EVIDENCE]
"""


def test_records_with_excerpts_become_proposals_by_a_map(content: Path, tmp_path: Path, run_kb: Run) -> None:
    (tmp_path / "map.yaml").write_text(OWN_MAP, encoding="utf-8")
    options = ("--map", str(tmp_path / "map.yaml"), "--content", str(content), "-f", "json")
    results = [run_kb("propose", str(path), *options) for path in sorted(MECHANISMS.iterdir())]
    verdicts = [verdict for result in results for verdict in json.loads(result.stdout)]
    parts = ("predicate", "object", "modality", "polarity", "frequency")
    told = [
        ([one["fact"][key] for key in parts if key in one["fact"]], [flaw["code"] for flaw in one["problems"]])
        for one in verdicts
    ]
    assert told == [
        (["has-side-effect", "dry-mouth", "is"], ["KB437"]),
        ([], ["KB303"]),
        (["has-side-effect", "drowsiness", "is", "negated"], []),
        (["has-side-effect", "skin-rash", "may", "rare"], []),
        (["has-side-effect", "itching", "usually"], []),
        (["interacts-with", "moon-tea", "can"], []),
        (["used-to-treat", "glimmer-fever", "is"], []),
        ([], ["KB436"]),
    ]
    assert [result.returncode for result in results] == [1, 0, 0, 0, 1]
    assert results[3].stderr.count("gives no claim for it") == 1
    places = [(one["file"], one["line"]) for one in json.loads(results[0].stdout)[0]["problems"]]
    assert places == [(str(MECHANISMS / "sparkin.yaml"), 9)]


def test_a_linkml_schema_names_the_parts_of_claims(content: Path, tmp_path: Path, run_kb: Run) -> None:
    (tmp_path / "schema.json").write_text(json.dumps(SCHEMA), encoding="utf-8")
    claim = {"medicine": "zelorin", "relation": "has side effect", "effect": "skin rash"}
    evidence = [{"snippet": "In rare cases, zelorin may cause a serious skin rash.", "reference": "zelorin leaflet"}]
    (tmp_path / "a.json").write_text(json.dumps({**claim, "evidence": evidence}), encoding="utf-8")
    result = run_kb("propose", str(tmp_path / "a.json"), "--map", str(tmp_path / "schema.json"), "--content", str(content))
    assert (result.returncode, "zelorin has side effect skin rash (may)" in result.stdout) == (0, True)


def test_relations_without_known_words_are_told_and_not_compared(records: Path, run_kb: Run) -> None:
    path = records / "map.yaml"
    path.write_text(MAP.replace("phenotypes: leads to", "phenotypes: brings about by night"), encoding="utf-8")
    result = gate(records, run_kb, "--texts", str(records / "texts"), "-f", "json")
    assert "Not compared, since no words for them are known: brings about by night." in result.stderr
    assert len(json.loads(result.stdout)) == 15
