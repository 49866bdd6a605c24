"""What a user types for a parameter, resolved into an RDF term."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import TypeVar

from kb.iris import XSD, Names, is_valid
from kb.model import KnowledgeBase, Predicate, Term
from kb.problems import fail
from kb.quads import iri, literal

T = TypeVar("T")
_MOST = 60  # as many characters of a word are looked up for what is near to it, and shown


def find_term(word: str, kb: KnowledgeBase) -> Term:
    """Find a term by id, CURIE or label, whatever the case of the label.

    Raises:
        KbError: There is none (KB705), or a label that several share.
    """
    return _find(word.removeprefix("term:"), kb.terms, "term", lambda term: (term.label, *term.aliases))


def find_predicate(word: str, kb: KnowledgeBase) -> Predicate:
    """Find a predicate by id, CURIE or label."""
    return _find(word.removeprefix("pred:"), kb.predicates, "predicate", lambda predicate: (predicate.label,))


def _find(word: str, known: Mapping[str, T], sort: str, labels: Callable[[T], tuple[str, ...]]) -> T:
    word = unicodedata.normalize("NFC", word)
    if word in known:
        return known[word]
    found = {name: each for name, each in known.items() if word.casefold() in {label.casefold() for label in labels(each)}}
    if len(found) == 1:
        return next(iter(found.values()))
    if found:
        raise fail("KB705", f"'{word[:_MOST]}' is the label of several: {', '.join(found)}.", "Name one by its id.")
    words = [*known, *(label for each in known.values() for label in labels(each))]
    near = get_close_matches(word[:_MOST], words, n=1)
    remedy = f"Did you mean '{near[0]}'?" if near else "Its ids are in 'kb query facts' and in the folder of the knowledge base."
    raise fail("KB705", f"There is no {sort} '{word[:_MOST]}'.", remedy)


def resolve_value(kind: str, word: str, kb: KnowledgeBase, names: Names) -> str:
    """Give the RDF term that a value of a parameter stands for, as N-Triples writes it.

    Args:
        kind: The parameter's type: term, predicate, document, iri, text or integer.
        word: What the user typed.
        kb: The knowledge base.
        names: Its names.

    Raises:
        KbError: The value is not of that type.
    """
    if kind == "term":
        return iri(names.term(find_term(word.removeprefix(names.term("")), kb).id))
    if kind == "predicate":
        return iri(names.predicate(find_predicate(word.removeprefix(names.predicate("")), kb).id))
    if kind == "document":
        own = word.removeprefix(names.document(""))
        return iri(names.document(_find(own, kb.documents, "document", lambda each: (each.title,)).id))
    if kind == "integer" and re.fullmatch("[+-]?[0-9]{1,30}", word):
        return literal(word, f"{XSD}integer")
    if kind == "text":
        return literal(word)
    value = names.expand(word) or word
    if kind == "iri" and is_valid(value):
        return iri(value)
    what = "a whole number" if kind == "integer" else "an IRI or CURIE"
    raise fail("KB607", f"'{word[:_MOST]}' is not {what}.", "Check the value.")
