"""Plain scalars of YAML have the meaning of JSON, and none of YAML 1.1."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml as pyyaml
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.files.text_file import TextLines
from kb.model import KEY, Trail
from kb.problems import KbError, Place
from kb.records import strict_yaml

# What stands in files: neither ends of lines that only some readers know, nor characters that are refused before.
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn", "Zl", "Zp"], exclude_characters="\ufeff"))
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**298), 10**298) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.parametrize(
    "word",
    """no yes on off No YES On OFF y n True FALSE Null NULL 012 0o14 0x1F 0b1 1_000 12:30:45 1:1 2024-01-01 2024-02-30 +1 .5 5.
    .inf -.inf .nan .NaN NaN Infinity -Infinity 1e 1e+ e3 1.5.2 - -- = 2001-12-14t21:59:43.10-05:00 1,000 १२ ０""".split(),  # noqa: RUF001, SIM905 - a list would hide the words
)
def test_a_word_that_json_does_not_know_stays_a_word(word: str) -> None:
    assert strict_yaml.parse(f"a: {word}x".removesuffix("x") if word != "-" else "a: '-'", "f").value == {"a": word}


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("0", 0),
        ("-0", 0),
        ("-12", -12),
        ("1e3", 1000),
        ("1E+2", 100),
        ("100.0", 100),
        ("1.50", 1.5),
        ("-1.5e-3", -0.0015),
        ("9" * 300, int("9" * 300)),
    ],
)
def test_a_word_of_json_means_what_json_says(word: str, value: object) -> None:
    found = strict_yaml.parse(f"a: {word}", "f").value["a"]
    assert found == value
    assert type(found) is type(value)


def composed(node: Any, path: Trail = ()) -> Iterator[tuple[Trail, Any, int]]:
    """Give each scalar of a text as PyYAML composes it: its path, what it says, and the offset at which it starts."""
    if isinstance(node, pyyaml.MappingNode):
        for key, value in node.value:
            yield from composed(value, (*path, key.value))
    elif isinstance(node, pyyaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from composed(value, (*path, index))
    elif node is not None:
        yield path, node.value, node.start_mark.index


def scalars(value: Any, path: Trail = ()) -> Iterator[tuple[Trail, Any]]:
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from scalars(inner, (*path, key))
    if not isinstance(value, dict | list):
        yield path, value


def hold_to_pyyaml(text: str) -> None:
    """Hold what is read, if it is, to the tree of nodes that PyYAML composes by itself: the same scalars at the same places."""
    try:
        loaded = strict_yaml.parse(text, "f")
    except KbError:
        return
    nodes = list(composed(pyyaml.compose(text, Loader=pyyaml.CSafeLoader)))
    read = list(scalars(loaded.value)) if nodes or loaded.value is not None else []
    assert [path for path, _ in read] == [path for path, _, _ in nodes]
    for (path, value), (_, word, offset) in zip(read, nodes, strict=True):
        assert loaded.places[path] == TextLines(text, "f").place(offset)
        assert value == word if isinstance(value, str) else json.loads(word if word not in ("", "~") else "null") == value


ODD = [
    "a: 1\na: 2", "{a: 1, a: 2}", "a: &x 1\nb: *x", "a: !!str 1", "a: !x 1", "<<: {a: 1}", "'<<': 1", "--- 1\n--- 2",
    "--- 1\n...\n", "%YAML 1.1\n---\na: yes", "a:\tb", "\ta: b", '"\\x41": "\\u00e9"', "a: |\n  x\n  y\n",
    "? a\n: b", "? [a]\n: b", "[a]: b", "{a: b}: c", "a: -", "a: b: c", "a: @x", "a: 1e400", "", "# c", "a: !",
    "a: 00", "- - a\n  - b", "a: {b: c, d}", "a: [b: c]", "a: [1, 2", "a:\n  b: 1\n c: 2", "- a\n b", "1: a",
    "null: a", "~: a", "a: 1\n? a\n: 2", "[" * 64 + "]" * 64, "[" * 65 + "]" * 65, "a", "- \n-", "*x : 1",
]  # fmt: skip


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_unusual_texts_are_read_as_pyyaml_composes_them_or_refused(text: str) -> None:
    hold_to_pyyaml(text)


@given(
    JSON_VALUES.map(lambda value: json.dumps(value, ensure_ascii=False)) | st.text("ab:-? \n'\"[]{},#&*!|>~1.e<%", max_size=40)
)
def test_any_text_is_read_as_pyyaml_composes_it_or_refused(text: str) -> None:
    hold_to_pyyaml(text)


@given(JSON_VALUES, st.data())
def test_a_damaged_text_is_read_as_pyyaml_composes_it_or_refused(value: Any, data: st.DataObject) -> None:
    text = pyyaml.safe_dump(value, allow_unicode=True)
    at = data.draw(st.integers(0, len(text)))
    hold_to_pyyaml(
        text[:at] + data.draw(st.text("ab:-? \n'\"[]{},#&*!|>", max_size=3)) + text[at + data.draw(st.integers(0, 3)) :]
    )


@pytest.mark.parametrize("style", ["'{}'", '"{}"', "|-\n {}", ">-\n {}"])
@pytest.mark.parametrize("word", ["true", "null", "12", "1e400"])
def test_a_quoted_word_is_text(style: str, word: str) -> None:
    assert strict_yaml.parse(f"a: {style.format(word)}", "f").value == {"a": word}


@pytest.mark.parametrize("key", ["null", "true", "12", "1e400", "no", "~"])
def test_a_key_is_text_whatever_it_looks_like(key: str) -> None:
    assert strict_yaml.parse(f"{key}: 1", "f").value == {key: 1}


@pytest.mark.parametrize("word", ["1e400", "-1e400", "9" * 301, "1." + "0" * 300])
def test_a_number_that_cannot_be_represented_is_refused(word: str) -> None:
    with pytest.raises(KbError, match="KB107"):
        strict_yaml.parse(f"a: {word}", "f")


@settings(deadline=None)
@given(JSON_VALUES)
def test_json_is_read_as_json_reads_it(value: Any) -> None:
    assert strict_yaml.parse(json.dumps(value, ensure_ascii=False), "f").value == value


@settings(deadline=None)
@given(JSON_VALUES)
def test_every_place_is_that_of_its_value(value: Any) -> None:
    text = json.dumps(value, indent=1, ensure_ascii=False)
    lines = text.split("\n")
    loaded = strict_yaml.parse(text, "f")
    for path, place in loaded.places.items():
        start = lines[place.line - 1][place.column - 1 :]
        found = value
        for part in path:
            found = path[-2] if part == KEY and isinstance(found, str | int | float | type(None)) else found[part]
        if isinstance(found, dict | list):
            assert start[0] in '[{"'
        else:
            assert start.startswith(json.dumps(found, ensure_ascii=False))


def test_places_count_code_points_and_lines_of_the_file() -> None:
    loaded = strict_yaml.parse('é: "😀"\nb:\n  - {c: 😀, d: x}', "f")
    assert loaded.places == {
        (): Place("f", 1, 1),
        ("é",): Place("f", 1, 4),
        ("é", KEY): Place("f", 1, 1),
        ("b",): Place("f", 2, 1),
        ("b", 0): Place("f", 3, 5),
        ("b", 0, "c"): Place("f", 3, 9),
        ("b", 0, "c", KEY): Place("f", 3, 6),
        ("b", 0, "d"): Place("f", 3, 15),
        ("b", 0, "d", KEY): Place("f", 3, 12),
    }


@settings(deadline=None)
@given(TEXT | st.text("-:?[]{}&*!|>'\"%@`#,~ \n\tab1"))
def test_whatever_the_text_it_is_read_or_refused_with_a_place_inside_it(text: str) -> None:
    try:
        strict_yaml.parse(text, "f")
    except KbError as error:
        lines = text.split("\n")
        outside = [each for each in error.problems if each.place.column > len(lines[each.place.line - 1]) + 1]
        assert not outside


def test_the_allowed_depth_is_read() -> None:
    assert strict_yaml.parse("[" * 64 + "]" * 64, "f").value
    with pytest.raises(KbError, match="KB111"):
        strict_yaml.parse("[" * 65 + "]" * 65, "f")


def test_a_file_of_very_many_values_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strict_yaml, "MOST_VALUES", 100)
    assert len(strict_yaml.parse("[" + "1," * 99 + "]", "f").value) == 99
    with pytest.raises(KbError, match="f:1:200: KB110 The file holds more than 100 values"):
        strict_yaml.parse("[" + "1," * 100 + "]", "f")


def test_text_that_was_not_decoded_first_is_refused_too() -> None:
    with pytest.raises(KbError, match="KB104 The YAML cannot be read: control characters are not allowed"):
        strict_yaml.parse("a\x07", "f")
