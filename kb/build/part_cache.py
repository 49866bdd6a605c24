"""Parts remembered from run to run, so that a file that has not changed costs a digest.

Each lies in a file of its own in ``~/.cache/linked-kb/parts`` (or ``XDG_CACHE_HOME``), named by the digest of the piece's
bytes, its path and kind, and kb's own files and libraries. It is written beside its place and renamed, and taken only
if its checksum is right; whatever is wrong with it, the piece is read anew.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from hashlib import sha256
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

#: Larger files are not remembered: what is read of them would fill the cache.
LARGEST = 8 * 1024 * 1024

#: How many bytes the cache may take; beyond that, what was not used for longest goes.
MOST = 512 * 1024 * 1024

_MAGIC = b"kb-part-1\n"
_DAY = 24 * 60 * 60
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Part).decode

_code_digest = cache(code_digest)


def read(piece: Piece) -> Part:
    """Read a piece that is one part, or remember what was read from it before."""
    (part,) = read_on(piece)
    return part


def read_on(piece: Piece) -> Iterator[Part]:
    """Read a piece part by part, or remember the one part that was read from it before."""
    name = key(piece)
    if name and (known := load(name)):
        yield known
        return
    count = 0
    for count, part in enumerate(parts.read_on(piece), 1):  # noqa: B007 - the last one counts them
        yield part
    if name and count == 1 and name == key(piece):  # nobody wrote to the file meanwhile
        store(name, part)


def key(piece: Piece) -> str:
    """Give the name under which the part of a piece is remembered; empty if it is not."""
    if piece.start or piece.end != -1:
        return ""
    with suppress(KbError):
        content = read_bytes(Path(piece.path), piece.path, LARGEST)
        path = piece.path.encode("utf-8", "surrogateescape")
        return digest((_code_digest().encode(), piece.kind.encode(), path, content))
    return ""


def load(name: str) -> Part | None:
    """Give a part that is remembered, if it is there and whole."""
    path = _place(name)
    with suppress(OSError, msgspec.DecodeError, ValueError):
        data = path.read_bytes()
        head, payload = data[: len(_MAGIC) + 32], data[len(_MAGIC) + 32 :]
        if head == _MAGIC + sha256(payload).digest():
            if time.time() - path.stat().st_mtime > _DAY:
                os.utime(path)
            return _decode(payload)
    return None


def store(name: str, part: Part) -> None:
    """Remember a part, if it can be encoded and the cache can be written."""
    with suppress(TypeError, ValueError, OverflowError):
        payload = _encode(part)
        cache_folder.write(_place(name), (_MAGIC, sha256(payload).digest(), payload))


def sweep() -> None:
    """Make room, at most once a day: what was not used for longest goes first, and with it what was left half-written."""
    with suppress(OSError):
        swept = resources.cached("parts-swept")
        if swept.exists() and time.time() - swept.stat().st_mtime < _DAY:
            return
        swept.touch()
        cache_folder.prune(resources.cached("parts"), size=MOST)


def _place(name: str) -> Path:
    return resources.cached("parts") / name[:2] / name
