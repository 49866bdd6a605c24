"""Record the results of verification in ``verification/DOCUMENT.yaml``, apart from the records that curators write.

An unchanged result keeps its time, so that a run without changes leaves the file as it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import yaml

from kb.document_parts import Verification
from kb.files import boundary, text_file
from kb.files.journal import Pieces
from kb.model import Document, Fact, KnowledgeBase
from kb.rdf import verifications
from kb.schema.vocabulary import RULES
from kb.verification.claims import Judgement
from kb.verification.drift import Comparison

_HEAD = "# Made by 'kb verify --record'; what it says holds while facts and sentences are as they were.\n"


def plan_results(
    kb: KnowledgeBase, comparisons: Mapping[str, Comparison], judgements: Mapping[str, Judgement]
) -> tuple[KnowledgeBase, dict[Path, Pieces]]:
    """Return the knowledge base with the results for each document whose text is available and is that of its record.

    The files to be written for it are returned, too; an unchanged file is not among them.

    Raises:
        KbError: A file cannot be read.
    """
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    facts = defaultdict[str, list[Fact]](list)
    for fact in kb.facts:
        facts[fact.document].append(fact)
    documents, changed = dict(kb.documents), dict[Path, Pieces]()
    for name, compared in comparisons.items():
        if all(drift.what == "same" for drift in compared.drifts):
            document = kb.documents[name]
            results = tuple(_results(document, facts[name], judgements, now))
            documents[name] = document._replace(verified=results)
            path, text = kb.folder / "verification" / f"{name}.yaml", "".join(_lines(document, results))
            if (results or boundary.exists(path)) and not text_file.has_content(path, text.encode("utf-8")):
                changed[path] = [text]
    return kb._replace(documents=documents), changed


def _results(document: Document, facts: Iterable[Fact], judgements: Mapping[str, Judgement], now: str) -> Iterator[Verification]:
    known = {result.fact: result for result in document.verified if verifications.is_current(result, document)}
    sentences = verifications.sentence_digests(document)
    for fact in facts:
        judged = judgements.get(fact.path)
        if judged is not None:
            checked = tuple(part for part in judged.checked if part not in judged.skipped)
            name, digest = verifications.name_fact(fact), verifications.digest_claim(fact, sentences)
            result = Verification(name, digest, judged.verdict, now, document.sha256, RULES, checked, judged.skipped)
            before = known.get(name)
            yield before if before and before == result._replace(when=before.when) else result


def _lines(document: Document, results: Collection[Verification]) -> Iterator[str]:
    yield f"{_HEAD}document: {document.id}\nsha256: {document.sha256}\nrules: {RULES}\nfacts:{'' if results else ' []'}\n"
    for result in results:
        value = {
            "fact": result.fact,
            "digest": result.digest,
            "verdict": result.verdict,
            "checked": list(result.checked),
            **({"unchecked": list(result.unchecked)} if result.unchecked else {}),
            "when": result.when,
        }
        yield f"  - {yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=10**9, default_flow_style=True)}"


def find_outdated(kb: KnowledgeBase) -> list[str]:
    """List the facts whose recorded result is for another fact, sentence, text or version of the rules."""
    current = {document.id: {result.fact for result in document.verified} for document in verifications.with_current_results(kb)}
    return [
        f"{document.id}/{result.fact}"
        for document in kb.documents.values()
        for result in document.verified
        if result.fact not in current[document.id]
    ]
