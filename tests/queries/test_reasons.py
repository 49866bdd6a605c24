"""An empty answer explains itself, and a parameter takes any name of a thing."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb import pipeline, queries
from kb.model import KnowledgeBase
from kb.problems import KbError
from kb.queries import Compiled
from kb.queries.query_run import QueryRun, Session
from kb.queries.reasons import is_empty
from kb.sparql.parameters import find_id
from kb.sparql.values import Answer


@pytest.fixture(scope="module")
def base(shipped: KnowledgeBase) -> Compiled:
    return queries.compile_base(shipped, pipeline.compile_all(shipped))


def answer(base: Compiled, text: str, **parameters: str) -> QueryRun:
    query = queries.parse_query(text, Path("q.rq")) if "{" in text else queries.find_query(base, text)
    return Session(base).answer(query, parameters)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("SELECT ?x { ?x skos:prefLabel 'drowsiness' }", "write 'drowsiness'@en"),
        ('SELECT ?x { ?x skos:prefLabel ?l FILTER(?l = "drowsiness") }', 'write "drowsiness"@en'),
        ("SELECT ?x { ?x skos:prefLable ?l }", "names skos:prefLable, which the query asks for. Did you mean 'skos:prefLabel'?"),
        ("SELECT ?x { ?x rdfs:prefLabel ?l }", "Did you mean 'skos:prefLabel'?"),
        ("ASK { ?x a <http://www.w3.org/2004/02/skos/core#concept> }", "Did you mean 'skos:Concept'?"),
        ("SELECT ?x { ?x a kb:Symptoms }", "Did you mean 'kb:Symptom'?"),
        ("SELECT ?x { ?x pred:drowsiness ?y }", "Did you mean 'term:drowsiness'?"),
        ("SELECT ?x { term:clonazepam pred:has-withdrawal-symptom ?x }", "insomnia (may, listing: open list, trigger: sudden"),
        ("SELECT ?x { term:drowsiness pred:has-side-effect ?x }", "clonazepam has side effect drowsiness (can"),
        ("SELECT ?f { ?f rdf:object HP:0002329 }", "facts name the term: term:drowsiness (exact match)"),
        ("SELECT (COUNT(*) AS ?n) { ?x a kb:Durg }", "Did you mean 'kb:Drug'?"),
        ("CONSTRUCT { ?x a ?y } { ?x a kb:Durg ; a ?y }", "Did you mean 'kb:Drug'?"),
        ("SELECT ?x { GRAPH <urn:nowhere> { ?x a kb:Drug } }", "No statement names <urn:nowhere>"),
    ],
)
def test_an_empty_answer_to_sparql_says_why(text: str, reason: str, base: Compiled) -> None:
    assert any(reason in note for note in answer(base, text).notes), answer(base, text).notes


@pytest.mark.parametrize(
    ("name", "parameters", "reason"),
    [
        ("identifiers-in", {"vocabulary": "MeSH"}, "Did you mean 'vocabulary=mesh'?"),
        ("side-effects", {"drug": "drowsiness"}, "'drowsiness' is a symptom; the question asks about: drug."),
        ("side-effects", {"effect": "clonazepam"}, "Values that do: blurred-vision, breathing-"),
        ("graded-effects", {"grade": "can"}, "Values that do: common, mild, rare, self-limiting, serious."),
    ],
)
def test_a_value_that_gives_no_rows_is_told_with_those_that_do(
    name: str, parameters: dict[str, str], reason: str, base: Compiled
) -> None:
    asked = answer(base, name, **parameters)
    assert is_empty(asked.answer)
    assert any(reason in note for note in asked.notes), asked.notes


def test_a_brand_is_answered_for_its_drug_and_the_note_says_so(base: Compiled) -> None:
    asked = answer(base, "side-effects", drug="KLONOPIN")
    assert asked.answer.rows == answer(base, "side-effects", drug="clonazepam").answer.rows
    (note,) = asked.notes
    assert "'klonopin' is a brand" in note
    assert "clonazepam has brand name Klonopin (is). The answer is about that." in note
    assert answer(base, "brand-names", drug="clonazepam").notes == ()


def test_answers_that_are_not_empty_have_no_reasons(base: Compiled) -> None:
    for text in ("SELECT ?x { ?x a kb:Drug }", "ASK { ?x a kb:Drug }", "SELECT (COUNT(*) AS ?n) { ?x a kb:Drug }"):
        assert answer(base, text).notes == ()
    assert not is_empty(Answer("select", ("n",), (('"0"^^<http://www.w3.org/2001/XMLSchema#integer>',), ('"1"',))))


def test_an_unknown_word_is_refused_with_the_values_that_give_rows(base: Compiled) -> None:
    with pytest.raises(KbError, match=r"KB705 There is no word 'terrible'. Values with rows: common, mild, rare, "):
        answer(base, "graded-effects", grade="terrible")
    with pytest.raises(KbError, match=r"KB705 .* Did you mean 'drowsiness'\? Values with rows: blurred-vision, "):
        answer(base, "side-effects", effect="drowsines")


@pytest.mark.parametrize(
    "word",
    ["drowsiness", "term:drowsiness", "Drowsiness", "HP:0002329", "hp:0002329", "http://purl.obolibrary.org/obo/HP_0002329"],
)
def test_every_name_of_a_term_is_a_parameter(word: str, base: Compiled) -> None:
    rows = answer(base, "side-effects", effect=word).answer.rows
    assert len(rows) == 1
    assert any("term/drowsiness" in (term or "") for term in rows[0])


def test_an_identifier_that_matches_otherwise_names_nothing_and_says_what_it_matches(base: Compiled) -> None:
    labels = base.labels
    inexact = [curie for curie, known in labels["match"].items() if not any(match.startswith("skos:exact") for match in known)]
    assert len(inexact) > 20
    for curie in inexact:
        sort = "term" if "term:" in labels["match"][curie][0] else "predicate"
        with pytest.raises(KbError, match=r"KB705 .* is no exact match of a (term|predicate), but matches (term|pred):"):
            find_id(curie, sort, labels)
