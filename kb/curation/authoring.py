"""A fact written into a knowledge base: checked before, in canonical form, or not at all."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from kb import pipeline
from kb.checks import document_checks, json_schema, references
from kb.curation.canonical import canonical
from kb.files import atomic, text_file
from kb.model import KnowledgeBase, Record
from kb.problems import KbError, Place, Problem, fail
from kb.records import encoding, resolve
from kb.schema import vocabulary
from kb.sparql.parameters import Labels, find

_EVIDENCE = re.compile(r"(?P<sentence>[^:]+)(:(?P<supports>[^:]+))?(:(?P<modality>[^:]+))?")

#: How messages name a fact that stands in no file yet.
NEW = "<the new fact>"


class Added(NamedTuple):
    """A fact that can be written.

    Args:
        path: Its file.
        content: What the file is to hold.
        record: The record in canonical form.
    """

    path: Path
    content: str
    record: str


def evidence(words: str) -> dict[str, Any]:
    """Read a piece of evidence as ``s1.2``, ``s1.2:frequency,severity`` or ``s1.2:frequency:usually``.

    Raises:
        KbError: It has another form (KB811).
    """
    found = _EVIDENCE.fullmatch(words)
    if not found:
        remedy = "Write SENTENCE, SENTENCE:PARTS or SENTENCE:PARTS:HEDGE, such as s1.2:frequency,severity."
        raise fail("KB811", f"'{words[:60]}' is no piece of evidence.", remedy, NEW)
    made: dict[str, Any] = {"sentence": found["sentence"].strip()}
    if found["supports"]:
        made["supports"] = [each.strip() for each in found["supports"].split(",")]
    if found["modality"]:
        made["modality"] = found["modality"].strip()
    return made


def resolved(said: dict[str, Any], kb: KnowledgeBase) -> dict[str, Any]:
    """Put ids where a curator named terms and predicates by their labels.

    Raises:
        KbError: There is no such term or predicate (KB705).
    """
    labels: Labels = {
        "term": {name: (each.label, *each.aliases) for name, each in kb.terms.items()},
        "predicate": {name: (each.label,) for name, each in kb.predicates.items()},
    }
    terms = {"subject", "object", *(name for name, each in vocabulary.qualifiers().items() if each.kinds)}
    sorts = {**dict.fromkeys(terms, "term"), "predicate": "predicate"}
    return {key: find(each, sorts[key], labels) if key in sorts and isinstance(each, str) else each for key, each in said.items()}


def add(kb: KnowledgeBase, document: str, value: dict[str, Any]) -> Added:
    """Make what a file of facts holds with one more.

    Args:
        kb: The knowledge base, which must be in order.
        document: The document that states the fact.
        value: The record, without its document.

    Raises:
        KbError: The fact has problems; all of them.
    """
    problems = list(_problems(kb, document, value))
    if problems:
        raise KbError(problems)
    path = kb.folder / "facts" / f"{document}.yaml"
    written = f"- {json.dumps(value, ensure_ascii=False)}\n"
    record = canonical(written, "fact", NEW)
    now = text_file.read_text(path, str(path)) if path.is_file() else ""
    if now and canonical(now, "fact", str(path)) == now:
        return Added(path, canonical(now + written, "fact", str(path)), record)
    return Added(path, f"{now.rstrip()}\n\n{record}" if now else record, record)  # what others left in another form stays


def write(added: Added) -> None:
    """Write it, whole or not at all."""
    atomic.write_file(added.path, [added.content])


def _problems(kb: KnowledgeBase, document: str, value: dict[str, Any]) -> Iterator[Problem]:
    """Check a fact as ``kb validate`` would: by its schema, against what it names, and against the other facts."""
    record = Record("fact", value, Place(NEW), stem=document)
    flaws = [*encoding.characters(record), *json_schema.check(record)]
    yield from flaws
    if not flaws:
        fact = resolve.fact(record)
        yield from references.check_fact(fact, kb)
        yield from (references.duplicate(fact, each) for each in kb.facts if each.path == fact.path)
        if document in kb.documents:
            covered = kb.covered().get(document, {})
            before = set(document_checks.check(kb.documents[document], covered))
            found = document_checks.check(kb.documents[document], {*covered, *fact.sentences})
            yield from (each for each in found if each not in before)


def fitting(kb: KnowledgeBase, key: str, predicate: str) -> Iterable[str]:
    """Name the terms that can stand at one end of a predicate, or as a qualifier; all of them where nothing narrows it."""
    known = kb.predicates.get(predicate)
    ends = {"subject": known.subject, "object": known.object} if known else {}
    kinds = vocabulary.qualifiers()[key].kinds if key not in {"subject", "object"} else ends.get(key)
    return [name for name, term in kb.terms.items() if kinds is None or term.kind in kinds]


def read(path: Path) -> KnowledgeBase:
    """Read the knowledge base that a fact is to enter; its own problems are to be mended first.

    Raises:
        KbError: It has problems.
    """
    return pipeline.load(path)
