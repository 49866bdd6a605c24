"""The queries that are released and exported run in engines that know neither kb nor its prefixes, with the same answers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery

from kb import pipeline, queries, resources
from kb.queries import description
from kb.sparql import library, syntax

EXPORTS = Path(__file__).resolve().parents[2] / "exports"
SH = "http://www.w3.org/ns/shacl#"
FORMS = {ox.QuerySolutions: "Select", ox.QueryBoolean: "Ask", ox.QueryTriples: "Construct"}
#: Queries whose layout misleads whoever reads them by regular expressions, each with its form.
ODD = {
    "ask": "Ask",
    "comments": "Select",
    "describe": "Describe",
    "full-stop": "Select",
    "iris": "Select",
    "long-strings": "Select",
    "lower-case": "Construct",
    "one-line": "Construct",
    "relative": "Select",
    "star": "Select",
    "strings": "Select",
    "two-bases": "Ask",
}


def check_elsewhere(text: str, form: str, data: ox.Store) -> int:
    """Parse and run a query with engines that preset no prefixes; return how many rows or triples it gives, or its truth."""
    assert translateQuery(parseQuery(text), None, {}).algebra.name == f"{form}Query", text
    result = data.query(text)
    assert FORMS[type(result)] == ("Construct" if form == "Describe" else form), text
    return int(bool(result)) if isinstance(result, ox.QueryBoolean) else len(list(result))


@pytest.fixture(scope="module")
def shipped_data() -> ox.Store:
    """The shipped exports, read by an engine of which nothing is kb's."""
    store = ox.Store()
    store.load(path=str(EXPORTS / "clonazepam.nt"), format=ox.RdfFormat.N_TRIPLES)
    return store


def executables(data: ox.Store) -> dict[str, tuple[str, str]]:
    """Read queries that are described in SHACL: IRI to form and text."""
    rows = data.query(
        f"SELECT ?node ?type ?text {{ ?node a ?type ; <{SH}select>|<{SH}ask>|<{SH}construct>|<{SH}describe> ?text"
        f" FILTER(?type != <{SH}SPARQLExecutable>) }}"
    )
    assert isinstance(rows, ox.QuerySolutions)
    kinds = re.compile(rf"{SH}SPARQL(\w+)Executable")
    return {row["node"].value: (kinds.sub(r"\1", row["type"].value), row["text"].value) for row in rows}


def test_every_released_query_gives_the_released_answer_elsewhere(release: Path, shipped_data: ox.Store) -> None:
    paths = sorted((release / "queries").glob("*.rq"))
    assert len(paths) == len(list((resources.content() / "queries").glob("*.rq")))
    for path in paths:
        text = path.read_text(encoding="utf-8")
        form = syntax.find_form(text).capitalize()
        rows = check_elsewhere(text, form, shipped_data)
        if form == "Select" and "GRAPH" not in text:
            answer = json.loads(path.with_suffix(".srj").read_text(encoding="utf-8"))
            assert rows == len(answer["results"]["bindings"]), path.name


def test_every_exported_query_runs_elsewhere_in_the_form_that_is_stated(shipped_data: ox.Store) -> None:
    exported = ox.Store()
    exported.load(path=str(EXPORTS / "queries.ttl"), format=ox.RdfFormat.TURTLE)
    described = executables(exported)
    assert len(described) == len(list((resources.content() / "queries").glob("*.rq")))
    for form, text in described.values():
        check_elsewhere(text, form, shipped_data)


@pytest.mark.parametrize("name", ODD)
def test_an_odd_query_is_described_in_its_form_and_gives_the_same_elsewhere(name: str, make_kb: Callable[..., Path]) -> None:
    base = queries.compile_base(pipeline.load(make_kb()))
    query = queries.read_query(Path(__file__).parent / "odd-queries" / f"{name}.rq")
    described = ox.Store()
    for subject, predicate, obj in description.describe_queries([query], base.names, "", "en"):
        described.update(f"INSERT DATA {{ {subject} {predicate} {obj} }}")
    texts = set(executables(described).values())
    assert texts == {(ODD[name], library.standalone_text(query.text, base.names))}
    data = ox.Store()
    data.load(base.triples, format=ox.RdfFormat.N_TRIPLES)
    size = check_elsewhere(texts.pop()[1], ODD[name], data)
    answer = queries.ask(base, query.text)
    assert size == (int(answer.truth) or len(answer.rows) or len(answer.triples)) > 0


def test_every_odd_query_is_tested() -> None:
    assert {path.stem for path in (Path(__file__).parent / "odd-queries").iterdir()} == set(ODD)
