"""A knowledge base that is held in memory: all of it, or a sample of a large one."""

from __future__ import annotations

from collections.abc import Container, Mapping
from heapq import nsmallest
from typing import Any
from zlib import crc32

from kb.build.joining import Complete, complete
from kb.build.reading import BuildInput
from kb.model import Document, KnowledgeBase
from kb.problems import Place, Problem

#: SHACL engines are slow; since JSON Schema and shapes agree, a sample of a larger knowledge base is enough.
LARGEST_SHAPED = 200


def assemble(read: BuildInput, kb: KnowledgeBase, problems: list[Problem], complete: Complete = complete) -> KnowledgeBase:
    """Return a knowledge base with all its facts and documents.

    Args:
        read: What was read.
        kb: The knowledge base without facts and documents.
        problems: The list to which problems of texts and results are added.
        complete: Adds to a document what is not in its record.
    """
    source = read.source("fact")
    facts = sorted(map(source.locate, source.merge()), key=lambda fact: str(fact.path))
    return kb._replace(facts=tuple(facts), documents=assemble_documents(read, kb, problems, complete))


def assemble_documents(
    read: BuildInput,
    kb: KnowledgeBase,
    problems: list[Problem],
    complete: Complete = complete,
    only: Container[str] | None = None,
) -> dict[str, Document]:
    """Return the documents by id, or some of them; see :func:`assemble`."""
    source = read.source("document")
    located = (source.locate(entry) for entry in source.merge() if only is None or entry[0].id in only)
    last = {document.id: document for document in sorted(located, key=lambda document: str(document.id))}
    return {name: complete(document, kb.folder, problems) for name, document in last.items()}


def sample(read: BuildInput, kb: KnowledgeBase) -> KnowledgeBase:
    """Return a small knowledge base with everything, or facts drawn from a large one with all that they name.

    Facts are drawn by the digest of their path, so that a change elsewhere does not change the sample.
    """
    source = read.source("fact")
    if read.counts["fact"] <= LARGEST_SHAPED:
        return assemble(read, kb, [])
    drawn = nsmallest(LARGEST_SHAPED // 2, source.merge(), key=lambda entry: crc32(entry[0].path.encode()))
    facts = sorted(map(source.locate, drawn), key=lambda fact: str(fact.path))
    named = {name for fact in facts for name in (fact.subject, fact.object, *fact.qualifiers.values())}
    cited = {(fact.document, sentence) for fact in facts for sentence in fact.sentences}
    documents = assemble_documents(read, kb, [], only={fact.document for fact in facts})
    return kb._replace(
        facts=tuple(facts),
        terms={name: term for name, term in kb.terms.items() if name in named},
        documents={
            name: document._replace(sentences=tuple(sentence for sentence in document.sentences if (name, sentence.id) in cited))
            for name, document in documents.items()
        },
        mappings=(),
    )


def find_place(iri: str, kb: KnowledgeBase) -> Place:
    """Find the place of the record that a node of the graph comes from, or else the folder."""
    path = iri.removeprefix(kb.dataset.base)
    kind, _, name = path.partition("/")
    value: Any = None
    if kind == "fact":
        value = next((fact for fact in kb.facts if path == fact.path or path.startswith(f"{fact.path}/evidence/")), None)
    elif kind in {"term", "predicate", "document"}:
        values: Mapping[str, Any] = {"term": kb.terms, "predicate": kb.predicates, "document": kb.documents}[kind]
        value = values.get(name.partition("/")[0])
    return value.record.place if value and value.record else Place(str(kb.folder))
