"""The guard reports what a query must not do, and accepts what only looks like it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.problems import RULES, Problem
from kb.sparql import guard

BASE = "https://e.org/"
GRAPH = "https://e.org/graph/a"


def check(text: str) -> list[Problem]:
    return list(guard.check(text, {GRAPH}, {"e": BASE, "": f"{BASE}graph/"}, BASE))


@pytest.mark.parametrize(
    "query",
    [
        "# SERVICE LOAD <x> FROM <x>\nSELECT * {}",
        "# SERVICE\r\nASK {} # INSERT",
        "SELECT * { ?s ?p 'SERVICE <x>' }",
        'SELECT * { ?s ?p "SERVICE <x> \\" LOAD" }',
        "SELECT * { ?s ?p '''it's ''SERVICE <x>\n LOAD''' }",
        'SELECT * { ?s ?p """"x"" SERVICE\nFROM <x>""" }',
        "SELECT * { ?s <https://e.org/SERVICE> <https://e.org/#LOAD> }",
        "SELECT ?service ?LOAD $FROM { ?service ?LOAD $FROM }",
        "SELECT * { e:SERVICE SERVICE:e LOAD:FROM ; _:SERVICE e:a.SERVICE }",
        "SELECT * { ?s ?p 'a'@service , 'b'@en-LOAD }",
        "SELECT * { ?s e:it\\'s ?o . # SERVICE '\n }",
        "SELECT * { ?a ?b ?c FILTER(?a<?b && ?c>?b) # 'SERVICE\n }",
        "SELECT * { ?s ?p '\\\\uD800' }",
        "PREFIX load: <https://e.org/> SELECT * { load:x load:y load:z }",
        "SELECT * { SELECT (?x AS ?insert) { ?x e:DELETE 'INSERT' } }",
    ],
)
def test_words_that_are_no_keywords_pass(query: str) -> None:
    assert check(query) == []


@pytest.mark.parametrize(
    "clause",
    [
        "FROM <https://e.org/graph/a>",
        "FROM NAMED <https://e.org/graph/a>",
        "from <graph/a>",
        "FROM e:graph\\/a",
        "FROM :a FROM NAMED :a",
        "FROM # where\n <./graph/a>",
        "FROM <https://e.org/gr\\u0061ph/a>",
    ],
)
def test_a_graph_of_the_knowledge_base_may_be_named_however_it_is_written(clause: str) -> None:
    assert check(f"SELECT * {clause} {{ ?s ?p ?o }}") == []


def test_graphs_are_named_by_what_the_query_itself_declares() -> None:
    assert check("BASE <https://e.org/graph/> PREFIX z: <./> SELECT * FROM z:a FROM <a> {}") == []
    assert [problem.code for problem in check("PREFIX e: <urn:x:> SELECT * FROM e:a {}")] == ["KB603"]


def test_an_undeclared_prefix_is_left_to_the_engine() -> None:
    assert check("SELECT * FROM nobody:a {}") == []


@pytest.mark.parametrize(
    ("query", "line", "column", "word"),
    [
        ("SELECT * { SERVICE <x> {} }", 1, 12, "SERVICE"),
        ("SELECT *\n{ service\t<x> {} }", 2, 3, "SERVICE"),
        ("SELECT * { \\u0053ERVICE <x> {} }", 1, 12, "SERVICE"),
        ("SELECT * { S\\U00000045RVICE <x> {} }", 1, 12, "SERVICE"),
        ("SELECT * { ?s ?p 1.SERVICE<x>{} }", 1, 20, "SERVICE"),
        ("SELECT * { ?s ?p true.SERVICE<x>{} }", 1, 23, "SERVICE"),
        ("SELECT * { ?s ?p 1e5SERVICE<x>{} }", 1, 21, "SERVICE"),
        ("SELECT * { ?s ?p 'é'.SERVICE SILENT ?x {} }", 1, 22, "SERVICE"),
        ("#\rSELECT * { SERVICE <x> {} }", 1, 14, "SERVICE"),
        ("LOAD <x>", 1, 1, "LOAD"),
        ("PREFIX e: <x>\n  INSERT DATA {}", 2, 3, "INSERT"),
        ("DELETE WHERE {}", 1, 1, "DELETE"),
        ("WITH <x> DELETE {} WHERE {}", 1, 1, "WITH"),
        ("drop all", 1, 1, "DROP"),
        ("SELECT * FROM <file:///etc/passwd> {}", 1, 15, "file:///etc/passwd"),
        ("SELECT * FROM <http://[::1> {}", 1, 15, "http://["),
        ("SELECT *\nFROM NAMED <other> {}", 2, 12, "other"),
        ("SELECT * FROM e:other {}", 1, 15, "e:other"),
    ],
)
def test_what_reaches_outside_or_changes_is_refused_with_its_place(query: str, line: int, column: int, word: str) -> None:
    (problem,) = check(query)
    assert (problem.code, problem.place.line, problem.place.column) == ("KB603", line, column)
    assert word in problem.message


@pytest.mark.parametrize("query", ["", "  \n", "# only a comment"])
def test_an_empty_query_is_reported(query: str) -> None:
    assert [(problem.code, "empty" in problem.message) for problem in check(query)] == [("KB602", True)]


@pytest.mark.parametrize("half", ["\ud800", "\\uD800", "\\udfff", "\\U0000DABC"])
def test_half_of_a_surrogate_pair_is_refused_with_its_place(half: str) -> None:
    (problem,) = check(f"SELECT ('{half}' AS ?x) {{}}")
    assert (problem.code, problem.place.column) == ("KB602", 10)


def test_the_longest_query_passes_and_one_longer_does_not() -> None:
    query = "ASK {} "
    assert check(query + " " * (guard.MAX_LENGTH - len(query))) == []
    assert [problem.code for problem in check(query + " " * (guard.MAX_LENGTH - len(query) + 1))] == ["KB606"]


@pytest.mark.parametrize("brackets", ["{}", "()", "[]"])
def test_the_deepest_nesting_passes_and_one_deeper_does_not(brackets: str) -> None:
    def nested(depth: int) -> str:
        return f"ASK {brackets[0] * depth}{brackets[1] * depth}"

    assert check(nested(guard.MAX_DEPTH)) == []
    assert [problem.code for problem in check(nested(guard.MAX_DEPTH + 1))] == ["KB606"]
    assert check(f"ASK {'{}' * 1000} {'({[' * 5} '{'(' * 1000}'") == []


@settings(deadline=None)
@given(st.text())
def test_any_text_is_answered_with_known_problems(text: str) -> None:
    assert all(problem.code in RULES for problem in check(text))


PIECES = [
    "SERVICE",
    "FROM",
    "NAMED",
    "<x>",
    "<",
    ">",
    "'",
    '"',
    "'''",
    '"""',
    "\\",
    "\\u0041",
    "e:a",
    ":",
    "?x",
    "@en",
    "#",
    "\n",
    "1e5",
    ".",
    "{",
]


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_any_row_of_tokens_is_answered_with_known_problems(text: str) -> None:
    assert all(problem.code in RULES for problem in check(text))
