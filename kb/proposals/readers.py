"""Read the output of other tools as proposals: LangExtract, Web Annotations, edges of KGX, RDF, and files of annotations.

Positions of other tools only choose among several places with the same words: many count UTF-16 units.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from kb.escaping import count_of
from kb.files import text_file
from kb.formats import rdf_reader
from kb.model import Record
from kb.problems import Place, Problem
from kb.proposals import annotation_formats, rdf_claims
from kb.proposals.annotation_formats import LARGEST, list_mappings
from kb.proposals.annotations import AnnotatedText
from kb.proposals.foreign_records import make_slug
from kb.rdf.iris import Names
from kb.records import folder
from kb.schema import vocabulary
from kb.texts.indexed_text import IndexedText

_PAIR = re.compile(r"\s*([A-Za-z]+)\s*[:=]\s*(.+?)\s*", re.DOTALL)
# The formats in which a text is named after its file, which says little.
_NAMED_BY_FILE = {"brat", "uima"}
_NONE: Mapping[str, Any] = MappingProxyType({})


class ProposalReader:
    """Reads files of proposals and of annotations.

    Args:
        texts: The texts of the knowledge base; they stand for those that a file of annotations does not have.
        defaults: Parts of proposals that name none.
        names: The names of the knowledge base, for files of RDF.

    What makes no proposal is noted in ``notes``.
    """

    def __init__(
        self, texts: Mapping[str, IndexedText] = _NONE, defaults: Mapping[str, Any] = _NONE, names: Names | None = None
    ) -> None:
        self._texts, self._defaults, self._base_names, self.notes = texts, defaults, names, list[Problem]()
        self._names = {make_slug(name): name for name in texts}

    def read(self, path: Path, problems: list[Problem]) -> Iterator[Record]:
        """Yield the proposals of a file, whatever its format; append the problems of single lines.

        Raises:
            KbError: The file, or some of its records, cannot be read.
            OSError: The file cannot be read.
        """
        if self._base_names and path.suffix in rdf_reader.SUFFIXES:
            for claim in rdf_claims.read_claims(path, self._base_names):
                yield Record("proposal", {"proposer": "tool:rdf", **self._defaults, **claim}, Place(str(path)))
            return
        if known := annotation_formats.find_reader(path):
            name, read = known
            data = text_file.read_bytes(path, str(path), LARGEST)
            if not data.strip():
                raise text_file.empty_error(str(path))
            for text in read(path, data, problems):
                yield from self._propose(text, name, Place(str(path)), problems)
            return
        for record in folder.read_file(path, "proposal"):
            converted = convert(record.value) if isinstance(record.value, dict) else None
            for value in converted if converted is not None else [record.value]:
                if isinstance(value, AnnotatedText):
                    yield from self._propose(value, "bioc", record.place, problems)
                else:
                    is_mapping = isinstance(value, dict)
                    yield replace(record, value={**self._defaults, **value}) if is_mapping else record

    def _propose(self, text: AnnotatedText, name: str, place: Place, problems: list[Problem]) -> Iterator[Record]:
        """Yield the proposals of an annotated text, whose document is the one of that name, if there is one."""
        document = self._names.get(make_slug(text.document), "")
        if not text.words and document:
            text.words = self._texts[document].text.words
        if document or name in _NAMED_BY_FILE:
            text.document = document
        for line, made in text.propose():
            at = place._replace(line=line) if line else place
            if isinstance(made, str):
                problems.append(Problem(at, "KB104", made, "Relate two annotations of things."))
            else:
                yield Record("proposal", {"proposer": f"tool:{name}", **self._defaults, **made}, at)
        whats = (("annotation", "in no relation"), ("relation", "without two ends in a sentence"))
        told = zip(text.loose, whats, strict=True)
        counts = [f"No proposal is made of {count_of(count, noun)} {rest}." for count, (noun, rest) in told if count]
        counts += [] if text.mentions or text.relations else ["There are no annotations."]
        self.notes += [Problem(place, "KB448", count, "Relate what states a fact.") for count in counts]


def convert(value: Mapping[str, Any]) -> list[Any] | None:
    """Return the proposals, or annotated texts, that a record of another tool holds; nothing if it is none."""
    read = next((reader for key, reader in _READERS.items() if key in value), None)
    return None if read is None else list(read(value))


def _read_langextract(value: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Read an annotated document: each extraction is a claim, whose parts are its attributes; its class is the predicate."""
    for extraction in list_mappings(value["extractions"]):
        given = _keep_parts((extraction.get("attributes") or {}).items())
        words, interval = str(extraction.get("extraction_text", "")), extraction.get("char_interval") or {}
        quote = {"words": given.pop("quote", words), "start": interval.get("start_pos")}
        made = {"predicate": extraction.get("extraction_class"), "object": words, **given}
        yield _make({"document": value.get("document_id"), **made}, quote)


def _read_annotation(value: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Read a Web Annotation: its parts are in a body, in tags, or in lines of its text, such as ``subject: zelorin``."""
    bodies = list(list_mappings(value.get("body", ())))
    texts = [str(text) for text in (value.get("text", ""), *(body.get("value", "") for body in bodies))]
    lines = [*map(str, value.get("tags", ())), *(line for text in texts for line in text.splitlines())]
    pairs: list[tuple[str, Any]] = [(match[1], match[2]) for line in lines if (match := _PAIR.fullmatch(line))]
    parts = _keep_parts([*pairs, *(pair for body in bodies for pair in body.items())])
    for target in list_mappings(value["target"]):
        selectors = {one.get("type"): one for one in list_mappings(target.get("selector", ()))}
        words = selectors.get("TextQuoteSelector", {})
        at = selectors.get("TextPositionSelector", {}).get("start")
        yield _make(
            parts, {"words": words.get("exact"), "before": words.get("prefix"), "after": words.get("suffix"), "start": at}
        )


def _read_rows(value: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Read an answer of the API of Hypothesis."""
    for row in list_mappings(value["rows"]):
        yield from _read_annotation({"target": (), **row})


def _read_edge(value: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Read an edge of KGX, which has no words: a sentence is looked for that states it."""
    yield {key: value[key] for key in ("subject", "predicate", "object", "proposer") if key in value}


def _read_bioc(value: Mapping[str, Any]) -> Iterator[AnnotatedText]:
    """Read a collection of BioC, or a document on its own."""
    documents = next((value[key] for key in ("documents", "PubTator3") if key in value), value)
    return (annotation_formats.read_bioc_document(document) for document in list_mappings(documents))


_READERS: dict[str, Callable[[Mapping[str, Any]], Iterable[Any]]] = {
    "extractions": _read_langextract,
    "target": _read_annotation,
    "rows": _read_rows,
    "knowledge_level": _read_edge,
    "documents": _read_bioc,
    "PubTator3": _read_bioc,
    "passages": _read_bioc,
}


def _keep_parts(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Keep what is a part of a proposal by its name."""
    known = vocabulary.schema("proposal")["properties"]
    return {key.lower(): part for key, part in pairs if key.lower() in known and part}


def _make(parts: Mapping[str, Any], quote: Mapping[str, Any]) -> dict[str, Any]:
    """Make a proposal of parts and a quote; of the quote, only what is given."""
    kept = {key: part for key, part in quote.items() if part or part == 0}
    return {**{key: part for key, part in parts.items() if part}, "quote": [kept]}
