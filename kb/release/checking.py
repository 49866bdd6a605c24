"""Check a release: the files against their checksums, and the metadata against the files."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any, NamedTuple, cast

import pyoxigraph as ox

from kb.files import boundary
from kb.files.text_file import read_bytes
from kb.formats import registry
from kb.problems import KbError, Place, Problem, collect, fail, quote, visible
from kb.queries.child_process import Limits, limit_resources, run_confined
from kb.rdf.iris import DCAT, VOID
from kb.release.draft import CHECKSUMS

_SPDX = "http://spdx.org/rdf/terms#"
# The most bytes of a file, which some checks hold in memory, and of all files.
_LARGEST, _LARGEST_RELEASE = 1 << 30, 1 << 34
_REMEDY = "Download the release again, or make it again."
_UNCHECKED = "Download the release again. If it is what was released, do not trust it: readers fail on this file."
# What a check may use: fixed amounts, and more for a large release, by the bytes of its files.
_SECONDS, _RATE, _MEGABYTES, _MEMORY = 60.0, 50_000, 1024, 40
_FAILURES = {
    "KB604": "its reader was stopped after {0.seconds:,.0f} seconds",
    "KB605": "its reader needs more than {0.megabytes:,} MB of memory",
    "KB608": "its reader crashed",
}
_LONGEST_NAME = 1_000


@dataclass(frozen=True, slots=True)
class MeasuredFile:
    """The size of a file in bytes, and its digest."""

    size: int
    sha256: str


def check_release(folder: Path) -> Sequence[Problem]:
    """Return all problems of a release (KB712).

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
    for check in (_copies, _graphs, _datapackage, _mappings, _croissant, _crate, _schemaorg, _catalogue):
        found = _run_check(check, folder, files)
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


class _Release(NamedTuple):
    """The folder of a release as a check reads it, in a child process."""

    folder: Path
    files: Mapping[str, MeasuredFile]
    report: Callable[[object], None]  # tells the parent which file is read, and the problems

    def read(self, name: str) -> bytes:
        """Return the content of a file."""
        self.report(name)
        return _read(self.folder, name)

    def find(self, start: str, end: str) -> str:
        """Return the name of the file whose name starts and ends with texts.

        Raises:
            KbError: There is none, or more than one (KB712).
        """
        names = [name for name in self.files if name.startswith(start) and name.endswith(end)]
        if len(names) != 1:
            raise fail("KB712", f"There are {len(names)} files {start}*{end}; there should be one.", _REMEDY, CHECKSUMS)
        return names[0]

    def load(self, name: str) -> Any:
        """Return the content of a file of JSON."""
        return json.loads(self.read(name))


def _read(folder: Path, name: str) -> bytes:
    return read_bytes(folder / name, name, _LARGEST, folder)


def _run_check(check: Callable[[_Release], Iterator[Problem]], folder: Path, files: Mapping[str, MeasuredFile]) -> list[Problem]:
    """Run a check in a child process, since readers of hostile files can exhaust memory and time or crash."""
    size = sum(file.size for file in files.values())
    limits = Limits(_SECONDS + size / _RATE, _MEGABYTES + (size * _MEMORY >> 20))

    def work(output: int) -> None:
        limit_resources(limits)
        csv.field_size_limit(_LARGEST)
        with os.fdopen(output, "w", buffering=1, encoding="ascii") as pipe:
            release = _Release(folder, files, lambda value: print(json.dumps(value), file=pipe))
            try:
                for problem in check(release):
                    release.report([*problem])
            except KbError as error:
                for problem in error.problems:
                    release.report([*problem])
            except Exception as error:  # noqa: BLE001 - whatever a reader raises means that the file is not what it should be
                release.report({"error": f"{type(error).__name__}: {visible(str(error))}"})
            release.report(None)

    output, code = run_confined(work, limits)
    failure = _FAILURES[code].format(limits)
    return list(_parse_report(output.decode("ascii").splitlines(), failure))


def _parse_report(lines: Iterable[str], failure: str) -> Iterator[Problem]:
    """Yield the problems that a check reported, and one if it did not come to its end."""
    name, value = "", object()
    for line in lines:
        value = json.loads(line)
        if isinstance(value, str):
            name = value
        elif isinstance(value, dict):
            yield _make_problem(name, f"It cannot be checked: {value['error']}.", _UNCHECKED)
        elif isinstance(value, list):
            yield Problem(Place(*value[0]), *value[1:])
    if value is not None:
        yield _make_problem(name, f"It cannot be checked: {failure}.", _UNCHECKED)


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
    for name in files.keys() - listed.keys() - {CHECKSUMS}:
        yield _make_problem(name, "It is not part of the release.")


def _copies(release: _Release) -> Iterator[Problem]:
    for name in release.files:
        if name.endswith(".gz"):
            original = name.removesuffix(".gz")
            if original in release.files:
                with gzip.open(io.BytesIO(release.read(name))) as file:
                    content = file.read(release.files[original].size + 1)
            if original not in release.files or sha256(content).hexdigest() != release.files[original].sha256:
                yield _make_problem(name, f"It is not a copy of {original}.")


def _graphs(release: _Release) -> Iterator[Problem]:
    """Compare the formats of the graph: without blank nodes, isomorphic graphs are equal sets."""
    known: dict[bool, tuple[str, set[Any]]] = {}
    for fmt in registry.FORMATS:
        for name in release.files:
            stem = name.removeprefix("rdf/").removesuffix(f".{fmt.extension}")
            if name != f"rdf/{stem}.{fmt.extension}" or "." in stem:
                continue
            quads = set(ox.parse(release.read(name), format=ox.RdfFormat.from_media_type(fmt.media_type)))
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


def _datapackage(release: _Release) -> Iterator[Problem]:
    file = "datapackage.json"
    for resource in release.load(file)["resources"]:
        name = resource["path"]
        yield from _claims(file, release, name, resource["bytes"], resource["hash"])
        if name in release.files:
            text = release.read(name).decode("utf-8")
            rows = _rows(text, resource["dialect"]["delimiter"])
            if rows != resource["rows"]:
                yield _make_problem(file, f"It states {visible(str(resource['rows']))} rows for {name}, which has {rows}.")


def _mappings(release: _Release) -> Iterator[Problem]:
    """Compare the SSSOM set with the table of mappings, because readers of SSSOM skip rows that they cannot read."""
    name = release.find("", ".sssom.tsv")
    lines = [line for line in release.read(name).decode("utf-8").splitlines() if not line.startswith("#")]
    expected = _rows(release.read("csv/mappings.csv").decode("utf-8"), ",")
    rows = sum(1 for _ in csv.reader(lines, delimiter="\t")) - 1
    if rows != expected:
        yield _make_problem(name, f"It has {rows} mappings; csv/mappings.csv has {expected}.")


def _rows(text: str, delimiter: str) -> int:
    if delimiter == "\t":  # KGX has no quotes
        return text.count("\n") - 1
    return sum(1 for _ in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)) - 1


def _croissant(release: _Release) -> Iterator[Problem]:
    for file in release.load("croissant.json")["distribution"]:
        yield from _claims("croissant.json", release, file["contentUrl"], file["contentSize"], file["sha256"])


def _crate(release: _Release) -> Iterator[Problem]:
    file = "ro-crate-metadata.json"
    entities = {entity["@id"]: entity for entity in release.load(file)["@graph"] if entity["@type"] == "File"}
    for name, entity in entities.items():
        yield from _claims(file, release, name, entity.get("contentSize"))
    for name in release.files.keys() - entities.keys() - {file}:
        yield _make_problem(file, f"It does not describe {name}.")


def _schemaorg(release: _Release) -> Iterator[Problem]:
    for file in release.load("schemaorg.jsonld")["distribution"]:
        yield from _claims("schemaorg.jsonld", release, file["name"], file["contentSize"])


def _catalogue(release: _Release) -> Iterator[Problem]:
    """Compare the sizes, checksums and number of triples in the catalogue with the files."""
    file, store = "dcat.ttl", ox.Store()
    store.load(release.read(file), format=ox.RdfFormat.TURTLE)
    sparql = f"""SELECT ?name ?size ?sum {{ ?d a <{DCAT}Distribution> ; <http://purl.org/dc/terms/title> ?name ;
        <{DCAT}byteSize> ?size ; <{_SPDX}checksum>/<{_SPDX}checksumValue> ?sum }}"""
    for row in cast("ox.QuerySolutions", store.query(sparql)):
        yield from _claims(file, release, row["name"].value, row["size"].value, row["sum"].value)
    sparql = f"SELECT ?n {{ ?d a <{DCAT}Dataset> ; <{VOID}triples> ?n }}"
    (stated,) = {row["n"].value for row in cast("ox.QuerySolutions", store.query(sparql))}
    name = release.find("rdf/", ".nt")
    triples = len({line for line in release.read(name).decode("utf-8").splitlines() if line})
    if int(stated) != triples:
        yield _make_problem(file, f"It states {visible(stated)} triples; {name} has {triples}.")
