"""``kb merge``."""

from __future__ import annotations

from pathlib import Path

import click

from kb.cli import console, options
from kb.problems import quote
from kb.proposals import review

_SORTS = ("term", "predicate", "document")


@click.command
@options.declare("merge")
def command(
    first: Path,
    second: Path,
    output: Path | None,
    prefer: str | None,
    rename: dict[str, str],
    rights: str,
    mappings: tuple[Path, ...],
    *,
    dry_run: bool,
) -> None:
    """Merge the knowledge bases A and B into a new one, with the metadata of A; A and B stay as they are.

    Records that are equal become one, and so do terms and predicates with the same exact match: terms as with 'kb term merge'.
    Facts of one claim are joined with their evidence, documents with their decisions. What differs otherwise is told with both
    places, and nothing is written until it has an answer: --prefer for texts, --rename for ids that mean different things, or a
    correction.
    (Git merges versions of one knowledge base by itself, with 'kb merge-driver'.)
    """
    from kb.curation import base_joining, base_merge

    if bool(output) == dry_run:
        raise click.UsageError("Name a new folder with -o, or use --dry-run.")
    names = {_parse_name(old): new for old, new in rename.items()}
    answers = base_joining.MergeOptions(prefer or "", names, rights, mappings)
    console.emit(base_merge.merge_bases((first, second), output, answers, review.read_waiting))


def _parse_name(text: str) -> tuple[str, str, str]:
    """Parse what is renamed, such as ``b:term/itch``."""
    side, _, path = text.partition(":")
    sort, _, name = path.partition("/")
    if side not in {"a", "b"} or sort not in _SORTS or not name:
        message = f"{quote(text)} is not of the form a:KIND/ID or b:KIND/ID, where KIND is {', '.join(_SORTS)}."
        raise click.BadParameter(message, param_hint="--rename")
    return side, sort, name
