"""Check a release: the files against their checksums, and the metadata against the files."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import re
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any, cast
from zipfile import ZipFile

import pyoxigraph as ox

from kb.escaping import escape_markdown
from kb.files import boundary
from kb.files.text_file import read_bytes
from kb.formats import registry
from kb.problems import KbError, Place, Problem, collect, fail, quote, visible
from kb.queries.child_process import Limits, limit_resources, run_confined
from kb.rdf.iris import DCAT, KB, OWL, RDF, SSSOM, VOID
from kb.release import content, lineage, signatures
from kb.release.lineage import CHECKSUMS
from kb.sparql import guard, result_formats
from kb.sparql.engines import oxigraph
from kb.sparql.values import Answer, Question

_SPDX = "http://spdx.org/data/terms#"
# The most bytes of a file, which some checks hold in memory, and of all files.
_LARGEST, _LARGEST_RELEASE = 1 << 30, 1 << 34
_REMEDY = "Download the release again, or make it again."
_UNCHECKED = "Download the release again. If it is what was released, do not trust it: readers fail on this file."
# What a check may use: fixed amounts, and more for a large release, by the bytes of its files.
_SECONDS, _RATE, _MEGABYTES, _MEMORY = 60.0, 50_000, 1024, 40
# How much more time all questions together may take.
_QUESTIONS = 10
_FAILURES = {
    "KB604": "its reader was stopped after {0.seconds:,.0f} seconds",
    "KB605": "its reader needs more than {0.megabytes:,} MB of memory",
    "KB608": "its reader crashed",
}
_LONGEST_NAME = 1_000
_NUMBERS = re.compile(r": (\d{1,18}) facts, (\d{1,18}) terms, (\d{1,18}) mappings, (\d{1,18}) documents\.")
# The list of files in each description, and the keys of their names, sizes and digests.
_DESCRIBED = {
    "datapackage.json": ("resources", "path", "bytes", "hash"),
    "metadata/croissant.json": ("distribution", "contentUrl", "contentSize", "sha256"),
    "ro-crate-metadata.json": ("@graph", "@id", "contentSize", "sha256"),
    lineage.DESCRIPTION: ("distribution", "name", "contentSize", "sha256"),
}
_COUNTED = (f"{KB}Fact", f"{KB}Term", f"{SSSOM}Mapping", f"{KB}Document")


@dataclass(frozen=True, slots=True)
class MeasuredFile:
    """The size of a file in bytes, and its digest."""

    size: int
    sha256: str


def check_release(folder: Path, note: Callable[[str], object] = lambda _: None, signers: Path | None = None) -> Sequence[Problem]:
    """Return all problems of a release (KB712).

    Args:
        folder: The folder.
        note: Receives what is no problem, but worth knowing.
        signers: The file of the keys of which one must have signed it, as ``ssh-keygen`` reads it.

    Raises:
        KbError: The folder is not a release (KB101).
    """
    if not boundary.exists(folder / CHECKSUMS):
        raise fail("KB101", f"There is no {CHECKSUMS}.", "Name the folder of a release.", str(folder))
    problems: list[Problem] = []
    files = _measure(folder, problems)
    refused = {problem.place.file for problem in problems}
    problems.extend(_checksums(folder, files, refused))
    if refused:  # the metadata would seem to describe missing files
        return collect(problems)
    damaged = bool(problems)
    problems.extend(_signature(folder, files, note, signers))
    descriptions: list[_Check] = [partial(_check_description, file) for file in _DESCRIBED]
    found = _run_checks((_graphs, *descriptions, _catalogue, _readme, _answers), folder, files, note)
    # what cannot be checked in a damaged release is reported as damaged already
    problems.extend(problem for problem in found if not damaged or problem.remedy != _UNCHECKED)
    return collect(problems)


def _make_problem(name: str, message: str, remedy: str = _REMEDY) -> Problem:
    return Problem(Place(visible(name) if len(name) > _LONGEST_NAME else name or CHECKSUMS), "KB712", message, remedy)


def _measure(folder: Path, problems: list[Problem]) -> dict[str, MeasuredFile]:
    """Measure the files of a release, by their paths below its folder; those that cannot be read are problems."""
    files: dict[str, MeasuredFile] = {}
    left = _LARGEST_RELEASE
    for above, entries in boundary.walk(folder, lambda error: problems.extend(error.problems), folder):
        for name in ((above / entry.name).relative_to(folder).as_posix() for entry in entries if not entry.is_folder):
            try:
                with boundary.open_file(folder / name, name, folder) as file:
                    size = os.fstat(file.fileno()).st_size
                    if size > min(left, _LARGEST):
                        message = f"With {size:,} bytes, it is too large to be checked."
                        raise fail("KB110", message, "Check it with 'sha256sum --check SHA256SUMS'.", name)
                    files[name] = MeasuredFile(size, file_digest(file, sha256).hexdigest())
                    left -= size
            except KbError as error:
                problems.extend(error.problems)
    return files


@dataclass(frozen=True)
class _Release:
    """The folder of a release as checks read it, in a child process."""

    folder: Path
    files: Mapping[str, MeasuredFile]
    report: Callable[[object], None]  # tells the parent which file is read, and the problems

    def read(self, name: str) -> bytes:
        """Return the content of a file."""
        self.report(name)
        return _read(self.folder, name)

    def load(self, name: str) -> Any:
        """Return the content of a file of JSON."""
        return json.loads(self.read(name))

    @cached_property
    def data(self) -> tuple[str, set[ox.Quad]]:
        """The name of the file that has the whole graph with its named graphs, and its statements."""
        name = f"data/{self.load('datapackage.json')['name']}.trig"
        return name, set(ox.parse(self.read(name), format=ox.RdfFormat.TRIG))

    @cached_property
    def store(self) -> ox.Store:
        """The same statements, to be asked."""
        store = ox.Store()
        store.extend(self.data[1])
        return store


_Check = Callable[[_Release], Iterator[Problem]]


def _read(folder: Path, name: str) -> bytes:
    return read_bytes(folder / name, name, _LARGEST, folder)


def _run_checks(
    checks: Sequence[_Check], folder: Path, files: Mapping[str, MeasuredFile], note: Callable[[str], object]
) -> Iterator[Problem]:
    """Run checks in a child process, since readers of hostile files can exhaust memory and time or crash.

    If it ends before its last check, another one runs the checks after the one that ended it.
    """
    size = sum(file.size for file in files.values())
    seconds, megabytes = _SECONDS + size / _RATE, _MEGABYTES + (size * _MEMORY >> 20)
    limits = Limits(seconds * (_QUESTIONS + len(checks)), megabytes)

    def work(output: int) -> None:
        limit_resources(limits)
        csv.field_size_limit(_LARGEST)
        with os.fdopen(output, "w", buffering=1, encoding="ascii") as pipe:
            release = _Release(folder, files, lambda value: print(json.dumps(value), file=pipe))
            for check in checks:
                signal.alarm(math.ceil(seconds) * (_QUESTIONS if check is _answers else 1))
                _report_problems(check, release)

    while checks:
        report, code = run_confined(work, limits)
        *finished, unfinished = report.split(b"null\n")
        for lines in finished:
            yield from _read_report(lines, note)
        if len(finished) < len(checks):
            allowed = Limits(seconds * (_QUESTIONS if checks[len(finished)] is _answers else 1), megabytes)
            yield from _read_report(unfinished, note, _FAILURES[code].format(allowed))
        checks = checks[len(finished) + 1 :]


def _read_report(lines: bytes, note: Callable[[str], object], failure: str = "") -> Iterator[Problem]:
    """Yield the problems that a check reported, and one if it did not come to its end."""
    name = ""
    for value in (json.loads(line) for line in lines.splitlines(keepends=True) if line.endswith(b"\n")):
        if isinstance(value, str):
            name = value
        elif isinstance(value, dict) and "note" in value:
            note(value["note"])
        elif isinstance(value, dict):
            yield _make_problem(name, f"It cannot be checked: {value['error']}.", _UNCHECKED)
        else:
            yield Problem(Place(*value[0]), *value[1:])
    if failure:
        yield _make_problem(name, f"It cannot be checked: {failure}.", _UNCHECKED)


def _report_problems(check: _Check, release: _Release) -> None:
    """Report what a check finds, a value in each line, and null at its end."""
    try:
        for problem in check(release):
            release.report([*problem])
    except KbError as error:
        for problem in error.problems:
            release.report([*problem])
    except Exception as error:  # noqa: BLE001 - whatever a reader raises means that the file is not what it should be
        release.report({"error": f"{type(error).__name__}: {visible(str(error))}"})
    release.report(None)


def _checksums(folder: Path, files: dict[str, MeasuredFile], refused: set[str]) -> Iterator[Problem]:
    if CHECKSUMS in refused:
        return
    listed = {}
    for number, line in enumerate(_read(folder, CHECKSUMS).decode("utf-8", "replace").splitlines(), 1):
        digest, separator, name = line.partition("  ")
        if not separator or len(digest) != 64 or name in listed:
            yield Problem(Place(CHECKSUMS, number), "KB712", "The line is not a checksum and a name.", _REMEDY)
        listed[name] = digest
    for name, digest in listed.items():
        if name in refused:
            continue
        if name not in files:
            yield _make_problem(name, "It is missing.")
        elif files[name].sha256 != digest:
            yield _make_problem(name, "It was changed: its checksum differs.")
    for name in files.keys() - listed.keys() - {CHECKSUMS, lineage.SIGNATURE}:
        yield _make_problem(name, "It is not part of the release.")


def _signature(
    folder: Path, files: Mapping[str, MeasuredFile], note: Callable[[str], object], signers: Path | None
) -> Iterator[Problem]:
    if lineage.SIGNATURE not in files:
        if signers:
            yield _make_problem(
                lineage.SIGNATURE, "It is missing: the release is not signed.", "Do not trust it, or leave out --signers."
            )
        return
    try:
        is_valid, words = signatures.verify(_read(folder, CHECKSUMS), folder / lineage.SIGNATURE, signers)
    except KbError as error:
        yield from error.problems
        return
    if is_valid:
        note(words)
    else:
        yield _make_problem(lineage.SIGNATURE, words, "Do not trust the release until you know who made it.")


def _graphs(release: _Release) -> Iterator[Problem]:
    """Compare the formats of the graph: without blank nodes, isomorphic graphs are equal sets."""
    known: dict[bool, tuple[str, set[Any]]] = {}
    for fmt in registry.FORMATS:
        for name in release.files:
            stem = name.removeprefix("data/").removesuffix(f".{fmt.extension}")
            if name != f"data/{stem}.{fmt.extension}" or "." in stem:
                continue
            format_ = ox.RdfFormat.from_media_type(fmt.media_type)
            quads = release.data[1] if name == release.data[0] else set(ox.parse(release.read(name), format=format_))
            statements: set[Any] = quads if fmt.graphs else {quad.triple for quad in quads}
            first, expected = known.setdefault(fmt.graphs, (name, statements))
            if statements != expected:
                yield _make_problem(name, f"Its {len(statements)} statements differ from the {len(expected)} of {first}.")
    if len(known) == 2 and {quad.triple for quad in known[True][1]} != known[False][1]:
        yield _make_problem(known[True][0], f"Its triples differ from those of {known[False][0]}.")


def _claims(file: str, release: _Release, name: str, size: object = None, digest: object = None) -> Iterator[Problem]:
    """Compare what one file says about another with the file."""
    if name not in release.files:
        yield _make_problem(file, f"It describes {quote(str(name))}, which is missing.")
        return
    if size is not None and int(str(size).removesuffix(" B")) != release.files[name].size:
        yield _make_problem(file, f"It states {visible(str(size))} bytes for {name}, which has {release.files[name].size}.")
    if digest is not None and str(digest).removeprefix("sha256:") != release.files[name].sha256:
        yield _make_problem(file, f"It states a wrong checksum for {name}.")


def _check_description(file: str, release: _Release) -> Iterator[Problem]:
    """Compare what a description says of files with the files; RO-Crate describes every one."""
    key, name_key, size, digest = _DESCRIBED[file]
    described = {file, lineage.SIGNATURE}
    for entry in release.load(file)[key]:
        if key == "@graph" and entry["@type"] != "File":
            continue
        name = entry[name_key].removeprefix("../")
        described.add(name)
        yield from _claims(file, release, name, entry.get(size), entry.get(digest))
        if "rows" in entry and name in release.files:
            rows = _rows(release.read(name).decode("utf-8"), entry["dialect"])
            if rows != entry["rows"]:
                yield _make_problem(file, f"It states {visible(str(entry['rows']))} rows for {name}, which has {rows}.")
    for name in release.files.keys() - described if key == "@graph" else ():
        yield _make_problem(file, f"It does not describe {name}.")


def _rows(text: str, dialect: Mapping[str, str]) -> int:
    """Count the rows of a table below its header."""
    lines = [line for line in text.split("\n") if not line.startswith(dialect.get("commentChar", "\0"))]
    if dialect.get("quoteChar") == "\0":  # KGX has no quotes
        return sum(map(bool, lines)) - 1
    return sum(1 for _ in csv.reader(io.StringIO("\n".join(lines), newline=""), delimiter=dialect["delimiter"])) - 1


def _catalogue(release: _Release) -> Iterator[Problem]:
    """Compare the sizes, checksums and number of triples in the catalogue with the files."""
    file, store = "metadata/dcat.ttl", ox.Store()
    store.load(release.read(file), format=ox.RdfFormat.TURTLE)
    sparql = f"""SELECT ?name ?size ?sum {{ ?d a <{DCAT}Distribution> ; <http://purl.org/dc/terms/title> ?name ;
        <{DCAT}byteSize> ?size ; <{_SPDX}checksum>/<{_SPDX}checksumValue> ?sum }}"""
    for row in cast("ox.QuerySolutions", store.query(sparql)):
        yield from _claims(file, release, row["name"].value, row["size"].value, row["sum"].value)
    sparql = f"SELECT ?n {{ ?d a <{DCAT}Dataset> ; <{VOID}triples> ?n }}"
    (stated,) = {row["n"].value for row in cast("ox.QuerySolutions", store.query(sparql))}
    name, data = release.data
    triples = len({quad.triple for quad in data})
    if int(stated) != triples:
        yield _make_problem(file, f"It states {visible(stated)} triples; {name} has {triples}.")


def _readme(release: _Release) -> Iterator[Problem]:
    """Compare the numbers in README.md with the graph."""
    name, data = release.data
    match = _NUMBERS.search(release.read("README.md").decode("utf-8"))
    if not match:
        yield _make_problem("README.md", "It does not state the numbers of facts, terms, mappings and documents.")
        return
    retired = {quad.subject for quad in data if quad.predicate.value == f"{OWL}deprecated"}
    for stated, kind in zip(match.groups(), _COUNTED, strict=True):
        typed = (quad.subject for quad in data if (quad.predicate.value, str(quad.object)) == (f"{RDF}type", f"<{kind}>"))
        number = sum(subject not in retired for subject in typed)
        if int(stated) != number:
            yield _make_problem("README.md", f"It states {stated} {kind.rpartition('#')[2] or kind}s; {name} has {number}.")


def _answers(release: _Release) -> Iterator[Problem]:
    """Ask the questions of a release, and compare the answers with those in it; name those that are empty."""
    file = "queries.zip"
    if file not in release.files:
        return
    graphs = [graph.value for graph in release.store.named_graphs() if isinstance(graph, ox.NamedNode)]
    base = str(release.load(lineage.DESCRIPTION)["@id"])
    archive, empty = ZipFile(io.BytesIO(release.read(file))), []
    stated = _read_table(archive.read("README.md").decode("utf-8"))
    questions = [name.removesuffix(".rq") for name in archive.namelist() if name.endswith(".rq")]
    for question in questions:
        text = archive.read(f"{question}.rq").decode("utf-8")
        if refusals := list(guard.check(text, graphs, {}, base)):
            yield _make_problem(file, f"The question {quote(question)} cannot be asked: {refusals[0].message}")
            continue
        answer = oxigraph.ask(release.store, Question(b"", text, {}, base))
        for name in _find_wrong_answers(question, answer, archive):
            yield _make_problem(file, f"{quote(name)} is not the answer that the data give.")
        told, rows = stated.pop(escape_markdown(question), "nothing"), content.count_rows(answer)
        if told != rows:
            yield _make_problem(file, f"Its README.md states {quote(told)} as the rows of {quote(question)}, which are {rows}.")
        if answer.is_empty:
            empty.append(question)
    for name in stated:
        yield _make_problem(file, f"Its README.md has the question {quote(name)}, which is missing.")
    if content.describe_answers(len(questions), len(empty)) not in release.read("README.md").decode("utf-8"):
        yield _make_problem("README.md", f"It does not state that {len(empty)} of {len(questions)} answers are empty.")
    if empty:
        release.report({"note": f"{len(empty)} of {len(questions)} answers are empty: {', '.join(map(visible, empty))}."})


def _read_table(text: str) -> dict[str, str]:
    """Return the last cell of each row of a table in Markdown, by the first, without its head."""
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return {first: last for first, *_, last in rows[1:]}


def _find_wrong_answers(question: str, answer: Answer, archive: ZipFile) -> Iterator[str]:
    """Yield the names of the files that do not hold the answer to a question."""
    if answer.form == "graph":
        quads = ox.parse(archive.read(f"{question}.ttl"), format=ox.RdfFormat.TURTLE)
        if {tuple(map(str, quad.triple)) for quad in quads} != set(answer.triples):
            yield f"{question}.ttl"
        return
    for fmt in (result_formats.find(name) for name in (("csv", "json") if answer.form == "select" else ("json",))):
        name = f"{question}.{fmt.extension}"
        given, right = (_sort_rows(name, rows) for rows in (archive.read(name), "".join(fmt.lines(answer)).encode()))
        if given != right:
            yield name


def _sort_rows(name: str, content: bytes) -> Any:
    """Return an answer without the order of its rows."""
    if name.endswith(".csv"):
        return sorted(csv.reader(io.StringIO(content.decode("utf-8"), newline="")))
    value = json.loads(content)
    return value.get("boolean"), sorted(json.dumps(row, sort_keys=True) for row in value.get("results", {}).get("bindings", ()))
