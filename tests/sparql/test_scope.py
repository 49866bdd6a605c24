"""Queries that are kept to one knowledge base of a store that holds several."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest

from kb import pipeline, resources
from kb.rdf.iris import KB, Names, names_of
from kb.sparql import library
from kb.sparql.scope import keep_to_base

TESTS = Path(__file__).resolve().parents[1]
FOLDERS = (
    resources.content(),
    resources.content().parent / "examples" / "zelorin",
    TESTS / "queries" / "two-documents",
    TESTS / "golden" / "content",
)
OWN = Names("https://example.org/a/", {})
BELOW = Names("https://example.org/a/b/", {})  # its base begins with that of the other
OTHER = Names("https://example.org/c/", {})


@cache
def loaded() -> tuple[ox.Store, Mapping[Path, tuple[Names, ox.Store]]]:
    together, alone = ox.Store(), {}
    for folder in FOLDERS:
        kb = pipeline.load(folder)
        lines = "".join(f"{' '.join(quad)} .\n" for quad in pipeline.compile_all(kb))
        alone[folder] = (names_of(kb), ox.Store())
        for store in (together, alone[folder][1]):
            store.load(lines, format=ox.RdfFormat.N_QUADS)
    return together, alone


def rows(store: ox.Store, text: str) -> list[str]:
    return sorted(map(str, store.query(text, use_default_graph_as_union=True)))  # type: ignore[arg-type] # never an ASK


@pytest.mark.parametrize("name", library.list_query_files(resources.content()))
def test_a_shipped_query_gives_its_own_rows_once_among_several_knowledge_bases(name: str) -> None:
    together, alone = loaded()
    file = library.list_query_files(resources.content())[name].read_text(encoding="utf-8")
    for names, store in alone.values():
        text = library.standalone_text(file, names)
        scoped = keep_to_base(text, names)
        assert rows(store, scoped) == rows(store, text)
        assert rows(together, scoped) == rows(store, text)


@pytest.fixture(scope="module")
def mixed() -> ox.Store:
    """Three knowledge bases with one fact each, all of the same shared word and outside identifier."""
    store = ox.Store()
    for names in (OWN, BELOW, OTHER):
        lines = f"""
        <{names.base}fact/f> a <{KB}Fact> ; <{KB}modality> <{KB}may> ; <{KB}about> <{names.base}term/t> .
        <{names.base}term/t> <{KB}label> "t" ; <{KB}same> <urn:outside> ; <{KB}next> <{names.base}term/t> .
        <{KB}may> <{KB}label> "may" .
        """
        store.load(lines, format=ox.RdfFormat.TURTLE, to_graph=ox.NamedNode(names.graph("all")))
    return store


@pytest.mark.parametrize(
    ("pattern", "count"),
    [
        ("?fact a kb:Fact", 1),
        ("{ ?fact a kb:Fact } UNION { ?fact kb:about ?term }", 2),
        ("?fact a kb:Fact . ?other kb:modality ?word . ?fact kb:modality ?word", 1),
        ("VALUES ?word { kb:may } ?word ^kb:modality ?fact . ?fact kb:about ?term", 1),
        ("kb:may ^kb:modality ?fact . ?fact kb:about ?term", 1),
        ("?term kb:same ?iri ; kb:label ?name . ?other kb:same ?iri", 1),
        ("?one kb:next ?other . ?other kb:next ?one", 1),
        ("?fact kb:about ?term FILTER(EXISTS { ?term kb:same ?x . ?y kb:same ?x } && (?term != ?fact)) ?term kb:label ?name", 1),
        ("?fact a kb:Fact OPTIONAL { ?other kb:about ?thing }", 1),
        ("?fact a kb:Fact { SELECT (COUNT(?each) AS ?n) { ?each a kb:Fact } } FILTER(?n = 1)", 1),
        ("?word kb:label 'may'", 1),
        ("VALUES (?a ?b) { (1 2) } ?fact (kb:about|kb:none)/kb:label ?name ; kb:modality ?word .", 1),
        ("BIND(1 AS ?one) ?fact a kb:Fact", 1),
        ("GRAPH ?graph { ?fact a kb:Fact }", 1),
        ("?fact a kb:Fact MINUS { ?fact kb:about/kb:label 'x' }", 1),
        ("?fact kb:modality kb:may ; a kb:Fact . ?fact kb:about [ kb:label ?name ]", 1),
    ],
)
def test_every_place_from_which_patterns_start_is_kept_to_the_knowledge_base(pattern: str, count: int, mixed: ox.Store) -> None:
    text = f"PREFIX kb: <{KB}> SELECT DISTINCT * WHERE {{ {pattern} }} ORDER BY DESC(?fact) ?term"
    for names in (OWN, BELOW, OTHER):
        found = rows(mixed, keep_to_base(text, names))
        assert len(found) == count
        assert not [row for row in found for base in {OWN.base, BELOW.base, OTHER.base} - {names.base} if f"{base}fact" in row]


def test_a_parameter_that_is_not_bound_becomes_a_comment(mixed: ox.Store) -> None:
    text = f"PREFIX kb: <{KB}> SELECT * {{ VALUES ?term {{ UNDEF }}\n{{ VALUES ?fact {{ UNDEF }} ?fact kb:about ?term }} }}"
    scoped = keep_to_base(text, OWN)
    assert "# VALUES ?term { UNDEF }\n" in scoped
    assert scoped.count("UNDEF") == 1
    assert len(rows(mixed, scoped)) == 1


def test_the_template_of_a_graph_stays_as_it_is(mixed: ox.Store) -> None:
    text = f"PREFIX kb: <{KB}> CONSTRUCT {{ ?fact kb:about ?term . ?term a kb:Term }} WHERE {{ ?fact kb:about ?term }}"
    assert len(rows(mixed, keep_to_base(text, OWN))) == 2
