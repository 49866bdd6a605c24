"""JSON is parsed by RFC 8259, with the places of its values."""

from __future__ import annotations

import json as standard
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.files.text_file import TextLines
from kb.model import KEY
from kb.problems import KbError, Place
from kb.records import strict_json

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**298), 10**298) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


def _codes(text: str) -> list[tuple[str, int, int]]:
    with pytest.raises(KbError) as caught:
        strict_json.parse(text, "f")
    return [(problem.code, problem.place.line, problem.place.column) for problem in caught.value.problems]


@settings(deadline=None)
@given(VALUES, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_what_json_writes_is_read_the_same(value: Any, indent: Any, ascii_only: bool) -> None:
    assert strict_json.parse(standard.dumps(value, indent=indent, ensure_ascii=ascii_only), "f") == value


@settings(deadline=None)
@given(VALUES, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_every_value_and_key_has_its_place(value: Any, indent: Any, ascii_only: bool) -> None:
    text = standard.dumps(value, indent=indent, ensure_ascii=ascii_only)
    seen = {}
    for path, offset, _ in strict_json.tokens(text):
        found, _ = standard.JSONDecoder().raw_decode(text, offset)
        inner = value
        for part in path:
            inner = path[-2] if part == KEY else inner[part]
            if len(path) > 1 and path[-1] == KEY and part == path[-2]:
                inner = path[-2]
                break
        assert found == inner
        seen[path] = found
    assert len(seen) == _size(value)


def _size(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + sum(1 + _size(inner) for inner in value.values())
    return 1 + (sum(map(_size, value)) if isinstance(value, list) else 0)


@settings(deadline=None)
@given(st.lists(VALUES), st.sampled_from([None, 1]))
def test_the_spans_of_a_list_are_those_of_its_entries(values: list[Any], indent: Any) -> None:
    text = standard.dumps(values, indent=indent)
    assert [standard.loads(text[start:end]) for start, end in strict_json.spans(text)] == values


@settings(deadline=None)
@given(st.text('{}[]",:\\ \n\tabunIN0123.e-'))
def test_whatever_the_text_it_is_read_or_refused_with_a_place_inside_it(text: str) -> None:
    try:
        strict_json.parse(text, "f")
    except KbError as error:
        lines = text.split("\n")
        outside = [each for each in error.problems if not 1 <= each.place.column <= len(lines[each.place.line - 1]) + 1]
        assert not outside


def test_places_are_those_of_the_file_and_of_the_part_that_is_a_record() -> None:
    text = '[{"a": 1},\n {"é": ["x",\n  2]}]'
    start, end = list(strict_json.spans(text))[1]
    places = strict_json.places(text[start:end], TextLines(text, "f", 5), start)
    assert dict(places) == {
        (): Place("f", 6, 2),
        ("é", KEY): Place("f", 6, 3),
        ("é",): Place("f", 6, 8),
        ("é", 0): Place("f", 6, 9),
        ("é", 1): Place("f", 7, 3),
    }
    assert len(places) == 5
    assert ("b",) not in places


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"a": 1, "a": 2, "a": 3}', [("KB105", 1, 10), ("KB105", 1, 18)]),
        ('[{"a": {"b": 1, "b": 1}},\n {"c": 1, "c": 1}]', [("KB105", 1, 17), ("KB105", 2, 11)]),
        ('{"a": NaN, "a": 1e400}', [("KB105", 1, 12), ("KB107", 1, 7), ("KB107", 1, 17)]),
        ("[-Infinity, Infinity]", [("KB107", 1, 2), ("KB107", 1, 13)]),
        ("9" * 5000, [("KB107", 1, 1)]),
        ("[" * 65 + "]" * 65, [("KB111", 1, 65)]),
        ('{"NaN": "Infinity", "x": NaN}', [("KB107", 1, 26)]),
        ("[1,\n\n 2 3]", [("KB104", 3, 4)]),
        ('"\\x"', [("KB104", 1, 2)]),
        ("01", [("KB104", 1, 2)]),
        ("'a'", [("KB104", 1, 1)]),
        ("nul", [("KB104", 1, 1)]),
    ],
)
def test_what_other_readers_accept_silently_is_refused_with_its_place(text: str, found: list[tuple[str, int, int]]) -> None:
    assert _codes(text) == sorted(found, key=lambda each: each[1:])


def test_the_number_of_problems_is_limited() -> None:
    assert len(_codes("[" + "NaN," * 1000 + "1]")) == 100


def test_the_allowed_depth_is_read() -> None:
    assert strict_json.parse('{"a":' * 64 + "1" + "}" * 64, "f")
    assert strict_json.parse("[" * 64 + "1" + "]" * 64, "f")
