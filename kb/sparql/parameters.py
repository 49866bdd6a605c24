"""What a user types for a parameter, converted to an RDF term."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress

from kb.problems import KbError, fail, quote
from kb.rdf.iris import KB, XSD, Names, is_valid, word_iri
from kb.rdf.quads import iri, literal
from kb.schema import composition
from kb.sparql.library import Query
from kb.suggestions import did_you_mean

#: The labels of things: sort (term, predicate, document, word) to id to labels, the preferred one first.
Labels = Mapping[str, Mapping[str, tuple[str, ...]]]
#: Returns the IRIs of the facts, sentences, mappings and words of a dataset that end with a text.
Search = Callable[[str], list[str]]

#: The number of terms up to which a query that pairs everything with everything is answered without parameters.
MANY_TERMS = 2_000
_MAX_SHOWN, _MAX_LISTED = 60, 12  # characters of a word that are shown, and names that are listed
#: The sort under which identifiers of other vocabularies stand: CURIE to ``skos:exactMatch term:ID``.
MATCH = "match"
#: The sort under which retired terms stand: id to successor, which may be empty, and label.
RETIRED = "retired"
_EXACT = "skos:exactMatch"
_LISTS = {
    "term": "The terms are in the folder of the knowledge base; 'kb query unused-terms' and 'kb query facts' show some.",
    "predicate": "'kb query predicate-use' lists the predicates.",
    "document": "'kb query document-coverage' lists the documents.",
    "word": "'kb schema fact' lists the words of every qualifier.",
}
_THINGS = "Name a term, predicate, document, fact, sentence or word; 'kb query facts' shows what facts are about."
_FACTS = "A fact is named by the end of its IRI: 'kb query facts -f csv' lists them in the column fact_node."
_SENTENCES = "A sentence is named by its document and number: 'kb query coverage' lists them."
_PREFIXES = {"term": "term:", "predicate": "pred:", "word": "kb:", "document": ""}


def find_id(word: str, sort: str, labels: Labels) -> str:
    """Find the id of a thing by any of its names, as a user typed it: id, CURIE, label, alias, or an identifier elsewhere.

    The case of a name does not matter. An identifier of another vocabulary names what it matches exactly; one that matches
    otherwise is refused with what it matches.

    Raises:
        KbError: There is none, or several share the name (KB705).
    """
    known = labels.get(sort, {})
    given = unicodedata.normalize("NFC", word.strip())
    word = given.removeprefix(_PREFIXES[sort]).removeprefix("vocab:" if sort == "word" else "")
    if word in known:
        return word
    folded, is_retired = word.casefold(), word != given and word in labels.get(RETIRED, {})
    names_of = {} if is_retired else known  # a label of a merged term is one of its successor, its CURIE is not
    ids = [name for name, words in names_of.items() if folded in {name.casefold(), *(label.casefold() for label in words)}]
    if not ids:
        ids = _find_matches(word, sort, labels)
    if len(ids) == 1:
        return ids[0]
    shown = word[:_MAX_SHOWN]
    if not ids and sort == "term" and (retired := _find_retired(word, labels)):
        successor = labels[RETIRED][retired][0]
        raise fail("KB705", f"The term '{shown}' is retired.", f"Use '{successor}'." if successor else "Use another term.")
    if ids:
        raise fail("KB705", f"'{shown}' is the label of several: {', '.join(ids)}.", "Use the id of one of them.")
    names = [*known, *(label for words in known.values() for label in words)]
    similar = [name for name, words in known.items() if folded and any(folded in label.casefold() for label in (name, *words))]
    listed = f"There {'are' if len(known) > 1 else 'is'}: {', '.join(known)}." if 0 < len(known) <= _MAX_LISTED else _LISTS[sort]
    otherwise = f"Names that contain it: {', '.join(similar[:_MAX_LISTED])}." if similar else listed
    raise fail("KB705", f"There is no {sort} '{shown}'.", did_you_mean(word, names, otherwise))


def _find_retired(word: str, labels: Labels) -> str:
    """Find a retired term by its id or label; empty if there is none."""
    folded = word.casefold()
    known = labels.get(RETIRED, {}).items()
    return next((name for name, (_, label) in known if folded in {name.casefold(), label.casefold()}), "")


def find_kept_id(word: str, sort: str, labels: Labels) -> str:
    """Find an id as :func:`find_id` does, also that of a retired term, whose IRI stays."""
    try:
        return find_id(word, sort, labels)
    except KbError:
        if sort == "term" and (retired := _find_retired(word.removeprefix("term:"), labels)):
            return retired
        raise


def find_thing(word: str, labels: Labels, names: Names, search: Search) -> str:
    """Find the IRI of a thing of any sort by any of its names, as a user typed it.

    A term, predicate or document has ids, labels and identifiers elsewhere; a word of the ontology also the name of its class. A
    fact or a sentence is named by the end of its IRI; a sentence also by its document and number, as in ``leaflet s1.2``
    or ``leaflet#s1.2``.

    Raises:
        KbError: There is none, or several things share the name (KB705).
    """
    path = word.strip().removeprefix(names.base)
    kind, _, name = path.partition("/")
    if kind in {"term", "predicate", "document"} and name and "/" not in name:
        return f"{names.base}{kind}/{find_kept_id(name, kind, labels)}"
    found, errors = [], []
    for sort in ("term", "predicate", "document"):
        try:
            name = (names.compact(word) if "://" in word else None) or word
            found.append(f"{sort}/{find_kept_id(name, sort, labels)}")
        except KbError as error:
            errors.append(error)
    if found:
        return _choose(word, [names.base + end for end in found], names, "")
    sentence = re.fullmatch(r"(?:(?:document/)?(.+?)[ /#:])?(s[0-9]+\.[0-9]+)", path)
    if sentence:
        start = f"/{find_id(sentence[1], 'document', labels)}" if sentence[1] else ""
        return _choose(word, search(f"{start}/{sentence[2]}"), names, _SENTENCES)
    if "/" in path and "://" not in path:
        return _choose(word, search(f"/{path}"), names, _FACTS)
    if node := _find_word(word.strip(), labels, search, names):
        return node
    suggested = (error for error in errors if " no exact match of " in error.problems[0].message)
    if inexact := next(suggested, None):
        raise inexact
    remedies = (error.problems[0].remedy for error in errors)
    named = (remedy for remedy in remedies if remedy.startswith(("Did you mean", "Names that contain")))
    raise fail("KB705", f"There is nothing called '{word[:_MAX_SHOWN]}'.", next(named, _THINGS))


def _find_word(word: str, labels: Labels, search: Search, names: Names) -> str:
    """Find the IRI of a word of the ontology, by its name or label, or of a class, by the kind of its terms; empty if none.

    Raises:
        KbError: It is a word that the dataset does not use (KB705).
    """
    local = re.sub(f"^({KB}|{re.escape(names.base)}vocabulary/|kb:|vocab:)", "", word)
    words = {name.casefold(): known for known, spelled in labels.get("word", {}).items() for name in (*spelled, known)}
    own = words.get(local.casefold(), local)
    for name in (own, composition.class_name(own.lower().replace(" ", "-"))):
        for node in (KB + name, f"{names.base}vocabulary/{name}"):
            if is_valid(node) and search(node):
                return node
    if own in words.values():
        raise fail("KB705", f"No fact of this knowledge base has the word '{own}'.", _LISTS["word"])
    return ""


def _choose(word: str, found: Sequence[str], names: Names, otherwise: str) -> str:
    """Return the only IRI that a name was found to mean.

    Raises:
        KbError: There is none, or there are several (KB705).
    """
    if len(found) == 1:
        return found[0]
    if not found:
        raise fail("KB705", f"There is nothing called '{word[:_MAX_SHOWN]}'.", otherwise)
    listed = [names.relative(name) or name for name in sorted(found)]
    more = f" … ({len(listed)} in all)" if len(listed) > _MAX_LISTED else ""
    message = f"'{word[:_MAX_SHOWN]}' is the name of several: {', '.join(listed[:_MAX_LISTED])}{more}."
    raise fail("KB705", message, "Use one of these.")


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
    """Convert a value of a parameter, as the user typed it, to an RDF term, as N-Triples writes it.

    Raises:
        KbError: The value is not of the parameter's type (KB607), or names nothing (KB705).
    """
    mint = {"term": names.term, "predicate": names.predicate, "document": names.document, "word": word_iri}.get(kind)
    if mint:
        own = word.removeprefix(mint("")).removeprefix(f"{names.base}vocabulary/")
        outside = names.compact(word) if "://" in word and own == word else None
        return iri(mint(find_id(outside or own, kind, labels)))
    if kind == "integer" and re.fullmatch("[+-]?[0-9]{1,30}", word):
        return literal(word, f"{XSD}integer")
    if kind == "quantity":
        from kb.rdf import quantities  # with the model, which other queries do without

        with suppress(ValueError):
            return literal(quantities.convert(word))
    if kind == "text":
        return literal(word)
    value = names.expand(word) or word
    if kind == "iri" and is_valid(value):
        return iri(value)
    expected = {"integer": "a whole number", "quantity": "a number with a unit, such as 2 g"}.get(kind, "an IRI or CURIE")
    raise fail("KB607", f"'{word[:_MAX_SHOWN]}' is not {expected}.", "Check the value.")


def require_parameters(query: Query, given: Mapping[str, str], labels: Labels) -> None:
    """Require the parameters without which a query would take too long, if there is much.

    Raises:
        KbError: One is missing (KB607).
    """
    missing = [need for need in query.needs if given.keys().isdisjoint(need)]
    known = len(labels.get("term", ()))
    if missing and known > MANY_TERMS:
        message = f"'{query.name}' is about everything, or compares everything, which is too much for {known:,} terms."
        options = ", and ".join(" or ".join(f"-p {name}=..." for name in need) for need in missing)
        raise fail("KB607", message, f"Name what it should be about: {options}")


def resolve_parameter(query: Query, name: str, word: str, labels: Labels, names: Names) -> str:
    """Convert what a user typed for a parameter to an RDF term, as N-Triples writes it.

    Raises:
        KbError: The query has no such parameter, or the value is not of its type (KB607), or names nothing (KB705).
    """
    if name not in query.parameters:
        known = ", ".join(query.parameters) or "none"
        raise fail("KB607", f"'{query.name}' has no parameter {quote(name)}.", f"It takes: {known}.")
    return resolve_value(query.parameters[name].type, word, labels, names)
