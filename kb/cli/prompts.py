"""Questions to a curator at a terminal, with completion by the tabulator key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

import click

from kb.curation import authoring
from kb.model import KnowledgeBase
from kb.schema import vocabulary

#: As many words to choose from are shown; of more, the tabulator key shows those that begin as what was typed.
_FEW = 20


def ask_fact(kb: KnowledgeBase, said: dict[str, Any]) -> dict[str, Any]:
    """Ask for the parts of a fact that were not said: what is required, then what the predicate allows.

    Args:
        kb: The knowledge base.
        said: What was said by flags.

    Returns:
        All of it: ``document``, the keys of the record, and ``evidence`` as a list of words.
    """
    made = dict(said)
    if not made.get("document"):
        made["document"] = next(iter(kb.documents)) if len(kb.documents) == 1 else ask("document", list(kb.documents))
    for key, known in (("subject", list(kb.terms)), ("predicate", list(kb.predicates))):
        if not made.get(key):
            made[key] = ask(key, known)
    if not made.get("object"):
        made["object"] = ask("object", authoring.fitting_terms(kb, "object", made["predicate"]))
    predicate = kb.predicates.get(made["predicate"])
    for name in ("modality", *(predicate.qualifiers if predicate else ())):
        if not made.get(name):
            needed = name == "modality" or (predicate is not None and name in predicate.requires)
            made[name] = ask(
                name if needed else f"{name}, or nothing", _values(kb, name, made["predicate"]), None if needed else ""
            )
    if not made.get("evidence"):
        made["evidence"] = list(_ask_evidence(kb, made["document"]))
    return made


def _values(kb: KnowledgeBase, name: str, predicate: str) -> Iterable[str]:
    listed = vocabulary.qualifiers()[name].listed
    return vocabulary.values(name) if listed else authoring.fitting_terms(kb, name, predicate)


def _ask_evidence(kb: KnowledgeBase, document: str) -> Iterable[str]:
    """Ask for pieces of evidence until none is given."""
    known = [each.id for each in kb.documents[document].sentences] if document in kb.documents else []
    yield ask("sentence", known)
    while words := ask("another, such as s1.2 or s1.2:severity, or nothing", [], ""):
        yield words


def ask(what: str, known: Iterable[str], default: str | None = None) -> str:
    """Ask for one word; the tabulator key completes it."""
    words = sorted(known)
    _complete(words)
    if 0 < len(words) <= _FEW:
        click.echo(f"{what}: {', '.join(words)}", err=True)  # in the prompt itself, a long line would be scrolled
    answer: str = click.prompt(what, default=default, show_default=bool(default), type=str)
    return answer.strip()


def _complete(words: Sequence[str]) -> None:
    with suppress(ImportError):  # where Python was built without it, there is no completion
        import readline

        def matching(typed: str, number: int) -> str | None:
            return next(iter([each for each in words if each.startswith(typed)][number:]), None)

        readline.set_completer_delims(" ")
        readline.set_completer(matching)
        readline.parse_and_bind("bind ^I rl_complete" if "libedit" in (readline.__doc__ or "") else "tab: complete")
