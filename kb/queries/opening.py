"""Knowledge bases opened for queries: from the cache where it has this content, else compiled."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from kb.files.fingerprint import stat_signature
from kb.queries import compiled_cache, named
from kb.queries.compiled import Compiled, compile_base, from_plain, to_plain
from kb.queries.compiled_cache import CachedBase


def open_base(folder: Path) -> Compiled:
    """Open a knowledge base for queries: from the cache where it has this content, else compiled.

    Args:
        folder: The folder that holds ``kb.yaml``.

    Raises:
        KbError: There is no knowledge base, or it has problems.
    """
    cached = compiled_cache.read(folder)
    if cached:
        return from_plain(folder, cached.plain, cached.triples, quads=lambda: cached.quads)
    signature, key = stat_signature(folder), compiled_cache.content_key(folder)
    compiled = _compile(folder)
    if key is not None and key == compiled_cache.content_key(folder):  # no file was changed while it was read
        compiled_cache.write(folder, signature, key, CachedBase(to_plain(compiled), compiled.triples, compiled.quads()))
    return compiled


def _compile(folder: Path) -> Compiled:
    from kb import pipeline

    compiled = compile_base(pipeline.load(folder))
    return replace(compiled, queries=named.read_valid_queries(folder))
