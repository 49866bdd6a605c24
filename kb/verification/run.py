"""A whole run of ``kb verify``: every document, sentence, fact and qualifier, counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from kb.model import Document, Fact, KnowledgeBase, Record
from kb.problems import Place, Problem, quote
from kb.texts import sources
from kb.texts.normal_form import Text, digest, read
from kb.texts.normalisation import cuts, normalise
from kb.verification import drift
from kb.verification.cite import is_text_of_record
from kb.verification.claims import CLAIM, Finding, Judge, Judgement
from kb.verification.cues import Cues
from kb.verification.drift import Comparison, Drift

_CODES = {"missing": "KB442", "negation": "KB443", "hedge": "KB444", "unheard": "KB446"}
_KINDS = ("documents", "sentences", "facts", "qualifiers")


class Count(NamedTuple):
    """How many of a kind were checked, could not be, and failed; what failed was checked."""

    checked: int = 0
    skipped: int = 0
    failed: int = 0

    def plus(self, *, checked: bool, failed: bool = False) -> Count:
        """Count one more."""
        return Count(self.checked + checked, self.skipped + (not checked), self.failed + failed)


class Run(NamedTuple):
    """What a run found.

    Args:
        counts: By kind: documents, sentences, facts, qualifiers.
        problems: Everything that is wrong, in order.
        comparisons: What became of the sentences of each document whose text is at hand.
        judgements: What came of each fact that could be judged, by its path.
        texts: The texts at hand.
    """

    counts: Mapping[str, Count]
    problems: list[Problem]
    comparisons: Mapping[str, Comparison]
    judgements: Mapping[str, Judgement]
    texts: Mapping[str, Text]


def verify(kb: KnowledgeBase, given: Iterable[str] = (), was: Iterable[str] = ()) -> Run:
    """Hold a knowledge base against the texts at hand.

    Args:
        kb: The knowledge base, whose records need not be those of these texts.
        given: The texts that the user names.
        was: The texts that the records were made of, where others are given; with their words, changes are better told.

    Raises:
        KbError: A text cannot be read, or is named wrongly.
    """
    texts = sources.read_texts(kb.documents.values(), kb.folder, sources.parse_options(given, kb.documents))
    earlier = sources.parse_options(was, kb.documents)
    counts = dict.fromkeys(_KINDS, Count())
    problems: list[Problem] = []
    comparisons: dict[str, Comparison] = {}
    for name, document in kb.documents.items():
        text = texts.get(name)
        if text is None:
            counts["documents"] = counts["documents"].plus(checked=False)
            for _ in document.sentences:
                counts["sentences"] = counts["sentences"].plus(checked=False)
            continue
        compared = comparisons[name] = drift.compare(document, text, _words_before(kb, document, earlier))
        same = is_text_of_record(kb, name, text.sha256, text.digest)
        counts["documents"] = counts["documents"].plus(checked=True, failed=not same)
        if not same:
            message = f"The text at hand is not the one that the record of {quote(name)} was made of."
            problems.append(Problem(_place(document.record, "sha256"), "KB414", message, _accepting(compared)))
        for each in compared.drifts:
            counts["sentences"] = counts["sentences"].plus(checked=True, failed=each.what != "same")
        problems.extend(_drifted(document, compared))
    judgements = _judge(kb, texts, comparisons, counts, problems)
    if not comparisons:
        message = f"The text of none of {len(kb.documents)} documents is at hand: nothing was verified."
        problems.append(Problem(Place(str(kb.folder)), "KB445", message, "Name files with --text ID=PATH, or a folder of them."))
    return Run(counts, sorted(set(problems)), comparisons, judgements, texts)


def _words_before(kb: KnowledgeBase, document: Document, earlier: Mapping[str, Path]) -> str:
    """Give the words that a record was made of, if they are at hand."""
    if digest(document.words) == (document.words_sha256 or document.sha256):
        return document.words
    if document.id not in earlier:
        return ""
    text = read(earlier[document.id], document.mediatype)
    return text.words if is_text_of_record(kb, document.id, text.sha256, text.digest) else ""


def _accepting(compared: Comparison) -> str:
    moved = sum(each.what == "moved" for each in compared.drifts)
    left = sum(not each.is_exact for each in compared.drifts)
    return f"{moved} sentences moved and {left} are not found as they were; 'kb verify --write' takes over what moved."


def _place(record: Record | None, *path: str | int) -> Place:
    return record.at(*path) if record else Place("kb")


def _drifted(document: Document, compared: Comparison) -> Iterator[Problem]:
    for index, each in enumerate(compared.drifts):
        if each.what != "same":
            yield Problem(_place(document.record, "sentences", index), "KB441", said(each), remedy(each))


def said(each: Drift) -> str:
    """Tell what became of a sentence."""
    name, spans = each.sentence.id, " and ".join(f"{start}-{end}" for start, end in each.spans)
    like = f" ({each.likeness:.0f} of 100 alike)" if each.likeness is not None else ""
    return {
        "moved": f"{name} moved to {spans}.",
        "unlike": f"The text from {spans} is not that of the digest of {name}.",
        "changed": f"{name} was changed; {spans} stands in its place{like}.",
        "split": f"{name} was parted: {spans}{like}.",
        "merged": f"{name} was joined with another: {spans}{like}.",
        "vanished": f"{name} is not in the text any more.",
    }[each.what]


def remedy(each: Drift) -> str:
    """Tell what a curator can do about a sentence that drifted."""
    return {
        "moved": "'kb verify --write' takes over its new place.",
        "unlike": f"If you moved its boundary, 'kb verify --write --accept {each.sentence.id}' takes over the digest.",
        "changed": f"Read it; 'kb verify --write --accept {each.sentence.id}' takes it over, if its facts still hold.",
        "split": f"Read them; 'kb verify --write --accept {each.sentence.id}' takes over the whole stretch.",
        "merged": "Read it, and correct the record by hand.",
        "vanished": "Remove the sentence and what rests on it.",
    }[each.what]


def _judge(
    kb: KnowledgeBase,
    texts: Mapping[str, Text],
    comparisons: Mapping[str, Comparison],
    counts: dict[str, Count],
    problems: list[Problem],
) -> dict[str, Judgement]:
    """Hold every fact against the sentences that stand as they did."""
    judge, found = Judge(kb, Cues(kb.cues)), dict[str, Judgement]()
    standing = {
        name: {
            each.sentence.id: texts[name].words[each.spans[0][0] : each.spans[0][1]] for each in compared.drifts if each.is_exact
        }
        for name, compared in comparisons.items()
    }
    for fact in kb.facts:
        if fact.document not in standing:
            counts["facts"] = counts["facts"].plus(checked=False)
            for _ in fact.qualifiers:
                counts["qualifiers"] = counts["qualifiers"].plus(checked=False)
            continue
        sentences = standing[fact.document]
        judged = judge.judge(fact, sentences)
        spans = tuple(_spans(fact, kb.documents[fact.document], sentences))
        judged = judged._replace(findings=(*judged.findings, *spans))
        lost = [name for name in fact.sentences if name not in sentences]
        counts["facts"] = counts["facts"].plus(checked=True, failed=bool(judged.findings or lost))
        for name in fact.qualifiers:
            counts["qualifiers"] = counts["qualifiers"].plus(checked=name in judged.checked, failed=name in judged.failed)
        if not lost:
            found[fact.path] = judged
        problems.extend(_problem(fact, each) for each in judged.findings)
    return found


def _spans(fact: Fact, document: Document, sentences: Mapping[str, str]) -> Iterator[Finding]:
    """Hold the spans of evidence against their sentences: inside, and between words."""
    bounds = {each.id: each for each in document.sentences}
    for at, piece in enumerate(fact.evidence):
        if piece.start is None or piece.end is None or piece.sentence not in sentences:
            continue
        sentence = bounds[piece.sentence]
        words = sentences[piece.sentence]
        start, end = piece.start - sentence.start, piece.end - sentence.start
        fits = 0 <= start < end <= len(words) and words[start:end] == words[start:end].strip()
        if not fits or _cut(words, start) or _cut(words, end):
            message = f"{piece.start}-{piece.end} is no stretch of words of {piece.sentence}."
            yield Finding("unheard", CLAIM, at, message, "Let 'kb cite' find the words.")


def _cut(words: str, at: int) -> bool:
    before = normalise(words[:at]).text
    whole = normalise(words).text
    return whole[len(before) : len(before) + 1] != " " and not before.endswith(" ") and cuts(whole, len(before))


def _problem(fact: Fact, finding: Finding) -> Problem:
    path: tuple[str | int, ...] = ("evidence",) if finding.piece < 0 else ("evidence", finding.piece)
    what = fact.path.removeprefix("fact/").partition("/")[2]
    return Problem(_place(fact.record, *path), _CODES[finding.kind], f"{what}: {finding.message}", finding.remedy)


def plain(run: Run) -> dict[str, Any]:
    """Give a run as plain values."""
    return {
        "counts": {kind: count._asdict() for kind, count in run.counts.items()},
        "drift": [
            {
                "document": name,
                "sentence": each.sentence.id,
                "what": each.what,
                "was": [each.sentence.start, each.sentence.end],
                "proposed": [list(span) for span in each.spans],
                "likeness": each.likeness,
            }
            for name, compared in run.comparisons.items()
            for each in compared.drifts
            if each.what != "same"
        ],
        "new": [[name, *span] for name, compared in run.comparisons.items() for span in compared.new],
        "problems": [
            {"code": each.code, **each.place._asdict(), "message": each.message, "remedy": each.remedy} for each in run.problems
        ],
    }
