"""The hot step as every build runs it: a line in, a checked fact, its lines of N-Quads out."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from kb.build import reading
from kb.build.step import Step, read_fact
from kb.model import Document
from kb.records import jsonlines


def compiled(content: Path, most: int) -> int:
    """Read, validate, resolve and compile the first facts of a knowledge base of one file; give the length of what is written."""
    read = reading.read(content)
    about = read.dataset()
    if about is None:
        raise ValueError(content)
    kb = read.vocabulary(about)
    step = Step(about, kb.terms, kb.predicates)
    documents: dict[str, Document] = {each.id: each for each in read.values("document")}
    sentences = {name: {each.id: each for each in document.sentences} for name, document in documents.items()}
    length = 0
    path = content / "facts" / "all.jsonl"
    for line in islice(jsonlines.read_lines(path, []), most):
        fact = read_fact(line.data, "all")
        if fact is None or not step.accepts(fact, sentences[fact.document]):
            raise ValueError(line)
        length += sum(map(len, step.compile(fact, documents[fact.document])))
    return length
