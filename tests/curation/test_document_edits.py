"""Sentences are corrected without counting code points, and documents are removed and renamed with all that belongs to them."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from kb import pipeline, resources
from kb.curation import document_edits, document_records
from kb.problems import KbError

Run = Callable[..., subprocess.CompletedProcess[str]]
NAME = "zelorin-leaflet"
OTHER = """id: foglio
title: Foglio
language: it
rights: Ours.
text: held-elsewhere
sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
bytes: 12
characters: 12
sentences:
  - {id: s1.1, start: 0, end: 12, sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855}
"""


@pytest.fixture
def base(tmp_path: Path) -> Path:
    shutil.copytree(resources.example(), tmp_path / "kb")
    return tmp_path / "kb"


def show(base: Path, name: str = NAME) -> dict[str, str]:
    return {row.id: row.words for row in document_records.read_sentences(pipeline.load(base), name)}


def codes(base: Path) -> set[str]:
    return {problem.code for problem in pipeline.check(base).problems}


def contents(base: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in base.rglob("*") if path.is_file()}


def test_sentences_are_merged_and_split_before_their_words_again_with_the_facts_that_each_states(base: Path) -> None:
    before, words = contents(base), show(base)
    document_edits.merge(base, NAME, ["s3.1-s3.2"])
    assert {piece.sentence for fact in pipeline.load(base).facts for piece in fact.evidence} & {"s3.1", "s3.2"} == {"s3.1"}
    assert show(base)["s3.1"] == f"{words['s3.1']} {words['s3.2']}"
    document_edits.split(base, NAME, "s3.1", "Sparkin is")
    assert contents(base) == before


def test_evidence_follows_the_words_that_it_points_at(base: Path) -> None:
    document_edits.merge(base, NAME, ["s3.1-s3.2"])
    facts = base / "facts" / f"{NAME}.yaml"
    row = next(one for one in document_records.read_sentences(pipeline.load(base), NAME) if one.id == "s3.1")
    span = f"- sentence: s3.1\n      start: {row.start + row.words.index('Sparkin is')}\n      end: {row.end - 1}"
    above, role, below = facts.read_text(encoding="utf-8").partition("predicate: has-role")
    facts.write_text(above + role + below.replace("- sentence: s3.1", span, 1), encoding="utf-8")
    document_edits.split(base, NAME, "s3.1", "Sparkin is")
    (piece,) = (piece for fact in pipeline.load(base).facts for piece in fact.evidence if piece.start)
    assert (piece.sentence, piece.start) == ("s3.2", row.start + row.words.index("Sparkin is"))


@pytest.mark.parametrize("suffix", [".json", ".jsonl"])
def test_evidence_in_files_that_programs_write_follows_too(suffix: str, base: Path) -> None:
    facts = base / "facts" / f"{NAME}.yaml"
    values = [fact.record.value for fact in pipeline.load(base).facts if fact.record]
    lines = ",\n".join(map(json.dumps, values))
    facts.with_suffix(suffix).write_text(
        f"[{lines}]\n" if suffix == ".json" else lines.replace(",\n", "\n") + "\n", encoding="utf-8"
    )
    facts.unlink()
    before = contents(base)
    document_edits.merge(base, NAME, ["s3.1-s3.2"])
    document_edits.split(base, NAME, "s3.1", "Sparkin is")
    assert contents(base) == before


def test_an_exemption_by_a_merged_sentence_names_what_it_became(base: Path) -> None:
    document_edits.exempt(base, NAME, ["s7.1"], {"reason": "restates", "by": ["s3.2"]})
    document_edits.merge(base, NAME, ["s3.1-s3.2"])
    assert ("s3.1",) in {one.exempt.by for one in pipeline.load(base).documents[NAME].sentences if one.exempt}


def test_a_range_of_sentences_is_exempted_with_a_reason_and_back(base: Path) -> None:
    (base / "facts" / f"{NAME}.yaml").write_text("[]\n", encoding="utf-8")
    record = base / "documents" / f"{NAME}.yaml"
    first = record.read_bytes()
    document_edits.exempt(base, NAME, ["s4.1-s4.3", "s6.1"], {"reason": "too-vague", "note": "Who?"})
    document = pipeline.load(base).documents[NAME]
    assert {one.id for one in document.sentences if one.exempt and one.exempt.note == "Who?"} == {
        "s4.1",
        "s4.2",
        "s4.3",
        "s6.1",
    }
    document_edits.exempt(base, NAME, ["s4.1-s4.3", "s6.1"], {})
    assert record.read_bytes() == first


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        (lambda base: document_edits.split(base, NAME, "s4.3", "no such words"), "KB419"),
        (lambda base: document_edits.split(base, "other", "s4.3", "a"), "KB303"),
        (lambda base: document_edits.split(base, NAME, "s3.2-s3.1", "a"), "KB304"),
        (lambda base: document_edits.split(base, NAME, "s3.1-s3.2", "Sparkin is"), "KB419"),
        (lambda base: document_edits.split(base, NAME, "s6.1", "with moon"), "KB442"),
        (lambda base: document_edits.merge(base, NAME, ["s4.3"]), "KB419"),
        (lambda base: document_edits.merge(base, NAME, ["s3.0-s3.1"]), "KB323"),
        (lambda base: document_edits.merge(base, NAME, ["s6.1-s6.2"]), "KB443"),
        (lambda base: document_edits.exempt(base, NAME, ["s6.1"], {"reason": "no-claim"}), "KB404"),
        (lambda base: document_edits.merge(base, NAME, ["s4.1", "s4.3"]), "KB419"),
        (lambda base: document_edits.exempt(base, NAME, ["s9.1"], {"reason": "no-claim"}), "KB304"),
        (lambda base: document_edits.remove_document(base, NAME), "KB419"),
        (lambda base: document_edits.rename_document(base, NAME, "foglio"), "KB416"),
    ],
)
def test_what_cannot_be_corrected_changes_nothing(base: Path, ask: Callable[[Path], object], code: str) -> None:
    (base / "documents/foglio.yaml").write_text(OTHER, encoding="utf-8")
    before = contents(base)
    with pytest.raises(KbError) as raised:
        ask(base)
    assert {problem.code for problem in raised.value.problems} == {code}
    assert contents(base) == before


def test_a_document_is_renamed_with_its_text_and_its_facts_and_removed_without(base: Path, run_kb: Run) -> None:
    facts = sum(fact.document == NAME for fact in pipeline.load(base).facts)
    words = show(base)
    done = run_kb("document", "rename", NAME, "new-name", "--content", str(base))
    assert done.returncode == 0, done.stderr
    assert not list(base.rglob(f"{NAME}*"))
    assert show(base, "new-name") == words
    assert sum(fact.document == "new-name" for fact in pipeline.load(base).facts) == facts
    assert codes(base) == set()
    assert "new-name" in run_kb("document", "list", "--content", str(base)).stdout
    (base / "facts" / "new-name.yaml").write_text("[]\n", encoding="utf-8")
    assert run_kb("document", "remove", "new-name", "--content", str(base)).returncode == 0
    assert not list((base / "documents").glob("new-name*"))


@pytest.mark.parametrize("taken", ["facts/new-name.yaml", "documents/new-name.txt"])
def test_renaming_a_document_overwrites_no_file(taken: str, base: Path) -> None:
    (base / taken).write_text("[]\n", encoding="utf-8")
    before = contents(base)
    with pytest.raises(KbError, match="KB416"):
        document_edits.rename_document(base, NAME, "new-name")
    assert contents(base) == before
