"""What ``kb coverage`` prints for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from kb.reports.coverage import Coverage, Share, describe_decision, describe_share, percent


def table(coverage: Coverage, by: str) -> tuple[list[str], Iterable[list[str]]]:
    """Give columns and rows, one of each ``section``, ``sentence`` or ``fact``."""
    if by == "sentence":
        return ["document", "sentence", "decision", "facts, or note"], (
            [each.document, each.sentence, describe_decision(each), each.note or "; ".join(each.facts)]
            for each in coverage.decisions
        )
    if by == "fact":
        return ["fact", "with evidence of its own", "with the fact's", "sentences"], (
            [each.fact, _parts(each.own), ", ".join(each.shared), " ".join(each.sentences)] for each in coverage.supports
        )
    columns = ["document", "section", "title", "sentences", "covered", "exempted", "undecided", "decided"]
    shares = sorted((*coverage.sections, *coverage.documents), key=lambda each: (each.document, each.section is None))
    return columns, map(_row, shares)


def _parts(own: Mapping[str, Sequence[str]]) -> str:
    return ", ".join(f"{part} ({' '.join(sentences)})" for part, sentences in own.items())


def _row(share: Share) -> list[str]:
    counts = (share.sentences, share.covered, sum(share.exempted.values()), share.undecided)
    section = "all" if share.section is None else str(share.section)
    return [share.document, section, share.title, *map(str, counts), percent(share.share)]


def summary(coverage: Coverage) -> Iterator[str]:
    """Give what stands below the table; the share is the last line."""
    own = sum(bool(each.own) for each in coverage.supports)
    yield f"\n{own} of {len(coverage.supports)} facts have parts with evidence of their own."
    for what, found in (
        ("Terms that no fact names", coverage.unused_terms),
        ("Predicates that no fact uses", coverage.unused_predicates),
        ("Facts that rest on exempted sentences alone", coverage.resting_on_exempted),
    ):
        if found:
            yield f"{what}: {', '.join(found)}."
    yield describe_share(coverage.total)
