"""Lines sorted outside of memory: full buffers go to a file each, sorted, and all are merged at the end."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from heapq import merge
from itertools import groupby
from pathlib import Path
from typing import BinaryIO

# So many bytes of lines are held before they are written to a file.
_MOST = 32 * 1024 * 1024
_BLOCK = 1024 * 1024


class Sorter:
    """Takes lines in any order and gives them sorted, each once.

    Args:
        folder: Where files may be written; they are removed with the folder.
        most: How many bytes of lines to hold in memory.
    """

    def __init__(self, folder: str, most: int = _MOST) -> None:
        self._folder, self._most = folder, most
        self._lines: list[bytes] = []
        self._size = 0
        self._files: list[str] = []

    def add(self, line: str) -> None:
        """Take a line."""
        data = line.encode("utf-8")
        self._lines.append(data)
        self._size += len(data) + 40  # what an object costs beside its bytes
        if self._size > self._most:
            self._files.append(self.spill())

    def spill(self) -> str:
        """Write what is held to a file, and give its path."""
        self._lines.sort()
        with tempfile.NamedTemporaryFile(dir=self._folder, suffix=".lines", delete=False) as file:
            file.writelines(self._lines)
        self._lines, self._size = [], 0
        return file.name

    def spilt(self) -> list[str]:
        """Write all that is held, and give the paths of all files."""
        return [*self._files, *([self.spill()] if self._lines else [])]

    def sorted(self) -> Iterator[bytes]:
        """Give all lines in order."""
        self._lines.sort()
        return merged([*map(read, self._files), iter(self._lines)])


def read(path: str) -> Iterator[bytes]:
    """Read the lines of a sorted file."""
    with Path(path).open("rb", buffering=_BLOCK // 4) as file:
        yield from file


def merged(series: Iterable[Iterable[bytes]]) -> Iterator[bytes]:
    """Merge sorted series of lines; each line is given once."""
    return (line for line, _ in groupby(merge(*series)))


def chunks(pieces: Iterable[str]) -> Iterator[bytes]:
    """Gather pieces of text into chunks of about a megabyte."""
    held: list[bytes] = []
    size = 0
    for piece in pieces:
        held.append(piece.encode("utf-8"))  # each on its own: encoding the whole takes four times as long
        size += len(piece)
        if size > _BLOCK:
            yield b"".join(held)
            held, size = [], 0
    yield b"".join(held)


def copy(file: BinaryIO) -> Iterator[bytes]:
    """Give the content of a file in chunks."""
    while block := file.read(_BLOCK):
        yield block
