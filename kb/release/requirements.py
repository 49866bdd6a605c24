"""What the facts of a release can be required to be: reviewed as they are now, verified against their sentences."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from kb.model import Fact, KnowledgeBase
from kb.problems import Place, Problem
from kb.rdf.reviews import is_reviewed
from kb.rdf.verifications import CurrentResults, name_fact

#: What can be required, with what to do about a fact that is not so.
REQUIREMENTS = {
    "reviewed": "Review it: kb fact review {}; or deprecate it.",
    "verified": "Verify it against its text: kb verify --record; or deprecate {}.",
}


def find_unmet(kb: KnowledgeBase, wanted: Collection[str]) -> Iterator[Problem]:
    """Find the facts that are not as :data:`REQUIREMENTS` are wanted (KB717); what is deprecated need not be."""
    results = {name: CurrentResults(document) for name, document in kb.documents.items()}

    def is_verified(fact: Fact) -> bool:
        result = results[fact.document].of(fact)
        return result is not None and result.verdict == "passed"

    checks: dict[str, Callable[[Fact], bool]] = {"reviewed": is_reviewed, "verified": is_verified}
    for fact in kb.facts:
        if fact.curation and fact.curation.status == "deprecated":
            continue
        for name in (name for name in REQUIREMENTS if name in wanted and not checks[name](fact)):
            place, path = fact.record.place if fact.record else Place(fact.path), name_fact(fact)
            yield Problem(place, "KB717", f"The fact {path} is not {name}.", REQUIREMENTS[name].format(path))
