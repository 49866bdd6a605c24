"""Propose outside identifiers for terms by their names, and write the mappings that a person accepts (``kb term map``).

Equal names are a reason to look, and no proof that two things are the same: a mapping is a close match unless the person who
accepts it says otherwise.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

from kb import pipeline
from kb.files import text_file
from kb.formats.tables import mapping_set
from kb.importers.vocabularies import Vocabulary, tidy
from kb.model import KnowledgeBase, Term, list_names
from kb.problems import KbError, fail, quote
from kb.rdf.iris import SKOS, STANDARD, names_of
from kb.records import folder

_MATCHES = {"exact": "skos:exactMatch", "close": "skos:closeMatch", "broad": "skos:broadMatch", "narrow": "skos:narrowMatch"}
_MATCHES["related"] = "skos:relatedMatch"
#: How closely a mapping may match, as the command names it.
MATCHES = tuple(_MATCHES)


class Candidate(NamedTuple):
    """An outside identifier that has a name of a term.

    Args:
        term: The id of the term.
        rank: 1 if both labels are equal, 2 if a label is the other's synonym, 3 if synonyms are equal.
        identifier: Its CURIE, or its IRI if the knowledge base declares no prefix for it.
        label: Its label in the vocabulary.
        name: The name that both have.
        source: The file of the vocabulary.
    """

    term: str
    rank: int
    identifier: str
    label: str
    name: str
    source: str


def find_candidates(kb: KnowledgeBase, vocabulary: Vocabulary, wanted: Collection[str] = ()) -> list[Candidate]:
    """Find identifiers in use that have a name of a term and are not mapped to it yet, sorted by term and rank.

    Args:
        kb: The knowledge base.
        vocabulary: The vocabulary.
        wanted: The ids of terms; by default all.
    """
    names = names_of(kb)
    mapped = {(row.subject, names.expand(row.object)) for row in kb.mappings}
    found: dict[tuple[str, str], Candidate] = {}
    by_name: defaultdict[str, list[tuple[Term, bool]]] = defaultdict(list)
    for term in kb.terms.values():
        if not wanted or term.id in wanted:
            for name in list_names(term):
                by_name[tidy(name)].append((term, name != term.label))
    for iri, thing in vocabulary.things.items():
        label = min(thing.labels, default="")
        outside = [*((name, False) for name in thing.labels), *((name, True) for name in thing.synonyms)]
        for name, is_synonym in () if thing.is_obsolete else outside:
            for term, is_alias in by_name.get(tidy(name), ()):
                rank = 1 + is_synonym + is_alias
                made = Candidate(term.id, rank, names.compact(iri) or iri, label, name, vocabulary.name)
                if (f"term:{term.id}", iri) not in mapped:
                    found[term.id, iri] = min(found.get((term.id, iri), made), made)
    return sorted(found.values())


def accept(content: Path, candidate: Candidate, match: str, today: str) -> Path:
    """Write a candidate as a mapping; return the file. What ``kb validate`` would refuse is not written.

    Raises:
        KbError: Its prefix is not declared (KB315), the file lacks a column (KB104), or the result has problems.
    """
    prefix = candidate.identifier.partition(":")[0]
    with folder.lock_records(content) as write:
        kb = pipeline.load(content)
        names = names_of(kb)
        if "://" in candidate.identifier or names.expand(candidate.identifier) is None:
            message = f"No prefix is declared for {quote(candidate.identifier)}."
            raise fail("KB315", message, "Add one to 'prefixes' in kb.yaml.", str(content / "kb.yaml"))
        path = content / "mappings" / f"{prefix.lower()}.sssom.tsv"
        row = dict.fromkeys(mapping_set.COLUMNS, "") | {
            "subject_id": f"term:{candidate.term}",
            "subject_label": kb.terms[candidate.term].label,
            "predicate_id": _MATCHES[match],
            "object_id": candidate.identifier,
            "mapping_justification": "semapv:LexicalMatching",
            "mapping_date": today,
            "comment": f"Accepted by hand; both are called {candidate.name!r}. Seen in {candidate.source}.",
        }
        text = text_file.read_text(path, str(path)) if path.exists() else "".join(_start(kb, prefix))
        text += "" if text.endswith("\n") else "\n"
        changed = text + _write_row(text, row, path)
        with text_file.read_planned({path: changed.encode()}):
            checked = pipeline.check(content)
        if checked.problems:
            raise KbError(checked.problems)
        write({path: [changed]})
    return path


def _start(kb: KnowledgeBase, prefix: str) -> Iterator[str]:
    """Write the heading and the columns of a new mapping set."""
    names = names_of(kb)
    prefixes = {prefix: names.expand(f"{prefix}:") or "", "semapv": STANDARD["semapv"], "skos": SKOS, "term": names.term("")}
    about = mapping_set.MappingSet(f"{names.base}mappings/{prefix.lower()}", kb.dataset.license, prefixes)
    return mapping_set.write(about, [column for column in mapping_set.COLUMNS if column != "license"], [])


def _write_row(text: str, row: dict[str, str], path: Path) -> str:
    """Write a row with the columns of a table; what it has no column for is left out."""
    columns = next(line for line in f"{text}\n".split("\n") if not line.startswith("#")).split("\t")
    for column in ("subject_id", "predicate_id", "object_id", "mapping_justification"):
        if column not in columns:
            raise fail("KB104", f"The table has no column '{column}'.", "Add it.", str(path))
    line = io.StringIO(newline="")
    csv.writer(line, delimiter="\t", lineterminator="\n").writerow([row.get(column, "") for column in columns])
    return line.getvalue()
