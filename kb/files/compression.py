"""Compressed files: gzip (RFC 1952) and Zstandard (RFC 8878), which the standard library has from Python 3.14 on."""

from __future__ import annotations

import gzip
import os
import shutil
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from io import BufferedReader, BytesIO, RawIOBase
from itertools import repeat
from mmap import ACCESS_READ, mmap
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO, cast

from kb.files import boundary
from kb.files.text_file import find_planned
from kb.problems import fail

#: How many times its own size a file may unpack to, once it has unpacked to a size that cannot do harm; and how large at most.
HIGHEST_RATIO = 250
HARMLESS, LARGEST_UNPACKED = 64 * 1024 * 1024, 64 * 1024**3

_GZIP = 16 + zlib.MAX_WBITS
# Higher levels take much time and save little, since sorted lines are repetitive.
_LEVEL = 1


def _zstd() -> Any:
    """Return the library for Zstandard.

    Raises:
        KbError: It is not installed (KB713).
    """
    try:
        from compression import zstd  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        try:
            from backports import zstd  # type: ignore[no-redef,unused-ignore]
        except ImportError as error:
            message = "Files ending in .zst need a library that is not installed."
            raise fail("KB713", message, "Install it: pip install 'linked-kb[bulk]'.") from error
    return zstd


@contextmanager
def open_file(path: str, start: int = 0) -> Iterator[BufferedReader[Any]]:
    """Open a file for reading at an offset in decompressed bytes, decompressed as its suffix says.

    Raises:
        OSError: It cannot be read.
        KbError: As :func:`kb.files.boundary.open_file`, or the library for it is not installed (KB713). Reading raises it
            too, where the content unpacks to more than any records do (KB110).
    """
    if (planned := find_planned(Path(path))) is not None and not is_compressed(path):
        yield BufferedReader(BytesIO(planned[start:]))
        return
    with ExitStack() as files:
        packed = files.enter_context(boundary.open_file(path))
        if not is_compressed(path):
            packed.seek(start)
            yield packed
            return
        opener = gzip.open if path.lower().endswith(".gz") else _zstd().open
        content = files.enter_context(opener(packed, "rb"))
        file = files.enter_context(BufferedReader(_BoundedFile(content, packed, path), 1 << 16))
        for size in (*repeat(1 << 20, start >> 20), start & ((1 << 20) - 1)):
            file.read(size)
        yield file


def read_at(path: str, start: int, size: int) -> bytes:
    """Read bytes at an offset of the decompressed content of a file; a compressed file is decompressed only once.

    Raises:
        OSError: It cannot be read.
        KbError: As :func:`open_file`.
    """
    if is_compressed(path):
        status = os.stat(path)
        return _unpack(path, (status.st_ino, status.st_size, status.st_mtime_ns))[start : start + size]
    with open_file(path, start) as file:
        return file.read(size)


@lru_cache(maxsize=2)
def _unpack(path: str, _: tuple[int, ...]) -> mmap | bytes:
    """Decompress a file into a temporary one without a name, which is removed with the last use of its content."""
    with TemporaryFile(prefix="kb-") as unpacked, open_file(path) as file:
        shutil.copyfileobj(file, unpacked, 1 << 20)
        unpacked.flush()
        return mmap(unpacked.fileno(), 0, access=ACCESS_READ) if unpacked.tell() else b""


def is_compressed(path: str) -> bool:
    """Return whether a file has the suffix of a compressed one."""
    return path.lower().endswith((".gz", ".zst"))


class _BoundedFile(RawIOBase):
    """The content of a compressed file, up to the bounds of this module."""

    def __init__(self, content: Any, packed: BinaryIO, path: str) -> None:
        self._content, self._packed, self._path, self._size = content, packed, path, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size: int = self._content.readinto(buffer)
        self._size += size
        if self._size > HARMLESS and self._size > min(HIGHEST_RATIO * self._packed.tell(), LARGEST_UNPACKED):
            message = f"The file unpacks to more than {self._size:,} bytes, which is too much for its size."
            raise fail("KB110", message, "Give it uncompressed if it is really so large.", self._path)
        return size


def damage_errors(path: str) -> tuple[type[Exception], ...]:
    """Return the exceptions that reading a damaged file raises."""
    if path.lower().endswith(".gz"):
        return (gzip.BadGzipFile, EOFError, zlib.error)
    return (EOFError, cast("type[Exception]", _zstd().ZstdError)) if path.lower().endswith(".zst") else ()


def compressor(suffix: str) -> Callable[[Iterable[bytes]], Iterator[bytes]]:
    """Return a function that compresses chunks by a suffix (``gz``, ``zst`` or another for none), reproducibly.

    Raises:
        KbError: The library for it is not installed (KB713).
    """
    if suffix == "gz":
        return lambda chunks: _compress(zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP), chunks)
    if suffix == "zst":
        library = _zstd()
        return lambda chunks: _compress(library.ZstdCompressor(level=_LEVEL), chunks)
    return iter


def _compress(compressing: Any, chunks: Iterable[bytes]) -> Iterator[bytes]:
    yield from filter(None, map(compressing.compress, chunks))
    yield compressing.flush()
