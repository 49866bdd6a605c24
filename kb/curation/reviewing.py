"""Write reviews into the records of facts, where they are told with the version that was reviewed."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from kb.curation import authoring
from kb.curation.authoring import RecordChange
from kb.model import Fact, KnowledgeBase
from kb.problems import KbError
from kb.rdf.reviews import digest_reviewed
from kb.reports.changed_files import run_git


def find_reviewer(kb: KnowledgeBase) -> str:
    """Return who reviews where nobody says so: the user of git, or else the first creator of the knowledge base."""
    name = ""
    with suppress(KbError), run_git(kb.folder, "user.name", "config", "--get", "user.name") as output:
        name = "-".join(output.read().decode("utf-8", "replace").split())
    return f"person:{name or kb.dataset.creators[0].id}"


def add_review(value: Mapping[str, Any], fact: Fact, by: str, verdict: str = "agreed") -> dict[str, Any]:
    """Return the record of a fact with a review of today, in the place of an earlier one by the same reviewer."""
    others = [review for review in value.get("review", ()) if review["by"] != by]
    review = {"by": by, "on": today(), "verdict": verdict, "digest": digest_reviewed(fact)}
    return {**value, "review": [*others, review]}


def today() -> str:
    """Return the day in UTC."""
    return datetime.now(UTC).date().isoformat()


def review_fact(kb: KnowledgeBase, name: str, by: str, verdict: str) -> RecordChange:
    """Compute the file of a fact with a review.

    Raises:
        KbError: There is no such fact (KB705), or all problems of its record.
    """
    fact = authoring.find_fact(kb, name)
    value = fact.record.value if fact.record else {}
    return authoring.change_fact(kb, fact, add_review(value, fact, by or find_reviewer(kb), verdict))
