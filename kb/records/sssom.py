"""Reads SSSOM TSV into mapping records (Simple Standard for Sharing Ontological Mappings, TSV serialization).

Lines that start with ``#`` are YAML: the slots of the mapping set and its ``curie_map``. Empty cells count as left out. A record
has the slots of its row, those that it inherits from the set (``x-set`` in ``mapping.schema.json``), its prefixes, the whole
heading, and the cells of extension columns, which are those of ``extension_definitions`` and those that begin with ``ext_``.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterator, Mapping
from itertools import takewhile
from typing import Any

from kb import resources
from kb.files.text_file import MOST_PROBLEMS
from kb.model import Record, Trail
from kb.problems import KbError, Place, Problem, fail, quote
from kb.suggestions import did_you_mean

_COLUMN = "subject_id"
_EXTENSION = "ext_"
_OF_FILE = {"curie_map", "mapping_set_id"}  # what stands in the heading of a written set in any case
_NO_COLUMNS = {"curie_map", "heading", "extensions"}
_SLOT = re.compile("[a-z][a-z0-9_]*")
_PREFIX = re.compile(r"(?<![^|])[A-Za-z][A-Za-z0-9._-]*(?=:)")


def parse_records(text: str, file_name: str, stem: str) -> Iterator[Record]:
    """Yield the records of the valid rows of one file, then raise the problems of the others.

    Raises:
        KbError: The heading is not YAML, the table has no header row, or rows do not fit it.
    """
    lines = text.split("\n")
    heading = sum(1 for _ in takewhile(lambda line: line.startswith("#"), lines))
    about, above = _read_heading(lines[:heading], file_name)
    shared, curie_map, extensions = _find_shared(about), about.get("curie_map") or {}, _find_extensions(about)
    whole = {name: value for name, value in about.items() if name not in _OF_FILE and _SLOT.fullmatch(str(name))}
    problems: list[Problem] = []
    columns: list[str] = []
    for place, row, places in _rows(lines, heading, file_name, problems):
        if not columns:
            columns = row
            _check_columns(columns, place, places, extensions)
        elif len(row) != len(columns):
            message = f"The row has {len(row)} cells, the header has {len(columns)}."
            problems.append(Problem(place, "KB104", message, "Check the tabs."))
        else:
            filled = [(column, cell, where) for column, cell, where in zip(columns, row, places, strict=True) if cell]
            value: dict[str, Any] = {**shared, **{column: cell for column, cell, _ in filled}}
            used = {name for cell in value.values() for name in _PREFIX.findall(cell) if name in curie_map}
            own = {column: value.pop(column) for column in columns if column in value and _is_extension(column, extensions)}
            more = {"curie_map": {name: curie_map[name] for name in sorted(used)}, "extensions": own, "heading": whole}
            value |= {name: content for name, content in more.items() if content}
            yield Record("mapping", value, place, {**above, **{(column,): where for column, _, where in filled}}, stem)
        if len(problems) >= MOST_PROBLEMS:
            break
    if not columns:
        place = Place(file_name, heading + 1, 1)
        problems.append(Problem(place, "KB104", "The table has no header row.", "Add the SSSOM column names."))
    if problems:
        raise KbError(problems)


def _read_heading(lines: list[str], file_name: str) -> tuple[dict[str, Any], Mapping[Trail, Place]]:
    """Read the heading, and the places of what it has.

    A space replaces each number sign, so that columns are those of the file.
    """
    from kb.records import strict_yaml

    loaded = strict_yaml.parse("\n".join(f" {line[1:]}" for line in lines), file_name)
    about = {} if loaded.value is None else loaded.value
    if not isinstance(about, dict) or not isinstance(about.get("curie_map") or {}, dict):
        message = "The heading must be 'key: value' lines; so must be its curie_map."
        raise fail("KB104", message, "Correct the lines that begin with #.", loaded.places[()])
    return about, {path: place for path, place in loaded.places.items() if path}


def _find_shared(about: Mapping[str, Any]) -> dict[str, str]:
    """Find the slots that rows inherit from the heading."""
    slots = {name for name, slot in resources.schema("mapping")["properties"].items() if slot.get("x-set")}
    return {
        name: "|".join(map(str, value)) if isinstance(value, list) else str(value)
        for name, value in about.items()
        if name in slots and value not in (None, "", [])
    }


def _find_extensions(about: Mapping[str, Any]) -> set[str]:
    """Find the names of the extension columns that a heading defines."""
    definitions = about.get("extension_definitions")
    found = definitions if isinstance(definitions, list) else []
    return {str(one["slot_name"]) for one in found if isinstance(one, dict) and one.get("slot_name")}


def _is_extension(column: str, extensions: Collection[str]) -> bool:
    return column.startswith(_EXTENSION) or (column in extensions and column not in resources.schema("mapping")["properties"])


def _check_columns(columns: list[str], place: Place, places: list[Place], extensions: Collection[str]) -> None:
    if _COLUMN not in columns:
        message = f"The table has no header row with the column '{_COLUMN}'."
        raise fail("KB104", message, "Name the columns in the first row, with a tab between each two.", place)
    known: set[str] = set()
    slots = resources.schema("mapping")["properties"].keys() - _NO_COLUMNS
    for column, where in zip(columns, places, strict=True):
        if column in known:
            raise fail("KB105", f"The column {quote(column)} is there twice.", "Keep one.", where)
        if column not in slots and not _is_extension(column, extensions):
            remedy = did_you_mean(column, slots, "Name it in extension_definitions in the heading, or remove it.")
            raise fail("KB202", f"SSSOM has no column {quote(column)}.", remedy, where)
        known.add(column)


def _rows(
    lines: list[str], heading: int, file_name: str, problems: list[Problem]
) -> Iterator[tuple[Place, list[str], list[Place]]]:
    """Yield each row that is not blank: its place, its cells and their places."""
    reader = csv.reader((f"{line}\n" for line in lines[heading:]), delimiter="\t", strict=True)
    while True:
        line = heading + reader.line_num
        place = Place(file_name, line + 1, 1)
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            message = f"The row cannot be read: {error}."
            problems.append(Problem(place, "KB104", message, "Close every quotation mark that is opened."))
            if len(problems) >= MOST_PROBLEMS:
                return
            continue
        if any(row):
            yield place, row, _places(lines[line], len(row), place)


def _places(line: str, cells: int, row: Place) -> list[Place]:
    """Return the place of each cell, or that of the row if it has quotes, which can contain tabs and line ends."""
    if '"' in line:
        return [row] * cells
    places, column = [], 1
    for cell in line.split("\t"):
        places.append(row._replace(column=column))
        column += len(cell) + 1
    return places
