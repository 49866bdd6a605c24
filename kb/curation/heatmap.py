"""Coverage as a page: one HTML file that needs nothing else, for screens of any width and for paper."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from jinja2 import Environment, PackageLoader, StrictUndefined

from kb.curation.coverage import Coverage, Decision, percent, said, told
from kb.model import KnowledgeBase


def html(coverage: Coverage, kb: KnowledgeBase, texts: Mapping[str, str]) -> str:
    """Draw the heat map of a knowledge base.

    Args:
        coverage: Its coverage.
        kb: The knowledge base.
        texts: By document, the text that is at hand and may be shown.
    """
    environment = Environment(
        loader=PackageLoader("kb.curation"), autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    )
    passages: dict[tuple[str, str], str] = defaultdict(str)
    for name, text in texts.items():
        for sentence in kb.documents[name].sentences:
            passages[name, sentence.id] = text[sentence.start : sentence.end]
    words = {"told": told, "heat": heat, "status": said, "percent": percent}
    return environment.get_template("coverage.html").render(coverage=coverage, kb=kb, texts=texts, passages=passages, **words)


def heat(decision: Decision) -> str:
    """Name the style of a sentence: the warmer, the more facts rest on it."""
    facts = len(decision.facts)
    warmth = 4 if facts > 4 else 3 if facts > 2 else facts
    return f"heat{warmth}" if decision.status == "covered" else decision.status
