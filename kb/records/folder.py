"""The folder of a knowledge base: its files, and the records in each of them.

::

    kb.yaml                what the knowledge base says of itself
    documents/             one record per file, or lists
    terms/ or terms.yaml   lists of terms
    predicates.yaml        a list of predicates (or a folder)
    facts/                 lists of facts; a file is named after the document that states them
    cues.yaml              words that express values of qualifiers in sentences; optional
    mappings/              *.sssom.tsv, one per outside vocabulary
    queries/               *.rq, named queries
    biolink.yaml           how facts become edges of the Biolink Model; optional
    imports/NAME/          kb.yaml, terms and predicates copied from another knowledge base; optional

Records are ``.yaml``, ``.yml``, ``.json`` (one record or a list), ``.jsonl`` (one record a line; also ``.ndjson``, each also
``.gz`` or ``.zst``) or ``.parquet`` (one record a row).
Files are read in the order of their names, so that the order of a directory listing does not matter. Files whose names start
with a dot are ignored. Links may not lead out of the folder.

:func:`lock_records` is the one way in which curation, importers and verification change these files.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path

from kb.files import atomic, boundary, journal, text_file
from kb.model import Record
from kb.problems import KbError, Place, Problem, fail
from kb.records import jsonlines, sssom, strict_json
from kb.records.yaml_errors import refuse_conflict

#: The folders of records, with the kind of each.
FOLDERS = {"documents": "document", "terms": "term", "predicates": "predicate", "facts": "fact", "cues": "cue"}
#: The suffixes of files of records.
SUFFIXES = (".yaml", ".yml", ".json", *jsonlines.BULK_SUFFIXES)
#: The files of records at the top, with the kind of each.
SINGLES = {"kb.yaml": "kb", "biolink.yaml": "biolink"}
SINGLES |= {f"{name}{suffix}": kind for name, kind in FOLDERS.items() for suffix in SUFFIXES}
#: The folder with copies of what other knowledge bases share, which is never changed but by copying again.
IMPORTS = "imports"
#: The ending of files of mappings.
MAPPINGS = ".sssom.tsv"
_WAIT = 20  # seconds that a command waits for another that writes; most take less than one

#: Writes files of a knowledge base, or removes those without content, all of them or none; see :func:`lock_records`.
WriteRecords = Callable[[Mapping[Path, Iterable[str | bytes] | None]], None]


def read(folder: Path) -> tuple[list[Record], list[Problem]]:
    """Read the records of a knowledge base, and the problems of the files and records that cannot be read.

    Raises:
        KbError: The folder does not exist (KB101), or has no ``kb.yaml`` (KB112).
    """
    records: list[Record] = []
    problems: list[Problem] = []
    for path, kind in find_inputs(folder, problems):
        try:
            records.extend(read_file(path, kind))
        except KbError as error:
            problems.extend(error.problems)
        except OSError as error:
            problems.extend(boundary.unreadable_error(error, str(path)).problems)
    return records, problems


def find_inputs(folder: Path, problems: list[Problem]) -> Iterator[tuple[Path, str]]:
    """Yield the files of :func:`find_files`, and those of the terms and predicates that are imported.

    Raises:
        KbError: As :func:`find_files`.
    """
    yield from find_files(folder, problems)
    for copy in list_imports(folder, problems):
        yield from (file for file in find_files(copy, problems) if file[1] in {"term", "predicate"})


def list_imports(folder: Path, problems: list[Problem]) -> list[Path]:
    """Return the folders with what is imported, in order; append problems of files that cannot be read."""
    try:
        entries = [entry.name for entry in boundary.list_folder(folder / IMPORTS) if not entry.name.startswith(".")]
    except KbError as error:
        problems.extend(error.problems)
        return []
    copies = [folder / IMPORTS / name for name in sorted(entries)]
    return [copy for copy in copies if os.path.lexists(copy / "kb.yaml")]


def find_files(folder: Path, problems: list[Problem]) -> Iterator[tuple[Path, str]]:
    """Yield every file of records in the folder of a knowledge base, with the kind of its records; append problems of links.

    Raises:
        KbError: The folder does not exist (KB101), or has no ``kb.yaml`` (KB112).
    """
    if not _is_folder(folder):
        raise fail("KB101", "The folder does not exist.", "Name the folder that holds kb.yaml.", str(folder))
    if not os.path.lexists(folder / "kb.yaml"):
        raise fail("KB112", "The folder has no kb.yaml.", "Name the folder of a knowledge base.", str(folder))
    if journal.is_unfinished(folder):
        message = "A change of several files of this folder was interrupted, and is half done."
        remedy = "Run the interrupted command again, or 'kb format': either completes the change first."
        problems.append(Problem(Place(str(folder)), "KB707", message, remedy))
    try:
        boundary.list_folder(folder / "verification")  # whose files are read by the names of documents
    except KbError as error:
        problems.extend(error.problems)
    for name, kind in SINGLES.items():
        if os.path.lexists(folder / name):
            yield folder / name, kind
    for name, kind in FOLDERS.items():
        for path in list_files(folder / name, problems, SUFFIXES):
            yield path, kind
    for path in list_files(folder / "mappings", problems, (MAPPINGS,)):
        yield path, "mapping"


def has_records(name: str) -> bool:
    """Return whether the suffix of a file is one of files of records."""
    return name.lower().endswith((*SUFFIXES, MAPPINGS))


def match_files(patterns: Iterable[str], kind: str, problems: list[Problem]) -> Iterator[tuple[Path, str]]:
    """Yield the files of records of a kind that match paths of files or folders, or patterns; append problems.

    Patterns have ``*``, ``?``, ``[`` or ``**`` (any number of folders). It is a problem if one matches no file.
    """
    for pattern in patterns:
        path = Path(pattern)
        if not glob.has_magic(pattern) or os.path.lexists(path):
            paths = list(list_files(path, problems, SUFFIXES)) if _is_folder(path) else [path]
        else:
            start = next(index for index, part in enumerate(path.parts) if glob.has_magic(part))
            paths = list(_match(Path(*path.parts[:start]), path.parts[start:], problems))
        if not paths:
            remedy = f"Check it; files of records end in {', '.join(SUFFIXES)}."
            problems.append(Problem(Place(pattern), "KB101", "No file of records matches.", remedy))
        yield from ((path, kind) for path in paths)


def _match(folder: Path, pattern: tuple[str, ...], problems: list[Problem]) -> Iterator[Path]:
    """Yield the files of records below a folder that match the parts of a pattern; links to folders are not followed."""
    part, *rest = pattern
    try:
        entries = [entry for entry in boundary.list_folder(folder) if entry.name[0] != "." or part[0] == "."]
    except KbError as error:
        problems.extend(error.problems)
        return
    if part == "**" and rest:
        yield from _match(folder, tuple(rest), problems)
    for entry in entries:
        if entry.is_folder and (part == "**" or (rest and fnmatchcase(entry.name, part))):
            yield from _match(folder / entry.name, pattern if part == "**" else tuple(rest), problems)
        elif not rest and fnmatchcase(entry.name, part) and entry.name.lower().endswith(SUFFIXES):
            yield folder / entry.name


def _is_folder(path: Path) -> bool:
    return os.path.isdir(path)  # noqa: PTH112 - Path.is_dir raises where a name is too long


def list_files(below: Path, problems: list[Problem], suffixes: tuple[str, ...]) -> Iterator[Path]:
    """Yield everything below a folder that has a suffix of records, even if it is not a regular file."""
    for top, entries in boundary.walk(below, lambda error: problems.extend(error.problems)):
        inside = [entry for entry in entries if not entry.name.startswith(".")]
        named = [entry for entry in inside if entry.name.lower().endswith(suffixes)]
        entries[:] = [entry for entry in inside if entry not in named]
        for entry in entries:
            if entry.is_link and _is_folder(top / entry.name):
                remedy = "Copy the files that it leads to into the knowledge base."
                problems.append(Problem(Place(str(top / entry.name)), "KB113", "A link to a folder is not followed.", remedy))
        yield from (top / entry.name for entry in named)


def read_file(path: Path, kind: str) -> Iterator[Record]:
    """Yield the valid records of a file, whose kind is given, then raise the problems of the others.

    Raises:
        KbError: The problems of the file and its records.
        OSError: The file cannot be read.
    """
    file_name, stem = str(path), path.name.partition(".")[0]
    if path.name.lower().endswith(jsonlines.BULK_SUFFIXES):
        return _read_lines(path, kind, stem)
    text = text_file.read_text(path, file_name)
    refuse_conflict(text, file_name)
    if kind == "mapping":
        return sssom.parse_records(text, file_name, stem)
    if path.suffix.lower() == ".json":
        return _from_json(text, kind, file_name, stem)
    return _from_yaml(text, kind, file_name, stem)


def _from_json(text: str, kind: str, file_name: str, stem: str) -> Iterator[Record]:
    value, lines = strict_json.parse(text, file_name), text_file.TextLines(text, file_name)
    is_list = isinstance(value, list)
    parts = strict_json.spans(text) if is_list else [(len(text) - len(text.lstrip()), len(text))]
    for item, (start, end) in zip(value if is_list else [value], parts, strict=True):
        yield Record(kind, item, lines.place(start), strict_json.places(text[start:end], lines, start), stem)


def _from_yaml(text: str, kind: str, file_name: str, stem: str) -> Iterator[Record]:
    from kb.records import strict_yaml

    loaded = strict_yaml.parse(text, file_name)
    if loaded.value is None:
        raise text_file.empty_error(file_name)
    is_list = kind not in {"kb", "biolink"} and isinstance(loaded.value, list)
    for item in loaded.items() if is_list else [loaded]:
        yield Record(kind, item.value, item.lines.place(item.offsets[0]), item.places, stem)


def _read_lines(path: Path, kind: str, stem: str) -> Iterator[Record]:
    """Yield the records of valid lines, then raise the problems of the others."""
    problems: list[Problem] = []
    has_lines = False
    for line in jsonlines.read_lines(path, problems):
        if len(problems) >= text_file.MOST_PROBLEMS:
            break
        has_lines = True
        try:
            yield jsonlines.parse_record(kind, line, str(path), stem)
        except KbError as error:
            problems.extend(error.problems)
    if not has_lines and not problems:
        raise text_file.empty_error(str(path))
    if problems:
        raise KbError(problems)


@contextmanager
def lock_records(top: Path) -> Iterator[WriteRecords]:
    """Lock a knowledge base, complete the change of a writer that was killed, and yield the function that writes.

    What is written depends on what was read: so read the records inside this block.

    Args:
        top: The folder of the knowledge base, which is made if it is missing; no file may lead out of it.

    Raises:
        KbError: Another process still writes into the folder after 20 seconds (KB704), what a killed one left cannot be
            completed (KB707), a file was edited inside this block (KB708), or cannot be written (KB701).
    """
    with atomic.open_folder(top, wait=_WAIT, keep_edits=True) as writer:

        def write(contents: Mapping[Path, Iterable[str | bytes] | None]) -> None:
            paths = {os.path.relpath(path, top): pieces for path, pieces in contents.items()}
            if copied := next((path for path in paths if path.startswith(f"{IMPORTS}{os.sep}")), ""):
                raise fail(
                    "KB338",
                    "An imported record is not changed here.",
                    "Change it where it comes from, then run 'kb imports'.",
                    copied,
                )
            writer.replace(paths)

        yield write
