"""One run of ``kb verify``: compares every document, sentence, fact and qualifier with the texts, and counts them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from kb.model import Document, Fact, KnowledgeBase, Record
from kb.problems import Place, Problem, collect, quote
from kb.texts import sources
from kb.texts.normal_form import Text, read
from kb.texts.normalisation import cuts, normalise
from kb.verification.claims import CLAIM, Finding, Judge, Judgement
from kb.verification.drift import Comparison, compare

_CODES = {"missing": "KB442", "negation": "KB443", "hedge": "KB444", "wording": "KB446"}
_KINDS = ("documents", "sentences", "facts", "qualifiers")


@dataclass(slots=True)
class Count:
    """How many of a kind were checked, were skipped because no text is available, and failed; a failure counts as checked."""

    checked: int = 0
    skipped: int = 0
    failed: int = 0

    def add(self, *, checked: int = 0, skipped: int = 0, failed: int = 0) -> None:
        """Add to the count."""
        self.checked, self.skipped, self.failed = self.checked + checked, self.skipped + skipped, self.failed + failed


@dataclass(frozen=True, slots=True)
class VerificationRun:
    """The result of a run: the counts by kind, and all problems, sorted.

    The comparisons are those of the documents whose text is available, by id. The judgements are those of the facts whose
    sentences were found, by path.
    """

    counts: Mapping[str, Count]
    problems: Sequence[Problem]
    comparisons: Mapping[str, Comparison]
    judgements: Mapping[str, Judgement]
    texts: Mapping[str, Text]


def verify(kb: KnowledgeBase, texts: Mapping[str, Text], earlier: Mapping[str, str] | None = None) -> VerificationRun:
    """Compare a knowledge base, whose records may have been made from other texts, with the available texts by document.

    The normal forms of :func:`find_earlier_words` make comparisons more precise.
    """
    counts = {kind: Count() for kind in _KINDS}
    problems: list[Problem] = []
    comparisons: dict[str, Comparison] = {}
    for name, document in kb.documents.items():
        text = texts.get(name)
        if text is None:
            counts["documents"].add(skipped=1)
            counts["sentences"].add(skipped=len(document.sentences))
            continue
        compared = comparisons[name] = compare(document, text, (earlier or {}).get(name, ""))
        is_same = sources.is_text_of(document, text)
        counts["documents"].add(checked=1, failed=not is_same)
        if not is_same:
            message = f"This text is not the one that the record of {quote(name)} was made from."
            problems.append(Problem(_place(document.record, "sha256"), "KB414", message, _summarise(compared)))
        drifted = list(_drift_problems(document, compared))
        counts["sentences"].add(checked=len(compared.drifts), failed=len(drifted))
        problems.extend(drifted)
    judgements = _judge_facts(kb, texts, comparisons, counts, problems)
    if not comparisons:
        message = f"None of {len(kb.documents)} documents has an available text: nothing was verified."
        problems.append(Problem(Place(str(kb.folder)), "KB445", message, "Name files with --text ID=PATH, or a folder of them."))
    return VerificationRun(counts, collect(problems), comparisons, judgements, texts)


def find_earlier_words(
    kb: KnowledgeBase, texts: Mapping[str, Text], paths: Mapping[str, Path], earlier_paths: Mapping[str, Path]
) -> dict[str, str]:
    """Return the normal form that the record of each changed document was made from, where it is available.

    It is the text that ships, if the user names another file for that document, or a file that the user names for it.

    Raises:
        KbError: A file cannot be read.
    """
    words: dict[str, str] = {}
    for name, document in kb.documents.items():
        if name not in texts or sources.is_text_of(document, texts[name]):
            continue
        candidates = []
        if document.text == sources.SHIPPED and name in paths:
            candidates.append(sources.read_shipped(document, kb.folder))
        if name in earlier_paths:
            candidates.append(read(earlier_paths[name], document.mediatype))
        words[name] = next((text.words for text in candidates if sources.is_text_of(document, text)), "")
    return words


def _summarise(compared: Comparison) -> str:
    moved = sum(drift.what == "moved" for drift in compared.drifts)
    changed = sum(not drift.is_exact for drift in compared.drifts)
    return f"{moved} sentences moved and {changed} changed; 'kb verify --write' updates the positions of those that moved."


def _place(record: Record | None, *path: str | int) -> Place:
    return record.at(*path) if record else Place("kb")


def _drift_problems(document: Document, compared: Comparison) -> Iterator[Problem]:
    for index, drift in enumerate(compared.drifts):
        if drift.what != "same":
            similarity = "" if drift.similarity is None else f" (similarity {drift.similarity:.0f} of 100)"
            spans = " and ".join(f"{start}-{end}" for start, end in drift.spans)
            message, remedy = _DRIFT_MESSAGES[drift.what]
            message = message.format(name=drift.sentence.id, spans=spans, similarity=similarity)
            remedy = remedy.format(accept=f"'kb verify --write --accept {drift.sentence.id}'")
            yield Problem(_place(document.record, "sentences", index), "KB441", message, remedy)


# What became of a sentence, and what a curator can do about it.
_DRIFT_MESSAGES = {
    "moved": ("{name} moved to {spans}.", "'kb verify --write' updates its position."),
    "unlike": (
        "The text from {spans} does not have the digest of {name}.",
        "If you moved its boundary, {accept} updates the digest.",
    ),
    "changed": (
        "{name} changed; {spans} stands in its place{similarity}.",
        "Read it; if its facts still hold, {accept} accepts it.",
    ),
    "split": ("{name} was split into {spans}{similarity}.", "Read them; {accept} accepts the whole stretch."),
    "merged": ("{name} was merged with another: {spans}{similarity}.", "Read it, and correct the record by hand."),
    "vanished": ("{name} is no longer in the text.", "Remove the sentence and the evidence that names it."),
}


def _judge_facts(
    kb: KnowledgeBase,
    texts: Mapping[str, Text],
    comparisons: Mapping[str, Comparison],
    counts: dict[str, Count],
    problems: list[Problem],
) -> dict[str, Judgement]:
    """Judge every fact by its unchanged sentences; add to the counts and problems."""
    judge, judgements = Judge(kb), dict[str, Judgement]()
    unchanged = {
        name: {drift.sentence.id: texts[name].words[slice(*drift.spans[0])] for drift in compared.drifts if drift.is_exact}
        for name, compared in comparisons.items()
    }
    for fact in kb.facts:
        if fact.document not in unchanged:
            counts["facts"].add(skipped=1)
            counts["qualifiers"].add(skipped=len(fact.qualifiers))
            continue
        sentences = unchanged[fact.document]
        judged = judge.judge(fact, sentences)
        judged = replace(judged, findings=(*judged.findings, *_check_spans(fact, kb.documents[fact.document], sentences)))
        has_lost_sentence = any(name not in sentences for name in fact.sentences)
        counts["facts"].add(checked=1, failed=bool(judged.findings) or has_lost_sentence)
        checked, failed = (len(fact.qualifiers.keys() & set(parts)) for parts in (judged.checked, judged.failed))
        counts["qualifiers"].add(checked=checked, skipped=len(fact.qualifiers) - checked, failed=failed)
        if not has_lost_sentence:
            judgements[fact.path] = judged
        problems.extend(_problem(fact, finding) for finding in judged.findings)
    return judgements


def _check_spans(fact: Fact, document: Document, sentences: Mapping[str, str]) -> Iterator[Finding]:
    """Check that each span of evidence is inside its sentence and between words."""
    by_id = {sentence.id: sentence for sentence in document.sentences}
    for at, piece in enumerate(fact.evidence):
        if piece.start is None or piece.end is None or piece.sentence not in sentences:
            continue
        sentence, words = by_id[piece.sentence], sentences[piece.sentence]
        start, end = piece.start - sentence.start, piece.end - sentence.start
        fits = 0 <= start < end <= len(words) and words[start:end] == words[start:end].strip()
        if not fits or _cuts_word(words, start) or _cuts_word(words, end):
            message = f"{piece.start}-{piece.end} is not a stretch of whole words of {piece.sentence}."
            yield Finding("wording", CLAIM, at, message, "Let 'kb cite' find the span.")


def _cuts_word(words: str, at: int) -> bool:
    before = normalise(words[:at]).text
    sentence = normalise(words).text
    is_beside_space = sentence[len(before) : len(before) + 1] == " " or before.endswith(" ")
    return not is_beside_space and cuts(sentence, len(before))


def _problem(fact: Fact, finding: Finding) -> Problem:
    path: tuple[str | int, ...] = ("evidence",) if finding.piece < 0 else ("evidence", finding.piece)
    name = fact.path.removeprefix("fact/").partition("/")[2]
    return Problem(_place(fact.record, *path), _CODES[finding.kind], f"{name}: {finding.message}", finding.remedy)


def to_dict(run: VerificationRun) -> dict[str, Any]:
    """Convert a run to JSON values."""
    return {
        "counts": {kind: asdict(count) for kind, count in run.counts.items()},
        "drift": [
            {
                "document": name,
                "sentence": drift.sentence.id,
                "what": drift.what,
                "was": [drift.sentence.start, drift.sentence.end],
                "proposed": [list(span) for span in drift.spans],
                "likeness": drift.similarity,
            }
            for name, compared in run.comparisons.items()
            for drift in compared.drifts
            if drift.what != "same"
        ],
        "new": [[name, *span] for name, compared in run.comparisons.items() for span in compared.new],
        "problems": [
            {"code": problem.code, **problem.place._asdict(), "message": problem.message, "remedy": problem.remedy}
            for problem in run.problems
        ],
    }
