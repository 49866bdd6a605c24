"""Read the output of other tools as proposals: LangExtract, Web Annotations such as those of Hypothesis, and edges of KGX.

Positions of other tools only choose among several places with the same words: many count UTF-16 units.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from kb import resources

_PAIR = re.compile(r"\s*([A-Za-z]+)\s*[:=]\s*(.+?)\s*", re.DOTALL)


def convert(value: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """Return the proposals that a record of another tool holds; nothing if it is none."""
    read = next((reader for key, reader in _READERS.items() if key in value), None)
    return None if read is None else list(read(value))


def _read_langextract(value: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Read an annotated document: each extraction is a claim, whose parts are its attributes; its class is the predicate."""
    for extraction in _mappings(value["extractions"]):
        given = _keep_parts((extraction.get("attributes") or {}).items())
        words, interval = str(extraction.get("extraction_text", "")), extraction.get("char_interval") or {}
        quote = {"words": given.pop("quote", words), "start": interval.get("start_pos")}
        made = {"predicate": extraction.get("extraction_class"), "object": words, **given}
        yield _make({"document": value.get("document_id"), **made}, quote)


def _read_annotation(value: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Read a Web Annotation: its parts are in a body, in tags, or in lines of its text, such as ``subject: zelorin``."""
    bodies = list(_mappings(value.get("body", ())))
    texts = [str(text) for text in (value.get("text", ""), *(body.get("value", "") for body in bodies))]
    lines = [*map(str, value.get("tags", ())), *(line for text in texts for line in text.splitlines())]
    pairs: list[tuple[str, Any]] = [(match[1], match[2]) for line in lines if (match := _PAIR.fullmatch(line))]
    parts = _keep_parts([*pairs, *(pair for body in bodies for pair in body.items())])
    for target in _mappings(value["target"]):
        selectors = {one.get("type"): one for one in _mappings(target.get("selector", ()))}
        words = selectors.get("TextQuoteSelector", {})
        at = selectors.get("TextPositionSelector", {}).get("start")
        yield _make(
            parts, {"words": words.get("exact"), "before": words.get("prefix"), "after": words.get("suffix"), "start": at}
        )


def _read_rows(value: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Read an answer of the API of Hypothesis."""
    for row in _mappings(value["rows"]):
        yield from _read_annotation({"target": (), **row})


def _read_edge(value: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Read an edge of KGX, which has no words: a sentence is looked for that states it."""
    yield {key: value[key] for key in ("subject", "predicate", "object", "proposer") if key in value}


_READERS: dict[str, Callable[[Mapping[str, Any]], Iterable[dict[str, Any]]]] = {
    "extractions": _read_langextract,
    "target": _read_annotation,
    "rows": _read_rows,
    "knowledge_level": _read_edge,
}


def _mappings(value: Any) -> Iterator[Mapping[str, Any]]:
    return (one for one in (value if isinstance(value, list | tuple) else [value]) if isinstance(one, dict))


def _keep_parts(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Keep what is a part of a proposal by its name."""
    known = resources.schema("proposal")["properties"]
    return {key.lower(): part for key, part in pairs if key.lower() in known and part}


def _make(parts: Mapping[str, Any], quote: Mapping[str, Any]) -> dict[str, Any]:
    """Make a proposal of parts and a quote; of the quote, only what is given."""
    kept = {key: part for key, part in quote.items() if part or part == 0}
    return {**{key: part for key, part in parts.items() if part}, "quote": [kept]}
