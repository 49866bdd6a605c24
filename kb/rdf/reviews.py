"""Reviews of facts: whether they are up to date, and the statements about who entered and reviewed a fact."""

from __future__ import annotations

from collections.abc import Iterator

from kb.metadata import Curation, Review
from kb.model import Fact
from kb.problems import Place, Problem
from kb.rdf.iris import DCTERMS, KB, PAV, PROV, RDF, SKOS, XSD, Names
from kb.rdf.quads import iri, literal
from kb.rdf.verifications import digest_claim, name_fact
from kb.rdf.wording import word_review

#: What stands between the IRI of a fact and the number of a review; it sorts as :data:`kb.rdf.facts.HEDGED` has to.
EVALUATION = "/evaluation/"
#: The properties of a fact that lead to its curator, its day and its reviews.
PROVENANCE = CURATOR, ADDED, REVIEW = iri(f"{PAV}curatedBy"), iri(f"{DCTERMS}created"), iri(f"{KB}review")

_TYPES = [f" {iri(f'{RDF}type')} {iri(kind)}" for kind in (f"{KB}Review", f"{PROV}Activity")]
_TRUE = literal("true", f"{XSD}boolean")


def digest_reviewed(fact: Fact) -> str:
    """Compute the digest of what a review is of: the claim, and which sentences support which of its parts."""
    return digest_claim(fact, {})


def list_current(fact: Fact) -> list[Review]:
    """List the reviews of a fact as it is now."""
    reviews = fact.curation.reviews if fact.curation else ()
    digest = digest_reviewed(fact) if reviews else ""
    return [review for review in reviews if review.digest == digest]


def is_reviewed(fact: Fact) -> bool:
    """Return whether reviewers of a fact as it is now agree with it, and none disagrees."""
    return {review.verdict for review in list_current(fact)} == {"agreed"}


def check_reviews(fact: Fact) -> Iterator[Problem]:
    """Check that a fact was reviewed as it is now, if it was reviewed (KB336)."""
    if fact.curation and fact.curation.reviews and not list_current(fact):
        remedy = f"Review it again: kb fact review {name_fact(fact)}."
        place = fact.record.at("review") if fact.record else Place(fact.path)
        yield Problem(place, "KB336", "The fact has changed since it was reviewed.", remedy)


def word_reviews(fact: Fact) -> list[str]:
    """Put the reviews of a fact into words."""
    current = list_current(fact)
    return [word_review(review, is_current=review in current) for review in (fact.curation.reviews if fact.curation else ())]


def compile_reviews(fact: Fact, names: Names, head: str, language: str, *, labelled: bool) -> Iterator[tuple[str, list[str]]]:
    """Compile what the record of a fact says of its curation.

    Args:
        fact: The fact.
        names: The names of the knowledge base.
        head: The IRI of the fact, without its last character.
        language: The language of texts.
        labelled: Whether reviews are put into words.

    Yields:
        Nodes with their rows, sorted; the first is the fact.
    """
    about, curation, current = [], fact.curation or Curation(), list_current(fact)
    if curation.curator:
        about.append(f" {CURATOR} {iri(names.agent(curation.curator))}")
    if curation.added:
        about.append(f" {ADDED} {literal(curation.added, f'{XSD}date')}")
    if curation.reason:
        about.append(f" {iri(f'{KB}statusReason')} {literal(curation.reason, language=language)}")
    nodes = [f"{head}{EVALUATION}{number}>" for number in range(1, len(curation.reviews) + 1)]
    yield f"{head}>", [*about, *(f" {REVIEW} {node}" for node in nodes)]
    for node, review, words in zip(nodes, curation.reviews, word_reviews(fact), strict=True):
        rows = [
            *_TYPES,
            f" {iri(f'{PROV}wasAssociatedWith')} {iri(names.agent(review.by))}",
            f" {iri(f'{DCTERMS}date')} {literal(review.on, f'{XSD}date')}",
            f" {iri(f'{KB}verdict')} {iri(KB + review.verdict)}",
            f" {iri(f'{KB}digest')} {literal(review.digest)}",
            *([f" {iri(f'{SKOS}prefLabel')} {literal(words, language=language)}"] if labelled else []),
        ]
        yield node, sorted(rows if review in current else [*rows, f" {iri(f'{KB}outdated')} {_TRUE}"])
