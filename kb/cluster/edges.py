"""The edge table: a row for each fact, for Spark SQL and everything that reads Parquet; and questions asked of it in SQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kb.model import Fact, KnowledgeBase, LiteralObject, Predicate
from kb.rdf.facts import holds_plainly
from kb.schema import vocabulary

#: The columns that every edge has before its qualifiers; ``plain``, ``note`` and ``sentences`` come after them.
ENDS = ("fact", "document", "subject", "predicate", "object", "object_datatype", "object_language")

QUESTIONS = Path(__file__).with_name("sql")


def row(fact: Fact, predicate: Predicate) -> tuple[Any, ...]:
    """Give a fact as a row.

    Args:
        fact: The fact.
        predicate: Its predicate.
    """
    obj = fact.object
    value, datatype, language = (obj.value, obj.datatype, obj.language) if isinstance(obj, LiteralObject) else (obj, None, None)
    ends = (fact.path, fact.document, fact.subject, fact.predicate, value, datatype or None, language or None)
    qualifiers = (fact.qualifiers.get(name) for name in vocabulary.qualifiers())
    return (*ends, *qualifiers, holds_plainly(fact, predicate), fact.note or None, list(fact.sentences))


def schema() -> str:
    """Give the columns as Spark writes a schema."""
    texts = ", ".join(f"`{name}` string" for name in (*ENDS, *vocabulary.qualifiers()))
    return f"{texts}, plain boolean, note string, sentences array<string>"


def labels(kb: KnowledgeBase) -> Iterator[tuple[str, str, str, str]]:
    """Give the label of every term, predicate and word of a list: its sort, its id, its kind or list, its label."""
    yield from (("term", each.id, each.kind, each.label) for each in kb.terms.values())
    yield from (("predicate", each.id, "", each.label) for each in kb.predicates.values())
    for name in vocabulary.controlled_lists():
        yield from (("word", each.name, name, each.label) for each in vocabulary.values(name).values())


def questions() -> dict[str, str]:
    """Give the questions that can be asked in SQL, by the name of the named query that they answer."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(QUESTIONS.glob("*.sql"))}


def ask(session: Any, folder: str, question: str) -> Any:
    """Answer a question from what a cluster build wrote.

    Args:
        session: A Spark session.
        folder: The output of the build.
        question: One of :func:`questions`, or a text in SQL over the tables ``edges`` and ``labels``.

    Returns:
        A Spark data frame.
    """
    for name in ("edges", "labels"):
        session.read.parquet(f"{folder.rstrip('/')}/{name}").createOrReplaceTempView(name)
    return session.sql(questions().get(question, question))
