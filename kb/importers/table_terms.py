"""The terms of a table: the id of each, its label and other labels, and its CURIE in the table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any
from unicodedata import normalize

from kb.checks import confusables, json_schema
from kb.model import Record
from kb.problems import KbError, Place, Problem, quote
from kb.records import characters

_NOT_ID = re.compile("[^a-z0-9]+")
_CURIE = re.compile(r"([A-Za-z][A-Za-z0-9._-]*):(\S+)")
#: How many mappings one file has at most: files of mappings are held in memory when they are read.
MAX_MAPPINGS = 20_000
_MAX_ALIASES = 50
_MAX_LENGTH = 60


def make_id(value: str) -> str:
    """Make an id of a value: of its letters and digits, with a digest where these do not identify it."""
    plain = _NOT_ID.sub("-", value.lower()).strip("-")
    if plain and len(plain) <= _MAX_LENGTH and value.isascii():
        return plain
    return f"{plain[:40].strip('-') or 'x'}-{sha256(value.encode('utf-8', 'replace')).hexdigest()[:12]}"


class Terms:
    """The subjects and objects of a table, each once.

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
        """Return the id of a subject (0) or object (1), which is made at its first occurrence.

        Args:
            end: Which end of the fact.
            value: Its id in the table, a CURIE or not; or its label where the table has no ids.
            label: Its label in this row; may be empty.

        Raises:
            KbError: There is none, or it cannot be a term (KB791).
        """
        term = self._ids.get((end, value))
        if term is None:
            term = self._ids[end, value] = self._make(end, value)
        if isinstance(term, Problem):
            raise KbError([term])
        if label and label not in self._labels[term]:
            self._add(term, label)
        return term

    def _make(self, end: int, value: str) -> str | Problem:
        if not value:
            return Problem(Place(""), "KB791", f"The row has no {('subject', 'object')[end]}.", "Fill in the cell.")
        curie = self._curie(end, value)
        name = make_id(curie or value)
        other = self._values.setdefault(name, (end, value))
        if other != (end, value) and (other[1] != value or self._kinds[0] != self._kinds[1]):
            message = f"{quote(value)} and {quote(other[1])} would have the same id, '{name}'."
            return Problem(Place(""), "KB791", message, "Rename one in the table, or give one a prefix.")
        if problem := self._find_problem(end, name, " ".join(value.split()), value):
            return problem
        self._labels.setdefault(name, {})
        if curie:
            self.curies[name] = curie
        return name

    def _curie(self, end: int, value: str) -> str:
        curie = _CURIE.fullmatch(value)
        prefix = self._prefixes.get(curie.group(1).casefold()) if curie else None
        if curie and prefix:
            return f"{prefix}:{curie.group(2)}"
        namespace = self._namespaces[end]
        return f"{namespace}:{value}" if namespace and not curie and not re.search(r"\s", value) else ""

    def _add(self, name: str, label: str) -> None:
        """Add a label to a term, if it can be one."""
        labels = self._labels[name]
        tidy = normalize("NFC", " ".join(label.split()))
        if tidy in labels or len(labels) > _MAX_ALIASES:
            return
        end, value = self._values[name]
        if problem := self._find_problem(end, name, tidy, value):
            raise KbError([problem])
        labels[tidy] = None

    def _find_problem(self, end: int, name: str, label: str, value: str) -> Problem | None:
        """Return why a label cannot be that of a term."""
        record = Record("term", _term(name, self._kinds[end], [label], value), Place(""))
        checks = (characters.check, json_schema.check, confusables.check)
        problem = next((problem for check in checks for problem in check(record)), None)
        return problem and Problem(Place(""), "KB791", f"{quote(label)} cannot be a label: {problem.message}", problem.remedy)

    def label(self, name: str) -> str:
        """Return the label of a term."""
        return next(iter(self._labels[name]), " ".join(self._values[name][1].split()))

    def records(self) -> Iterator[dict[str, Any]]:
        """Return the terms, sorted by id; where two of a kind have the same label, the second has its id added."""
        labels: set[tuple[str, str]] = set()
        for name in sorted(self._values):
            end, value = self._values[name]
            first, *aliases = self._labels[name] or {" ".join(value.split()): None}
            key = (self._kinds[end], first.casefold())
            label = f"{first[:95]} ({name})" if key in labels else first
            labels.add((self._kinds[end], label.casefold()))
            yield _term(name, self._kinds[end], [label, *aliases], value)

    def list_mappings(self) -> Iterator[dict[str, str]]:
        """Return the CURIEs of the terms that have one, sorted, in portions that a file of mappings can hold."""
        curies = sorted(self.curies.items())
        for start in range(0, len(curies), MAX_MAPPINGS):
            yield dict(curies[start : start + MAX_MAPPINGS])


def _term(name: str, kind: str, names: list[str], value: str) -> dict[str, Any]:
    record = {"id": name, "kind": kind, "label": names[0], "definition": f"What the table calls {value}."[:4000]}
    return {**record, "aliases": names[1:]} if names[1:] else record
