"""``kb mapping``."""

from __future__ import annotations

from pathlib import Path

import click

from kb.cli import options, problem_reports
from kb.escaping import count_of
from kb.importers import vocabularies
from kb.problems import Problem
from kb.rdf.iris import names_of


@click.group
@options.declare("mapping")
def command() -> None:
    """Check mappings to outside vocabularies."""


@command.command
@options.declare("mapping check")
@problem_reports.option()
def check(content: Path, fmt: str, files: tuple[Path, ...]) -> int:
    """Check the outside identifiers of mappings with files of their vocabularies.

    Reported are identifiers that a file does not have, obsolete and relabelled ones, and exact matches that join what the
    knowledge base keeps apart, by what a file calls equal. FILE is OBO or OBO Graphs (.obo, .json), OWL or SKOS (.owl, .rdf,
    .ttl, .nt), or SSSOM (.sssom.tsv); each may be compressed. Exit code 1: there are problems, or no mapping could be checked.
    """
    kb, left_out = problem_reports.load_sound(content)
    problems: list[Problem] = []
    checked: dict[str, int] = {}
    for path in files:
        checked[str(path)], faults = vocabularies.check(kb, vocabularies.read_vocabulary(path, names_of(kb)))
        problems += faults
    code = int(bool(left_out or problems or not any(checked.values())))
    counts = ", ".join(f"{number} with {name}" for name, number in checked.items())
    summary = f"Of {count_of(len(kb.mappings), 'mapping')}, {counts} were checked: {count_of(len(problems), 'problem')}."
    value = {"checked": checked, "problems": [problem.to_dict() for problem in problems]}
    return problem_reports.write(fmt, problems, summary, code, value)
