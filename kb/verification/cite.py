"""Check quotes: where each stands, the evidence to paste, and whether it states the claim that it is given for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from kb.files import text_file
from kb.model import Evidence, Fact, KnowledgeBase, Term
from kb.problems import KbError, Place, Problem, fail, quote
from kb.texts import sources
from kb.texts.indexed_text import IndexedText, QuoteLocation, QuoteVerdict
from kb.texts.normalisation import normalise, words
from kb.texts.quote_errors import NEGATIONS
from kb.texts.quotes import REASONS, QuoteFinder
from kb.verification.claims import CLAIM, Judge
from kb.verification.quote_requests import QuoteRequest

#: The columns of the table of verdicts.
COLUMNS = ("row", "verdict", "document", "sentence", "start", "end", "what")

_LONGEST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class QuoteResult:
    """The verdict on a quote; an accepted one can have a note that warns its reader."""

    request: QuoteRequest
    verdict: QuoteVerdict
    note: str = ""


def make_finder(kb: KnowledgeBase, arguments: Iterable[str] = ()) -> QuoteFinder:
    """Index the available texts of a knowledge base, and those that :func:`kb.texts.sources.parse_options` reads, for quotes.

    Raises:
        KbError: No text is available (KB445), a text cannot be read, or it is not the text of its record (KB414).
    """
    texts = sources.read_texts(kb.documents.values(), kb.folder, sources.parse_options(arguments, kb.documents))
    if not texts:
        message = "None of the documents has an available text."
        raise fail("KB445", message, "Name files with --text ID=PATH, or a folder of them.", str(kb.folder))
    remedy = "Its positions would be wrong; run 'kb verify' with this text to see what changed."
    problems = [
        Problem(Place(name), "KB414", f"This text is not the one that the record of {quote(name)} was made from.", remedy)
        for name, text in texts.items()
        if not sources.is_text_of(kb.documents[name], text)
    ]
    if problems:
        raise KbError(problems)
    return QuoteFinder({name: IndexedText(kb.documents[name], text) for name, text in texts.items()})


def check_quotes(kb: KnowledgeBase, finder: QuoteFinder, requests: Iterable[QuoteRequest]) -> Iterator[QuoteResult]:
    """Check quotes against a knowledge base and its indexed texts.

    Raises:
        KbError: A document is unknown (KB303), or its text is not available (KB445).
    """
    judge = Judge(kb)
    for request in requests:
        _require_text(kb, finder, request)
        verdict = finder.find(request.quote, request.document, request.sentence)
        if verdict.location and (request.fact or request.subject or request.object):
            verdict = _check_claim(kb, judge, request, verdict.location, finder)
        yield QuoteResult(request, verdict, _note(finder, verdict.location) if verdict.location else "")


def _require_text(kb: KnowledgeBase, finder: QuoteFinder, request: QuoteRequest) -> None:
    place, name = Place("<quotes>", request.number), request.document
    if name and name not in kb.documents:
        raise fail("KB303", f"There is no document {quote(name)}.", f"Known: {', '.join(kb.documents)}.", place)
    if name and name not in finder.texts:
        raise fail("KB445", f"The text of {quote(name)} is not available.", f"Name its file: --text {name}=PATH.", place)


def _note(finder: QuoteFinder, location: QuoteLocation) -> str:
    """Warn of a negation that the sentence has outside of the quote."""
    text = finder.texts[location.document]
    sentence = text.sentence(location.sentence)
    around = (text.text.words[sentence.start : location.start], text.text.words[location.end : sentence.end])
    negations = [word.text for part in around for word in words(normalise(part).text) if NEGATIONS.fullmatch(word.text)]
    return f"The sentence says '{negations[0]}' outside of the quote." if negations else ""


def _check_claim(
    kb: KnowledgeBase, judge: Judge, request: QuoteRequest, location: QuoteLocation, finder: QuoteFinder
) -> QuoteVerdict:
    """Check whether the sentence of a quote states the claim that the quote is given for."""
    text = finder.texts[location.document]
    sentences = {location.sentence: text.extract(text.sentence(location.sentence))}
    if request.fact:
        path = request.fact.removeprefix(kb.dataset.base)
        fact = next((fact for fact in kb.facts if fact.path in {path, f"fact/{path}"}), None)
        if fact is None:
            return QuoteVerdict("other-claim", None, f"There is no fact {quote(request.fact)}.", (location,))
        if fact.document != location.document or location.sentence not in fact.sentences:
            message = f"It stands in {location}, which is not evidence for that fact."
            return QuoteVerdict("other-claim", None, message, (location,))
        pieces = tuple(piece for piece in fact.evidence if piece.sentence == location.sentence)
        is_only_evidence = len(pieces) == len(fact.evidence)
        judged = judge.judge(fact._replace(evidence=pieces), sentences)
        findings = [finding for finding in judged.findings if is_only_evidence or finding.piece >= 0]
    else:
        kb, fact = _assume_fact(kb, request, location)
        judged = Judge(kb).judge(fact, sentences)
        findings = [finding for finding in judged.findings if request.modality or finding.kind != "hedge"]
    if findings:
        message = f"It stands in {location} and does not state the claim: {findings[0].message}"
        return QuoteVerdict("other-claim", None, message, (location,))
    return QuoteVerdict("found", location)


def _assume_fact(kb: KnowledgeBase, request: QuoteRequest, location: QuoteLocation) -> tuple[KnowledgeBase, Fact]:
    """Make a fact of a claim in words, and a knowledge base that has its terms."""
    by_word = {word.casefold(): term.id for term in kb.terms.values() for word in (term.id, term.label, *term.aliases)}
    terms, ids = dict(kb.terms), []
    for part, word in (("subject", request.subject), ("object", request.object)):
        name = by_word.get(word.casefold(), "") if word else ""
        if not name:
            name = f"said-{part}"
            terms[name] = Term(name, "concept", word, "")
        ids.append(name)
    predicate = request.predicate if request.predicate in kb.predicates else next(iter(kb.predicates), "")
    qualifiers = {"modality": request.modality or "is", **({"polarity": "negated"} if request.polarity == "negated" else {})}
    parts = (CLAIM, *(name for name in qualifiers if name != "modality" or request.modality))
    wordings = tuple((part, word) for part, word in (("subject", request.subject), ("object", request.object)) if not word)
    piece = Evidence(location.sentence, location.sentence, parts, wordings=wordings)
    return kb._replace(terms=terms), Fact("", location.document, ids[0], predicate, ids[1], qualifiers, (piece,))


def format_evidence(location: QuoteLocation) -> str:
    """Write the evidence to paste into a fact of that document."""
    return f"# {location.document}\n- sentence: {location.sentence}\n  start: {location.start}\n  end: {location.end}\n"


def make_refusal_problem(result: QuoteResult, file_name: str = "<quote>") -> Problem:
    """Return the problem of a refused quote."""
    verdict = result.verdict
    message = f"{quote(result.request.quote)}: {verdict.message}"
    remedy = "Quote the text word for word, inside one sentence."
    return Problem(Place(file_name, result.request.number), REASONS[verdict.verdict], message, remedy)


def load(file: Path, standard: BinaryIO) -> str:
    """Read the text of a file of quotes, or standard input for ``-``.

    Raises:
        KbError: It cannot be read (KB101, KB102), is too large (KB110) or is not UTF-8 (KB103).
    """
    name = "<stdin>" if str(file) == "-" else str(file)
    data = text_file.read_stream(standard, name) if str(file) == "-" else text_file.read_bytes(file, name)
    return text_file.decode_utf8(data, name)


def table_row(result: QuoteResult) -> list[str]:
    """Return a row of the table of verdicts; a refused quote has the position of its first near passage."""
    verdict = result.verdict
    location = verdict.location or (verdict.near[0] if verdict.near else None)
    position = [location.document, location.sentence, str(location.start), str(location.end)] if location else [""] * 4
    code = "" if verdict.is_accepted else f"{REASONS[verdict.verdict]} "
    return [str(result.request.number), verdict.verdict, *position, f"{code}{verdict.message or result.note}"]


def to_dict(result: QuoteResult) -> dict[str, Any]:
    """Convert a verdict to JSON values."""
    verdict = result.verdict
    nowhere = dict.fromkeys(("document", "sentence", "start", "end"))
    return {
        "row": result.request.number,
        "quote": result.request.quote,
        "accepted": verdict.is_accepted,
        "verdict": verdict.verdict,
        "code": REASONS.get(verdict.verdict),
        **(asdict(verdict.location) if verdict.location else nowhere),
        "message": verdict.message,
        "note": result.note,
        "near": [asdict(location) for location in verdict.near],
    }


def format_near(verdict: QuoteVerdict, finder: QuoteFinder) -> Iterator[str]:
    """Yield a line for each passage that is near a refused quote, with the words of the text."""
    for location in verdict.near[:3]:
        passage = " ".join(finder.texts[location.document].extract(location).split())
        yield f"near: {location}: {passage if len(passage) <= _LONGEST_SHOWN else passage[:_LONGEST_SHOWN] + '…'}"
