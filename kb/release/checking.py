"""Checking a release: is every file as it was, and does what the files say of each other hold?"""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import pyoxigraph as ox

from kb.files.fingerprint import file_sha256
from kb.files.text_file import read_bytes
from kb.formats import registry
from kb.problems import Place, Problem, fail
from kb.rdf.iris import DCAT, VOID
from kb.release.draft import CHECKSUMS

_SPDX = "http://spdx.org/rdf/terms#"
_AGAIN = "Have the release again from where it came, or make it anew."


class Found(NamedTuple):
    """A file that is there: its size and digest."""

    size: int
    sha256: str


def check(folder: Path) -> list[Problem]:
    """Check a release; tell all that is wrong with it.

    Raises:
        KbError: It is no release at all (KB101).
    """
    if not (folder / CHECKSUMS).is_file():
        raise fail("KB101", f"There is no {CHECKSUMS}.", "Name the folder of a release.", str(folder))
    files = {path.relative_to(folder).as_posix(): _measure(path) for path in sorted(folder.rglob("*")) if path.is_file()}
    problems = list(_checksums(folder, files))
    broken = {problem.place.file for problem in problems}
    for rule in (_copies, _graphs, _datapackage, _mappings, _croissant, _crate, _schemaorg, _catalogue):
        problems.extend(_guarded(rule, folder, files, broken))
    return sorted(set(problems))


Rule = Callable[[Path, dict[str, Found]], Iterator[Problem]]


def _guarded(rule: Rule, folder: Path, files: dict[str, Found], broken: set[str]) -> Iterator[Problem]:
    """Follow a rule; a file that cannot be read was told of already, or is told of here."""
    try:
        yield from rule(folder, files)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, SyntaxError, EOFError) as error:
        if not broken:
            yield _wrong("", f"It cannot be checked: {type(error).__name__}: {error}.")


def _wrong(name: str, message: str) -> Problem:
    return Problem(Place(name or CHECKSUMS), "KB712", message, _AGAIN)


def _measure(path: Path) -> Found:
    return Found(path.stat().st_size, file_sha256(path))


def _checksums(folder: Path, files: dict[str, Found]) -> Iterator[Problem]:
    listed = {}
    for number, line in enumerate(read_bytes(folder / CHECKSUMS, CHECKSUMS).decode("utf-8", "replace").splitlines(), 1):
        digest, separator, name = line.partition("  ")
        if not separator or len(digest) != 64 or name in listed:
            yield Problem(Place(CHECKSUMS, number), "KB712", "The line is no checksum and name.", _AGAIN)
        listed[name] = digest
    for name, digest in listed.items():
        if name not in files:
            yield _wrong(name, "It is missing.")
        elif files[name].sha256 != digest:
            yield _wrong(name, "It is not as it was released: its checksum differs.")
    for name in files.keys() - listed.keys() - {CHECKSUMS}:
        yield _wrong(name, "It is no part of the release.")


def _copies(folder: Path, files: dict[str, Found]) -> Iterator[Problem]:
    for name in files:
        if name.endswith(".gz"):
            original = name.removesuffix(".gz")
            unpacked = gzip.decompress((folder / name).read_bytes())
            if original not in files or sha256(unpacked).hexdigest() != files[original].sha256:
                yield _wrong(name, f"It is no copy of {original}.")


def _graphs(folder: Path, files: dict[str, Found]) -> Iterator[Problem]:
    """Hold the formats of one graph against each other: without blank nodes, isomorphic graphs are equal sets."""
    known: dict[bool, tuple[str, set[Any]]] = {}
    for fmt in registry.FORMATS:
        for name in files:
            stem = name.removeprefix("rdf/").removesuffix(f".{fmt.extension}")
            if name != f"rdf/{stem}.{fmt.extension}" or "." in stem:
                continue
            quads = set(ox.parse(path=folder / name, format=_FORMATS[fmt.name]))
            found: set[Any] = quads if fmt.graphs else {quad.triple for quad in quads}
            first, expected = known.setdefault(fmt.graphs, (name, found))
            if found != expected:
                yield _wrong(name, f"It has {len(found)} statements, and not those {len(expected)} of {first}.")
    if len(known) == 2 and {quad.triple for quad in known[True][1]} != known[False][1]:
        yield _wrong(known[True][0], f"Its triples are not those of {known[False][0]}.")


_FORMATS = {
    "turtle": ox.RdfFormat.TURTLE,
    "jsonld": ox.RdfFormat.JSON_LD,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "nquads": ox.RdfFormat.N_QUADS,
    "trig": ox.RdfFormat.TRIG,
    "rdfxml": ox.RdfFormat.RDF_XML,
}


def _json(folder: Path, name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((folder / name).read_text(encoding="utf-8"))
    return loaded


def _claims(file: str, files: dict[str, Found], name: str, size: object = None, digest: object = None) -> Iterator[Problem]:
    """Hold what one file says of another against the truth."""
    if name not in files:
        yield _wrong(file, f"It tells of {name}, which is not there.")
        return
    if size is not None and int(str(size).removesuffix(" B")) != files[name].size:
        yield _wrong(file, f"It says that {name} has {size} bytes; it has {files[name].size}.")
    if digest is not None and str(digest).removeprefix("sha256:") != files[name].sha256:
        yield _wrong(file, f"It gives another checksum for {name} than it has.")


def _datapackage(folder: Path, files: dict[str, Found]) -> Iterator[Problem]:
    file = "datapackage.json"
    for each in _json(folder, file)["resources"]:
        name = each["path"]
        yield from _claims(file, files, name, each["bytes"], each["hash"])
        if name in files:
            text = (folder / name).read_text(encoding="utf-8")
            rows = _rows(text, each["dialect"]["delimiter"])
            if rows != each["rows"]:
                yield _wrong(file, f"It says that {name} has {each['rows']} rows; it has {rows}.")


def _mappings(folder: Path, files: dict[str, Found]) -> Iterator[Problem]:
    """Hold the SSSOM set against the table of mappings: readers of SSSOM pass over rows that they cannot read."""
    (name,) = (name for name in files if name.endswith(".sssom.tsv"))
    lines = [line for line in (folder / name).read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    expected = _rows((folder / "csv/mappings.csv").read_text(encoding="utf-8"), ",")
    rows = sum(1 for _ in csv.reader(lines, delimiter="\t")) - 1
    if rows != expected:
        yield _wrong(name, f"It has {rows} mappings; csv/mappings.csv has {expected}.")


def _rows(text: str, delimiter: str) -> int:
    if delimiter == "\t":  # KGX knows no quotes
        return text.count("\n") - 1
    return sum(1 for _ in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)) - 1


def _croissant(folder: Path, files: dict[str, Found]) -> Iterator[Problem]:
    for each in _json(folder, "croissant.json")["distribution"]:
        yield from _claims("croissant.json", files, each["contentUrl"], each["contentSize"], each["sha256"])


def _crate(folder: Path, files: dict[str, Found]) -> Iterator[Problem]:
    file = "ro-crate-metadata.json"
    told = {each["@id"]: each for each in _json(folder, file)["@graph"] if each["@type"] == "File"}
    for name, each in told.items():
        yield from _claims(file, files, name, each.get("contentSize"))
    for name in files.keys() - told.keys() - {file}:
        yield _wrong(file, f"It does not tell of {name}.")


def _schemaorg(folder: Path, files: dict[str, Found]) -> Iterator[Problem]:
    for each in _json(folder, "schemaorg.jsonld")["distribution"]:
        yield from _claims("schemaorg.jsonld", files, each["name"], each["contentSize"])


def _catalogue(folder: Path, files: dict[str, Found]) -> Iterator[Problem]:
    """Hold sizes, checksums and the number of triples of the catalogue against the truth."""
    file, store = "dcat.ttl", ox.Store()
    store.load(path=folder / file, format=ox.RdfFormat.TURTLE)
    sparql = f"""SELECT ?name ?size ?sum {{ ?d a <{DCAT}Distribution> ; <http://purl.org/dc/terms/title> ?name ;
        <{DCAT}byteSize> ?size ; <{_SPDX}checksum>/<{_SPDX}checksumValue> ?sum }}"""
    for row in _rows_of(store, sparql):
        yield from _claims(file, files, row["name"].value, row["size"].value, row["sum"].value)
    (said,) = {row["n"].value for row in _rows_of(store, f"SELECT ?n {{ ?d a <{DCAT}Dataset> ; <{VOID}triples> ?n }}")}
    name = next(name for name in files if name.startswith("rdf/") and name.endswith(".nt"))
    triples = len({line for line in (folder / name).read_text(encoding="utf-8").splitlines() if line})
    if int(said) != triples:
        yield _wrong(file, f"It says that the graph has {said} triples; {name} has {triples}.")


def _rows_of(store: ox.Store, sparql: str) -> ox.QuerySolutions:
    found = store.query(sparql)
    assert isinstance(found, ox.QuerySolutions)  # noqa: S101 - the query is ours, and a SELECT
    return found
