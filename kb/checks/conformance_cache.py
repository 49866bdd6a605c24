"""Good verdicts, remembered by the digest of what they depend on: what was in order once is not checked again.

They lie in ``~/.cache/linked-kb`` (or ``XDG_CACHE_HOME``). Only good ones are kept, so a problem is always found anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

from kb import resources
from kb.files.fingerprint import digest
from kb.problems import Problem


def remembered(room: str, made_from: Iterable[bytes], check: Callable[[], Iterable[Problem]]) -> Iterator[Problem]:
    """Check something, unless it was found to be in order before.

    Args:
        room: The folder of the cache where verdicts of this kind lie.
        made_from: All that the verdict depends on, in order.
        check: Finds what is wrong.
    """
    verdict = resources.cache_folder(room) / digest(made_from)
    with suppress(OSError):
        if verdict.exists():
            return
    problems = list(check())
    yield from problems
    if not problems:
        with suppress(OSError):  # a cache that cannot be written costs time, nothing else
            verdict.parent.mkdir(parents=True, exist_ok=True)
            verdict.touch()
