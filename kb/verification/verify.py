"""``kb verify`` from start to end: read the records and the texts, compare them, and write what the user asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kb import pipeline
from kb.problems import exit_code, fail
from kb.records import record_writer
from kb.records.record_writer import WriteRecords
from kb.texts import sources
from kb.verification import apply, result_files
from kb.verification import run as running
from kb.verification.run import VerificationRun


@dataclass(frozen=True, slots=True)
class VerifyOptions:
    """Whether to write the positions of sentences that moved, with those accepted, and to record the results."""

    write: bool = False
    accept: tuple[str, ...] = ()
    record: bool = False


@dataclass(frozen=True, slots=True)
class VerifyResult:
    """The comparison of records and texts, the files that were written, and the facts whose recorded result is out of date."""

    run: VerificationRun
    written: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()

    @property
    def exit(self) -> int:
        """The exit code."""
        return exit_code(self.run.problems)

    @property
    def summary(self) -> str:
        """The counts in one sentence."""
        counts = (f"{checked} {kind} ({skipped} skipped, {failed} failed)" for kind, checked, skipped, failed in self.rows())
        return f"Verified {', '.join(counts)}."

    def rows(self) -> Iterator[list[str]]:
        """Yield the rows of the table of counts."""
        return ([kind, str(count.checked), str(count.skipped), str(count.failed)] for kind, count in self.run.counts.items())

    def to_dict(self) -> dict[str, Any]:
        """Convert the result to JSON values."""
        return {**running.to_dict(self.run), "written": list(self.written), "stale": list(self.stale)}


def verify(
    content: Path, given: Iterable[str] = (), was: Iterable[str] = (), options: VerifyOptions = VerifyOptions()
) -> VerifyResult:
    """Verify a knowledge base; after a change of its records, verify it again.

    Args:
        content: The folder that holds ``kb.yaml``.
        given: The texts that the user names; see :func:`kb.texts.sources.parse_options`.
        was: The texts that the records were made from, where other texts are given.
        options: What to write.

    Raises:
        KbError: The records have problems, or a file cannot be read or written.
    """
    if options.accept and not options.write:
        raise fail("KB448", "--accept has no effect without --write.", "Add --write.", "--accept")
    if not (options.write or options.record):
        return _verify(content, given, was, options)
    with record_writer.lock_records(content) as write:
        return _verify(content, given, was, options, write)


def _verify(
    content: Path, given: Iterable[str], was: Iterable[str], options: VerifyOptions, write: WriteRecords | None = None
) -> VerifyResult:
    kb = pipeline.load(content, with_texts=False)
    paths = sources.parse_options(given, kb.documents)
    texts = sources.read_texts(kb.documents.values(), kb.folder, paths)
    earlier = running.find_earlier_words(kb, texts, paths, sources.parse_options(was, kb.documents))
    run = running.verify(kb, texts, earlier)
    written: list[str] = []
    if write and options.write:
        written = apply.write_positions(kb, run, options.accept, write)
        if written:
            kb = pipeline.load(content, with_texts=False)
            run = running.verify(kb, texts)
    if write and options.record:
        kb, recorded = result_files.record(kb, run, write)
        written += recorded
    return VerifyResult(run, tuple(dict.fromkeys(written)), tuple(result_files.find_outdated(kb)))
