"""Mappings as an SSSOM/TSV mapping set (Simple Standard for Sharing Ontological Mappings, TSV serialization)."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from kb.model import KnowledgeBase
from kb.rdf.iris import names_of

#: The columns of a mapping, in the words of SSSOM.
COLUMNS = (
    "subject_id",
    "subject_label",
    "predicate_id",
    "object_id",
    "object_label",
    "mapping_justification",
    "object_source_version",
    "mapping_date",
    "comment",
)


@dataclass(frozen=True, slots=True)
class MappingSet:
    """The metadata of a mapping set.

    Args:
        id: Its IRI.
        license: The IRI of its licence.
        curie_map: Prefix to IRI, in the order in which they are written.
        version: Its version, if it has one.
        title: Its title, if it has one.
    """

    id: str
    license: str
    curie_map: Mapping[str, str]
    version: str = ""
    title: str = ""


def write(about: MappingSet, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Write a mapping set line by line.

    Args:
        about: Its metadata.
        columns: The header.
        rows: The cells of each mapping, in the order of the columns.
    """
    yield f"#mapping_set_id: {about.id}\n"
    if about.version:
        yield f"#mapping_set_version: {json.dumps(about.version)}\n"
    if about.title:
        yield f"#mapping_set_title: {json.dumps(about.title, ensure_ascii=False)}\n"
    yield f"#license: {about.license}\n#curie_map:\n"
    for prefix, iri in about.curie_map.items():
        yield f"#  {prefix}: {json.dumps(iri)}\n"
    line = io.StringIO(newline="")
    writer = csv.writer(line, delimiter="\t", lineterminator="\n")
    for row in chain([columns], rows):
        writer.writerow(row)
        yield line.getvalue()
        line.seek(0)
        line.truncate()


def write_all(kb: KnowledgeBase) -> Iterator[str]:
    """Write all mappings of a knowledge base as one set."""
    about, names = kb.dataset, names_of(kb)
    curies = [curie for row in kb.mappings for curie in (row.subject, row.match, row.object, row.justification)]
    prefixes = {prefix: names.prefixes[prefix] for prefix in sorted({curie.partition(":")[0] for curie in curies})}
    title = f"{about.title}: mappings"
    return write(MappingSet(f"{about.base}mappings", about.license, prefixes, about.version, title), COLUMNS, rows(kb))


def rows(kb: KnowledgeBase) -> list[tuple[str, ...]]:
    """Return the cells of each mapping, in the order of :data:`COLUMNS`."""
    labels = {f"term:{term.id}": term.label for term in kb.terms.values()}
    labels |= {f"pred:{predicate.id}": predicate.label for predicate in kb.predicates.values()}
    return [
        (
            mapping.subject,
            labels[mapping.subject],
            mapping.match,
            mapping.object,
            mapping.label,
            mapping.justification,
            mapping.source_version,
            mapping.date,
            mapping.comment,
        )
        for mapping in kb.mappings
    ]
