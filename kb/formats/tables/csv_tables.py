"""Write flat tables for spreadsheets: ``facts.csv``, ``terms.csv``, ``mappings.csv``."""

from __future__ import annotations

from collections.abc import Sequence

from kb.formats.tables import mapping_set, spreadsheet
from kb.formats.tables.row_values import JOINED, exact_matches
from kb.formats.tables.table_registry import Export
from kb.model import Fact, KnowledgeBase, LiteralObject
from kb.rdf.facts import has_plain_triple
from kb.rdf.iris import names_of
from kb.rdf.wording import word_evidence
from kb.schema import vocabulary

Table = tuple[Sequence[str], Sequence[Sequence[str]]]


def write(kb: KnowledgeBase) -> Export:
    """Write the three tables."""
    tables: dict[str, Table] = {
        "facts.csv": _facts(kb),
        "terms.csv": _terms(kb),
        "mappings.csv": (mapping_set.COLUMNS, mapping_set.rows(kb)),
    }
    files = {name: spreadsheet.write(columns, rows) for name, (columns, rows) in tables.items()}
    return Export(files, (), {name: len(rows) for name, (_, rows) in tables.items()})


def _facts(kb: KnowledgeBase) -> Table:
    same, base = exact_matches(kb), kb.dataset.base
    ends = ["subject", "subject_label", "subject_identifiers", "predicate", "predicate_label"]
    ends += ["object", "object_label", "object_identifiers", "object_datatype", "object_language"]
    columns = ["fact", "document", *ends, *vocabulary.qualifiers(), "plain", "sentences", "evidence", "note"]

    def row(fact: Fact) -> list[str]:
        subject = [fact.subject, kb.terms[fact.subject].label, JOINED.join(same.get(fact.subject, ()))]
        if isinstance(fact.object, LiteralObject):
            obj = ["", fact.object.value, "", fact.object.datatype, fact.object.language]
        else:
            obj = [fact.object, kb.terms[fact.object].label, JOINED.join(same.get(fact.object, ())), "", ""]
        return [
            base + fact.path,
            fact.document,
            *subject,
            fact.predicate,
            kb.predicates[fact.predicate].label,
            *obj,
            *(fact.qualifiers.get(name, "") for name in vocabulary.qualifiers()),
            "yes" if has_plain_triple(fact, kb.predicates[fact.predicate]) else "no",
            JOINED.join(fact.sentences),
            JOINED.join(map(word_evidence, fact.evidence)),
            fact.note,
        ]

    return columns, [row(fact) for fact in kb.facts]


def _terms(kb: KnowledgeBase) -> Table:
    same, names = exact_matches(kb), names_of(kb)
    columns = ["term", "iri", "kind", "label", "aliases", "definition", "value", "unit", "identifiers", "note"]
    rows = [
        [
            term.id,
            names.term(term.id),
            term.kind,
            term.label,
            JOINED.join(term.aliases),
            term.definition,
            term.value,
            term.unit,
            JOINED.join(same.get(term.id, ())),
            term.note,
        ]
        for term in kb.terms.values()
    ]
    return columns, rows
