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
from kb.curation.canonical import canonicalize
from kb.files import boundary, text_file
from kb.files.text_file import read_bytes, read_text
from kb.model import KnowledgeBase, Record
from kb.problems import KbError, fail, quote
from kb.records import folder as folders
from kb.records import record_writer
from kb.records.record_writer import WriteRecords
from kb.schema.licences import OPEN_LICENCES
from kb.texts import sentence_splitter, sources
from kb.texts.normal_form import LARGEST, SUFFIXES, Text, digest, read
from kb.texts.sources import SHIPPED

_ID = re.compile("[a-z0-9]+(-[a-z0-9]+)*")
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_NO_RIGHTS = "No licence is stated; the text is not ours to redistribute."
_LONG = 500


@dataclass(frozen=True, slots=True)
class DocumentDetails:
    """Details of a document given by the user; an empty one is taken from the existing record, or has a default.

    Args:
        id: Its id; by default derived from the name of the file.
        title: Its title, or a description.
        language: The language of the text, a BCP 47 tag.
        rights: The rights in the text, in words.
        licence: An SPDX identifier, or the IRI of a licence.
        source: The IRI at which the text was published.
        ship: Whether the text ships with the records; by default it does under an open licence.
    """

    id: str = ""
    title: str = ""
    language: str = ""
    rights: str = ""
    licence: str = ""
    source: str = ""
    ship: bool | None = None


@dataclass(frozen=True, slots=True)
class AddedDocument:
    """The result of adding or updating a document.

    ``path`` is the file of the record; ``changed``, whether files were written; ``corrected`` has the ids of the sentences
    whose bounds differ from those of the sentence splitter.
    """

    path: Path
    changed: bool
    value: dict[str, Any]
    text: Text
    corrected: tuple[str, ...] = ()


def add_document(content: Path, file: Path, details: DocumentDetails, *, replace: bool = False) -> AddedDocument:
    """Create or update the record of a document; a text that ships is copied next to it.

    Args:
        content: The folder of the knowledge base.
        file: The text.
        details: What the user says about it.
        replace: Whether an existing record may be updated. Bounds of sentences, topics, exemptions and notes stay; digests
            are recomputed.

    Raises:
        KbError: The text or a file of records cannot be read, a record exists (KB416), a detail is invalid (KB418), or facts
            rest on sentences of another text (KB419).
    """
    with record_writer.lock_records(content) as write:
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
    old = next((record for record in records if record.kind == "document" and _id_of(record) == name), None)
    if old and not replace:
        message = f"{quote(name)} already has a record."
        raise fail("KB416", message, "Choose another --id, or use --replace, which keeps corrections.", old.place)
    if old:
        value, corrected = _update_record(old, records, text)
    else:
        value, corrected = {**_measures(text), "sentences": list(_sentences(text))}, ()
    value = {**value, "id": name, **_details(details, value, name)}
    path = Path(old.place.file) if old else content / "documents" / f"{name}.yaml"
    record = canonicalize(json.dumps(value, ensure_ascii=False), "document", str(path))
    contents = {path: [f"{_header(path, old)}{record}".encode()]}
    if value["text"] == SHIPPED:
        contents[content / "documents" / f"{name}{SUFFIXES[text.mediatype]}"] = [read_bytes(file, str(file), LARGEST)]
    if old and value == old.value:  # the form of the record is left to the curator
        del contents[path]
    changes = {path: data for path, data in contents.items() if not text_file.has_content(path, b"".join(data))}
    write(changes)
    return AddedDocument(path, bool(changes), value, text, corrected)


def _id_of(record: Record) -> object:
    return record.value.get("id") if isinstance(record.value, dict) else None


def _measures(text: Text) -> dict[str, Any]:
    measures = {"mediatype": text.mediatype, "sha256": text.sha256, "bytes": text.bytes, "characters": len(text.words)}
    return measures if text.digest == text.sha256 else {**measures, "words-sha256": text.digest}


def _sentences(text: Text) -> Iterator[dict[str, Any]]:
    for passage in sentence_splitter.split(text):
        words = text.words[passage.start : passage.end]
        yield {"id": passage.id, "start": passage.start, "end": passage.end, "sha256": digest(words)}


def _update_record(old: Record, records: list[Record], text: Text) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Update a record to its text; return it with the ids of the sentences that curators corrected."""
    value = {key: entry for key, entry in old.value.items() if key != "words-sha256"}
    sentences = value.get("sentences")
    if not isinstance(sentences, list) or Path(old.place.file).suffix not in {".yaml", ".yml"} or _is_in_list(old):
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
        remedy = f"Run 'kb verify --text {old.value['id']}=FILE', which proposes the new position of each sentence."
        raise fail("KB419", message, remedy, old.place)
    exempt = {entry["sha256"]: {"exempt": entry["exempt"]} for entry in sentences if "exempt" in entry}
    return {**value, **_measures(text), "sentences": [entry | exempt.get(entry["sha256"], {}) for entry in _sentences(text)]}, ()


def _is_in_list(record: Record) -> bool:
    file = record.place.file
    lines = map(str.strip, read_text(Path(file), file).splitlines())
    first = next((line for line in lines if line and not line.startswith(("#", "---"))), "")
    return record.place.line > 1 and first.startswith("-")


def _with_digest(sentence: Mapping[str, Any], text: Text, old: Record) -> dict[str, Any]:
    """Recompute the digest of a sentence from its bounds."""
    start, end = sentence["start"], sentence["end"]
    words = text.words[start:end]
    if not words or words != words.strip() or end > len(text.words):
        message = f"'{sentence['id']}' from {start} to {end} begins or ends with a blank, or is outside the text."
        raise fail("KB419", message, "Correct its 'start' and 'end'.", old.place)
    return {**sentence, "sha256": digest(words)}


def _details(given: DocumentDetails, value: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the details of a document: those given, else those of the record, else the defaults."""
    licence = OPEN_LICENCES.get(given.licence, given.licence)
    for option, iri in (("--licence", licence), ("--source", given.source)):
        if iri and not _IRI.fullmatch(iri):
            message = f"{quote(iri)} is not an IRI, nor an open licence such as CC0-1.0 or CC-BY-4.0."
            raise fail("KB418", message, "Write the full IRI, beginning with https://.", option)
    ships = given.ship if given.ship is not None else value.get("text") == SHIPPED or licence in OPEN_LICENCES.values()
    if ships and not (licence or given.rights or value.get("license") or "rights" in value):
        message = "A text ships only if its rights allow it, but no rights are stated."
        raise fail("KB418", message, "State them: --licence CC0-1.0, or --rights in words.", "--ship")
    default = f"Licence: {given.licence or licence}." if licence else _NO_RIGHTS
    details = {
        "title": given.title or value.get("title") or name.replace("-", " ").capitalize(),
        "language": given.language or value.get("language") or "en",
        "rights": given.rights or value.get("rights") or default,
        "license": licence or value.get("license"),
        "text": SHIPPED if ships else "held-elsewhere",
        "source": given.source or value.get("source"),
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


def summarize(added: AddedDocument) -> Iterator[str]:
    """Describe the result for the user, with the sentences to review."""
    sentences, text = added.value["sentences"], added.text
    headings = [entry for entry in sentences if entry["id"].endswith(".0")]
    yield f"{'Wrote' if added.changed else 'No changes in'} {added.path}: "
    yield f"{len(headings)} headings, {len(sentences) - len(headings)} sentences, text {added.value['text']}.\n"
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
    """A sentence with its position in code points, and its words if the text is available."""

    id: str
    start: int
    end: int
    words: str


def read_sentences(kb: KnowledgeBase, name: str, given: Iterable[str] = ()) -> Iterator[SentenceText]:
    """Yield the headings and sentences of a document.

    Args:
        kb: The knowledge base.
        name: The document's id.
        given: Texts named by the user, as :func:`kb.texts.sources.parse_options` reads them.

    Raises:
        KbError: The document is unknown (KB303).
    """
    if name not in kb.documents:
        raise fail("KB303", f"There is no document {quote(name)}.", f"Known: {', '.join(kb.documents)}.")
    document = kb.documents[name]
    text = sources.read_texts([document], kb.folder, sources.parse_options(given, [name])).get(name)
    for sentence in document.sentences:
        words = text.words[sentence.start : sentence.end] if text else ""
        yield SentenceText(sentence.id, sentence.start, sentence.end, words)
