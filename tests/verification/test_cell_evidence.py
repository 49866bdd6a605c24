"""Evidence that points at a cell is read with the headers of that cell, and without its neighbours."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from kb import pipeline
from kb.curation import document_records, init
from kb.curation.document_records import DocumentDetails
from kb.verification import verify

PAGE = """<table><caption>Side effects of Examplol and of placebo</caption>
<tr><th>Effect<th>Examplol<th>placebo
<tr><td>itching<td>can occur<td>did not occur</table>"""


@pytest.fixture
def base(tmp_path: Path) -> Path:
    folder = tmp_path / "kb"
    init.create(folder)
    (folder / "facts" / "leaflet.yaml").unlink()
    (tmp_path / "page.html").write_text(PAGE, encoding="utf-8")
    document_records.add_document(folder, tmp_path / "page.html", DocumentDetails(id="page", licence="CC0-1.0"))
    return folder


def verify_evidence(base: Path, words: str) -> set[str]:
    rows = document_records.read_sentences(pipeline.load(base), "page")
    (row,) = [one for one in rows if "did not" in one.words and "[" not in one.id]
    at = row.start + row.words.index(words) if words else row.start
    span = f", start: {at}, end: {at + len(words)}" if words else ""
    (base / "facts" / "page.yaml").write_text(
        "- {subject: examplol, predicate: has-side-effect, object: itching, modality: can,"
        f" evidence: [{{sentence: {row.id}{span}}}]}}\n",
        encoding="utf-8",
    )
    return {problem.code for problem in verify.verify(base).problems if problem.code != "KB403"}


def test_a_cell_is_read_without_its_neighbours(base: Path) -> None:
    assert verify_evidence(base, "can occur") == set()
    assert verify_evidence(base, "did not occur") >= {"KB443"}
    assert verify_evidence(base, "") == {"KB443"}


Run = Callable[..., subprocess.CompletedProcess[str]]


def test_a_cell_is_named_where_it_is_cited(base: Path, run_kb: Run) -> None:
    rows = {one.id: one for one in document_records.read_sentences(pipeline.load(base), "page")}
    name = next(name for name, one in rows.items() if one.words == "can occur")
    row = name.partition("[")[0]
    for arguments in ([name], ["can occur", "--sentence", name], ["can occur", "--sentence", name, "--document", "page"]):
        done = run_kb("cite", *arguments, "--content", str(base))
        assert done.stdout == f"# page\n- sentence: {row}\n  start: {rows[name].start}\n  end: {rows[name].end}\n"
    for words in ("did not occur", "occur", "itching"):
        done = run_kb("cite", words, "--sentence", name, "--content", str(base))
        assert (done.returncode, done.stdout, "KB422" in done.stderr) == (1, "", True)


def test_a_cell_is_named_as_evidence(base: Path, run_kb: Run) -> None:
    rows = {one.words: one for one in document_records.read_sentences(pipeline.load(base), "page") if "[" in one.id}
    add = ("fact", "add", "--content", str(base), "--document", "page", "--subject", "examplol", "--object", "itching")
    said = ("--predicate", "has-side-effect", "--modality", "can", "--evidence")
    done = run_kb(*add, *said, "s1.9[9]")
    assert (done.returncode, "KB304" in done.stderr) == (1, True)
    done = run_kb(*add, *said, rows["can occur"].id)
    assert (done.returncode, done.stderr.count("KB")) == (0, 0)
    (fact,) = [one for one in pipeline.load(base).facts if one.document == "page"]
    (piece,) = fact.evidence
    assert (piece.start, piece.end) == (rows["can occur"].start, rows["can occur"].end)
    assert verify.verify(base).counts["facts"].failed == 0


def test_cells_are_shown_with_their_headers(base: Path) -> None:
    cells = {one.words: one.headers for one in document_records.read_sentences(pipeline.load(base), "page") if one.headers}
    assert cells == {"itching": ("Effect",), "can occur": ("Examplol", "itching"), "did not occur": ("placebo", "itching")}
