"""``kb term``."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Any

import click

from kb import pipeline
from kb.cli import console, options, problem_reports, text_table
from kb.cli.fact import change_records
from kb.cli.vocabulary_options import VocabularyCommand, WordChoice
from kb.curation import authoring, team, term_merge
from kb.curation.reviewing import today
from kb.files import text_file
from kb.importers import term_import, term_mapping, vocabularies
from kb.model import KnowledgeBase
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
    _check_file(file)
    values = {"id": name, **values, "label": values["label"] or name.replace("-", " "), "aliases": list(values["aliases"])}
    term = {key: value for key, value in values.items() if value}
    return change_records(content, lambda kb: authoring.add_term(kb, term, content / "terms" / file))


@command.command("map")
@options.declare("term map", match={"type": click.Choice([*term_mapping.MATCHES])})
def map_(names: tuple[str, ...], content: Path, path: Path, accept: str | None, match: str, fmt: str) -> int:
    """Propose identifiers of a vocabulary for terms that have the same name, and write those that you accept.

    Candidates with equal labels come first, then those where a synonym is equal. Nothing is written without --accept, which
    takes one: equal names do not prove that two things are the same. FILE is as for 'kb mapping check'.
    """
    kb, code = problem_reports.load_sound(content)
    wanted, vocabulary = [find_id(name, "term", kb.labels()) for name in names], vocabularies.read_vocabulary(path, names_of(kb))
    candidates = term_mapping.find_candidates(kb, vocabulary, wanted)
    if not accept:
        text_table.write_as(fmt, term_mapping.Candidate._fields, candidates)
        return code
    chosen = [candidate for candidate in candidates if candidate.identifier == accept]
    if len(wanted) != 1 or not chosen:
        message = f"{quote(accept)} is no candidate for one term." if len(wanted) == 1 else "--accept needs one TERM."
        raise fail("KB705", message, "Run it without --accept to see the candidates.", str(path))
    return change_records(content, lambda kb: term_mapping.accept(kb, vocabulary, chosen[0], match, today()), _load)


def _load(content: Path) -> tuple[KnowledgeBase, int]:
    return pipeline.load(content), 0


@command.command("import")
@options.declare("term import")
def import_(path: Path, content: Path, ids: tuple[str, ...], words: Path | None, *, dry_run: bool, **values: Any) -> int:
    """Import entries of a vocabulary as terms, with mappings to their identifiers.

    FILE is OBO or OBO Graphs (.obo, .json), OWL or SKOS (.owl, .rdf, .ttl, .nt); it may be compressed. Labels and exact synonyms
    come in, in all languages; definitions if their licence is open; parents as broader matches. A term that exists gets what it
    lacks. What cannot come in, such as an obsolete identifier or a word that names several entries, is reported, with exit
    code 1; the others are imported.
    """
    listed = [name for value in ids for name in (_read_lines(Path(value[1:])) if value.startswith("@") else value.split(","))]
    named = _read_lines(words) if words else []
    if not listed and not named:
        raise click.UsageError("Name identifiers with --ids, or a file of words with --match.")
    _check_file(values["file"])
    vocabulary = vocabularies.read_vocabulary(path, names_of(_load(content)[0]))
    chosen = term_import.ImportOptions(**{key: value for key, value in values.items() if value}, today=today())
    identifiers = [name.split()[0] for name in listed if name.strip()]
    return change_records(
        content, lambda kb: term_import.import_terms(kb, vocabulary, identifiers, named, chosen), _load, dry_run=dry_run
    )


def _read_lines(path: Path) -> list[str]:
    """Return the lines of a file, or of standard input, that are not blank."""
    data = sys.stdin.buffer.read() if str(path) == "-" else text_file.read_bytes(path, str(path))
    return [line.strip() for line in text_file.decode(data, str(path)).split("\n") if line.strip()]


def _check_file(file: str) -> None:
    if file and (Path(file).name != file or not file.endswith(".yaml")):
        raise click.BadParameter("It is not the name of a .yaml file.", param_hint="--file")


@command.command
@options.declare("term merge")
def merge(old: str, new: str, content: Path, *, dry_run: bool) -> None:
    """Merge the term OLD into NEW: facts, topics, mappings and proposals that name OLD name NEW.

    OLD keeps its IRI as a retired term; its label and aliases become aliases of NEW. Facts that become equal are joined if they
    say the same. Of mappings that conflict, the weaker one stays, or none. If anything cannot be changed, nothing is.
    """
    console.emit(term_merge.merge_terms(content, old, new, partial(review.read_waiting, content), dry_run=dry_run))
