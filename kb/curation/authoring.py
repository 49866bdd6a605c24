"""Add a fact to a knowledge base: it is checked first and written in canonical form."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kb.checks import document_checks, json_schema, references
from kb.curation.canonical import canonicalize
from kb.files import boundary, text_file
from kb.model import KnowledgeBase, Record
from kb.problems import KbError, Place, Problem, fail
from kb.records import characters, resolve
from kb.schema import vocabulary
from kb.sparql.parameters import find_id

_EVIDENCE = re.compile(r"(?P<sentence>[^:]+)(:(?P<supports>[^:]+))?(:(?P<modality>[^:]+))?")

#: How messages name a fact that is not in a file yet.
NEW = "<the new fact>"


@dataclass(frozen=True, slots=True)
class AddedFact:
    """A fact that is ready to be written: its file, the new content of the file, and the record in canonical form."""

    path: Path
    content: str
    record: str


def parse_evidence(text: str) -> dict[str, Any]:
    """Parse a piece of evidence such as ``s1.2``, ``s1.2:frequency,severity`` or ``s1.2:frequency:usually``.

    Raises:
        KbError: It has another format (KB811).
    """
    match = _EVIDENCE.fullmatch(text)
    if not match:
        remedy = "Write SENTENCE, SENTENCE:PARTS or SENTENCE:PARTS:HEDGE, such as s1.2:frequency,severity."
        raise fail("KB811", f"'{text[:60]}' is not a piece of evidence.", remedy, NEW)
    evidence: dict[str, Any] = {"sentence": match["sentence"].strip()}
    if match["supports"]:
        evidence["supports"] = [part.strip() for part in match["supports"].split(",")]
    if match["modality"]:
        evidence["modality"] = match["modality"].strip()
    return evidence


def resolve_labels(value: dict[str, Any], kb: KnowledgeBase) -> dict[str, Any]:
    """Replace the labels of terms and predicates in a record by their ids.

    Raises:
        KbError: A label is unknown or ambiguous (KB705).
    """
    labels = kb.labels()
    terms = {"subject", "object", *(name for name, qualifier in vocabulary.qualifiers().items() if qualifier.kinds)}
    kinds = {**dict.fromkeys(terms, "term"), "predicate": "predicate"}
    return {
        key: find_id(word, kinds[key], labels) if key in kinds and isinstance(word, str) else word for key, word in value.items()
    }


def prepare_fact(kb: KnowledgeBase, document: str, value: dict[str, Any]) -> AddedFact:
    """Check a new fact and compute the new content of its file.

    Args:
        kb: The knowledge base, without problems.
        document: The document that states the fact.
        value: The record, without its document.

    Raises:
        KbError: All problems of the fact.
    """
    problems = list(_problems(kb, document, value))
    if problems:
        raise KbError(problems)
    path = kb.folder / "facts" / f"{document}.yaml"
    written = f"- {json.dumps(value, ensure_ascii=False)}\n"
    record = canonicalize(written, "fact", NEW)
    now = text_file.read_text(path, str(path)) if boundary.exists(path) else ""
    if now and canonicalize(now, "fact", str(path)) == now:
        return AddedFact(path, canonicalize(now + written, "fact", str(path)), record)
    return AddedFact(path, f"{now.rstrip()}\n\n{record}" if now else record, record)  # a file in another form is not reformatted


def _problems(kb: KnowledgeBase, document: str, value: dict[str, Any]) -> Iterator[Problem]:
    """Check a fact as ``kb validate`` does: against its schema, the records that it names, and the other facts."""
    record = Record("fact", value, Place(NEW), stem=document)
    flaws = [*characters.check(record), *json_schema.check(record)]
    yield from flaws
    if not flaws:
        fact = resolve.parse_fact(record)
        yield from references.check_fact(fact, kb)
        yield from (references.make_duplicate_problem(fact, other) for other in kb.facts if other.path == fact.path)
        if document in kb.documents:
            covered = kb.covered().get(document, {})
            before = set(document_checks.check(kb.documents[document], covered))
            after = document_checks.check(kb.documents[document], {*covered, *fact.sentences})
            yield from (problem for problem in after if problem not in before)


def fitting_terms(kb: KnowledgeBase, key: str, predicate: str) -> Iterable[str]:
    """Return the ids of the terms that a predicate allows as subject or object, or that a qualifier allows; else all."""
    known = kb.predicates.get(predicate)
    ends = {"subject": known.subject, "object": known.object} if known else {}
    kinds = vocabulary.qualifiers()[key].kinds if key not in {"subject", "object"} else ends.get(key)
    return [name for name, term in kb.terms.items() if kinds is None or term.kind in kinds]
