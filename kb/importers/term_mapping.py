"""Propose outside identifiers for terms by their names, and write the mappings that a person accepts (``kb term map``).

Equal names are a reason to look, and no proof that two things are the same: a mapping is a close match unless the person who
accepts it says otherwise.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

from kb import pipeline
from kb.curation.authoring import RecordChange
from kb.files import text_file
from kb.formats.tables import mapping_set
from kb.importers.vocabularies import Vocabulary, tidy
from kb.model import KnowledgeBase, Term, list_names
from kb.problems import KbError, Place, Problem, fail, quote
from kb.rdf.iris import SKOS, STANDARD, names_of

#: How closely a mapping may match: the word of the command to the relation of SKOS.
MATCHES = {name: f"skos:{name}Match" for name in ("exact", "close", "broad", "narrow", "related")}
#: How a mapping was made that rests on names.
BY_NAME = "semapv:LexicalMatching"
_MOST_NAMED = 5
_COLUMNS = (*mapping_set.COLUMNS, "object_source")


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
        labels = thing.list_texts("label")
        outside = [*((name, False) for name in labels), *((name, True) for name in thing.list_texts("synonym"))]
        for name, is_synonym in outside if thing.is_entry else ():
            for term, is_alias in by_name.get(tidy(name), ()):
                rank = 1 + is_synonym + is_alias
                made = Candidate(term.id, rank, names.compact(iri) or iri, next(iter(labels), ""), name, vocabulary.name)
                if (f"term:{term.id}", iri) not in mapped:
                    found[term.id, iri] = min(found.get((term.id, iri), made), made)
    return sorted(found.values())


def find_entries(vocabulary: Vocabulary, words: Iterable[str]) -> tuple[dict[str, str], list[Problem]]:
    """Find the entries that have a word as label or else as exact synonym, by IRI; and the words that name none or several."""
    by_name: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    place, listed = Place(vocabulary.name), [*dict.fromkeys(words)]
    for iri, thing in vocabulary.things.items() if listed else ():
        for one in thing.words if thing.is_entry else ():
            by_name[one.role, tidy(one.text)].add(iri)
    found: dict[str, str] = {}
    problems: list[Problem] = []
    for word in listed:
        entries = sorted(by_name["label", tidy(word)] or by_name["synonym", tidy(word)])
        if len(entries) == 1:
            found[entries[0]] = BY_NAME
        elif entries:
            message = f"{quote(word)} names {len(entries)} entries: {', '.join(entries[:_MOST_NAMED])}."
            problems.append(Problem(place, "KB815", message, "Name one with --ids."))
        else:
            remedy = "Check its spelling, or name an identifier with --ids."
            problems.append(Problem(place, "KB815", f"{quote(word)} is no label and no exact synonym.", remedy))
    return found, problems


def accept(kb: KnowledgeBase, vocabulary: Vocabulary, candidate: Candidate, match: str, today: str) -> RecordChange:
    """Compute the file of mappings with a candidate. What ``kb validate`` would refuse is refused.

    Raises:
        KbError: Its prefix is not declared (KB315), the file lacks a column (KB104), or the result has problems.
    """
    check_prefix(kb, candidate.identifier)
    comment = f"Accepted by hand; both are called {candidate.name!r}. Seen in {candidate.source}."
    row = make_row(kb.terms[candidate.term], match, candidate.identifier, vocabulary, today)
    row |= {"mapping_justification": BY_NAME, "comment": comment}
    return check_change(kb, RecordChange(add_rows(kb, [row])))


def check_prefix(kb: KnowledgeBase, identifier: str) -> None:
    """Refuse an identifier that is no CURIE of the knowledge base.

    Raises:
        KbError: It declares no prefix for it (KB315).
    """
    if "://" in identifier or names_of(kb).expand(identifier) is None:
        message = f"No prefix is declared for {quote(identifier)}."
        raise fail("KB315", message, "Add one to 'prefixes' in kb.yaml.", str(kb.folder / "kb.yaml"))


def check_change(kb: KnowledgeBase, change: RecordChange) -> RecordChange:
    """Return a change of a knowledge base that is sound, and is so after it, too.

    Raises:
        KbError: A file would be too large to be read (KB110), or the result has problems; all of them.
    """
    contents = {path: text.encode() for path, text in change.contents.items()}
    for path, content in contents.items():
        text_file.check_size(content, str(path))
    with text_file.read_planned(contents):
        problems = pipeline.check(kb.folder).problems if contents else ()
    if problems:
        raise KbError(problems)
    return change


def make_row(term: Term, match: str, identifier: str, vocabulary: Vocabulary, today: str) -> dict[str, str]:
    """Make the row of a mapping to an entry of a vocabulary, with the source and its version; how it was made is to be added."""
    iri, _ = vocabulary.header
    return dict.fromkeys(_COLUMNS, "") | {
        "subject_id": f"term:{term.id}",
        "subject_label": term.label,
        "predicate_id": MATCHES[match],
        "object_id": identifier,
        "object_source": iri,
        "object_source_version": vocabulary.version,
        "mapping_date": today,
    }


def add_rows(kb: KnowledgeBase, rows: Sequence[Mapping[str, str]]) -> dict[Path, str]:
    """Compute the files of mappings with more rows: one file for each prefix, which gets the columns that it lacks.

    Raises:
        KbError: A file lacks a column that every mapping needs (KB104).
    """
    by_prefix: dict[str, list[Mapping[str, str]]] = {}
    for row in sorted(rows, key=lambda row: [row[column] for column in _COLUMNS]):
        by_prefix.setdefault(row["object_id"].partition(":")[0], []).append(row)
    return dict(_add_to_file(kb, prefix, added) for prefix, added in by_prefix.items())


def _add_to_file(kb: KnowledgeBase, prefix: str, rows: Sequence[Mapping[str, str]]) -> tuple[Path, str]:
    path = kb.folder / "mappings" / f"{prefix.lower()}.sssom.tsv"
    text = text_file.read_text(path, str(path)) if path.exists() else "".join(_start(kb, prefix))
    lines = text.rstrip("\n").split("\n")
    heading = sum(1 for _ in takewhile(lambda line: line.startswith("#"), lines))
    columns, *table = csv.reader((f"{line}\n" for line in lines[heading:]), delimiter="\t")
    for column in ("subject_id", "predicate_id", "object_id", "mapping_justification"):
        if column not in columns:
            raise fail("KB104", f"The table has no column '{column}'.", "Add it.", str(path))
    missing = [column for column in _COLUMNS if column not in columns and any(row[column] for row in rows)]
    output = io.StringIO(newline="")
    writer = csv.writer(output, delimiter="\t", lineterminator="\n")
    if missing:
        columns += missing
        writer.writerows([columns, *([*cells, *[""] * len(missing)] for cells in table if any(cells))])
        lines = lines[:heading]
    writer.writerows([row.get(column, "") for column in columns] for row in rows)
    return path, "\n".join([*lines, output.getvalue()])


def _start(kb: KnowledgeBase, prefix: str) -> Iterator[str]:
    """Write the heading and the columns of a new mapping set."""
    names = names_of(kb)
    prefixes = {prefix: names.expand(f"{prefix}:") or "", "semapv": STANDARD["semapv"], "skos": SKOS, "term": names.term("")}
    about = mapping_set.MappingSet(f"{names.base}mappings/{prefix.lower()}", kb.dataset.license, prefixes)
    return mapping_set.write(about, _COLUMNS, [])
