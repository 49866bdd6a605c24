"""After any change of a text, what still stands is carried over, what is new is undecided, and no record is left invalid."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb import pipeline
from kb.curation import document_records, init
from kb.curation.document_records import DocumentDetails
from kb.problems import KbError
from kb.texts import normal_form
from kb.verification import result_files, verify

FIRST = [
    "Uses",
    "Examplol is a medicine.",
    "It can cause itching.",
    "It is taken with water.",
    "Warnings",
    "Keep it dry.",
    "Ask first.",
]
FACT = """- subject: examplol
  predicate: has-side-effect
  object: itching
  modality: can
  evidence:
    - sentence: {sentence}
      start: {start}
      end: {end}
      as: {{subject: It}}
"""


def write_page(path: Path, lines: list[str]) -> None:
    body = "".join(f"<h2>{line}</h2>" if not line.endswith(".") else f"<p>{line}</p>" for line in lines)
    path.write_text(f"<html><body>{body}</body></html>", encoding="utf-8")


def make_base(folder: Path) -> Path:
    """Make a knowledge base with one document, whose third sentence a fact rests on and whose fourth is exempted."""
    init.create(folder / "kb")
    for path in ("facts/leaflet.yaml", "documents/leaflet.yaml", "documents/leaflet.txt"):
        (folder / "kb" / path).unlink()
    write_page(folder / "page.html", FIRST)
    record = document_records.add_document(folder / "kb", folder / "page.html", DocumentDetails(licence="CC0-1.0")).path
    text = record.read_text(encoding="utf-8")
    record.write_text(text.replace("- {id: s1.3", "# ours\n  - {exempt: {reason: no-claim}, id: s1.3"), encoding="utf-8")
    row = next(one for one in document_records.read_sentences(pipeline.load(folder / "kb"), "page") if "itching" in one.words)
    fact = FACT.format(sentence=row.id, start=row.start + 3, end=row.end - 1)
    (folder / "kb/facts/page.yaml").write_text(fact, encoding="utf-8")
    return folder / "kb"


def show(base: Path) -> dict[str, str]:
    return {row.id: row.words for row in document_records.read_sentences(pipeline.load(base, with_texts=False), "page")}


@pytest.fixture(scope="session")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_base(tmp_path_factory.mktemp("first"))


LINES = st.sampled_from([*FIRST, "New", "Do not drive.", "It is old.", "It can cause bad itching."])


@settings(max_examples=max(10, settings().max_examples // 4), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(LINES, min_size=1, max_size=10, unique=True))
def test_no_change_of_a_text_leaves_an_invalid_record_or_a_fact_on_other_words(
    lines: list[str], first: Path, tmp_path: Path
) -> None:
    base = tmp_path / "kb"
    shutil.rmtree(base, ignore_errors=True)
    shutil.copytree(first, base)
    record = base / "documents/page.yaml"
    before, shown = record.read_bytes(), show(base)
    write_page(base / "documents/page.html", lines)
    run = verify.verify(base, accept=())
    if FIRST[2] not in lines:
        assert record.read_bytes() == before
        assert run.exit == 1
        return
    assert {problem.code for problem in pipeline.check(base).problems} == set()
    now = show(base)
    assert list(now.values()) == lines
    assert all(now[name] == words for name, words in shown.items() if words in lines)
    document = pipeline.load(base).documents["page"]
    exempted = {now[sentence.id] for sentence in document.sentences if sentence.exempt}
    assert exempted == {"It is taken with water."} & set(lines)
    (fact,) = pipeline.load(base).facts
    piece = fact.evidence[0]
    assert document.words[piece.start : piece.end] == "can cause itching"


def test_new_gone_and_changed_sentences_are_told_with_the_facts_concerned(first: Path, tmp_path: Path) -> None:
    base = tmp_path / "kb"
    shutil.copytree(first, base)
    write_page(base / "documents/page.html", [*FIRST[:2], "It can cause bad itching.", *FIRST[4:], "Do not drive."])
    messages = {problem.message for problem in verify.verify(base).problems if problem.code in {"KB441", "KB451"}}
    assert any("s1.2" in message and "examplol/has-side-effect/itching" in message for message in messages)
    assert any("is new" in message and "Do not drive." in message for message in messages)
    assert any("s1.3" in message for message in messages)


def test_a_text_that_ships_is_replaced_with_its_record(first: Path, tmp_path: Path) -> None:
    base = tmp_path / "kb"
    shutil.copytree(first, base)
    write_page(tmp_path / "new.html", ["Boxed warning", "It is old.", *FIRST])
    run = verify.verify(base, [f"page={tmp_path / 'new.html'}"], accept=())
    assert (run.exit, json.dumps(verify.to_dict(run)["new"])) == (0, "[]")
    assert [name for name in run.added if not name.endswith(".0")] == ["page:s3.1"]
    assert (base / "documents/page.html").read_bytes() == (tmp_path / "new.html").read_bytes()
    assert {problem.code for problem in pipeline.check(base).problems} == set()
    assert "# ours\n" in (base / "documents/page.yaml").read_text(encoding="utf-8")


def test_two_documents_of_one_file_are_both_updated(first: Path, tmp_path: Path) -> None:
    base, texts = tmp_path / "kb", tmp_path / "texts"
    shutil.copytree(first, base)
    records = []
    for name in ("one", "two"):
        write_page(tmp_path / f"{name}.html", [*FIRST, f"This is page {name}."])
        added = document_records.add_document(base, tmp_path / f"{name}.html", DocumentDetails(licence="CC0-1.0", ship=False))
        records.append(added.path.read_text(encoding="utf-8").partition("\n")[2])
        added.path.unlink()
    items = [f"- {record.strip()}\n".replace("\n", "\n  ").rstrip() for record in records]
    (base / "documents/all.yaml").write_text("\n".join(items) + "\n", encoding="utf-8")
    texts.mkdir()
    for name in ("one", "two"):
        write_page(texts / f"{name}.html", ["Boxed warning", "It is old.", *FIRST, f"This is page {name}.", "Do not drive."])
    run = verify.verify(base, [str(texts)], accept=())
    assert (run.exit, list(run.written)) == (0, [str(base / "documents/all.yaml")])
    kb = pipeline.load(base)
    assert [len(kb.documents[name].sentences) for name in ("one", "two")] == [len(FIRST) + 4] * 2
    assert verify.verify(base, [str(texts)]).exit == 0


def test_records_and_results_are_written_together(first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = tmp_path / "kb"
    shutil.copytree(first, base)
    verify.verify(base, record=True)
    write_page(tmp_path / "new.html", ["Boxed warning", "It is old.", *FIRST])
    before = {path: path.read_bytes() for path in base.rglob("*") if path.is_file()}
    monkeypatch.setattr(result_files, "_lines", lambda *_: ["\udc00"])  # cannot be written
    with pytest.raises(UnicodeEncodeError):
        verify.verify(base, [f"page={tmp_path / 'new.html'}"], accept=(), record=True)
    assert {path: path.read_bytes() for path in base.rglob("*") if path.is_file()} == before
    monkeypatch.undo()
    run = verify.verify(base, [f"page={tmp_path / 'new.html'}"], accept=(), record=True)
    assert [Path(path).relative_to(base).as_posix() for path in run.written] == [
        "documents/page.html",
        "documents/page.yaml",
        "facts/page.yaml",
        "verification/page.yaml",
    ]
    assert run.stale == verify.verify(base, record=True).written == ()


def _update(base: Path, new: Path) -> object:
    return verify.verify(base, [f"page={new}"], accept=())


def _add(base: Path, new: Path) -> object:
    return document_records.add_document(base, new, DocumentDetails(licence="CC0-1.0"))


@pytest.mark.parametrize("write", [_update, _add])
def test_a_text_that_changes_while_it_is_read_is_refused(
    write: Callable[[Path, Path], object], first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base, new = tmp_path / "kb", tmp_path / "new.html"
    shutil.copytree(first, base)
    write_page(new, ["Boxed warning", "It is old.", *FIRST])
    parse = normal_form.parse

    def parse_and_change(data: bytes, mediatype: str, file_name: str) -> normal_form.Text:
        if file_name == str(new):
            write_page(new, ["It is another text."])
        return parse(data, mediatype, file_name)

    monkeypatch.setattr(normal_form, "parse", parse_and_change)
    before = {path: path.read_bytes() for path in base.rglob("*") if path.is_file()}
    with pytest.raises(KbError, match="KB708"):
        write(base, new)
    assert {path: path.read_bytes() for path in base.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("is_named", [False, True], ids=["copied in", "named"])
def test_an_id_names_other_words_only_if_they_are_accepted(is_named: bool, first: Path, tmp_path: Path) -> None:
    """Whether the text was copied in (``kb verify --write``) or is named (``kb document update``)."""
    new = tmp_path / "new.html"
    for line, accept in (("Store well.", ()), ("It is taken with beer.", ()), ("It is taken with milk.", ("s1.3",))):
        base = tmp_path / "kb"
        shutil.rmtree(base, ignore_errors=True)
        shutil.copytree(first, base)
        write_page(new if is_named else base / "documents/page.html", [line if "water" in one else one for one in FIRST])
        run = verify.verify(base, [f"page={new}"] if is_named else [], accept=accept)
        shown = show(base)
        assert (shown.get("s1.3"), shown.get("s1.4")) == ((line, None) if accept else (None, line))
        assert run.added == (() if accept else ("page:s1.4",))


def test_a_text_with_words_added_to_a_sentence_is_not_written_until_they_are_accepted(first: Path, tmp_path: Path) -> None:
    base, new = tmp_path / "kb", tmp_path / "new.html"
    shutil.copytree(first, base)
    before = {path: path.read_bytes() for path in base.rglob("*") if path.is_file()}
    write_page(new, [f"It is not true that: {one}" if "itching" in one else one for one in FIRST])
    run = verify.verify(base, [f"page={new}"], accept=())
    assert (run.exit, {path: path.read_bytes() for path in base.rglob("*") if path.is_file()}) == (1, before)
    assert "KB419" in {problem.code for problem in run.problems}
    shutil.copy(new, base / "documents/page.html")
    shown = show(base)
    assert (shown["s1.1"], shown["s1.2"], shown["s2.0"]) == (FIRST[1], "", "")  # and no other words in their places
    verify.verify(base, accept=("s1.2",))
    assert show(base)["s1.2"].startswith("It is not true that")


def test_several_sentences_that_became_one_are_accepted_as_one(first: Path, tmp_path: Path) -> None:
    base = tmp_path / "kb"
    shutil.copytree(first, base)
    joined = "It can cause itching, so it is taken with water."
    write_page(base / "documents/page.html", [*FIRST[:2], joined, *FIRST[4:]])
    assert not verify.verify(base, accept=()).written
    verify.verify(base, accept=("s1.2",))
    assert list(show(base).values()) == [*FIRST[:2], joined, *FIRST[4:]]
