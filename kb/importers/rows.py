"""Read a table row by row, each with its position in the file.

TSV has no quotes (IANA text/tab-separated-values), unless its first cell has; CSV has those of RFC 4180; both may be compressed.
The text is UTF-8 or UTF-16; lines end in line feeds, or in carriage returns alone; a first line ``sep=;`` names the delimiter.
The text of a row runs from its first character to the one before its line end. A Parquet file has no text: its rows are counted
instead of characters, and the text of a row is its cells as a JSON list.
"""

from __future__ import annotations

import codecs
import csv
import json
import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from io import BufferedReader, RawIOBase, TextIOWrapper
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from kb.files import boundary, compression, text_file
from kb.files.fingerprint import file_sha256
from kb.problems import Place, Problem, fail, quote
from kb.records import parquet
from kb.suggestions import did_you_mean

#: The longest line of a text file, in characters.
MAX_ROW = 1024 * 1024
_BATCH = 50_000  # rows of Parquet held in memory
_HEAD = 64 * 1024  # bytes from which encoding, line ends and delimiter are detected
_UTF_16 = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_BROKEN = re.compile("[\udc80-\udcff\ufffd]")  # what decoding makes of bytes that are no text
_SEPARATOR_LINE = re.compile('"?sep=(.)"?', re.IGNORECASE)  # as Excel writes and reads it
_MEDIATYPES = {"\t": "text/tab-separated-values", ",": "text/csv"}

_UTF_8 = "Save the file as UTF-8; spreadsheets often write Windows-1252."

Reject = Callable[[Problem], None]


class Row(NamedTuple):
    """A row of a table."""

    number: int  # which row of the file it is, from 1; a header row counts (RFC 7111, section 2.1)
    line: int  # in which it begins, from 1; in Parquet the number
    cells: tuple[str, ...]  # of the requested columns, in that order, without blanks around them
    start: int  # where its text begins, in code points of the uncompressed file; in Parquet, the rows before it
    end: int  # where its text ends
    sha256: str  # the digest of its text in UTF-8


@dataclass(frozen=True, slots=True)
class TableContents:
    """What is known of a table once all of it has been read: of a compressed one, uncompressed."""

    mediatype: str
    sha256: str
    bytes: int
    characters: int  # the number of rows if the file is Parquet
    rows: int  # without the header


class Table:
    """A table to be read once.

    Args:
        path: The file: ``.tsv``, ``.txt``, ``.csv``, each also ``.gz`` or ``.zst``, or ``.parquet``.
        columns: The columns to return, by name, or by number from 1 where there is no header row.
        reject: Called with the problem of each row that cannot be read.
        header: Whether the first row names the columns.
        delimiter: The character between two cells; by default a comma for ``.csv``, else a tab, or another common one with which
            the header has the columns.
    """

    def __init__(
        self, path: Path, columns: Sequence[str], reject: Reject, *, header: bool = True, delimiter: str | None = None
    ) -> None:
        self._path, self._columns, self._reject, self._header = path, columns, reject, header
        self._delimiter, self._has_quotes = delimiter or "", True
        self._width = 0  # how many cells a row has at most
        self._is_parquet = parquet.is_parquet(path.name)
        self.contents: TableContents | None = None
        #: The names of the columns that are not read, and how many rows repeat the header.
        self.unused: list[str] = []
        self.repeated_headers = 0

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
            measured = _MeasuredFile(file)
            buffer = BufferedReader(measured, _HEAD)
            lines, skipped = self._open_lines(buffer)
            picks: list[int] = []
            names: list[str] | None = None
            number = 0
            for number, cells in enumerate(self._cells(lines), 1):
                if number <= skipped:
                    continue
                if not picks and (cells is not None or self._header):
                    picks, names = self._find_first(cells), cells
                    if self._header:
                        continue
                if cells and cells == names and self._header:
                    self.repeated_headers += 1
                elif cells and (row := self._row(number, cells, picks, lines)):
                    yield row
            mediatype = _MEDIATYPES.get(self._delimiter, "text/plain")
            rows = max(0, number - skipped - self._header)
            self.contents = TableContents(mediatype, measured.digest.hexdigest(), measured.bytes, lines.offset, rows)

    def _open_lines(self, buffer: BufferedReader[_MeasuredFile]) -> tuple[_RowText, int]:
        """Detect how the text is written; return its lines, and how many of them stand before the header."""
        start = buffer.peek(_HEAD)[:_HEAD]
        encoding = next((name for mark, name in _UTF_16 if start.startswith(mark)), "utf-8")
        if 0 in start[:2]:  # no text begins with U+0000, but one in UTF-16 without a mark can have such a byte
            encoding = "utf-16-be" if start[0] == 0 else "utf-16-le"
        head = start.decode(encoding, "replace").removeprefix("\ufeff")
        end = "\n" if "\n" in head else "\r"
        first = head.partition(end)[0]
        separator = _SEPARATOR_LINE.fullmatch(first.rstrip("\r"))
        self._delimiter = self._delimiter or (separator.group(1) if separator else self._detect_delimiter(first.rstrip("\r")))
        self._has_quotes = self._delimiter != "\t" or first.startswith('"')
        text = TextIOWrapper(buffer, encoding, "surrogateescape" if encoding == "utf-8" else "replace", end)
        return _RowText(text), int(separator is not None)

    def _detect_delimiter(self, header: str) -> str:
        default = "," if ".csv" in map(str.lower, self._path.suffixes) else "\t"
        for delimiter in (default, ",", ";", "\t", "|"):
            with suppress(csv.Error):
                names = {name.strip() for name in next(csv.reader([header], delimiter=delimiter), [])}
                if self._header and names.issuperset(self._columns):
                    return delimiter
        return default

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
                lines.give_back()
                self._report(lines.line, f"The row cannot be read: {error}.", "Check its quotes.")
                reader = self._reader(lines)
                yield None

    def _reader(self, lines: Iterator[str]) -> Iterator[list[str]]:
        if self._has_quotes:
            return csv.reader(lines, delimiter=self._delimiter, strict=True)
        return csv.reader(lines, delimiter=self._delimiter, quoting=csv.QUOTE_NONE)

    def _row(self, number: int, cells: list[str], picks: list[int], lines: _RowText) -> Row | None:
        start, text = lines.text()
        if message := _describe_broken(text, "row"):
            self._report(lines.line, message, _UTF_8, "KB103")
        elif lines.is_too_long:
            self._report(lines.line, f"The row has more than {MAX_ROW:,} characters.", "Check its line ends and quotes.", "KB110")
        elif len(cells) <= max(picks):
            message = f"The row has {len(cells)} cells; a requested column is missing."
            self._report(lines.line, message, "Add the missing cells.")
        elif len(cells) > self._width and any(map(str.strip, cells[self._width :])):
            message = f"The row has {len(cells)} cells, the {'header' if self._header else 'first row'} has {self._width}."
            quoting = f"Put quotation marks around a cell that holds {quote(self._delimiter)}."
            self._report(lines.line, message, quoting if self._has_quotes else "Remove the tabs inside its cells.")
        else:
            chosen = tuple([cells[pick].strip() for pick in picks])
            return Row(number, lines.line, chosen, start, start + len(text), sha256(text.encode("utf-8")).hexdigest())
        return None

    def _report(self, line: int, message: str, remedy: str, code: str = "KB791") -> None:
        self._reject(Problem(Place(str(self._path), line), code, message, remedy))

    def _find_first(self, cells: list[str] | None) -> list[int]:
        """Find the columns by the first row, which names them where there is a header."""
        if cells is None:
            raise fail("KB790", "The header of the table cannot be read.", "Check its quotes.", Place(str(self._path), 1))
        names = [name.strip() for name in cells] if self._header else []
        if message := _describe_broken(self._delimiter.join(names), "header"):
            raise fail("KB103", message, _UTF_8, Place(str(self._path), 1))
        picks = self._find_columns(names, len(cells))
        named = len(cells) - next((index for index, name in enumerate(reversed(names)) if name), 0)
        self._width = max([named, *(pick + 1 for pick in picks)])  # an empty name at the end is no column
        return picks

    def _find_columns(self, names: list[str], count: int) -> list[int]:
        picks = [self._find_column(column, names, count) for column in self._columns]
        self.unused = [name for index, name in enumerate(names) if index not in picks]
        return picks

    def _find_column(self, column: str, names: Sequence[str], count: int) -> int:
        if names.count(column) > 1:
            numbers = " and ".join(str(index) for index, name in enumerate(names, 1) if name == column)
            message = f"The table has several columns {quote(column)}."
            raise fail("KB790", message, f"Name the one that you mean by its number: {numbers}.", str(self._path))
        if column in names:
            return names.index(column)
        if column.isdecimal() and 1 <= int(column) <= count:
            return int(column) - 1
        known = f"Its columns are: {', '.join(map(quote, names[:40])) if names else f'1 to {count}'}."
        message = f"The table has no column {quote(column)}."
        raise fail("KB790", message, f"{did_you_mean(column, names, '')} {known}".strip(), str(self._path))

    def _parquet_rows(self) -> Iterator[Row]:
        number = 0
        with parquet.open_file(str(self._path)) as file:
            names = file.schema_arrow.names
            picks = self._find_columns(names, len(names))
            batches = (batch.columns for batch in file.iter_batches(_BATCH))
            all_cells = (cells for columns in batches for cells in zip(*(column.to_pylist() for column in columns), strict=True))
            for number, cells in enumerate(all_cells, 1):
                text = json.dumps(cells, ensure_ascii=False, separators=(",", ":"), default=str)
                chosen = tuple("" if cells[pick] is None else str(cells[pick]).strip() for pick in picks)
                yield Row(number, number, chosen, number - 1, number, sha256(text.encode("utf-8", "replace")).hexdigest())
        digest, size = file_sha256(self._path), boundary.check_file(self._path)
        self.contents = TableContents("application/vnd.apache.parquet", digest, size, number, number)


def _describe_broken(text: str, what: str) -> str:
    """Describe the first character of a row or header that decoding could not read; empty if there is none."""
    broken = None if text.isascii() else _BROKEN.search(text)
    if not broken:
        return ""
    place = f"at character {broken.start() + 1} of the {what}"
    is_byte = broken.group() < "\ufffd"
    return f"Byte 0x{ord(broken.group()) - 0xDC00:02x} {place} is not UTF-8." if is_byte else f"What stands {place} is no text."


class _MeasuredFile(RawIOBase):
    """A file whose bytes are counted and digested while they are read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.digest, self.bytes = sha256(), 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size: int = self._file.readinto(buffer)  # type: ignore[attr-defined]
        self.digest.update(memoryview(buffer)[:size])
        self.bytes += size
        return size


class _RowText:
    """Yields the lines of a file to the reader of rows, and holds those of the current row."""

    def __init__(self, file: TextIOWrapper) -> None:
        self._file = file
        self._current, self._again = list[str](), deque[str]()
        self.offset = self._start = 0
        self.line = self._next_line = 1
        self.is_too_long = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        text = self._again.popleft() if self._again else self._read_line()
        if not text:
            raise StopIteration
        if not self.offset and text[0] == "\ufeff":
            self.offset = self._start = 1
            text = text[1:]
        self._next_line += text[-1:] in {"\n", "\r"}
        self.offset += len(text)
        self._current.append(text)
        return text

    def _read_line(self) -> str:
        """Read a line; the rest of one that is too long is skipped, so that it is not taken for a row."""
        text = part = self._file.readline(MAX_ROW)
        while len(part) == MAX_ROW and part[-1] not in "\r\n":
            self.is_too_long = True
            part = self._file.readline(MAX_ROW)
            self.offset += len(part)
        return text

    def begin(self) -> None:
        """Start a new row."""
        self._current.clear()
        self._start, self.line, self.is_too_long = self.offset, self._next_line, False

    def give_back(self) -> None:
        """Let the lines after the first of the current row be read again, as rows of their own."""
        again = self._current[1:]
        self._again.extendleft(reversed(again))
        self.offset -= sum(map(len, again))
        self._next_line -= len(again)

    def text(self) -> tuple[int, str]:
        """Return where the row begins, and its text without the line end."""
        return self._start, "".join(self._current).rstrip("\r\n")
