"""Propose facts about things that have no term yet: the words of a list that the user has, the items of lists, and the title.

Each candidate is a term of a widened knowledge base, in which the dictionary looks for facts. What it finds is proposed with the
new terms that it needs, and checked against the knowledge base as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from kb.files import text_file
from kb.importers.table_terms import make_id
from kb.model import Term, list_names
from kb.problems import KbError, Place, Problem
from kb.proposals.filling import find_topic, read_sentence
from kb.proposals.gate import Gate, Verdict
from kb.proposals.lexicon import Dictionary
from kb.schema import vocabulary
from kb.texts.indexed_text import IndexedText
from kb.texts.normalisation import normalise
from kb.verification.passages import TokenisedSentence

_LONGEST_ITEM = 5  # words of an item of a list that is taken for a name


def read_words(path: Path) -> list[dict[str, str]]:
    """Read a list of words: a label in each line, and after a tab each an identifier and a kind, if they are known.

    Raises:
        KbError: The file cannot be read, or a line has an unknown kind (KB204).
    """
    found, problems = [], list[Problem]()
    for number, line in enumerate(text_file.read_text(path, str(path)).split("\n"), 1):
        label, identifier, kind = (*(word.strip() for word in line.split("\t")), "", "")[:3]
        if kind and kind not in vocabulary.values("kind"):
            remedy = f"It can be: {', '.join(vocabulary.values('kind'))}."
            problems.append(Problem(Place(str(path), number), "KB204", f"The kind cannot be '{kind}'.", remedy))
        told = {"label": label, "match": identifier, "kind": kind}
        found.append({key: word for key, word in told.items() if word})
    if problems:
        raise KbError(problems)
    return [word for word in found if "label" in word]


def propose(gate: Gate, document: str, words: Iterable[Mapping[str, str]]) -> Iterator[Verdict]:
    """Yield the proposals of the dictionary for a document, also those that need new terms."""
    text = gate.finder.texts[document]
    items = {make_id(label): (label, sentence) for label, sentence in _list_items(text)}
    terms = _find_terms(gate, text, words, items)
    added = {name: Term(name, term["kind"], term["label"], "") for name, term in terms.items()}
    widened = Gate(gate.kb._replace(terms={**gate.kb.terms, **added}), gate.finder) if added else gate
    for verdict in Dictionary(widened).propose(document):
        value = verdict.record.value
        needed = {key: name for key, name in value.items() if isinstance(name, str) and name in terms}
        if not needed:
            yield verdict
        elif all(items.get(name, ("", at))[1] == at for at in [verdict.locations[0].sentence] for name in needed.values()):
            labels = {key: terms[name]["label"] for key, name in needed.items()}
            offered = [terms[name] for name in dict.fromkeys(needed.values())]
            restated = gate.check(replace(verdict.record, value={**value, **labels, "terms": offered}))
            if restated.is_acceptable:
                yield restated


def _find_terms(
    gate: Gate, text: IndexedText, words: Iterable[Mapping[str, str]], items: dict[str, tuple[str, str]]
) -> dict[str, dict[str, str]]:
    """Return the candidates that a text names, by id, each with the kind that the relations of its sentences ask for.

    An item of a list is a candidate in its own sentence only, unless it is among the words that are given.
    """
    known = {name.casefold() for term in gate.kb.terms.values() for name in (term.id, *list_names(term))}
    spoken, title = text.normal.text.casefold(), text.document.title
    given = {make_id(word["label"]): dict(word) for word in words if normalise(word["label"]).text.casefold() in spoken}
    for name in given:
        items.pop(name, None)
    given |= {name: {"label": label} for name, (label, _) in items.items()}
    if not find_topic(text, gate.kb.terms.values()) and normalise(title).text.casefold() in spoken:
        given[make_id(title.lower())] = {"label": title.lower()}
    dictionary = Dictionary(gate)
    for name in [name for name, word in given.items() if not known.isdisjoint((name, word["label"].casefold()))]:
        del given[name]
    for name, word in given.items():
        word.setdefault("kind", _guess_kind(gate, dictionary, text, word["label"], items.get(name, ("", ""))[1]))
    return {name: word for name, word in given.items() if word["kind"]}


def _list_items(text: IndexedText) -> Iterator[tuple[str, str]]:
    """Yield the short items of lists, without what follows in brackets, and the sentence of each."""
    starts = {sentence.start: sentence.id for sentence in text.document.sentences}
    for block in text.text.blocks:
        words = text.text.words[block.start : block.end].partition("(")[0].strip(" \n.;,:")
        if block.kind == "item" and block.start in starts and 0 < len(words.split()) <= _LONGEST_ITEM:
            yield words if words[1:2].isupper() else words[:1].lower() + words[1:], starts[block.start]


def _guess_kind(gate: Gate, dictionary: Dictionary, text: IndexedText, label: str, item: str) -> str:
    """Return the kind of a name: the one that most relations of its sentences, or of its item of a list, ask for at that end."""
    is_topic = label.casefold() in text.document.title.casefold()
    counts = Counter[str]()
    for sentence in text.document.sentences:
        words = read_sentence(text, sentence.id)
        if item == sentence.id or (not item and (is_topic or TokenisedSentence(words).find([label]))):
            for predicate in gate.kb.predicates.values():
                if dictionary.has_cue(text, words, predicate):
                    counts[(predicate.subject if is_topic else predicate.object)[0]] += 1
    return max(counts, key=lambda kind: counts[kind], default="")
