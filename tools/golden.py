"""Regenerate the golden files of the tests; review them as a diff.

``tests/content/answers/NAME.csv``: the promised columns of every named query over the shipped knowledge base; of a
CONSTRUCT, ``NAME.ttl``. ``tests/queries/answers/``: the same over one of two documents and several drugs, all made up.
``tests/golden/``: every format and statement model of a small knowledge base.
"""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path

from kb import pipeline, queries, resources
from kb.model import KnowledgeBase
from kb.queries.result import Result
from kb.rdf.facts import Model
from kb.rdf.iris import names_of
from kb.release import export_folder
from kb.sparql import result_formats

ROOT = Path(__file__).resolve().parent.parent
ANSWERS = ROOT / "tests" / "content" / "answers"
QUERIES = ROOT / "tests" / "queries"
GOLDEN = ROOT / "tests" / "golden"
MODELS: tuple[Model, ...] = ("full", "plain", "lean", "named-graphs", "rdf12")


def answers(kb: KnowledgeBase, folder: Path) -> dict[Path, str]:
    """Give the promised columns of the answer to every named query."""
    made = {}
    base = queries.compile_base(kb)
    for query in queries.named_queries(base):
        answer = queries.ask(base, query.text)
        if answer.form == "graph":
            made[folder / f"{query.name}.ttl"] = Result(answer, base.names, query).text()
            continue
        rows = list(csv.DictReader(io.StringIO("".join(result_formats.find("csv").lines(answer)), newline="")))
        text = io.StringIO()
        writer = csv.DictWriter(text, query.columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        made[folder / f"{query.name}.csv"] = text.getvalue()
    return made


def exports() -> dict[Path, str]:
    """Give every export of the small knowledge base, in every statement model that its format carries."""
    kb = pipeline.load(GOLDEN / "content")
    names = names_of(kb)
    return {
        GOLDEN / f"{model}.{fmt.extension}": "".join(fmt.lines(pipeline.compile_all(kb, model), names))
        for model in MODELS
        for fmt in export_folder.choose_formats([], "", model, many=True)
    }


def main() -> None:
    """Write the golden files."""
    shipped = answers(pipeline.load(resources.content()), ANSWERS)
    invented = answers(pipeline.load(QUERIES / "two-documents"), QUERIES / "answers")
    for path, text in {**shipped, **invented, **exports()}.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
    print(f"wrote {ANSWERS} and {GOLDEN}", file=sys.stderr)


if __name__ == "__main__":
    main()
