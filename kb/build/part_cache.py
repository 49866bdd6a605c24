"""The cache of parts: a file that has not changed since an earlier run is hashed, and not read and checked again.

Each part is a file in ``~/.cache/linked-kb/parts`` (or below ``XDG_CACHE_HOME``), named by the digest of the piece's bytes,
its path and kind, kb's own code and the libraries. A part is used only if its checksum is right; otherwise the piece is read.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

import msgspec

from kb import resources
from kb.build import parts
from kb.build.chunks import Piece
from kb.build.parts import Part
from kb.files import cache_folder
from kb.files.fingerprint import code_digest, digest
from kb.files.text_file import read_bytes
from kb.problems import KbError
from kb.schema import vocabulary

#: The largest file that is cached, in bytes: larger ones would fill the cache.
MAX_FILE = 8 * 1024 * 1024

#: The size of the cache in bytes; beyond it, the parts that were not used for longest are removed.
MAX_SIZE = 512 * 1024 * 1024

_DAY = 24 * 60 * 60
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Part).decode

_code_digest = cache(code_digest)


def read_parts(piece: Piece) -> Iterator[Part]:
    """Return the parts of a piece, from the cache or by reading it; pieces of several parts are not cached."""
    name = name_part(piece)
    if name and (cached := load(name)):
        yield cached
        return
    count = 0
    for count, part in enumerate(parts.read_parts(piece), 1):  # noqa: B007 - the last number counts the parts
        yield part
    if name and count == 1 and name == name_part(piece):  # the file was not changed meanwhile
        store(name, part)


def name_part(piece: Piece) -> str:
    """Return the name of the part of a piece in the cache; empty if the piece is not cached."""
    if piece.start or piece.end != -1:
        return ""
    with suppress(KbError):
        content = read_bytes(Path(piece.path), piece.path, MAX_FILE)
        path = piece.path.encode("utf-8", "surrogateescape")
        return digest((_code_digest().encode(), vocabulary.in_use().encode(), piece.kind.encode(), path, content))
    return ""


def load(name: str) -> Part | None:
    """Return a part from the cache; nothing if it is missing or damaged."""
    path = _path(name)
    payload = cache_folder.read(path)
    if payload is None:
        return None
    with suppress(OSError):
        if time.time() - os.lstat(path).st_mtime > _DAY:
            os.utime(path, follow_symlinks=False)
    return _decode(payload)


def store(name: str, part: Part) -> None:
    """Cache a part, if it can be encoded and the cache can be written."""
    with suppress(TypeError, ValueError, OverflowError):
        cache_folder.write(_path(name), _encode(part))


def prune() -> None:
    """Remove what was not used for longest, at most once a day."""
    marker = resources.cache_folder("parts-pruned")
    with suppress(OSError):
        if time.time() - os.lstat(marker).st_mtime < _DAY:
            return
    cache_folder.write(marker, b"")
    cache_folder.prune(resources.cache_folder("parts"), size=MAX_SIZE)


def _path(name: str) -> Path:
    return resources.cache_folder("parts") / name[:2] / name
