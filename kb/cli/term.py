"""``kb term``."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import click

from kb.cli import console, options, problem_reports, text_table
from kb.cli.fact import change_records
from kb.cli.vocabulary_options import VocabularyCommand, WordChoice
from kb.curation import authoring, team, term_merge
from kb.curation.reviewing import today
from kb.importers import term_mapping, vocabularies
from kb.problems import fail, quote
from kb.proposals import review
from kb.rdf.iris import names_of
from kb.sparql.parameters import find_id


@click.group
@options.declare("term")
def command() -> None:
    """Add terms, find their identifiers in vocabularies, and merge one into another."""


@command.command(cls=VocabularyCommand)
@options.declare("term add", kind={"type": WordChoice("kind")})
def add(name: str, content: Path, file: str, **values: Any) -> int:
    """Add a term, in canonical form; it is checked first."""
    file = file or (f"{name}.yaml" if team.is_team(content) else "terms.yaml")
    if Path(file).name != file or not file.endswith(".yaml"):
        raise click.BadParameter("It is not the name of a .yaml file.", param_hint="--file")
    values = {"id": name, **values, "label": values["label"] or name.replace("-", " "), "aliases": list(values["aliases"])}
    term = {key: value for key, value in values.items() if value}
    return change_records(content, lambda kb: authoring.add_term(kb, term, content / "terms" / file))


@command.command("map")
@options.declare("term map", match={"type": click.Choice(term_mapping.MATCHES)})
def map_(names: tuple[str, ...], content: Path, path: Path, accept: str | None, match: str, fmt: str) -> int:
    """Propose identifiers of a vocabulary for terms that have the same name, and write those that you accept.

    Candidates with equal labels come first, then those where a synonym is equal. Nothing is written without --accept, which
    takes one: equal names do not prove that two things are the same. FILE is as for 'kb mapping check'.
    """
    kb, code = problem_reports.load_sound(content)
    wanted = [find_id(name, "term", kb.labels()) for name in names]
    candidates = term_mapping.find_candidates(kb, vocabularies.read_vocabulary(path, names_of(kb)), wanted)
    if not accept:
        text_table.write_as(fmt, term_mapping.Candidate._fields, candidates)
        return code
    chosen = [candidate for candidate in candidates if candidate.identifier == accept]
    if len(wanted) != 1 or not chosen:
        message = f"{quote(accept)} is no candidate for one term." if len(wanted) == 1 else "--accept needs one TERM."
        raise fail("KB705", message, "Run it without --accept to see the candidates.", str(path))
    console.note(f"Written to {term_mapping.accept(content, chosen[0], match, today())}.")
    return code


@command.command
@options.declare("term merge")
def merge(old: str, new: str, content: Path, *, dry_run: bool) -> None:
    """Merge the term OLD into NEW: facts, topics, mappings and proposals that name OLD name NEW.

    OLD keeps its IRI as a retired term; its label and aliases become aliases of NEW. Facts that become equal are joined if they
    say the same. Of mappings that conflict, the weaker one stays, or none. If anything cannot be changed, nothing is.
    """
    console.emit(term_merge.merge_terms(content, old, new, partial(review.read_waiting, content), dry_run=dry_run))
