"""Everything about one term, as ``kb show`` prints it."""

from __future__ import annotations

from collections.abc import Iterator

from kb.model import Fact, KnowledgeBase
from kb.rdf.wording import REPORT, find_label, word_fact, word_qualifier
from kb.schema import vocabulary
from kb.sparql.parameters import find_id


def describe_term(kb: KnowledgeBase, word: str) -> Iterator[str]:
    """Describe a term: its definition, its facts with their hedges and sentences, and its mappings.

    Raises:
        KbError: No term has this id or label, or several have this label (KB705).
    """
    term = kb.terms[find_id(word, "term", kb.labels())]
    yield f"{term.label} ({term.kind}, term:{term.id})"
    yield f"  {term.definition}"
    if term.aliases:
        yield f"  also: {', '.join(term.aliases)}"
    if term.note:
        yield f"  note: {term.note}"
    terms = [name for name, qualifier in vocabulary.qualifiers().items() if not qualifier.listed]
    facts = [fact for fact in kb.facts if term.id in {fact.subject, fact.object, *map(fact.qualifiers.get, terms)}]
    yield f"\nFacts: {len(facts)}"
    for fact in facts:
        yield from _fact_lines(fact, kb)
    matches = [mapping for mapping in kb.mappings if mapping.subject == f"term:{term.id}"]
    yield f"\nMatches: {len(matches)}"
    for mapping in matches:
        label = f" ({mapping.label})" if mapping.label else ""
        yield f"  {vocabulary.values('match')[mapping.match].label}: {mapping.object}{label}"


def _fact_lines(fact: Fact, kb: KnowledgeBase) -> Iterator[str]:
    yield f"  {word_fact(fact, kb)}"
    for piece in fact.evidence:
        parts = [
            part
            if part not in fact.qualifiers or part == "modality"
            else word_qualifier(part, find_label(part, fact.qualifiers[part], kb), REPORT)
            for part in piece.supports
        ]
        hedge = f" [{vocabulary.values('modality')[piece.modality].label}]" if piece.modality else ""
        yield f"      {fact.document} {piece.sentence}: {', '.join(parts)}{hedge}"
