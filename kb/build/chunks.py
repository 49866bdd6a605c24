"""Pieces of input: the files of a knowledge base, large ones of JSON Lines cut at ends of lines."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from kb.files import compression
from kb.problems import KbError
from kb.records import jsonlines, parquet

#: How many bytes of a file of JSON Lines make one piece, about; read, they take five times as much memory.
SIZE = 16 * 1024 * 1024

# Of a small file they are less, so that workers have shares; of a huge one more, since each piece is a file to be merged.
_LEAST, _SHARES, _MOST_PIECES = 4 * 1024 * 1024, 64, 512

_BLOCK = 1024 * 1024
_CUT = (".jsonl", ".ndjson", parquet.SUFFIX)


class Piece(NamedTuple):
    """A file or a stretch of one.

    Args:
        kind: The kind of its records.
        path: The file.
        start: The offset at which it begins, in bytes, or in rows of Parquet; lines begin and end with pieces.
        end: The offset at which it ends; -1 for the end of the file.
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
    """Cut files into pieces.

    Args:
        files: Each file with the kind of its records.
        size: About how many bytes of a file of JSON Lines make a piece.
    """
    for path, kind in files:
        whole = Piece(kind, str(path))
        starts = [0, *_starts(path, size)] if path.name.lower().endswith(_CUT) else [0]
        yield from (whole._replace(start=start, end=end) for start, end in zip(starts, [*starts[1:], -1], strict=True))


def _starts(path: Path, size: int) -> Iterator[int]:
    """Give the offsets at which pieces after the first begin."""
    try:
        if parquet.is_parquet(path.name):
            yield from parquet.starts(str(path)) if path.is_file() else ()
            return
        length = path.stat().st_size if path.is_file() else 0
        size = max(min(size, max(_LEAST, length // _SHARES)), length // _MOST_PIECES)
        if length < 2 * size:
            return
        with path.open("rb") as file:
            at = size
            while at + size // 2 < length:
                file.seek(at)
                while block := file.readline(_BLOCK):  # to the end of the line
                    if block.endswith(b"\n"):
                        break
                at = file.tell()
                if at < length:
                    yield at
                at += size
    except (OSError, KbError):  # reading it tells why
        return


_counted: dict[tuple[str, int, int], tuple[int, int]] = {}


def count_lines_before(path: str, offset: int) -> int:
    """Count the lines of a file before an offset; asked only where a message needs it, mostly in the order of the file."""
    if parquet.is_parquet(path):
        return offset
    found = os.stat(path)
    key = (path, found.st_mtime_ns, found.st_size)
    at, count = _counted.get(key, (0, 0))
    if at > offset:
        at, count = 0, 0
    with compression.open_file(path, at) as file:
        while at < offset and (block := file.read(min(offset - at, _BLOCK))):
            count += block.count(b"\n")
            at += len(block)
    _counted.clear()
    _counted[key] = (at, count)
    return count
