"""The records that an imported table becomes: facts, documents, terms, mappings and, for a new knowledge base, its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import count, groupby, islice
from operator import attrgetter
from pathlib import Path
from typing import Any, Self

import msgspec

from kb import resources
from kb.checks import json_schema
from kb.escaping import escape_unseen
from kb.files import boundary
from kb.files.sorting import SortedFile
from kb.files.text_file import read_text
from kb.formats.tables import mapping_set
from kb.formats.tables.mapping_set import MappingSet
from kb.importers.rows import TableContents
from kb.importers.table_terms import Terms
from kb.model import Record
from kb.problems import KbError, Place, Problem, fail
from kb.progress import track
from kb.rdf.iris import SKOS, STANDARD
from kb.records import strict_yaml

#: How many rows one document has at most; further rows become a second one.
MAX_ROWS = 8_000
#: How many sentences one section has at most, by the schema of sentence numbers.
SECTION = 999_999
_MAX_EVIDENCE = 1_000


@dataclass(frozen=True, slots=True)
class TableDetails:
    """What all facts of a table have in common, and what is known of the table.

    Args:
        name: The start of the ids of its documents, and the name of its files.
        title: Its title.
        predicate: The predicate of every fact.
        kinds: The kinds of subjects and of objects.
        namespaces: The prefixes of ids that are written without one, for subjects and for objects.
        prefixes: Further prefixes, to IRIs.
        modality: The modality of every fact.
        frequencies: Words of the table to frequencies; an empty one leaves the frequency out.
        rights: What is known of the rights in the table.
        license: The licence of a knowledge base that is made for it.
        base: The base IRI of a knowledge base that is made for it.
        source: Where the table was published.
        language: The language of its labels.
        date: The date of the import; the date of the file if not given.
    """

    name: str
    title: str
    predicate: str = "has-side-effect"
    kinds: tuple[str, str] = ("drug", "symptom")
    namespaces: tuple[str, str] = ("", "")
    prefixes: Mapping[str, str] = field(default_factory=dict)
    modality: str = "can"
    frequencies: Mapping[str, str] = field(default_factory=dict)
    rights: str = "Not stated."
    license: str = ""
    base: str = ""
    source: str = ""
    language: str = "en"
    date: str = ""


class ImportedRow(msgspec.Struct, array_like=True, frozen=True):
    """A row with its values resolved into ids and words; encoded rows sort by document, then by their order in the file.

    ``order`` is the number of the row from 1 in 12 digits; ``start`` and ``end`` are the position of its text in code points.
    """

    document: str
    order: str
    line: int
    subject: str
    object: str
    frequency: str
    severity: str
    start: int
    end: int
    sha256: str

    @property
    def sentence(self) -> str:
        """The id of the sentence that the row is."""
        return sentence_id(int(self.order))

    def encode(self) -> bytes:
        """Return the row as a line of JSON."""
        return _encode(self) + b"\n"


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(ImportedRow).decode


def sentence_id(row: int) -> str:
    """Return the id of the sentence that a row of a table is, by its number from 1."""
    return f"s{1 + (row - 1) // SECTION}.{1 + (row - 1) % SECTION}"


@dataclass(frozen=True, slots=True)
class TargetBase:
    """The knowledge base that a table is imported into.

    Args:
        is_new: Whether it is made by the import.
        details: What its ``kb.yaml`` says, or will say.
        prefixes: All prefixes that ids may have, to IRIs.
    """

    is_new: bool
    details: Mapping[str, Any]
    prefixes: Mapping[str, str]

    @classmethod
    def read(cls, folder: Path, table: TableDetails) -> Self:
        """Read what a knowledge base says of itself, or make it for a new one.

        Raises:
            KbError: A new one lacks a licence (KB793), or ``kb.yaml`` has problems.
        """
        is_new = not boundary.exists(folder / "kb.yaml")
        if is_new and not table.license:
            raise fail("KB793", "A new knowledge base needs a licence.", "Name one with --license IRI.", str(folder))
        new = {"base": table.base or f"https://example.org/{table.name}/", "license": table.license}
        details: dict[str, Any] = new if is_new else _read_details(folder)
        known = _read_details(resources.content())["prefixes"]
        return cls(is_new, details, {**known, **details.get("prefixes", {}), **table.prefixes})


@dataclass(slots=True)
class TableRecords:
    """The records of a table, written from its sorted rows; ``reject`` is called with rows that contradict others."""

    path: Path
    contents: TableContents
    rows: SortedFile
    table: TableDetails
    base: TargetBase
    terms: Terms
    reject: Callable[[Problem, Iterable[str]], None]
    facts: int = 0
    documents: int = 0

    def files(self, *, by_document: bool) -> dict[str, Iterable[str]]:
        """Return the lines of each file, by its path, in the order in which they have to be written.

        Args:
            by_document: Whether a column names the documents; otherwise a document is titled by its subject.
        """
        name = self.table.name
        files: dict[str, Iterable[str]] = {"kb.yaml": iter([self._details()])} if self.base.is_new else {}
        files[f"facts/{name}.jsonl"] = track("writing facts", self._fact_lines(), len)
        files[f"documents/{name}.jsonl"] = track("writing documents", self._document_lines(by_document=by_document), len)
        files[f"terms/{name}.jsonl"] = (_line(term) for term in self.terms.records())
        if self.base.is_new:
            files[f"predicates/{name}.jsonl"] = iter([_line(_predicate(self.table))])
        for number, curies in enumerate(self.terms.list_mappings(), 1):
            stem = f"{name}-{number}" if number > 1 else name
            files[f"mappings/{stem}.sssom.tsv"] = self._mapping_lines(stem, curies)
        return files

    def _groups(self) -> Iterator[tuple[str, list[ImportedRow]]]:
        """Return the id and the rows of each document, in the order of the ids and of the file."""
        for name, group in groupby(map(_decode, self.rows.lines()), key=attrgetter("document")):
            numbers = count(1)
            while part := list(islice(group, MAX_ROWS)):
                number = next(numbers)
                yield f"{name}-{number}" if number > 1 else name, part

    def _fact_lines(self) -> Iterator[str]:
        middle = f'"predicate":"{self.table.predicate}","object":"'
        for document, rows in self._groups():
            pairs: dict[tuple[str, str], list[ImportedRow]] = {}
            for row in rows:
                same = pairs.setdefault((row.subject, row.object), [])
                if self._agrees(row, same):
                    same.append(row)
            for (subject, obj), same in pairs.items():
                self.facts += 1
                yield f'{{"document":"{document}","subject":"{subject}",{middle}{obj}",{self._qualified(same)}}}\n'

    def _agrees(self, row: ImportedRow, same: list[ImportedRow]) -> bool:
        """Return whether a row can be further evidence for the fact of other rows; if not, reject it."""
        for name in ("frequency", "severity"):
            value = getattr(row, name)
            other = next((other for other in same if value and getattr(other, name) not in {"", value}), None)
            if other:
                message = f"Line {other.line} gives the same pair another {name}: {getattr(other, name)}, not {value}."
                remedy = "Keep one of the rows, or name the column that distinguishes them with --document."
                self._reject_row(row, message, remedy)
                return False
        if len(same) >= _MAX_EVIDENCE:
            self._reject_row(row, f"More than {_MAX_EVIDENCE:,} rows state this pair.", "Name the column of documents.")
            return False
        return True

    def _reject_row(self, row: ImportedRow, message: str, remedy: str) -> None:
        self.reject(Problem(Place(str(self.path), row.line), "KB792", message, remedy), (row.subject, row.object))

    def _qualified(self, rows: list[ImportedRow]) -> str:
        """Write the qualifiers of a fact, and each row as evidence for the qualifiers that it has."""
        first = {name: next(filter(None, (getattr(row, name) for row in rows)), "") for name in ("frequency", "severity")}
        values = {name: value for name, value in first.items() if value}
        evidence = []
        for row in rows:
            given = [name for name in values if getattr(row, name)]
            supports = f',"supports":{json.dumps(["claim", "modality", *given])}' if len(given) < len(values) else ""
            evidence.append(f'{{"sentence":"{row.sentence}"{supports}}}')
        qualifiers = "".join(f'"{name}":"{value}",' for name, value in {"modality": self.table.modality, **values}.items())
        return f'{qualifiers}"evidence":[{",".join(evidence)}]'

    def _document_lines(self, *, by_document: bool) -> Iterator[str]:
        table = self.table
        shared: dict[str, Any] = {
            "language": table.language,
            "rights": table.rights,
            "text": "held-elsewhere",
            **{name: getattr(self.contents, name) for name in ("mediatype", "sha256", "bytes", "characters")},
            **({"source": table.source} if table.source else {}),
        }
        for name, rows in self._groups():
            self.documents += 1
            title = name.removeprefix(f"{table.name}-") if by_document else self.terms.label(rows[0].subject)
            start = _line({"id": name, "title": f"{table.title}: {title}"[:200], **shared})
            sentences = ",".join(
                f'{{"id":"{row.sentence}","start":{row.start},"end":{row.end},"sha256":"{row.sha256}"}}' for row in rows
            )
            yield f'{start[:-2]},"sentences":[{sentences}]}}\n'

    def _mapping_lines(self, stem: str, curies: Mapping[str, str]) -> Iterator[str]:
        """Write CURIEs as SSSOM TSV: they are the table's own ids, taken over as they are."""
        base = self.base.details["base"]
        names = sorted({curie.partition(":")[0] for curie in curies.values()})
        prefixes = {prefix: self.base.prefixes[prefix] for prefix in names}
        prefixes |= {"semapv": STANDARD["semapv"], "skos": SKOS, "term": f"{base}term/"}
        mappings = MappingSet(f"{base}mappings/{stem}", self.base.details["license"], prefixes)
        source = ("semapv:UnspecifiedMatching", escape_unseen(self.path.name)[:200], self._date())
        rows = ((f"term:{term}", "skos:exactMatch", curie, *source) for term, curie in curies.items())
        columns = [column for column in mapping_set.COLUMNS if "label" not in column and column != "comment"]
        return mapping_set.write(mappings, columns, rows)

    def _details(self) -> str:
        used = {curie.partition(":")[0] for curie in self.terms.curies.values()}
        record = {
            "id": self.table.name,
            "title": self.table.title,
            "description": f"Facts of the table {escape_unseen(self.path.name)}, each with the row that states it.",
            "version": "1.0.0",
            **self.base.details,
            "language": self.table.language,
            "issued": self._date(),
            "creators": [{"id": "importer", "name": "The person who imported the table"}],
            "prefixes": {name: iri for name, iri in sorted(self.base.prefixes.items()) if name in used},
        }
        return json.dumps(record, indent=1, ensure_ascii=False) + "\n"

    def _date(self) -> str:
        day = self.table.date or datetime.fromtimestamp(self.path.stat().st_mtime, UTC).date().isoformat()
        return date.fromisoformat(day).isoformat()


def _line(record: Mapping[str, Any]) -> str:
    return f"{json.dumps(record, ensure_ascii=False, separators=(',', ':'))}\n"


def _read_details(folder: Path) -> dict[str, Any]:
    """Read the ``kb.yaml`` of a knowledge base, which must keep its schema."""
    path = folder / "kb.yaml"
    parsed = strict_yaml.parse(read_text(path, str(path)), str(path))
    problems = list(json_schema.check(Record("kb", parsed.value, Place(str(path)), parsed.places)))
    if problems:
        raise KbError(problems)
    return dict(parsed.value)


def _predicate(table: TableDetails) -> dict[str, Any]:
    """Return the predicate of a new knowledge base: as the shipped one defines it, or defined by the table."""
    path = resources.content() / "predicates.yaml"
    shipped: Any = strict_yaml.parse(read_text(path, str(path)), str(path)).value
    label = table.predicate.replace("-", " ")
    new = {"id": table.predicate, "label": label, "definition": f"As the table '{table.title}' means it."}
    predicate = next((known for known in shipped if known["id"] == table.predicate), {**new, "plain": [table.modality]})
    ends = {"subject": [table.kinds[0]], "object": [table.kinds[1]], "qualifiers": ["frequency", "severity"]}
    return {key: value for key, value in {**predicate, **ends}.items() if key != "requires"}
