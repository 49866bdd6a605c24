"""``kb term``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from kb.cli import options
from kb.cli.fact import change_records
from kb.curation import authoring, team
from kb.schema import vocabulary


@click.group
@options.declare("term")
def command() -> None:
    """Add terms."""


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
