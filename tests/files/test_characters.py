"""Bytes are decoded or refused, and no record holds forbidden characters."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb import problems
from kb.files import characters, text_file
from kb.model import KEY, Record
from kb.problems import KbError, Place, Problem


def _decoded(data: bytes) -> str | Sequence[Problem]:
    try:
        return text_file.decode(data, "f")
    except KbError as error:
        return error.problems


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_text_is_decoded_as_it_is_but_for_its_line_ends_or_refused_for_a_character(words: str) -> None:
    found = _decoded(words.encode("utf-8"))
    if isinstance(found, str):
        assert found == words.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    else:
        assert {problem.code for problem in found} <= {"KB103", "KB108", "KB109"}


@settings(deadline=None)
@given(st.binary())
def test_bytes_are_decoded_or_refused_at_an_existing_line(data: bytes) -> None:
    found = _decoded(data)
    if not isinstance(found, str):
        assert {problem.code for problem in found} <= {"KB103", "KB108", "KB109"}
        assert all(problem.place.line <= data.count(b"\n") + data.count(b"\r") + 1 for problem in found)


@settings(deadline=None)
@given(st.binary(max_size=20), st.integers(1, 100))
def test_the_offset_of_an_invalid_byte_counts_from_the_start_of_the_file(before: bytes, offset: int) -> None:
    good = before.hex().encode()
    with pytest.raises(KbError, match=f"Byte 0xff at offset {offset + len(good)} is"):
        text_file.decode(good + b"\xff", "f", 7, offset)


HIDDEN = {
    "NULL": "\0",
    "DELETE": "\x7f",
    "next line": "\u0085",
    "lone surrogate": "\ud800",
    "noncharacter": "\ufdd0",
    "the last noncharacter": "\U0010ffff",
    "soft hyphen": "\u00ad",
    "zero width space": "\u200b",
    "zero width joiner between Latin letters": "\u200d",
    "left-to-right mark": "\u200e",
    "right-to-left override": "\u202e",
    "first strong isolate": "\u2068",
    "word joiner": "\u2060",
    "byte order mark": "\ufeff",
    "Hangul filler": "\u3164",
    "tag": "\U000e0061",
}


@pytest.mark.parametrize("character", [pytest.param(each, id=name) for name, each in HIDDEN.items()])
def test_an_invisible_or_forbidden_character_is_named(character: str) -> None:
    record = Record("term", {"label": f"it{character}ch"}, Place("f", 1, 1), {("label",): Place("f", 2, 3)})
    (problem,) = characters.check(record)
    assert problem.place == Place("f", 2, 3)
    assert problem.code == "KB108"
    assert f"U+{ord(character):04X} " in problem.message
    assert "at position 3" in problem.message
    assert problem.message.isprintable()


@pytest.mark.parametrize(
    "word",
    [
        "naïve",
        "日本語",
        "🧬",
        "a\tb\nc",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "क्\u200dष",
        "µg",
        "5 mg",
        "Ångström",
        "\U0001f600",
    ],
)
def test_text_of_any_script_is_accepted(word: str) -> None:
    assert not list(characters.check(Record("term", {word: [word, {"a": word}]}, Place("f"))))


def test_forbidden_characters_are_found_in_keys_and_at_any_depth() -> None:
    value = {"a\u200b": [1, {"b": "c\u200b"}, None, True], "d": "\u200b"}
    places = {("a\u200b", KEY): Place("f", 1), ("a\u200b", 1, "b"): Place("f", 2)}
    found = list(characters.check(Record("term", value, Place("f", 9), places)))
    assert [problem.place.line for problem in found] == [1, 2, 9]


def test_the_number_of_problems_of_characters_is_limited() -> None:
    assert len(list(characters.check(Record("term", ["\0"] * 1000, Place("f"))))) == 100


@settings(deadline=None)
@given(st.text())
def test_a_quotation_is_short_and_can_be_printed(words: str) -> None:
    quoted = problems.quote(words)
    assert quoted.isprintable()
    assert len(quoted) <= 60 * 10 + 3


def test_an_unreadable_file_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a", encoding="utf-8")

    def forbid(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "open", forbid)
    with pytest.raises(KbError, match="KB102 The file cannot be read: Permission denied"):
        text_file.read_text(path, "f")


@pytest.mark.parametrize("name", ["nothing", "nul\0", "a.yaml/x"])
def test_a_missing_file_is_a_problem(name: str, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("a", encoding="utf-8")
    with pytest.raises(KbError, match=r"KB10[12]"):
        text_file.read_text(tmp_path / name, "f")


def test_no_printable_character_is_refused_but_six_that_are_blank() -> None:
    blank = "\u115f\u1160\u17b4\u17b5\u3164\uffa0"
    printable = "".join(filter(str.isprintable, map(chr, range(sys.maxunicode + 1))))
    rest = printable.translate(dict.fromkeys(map(ord, blank)))
    assert characters.is_clean(rest)
    assert not list(characters.check(Record("fact", rest, Place("f"))))
    for character in (*blank, "\x7f", "\u200b", "\u202e", "\u2028", "\ufeff"):
        assert not characters.is_clean(f"\u00e9{character}")
        assert list(characters.check(Record("fact", f"\u00e9{character}", Place("f"))))
