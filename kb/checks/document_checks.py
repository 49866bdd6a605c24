"""Checks a document: its sections, spans and exemptions, its text, and the decision on each of its sentences."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from kb.checks import retired_terms
from kb.model import Document, KnowledgeBase, Term
from kb.problems import Place, Problem, quote
from kb.suggestions import did_you_mean
from kb.texts.normal_form import Text, digest


def check(document: Document, covered: Collection[str]) -> Iterator[Problem]:
    """Check sections, spans, order and exemptions of a document, with the ids of the sentences that facts rest on."""
    numbers: set[int] = set()
    for index, section in enumerate(document.sections):
        if section.number in numbers and document.record:
            place = document.record.at("sections", index, "number")
            yield Problem(place, "KB312", f"There is another section {section.number}.", "Number them apart.")
        numbers.add(section.number)
    yield from _spans(document)
    yield from _exemptions(document, covered)


def check_topic(document: Document, terms: Collection[str], retired: Mapping[str, Term]) -> Iterator[Problem]:
    """Check that the terms exist that a document is about (KB301), and are not retired (KB334)."""
    for at, name in enumerate(document.topic):
        if name in retired and document.record:
            yield retired_terms.report(document.record.at("topic", at), retired[name])
        elif name not in terms and document.record:
            remedy = did_you_mean(name, terms, "Declare it in terms/.")
            yield Problem(document.record.at("topic", at), "KB301", f"There is no term {quote(name)}.", remedy)


def check_replaced(replaced: Iterable[tuple[str, Place]], standings: Mapping[str, str]) -> Iterator[Problem]:
    """Check that the documents that others replace exist (KB303) and are not called current (KB333).

    Args:
        replaced: Their ids, each with the place where that is said.
        standings: The standing of every document, by id; empty if it is current.
    """
    for name, place in replaced:
        if name not in standings:
            yield Problem(place, "KB303", f"There is no document '{name}'.", "Add its record, or remove it here.")
        elif not standings[name]:
            message = f"'{name}' is replaced, and its record says nothing of that."
            yield Problem(place, "KB333", message, f"Add 'standing: {{is: superseded}}' to the record of '{name}'.")


def check_text(document: Document, text: Text) -> Iterator[Problem]:
    """Check the digests of a document and of its sentences against its text (KB414, KB415)."""
    place, remedy = document.record.at("sha256") if document.record else Place("kb"), "Run 'kb verify' to see what changed."
    if text.sha256 != document.sha256 and text.digest == (document.words_sha256 or document.sha256):
        yield report_other_file(document)
    elif text.sha256 != document.sha256 or len(text.words) != document.characters:
        message = f"The text of '{document.id}' is not the one that its record was made from."
        yield Problem(place, "KB414", message, remedy)
    elif text.digest != (document.words_sha256 or document.sha256):
        yield Problem(place, "KB414", f"The normal form of '{document.id}' is not the one of its record.", remedy)
    for index, sentence in enumerate(document.sentences):
        if digest(text.words[sentence.start : sentence.end]) != sentence.sha256:
            message = f"The text from {sentence.start} to {sentence.end} does not have the digest of '{sentence.id}'."
            yield Problem(_at(document, index, "sha256"), "KB415", message, remedy)


def report_other_file(document: Document) -> Problem:
    """Return the problem of a text with the words of its record in a file with other bytes (KB414)."""
    place = document.record.at("sha256") if document.record else Place("kb")
    message = f"The words of {quote(document.id)} are the same, but its file is another, such as one with other line ends."
    remedy = "'kb verify --write' updates the record; '* -text' in .gitattributes keeps git from changing line ends."
    return Problem(place, "KB414", message, remedy)


def find_undecided(kb: KnowledgeBase) -> Iterator[Problem]:
    """Find sentences that are neither covered by a fact nor exempted (KB403)."""
    for document, statuses in kb.statuses():
        for index, status in enumerate(statuses):
            if status == "undecided":
                message = f"{document.sentences[index].id} is neither evidence for a fact nor exempted."
                yield Problem(_at(document, index), "KB403", message, "Add a fact, or 'exempt' with a reason.")


def _at(document: Document, index: int, *path: str | int) -> Place:
    return document.record.at("sentences", index, *path) if document.record else Place("kb")


def _spans(document: Document) -> Iterator[Problem]:
    ids: set[str] = set()
    end = 0
    for index, sentence in enumerate(document.sentences):
        if sentence.id in ids:
            yield Problem(_at(document, index), "KB312", f"There is another sentence '{sentence.id}'.", "Number them apart.")
        elif sentence.start < end:
            message = f"'{sentence.id}' starts before the previous sentence ends."
            yield Problem(_at(document, index), "KB402", message, "Put sentences in the order of the text, without overlap.")
        if not sentence.start < sentence.end <= document.characters:
            message = f"'{sentence.id}' spans {sentence.start} to {sentence.end} in a text of {document.characters} characters."
            remedy = "Count code points from 0; the end is the position after the last."
            yield Problem(_at(document, index), "KB401", message, remedy)
        ids.add(sentence.id)
        end = max(end, sentence.end)


def _exemptions(document: Document, covered: Collection[str]) -> Iterator[Problem]:
    ids: set[str] = set()
    for index, sentence in enumerate(document.sentences):
        if not sentence.exempt:
            continue
        ids = ids or {other.id for other in document.sentences}
        if sentence.id in covered:
            message = f"'{sentence.id}' is exempted, but it is evidence for a fact."
            yield Problem(_at(document, index, "exempt"), "KB404", message, "Remove the exemption or the evidence.")
        for entry, other in enumerate(sentence.exempt.by):
            if other not in ids or other == sentence.id:
                place = _at(document, index, "exempt", "by", entry)
                message = f"'{other}' is not another sentence of '{document.id}'."
                yield Problem(place, "KB304", message, "Name the sentences that say the same.")
