"""The terms of a table: the id of each, its label and other labels, and its CURIE in the table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any
from unicodedata import normalize

from kb.checks import confusables, json_schema
from kb.files import characters
from kb.model import Record
from kb.problems import KbError, Place, Problem, quote

_NOT_ID = re.compile("[^a-z0-9]+")
_CURIE = re.compile(r"([A-Za-z][A-Za-z0-9._-]*):(\S+)")
#: How many mappings one file has at most: files of mappings are held in memory when they are read.
MAX_MAPPINGS = 20_000
_MAX_ALIASES = 50
_MAX_LENGTH = 60
# What tables write where they have no value, in lower case and without brackets, number signs and stops around it.
_MISSING = {"na", "n/a", "n.a", "nan", "null", "nil", "none", "missing", "unknown", "not available", "not known", "not stated"}


def is_missing(text: str) -> bool:
    """Return whether a text stands for a missing value: it is empty, without letters and digits, or a word such as NA."""
    return text.strip("#<>()[]. ").lower() in _MISSING or not any(map(str.isalnum, text))


def make_id(value: str) -> str:
    """Make an id of a value: of its letters and digits, with a digest where these do not identify it."""
    plain = _NOT_ID.sub("-", value.lower()).strip("-")
    if plain and len(plain) <= _MAX_LENGTH and value.isascii():
        return plain
    return f"{plain[:40].strip('-') or 'x'}-{_digest(value)}"


def _digest(value: str) -> str:
    return sha256(value.encode("utf-8", "replace")).hexdigest()[:12]


def find_record_problem(kind: str, value: Mapping[str, Any], what: str) -> Problem | None:
    """Return why the label of a record, and so its row, is invalid: the first problem of the record, which is to be ``what``."""
    record = Record(kind, value, Place(""))
    checks = (characters.check, json_schema.check, confusables.check)
    problem = next((problem for check in checks for problem in check(record)), None)
    message = f"{quote(value['label'])} cannot be {what}: "
    return problem and Problem(Place(""), "KB791", message + problem.message, problem.remedy)


class Ids:
    """The ids of the values of a table: each value has its own, and case variants of a name are one value."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}

    def make(self, value: str) -> str:
        """Return the id of a value; if another value has the same letters and digits, a digest is added to it."""
        name = make_id(value)
        if self._values.setdefault(name, value) != value:
            name = f"{name[:40].strip('-')}-{_digest(value)}"
            self._values[name] = value
        return name


class Terms:
    """The subjects, objects and populations of a table, each once.

    Args:
        kinds: The kinds of subjects, objects and populations.
        namespaces: The prefixes of subjects and objects that are written without one.
        prefixes: Every prefix that may be used.
        known: The terms that the knowledge base has already.
    """

    def __init__(
        self,
        kinds: Sequence[str],
        namespaces: Sequence[str],
        prefixes: Mapping[str, str],
        known: Iterable[Mapping[str, Any]] = (),
    ) -> None:
        self._kinds, self._namespaces = kinds, namespaces
        self._known: dict[str, str] = {}
        self._known_labels: dict[tuple[str, str], str] = {}
        for term in known:
            self._known[term["id"]] = term["kind"]
            for name in (term["label"], *term.get("aliases", ())):
                self._known_labels.setdefault((term["kind"], name.casefold()), term["id"])
        self._prefixes = {name.casefold(): name for name in prefixes}
        self._names = Ids()
        self._ids: dict[tuple[int, str], str | Problem] = {}
        self._values: dict[str, tuple[int, str]] = {}
        self._curies: dict[str, str] = {}
        self._labels: dict[str, dict[str, str]] = {}
        #: The CURIE of each used term that has one.
        self.curies: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._labels.keys() - self._known.keys())

    def find(self, end: int, value: str) -> str:
        """Return the id of a subject (0), object (1) or population (2), which is made at its first occurrence.

        Args:
            end: Which end of the fact.
            value: Its id in the table, a CURIE or not; or its label where the table has no ids.

        Raises:
            KbError: There is none, or it cannot be a term (KB791).
        """
        term = self._ids.get((end, value))
        if term is None:
            term = self._ids[end, value] = self._make(end, value)
        if isinstance(term, Problem):
            raise KbError([term])
        return term

    def use(self, row: Iterable[tuple[str, str]]) -> None:
        """Take the terms of a row, each with its label in this row, into the records; a label may be empty.

        Raises:
            KbError: A label cannot be one (KB791); then nothing of the row is taken.
        """
        made = [(term, self._tidy(term, label)) for term, label in row]
        for term, label in made:
            labels = self._labels.setdefault(term, {})
            if label and label.casefold() not in labels.values():
                labels[label] = label.casefold()
            if term in self._curies:
                self.curies[term] = self._curies[term]

    def _make(self, end: int, value: str) -> str | Problem:
        curie, label = self._curie(end, value), " ".join(value.split())
        kind = self._kinds[end]
        if is_missing(value) and (kind, label.casefold()) not in self._known_labels:
            given = f": {quote(value)} is read as a missing value" if value else ""
            remedy = f"Fill in the cell{'; if it is a name, declare a term with that label first' if value else ''}."
            return Problem(Place(""), "KB791", f"The row has no {('subject', 'object')[end]}{given}.", remedy)
        known = "" if curie else self._known_labels.get((kind, label.casefold()), "")
        name = known or self._names.make(curie or label.casefold())
        taken = self._known.get(name) or self._kinds[self._values.get(name, (end, value))[0]]
        if taken != kind:
            message = f"The id '{name}' is that of a term of kind '{taken}', not '{kind}'."
            return Problem(Place(""), "KB791", message, "Rename it in the table, or give it a prefix.")
        if problem := self._find_problem(end, name, label, value):
            return problem
        self._values.setdefault(name, (end, value))
        if curie and name not in self._known:
            self._curies[name] = curie
        return name

    def _curie(self, end: int, value: str) -> str:
        curie = _CURIE.fullmatch(value)
        prefix = self._prefixes.get(curie.group(1).casefold()) if curie else None
        if curie and prefix:
            return f"{prefix}:{curie.group(2)}"
        namespace = self._namespaces[end] if end < len(self._namespaces) else ""
        return f"{namespace}:{value}" if namespace and not curie and not re.search(r"\s", value) else ""

    def _tidy(self, name: str, label: str) -> str:
        """Return a label of a term in its normal form; nothing if it is none or not needed.

        Raises:
            KbError: It cannot be a label (KB791).
        """
        labels = self._labels.get(name, {})
        if label in labels or is_missing(label):
            return ""
        tidy = normalize("NFC", " ".join(label.split()))
        if tidy.casefold() in labels.values() or len(labels) > _MAX_ALIASES:
            return ""
        end, value = self._values[name]
        if problem := self._find_problem(end, name, tidy, value):
            raise KbError([problem])
        return tidy

    def _find_problem(self, end: int, name: str, label: str, value: str) -> Problem | None:
        """Return why a label cannot be that of a term."""
        return find_record_problem("term", _term(name, self._kinds[end], [label], value), "a label")

    def label(self, name: str) -> str:
        """Return the label of a term."""
        return next(iter(self._labels[name]), " ".join(self._values[name][1].split()))

    def records(self) -> Iterator[dict[str, Any]]:
        """Return the terms, sorted by id; where two of a kind have the same label, the second has its id added."""
        labels: set[tuple[str, str]] = set()
        for name in sorted(self._labels.keys() - self._known.keys()):
            end, value = self._values[name]
            first, *aliases = self._labels[name] or [" ".join(value.split())]
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
