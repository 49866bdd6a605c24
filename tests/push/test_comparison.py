"""Values are equal exactly where they should be, and differences are counted."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.files.sorting import SortedFiles
from kb.push.comparison import compare, normalize, write_statement
from kb.rdf.quads import XSD, Quad, literal

TEXTS = st.text(st.characters(blacklist_categories=["Cs"]), max_size=12)
QUADS = st.lists(st.builds(Quad, st.sampled_from("abc"), st.just("p"), TEXTS.map(literal), st.sampled_from("xyz")), max_size=60)


@given(TEXTS, st.sampled_from(["", "de", "en-gb"]))
def test_what_a_parser_reads_is_written_as_it_was_sent(text: str, language: str) -> None:
    line = f"<urn:s> <urn:p> {literal(text, language=language)} .\n".encode()
    (read,) = ox.parse(line, format=ox.RdfFormat.N_TRIPLES)
    assert write_statement(read.subject, read.predicate, read.object) == line
    assert normalize(line) == line


def typed(value: str, kind: str) -> bytes:
    return f"<urn:s> <urn:p> {literal(value, XSD + kind)} .\n".encode()


SAME = [
    (("1.50", "decimal"), ("1.5", "decimal")),
    (("007", "nonNegativeInteger"), ("7", "integer")),
    (("-0", "integer"), ("0", "integer")),
    (("1e0", "double"), ("1.0", "double")),
    (("1E400", "double"), ("INF", "double")),
    (("123456.7", "double"), ("123457.0", "double")),
    (("1", "boolean"), ("true", "boolean")),
    (("2026-01-31T24:00:00", "dateTime"), ("2026-02-01T00:00:00", "dateTime")),
    (("2026-01-31T10:00:00.1234567Z", "dateTime"), ("2026-01-31T10:00:00.123456Z", "dateTime")),
    (("P1Y2M", "duration"), ("14", "duration")),
    (("PT24H", "duration"), ("P1D", "duration")),
    (("PT24H", "duration"), ("86400.0", "duration")),
]
OTHER = [
    (("1.5", "decimal"), ("1.51", "decimal")),
    (("1", "integer"), ("1", "string")),
    (("true", "boolean"), ("false", "boolean")),
    (("2026-01-31", "date"), ("2026-01-31Z", "date")),
    (("P1M", "duration"), ("PT1M", "duration")),
    (("abc", "integer"), ("0", "integer")),
    (("1", "double"), ("1", "integer")),
    (("x", "duration"), ("y", "duration")),
]


@pytest.mark.parametrize(("one", "two"), SAME)
def test_forms_of_one_value_are_equal(one: tuple[str, str], two: tuple[str, str]) -> None:
    assert normalize(typed(*one)) == normalize(typed(*two))


@pytest.mark.parametrize(("one", "two"), OTHER)
def test_other_values_are_not(one: tuple[str, str], two: tuple[str, str]) -> None:
    assert normalize(typed(*one)) != normalize(typed(*two))


def test_a_difference_is_counted_and_shown() -> None:
    with SortedFiles(1000) as spool:
        ours = spool.sort([typed("1", "integer"), typed("2", "integer"), typed("x", "string")])
        theirs = spool.sort([typed("01", "integer"), typed("3", "integer")])
        found = compare(ours, theirs, spool)
        assert (found.same, found.missing, found.extra) == ("", 2, 1)
        assert '"2"' in found.example
        assert compare(ours, ours, spool).same == "statements"
