"""``kb fact``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from kb import resources
from kb.cli import console, options
from kb.schema import vocabulary


@click.group
def command() -> None:
    """Write facts.

    \b
    Examples:
      kb fact add --content my-kb
    """


def _known(key: str) -> Callable[[click.Context, click.Parameter, str], list[CompletionItem]]:
    """Complete ids that the knowledge base declares; of terms, those that fit the predicate."""

    def complete(ctx: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
        from kb import pipeline

        kb = pipeline.check(Path(ctx.params.get("content") or resources.content_here())).kb
        if kb is None:
            return []
        if key == "predicate":
            labels = {name: each.label for name, each in kb.predicates.items()}
        elif key == "document":
            labels = {name: each.title for name, each in kb.documents.items()}
        elif key == "evidence":
            found = kb.documents.get(ctx.params.get("document") or next(iter(kb.documents), ""))
            labels = {each.id: f"{each.start} to {each.end}" for each in (found.sentences if found else ())}
        else:
            from kb.curation import authoring

            labels = {name: kb.terms[name].label for name in authoring.fitting_terms(kb, key, ctx.params.get("predicate") or "")}
        return [CompletionItem(name, help=label) for name, label in labels.items() if name.startswith(typed)]

    return complete


def _qualifiers(function: Callable[..., int]) -> Callable[..., int]:
    """Add an option for each qualifier that the schema of facts knows."""
    for name, qualifier in reversed(vocabulary.qualifiers().items()):
        more: dict[str, Any] = (
            {"type": click.Choice(list(vocabulary.values(name))), "metavar": "WORD"}
            if qualifier.listed
            else {"shell_complete": _known(name)}
        )
        function = click.option(f"--{name}", help=qualifier.definition, **more)(function)
    return function


@command.command
@options.content
@click.option("--document", help="The document that states it.  [default: the only one]", shell_complete=_known("document"))
@click.option("--subject", help="A term, by id or label.", shell_complete=_known("subject"))
@click.option("--predicate", help="A predicate, by id or label.", shell_complete=_known("predicate"))
@click.option("--object", help="A term, by id or label.", shell_complete=_known("object"))
@click.option("--literal", help="A literal in place of --object.")
@click.option("--datatype", help="The datatype of the literal, such as xsd:decimal.")
@click.option("--language", help="The language of the literal.")
@_qualifiers
@click.option(
    "--evidence",
    multiple=True,
    metavar="SENTENCE[:PARTS[:HEDGE]]",
    help="A sentence that states it, such as s1.2, or s1.2:severity,course for these parts alone; may be repeated.",
    shell_complete=_known("evidence"),
)
@click.option("--note", help="A remark.")
def add(content: Path, **said: Any) -> int:
    """Add a fact to a knowledge base, in canonical form, with its evidence.

    On a terminal, what is not said is asked for, and the tabulator key completes. The fact is checked before it is written;
    if it has problems, nothing is written.

    \b
    Examples:
      kb fact add --content my-kb
      kb fact add --content my-kb --subject examplol --predicate has-side-effect --object itching \\
        --modality can --frequency rare --evidence s1.2
    """
    from kb import pipeline
    from kb.cli import prompts
    from kb.curation import authoring

    kb = pipeline.load(content)
    literal = {key: said.pop(word) for word, key in (("literal", "value"), ("datatype", "datatype"), ("language", "language"))}
    if literal["value"] is not None and said["object"]:
        raise click.UsageError("Give --object or --literal, not both.")
    said["object"] = {key: each for key, each in literal.items() if each} if literal["value"] is not None else said["object"]
    if sys.stdin is not None and sys.stdin.isatty():
        said = prompts.ask_fact(kb, said)
    said["document"] = said["document"] or (next(iter(kb.documents)) if len(kb.documents) == 1 else None)
    missing = [key for key in ("document", "subject", "predicate", "object", "modality", "evidence") if not said[key]]
    if missing:
        raise click.UsageError(f"Say {' and '.join(f'--{key}' for key in missing)}; on a terminal they are asked for.")
    document, pieces = said.pop("document"), [authoring.parse_evidence(words) for words in said.pop("evidence")]
    value = {**{key: each for key, each in said.items() if each}, "evidence": pieces}
    added = authoring.prepare_fact(kb, document, authoring.resolve_labels(value, kb))
    authoring.write_fact(added)
    console.emit([added.record])
    console.note(f"Written to {added.path}.")
    return 0
