"""Edits values and sentences of records in their YAML files, and leaves everything else as it is."""

from __future__ import annotations

import itertools
import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kb.files.text_file import read_text
from kb.model import Record
from kb.problems import Place, fail


class RecordEdits:
    """Edits of records, collected from any number of files and applied together."""

    def __init__(self) -> None:
        self._values: defaultdict[str, list[tuple[Place, str, str]]] = defaultdict(list)
        self._blocks: defaultdict[str, list[tuple[int, int, list[str]]]] = defaultdict(list)

    def set_value(self, place: Place, old: object, new: object) -> None:
        """Replace a plain value."""
        if str(old) != str(new):
            self._values[place.file].append((place, str(old), str(new)))

    def remove_line(self, place: Place) -> None:
        """Remove a line, such as a row of a table."""
        line: tuple[int, int, list[str]] = (place.line - 1, place.line, [])
        self._blocks[place.file] += [line] if line not in self._blocks[place.file] else []

    def remove_item(self, place: Place, value: str) -> None:
        """Remove a plain value from a list that has others."""
        line = read_text(Path(place.file), place.file).split("\n")[place.line - 1]
        if line.strip() == f"- {value}":
            self.remove_line(place)
        elif line[: place.column - 1].endswith(", "):
            self._values[place.file].append((place._replace(column=place.column - 2), f", {value}", ""))
        else:
            self._values[place.file].append((place, f"{value}, ", ""))

    def set_sentences(self, record: Record, sentences: Sequence[Mapping[str, Any]]) -> None:
        """Replace the sentences of a document's record; those that it has stay as they are written, with their comments.

        Raises:
            KbError: They have no lines of their own (KB419).
        """
        old = record.value["sentences"]
        if list(sentences) == old:
            return
        lines = read_text(Path(record.place.file), record.place.file).split("\n")
        starts = [record.at("sentences", index).line - 1 for index in range(len(old))]
        place = next(
            (record.at("sentences", at) for at, line in enumerate(starts) if not lines[line].lstrip().startswith("- ")), None
        )
        if place or not record.place.file.lower().endswith((".yaml", ".yml")):
            message, remedy = (
                "The sentences have no lines of their own in a YAML file.",
                "Run 'kb format', or edit the file by hand.",
            )
            raise fail("KB419", message, remedy, place or record.place)
        indent = lines[starts[0]].partition("-")[0]
        end = starts[-1] + 1
        while end < len(lines) and lines[end].startswith(f"{indent} "):
            end += 1
        begins = [starts[0], *(_skip_back(lines, start, before) for before, start in itertools.pairwise(starts)), end]
        chunks = {entry["id"]: (entry, lines[begins[at] : begins[at + 1]]) for at, entry in enumerate(old)}
        made = [line for sentence in sentences for line in _write(sentence, *chunks.get(sentence["id"], ({}, [])), indent)]
        self._blocks[record.place.file].append((starts[0], end, made))

    def apply(self) -> dict[Path, list[str]]:
        """Return the new text of each file.

        Raises:
            KbError: A value does not stand where its record says (KB419).
        """
        return {Path(file): [self._apply(file)] for file in {**self._values, **self._blocks}}

    def _apply(self, file: str) -> str:
        lines = read_text(Path(file), file).split("\n")  # as places count them; other separators are part of a value
        for place, old, new in sorted(self._values[file], reverse=True):  # from the end, so that earlier places stay valid
            line, at = lines[place.line - 1], place.column - 1
            at += line[at : at + 1] in {'"', "'"}
            if line[at : at + len(old)] != old:
                raise fail("KB419", f"'{old}' does not stand there as it is.", "Correct the record by hand.", place)
            lines[place.line - 1] = line[:at] + new + line[at + len(old) :]
        for start, end, made in sorted(self._blocks[file], reverse=True):
            lines[start:end] = made
        return "\n".join(lines)


def _skip_back(lines: Sequence[str], start: int, least: int) -> int:
    """Return the line at which the comments above a line begin."""
    while start - 1 > least and (not lines[start - 1].strip() or lines[start - 1].lstrip().startswith("#")):
        start -= 1
    return start


def _write(new: Mapping[str, Any], old: Mapping[str, Any], lines: list[str], indent: str) -> list[str]:
    """Return the lines of a sentence, which are its old ones with other values where that is possible."""
    if not old or new.keys() != old.keys() or new.get("exempt") != old.get("exempt"):
        items = (
            f"{key}: {value if isinstance(value, str | int) else json.dumps(value, ensure_ascii=False)}"
            for key, value in new.items()
        )
        return [*(line for line in lines if line.lstrip().startswith("#")), f"{indent}- {{{', '.join(items)}}}"]
    text = "\n".join(lines)
    for key in ("start", "end", "sha256"):
        text = re.sub(rf"(\b{key}: *[\"']?){old[key]}\b", rf"\g<1>{new[key]}", text, count=1)
    return text.split("\n")
