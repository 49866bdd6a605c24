"""Create the record of a document from its text, and update it without losing the corrections of curators."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kb import resources
from kb.checks.argument_values import check_arguments
from kb.curation.canonical import canonicalize
from kb.escaping import count_of
from kb.files import boundary, text_file
from kb.files.text_file import read_text
from kb.model import KnowledgeBase, Record
from kb.problems import KbError, fail, quote
from kb.records import folder as folders
from kb.records.folder import WriteRecords
from kb.records.unread_files import holds_one
from kb.schema.licences import find_licence
from kb.schema.vocabulary import OPEN_LICENCES
from kb.texts import sentence_splitter, sources
from kb.texts.normal_form import SUFFIXES, Text, digest, read, read_copy
from kb.texts.sources import SHIPPED
from kb.texts.stated_details import TextDetails

_ID = re.compile("[a-z0-9]+(-[a-z0-9]+)*")
_NO_RIGHTS = "No licence is stated; the text is not ours to redistribute."
_LONG = 500
# What a summary shows of a record.
_SHOWN = ("title", "language", "identifiers", "source", "issued", "version", "rights", "license")


@dataclass(frozen=True, slots=True)
class DocumentDetails:
    """Details of a document given by the user; an empty one is taken from the existing record, or has a default."""

    id: str = ""  # by default derived from the name of the file
    title: str = ""  # or a description
    language: str = ""  # of the text, a BCP 47 tag
    rights: str = ""  # in the text, in words
    licence: str = ""  # the name or the IRI of a licence
    source: str = ""  # the IRI at which the text was published
    topic: tuple[str, ...] = ()  # the terms that it is about
    ship: bool | None = None  # whether the text ships with the records; by default it does under an open licence

    def list_values(self) -> Iterator[tuple[str, str, str]]:
        """Yield each value with its name and kind, for :func:`kb.checks.argument_values.check_arguments`."""
        kinds = {"id": "id", "title": "title", "language": "language", "rights": "line", "licence": "licence", "source": "iri"}
        yield from ((name, kind, getattr(self, name)) for name, kind in kinds.items())
        yield from (("topic", "id", name) for name in self.topic)


@dataclass(frozen=True, slots=True)
class AddedDocument:
    """The result of adding or updating a document."""

    path: Path  # the file of the record
    changed: bool  # whether files were written
    value: dict[str, Any]
    text: Text
    corrected: tuple[str, ...] = ()  # the ids of the sentences whose bounds differ from those of the sentence splitter


def add_document(content: Path, file: Path, details: DocumentDetails, *, replace: bool = False) -> AddedDocument:
    """Create or update the record of a document; a text that ships is copied next to it.

    With ``replace``, an existing record is updated: bounds of sentences, topics, exemptions and notes stay; digests are
    recomputed.

    Raises:
        KbError: The text or a file of records cannot be read, a record exists (KB416), a detail is invalid (KB832) or not
            stated (KB418), a topic is unknown (KB301), or facts rest on sentences of another text (KB419).
    """
    check_arguments(details.list_values())
    with folders.lock_records(content) as write:
        return _add_document(content, file, details, write, replace=replace)


def _add_document(content: Path, file: Path, details: DocumentDetails, write: WriteRecords, *, replace: bool) -> AddedDocument:
    text = read(file)
    name = details.id or re.sub("[^a-z0-9]+", "-", file.stem.lower()).strip("-")
    if not _ID.fullmatch(name) or len(name) > 100:
        message = f"{quote(name)} is not an id: use lower-case letters, digits and single hyphens."
        raise fail("KB418", message, "Set one with --id.", "--id")
    records, problems = folders.read(content)
    if problems:  # in what cannot be read, there may be a record of this document, or facts about it
        raise KbError(problems)
    ids = {(one.kind, one.value.get("id")): one for one in records if isinstance(one.value, dict)}
    if unknown := [term for term in details.topic if ("term", term) not in ids]:
        raise fail("KB301", f"There is no term {quote(unknown[0])}.", "Declare it in terms/: 'kb term add'.", "--topic")
    old = ids.get(("document", name))
    if old and not replace:
        message = f"{quote(name)} already has a record."
        raise fail("KB416", message, "Choose another --id, or use --replace, which keeps corrections.", old.place)
    if old:
        value, corrected = _update_record(old, records, text)
    else:
        value, corrected = {**_measures(text), **_passages(text)}, ()
    value = {**value, "id": name, **_details(details, value, name, text.details)}
    path = Path(old.place.file) if old else content / "documents" / f"{name}.yaml"
    record = canonicalize(json.dumps(value, ensure_ascii=False), "document", str(path))
    contents = {path: [f"{_header(path, old)}{record}".encode()]}
    if value["text"] == SHIPPED:
        contents[content / "documents" / f"{name}{SUFFIXES[text.mediatype]}"] = [read_copy(file, text)]
    if old and value == old.value:  # the form of the record is left to the curator
        del contents[path]
    changes = {path: data for path, data in contents.items() if not text_file.has_content(path, b"".join(data))}
    write(changes)
    return AddedDocument(path, bool(changes), value, text, corrected)


def _measures(text: Text) -> dict[str, Any]:
    measures = {"mediatype": text.mediatype, "sha256": text.sha256, "bytes": text.bytes, "characters": len(text.words)}
    return measures if text.digest == text.sha256 else {**measures, "words-sha256": text.digest}


def _passages(text: Text) -> dict[str, Any]:
    """Return the sentences of a text, and the codes of its sections if it states any."""
    passages = sentence_splitter.split(text)
    codes = {block.start: block.code for block in text.blocks if block.code}
    sections = [{"number": one.section, "code": codes[one.start]} for one in passages if one.start in codes]
    sentences = [
        {"id": one.id, "start": one.start, "end": one.end, "sha256": digest(text.words[one.start : one.end])} for one in passages
    ]
    return {"sections": sections, "sentences": sentences} if sections else {"sentences": sentences}


def _update_record(old: Record, records: list[Record], text: Text) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Update a record to its text; return it with the ids of the sentences that curators corrected."""
    value = {key: entry for key, entry in old.value.items() if key != "words-sha256"}
    sentences = value.get("sentences")
    if not isinstance(sentences, list) or Path(old.place.file).suffix not in {".yaml", ".yml"} or not holds_one(old.place.file):
        remedy = "Edit it by hand, or move it to a YAML file of its own."
        raise fail("KB416", "This record cannot be updated.", remedy, old.place)
    if (value.get("words-sha256") or value.get("sha256")) in {text.sha256, text.digest} or old.value.get("sha256") == text.sha256:
        split = {(passage.start, passage.end) for passage in sentence_splitter.split(text)}
        corrected = tuple(entry["id"] for entry in sentences if (entry["start"], entry["end"]) not in split)
        return {**value, **_measures(text), "sentences": [_with_digest(entry, text, old) for entry in sentences]}, corrected
    facts = sum(
        record.value.get("document", record.stem) == old.value["id"]
        for record in records
        if record.kind == "fact" and isinstance(record.value, dict)
    )
    if facts:
        message = f"The text has changed, and {facts} facts rest on its sentences, whose numbers would change."
        remedy = f"Run 'kb document update {old.value['id']} FILE', which carries over what still stands."
        raise fail("KB419", message, remedy, old.place)
    exempt = {entry["sha256"]: {"exempt": entry["exempt"]} for entry in sentences if "exempt" in entry}
    made = _passages(text)
    made["sentences"] = [entry | exempt.get(entry["sha256"], {}) for entry in made["sentences"]]
    return {**value, **_measures(text), **made}, ()


def _with_digest(sentence: Mapping[str, Any], text: Text, old: Record) -> dict[str, Any]:
    """Recompute the digest of a sentence from its bounds."""
    start, end = sentence["start"], sentence["end"]
    words = text.words[start:end]
    if not words or words != words.strip() or end > len(text.words):
        message = f"'{sentence['id']}' from {start} to {end} begins or ends with a blank, or is outside the text."
        raise fail("KB419", message, "Correct its 'start' and 'end'.", old.place)
    return {**sentence, "sha256": digest(words)}


def _details(given: DocumentDetails, value: Mapping[str, Any], name: str, stated: TextDetails) -> dict[str, Any]:
    """Return the details of a document: those given, else those of the record, else those that the text states, or defaults."""
    licence = find_licence(given.licence) or given.licence or value.get("license") or stated.license
    ships = given.ship if given.ship is not None else value.get("text") == SHIPPED or licence in OPEN_LICENCES.values()
    if ships and not (licence or given.rights or stated.rights or "rights" in value):
        message = "A text ships only if its rights allow it, but no rights are stated."
        raise fail("KB418", message, "State them: --licence CC0-1.0, or --rights in words.", "--ship")
    default = stated.rights or (f"Licence: {given.licence or licence}." if licence else _NO_RIGHTS)
    details = {
        "title": given.title or value.get("title") or stated.title or name.replace("-", " ").capitalize(),
        "language": given.language or value.get("language") or stated.language or "en",
        "rights": given.rights or value.get("rights") or default,
        "license": licence,
        "text": SHIPPED if ships else "held-elsewhere",
        "source": given.source or value.get("source") or stated.source,
        "identifiers": list(stated.identifiers) or value.get("identifiers"),
        "issued": stated.issued or value.get("issued"),
        "version": stated.version or value.get("version"),
        "topic": list(given.topic) or value.get("topic"),
    }
    return {key: entry for key, entry in details.items() if entry}


def _header(path: Path, old: Record | None) -> str:
    """Return the comments at the top of the file, or for a new file the line that names the schema for editors."""
    if old:
        lines = read_text(path, str(path)).splitlines(keepends=True)
        return "".join(lines[: next((index for index, line in enumerate(lines) if not line.startswith("#")), 0)])
    if boundary.exists(path.parent.parent / "schemas" / "document.schema.json"):
        return "# yaml-language-server: $schema=../schemas/document.schema.json\n"
    schemas = resources.schemas().resolve()
    inside = path.resolve().is_relative_to(schemas.parent)
    where = os.path.relpath(schemas, path.resolve().parent) if inside else "https://w3id.org/linked-kb/schemas"
    return f"# yaml-language-server: $schema={where}/document.schema.json\n"


def list_warnings(added: AddedDocument) -> list[str]:
    """Return a warning if a text states another licence than its record, or if rights that it states may forbid to ship it."""
    stated, licence = added.text.details, added.value.get("license", "")
    ships = added.value["text"] == SHIPPED
    if stated.license in {"", licence} and not (ships and stated.rights and not stated.license):
        return []
    what = f"the licence {quote(stated.license)}" if stated.license else f"its rights as {quote(stated.rights)}"
    record = f"the licence {quote(licence)}" if licence else f"{quote(added.value['rights'])}"
    remedy = "; if it may not be published, add it again with --hold --replace" if ships else ""
    return [f"the text states {what}, and its record {record}. Check which is right{remedy}."]


def summarize(added: AddedDocument) -> Iterator[str]:
    """Describe the result for the user, with the sentences to review."""
    sentences, text = added.value["sentences"], added.text
    headings = [entry for entry in sentences if entry["id"].endswith(".0")]
    yield f"{'Wrote' if added.changed else 'No changes in'} {added.path}: "
    counts = f"{count_of(len(headings), 'heading')}, {count_of(len(sentences) - len(headings), 'sentence')}"
    yield f"{counts}, text {added.value['text']}.\n"
    is_text = text.mediatype.startswith("text/")
    yield from () if is_text else (f"  read as: {text.mediatype}\n",)
    written = {key: added.value[key] for key in _SHOWN if key in added.value}
    yield from (f"  {key}: {', '.join(words) if isinstance(words, list) else words}\n" for key, words in written.items())
    yield from (f"Warning: {warning}\n" for warning in list_warnings(added))
    left = added.path.parent / f"{added.value['id']}{SUFFIXES.get(text.mediatype, '')}"
    if added.value["text"] != SHIPPED and boundary.exists(left):
        yield f"A copy of the text is still at {left}; remove it if its rights do not allow it to ship.\n"
    if added.corrected:
        yield f"Bounds corrected by curators, kept: {', '.join(added.corrected)}.\n"
    if headings:
        yield "\nRecognised as headings, on which no fact can rest; please review:\n"
    yield from (f"  {entry['id']}  {text.words[entry['start'] : entry['end']]}\n" for entry in headings)
    long = [entry["id"] for entry in sentences if entry["end"] - entry["start"] > _LONG]
    if long:
        yield f"\nLonger than {_LONG} characters, possibly several sentences; please review: {', '.join(long)}\n"


@dataclass(frozen=True, slots=True)
class SentenceText:
    """A sentence, or a cell of a row, with its position in code points, and its words and headers if the text is available."""

    id: str
    start: int
    end: int
    words: str
    headers: tuple[str, ...] = ()


def read_sentences(kb: KnowledgeBase, name: str, given: Iterable[str] = ()) -> Iterator[SentenceText]:
    """Yield the headings and sentences of a document, and the cells of rows.

    Args:
        kb: The knowledge base.
        name: The id of the document.
        given: As for :func:`kb.texts.sources.parse_options`.

    Raises:
        KbError: The document is unknown (KB303).
    """
    document = kb.find_document(name)
    text = sources.read_texts([document], kb.folder, sources.parse_options(given, [name])).get(name)
    words, is_other = text.words if text else "", text is not None and not sources.is_text_of(document, text)
    cells = {block.start: block.cells for block in (text.blocks if text else ())}
    for sentence in document.sentences:
        shown = words[sentence.start : sentence.end]
        if is_other and digest(shown) != sentence.sha256:  # the positions are those of an earlier text
            yield SentenceText(sentence.id, sentence.start, sentence.end, "")
            continue
        yield SentenceText(sentence.id, sentence.start, sentence.end, shown)
        for number, cell in enumerate(cells.get(sentence.start, ()), 1):
            headers = tuple(words[start:end] for start, end in cell.headers)
            yield SentenceText(f"{sentence.id}[{number}]", cell.start, cell.end, words[cell.start : cell.end], headers)
