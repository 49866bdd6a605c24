"""Results for Python and notebooks: plain values, frames, and how they are displayed."""

from __future__ import annotations

import inspect
import re
import sys
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import kb
from kb import cli, pipeline, queries, resources
from kb.model import KnowledgeBase
from kb.problems import KbError
from kb.queries.result import Result
from kb.queries.store_build import build_store
from kb.rdf.iris import XSD, Names
from kb.schema import vocabulary
from kb.sparql.library import Query
from kb.sparql.result_formats import plain_value
from kb.sparql.values import Answer

TWO = Path(__file__).parent / "two-documents"
QUERY = Query("q", "Q", "What <b>?", (), (), {}, "", Path("q.rq"))


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def test_a_named_question_is_one_line() -> None:
    result = kb.query("side-effects", content=TWO, drug="velaril", effect="itching")
    assert result.columns[:4] == ("drug", "effect", "modality", "restrictions")
    assert [(row["frequency"], row["severity"]) for row in result] == [("rare", None), ("usually common", "usually mild")]
    assert len(result) == 2
    assert result


def test_query_takes_a_folder_a_loaded_base_or_the_shipped_one(shipped: KnowledgeBase) -> None:
    text = "SELECT ?drug { ?drug a kb:Drug } ORDER BY ?drug"
    assert kb.query(text, content=str(TWO)).rows[0] == ("https://example.org/two/term/calmative",)
    assert kb.query(text, content=pipeline.load(TWO)).rows == kb.query(text, content=queries.open_base(TWO), engine="rdflib").rows
    assert kb.query(text).rows == kb.query(text, content=shipped).rows


def test_query_takes_a_store(tmp_path: Path) -> None:
    build_store(TWO, tmp_path / "store")
    assert kb.query("withdrawal", store=tmp_path / "store").rows == kb.query("withdrawal", content=TWO).rows


def test_truth_and_graphs_have_their_own_shape() -> None:
    assert not kb.query("ASK { term:velaril a kb:Symptom }", content=TWO)
    yes = kb.query("ASK { term:velaril a kb:Drug }", content=TWO)
    assert yes
    assert (repr(yes), yes._repr_html_(), yes.rows) == ("true", "<code>true</code>", [])
    graph = kb.query("plain-view", content=TWO)
    assert graph.columns == ("subject", "predicate", "object")
    assert len(graph.rows) == len(graph) > 20
    assert graph.text().startswith("@base")
    assert "pred:interacts-with" in repr(graph)


@pytest.mark.parametrize(
    ("term", "value"),
    [
        (None, None),
        ("<http://e.org/>", "http://e.org/"),
        ("_:b1", "_:b1"),
        ('"a\\nb"@en', "a\nb"),
        (f'"007"^^<{XSD}integer>', 7),
        (f'"3"^^<{XSD}nonNegativeInteger>', 3),
        (f'"1.50"^^<{XSD}decimal>', Decimal("1.50")),
        (f'"1e3"^^<{XSD}double>', 1000.0),
        (f'"true"^^<{XSD}boolean>', True),
        (f'"0"^^<{XSD}boolean>', False),
        (f'"many"^^<{XSD}integer>', "many"),
        (f'"much"^^<{XSD}decimal>', "much"),
        (f'"maybe"^^<{XSD}boolean>', "maybe"),
        (f'"2026-11-25"^^<{XSD}date>', "2026-11-25"),
    ],
)
def test_a_term_has_a_plain_value(term: str | None, value: object) -> None:
    assert plain_value(term) == value
    assert type(plain_value(term)) is type(value)


def test_a_frame_has_a_column_for_each_variable() -> None:
    frame = kb.query("effects-by-drugs", content=TWO).to_pandas()
    assert list(frame.columns) == ["effect", "drugs", "restricted", "denied", "effect_term"]
    assert frame.set_index("effect")["drugs"].to_dict() == {"itching": 2, "restlessness": 1, "sneezing": 2, "low mood": 1}
    assert kb.query("SELECT ?x { ?x a kb:None }", content=TWO).to_pandas().empty


def test_without_pandas_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(KbError, match=r"KB713 .*pip install 'linked-kb\[pandas\]'"):
        kb.query("withdrawal", content=TWO).to_pandas()


class _Reader(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str | None] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links.extend(value for name, value in attrs if name == "href")

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_a_notebook_shows_values_and_never_their_markup() -> None:
    rows = (('"<script>alert(1)</script>"', "<javascript:alert(1)>"), ('"&amp;"', '<http://e.org/?a="b&c>'))
    html = Result(Answer("select", ("<i>", "y"), rows), Names("http://e.org/", {}), QUERY)._repr_html_()
    reader = _Reader(html)
    assert set(reader.tags) == {"table", "caption", "thead", "tbody", "tr", "th", "td", "a"}
    assert reader.links == ['http://e.org/?a="b&c']
    assert "<script>alert(1)</script>" in reader.words
    assert "&amp;" in reader.words


def test_long_results_are_cut_where_they_are_shown_and_say_so() -> None:
    answer = Answer("select", ("x",), tuple((f'"{i}"',) for i in range(1234)))
    result = Result(answer, Names("http://e.org/", {}), QUERY)
    assert repr(result).endswith("(1,234 rows, of which 50 are shown.)")
    assert len(repr(result).splitlines()) == 52
    assert "of which 50 are shown" in result._repr_html_()
    assert len(result.rows) == 1234
    assert result.text("csv").count("\r\n") == 1235


def test_wrong_names_give_the_messages_of_the_command() -> None:
    with pytest.raises(KbError, match=r"KB601 .*Did you mean 'side-effects'"):
        kb.query("side-efects", content=TWO)
    with pytest.raises(KbError, match="KB607"):
        kb.query("withdrawal", content=TWO, dose=3)
    with pytest.raises(KbError, match=r"KB705 .*Did you mean 'velaril'"):
        kb.query("withdrawal", content=TWO, drug="velari")
    with pytest.raises(KbError, match="KB615"):
        kb.query("withdrawal", content=TWO, engine="jena")


def test_rows_are_taken_by_number_and_by_slice() -> None:
    result = kb.query("side-effects", content=TWO, drug="velaril")
    assert result[0] == next(iter(result))
    assert result[-1] == list(result)[-1]
    part = result[1:3]
    assert list(part) == list(result)[1:3]
    assert [row["facts"] for row in part.explain().rows] == [row["facts"] for row in result.explain().rows[1:3]]
    assert len(kb.query("plain-view", content=TWO)[:5]) == 5


def test_an_explanation_is_what_the_command_writes(capsys: pytest.CaptureFixture[str]) -> None:
    explained = kb.query("withdrawal", content=TWO, drug="velaril").explain()
    assert cli.run(["query", "withdrawal", "--content", str(TWO), "-p", "drug=velaril", "--explain"]) == 0
    assert repr(explained) == capsys.readouterr().out
    assert explained.unknown == ()


def test_an_empty_result_says_why() -> None:
    result = kb.query("SELECT ?x { ?x a kb:Durg }", content=TWO)
    assert "Did you mean 'kb:Drug'?" in result.reasons[0]
    assert result.reasons[0] in repr(result)
    assert "Did you mean" in result._repr_html_()


def test_without_content_the_knowledge_base_of_the_current_folder_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KB_CONTENT", raising=False)
    text = "SELECT ?title { ?dataset a dcat:Dataset ; dcterms:title ?title }"
    monkeypatch.chdir(TWO / "facts")
    assert kb.query(text).rows == kb.query(text, content=TWO).rows
    monkeypatch.chdir("/")
    assert kb.query(text).rows == kb.query(text, content=resources.content()).rows
    monkeypatch.setenv("KB_CONTENT", str(TWO))
    assert kb.query(text).rows == kb.query(text, content=TWO).rows


def test_a_frame_has_dates_and_categories() -> None:
    frame = kb.query("side-effects", content=resources.content()).to_pandas()
    assert list(frame["frequency"].cat.categories)[:2] == [value.label for value in vocabulary.values("frequency").values()][:2]
    dates = kb.query("SELECT ?day { ?m sssom:mapping_date ?day }", content=TWO).to_pandas()
    assert dates["day"].dtype.kind == "M"


def test_results_become_graphs_of_other_libraries() -> None:
    graph = kb.query("plain-view", content=TWO)
    assert len(graph.to_rdflib()) == len(graph)
    network = graph.to_networkx()
    assert ("https://example.org/two/term/velaril", "https://example.org/two/term/itching") in network.edges()
    rows = kb.query("withdrawal", content=TWO)
    bindings = rows.to_rdflib().bindings
    assert [{str(name): str(term) for name, term in row.items()} for row in bindings] == [
        {name: str(value) for name, value in row.items() if value is not None} for row in rows
    ]
    edges = rows.to_networkx("drug", "symptom").edges(data=True)
    assert {(start, end, about["trigger"]) for start, end, about in edges} >= {("velaril", "shaking", "slow stop")}
    assert kb.query("ASK { ?d a kb:Drug }", content=TWO).to_rdflib().askAnswer
    with pytest.raises(KbError, match="KB607"):
        rows.to_networkx("drug", "nothing")


def test_the_package_shows_its_public_names_and_errors_of_one_line() -> None:
    assert set(dir(kb)) == {*kb.__all__, "__version__"}
    assert re.fullmatch(r"\d+\.\d+.*", kb.__version__)
    listed = kb.queries(TWO)  # type: ignore[operator] # a module that can be called
    assert {row["name"] for row in listed} >= {"side-effects", "withdrawal"}
    with pytest.raises(KbError) as caught:
        kb.query("side-efects", content=TWO)
    assert caught.value._render_traceback_() == ["kb: KB601 There is no query 'side-efects'. Did you mean 'side-effects'?"]
    base = kb.load(TWO)
    assert len(repr(base)) < 100
    assert len(repr(queries.compile_base(base))) < 500
    assert max(len(repr(term)) for term in base.terms.values()) < 500


def _wrong_calls() -> list[tuple[str, str]]:
    """Every argument of every public function."""
    functions = {name: getattr(kb, name) for name in kb.__all__ if name not in {"KbError", "Problem", "queries"}}
    functions["queries"] = queries.result.list_queries
    return [
        (name, argument)
        for name, function in functions.items()
        for argument, parameter in inspect.signature(function).parameters.items()
        if parameter.kind is not inspect.Parameter.VAR_KEYWORD and argument not in {"keep", "with_texts", "is_own", "more"}
    ]


RIGHT: dict[str, Any] = {"question": "ASK {}", "word": "velaril", "sparql": "ASK {}", "path": TWO, "kb": TWO, "content": TWO}


@pytest.mark.parametrize(("name", "argument"), _wrong_calls())
@pytest.mark.parametrize("value", [None, 5, "5", b"5", ["5"]])
def test_a_value_of_the_wrong_type_is_refused_in_a_sentence(name: str, argument: str, value: Any) -> None:
    function = getattr(kb, name)
    parameters = inspect.signature(queries.result.list_queries if name == "queries" else function).parameters
    allowed = str(parameters[argument].annotation)
    given = {key: RIGHT[key] for key, about in parameters.items() if about.default is about.empty and key in RIGHT}
    is_right = ("None" in allowed and value is None) or ("str" in allowed and value == "5") or ("float" in allowed and value == 5)
    if is_right or (argument == "workers" and value == 5):
        return
    with pytest.raises(KbError) as caught:
        function(**{**given, argument: value})
    (problem,) = caught.value.problems
    assert (problem.code, problem.place.file) == ("KB832", argument)
    assert problem.message.startswith(f"The argument '{argument}' is ")
    assert problem.remedy.startswith(("Give one of type ", "Choose one of: "))


@pytest.mark.parametrize("seconds", [-1, 0, float("nan"), float("inf")])
def test_a_time_that_cannot_be_kept_is_refused(seconds: float) -> None:
    with pytest.raises(KbError, match=r"KB832 .* above 0"):
        kb.query("ASK {}", content=TWO, timeout=seconds)


def test_a_parameter_is_a_text_or_a_number_and_none_is_left_out() -> None:
    assert kb.query("withdrawal", content=TWO, drug=None).rows == kb.query("withdrawal", content=TWO).rows
    with pytest.raises(KbError, match=r"drug: KB607 The parameter 'drug' is \['velaril'\]. Give one text or number."):
        kb.query("withdrawal", content=TWO, drug=["velaril"])
    with pytest.raises(KbError, match="KB607 Rows of a result are taken by number"):
        kb.query("withdrawal", content=TWO)["drug"]  # type: ignore[call-overload]


def test_the_order_of_a_category_has_room_for_hedges() -> None:
    frame = kb.query("side-effects", content=TWO).to_pandas()
    labels = [value.label for value in vocabulary.values("severity").values()]
    categories = list(frame["severity"].cat.categories)
    assert "usually mild" in categories
    assert [word for word in categories if word in labels] == labels
    assert categories.index("usually mild") == categories.index("mild") - 1
    order = list(frame.sort_values("severity")["severity"].dropna())
    assert order == sorted(order, key=categories.index)


@pytest.mark.parametrize(
    ("question", "ends"),
    [
        ("facts", ("velaril", "itching")),
        ("side-effects", ("velaril", "itching")),
        ("shared-effects", ("itching", "velaril")),
        ("SELECT ?x ?a ?b { ?a pred:has-side-effect ?b BIND(1 AS ?x) }", ("velaril", "itching")),
    ],
)
def test_an_edge_joins_the_columns_that_name_things(question: str, ends: tuple[str, str]) -> None:
    edges = kb.query(question, content=TWO).to_networkx().edges()
    assert ends in {(start.rpartition("/")[2], end.rpartition("/")[2]) for start, end in edges}


@pytest.mark.parametrize("question", ["class-counts", "predicate-use", "ASK {}", "SELECT ?x { VALUES ?x { 1 } }"])
def test_without_two_such_columns_an_edge_is_refused(question: str) -> None:
    with pytest.raises(KbError, match="KB607 The result does not have the two columns of an edge"):
        kb.query(question, content=TWO).to_networkx()


def test_one_row_is_one_row() -> None:
    assert repr(kb.query("SELECT ?x { VALUES ?x { 1 } }", content=TWO)) == "x\n1\n(1 row.)"
    assert kb.query("SELECT ?x { VALUES ?x { 1 } }", content=TWO).text("table") == "x\n1\n(1 row.)\n"
