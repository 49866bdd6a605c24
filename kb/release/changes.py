"""CHANGELOG.md: the changes since the previous release, as ``kb diff`` finds them."""

from __future__ import annotations

from collections.abc import Iterator

from kb.escaping import escape_markdown as md
from kb.escaping import quote_code
from kb.release.draft import Draft
from kb.reports import diff, versions


def add_changes(draft: Draft) -> None:
    """Add CHANGELOG.md: what was added, removed and changed since the previous release, if one is given.

    Raises:
        KbError: The previous release is not a version of a knowledge base (KB821).
    """
    draft.add("CHANGELOG.md", _text(draft), "What changed since the release before.", "text/markdown", "text")


def _text(draft: Draft) -> Iterator[str]:
    dataset = draft.kb.dataset
    yield f"# Changes\n\n## {dataset.version} ({dataset.issued})\n\n"
    if draft.since is None:
        yield f"No release before it was named: {len(draft.kb.facts)} facts, {len(draft.kb.terms)} terms.\n"
        return
    previous = versions.read_version(str(draft.since), str(draft.folder))
    difference = diff.compare(previous, versions.make_version(dataset.version, draft.quads))
    yield f"Since version {md(difference.versions[0])}:\n\n"
    yield "| | before | now | added | removed | changed |\n|---|---:|---:|---:|---:|---:|\n"
    for kind, (before, now) in difference.sizes.items():
        counts = " | ".join(str(diff.count_changes(difference, kind, change)) for change in diff.CHANGES)
        yield f"| {kind} | {before} | {now} | {counts} |\n"
    listed = list(diff.changes_to_list(difference))
    for name in diff.CHANGES:
        changes = [change for change in listed if change.change == name]
        if changes:
            yield f"\n### {name.capitalize()}\n\n"
            keys = [f": {md(', '.join(change.after))}" if name == "changed" else "" for change in changes]
            yield from (f"- {change.kind} {quote_code(change.id)}{key}\n" for change, key in zip(changes, keys, strict=True))
