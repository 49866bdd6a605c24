"""Pieces of input: the files of a knowledge base; large files of JSON Lines are cut at line ends."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from kb.files import boundary, compression
from kb.problems import KbError
from kb.records import jsonlines, parquet

#: About how many bytes of JSON Lines make one piece; as values they take five times as much memory.
SIZE = 16 * 1024 * 1024

# Smaller pieces of a small file, so that all workers get some; larger ones of a huge file, since each piece has to be merged.
_LEAST, _SHARES, _MOST_PIECES = 4 * 1024 * 1024, 64, 512

_BLOCK = 1024 * 1024
_MOST_COUNTED = 1_000  # files whose lines are counted
_CUT = (".jsonl", ".ndjson", parquet.SUFFIX)


class Piece(NamedTuple):
    """A file or a stretch of one.

    Args:
        kind: The kind of its records.
        start: The offset of its beginning, in bytes, or in rows of Parquet; no line is in two pieces.
        end: The offset of its end; -1 for the end of the file.
    """

    kind: str
    path: str
    start: int = 0
    end: int = -1

    @property
    def stem(self) -> str:
        """The name of the file without folders and suffixes."""
        return os.path.basename(self.path).partition(".")[0]

    @property
    def has_lines(self) -> bool:
        """Whether it is read record by record: JSON Lines or Parquet."""
        return self.path.lower().endswith(jsonlines.BULK_SUFFIXES)


def cut(files: Iterable[tuple[Path, str]], size: int = SIZE) -> Iterator[Piece]:
    """Cut files, each with the kind of its records, into pieces of about ``size`` bytes of JSON Lines."""
    for path, kind in files:
        piece = Piece(kind, str(path))
        starts = [0, *_find_starts(path, size)] if path.name.lower().endswith(_CUT) else [0]
        yield from (piece._replace(start=start, end=end) for start, end in zip(starts, [*starts[1:], -1], strict=True))


def _find_starts(path: Path, size: int) -> Iterator[int]:
    """Yield the offsets of all pieces but the first."""
    try:
        if parquet.is_parquet(path.name):
            yield from parquet.find_starts(str(path))
            return
        with boundary.open_file(path) as file:
            length = os.fstat(file.fileno()).st_size
            size = max(min(size, max(_LEAST, length // _SHARES)), length // _MOST_PIECES)
            at = size if length >= 2 * size else length
            while at + size // 2 < length:
                file.seek(at)
                if not file.readline(jsonlines.LONGEST).endswith(b"\n"):  # reading reports the long line
                    return
                at = file.tell()
                if at < length:
                    yield at
                at += size
    except (OSError, KbError):  # reading the file reports the error
        return


# By path, time and size of a file: how many lines it has before each block of bytes.
_counted: dict[tuple[str, int, int], list[int]] = {}


def count_lines_before(path: str, offset: int) -> int:
    """Count the lines of a file before an offset.

    Only messages need this number. Each block of a file is counted once, so that the order of the offsets does not matter.
    """
    if parquet.is_parquet(path):
        return offset
    status = os.stat(path)
    key = (path, status.st_mtime_ns, status.st_size)
    if key not in _counted and len(_counted) >= _MOST_COUNTED:
        _counted.clear()
    counts, block = _counted.setdefault(key, [0]), offset // _BLOCK
    while len(counts) <= block:
        counts.append(counts[-1] + compression.read_at(path, (len(counts) - 1) * _BLOCK, _BLOCK).count(b"\n"))
    return counts[block] + compression.read_at(path, block * _BLOCK, offset % _BLOCK).count(b"\n")
