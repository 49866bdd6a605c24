"""What an export in an RDF format omits, with counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from kb.formats.registry import Format
from kb.formats.tables.omissions import list_omissions
from kb.formats.tables.table_registry import Loss
from kb.model import KnowledgeBase
from kb.rdf import verifications
from kb.rdf.facts import has_plain_triple
from kb.schema import vocabulary

#: Statement models that need the whole knowledge base in memory.
IN_MEMORY_MODELS = frozenset({"plain", "lean", "nanopubs"})


def model_independent_losses(fmt: Format, documents: int, outdated: int) -> Iterator[Loss]:
    """Describe what an export omits with any statement model.

    Args:
        fmt: The format.
        documents: The number of documents.
        outdated: The number of verification results that are out of date.
    """
    if not fmt.graphs:
        yield Loss(documents, f"the graphs of documents, since {fmt.title} has no named graphs")
    if outdated:
        yield Loss(outdated, "results of verification are out of date and left out; 'kb verify --record' renews them")


def rdf_losses(kb: KnowledgeBase, fmt: Format, statements: str) -> Iterator[Loss]:
    """Describe what an export in an RDF format omits."""
    recorded = sum(len(document.verified) for document in kb.documents.values())
    outdated = recorded - sum(len(document.verified) for document in verifications.with_current_results(kb)) if recorded else 0
    yield from model_independent_losses(fmt, len(kb.documents), outdated)
    if statements == "nanopubs":
        yield Loss(
            len(kb.terms) + len(kb.predicates), "terms and predicates are left out but for labels of those that facts name"
        )
        yield from list_omissions(kb, "mappings", "retired")
        uncited = sum(len(document.sentences) for document in kb.documents.values()) - sum(map(len, kb.covered().values()))
        yield Loss(uncited, "sentences that no fact rests on are left out, with what was decided on them")
        yield Loss(1, "description of the dataset is left out; nanopublications name it, its licence and its creators")
    if statements == "lean":
        yield from list_omissions(kb, "documents", "sentences", "decisions", "retired")
        yield Loss(len(kb.terms) + len(kb.predicates), "terms and predicates keep only their labels and exact matches")
    if statements in {"plain", "lean"}:
        weakened = [fact.path for fact in kb.stated_facts() if not has_plain_triple(fact, kb.predicates[fact.predicate])]
        yield Loss(len(weakened), "facts hold only with their hedge or condition and have no bare triple", tuple(weakened))
        counts = Counter(name for fact in kb.facts for name in fact.qualifiers)
        words = tuple(f"{name} {counts[name]}" for name in vocabulary.qualifiers() if counts[name])
        yield Loss(counts.total(), "qualifiers are left out", words)
        yield from list_omissions(kb, "evidence", "notes", "curation", "verifications")


def list_losses(export: str, losses: Iterable[Loss]) -> list[dict[str, Any]]:
    """Return what an export omits as ``losses.json`` has it; an export that omits nothing has a count of 0."""
    known = list(losses) or [Loss(0, "things are left out")]
    return [{"export": export, "count": loss.number, "what": loss.what, "which": list(loss.names)} for loss in known]
