"""What formats leave out that are not the whole graph: each kind of thing in the same words, with its number."""

from __future__ import annotations

from kb.formats.tables.table_registry import Loss
from kb.model import KnowledgeBase

#: What tables and property graphs have no place for.
UNTABLED = ("places", "predicates", "documents", "decisions", "verifications", "dataset", "translations", "retired")


def list_omissions(kb: KnowledgeBase, *kinds: str) -> tuple[Loss, ...]:
    """Return the losses of a format that leaves out things of these kinds."""
    evidence = [piece for fact in kb.facts for piece in fact.evidence]
    sentences = [sentence for document in kb.documents.values() for sentence in document.sentences]
    losses = {
        "facts": Loss(len(kb.facts), "facts are left out"),
        "qualifiers": Loss(sum(len(fact.qualifiers) for fact in kb.facts), "qualifiers are left out"),
        "evidence": Loss(len(evidence), "pieces of evidence are left out"),
        "places": Loss(
            sum(piece.start is not None or bool(piece.wordings) for piece in evidence),
            "pieces of evidence lose their spans or declared words",
        ),
        "notes": Loss(sum(bool(fact.note) for fact in kb.facts), "notes on facts are left out"),
        "curation": Loss(sum(fact.curation is not None for fact in kb.facts), "facts lose who entered and reviewed them"),
        "terms": Loss(len(kb.terms), "terms keep only their ids"),
        "predicates": Loss(len(kb.predicates), "predicates are left out but for their names"),
        "mappings": Loss(len(kb.mappings), "mappings are left out"),
        "documents": Loss(len(kb.documents), "documents are left out but for their names"),
        "sentences": Loss(len(sentences), "sentences are left out, but for the numbers of those that facts rest on"),
        "decisions": Loss(
            sum(sentence.exempt is not None for sentence in sentences), "reasons why no fact rests on a sentence are left out"
        ),
        "verifications": Loss(
            sum(len(document.verified) for document in kb.documents.values()), "results of verification are left out"
        ),
        "translations": Loss(
            sum(len(term.translations) for term in kb.terms.values()), "words of terms in other languages are left out"
        ),
        "retired": Loss(len(kb.retired), "retired terms are left out"),
        "dataset": Loss(1, "description of the dataset is left out"),
    }
    return tuple(losses[kind] for kind in kinds if losses[kind].number)
