"""Taking over where sentences stand now: in the records, at the places of the values, everything else left as it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from pathlib import Path

from kb.files import atomic
from kb.files.text_file import read_text
from kb.model import Document, KnowledgeBase
from kb.problems import Place, fail, quote
from kb.texts.normal_form import Text, digest
from kb.verification.drift import Comparison
from kb.verification.run import Run

_Edit = tuple[Place, str, str]


def accept(kb: KnowledgeBase, run: Run, chosen: Collection[str] = ()) -> list[str]:
    """Write into the records where sentences stand that moved, and what the curator chose of the proposals.

    Args:
        kb: The knowledge base.
        run: What was found.
        chosen: Sentences (``s3.2`` or ``DOCUMENT:s3.2``) whose proposal is accepted: those that were changed or parted, and
            those whose boundary the curator moved.

    Returns:
        The files that were written.

    Raises:
        KbError: A chosen sentence has no proposal (KB448), or a record cannot be written in place (KB419).
    """
    edits: defaultdict[str, list[_Edit]] = defaultdict(list)
    met: set[str] = set()
    for name, compared in run.comparisons.items():
        document = kb.documents[name]
        for place, old, new in _edits(document, compared, run.texts[name], chosen, met):
            edits[place.file].append((place, old, new))
    unmet = sorted(set(chosen) - met)
    if unmet:
        message = f"There is no proposal for {', '.join(map(quote, unmet))}."
        raise fail("KB448", message, "Choose among the sentences that were told as changed, parted or unlike.", "--accept")
    made = {path: _edited(Path(path), each) for path, each in edits.items()}
    for path, text in made.items():
        atomic.write_file(Path(path), [text])
    return sorted(made)


def _edits(document: Document, compared: Comparison, text: Text, chosen: Collection[str], met: set[str]) -> Iterator[_Edit]:
    record = document.record
    if record is None:
        return
    for index, each in enumerate(compared.drifts):
        names = {each.sentence.id, f"{document.id}:{each.sentence.id}"} & set(chosen)
        if each.what in {"same", "merged", "vanished"} or not (each.what == "moved" or names):
            continue
        start, end = each.spans[0][0], each.spans[-1][1]
        if _cut(text.words, start, end):
            continue  # nothing to take over until the curator has moved the boundary
        met |= names
        sha256 = digest(text.words[start:end])
        for key, old, new in (
            ("start", str(each.sentence.start), str(start)),
            ("end", str(each.sentence.end), str(end)),
            ("sha256", each.sentence.sha256, sha256),
        ):
            if old != new:
                yield record.at("sentences", index, key), old, new
    values = {"sha256": text.sha256, "bytes": text.bytes, "characters": len(text.words)}
    if document.words_sha256:
        values["words-sha256"] = text.digest
    for key, value in values.items():
        old = str(record.value[key])
        if old != str(value):
            yield record.at(key), old, str(value)


def _cut(words: str, start: int, end: int) -> bool:
    """Tell whether a span begins or ends inside a word or with a blank."""
    return words[start:end] != words[start:end].strip() or any(
        len(pair) > 1 and pair.isalnum() for pair in (words[max(0, at - 1) : at + 1] for at in (start, end))
    )


def _edited(path: Path, edits: list[_Edit]) -> str:
    """Replace values in the text of a file, from the end so that places stay."""
    lines = read_text(path, str(path)).splitlines(keepends=True)
    for place, old, new in sorted(edits, reverse=True):
        line, at = lines[place.line - 1], place.column - 1
        at += line[at : at + 1] in "\"'"
        if line[at : at + len(old)] != old:
            raise fail("KB419", f"'{old}' does not stand there as it is.", "Correct the record by hand.", place)
        lines[place.line - 1] = line[:at] + new + line[at + len(old) :]
    return "".join(lines)
