"""The terms of a table: an id for each thing that it names, its label and other labels, and the CURIE that it has there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any
from unicodedata import normalize

from kb.checks import confusables, json_schema
from kb.model import Record
from kb.problems import Place, Problem, fail, quote
from kb.records import encoding

_NOT_ID = re.compile("[^a-z0-9]+")
_CURIE = re.compile(r"([A-Za-z][A-Za-z0-9._-]*):(\S+)")
#: How many mappings one file has at most: files of tables are read whole.
MOST_MAPPINGS = 20_000
_MOST_ALIASES = 50
_LONGEST = 60


def segment(value: str) -> str:
    """Make an id of a value: its letters and digits where that tells it apart, with a digest where it does not."""
    plain = _NOT_ID.sub("-", value.lower()).strip("-")
    if plain and len(plain) <= _LONGEST and value.isascii():
        return plain
    return f"{plain[:40].strip('-') or 'x'}-{sha256(value.encode('utf-8', 'replace')).hexdigest()[:12]}"


class Terms:
    """What a table names, each once.

    Args:
        kinds: The kinds of subjects and of objects.
        namespaces: The prefixes of ids that are written without one.
        prefixes: Every prefix that may be used.
    """

    def __init__(self, kinds: tuple[str, str], namespaces: tuple[str, str], prefixes: Mapping[str, str]) -> None:
        self._kinds, self._namespaces = kinds, namespaces
        self._prefixes = {name.casefold(): name for name in prefixes}
        self._ids: dict[tuple[int, str], str | Problem] = {}
        self._values: dict[str, tuple[int, str]] = {}
        self._labels: dict[str, dict[str, None]] = {}
        #: The CURIE of each term that has one.
        self.curies: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._values)

    def find(self, end: int, value: str, label: str) -> str:
        """Give the id of a subject (0) or object (1), which is made when it is met first.

        Args:
            end: Which end of the fact.
            value: Its id in the table, a CURIE or not; or its label where the table has no ids.
            label: Its label in this row; may be empty.

        Raises:
            KbError: There is none, or it cannot be a term (KB791).
        """
        found = self._ids.get((end, value))
        if found is None:
            found = self._ids[end, value] = self._make(end, value)
        if isinstance(found, Problem):
            raise fail(found.code, found.message, found.remedy)
        if label and label not in self._labels[found]:
            self._add(found, label)
        return found

    def _make(self, end: int, value: str) -> str | Problem:
        what = ("subject", "object")[end]
        if not value:
            return Problem(Place(""), "KB791", f"The row has no {what}.", "Fill in the cell.")
        curie = self._curie(end, value)
        name = segment(curie or value)
        other = self._values.setdefault(name, (end, value))
        if other != (end, value) and (other[1] != value or self._kinds[0] != self._kinds[1]):
            message = f"{quote(value)} and {quote(other[1])} would have the same id, '{name}'."
            return Problem(Place(""), "KB791", message, "Rename one in the table, or give one a prefix.")
        if problem := self._flaw(end, name, " ".join(value.split()), value):
            return problem
        self._labels.setdefault(name, {})
        if curie:
            self.curies[name] = curie
        return name

    def _curie(self, end: int, value: str) -> str:
        found = _CURIE.fullmatch(value)
        prefix = self._prefixes.get(found.group(1).casefold()) if found else None
        if found and prefix:
            return f"{prefix}:{found.group(2)}"
        space = self._namespaces[end]
        return f"{space}:{value}" if space and not found and not re.search(r"\s", value) else ""

    def _add(self, name: str, label: str) -> None:
        """Add a label to a term, if it can be one."""
        known = self._labels[name]
        tidy = normalize("NFC", " ".join(label.split()))
        if tidy in known or len(known) > _MOST_ALIASES:
            return
        end, value = self._values[name]
        if problem := self._flaw(end, name, tidy, value):
            raise fail(problem.code, problem.message, problem.remedy)
        known[tidy] = None

    def _flaw(self, end: int, name: str, label: str, value: str) -> Problem | None:
        """Tell what would be wrong with a term of that label."""
        record = Record("term", _term(name, self._kinds[end], [label], value), Place(""))
        found = next(
            (each for check in (encoding.characters, json_schema.check, confusables.check) for each in check(record)), None
        )
        return found and Problem(Place(""), "KB791", f"{quote(label)} cannot be a label: {found.message}", found.remedy)

    def label(self, name: str) -> str:
        """Give the label of a term."""
        return next(iter(self._labels[name]), " ".join(self._values[name][1].split()))

    def records(self) -> Iterator[dict[str, Any]]:
        """Give the terms, sorted by id; where two of a kind have the same label, the second tells its id too."""
        met: set[tuple[str, str]] = set()
        for name in sorted(self._values):
            end, value = self._values[name]
            first, *aliases = self._labels[name] or {" ".join(value.split()): None}
            key = (self._kinds[end], first.casefold())
            shown = f"{first[:95]} ({name})" if key in met else first
            met.add((self._kinds[end], shown.casefold()))
            yield _term(name, self._kinds[end], [shown, *aliases], value)

    def mapped(self) -> Iterator[dict[str, str]]:
        """Give the CURIEs of the terms that have one, sorted, in portions that a file of mappings can hold."""
        known = sorted(self.curies.items())
        for start in range(0, len(known), MOST_MAPPINGS):
            yield dict(known[start : start + MOST_MAPPINGS])


def _term(name: str, kind: str, names: list[str], value: str) -> dict[str, Any]:
    record = {"id": name, "kind": kind, "label": names[0], "definition": f"What the table calls {value}."[:4000]}
    return {**record, "aliases": names[1:]} if names[1:] else record
