"""Reads Parquet: a row is a record, its columns are the keys, and null values are left out.

Each row is converted to a line of JSON, so that the other modules read one form. Row numbers take the place of offsets: the
record of row 17 has offset 16 and line 17.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from kb.files import boundary
from kb.files.compression import HIGHEST_RATIO
from kb.problems import fail

SUFFIX = ".parquet"

#: About how many rows a piece of a file has.
ROWS = 100_000

#: About how many bytes of JSON a row becomes.
ROW = 300

_BATCH = 2_000  # rows that are held as Python values
_LARGEST_BATCH = 256 * 1024 * 1024  # bytes of them as Arrow holds them
_encode = msgspec.json.Encoder().encode


def is_parquet(path: str) -> bool:
    """Return whether a file has the suffix of Parquet."""
    return path.lower().endswith(SUFFIX)


@contextmanager
def open_file(path: str) -> Iterator[Any]:
    """Open a file, as a ``pyarrow.parquet.ParquetFile``.

    Raises:
        KbError: As :func:`kb.files.boundary.open_file`, it is not Parquet (KB114), or pyarrow is not installed (KB713).
        OSError: It cannot be read.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        remedy = "Install it: pip install 'linked-kb[tables]'; or give JSON Lines or TSV."
        raise fail("KB713", "Parquet needs the library pyarrow, which is not installed.", remedy, path) from error
    with boundary.open_file(path) as file:
        try:
            content = pq.ParquetFile(file)
        except (pa.ArrowException, UnicodeDecodeError) as error:
            message = f"The Parquet cannot be read: {str(error).partition('.')[0]}."
            raise fail("KB114", message, "Write it again; a file that was cut off has lost its end.", path) from error
        with content:
            rows, size = content.metadata.num_rows, os.fstat(file.fileno()).st_size
            if rows > max(ROWS, HIGHEST_RATIO * size):
                message = f"The Parquet has {rows:,} rows in {size:,} bytes: most of them repeat others."
                raise fail("KB110", message, "Give each record once.", path)
            yield content


def find_starts(path: str) -> Iterator[int]:
    """Yield the rows at which the pieces after the first start."""
    with open_file(path) as file:
        yield from range(ROWS, file.metadata.num_rows, ROWS)


def read_lines(path: str, start: int = 0, end: int = -1) -> Iterator[tuple[int, bytes]]:
    """Yield the rows of a part of a file as lines of JSON, each with its number, from 0; an end of -1 is the end of the file.

    Raises:
        KbError: It cannot be read (KB114), or pyarrow is not installed (KB713).
        OSError: It cannot be read.
    """
    with open_file(path) as file:
        try:
            for row, value in _rows(file, start, end):
                yield row, _encode(_drop_nulls(value)) + b"\n"
        except (ValueError, TypeError) as error:
            message = f"The Parquet cannot be read: {str(error).partition('.')[0]}."
            raise fail("KB114", message, "Write it again; its columns are the keys of a record.", path) from error


def _rows(file: Any, start: int, end: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the rows of a part of a file; groups of rows before it are not read."""
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
        if batch.nbytes > _LARGEST_BATCH:
            message = f"{len(batch):,} rows of the Parquet take {batch.nbytes:,} bytes."
            raise fail("KB110", message, "Split the records.")
        inside = batch[max(0, start - first) : last - first]
        yield from enumerate(inside.to_pylist(), max(first, start))
        first += len(batch)
        if first >= last:
            return


def _drop_nulls(value: Any) -> Any:
    """Leave out null values, and convert maps, which pyarrow returns as lists of pairs, to objects."""
    if isinstance(value, dict):
        return {key: _drop_nulls(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        if value and all(isinstance(inner, tuple) for inner in value):
            return {key: _drop_nulls(inner) for key, inner in value if inner is not None}
        return [_drop_nulls(inner) for inner in value]
    return value
