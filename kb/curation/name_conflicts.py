"""Decide which names two terms have together that become one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from kb.model import KnowledgeBase, Term, list_names


class CarriedNames(NamedTuple):
    """The aliases of both terms after a merge, as their records have them, and the names that stay behind, with what has them."""

    new: Any
    old: Any
    conflicts: dict[str, str]


def carry_names(kb: KnowledgeBase, old: Term, new: Term) -> CarriedNames:
    """Make the labels and aliases of a term aliases of another, but for those that name a third one."""
    language, records = kb.dataset.language, [term.record.value if term.record else {} for term in (old, new)]
    others = [term for term in kb.terms.values() if term.id not in {old.id, new.id}]
    taken = {name.casefold(): term.id for term in others for name in list_names(term)}
    own = {name.casefold() for name in list_names(new)}
    carried, left = split_languages(records[1].get("aliases", []), language), dict[str, list[str]]()
    conflicts = {}
    for key in ("label", "aliases"):
        for tag, names in split_languages(records[0].get(key, []), language).items():
            for name in names:
                if name.casefold() in taken:
                    conflicts[name] = taken[name.casefold()]
                    left.setdefault(tag, []).extend([name] if key == "aliases" else [])
                elif name.casefold() not in own:
                    own.add(name.casefold())
                    carried.setdefault(tag, []).append(name)
    return CarriedNames(join_languages(carried, language), join_languages(left, language), conflicts)


def split_languages(names: Any, language: str) -> dict[str, list[str]]:
    """Return labels or aliases of a record by language."""
    by_tag = names if isinstance(names, dict) else {language: names}
    return {tag: [words] if isinstance(words, str) else [*words] for tag, words in by_tag.items()}


def join_languages(by_tag: Mapping[str, Any], language: str) -> Any:
    """Return words by language as records have them: without their language where all are in that of the knowledge base."""
    by_tag = {tag: names for tag, names in by_tag.items() if names}
    return by_tag[language] if by_tag.keys() == {language} else by_tag
