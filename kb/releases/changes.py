"""What changed since the release before, fact by fact: read from the tables of both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from kb.problems import fail
from kb.releases.draft import Draft
from kb.tables import spreadsheet

Rows = Mapping[str, Mapping[str, str]]

_TABLES = {"facts": ("csv/facts.csv", "fact"), "terms": ("csv/terms.csv", "term")}


def add_changes(draft: Draft) -> None:
    """Add CHANGELOG.md: what was added, removed and changed since the release before, or that there is none before."""
    draft.add("CHANGELOG.md", "".join(_text(draft)), "What changed since the release before.", "text/markdown", "text")


def _text(draft: Draft) -> Iterator[str]:
    about = draft.kb.dataset
    yield f"# Changes\n\n## {about.version} ({about.issued})\n\n"
    if draft.since is None:
        yield f"No release before it was named: {len(draft.kb.facts)} facts, {len(draft.kb.terms)} terms.\n"
        return
    for name, (file, key) in _TABLES.items():
        before, after = _read(draft.since / file, key), _read(draft.folder / file, key)
        lines = list(_changes(before, after, about.base))
        yield f"### {name.capitalize()}\n\n"
        yield "".join(f"- {line}\n" for line in lines) or "No change.\n"
        yield "\n"


def _read(path: Path, key: str) -> Rows:
    """Read a table of a release by its key.

    Raises:
        KbError: It is not there, or not such a table (KB101, KB104).
    """
    try:
        return {row[key]: row for row in spreadsheet.read(path.read_bytes())}
    except OSError as error:
        raise fail("KB101", f"It cannot be read: {error.strerror}.", "Name the folder of a release.", str(path)) from error
    except (KeyError, UnicodeDecodeError) as error:
        raise fail("KB104", "It is not the table of a release.", "Name the folder of a release.", str(path)) from error


def _changes(before: Rows, after: Rows, base: str) -> Iterator[str]:
    for name in sorted({*before, *after}):
        shown = f"`{name.removeprefix(base)}`"
        if name not in before:
            yield f"added {shown}"
        elif name not in after:
            yield f"removed {shown}"
        else:
            columns = [column for column in after[name] if before[name].get(column) != after[name][column]]
            if columns:
                yield f"changed {shown}: {', '.join(columns)}"
