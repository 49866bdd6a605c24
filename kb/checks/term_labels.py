"""Checks the labels of terms and predicates against each other, and that they have those of the knowledge base's language."""

from __future__ import annotations

from collections.abc import Iterator

from kb.model import KnowledgeBase, Predicate, Term
from kb.problems import Place, Problem


def check(kb: KnowledgeBase) -> Iterator[Problem]:
    """Find words that only other languages have (KB335), and labels of a language that two of one kind share (KB320)."""
    things: list[Term | Predicate] = [*kb.terms.values(), *kb.retired.values(), *kb.predicates.values()]
    for thing in things:
        yield from _find_missing(thing, kb.dataset.language)
    yield from find_shared_labels(kb)


def _find_missing(thing: Term | Predicate, language: str) -> Iterator[Problem]:
    for key in ("label", "definition"):
        tags = [tag for name, tag, _ in thing.translations if name == key]
        value = thing.record.value[key] if thing.record and tags else ""
        if isinstance(value, dict) and language.lower() not in {tag.lower() for tag in value}:
            message = f"The {key} of '{thing.id}' is in {', '.join(tags)}, not in {language}, the language of the knowledge base."
            yield Problem(_place(thing, key), "KB335", message, f"Add it in {language}.")


def find_shared_labels(kb: KnowledgeBase) -> Iterator[Problem]:
    """Find terms of one kind, or predicates, that share their preferred label in a language (KB320)."""
    first: dict[tuple[str, str, str], str] = {}
    grouped: list[tuple[str, Term | Predicate]] = [(f"terms of kind {term.kind}", term) for term in kb.terms.values()]
    grouped += [("predicates", predicate) for predicate in kb.predicates.values()]
    for group, thing in grouped:
        others = [(tag.lower(), words) for key, tag, words in thing.translations if key == "label"]
        for tag, label in [("", thing.label), *others]:
            other = first.setdefault((group, tag, label.casefold()), thing.id)
            if other != thing.id:
                message = f"'{other}' and '{thing.id}', both {group}, have the same label{tag and f' in {tag}'}."
                yield Problem(_place(thing, "label"), "KB320", message, "Give them different labels, or merge them.")


def _place(thing: Term | Predicate, key: str) -> Place:
    return thing.record.at(key) if thing.record else Place("")
