"""Bad input through the command in a process of its own: what is printed where, and the exit code when several sorts meet."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]
Spoil = Callable[..., Path]

BROKEN_CONTENT = "- id: Rash\n"
UNREADABLE = "- !tag a\n"
LIMIT = "[" * 99


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"terms/a.yaml": BROKEN_CONTENT}, 1),
        ({"terms/a.yaml": UNREADABLE}, 3),
        ({"terms/a.yaml": LIMIT}, 4),
        ({"terms/a.yaml": BROKEN_CONTENT, "terms/b.yaml": UNREADABLE}, 3),
        ({"terms/a.yaml": BROKEN_CONTENT, "terms/b.yaml": LIMIT}, 4),
        ({"terms/a.yaml": BROKEN_CONTENT, "terms/b.yaml": UNREADABLE, "terms/c.yaml": LIMIT}, 3),
    ],
)
def test_the_gravest_kind_of_problem_sets_the_exit_code_and_all_are_reported(
    files: dict[str, str], code: int, spoil: Spoil, run_kb: Run
) -> None:
    done = run_kb("validate", "--shapes", "none", "--content", str(spoil(files)))
    assert done.returncode == code
    assert not done.stderr
    assert all(name in done.stdout for name in files)


@pytest.mark.parametrize("command", [["export", "-f", "nt"], ["query", "facts"], ["stats"], ["show", "itch"], ["coverage"]])
def test_commands_that_look_go_on_with_what_is_sound_and_exports_do_not(command: list[str], spoil: Spoil, run_kb: Run) -> None:
    done = run_kb(*command, "--content", str(spoil({"terms/a.yaml": BROKEN_CONTENT, "terms/b.yaml": UNREADABLE})))
    is_export = command[0] == "export"
    assert done.returncode == (3 if is_export else 1)
    assert bool(done.stdout) != is_export
    assert "KB106" in done.stderr
    assert "KB205" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_problem_is_one_line_with_place_code_message_and_remedy(spoil: Spoil, run_kb: Run) -> None:
    top = spoil({"terms/a.yaml": '- id: "a\\nb\\e[31m"\n  kind: drug\n  label: x\n  definition: y\n'})
    done = run_kb("validate", "--shapes", "none", "--content", str(top))
    message = [line for line in done.stdout.splitlines() if "terms/a.yaml" in line]
    assert [line.split(" ")[:2] for line in message] == [
        [f"{top}/terms/a.yaml:1:7:", "KB108"],
        [f"{top}/terms/a.yaml:1:7:", "KB205"],
    ]
    assert "cannot be 'a\\nb\\x1b[31m'" in message[1]
    assert "\x1b" not in done.stdout


def test_names_that_are_not_utf_8_are_printed_escaped(spoil: Spoil, run_kb: Run) -> None:
    top = spoil()
    Path(os.fsdecode(os.fsencode(top / "terms") + b"/\xff.yaml")).write_text(UNREADABLE, encoding="utf-8")
    text, data = (run_kb("validate", "--shapes", "none", "-f", form, "--content", str(top)) for form in ("text", "json"))
    assert text.returncode == data.returncode == 3
    assert "/\\udcff.yaml:1:3: KB106" in text.stdout
    assert json.loads(data.stdout)["problems"][0]["file"].endswith("/\udcff.yaml")


def test_a_thousand_bad_records_are_all_reported(spoil: Spoil, run_kb: Run) -> None:
    lines = "".join(f'{{"id": "rash-{number}", "kind": "symptom", "label": "rash {number}"}}\n' for number in range(1000))
    done = run_kb("validate", "--shapes", "none", "--content", str(spoil({"terms/more.jsonl": lines})), timeout=60)
    assert done.returncode == 1
    assert done.stdout.count("has no 'definition'") == 1000
