"""Read a table row by row, each with its position in the file.

TSV has no quotes (IANA text/tab-separated-values); CSV has those of RFC 4180; both may be compressed. The text of a row
runs from its first character to the one before its line end. A Parquet file has no text: its rows are counted instead of
characters, and the text of a row is its cells as a JSON list.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO, NamedTuple

from kb.files import boundary, compression, text_file
from kb.files.fingerprint import file_sha256
from kb.problems import Place, Problem, fail, quote
from kb.records import parquet

#: The longest row of a text file, in bytes.
MAX_ROW = 1024 * 1024
_BATCH = 50_000  # rows of Parquet held in memory
_MEDIATYPES = {"\t": "text/tab-separated-values", ",": "text/csv"}

Reject = Callable[[Problem], None]


class Row(NamedTuple):
    """A row of a table.

    Args:
        number: Which row of the file it is, from 1; a header row counts (RFC 7111, section 2.1).
        line: The line in which it begins, from 1; in Parquet the number.
        cells: The cells of the requested columns, in that order, without blanks around them.
        start: Where its text begins, in code points of the uncompressed file; in Parquet, the rows before it.
        end: Where its text ends.
        sha256: The digest of its text in UTF-8.
    """

    number: int
    line: int
    cells: tuple[str, ...]
    start: int
    end: int
    sha256: str


@dataclass(frozen=True, slots=True)
class TableContents:
    """What is known of a table once all of it has been read: of a compressed one, uncompressed.

    ``rows`` counts the header; ``characters`` is the number of rows if the file is Parquet.
    """

    mediatype: str
    sha256: str
    bytes: int
    characters: int
    rows: int


class Table:
    """A table to be read once.

    Args:
        path: The file: ``.tsv``, ``.txt``, ``.csv``, each also ``.gz`` or ``.zst``, or ``.parquet``.
        columns: The columns to return, by name, or by number from 1 where there is no header row.
        reject: Called with the problem of each row that cannot be read.
        header: Whether the first row names the columns.
        delimiter: The character between two cells; by default a comma for ``.csv``, else a tab.
    """

    def __init__(
        self, path: Path, columns: Sequence[str], reject: Reject, *, header: bool = True, delimiter: str | None = None
    ) -> None:
        self._path, self._columns, self._reject, self._header = path, columns, reject, header
        suffixes = [suffix.lower() for suffix in path.suffixes]
        self._delimiter = delimiter or ("," if ".csv" in suffixes else "\t")
        self._is_parquet = parquet.is_parquet(path.name)
        self.contents: TableContents | None = None

    def rows(self) -> Iterator[Row]:
        """Return the rows that can be read; :attr:`contents` is set after the last one.

        Raises:
            KbError: The file is missing (KB101), cannot be read (KB102), or lacks a column or a header (KB790).
        """
        failures: tuple[type[Exception], ...] = (OSError, EOFError, ValueError, *compression.damage_errors(str(self._path)))
        with text_file.report_as_input(str(self._path), "KB102"):
            try:
                yield from self._parquet_rows() if self._is_parquet else self._text_rows()
            except failures as error:
                message = f"The table cannot be read: {error}."
                raise fail("KB102", message, "Check the file, its suffix and its permissions.", str(self._path)) from error

    def _text_rows(self) -> Iterator[Row]:
        with compression.open_file(str(self._path)) as file:
            lines = _RowText(file, str(self._path), self._reject)
            picks: list[int] = []
            number = 0
            for number, cells in enumerate(self._cells(lines), 1):
                if not picks and (cells is not None or self._header):
                    picks = self._find_first(cells)
                    if self._header:
                        continue
                if cells and not lines.is_broken and (row := self._row(number, cells, picks, lines)):
                    yield row
            mediatype = _MEDIATYPES.get(self._delimiter, "text/plain")
            self.contents = TableContents(mediatype, lines.digest.hexdigest(), lines.bytes, lines.offset, number)

    def _cells(self, lines: _RowText) -> Iterator[list[str] | None]:
        """Return the cells of each row; None for a row that cannot be read."""
        reader = self._reader(lines)
        while True:
            lines.begin()
            try:
                yield next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                self._report(lines.line, f"The row cannot be read: {error}.", "Check its quotes.")
                reader = self._reader(lines)
                yield None

    def _reader(self, lines: Iterator[str]) -> Iterator[list[str]]:
        if self._delimiter == "\t":
            return csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return csv.reader(lines, delimiter=self._delimiter, strict=True)

    def _row(self, number: int, cells: list[str], picks: list[int], lines: _RowText) -> Row | None:
        if len(cells) <= max(picks):
            message = f"The row has {len(cells)} cells; a requested column is missing."
            self._report(lines.line, message, "Add the missing cells.")
            return None
        start, text = lines.text()
        chosen = tuple([cells[pick].strip() for pick in picks])
        return Row(number, lines.line, chosen, start, start + len(text), sha256(text.encode("utf-8")).hexdigest())

    def _report(self, line: int, message: str, remedy: str) -> None:
        self._reject(Problem(Place(str(self._path), line), "KB791", message, remedy))

    def _find_first(self, cells: list[str] | None) -> list[int]:
        """Find the columns by the first row, which names them where there is a header."""
        if cells is None:
            raise fail("KB790", "The header of the table cannot be read.", "Check its quotes.", Place(str(self._path), 1))
        names = [name.strip().removeprefix("\ufeff") for name in cells] if self._header else []
        return [self._find_column(column, names, len(cells)) for column in self._columns]

    def _find_column(self, column: str, names: Sequence[str], count: int) -> int:
        if column in names:
            return names.index(column)
        if column.isdecimal() and 1 <= int(column) <= count:
            return int(column) - 1
        known = ", ".join(map(quote, names[:40])) if names else f"1 to {count}"
        raise fail("KB790", f"The table has no column {quote(column)}.", f"Its columns are: {known}.", str(self._path))

    def _parquet_rows(self) -> Iterator[Row]:
        number = 0
        with parquet.open_file(str(self._path)) as file:
            names = file.schema_arrow.names
            picks = [self._find_column(column, names, len(names)) for column in self._columns]
            batches = (batch.columns for batch in file.iter_batches(_BATCH))
            all_cells = (cells for columns in batches for cells in zip(*(column.to_pylist() for column in columns), strict=True))
            for number, cells in enumerate(all_cells, 1):
                text = json.dumps(cells, ensure_ascii=False, separators=(",", ":"), default=str)
                chosen = tuple("" if cells[pick] is None else str(cells[pick]).strip() for pick in picks)
                yield Row(number, number, chosen, number - 1, number, sha256(text.encode("utf-8", "replace")).hexdigest())
        digest, size = file_sha256(self._path), boundary.check_file(self._path)
        self.contents = TableContents("application/vnd.apache.parquet", digest, size, number, number)


class _RowText:
    """Yields the lines of a file to the reader of rows, and holds those of the current row."""

    def __init__(self, file: IO[bytes], name: str, reject: Reject) -> None:
        self._file, self._name, self._reject = file, name, reject
        self.digest, self._current = sha256(), list[str]()
        self._next_line = 1
        self.bytes = self.offset = self._start = 0
        self.line = 1
        self.is_broken = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        raw = self._file.readline(MAX_ROW + 1)
        if not raw:
            raise StopIteration
        self.digest.update(raw)
        self.bytes += len(raw)
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            text = raw.decode("utf-8", "replace")
            message = f"Byte 0x{raw[error.start]:02x} at offset {self.bytes - len(raw) + error.start:,} is not UTF-8 text."
            self._refuse("KB103", message, "Save the file as UTF-8.")
        if len(raw) > MAX_ROW:
            self._refuse("KB110", f"The row has more than {MAX_ROW:,} bytes.", "Check its line ends and quotes.")
        self._next_line += raw.endswith(b"\n")
        self.offset += len(text)
        self._current.append(text)
        return text

    def _refuse(self, code: str, message: str, remedy: str) -> None:
        self.is_broken = True
        self._reject(Problem(Place(self._name, self._next_line), code, message, remedy))

    def begin(self) -> None:
        """Start a new row."""
        self._current.clear()
        self._start, self.line, self.is_broken = self.offset, self._next_line, False

    def text(self) -> tuple[int, str]:
        """Return where the row begins, and its text without the line end."""
        return self._start, "".join(self._current).rstrip("\r\n")
