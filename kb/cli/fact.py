"""``kb fact``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from kb import pipeline, resources
from kb.cli import console, options, problem_reports, text_table
from kb.cli.fact_prompts import FactPrompts, list_choices
from kb.cli.vocabulary_options import VocabularyCommand, WordChoice
from kb.curation import authoring, record_edits, reviewing
from kb.curation.authoring import RecordChange
from kb.files import boundary, text_file
from kb.model import Fact, KnowledgeBase
from kb.problems import KbError, exit_code, fail, quote
from kb.rdf import quantities
from kb.rdf.wording import word_fact
from kb.records import folder, strict_yaml
from kb.schema import vocabulary
from kb.texts import sources


@click.group
@options.declare("fact")
def command() -> None:
    """Add, list, change, review and remove facts."""


def _complete(key: str) -> Callable[[click.Context, click.Parameter, str], list[CompletionItem]]:
    """Complete the ids that a part of a fact can have."""

    def complete(context: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
        kb = pipeline.check(Path(context.params.get("content") or resources.default_content())).kb
        known = list_choices(kb, key, context.params) if kb else {}
        return [CompletionItem(name, help=label) for name, label in known.items() if name.startswith(typed)]

    return complete


_COMPLETIONS = {key: {"shell_complete": _complete(key)} for key in ("document", "subject", "predicate", "object", "evidence")}


@vocabulary.by_vocabulary
def _make_qualifiers() -> list[click.Parameter]:
    made: list[click.Parameter] = []
    for name, qualifier in vocabulary.qualifiers().items():
        is_choice = qualifier.listed and qualifier.units is None
        more: dict[str, Any] = {"metavar": "WORD", "type": WordChoice(name)} if is_choice else {"shell_complete": _complete(name)}
        made.append(click.Option([f"--{name}"], multiple=True, callback=options.take_once, help=qualifier.definition, **more))
    return made


class _QualifierCommand(VocabularyCommand):
    add_options = staticmethod(_make_qualifiers)


@command.command(cls=_QualifierCommand)
@options.declare("fact add", **_COMPLETIONS)
def add(content: Path, texts: tuple[str, ...], **values: Any) -> int:
    """Add a fact with its evidence, in canonical form, or several.

    On a terminal, kb prompts for missing parts, reports wrong answers at once, and the tab key completes ids. Facts are checked
    first; if one has problems, nothing is written. If the text of their document is at hand, kb then says what the sentences
    do not state; exit code 1. A qualifier takes several terms as any-of:ID,ID or all-of:ID,ID.
    """
    boundary.check_target(content)
    file, document = values.pop("from"), values["document"]
    if file is None and sys.stdin is not None and sys.stdin.isatty():
        return _add_by_prompts(content, texts, values)
    listed = _read_facts(file) if file else []  # before the knowledge base is locked, since a pipe may take its time
    named = [partial(_name_fact, value=value, document=document) for value in listed]
    return _add(content, texts, named if file else [partial(_make_fact, values=values)])


def _add_by_prompts(content: Path, texts: tuple[str, ...], values: Mapping[str, Any]) -> int:
    """Prompt for facts and write each, until the user wants no more; return the worst exit code."""
    code = 0
    while True:
        kb, _ = problem_reports.load_sound(content)
        prompts = FactPrompts(kb, values, sources.parse_options(texts, kb.documents))
        answers = prompts.ask(_make_fact)
        if answers is None:
            return 1
        code = max(code, _add(content, texts, [partial(_make_fact, values=answers)]))
        if not click.confirm("Another fact", default=False, err=True):
            return code
        values = {key: value if key in {"document", "subject"} else None for key, value in answers.items()}


def _add(content: Path, texts: Iterable[str], makers: Iterable[Callable[[KnowledgeBase], tuple[str, dict[str, Any]]]]) -> int:
    """Add the facts that functions make of a knowledge base as it is now."""

    def add_facts(kb: KnowledgeBase) -> RecordChange:
        return authoring.add_facts(kb, [make(kb) for make in makers], sources.parse_options(texts, kb.documents))

    return change_records(content, add_facts)


def change_records(
    content: Path,
    make: Callable[[KnowledgeBase], RecordChange],
    load: Callable[[Path], tuple[KnowledgeBase, int]] = problem_reports.load_sound,
    *,
    dry_run: bool = False,
) -> int:
    """Make a change of a knowledge base as it is now, write it, and report what was written; return the exit code."""
    with nullcontext() if dry_run else folder.lock_records(content) as write:
        kb, code = load(content)
        change = make(kb)
        if write and change.contents:
            write({path: [text] for path, text in change.contents.items()})
    console.emit(["\n".join(change.records)])
    written = f"Written to {', '.join(map(str, change.contents))}." if write and change.contents else "Nothing was written."
    console.note(written, *change.problems, *change.notes)
    return exit_code(change.problems) or code


def _read_facts(file: Path) -> list[dict[str, Any]]:
    """Read facts from a file, or from standard input."""
    if str(file) == "-":
        return _parse_facts(sys.stdin.read(), "<stdin>")
    return _parse_facts(text_file.read_text(file, str(file)), str(file))


def _parse_facts(text: str, name: str) -> list[dict[str, Any]]:
    listed = strict_yaml.parse(text, name).value
    facts = [value for value in (listed if isinstance(listed, list) else [listed]) if isinstance(value, dict)]
    if not facts:
        raise text_file.empty_error(name)
    return facts


def _name_fact(kb: KnowledgeBase, value: Mapping[str, Any], document: str | None) -> tuple[str, dict[str, Any]]:
    """Return a fact with its document, which it names itself unless the option does."""
    parts = {key: part for key, part in value.items() if key != "document"}
    return _name_document(kb, value.get("document", document)), authoring.resolve_labels(parts, kb)


def _name_document(kb: KnowledgeBase, name: str | None) -> str:
    name = name or (next(iter(kb.documents)) if len(kb.documents) == 1 else None)
    if not name:
        raise click.UsageError("Missing: --document. On a terminal, you are prompted for it.")
    return name


def _make_fact(kb: KnowledgeBase, values: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the document and the record of the fact that options or answers describe."""
    parts = _read_parts(values)
    missing = [key for key in ("subject", "predicate", "object", "modality", "evidence") if not parts.get(key)]
    if missing:
        raise click.UsageError(f"Missing: {', '.join(f'--{key}' for key in missing)}. On a terminal, you are prompted for them.")
    return _name_document(kb, values.get("document")), authoring.resolve_labels(parts, kb)


def _read_parts(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts of a record that options or answers give."""
    literal = {"value": values["literal"], "datatype": values.get("datatype"), "language": values.get("language")}
    if literal["value"] is not None and values.get("object"):
        raise click.UsageError("Give --object or --literal, not both.")
    evidence = [authoring.parse_evidence(words) for words in values.get("evidence") or ()]
    evidence += [{**authoring.parse_evidence(words), "direction": "disputes"} for words in values.get("disputes") or ()]
    authoring.declare_wordings(evidence, values.get("wordings") or ())
    others = {"document", "literal", "datatype", "language", "evidence", "disputes", "wordings"}
    parts = {key: value for key, value in values.items() if value and key not in others}
    if literal["datatype"] == "quantity" and literal["value"]:
        parts["object"] = _read_quantity(literal["value"])
    elif literal["value"] is not None:
        parts["object"] = {key: part for key, part in literal.items() if part}
    entered = {"added": reviewing.today()} if parts.get("curator") else {}
    return {**parts, **entered, **({"evidence": evidence} if evidence else {})}


def _read_quantity(words: str) -> dict[str, Any]:
    try:
        return quantities.parse_words(words)
    except ValueError:
        remedy = "Write it as '10 mg', '10 to 35 cm', 'at least 2 g' or 'about 5 mL'; records can hold every quantity."
        raise fail("KB204", f"{quote(words)} is no quantity.", remedy, authoring.NEW) from None


@command.command("list")
@options.declare("fact list")
def list_(content: Path, document: str, term: str, sentence: str, fmt: str) -> int:
    """List facts: the path of each, the claim in words, and its sentences."""
    kb, code = problem_reports.load_sound(content)
    rows = [
        (fact.path.removeprefix("fact/"), word_fact(fact, kb.terms, kb.predicates), " ".join(fact.sentences))
        for fact in kb.stated_facts()
        if document in {"", fact.document}
        and (not term or term in {fact.subject, fact.object, *fact.values})
        and (not sentence or sentence in fact.sentences)
    ]
    text_table.write_as(fmt, ["fact", "claim", "sentences"], rows)
    return code


@command.command(cls=_QualifierCommand)
@options.declare("fact edit", **_COMPLETIONS)
def edit(name: str, content: Path, texts: tuple[str, ...], without: tuple[str, ...], **values: Any) -> int:
    """Change parts of a fact; on a terminal without options, edit its record with $EDITOR.

    FACT is the path that 'kb fact list' prints, or the end of it. Evidence that is given replaces the former evidence. The fact
    is checked as 'kb fact add' does it.
    """
    parts = _read_parts(values)
    if not parts and not without and not (sys.stdin is not None and sys.stdin.isatty()):
        raise click.UsageError("Name a part to change, such as --frequency, or use a terminal.")
    before = None if parts or without else _value(authoring.find_fact(_load(content)[0], name))
    text = before and click.edit(record_edits.format_record(before, "fact", authoring.NEW), extension=".yaml")
    if before and text is None:
        raise click.Abort

    def change(kb: KnowledgeBase) -> RecordChange:
        fact = authoring.find_fact(kb, name)
        old = _value(fact)
        if before and old != before:
            raise fail("KB708", "The fact was changed while you edited it.", "Run the command again; nothing was changed.", name)
        if text:
            new, *others = _parse_facts(text, authoring.NEW)
            if others:
                raise click.UsageError("The text has several facts. Keep one; 'kb fact add' adds the others.")
        else:
            new = {key: value for key, value in (old | authoring.resolve_labels(parts, kb)).items() if key not in without}
        return authoring.change_fact(kb, fact, new, sources.parse_options(texts, kb.documents))

    try:
        return change_records(content, change, _load)
    except (KbError, click.UsageError):
        if text:
            console.note("This is what you wrote:", *text.splitlines())
        raise


def _value(fact: Fact) -> dict[str, Any]:
    return dict(fact.record.value) if fact.record else {}


@command.command
@options.declare("fact remove")
def remove(name: str, content: Path) -> int:
    """Remove a fact from its file."""
    return change_records(content, lambda kb: authoring.change_fact(kb, authoring.find_fact(kb, name), None), _load)


@command.command
@options.declare("fact review")
def review(name: str, content: Path, by: str, verdict: str) -> int:
    """Say of a fact that its sentences state it, or do not.

    The review is written into the record of the fact, with the day and a digest of the claim and its evidence. After a change
    of these, it is told as a review of an earlier version. A reviewer's new review takes the place of the one before.
    """
    return change_records(content, lambda kb: reviewing.review_fact(kb, name, by, verdict), _load)


def _load(content: Path) -> tuple[KnowledgeBase, int]:
    """Read a knowledge base with its problems: facts that have some, too, can be changed and removed.

    Files that cannot be read are reported; then, 1 is returned with it, else 0.
    """
    checked = pipeline.check(content)
    if checked.kb is None:
        raise KbError(checked.problems)
    return checked.kb, console.report_left_out([one for one in checked.problems if exit_code([one]) > 1])
