"""Functions that are called from Python refuse the arguments that their commands refuse, and write nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kb.curation import init
from kb.curation.document_records import DocumentDetails, add_document
from kb.importers.table import Columns, import_table
from kb.importers.table_records import TableDetails
from kb.problems import KbError

_CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "../x"},
        {"name": "A b"},
        {"title": "a\x1b[31m"},
        {"title": "\u202eabc"},
        {"base": "https://example.org/ x/"},
        {"base": "javascript:alert(1)/"},
        {"base": "https://example.org/no-slash"},
    ],
    ids=str,
)
def test_a_knowledge_base_is_not_made_with_what_its_record_could_not_hold(wrong: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(KbError, match=f"{next(iter(wrong))}: KB832"):
        init.create(tmp_path / "kb", **wrong)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", "../x"),
        ("title", "a\nb"),
        ("predicate", "has effect"),
        ("kinds", ("drug", "a/b")),
        ("namespaces", ("", "a\nb")),
        ("prefixes", {"x": "javascript:x"}),
        ("prefixes", {"x y": "https://example.org/"}),
        ("prefixes", {"skos": "https://example.org/"}),
        ("frequencies", {"5%": "rare"}),
        ("rights", ""),
        ("kinds", ("", "symptom")),
        ("modality", "Can"),
        ("rights", "a\x07"),
        ("license", "file:///etc/passwd"),
        ("base", "https://example.org"),
        ("source", "https://example.org/a b"),
        ("language", "english language"),
        ("date", "2026-02-30"),
        ("delimiter", "\n"),
        ("delimiter", "ab"),
    ],
)
def test_a_table_is_not_imported_with_what_its_records_could_not_hold(name: str, value: Any, tmp_path: Path) -> None:
    (tmp_path / "pairs.tsv").write_text("drug\teffect\na\tb\n", encoding="utf-8")
    values = {"name": "pairs", "title": "Pairs", "license": _CC0}
    reading = {name: value} if name == "delimiter" else {}
    details: Any = TableDetails(**values if reading else {**values, name: value})
    with pytest.raises(KbError, match=f"{name}: KB832"):
        import_table(tmp_path / "pairs.tsv", Columns("drug", "effect"), details, tmp_path / "kb", **reading)
    assert [path.name for path in tmp_path.iterdir()] == ["pairs.tsv"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "No Id"},
        {"title": "x\ny"},
        {"title": "\x1b[31m"},
        {"language": "english language"},
        {"language": "en-abc-abc-abc-abc"},
        {"rights": "a\nb"},
        {"rights": "\u202e"},
        {"licence": "open"},
        {"licence": "file:///etc/passwd"},
        {"source": "example.org"},
        {"source": "javascript:alert(1)"},
    ],
    ids=str,
)
def test_a_document_is_not_added_with_what_its_record_could_not_hold(wrong: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "doc.txt").write_text("Examplol is a medicine.\n", encoding="utf-8")
    init.create(tmp_path / "kb", name="new")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(KbError, match=f"^{next(iter(wrong))}: KB832"):
        add_document(tmp_path / "kb", tmp_path / "doc.txt", DocumentDetails(**wrong))
    assert sorted(tmp_path.rglob("*")) == before
