"""The cache of compiled knowledge bases: one file for each folder, in ``~/.cache/linked-kb`` or ``XDG_CACHE_HOME``.

A file holds a header line, a line of JSON, N-Triples and N-Quads. It is used only if it is a regular file of this user, is
undamaged, and was made from the same content. For that, its header has the digest of all that the knowledge base was compiled
from, and the stat signature of these files (:mod:`kb.files.fingerprint`): while that is the same, none of them is read.
"""

from __future__ import annotations

import json
import os
import stat
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from zlib import crc32

from kb import resources
from kb.files.fingerprint import UNSETTLED, content_digest, stat_signature

#: The most bytes that are cached of one knowledge base: of its files, and of what they compile to.
MAX_BYTES = 64 << 20
#: The number of knowledge bases that are cached; of more, those written last.
MAX_FILES = 32

_FORMAT = b"kb-compiled-4"


@dataclass(frozen=True, slots=True)
class CachedBase:
    """What is cached of a knowledge base.

    Args:
        plain: Everything but the statements, in values that JSON can hold.
        triples: N-Triples.
        quads: N-Quads.
    """

    plain: dict[str, Any]
    triples: bytes
    quads: bytes


def content_key(folder: Path) -> str | None:
    """Compute the digest of what a knowledge base is compiled from; nothing if it is too large or has symbolic links."""
    return content_digest(folder, MAX_BYTES)


def read(folder: Path) -> CachedBase | None:
    """Read what is cached of a knowledge base; nothing unless it was made from the files as they are now."""
    signature = stat_signature(folder)
    if signature is None:
        return None
    try:
        content = _read_file(_path(folder))
        end = content.index(b"\n")
        version, known_signature, key, checksum = content[:end].split()
        body = content[end + 1 :]
        if version != _FORMAT or checksum != _checksum(body):
            return None
        if signature == UNSETTLED or signature != known_signature:
            if key.decode() != content_key(folder):
                return None
            if signature not in {UNSETTLED, known_signature}:
                _write_file(folder, signature, key.decode(), body)
        end = body.index(b"\n") + 1
        plain = json.loads(body[:end])
        size = plain.pop("triples")
        return CachedBase(plain, body[end : end + size], body[end + size :])
    except (OSError, ValueError):
        return None


def write(folder: Path, signature: bytes | None, key: str, base: CachedBase) -> None:
    """Cache a compiled knowledge base. A cache that cannot be written costs time, nothing else.

    Args:
        folder: Its folder.
        signature: The stat signature of its files before they were read.
        key: The digest of its files, see :func:`content_key`.
        base: What to cache.
    """
    line = json.dumps({**base.plain, "triples": len(base.triples)}).encode("ascii")
    body = b"".join((line, b"\n", base.triples, base.quads))
    if len(body) <= MAX_BYTES:
        _write_file(folder, signature or UNSETTLED, key, body)


def _read_file(path: Path) -> bytes:
    """Read a file that must be a regular file of this user.

    Raises:
        OSError, ValueError: It is not, or cannot be read.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid() or status.st_size > 2 * MAX_BYTES:
            raise ValueError(path)
        with open(descriptor, "rb", closefd=False) as file:
            return file.read()
    finally:
        os.close(descriptor)


def _write_file(folder: Path, signature: bytes, key: str, body: bytes) -> None:
    from kb.files import cache_folder

    path = _path(folder)
    cache_folder.write(path, (b" ".join((_FORMAT, signature, key.encode(), _checksum(body))), b"\n", body))
    cache_folder.prune(path.parent, files=MAX_FILES)


def _checksum(body: bytes) -> bytes:
    """Compute a checksum, which detects damage; the key identifies the content, and the owner of the file its maker."""
    return b"%08x" % crc32(body)


def _path(folder: Path) -> Path:
    name = sha256(os.path.realpath(folder).encode("utf-8", "surrogateescape")).hexdigest()[:32]
    return resources.cache_folder("compiled") / name
