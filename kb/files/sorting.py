"""Lines sorted outside of memory: full buffers go to a file each, sorted, and all are merged at the end."""

from __future__ import annotations

import os
import resource
import sys
import tempfile
from codecs import iterdecode
from collections.abc import Iterable, Iterator
from heapq import merge
from itertools import groupby
from pathlib import Path
from typing import IO

from kb.progress import track

# So many bytes of lines are held before they are written to a file.
_MOST = 32 * 1024 * 1024
_BLOCK = 1024 * 1024
# How many files one merge reads.
_FAN = 64


class Sorter:
    """Takes lines in any order and gives them sorted, each once.

    Args:
        folder: Where files may be written, which are removed with it; empty for a temporary folder of its own.
        most: How many bytes of lines to hold in memory.
    """

    def __init__(self, folder: str = "", most: int = _MOST) -> None:
        self._folder, self._most = folder, most if may_write() else sys.maxsize
        self._own: tempfile.TemporaryDirectory[str] | None = None
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
        path = self._write(self._lines)
        self._lines, self._size = [], 0
        return path

    def _write(self, lines: Iterable[bytes]) -> str:
        if not self._folder:
            self._own = tempfile.TemporaryDirectory(prefix="kb-")
            self._folder = self._own.name
        with tempfile.NamedTemporaryFile(dir=self._folder, suffix=".lines", delete=False) as file:
            file.writelines(lines)
        return file.name

    def spilt(self) -> list[str]:
        """Write all that is held, and give the paths of all files."""
        return [*self._files, *([self.spill()] if self._lines else [])]

    def sorted(self) -> Iterator[bytes]:
        """Give all lines in order; what was written to a folder of its own is gone afterwards."""
        self._lines.sort()
        while len(self._files) > _FAN:
            first, self._files = self._files[:_FAN], self._files[_FAN:]
            self._files.append(self._write(merged(map(read, first))))
            for path in first:
                os.unlink(path)
        yield from merged([*map(read, self._files), iter(self._lines)]) if self._files else _once(self._lines)
        if self._own:
            self._own.cleanup()


def may_write() -> bool:
    """Tell whether this process may write files at all; one that answers strangers may not, and its memory has a limit."""
    return resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 0 and resource.getrlimit(resource.RLIMIT_NOFILE)[0] != 0


def read(path: str) -> Iterator[bytes]:
    """Read the lines of a sorted file."""
    with Path(path).open("rb", buffering=_BLOCK // 4) as file:
        yield from file


def merged(series: Iterable[Iterable[bytes]]) -> Iterator[bytes]:
    """Merge sorted series of lines; each line is given once."""
    return _once(merge(*series))


def _once(lines: Iterable[bytes]) -> Iterator[bytes]:
    return (line for line, _ in groupby(lines))


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


def kept(pieces: Iterable[str], most: int = 8 * _BLOCK) -> Iterator[str]:
    """Take all pieces of a text now and give it later, in chunks: for a heading that tells what the rest uses.

    Args:
        pieces: The pieces.
        most: How many bytes to hold in memory; a longer text lies in a file without a name.
    """
    file = tempfile.SpooledTemporaryFile(most if may_write() else 0)
    try:
        for chunk in track("ordering", chunks(pieces), len):  # written one by one: many at once would be held in memory
            file.write(chunk)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return iterdecode(_closing(file), "utf-8")


def _closing(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        yield from copy(file)


def copy(file: IO[bytes]) -> Iterator[bytes]:
    """Give the content of a file in chunks of whole lines."""
    while block := file.read(_BLOCK):
        yield block if block.endswith(b"\n") else block + file.readline()
