"""Write new positions of sentences into the records; everything else in the files stays as it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from kb.files.text_file import read_text
from kb.model import Document, KnowledgeBase
from kb.problems import Place, fail, quote
from kb.records.record_writer import WriteRecords
from kb.texts.normal_form import Text, digest
from kb.verification.drift import Comparison
from kb.verification.run import VerificationRun


@dataclass(frozen=True, slots=True, order=True)
class _Edit:
    """The replacement of a value in a file."""

    place: Place
    old: str
    new: str


def write_positions(kb: KnowledgeBase, run: VerificationRun, accepted: Collection[str], write: WriteRecords) -> list[str]:
    """Write the positions of sentences that moved, and the proposals that the curator accepts, into the records.

    Accepted are sentences (``s3.2`` or ``DOCUMENT:s3.2``) that changed or were split, or whose boundary the curator moved.

    Returns:
        The files that were written.

    Raises:
        KbError: An accepted sentence has no proposal (KB448), or a record cannot be edited in place (KB419).
    """
    edits: defaultdict[str, list[_Edit]] = defaultdict(list)
    applied: set[str] = set()
    for name, compared in run.comparisons.items():
        for edit in _edits(kb.documents[name], compared, run.texts[name], accepted, applied):
            edits[edit.place.file].append(edit)
    unknown = sorted(set(accepted) - applied)
    if unknown:
        message = f"There is no proposal for {', '.join(map(quote, unknown))}."
        raise fail("KB448", message, "Choose among the sentences that are reported as changed, split or unlike.", "--accept")
    contents = {path: _apply(Path(path), file_edits) for path, file_edits in edits.items()}
    write({Path(path): [text] for path, text in contents.items()})
    return sorted(contents)


def _edits(document: Document, compared: Comparison, text: Text, accepted: Collection[str], applied: set[str]) -> Iterator[_Edit]:
    record = document.record
    if record is None:
        return
    for index, drift in enumerate(compared.drifts):
        sentence = drift.sentence
        names = {sentence.id, f"{document.id}:{sentence.id}"} & set(accepted)
        if drift.what in {"same", "merged", "vanished"} or not (drift.what == "moved" or names):
            continue
        start, end = drift.spans[0][0], drift.spans[-1][1]
        if _cuts_word(text.words, start, end):
            continue  # the curator must move the boundary first
        applied |= names
        old = {"start": str(sentence.start), "end": str(sentence.end), "sha256": sentence.sha256}
        new = {"start": str(start), "end": str(end), "sha256": digest(text.words[start:end])}
        yield from (_Edit(record.at("sentences", index, key), old[key], new[key]) for key in old if old[key] != new[key])
    values = {"sha256": text.sha256, "bytes": str(text.bytes), "characters": str(len(text.words))}
    if document.words_sha256:
        values["words-sha256"] = text.digest
    for key, value in values.items():
        if str(record.value[key]) != value:
            yield _Edit(record.at(key), str(record.value[key]), value)


def _cuts_word(words: str, start: int, end: int) -> bool:
    """Return whether a span starts or ends inside a word or with white space."""
    return words[start:end] != words[start:end].strip() or any(
        len(pair) > 1 and pair.isalnum() for pair in (words[max(0, at - 1) : at + 1] for at in (start, end))
    )


def _apply(path: Path, edits: list[_Edit]) -> str:
    """Return the text of a file with values replaced, from the end so that earlier places stay valid."""
    lines = read_text(path, str(path)).splitlines(keepends=True)
    for edit in sorted(edits, reverse=True):
        line, at = lines[edit.place.line - 1], edit.place.column - 1
        at += line[at : at + 1] in "\"'"
        if line[at : at + len(edit.old)] != edit.old:
            raise fail("KB419", f"'{edit.old}' does not stand there as it is.", "Correct the record by hand.", edit.place)
        lines[edit.place.line - 1] = line[:at] + edit.new + line[at + len(edit.old) :]
    return "".join(lines)
