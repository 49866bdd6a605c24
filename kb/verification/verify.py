"""``kb verify`` from start to end: read the records, hold them against the texts, and write what is to be written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from kb import pipeline
from kb.model import KnowledgeBase
from kb.problems import KbError, exit_code, fail
from kb.verification import apply, result_files
from kb.verification import run as running
from kb.verification.run import Run

#: What verification tells better than the check of records does.
_OURS = {"KB414", "KB415"}


class Done(NamedTuple):
    """What came of it.

    Args:
        run: What was found.
        written: The files that were written.
        stale: The facts whose recorded result is out of date.
    """

    run: Run
    written: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()

    @property
    def exit(self) -> int:
        """The exit code."""
        return exit_code(self.run.problems)

    @property
    def summary(self) -> str:
        """The run in one sentence."""
        counted = (
            f"{count.checked} {kind} ({count.skipped} skipped, {count.failed} failed)" for kind, count in self.run.counts.items()
        )
        return f"Verified {', '.join(counted)}."

    def rows(self) -> Iterator[list[str]]:
        """Give the rows of the table of numbers."""
        return ([kind, *map(str, count)] for kind, count in self.run.counts.items())

    def plain(self) -> dict[str, Any]:
        """Give all of it as plain values."""
        return {**running.plain(self.run), "written": list(self.written), "stale": list(self.stale)}


class Wish(NamedTuple):
    """What is to be written: what moved, sentences whose proposal is accepted, the results."""

    write: bool = False
    accept: tuple[str, ...] = ()
    record: bool = False


def read(content: Path) -> KnowledgeBase:
    """Read a knowledge base whose texts need not be those of its records.

    Raises:
        KbError: It has other problems; all of them.
    """
    checked = pipeline.check(content)
    others = [each for each in checked.problems if each.code not in _OURS]
    if others or checked.kb is None:
        raise KbError(others or checked.problems)
    return checked.kb


def verify(content: Path, given: Iterable[str] = (), was: Iterable[str] = (), wish: Wish = Wish()) -> Done:
    """Verify a knowledge base; after writing into its records, once more.

    Args:
        content: The folder that holds ``kb.yaml``.
        given: The texts that the user names; see :func:`kb.texts.sources.parse_options`.
        was: The texts that the records were made of.
        wish: What is to be written.

    Raises:
        KbError: The knowledge base has problems of other sorts, or something cannot be read or written.
    """
    if wish.accept and not wish.write:
        raise fail("KB448", "Nothing is taken over without --write.", "Add --write.", "--accept")
    given, was = tuple(given), tuple(was)
    kb = read(content)
    run = running.verify(kb, given, was)
    written: list[str] = []
    if wish.write:
        written = apply.accept(kb, run, wish.accept)
        if written:
            kb = read(content)
            run = running.verify(kb, given, was)
    if wish.record:
        written += result_files.record(kb, run)
        kb = read(content)
    return Done(run, tuple(dict.fromkeys(written)), tuple(result_files.stale(kb)))
