"""What is compared does the same work: the peers write the statements that we write, and pages say what was measured."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


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
    import pyoxigraph

    lines = (content / "facts" / "all.jsonl").read_text("utf-8").splitlines(keepends=True)
    few = tmp_path / "few.jsonl"
    few.write_text("".join(lines[:300]), encoding="utf-8")
    python("-m", "benchmarks.peers.bare", str(few), str(tmp_path / "bare.nq"))
    python("-m", "benchmarks.peers.rdflib_graph", str(few), str(tmp_path / "rdflib.nt"))
    ours, theirs = ({quad.triple for quad in pyoxigraph.parse(path=str(tmp_path / name))} for name in ("bare.nq", "rdflib.nt"))
    assert ours == theirs


def test_the_page_and_its_pictures_say_what_the_results_say(tmp_path: Path) -> None:
    code = (
        "import json, sys; from pathlib import Path; from benchmarks import page;"
        "page.write(json.loads(Path('benchmarks/results.json').read_text('utf-8')), Path(sys.argv[1]))"
    )
    python("-c", code, str(tmp_path))
    made = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())
    assert [str(each) for each in made] == ["performance.md", "pictures/memory.svg", "pictures/rate.svg", "pictures/ratios.svg"]
    for each in made:
        assert (DOCS / each).read_text("utf-8") == (tmp_path / each).read_text("utf-8"), (
            f"{each} is stale: run 'python -m benchmarks.bench --only page'"
        )


def test_every_goal_stands_on_the_page_with_its_verdict() -> None:
    results = json.loads((ROOT / "benchmarks" / "results.json").read_text("utf-8"))
    code = "import json, sys; from benchmarks import goals; print(json.dumps(list(goals.goals(json.load(sys.stdin)))))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, input=json.dumps(results), capture_output=True, text=True, check=True
    )
    page = (DOCS / "performance.md").read_text("utf-8")
    found = json.loads(done.stdout)
    assert len(found) >= 12
    assert all(f"| {what} | {goal} |" in page for what, goal, *_ in found)
