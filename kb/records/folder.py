"""The folder shape of a knowledge base, and the reading of every record in it.

::

    kb.yaml                what the knowledge base says of itself
    documents/             one record per file, or lists
    terms/ or terms.yaml   lists of terms
    predicates.yaml        a list of predicates (or a folder)
    facts/                 lists of facts; a file is named after the document that states them
    cues.yaml              words that tell values of qualifiers in sentences; optional
    mappings/              *.sssom.tsv, one per outside vocabulary
    queries/               *.rq, named queries
    biolink.yaml           how facts become edges of the Biolink Model; optional

Records are ``.yaml``, ``.yml``, ``.json`` (one record or a list), ``.jsonl`` (one record a line; also ``.ndjson``, each also
``.gz`` or ``.zst``) or ``.parquet`` (one record a row).
Files are read in the order of their names, so that the order of a folder listing never matters; those whose
names begin with a dot are left to the editors and systems that make them. Links may not lead out of the folder.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from kb.files import text_file
from kb.model import Record, Trail
from kb.problems import KbError, Place, Problem, fail
from kb.records import encoding, jsonlines, sssom, strict_json

_ROOMS = {"documents": "document", "terms": "term", "predicates": "predicate", "facts": "fact", "cues": "cue"}
#: How files of records end.
SUFFIXES = (".yaml", ".yml", ".json", *encoding.BULK_SUFFIXES)
_MAPPINGS = ".sssom.tsv"


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
    reading = Reading([], [])
    for path, kind in files(folder, reading.problems):
        try:
            reading.records.extend(read_file(path, kind))
        except KbError as error:
            reading.problems.extend(error.problems)
        except OSError as error:
            reading.problems.extend(text_file.unreadable(error, str(path)).problems)
    return reading


def files(folder: Path, problems: list[Problem]) -> Iterator[tuple[Path, str]]:
    """Give every file that should hold records, with their kind.

    Args:
        folder: The folder that holds ``kb.yaml``.
        problems: What is wrong with links is added to these.

    Raises:
        KbError: There is no such folder, or it is not a knowledge base.
    """
    if not os.path.isdir(folder):  # noqa: PTH112 - Path.is_dir raises where a name is too long
        raise fail("KB101", "There is no such folder.", "Name the folder that holds kb.yaml.", str(folder))
    if not os.path.lexists(folder / "kb.yaml"):
        raise fail("KB112", "The folder has no kb.yaml.", "Name the folder of a knowledge base.", str(folder))
    if _is_inside(folder / "kb.yaml", folder, problems):
        yield folder / "kb.yaml", "kb"
    profile = folder / "biolink.yaml"
    if os.path.lexists(profile) and _is_inside(profile, folder, problems):
        yield profile, "biolink"
    for room, kind in _ROOMS.items():
        singles = (folder / f"{room}{suffix}" for suffix in SUFFIXES)
        for path in filter(os.path.lexists, singles):
            if _is_inside(path, folder, problems):
                yield path, kind
        for path in _walk(folder / room, folder, problems, SUFFIXES):
            yield path, kind
    for path in _walk(folder / "mappings", folder, problems, (_MAPPINGS,)):
        yield path, "mapping"


def named(patterns: Iterable[str], kind: str, problems: list[Problem]) -> Iterator[tuple[Path, str]]:
    """Give files of records that are named by themselves, by a pattern or by their folder, wherever they lie.

    Args:
        patterns: Paths; those with ``*``, ``?``, ``[`` or ``**`` (any number of folders) are patterns.
        kind: The kind of their records.
        problems: It is added to these where one names no file.
    """
    for pattern in patterns:
        path = Path(pattern)
        if not glob.has_magic(pattern) or path.exists():
            found = list(_walk(path, path, problems, SUFFIXES)) if path.is_dir() else [path]
        else:
            found = [Path(each) for each in sorted(glob.glob(pattern, recursive=True)) if each.lower().endswith(SUFFIXES)]  # noqa: PTH207 - Path.glob takes no absolute patterns
        if not found:
            remedy = f"Check it; files of records end in {', '.join(SUFFIXES)}."
            problems.append(Problem(Place(pattern), "KB101", "No file of records is named so.", remedy))
        yield from ((each, kind) for each in found)


def _walk(room: Path, folder: Path, problems: list[Problem], suffixes: tuple[str, ...]) -> Iterator[Path]:
    """Give what is named like a file of records in a folder and those below it, whatever it turns out to be."""

    def unreadable(error: OSError) -> None:
        if os.path.lexists(error.filename):
            problems.extend(text_file.unreadable(error, str(error.filename)).problems)

    if not _is_inside(room, folder, problems):
        return
    for top, folders, files in os.walk(room, onerror=unreadable):
        named = [name for name in (*folders, *files) if name.lower().endswith(suffixes)]
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in named)
        links = [Path(top, name) for name in folders if os.path.islink(Path(top, name))]  # noqa: PTH114 - as above
        problems.extend(Problem(Place(str(link)), "KB113", "A link to a folder is not followed.", _COPY) for link in links)
        for name in sorted(named):
            path = Path(top, name)
            if not name.startswith(".") and _is_inside(path, folder, problems):
                yield path


_COPY = "Copy what it leads to into the knowledge base."


def _is_inside(path: Path, folder: Path, problems: list[Problem]) -> bool:
    real = Path(os.path.realpath(path))  # where a link leads in circles, reading it tells so; Path.resolve would raise
    if real.is_relative_to(os.path.realpath(folder)):
        return True
    problems.append(Problem(Place(str(path)), "KB113", "The link leads out of the knowledge base.", _COPY))
    return False


def read_file(path: Path, kind: str) -> Iterator[Record]:
    """Read every record of a file; the problems of single records are raised after the good ones are given.

    Args:
        path: The file.
        kind: The kind of its records.

    Raises:
        KbError: What cannot be read.
        OSError: The file cannot be read at all.
    """
    shown = str(path)
    stem = path.name.partition(".")[0]
    suffix = path.suffix.lower()
    if path.name.lower().endswith(encoding.BULK_SUFFIXES):
        return _read_lines(path, kind, stem)
    whole = text_file.read_text(path, shown)
    if kind == "mapping":
        return sssom.records(whole, shown, stem)
    if suffix == ".json":
        return _from_json(whole, kind, shown, stem)
    return _from_yaml(whole, kind, shown, stem)


def quick(path: Path, kind: str) -> list[Any] | None:
    """Give the values of a YAML file that has nothing wrong with it, without their places.

    Args:
        path: The file.
        kind: The kind of its records.

    Returns:
        What the records of :func:`read_file` would hold; ``None`` if that must have a look.
    """
    if kind == "mapping" or path.suffix.lower() not in {".yaml", ".yml"}:
        return None
    from kb.records import strict_yaml

    try:
        whole = text_file.read_text(path, str(path))
    except KbError:
        return None
    value = strict_yaml.quick(whole)
    if value is None or not encoding.is_clean(whole) or ("\\" in whole and not encoding.is_clean_value(value)):
        return None
    return [value] if kind in {"kb", "biolink"} or not isinstance(value, list) else value


def _from_json(whole: str, kind: str, shown: str, stem: str) -> Iterator[Record]:
    value, lines = strict_json.parse(whole, shown), text_file.TextLines(whole, shown)
    is_list = isinstance(value, list)
    parts = strict_json.spans(whole) if is_list else [(len(whole) - len(whole.lstrip()), len(whole))]
    for each, (start, end) in zip(value if is_list else [value], parts, strict=True):
        yield Record(kind, each, lines.place(start), strict_json.Places(whole[start:end], lines, start), stem)


def _from_yaml(whole: str, kind: str, shown: str, stem: str) -> Iterator[Record]:
    from kb.records import strict_yaml

    value, places = strict_yaml.parse(whole, shown)
    if value is None:
        raise text_file.empty(shown)
    if kind in {"kb", "biolink"} or not isinstance(value, list):
        yield Record(kind, value, places[()], places, stem)
        return
    places_of: list[dict[Trail, Place]] = [{} for _ in value]
    for path, place in places.items():
        if path:
            places_of[int(path[0])][path[1:]] = place
    for each, inner in zip(value, places_of, strict=True):
        yield Record(kind, each, inner[()], inner, stem)


def _read_lines(path: Path, kind: str, stem: str) -> Iterator[Record]:
    """Read JSON Lines; the problems of single lines are raised after the good ones are given."""
    problems: list[Problem] = []
    met = False
    for line in jsonlines.stretch(path, problems):
        if len(problems) >= text_file.MOST_PROBLEMS:
            break
        met = True
        try:
            yield jsonlines.record(kind, line, str(path), stem)
        except KbError as error:
            problems.extend(error.problems)
    if not met and not problems:
        raise text_file.empty(str(path))
    if problems:
        raise KbError(problems)
