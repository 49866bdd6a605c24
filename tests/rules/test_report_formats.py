"""Reports of problems for other programs are valid, complete and escaped."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from kb import cli
from kb.problems import RULES, Place, Problem
from kb.rules import report_formats
from kb.rules.report_formats import Report

SCHEMA = Path(__file__).resolve().parents[1] / "curation/node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"
needs_schema = pytest.mark.skipif(not SCHEMA.is_file(), reason="the schema of SARIF is not there: run 'make npm'")

TEXTS = st.text(st.characters(), min_size=1, max_size=20)
PLACES = st.builds(Place, TEXTS.filter(lambda text: "\0" not in text), st.integers(0, 9), st.integers(0, 9))
PROBLEMS = st.lists(st.builds(Problem, PLACES, st.sampled_from(sorted(RULES)), TEXTS, TEXTS), max_size=4)
ODD = Problem(Place("a b/caf\udce9,:%.yaml", 3, 5), "KB301", "100% of\nlines: <&> \x07 \ud800", "Do,\rthat.")


def report(*problems: Problem) -> Report:
    return Report("kb validate", problems, int(bool(problems)), "Checked.")


def write(fmt: str, given_report: Report) -> str:
    return "".join(report_formats.FORMATS[fmt](given_report))


@pytest.fixture(scope="module")
def sarif_schema() -> Draft7Validator:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    assert "sarif" in schema["title"].lower()
    return Draft7Validator(schema, format_checker=Draft7Validator.FORMAT_CHECKER)


@needs_schema
@given(problems=PROBLEMS)
@example(problems=[Problem(Place("\udd00"), "KB101", "It is odd.", "Change it.")])
def test_every_log_of_sarif_is_valid_by_its_published_schema(problems: list[Problem], sarif_schema: Draft7Validator) -> None:
    log: dict[str, Any] = json.loads(write("sarif", report(*problems)))
    sarif_schema.validate(log)
    (run,) = log["runs"]
    assert [each["ruleId"] for each in run["results"]] == [problem.code for problem in problems]
    for each in run["results"]:
        assert run["tool"]["driver"]["rules"][each["ruleIndex"]]["id"] == each["ruleId"]


@needs_schema
def test_the_sarif_schema_rejects_an_invalid_log(sarif_schema: Draft7Validator) -> None:
    log: dict[str, Any] = json.loads(write("sarif", report(ODD)))
    log["runs"][0]["results"][0]["level"] = "bad"
    assert not sarif_schema.is_valid(log)


def test_sarif_carries_the_name_of_a_rule_and_its_former_codes() -> None:
    problems = [Problem(Place("<kb>"), code, "It is odd.", "Change it.") for code in ("KB301", "KB713")]
    log: dict[str, Any] = json.loads(write("sarif", report(*problems)))
    first, second = log["runs"][0]["tool"]["driver"]["rules"]
    assert (first["id"], first["name"]) == ("KB301", "unknown-term")
    assert "deprecatedIds" not in first
    assert (second["name"], second["deprecatedIds"]) == ("missing-library", ["KB783"])


def test_sarif_locations_have_uri_references_and_line_numbers() -> None:
    log: dict[str, Any] = json.loads(write("sarif", report(ODD, Problem(Place("<query>", 1), "KB602", "It is odd.", "Mend it."))))
    first, second = log["runs"][0]["results"]
    physical = first["locations"][0]["physicalLocation"]
    assert re.fullmatch(r"[A-Za-z0-9._~/%!$&'()*+,;=@-]+", physical["artifactLocation"]["uri"])
    assert unquote(physical["artifactLocation"]["uri"], errors="surrogateescape") == ODD.place.file
    assert physical["region"] == {"startLine": 3, "startColumn": 5}
    assert "locations" not in second


@pytest.mark.parametrize(
    ("file", "uri"),
    [("/elsewhere/a.yaml", "file:///elsewhere/a.yaml"), ("{cwd}/facts/a.yaml", "facts/a.yaml"), ("./a.yaml", "a.yaml")],
)
def test_files_below_the_working_directory_have_relative_paths(file: str, uri: str) -> None:
    place = Place(file.format(cwd=Path.cwd()), 1)
    log: dict[str, Any] = json.loads(write("sarif", report(Problem(place, "KB301", "It is odd.", "Mend it."))))
    assert log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


@given(problems=PROBLEMS)
def test_every_junit_report_is_xml_with_correct_counts(problems: list[Problem]) -> None:
    suites = ET.fromstring(write("junit", report(*problems)).encode("utf-8"))
    (suite,) = suites
    cases = suite.findall("testcase")
    assert int(suite.get("tests", "")) == len(cases) == max(1, len(problems))
    assert int(suite.get("failures", "")) == len(suite.findall("testcase/failure")) == len(problems)


def test_junit_contains_the_message_of_a_problem() -> None:
    failure = ET.fromstring(write("junit", report(ODD)).encode("utf-8")).find(".//failure")
    assert failure is not None
    assert "lines: <&> \\x07 \\ud800" in (failure.text or "")


@given(problems=PROBLEMS)
def test_every_problem_is_one_workflow_command(problems: list[Problem]) -> None:
    lines = re.split(r"[\r\n]+", write("github", report(*problems)).rstrip("\n"))
    assert len(lines) == len(problems) + 1
    for line, problem in zip(lines, problems, strict=False):
        level, _, rest = line.partition(" ")
        assert level == ("::error" if RULES[problem.code].exit else "::warning")  # a rule without an exit code warns
        properties, _, message = rest.partition("::")
        read = dict(each.split("=", 1) for each in properties.split(","))
        assert unescaped(read["title"]) == f"{problem.code} {RULES[problem.code].title}"
        assert unescaped(message) == f"{problem.message} {problem.remedy}"


def unescaped(text: str) -> str:
    for escape, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(escape, character)
    return text


def test_github_commands_have_file_line_and_column() -> None:
    line = write("github", report(ODD)).splitlines()[0]
    assert line.startswith(
        "::error file=a b/caf\udce9%2C%3A%25.yaml,line=3,col=5,title=KB301 unknown term::100%25 of%0Alines: <&>"
    )


@pytest.mark.parametrize("fmt", sorted(report_formats.FORMATS))
@pytest.mark.parametrize(("term", "code"), [("itch", 0), ("itsh", 1)])
def test_the_report_format_does_not_change_the_exit_code_of_validate(
    fmt: str, term: str, code: int, make_kb: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    fact = {"subject": "examplol", "predicate": "has-side-effect", "object": term, "modality": "can"}
    folder = make_kb(**{"facts/leaflet.yaml": [{**fact, "evidence": [{"sentence": "s1.1"}]}]})
    assert cli.run(["validate", "--shapes", "none", "--content", str(folder), "--format", fmt]) == code
    captured = capsys.readouterr()
    assert ("KB301" in captured.out) == bool(code)
    assert not captured.err


@pytest.mark.parametrize("fmt", sorted(report_formats.FORMATS))
def test_a_problem_that_stops_a_run_is_in_its_report(fmt: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["validate", "--content", "nowhere", "--format", fmt]) == 3
    captured = capsys.readouterr()
    assert "KB101" in captured.out
    assert not captured.err
