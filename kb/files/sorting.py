"""External merge sort of lines: full buffers are sorted and written to a file each, and all files are merged at the end."""

from __future__ import annotations

import os
import resource
import sys
import tempfile
from codecs import iterdecode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from heapq import merge
from io import RawIOBase
from itertools import count, groupby
from pathlib import Path
from typing import IO, Any, Self

from kb.files.temporary import TemporaryFolder
from kb.progress import track

# So many bytes of lines are held in memory before they are written to a file.
_BUFFERED = 32 * 1024 * 1024
_BLOCK = 1024 * 1024
# How many files one merge reads.
_FAN_IN = 64


class Sorter:
    """Takes lines in any order and returns them sorted as bytes, each once; holds a number of bytes of them in memory.

    Temporary files are written to ``folder``, which the caller removes, or to a temporary folder of their own.
    """

    def __init__(self, folder: str = "", buffered: int = _BUFFERED) -> None:
        self._folder, self._buffered = folder, buffered if can_write_files() else sys.maxsize
        self._temporary: TemporaryFolder | None = None
        self._lines: list[bytes] = []
        self._size = 0
        self._files: list[str] = []

    def add(self, line: str) -> None:
        """Add a line, with its end."""
        self.add_bytes(line.encode("utf-8"))

    def add_bytes(self, line: bytes) -> None:
        """Add a line in UTF-8, with its end."""
        self._lines.append(line)
        self._size += len(line) + 40  # what an object costs beside its bytes
        if self._size > self._buffered:
            self.spill_all()

    def _write(self, lines: Iterable[bytes]) -> str:
        if not self._folder:
            self._temporary = TemporaryFolder()
            self._folder = self._temporary.name
        with tempfile.NamedTemporaryFile(dir=self._folder, suffix=".lines", delete=False) as file:
            file.writelines(lines)
        return file.name

    def spill_all(self) -> list[str]:
        """Write all lines to sorted files, for another process to merge, and return their paths."""
        if self._lines:
            self._lines.sort()
            self._files.append(self._write(_unique(self._lines)))
            self._lines, self._size = [], 0
        return self._files

    def sorted_lines(self) -> Iterator[bytes]:
        """Return all lines in order, each once; temporary files are removed at the end."""
        self._lines.sort()
        while len(self._files) > _FAN_IN:
            first, self._files = self._files[:_FAN_IN], self._files[_FAN_IN:]
            self._files.append(self._write(merge_lines(map(read_lines, first))))
            _remove(first)
        yield from merge_lines([*map(read_lines, self._files), self._lines]) if self._files else _unique(self._lines)
        _remove(self._files)
        if self._temporary:
            self._temporary.cleanup()


@dataclass(frozen=True, slots=True)
class SortedFile:
    """A file of sorted lines, each once, with the number of its lines and bytes."""

    path: Path
    count: int
    size: int

    def lines(self) -> Iterator[bytes]:
        """Read the lines."""
        return read_lines(str(self.path))


class SortedFiles:
    """A temporary folder of sorted files, which is removed on exit; sorting holds a number of bytes of lines in memory."""

    def __init__(self, buffered: int, parent: Path | None = None) -> None:
        self.buffered = buffered
        self._folder = TemporaryFolder(parent)
        self._numbers = count()
        self._cleared: list[Path] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()

    def sort_groups(self, lines: Iterable[tuple[str, str]]) -> dict[str, SortedFile]:
        """Sort lines into a file by the key of their group, which has no blanks; return the files in the order of keys."""
        sorter = Sorter(self._folder.name, self.buffered)
        for key, line in lines:
            sorter.add(f"{key} {line}")
        groups = groupby((line.partition(b" ") for line in sorter.sorted_lines()), key=lambda parts: parts[0])
        return {key.decode("utf-8"): self._write(line for _, _, line in group) for key, group in groups}

    def sort(self, lines: Iterable[bytes]) -> SortedFile:
        """Sort lines into a file, which :meth:`clear` removes."""
        sorter = Sorter(self._folder.name, self.buffered)
        for line in lines:
            sorter.add_bytes(line)
        file = self._write(sorter.sorted_lines())
        self._cleared.append(file.path)
        return file

    def clear(self) -> None:
        """Remove the files that :meth:`sort` made."""
        _remove(self._cleared)
        self._cleared.clear()

    def _write(self, lines: Iterable[bytes]) -> SortedFile:
        path, number = Path(self._folder.name, str(next(self._numbers))), 0
        with path.open("wb") as file:
            for number, line in enumerate(lines, 1):  # noqa: B007 - the last number counts the lines
                file.write(line)
            return SortedFile(path, number, file.tell())


def can_write_files() -> bool:
    """Return whether this process may write files; false in sandboxed query processes (RLIMIT_FSIZE is 0)."""
    return resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 0 and resource.getrlimit(resource.RLIMIT_NOFILE)[0] != 0


def read_lines(path: str) -> Iterator[bytes]:
    """Read the lines of a sorted file."""
    with open(path, "rb", buffering=_BLOCK // 4) as file:
        yield from file


def merge_lines(series: Iterable[Iterable[bytes]]) -> Iterator[bytes]:
    """Merge sorted series of lines; each line is returned once."""
    return _unique(merge(*series))


def _unique(lines: Iterable[bytes]) -> Iterator[bytes]:
    return (line for line, _ in groupby(lines))


def _remove(paths: Iterable[str | Path]) -> None:
    for path in paths:
        os.unlink(path)


class PiecesFile(RawIOBase):
    """Pieces of bytes as a file."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces, self._rest = filter(None, pieces), memoryview(b"")

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read the next bytes."""
        self._rest = self._rest or memoryview(next(self._pieces, b""))
        size = min(len(buffer), len(self._rest))
        buffer[:size], self._rest = self._rest[:size], self._rest[size:]
        return size


def encode_chunks(pieces: Iterable[str]) -> Iterator[bytes]:
    """Encode pieces of text and join them into chunks of about a megabyte."""
    buffer: list[bytes] = []
    size = 0
    for piece in pieces:
        buffer.append(piece.encode("utf-8"))  # each on its own: encoding all of them at once takes four times as long
        size += len(piece)
        if size > _BLOCK:
            yield b"".join(buffer)
            buffer, size = [], 0
    yield b"".join(buffer)


def buffer_text(pieces: Iterable[str], buffered: int = 8 * _BLOCK) -> Iterator[str]:
    """Take all pieces of a text now and return it later, in chunks: a heading may depend on all of the rest.

    Text beyond the buffered bytes goes to a temporary file without a name.
    """
    file = tempfile.SpooledTemporaryFile(buffered if can_write_files() else 0)
    try:
        for chunk in track("ordering", encode_chunks(pieces), len):  # writelines would hold many chunks in memory
            file.write(chunk)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return iterdecode(_read_and_close(file), "utf-8")


def _read_and_close(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        yield from read_chunks(file)


def read_chunks(file: IO[bytes]) -> Iterator[bytes]:
    """Read a file in chunks of whole lines."""
    while block := file.read(_BLOCK):
        yield block if block.endswith(b"\n") else block + file.readline()
