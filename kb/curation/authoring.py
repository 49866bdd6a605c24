"""Add, change and remove facts, and add terms: what is written is checked first, and compared with the text at hand."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kb.checks import document_checks, json_schema, references, term_labels
from kb.curation import record_edits
from kb.files import characters
from kb.model import Fact, KnowledgeBase, Record
from kb.problems import KbError, Place, Problem, fail, quote
from kb.rdf import quantities, value_groups
from kb.records import resolve
from kb.schema import vocabulary
from kb.sparql.parameters import Labels, find_id
from kb.suggestions import did_you_mean
from kb.texts import sources
from kb.texts.structure import list_cells
from kb.verification import verify
from kb.verification.passages import find_wording

_EVIDENCE = re.compile(r"(?P<sentence>[^:@]+)(@(?P<start>\d+)-(?P<end>\d+))?(:(?P<supports>[^:]*))?(:(?P<modality>[^:]+))?")
_WORDING = re.compile(r"((?P<sentence>s\d+\.\d+(\[\d+\])?):)?(?P<part>[a-z]+)=(?P<words>.+)", re.DOTALL)

#: How messages name a fact that is not in a file yet.
NEW = "<the new fact>"


@dataclass(frozen=True, slots=True)
class RecordChange:
    """A change that is ready to be written."""

    contents: Mapping[Path, str]  # the new content of each file
    records: Sequence[str] = ()  # the new records in canonical form
    problems: Sequence[Problem] = ()  # such as what the sentences of new facts do not state, where the text is at hand
    notes: Sequence[str] = ()  # such as why new facts could not be compared with their sentences


def parse_evidence(text: str) -> dict[str, Any]:
    """Parse a piece of evidence such as ``s1.2``, ``s1.2:frequency,severity``, ``s1.2:frequency:usually`` or ``s1.2@51-77``.

    Raises:
        KbError: It has another format (KB811).
    """
    match = _EVIDENCE.fullmatch(text)
    if not match:
        remedy = "Write SENTENCE[@START-END][:PARTS[:HEDGE]], such as s1.2:frequency,severity."
        raise fail("KB811", f"{quote(text)} is not a piece of evidence.", remedy, NEW)
    evidence: dict[str, Any] = {"sentence": match["sentence"].strip()}
    if match["supports"]:
        evidence["supports"] = [part.strip() for part in match["supports"].split(",")]
    if match["modality"]:
        evidence["modality"] = match["modality"].strip()
    if match["start"]:
        evidence |= {"start": int(match["start"]), "end": int(match["end"])}
    return evidence


def declare_wordings(evidence: Sequence[dict[str, Any]], wordings: Iterable[str]) -> None:
    """Add declared words such as ``subject=It`` or ``s1.2:subject=It`` to the evidence; without a sentence, to the first piece.

    Raises:
        KbError: They have another format, or the sentence is no evidence (KB811).
    """
    for words in wordings:
        match = _WORDING.fullmatch(words)
        pieces = [piece for piece in evidence if match and piece["sentence"] == (match["sentence"] or piece["sentence"])]
        if not match or not pieces:
            remedy = "Write [SENTENCE:]PART=WORDS, such as s1.2:subject=It, with a sentence of the evidence."
            raise fail("KB811", f"{quote(words)} does not declare words.", remedy, NEW)
        pieces[0].setdefault("as", {})[match["part"]] = match["words"].strip()


def resolve_labels(value: dict[str, Any], kb: KnowledgeBase) -> dict[str, Any]:
    """Replace the labels of terms and predicates in a record by their ids, also in ``any-of:ID,ID`` for several terms.

    Raises:
        KbError: A label is unknown or ambiguous (KB705).
    """
    labels = kb.labels()
    terms = {"subject", "object", *vocabulary.term_qualifiers()}
    kinds = {**dict.fromkeys(terms, "term"), "predicate": "predicate"}
    return {
        key: _find_ids(key, word, kinds[key], labels) if key in kinds and isinstance(word, str) else _read_quantity(key, word)
        for key, word in value.items()
    }


def _find_ids(key: str, word: str, kind: str, labels: Labels) -> str | dict[str, list[str]]:
    """Find the id of a term or predicate, or those of several terms of a qualifier."""
    group, _, names = word.partition(":")
    if names and group in value_groups.CLASSES and key not in {"subject", "predicate", "object"}:
        return {group: [find_id(name.strip(), kind, labels) for name in names.split(",")]}
    return find_id(word, kind, labels)


def _read_quantity(key: str, word: Any) -> Any:
    """Read words of a quantity, such as ``at least 10 mg``, where a part takes one; anything else stays as it is."""
    qualifier = vocabulary.qualifiers().get(key)
    try:
        return quantities.parse_words(word) if qualifier and qualifier.units is not None and isinstance(word, str) else word
    except ValueError:
        return word


def check_answer(kb: KnowledgeBase, key: str, word: str, parts: Mapping[str, Any], choices: Collection[str]) -> Any:
    """Check one part of a fact by itself, and return it as records have it; ``parts`` are those known, such as the predicate.

    Raises:
        KbError: It is not among the choices, or has the wrong format.
    """
    if key == "evidence":
        sentence = parse_evidence(word)["sentence"]
        if sentence.partition("[")[0] not in choices:
            remedy = did_you_mean(sentence, choices, "Name one of its sentences.")
            raise fail("KB304", f"{quote(str(parts['document']))} has no sentence {quote(sentence)}.", remedy, NEW)
        return word
    if key in {"note", "literal", "datatype"}:
        return word
    if key in {"as", "span"}:
        words = word.partition("=")[2] if key == "as" else word
        if not words or (parts.get("words") and not find_wording(words, parts["words"])):
            raise fail("KB446", f"{quote(words or word)} is not in the sentence.", f"It says: {parts.get('words')}", NEW)
        return word
    found: Any = resolve_labels({key: word}, kb)[key]
    if isinstance(found, str) and found not in choices:
        message = f"{quote(word)} does not fit as {key}."
        raise fail("KB204", message, did_you_mean(word, choices, f"It can be: {', '.join(choices)}."), NEW)
    return found


def point_at_cells(kb: KnowledgeBase, name: str, value: dict[str, Any], texts: Mapping[str, Path]) -> dict[str, Any]:
    """Replace the names of cells in the evidence of a fact, such as ``s3.4[2]``, by their rows and positions.

    Raises:
        KbError: The text of the document is not at hand (KB445), or has no such cell (KB304).
    """
    pieces = [piece for piece in value.get("evidence", ()) if "[" in str(piece.get("sentence"))]
    if not pieces or name not in kb.documents:
        return value
    given = {name: texts[name]} if name in texts else {}
    text = sources.read_texts([kb.documents[name]], kb.folder, given).get(name)
    if text is None:
        raise fail("KB445", f"The text of {quote(name)} is not available.", "Name its file with --text.", NEW)
    cells = list_cells(kb.documents[name].sentences, text)
    for piece in pieces:
        if piece["sentence"] not in cells:
            message = f"{quote(name)} has no cell {quote(piece['sentence'])}."
            raise fail("KB304", message, "'kb document show' lists the cells.", NEW)
        row, cell = cells[piece["sentence"]]
        piece |= {"sentence": row.id, "start": cell.start, "end": cell.end}
    return value


def add_facts(
    kb: KnowledgeBase, facts: Iterable[tuple[str, dict[str, Any]]], texts: Mapping[str, Path] | None = None
) -> RecordChange:
    """Check new facts, by document and record without it, and compute the new content of their files.

    Args:
        kb: The knowledge base.
        facts: The facts.
        texts: The files of texts that do not ship, by document.

    Raises:
        KbError: All problems of the facts.
    """
    problems: list[Problem] = []
    by_document: dict[str, list[dict[str, Any]]] = {}
    added: list[Fact] = []
    for document, given in facts:
        value = point_at_cells(kb, document, given, texts or {})
        flaws = list(find_problems(kb._replace(facts=(*kb.facts, *added)), document, value))
        problems += flaws
        if not flaws:
            added.append(resolve.parse_fact(Record("fact", value, Place(NEW), stem=document)))
            by_document.setdefault(document, []).append(value)
    if problems:
        raise KbError(problems)
    paths = {name: kb.folder / "facts" / f"{name}.yaml" for name in by_document}
    contents = {paths[name]: record_edits.append(paths[name], "fact", values) for name, values in by_document.items()}
    records = [record_edits.format_record(value, "fact", NEW) for values in by_document.values() for value in values]
    return RecordChange(contents, records, verify.check_available(kb, added, texts), [*verify.describe_uncompared(kb, added)])


def change_fact(
    kb: KnowledgeBase, fact: Fact, value: dict[str, Any] | None, texts: Mapping[str, Path] | None = None
) -> RecordChange:
    """Check another value of a fact, whose place in its file it takes; without one, the fact is removed.

    Raises:
        KbError: All problems of the fact; or its record cannot be edited in place (KB812).
    """
    record = fact.record or Record("fact", {}, Place(NEW))
    content = {Path(record.place.file): record_edits.replace(record, value)}
    if value is None:
        return RecordChange(content)
    value = point_at_cells(kb, fact.document, value, texts or {})
    problems = list(
        find_problems(kb._replace(facts=tuple(other for other in kb.facts if other is not fact)), fact.document, value)
    )
    if problems:
        raise KbError(problems)
    changed = resolve.parse_fact(Record("fact", value, Place(NEW), stem=fact.document))
    return RecordChange(content, [record_edits.format_record(value, "fact", NEW)], verify.check_available(kb, [changed], texts))


def find_fact(kb: KnowledgeBase, name: str) -> Fact:
    """Find a fact by its path, its IRI, or the end of them.

    Raises:
        KbError: There is none, or there are several (KB705).
    """
    sought = name.removeprefix(kb.dataset.base).strip("/")
    facts = [fact for fact in kb.facts if f"/{fact.path}".endswith(f"/{sought}")]
    if len(facts) == 1:
        return facts[0]
    if facts:
        raise fail("KB705", f"{quote(name)} is the end of {len(facts)} facts.", "Name it by more of its path: 'kb fact list'.")
    raise fail("KB705", f"There is no fact {quote(name)}.", "'kb fact list' names them.")


def add_term(kb: KnowledgeBase, value: dict[str, Any], path: Path) -> RecordChange:
    """Check a new term, and compute the new content of its file.

    Raises:
        KbError: All problems of the term.
    """
    record = Record("term", value, Place("<the new term>"))
    problems = [*characters.check(record), *json_schema.check(record)]
    if not problems:
        term = resolve.parse_term(record, kb.dataset.language)
        problems += references.find_duplicate_ids("term", [*kb.terms.values(), *kb.retired.values(), term])
        others = {name: other for name, other in kb.terms.items() if name != term.id}
        problems += term_labels.check(kb._replace(terms={**others, term.id: term}, predicates={}))
    if problems:
        raise KbError(problems)
    return RecordChange({path: record_edits.append(path, "term", [value])}, [record_edits.format_record(value, "term", NEW)])


def find_problems(kb: KnowledgeBase, document: str, value: dict[str, Any]) -> Iterator[Problem]:
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
