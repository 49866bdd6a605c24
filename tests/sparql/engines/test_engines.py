"""Both engines give the same answers, report syntax errors with their position, and open nothing once data are loaded."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pyoxigraph as ox
import pytest

from kb import pipeline, queries, resources
from kb.cli import query as query_command
from kb.model import KnowledgeBase
from kb.queries import sandbox
from kb.queries.child_process import Limits
from kb.rdf.iris import names_of
from kb.sparql import engines, library, values
from kb.sparql.engines import rdflib as rdflib_engine
from kb.sparql.values import Answer, EngineError, Question

ENGINES = pytest.mark.parametrize("engine", values.ENGINES)
PREFIXES = {"": "http://e.org/", "xsd": "http://www.w3.org/2001/XMLSchema#"}
FORMS = ["1.50", "01", "INF", "-0", "NaN", "1e0", "16777217", "%%%"]
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
DATA = f"""<http://e.org/a> <http://e.org/p> "one"@en <http://e.org/g1> .
<http://e.org/a> <http://e.org/q> <http://e.org/b> <http://e.org/g1> .
<http://e.org/b> <http://e.org/p> "two" <http://e.org/g2> .
<http://e.org/b> <http://e.org/n> "2"^^<http://www.w3.org/2001/XMLSchema#integer> <http://e.org/g2> .
<http://e.org/s> <{RDF}subject> <http://e.org/a> <http://e.org/g2> .
<http://e.org/s> <{RDF}predicate> <http://e.org/q> <http://e.org/g2> .
<http://e.org/s> <{RDF}object> <http://e.org/b> <http://e.org/g2> .
"""


def ask(engine: str, text: str, data: str = DATA) -> Answer:
    load, answering = engines.import_engine(engine)
    question = Question(data, text, PREFIXES, "http://e.org/")
    return answering(load(question), question)


def both(text: str, data: str = DATA) -> Answer:
    """Ask both engines; give the answer if it is the same, rows and triples sorted."""
    one, other = (in_order(ask(engine, text, data)) for engine in values.ENGINES)
    assert one == other
    return one


def in_order(answer: Answer) -> Answer:
    return answer._replace(rows=tuple(sorted(answer.rows, key=repr)), triples=tuple(sorted(set(answer.triples))))


@pytest.fixture(scope="module")
def loaded(shipped: KnowledgeBase) -> dict[str, Any]:
    data = "".join(f"{' '.join(quad)} .\n" for quad in pipeline.compile_all(shipped))
    names = names_of(shipped)
    question = Question(data, "", names.prefixes, names.base)
    return {"question": question, **{name: engines.import_engine(name)[0](question) for name in values.ENGINES}}


@pytest.mark.long("rdflib takes seconds over the shipped statements; tests/queries asks it the same of fewer")
@pytest.mark.parametrize("name", library.list_query_files(resources.content()))
def test_both_engines_give_the_same_answer_to_a_shipped_query(name: str, shipped: KnowledgeBase, loaded: dict[str, Any]) -> None:
    question = replace(loaded["question"], text=queries.find_query(shipped, name).text)
    one, other = (in_order(engines.import_engine(engine)[1](loaded[engine], question)) for engine in values.ENGINES)
    assert one == other
    assert one.variables or one.form == "graph"


def test_columns_and_rows_are_what_was_selected() -> None:
    answer = both("SELECT ?o ?s ?none { ?s :p ?o } ORDER BY ?s")
    assert answer == Answer(
        "select", ("o", "s", "none"), (('"one"@en', "<http://e.org/a>", None), ('"two"', "<http://e.org/b>", None))
    )


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("SELECT * { ?z :p ?a . ?a ?m ?b }", ("z", "a", "m", "b")),
        ("select distinct*{ $z :p ?a }", ("z", "a")),
        ("# SELECT ?a\nSELECT * { ?z :p ?a FILTER(?a != 'SELECT ?y') { SELECT ?b ?a { ?b :p ?a } } }", ("z", "a", "b")),
        ("SELECT ?b ?a { { SELECT * { ?a ?z ?b } } }", ("b", "a")),
        ("SELECT (COUNT(*) AS ?n) ?a { ?a :p ?b } GROUP BY ?a", ("n", "a")),
    ],
)
def test_columns_stand_in_the_order_of_the_query(text: str, variables: tuple[str, ...]) -> None:
    assert both(text).variables == variables


def test_a_group_without_a_value_has_an_unbound_cell() -> None:
    answer = both("SELECT ?x (COUNT(*) AS ?n) { ?s ?p ?o OPTIONAL { ?s :n ?x } } GROUP BY ?x")
    assert {row[0] for row in answer.rows} == {None, '"2"^^<http://www.w3.org/2001/XMLSchema#integer>'}


def test_a_pattern_that_others_narrow_down_is_not_matched_alone() -> None:
    many = "".join(f"<http://e.org/x{i}> <http://e.org/m> <http://e.org/y{i}> <http://e.org/g1> .\n" for i in range(500))
    text = "SELECT * { VALUES ?a { UNDEF } { VALUES ?a { :x1 } } UNION { VALUES ?c { :x2 } } ?a :m ?b . ?c :m ?d }"
    assert len(confined("rdflib", text, many).rows) == 1000
    assert in_order(confined("rdflib", text, many)) == in_order(confined("oxigraph", text, many))


def test_an_empty_pattern_has_one_solution() -> None:
    assert ask("oxigraph", "SELECT * {}").rows == ((),)


def test_an_ask_is_answered() -> None:
    assert both("ASK { :a :p ?o }").truth
    assert not both("ASK { :b :q ?o }").truth


def test_a_construct_gives_triples() -> None:
    assert both("CONSTRUCT { ?s :x 'new' } { ?s :p ?o }").triples == (
        ("<http://e.org/a>", "<http://e.org/x>", '"new"'),
        ("<http://e.org/b>", "<http://e.org/x>", '"new"'),
    )
    assert both("CONSTRUCT { ?s :x ?o } { ?s :nothing ?o }").triples == ()


def test_a_describe_gives_the_triples_of_the_subject_alone() -> None:
    assert {subject for subject, _, _ in both("DESCRIBE :a").triples} == {"<http://e.org/a>"}
    assert len(both("DESCRIBE ?s { ?s :p ?o }").triples) == 4
    assert both("DESCRIBE :nothing").triples == ()


@pytest.mark.parametrize(
    ("clause", "count"),
    [
        ("{ ?s ?p ?o }", 7),
        ("{ GRAPH ?g { ?s ?p ?o } }", 7),
        ("{ GRAPH :g1 { ?s ?p ?o } }", 2),
        ("FROM :g1 { ?s ?p ?o }", 2),
        ("FROM <g1> FROM <g2> { ?s ?p ?o }", 7),
        ("FROM NAMED :g1 { GRAPH ?g { ?s ?p ?o } }", 2),
        ("FROM :g2 FROM NAMED :g1 { ?s ?p ?o }", 5),
        ("{ ?s ?p ?o # FROM\n }", 7),
        ("{ ?s ?p ?o FILTER(STR(?o) != 'FROM') }", 7),
    ],
)
def test_the_default_graph_is_all_graphs_unless_the_query_chooses(clause: str, count: int) -> None:
    answer = both(f"SELECT (COUNT(*) AS ?n) {clause}")
    assert answer.rows == ((f'"{count}"^^<http://www.w3.org/2001/XMLSchema#integer>',),)


@pytest.mark.parametrize("form", FORMS)
def test_rdflib_keeps_the_written_form_of_literals(form: str) -> None:
    kind = "base64Binary" if form == "%%%" else "double"
    term = f'"{form}"^^<http://www.w3.org/2001/XMLSchema#{kind}>'
    data = f"<http://e.org/a> <http://e.org/v> {term} <http://e.org/g> .\n"
    assert ask("rdflib", "SELECT ?o { ?s :v ?o }", data).rows == ((term,),)


def test_oxigraph_keeps_the_value_of_numbers_if_not_their_written_form() -> None:
    data = '<http://e.org/a> <http://e.org/v> "1.50"^^<http://www.w3.org/2001/XMLSchema#decimal> <http://e.org/g> .\n'
    assert ask("oxigraph", "SELECT ?o { ?s :v ?o FILTER(?o = 1.5) }", data).rows == (
        ('"1.5"^^<http://www.w3.org/2001/XMLSchema#decimal>',),
    )
    text = data.replace("decimal", "string")
    assert ask("oxigraph", "SELECT ?o { ?s :v ?o }", text).rows == (('"1.50"',),)


@pytest.mark.parametrize("text", ["a\tb", "é\u2028😀", "a\\\\u0041", "\\u00e9cafe", "it\\'s", "\\U0001F600"])
def test_texts_in_a_query_are_read_alike(text: str) -> None:
    assert both(f"SELECT ('{text}' AS ?x) {{}}").rows[0][0]


FUNCTIONS = """
STR(?o) | LANG(?o) | DATATYPE(?o) | BOUND(?o) | IRI('x') | BNODE() | RAND() | ABS(-1) | CEIL(1.5) | FLOOR(1.5)
ROUND(1.5) | CONCAT('a', 'b') | STRLEN('é') | UCASE('a') | LCASE('A') | ENCODE_FOR_URI('é/') | CONTAINS('ab', 'a')
STRSTARTS('ab', 'a') | STRENDS('ab', 'b') | STRBEFORE('ab', 'b') | STRAFTER('ab', 'a') | YEAR(NOW()) | MONTH(NOW())
DAY(NOW()) | HOURS(NOW()) | MINUTES(NOW()) | SECONDS(NOW()) | TIMEZONE('2026-01-01T00:00:00Z'^^xsd:dateTime)
TZ(NOW()) | NOW() | UUID() | STRUUID() | MD5('a') | SHA1('a') | SHA256('a') | SHA384('a') | SHA512('a')
COALESCE(?n, 1) | IF(true, 1, 2) | STRLANG('a', 'en') | STRDT('1', xsd:integer) | SAMETERM(1, 1) | ISIRI(?s)
ISBLANK(?s) | ISLITERAL(?o) | ISNUMERIC(1) | REGEX('Ab', 'a', 'i') | SUBSTR('abc', 2) | REPLACE('aba', 'a', 'c')
xsd:double('1') | 1 IN (1, 2) | xsd:dateTime('2026-01-01T00:00:00Z')
"""
AGGREGATES = [
    "COUNT(*)",
    "SUM(?n)",
    "AVG(?n)",
    "MIN(?o)",
    "MAX(?o)",
    "SAMPLE(?o)",
    "GROUP_CONCAT(?o;SEPARATOR=',')",
    "COUNT(DISTINCT ?o)",
]


@ENGINES
def test_every_function_works_when_nothing_more_can_be_opened(engine: str) -> None:
    calls = [call.strip() for line in FUNCTIONS.strip().splitlines() for call in line.split("|")]
    picked = " ".join(f"({call} AS ?f{index})" for index, call in enumerate(calls))
    paths = "OPTIONAL { ?s (:p|:q)+/^:p* ?x } OPTIONAL { ?s !(:p|:q)? ?y } MINUS { ?s :none ?z } FILTER NOT EXISTS { ?s :none 1 }"
    answer = confined(engine, f"SELECT {picked} {{ ?s :p ?o . {paths} }} ORDER BY DESC(?o)")
    # what is unbound where an engine has no answer is no error
    assert sum(term is not None for term in answer.rows[0]) >= len(calls) - 1
    grouped = " ".join(f"({call} AS ?a{index})" for index, call in enumerate(AGGREGATES))
    answer = confined(
        engine, f"SELECT ?p {grouped} {{ ?s ?p ?o OPTIONAL {{ ?s :n ?n }} }} GROUP BY ?p HAVING (COUNT(*) > 0) ORDER BY ?p"
    )
    assert len(answer.rows) == 6
    assert confined(engine, "CONSTRUCT { ?s :x [ :y ?o ] } { ?s :p ?o }").form == "graph"
    assert confined(engine, "DESCRIBE ?s { ?s :p ?o }").form == "graph"


def confined(engine: str, text: str, data: str = DATA) -> Answer:
    return sandbox.answer(lambda: engines.import_engine(engine), Question(data, text, PREFIXES, "http://e.org/"), Limits())


def refusal(engine: str, text: str) -> EngineError:
    with pytest.raises(EngineError) as raised:
        ask(engine, text)
    return raised.value


@ENGINES
@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("SELECT ?x { ?x nobody:p ?y }", 1, 16),
        ("SELECT ?x {\n\t?x :p 'é' ; nobody:p 1 }", 2, 14),
        ("# nobody:p\nSELECT ?x { ?x :p 'nobody:p', \"nobody:p\", <nobody:p>, '''nobody:p'''@en . FILTER(nobody:f(?x)) }", 2, 82),
    ],
)
def test_an_unknown_prefix_is_named_where_it_stands(engine: str, text: str, line: int, column: int) -> None:
    error = refusal(engine, text)
    assert (error.code, error.line, error.column) == ("KB602", line, column)
    assert "'nobody:' is not declared" in error.message


@ENGINES
@pytest.mark.parametrize(
    "text",
    [
        "SELECT",
        "SELEKT * {}",
        "SELECT ?x {\n ?x ?y }",
        "ASK {} ASK {}",
        "SELECT * { ?s ?p ?o } LIMIT -1",
        "SELECT * { ?s :p 'a }",
    ],
)
def test_a_syntax_error_has_its_place(engine: str, text: str) -> None:
    error = refusal(engine, text)
    assert error.code == "KB602"
    assert 0 < error.line <= text.count("\n") + 1
    assert 0 < error.column <= len(text) + 1
    assert error.message
    assert "\\u{" not in error.message


@pytest.mark.parametrize("call", ["<<( :a :b :c )>>", "STRLANGDIR('a', 'en', 'ltr')"])
def test_terms_of_rdf_1_2_are_refused_since_results_cannot_hold_them(call: str) -> None:
    assert "RDF 1.2" in refusal("oxigraph", f"SELECT ({call} AS ?x) {{}}").message


def test_prefixes_that_the_query_declares_are_known() -> None:
    text = "PREFIX mine: <http://e.org/> prefix e-f: <urn:> ASK { ?s mine:p 'q:r', <s:t>, e-f:x ; # u:v\n zzz:p 1 }"
    assert "'zzz:' is not declared" in refusal("oxigraph", text).message
    assert both("PREFIX mine: <http://e.org/> ASK { mine:a mine:p 'one'@en }").truth


def test_rdflib_says_what_is_nested_too_deeply() -> None:
    assert refusal("rdflib", "SELECT * " + "{" * 120 + "}" * 120).code == "KB606"


def test_rdflib_says_what_it_cannot_evaluate() -> None:
    error = refusal("rdflib", "SELECT * { ?s :p ?o } LIMIT 99999999999999999999999")
    assert error.code == "KB608"
    assert refusal("rdflib", "SELECT ('\\UFFFFFFFF' AS ?x) {}").code == "KB602"


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (SyntaxError("odd"), "KB602", "odd"),
        (SyntaxError("error at 1:1: expected [_]"), "KB602", "this is not SPARQL"),
        (SyntaxError("error at 1:1: Duplicate variable"), "KB602", "Duplicate variable"),
        (RuntimeError("broken"), "KB608", "broken"),
        (OSError("closed"), "KB608", "closed"),
    ],
)
def test_every_exception_of_oxigraph_becomes_an_engine_error(error: Exception, code: str, message: str) -> None:
    class Broken:
        def query(self, *_: object, **__: object) -> None:
            raise error

    load, answering = engines.import_engine("oxigraph")
    assert isinstance(load(Question("", "", {}, "")), ox.Store)
    with pytest.raises(EngineError) as raised:
        answering(Broken(), Question("", "ASK {}", {}, ""))
    assert (raised.value.code, raised.value.message) == (code, message)


def test_rdflib_out_of_memory_is_not_taken_for_something_else() -> None:
    class Full:
        def query(self, *_: object) -> None:
            raise MemoryError

    with pytest.raises(MemoryError):
        rdflib_engine.ask(Full(), Question("", "ASK {}", {}, ""))  # type: ignore[arg-type]


def test_the_command_offers_the_engines_that_there_are() -> None:
    (option,) = [param for param in query_command.command.params if param.name == "engine"]
    assert option.metavar == "|".join([*values.ENGINES, "URL"])
