"""Decide on proposals: the queue of those that wait, what became of the others, and the change that makes one a fact."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from kb import pipeline
from kb.curation import authoring, reviewing
from kb.files import text_file
from kb.model import KnowledgeBase, Record
from kb.problems import KbError, Place, Problem, fail, quote
from kb.proposals import store
from kb.proposals.gate import Gate, Verdict
from kb.records import resolve
from kb.records.folder import lock_records
from kb.texts import sources
from kb.verification.cite import make_finder

_KINDS = ("ready", "needs a term", "needs a person")
# What verification says of texts, and not of the fact that is accepted.
_OF_TEXTS = {"KB414", "KB441", "KB445", "KB451"}
_FILE = "proposed.yaml"  # for new terms


@dataclass(frozen=True, slots=True)
class ReviewDecision:
    """What a reviewer decides on a proposal.

    Args:
        shown: The verdict that the reviewer saw.
        decision: What is decided.
        reason: Why it is rejected.
        edited: The proposal as the reviewer corrected it, if so.
    """

    shown: Verdict
    decision: Literal["accepted", "rejected", "undone"]
    reason: str = ""
    edited: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReviewQueue:
    """The proposals that wait for a decision, in the order of review, and the counts of all by proposer, predicate and term."""

    gate: Gate
    waiting: Sequence[Verdict]
    counts: Mapping[tuple[str, str], Counter[str]]


def load_queue(content: Path, texts: Iterable[str] = (), problems: list[Problem] | None = None) -> ReviewQueue:
    """Check the undecided proposals of a knowledge base again, and put those that are not refused into order.

    What was accepted most often, by proposer and predicate, comes first. Problems of records are appended to the list.

    Raises:
        KbError: No text is available (KB445), or nothing can be read.
    """
    kb, left_out = pipeline.load_sound(content)
    listed = problems if problems is not None else []
    listed.extend(left_out)
    try:
        gate = Gate(kb, make_finder(kb, texts, listed))
    except KbError as error:
        raise KbError([*left_out, *error.problems]) from error
    decided = read_decisions(content, listed)
    rejected = {value["claim"] for value in decided.values() if value["decision"] == "rejected" and "claim" in value}
    counts = defaultdict[tuple[str, str], Counter[str]](Counter)
    waiting: dict[str, Verdict] = {}
    for record in store.read_records(content, "proposals", listed):
        decision = decided.get(store.digest_proposal(record))
        verdict = Verdict("refused", record) if decision else gate.check(record)
        name = verdict.claim_digest or verdict.proposal_digest
        is_open = verdict.verdict != "refused" and name not in rejected and name not in waiting
        status = decision["decision"] if decision else "waiting" if is_open else verdict.verdict
        for key in _list_keys(record.value, decision or verdict.fact):
            counts[key].update(("proposed", status, *(("passed",) if status in {"accepted", "rejected", "waiting"} else ())))
        if status == "waiting":
            waiting[name] = verdict

    def sort_key(verdict: Verdict) -> tuple[Any, ...]:
        rates = [_rate(counts[key]) for key in list(_list_keys(verdict.record.value, verdict.fact))[:2]]
        return _KINDS.index(verdict.verdict), -round(sum(rates), 1), verdict.locations[:1], verdict.claim

    return ReviewQueue(gate, sorted(waiting.values(), key=sort_key), counts)


def _list_keys(value: Mapping[str, Any], decision: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "proposer", value["proposer"]
    yield "predicate", decision.get("predicate", value["predicate"])
    for end in ("subject", "object"):
        if isinstance(word := decision.get(end, value[end]), str):
            yield "term", word


def _rate(count: Counter[str]) -> float:
    return (count["accepted"] + 1) / (count["accepted"] + count["rejected"] + 2)


def read_decisions(content: Path, problems: list[Problem]) -> dict[str, dict[str, Any]]:
    """Return the decision on each proposal, by its digest; the last one counts, and one that was undone is none."""
    decided: dict[str, dict[str, Any]] = {}
    for record in store.read_records(content, "decisions", problems):
        decided[record.value["proposal"]] = record.value
    return {name: value for name, value in decided.items() if value["decision"] != "undone"}


def read_waiting(content: Path) -> Iterator[Record]:
    """Yield the proposals on which nobody has decided.

    Raises:
        KbError: Proposals or decisions cannot be read.
    """
    problems: list[Problem] = []
    decided = read_decisions(content, problems)
    waiting = store.read_records(content, "proposals", problems)
    yield from (record for record in waiting if store.digest_proposal(record) not in decided)
    if problems:
        raise KbError(problems)


def decide(content: Path, choices: Sequence[ReviewDecision], by: str, texts: Iterable[str] = ()) -> list[Verdict]:
    """Write decisions, with the facts and terms that are accepted, all of them or none.

    A fact has its proposer as curator, and the decision as its review.

    Each accepted proposal passes the gate again, against the knowledge base and the texts as they are now.

    Raises:
        KbError: A proposal does not pass, or became another claim (KB708); or nothing can be written.
    """
    with lock_records(content) as write:
        kb, _ = pipeline.load_sound(content)
        gate = Gate(kb, make_finder(kb, texts, []))
        problems: list[Problem] = []
        decided, contents, verdicts = read_decisions(content, problems), dict[Path, str](), []
        if problems:
            raise KbError(problems)
        for choice in choices:
            with _planned(contents):
                if choice.decision == "accepted":
                    verdict, changed, kb = _accept(content, gate, choice, by, texts)
                    gate = Gate(kb, gate.finder)
                else:
                    verdict, changed = choice.shown, _take_back(gate.kb, decided.get(choice.shown.proposal_digest))
                path = content / "decisions" / f"{verdict.document or store.UNPLACED}.jsonl"
                contents |= {**changed, path: store.plan_lines(path, [_make_decision(choice, verdict, by)])}
            verdicts.append(verdict)
        write({path: [text] for path, text in contents.items()})
    return verdicts


def _planned(contents: Mapping[Path, str]) -> AbstractContextManager[None]:
    return text_file.read_planned({path: text.encode("utf-8") for path, text in contents.items()})


def _take_back(kb: KnowledgeBase, decision: Mapping[str, Any] | None) -> dict[Path, str]:
    """Return the file without the fact that a decision accepted, if it did; its terms stay."""
    if decision is None or decision["decision"] != "accepted":
        return {}
    return dict(authoring.change_fact(kb, authoring.find_fact(kb, decision["fact"]), None).contents)


def _accept(
    content: Path, gate: Gate, choice: ReviewDecision, by: str, texts: Iterable[str]
) -> tuple[Verdict, dict[Path, str], KnowledgeBase]:
    """Check a proposal again; return the files with its fact and new terms, by the writer and the checks of ``kb fact add``."""
    record = replace(choice.shown.record, value=dict(choice.edited)) if choice.edited else choice.shown.record
    verdict, kb = gate.check(record), gate.kb
    if not verdict.is_acceptable:
        raise KbError(verdict.problems)
    if not choice.edited and verdict.claim_digest != choice.shown.claim_digest:
        remedy = "Run 'kb review' again; nothing was written."
        raise fail("KB708", f"The proposal now means {quote(verdict.claim)}.", remedy, record.place)
    contents: dict[Path, str] = {}
    path = content / "terms" / _FILE
    for value in verdict.terms:
        term = {key: text for key, text in value.items() if key != "match"}
        with _planned(contents):
            contents |= authoring.add_term(kb, term, path).contents
        added = resolve.parse_term(Record("term", term, Place(str(path))), kb.dataset.language)
        kb = kb._replace(terms={**kb.terms, term["id"]: added})
    fact = resolve.parse_fact_value(verdict.fact, verdict.document)
    value = {**verdict.fact, "curator": record.value["proposer"], "added": reviewing.today()}
    value = reviewing.add_review(value, fact, by)
    change = authoring.add_facts(kb, [(verdict.document, value)], sources.parse_options(texts, kb.documents))
    if unstated := [problem for problem in change.problems if problem.code not in _OF_TEXTS]:
        raise KbError(unstated)
    return verdict, {**contents, **change.contents}, kb._replace(facts=(*kb.facts, fact))


def _make_decision(choice: ReviewDecision, verdict: Verdict, by: str) -> dict[str, Any]:
    shown, value = choice.shown, verdict.record.value
    parts = {key: verdict.fact.get(key, value[key]) for key in ("predicate", "subject", "object")}
    fact = resolve.parse_fact_value(verdict.fact, verdict.document).path if choice.decision == "accepted" else ""
    made = {
        "proposal": shown.proposal_digest,
        "claim": shown.claim_digest,
        "decision": choice.decision,
        "by": by,
        "when": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "proposer": value["proposer"],
        **{key: part for key, part in parts.items() if isinstance(part, str)},
        "fact": fact,
        "reason": choice.reason,
    }
    return {key: part for key, part in made.items() if part}


def count_rows(queue: ReviewQueue) -> list[list[str]]:
    """Return the rows of the table of statistics: what was proposed, passed the gate, was accepted, rejected, and waits."""
    shown = ("proposed", "passed", "accepted", "rejected", "waiting")
    return [[kind, name, *(str(count[key]) for key in shown)] for (kind, name), count in sorted(queue.counts.items())]
