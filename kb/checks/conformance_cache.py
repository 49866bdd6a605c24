"""Good verdicts, remembered by the digest of what they depend on: what was in order once is not checked again.

They lie in ``~/.cache/linked-kb`` (or ``XDG_CACHE_HOME``). Only good ones are kept, so a problem is always found anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from kb import resources
from kb.problems import Problem


def remembered(room: str, made_from: Iterable[bytes], check: Callable[[], Iterable[Problem]]) -> Iterator[Problem]:
    """Check something, unless it was found to be in order before.

    Args:
        room: The folder of the cache where verdicts of this kind lie.
        made_from: All that the verdict depends on, in order.
        check: Finds what is wrong.
    """
    verdict = _place(room, made_from)
    with suppress(OSError):
        if verdict.exists():
            return
    problems = list(check())
    yield from problems
    if not problems:
        with suppress(OSError):  # a cache that cannot be written costs time, nothing else
            verdict.parent.mkdir(parents=True, exist_ok=True)
            verdict.touch()


def release(library: str) -> bytes:
    """Tell a library's version by the name of its metadata, without importing it."""
    found = find_spec(library)
    where = Path(found.origin).parent.parent if found and found.origin else Path()
    return ",".join(sorted(path.name for path in where.glob(f"{library}-*.dist-info"))).encode("utf-8", "surrogateescape")


def _place(room: str, made_from: Iterable[bytes]) -> Path:
    from hashlib import sha256

    digest = sha256()
    for each in made_from:
        digest.update(len(each).to_bytes(8, "big"))
        digest.update(each)
    return resources.cached(room) / digest.hexdigest()
