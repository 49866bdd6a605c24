"""What is compared does the same work: the peers write the statements that we write, and pages say what was measured."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def python(*arguments: str) -> str:
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=True, timeout=120)
    return done.stdout


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("peers") / "kb"
    python("-m", "benchmarks.generate", str(folder), "2000")
    return folder


def test_bare_formatting_and_the_libraries_write_the_statements_of_our_step(content: Path, tmp_path: Path) -> None:
    facts = str(content / "facts" / "all.jsonl")
    written = {}
    for name, source in (("unchecked", str(content)), ("peers.bare", facts), ("peers.oxigraph_objects", facts)):
        python("-m", f"benchmarks.{name}", source, str(tmp_path / name))
        written[name] = set((tmp_path / name).read_text("utf-8").splitlines())
    assert len(written["unchecked"]) > 30_000
    assert written["unchecked"] == written["peers.bare"] == written["peers.oxigraph_objects"]


def test_rdflib_by_hand_makes_the_same_triples(content: Path, tmp_path: Path) -> None:
    import pyoxigraph  # noqa: PLC0415 - slow to import, and only for this

    lines = (content / "facts" / "all.jsonl").read_text("utf-8").splitlines(keepends=True)
    few = tmp_path / "few.jsonl"
    few.write_text("".join(lines[:300]), encoding="utf-8")
    python("-m", "benchmarks.peers.bare", str(few), str(tmp_path / "bare.nq"))
    python("-m", "benchmarks.peers.rdflib_graph", str(few), str(tmp_path / "rdflib.nt"))
    ours, theirs = ({quad.triple for quad in pyoxigraph.parse(path=str(tmp_path / name))} for name in ("bare.nq", "rdflib.nt"))
    assert ours == theirs
