"""The text of a query: comments, strings and IRIs do not mislead its readers, however the query is laid out."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.sparql import guard, syntax
from kb.sparql.syntax import SparqlToken

BASE = "https://e.org/"
PREFIXES = {"kb": f"{BASE}kb#", "e": f"{BASE}e/", "": f"{BASE}empty/"}


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("SELECT * {}", "SELECT"),
        ("select*{}", "SELECT"),
        ("prefix e: <x:> construct { ?s ?p ?o } where { ?s ?p ?o }", "CONSTRUCT"),
        ("PREFIX select: <x:> BASE <x:ask> ASK {}", "ASK"),
        ("# SELECT\nPREFIX e: <x:#SELECT> DESCRIBE e:a", "DESCRIBE"),
        ("# SELECT\rask {}", "ASK"),
        ("CONSTRUCT { ?s ?p 'SELECT' } WHERE { SELECT * { ?s ?p ?o } }", "CONSTRUCT"),
        ("\\u0041SK {}", "ASK"),
        ("INSERT DATA {}", ""),
        ('\'SELECT\' """ASK\n{""" <SELECT> ?SELECT', ""),
        ("", ""),
    ],
)
def test_the_form_is_the_first_word_that_names_one(text: str, form: str) -> None:
    assert syntax.find_form(text) == form


@pytest.mark.parametrize(
    ("text", "added"),
    [
        ("ASK { e:a kb:b :c }", ["", "e", "kb"]),
        ("PREFIX e: <x:> ASK { e:a kb:b ?c }", ["kb"]),
        ("prefix e:<x:>prefix kb:<x:>ASK{e:a kb:b ?c}", []),
        ("# PREFIX e: <x:>\nASK { e:a ?p ?o }", ["e"]),
        ("ASK { e:a ?p 'PREFIX kb: <x:>' }", ["e"]),
        ("ASK { ?s ?p ?o } # kb:a e:b", []),
        ("ASK { ?s <x:#kb:a> 'e:b', 'a # e:c', '''it's e:d\n# kb:e''', \"\"\"\"e:f\"\" kb:g\"\"\" }", []),
        ("ASK { ?s <x:#a> ?o } # '\n# \" {\nSELECT", []),
        ("ASK { ?s ?p '#' . ?s e:b ?o }", ["e"]),
        ("ASK { ?s <x:#> ?o . ?o e:b ?o }", ["e"]),
        ("ASK { ?s ?p '\\'' . ?s e:b '''\\'''' }", ["e"]),
        ("ASK { _:e ?p 'a'@kb FILTER(?kb:e) }", [""]),
        ("ASK { notkb:a e.kb:b kb.e:c }", []),
        ("ASK { ?s ?p true.?s kb:a ?o }", ["kb"]),
        ("ASK { \\u006bb:a ?p ?o }", ["kb"]),
        ("SELECT (1?kb:2 AS ?x) {}", [""]),
    ],
)
def test_prefixes_are_declared_that_are_used_and_not_declared(text: str, added: list[str]) -> None:
    lines = [f"PREFIX {prefix}: <{PREFIXES[prefix]}>\n" for prefix in added]
    assert syntax.add_declarations(text, PREFIXES, BASE) == "".join(lines) + text


@pytest.mark.parametrize(
    ("text", "is_added"),
    [
        ("ASK { <a> ?p ?o }", True),
        ("ASK { <> ?p ?o }", True),
        ("PREFIX x: <#> ASK {}", True),
        ("SELECT * FROM <graph/a> {}", True),
        ("BASE <x:/y/> ASK { <a> ?p ?o }", False),
        ("BASE <y/> BASE <x:/y/> ASK {}", True),
        ("PREFIX x: <#> BASE <x:/y/> ASK {}", True),
        ("SELECT (iri('a') AS ?x) {}", True),
        ("BASE <x:/y/> SELECT (URI('a') AS ?x) {}", False),
        ("ASK { <x:a> ?p '<a>' } # <a>", False),
        ("ASK { ?s ?p ?o FILTER(?s<?o&&?o>?p) }", True),  # as the standard reads it
    ],
)
def test_a_base_is_declared_where_there_is_a_relative_iri(text: str, is_added: bool) -> None:
    assert syntax.add_declarations(text, PREFIXES, BASE) == (f"BASE <{BASE}>\n" if is_added else "") + text
    assert syntax.add_declarations(text, PREFIXES) == text


def test_iris_are_resolved_by_what_the_query_declares() -> None:
    text = "BASE <b/> PREFIX e: <#> PREFIX x: <x:a#> SELECT * FROM e:a FROM NAMED <y> { x:b\\'c e:%41 <//[> kb:a. nobody:d }"
    assert [(reference.iri, reference.clause) for reference in syntax.find_references(text, PREFIXES, BASE)] == [
        (f"{BASE}b/", "BASE"),
        (f"{BASE}b/#", "PREFIX"),
        ("x:a#", "PREFIX"),
        (f"{BASE}b/#a", "FROM"),
        (f"{BASE}b/y", "FROM NAMED"),
        ("x:a#b'c", ""),
        (f"{BASE}b/#%41", ""),
        ("//[", ""),
        (f"{BASE}kb#a", ""),
        (None, ""),
    ]


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("SELECT * { ?b ?a $c . ?a ?a ?d }", ["b", "a", "c", "d"]),
        ("prefix e: <x:>select distinct*{?b ?a 'x'}", ["b", "a"]),
        ("# ?z\nSELECT REDUCED * { ?a ?p '?y' , <?x> } # ?w", ["a", "p"]),
        ("PREFIX select: <x:> SELECT * { ?a select:* ?b }", ["a", "b"]),
        ("SELECT ?a { SELECT * { ?b ?a ?c } }", None),
        ("SELECT (COUNT(*) AS ?n) { ?a ?b ?c }", None),
        ("ASK { ?a <x:a>* ?b }", None),
        ("SELECT", None),
    ],
)
def test_the_variables_of_a_star_come_in_the_order_of_the_query(text: str, variables: list[str] | None) -> None:
    assert syntax.list_star_variables(text) == variables


def test_names_end_before_a_full_stop_and_words_at_any_sign() -> None:
    text = "?s e:a.b. :. _:c. 1.5e3 true.a-b"
    assert [(token.kind, token.text) for token in syntax.tokens(text)] == [
        ("variable", "?s"),
        ("name", "e:a.b"),
        ("symbol", "."),
        ("name", ":"),
        ("symbol", "."),
        ("blank", "_:c"),
        ("symbol", "."),
        ("number", "1.5e3"),
        ("word", "true"),
        ("symbol", "."),
        ("word", "a"),
        ("symbol", "-"),
        ("word", "b"),
    ]


@settings(deadline=None)
@given(
    st.text()
    | st.lists(st.sampled_from(["<", ">", "'", '"', "'''", "\\", "\\u0041", "e:a", ":", "#", "\n", "{", "?x"])).map("".join)
)
def test_tokens_are_pieces_of_the_text_in_order(text: str) -> None:
    tokens = list(syntax.tokens(text))
    assert all(text[token.start : token.end] == token.text for token in tokens)
    assert all(one.end <= other.start for one, other in pairwise(tokens))
    for token in tokens:
        assert isinstance(token, SparqlToken)
        assert isinstance(token.keyword + token.prefix + token.local, str)
    assert syntax.add_declarations(text, PREFIXES, BASE).endswith(text)


@pytest.mark.parametrize(
    "piece",
    [
        '"',
        "'",
        "<",
        ".",
        "a.",
        "\\",
        "'''",
        "'''a",
        '"""\\',
        "1",
        "1.",
        "a-",
        "_",
        "_:a.",
        ":",
        "a:.",
        "?",
        "@a-",
        "\\u0041",
        "<a",
        "{1e",
    ],
)
def test_a_long_query_takes_about_as_long_whatever_it_repeats(piece: str) -> None:
    def processor_time(text: str) -> float:
        start = time.process_time()
        list(guard.check((text * guard.MAX_LENGTH)[: guard.MAX_LENGTH], (), {}, ""))
        return time.process_time() - start

    assert processor_time(piece) < 50 * processor_time("SELECT ?x { ?x a kb:Drug . } ")
