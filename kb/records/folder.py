"""The folder shape of a knowledge base, and the reading of every record in it.

::

    kb.yaml                what the knowledge base says of itself
    documents/             one record per file, or lists
    terms/ or terms.yaml   lists of terms
    predicates.yaml        a list of predicates (or a folder)
    facts/                 lists of facts; a file is named after the document that states them
    mappings/              *.sssom.tsv, one per outside vocabulary
    queries/               *.rq, named queries

Records are ``.yaml``, ``.yml``, ``.json`` (one record or a list) or ``.jsonl`` (one record a line).
Files are read in the order of their names, so that the order of a folder listing never matters.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from kb.model import Record
from kb.problems import KbError, Place, Problem, fail
from kb.records import json, sssom, text, yaml

_ROOMS = {"documents": "document", "terms": "term", "predicates": "predicate", "facts": "fact"}
_SUFFIXES = (".yaml", ".yml", ".json", ".jsonl")


class Reading(NamedTuple):
    """What was read from a folder: the records, and the problems of the files that could not be read."""

    records: list[Record]
    problems: list[Problem]


def read(folder: Path) -> Reading:
    """Read every record of a knowledge base.

    Args:
        folder: The folder that holds ``kb.yaml``.

    Raises:
        KbError: There is no such folder, or it is not a knowledge base.
    """
    top = folder / "kb.yaml"
    if not folder.is_dir():
        raise fail("KB101", "There is no such folder.", "Name the folder that holds kb.yaml.", str(folder))
    if not top.is_file():
        raise fail("KB112", "The folder has no kb.yaml.", "Name the folder of a knowledge base.", str(folder))
    reading = Reading([], [])
    for path, kind in _files(folder, reading.problems):
        try:
            reading.records.extend(_read_file(path, kind, str(path)))
        except KbError as error:
            reading.problems.extend(error.problems)
    return reading


def _files(folder: Path, problems: list[Problem]) -> Iterator[tuple[Path, str]]:
    yield folder / "kb.yaml", "kb"
    for room, kind in _ROOMS.items():
        singles = [folder / f"{room}{suffix}" for suffix in _SUFFIXES]
        within = sorted(path for path in (folder / room).rglob("*") if path.suffix in _SUFFIXES)
        for path in [*filter(Path.is_file, singles), *within]:
            if _is_inside(path, folder, problems):
                yield path, kind
    for path in sorted((folder / "mappings").rglob("*.sssom.tsv")):
        if _is_inside(path, folder, problems):
            yield path, "mapping"


def _is_inside(path: Path, folder: Path, problems: list[Problem]) -> bool:
    if path.resolve().is_relative_to(folder.resolve()):
        return True
    place = Place(str(path))
    problems.append(Problem(place, "KB113", "The link leads out of the knowledge base.", "Copy the file into the folder."))
    return False


def _read_file(path: Path, kind: str, shown: str) -> Iterator[Record]:
    stem = path.name.partition(".")[0]
    if path.suffix == ".jsonl":
        yield from _read_lines(path, kind, shown, stem)
    elif kind == "mapping":
        yield from sssom.records(text.read_text(path, shown), shown, stem)
    elif path.suffix == ".json":
        whole = text.read_text(path, shown)
        value = json.parse(whole, shown)
        for index, each in enumerate(value if isinstance(value, list) else [value]):
            top = (index,) if isinstance(value, list) else ()
            places = json.Places(whole, shown, 1, top)
            yield Record(kind, each, Place(shown, 1), places, stem)
    else:
        loaded = yaml.parse(text.read_text(path, shown), shown)
        if not isinstance(loaded.value, list):
            yield Record(kind, loaded.value, loaded.places[()], loaded.places, stem)
            return
        places_of: list[dict[tuple[str | int, ...], Place]] = [{} for _ in loaded.value]
        for inner, place in loaded.places.items():
            if inner:
                places_of[int(inner[0])][inner[1:]] = place
        for each, places in zip(loaded.value, places_of, strict=True):
            yield Record(kind, each, places[()], places, stem)


def _read_lines(path: Path, kind: str, shown: str, stem: str) -> Iterator[Record]:
    if not path.is_file():
        raise fail("KB102", "The file is not a regular file.", "Check the path.", shown)
    met = False
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(iter(lambda: lines.readline(json.LONGEST_LINE + 1), b""), 1):
                if len(line) > json.LONGEST_LINE:
                    message = f"The line has more than {json.LONGEST_LINE:,} bytes."
                    raise fail("KB110", message, "Split the record.", Place(shown, number))
                if line.strip():
                    met = True
                    whole = text.decode(line, shown, number)
                    value = json.parse(whole, shown, number)
                    yield Record(kind, value, Place(shown, number), json.Places(whole, shown, number), stem)
    except OSError as error:
        raise fail("KB102", f"The file cannot be read: {text.reason(error)}.", "Check its permissions.", shown) from error
    if not met:
        raise fail("KB109", "There is nothing in it.", "Write records into it, or remove it.", shown)
