"""Compressed files: gzip (RFC 1952) and Zstandard (RFC 8878), which the standard library has from Python 3.14 on."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, BinaryIO, cast

from kb.files import boundary
from kb.problems import fail

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
def open_file(path: str, start: int = 0) -> Iterator[BinaryIO]:
    """Open a file for reading at an offset in decompressed bytes, decompressed as its suffix says.

    Raises:
        OSError: It cannot be read.
        KbError: As :func:`kb.files.boundary.open_file`, or the library for it is not installed (KB713).
    """
    with ExitStack() as files:
        file: BinaryIO = files.enter_context(boundary.open_file(path))
        if path.lower().endswith(".gz"):
            file = cast("BinaryIO", files.enter_context(gzip.open(file, "rb")))
        elif path.lower().endswith(".zst"):
            file = cast("BinaryIO", files.enter_context(_zstd().open(file, "rb")))
        if start:
            file.seek(start)
        yield file


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
