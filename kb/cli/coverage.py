"""``kb coverage``."""

from __future__ import annotations

from pathlib import Path

import click

from kb.cli import options, report


@click.command
@options.content
@options.text_or_json
def command(content: Path, fmt: str) -> int:
    """Tell what was decided on every sentence: covered by facts, exempted with a reason, or undecided.

    Headings need no decision. Exit code 1 if a sentence is undecided.

    \b
    Examples:
      kb coverage
      kb coverage --content my-kb --format json
    """
    from kb import insight, pipeline  # noqa: PLC0415 - late, so that --help is fast
    from kb.checks import documents as document_checks  # noqa: PLC0415 - as above

    kb = pipeline.load(content)
    decisions = insight.coverage(kb)
    undecided = [each for each in decisions if each.status == "undecided"]
    decided = len(decisions) - len(undecided)
    share = decided / len(decisions) if decisions else 1.0
    if fmt == "json":
        sentences = [each._asdict() for each in decisions]
        report.emit_json({"sentences": len(decisions), "decided": decided, "share": round(share, 6), "decisions": sentences})
    else:
        rows = [[each.document, each.sentence, each.status, each.reason or "; ".join(each.facts)] for each in decisions]
        report.table(["document", "sentence", "status", "facts, or reason"], rows)
        report.emit([f"\n{decided} of {len(decisions)} sentences are decided ({share:.0%}).\n"])
    for problem in document_checks.undecided(kb):
        report.note(str(problem))
    return 1 if undecided else 0
