"""Import tables of pairs, such as drugs and their effects: one fact for each pair that a document states.

A document is what the column of documents names, such as a label, or else all rows about one subject. Its sentences are
rows of the file: ``s1.4711`` is row 4,711 (row 1,000,000 is the first of the next section), with its position in the file
and its digest. Rows are sorted on disk, so that memory is bounded by the number of terms.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from kb.checks.argument_values import check_arguments
from kb.escaping import count_of, escape_unseen
from kb.files import atomic
from kb.files.sorting import SortedFiles
from kb.files.temporary import TemporaryFolder, prefix_beside
from kb.importers.rows import Row, Table
from kb.importers.table_predicates import Predicates
from kb.importers.table_records import NO_BAND, ImportedRow, TableDetails, TableRecords, TargetBase
from kb.importers.table_terms import Ids, Terms, is_missing
from kb.problems import KbError, Place, Problem, fail, quote
from kb.progress import track
from kb.records.folder import lock_records
from kb.verification.frequencies import Frequency, read_frequency

#: How many of the rejected rows are reported, in all and for each reason; all of them are written to a file.
MAX_REPORTED = 100
_MAX_FOR_REASON = 3

_SEVERITIES = ("mild", "moderate", "severe")
_QUALIFIERS = ("frequency", "severity", "population")
_BUFFERED = 64 * 1024 * 1024  # bytes of rows that are sorted in memory
_VARIABLE = re.compile("'[^']*'|[0-9][0-9A-F,]*")  # what differs between messages about the same fault
# The names of columns that say what an effect is, so that a predicate need not be named.
_EFFECT = re.compile(r"side|adverse|effect|reaction|toxicit|(?<![a-z])(adrs?|aes?)(?![a-z])", re.IGNORECASE)
_PERCENT = re.compile(r"%|percent|pct", re.IGNORECASE)
# A column of truth values may say of either that it holds; so these are no polarities.
_POLARITIES = {
    **dict.fromkeys(["", "affirmed", "asserted", "positive", "present"], ""),
    **dict.fromkeys(["negated", "denied", "negative", "absent", "not"], "negated"),
}
_NOT_PLACEBO = {"", "no", "false", "0", "drug", "active", "verum", "n"}
_PLACEBO = {"placebo", "yes", "true", "y", "x"}


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
    predicate: str = ""
    polarity: str = ""
    population: str = ""
    placebo: str = ""  # marks the rows about a placebo, or gives the frequency with placebo

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
    reasons: Mapping[str, int]  # the number of rejected rows by reason
    left_out: Mapping[str, int]  # the number of rows that do not say what a fact would, by reason
    notes: list[str]  # what was decided
    problems: list[Problem] = field(repr=False)


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
        KbError: An argument is invalid (KB832), the table cannot be read or lacks a column, or the folder cannot be written.
    """
    details.check()
    check_arguments([("delimiter", "delimiter", str(reading.get("delimiter") or ""))])
    _check_columns(columns, details)
    details, notes = _choose_predicate(columns, details)
    try:
        place = Path(os.path.realpath(folder))
        with (
            lock_records(folder) as write,
            atomic.make_folder(place.parent, folder),
            TemporaryFolder(place.parent, prefix_beside(place)) as temporary,
            closing(RejectedRows(Path(temporary))) as rejected,
        ):
            base = TargetBase.read(folder, details)
            resolver = _Resolver(path, columns, details, base, rejected)
            table = Table(path, list(columns.list_named().values()), rejected.add, **reading)
            rows = track("reading", table.rows(), lambda row: row.end - row.start + 1, _size(path))
            with SortedFiles(_BUFFERED, Path(temporary)) as files:
                file = files.sort(row.encode() for row in resolver.resolve_all(rows))
                if table.contents is None or not file.count:
                    empty = fail("KB109", "The table has no rows.", "Check the file.", str(path))
                    raise KbError(rejected.problems) if rejected.problems else empty
                terms, predicates = resolver.terms, resolver.predicates.new
                records = TableRecords(path, table.contents, file, details, base, terms, rejected.add, predicates)
                written = records.files(by_document=bool(columns.document))
                written[f"rejected/{details.name}.jsonl"] = rejected.lines()
                write({folder / name: lines for name, lines in written.items()})
            notes += [f"Columns that were not read: {', '.join(map(quote, table.unused[:40]))}."] if table.unused else []
            notes += [*resolver.describe_frequencies(), *records.describe_contradictions()]
            left_out = {**resolver.left_out, "repeats the header": table.repeated_headers}
            return ImportResult(
                table.contents.rows,
                records.facts,
                records.documents,
                len(terms),
                len(terms.curies),
                rejected.count,
                dict(rejected.reasons.most_common()),
                {reason: number for reason, number in left_out.items() if number},
                notes,
                sorted(rejected.problems),
            )
    except OSError as error:
        raise atomic.unwritable_error(folder, error) from error


def _check_columns(columns: Columns, details: TableDetails) -> None:
    """Check that every option has a column that it can be about."""
    for name in ("subject", "object"):
        if not getattr(columns, name):
            raise fail("KB832", "No column is named.", "Name the column of its ids or labels.", name)
    if details.frequencies and not columns.frequency:
        remedy = "Name it with --frequency, or leave out its words."
        raise fail("KB832", "No column of frequencies is named.", remedy, "frequencies")


def _choose_predicate(columns: Columns, details: TableDetails) -> tuple[TableDetails, list[str]]:
    """Return the details with a predicate: the one that is named, or that of side effects if a column is named after them."""
    if columns.predicate and details.predicate:
        raise fail("KB832", "Both a predicate and a column of predicates are named.", "Name one of them.", "predicate")
    if columns.predicate or details.predicate:
        return details, []
    name = next((column for column in (columns.object_label, columns.object) if _EFFECT.search(column)), "")
    if not name:
        remedy = "Name the predicate of all rows with --predicate, or the column of predicates with --predicate-column."
        raise fail("KB832", "What the rows say of subject and object is not known.", remedy, "predicate")
    note = (
        f"By the name of the column {quote(name)}, every row was read as 'has-side-effect'; --predicate names another predicate."
    )
    return replace(details, predicate="has-side-effect"), [note]


class RejectedRows:
    """Rows that are in no fact, with the reasons: written to a temporary file, the first of each reason also held as problems."""

    def __init__(self, folder: Path) -> None:
        self._file = (folder / "rejected.jsonl").open("w+", encoding="utf-8")
        self.reasons: Counter[str] = Counter()
        self.problems: list[Problem] = []

    @property
    def count(self) -> int:
        """How many rows were rejected."""
        return self.reasons.total()

    def close(self) -> None:
        """Close the temporary file."""
        self._file.close()

    def add(self, problem: Problem, cells: Iterable[str] = ()) -> None:
        """Add a row, by its problem and its cells, as far as they are known."""
        reason = f"{problem.code} {_VARIABLE.sub('…', problem.message)}"
        self.reasons[reason] += 1
        if self.reasons[reason] <= _MAX_FOR_REASON and len(self.problems) < MAX_REPORTED:
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

    def __init__(self, path: Path, columns: Columns, details: TableDetails, base: TargetBase, rejected: RejectedRows) -> None:
        self._path, self._names = path, columns.list_named()
        self._details, self._rejected = details, rejected
        self._documents = Ids()
        self._is_percent = bool(_PERCENT.search(columns.frequency))
        self._is_placebo_percent = bool(_PERCENT.search(columns.placebo))
        self._without_band: Counter[str] = Counter()
        self.left_out: Counter[str] = Counter()
        self.terms = Terms((*details.kinds, "population"), details.namespaces, base.prefixes, base.terms)
        self.predicates = Predicates(details, base, [name for name in _QUALIFIERS if name in self._names])
        if details.predicate:
            self.predicates.find(details.predicate, is_argument=True)

    def resolve_all(self, rows: Iterable[Row]) -> Iterator[ImportedRow]:
        """Return the rows that can be facts; the others are left out or rejected."""
        for row in rows:
            try:
                cells = dict(zip(self._names, row.cells, strict=True))
                frequency, given = self._read_frequency(cells.get("frequency", ""))
                comparison = self._compare_placebo(cells.get("placebo", ""), frequency)
                if comparison is not None:
                    yield self._resolve(row, cells, frequency, f"{given}{comparison}".strip())
            except KbError as error:
                for problem in error.problems:
                    self._rejected.add(problem._replace(place=Place(str(self._path), row.line)), row.cells)

    def _resolve(self, row: Row, cells: Mapping[str, str], frequency: Frequency, given: str) -> ImportedRow:
        subject, obj = self.terms.find(0, cells["subject"]), self.terms.find(1, cells["object"])
        population = "" if is_missing(cells.get("population", "")) else self.terms.find(2, cells["population"])
        if "predicate" in cells and is_missing(cells["predicate"]):
            raise fail("KB791", "The row has no predicate.", "Fill in the cell.")
        predicate = self.predicates.find(cells.get("predicate") or self._details.predicate)
        polarity = _POLARITIES.get(cells.get("polarity", "").lower())
        if polarity is None:
            raise fail("KB791", f"{quote(cells['polarity'])} is not a polarity.", "Use 'negated', or leave the cell empty.")
        severity = "" if is_missing(cells.get("severity", "")) else cells["severity"].lower()
        if severity and severity not in _SEVERITIES:
            raise fail("KB791", f"{quote(severity)} is not a severity.", f"Use one of: {', '.join(_SEVERITIES)}.")
        band = frequency.band or (NO_BAND if frequency.least >= 0 else "")
        claim = (subject, predicate, obj, polarity, population)
        document, order = self._find_document(cells, subject), f"{row.number:012}"
        labels = [(subject, cells.get("subject_label", "")), (obj, cells.get("object_label", ""))]
        self.terms.use([*labels, (population, "")] if population else labels)
        self.predicates.use(predicate)
        if given and not frequency.band:
            self._without_band[given] += 1
        return ImportedRow(document, order, row.line, *claim, band, severity, given, row.start, row.end, row.sha256)

    def _read_frequency(self, text: str) -> tuple[Frequency, str]:
        """Return the frequency in a cell, and the text for the note."""
        given = escape_unseen(text)[:80]
        if text in self._details.frequencies:
            return Frequency(self._details.frequencies[text]), given
        frequency = read_frequency(text, self._details.language, is_percent=self._is_percent) if text else Frequency("")
        if not frequency.most:
            raise fail("KB791", f"{quote(text)} says that nobody is affected.", "Remove the row, or deny it: --polarity COLUMN.")
        return frequency, given

    def _compare_placebo(self, text: str, frequency: Frequency) -> str | None:
        """Describe the frequency with placebo; nothing if the row is about a placebo, or as many people had it with placebo."""
        if text.lower() in _NOT_PLACEBO:
            return ""
        if text == "1" and not self._is_placebo_percent:
            remedy = "Write 'yes' for a row about a placebo; for a frequency write '1 %', or name the column after its unit."
            raise fail("KB791", "'1' marks a row about a placebo, or is the frequency with placebo.", remedy)
        if text.lower() in _PLACEBO:
            self.left_out["is about a placebo"] += 1
            return None
        is_percent = self._is_percent or self._is_placebo_percent
        placebo = read_frequency(text, self._details.language, is_percent=is_percent)
        if 0 <= frequency.most <= placebo.least:
            self.left_out["is not more frequent than with placebo"] += 1
            return None
        return f" (placebo: {text})"

    def describe_frequencies(self) -> Iterator[str]:
        """Yield which frequencies of the table have no band."""
        if self._without_band:
            most = ", ".join(f"{quote(text)} ({number:,})" for text, number in self._without_band.most_common(20))
            rows = count_of(self._without_band.total(), "row")
            yield f"Frequencies that no word of the list expresses, in the notes of their facts ({rows}): {most}."

    def _find_document(self, cells: Mapping[str, str], subject: str) -> str:
        if "document" in cells and is_missing(cells["document"]):
            raise fail("KB791", "The row names no document.", "Fill in the cell.")
        name = self._documents.make(cells["document"]) if "document" in cells else subject
        return f"{self._details.name[:34].rstrip('-')}-{name}"


def _size(path: Path) -> int:
    """Return the size of a table for the progress bar; 0 where the positions of rows do not add up to it."""
    return path.stat().st_size if path.is_file() and path.suffix.lower() in {".tsv", ".csv", ".txt"} else 0
