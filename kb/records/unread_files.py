"""Find files and folders of a knowledge base that nothing reads, though their names suggest that they hold records."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path

from kb.files import boundary, text_file
from kb.files.boundary import Entry
from kb.problems import KbError, Place, Problem, quote
from kb.records import folder as records
from kb.texts.normal_form import MEDIATYPES

# The endings of the files that are read in each folder.
_READ = {
    **dict.fromkeys(records.FOLDERS, records.SUFFIXES),
    "mappings": (records.MAPPINGS,),
    "queries": (".rq",),
    "verification": (".yaml",),
    "proposals": records.SUFFIXES,
    "decisions": records.SUFFIXES,
}
# Files that people put beside records.
_REMARKS = ("readme", "license", "licence", "changelog", "notes")
_LEAST_SIMILAR = 0.8
# Other names that people give to folders, and the endings of the files in them that a command would read elsewhere.
_SYNONYMS = {
    **dict.fromkeys(("query", "sparql"), ("queries", (".rq", ".sparql"))),
    **dict.fromkeys(("text", "texts"), ("documents", tuple(MEDIATYPES))),
}
# The keys of a fact, by which a file of facts at the top is recognised.
_FACT_KEYS = [re.compile(rf"""\b{key}["']?\s*:""") for key in ("subject", "predicate", "evidence")]


def find_unread(top: Path, documents: Mapping[str, str] | None) -> list[Problem]:
    """Return a problem (KB116) for each file and folder that seems to hold records, and that no command reads.

    These are names at the top that are spelled almost like those of files that are read (``fact/``, ``predicate.yaml``), and
    files with another ending in a folder of records (``facts/leaflet.txt``). ``documents`` has the file of each document by
    its id, if all were read: texts and results are read by these ids, and a record is updated in the file named after it.
    """
    problems: list[Problem] = []

    def report(error: KbError) -> None:
        problems.extend(error.problems)

    for entry in boundary.list_folder(top):
        if not entry.name.startswith("."):
            problems += _check_top(top, entry)
        if entry.is_folder and (synonym := _SYNONYMS.get(entry.name.lower())):
            problems += _check_synonym(top / entry.name, *synonym, documents)
    for name, endings in _READ.items():
        for folder, entries in boundary.walk(top / name, report):
            problems += _check_folder(folder, entries, endings, documents)
    for name, path in (documents or {}).items():
        stem, *_, suffix = Path(path).name.split(".")
        if stem != name and Path(path).parent.name == "documents" and holds_one(path):
            message = f"The record in this file has the id {quote(name)}, by which its text, facts and results are found."
            problems.append(Problem(Place(path), "KB116", message, f"Rename the file to {name}.{suffix}, or correct the id."))
    return problems


def holds_one(path: str) -> bool:
    """Return whether a file holds one record, and not a list of them."""
    is_plain = path.lower().endswith(records.SUFFIXES[:3])
    lines = text_file.read_text(Path(path), path).splitlines() if is_plain else []
    first = next((line for line in lines if line.strip() and not line.startswith(("#", "---"))), "-")
    return not first.lstrip().startswith(("-", "["))


def _check_top(top: Path, entry: Entry) -> Iterator[Problem]:
    known = _READ if entry.is_folder else [name for name in records.SINGLES if name.endswith(".yaml")]
    similar = get_close_matches(entry.name.lower(), known, n=1, cutoff=_LEAST_SIMILAR)
    if similar and entry.name not in (known if entry.is_folder else records.SINGLES):
        yield _make_problem(top / entry.name, f"Rename it to {similar[0]}{'/' if entry.is_folder else ''}.")
    elif not entry.is_folder and entry.name not in records.SINGLES and _holds_facts(top / entry.name):
        yield _make_problem(top / entry.name, "It holds facts: move it to facts/.")


def _holds_facts(path: Path) -> bool:
    """Return whether a file has the keys of facts."""
    if not path.name.lower().endswith(records.SUFFIXES[:3]):
        return False
    try:
        text = text_file.read_text(path, str(path))
    except KbError:  # another tool's
        return False
    return all(key.search(text) for key in _FACT_KEYS)


def _check_synonym(folder: Path, read: str, endings: tuple[str, ...], documents: Mapping[str, str] | None) -> Iterator[Problem]:
    """Check a folder with another name; files named after documents may be their texts, which ``--text`` names."""
    names = sorted(entry.name for entry in boundary.list_folder(folder) if not entry.is_folder)
    files = [name for name in names if name.lower().endswith(endings) and not name.lower().startswith(_REMARKS)]
    if read == "documents":
        files = [name for name in files if documents is not None and name.rpartition(".")[0] not in documents]
    if files:
        what = "Add it with 'kb document add'" if read == "documents" else f"Move it to {read}/"
        yield _make_problem(folder / files[0], f"{what}, and remove this folder.")


def _check_folder(
    folder: Path, entries: list[Entry], endings: tuple[str, ...], documents: Mapping[str, str] | None
) -> Iterator[Problem]:
    names = [entry.name for entry in entries if not (entry.is_folder or entry.is_link) and not entry.name.startswith(".")]
    for name in names:
        stem, dot, suffix = name.rpartition(".")
        is_text = folder.name == "documents" and dot + suffix.lower() in MEDIATYPES
        if (is_text or folder.name == "verification") and documents is not None and stem not in documents:
            yield _make_problem(folder / name, f"No document has the id {quote(stem)}; rename it, or move it away.")
        elif not (name.lower().endswith(endings) or is_text or name.lower().startswith(_REMARKS)):
            yield _make_problem(folder / name, f"Files here end in {', '.join(endings)}; rename it, or move it away.")


def _make_problem(path: Path, remedy: str) -> Problem:
    return Problem(Place(str(path)), "KB116", "Nothing reads this, though its name suggests records.", remedy)
