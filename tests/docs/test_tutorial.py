"""The tutorial and the page about teams, run as they stand on their pages: files written, commands typed, answers read.

``KB_WRITE_TUTORIAL=1 pytest -m '' tests/docs/test_tutorial.py`` writes the answers into the page anew.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
BLOCK = re.compile(r"```(text|yaml|console)\n(.*?)\n?```", re.DOTALL)


@pytest.mark.long("some twenty commands, each in a shell")
@pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")
def test_the_tutorial_does_what_its_page_says(tmp_path: Path) -> None:
    _play_page("tutorial.md", tmp_path)
    published = {path.name for path in (tmp_path / "leaflets-0.1.0").iterdir()}
    assert {"README.md", "SHA256SUMS", "data"} <= published
    graph = (tmp_path / "leaflets-0.1.0/data/leaflets.ttl").read_text(encoding="utf-8")
    assert "fact/brimolane/brimolane/has-withdrawal-symptom/headache/trigger/sudden-stop>" in graph
    assert (tmp_path / "coverage.html").is_file()


@pytest.mark.long("some ten commands, each in a shell")
@pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")
def test_the_page_about_teams_does_what_it_says(tmp_path: Path) -> None:
    _play_page("teams.md", tmp_path)


def _play_page(name: str, place: Path) -> None:
    """Do what a page says, and compare its answers."""
    page = (DOCS / name).read_text(encoding="utf-8")
    played = BLOCK.sub(lambda block: f"```{block[1]}\n{_play(block[1], block[2], place)}\n```", page)
    if "KB_WRITE_TUTORIAL" in os.environ:
        page = played
        (DOCS / name).write_text(played, encoding="utf-8")
    assert played == page


def _play(sort: str, body: str, place: Path) -> str:
    """Write the file that a block shows, or type its commands and give them with what they answer."""
    if sort != "console":
        name, _, content = body.partition("\n")
        path = place / name.removeprefix("# ")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{content}\n", encoding="utf-8")
        return body
    commands = [line for line in body.splitlines() if line.startswith("$ ")]
    return "\n".join(line for command in commands for line in (command, *_type(command[2:], place)))


def _type(command: str, place: Path) -> list[str]:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "XDG_CACHE_HOME": str(place / "cache"),
        "GIT_CONFIG_GLOBAL": os.devnull,
        **{f"GIT_{role}_{what}": "ana@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    }
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=place,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}"
    return done.stdout.splitlines()
