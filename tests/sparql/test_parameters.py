"""Parameters of named queries: what a user types is bound as one RDF term, whatever characters it has."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb import queries
from kb.model import KnowledgeBase
from kb.problems import KbError
from kb.queries import Compiled
from kb.rdf.iris import Names
from kb.rdf.quads import literal
from kb.sparql import engines, guard, library
from kb.sparql.library import Parameter, Query
from kb.sparql.parameters import resolve_value
from kb.sparql.values import ENGINES, Answer, Question

TEXT = """# title: A test
SELECT ?given ?number {
  VALUES ?given { UNDEF }
  values  ?number{undef}
}
"""
PARAMETERS = {
    name: Parameter(name, variable, "A value.")
    for name, variable in (
        ("text", "given"),
        ("iri", "given"),
        ("term", "given"),
        ("predicate", "given"),
        ("document", "given"),
        ("word", "given"),
        ("integer", "number"),
    )
}
QUERY = Query("test", "A test", "?", ("given",), (), PARAMETERS, TEXT, Path("test.rq"))
ATTACKS = [
    '" } INSERT DATA { <a> <b> "c',
    "' } SERVICE <http://e.org/> { ?s ?p ?o } #",
    "x> . ?s ?p ?o . <y",
    "}\n} LOAD <http://e.org/> #",
    "\\",
    '\\"',
    "\\u0022 } SERVICE <x> { #",
    "\\\\u0022",
    '"""',
    "'''",
    "a\tb\rc\nd",
    "\x00\x01\x7f",
    "<http://e.org/> } #",
    "UNDEF",
    "\\1 \\g<0>",
    "\u202e\u2028😀",
    "",
]


@pytest.fixture(scope="module")
def compiled(shipped: KnowledgeBase) -> Compiled:
    """The shipped knowledge base, compiled."""
    return queries.compile_base(shipped)


def run(engine: str, text: str) -> Answer:
    load, ask = engines.import_engine(engine)
    question = Question("", text, {}, "http://e.org/")
    return ask(load(question), question)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("value", ATTACKS)
def test_a_text_comes_back_as_it_was_given(engine: str, value: str, compiled: Compiled) -> None:
    text = queries.bind_query(compiled, QUERY, {"text": value})
    assert list(guard.check(text, (), {}, "")) == []
    assert run(engine, text).rows == ((literal(value), None),)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=settings().max_examples // 2)
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_comes_back_as_it_was_given(compiled: Compiled, value: str) -> None:
    text = queries.bind_query(compiled, QUERY, {"text": value})
    assert [run(engine, text).rows for engine in ENGINES] == [((literal(value), None),)] * 2


@pytest.mark.parametrize("kind", ["iri", "term", "predicate", "document", "word", "integer", "quantity"])
@pytest.mark.parametrize("value", ATTACKS)
def test_what_is_not_of_its_type_is_refused(kind: str, value: str, compiled: Compiled) -> None:
    with pytest.raises(KbError) as raised:
        queries.bind_query(compiled, QUERY, {kind: value})
    assert [problem.code for problem in raised.value.problems] == ["KB607" if kind in {"iri", "integer", "quantity"} else "KB705"]
    assert raised.value.exit_code == 2


WORDS = st.text() | st.sampled_from(["rare", "kb:rare", "RARE", "drowsiness", "has side effect", "kb:", "rare> } #"])


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=settings().max_examples)
@given(word=WORDS | WORDS.map("kb:{}".format))
@pytest.mark.parametrize("kind", ["term", "predicate", "document", "word"])
def test_what_passes_for_a_name_is_one_that_there_is(kind: str, compiled: Compiled, word: str) -> None:
    try:
        text = queries.bind_query(compiled, QUERY, {kind: word})
    except KbError as error:
        assert error.problems[0].code == "KB705"
    else:
        ((given, number),) = run("oxigraph", text).rows
        assert (str(ox.NamedNode((given or "")[1:-1])), number) == (given, None)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text())
def test_what_passes_for_an_iri_is_one(shipped: KnowledgeBase, names: Names, word: str) -> None:
    for value in (word, f"http://e.org/{word}", f"term:{word}"):
        try:
            term = resolve_value("iri", value, shipped.labels(), names)
        except KbError as error:
            assert error.problems[0].code == "KB607"
        else:
            assert str(ox.NamedNode(term[1:-1])) == term


@pytest.mark.parametrize(
    ("kind", "value", "term"),
    [
        ("iri", "http://e.org/a?b#c", "<http://e.org/a?b#c>"),
        ("iri", "term:drowsiness", "<https://w3id.org/linked-kb/clonazepam/term/drowsiness>"),
        ("iri", "HP:0002329", "<http://purl.obolibrary.org/obo/HP_0002329>"),
        ("term", "drowsiness", "<https://w3id.org/linked-kb/clonazepam/term/drowsiness>"),
        ("term", "term:drowsiness", "<https://w3id.org/linked-kb/clonazepam/term/drowsiness>"),
        ("term", "DROWSINESS", "<https://w3id.org/linked-kb/clonazepam/term/drowsiness>"),
        ("term", "blurred vision", "<https://w3id.org/linked-kb/clonazepam/term/blurred-vision>"),
        (
            "term",
            "https://w3id.org/linked-kb/clonazepam/term/drowsiness",
            "<https://w3id.org/linked-kb/clonazepam/term/drowsiness>",
        ),
        ("predicate", "has side effect", "<https://w3id.org/linked-kb/clonazepam/predicate/has-side-effect>"),
        ("predicate", "pred:has-side-effect", "<https://w3id.org/linked-kb/clonazepam/predicate/has-side-effect>"),
        ("document", "clonazepam-overview", "<https://w3id.org/linked-kb/clonazepam/document/clonazepam-overview>"),
        ("integer", "-07", '"-07"^^<http://www.w3.org/2001/XMLSchema#integer>'),
    ],
)
def test_a_value_is_found_however_people_name_it(
    kind: str, value: str, term: str, compiled: Compiled, shipped: KnowledgeBase, names: Names
) -> None:
    assert resolve_value(kind, value, shipped.labels(), names) == term
    assert term in queries.bind_query(compiled, QUERY, {kind: value})


@pytest.mark.parametrize("value", ["", "x", "1.5", "\u0661", "1e3", "9" * 31, "--1"])
def test_a_whole_number_is_one(value: str, compiled: Compiled) -> None:
    with pytest.raises(KbError, match="is not a whole number"):
        queries.bind_query(compiled, QUERY, {"integer": value})


def test_an_unknown_term_is_reported_with_the_nearest(compiled: Compiled) -> None:
    with pytest.raises(KbError, match=r"KB705 There is no term 'drowsines'. Did you mean 'drowsiness'\?"):
        queries.bind_query(compiled, QUERY, {"term": "drowsines"})


def test_an_endless_word_is_answered_with_few(shipped: KnowledgeBase, names: Names) -> None:
    with pytest.raises(KbError) as raised:
        resolve_value("term", "x" * 10**6, shipped.labels(), names)
    assert len(str(raised.value)) < 300


def test_a_label_of_several_terms_is_reported_with_their_ids(shipped: KnowledgeBase, names: Names) -> None:
    one, other = list(shipped.terms.values())[:2]
    double = {one.id: one, other.id: other._replace(label=one.label)}
    with pytest.raises(KbError, match=f"KB705 .* is the label of several: {one.id}, {other.id}"):
        resolve_value("term", one.label.upper(), shipped._replace(terms=double).labels(), names)


def test_a_label_is_found_in_whatever_form_its_accents_are_typed(shipped: KnowledgeBase, names: Names) -> None:
    term = next(iter(shipped.terms.values()))._replace(id="x", label="épreuve")
    assert resolve_value("term", "e\u0301preuve", shipped._replace(terms={"x": term}).labels(), names) == f"<{names.term('x')}>"


def test_an_unknown_parameter_is_reported_with_the_known_ones(compiled: Compiled) -> None:
    with pytest.raises(KbError, match=r"KB607 'test' has no parameter 'odd'\. It takes: text, iri"):
        queries.bind_query(compiled, QUERY, {"odd": "x"})
    with pytest.raises(KbError, match="It takes: none"):
        queries.bind_query(compiled, QUERY._replace(parameters={}), {"odd": "x"})


def test_a_parameter_without_its_line_is_reported() -> None:
    with pytest.raises(KbError, match=r"test.rq: KB609 The query has no line 'VALUES \?given \{ UNDEF \}'"):
        library.bind(QUERY._replace(text="SELECT * {}"), {"text": '"x"'})


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("SELECT * { VALUES ?given { UNDEF } }", "SELECT * { VALUES ?given { 'x' } }"),
        ("SELECT * { values?given{-5} }", "SELECT * { values?given{'x'} }"),
        ("SELECT * { VALUES ?given { kb:rare } }", "SELECT * { VALUES ?given { 'x' } }"),
        ('SELECT * { VALUES ?given { "a } \\" {" } }', "SELECT * { VALUES ?given { 'x' } }"),
        ("SELECT * { VALUES ?given # UNDEF }\n{ UNDEF # }\n} }", "SELECT * { VALUES ?given # UNDEF }\n{ 'x' # }\n} }"),
        (
            "# VALUES ?given { UNDEF }\nSELECT * { VALUES ?given { UNDEF } }",
            "# VALUES ?given { UNDEF }\nSELECT * { VALUES ?given { 'x' } }",
        ),
        ("# VALUES ?given { UNDEF }\nSELECT * { ?given ?p 'VALUES ?given { UNDEF }' }", ""),
        ("SELECT * { VALUES ?given { 1 2 } VALUES ?give { UNDEF } VALUES (?given) { (UNDEF) } VALUES ?given { } }", ""),
        ("SELECT * { VALUES ?given {", ""),
    ],
)
def test_a_parameter_is_bound_where_the_query_has_its_line_and_nowhere_else(before: str, after: str) -> None:
    query = QUERY._replace(text=before)
    if after:
        assert library.bind(query, {"text": "'x'"}) == after
    else:
        with pytest.raises(KbError, match="KB609"):
            library.bind(query, {"text": "'x'"})


def test_a_query_without_values_is_left_as_it_is(compiled: Compiled) -> None:
    assert queries.bind_query(compiled, QUERY, {}) == TEXT


def test_unbound_all_rows_are_given_and_bound_only_some(compiled: Compiled) -> None:
    query = queries.find_query(compiled, "side-effects")
    everything = queries.ask(compiled, query.text)
    bound = queries.ask(compiled, queries.bind_query(compiled, query, {"effect": "drowsiness", "drug": "clonazepam"}))
    assert len(everything.rows) > len(bound.rows) == 1
    assert set(bound.rows) < set(everything.rows)
    assert queries.ask(compiled, queries.bind_query(compiled, query, {"effect": "clonazepam"})).rows == ()


def test_every_parameter_of_every_shipped_query_can_be_bound(shipped: KnowledgeBase) -> None:
    values = {
        "term": "clonazepam",
        "predicate": "has-side-effect",
        "document": "clonazepam-overview",
        "iri": "urn:x",
        "text": "x",
        "integer": "1",
        "quantity": "2 g",
        "word": "rare",
    }
    base = queries.compile_base(shipped)
    for query in queries.named_queries(base):
        bound = {name: values[parameter.type] for name, parameter in query.parameters.items()}
        text = queries.bind_query(base, query, bound)
        assert (text != query.text) == bool(bound)
        assert not bound or queries.ask(base, text).form == "select"


def test_a_heading_is_the_comment_at_the_top(make_kb: Callable[..., Path]) -> None:
    assert library.extract_heading("# title: A\n#   b\n#c\nSELECT # d\n# e") == "title: A\n  b\nc"
    assert library.extract_heading("SELECT * {}") == ""
    assert library.extract_heading("# only") == "only"
    folder = make_kb(queries__b="", **{"queries/z.rq": "ASK {}", "queries/a.rq": "ASK {}", "queries/no.txt": ""})
    assert list(library.list_query_files(folder)) == ["a", "z"]


@pytest.mark.parametrize(
    ("text", "is_heading"),
    [
        ("# title: A\n# question: B?\n# columns: [a]\nASK {}", True),
        ("#title:Cats\n#defaultView:ImageGrid\nASK {}", False),
        ("# title: Cats\nASK {}", False),
        ("#+ summary: Cats\n#+ question: Which?\nASK {}", False),
        ("# untitled: A\n# a question: B\nASK {}", False),
    ],
)
def test_a_comment_of_another_program_is_no_heading(text: str, *, is_heading: bool) -> None:
    assert library.has_heading(text) is is_heading
