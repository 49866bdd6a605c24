"""Parquet as records: a row is a record, its columns are the keys, and what is null is not there.

Each row is given as the line of JSON that it stands for, so that everything after this reads one form. Rows stand in
for offsets: the record of row 17 is at offset 16 and in line 17.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from kb.files.text_file import check_regular
from kb.problems import fail

SUFFIX = ".parquet"

#: How many rows make one piece of a file, about.
ROWS = 100_000

#: About how many bytes of JSON a row stands for.
ROW = 300

_BATCH = 2_000  # rows that are held as Python values
_encode = msgspec.json.Encoder().encode


def is_parquet(path: str) -> bool:
    """Tell whether a file is named like one of Parquet."""
    return path.lower().endswith(SUFFIX)


def open_file(path: str) -> Any:
    """Open a file, as a ``pyarrow.parquet.ParquetFile``.

    Raises:
        KbError: It is no Parquet (KB114), or the library for it is not installed (KB713).
        OSError: It cannot be read.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        remedy = "Install it: pip install 'linked-kb[tables]'; or give JSON Lines or TSV."
        raise fail("KB713", "Parquet needs the library pyarrow, which is not installed.", remedy, path) from error
    check_regular(Path(path), path)
    try:
        return pq.ParquetFile(path)
    except pa.ArrowException as error:
        message = f"The Parquet cannot be read: {str(error).partition('.')[0]}."
        raise fail("KB114", message, "Write it again; a file that was cut off has lost its end.", path) from error


def starts(path: str) -> Iterator[int]:
    """Give the rows at which pieces after the first begin."""
    with open_file(path) as file:
        yield from range(ROWS, file.metadata.num_rows, ROWS)


def lines(path: str, start: int = 0, end: int = -1) -> Iterator[tuple[int, bytes]]:
    """Give rows as lines of JSON, each with its number, the first being 0.

    Args:
        path: The file.
        start: The row to begin with.
        end: The row before which to end; -1 for the end of the file.

    Raises:
        KbError: It cannot be read (KB114), or what reads it is not installed (KB713).
        OSError: It cannot be read.
    """
    with open_file(path) as file:
        try:
            for row, value in _rows(file, start, end):
                yield row, _encode(_present(value)) + b"\n"
        except (ValueError, TypeError) as error:
            message = f"The Parquet cannot be read: {str(error).partition('.')[0]}."
            raise fail("KB114", message, "Write it again; its columns are the keys of a record.", path) from error


def _rows(file: Any, start: int, end: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """Give the rows of a stretch; groups of rows that lie before it are not read."""
    row, groups = 0, list[int]()
    last = file.metadata.num_rows if end < 0 else end
    first = 0
    for number in range(file.metadata.num_row_groups):
        count = file.metadata.row_group(number).num_rows
        if row + count > start and row < last:
            first = row if not groups else first
            groups.append(number)
        row += count
    if not groups:
        return
    for batch in file.iter_batches(_BATCH, row_groups=groups):
        inside = batch[max(0, start - first) : last - first]
        yield from enumerate(inside.to_pylist(), max(first, start))
        first += len(batch)
        if first >= last:
            return


def _present(value: Any) -> Any:
    """Leave out what is null; a map, which is given as a list of pairs, becomes an object."""
    if isinstance(value, dict):
        return {key: _present(each) for key, each in value.items() if each is not None}
    if isinstance(value, list):
        if value and all(isinstance(each, tuple) for each in value):
            return {key: _present(each) for key, each in value if each is not None}
        return [_present(each) for each in value]
    return value
