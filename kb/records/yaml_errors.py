"""Name the mistake in a file that cannot be parsed: a missing quote, dash or colon, a tab, a merge conflict."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, NamedTuple

from kb import resources
from kb.problems import KbError, Place, Problem

_OURS, _THEIRS = (re.compile(rf"^{mark}{{7}}(?: .*)?$", re.MULTILINE) for mark in "<>")
_MARK = re.compile(r"^(?:[<>|]{7}(?: .*)?|={7})$", re.MULTILINE)


class _Mistake(NamedTuple):
    """A row of ``yaml_mistakes.tsv``: what the parser says, what stands before and after the mark that it names, and the message.

    The mark is that of the problem, or of the context, where the value began. The first row that fits counts.
    """

    says: str
    before: str
    after: str
    mark: str
    message: str
    remedy: str


@cache
def _read_mistakes() -> list[_Mistake]:
    return [_Mistake(*row) for row in resources.read_table("records", "yaml_mistakes.tsv")]


def refuse_conflict(text: str, file_name: str) -> None:
    """Refuse a file with an unresolved merge conflict.

    Raises:
        KbError: It has one (KB104).
    """
    if "<<<<<<<" in text and (conflict := _OURS.search(text)) and _THEIRS.search(text, conflict.end()):
        raise KbError([_conflict_problem(text, conflict.start(), file_name)])


def _conflict_problem(text: str, at: int, file_name: str) -> Problem:
    remedy = "Keep one side, and remove the lines that begin with <<<<<<<, ======= and >>>>>>>."
    return Problem(Place(file_name, text.count("\n", 0, at) + 1, 1), "KB104", "A merge conflict is not resolved.", remedy)


def explain_syntax_error(error: Any, text: str, file_name: str) -> Problem:
    """Return the problem of a file that the parser refuses (KB104), with the mistake by name where it is known."""
    if mark := _MARK.search(text):  # what is left of a conflict
        return _conflict_problem(text, mark.start(), file_name)
    marks = {name: getattr(error, f"{name}_mark", None) for name in ("problem", "context")}
    what = getattr(error, "problem", None) or getattr(error, "reason", None) or "it is not YAML"
    for mistake in _read_mistakes():
        mark = marks[mistake.mark]
        if not mark or not re.search(mistake.says, what):
            continue
        line, at = [*text.split("\n"), ""][mark.line], mark.column
        if re.fullmatch(mistake.before, line[:at]) and re.match(mistake.after, line[at:]):
            place = Place(file_name, mark.line + 1, at + 1)
            return Problem(place, "KB104", mistake.message.format(line[at : at + 1]), mistake.remedy)
    place = _place(marks["problem"] or marks["context"], text, file_name)
    return Problem(place, "KB104", f"The YAML cannot be read: {what}.", "Check indentation, quotes and colons there.")


def _place(mark: Any, text: str, file_name: str) -> Place:
    if not mark:
        return Place(file_name)
    line, column, last = mark.line, mark.column, text.count("\n")
    if line > last:  # libyaml appends a newline to a file that does not end with one
        line, column = last, len(text) - text.rfind("\n") - 1
    return Place(file_name, line + 1, column + 1)
