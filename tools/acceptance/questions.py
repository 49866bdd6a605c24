"""The shipped questions with their tested rows, as a job for stores that hold one knowledge base, or three together.

A question of the shipped knowledge base is the file of the release, and its rows are those of ``tests/content/answers``. The
other two are asked the same questions, kept to their own base.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pyoxigraph as ox

from kb import pipeline, queries, resources
from kb.model import KnowledgeBase
from kb.rdf.iris import names_of
from kb.rdf.quads import iri_value, is_iri, literal_value
from kb.sparql import library, scope

ROOT = Path(__file__).resolve().parents[2]
OTHERS = (resources.content().parent / "examples" / "zelorin", ROOT / "tests" / "queries" / "two-documents")
TRIPLE = ["subject", "predicate", "object"]

Question = dict[str, Any]


def prepare(release: Path, folder: Path) -> Path:
    """Write the job: for each case its files and folders of content, and its questions as text, columns and rows."""
    kb = pipeline.load(resources.content())
    shipped = release / "data" / f"{kb.dataset.id}.nq"
    files, asked = [str(shipped)], list(released_questions(release))
    job = {"one": {"files": files, "content": [str(kb.folder)], "questions": asked}}
    contents = [str(kb.folder)]
    more = list(asked)
    for other in map(pipeline.load, OTHERS):
        path = folder / f"{other.dataset.id}.nq"
        path.write_text(pipeline.export(other, "nquads"), encoding="utf-8")
        files = [*files, str(path)]
        contents.append(str(other.folder))
        more += other_questions(other)
    job["three"] = {"files": files, "content": contents, "questions": more}
    made = folder / "questions.json"
    made.write_text(json.dumps(job), encoding="utf-8")
    return made


def select(job: Path, case: str) -> Path:
    """Write the job with one of its cases alone, or return it as it is if it has no such case."""
    cases = json.loads(job.read_text(encoding="utf-8"))
    if case not in cases:
        return job
    made = job.with_name(f"{case}.json")
    made.write_text(json.dumps({case: cases[case]}), encoding="utf-8")
    return made


def count(job: Path) -> dict[str, int]:
    """Count the questions of each case, by the names under which checks report how many they answered rightly."""
    return {f"questions_of_{name}": len(case["questions"]) for name, case in json.loads(job.read_text(encoding="utf-8")).items()}


def released_questions(release: Path) -> Iterator[Question]:
    """Give the questions of the release, with the rows that were reviewed."""
    archive = ZipFile(release / "queries.zip")
    for path in sorted((ROOT / "tests" / "content" / "answers").iterdir()):
        text = archive.read(f"{path.stem}.rq").decode("utf-8")
        if path.suffix == ".ttl":
            quads = ox.parse(path.read_bytes(), format=ox.RdfFormat.TURTLE)
            rows = [[_value(str(term)) for term in (quad.subject, quad.predicate, quad.object)] for quad in quads]
            yield _question(path.stem, text, TRIPLE, rows)
            continue
        with path.open(encoding="utf-8", newline="") as file:
            columns, *answers = csv.reader(file)
        yield _question(path.stem, text, columns, answers)


def other_questions(kb: KnowledgeBase) -> Iterator[Question]:
    """Give the shipped questions as asked of another knowledge base, with the rows that kb gives."""
    base = queries.compile_base(kb)
    for query in queries.named_queries(base):
        text = scope.keep_to_base(library.standalone_text(query.text, base.names), names_of(kb))
        answer = queries.ask(base, query.text)
        rows = answer.triples if answer.form == "graph" else answer.rows
        columns = TRIPLE if answer.form == "graph" else list(answer.variables)
        places = [columns.index(name) for name in (query.columns or columns)]
        values = [[_value(row[place] or '""') for place in places] for row in rows]
        yield _question(f"{kb.dataset.id}/{query.name}", text, [columns[place] for place in places], values)


def _question(name: str, text: str, columns: list[str], rows: list[list[str]]) -> Question:
    return {"name": name, "text": text, "columns": columns, "rows": sorted(rows)}


def _value(term: str) -> str:
    return iri_value(term) if is_iri(term) else literal_value(term).value
