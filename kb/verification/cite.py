"""Check quotes: where each stands, the evidence to paste, and whether it states the claim that it is given for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from kb.files import text_file
from kb.model import Evidence, Fact, KnowledgeBase, Term, list_names
from kb.problems import KbError, Place, Problem, fail, quote
from kb.texts import sources
from kb.texts.indexed_text import IndexedText, QuoteLocation, QuoteVerdict
from kb.texts.normalisation import normalise, words
from kb.texts.quote_errors import NEGATIONS
from kb.texts.quotes import REASONS, QuoteFinder
from kb.verification.claims import Judge
from kb.verification.cues import Cues
from kb.verification.fact_reading import CLAIM, read_words
from kb.verification.passages import TokenisedSentence

#: The columns of the table of verdicts.
COLUMNS = ("row", "verdict", "document", "sentence", "start", "end", "what")

_LONGEST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class QuoteRequest:
    """A quote to check, with the passage that is said to contain it, and the claim that it is said to support.

    ``number`` is the line of the request in its file; 0 if there is none. The claim is the path or IRI of a fact, or else subject
    and object, as ids or words. A field that is not given is empty.
    """

    number: int
    quote: str
    document: str = ""
    sentence: str = ""
    fact: str = ""
    subject: str = ""
    predicate: str = ""
    object: str = ""
    modality: str = ""
    polarity: str = ""


@dataclass(frozen=True, slots=True)
class QuoteResult:
    """The verdict on a quote; an accepted one can have a note that warns its reader."""

    request: QuoteRequest
    verdict: QuoteVerdict
    note: str = ""


def make_finder(kb: KnowledgeBase, arguments: Iterable[str] = (), unread: list[Problem] | None = None) -> QuoteFinder:
    """Index the available texts of a knowledge base, and those that :func:`kb.texts.sources.parse_options` reads, for quotes.

    If there is a list for the problems of texts that cannot be used, they are added to it, and the others are indexed.

    Raises:
        KbError: No text is available (KB445); a text cannot be read, or is not that of its record (KB414), and there is no list.
    """
    problems: list[Problem] = []
    texts = sources.read_texts(kb.documents.values(), kb.folder, sources.parse_options(arguments, kb.documents), problems)
    remedy = "Its positions would be wrong; run 'kb verify' with this text to see what changed."
    for name, text in list(texts.items()):
        if not sources.is_text_of(kb.documents[name], text):
            message = f"This text is not the one that the record of {quote(name)} was made from."
            problems.append(Problem(Place(name), "KB414", message, remedy))
            del texts[name]
    if problems and (unread is None or not texts):
        raise KbError(problems)
    if not texts:
        message = "None of the documents has an available text."
        raise fail("KB445", message, "Name files with --text ID=PATH, or a folder of them.", str(kb.folder))
    (unread if unread is not None else []).extend(problems)
    return QuoteFinder({name: IndexedText(kb.documents[name], text) for name, text in texts.items()})


def check_quotes(kb: KnowledgeBase, finder: QuoteFinder, requests: Iterable[QuoteRequest]) -> Iterator[QuoteResult]:
    """Check quotes against a knowledge base and its indexed texts.

    Raises:
        KbError: A document is unknown (KB303), or its text is not available (KB445).
    """
    judge, cues = Judge(kb), Cues(kb.cues)
    for request in requests:
        _require_text(kb, finder, request)
        verdict = finder.find(request.quote, request.document, request.sentence)
        if verdict.location and (request.fact or request.subject or request.object):
            verdict = _check_claim(kb, judge, request, verdict.location, finder)
        yield QuoteResult(request, verdict, _note(finder, verdict.location, cues) if verdict.location else "")


def check_sequence(kb: KnowledgeBase, finder: QuoteFinder, requests: Iterable[QuoteRequest]) -> list[QuoteResult]:
    """Check quotes that belong together: each by itself, and that each stands after the one before it in the same document.

    Raises:
        KbError: As :func:`check_quotes`.
    """
    results: list[QuoteResult] = []
    last: QuoteLocation | None = None
    for result in check_quotes(kb, finder, requests):
        here = result.verdict.location
        if here and last and (here.document != last.document or here.start < last.end):
            message = f"It stands in {here}, not after the quote before it, {last}."
            results.append(replace(result, verdict=QuoteVerdict("reordered", None, message, (here,))))
            continue
        results.append(result)
        last = here or last
    return results


def _require_text(kb: KnowledgeBase, finder: QuoteFinder, request: QuoteRequest) -> None:
    place, name = Place("<quotes>", request.number), request.document
    if name and kb.find_document(name, place).id not in finder.texts:
        raise fail("KB445", f"The text of {quote(name)} is not available.", f"Name its file: --text {name}=PATH.", place)


def _note(finder: QuoteFinder, location: QuoteLocation, cues: Cues) -> str:
    """Warn of a negation, a hedge or a condition that the sentence has outside of the quote."""
    text = finder.texts[location.document]
    sentence = text.sentence(location.sentence)
    around = (text.text.words[sentence.start : location.start], text.text.words[location.end : sentence.end])
    said = [word.text for part in around for word in words(normalise(part).text) if NEGATIONS.fullmatch(word.text)]
    language = text.document.language
    passage = TokenisedSentence(read_words(sentence.id, text.extract(sentence), sentence.start, language))
    quoted = passage.within(location.start, location.end)
    lists = (cues.list_words(name, language) for name in ("condition", "comparison", "open-list"))
    limits = [*cues.hedges(language), *(word for listed in lists for word in listed)]
    outside = sorted(span for span in passage.find(limits) if span[0] not in quoted)
    said += [passage.quote(span) for span in outside]
    return f"The sentence says '{said[0]}' outside of the quote." if said else ""


def _check_claim(
    kb: KnowledgeBase, judge: Judge, request: QuoteRequest, location: QuoteLocation, finder: QuoteFinder
) -> QuoteVerdict:
    """Check whether the sentence of a quote states the claim that the quote is given for."""
    text = finder.texts[location.document]
    sentences, contexts = text.originals, text.contexts
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
        judged = judge.judge(fact._replace(evidence=pieces), sentences, contexts)
        findings = [finding for finding in judged.findings if is_only_evidence or finding.piece >= 0]
    else:
        kb, fact = _assume_fact(kb, request, location)
        judged = Judge(kb).judge(fact, sentences, contexts)
        open_kinds = {kind for kind, given in (("hedge", request.modality), ("relation", request.predicate)) if not given}
        findings = [finding for finding in judged.findings if finding.kind not in open_kinds]
    if findings:
        message = f"It stands in {location} and does not state the claim: {findings[0].message}"
        return QuoteVerdict("other-claim", None, message, (location,))
    return QuoteVerdict("found", location)


def _assume_fact(kb: KnowledgeBase, request: QuoteRequest, location: QuoteLocation) -> tuple[KnowledgeBase, Fact]:
    """Make a fact of a claim in words, and a knowledge base that has its terms."""
    by_word = {word.casefold(): term.id for term in kb.terms.values() for word in (term.id, *list_names(term))}
    terms, ids = dict(kb.terms), []
    for part, word in (("subject", request.subject), ("object", request.object)):
        name = by_word.get(word.casefold(), "") if word else ""
        if not name:
            name = f"said-{part}"
            terms[name] = Term(name, "concept", word, "")
        ids.append(name)
    by_label = {word.casefold(): one.id for one in kb.predicates.values() for word in (one.id, *list_names(one))}
    predicate = by_label.get(request.predicate.casefold(), next(iter(kb.predicates), ""))
    qualifiers = {"modality": request.modality or "is", **({"polarity": "negated"} if request.polarity == "negated" else {})}
    parts = (CLAIM, *(name for name in qualifiers if name != "modality" or request.modality))
    wordings = tuple((part, word) for part, word in (("subject", request.subject), ("object", request.object)) if not word)
    piece = Evidence(location.sentence, location.sentence, parts, wordings=wordings)
    return kb._replace(terms=terms), Fact("", location.document, ids[0], predicate, ids[1], qualifiers, (piece,))


def format_evidence(locations: Sequence[QuoteLocation]) -> str:
    """Write the evidence to paste into a fact of the document in which the quotes stand."""
    pieces = (f"- sentence: {location.sentence}\n  start: {location.start}\n  end: {location.end}\n" for location in locations)
    return f"# {locations[0].document}\n{''.join(pieces)}"


def make_refusal_problem(result: QuoteResult, file_name: str = "<quote>") -> Problem:
    """Return the problem of a refused quote."""
    verdict = result.verdict
    message = f"{quote(result.request.quote)}: {verdict.message}"
    remedy = "Quote the text word for word, inside one sentence."
    return Problem(Place(file_name, result.request.number), REASONS[verdict.verdict], message, remedy)


_KEYS = tuple(field.name for field in fields(QuoteRequest) if field.name != "number")


def parse_requests(text: str, file_name: str) -> list[QuoteRequest]:
    """Parse quotes in bulk: objects of JSON Lines, or a table.

    A table has a header row with the column ``quote``, or no header and one quote a line.

    Raises:
        KbError: A line is malformed (KB438), or there is no quote (KB445).
    """
    lines = [(number, line) for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1) if line.strip()]
    is_json = bool(lines) and lines[0][1].lstrip().startswith("{")
    with text_file.report_as_input(file_name, "KB438"):
        requests = list(_parse_objects(lines, file_name) if is_json else _parse_table(lines, file_name))
    if not requests:
        raise fail("KB445", "It holds no quote.", "Write one quote a line.", file_name)
    return requests


def _parse_objects(lines: list[tuple[int, str]], file_name: str) -> Iterator[QuoteRequest]:
    for number, line in lines:
        try:
            value = msgspec.json.decode(line, type=dict[str, str])
        except msgspec.DecodeError as error:
            message = f"The line is not a JSON object of strings: {error}."
            raise fail("KB438", message, "Write one object a line.", Place(file_name, number)) from error
        yield _request(number, value, file_name)


def _parse_table(lines: list[tuple[int, str]], file_name: str) -> Iterator[QuoteRequest]:
    rows = [(number, line.split("\t")) for number, line in lines]
    columns = [cell.strip().lower() for cell in rows[0][1]] if rows else []
    if "quote" in columns:
        rows = rows[1:]
    else:
        columns = ["quote"]
    for number, row in rows:
        if any(cell.strip() for cell in row[len(columns) :]):
            message = f"The line has {len(row)} columns, but the table has {len(columns)}: {', '.join(columns)}."
            raise fail("KB438", message, "Add a header row that names the columns.", Place(file_name, number))
        yield _request(number, dict(zip(columns, row, strict=False)), file_name)


def _request(number: int, value: dict[str, str], file_name: str) -> QuoteRequest:
    unknown = sorted(set(value) - set(_KEYS))
    if unknown or "quote" not in value:
        message = f"Unknown: {', '.join(map(quote, unknown))}." if unknown else "There is no quote."
        raise fail("KB438", message, f"Known: {', '.join(_KEYS)}.", Place(file_name, number))
    return QuoteRequest(number, **{key: text if key == "quote" else text.strip() for key, text in value.items()})


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
