"""``kb fact``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from kb import pipeline, resources
from kb.cli import console, options, prompts
from kb.curation import authoring
from kb.model import KnowledgeBase
from kb.records import record_writer
from kb.schema import vocabulary


@click.group
def command() -> None:
    """Add facts.

    \b
    Examples:
      kb fact add --content my-kb
    """


def _complete(key: str) -> Callable[[click.Context, click.Parameter, str], list[CompletionItem]]:
    """Complete the ids that a part of a fact can have."""

    def complete(context: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
        kb = pipeline.check(Path(context.params.get("content") or resources.default_content())).kb
        known = prompts.choices(kb, key, context.params) if kb else {}
        return [CompletionItem(name, help=label) for name, label in known.items() if name.startswith(typed)]

    return complete


def _qualifiers(function: options.Function) -> options.Function:
    """Add an option for each qualifier that the schema of facts knows."""
    for name, qualifier in reversed(vocabulary.qualifiers().items()):
        more: dict[str, Any] = (
            {"type": click.Choice(list(vocabulary.values(name))), "metavar": "WORD"}
            if qualifier.listed
            else {"shell_complete": _complete(name)}
        )
        function = click.option(f"--{name}", help=qualifier.definition, **more)(function)
    return function


@command.command
@options.content
@click.option("--document", help="The document that states it.  [default: the only one]", shell_complete=_complete("document"))
@click.option("--subject", help="A term, by id or label.", shell_complete=_complete("subject"))
@click.option("--predicate", help="A predicate, by id or label.", shell_complete=_complete("predicate"))
@click.option("--object", help="A term, by id or label.", shell_complete=_complete("object"))
@click.option("--literal", help="A literal instead of --object.")
@click.option("--datatype", help="The datatype of the literal, such as xsd:decimal.")
@click.option("--language", help="The language of the literal, as a BCP 47 tag.")
@_qualifiers
@options.repeated(
    "--evidence",
    metavar="SENTENCE[:PARTS[:HEDGE]]",
    purpose="A sentence that states it, such as s1.2, or s1.2:severity,course for these parts alone.",
    shell_complete=_complete("evidence"),
)
@click.option("--note", help="A remark.")
def add(content: Path, **values: Any) -> None:
    """Add a fact with its evidence, in canonical form.

    On a terminal, kb prompts for missing parts, and the tab key completes ids. The fact is checked first; if it has
    problems, nothing is written.

    \b
    Examples:
      kb fact add --content my-kb
      kb fact add --content my-kb --subject examplol --predicate has-side-effect --object itching \\
        --modality can --frequency rare --evidence s1.2
    """
    values["object"] = _object(values.pop("literal"), values.pop("datatype"), values.pop("language"), values["object"])
    if sys.stdin is not None and sys.stdin.isatty():
        values = prompts.ask_fact(pipeline.load(content), values)
    with record_writer.lock_records(content) as write:
        added = _prepare(pipeline.load(content), values)
        write({added.path: [added.content]})
    console.emit([added.record])
    console.note(f"Written to {added.path}.")


def _prepare(kb: KnowledgeBase, values: dict[str, Any]) -> authoring.AddedFact:
    """Check the fact that the options describe, and return what is to be written."""
    values["document"] = values["document"] or (next(iter(kb.documents)) if len(kb.documents) == 1 else None)
    missing = [key for key in ("document", "subject", "predicate", "object", "modality", "evidence") if not values[key]]
    if missing:
        raise click.UsageError(f"Missing: {', '.join(f'--{key}' for key in missing)}. On a terminal, you are prompted for them.")
    document, evidence = values.pop("document"), [authoring.parse_evidence(words) for words in values.pop("evidence")]
    record = {**{key: value for key, value in values.items() if value}, "evidence": evidence}
    return authoring.prepare_fact(kb, document, authoring.resolve_labels(record, kb))


def _object(value: str | None, datatype: str | None, language: str | None, term: str | None) -> str | dict[str, str] | None:
    """Return the object of a fact: a term or a literal."""
    if value is None:
        return term
    if term:
        raise click.UsageError("Give --object or --literal, not both.")
    literal = {"value": value, "datatype": datatype, "language": language}
    return {key: part for key, part in literal.items() if part}
