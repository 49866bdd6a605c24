"""Write every plain triple once as head, relation and tail, tab-separated without a header, for tools that learn embeddings."""

from __future__ import annotations

from kb.formats.tables.omissions import UNTABLED, list_omissions
from kb.formats.tables.table_registry import Export, Loss
from kb.model import KnowledgeBase, LiteralObject
from kb.rdf.facts import has_plain_triple


def write(kb: KnowledgeBase) -> Export:
    """Write the plain triples of facts."""
    facts = kb.stated_facts()
    plain = [fact for fact in facts if has_plain_triple(fact, kb.predicates[fact.predicate])]
    left = [fact.path.removeprefix("fact/") for fact in facts if not has_plain_triple(fact, kb.predicates[fact.predicate])]
    literals = [fact.path.removeprefix("fact/") for fact in plain if isinstance(fact.object, LiteralObject)]
    linked = [fact for fact in plain if not isinstance(fact.object, LiteralObject)]
    triples = sorted({(fact.subject, fact.predicate, str(fact.object)) for fact in linked})
    losses = [
        Loss(len(left), "facts hold only with their hedge or condition and have no bare triple", tuple(left)),
        Loss(len(literals), "facts have a literal as object", tuple(literals)),
        Loss(len(linked) - len(triples), "facts claim a triple that another document claims too"),
        *list_omissions(kb, "qualifiers", "evidence", "notes", "curation", "terms", "mappings", "sentences", *UNTABLED[1:]),
    ]
    name = f"{kb.dataset.id}.hrt.tsv"
    text = "".join("\t".join(triple) + "\n" for triple in triples)
    return Export({name: text.encode("utf-8")}, tuple(loss for loss in losses if loss.number), {name: len(triples)})
