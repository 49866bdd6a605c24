"""What an export in an RDF format omits, in sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from kb.formats.registry import Format
from kb.model import KnowledgeBase
from kb.rdf import verifications
from kb.rdf.facts import has_plain_triple
from kb.schema import vocabulary

#: Statement models that need the whole knowledge base in memory.
IN_MEMORY_MODELS = frozenset({"plain", "nanopubs"})


def model_independent_losses(fmt: Format, outdated: int) -> Iterator[str]:
    """Describe what an export omits with any statement model.

    Args:
        fmt: The format.
        outdated: The number of verification results that are out of date.
    """
    if not fmt.graphs:
        yield f"{fmt.title} is written without named graphs: the triples of all of them stand in one."
    if outdated:
        yield f"{outdated} results of verification are out of date and left out; 'kb verify --record' renews them."


def rdf_losses(kb: KnowledgeBase, fmt: Format, statements: str) -> Iterator[str]:
    """Describe what an export in an RDF format omits, a sentence each."""
    recorded = sum(len(document.verified) for document in kb.documents.values())
    outdated = recorded - sum(len(document.verified) for document in verifications.with_current_results(kb)) if recorded else 0
    yield from model_independent_losses(fmt, outdated)
    if statements == "nanopubs":
        yield f"{len(kb.terms)} terms and {len(kb.predicates)} predicates are left out but for labels of those that facts name."
        yield f"mappings are left out: {len(kb.mappings)}."
        uncited = sum(len(document.sentences) for document in kb.documents.values()) - sum(map(len, kb.covered().values()))
        yield f"sentences that no fact rests on are left out: {uncited}, with what was decided on them."
        yield "the description of the dataset is left out; nanopublications name it, its licence and its creators."
    if statements == "plain":
        weakened = [fact for fact in kb.facts if not has_plain_triple(fact, kb.predicates[fact.predicate])]
        yield f"{len(weakened)} of {len(kb.facts)} facts hold only with their hedge or condition and have no bare triple."
        counts = Counter(name for fact in kb.facts for name in fact.qualifiers)
        words = ", ".join(f"{name} {counts[name]}" for name in vocabulary.qualifiers() if counts[name])
        yield f"qualifiers are left out: {words}."
        yield f"evidence is left out: {sum(len(fact.evidence) for fact in kb.facts)} pieces."
