"""The endpoint explains answers, and says why one is empty, in every format that has a place for it."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

import kb
from kb.queries.query_run import Session
from tests.server.client import BROWSER, Server
from tests.server.test_things import Page

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

SIDE_EFFECTS = "SELECT ?effect { ?fact rdf:predicate pred:has-side-effect ; rdf:object/skos:prefLabel ?effect } ORDER BY ?effect"


def test_an_explanation_of_the_endpoint_is_that_of_python(server: Server) -> None:
    explained = kb.query(SIDE_EFFECTS, content=Path("kb/content").resolve()).explain()
    for accept in ("*/*", "application/json", "application/sparql-results+json"):
        found = server.ask(SIDE_EFFECTS, accept, explain="1")
        assert found.kind in {"application/json", "application/sparql-results+json"}
        assert [row["facts"][0]["says"] for row in found.json["rows"]] == [row["facts"][0]["says"] for row in explained.rows]
        assert found.json["unknown"] == list(explained.unknown)
    facts = server.ask("ASK { term:clonazepam pred:has-side-effect term:drowsiness }", explain="1").json
    assert facts["boolean"] is True
    assert facts["rows"][0]["facts"][0]["sentences"] == ["s3.1", "s3.2", "s3.3"]
    graph = server.ask("CONSTRUCT WHERE { ?d pred:used-to-treat ?c }", explain="1").json
    assert len(graph["rows"]) == 3
    assert all(row["facts"] for row in graph["rows"])
    assert server.ask(SIDE_EFFECTS, "text/csv", explain="1").status == 406
    assert "rows" not in server.ask(SIDE_EFFECTS, "*/*", explain="0").json


def test_the_page_shows_facts_and_sentences_below_each_row(server: Server) -> None:
    plain = server.ask(SIDE_EFFECTS, BROWSER["Accept"])
    links = (str(values.get("href")) for tag, values in Page(plain.text).tags if tag == "a")
    (link,) = (href for href in links if "explain=1" in href)
    page = Page(server.browse(link).text)
    assert page.words.count("clonazepam has side effect") == 11
    assert "severity: usually mild" in page.words
    assert "An overview of clonazepam in six sections, s3.1, s3.2, s3.3" in page.words
    facts = [str(values["href"]) for tag, values in page.tags if tag == "a" and str(values.get("href")).startswith("/fact/")]
    assert len(facts) == 11
    assert server.browse(facts[0]).status == 200


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("SELECT ?x { ?x a kb:Durg }", "Did you mean 'kb:Drug'?"),
        ("SELECT (COUNT(*) AS ?n) { ?x a kb:Durg }", "Did you mean 'kb:Drug'?"),
        ("ASK { ?x skos:prefLable ?y }", "Did you mean 'skos:prefLabel'?"),
        ("SELECT ?x { ?x skos:prefLabel 'drowsiness' }", "write 'drowsiness'@en"),
        ("SELECT ?x { term:clonazepam pred:has-withdrawal-symptom ?x }", "trigger: sudden stopping of clonazepam"),
        ("CONSTRUCT { ?x a ?y } { ?x a kb:Durg ; a ?y }", "Did you mean 'kb:Drug'?"),
    ],
)
def test_an_empty_answer_says_why_in_every_format(query: str, reason: str, server: Server) -> None:
    is_graph = query.startswith("CONSTRUCT")
    for fmt in ("turtle", "ntriples", "rdfxml", "jsonld") if is_graph else ("json", "xml", "csv", "tsv"):
        found = server.ask(query, format=fmt)
        assert found.status == 200
        assert reason in found.headers["KB-Empty"]
        if fmt == "json":
            assert reason in " ".join(found.json["reasons"])
            ox.parse_query_results(found.body, format=ox.QueryResultsFormat.JSON)  # a parser that reads nothing after the rows
        elif fmt in {"xml", "turtle", "ntriples", "rdfxml"}:
            assert reason in found.text
    assert reason in Page(server.ask(query, BROWSER["Accept"]).text).words
    compiled = kb.queries.open_base(Path("kb/content").resolve())
    parsed = kb.queries.parse_query(query, Path("q.rq"))
    assert server.ask(query, format="json" if not is_graph else "turtle").headers["KB-Empty"] == " ".join(
        Session(compiled).answer(parsed, {}).notes
    )


def test_answers_with_rows_have_no_reasons(server: Server) -> None:
    found = server.ask("SELECT (COUNT(*) AS ?n) { ?x a kb:Drug }", format="json")
    assert ("KB-Empty" in found.headers, "reasons" in found.json) == (False, False)
