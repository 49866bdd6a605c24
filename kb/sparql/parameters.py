"""What a user types for a parameter, resolved into an RDF term."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from kb.problems import fail
from kb.rdf.iris import KB, XSD, Names, is_valid
from kb.rdf.quads import iri, literal

#: What people call things: sort (term, predicate, document, word) to id to labels, the preferred one first.
Labels = Mapping[str, Mapping[str, tuple[str, ...]]]

_MOST = 60  # as many characters of a word are looked up for what is near to it, and shown
_PREFIXES = {"term": "term:", "predicate": "pred:", "word": "kb:", "document": ""}


def find(word: str, sort: str, labels: Labels) -> str:
    """Find the id of a thing by id, CURIE or label, whatever the case of the label.

    Args:
        word: What a user typed.
        sort: term, predicate, document or word (of a controlled list).
        labels: What there is.

    Raises:
        KbError: There is none (KB705), or it is a label that several share.
    """
    known = labels.get(sort, {})
    word = unicodedata.normalize("NFC", word.removeprefix(_PREFIXES[sort]))
    if word in known:
        return word
    folded = word.casefold()
    found = [name for name, words in known.items() if folded in {each.casefold() for each in words}]
    if len(found) == 1:
        return found[0]
    if found:
        raise fail("KB705", f"'{word[:_MOST]}' is the label of several: {', '.join(found)}.", "Name one by its id.")
    raise fail("KB705", f"There is no {sort} '{word[:_MOST]}'.", _nearest(word, known))


def _nearest(word: str, known: Mapping[str, tuple[str, ...]]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(word[:_MOST], [*known, *(label for labels in known.values() for label in labels)], n=1)
    return f"Did you mean '{near[0]}'?" if near else "Its ids are in 'kb query facts' and in the folder of the knowledge base."


def resolve_value(kind: str, word: str, labels: Labels, names: Names) -> str:
    """Give the RDF term that a value of a parameter stands for, as N-Triples writes it.

    Args:
        kind: The parameter's type: term, predicate, document, word, iri, text or integer.
        word: What the user typed.
        labels: What the knowledge base calls things.
        names: Its names.

    Raises:
        KbError: The value is not of that type.
    """
    mint = {"term": names.term, "predicate": names.predicate, "document": names.document, "word": f"{KB}{{}}".format}.get(kind)
    if mint:
        return iri(mint(find(word.removeprefix(mint("")), kind, labels)))
    if kind == "integer" and re.fullmatch("[+-]?[0-9]{1,30}", word):
        return literal(word, f"{XSD}integer")
    if kind == "text":
        return literal(word)
    value = names.expand(word) or word
    if kind == "iri" and is_valid(value):
        return iri(value)
    what = "a whole number" if kind == "integer" else "an IRI or CURIE"
    raise fail("KB607", f"'{word[:_MOST]}' is not {what}.", "Check the value.")
