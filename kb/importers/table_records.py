"""The records that an imported table becomes: facts, documents, terms, mappings and, for a new knowledge base, its own."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import count, groupby, islice
from operator import attrgetter
from pathlib import Path
from typing import Any, Self

import msgspec

from kb import resources
from kb.checks import json_schema
from kb.checks.argument_values import check_arguments
from kb.escaping import count_of, escape_unseen
from kb.files import boundary
from kb.files.sorting import SortedFile
from kb.files.text_file import read_text
from kb.formats.tables import mapping_set
from kb.formats.tables.mapping_set import MappingSet
from kb.importers.rows import TableContents
from kb.importers.table_terms import Terms
from kb.model import Record
from kb.problems import KbError, Place, Problem, fail, quote
from kb.progress import track
from kb.rdf.iris import SKOS, STANDARD
from kb.records import strict_yaml
from kb.records.folder import find_inputs, read_file
from kb.suggestions import did_you_mean

#: How many rows one document has at most; further rows become a second one.
MAX_ROWS = 8_000
#: How many sentences one section has at most, by the schema of sentence numbers.
SECTION = 999_999
#: The frequency of a row that gives one which no band expresses.
NO_BAND = "?"
_MAX_EVIDENCE = 1_000
_MAX_GIVEN = 20  # different frequencies in the note of a fact


@dataclass(frozen=True, slots=True)
class TableDetails:
    """What all facts of a table have in common, and what is known of the table."""

    name: str  # the start of the ids of its documents, and the name of its files
    title: str
    predicate: str = ""  # the predicate of every fact, unless a column names it
    kinds: tuple[str, str] = ("drug", "symptom")  # of subjects and of objects
    namespaces: tuple[str, str] = ("", "")  # the prefixes of ids that are written without one, for subjects and for objects
    prefixes: Mapping[str, str] = field(default_factory=dict)  # further prefixes, to IRIs
    modality: str = "can"  # of every fact
    frequencies: Mapping[str, str] = field(default_factory=dict)  # words of the table to frequencies; an empty one leaves it out
    rights: str = "Not stated."  # what is known of the rights in the table
    license: str = ""  # the licence of a knowledge base that is made for it
    base: str = ""  # the base IRI of a knowledge base that is made for it
    source: str = ""  # where the table was published
    language: str = "en"  # of its labels
    date: str = ""  # the date of the import; the date of the file if not given

    def check(self) -> None:
        """Check every value.

        Raises:
            KbError: Some are invalid (KB832).
        """
        required = {"name": self.name, "title": self.title, "kinds": all(self.kinds), "modality": self.modality}
        required |= {"rights": self.rights, "language": self.language}
        if empty := [name for name, value in required.items() if not value]:
            remedy = "Give one, or leave the argument out."
            raise KbError([Problem(Place(name), "KB832", "The value is empty.", remedy) for name in empty])
        kinds = {"name": "id", "title": "title", "predicate": "predicate", "rights": "line", "language": "language"}
        kinds |= {"license": "iri", "base": "base", "source": "iri", "date": "date", "modality": "modality"}
        check_arguments(
            [
                *((name, kind, getattr(self, name)) for name, kind in kinds.items()),
                *(("kinds", "kind", kind) for kind in self.kinds),
                *(("namespaces", "word", prefix) for prefix in self.namespaces),
                *(("prefixes", "iri", iri) for iri in self.prefixes.values()),
                *(("frequencies", "frequency", word) for word in self.frequencies.values()),
            ]
        )


class ImportedRow(msgspec.Struct, array_like=True, frozen=True):
    """A row with its values resolved into ids and words; encoded rows sort by document, then by their order in the file.

    ``order`` is the number of the row from 1 in 12 digits; ``given`` is the frequency as the table has it, and ``frequency`` its
    band, or :data:`NO_BAND`; ``start`` and ``end`` are the position of its text in code points.
    """

    document: str
    order: str
    line: int
    subject: str
    predicate: str
    object: str
    polarity: str
    population: str
    frequency: str
    severity: str
    given: str
    start: int
    end: int
    sha256: str

    @property
    def claim(self) -> tuple[str, ...]:
        """What makes two rows of a document the same fact."""
        return (self.subject, self.predicate, self.object, self.polarity, self.population)

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
    """The knowledge base that a table is imported into."""

    is_new: bool  # whether it is made by the import
    details: Mapping[str, Any]  # what its ``kb.yaml`` says, or will say
    prefixes: Mapping[str, str]  # all prefixes that ids may have, to IRIs
    terms: Sequence[Mapping[str, Any]] = ()  # its records, but for those of an earlier import of the table
    predicates: Sequence[Mapping[str, Any]] = ()

    @classmethod
    def read(cls, folder: Path, table: TableDetails) -> Self:
        """Read what a knowledge base says of itself and has, or make it for a new one.

        Raises:
            KbError: A new one lacks a licence (KB793), an existing one lacks what the table needs (KB832), or its files
                have problems.
        """
        if not boundary.exists(folder / "kb.yaml"):
            if not table.license:
                raise fail("KB793", "A new knowledge base needs a licence.", "Name one with --license IRI.", str(folder))
            new = {"base": table.base or f"https://example.org/{table.name}/", "license": table.license}
            prefixes = {**_read_details(resources.content())["prefixes"], **table.prefixes}
            base = cls(is_new=True, details=new, prefixes=prefixes)
            record = Record("kb", base.describe(table, "", "2000-01-01", table.prefixes), Place("prefixes"))
            if problems := list(json_schema.check(record)):  # of the prefixes: all else was checked
                raise KbError([problem._replace(code="KB832") for problem in problems])
        else:
            details = _read_details(folder)
            asked = {
                "base": table.base,
                "license": table.license,
                **{f"prefix {name}": iri for name, iri in table.prefixes.items()},
            }
            declared = {**details, **{f"prefix {name}": iri for name, iri in details["prefixes"].items()}}
            for name, value in asked.items():
                if value and declared.get(name) != value:
                    message = f"The knowledge base does not declare the {name} {quote(value)}."
                    raise fail("KB832", message, "Leave it out, or declare it in kb.yaml.", name)
            own = {folder / kind / f"{table.name}.jsonl" for kind in ("terms", "predicates")}
            files = [(path, kind) for path, kind in find_inputs(folder, []) if kind in {"term", "predicate"} and path not in own]
            records = [record for path, kind in files for record in read_file(path, kind)]
            valid = [record for record in records if json_schema.accepts(record.kind, record.value)]
            terms, predicates = ([record.value for record in valid if record.kind == kind] for kind in ("term", "predicate"))
            base = cls(is_new=False, details=details, prefixes=details["prefixes"], terms=terms, predicates=predicates)
        for prefix in filter(None, table.namespaces):
            if prefix not in base.prefixes:
                remedy = did_you_mean(prefix, base.prefixes, f"Declare it: --prefix {prefix}=IRI.")
                raise fail("KB832", f"{quote(prefix)} is not a known prefix.", remedy, "namespaces")
        return base

    def describe(self, table: TableDetails, file: str, issued: str, prefixes: Mapping[str, str]) -> dict[str, Any]:
        """Return the ``kb.yaml`` of a new one, for the table in a file."""
        return {
            "id": table.name,
            "title": table.title,
            "description": f"Facts of the table {file}, each with the row that states it.",
            "version": "1.0.0",
            **self.details,
            "language": table.language,
            "issued": issued,
            "creators": [{"id": "importer", "name": "The person who imported the table"}],
            "prefixes": dict(sorted(prefixes.items())),
        }


@dataclass(slots=True)
class TableRecords:
    """The records of a table, written from its sorted rows; ``reject`` is called with rows that are too many for their fact.

    ``contradictions`` counts the facts whose rows give a qualifier differently, by its name.
    """

    path: Path
    contents: TableContents
    rows: SortedFile
    table: TableDetails
    base: TargetBase
    terms: Terms
    reject: Callable[[Problem, Iterable[str]], None]
    predicates: Mapping[str, Mapping[str, Any]]
    facts: int = 0
    documents: int = 0
    contradictions: dict[str, int] = field(default_factory=dict)

    def files(self, *, by_document: bool) -> dict[str, Iterable[str]]:
        """Return the lines of each file, by its path, in the order in which they have to be written.

        Args:
            by_document: Whether a column names the documents; otherwise a document is titled by its subject.
        """
        name = self.table.name
        files: dict[str, Iterable[str]] = {"kb.yaml": iter([self._details()])} if self.base.is_new else {}
        files[f"facts/{name}.jsonl"] = track("writing facts", self._fact_lines(), len)
        files[f"documents/{name}.jsonl"] = track("writing documents", self._document_lines(by_document=by_document), len)
        if self.terms:
            files[f"terms/{name}.jsonl"] = map(_line, self.terms.records())
        if self.predicates:
            files[f"predicates/{name}.jsonl"] = map(_line, self.predicates.values())
        if self.base.is_new:
            files["biolink.yaml"] = iter([_line(_make_profile(self.predicates))])
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
        for document, rows in self._groups():
            claims: dict[tuple[str, ...], list[ImportedRow]] = {}
            for row in rows:
                same = claims.setdefault(row.claim, [])
                if len(same) < _MAX_EVIDENCE:
                    same.append(row)
                else:
                    message = f"More than {_MAX_EVIDENCE:,} rows of a document state the same."
                    problem = Problem(Place(str(self.path), row.line), "KB791", message, "Name the column of documents.")
                    self.reject(problem, (row.subject, row.object))
            for same in claims.values():
                self.facts += 1
                yield _line(self._make_fact(document, same))

    def _make_fact(self, document: str, rows: Sequence[ImportedRow]) -> dict[str, Any]:
        """Make a fact of the rows that state it: each is evidence for the qualifiers that it gives.

        What the rows give differently is no qualifier of the fact: its note has all of it.
        """
        first = rows[0]
        restrictions = {name: value for name in ("polarity", "population") if (value := getattr(first, name))}
        agreed = {name: value for name in ("frequency", "severity") if (value := self._agree(rows, name))}
        evidence: list[dict[str, Any]] = []
        for row in rows:
            given = [name for name, value in agreed.items() if getattr(row, name) == value]
            supports = {"supports": ["claim", "modality", *restrictions, *given]} if len(given) < len(agreed) else {}
            evidence.append({"sentence": row.sentence, **supports})
        note = {"note": note} if (note := _describe_given(rows, agreed)) else {}
        claim = {"document": document, "subject": first.subject, "predicate": first.predicate, "object": first.object}
        return {**claim, "modality": self.table.modality, **restrictions, **agreed, "evidence": evidence, **note}

    def _agree(self, rows: Sequence[ImportedRow], name: str) -> str:
        """Return the value of a qualifier that rows give, if all that give one give the same."""
        values = {value for row in rows if (value := getattr(row, name))}
        if len(values) > 1:
            self.contradictions[name] = self.contradictions.get(name, 0) + 1
        value = values.pop() if len(values) == 1 else ""
        return "" if value == NO_BAND else value

    def describe_contradictions(self) -> Iterator[str]:
        """Yield how many facts lack a qualifier because their rows give it differently."""
        for name, number in self.contradictions.items():
            yield f"{count_of(number, 'fact')} without a {name}, since rows give different ones; the notes have all of them."

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
        source = ("semapv:UnspecifiedMatching", self._date(), f"Taken over from {escape_unseen(self.path.name)[:200]}.")
        rows = ((f"term:{term}", "skos:exactMatch", curie, *source) for term, curie in curies.items())
        columns = [column for column in mapping_set.COLUMNS if not re.search("label|version|license", column)]
        return mapping_set.write(mappings, columns, rows)

    def _details(self) -> str:
        used = {curie.partition(":")[0] for curie in self.terms.curies.values()}
        prefixes = {name: iri for name, iri in self.base.prefixes.items() if name in used}
        record = self.base.describe(self.table, escape_unseen(self.path.name), self._date(), prefixes)
        return json.dumps(record, indent=1, ensure_ascii=False) + "\n"

    def _date(self) -> str:
        day = self.table.date or datetime.fromtimestamp(self.path.stat().st_mtime, UTC).date().isoformat()
        return date.fromisoformat(day).isoformat()


def _line(record: Mapping[str, Any]) -> str:
    return _encode(record).decode("utf-8") + "\n"


def _make_profile(predicates: Iterable[str]) -> dict[str, Any]:
    """Return a Biolink profile: the shipped rules of each predicate, or the widest edge there is, which says least."""
    path = resources.content() / "biolink.yaml"
    shipped: Any = strict_yaml.parse(read_text(path, str(path)), str(path)).value
    rules = {name: shipped["predicates"].get(name) or [{"predicate": "related_to"}] for name in predicates}
    return {"predicates": rules, "unmatched": True}


def _read_details(folder: Path) -> dict[str, Any]:
    """Read the ``kb.yaml`` of a knowledge base, which must keep its schema."""
    (record,) = read_file(folder / "kb.yaml", "kb")
    if problems := list(json_schema.check(record)):
        raise KbError(problems)
    return dict(record.value)


def _describe_given(rows: Sequence[ImportedRow], agreed: Mapping[str, str]) -> str:
    """Describe what rows give in other words than the qualifiers of their fact."""
    parts = []
    for title, name, attribute in (("Frequency", "frequency", "given"), ("Severity", "severity", "severity")):
        texts = list(dict.fromkeys(text for row in rows if (text := getattr(row, attribute))))
        if any(re.sub("[ _-]+", "-", text.lower()) != agreed.get(name) for text in texts):
            more = f", and {len(texts) - _MAX_GIVEN} others" if len(texts) > _MAX_GIVEN else ""
            parts.append(f"{title} in the table: {', '.join(texts[:_MAX_GIVEN])}{more}.")
    return " ".join(parts)
