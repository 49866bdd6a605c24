"""Why records, facts and documents were refused, reported in order by one process, whatever the number of workers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from kb.build.joining import JoinResult
from kb.build.reading import BuildInput
from kb.checks import biolink_profile, references, term_labels
from kb.model import KnowledgeBase
from kb.problems import Place, Problem
from kb.rdf.iris import names_of


def find_record_problems(read: BuildInput) -> Iterator[Problem]:
    """Report what is wrong with files, and with each record on its own."""
    yield from read.problems
    yield from chain.from_iterable(part.problems for part in read.parts)
    yield from references.find_duplicate_ids("term", read.values("term"))
    yield from references.find_duplicate_ids("predicate", read.values("predicate"))
    if read.is_complete and not read.counts["fact"] and not read.counts["document"]:
        yield Problem(Place(str(read.folder)), "KB405", "It has neither facts nor documents.", "Add some.")


def find_reference_problems(read: BuildInput, kb: KnowledgeBase, joined: JoinResult) -> Iterator[Problem]:
    """Report what is wrong with records that name each other; ``kb`` is without facts and documents."""
    facts = read.source("fact")
    yield from joined.problems
    by_file = sorted(joined.refused, key=lambda refusal: refusal.fact[:0:-1])  # so that each file is read again only once
    refused = kb._replace(
        facts=tuple(facts.locate(refusal.fact) for refusal in by_file),
        documents={refusal.document.id: refusal.document for refusal in joined.refused if refusal.document},
    )
    ids = {name: None for part in read.parts for name in part.ids}
    yield from references.check(refused, names_of(kb), read.broken, ids)
    for later, first in sorted(joined.duplicates, key=lambda pair: (pair[0][:0:-1], pair[1][:0:-1])):
        yield references.make_duplicate_problem(facts.locate(later), facts.locate(first))
    yield from term_labels.check(kb)
    yield from biolink_profile.check(kb)
    if joined.unexplained:
        message = f"{joined.unexplained:,} more facts name what does not exist, do not fit, or repeat another."
        yield Problem(Place(str(kb.folder)), "KB781", message, "Correct the facts that are reported, then check again.")
