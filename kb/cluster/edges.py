"""The edge table: a row for each fact, for Spark SQL and all other readers of Parquet; and questions to it in SQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kb.model import Fact, KnowledgeBase, LiteralObject, Predicate
from kb.rdf.facts import has_plain_triple
from kb.rdf.wording import spell_qualifiers
from kb.schema import vocabulary

#: The columns before the qualifiers; ``plain``, ``note`` and ``sentences`` come after them.
FIRST_COLUMNS = ("fact", "document", "subject", "predicate", "object", "object_datatype", "object_language")

_QUERIES = Path(__file__).with_name("sql")


def edge_row(fact: Fact, predicate: Predicate) -> tuple[Any, ...]:
    """Return the row of a fact in the order of :func:`spark_schema`; a value that has a hedge of its own stands with it."""
    obj = fact.object
    value, datatype, language = (obj.value, obj.datatype, obj.language) if isinstance(obj, LiteralObject) else (obj, None, None)
    ends = (fact.path, fact.document, fact.subject, fact.predicate, value, datatype or None, language or None)
    spelt = spell_qualifiers(fact)
    return (
        *ends,
        *map(spelt.get, vocabulary.qualifiers()),
        has_plain_triple(fact, predicate),
        "; ".join(filter(None, (fact.dispute, fact.note))) or None,
        list(fact.sentences),
    )


def spark_schema() -> str:
    """Return the columns as a schema of Spark."""
    columns = ", ".join(f"`{name}` string" for name in (*FIRST_COLUMNS, *vocabulary.qualifiers()))
    return f"{columns}, plain boolean, note string, sentences array<string>"


def label_rows(kb: KnowledgeBase) -> Iterator[tuple[str, str, str, str]]:
    """Return sort, id, kind or list, and label of every term, every predicate and every word of a controlled list."""
    yield from (("term", term.id, term.kind, term.label) for term in kb.terms.values())
    yield from (("predicate", predicate.id, "", predicate.label) for predicate in kb.predicates.values())
    for name in vocabulary.controlled_lists():
        yield from (("word", value.name, name, value.label) for value in vocabulary.values(name).values())


def questions() -> dict[str, str]:
    """Return the questions in SQL, by the name of the named query that each answers."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(_QUERIES.glob("*.sql"))}


def ask(session: Any, folder: str, question: str) -> Any:
    """Answer a question from the output of a build on a cluster.

    Args:
        session: A Spark session.
        folder: The output of the build.
        question: The name of one of :func:`questions`, or SQL over the tables ``edges`` and ``labels``.

    Returns:
        A Spark data frame.
    """
    for name in ("edges", "labels"):
        session.read.parquet(f"{folder.rstrip('/')}/{name}").createOrReplaceTempView(name)
    return session.sql(questions().get(question, question))
