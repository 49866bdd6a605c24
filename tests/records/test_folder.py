"""The files of a knowledge base: their kinds and order, and that an invalid file does not hide the others."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from kb.files.locks import lock
from kb.problems import Place
from kb.records import folder

TERM = '{"id": "rash", "kind": "symptom", "label": "rash", "definition": "Red skin."}'


def test_every_suffix_and_both_files_and_folders_are_read(make_kb: Callable[..., Path]) -> None:
    files = {
        "terms.yml": f"[{TERM}]",
        "terms/a.yaml": f"- {TERM}\n- {TERM}",
        "terms/deep/er/b.json": TERM,
        "terms/c.json": f" [{TERM}, {TERM}]",
        "terms/d.jsonl": f"{TERM}\n\n{TERM}\n",
        "terms/terms.yaml": None,
    }
    top = make_kb(**files)
    records, problems = folder.read(top)
    assert not problems
    terms = [(record.place.file.removeprefix(f"{top}/"), *record.place[1:]) for record in records if record.kind == "term"]
    assert terms == [
        ("terms.yml", 1, 2),
        ("terms/a.yaml", 1, 3),
        ("terms/a.yaml", 2, 3),
        ("terms/c.json", 1, 3),
        ("terms/c.json", 1, 82),
        ("terms/d.jsonl", 1, 1),
        ("terms/d.jsonl", 3, 1),
        ("terms/deep/er/b.json", 1, 1),
    ]


def test_a_record_knows_the_document_that_its_file_is_named_after(make_kb: Callable[..., Path]) -> None:
    top = make_kb(**{"facts/other.first.yaml": "- a", "facts/deep/third.jsonl": "1"})
    assert {record.stem for record in folder.read(top)[0] if record.kind == "fact"} == {"leaflet", "other", "third"}


@pytest.mark.parametrize("suffix", ["yaml", "json", "jsonl"])
def test_a_record_finds_its_values_whatever_the_format(suffix: str, make_kb: Callable[..., Path]) -> None:
    top = make_kb(**{"terms/terms.yaml": None, f"terms/a.{suffix}": TERM})
    (record,) = (record for record in folder.read(top)[0] if record.kind == "term")
    file = f"{top}/terms/a.{suffix}"
    assert record.at("label") == Place(file, 1, 44)
    assert record.at("label", -1) == Place(file, 1, 35)
    assert record.at("nothing") == Place(file, 1, 1)


def test_a_bad_file_does_not_hide_the_others(make_kb: Callable[..., Path]) -> None:
    top = make_kb(
        **{"terms/a.yaml": "- [", "terms/b.json": "{", "terms/c.jsonl": f"{{\n{TERM}\n[\n{TERM}\n", "mappings/d.sssom.tsv": "x"}
    )
    records, problems = folder.read(top)
    assert [problem.place.file.removeprefix(f"{top}/") for problem in problems] == [
        "terms/a.yaml",
        "terms/b.json",
        "terms/c.jsonl",
        "terms/c.jsonl",
        "mappings/d.sssom.tsv",
    ]
    assert sum(record.kind == "term" for record in records) == 3 + 2
    assert sum(record.kind == "fact" for record in records) == 1


def test_valid_rows_are_read_next_to_invalid_ones(make_kb: Callable[..., Path]) -> None:
    table = '#a: "b"\n\nsubject_id\tcomment\tother\nterm:a\t"x\ty\nz"\t\n\nterm:b\nterm:c\t\to\n'
    records, problems = folder.read(make_kb(**{"mappings/a.sssom.tsv": table}))
    rows = [record for record in records if record.kind == "mapping"]
    assert [record.value for record in rows] == [
        {"subject_id": "term:a", "comment": "x\ty\nz", "heading": {"a": "b"}},
        {"subject_id": "term:c", "other": "o", "heading": {"a": "b"}},
    ]
    assert [(record.at("subject_id").line, record.at("subject_id").column) for record in rows] == [(4, 1), (8, 1)]
    assert (rows[1].at("other").line, rows[1].at("other").column) == (8, 9)
    assert [problem.place.line for problem in problems] == [7]


def test_the_number_of_problems_of_rows_is_limited(make_kb: Callable[..., Path]) -> None:
    header = "subject_id\tcomment\n"
    for row in ('"a"b\n', "a\n"):
        assert len(folder.read(make_kb(**{"mappings/a.sssom.tsv": header + row * 1000}))[1]) == 100


def test_a_change_that_was_interrupted_is_reported_but_not_one_that_is_under_way(make_kb: Callable[..., Path]) -> None:
    path = make_kb()
    (path / ".commit.kb-tmp").mkdir()
    assert [problem.code for problem in folder.read(path)[1]] == ["KB707"]
    with lock(path):
        assert folder.read(path)[1] == []


def test_an_unreadable_folder_is_a_problem(make_kb: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    top = make_kb()
    open_path = os.open

    def forbid(path: str, flags: int, dir_fd: int | None = None) -> int:
        if path == "terms":
            raise PermissionError(13, "Permission denied", path)
        return open_path(path, flags, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", forbid)
    records, problems = folder.read(top)
    assert [f"{problem.place}: {problem.code}" for problem in problems] == [f"{top}/terms: KB102"]
    assert sum(record.kind == "fact" for record in records) == 1
