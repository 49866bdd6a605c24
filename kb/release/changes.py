"""CHANGELOG.md: the changes since the previous release, as ``kb diff`` finds them, and those of the releases before."""

from __future__ import annotations

from collections.abc import Iterator

from kb.escaping import escape_markdown as md
from kb.escaping import quote_code
from kb.files.text_file import decode_utf8, read_bytes
from kb.release.draft import Draft
from kb.reports import diff, versions
from kb.reports.diff import Change

_LARGEST = 1 << 26


def add_changes(draft: Draft) -> None:
    """Add CHANGELOG.md: what was added, removed and changed since the previous release, and what its CHANGELOG.md lists.

    Raises:
        KbError: The previous release cannot be read (KB821).
    """
    draft.add("CHANGELOG.md", _text(draft), "What changed in each version.", "text/markdown", "text")


def _text(draft: Draft) -> Iterator[str]:
    dataset, since = draft.kb.dataset, draft.since
    yield f"# Changes\n\n## {dataset.version} ({dataset.issued})\n\n"
    if since is None:
        yield f"No release before it was named: {len(draft.kb.facts)} facts, {len(draft.kb.terms)} terms.\n"
        return
    previous = versions.read_version(str(since.folder), str(draft.folder))
    difference = diff.compare(previous, versions.make_version(dataset.version, draft.quads))
    yield f"Since version {md(since.version)}:\n\n"
    yield "| | before | now | added | removed | changed |\n|---|---:|---:|---:|---:|---:|\n"
    for kind, (before, now) in difference.sizes.items():
        counts = " | ".join(str(diff.count_changes(difference, kind, change)) for change in diff.CHANGES)
        yield f"| {kind} | {before} | {now} | {counts} |\n"
    listed = list(diff.changes_to_list(difference))
    for name in diff.CHANGES:
        changes = [change for change in listed if change.change == name]
        if changes:
            yield f"\n### {name.capitalize()}\n\n"
            yield from (line for change in changes for line in _describe_change(change))
    content = read_bytes(since.folder / "CHANGELOG.md", "CHANGELOG.md", _LARGEST, since.folder)
    _, heading, rest = decode_utf8(content, "CHANGELOG.md").partition("\n## ")
    yield heading + rest


def _describe_change(change: Change) -> Iterator[str]:
    """Yield a line for a change, and one for each property that differs, old and new."""
    yield f"- {change.kind} {quote_code(change.id)}: {md(change.label)}\n"
    if change.change == "changed":
        for key in change.after:
            old, new = (md(", ".join(values.get(key, ()))) or "nothing" for values in (change.before, change.after))
            yield f"  - {md(key)}: {old} → {new}\n"
