"""Documents: the record of a text made; what a curator corrected in it kept."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from kb import resources
from kb.files import atomic
from kb.files.text_file import read_bytes, read_text
from kb.model import KnowledgeBase, Record
from kb.problems import KbError, Problem, fail, quote
from kb.records import folder as folders
from kb.schema.licences import OPEN_LICENCES
from kb.texts import sentence_splitter, sources
from kb.texts.normal_form import LARGEST, SUFFIXES, Text, digest, read
from kb.texts.sources import SHIPPED

_ID = re.compile("[a-z0-9]+(-[a-z0-9]+)*")
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_WIDTH = 120
_NO_RIGHTS = "No licence is stated; the text is not ours to redistribute."
_LONG = 500


class About(NamedTuple):
    """What the curator says of a document; what is empty is taken from the record that is there, or by default.

    Args:
        id: Its id; made of the name of the file if empty.
        licence: An SPDX identifier, or the IRI of a licence.
        ship: Whether its text travels with the records; where it is not said, it does under an open licence.
    """

    id: str = ""
    title: str = ""
    language: str = ""
    rights: str = ""
    licence: str = ""
    source: str = ""
    ship: bool | None = None


class Added(NamedTuple):
    """What was made.

    Args:
        path: The file of the record.
        changed: Whether the file had to be written.
        value: The record.
        text: The text.
        kept: The ids of the sentences whose bounds are the curator's and not the splitter's.
    """

    path: Path
    changed: bool
    value: dict[str, Any]
    text: Text
    kept: tuple[str, ...] = ()


def add(content: Path, file: Path, about: About, *, replace: bool = False) -> Added:
    """Make the record of a document, and put its text beside it if that ships.

    Args:
        content: The folder of the knowledge base.
        file: The text.
        about: What the curator says of it.
        replace: Whether a record that is there may be made anew. What the curator wrote in it stays: bounds of
            sentences (whose digests are then computed anew), topics, exemptions, notes.

    Raises:
        KbError: The text cannot be read, there is a record already (KB416), what is said of it is wrong (KB418), or facts rest
            on sentences of another text (KB419).
    """
    text = read(file)
    name = about.id or re.sub("[^a-z0-9]+", "-", file.stem.lower()).strip("-")
    if not _ID.fullmatch(name) or len(name) > 100:
        message = f"{quote(name)} is no id: lower-case letters, digits and single hyphens are."
        raise fail("KB418", message, "Name one with --id.", "--id")
    records = folders.read(content).records
    old = next((each for each in records if each.kind == "document" and _id_of(each) == name), None)
    if old and not replace:
        message = f"There is a record of {quote(name)} already."
        raise KbError([Problem(old.place, "KB416", message, "Choose another --id, or use --replace, which keeps corrections.")])
    value, kept = _renewed(old, records, text) if old else (_first(text), ())
    value = _ordered({**value, "id": name, **_said(about, value, name)})
    path = Path(old.place.file) if old else content / "documents" / f"{name}.yaml"
    made = {path: [_head(path, old), to_yaml(value)]}
    if value["text"] == SHIPPED:
        made[content / "documents" / f"{name}{SUFFIXES[text.mediatype]}"] = [read_bytes(file, str(file), LARGEST).decode("utf-8")]
    changed = old is None or value != old.value or any(not each.exists() for each in made)
    if changed:
        atomic.write_folder(content, {os.path.relpath(each, content): pieces for each, pieces in made.items()})
    return Added(path, changed, value, text, kept)


def _id_of(record: Record) -> object:
    return record.value.get("id") if isinstance(record.value, dict) else None


def _first(text: Text) -> dict[str, Any]:
    """Give what the text alone says of a document."""
    return {**_counted(text), "sentences": list(_sentences(text))}


def _counted(text: Text) -> dict[str, Any]:
    counted = {"mediatype": text.mediatype, "sha256": text.sha256, "bytes": text.bytes, "characters": len(text.words)}
    return counted if text.digest == text.sha256 else {**counted, "words-sha256": text.digest}


def _sentences(text: Text) -> Iterator[dict[str, Any]]:
    for passage in sentence_splitter.split(text):
        words = text.words[passage.start : passage.end]
        yield {"id": passage.id, "start": passage.start, "end": passage.end, "sha256": digest(words)}


def _renewed(old: Record, records: list[Record], text: Text) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Bring a record up to its text, and keep what the curator wrote in it."""
    value = {key: each for key, each in old.value.items() if key != "words-sha256"}
    sentences = value.get("sentences")
    if not isinstance(sentences, list) or Path(old.place.file).suffix not in {".yaml", ".yml"} or _in_a_list(old):
        remedy = "Correct it by hand, or move it to a YAML file of its own."
        raise KbError([Problem(old.place, "KB416", "Its record cannot be made anew.", remedy)])
    if (value.get("words-sha256") or value.get("sha256")) in {text.sha256, text.digest} or old.value.get("sha256") == text.sha256:
        split = {(each.start, each.end) for each in sentence_splitter.split(text)}
        kept = tuple(each["id"] for each in sentences if (each["start"], each["end"]) not in split)
        return {**value, **_counted(text), "sentences": [_again(each, text, old) for each in sentences]}, kept
    resting = sum(_rests(each, old.value["id"]) for each in records if each.kind == "fact")
    if resting:
        message = f"The text has changed, and {resting} facts rest on its sentences, whose numbers would change."
        remedy = f"Run 'kb verify --text {old.value['id']}=FILE', which proposes where each sentence stands now."
        raise KbError([Problem(old.place, "KB419", message, remedy)])
    exempt = {each["sha256"]: each["exempt"] for each in sentences if "exempt" in each}
    fresh = [{**each, "exempt": exempt[each["sha256"]]} if each["sha256"] in exempt else each for each in _sentences(text)]
    return {**value, **_counted(text), "sentences": fresh}, ()


def _in_a_list(record: Record) -> bool:
    return record.place.line > 1 and _first_line(Path(record.place.file)).startswith("-")


def _first_line(path: Path) -> str:
    lines = (line.strip() for line in read_text(path, str(path)).splitlines())
    return next((line for line in lines if line and not line.startswith(("#", "---"))), "")


def _again(sentence: Mapping[str, Any], text: Text, old: Record) -> dict[str, Any]:
    """Compute the digest of a sentence anew; its bounds stay."""
    start, end = sentence["start"], sentence["end"]
    words = text.words[start:end]
    if not words or words != words.strip() or end > len(text.words):
        message = f"'{sentence['id']}' from {start} to {end} begins or ends with a blank, or is none of the text."
        raise KbError([Problem(old.place, "KB419", message, "Correct its 'start' and 'end'.")])
    return {**sentence, "sha256": digest(words)}


def _rests(record: Record, name: str) -> bool:
    value = record.value
    return isinstance(value, dict) and value.get("document", record.stem) == name


def _said(about: About, value: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Give what is said of a document, by the curator now, by the record, or by default."""
    licence = OPEN_LICENCES.get(about.licence, about.licence)
    for option, iri in (("--licence", licence), ("--source", about.source)):
        if iri and not _IRI.fullmatch(iri):
            message = f"{quote(iri)} is neither an IRI nor, for a licence, one such as CC0-1.0 or CC-BY-4.0."
            raise fail("KB418", message, "Write it in full, beginning with https://.", option)
    is_open = licence in OPEN_LICENCES.values()
    ships = about.ship if about.ship is not None else value.get("text") == SHIPPED or is_open
    if ships and not (licence or about.rights or value.get("license") or "rights" in value):
        message = "A text travels only where its rights allow it, and nothing is said of them."
        raise fail("KB418", message, "Say by which right: --licence CC0-1.0, or --rights in words.", "--ship")
    default = f"Licence: {about.licence or licence}." if licence else _NO_RIGHTS
    said = {
        "title": about.title or value.get("title") or name.replace("-", " ").capitalize(),
        "language": about.language or value.get("language") or "en",
        "rights": about.rights or value.get("rights") or default,
        "license": licence or value.get("license"),
        "text": SHIPPED if ships else "held-elsewhere",
        "source": about.source or value.get("source"),
    }
    return {key: each for key, each in said.items() if each}


def _ordered(value: Mapping[str, Any]) -> dict[str, Any]:
    """Put the keys into the order of the schema."""
    keys = [*resources.schema("document")["properties"], *value]
    return {key: value[key] for key in dict.fromkeys(keys) if key in value}


def _head(path: Path, old: Record | None) -> str:
    """Give the comments at the head of the file, or the line that tells editors the schema."""
    if old:
        lines = read_text(path, str(path)).splitlines(keepends=True)
        return "".join(lines[: next((at for at, line in enumerate(lines) if not line.startswith("#")), 0)])
    if (path.parent.parent / "schemas" / "document.schema.json").is_file():
        return "# yaml-language-server: $schema=../schemas/document.schema.json\n"
    schemas = resources.schemas().resolve()
    inside = path.resolve().is_relative_to(schemas.parent)
    where = os.path.relpath(schemas, path.resolve().parent) if inside else "https://w3id.org/linked-kb/schemas"
    return f"# yaml-language-server: $schema={where}/document.schema.json\n"


def to_yaml(value: Mapping[str, Any]) -> str:
    """Write a document's record: a line for each section and sentence."""
    lists = {key: value[key] for key in ("sections", "sentences") if key in value}
    plain = {key: each for key, each in value.items() if key not in lists}
    parts = [yaml.safe_dump(plain, allow_unicode=True, sort_keys=False, width=_WIDTH)]
    for key, each in lists.items():
        parts.append(f"{key}:\n")
        for line in each:
            flat = yaml.safe_dump(line, allow_unicode=True, sort_keys=False, width=10**9, default_flow_style=True)
            parts.append(f"  - {flat}")
    return "".join(parts)


def told(added: Added) -> Iterator[str]:
    """Tell a person what was made, and what to have a look at."""
    sentences, text = added.value["sentences"], added.text
    headings = [each for each in sentences if each["id"].endswith(".0")]
    yield f"{'Wrote' if added.changed else 'Nothing to change in'} {added.path}: "
    yield f"{len(headings)} headings, {len(sentences) - len(headings)} sentences, text {added.value['text']}.\n"
    left = added.path.parent / f"{added.value['id']}{SUFFIXES.get(text.mediatype, '')}"
    if added.value["text"] != SHIPPED and left.exists():
        yield f"The text still lies at {left}; remove it if it may not travel.\n"
    if added.kept:
        yield f"Kept as the curator bounded them: {', '.join(added.kept)}.\n"
    if headings:
        yield "\nTaken for headings, on which no fact can rest; look whether they are:\n"
    yield from (f"  {each['id']}  {text.words[each['start'] : each['end']]}\n" for each in headings)
    long = [each["id"] for each in sentences if each["end"] - each["start"] > _LONG]
    if long:
        yield f"\nLonger than {_LONG} characters; look whether these are several sentences: {', '.join(long)}\n"


class Shown(NamedTuple):
    """A sentence, with its words where they are at hand."""

    id: str
    start: int
    end: int
    words: str


def sentences(kb: KnowledgeBase, name: str, given: Iterable[str] = ()) -> Iterator[Shown]:
    """Give the headings and sentences of a document.

    Args:
        kb: The knowledge base.
        name: The document's id.
        given: Texts that are at hand, as :func:`kb.texts.sources.parse_options` reads them.

    Raises:
        KbError: There is no such document (KB303).
    """
    if name not in kb.documents:
        raise fail("KB303", f"There is no document {quote(name)}.", f"Known: {', '.join(kb.documents)}.")
    document = kb.documents[name]
    text = sources.read_texts([document], kb.folder, sources.parse_options(given, [name])).get(name)
    for each in document.sentences:
        yield Shown(each.id, each.start, each.end, text.words[each.start : each.end] if text else "")
