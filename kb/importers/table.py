"""Drug-effect tables into a knowledge base: one fact for each pair that a document states, each row a passage.

A document is what the column of documents names, such as a label, or else all rows about one subject. Its sentences are
rows of the file: ``s1.4711`` is row 4,711 (counted on beyond 999,999 in the next section), known by its position in the
file and its digest. Rows are sorted by SQLite in a file of its own, so that memory is bounded by the number of terms.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple, Self

from kb import resources
from kb.checks import json_schema
from kb.files import atomic
from kb.files.text_file import read_text
from kb.formats.tables import mapping_set
from kb.formats.tables.mapping_set import MappingSet
from kb.importers.frequencies import frequency_word
from kb.importers.rows import Row, Table, Whole
from kb.importers.table_terms import Terms, segment
from kb.model import Record
from kb.problems import KbError, Place, Problem, fail, quote
from kb.progress import track
from kb.rdf.iris import SKOS, STANDARD
from kb.records import strict_yaml

#: How many rows one document has at most; more of them become a second one.
MOST_ROWS = 8_000
#: How many sentences one section has at most, by the schema of sentence numbers.
SECTION = 999_999
_MOST_EVIDENCE = 1_000
_SEVERITIES = ("mild", "moderate", "severe")
_INSERT = "INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_CREATE = """CREATE TABLE rows (document TEXT, row INTEGER, line INTEGER, subject TEXT, object TEXT, frequency TEXT,
    severity TEXT, start INTEGER, end INTEGER, sha256 TEXT)"""


class Columns(NamedTuple):
    """Which columns hold what; an empty name is a column that the table does not have."""

    subject: str
    object: str
    subject_label: str = ""
    object_label: str = ""
    document: str = ""
    frequency: str = ""
    severity: str = ""


class About(NamedTuple):
    """What the facts of a table have in common, and what the table says of itself.

    Args:
        name: The start of the ids of its documents, and the name of its files.
        title: Its title.
        predicate: The predicate of every fact.
        kinds: The kinds of subjects and of objects.
        namespaces: The prefixes of ids that are written without one, for subjects and for objects.
        prefixes: Further prefixes, to IRIs.
        modality: How firmly the table states its facts.
        frequencies: Words of the table to frequencies; an empty one leaves the frequency out.
        rights: What is known of the rights in the table.
        license: The licence of a knowledge base that is made for it.
        base: The base IRI of a knowledge base that is made for it.
        source: Where the table was published.
        language: The language of its labels.
        date: When it was brought in; the date of the file if not given.
    """

    name: str
    title: str
    predicate: str = "has-side-effect"
    kinds: tuple[str, str] = ("drug", "symptom")
    namespaces: tuple[str, str] = ("", "")
    prefixes: Mapping[str, str] = {}
    modality: str = "can"
    frequencies: Mapping[str, str] = {}
    rights: str = "Not stated."
    license: str = ""
    base: str = ""
    source: str = ""
    language: str = "en"
    date: str = ""


class Imported(NamedTuple):
    """What came of a table: numbers, and the rows that are in no fact."""

    rows: int
    facts: int
    documents: int
    terms: int
    mappings: int
    rejected: int
    problems: list[Problem]


#: How many of the rows that do not fit are told at once; all of them are written down.
MOST_TOLD = 100


def import_table(path: Path, columns: Columns, about: About, folder: Path, **reading: Any) -> Imported:
    """Bring a table into a knowledge base, which is made if the folder has none.

    Args:
        path: The table; see :class:`kb.importers.rows.Table`.
        columns: Which columns hold what.
        about: What its facts have in common.
        folder: The knowledge base. ``facts/NAME.jsonl`` and the like are written, all of them or none; rows that do not
            fit go to ``rejected/NAME.jsonl`` with line and reason.
        reading: ``header`` and ``delimiter``, as :class:`kb.importers.rows.Table` takes them.

    Raises:
        KbError: The table cannot be read or lacks a column, or the folder cannot be written.
    """
    with _temporary(folder) as temporary, _Run(path, columns, about, folder, temporary) as run:
        run.read(reading)
        atomic.write_folder(folder, run.files())
        return run.result()


@contextmanager
def _temporary(folder: Path) -> Iterator[Path]:
    """Make a temporary folder for sorting, on the disk of the output."""
    try:
        with atomic.temporary_folder(folder) as temporary:
            yield temporary
    except (OSError, sqlite3.Error) as error:
        raise atomic.unwritable(folder, error) from error


class _Run:
    """One import: first all rows are read and sorted, then documents and facts are written from them."""

    def __init__(self, path: Path, columns: Columns, about: About, folder: Path, temporary: Path) -> None:
        self._path, self._columns, self._about, self._folder = path, columns, about, folder
        self._is_new = not (folder / "kb.yaml").exists()
        if self._is_new and not about.license:
            raise fail("KB793", "A new knowledge base needs a licence.", "Name one with --license IRI.", str(folder))
        new: dict[str, Any] = {"base": about.base or f"https://example.org/{about.name}/", "license": about.license}
        self._shared = new if self._is_new else _about(folder)
        self._prefixes = {**_about(resources.content())["prefixes"], **self._shared.get("prefixes", {}), **about.prefixes}
        self._terms = Terms(about.kinds, about.namespaces, self._prefixes)
        self._rejects = (temporary / "rejected.jsonl").open("w+", encoding="utf-8")
        self._told: list[Problem] = []
        self._rejected = self._facts = self._documents = 0
        self._whole = Whole("", "", 0, 0, 0)
        self._rows = sqlite3.connect(temporary / "rows.sqlite", isolation_level=None)
        self._rows.executescript(f"PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-65536; {_CREATE}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._rows.close()
        self._rejects.close()

    def read(self, reading: Mapping[str, Any]) -> None:
        """Read all rows into the sorter."""
        named = [each for each in self._columns if each]
        table = Table(self._path, named, self._reject, **reading)
        self._rows.execute("BEGIN")
        self._rows.executemany(_INSERT, self._fitting(track("reading", table.rows(), _length, _size(self._path))))
        self._rows.execute("COMMIT")
        if table.whole is None or not self._rows.execute("SELECT EXISTS (SELECT 1 FROM rows)").fetchone()[0]:
            raise KbError(self._told or [Problem(Place(str(self._path)), "KB109", "The table has no rows.", "Check the file.")])
        self._whole = table.whole

    def _fitting(self, rows: Iterable[Row]) -> Iterator[tuple[Any, ...]]:
        """Give each row that fits, resolved into ids and words."""
        places = _places(self._columns)
        for row in rows:
            cells = dict(zip(places, row.cells, strict=True))
            try:
                yield self._resolve(row, cells)
            except KbError as error:
                for problem in error.problems:
                    self._reject(problem._replace(place=Place(str(self._path), row.line)), row.cells)

    def _resolve(self, row: Row, cells: Mapping[str, str]) -> tuple[Any, ...]:
        subject = self._terms.find(0, cells["subject"], cells.get("subject_label", ""))
        obj = self._terms.find(1, cells["object"], cells.get("object_label", ""))
        word = cells.get("frequency", "")
        frequency = frequency_word(word, self._about.frequencies) if word else ""
        severity = cells.get("severity", "").lower()
        if severity and severity not in _SEVERITIES:
            raise fail("KB791", f"{quote(severity)} is not a severity.", f"Known are: {', '.join(_SEVERITIES)}.")
        document = self._document_of(cells, subject)
        return document, row.number, row.line, subject, obj, frequency, severity, row.start, row.end, row.sha256

    def _document_of(self, cells: Mapping[str, str], subject: str) -> str:
        if "document" in cells and not cells["document"]:
            raise fail("KB791", "The row names no document.", "Fill in the cell.")
        return f"{self._about.name}-{segment(cells['document']) if 'document' in cells else subject}"[:95].rstrip("-")

    def _reject(self, problem: Problem, cells: tuple[str, ...] = ()) -> None:
        self._rejected += 1
        if len(self._told) < MOST_TOLD:
            self._told.append(problem)
        record = {
            "line": problem.place.line,
            "code": problem.code,
            "message": f"{problem.message} {problem.remedy}",
            "cells": cells,
        }
        self._rejects.write(f"{json.dumps(record, ensure_ascii=False)}\n")

    def files(self) -> dict[str, Iterable[str]]:
        """Give what is written, in the order in which it has to be made."""
        name = self._about.name
        made: dict[str, Iterable[str]] = {"kb.yaml": iter([self._kb()])} if self._is_new else {}
        made[f"facts/{name}.jsonl"] = track("writing facts", self._fact_lines(), len)
        made[f"documents/{name}.jsonl"] = track("writing documents", self._document_lines(), len)
        made[f"terms/{name}.jsonl"] = (_line(each) for each in self._terms.records())
        if self._is_new:
            made[f"predicates/{name}.jsonl"] = iter([_line(_predicate(self._about))])
        for number, curies in enumerate(self._terms.mapped(), 1):
            tail = f"-{number}" if number > 1 else ""
            made[f"mappings/{name}{tail}.sssom.tsv"] = self._mapping_lines(f"{name}{tail}", curies)
        made[f"rejected/{name}.jsonl"] = self._rejected_lines()
        return made

    def _groups(self) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
        """Give the id and the rows of each document, in the order of the ids and of the file."""
        sorted_rows = self._rows.execute("SELECT * FROM rows ORDER BY document, row")
        for name, group in groupby(sorted_rows, key=lambda row: row[0]):
            part: list[tuple[Any, ...]] = []
            number = 1
            for row in group:
                if len(part) == MOST_ROWS:
                    yield f"{name}-{number}" if number > 1 else name, part
                    part, number = [], number + 1
                part.append(row)
            yield f"{name}-{number}" if number > 1 else name, part

    def _fact_lines(self) -> Iterator[str]:
        middle = f'"predicate":"{self._about.predicate}","object":"'
        for name, rows in self._groups():
            pairs: dict[tuple[str, str], list[tuple[Any, ...]]] = {}
            for row in rows:
                same = pairs.setdefault((row[3], row[4]), [])
                if self._joins(row, same):
                    same.append(row)
            for (subject, obj), same in pairs.items():
                self._facts += 1
                yield f'{{"document":"{name}","subject":"{subject}",{middle}{obj}",{self._rest(same)}}}\n'

    def _joins(self, row: tuple[Any, ...], same: list[tuple[Any, ...]]) -> bool:
        """Tell whether a row can be a further piece of evidence for the fact of others; if not, refuse it."""
        for index, what in ((5, "frequency"), (6, "severity")):
            other = next((each for each in same if each[index] and row[index] and each[index] != row[index]), None)
            if other:
                message = f"Line {other[2]} gives the same pair another {what}: {other[index]}, not {row[index]}."
                self._refuse(row, message, "Keep one of the rows, or name the column that tells them apart with --document.")
                return False
        if len(same) >= _MOST_EVIDENCE:
            self._refuse(row, f"More than {_MOST_EVIDENCE:,} rows state this pair.", "Name the column of documents.")
            return False
        return True

    def _refuse(self, row: tuple[Any, ...], message: str, remedy: str) -> None:
        self._reject(Problem(Place(str(self._path), row[2]), "KB792", message, remedy), (row[3], row[4]))

    def _rest(self, same: list[tuple[Any, ...]]) -> str:
        """Write the qualifiers of a fact, and each row as evidence for what it says."""
        text = f'"modality":"{self._about.modality}"'
        parts = {"frequency": 5, "severity": 6}
        words = {name: next((row[index] for row in same if row[index]), "") for name, index in parts.items()}
        text += "".join(f',"{name}":"{word}"' for name, word in words.items() if word)
        pieces = []
        for row in same:
            supports = ["claim", "modality", *(name for name, index in parts.items() if row[index])]
            tail = (
                ""
                if all(bool(row[parts[name]]) == bool(words[name]) for name in parts)
                else f',"supports":{json.dumps(supports)}'
            )
            pieces.append(f'{{"sentence":"{sentence(row[1])}"{tail}}}')
        return f'{text},"evidence":[{",".join(pieces)}]'

    def _document_lines(self) -> Iterator[str]:
        about, whole = self._about, self._whole
        shared: dict[str, Any] = {
            "language": about.language,
            "rights": about.rights,
            "text": "held-elsewhere",
            "mediatype": whole.mediatype,
        }
        shared |= {"sha256": whole.sha256, "bytes": whole.bytes, "characters": whole.characters}
        shared |= {"source": about.source} if about.source else {}
        for name, rows in self._groups():
            self._documents += 1
            start = _line({"id": name, "title": f"{about.title}: {self._titled(name, rows[0])}"[:200], **shared})
            sentences = ",".join(
                f'{{"id":"{sentence(row[1])}","start":{row[7]},"end":{row[8]},"sha256":"{row[9]}"}}' for row in rows
            )
            yield f'{start[:-2]},"sentences":[{sentences}]}}\n'

    def _titled(self, name: str, row: tuple[Any, ...]) -> str:
        return name.removeprefix(f"{self._about.name}-") if self._columns.document else self._terms.label(row[3])

    def _mapping_lines(self, name: str, curies: Mapping[str, str]) -> Iterator[str]:
        """Write CURIEs as SSSOM TSV: they are the table's own ids, taken over as they are."""
        base = self._shared["base"]
        prefixes = {prefix: self._prefixes[prefix] for prefix in sorted({curie.partition(":")[0] for curie in curies.values()})}
        prefixes |= {"semapv": STANDARD["semapv"], "skos": SKOS, "term": f"{base}term/"}
        about = MappingSet(f"{base}mappings/{name}", self._shared["license"], prefixes)
        made = ("semapv:UnspecifiedMatching", self._path.name[:200], self._date())
        rows = ((f"term:{term}", "skos:exactMatch", curie, *made) for term, curie in curies.items())
        columns = [name for name in mapping_set.COLUMNS if "label" not in name and name != "comment"]
        return mapping_set.write(about, columns, rows)

    def _rejected_lines(self) -> Iterator[str]:
        self._rejects.seek(0)
        yield from self._rejects

    def _kb(self) -> str:
        about = self._about
        used = {curie.partition(":")[0] for curie in self._terms.curies.values()}
        record = {
            "id": about.name,
            "title": about.title,
            "description": f"Facts of the table {self._path.name}, each with the row that states it.",
            "version": "1.0.0",
            **self._shared,
            "language": about.language,
            "issued": self._date(),
            "creators": [{"id": "importer", "name": "Whoever brought the table in"}],
            "prefixes": {name: iri for name, iri in sorted(self._prefixes.items()) if name in used},
        }
        return json.dumps(record, indent=1, ensure_ascii=False) + "\n"

    def _date(self) -> str:
        found = self._about.date or datetime.fromtimestamp(self._path.stat().st_mtime, UTC).date().isoformat()
        return date.fromisoformat(found).isoformat()

    def result(self) -> Imported:
        """Give the numbers."""
        counts = (self._whole.rows, self._facts, self._documents, len(self._terms), len(self._terms.curies), self._rejected)
        return Imported(*counts, sorted(self._told))


def sentence(row: int) -> str:
    """Give the id of the sentence that a row of a table is, by its number from 1."""
    return f"s{1 + (row - 1) // SECTION}.{1 + (row - 1) % SECTION}"


def _places(columns: Columns) -> list[str]:
    return [name for name, column in columns._asdict().items() if column]


def _size(path: Path) -> int:
    """Give how much there is to be read of a table, where its rows tell how much of it they are."""
    return path.stat().st_size if path.is_file() and path.suffix.lower() in {".tsv", ".csv", ".txt"} else 0


def _length(row: Row) -> int:
    return row.end - row.start + 1


def _line(record: Mapping[str, Any]) -> str:
    return f"{json.dumps(record, ensure_ascii=False, separators=(',', ':'))}\n"


def _about(folder: Path) -> dict[str, Any]:
    """Read what a knowledge base says of itself, which must keep its schema."""
    path = folder / "kb.yaml"
    about = strict_yaml.parse(read_text(path, str(path)), str(path))
    problems = list(json_schema.check(Record("kb", about.value, Place(str(path)), about.places)))
    if problems:
        raise KbError(problems)
    return dict(about.value)


def _predicate(about: About) -> dict[str, Any]:
    """Give the predicate of a new knowledge base: as the shipped one defines it, or with a definition that says its source."""
    path = resources.content() / "predicates.yaml"
    shipped: Any = strict_yaml.parse(read_text(path, str(path)), str(path)).value
    label = about.predicate.replace("-", " ")
    made = {"id": about.predicate, "label": label, "definition": f"As the table '{about.title}' means it."}
    found = next((each for each in shipped if each["id"] == about.predicate), {**made, "plain": [about.modality]})
    ends = {"subject": [about.kinds[0]], "object": [about.kinds[1]], "qualifiers": ["frequency", "severity"]}
    return {key: value for key, value in {**found, **ends}.items() if key != "requires"}
