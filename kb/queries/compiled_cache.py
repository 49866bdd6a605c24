"""The cache of compiled knowledge bases: one file for each folder, in ``~/.cache/linked-kb`` or ``XDG_CACHE_HOME``.

A file holds a header line, a line of JSON, N-Triples and N-Quads. It is used only if it is a regular file of this user, is
undamaged, and was made from the same content. For that, its header has the digest of all that the knowledge base was compiled
from, and the stat signature of these files (:mod:`kb.files.fingerprint`): while that is the same, none of them is read.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from zlib import crc32

from kb import resources
from kb.files import cache_folder
from kb.files.fingerprint import UNSETTLED, content_digest, stat_signature
from kb.problems import Problem
from kb.queries import living_store
from kb.queries.compiled import Compiled, compile_base, from_plain, to_plain
from kb.queries.named import read_valid_queries

#: The most bytes that are cached of one knowledge base: of its files, and of what they compile to.
MAX_BYTES = 64 << 20
#: The number of knowledge bases that are cached; of more, those written last.
MAX_FILES = 32

_FORMAT = b"kb-compiled-4"


def open_base(folder: Path, report: Callable[[Problem], object] = lambda _: None) -> Compiled:
    """Open the knowledge base in a folder for queries: from the cache where it has this content, else compiled.

    Args:
        folder: The folder.
        report: Takes what is worth a note, such as a damaged cache; see :mod:`kb.queries.living_store`.

    Raises:
        KbError: There is no knowledge base, or it has problems.
    """
    living = living_store.open_living(folder, report) if living_store.is_large(folder) else None
    if living:
        return living
    cached = read(folder)
    if cached:
        return cached
    from kb import pipeline

    signature, key = stat_signature(folder), content_key(folder)
    compiled = replace(compile_base(pipeline.load(folder)), queries=read_valid_queries(folder))
    if key is not None and key == content_key(folder):  # no file was changed while it was read
        _write(folder, signature or UNSETTLED, key, compiled)
    return compiled


def content_key(folder: Path) -> str | None:
    """Compute the digest of what a knowledge base is compiled from; nothing if it is too large or has symbolic links."""
    return content_digest(folder, MAX_BYTES)


def read(folder: Path) -> Compiled | None:
    """Read what is cached of a knowledge base; nothing unless it was made from the files as they are now."""
    signature = stat_signature(folder)
    if signature is None:
        return None
    try:
        content = cache_folder.read(_path(folder), 2 * MAX_BYTES)
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
        return replace(from_plain(folder, plain), triples=body[end : end + size], quads=lambda: body[end + size :])
    except (OSError, ValueError):
        return None


def _write(folder: Path, signature: bytes, key: str, compiled: Compiled) -> None:
    line = json.dumps({**to_plain(compiled), "triples": len(compiled.triples)}).encode("ascii")
    body = b"".join((line, b"\n", compiled.triples, compiled.quads()))
    if len(body) <= MAX_BYTES:
        _write_file(folder, signature, key, body)


def _write_file(folder: Path, signature: bytes, key: str, body: bytes) -> None:
    path = _path(folder)
    cache_folder.write(path, (b" ".join((_FORMAT, signature, key.encode(), _checksum(body))), b"\n", body))
    cache_folder.prune(path.parent, files=MAX_FILES)


def _checksum(body: bytes) -> bytes:
    """Compute a checksum, which detects damage; the key identifies the content, and the owner of the file its maker."""
    return b"%08x" % crc32(body)


def _path(folder: Path) -> Path:
    name = sha256(os.path.realpath(folder).encode("utf-8", "surrogateescape")).hexdigest()[:32]
    return resources.cache_folder("compiled") / name
