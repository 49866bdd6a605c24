"""Prompts for the parts of a fact, and the choices that they and the shell complete."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import click

from kb.curation import authoring
from kb.model import KnowledgeBase
from kb.schema import vocabulary

# A prompt lists up to this many choices; the tab key completes more.
_MOST_LISTED = 20


def choices(kb: KnowledgeBase, key: str, values: Mapping[str, Any]) -> dict[str, str]:
    """Return the ids that a part of a fact can have, each with a description.

    The key is ``document``, ``predicate``, ``evidence``, ``subject``, ``object`` or a qualifier; values are the parts known.
    """
    if key == "document":
        return {name: document.title for name, document in kb.documents.items()}
    if key == "predicate":
        return {name: predicate.label for name, predicate in kb.predicates.items()}
    if key == "evidence":
        document = kb.documents.get(values.get("document") or next(iter(kb.documents), ""))
        return {sentence.id: f"{sentence.start} to {sentence.end}" for sentence in (document.sentences if document else ())}
    if key not in {"subject", "object"} and vocabulary.qualifiers()[key].listed:
        return {word: value.label for word, value in vocabulary.values(key).items()}
    return {name: kb.terms[name].label for name in authoring.fitting_terms(kb, key, values.get("predicate") or "")}


def ask_fact(kb: KnowledgeBase, values: Mapping[str, Any]) -> dict[str, Any]:
    """Prompt for the parts of a fact that are missing: the required ones, then the qualifiers that the predicate allows.

    Returns:
        All parts: ``document``, the keys of the record, and ``evidence`` as a list of words.
    """
    answers = dict(values)
    if not answers.get("document") and len(kb.documents) == 1:
        answers["document"] = next(iter(kb.documents))
    for key in ("document", "subject", "predicate", "object", "modality"):
        if not answers.get(key):
            answers[key] = ask(key, choices(kb, key, answers))
    predicate = kb.predicates.get(answers["predicate"])
    for key in predicate.qualifiers if predicate else ():
        if not answers.get(key):
            is_required = predicate is not None and key in predicate.requires
            label, default = (key, None) if is_required else (f"{key}, or nothing", "")
            answers[key] = ask(label, choices(kb, key, answers), default)
    if not answers.get("evidence"):
        answers["evidence"] = list(_ask_evidence(choices(kb, "evidence", answers)))
    return answers


def _ask_evidence(sentences: Mapping[str, str]) -> Iterator[str]:
    """Prompt for pieces of evidence until the answer is empty."""
    yield ask("sentence", sentences)
    while words := ask("another, such as s1.2 or s1.2:severity, or nothing", {}, ""):
        yield words


def ask(label: str, known: Mapping[str, str], default: str | None = None) -> str:
    """Prompt for one word, which the tab key completes."""
    words = sorted(known)
    _complete(words)
    if 0 < len(words) <= _MOST_LISTED:
        click.echo(f"{label}: {', '.join(words)}", err=True)  # a long line in the prompt itself would scroll sideways
    answer: str = click.prompt(label, default=default, show_default=bool(default), type=str)
    return answer.strip()


def _complete(words: list[str]) -> None:
    with suppress(ImportError):  # Python may be built without readline
        import readline

        def match(typed: str, number: int) -> str | None:
            return next(iter([word for word in words if word.startswith(typed)][number:]), None)

        readline.set_completer_delims(" ")
        readline.set_completer(match)
        readline.parse_and_bind("bind ^I rl_complete" if "libedit" in (readline.__doc__ or "") else "tab: complete")
