"""Write flat tables, ``facts.csv``, ``terms.csv``, ``mappings.csv`` and ``quantities.csv``: cells as they are, or safe."""

from __future__ import annotations

from collections.abc import Sequence

from kb.formats.tables import mapping_set, spreadsheet
from kb.formats.tables.omissions import UNTABLED, list_omissions
from kb.formats.tables.row_values import exact_matches, find_number, join_list
from kb.formats.tables.table_registry import Export
from kb.metadata import Curation
from kb.model import DISPUTE, STANDING, STATUS, Fact, KnowledgeBase, LiteralObject
from kb.rdf import quantities
from kb.rdf.facts import has_plain_triple
from kb.rdf.iris import names_of
from kb.rdf.reviews import word_reviews
from kb.rdf.wording import find_hedges, spell_qualifiers, word_evidence
from kb.schema import vocabulary

_CURATED = (STATUS, "status_reason", "curator", "added", "reviews")  # only where a fact has one

Table = tuple[Sequence[str], Sequence[Sequence[str]]]


def write(kb: KnowledgeBase) -> Export:
    """Write the tables for data frames and databases, every cell as it is."""
    return _write(kb, "{}.csv", is_safe=False)


def write_safe(kb: KnowledgeBase) -> Export:
    """Write the tables for spreadsheets, which must not run a cell as a formula."""
    return _write(kb, "{}.spreadsheet.csv", is_safe=True)


def _write(kb: KnowledgeBase, name: str, *, is_safe: bool) -> Export:
    tables: dict[str, Table] = {
        "facts": _facts(kb),
        "terms": _terms(kb),
        "mappings": (mapping_set.COLUMNS, mapping_set.rows(kb)),
    }
    if (amounts := _quantities(kb))[1]:
        tables["quantities"] = amounts
    files = {name.format(key): spreadsheet.write(*table, is_safe=is_safe) for key, table in tables.items()}
    return Export(
        files, list_omissions(kb, "sentences", *UNTABLED), {name.format(key): len(rows) for key, (_, rows) in tables.items()}
    )


def _facts(kb: KnowledgeBase) -> Table:
    same, names = exact_matches(kb), names_of(kb)
    ends = ["subject", "subject_iri", "subject_label", "subject_identifiers", "predicate", "predicate_label"]
    ends += ["object", "object_iri", "object_label", "object_identifiers", "object_number", "object_datatype", "object_language"]
    marks = [DISPUTE] if any(fact.dispute for fact in kb.facts) else []
    columns = ["fact", "document", STANDING, *marks, *ends, *vocabulary.qualifiers(), "plain", "sentences", "evidence", "note"]
    facts = kb.stated_facts()
    columns += _CURATED if any(fact.curation for fact in facts) else ()

    def row(fact: Fact) -> list[str]:
        qualifiers = spell_qualifiers(fact)
        subject = [fact.subject, names.term(fact.subject), kb.terms[fact.subject].label, join_list(same.get(fact.subject, ()))]
        if isinstance(fact.object, LiteralObject):
            parts = quantities.parse(fact.object.quantity) if fact.object.quantity else None
            has_number = find_number(fact.object) is not None and not (parts and parts.unit)
            number = "" if not has_number else parts.value if parts else fact.object.value
            obj = ["", "", fact.object.value, "", number, fact.object.datatype, fact.object.language]
        else:
            label, identifiers = kb.terms[fact.object].label, join_list(same.get(fact.object, ()))
            obj = [fact.object, names.term(fact.object), label, identifiers, "", "", ""]
        return [
            names.base + fact.path,
            fact.document,
            *(qualifiers.get(name, "") for name in (STANDING, *marks)),
            *subject,
            fact.predicate,
            kb.predicates[fact.predicate].label,
            *obj,
            *(qualifiers.get(name, "") for name in vocabulary.qualifiers()),
            "yes" if has_plain_triple(fact, kb.predicates[fact.predicate]) else "no",
            join_list(fact.sentences),
            join_list(map(word_evidence, fact.evidence)),
            fact.note,
            *curated(fact),
        ]

    def curated(fact: Fact) -> list[str]:
        about = fact.curation or Curation()
        cells = [about.status, about.reason, about.curator, about.added, join_list(word_reviews(fact))]
        return cells if columns[-1] == _CURATED[-1] else []

    return columns, [row(fact) for fact in facts]


def _quantities(kb: KnowledgeBase) -> Table:
    """Make the table of all quantities, with a row for each part of a fact that is one, and the hedge of its evidence."""
    columns = ["fact", "part", "hedge", "words", *quantities.Quantity._fields]
    rows = []
    for fact in kb.facts:
        parts = {name: value for name, value in fact.qualifiers.items() if quantities.MARK in value}
        if isinstance(fact.object, LiteralObject) and fact.object.quantity:
            parts["object"] = fact.object.quantity
        hedges = find_hedges(fact)
        for name, value in parts.items():
            hedge = " or ".join(hedges.get(name, ()))
            rows.append([names_of(kb).base + fact.path, name, hedge, quantities.word(value), *quantities.parse(value)])
    return columns, rows


def _terms(kb: KnowledgeBase) -> Table:
    same, names = exact_matches(kb), names_of(kb)
    columns = ["term", "iri", "kind", "label", "aliases", "definition", "value", "unit", "identifiers", "note"]
    rows = [
        [
            term.id,
            names.term(term.id),
            term.kind,
            term.label,
            join_list(term.aliases),
            term.definition,
            term.value,
            term.unit,
            join_list(same.get(term.id, ())),
            term.note,
        ]
        for term in kb.terms.values()
    ]
    return columns, rows
