"""What was verified of each fact, kept in ``verification/DOCUMENT.yaml``, apart from what curators write.

A result that is the same as before keeps its time, so that a run that finds nothing new leaves the file as it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import yaml

from kb.files import atomic
from kb.model import Document, Fact, KnowledgeBase, Verification
from kb.rdf import verifications
from kb.schema.vocabulary import RULES
from kb.verification.claims import Judgement
from kb.verification.run import Run

_HEAD = "# Made by 'kb verify --record'; what it says holds while facts and sentences are as they were.\n"


def record(kb: KnowledgeBase, run: Run) -> list[str]:
    """Write what a run found of the facts of each document whose text is at hand and is that of its record.

    Args:
        kb: The knowledge base.
        run: What was found.

    Returns:
        The files that were written; those that would stay as they are are not.
    """
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    stated = defaultdict[str, list[Fact]](list)
    for fact in kb.facts:
        stated[fact.document].append(fact)
    made: dict[str, str] = {}
    for name, compared in run.comparisons.items():
        if all(each.what == "same" for each in compared.drifts):
            path = kb.folder / "verification" / f"{name}.yaml"
            text = _HEAD + "".join(_written(kb.documents[name], stated[name], run, now))
            if not path.is_file() or path.read_text(encoding="utf-8") != text:
                made[str(path)] = text
    for path_, text in made.items():
        atomic.write_file(Path(path_), [text])
    return sorted(made)


def _written(document: Document, facts: list[Fact], run: Run, now: str) -> Iterator[str]:
    known = {each.fact: each for each in document.verified if verifications.holds(each, document)}
    sentences = verifications.digests(document)
    yield f"document: {document.id}\nsha256: {document.sha256}\nrules: {RULES}\nfacts:\n"
    for fact in facts:
        if fact.path in run.judgements:
            made = _result(fact, run.judgements[fact.path], document, verifications.digest_of(fact, sentences))
            before = known.get(made.fact)
            when = before.when if before and before._replace(when="") == made else now
            value = {
                "fact": made.fact,
                "digest": made.digest,
                "verdict": made.verdict,
                "checked": list(made.checked),
                **({"unchecked": list(made.unchecked)} if made.unchecked else {}),
                "when": when,
            }
            yield f"  - {yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=10**9, default_flow_style=True)}"


def _result(fact: Fact, judged: Judgement, document: Document, digest: str) -> Verification:
    verdict = "failed" if judged.findings else "passed"
    checked = tuple(part for part in judged.checked if part not in judged.skipped)
    return Verification(verifications.name(fact), digest, verdict, "", document.sha256, RULES, checked, judged.skipped)


def stale(kb: KnowledgeBase) -> list[str]:
    """Name the facts whose recorded result is not of this fact, its sentences, its text or these rules any more."""
    holding = {document.id: {each.fact for each in document.verified} for document in verifications.with_current_results(kb)}
    return [
        f"{document.id}/{each.fact}"
        for document in kb.documents.values()
        for each in document.verified
        if each.fact not in holding[document.id]
    ]
