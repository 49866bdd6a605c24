"""Coverage as one HTML file without external resources, for screens of any width and for print."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from jinja2 import Environment, PackageLoader, StrictUndefined

from kb.model import KnowledgeBase
from kb.reports.coverage import Coverage, Decision, describe_decision, describe_share, percent
from kb.texts import sources
from kb.texts.normal_form import digest


def html(coverage: Coverage, kb: KnowledgeBase, texts: Mapping[str, str]) -> str:
    """Render the heat map of a knowledge base; ``texts`` are those that are available and may be displayed, by document."""
    environment = Environment(
        loader=PackageLoader("kb.reports"), autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    )
    passages: dict[tuple[str, str], str] = defaultdict(str)
    for name, text in texts.items():
        for sentence in kb.documents[name].sentences:
            words = text[sentence.start : sentence.end]
            if digest(words) == sentence.sha256:  # a changed text may have other words at this position
                passages[name, sentence.id] = words
    functions = {"describe_share": describe_share, "describe_decision": describe_decision, "heat": heat, "percent": percent}
    return environment.get_template("coverage.html").render(coverage=coverage, kb=kb, texts=texts, passages=passages, **functions)


def read_texts(kb: KnowledgeBase, named: Iterable[str]) -> dict[str, str]:
    """Read the texts that ship and those that the user names, by document.

    Raises:
        KbError: A text is named for an unknown document, or cannot be read.
    """
    available = sources.read_texts(kb.documents.values(), kb.folder, sources.parse_options(named, kb.documents))
    return {name: text.words for name, text in available.items()}


def heat(decision: Decision) -> str:
    """Return the CSS class of a sentence; a higher number stands for more facts."""
    facts = len(decision.facts)
    level = 4 if facts > 4 else 3 if facts > 2 else facts
    return f"heat{level}" if decision.status == "covered" else decision.status
