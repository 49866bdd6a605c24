"""What a user types for a parameter, converted to an RDF term."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

from kb.problems import KbError, fail
from kb.rdf.iris import KB, XSD, Names, is_valid
from kb.rdf.quads import iri, literal
from kb.suggestions import did_you_mean

#: The labels of things: sort (term, predicate, document, word) to id to labels, the preferred one first.
Labels = Mapping[str, Mapping[str, tuple[str, ...]]]

_MAX_SHOWN, _MAX_LISTED = 60, 12  # characters of a word that are shown, and names that are listed
#: The sort under which identifiers of other vocabularies stand: CURIE to ``skos:exactMatch term:ID``.
MATCH = "match"
_EXACT = "skos:exactMatch"
_LISTS = {
    "term": "The terms are in the folder of the knowledge base; 'kb query unused-terms' and 'kb query facts' show some.",
    "predicate": "'kb query predicate-use' lists the predicates.",
    "document": "'kb query document-coverage' lists the documents.",
    "word": "'kb schema fact' lists the words of every qualifier.",
}
_PREFIXES = {"term": "term:", "predicate": "pred:", "word": "kb:", "document": ""}


def find_id(word: str, sort: str, labels: Labels) -> str:
    """Find the id of a thing by any of its names, as a user typed it: id, CURIE, label, alias, or an identifier elsewhere.

    The case of a name does not matter. An identifier of another vocabulary names what it matches exactly; one that matches
    otherwise is refused with what it matches.

    Raises:
        KbError: There is none, or several share the name (KB705).
    """
    known = labels.get(sort, {})
    word = unicodedata.normalize("NFC", word.strip().removeprefix(_PREFIXES[sort]))
    if word in known:
        return word
    folded = word.casefold()
    ids = [name for name, words in known.items() if folded in {name.casefold(), *(label.casefold() for label in words)}]
    if not ids:
        ids = _find_matches(word, sort, labels)
    if len(ids) == 1:
        return ids[0]
    shown = word[:_MAX_SHOWN]
    if ids:
        raise fail("KB705", f"'{shown}' is the label of several: {', '.join(ids)}.", "Use the id of one of them.")
    names = [*known, *(label for words in known.values() for label in words)]
    similar = [name for name, words in known.items() if folded and any(folded in label.casefold() for label in (name, *words))]
    otherwise = f"Names that contain it: {', '.join(similar[:_MAX_LISTED])}." if similar else _LISTS[sort]
    raise fail("KB705", f"There is no {sort} '{shown}'.", did_you_mean(word, names, otherwise))


def find_thing(word: str, labels: Labels, names: Names) -> str:
    """Find the IRI of a thing of any sort by any of its names, as a user typed it.

    A fact is named by its IRI or the end of it that begins with ``fact/``; a sentence also by its document and number, as in
    ``leaflet s1.2``.

    Raises:
        KbError: There is none, or several things share the name (KB705).
    """
    path = word.strip().removeprefix(names.base)
    sentence = re.fullmatch(r"(?:document/)?(.+?)[ /](s[0-9]+\.[0-9]+)", path)
    if path.startswith(("fact/", "mapping/")):
        return names.base + path
    if sentence:
        return names.sentence(find_id(sentence[1], "document", labels), sentence[2])
    kind, _, name = path.partition("/")
    if kind in {"term", "predicate", "document"} and name:
        return f"{names.base}{kind}/{find_id(name, kind, labels)}"
    found, errors = [], []
    for sort in ("term", "predicate", "document"):
        try:
            outside = (names.compact(word) if "://" in word else None) or word
            found.append(f"{sort}/{find_id(outside, sort, labels)}")
        except KbError as error:
            errors.append(error)
    if len(found) == 1:
        return names.base + found[0]
    if found:
        raise fail("KB705", f"'{word[:_MAX_SHOWN]}' is the name of several: {', '.join(found)}.", "Use one of these.")
    suggested = (error for error in errors if " no exact match of " in error.problems[0].message)
    named = (error for error in errors if error.problems[0].remedy.startswith(("Did you mean", "Names that contain")))
    raise next(suggested, None) or next(named, None) or errors[0]


def _find_matches(word: str, sort: str, labels: Labels) -> list[str]:
    """Find the ids of the things that an identifier of another vocabulary matches exactly.

    Raises:
        KbError: It matches, but not exactly (KB705).
    """
    outside = labels.get(MATCH, {}) if _PREFIXES[sort] else {}  # documents match nothing
    curie = word if word in outside else next((name for name in outside if name.casefold() == word.casefold()), "")
    both = [match.partition(" ") for match in outside.get(curie, ())]
    own = [(strength, name.removeprefix(_PREFIXES[sort])) for strength, _, name in both if name.startswith(_PREFIXES[sort])]
    exact = [name for strength, name in own if strength == _EXACT]
    if own and not exact:
        message = f"{curie} is no exact match of a {sort}, but matches {describe_matches(outside[curie])}."
        raise fail("KB705", message, "If that is what you mean, use its id.")
    return exact


def collect_matches(mappings: Iterable[tuple[str, str, str]]) -> dict[str, tuple[str, ...]]:
    """Collect what each identifier of another vocabulary matches, from its CURIE, the relation and the thing, both as CURIEs."""
    matches: dict[str, list[str]] = {}
    for curie, relation, thing in mappings:
        matches.setdefault(curie, []).append(f"{relation} {thing}")
    return {curie: tuple(sorted(known)) for curie, known in sorted(matches.items())}


def describe_matches(matches: Iterable[str]) -> str:
    """Describe what an outside identifier matches, and how closely: ``term:x (close match)``."""
    both = (match.partition(" ") for match in matches)
    return ", ".join(f"{name} ({strength.removeprefix('skos:').removesuffix('Match')} match)" for strength, _, name in both)


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
        own = word.removeprefix(mint(""))
        outside = names.compact(word) if "://" in word and own == word else None
        return iri(mint(find_id(outside or own, kind, labels)))
    if kind == "integer" and re.fullmatch("[+-]?[0-9]{1,30}", word):
        return literal(word, f"{XSD}integer")
    if kind == "text":
        return literal(word)
    value = names.expand(word) or word
    if kind == "iri" and is_valid(value):
        return iri(value)
    expected = "a whole number" if kind == "integer" else "an IRI or CURIE"
    raise fail("KB607", f"'{word[:_MAX_SHOWN]}' is not {expected}.", "Check the value.")
