"""The queries that are released and exported run in engines that know neither kb nor its prefixes, with the same answers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from zipfile import ZipFile

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


@cache
def parsed_form(text: str) -> str:
    """Parse a query with rdflib; releases and exports have many of the same."""
    return str(translateQuery(parseQuery(text), None, {}).algebra.name)


def check_elsewhere(text: str, form: str, data: ox.Store) -> int:
    """Parse and run a query with engines that preset no prefixes; return how many rows or triples it gives, or its truth."""
    assert parsed_form(text) == f"{form}Query", text
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
    archive = ZipFile(release / "queries.zip")
    names = [name.removesuffix(".rq") for name in archive.namelist() if name.endswith(".rq")]
    assert len(names) == len(list((resources.content() / "queries").glob("*.rq")))
    for name in names:
        text = archive.read(f"{name}.rq").decode("utf-8")
        form = syntax.find_form(text).capitalize()
        rows = check_elsewhere(text, form, shipped_data)
        if form == "Select" and "GRAPH" not in text:
            answer = json.loads(archive.read(f"{name}.srj"))
            assert rows == len(answer["results"]["bindings"]), name


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
    quads = ox.parse(base.quads(), format=ox.RdfFormat.N_QUADS)
    data.extend([ox.Quad(quad.subject, quad.predicate, quad.object) for quad in quads])
    size = check_elsewhere(texts.pop()[1], ODD[name], data)
    answer = queries.ask(base, query.text)
    assert size == (int(answer.truth) or len(answer.rows) or len(answer.triples)) > 0


def test_every_odd_query_is_tested() -> None:
    assert {path.stem for path in (Path(__file__).parent / "odd-queries").iterdir()} == set(ODD)
