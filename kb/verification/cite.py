"""Quotes of people and programs: where each stands, the evidence to paste, and whether it states the claim it is given for."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from kb.model import Evidence, Fact, KnowledgeBase, Term
from kb.problems import KbError, Place, Problem, fail, quote
from kb.texts import sources
from kb.texts.normalisation import normalise, words
from kb.texts.quote_errors import NEGATIONS
from kb.texts.quotes import REASONS, Library, Source, Spot, Verdict
from kb.verification.claims import CLAIM, Judge
from kb.verification.cues import Cues

_KEYS = ("quote", "document", "sentence", "fact", "subject", "predicate", "object", "modality", "polarity")


class Asked(NamedTuple):
    """A quote, where it is said to stand, and the claim it is given for: a fact, or subject and object in words."""

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


class Answered(NamedTuple):
    """A quote with what became of it; ``note`` is what a reader should know of one that was found."""

    asked: Asked
    verdict: Verdict
    note: str = ""


def library(kb: KnowledgeBase, given: Iterable[str] = ()) -> Library:
    """Prepare the texts at hand for quotes.

    Args:
        kb: The knowledge base.
        given: The texts that the user names; see :func:`kb.texts.sources.named`.

    Raises:
        KbError: No text is at hand (KB445), or one cannot be read or is another than its record was made of (KB414).
    """
    texts = sources.texts(kb.documents.values(), kb.folder, sources.named(given, kb.documents))
    if not texts:
        message = "The text of none of the documents is at hand."
        raise fail("KB445", message, "Name files with --text ID=PATH, or a folder of them.", str(kb.folder))
    problems = [
        Problem(Place(name), "KB414", f"The text at hand is not the one that the record of {quote(name)} was made of.", _DRIFTED)
        for name, text in texts.items()
        if not is_of(kb, name, text.sha256, text.digest)
    ]
    if problems:
        raise KbError(problems)
    return Library({name: Source(kb.documents[name], text) for name, text in texts.items()})


_DRIFTED = "Positions would be wrong; run 'kb verify' with it, which tells what changed."


def is_of(kb: KnowledgeBase, name: str, sha256: str, digest: str) -> bool:
    """Tell whether a text is the one that a document's record was made of, by its file or by its normal form."""
    document = kb.documents[name]
    return sha256 == document.sha256 or digest == (document.words_sha256 or document.sha256)


def answer(kb: KnowledgeBase, texts: Library, asked: Iterable[Asked]) -> Iterator[Answered]:
    """Look up quotes.

    Args:
        kb: The knowledge base.
        texts: Its texts at hand.
        asked: The quotes.

    Raises:
        KbError: A document is not known (KB303), or its text is not at hand (KB445).
    """
    judge = Judge(kb, Cues(kb.cues))
    for each in asked:
        _known(kb, texts, each)
        verdict = texts.find(each.quote, each.document, each.sentence)
        if verdict.spot and (each.fact or each.subject or each.object):
            verdict = _claimed(kb, judge, each, verdict.spot, texts)
        yield Answered(each, verdict, _note(texts, verdict.spot) if verdict.spot and verdict.is_accepted else "")


def _known(kb: KnowledgeBase, texts: Library, asked: Asked) -> None:
    place = Place("<quotes>", asked.number)
    if asked.document and asked.document not in kb.documents:
        raise fail("KB303", f"There is no document {quote(asked.document)}.", f"Known: {', '.join(kb.documents)}.", place)
    if asked.document and asked.document not in texts.sources:
        message = f"The text of {quote(asked.document)} is not at hand."
        raise fail("KB445", message, f"Name its file: --text {asked.document}=PATH.", place)


def _note(texts: Library, spot: Spot) -> str:
    """Say that the sentence holds a negation outside of the quote."""
    source = texts.sources[spot.document]
    sentence = next(each for each in source.document.sentences if each.id == spot.sentence)
    before, after = source.text.words[sentence.start : spot.start], source.text.words[spot.end : sentence.end]
    met = [word.text for part in (before, after) for word in words(normalise(part).text) if NEGATIONS.fullmatch(word.text)]
    return f"The sentence says '{met[0]}' outside of the quote." if met else ""


def _claimed(kb: KnowledgeBase, judge: Judge, asked: Asked, spot: Spot, texts: Library) -> Verdict:
    """Tell whether the sentence of a quote states the claim that the quote is given for."""
    text = next(each for each in texts.sources[spot.document].document.sentences if each.id == spot.sentence)
    sentence = {spot.sentence: texts.sources[spot.document].text.words[text.start : text.end]}
    if asked.fact:
        path = asked.fact.removeprefix(kb.dataset.base)
        fact = next((each for each in kb.facts if each.path in {path, f"fact/{path}"}), None)
        if fact is None:
            return Verdict("other-claim", None, f"There is no fact {quote(asked.fact)}.", (spot,))
        if fact.document != spot.document or spot.sentence not in fact.sentences:
            return Verdict("other-claim", None, f"It stands in {spot}, on which that fact does not rest.", (spot,))
        pieces = tuple(piece for piece in fact.evidence if piece.sentence == spot.sentence)
        whole = len(pieces) == len(fact.evidence)
        found = judge.judge(fact._replace(evidence=pieces), sentence).findings
        wrong = [each for each in found if whole or each.piece >= 0]
    else:
        kb, fact = _supposed(kb, asked, spot)
        found = Judge(kb, Cues(kb.cues)).judge(fact, sentence).findings
        wrong = [each for each in found if asked.modality or each.kind != "hedge"]
    if wrong:
        return Verdict("other-claim", None, f"It stands in {spot}, and does not state the claim: {wrong[0].message}", (spot,))
    return Verdict("found", spot)


def _supposed(kb: KnowledgeBase, asked: Asked, spot: Spot) -> tuple[KnowledgeBase, Fact]:
    """Make a fact of a claim in words, and a knowledge base that has its terms."""
    by_word = {word.casefold(): term.id for term in kb.terms.values() for word in (term.id, term.label, *term.aliases)}
    terms, ends = dict(kb.terms), []
    for part, word in (("subject", asked.subject), ("object", asked.object)):
        name = by_word.get(word.casefold(), "") if word else ""
        if not name:
            name = f"said-{part}"
            terms[name] = Term(name, "concept", word, "")
        ends.append(name)
    predicate = asked.predicate if asked.predicate in kb.predicates else next(iter(kb.predicates), "")
    qualifiers = {"modality": asked.modality or "is", **({"polarity": "negated"} if asked.polarity == "negated" else {})}
    parts = (CLAIM, *(name for name in qualifiers if name != "modality" or asked.modality))
    given = tuple((part, word) for part, word in (("subject", asked.subject), ("object", asked.object)) if not word)
    piece = Evidence(spot.sentence, spot.sentence, parts, wordings=given)
    return kb._replace(terms=terms), Fact("", spot.document, ends[0], predicate, ends[1], qualifiers, (piece,))


def block(spot: Spot) -> str:
    """Write the evidence to paste into a fact of that document."""
    return f"# {spot.document}\n- sentence: {spot.sentence}\n  start: {spot.start}\n  end: {spot.end}\n"


def problem(answered: Answered, name: str = "<quote>") -> Problem:
    """Tell a refused quote as a problem."""
    verdict = answered.verdict
    place = Place(name, answered.asked.number)
    return Problem(place, REASONS[verdict.verdict], f"{quote(answered.asked.quote)}: {verdict.message}", _REMEDY)


_REMEDY = "Quote the text word for word, inside one sentence."


def read(text: str, shown: str) -> list[Asked]:
    """Read quotes in bulk: JSON Lines, or a table with tabs.

    A table has the columns of its first line, ``quote`` among them, or no heading and a quote a line.

    Args:
        text: The text.
        shown: How messages name the file.

    Raises:
        KbError: A line is not as it should be (KB438), or there is no quote at all (KB445).
    """
    lines = [(number, line) for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1) if line.strip()]
    asked = list(_objects(lines, shown) if lines and lines[0][1].lstrip().startswith("{") else _table(lines, shown))
    if not asked:
        raise fail("KB445", "There is no quote in it.", "Write a quote a line.", shown)
    return asked


def _objects(lines: list[tuple[int, str]], shown: str) -> Iterator[Asked]:
    for number, line in lines:
        try:
            value: Any = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise fail("KB438", f"The line is no JSON: {error}.", "Write one object a line.", Place(shown, number)) from error
        if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
            raise fail("KB438", "The line is no object of strings.", "Write one object a line.", Place(shown, number))
        yield _asked(number, value, shown)


def _table(lines: list[tuple[int, str]], shown: str) -> Iterator[Asked]:
    rows = [(number, next(csv.reader([line], delimiter="\t", quoting=csv.QUOTE_NONE))) for number, line in lines]
    columns = [each.strip().lower() for each in rows[0][1]] if rows else []
    if "quote" in columns:
        rows = rows[1:]
    else:
        columns = ["quote"]
    for number, row in rows:
        if len(row) > len(columns) and any(each.strip() for each in row[len(columns) :]):
            message = f"The line has {len(row)} columns, and there are {len(columns)}: {', '.join(columns)}."
            raise fail("KB438", message, "Give the table a heading that names its columns.", Place(shown, number))
        yield _asked(number, dict(zip(columns, row, strict=False)), shown)


def _asked(number: int, value: dict[str, str], shown: str) -> Asked:
    unknown = sorted(set(value) - set(_KEYS))
    if unknown or "quote" not in value:
        message = f"Unknown: {', '.join(map(quote, unknown))}." if unknown else "There is no quote."
        raise fail("KB438", message, f"Known: {', '.join(_KEYS)}.", Place(shown, number))
    return Asked(number, **{key: each if key == "quote" else each.strip() for key, each in value.items()})


def load(file: Path, standard: BinaryIO) -> str:
    """Read the text of a file of quotes, or standard input for ``-``.

    Raises:
        KbError: It cannot be read (KB101, KB102) or is not UTF-8 (KB103).
    """
    try:
        data = standard.read() if str(file) == "-" else file.read_bytes()
        return data.decode("utf-8-sig")
    except FileNotFoundError as error:
        raise fail("KB101", "There is no such file.", "Check the path.", str(file)) from error
    except UnicodeDecodeError as error:
        raise fail("KB103", f"Byte {error.start} is not UTF-8.", "Save it as UTF-8.", str(file)) from error
    except OSError as error:
        raise fail("KB102", f"It cannot be read: {error.strerror}.", "Check the path and its permissions.", str(file)) from error


#: The columns of the table of verdicts.
COLUMNS = ("row", "verdict", "document", "sentence", "start", "end", "what")


def cells(answered: Answered) -> list[str]:
    """Give a row of the table of verdicts; a refused quote has the place that it is refused at, if there is one."""
    verdict = answered.verdict
    spot = verdict.spot or (verdict.near[0] if verdict.near else None)
    where = [spot.document, spot.sentence, str(spot.start), str(spot.end)] if spot else ["", "", "", ""]
    code = "" if verdict.is_accepted else f"{REASONS[verdict.verdict]} "
    return [str(answered.asked.number), verdict.verdict, *where, f"{code}{verdict.message or answered.note}"]


def plain(answered: Answered) -> dict[str, Any]:
    """Give a verdict as plain values."""
    verdict = answered.verdict
    return {
        "row": answered.asked.number,
        "quote": answered.asked.quote,
        "accepted": verdict.is_accepted,
        "verdict": verdict.verdict,
        "code": REASONS.get(verdict.verdict),
        **(verdict.spot._asdict() if verdict.spot else dict.fromkeys(Spot._fields)),
        "message": verdict.message,
        "note": answered.note,
        "near": [each._asdict() for each in verdict.near],
    }


def near(verdict: Verdict, texts: Library) -> Iterator[str]:
    """Show what comes near a refused quote, in the words of the text."""
    for spot in verdict.near[:3]:
        shown = " ".join(texts.sources[spot.document].text.words[spot.start : spot.end].split())
        yield f"near: {spot}: {shown if len(shown) <= _LONGEST_SHOWN else shown[:_LONGEST_SHOWN] + '…'}"


_LONGEST_SHOWN = 200
