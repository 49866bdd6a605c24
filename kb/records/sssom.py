"""SSSOM TSV into mapping records (Simple Standard for Sharing Ontological Mappings, TSV serialization).

The lines that begin with ``#`` are YAML: the mapping set's own slots and its ``curie_map``. Of the rows,
the columns of ``schemas/mapping.schema.json`` are read; empty cells count as left out.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from kb.model import Record
from kb.problems import Place, fail
from kb.records import yaml


def records(text: str, shown: str, stem: str) -> Iterator[Record]:
    """Read the rows of one file.

    Args:
        text: The text of the file.
        shown: How messages name it.
        stem: The file's name without suffixes.

    Raises:
        KbError: The heading is not YAML or the table has no header row.
    """
    lines = text.splitlines(keepends=True)
    heading = sum(1 for _ in _leading_comments(lines))
    yaml.parse("".join(line[1:] for line in lines[:heading]) or "{}", shown)
    rows = csv.reader(io.StringIO("".join(lines[heading:])), delimiter="\t", strict=True)
    try:
        columns = next(rows, None)
        if not columns:
            raise fail("KB104", "The table has no header row.", "Add the SSSOM column names.", Place(shown, heading + 1))
        for row in rows:
            place = Place(shown, heading + rows.line_num)
            if len(row) != len(columns):
                raise fail(
                    "KB104",
                    f"The row has {len(row)} cells, the header has {len(columns)}.",
                    "Check the tabs.",
                    place,
                )
            cells = dict(zip(columns, row, strict=True))
            places = {(column,): place for column in columns}
            yield Record("mapping", {key: cell for key, cell in cells.items() if cell}, place, places, stem)
    except csv.Error as error:
        place = Place(shown, heading + rows.line_num)
        raise fail("KB104", f"The table cannot be read: {error}.", "Check quotes and tabs.", place) from error


def _leading_comments(lines: list[str]) -> Iterator[str]:
    for line in lines:
        if not line.startswith("#"):
            return
        yield line
