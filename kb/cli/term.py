"""``kb term``."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import click

from kb.cli import console, options
from kb.cli.fact import change_records
from kb.curation import authoring, team, term_merge
from kb.proposals import review
from kb.schema import vocabulary


@click.group
@options.declare("term")
def command() -> None:
    """Add terms, and merge one into another."""


@command.command
@options.declare("term add", kind={"type": click.Choice(list(vocabulary.values("kind")))})
def add(name: str, content: Path, file: str, **values: Any) -> int:
    """Add a term, in canonical form; it is checked first."""
    file = file or (f"{name}.yaml" if team.is_team(content) else "terms.yaml")
    if Path(file).name != file or not file.endswith(".yaml"):
        raise click.BadParameter("It is not the name of a .yaml file.", param_hint="--file")
    values = {"id": name, **values, "label": values["label"] or name.replace("-", " "), "aliases": list(values["aliases"])}
    term = {key: value for key, value in values.items() if value}
    return change_records(content, lambda kb: authoring.add_term(kb, term, content / "terms" / file))


@command.command
@options.declare("term merge")
def merge(old: str, new: str, content: Path, *, dry_run: bool) -> None:
    """Merge the term OLD into NEW: facts, topics, mappings and proposals that name OLD name NEW.

    OLD keeps its IRI as a retired term; its label and aliases become aliases of NEW. Facts that become equal are joined if they
    say the same. Of mappings that conflict, the weaker one stays, or none. If anything cannot be changed, nothing is.
    """
    console.emit(term_merge.merge_terms(content, old, new, partial(review.read_waiting, content), dry_run=dry_run))
