"""Prompts for the parts of a fact on a terminal, each of which is checked at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from kb.cli import console
from kb.curation import authoring
from kb.model import KnowledgeBase, list_names
from kb.problems import KbError
from kb.schema import vocabulary
from kb.texts import sources
from kb.verification.passages import find_wording

# A prompt lists up to this many choices; the tab key completes more.
_MOST_LISTED = 20
_REQUIRED = ("document", "subject", "predicate", "object", "modality")


def list_choices(kb: KnowledgeBase, key: str, values: Mapping[str, Any]) -> dict[str, str]:
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
    qualifier, predicate = vocabulary.qualifiers().get(key), kb.predicates.get(values.get("predicate") or "")
    if qualifier and qualifier.listed:
        return {word: value.label for word, value in vocabulary.values(key).items()}
    kinds = qualifier.kinds if qualifier else predicate and (predicate.subject if key == "subject" else predicate.object)
    return {name: term.label for name, term in kb.terms.items() if kinds is None or term.kind in vocabulary.with_subkinds(kinds)}


class FactPrompts:
    """Asks for one fact of a knowledge base.

    Args:
        kb: The knowledge base.
        values: The parts that are known already.
        paths: The files of texts that do not ship, by document.
    """

    def __init__(self, kb: KnowledgeBase, values: Mapping[str, Any], paths: Mapping[str, Path]) -> None:
        self._kb, self._answers, self._paths = kb, dict(values), paths

    def ask(self, make: Callable[[KnowledgeBase, Mapping[str, Any]], tuple[str, dict[str, Any]]]) -> dict[str, Any] | None:
        """Ask for all parts, and check the fact that is made of them; ask again for the parts that the user names.

        Returns:
            The answers, or nothing if the user gives up a fact that cannot be written.
        """
        while True:
            self._ask_missing()
            is_writable = True
            try:
                problems = authoring.add_facts(self._kb, [make(self._kb, self._answers)], self._paths).problems
            except KbError as error:
                is_writable, problems = False, error.problems
            if not problems:
                return self._answers
            console.note(*problems)
            ending = "to write it as it is" if is_writable else "to give up"
            part = self._prompt(
                f"a part to change, or nothing {ending}",
                [key for key, value in self._answers.items() if value and key != "wordings"],
            )
            if not part:
                return self._answers if is_writable else None
            self._answers[part] = None
            if part == "evidence":
                self._answers["wordings"] = None

    def _ask_missing(self) -> None:
        answers = self._answers
        if not answers.get("document") and len(self._kb.documents) == 1:
            answers["document"] = next(iter(self._kb.documents))
        for key in _REQUIRED:
            if not answers.get(key) and not (key == "object" and self._ask_literal()):
                answers[key] = self._ask(key, key)
        predicate = self._kb.predicates[authoring.resolve_labels({"predicate": answers["predicate"]}, self._kb)["predicate"]]
        answers["predicate"] = predicate.id
        for key in ("polarity", *predicate.qualifiers):
            if answers.get(key) is None:
                is_required = key in predicate.requires
                answers[key] = self._ask(key, key if is_required else f"{key}, or nothing", optional=not is_required)
        if not answers.get("evidence"):
            self._ask_evidence()
        if answers.get("note") is None:
            answers["note"] = self._ask("note", "note, or nothing", optional=True)

    def _ask_literal(self) -> bool:
        """Ask for a literal where the predicate takes nothing else; return whether there is one."""
        predicate = self._kb.predicates.get(self._answers["predicate"])
        if self._answers.get("literal") is None and predicate and predicate.object in {("literal",), ("quantity",)}:
            kind = predicate.object[0]
            self._answers["literal"] = self._ask("literal", kind)
            words = "datatype, such as xsd:decimal, or nothing"
            self._answers["datatype"] = kind if kind == "quantity" else self._ask("datatype", words, optional=True)
        return self._answers.get("literal") is not None

    def _ask_evidence(self) -> None:
        """Ask for sentences until the answer is empty, and for the words of each where they are not those of the records."""
        words = self._read_words()
        self._answers["evidence"], self._answers["wordings"] = [], []
        self._show_sentences(words)
        has_evidence = bool(self._answers.get("disputes"))
        while piece := self._ask(
            "evidence",
            "another, or nothing" if has_evidence else "sentence",
            optional=has_evidence,
        ):
            sentence = authoring.parse_evidence(piece)["sentence"]
            self._answers["words"] = words.get(sentence, "")
            span = self._ask("span", "the words that state it, or nothing for the whole sentence", optional=True)
            if span and words:
                document = self._kb.documents[self._answers["document"]]
                start = next(each.start for each in document.sentences if each.id == sentence)
                spans = find_wording(span, words[sentence])
                piece = piece.replace(sentence, f"{sentence}@{start + spans[0][0]}-{start + spans[-1][1]}", 1)
            self._answers["evidence"].append(piece)
            has_evidence = True
            while wording := self._ask("as", "other words for a part, such as subject=It, or nothing", optional=True):
                self._answers["wordings"].append(f"{sentence}:{wording}")
        self._answers.pop("words", None)

    def _read_words(self) -> dict[str, str]:
        """Return the words of each sentence of the document, if its text is at hand."""
        document = self._kb.documents[self._answers["document"]]
        with suppress(KbError):
            text = sources.read_texts([document], self._kb.folder, self._paths).get(document.id)
            if text and sources.is_text_of(document, text):
                return {each.id: text.words[each.start : each.end] for each in document.sentences}
        return {}

    def _show_sentences(self, words: Mapping[str, str]) -> None:
        """Show the sentences with their words, in their order; of many, those that name the subject or the object."""
        ends = [self._kb.terms.get(self._answers[key] or "") for key in ("subject", "object")]
        labels = [label for term in ends if term for label in list_names(term)]
        chosen = {name: text for name, text in words.items() if any(find_wording(label, text) for label in labels)}
        for name, text in (words if len(words) <= _MOST_LISTED else chosen or words).items():
            click.echo(f"  {name}  {' '.join(text.split())}", err=True)

    def _ask(self, key: str, label: str, *, optional: bool = False) -> str:
        """Prompt for a part until the answer is right."""
        is_free = key in {"note", "literal", "datatype", "as", "span"}
        choices = {} if is_free else list_choices(self._kb, key, self._answers)

        def check(typed: str) -> str:
            try:
                word = typed.strip()
                return str(authoring.check_answer(self._kb, key, word, self._answers, choices)) if word else ""
            except KbError as error:
                raise click.UsageError(" ".join(f"{problem.message} {problem.remedy}" for problem in error.problems)) from error

        return self._prompt(label, list(choices), check, optional=optional, is_listed=key != "evidence")

    def _prompt(
        self,
        label: str,
        choices: list[str],
        check: Callable[[str], str] = str.strip,
        *,
        optional: bool = True,
        is_listed: bool = True,
    ) -> str:
        """Prompt for one word, which the tab key completes."""
        _complete_words(choices)
        if is_listed and 0 < len(choices) <= _MOST_LISTED:
            click.echo(f"{label}: {', '.join(choices)}", err=True)  # a long line in the prompt itself would scroll sideways
        answer: str = click.prompt(label, default="" if optional else None, show_default=False, value_proc=check)
        return answer


def _complete_words(words: list[str]) -> None:
    with suppress(ImportError):  # Python may be built without readline
        import readline

        def match(typed: str, number: int) -> str | None:
            return next(iter([word for word in words if word.startswith(typed)][number:]), None)

        readline.set_completer_delims(" ")
        readline.set_completer(match)
        readline.parse_and_bind("bind ^I rl_complete" if "libedit" in (readline.__doc__ or "") else "tab: complete")
