"""Every rule has a page, and its examples do what the page says: run by the command, in the knowledge base of ``kb init``."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kb import cli, problems, resources
from kb.rules import rule_pages
from kb.rules.rule_pages import Example

EXAMPLES = [(page.code, kind) for page in rule_pages.pages() for kind in ("bad", "good") if page.bad]


def test_every_rule_has_a_page_and_every_page_a_rule() -> None:
    assert {path.stem for path in resources.rules().glob("*.yaml")} == set(problems.RULES)


def test_every_page_says_what_and_why_and_shows_both_examples_or_says_why_not() -> None:
    for page in rule_pages.pages():
        assert page.what.endswith(".")
        assert page.why.endswith(".")
        assert (page.bad is not None and page.good is not None) != bool(page.untested)


@pytest.mark.parametrize(("code", "kind"), EXAMPLES)
def test_a_bad_example_tells_its_code_alone_and_a_good_one_none(
    code: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    page = rule_pages.page(code)
    bad, example = kind == "bad", page.bad if kind == "bad" else page.good
    assert example
    folder = tmp_path / "kb"
    shutil.copytree(resources.starter(), folder)
    for name, content in example.files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    monkeypatch.chdir(folder)
    exit_code, said = _run(example, tmp_path, capfd)
    if code != "KB801":  # what it prints is about codes
        assert set(re.findall(r"\bKB\d{3}\b", said)) == ({code} if bad else set()), said
    assert exit_code == (page.exit if bad else 0), said


def _run(example: Example, place: Path, capfd: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Run the command of an example: in this process if it is kb alone, else by a shell."""
    if not re.search(r"[|&>$\n]", example.run):
        words = shlex.split(example.run)[1:]
        exit_code = cli.run([*words, "--shapes", "none"] if words[0] == "validate" else words)
        seen = capfd.readouterr()
        return exit_code, seen.out + seen.err
    paths = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": paths, "XDG_CACHE_HOME": str(place / "cache")}
    shell = ["/bin/sh", "-c", example.run]
    done = subprocess.run(shell, capture_output=True, text=True, env=environment, check=False, timeout=60)
    return done.returncode, done.stdout + done.stderr


def test_a_code_is_explained_and_all_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["explain", "kb301"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("KB301 unknown term (exit code 1)\n")
    assert "Bad:\n    # facts/leaflet.yaml\n" in told
    assert cli.run(["explain"]) == 0
    assert all(code in told for told in [capsys.readouterr().out] for code in problems.RULES)
    assert cli.run(["explain", "301", "-f", "json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["code"] == "KB301"


def test_an_unknown_code_is_met_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["explain", "KB3011"]) == 2
    assert "Did you mean KB3" in capsys.readouterr().err
    assert cli.run(["explain", "mapping"]) == 2
    assert "KB317 (duplicate mapping)" in capsys.readouterr().err
    assert cli.run(["explain", "itching"]) == 2
    assert "lists all codes" in capsys.readouterr().err
