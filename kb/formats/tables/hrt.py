"""Head, relation and tail, tab-separated and without a header, as tools for embeddings read them: every plain triple once."""

from __future__ import annotations

from kb.formats.tables.table_registry import Export, Loss
from kb.model import KnowledgeBase, LiteralObject
from kb.rdf.facts import has_plain_triple


def write(kb: KnowledgeBase) -> Export:
    """Write the triples of the facts whose bare triple says no more than they do."""
    held = [fact for fact in kb.facts if has_plain_triple(fact, kb.predicates[fact.predicate])]
    left = [fact.path.removeprefix("fact/") for fact in kb.facts if not has_plain_triple(fact, kb.predicates[fact.predicate])]
    literals = [fact.path.removeprefix("fact/") for fact in held if isinstance(fact.object, LiteralObject)]
    linked = [fact for fact in held if not isinstance(fact.object, LiteralObject)]
    triples = sorted({(fact.subject, fact.predicate, str(fact.object)) for fact in linked})
    qualified = sum(len(fact.qualifiers) for fact in linked)
    losses = [
        Loss(len(left), "facts hold only with their hedge or condition and have no bare triple", tuple(left)),
        Loss(len(literals), "facts have a literal as object", tuple(literals)),
        Loss(len(linked) - len(triples), "facts claim a triple that another document claims too"),
        Loss(qualified, "qualifiers are left out"),
    ]
    name = f"{kb.dataset.id}.hrt.tsv"
    text = "".join("\t".join(triple) + "\n" for triple in triples)
    return Export({name: text.encode("utf-8")}, tuple(each for each in losses if each.number), {name: len(triples)})
