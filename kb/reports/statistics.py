"""How much a knowledge base contains, as ``kb stats`` prints it."""

from __future__ import annotations

from collections import Counter

from kb.model import KnowledgeBase
from kb.rdf import dataset
from kb.rdf.facts import has_plain_triple


def count_contents(kb: KnowledgeBase) -> dict[str, int | dict[str, int]]:
    """Count documents, sentences, terms, predicates, facts, evidence and mappings, some of them by kind."""
    counts = dataset.count(kb)
    return {
        "documents": len(kb.documents),
        "sentences": counts.sentences,
        "sentences decided": counts.decided,
        "terms": dict(sorted(Counter(term.kind for term in kb.terms.values()).items())),
        "terms in all": counts.terms,
        "predicates": len(kb.predicates),
        "facts": dict(sorted(Counter(fact.predicate for fact in kb.facts).items())),
        "facts in all": counts.facts,
        "facts with a bare triple": sum(has_plain_triple(fact, kb.predicates[fact.predicate]) for fact in kb.facts),
        "pieces of evidence": sum(len(fact.evidence) for fact in kb.facts),
        "mappings": dict(sorted(Counter(mapping.match for mapping in kb.mappings).items())),
        "mappings in all": len(kb.mappings),
    }
