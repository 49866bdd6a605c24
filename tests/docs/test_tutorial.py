"""The tutorial, run from start to end as it stands on its page: files written, commands typed, answers read.

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

PAGE = Path(__file__).resolve().parents[2] / "docs" / "tutorial.md"
BLOCK = re.compile(r"```(text|yaml|console)\n(.*?)\n?```", re.DOTALL)


@pytest.mark.long("some twenty commands, each in a shell")
@pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")
def test_the_tutorial_does_what_its_page_says(tmp_path: Path) -> None:
    page = PAGE.read_text(encoding="utf-8")
    played = BLOCK.sub(lambda block: f"```{block[1]}\n{_play(block[1], block[2], tmp_path)}\n```", page)
    if "KB_WRITE_TUTORIAL" in os.environ:
        PAGE.write_text(played, encoding="utf-8")
    assert played == page
    published = {path.name for path in (tmp_path / "leaflets-0.1.0").iterdir()}
    assert {"README.md", "SHA256SUMS", "rdf"} <= published
    graph = (tmp_path / "leaflets-0.1.0/rdf/leaflets.nt").read_text(encoding="utf-8")
    assert "/fact/brimolane/brimolane/has-withdrawal-symptom/headache/trigger/sudden-stop>" in graph
    assert (tmp_path / "coverage.html").is_file()


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
