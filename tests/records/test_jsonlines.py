"""The fast decoder returns what the strict parser returns, or leaves the line to it."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kb import resources
from kb.build import parts, sorted_runs, step
from kb.build.chunks import Piece
from kb.checks import json_schema
from kb.files import characters
from kb.model import Record
from kb.problems import KbError, Place
from kb.records import jsonlines, resolve

GOOD = resources.schema("fact")["examples"][0]
_LINE = json.dumps(GOOD)

# What is put into lines: all that readers of JSON are known to differ on.
_TRAPS = [
    *('"subject":"a",', '"sub\\u006aect":"a",', '"n":1.0,', '"n":1e2,', '"n":-0,', '"n":0.1,', '"n":12345678901234567890123,'),
    *('"n":NaN,', '"n":-Infinity,', '"n":1e999,', '"n":01,', '"n":.5,', '"n":null,', '"n":true,', '"n":{"a":1,"a":2},'),
    *('"n":[{"a":1,"a":2}],', '"n":[[{"a":1,"a":2}]],', '"n":"a:b",', '"n":"a\\u003ab","m":{"a":1,"a":1},', '"n:":1,'),
    *(
        '"n":"\\ud800",',
        '"n":"\\ud83d\\ude00",',
        '"n":"\\u202e",',
        '"n":"\u202e",',
        '"n":"\ufeff",',
        '"n":"\x7f",',
        '"n":"a\tb",',
    ),
    *(
        '"n":"\\u0000",',
        '"n":"e\u0301 \u00e9",',
        '"n":"\u200d",',
        '"n":"\\u200d",',
        '"n":"\u0915\u200d",',
        '"n":"\\x",',
        "'n':1,",
    ),
    *("/**/", "\u2028", "\r", "\t", " ", "\v", "\x00", "[" * 70 + "]" * 70 + ",", '"n":' + "[" * 70 + "]" * 70 + ","),
]
_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@st.composite
def _lines(draw: st.DrawFn) -> bytes:
    value = draw(st.just(GOOD) | st.dictionaries(st.text(max_size=3), _ANY, max_size=4))
    line = json.dumps(value, ensure_ascii=draw(st.booleans()), indent=draw(st.sampled_from([None, 1])))
    line = line.replace("\n", " ")
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.sampled_from([index + 1 for index, each in enumerate(line) if each in "{[,"]) | st.integers(0, len(line)))
        line = line[:at] + draw(st.sampled_from(_TRAPS)) + line[at:]
    return draw(st.sampled_from([b"", b"\xef\xbb\xbf", b"\xff"])) + line.encode("utf-8", "surrogatepass") + b"\n"


def _strict(line: bytes) -> Any:
    try:
        record = jsonlines.parse_record("fact", jsonlines.Line(line), "f", "")
    except KbError:
        return None
    return record.value if not list(characters.check(record)) else None


@settings(max_examples=settings().max_examples * 4)
@given(_lines())
@example(b'{"a":"x:y","a":1}\n')
@example(b'{"a":{"b:c":1}}\r\n')
def test_a_line_that_is_read_fast_means_the_same_to_the_strict_reader(line: bytes) -> None:
    value = jsonlines.decode_fast(line)
    if value is not None:
        assert repr(value) == repr(_strict(line))


@pytest.mark.parametrize("trap", _TRAPS)
def test_every_trap_is_read_as_the_strict_reader_reads_it(trap: str) -> None:
    line = (_LINE[0] + trap + _LINE[1:]).encode("utf-8", "surrogatepass")
    value = jsonlines.decode_fast(line)
    if value is not None:
        assert repr(value) == repr(_strict(line))


@pytest.mark.parametrize(
    "line",
    [
        _LINE,
        f"{_LINE}\r\n",
        json.dumps(GOOD | {"note": "At 10:30, twice."}),
        json.dumps(GOOD | {"note": "Sch\u00e4den"}),
        json.dumps(GOOD | {"note": "Sch\u00e4den"}, ensure_ascii=False),
        json.dumps(GOOD | {"object": {"value": "1", "datatype": "xsd:decimal"}}),
    ],
)
def test_ordinary_lines_are_read_fast(line: str) -> None:
    assert jsonlines.decode_fast(line.encode("utf-8")) == json.loads(line)


@settings(max_examples=settings().max_examples * 2)
@given(st.data())
def test_a_fact_is_read_or_refused_as_the_schema_and_the_strict_reader_have_it(data: st.DataObject) -> None:
    keys = st.sampled_from([*resources.schema("fact")["properties"], "odd"])
    value = {**GOOD, **data.draw(st.dictionaries(keys, _ANY | st.sampled_from(["is", "a", "rare", [], [{}]]), max_size=2))}
    line = json.dumps(value).encode("utf-8", "surrogatepass")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "stem.jsonl")
        path.write_bytes(b"\n" * 6 + line)
        part = parts.read_part(Piece("fact", str(path)))
    strict = _strict(line)
    good = strict is not None and not list(json_schema.check(Record("fact", strict, Place("f"))))
    facts = [fact for fact, _ in sorted_runs.read(part.run)]
    assert facts == ([resolve.parse_fact_value(strict, "stem")] if good else [])
    assert bool(part.problems) == (not good)
    assert all(problem.place.line == 7 for problem in part.problems)
    assert step.read_fact(line, "stem") in (None, *facts)
