"""The named queries are a public contract: names, columns, and the answers over the shipped knowledge base."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest

from kb import pipeline, queries, resources
from kb.model import KnowledgeBase
from kb.queries import Compiled
from kb.queries.result import Result
from kb.rdf.iris import names_of
from kb.sparql import library, result_formats
from kb.sparql.values import Answer

ANSWERS = Path(__file__).parent / "answers"
CONTRACT: dict[str, list[str]] = {
    "advice": ["situation", "action", "modality", "restrictions"],
    "agreement": [
        "subject",
        "predicate",
        "object",
        "one",
        "modality",
        "restrictions",
        "other",
        "other_modality",
        "other_restrictions",
    ],
    "biolink-view": [],
    "brand-names": ["drug", "brand", "modality", "restrictions"],
    "broader-types": ["subject", "type"],
    "class-counts": ["class", "instances"],
    "contested": [
        "subject",
        "predicate",
        "object",
        "difference",
        "one",
        "says",
        "modality",
        "restrictions",
        "other",
        "other_says",
        "other_modality",
        "other_restrictions",
    ],
    "coverage": ["document", "sentence", "status", "facts", "restricted", "denied"],
    "dataset": ["title", "version", "issued", "license", "facts", "terms", "sentences"],
    "differing-hedges": [
        "subject",
        "predicate",
        "object",
        "one",
        "hedge",
        "restrictions",
        "other",
        "other_hedge",
        "other_restrictions",
    ],
    "document-standing": [
        *("document", "standing", "since", "replaced_by"),
        *("subject", "predicate", "object", "modality", "restrictions"),
    ],
    "document-coverage": ["document", "status", "sentences"],
    "drug-classes": ["drug", "class", "modality", "restrictions"],
    "drug-names": ["drug", "name", "sort", "modality", "restrictions"],
    "quantities": ["subject", "predicate", "object", "quality", "quantity", "modality", "restrictions"],
    "drug-profile": ["drug", "predicate", "object", "modality", "restrictions", "details"],
    "drugs-for-condition": ["condition", "drug", "relation", "modality", "restrictions"],
    "effects-by-drugs": ["effect", "drugs", "restricted", "denied"],
    "effects-of-one-only": ["drug", "other", "effect", "modality", "restrictions"],
    "effects-together": ["drug", "one", "modality", "restrictions", "other", "other_modality", "other_restrictions"],
    "evidence-types": ["document", "type", "pieces"],
    "evidence": ["fact", "part", "document", "sentence", "hedge"],
    "exemptions": ["document", "sentence", "reason"],
    "facts": ["fact", "subject", "predicate", "object", "modality", "restrictions", "sentence"],
    "graded-effects": ["drug", "effect", "quality", "grade", "hedge", "modality", "restrictions"],
    "graph-counts": ["graph", "statements"],
    "hedge-counts": ["modality", "of", "times"],
    "hedged-facts": ["modality", "subject", "predicate", "object", "restrictions"],
    "identifiers-in": ["term", "match", "identifier", "iri"],
    "identifiers": ["term", "iri"],
    "indications": ["drug", "condition", "modality", "restrictions"],
    "interactions-with-shared-effects": [
        "one",
        "other",
        "interaction",
        "restrictions",
        "effect",
        "one_modality",
        "one_restrictions",
        "other_modality",
        "other_restrictions",
    ],
    "interactions": ["drug", "substance", "modality", "restrictions"],
    "mapped-predicates": ["predicate", "match", "identifier"],
    "mapping-vocabularies": ["vocabulary", "match", "mappings"],
    "mappings": ["term", "match", "identifier"],
    "mechanism": ["subject", "relation", "object", "modality", "restrictions", "means"],
    "negated-facts": ["document", "subject", "predicate", "object", "modality", "restrictions"],
    "one-document-only": ["document", "subject", "predicate", "object", "modality", "restrictions", "silent"],
    "one-source": ["subject", "predicate", "object", "modality", "restrictions", "document"],
    "plain-triples": ["subject", "predicate", "object", "modality", "restrictions", "plain", "reason"],
    "plain-view": [],
    "predicate-use": ["predicate", "facts", "restricted", "denied", "subjects"],
    "properties": ["subject", "property", "modality", "restrictions"],
    "property-counts": ["property", "triples", "subjects", "objects"],
    "qualifier-evidence": [
        "subject",
        "predicate",
        "object",
        "modality",
        "restrictions",
        "qualifier",
        "value",
        "sentence",
        "hedge",
    ],
    "qualifier-hedges": ["subject", "predicate", "object", "modality", "restrictions", "qualifier", "value", "hedge", "sentence"],
    "risks": ["drug", "risk", "relation", "modality", "restrictions"],
    "same-class": ["drug", "modality", "restrictions", "other", "other_modality", "other_restrictions", "class"],
    "schema-org-view": [],
    "sentence-facts": ["document", "sentence", "subject", "predicate", "object", "modality", "restrictions"],
    "serious-effects": ["drug", "effect", "frequency", "modality", "restrictions"],
    "shared-effects": ["effect", "one", "modality", "restrictions", "other", "other_modality", "other_restrictions"],
    "shared-identifiers": ["identifier", "one", "other"],
    "side-effects": ["drug", "effect", "modality", "restrictions", "frequency", "severity", "seriousness", "course"],
    "stale-reviews": ["subject", "predicate", "object", "modality", "restrictions", "document", "review"],
    "strengths": ["drug", "strength", "modality", "restrictions"],
    "support": ["subject", "predicate", "object", "modality", "restrictions", "sentences"],
    "symptom-roles": ["symptom", "role", "subject", "predicate", "object", "modality", "restrictions"],
    "symptom-to-drugs": ["symptom", "drug", "relation", "modality", "restrictions"],
    "tapering": ["action", "purpose", "harm", "modality", "restrictions", "manner"],
    "thin-evidence": ["subject", "predicate", "object", "modality", "restrictions", "sentences"],
    "treated-and-unwanted": [
        "drug",
        "symptom",
        "for",
        "modality",
        "restrictions",
        "against",
        "other_modality",
        "other_restrictions",
    ],
    "triggered-facts": ["trigger", "subject", "predicate", "object", "modality", "restrictions"],
    "undecided-sentences": ["document", "sentence"],
    "unmapped-terms": ["term", "kind"],
    "unreviewed": ["subject", "predicate", "object", "modality", "restrictions", "document", "curator", "review"],
    "unused-terms": ["term", "kind"],
    "withdrawal-and-side-effect": [
        "drug",
        "symptom",
        "trigger",
        "stopping_modality",
        "stopping_restrictions",
        "modality",
        "restrictions",
    ],
    "withdrawal": ["drug", "trigger", "symptom", "modality", "restrictions"],
}
#: What needs two documents, several drugs or something unfinished; tests/queries/test_named.py has them.
ELSEWHERE = {
    "document-standing",
    "agreement",
    "contested",
    "differing-hedges",
    "effects-of-one-only",
    "exemptions",
    "interactions-with-shared-effects",
    "negated-facts",
    "one-document-only",
    "same-class",
    "shared-effects",
    "stale-reviews",
    "undecided-sentences",
    "unused-terms",
    "withdrawal-and-side-effect",
}


def rows(answer: Answer) -> list[dict[str, str]]:
    text = "".join(result_formats.find("csv").lines(answer))
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.fixture(scope="session")
def base(shipped: KnowledgeBase) -> Compiled:
    return queries.compile_base(shipped)


def test_the_contract_names_every_query() -> None:
    assert set(library.list_query_files(resources.content())) == set(CONTRACT)


@pytest.mark.parametrize("name", CONTRACT)
def test_the_promised_columns_come_first(name: str, shipped: KnowledgeBase, shipped_answers: dict[str, Answer]) -> None:
    query = queries.find_query(shipped, name)
    assert list(query.columns) == CONTRACT[name]
    assert list(shipped_answers[name].variables[: len(query.columns)]) == CONTRACT[name]
    assert bool(CONTRACT[name]) == (shipped_answers[name].form == "select")
    assert query.title
    assert query.question.count("?")
    assert query.group in library.GROUPS
    assert query.group
    assert query.keywords


@pytest.mark.parametrize("name", CONTRACT)
def test_the_answer_is_the_one_that_was_reviewed(name: str, shipped: KnowledgeBase, shipped_answers: dict[str, Answer]) -> None:
    if shipped_answers[name].form == "graph":
        made = Result(shipped_answers[name], names_of(shipped), queries.find_query(shipped, name)).text()
        assert made == (ANSWERS / f"{name}.ttl").read_text(encoding="utf-8")
        return
    with (ANSWERS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        expected = list(csv.DictReader(file))
    found = [{column: row[column] for column in CONTRACT[name]} for row in rows(shipped_answers[name])]
    assert found == expected


def test_none_is_empty_but_what_needs_more_than_one_document_and_drug(shipped_answers: dict[str, Answer]) -> None:
    assert {name for name, answer in shipped_answers.items() if not answer.rows and not answer.triples} == ELSEWHERE


def test_there_are_questions_of_every_group() -> None:
    shipped_queries = [queries.read_query(path) for path in library.list_query_files(resources.content()).values()]
    assert len(shipped_queries) >= 40
    assert {query.group for query in shipped_queries} == set(library.GROUPS) - {""}


@pytest.mark.parametrize("name", CONTRACT)
def test_every_parameter_can_be_bound_and_narrows(name: str, base: Compiled, shipped_answers: dict[str, Answer]) -> None:
    query, whole = queries.find_query(base, name), shipped_answers[name]
    for parameter, about in query.parameters.items():
        if about.variable not in whole.variables:
            continue
        column = whole.variables.index(about.variable)
        for term in sorted({row[column] or "" for row in whole.rows}):
            if about.type == "term" and "/term/" not in term:
                continue
            bound = queries.ask(base, queries.bind_query(base, query, {parameter: re.split("[/#]", term.strip('<>"'))[-1]}))
            assert bound.rows == tuple(row for row in whole.rows if row[column] == term)
            if len(bound.rows) < len(whole.rows):
                break


def test_parameters_with_defaults_and_those_of_counts_act_too(base: Compiled, shipped_answers: dict[str, Answer]) -> None:
    def asked(name: str, **parameters: str) -> Answer:
        return queries.ask(base, queries.bind_query(base, queries.find_query(base, name), parameters))

    assert asked("thin-evidence", most="1") == shipped_answers["thin-evidence"]
    assert len(asked("thin-evidence", most="99").rows) == len(shipped_answers["facts"].rows) - 24
    assert asked("identifiers-in", vocabulary="wikidata") == shipped_answers["identifiers-in"]
    assert {row["identifier"].partition(":")[0] for row in rows(asked("identifiers-in", vocabulary="HP"))} == {"HP"}
    assert 0 < len(asked("support", subject="medication").rows) < len(shipped_answers["support"].rows)
    assert len(asked("symptom-roles", symptom="seizures").rows) == 3


def test_contested_claims_are_found_between_two_documents() -> None:
    kb = pipeline.load(Path(__file__).parents[1] / "golden" / "content")
    found = rows(queries.ask(kb, queries.find_query(kb, "contested").text))
    assert [(row["object"], row["difference"], row["one"], row["says"], row["other"], row["other_says"]) for row in found] == [
        ("cough", "frequency", "The leaflet", "common", "The study", "rare"),
        ("rash", "polarity", "The study", "denied", "The leaflet", "claimed"),
    ]


def test_a_named_query_of_the_shipped_ones_answers_for_another_knowledge_base() -> None:
    kb = pipeline.load(Path(__file__).parents[1] / "golden" / "content")
    found = rows(queries.ask(kb, queries.find_query(kb, "side-effects").text))
    assert {row["effect"] for row in found} == {"cough", "rash", "sneezing"}
