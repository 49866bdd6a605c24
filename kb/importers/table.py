"""Import tables of pairs, such as drugs and their effects: one fact for each pair that a document states.

A document is what the column of documents names, such as a label, or else all rows about one subject. Its sentences are
rows of the file: ``s1.4711`` is row 4,711 (row 1,000,000 is the first of the next section), with its position in the file
and its digest. Rows are sorted on disk, so that memory is bounded by the number of terms.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kb.files import atomic
from kb.files.sorting import SortedFiles
from kb.files.temporary import TemporaryFolder, prefix_beside
from kb.importers.frequencies import frequency_word
from kb.importers.rows import Row, Table
from kb.importers.table_records import SECTION, ImportedRow, TableDetails, TableRecords, TargetBase, sentence_id
from kb.importers.table_terms import Terms, make_id
from kb.problems import KbError, Place, Problem, fail, quote
from kb.progress import track
from kb.records import record_writer

__all__ = ["SECTION", "Columns", "ImportResult", "TableDetails", "import_table", "sentence_id"]

#: How many of the rejected rows are reported at once; all of them are written to a file.
MAX_REPORTED = 100

_SEVERITIES = ("mild", "moderate", "severe")
_BUFFERED = 64 * 1024 * 1024  # bytes of rows that are sorted in memory


@dataclass(frozen=True, slots=True)
class Columns:
    """The name of the column of each value; empty for a value that the table does not have."""

    subject: str
    object: str
    subject_label: str = ""
    object_label: str = ""
    document: str = ""
    frequency: str = ""
    severity: str = ""

    def list_named(self) -> dict[str, str]:
        """Return the columns that the table has, by the value that they hold."""
        return {name: column for name in self.__slots__ if (column := getattr(self, name))}


@dataclass(frozen=True, slots=True)
class ImportResult:
    """Counts of what was read and written, and problems of rows that are in no fact."""

    rows: int
    facts: int
    documents: int
    terms: int
    mappings: int
    rejected: int
    problems: list[Problem]


def import_table(path: Path, columns: Columns, details: TableDetails, folder: Path, **reading: Any) -> ImportResult:
    """Import a table into a knowledge base, which is made if the folder has none.

    Args:
        path: The table; see :class:`kb.importers.rows.Table`.
        columns: The columns to read.
        details: What all facts of the table have in common.
        folder: The knowledge base. ``facts/NAME.jsonl`` and the like are written, all of them or none; rejected rows are
            written to ``rejected/NAME.jsonl`` with line and reason.
        reading: ``header`` and ``delimiter``, as :class:`kb.importers.rows.Table` takes them.

    Raises:
        KbError: The table cannot be read or lacks a column, or the folder cannot be written.
    """
    try:
        place = Path(os.path.realpath(folder))
        with (
            record_writer.lock_records(folder) as write,
            atomic.make_folder(place.parent, folder),
            TemporaryFolder(place.parent, prefix_beside(place)) as temporary,
            closing(RejectedRows(Path(temporary))) as rejected,
        ):
            base = TargetBase.read(folder, details)
            terms = Terms(details.kinds, details.namespaces, base.prefixes)
            table = Table(path, list(columns.list_named().values()), rejected.add, **reading)
            rows = track("reading", table.rows(), lambda row: row.end - row.start + 1, _size(path))
            with SortedFiles(_BUFFERED, Path(temporary)) as files:
                resolver = _Resolver(path, columns, details, terms, rejected)
                file = files.sort(row.encode() for row in resolver.resolve_all(rows))
                if table.contents is None or not file.count:
                    empty = fail("KB109", "The table has no rows.", "Check the file.", str(path))
                    raise KbError(rejected.problems) if rejected.problems else empty
                records = TableRecords(path, table.contents, file, details, base, terms, rejected.add)
                written = records.files(by_document=bool(columns.document))
                written[f"rejected/{details.name}.jsonl"] = rejected.lines()
                write({folder / name: lines for name, lines in written.items()})
            counts = (table.contents.rows, records.facts, records.documents, len(terms), len(terms.curies), rejected.count)
            return ImportResult(*counts, sorted(rejected.problems))
    except OSError as error:
        raise atomic.unwritable_error(folder, error) from error


class RejectedRows:
    """Rows that are in no fact, with the reasons: written to a temporary file, the first of them also held as problems."""

    def __init__(self, folder: Path) -> None:
        self._file = (folder / "rejected.jsonl").open("w+", encoding="utf-8")
        self.count = 0
        self.problems: list[Problem] = []

    def close(self) -> None:
        """Close the temporary file."""
        self._file.close()

    def add(self, problem: Problem, cells: Iterable[str] = ()) -> None:
        """Add a row, by its problem and its cells, as far as they are known."""
        self.count += 1
        if len(self.problems) < MAX_REPORTED:
            self.problems.append(problem)
        message = f"{problem.message} {problem.remedy}"
        record = {"line": problem.place.line, "code": problem.code, "message": message, "cells": list(cells)}
        self._file.write(f"{json.dumps(record, ensure_ascii=False)}\n")

    def lines(self) -> Iterator[str]:
        """Return a line of JSON for each row."""
        self._file.seek(0)
        yield from self._file


class _Resolver:
    """Turns the cells of rows into ids and words."""

    def __init__(self, path: Path, columns: Columns, details: TableDetails, terms: Terms, rejected: RejectedRows) -> None:
        self._path, self._names = path, list(columns.list_named())
        self._details, self._terms, self._rejected = details, terms, rejected

    def resolve_all(self, rows: Iterable[Row]) -> Iterator[ImportedRow]:
        """Return the rows that can be facts; the others are rejected."""
        for row in rows:
            try:
                yield self._resolve(row, dict(zip(self._names, row.cells, strict=True)))
            except KbError as error:
                for problem in error.problems:
                    self._rejected.add(problem._replace(place=Place(str(self._path), row.line)), row.cells)

    def _resolve(self, row: Row, cells: Mapping[str, str]) -> ImportedRow:
        subject = self._terms.find(0, cells["subject"], cells.get("subject_label", ""))
        obj = self._terms.find(1, cells["object"], cells.get("object_label", ""))
        text = cells.get("frequency", "")
        frequency = frequency_word(text, self._details.frequencies) if text else ""
        severity = cells.get("severity", "").lower()
        if severity and severity not in _SEVERITIES:
            raise fail("KB791", f"{quote(severity)} is not a severity.", f"Use one of: {', '.join(_SEVERITIES)}.")
        document = self._document(cells, subject)
        order = f"{row.number:012}"
        return ImportedRow(document, order, row.line, subject, obj, frequency, severity, row.start, row.end, row.sha256)

    def _document(self, cells: Mapping[str, str], subject: str) -> str:
        if "document" in cells and not cells["document"]:
            raise fail("KB791", "The row names no document.", "Fill in the cell.")
        return f"{self._details.name}-{make_id(cells['document']) if 'document' in cells else subject}"[:95].rstrip("-")


def _size(path: Path) -> int:
    """Return the size of a table for the progress bar; 0 where the positions of rows do not add up to it."""
    return path.stat().st_size if path.is_file() and path.suffix.lower() in {".tsv", ".csv", ".txt"} else 0
