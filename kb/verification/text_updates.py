"""Updates the record of a document to a changed text, and the facts whose words still stand in it.

Sentences that are the same, or whose change is accepted, keep their ids, wherever they moved, and the positions in evidence
move with them. Of what no fact rests on, the others are removed, except that a changed heading stays the heading of its
section. What is new gets the next free number of its section. Nothing is written for a document while facts rest on sentences
that changed or are gone.
"""

from __future__ import annotations

from bisect import insort
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from kb.files.journal import Pieces
from kb.model import KEY, Document, Fact, KnowledgeBase
from kb.problems import Place, Problem, fail, quote
from kb.texts import sentence_splitter
from kb.texts.normal_form import Text, digest, read_copy
from kb.texts.sources import SHIPPED, shipped_path
from kb.verification.drift import Comparison, Drift, Span, cuts_word, overlaps
from kb.verification.sentence_edits import RecordEdits

FactIndex = Mapping[str, Sequence[Fact]]


def plan_updates(
    kb: KnowledgeBase,
    comparisons: Mapping[str, Comparison],
    texts: Mapping[str, Text],
    paths: Mapping[str, Path],
    accepted: Collection[str],
) -> tuple[dict[Path, Pieces], list[Problem]]:
    """Return the new contents of files, and why documents were left as they are.

    Accepted are sentences (``s3.2`` or ``DOCUMENT:s3.2``) whose proposal the curator accepts. A text that ships is replaced by
    the file at the path that the user names for it.

    Raises:
        KbError: An accepted sentence has no proposal (KB448), or a record cannot be edited in place (KB419).
    """
    covered, edits, problems = kb.covered(), RecordEdits(), list[Problem]()
    copies: dict[Path, Pieces] = {}
    unused = set(accepted)
    for name, compared in comparisons.items():
        document, text = kb.documents[name], texts[name]
        ids = {drift.sentence.id for drift in compared.drifts if not drift.is_exact}
        chosen = {one for one in ids if {one, f"{name}:{one}"} & set(accepted)}
        placed, left = _place_sentences(compared, text, chosen, covered.get(name, {}))
        unused -= {one for sentence in chosen & placed.keys() for one in (sentence, f"{name}:{sentence}")}
        if left and document.record:
            message = (
                f"The record of {quote(name)} is not updated, since facts rest on {', '.join(one.sentence.id for one in left)}."
            )
            remedy = "Accept what changed with --accept, or correct the facts, and run the command again."
            problems.append(Problem(document.record.at("sentences"), "KB419", message, remedy))
        else:
            _write(document, text, placed, covered.get(name, {}), edits)
            if document.text == SHIPPED and name in paths:
                copies[shipped_path(document, kb.folder)] = [read_copy(paths[name], text)]
    if unused:
        message = f"There is no proposal for {', '.join(map(quote, sorted(unused)))}."
        raise fail("KB448", message, "Choose among those reported as changed, split, merged or unlike.", "--accept")
    return {**edits.apply(), **copies}, problems


def _place_sentences(
    compared: Comparison, text: Text, accepted: Collection[str], facts: FactIndex
) -> tuple[dict[str, Span], list[Drift]]:
    """Return where sentences stand in a text, and those that need a decision because facts rest on them."""
    placed: dict[str, Span] = {}
    left: list[Drift] = []
    taken: list[Span] = []
    for drift in sorted(compared.drifts, key=lambda one: not one.is_exact):
        name, needs_decision = drift.sentence.id, bool(facts.get(drift.sentence.id)) or drift.what == "unlike"
        is_sure = drift.is_exact or name in accepted
        spans = drift.spans if is_sure or drift.what != "merged" else ()
        span = (spans[0][0], spans[-1 if is_sure else 0][1]) if spans else (0, 0)
        is_heading = drift.sentence.is_heading and not needs_decision
        if spans and (is_sure or is_heading) and not cuts_word(text.words, *span) and not overlaps(span, taken):
            placed[name] = span
            insort(taken, span)
        elif needs_decision:
            left.append(drift)
    return placed, left


def _write(document: Document, text: Text, placed: Mapping[str, Span], facts: FactIndex, edits: RecordEdits) -> None:
    """Add the edits of a document's record, and of the positions in the evidence of its facts."""
    record = document.record
    if record is None:
        return
    edits.set_sentences(record, list(_list_sentences(record.value["sentences"], text, placed)))
    own = text.sha256
    if not document.words_sha256 and text.digest != text.sha256:
        own += f"\n{' ' * (record.at('sha256', KEY).column - 1)}words-sha256: {text.digest}"
    values = {"sha256": own, "bytes": text.bytes, "characters": len(text.words)}
    for key, value in (values | ({"words-sha256": text.digest} if document.words_sha256 else {})).items():
        edits.set_value(record.at(key), record.value[key], value)
    for sentence in document.sentences:
        shift = placed[sentence.id][0] - sentence.start if sentence.id in placed else 0
        for fact in facts.get(sentence.id, ()) if shift else ():
            for at, piece in enumerate(fact.evidence):
                for key, old in (("start", piece.start), ("end", piece.end)):
                    if fact.record and piece.sentence == sentence.id and old is not None:
                        edits.set_value(fact.record.at("evidence", at, key), old, old + shift)


def _list_sentences(old: Sequence[Mapping[str, Any]], text: Text, placed: Mapping[str, Span]) -> Iterator[Mapping[str, Any]]:
    """Yield the sentences of the record in the order of the text: those that were placed, and the new ones."""
    entries: dict[Span, Mapping[str, Any] | None] = {}
    for entry in old:
        if where := placed.get(entry["id"]):
            plain = {key: value for key, value in entry.items() if key != "exempt"}
            position = {"start": where[0], "end": where[1], "sha256": digest(text.words[where[0] : where[1]])}
            entries[where] = {**plain, **position, **_keep_exemption(entry, placed)}
    known = sorted(entries)
    headings = set[Span]()
    for passage in sentence_splitter.split(text):
        span = passage.start, passage.end
        if not overlaps(span, known):
            entries[span] = None
            headings |= {span} if not passage.number else set()
    numbers = defaultdict[int, int](int)
    for name in (entry["id"] for entry in old):
        section, number = map(int, name[1:].split("."))
        numbers[section] = max(numbers[section], number)
    section = 1
    for start, end in sorted(entries):
        if kept := entries[start, end]:
            section = int(kept["id"][1:].partition(".")[0])
            yield kept
            continue
        section = max(numbers) + 1 if (start, end) in headings else section
        numbers[section] += (start, end) not in headings
        yield {"id": f"s{section}.{numbers[section]}", "start": start, "end": end, "sha256": digest(text.words[start:end])}


def _keep_exemption(entry: Mapping[str, Any], placed: Mapping[str, Span]) -> Mapping[str, Any]:
    """Return the exemption of a sentence, unless the sentences that it restates are no longer there."""
    exempt = entry.get("exempt")
    if not exempt or not exempt.get("by"):
        return {"exempt": exempt} if exempt else {}
    by = [name for name in exempt["by"] if name in placed]
    return {"exempt": {**exempt, "by": by}} if by else {}


def describe_new(document: Document, text: Text, new: Sequence[Span]) -> Iterator[Problem]:
    """Yield the problems of passages of a changed text that belong to no sentence of the record (KB451)."""
    place = document.record.at("sentences") if document.record else Place("kb")
    for start, end in new:
        message = f"{start}-{end} is new in the text of {quote(document.id)}: {quote(text.words[start:end])}."
        yield Problem(place, "KB451", message, "'kb verify --write' adds it as an undecided sentence.")
