"""The history of a fact or term in git: when it was added, changed, reviewed, moved and removed, and by whom.

Each commit is compared with its parents, record by record and by value, so that a change of layout is no change. Git finds the
files that ever held the record; of these, contents are read one after the other, and nothing is checked out.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import Any

from kb.checks import json_schema
from kb.files import boundary, text_file
from kb.model import KnowledgeBase
from kb.problems import KbError, fail, quote
from kb.records import resolve, strict_json, strict_yaml
from kb.reports.changed_files import run_git
from kb.sparql.parameters import find_kept_id

_FORMAT = "--format=%H%x00%an%x00%ae%x00%aI%x00%s"
_LOG = ("log", "-z", "--no-renames", "--relative", "--no-color", "--no-show-signature", "--no-ext-diff", "--no-textconv")
_PLAIN = (".yaml", ".yml", ".json", ".jsonl", ".ndjson")
_LONGEST = 200  # characters of a value that a line shows
_LARGEST = 1 << 31  # bytes of all contents that are read, the newest first
_FILE = "file:"  # begins the name of a content that is not committed
_UNREAD = object()  # stands for a record in a content that cannot be read


@dataclass(frozen=True, slots=True)
class Event:
    """What a commit did with a record.

    Args:
        action: ``added``, ``changed``, ``reviewed``, ``moved`` (to another file) or ``removed``.
        commit, author, email, when, summary: The commit; empty for what is not committed yet.
        file: The file that holds the record after it, or held it before.
        changes: The keys that differ, each with the value before and after, or None.
    """

    action: str
    commit: str
    author: str
    email: str
    when: str
    summary: str
    file: str
    changes: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class History:
    """The events of a record, the newest first, and why there may be more."""

    kind: str
    name: str
    events: tuple[Event, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Commit:
    """A commit, and by path the digests of the contents that its files have in its parents and in itself."""

    about: tuple[str, str, str, str, str]
    files: dict[str, tuple[str, ...]]


def read_history(kb: KnowledgeBase, name: str) -> History:
    """Read the history of a fact or term.

    Args:
        kb: The knowledge base as it is now, or what is sound of it.
        name: The path of a fact, its IRI or the end of them; or any name of a term, which may be retired.

    Raises:
        KbError: Nothing has this name, or several facts have (KB705); or there is no history in git (KB824).
    """
    kind, target, words = _find_record(kb, name)
    notes = list[str]()
    places = (f":(glob){kind}s/**", f":(glob){kind}s.*")
    listed = _run(kb.folder, *_LOG, "--format=", "--name-only", "-c", f"-S{words[0]}", "--", *places)
    now = _run(kb.folder, "diff-index", "-z", "--no-renames", "--relative", "--no-abbrev", "HEAD", "--", *places)
    files = {path for path in map(os.fsdecode, listed.split(b"\0")) if path.strip()}
    changed = {path: blobs[0] for path, blobs in _parse_files(iter(map(os.fsdecode, now.split(b"\0"))))}
    untracked = _run(kb.folder, "ls-files", "-z", "--others", "--exclude-standard", "--", *places)
    changed |= {path: "" for path in map(os.fsdecode, untracked.split(b"\0")) if path}
    commits = [_Commit(("", "", "", "", ""), {path: (blob, f"{_FILE}{path}") for path, blob in changed.items()})]
    if packed := sorted(path for path in {*files, *commits[0].files} if not path.lower().endswith(_PLAIN)):
        notes.append(f"Compressed files are not read: {', '.join(packed)}.")
    if _run(kb.folder, "rev-parse", "--is-shallow-repository").strip() == b"true":
        notes.append("The repository is shallow, so that the first commit is not known. Run 'git fetch --unshallow'.")
    if known := sorted(files.difference(packed)):
        raw = _run(kb.folder, *_LOG, "--raw", "-c", "--no-abbrev", _FORMAT, "--", *(f":(literal){path}" for path in known))
        commits += _parse_log(raw.split(b"\0"))
    values = _Values(kind, target, words)
    values.read(kb.folder, commits, notes)
    read = (commit for commit in commits if values.unread.isdisjoint(chain.from_iterable(commit.files.values())))
    return History(kind, target, tuple(event for commit in read if (event := _compare(commit, values.found))), tuple(notes))


def _find_record(kb: KnowledgeBase, name: str) -> tuple[str, str, tuple[str, ...]]:
    """Return the kind of a record, its id or path, and words that every version of it contains, the rarest first.

    Raises:
        KbError: Nothing has this name, or several facts have (KB705).
    """
    sought = name.strip().removeprefix(kb.dataset.base).strip("/")
    facts = [fact.path for fact in kb.facts if f"/{fact.path}".endswith(f"/{sought}")] if "/" in sought else []
    if not facts and re.fullmatch("fact(/[^/]+){4,}", sought):  # one that was removed
        facts = [sought]
    if len(facts) > 1:
        raise fail("KB705", f"{quote(name)} is the end of {len(facts)} facts.", "Name it by more of its path: 'kb fact list'.")
    if facts:
        _, _, subject, predicate, obj, *_ = facts[0].split("/")
        words = (obj, subject, predicate)
        return "fact", facts[0], words if re.fullmatch("[a-z0-9-]+", obj) else words[1:]
    term = find_kept_id(sought.removeprefix("term/"), "term", kb.labels())
    return "term", term, (term,)


def _run(folder: Path, *words: str) -> bytes:
    try:
        with run_git(folder, str(folder), *words) as output:
            return output.read()
    except KbError as error:
        reason = error.problems[0].message.partition("(")[2].removesuffix(").")
        remedy = "Name a folder in a repository of git that has commits."
        raise fail("KB824", f"There is no history in git ({reason}).", remedy, str(folder)) from error


def _parse_log(tokens: Iterable[bytes]) -> Iterator[_Commit]:
    """Parse what git logs: five tokens of each commit, then its files."""
    rest = iter([os.fsdecode(token).lstrip("\n") for token in tokens])
    about = ""
    while about or (about := next(filter(None, rest), "")):
        commit = _Commit((about, next(rest), next(rest), next(rest), next(rest)), {})
        about = ""
        for path, contents in _parse_files(rest):
            if not contents:
                about = path
                break
            commit.files[path] = contents
        yield commit


def _parse_files(tokens: Iterator[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each path with the contents of the parents and its own; then the first other token, without contents."""
    for token in filter(None, tokens):
        if not token.startswith(":"):
            yield token, ()
            return
        parents = len(token) - len(token.lstrip(":"))
        yield next(tokens), tuple(token.split()[parents + 1 : 2 * parents + 2])


class _Values:
    """The values of a record in contents, by the digest of these and the path; and the contents that were not read."""

    def __init__(self, kind: str, target: str, words: tuple[str, ...]) -> None:
        self.found: dict[tuple[str, str], Any] = {}
        self.unread: set[str] = set()
        self._kind, self._target, self._words = kind, target, [word.encode("utf-8", "surrogateescape") for word in words]
        self._parsed: dict[tuple[bytes, str], Any] = {}

    def read(self, folder: Path, commits: Iterable[_Commit], notes: list[str]) -> None:
        """Read the contents of commits, the newest first, up to a limit."""
        paths: dict[str, list[str]] = {}
        for commit in commits:
            for path, blobs in commit.files.items():
                for blob in reversed(blobs if path.lower().endswith(_PLAIN) else ()):
                    paths.setdefault(blob, []).append(path)
        for name in [name for name in paths if name.startswith(_FILE)]:
            file = folder / name.removeprefix(_FILE)
            if boundary.exists(file):
                self._take(name, paths[name], text_file.read_bytes(file, str(file)))
        wanted = [blob for blob in paths if blob.strip("0") and not blob.startswith(_FILE)]
        left = _LARGEST
        with tempfile.TemporaryFile() as ids:
            ids.writelines(f"{blob}\n".encode("ascii") for blob in wanted)
            ids.seek(0)
            with run_git(folder, str(folder), "cat-file", "--batch", stdin=ids) as contents:
                for number, blob in enumerate(wanted):
                    about = contents.readline().split()
                    size = int(about[2]) if about[1:2] == [b"blob"] else _LARGEST
                    left -= size
                    if left < 0:
                        notes.append("The history is too long or not complete, so that only its newest part was read.")
                        self.unread.update(wanted[number:])
                        break
                    self._take(blob, paths[blob], contents.read(size + 1))
                for _ in iter(lambda: contents.read(1 << 20), b""):
                    pass

    def _take(self, name: str, paths: Iterable[str], content: bytes) -> None:
        """Take the value of the record in the content of files, if they have it."""
        if all(word in content for word in self._words):
            for path in dict.fromkeys(paths):
                part = (self._cut(content, path), PurePosixPath(path).name.partition(".")[0])
                if part not in self._parsed:
                    self._parsed[part] = self._parse(part[0], path, part[1])
                if self._parsed[part] is not None:
                    self.found[name, path] = self._parsed[part]

    def _cut(self, content: bytes, path: str) -> bytes:
        """Return the records of a list that have the words, of YAML or JSON Lines; of another file, all of it."""
        suffix = path.lower().rpartition(".")[2]
        is_list = suffix in {"yaml", "yml"} and re.search(rb"^- ", content, re.MULTILINE)
        if suffix == "json" or not (is_list or suffix in {"jsonl", "ndjson"}):
            return content
        parts = re.split(rb"\n(?=- )", content.replace(b"\r\n", b"\n")) if is_list else content.split(b"\n")
        return b"\n".join(part for part in parts if all(word in part for word in self._words))

    def _parse(self, content: bytes, path: str, stem: str) -> Any:
        """Return the value of the record; nothing if it is not there, and :data:`_UNREAD` if this is no content of records."""
        try:
            text = text_file.decode(content, path) if content.strip() else "[]"
            if path.lower().endswith((".jsonl", ".ndjson")):
                value = [strict_json.parse(line, path) for line in text.split("\n") if line.strip()]
            else:
                is_json = path.lower().endswith(".json")
                value = strict_json.parse(text, path) if is_json else strict_yaml.parse(text, path).value
        except KbError:
            return _UNREAD
        for item in value if isinstance(value, list) else [value]:
            if self._kind == "term" and isinstance(item, dict) and item.get("id") == self._target:
                return item
            if self._kind == "fact" and json_schema.accepts("fact", item):
                fact = resolve.parse_fact_value(item, stem)
                if fact.path == self._target:
                    return {**item, "document": fact.document}
        return None


def _compare(commit: _Commit, values: Mapping[tuple[str, str], Any]) -> Event | None:
    """Compare the record in a commit with that in each of its parents; return what became of it, if it is another than in all."""
    parents = max((len(blobs) - 1 for blobs in commit.files.values()), default=0)
    held = [_find(commit, values, at) for at in range(parents)]
    after = _find(commit, values, -1)
    file, value = next(iter(sorted(after.items(), key=lambda pair: pair[0])), ("", None))
    if any(before == after for before in held) or _UNREAD in after.values() or not held:
        return None
    former, old = next(iter(sorted(held[0].items(), key=lambda pair: pair[0])), ("", None))
    if value is None or old is None:
        return Event("removed" if value is None else "added", *commit.about, file or former)
    if old == value:
        return Event("moved", *commit.about, file, {"file": (former, file)})
    known = old if isinstance(old, dict) else value  # a former content that cannot be read
    keys = [key for key in {**known, **value} if known.get(key) != value.get(key)]
    action = "reviewed" if keys == ["review"] else "changed"
    return Event(action, *commit.about, file, {key: (known.get(key), value.get(key)) for key in keys})


def _find(commit: _Commit, values: Mapping[tuple[str, str], Any], at: int) -> dict[str, Any]:
    """Return the values of the record in a parent or in the commit, by path."""
    return {path: values[blobs[at], path] for path, blobs in commit.files.items() if (blobs[at], path) in values}


def describe(history: History) -> Iterator[str]:
    """Describe a history in lines of text."""
    yield f"{history.kind if history.kind == 'term' else ''} {history.name}".strip()
    for event in history.events:
        about = f"{event.commit[:10]}  {event.author} <{event.email}>  {event.summary}" if event.commit else "not committed"
        yield f"{event.when[:10] or 'now':<10}  {event.action:<8}  {about}"
        for key, (before, after) in event.changes.items():
            yield f"    {key}: {_spell(before)} → {_spell(after)}"
    yield from history.notes


def _spell(value: Any) -> str:
    text = value if isinstance(value, str) else "none" if value is None else json.dumps(value, ensure_ascii=False)
    return f"{text[:_LONGEST]}…" if len(text) > _LONGEST else text
