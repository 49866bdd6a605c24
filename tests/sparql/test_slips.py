"""Common slips get a message that says what to write, and what is SPARQL has none."""

from __future__ import annotations

import pytest

from kb.sparql import projection, slips


@pytest.mark.parametrize(
    ("text", "at", "words"),
    [
        ("SELECT count(*) { ?s ?p ?o }", "count", "(count(...) AS ?name)"),
        ("SELECT DISTINCT ?s xsd:integer(?o) WHERE { ?s ?p ?o }", "xsd", "(xsd:integer(...) AS ?name)"),
        ("SELECT count(?s) AS ?n { ?s ?p ?o }", "count", "AS ?name"),
        ("SELECT ?s, ?p { ?s ?p ?o }", ",", "without commas"),
        ("ASK { { SELECT ?s, ?p { ?s ?p ?o } } }", ",", "without commas"),
        ("SELECT (count(?s)) { ?s ?p ?o }", "(count", "needs a name"),
        ("SELECT * { ?s ?p ?o } LIMIT -1", "-1", "LIMIT takes"),
        ("SELECT * { ?s ?p ?o } LIMIT ten", "ten", "LIMIT takes"),
        ("SELECT * { ?s ?p ?o } OFFSET 1.5", "1.5", "OFFSET takes"),
    ],
)
def test_a_slip_is_found_where_it_stands(text: str, at: str, words: str) -> None:
    slip = slips.find_slip(text)
    assert slip is not None
    assert (slip[0].start, words in slip[1]) == (text.index(at), True)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT DISTINCT (count(*) AS ?n) ?s { ?s ?p ?o } GROUP BY ?s LIMIT 10 OFFSET 2",
        "SELECT REDUCED (str(?s) AS ?t) (?o + 1 AS ?u) FROM <x:g> { ?s ?p ?o, 1 FILTER(?o IN (1, 2)) }",
        "SELECT (concat(?s, ',') AS ?t) { ?s ?p ?o }",
        "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "",
    ],
)
def test_what_is_sparql_has_no_slip(text: str) -> None:
    assert slips.find_slip(text) is None


@pytest.mark.parametrize(
    ("text", "absent"),
    [
        ("SELECT ?x { ?s ?p ?o } LIMIT 1", ["x"]),
        ("SELECT ?s ?y { { ?s ?p ?o } } GROUP BY ?s", ["y"]),
        ("SELECT ?s ?x { ?s ?p ?o } VALUES ?x { 1 }", []),
        ("SELECT * { ?s ?p ?o }", []),
        ("ASK { ?s ?p ?o }", []),
    ],
)
def test_selected_variables_that_no_pattern_has_are_found(text: str, absent: list[str]) -> None:
    assert projection.list_absent(text) == absent
