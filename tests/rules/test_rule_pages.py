"""Every rule has a name, a status and a page whose examples are run in the knowledge base of ``kb init``."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kb import cli, problems, resources
from kb.rules import rule_pages

EXAMPLES = [(page.code, kind) for page in rule_pages.load_pages() for kind in ("bad", "good") if page.bad]


def test_every_rule_has_a_page_and_every_page_a_rule() -> None:
    assert {path.stem for path in resources.rules().glob("*.yaml")} == set(problems.RULES)


def test_every_page_has_what_why_and_two_examples_or_a_reason() -> None:
    for page in rule_pages.load_pages():
        assert page.what.endswith(".")
        assert page.why.endswith(".")
        assert page.status in set(problems.Status)
        assert (page.bad is not None and page.good is not None) != bool(page.untested)


@pytest.fixture
def starter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The knowledge base of ``kb init``, as the current folder."""
    folder = tmp_path / "kb"
    shutil.copytree(resources.starter(), folder)
    (folder / "biolink.yaml").unlink()  # examples have predicates of their own
    monkeypatch.chdir(folder)
    return folder


Run = Callable[[str], int]


def check_example(code: str, kind: str, folder: Path, run: Run, captured: pytest.CaptureFixture[str]) -> None:
    page = rule_pages.load_page(code)
    bad, example = kind == "bad", page.bad if kind == "bad" else page.good
    assert example
    for name, content in example.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    exit_code = run(example.run)
    output = "".join(captured.readouterr())
    if code != "KB801":  # what it prints is about codes
        assert set(re.findall(r"\bKB\d{3}\b", output)) == ({code} if bad else set()), output
    assert exit_code == (page.exit if bad else 0), output


def run_in_shell(script: str) -> int:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    return subprocess.run(["/bin/sh", "-c", script], env=environment, check=False, timeout=60).returncode


def run_in_process(script: str) -> int:
    """Run the commands of a script one by one: kb in this process, the rest in a shell."""
    exit_code = 0
    for line in script.splitlines():
        for command in line.split(" && "):
            if command.startswith("kb ") and not re.search("[|>$]", command):
                words = shlex.split(command)[1:]
                exit_code = cli.run([*words, "--shapes", "none"] if words[0] == "validate" else words)
            else:
                exit_code = run_in_shell(command)
            if exit_code:
                break
    return exit_code


@pytest.mark.parametrize(("code", "kind"), EXAMPLES)
def test_a_bad_example_has_its_code_alone_and_a_good_one_none(
    code: str, kind: str, starter: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    check_example(code, kind, starter, run_in_process, capfd)


@pytest.mark.long("two hundred processes, and the SHACL shapes in each that validates")
@pytest.mark.parametrize(("code", "kind"), EXAMPLES)
def test_examples_do_the_same_in_a_shell(code: str, kind: str, starter: Path, capfd: pytest.CaptureFixture[str]) -> None:
    check_example(code, kind, starter, run_in_shell, capfd)


def test_a_code_is_explained_and_all_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["explain", "kb301"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("KB301 unknown-term (stable, exit code 1)\n\nA record refers to a term")
    assert "Bad:\n    # facts/leaflet.yaml\n" in text
    assert cli.run(["explain"]) == 0
    listed = capsys.readouterr().out
    assert all(code in listed and rule.name in listed for code, rule in problems.RULES.items())
    assert cli.run(["explain", "301", "-f", "json"]) == 0
    (page,) = json.loads(capsys.readouterr().out)
    assert (page["code"], page["name"], page["status"], page["redirects"]) == ("KB301", "unknown-term", "stable", [])


def test_every_rule_is_explained_by_its_name_as_by_its_code() -> None:
    for code, rule in problems.RULES.items():
        assert rule_pages.load_page(rule.name) == rule_pages.load_page(code)
    assert rule_pages.load_page("Unknown Term").code == rule_pages.load_page("unknown_term").code == "KB301"


def test_names_are_unique_and_in_kebab_case() -> None:
    names = [rule.name for rule in problems.RULES.values()]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) for name in names)
    assert not any(re.fullmatch(r"(kb)?\d+", name) for name in names)


def test_codes_ascend_and_every_gap_is_a_retired_code() -> None:
    assert list(problems.RULES) == sorted(problems.RULES)
    for rules in problems.SECTIONS.values():
        numbers = [int(code[2:]) for code in rules]
        gaps = set(range(numbers[0], numbers[-1])) - set(numbers)
        assert {f"KB{number}" for number in gaps} <= set(problems.RETIRED)


def test_retired_codes_are_never_assigned_again_and_redirects_resolve(capsys: pytest.CaptureFixture[str]) -> None:
    assert not set(problems.RETIRED) & set(problems.RULES)
    for code, retired in problems.RETIRED.items():
        assert retired.title
        assert retired.reason.endswith(".")
        if retired.successor:
            page = rule_pages.load_page(code)
            assert page.code == retired.successor
            assert code in page.redirects
            assert f"Formerly {code}." in list(rule_pages.page_lines(page))
        else:
            assert cli.run(["explain", code]) == 2
            assert f"{code} is retired: {retired.title}" in capsys.readouterr().err


# Codes that a version of kb has reported and that no longer stand in the catalogue: they must stay retired.
@pytest.mark.parametrize("code", ["KB447", "KB776", "KB783"])
def test_codes_that_were_once_reported_stay_retired(code: str) -> None:
    assert code in problems.RETIRED


@pytest.mark.parametrize(
    ("word", "suggestion"),
    [
        ("KB3011", "lists all rules"),
        ("unknwon-term", "KB301 (unknown-term)"),
        ("mapping", "KB317 (duplicate-mapping)"),
        ("itching", "lists all rules"),
    ],
)
def test_an_unknown_word_suggests_the_nearest_rules(word: str, suggestion: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["explain", word]) == 2
    assert suggestion in capsys.readouterr().err
