"""The table and the summary that ``kb coverage`` prints as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from kb.reports.coverage import Coverage, Share, describe_decision, describe_share, percent


def table(coverage: Coverage, by: str) -> tuple[list[str], Iterable[list[str]]]:
    """Return columns and rows: one row for each ``section``, ``sentence`` or ``fact``."""
    if by == "sentence":
        return ["document", "sentence", "decision", "facts, or note"], (
            [decision.document, decision.sentence, describe_decision(decision), decision.note or "; ".join(decision.facts)]
            for decision in coverage.decisions
        )
    if by == "fact":
        return ["fact", "with evidence of its own", "with the fact's", "sentences"], (
            [support.fact, _parts(support.own), ", ".join(support.shared), " ".join(support.sentences)]
            for support in coverage.supports
        )
    columns = ["document", "section", "title", "sentences", "covered", "exempted", "undecided", "decided"]
    shares = sorted((*coverage.sections, *coverage.documents), key=lambda share: (share.document, share.section is None))
    return columns, map(_row, shares)


def _parts(own: Mapping[str, Sequence[str]]) -> str:
    return ", ".join(f"{part} ({' '.join(sentences)})" for part, sentences in own.items())


def _row(share: Share) -> list[str]:
    counts = (share.sentences, share.covered, sum(share.exempted.values()), share.undecided)
    section = "all" if share.section is None else str(share.section)
    return [share.document, section, share.title, *map(str, counts), percent(share.share)]


def summary_lines(coverage: Coverage) -> Iterator[str]:
    """Return the lines below the table; the last one is the share."""
    own = sum(bool(support.own) for support in coverage.supports)
    yield f"\n{own} of {len(coverage.supports)} facts have parts with evidence of their own."
    for title, names in (
        ("Terms that no fact names", coverage.unused_terms),
        ("Predicates that no fact uses", coverage.unused_predicates),
        ("Facts that rest on exempted sentences alone", coverage.resting_on_exempted),
    ):
        if names:
            yield f"{title}: {', '.join(names)}."
    yield describe_share(coverage.total)
