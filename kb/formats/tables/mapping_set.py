"""Mappings as an SSSOM/TSV mapping set (Simple Standard for Sharing Ontological Mappings, TSV serialization)."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, NamedTuple

from kb.model import KnowledgeBase, OutsideMatch
from kb.rdf.iris import names_of

#: The columns of a mapping, in the words of SSSOM; the licence is given where it is not that of the knowledge base.
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
    "license",
)
# What the heading of a mapping set says of all its rows, beside its identifier and licence.
_OF_SET = ("mapping_set_version", "mapping_set_title", "mapping_set_source", "creator_id", "creator_label")
_UNSPECIFIED = "https://w3id.org/sssom/license/unspecified"


@dataclass(frozen=True, slots=True)
class MappingSet:
    """The metadata of a mapping set.

    Args:
        id: Its IRI.
        license: The IRI of its licence.
        curie_map: Prefix to IRI, in the order in which they are written.
        slots: Other slots of SSSOM; several values are a list, or separated by bars.
        row_licenses: The licences of its mappings that have others.
    """

    id: str
    license: str
    curie_map: Mapping[str, str]
    slots: Mapping[str, Any] = field(default_factory=dict)
    row_licenses: tuple[str, ...] = ()

    @property
    def creators(self) -> list[str]:
        """The identifiers of its creators."""
        return _join(self.slots.get("creator_id", "")).split("|") if self.slots.get("creator_id") else []


class SetFile(NamedTuple):
    """A mapping set as a file: its name without folder and suffix, what is known of it, its columns and rows."""

    name: str
    about: MappingSet
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]

    def lines(self) -> Iterator[str]:
        """Yield its lines."""
        return write(self.about, self.columns, self.rows)


def write(about: MappingSet, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Write a mapping set line by line.

    Args:
        about: Its metadata.
        columns: The header.
        rows: The cells of each mapping, in the order of the columns.
    """
    yield f"#mapping_set_id: {about.id}\n"
    for slot, value in about.slots.items():
        has_several = isinstance(value, str) and (slot.startswith("creator") or slot == "mapping_set_source")
        values = value.split("|") if has_several else value
        yield f"#{slot}: {json.dumps(values, ensure_ascii=False)}\n"
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


def list_sets(kb: KnowledgeBase) -> list[SetFile]:
    """List the mapping sets of a knowledge base: its own, then those of others, each with its licence and creators."""
    groups: dict[str, list[OutsideMatch]] = {"": []}
    for mapping in kb.mappings:
        groups.setdefault(mapping.foreign_set(kb.dataset), []).append(mapping)
    files: list[SetFile] = []
    for name, mappings in groups.items():
        stem = re.sub("[^A-Za-z0-9]+", "-", name.rstrip("/").rpartition("/")[2].removesuffix(".sssom.tsv")).strip("-")
        file = f"{kb.dataset.id}.{stem}" if name else kb.dataset.id
        taken = sum(other.name == file or other.name.startswith(f"{file}-") for other in files)
        files.append(_make_file(kb, f"{file}-{taken + 1}" if taken else file, name, mappings))
    return files


def _make_file(kb: KnowledgeBase, file: str, name: str, mappings: Sequence[OutsideMatch]) -> SetFile:
    about, names = kb.dataset, names_of(kb)
    heading = _agree([mapping.heading for mapping in mappings])
    of_set = {**_agree([mapping.slots for mapping in mappings], (*_OF_SET, "license")), **heading} if name else {}
    used = {slot for mapping in mappings for slot, cell in mapping.slots.items() if cell != _join(of_set.get(slot, ""))}
    used -= {"mapping_set_id"} if name else {"mapping_set_id", *_OF_SET[:3], "license"}
    used |= {column for mapping in mappings for column in mapping.extensions}
    columns = (*COLUMNS[:-1], *sorted(used))
    curies = [curie for row in mappings for curie in (row.subject, row.match, row.object, row.justification)]
    own = {prefix: names.prefixes[prefix] for prefix in {curie.partition(":")[0] for curie in curies}}
    prefixes = dict(sorted({**{key: iri for mapping in mappings for key, iri in mapping.prefixes.items()}, **own}.items()))
    if not name:
        defined = {slot: value for slot, value in heading.items() if slot == "extension_definitions"}
        slots = {"mapping_set_version": about.version, "mapping_set_title": f"{about.title}: mappings", **defined}
        found = MappingSet(f"{about.base}mappings", about.license, prefixes, slots)
        return SetFile(file, found, columns, _rows(kb, mappings, columns))
    iri = mappings[0].slots.get("mapping_set_id", f"{about.base}mappings/{file}")
    terms = of_set.pop("license", _UNSPECIFIED)
    others = sorted({mapping.slots.get("license", terms) for mapping in mappings} - {terms})
    return SetFile(file, MappingSet(iri, terms, prefixes, of_set, tuple(others)), columns, _rows(kb, mappings, columns))


def _agree(values: Sequence[Mapping[str, Any]], slots: Iterable[str] = ()) -> dict[str, Any]:
    """Return the slots, or some of them, that all have with the same value."""
    first = values[0] if values else {}
    names = [slot for slot in slots or first if slot in first]
    return {slot: first[slot] for slot in names if all(value.get(slot) == first[slot] for value in values)}


def _join(value: Any) -> str:
    return "|".join(map(str, value)) if isinstance(value, list) else str(value)


def rows(kb: KnowledgeBase) -> list[tuple[str, ...]]:
    """Return the cells of each mapping, in the order of :data:`COLUMNS`."""
    return _rows(kb, kb.mappings, COLUMNS)


def _rows(kb: KnowledgeBase, mappings: Iterable[OutsideMatch], columns: Sequence[str]) -> list[tuple[str, ...]]:
    labels = {f"term:{term.id}": term.label for term in kb.terms.values()}
    labels |= {f"pred:{predicate.id}": predicate.label for predicate in kb.predicates.values()}
    found = []
    for mapping in mappings:
        cells = {
            **mapping.extensions,
            **mapping.slots,
            "subject_id": mapping.subject,
            "subject_label": labels[mapping.subject],
            "predicate_id": mapping.match,
            "object_id": mapping.object,
            "object_label": mapping.label,
            "mapping_justification": mapping.justification,
            "object_source_version": mapping.source_version,
            "mapping_date": mapping.date,
            "comment": mapping.comment,
            "license": mapping.slots.get("license", "") if mapping.foreign_set(kb.dataset) else "",
        }
        found.append(tuple([cells.get(column, "") for column in columns]))
    return found
