"""Text from elsewhere cannot obey, hide or imitate anything on a terminal, and a small file cannot fill it."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import kb
from kb.escaping import escape_unseen
from kb.problems import MOST_OF_FILE, MOST_OF_RUN, KbError, Place, Problem, collect, describe_size

GOOD = Path(__file__).parent / "good"
Run = Callable[..., subprocess.CompletedProcess[str]]
Spoil = Callable[..., Path]

HOSTILE = "a\x1b[2Jb\nkb: c\rd\u202ee\u2066f\u200bg\x9bh\udc80i"


def hidden(text: str) -> set[str]:
    return {char for char in text if char != "\n" and escape_unseen(char) != char}


SIZES = [
    (0, "0 bytes"),
    (1, "1 bytes"),
    (999, "999 bytes"),
    (1_000, "0.977 kB"),
    (2_600_000, "2.48 MB"),
    (1 << 30, "1 GB"),
    (1 << 62, "4.19e+06 TB"),
]


@pytest.mark.parametrize(("size", "text"), SIZES)
def test_a_size_is_shown_in_a_unit_that_fits(size: int, text: str) -> None:
    assert describe_size(size) == text


def test_messages_show_sizes_by_the_one_function() -> None:
    """A shift by hand shows half a megabyte as 0 MB."""
    sources = [path.read_text(encoding="utf-8") for path in Path(kb.__path__[0]).rglob("*.py")]
    assert not [
        line for source in sources for line in source.splitlines() if re.search(r"\{[^{}]*(?:>>|/ *1e|// *10)[^{}]*\}", line)
    ]


@pytest.mark.parametrize("field", ["place", "message", "remedy"])
def test_a_problem_is_one_visible_line_whatever_its_parts_contain(field: str) -> None:
    problem = Problem(Place("f", 1, 1), "KB104", "It is wrong.", "Correct it.")
    changes: dict[str, Any] = {field: Place(HOSTILE) if field == "place" else HOSTILE}
    changed = problem._replace(**changes)
    assert str(changed).isprintable()
    assert r"\x1b[2Jb\nkb: c\rd\u202ee\u2066f\u200bg\x9bh\udc80i" in str(changed)


def test_joiners_and_spaces_of_scripts_stay_as_they_are() -> None:
    text = "می‌خواهم 日本　語"
    assert escape_unseen(text) == text


def test_a_table_of_answers_shows_what_a_cell_hides(run_kb: Run) -> None:
    done = run_kb("query", "-e", r'SELECT ("a\u001B[31m\nb\u202E" AS ?x) {}')
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == r"a\x1b[31m\nb\u202e"


@pytest.mark.parametrize("command", [["validate"], ["export", "-f", "nt"], ["format", "--check"]])
def test_the_name_of_a_file_cannot_imitate_a_line(command: list[str], spoil: Spoil, run_kb: Run) -> None:
    top = spoil({"terms/x\x1b[31m\nkb: all is well.yaml": "- ]"})
    done = run_kb(*command, "--content", str(top))
    assert done.returncode == 3
    assert hidden(done.stdout + done.stderr) == set()
    assert not any(line.startswith("kb: all") for line in (done.stdout + done.stderr).splitlines())


def test_wrong_use_is_reported_in_visible_characters(run_kb: Run) -> None:
    done = run_kb("export", "-f", "\x1b[31m\u202e", "no\x1bsuch")
    assert done.returncode == 2
    assert hidden(done.stderr) == set()


def test_problems_of_a_small_file_are_bounded_and_the_others_counted(spoil: Spoil, run_kb: Run) -> None:
    top = spoil({"terms/many.json": f"[{','.join(['{}'] * 20_000)}]", "terms/other.json": '[{"id": "A"}]'})
    done = run_kb("validate", "--shapes", "none", "--format", "json", "--content", str(top))
    problems = json.loads(done.stdout)["problems"]
    counts = [problem["message"] for problem in problems if problem["code"] == "KB115"]
    assert counts == ["19,750 more records with problems are not shown."]
    assert len(problems) < MOST_OF_FILE + 10
    assert any(problem["file"].endswith("other.json") for problem in problems)


def test_problems_are_bounded_in_total_and_each_rule_is_shown() -> None:
    problems = [Problem(Place(f"{number // 900}", number), "KB201", "It has no id.", "Add it.") for number in range(50_000)]
    problems += [Problem(Place("55", 1), "KB104", "It cannot be read.", "Correct it.")]
    error = KbError(problems)
    assert len(error.problems) <= MOST_OF_RUN + 20
    assert error.exit_code == 3
    counts = [int(problem.message.split()[0].replace(",", "")) for problem in error.problems if problem.code == "KB115"]
    assert sum(counts) + len(error.problems) - len(counts) == len(problems)
    assert collect(error.problems) == error.problems


@pytest.mark.parametrize("iri", ["javascript:alert(1)//", "JAVASCRIPT:x", "file:///etc/", "data:text/html,x", "vbscript:x"])
@pytest.mark.parametrize("key", ["prefixes", "homepage", "license", "download", "endpoint"])
def test_an_iri_that_could_run_or_read_something_is_refused(
    key: str, iri: str, spoil: Spoil, validate: Callable[[Path], Any]
) -> None:
    lines = (GOOD / "kb.yaml").read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith(f"{key}:")]
    added = [f"prefixes: {{js: '{iri}'}}"] if key == "prefixes" else [f"{key}: '{iri}'"]
    kept = [line for line in kept if key != "prefixes" or not line.startswith(" ")]
    verdict = validate(spoil({"kb.yaml": "\n".join([*kept, *added]) + "\n", "mappings/hp.sssom.tsv": None}))
    assert any("KB502" in message and "its scheme" in message for message in verdict.messages), verdict.messages
