"""Bring the records of a knowledge base that was made with kb 0.1.0 over to this version.

Only one kind of record means something else now: ``object_source_version`` of a mapping is the version of the vocabulary, where
0.1.0 took any text. What is no version moves to the comment of the mapping, so that nothing is lost.
"""

from __future__ import annotations

import csv
import re
from io import StringIO
from pathlib import Path

from kb import resources
from kb.files import text_file
from kb.problems import KbError, Problem
from kb.records import folder

_VERSION, _COMMENT = "object_source_version", "comment"


def find_changes(top: Path) -> dict[Path, str]:
    """Return the files of mappings that have to change, with their new content.

    Raises:
        KbError: The folder is no knowledge base (KB101, KB112), or files cannot be read.
    """
    problems: list[Problem] = []
    changes = {}
    for path, kind in folder.find_files(top, problems):
        if kind == "mapping":
            try:
                text = text_file.read_text(path, str(path))
            except KbError as error:
                problems += error.problems
                continue
            if (changed := move_sources(text)) != text:
                changes[path] = changed
    if problems:
        raise KbError(problems)
    return changes


def move_sources(text: str) -> str:
    """Move what is no version from the versions of the mappings of an SSSOM table to their comments.

    A table that cannot be read stays as it is; ``kb validate`` reports it.
    """
    lines = text.splitlines(keepends=True)
    heading = [line for line in lines if line.startswith("#")]
    try:
        rows = list(csv.reader(lines[len(heading) :], delimiter="\t", strict=True))
    except csv.Error:
        return text
    columns = rows[0] if rows else []
    if _VERSION not in columns or any(len(row) != len(columns) for row in rows):
        return text
    is_version = re.compile(resources.schema("mapping")["properties"][_VERSION]["pattern"]).search
    place = columns.index(_VERSION)
    if all(not row[place] or is_version(row[place]) for row in rows[1:]):
        return text
    if _COMMENT not in columns:
        rows = [[*row, ""] for row in rows]
        rows[0][-1] = _COMMENT
    comment = rows[0].index(_COMMENT)
    for row in rows[1:]:
        if row[place] and not is_version(row[place]):
            row[comment] = f"{row[comment]} Seen in {row[place]}.".lstrip()
            row[place] = ""
    written = StringIO()
    csv.writer(written, delimiter="\t", lineterminator="\n").writerows(rows)
    return "".join([*heading, written.getvalue()])
