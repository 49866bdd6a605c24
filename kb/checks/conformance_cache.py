"""A cache of checks without problems, by the digest of their inputs: the same inputs are not checked again.

It is in ``~/.cache/linked-kb`` (or ``XDG_CACHE_HOME``). A check with problems is never cached, so they are always reported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

from kb import resources
from kb.files import cache_folder
from kb.files.fingerprint import digest
from kb.problems import Problem


def check_once(name: str, inputs: Iterable[bytes], check: Callable[[], Iterable[Problem]]) -> Iterator[Problem]:
    """Run a check whose result depends on its inputs alone, unless it found no problem in the same inputs before."""
    entry = resources.cache_folder(name) / digest(inputs)
    with suppress(OSError):
        cache_folder.read(entry)
        return
    problems = list(check())
    yield from problems
    if not problems:
        cache_folder.write(entry, [])
