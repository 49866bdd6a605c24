"""What changed since the release before: ``kb diff``, as a page."""

from __future__ import annotations

from collections.abc import Iterator

from kb.release.draft import Draft
from kb.reports import diff, versions
from kb.reports.diff import Change, Difference
from kb.reports.versions import Version


def add_changes(draft: Draft) -> None:
    """Add CHANGELOG.md: what was added, removed and changed since the release before, or that none was named.

    Raises:
        KbError: What was named is no version of a knowledge base (KB821).
    """
    draft.add("CHANGELOG.md", "".join(_text(draft)), "What changed since the release before.", "text/markdown", "text")


def _text(draft: Draft) -> Iterator[str]:
    about = draft.kb.dataset
    yield f"# Changes\n\n## {about.version} ({about.issued})\n\n"
    if draft.since is None:
        yield f"No release before it was named: {len(draft.kb.facts)} facts, {len(draft.kb.terms)} terms.\n"
        return
    before = versions.read(str(draft.since), str(draft.folder))
    found = diff.compare(before, Version(about.version, draft.quads))
    yield f"Since version {found.versions[0]}:\n\n"
    yield "| | before | now | added | removed | changed |\n|---|---:|---:|---:|---:|---:|\n"
    for kind, (was, now) in found.sizes.items():
        counts = " | ".join(str(diff.count(found, kind, change)) for change in ("added", "removed", "changed"))
        yield f"| {kind} | {was} | {now} | {counts} |\n"
    yield from _listed(found)


def _listed(found: Difference) -> Iterator[str]:
    whole = {each.id for each in found.changes if each.kind == "fact" and each.change != "changed"}
    for change in ("added", "removed", "changed"):
        told = [
            each
            for each in found.changes
            if each.change == change and each.id.partition("/evidence/")[0] not in whole - {each.id}
        ]
        if told:
            yield f"\n### {change.capitalize()}\n\n"
            yield from (f"- {each.kind} `{each.id}`{_keys(each)}\n" for each in told)


def _keys(change: Change) -> str:
    return f": {', '.join(change.after)}" if change.change == "changed" else ""
