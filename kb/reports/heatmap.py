"""Coverage as a page: one HTML file that needs nothing else, for screens of any width and for paper."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from jinja2 import Environment, PackageLoader, StrictUndefined

from kb.model import KnowledgeBase
from kb.reports.coverage import Coverage, Decision, percent, said, told
from kb.texts import sources
from kb.texts.normal_form import digest


def html(coverage: Coverage, kb: KnowledgeBase, texts: Mapping[str, str]) -> str:
    """Draw the heat map of a knowledge base.

    Args:
        coverage: Its coverage.
        kb: The knowledge base.
        texts: By document, the text that is at hand and may be shown.
    """
    environment = Environment(
        loader=PackageLoader("kb.reports"), autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    )
    passages: dict[tuple[str, str], str] = defaultdict(str)
    for name, text in texts.items():
        for sentence in kb.documents[name].sentences:
            words = text[sentence.start : sentence.end]
            if digest(words) == sentence.sha256:  # in a text that has changed since, other words may stand there
                passages[name, sentence.id] = words
    functions = {"told": told, "heat": heat, "status": said, "percent": percent}
    return environment.get_template("coverage.html").render(coverage=coverage, kb=kb, texts=texts, passages=passages, **functions)


def at_hand(kb: KnowledgeBase, named: Iterable[str]) -> dict[str, str]:
    """Give the texts that ship and those that the user names, by document.

    Raises:
        KbError: A text is named for no document, or cannot be read.
    """
    found = sources.read_texts(kb.documents.values(), kb.folder, sources.parse_options(named, kb.documents))
    return {name: text.words for name, text in found.items()}


def heat(decision: Decision) -> str:
    """Name the style of a sentence: the warmer, the more facts rest on it."""
    facts = len(decision.facts)
    warmth = 4 if facts > 4 else 3 if facts > 2 else facts
    return f"heat{warmth}" if decision.status == "covered" else decision.status
