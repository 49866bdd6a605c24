"""The named queries are a public contract: names, columns, and the answers over the shipped knowledge base."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from kb import asking, pipeline, resources
from kb.answers import Answer
from kb.model import KnowledgeBase
from kb.queries import library, results

ANSWERS = Path(__file__).parent / "answers"
CONTRACT = {
    "drug-classes": ["drug", "class"],
    "brand-names": ["drug", "brand"],
    "strengths": ["drug", "strength"],
    "indications": ["drug", "condition"],
    "mechanism": ["subject", "relation", "object"],
    "side-effects": ["drug", "effect", "frequency", "severity", "seriousness", "course"],
    "withdrawal": ["drug", "trigger", "symptom"],
    "interactions": ["drug", "substance"],
    "risks": ["drug", "risk"],
    "advice": ["situation", "action"],
    "evidence": ["fact", "part", "document", "sentence"],
    "coverage": ["document", "sentence", "status", "facts"],
    "mappings": ["term", "match", "identifier"],
    "facts": ["fact", "subject", "predicate", "object", "sentence"],
    "contested": ["subject", "predicate", "object", "documents"],
}


def rows(answer: Answer) -> list[dict[str, str]]:
    text = "".join(results.find("csv").lines(answer))
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.fixture(scope="session")
def all_answers(shipped: KnowledgeBase) -> dict[str, Answer]:
    return {query.name: answer for query, answer in asking.answers(shipped)}


def test_the_contract_names_every_query() -> None:
    assert set(library.files(resources.content())) == set(CONTRACT)


@pytest.mark.parametrize("name", CONTRACT)
def test_the_promised_columns_come_first(name: str, shipped: KnowledgeBase, all_answers: dict[str, Answer]) -> None:
    query = asking.find_query(shipped, name)
    assert list(query.columns) == CONTRACT[name]
    assert list(all_answers[name].variables[: len(query.columns)]) == CONTRACT[name]
    assert query.title
    assert query.question.count("?")


@pytest.mark.parametrize("name", CONTRACT)
def test_the_answer_is_the_one_that_was_reviewed(name: str, all_answers: dict[str, Answer]) -> None:
    with (ANSWERS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        expected = list(csv.DictReader(file))
    found = [{column: row[column] for column in CONTRACT[name]} for row in rows(all_answers[name])]
    assert found == expected


def test_only_the_contested_claims_are_empty(all_answers: dict[str, Answer]) -> None:
    assert [name for name, answer in all_answers.items() if not answer.rows] == ["contested"]


@pytest.mark.parametrize("name", CONTRACT)
def test_every_parameter_can_be_bound_and_narrows(name: str, shipped: KnowledgeBase, all_answers: dict[str, Answer]) -> None:
    query = asking.find_query(shipped, name)
    for parameter, about in query.parameters.items():
        whole = all_answers[name]
        column = whole.variables.index(about.variable)
        for term in sorted({row[column] or "" for row in whole.rows}):
            if about.type == "term" and "/term/" not in term:
                continue
            value = term.strip("<>").rpartition("/")[2]
            bound = asking.ask(shipped, asking.bind_query(shipped, query, {parameter: value}))
            assert bound.rows == tuple(row for row in whole.rows if row[column] == term)
            if about.type != "term" or len(bound.rows) == len(whole.rows):
                break


def test_contested_claims_are_found_between_two_documents() -> None:
    kb = pipeline.load(Path(__file__).parents[1] / "golden" / "content")
    found = rows(asking.ask(kb, asking.find_query(kb, "contested").text))
    assert [(row["object"], row["documents"], row["difference"]) for row in found] == [
        ("cough", "The leaflet; The study", "frequency"),
        ("rash", "The leaflet; The study", "polarity"),
    ]


def test_a_named_query_of_the_shipped_ones_answers_for_another_knowledge_base() -> None:
    kb = pipeline.load(Path(__file__).parents[1] / "golden" / "content")
    found = rows(asking.ask(kb, asking.find_query(kb, "side-effects").text))
    assert {row["effect"] for row in found} == {"cough", "rash", "sneezing"}
