"""Texts are found next to their records or where the user says, and every file that cannot be read is a problem."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kb import pipeline, resources
from kb.curation import document_records
from kb.curation.document_records import DocumentDetails
from kb.problems import KbError
from kb.texts import normal_form, sources
from kb.verification import cite
from kb.verification.cite import QuoteRequest

NAME = "zelorin-leaflet"
WORDS = resources.example() / "documents" / f"{NAME}.txt"


def codes(error: KbError) -> set[str]:
    return {each.code for each in error.problems}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(resources.example(), tmp_path / "kb")
    return tmp_path / "kb"


def test_a_text_is_named_by_id_and_file_or_by_a_folder_of_files_named_after_documents(tmp_path: Path) -> None:
    shutil.copy(WORDS, tmp_path / f"{NAME}.txt")
    assert sources.parse_options([f"{NAME}={WORDS}"], [NAME]) == {NAME: WORDS}
    assert sources.parse_options([str(tmp_path)], [NAME, "other"]) == {NAME: tmp_path / f"{NAME}.txt"}
    with pytest.raises(KbError) as raised:
        sources.parse_options([str(WORDS)], [NAME])
    assert codes(raised.value) == {"KB417"}


def test_an_unknown_document_and_a_missing_file_are_reported_together() -> None:
    base = pipeline.load(resources.example())
    with pytest.raises(KbError) as raised:
        sources.read_texts(base.documents.values(), base.folder, {"other": WORDS, NAME: Path("/nowhere.txt")})
    assert codes(raised.value) == {"KB101", "KB303"}


@pytest.mark.parametrize("kind", ["missing", "linked"])
def test_a_shipped_text_must_be_in_the_knowledge_base(copy: Path, kind: str) -> None:
    text = copy / "documents" / f"{NAME}.txt"
    text.unlink()
    if kind == "linked":
        text.symlink_to(WORDS)
    assert {each.code for each in pipeline.check(copy).problems} == {"KB113" if kind == "linked" else "KB413"}


def test_a_folder_or_a_file_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "folder.txt").mkdir()
    monkeypatch.setattr(normal_form, "LARGEST", 10)
    for path, code in ((tmp_path / "folder.txt", "KB102"), (WORDS, "KB110"), (Path("a" * 5000 + ".txt"), "KB102")):
        with pytest.raises(KbError) as raised:
            normal_form.read(path)
        assert codes(raised.value) == {code}


def test_sentences_are_shown_with_their_words_if_the_text_is_available(copy: Path) -> None:
    base = pipeline.load(copy)
    assert [each.words for each in document_records.read_sentences(base, NAME)][2].startswith("Zelorin is")
    held = base._replace(documents={NAME: base.documents[NAME]._replace(text="held-elsewhere")})
    assert {each.words for each in document_records.read_sentences(held, NAME)} == {""}
    assert [each.words for each in document_records.read_sentences(held, NAME, [f"{NAME}={WORDS}"])][2].startswith("Zelorin is")
    with pytest.raises(KbError) as raised:
        list(document_records.read_sentences(base, "other"))
    assert codes(raised.value) == {"KB303"}


def test_the_summary_of_a_record_names_what_to_review(copy: Path) -> None:
    text = copy.parent / "long.txt"
    text.write_text(f"A heading\n\n{'word ' * 120}end.\n", encoding="utf-8")
    told = "".join(document_records.summarize(document_records.add_document(copy, text, DocumentDetails())))
    assert "s1.0  A heading" in told
    assert "Longer than 500 characters" in told
    shipped = document_records.add_document(copy, text, DocumentDetails(ship=True, licence="CC0-1.0"), replace=True)
    assert shipped.value["text"] == "shipped"
    assert "is still at" in "".join(
        document_records.summarize(document_records.add_document(copy, text, DocumentDetails(ship=False), replace=True))
    )


def test_a_record_among_others_in_one_file_is_not_replaced(copy: Path) -> None:
    record = copy / "documents" / f"{NAME}.yaml"
    lines = record.read_text(encoding="utf-8").splitlines(keepends=True)[1:]
    record.write_text("# several\n- " + "  ".join(lines), encoding="utf-8")
    before = record.read_bytes()
    with pytest.raises(KbError) as raised:
        document_records.add_document(copy, WORDS, DocumentDetails(id=NAME), replace=True)
    assert (codes(raised.value), record.read_bytes()) == ({"KB416"}, before)


def test_a_quote_of_an_unknown_or_unavailable_document_is_a_problem(copy: Path) -> None:
    (copy.parent / "held.txt").write_text("Nothing of it is at hand.\n", encoding="utf-8")
    document_records.add_document(copy, copy.parent / "held.txt", DocumentDetails())
    base = pipeline.load(copy)
    finder = cite.make_finder(base)
    for name, code in (("other", "KB303"), ("held", "KB445")):
        with pytest.raises(KbError) as raised:
            list(cite.check_quotes(base, finder, [QuoteRequest(1, "can interact with moon tea", name)]))
        assert codes(raised.value) == {code}
