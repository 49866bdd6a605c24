"""What people ask about a knowledge base without SPARQL: statistics, all about a term."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from kb.model import Fact, KnowledgeBase
from kb.rdf.documents import status
from kb.rdf.facts import holds_plainly
from kb.rdf.wording import REPORT, label_of, word_fact, word_qualifier
from kb.schema import vocabulary
from kb.sparql.parameters import find


def statistics(kb: KnowledgeBase) -> dict[str, int | dict[str, int]]:
    """Count what a knowledge base holds."""
    covered = kb.covered()
    decisions = [
        status(sentence, covered.get(document.id, {}))
        for document in kb.documents.values()
        for sentence in document.sentences
        if not sentence.is_heading
    ]
    return {
        "documents": len(kb.documents),
        "sentences": len(decisions),
        "sentences decided": sum(each != "undecided" for each in decisions),
        "terms": dict(sorted(Counter(term.kind for term in kb.terms.values()).items())),
        "terms in all": len(kb.terms),
        "predicates": len(kb.predicates),
        "facts": dict(sorted(Counter(fact.predicate for fact in kb.facts).items())),
        "facts in all": len(kb.facts),
        "facts with a bare triple": sum(holds_plainly(fact, kb.predicates[fact.predicate]) for fact in kb.facts),
        "pieces of evidence": sum(len(fact.evidence) for fact in kb.facts),
        "mappings": dict(sorted(Counter(mapping.match for mapping in kb.mappings).items())),
        "mappings in all": len(kb.mappings),
    }


def describe(kb: KnowledgeBase, word: str) -> Iterator[str]:
    """Tell all about a term: what it is, its facts with hedges and sentences, its outside matches.

    Raises:
        KbError: There is no such term (KB705).
    """
    term = kb.terms[find(word, "term", kb.labels())]
    yield f"{term.label} ({term.kind}, term:{term.id})"
    yield f"  {term.definition}"
    if term.aliases:
        yield f"  also: {', '.join(term.aliases)}"
    if term.note:
        yield f"  note: {term.note}"
    facts = [fact for fact in kb.facts if term.id in {fact.subject, fact.object, *_terms(fact)}]
    yield f"\nFacts: {len(facts)}"
    for fact in facts:
        yield from _lines(fact, kb)
    matches = [mapping for mapping in kb.mappings if mapping.subject == f"term:{term.id}"]
    yield f"\nMatches: {len(matches)}"
    for mapping in matches:
        label = f" ({mapping.label})" if mapping.label else ""
        yield f"  {vocabulary.values('match')[mapping.match].label}: {mapping.object}{label}"


def _terms(fact: Fact) -> list[str]:
    return [word for name, word in fact.qualifiers.items() if not vocabulary.qualifiers()[name].listed]


def _lines(fact: Fact, kb: KnowledgeBase) -> Iterator[str]:
    yield f"  {word_fact(fact, kb)}"
    for piece in fact.evidence:
        parts = [
            part
            if part not in fact.qualifiers or part == "modality"
            else word_qualifier(part, label_of(part, fact.qualifiers[part], kb), REPORT)
            for part in piece.supports
        ]
        hedge = f" [{vocabulary.values('modality')[piece.modality].label}]" if piece.modality else ""
        yield f"      {fact.document} {piece.sentence}: {', '.join(parts)}{hedge}"
