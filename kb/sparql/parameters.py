"""What a user types for a parameter, converted to an RDF term."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from kb.problems import fail
from kb.rdf.iris import KB, XSD, Names, is_valid
from kb.rdf.quads import iri, literal
from kb.suggestions import did_you_mean

#: The labels of things: sort (term, predicate, document, word) to id to labels, the preferred one first.
Labels = Mapping[str, Mapping[str, tuple[str, ...]]]

_MAX_SHOWN = 60  # characters of a word that are shown
_PREFIXES = {"term": "term:", "predicate": "pred:", "word": "kb:", "document": ""}


def find_id(word: str, sort: str, labels: Labels) -> str:
    """Find the id of a thing by its id, CURIE or label, as a user typed it; the case of a label does not matter.

    Raises:
        KbError: There is none, or several share the label (KB705).
    """
    known = labels.get(sort, {})
    word = unicodedata.normalize("NFC", word.removeprefix(_PREFIXES[sort]))
    if word in known:
        return word
    folded = word.casefold()
    ids = [name for name, words in known.items() if folded in {label.casefold() for label in words}]
    if len(ids) == 1:
        return ids[0]
    if ids:
        raise fail("KB705", f"'{word[:_MAX_SHOWN]}' is the label of several: {', '.join(ids)}.", "Use the id of one of them.")
    names = [*known, *(label for words in known.values() for label in words)]
    remedy = did_you_mean(word, names, "'kb query facts' and the folder of the knowledge base show the ids.")
    raise fail("KB705", f"There is no {sort} '{word[:_MAX_SHOWN]}'.", remedy)


def resolve_value(kind: str, word: str, labels: Labels, names: Names) -> str:
    """Convert a value of a parameter to an RDF term, as N-Triples writes it.

    Args:
        kind: The parameter's type: term, predicate, document, word, iri, text or integer.
        word: What the user typed.
        labels: The labels of things.
        names: The names of the knowledge base.

    Raises:
        KbError: The value is not of that type (KB607), or names nothing (KB705).
    """
    mint = {"term": names.term, "predicate": names.predicate, "document": names.document, "word": f"{KB}{{}}".format}.get(kind)
    if mint:
        return iri(mint(find_id(word.removeprefix(mint("")), kind, labels)))
    if kind == "integer" and re.fullmatch("[+-]?[0-9]{1,30}", word):
        return literal(word, f"{XSD}integer")
    if kind == "text":
        return literal(word)
    value = names.expand(word) or word
    if kind == "iri" and is_valid(value):
        return iri(value)
    expected = "a whole number" if kind == "integer" else "an IRI or CURIE"
    raise fail("KB607", f"'{word[:_MAX_SHOWN]}' is not {expected}.", "Check the value.")
