"""``kb review``."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import takewhile
from pathlib import Path
from typing import Any

import click

from kb.cli import console, options, text_table
from kb.cli.propose import word_verdict
from kb.curation import authoring, record_edits, reviewing
from kb.escaping import escape_unseen
from kb.files import boundary
from kb.problems import KbError, Problem, fail
from kb.proposals import review
from kb.proposals.gate import Verdict, to_dict
from kb.proposals.review import ReviewDecision, ReviewQueue
from kb.records import strict_yaml
from kb.records.folder import lock_records

_KEYS = "a accept   d accept with definitions   k next kind   e edit   r reject   s skip   u undo   q quit"
_LONGEST_LIST = 9  # proposals that are accepted together: each has a digit
_COLUMNS = ("", "name", "proposed", "passed", "accepted", "rejected", "waiting")
_SAMPLE = 10


@click.command
@options.declare("review")
def command(
    content: Path, texts: tuple[str, ...], by: str, accept_if: tuple[str, ...], fmt: str, *, yes: bool, stats: bool
) -> int:
    """Decide on proposals, one at a time; accepted ones become facts.

    On a terminal, one key decides: a accepts, with the new terms that are shown; d asks for their definitions first; k gives the
    new term another kind, e edits, r rejects with a reason, s skips, u takes the last decision back, q quits. Proposals of one
    list are shown together: A accepts all that are shown, a digit puts one of them aside for later. Otherwise, kb lists what
    waits. --accept-if accepts all ready proposals of one predicate by one proposer, after it has shown a sample. Each fact passes
    the gate again when it is written.
    """
    boundary.check_target(content)
    is_session = sys.stdin is not None and sys.stdin.isatty()
    if accept_if or is_session:
        with lock_records(content):
            pass  # the change of a writer that was killed is completed before anything is read
    problems: list[Problem] = []
    queue = review.load_queue(content, texts, problems)
    console.report_left_out(problems)
    by = by or reviewing.find_reviewer(queue.gate.kb)
    if stats:
        text_table.write(_COLUMNS, review.count_rows(queue))
    elif accept_if:
        _accept_all(content, texts, queue, by, accept_if, confirmed=yes)
    elif is_session:
        _Session(content, texts, by, queue).run()
    elif fmt == "json":
        console.emit_json([to_dict(verdict) for verdict in queue.waiting])
    else:
        text_table.write(("verdict", "place", "proposal"), [word_verdict(verdict) for verdict in queue.waiting])
        console.emit([f"\n{len(queue.waiting)} proposals wait. Decide on them on a terminal.\n"])
    return int(bool(problems))


def _accept_all(
    content: Path, texts: Sequence[str], queue: ReviewQueue, by: str, conditions: Sequence[str], *, confirmed: bool
) -> None:
    """Accept the ready proposals of one predicate by one proposer, after a sample is shown."""
    named = dict(condition.partition("=")[::2] for condition in conditions)
    if set(named) != {"predicate", "proposer"}:
        raise click.UsageError("Give --accept-if predicate=NAME and --accept-if proposer=NAME.")
    chosen = [
        verdict
        for verdict in queue.waiting
        if verdict.verdict == "ready"
        and verdict.fact["predicate"] == named["predicate"]
        and verdict.record.value["proposer"] == named["proposer"]
    ]
    for verdict in chosen[:: max(1, len(chosen) // _SAMPLE)][:_SAMPLE]:
        console.note(*_describe(queue, verdict))
    console.note(f"{len(chosen)} proposals are ready.")
    if chosen and (confirmed or click.confirm("Accept all of them", default=False, err=True)):
        review.decide(content, [ReviewDecision(verdict, "accepted") for verdict in chosen], by, texts)
        console.note(f"{len(chosen)} facts are written.")


def _describe(queue: ReviewQueue, verdict: Verdict) -> Iterator[str]:
    """Yield the sentences with the words marked, the claim, and the checks."""
    for at in verdict.locations:
        text = queue.gate.finder.texts[at.document]
        sentence = text.sentence(at.sentence)
        words = text.text.words
        marked = f"{words[sentence.start : at.start]}»{words[at.start : at.end]}«{words[at.end : sentence.end]}"
        yield f"{at.document} {at.sentence}  {' '.join(marked.split())}"
    yield f"  {verdict.claim}    ({verdict.record.value['proposer']})"
    if not verdict.fact:
        yield f"  {word_verdict(verdict)[-1]} Edit it, or reject it."
        return
    wordings = {part: words for piece in verdict.fact["evidence"] for part, words in piece.get("as", {}).items()}
    yield from (f"  {part}: '{words}' in the text" for part, words in wordings.items())
    compared = "?" if any(problem.code == "KB813" for problem in verdict.problems) else "✓"
    yield f"  ✓ words  ✓ references  {compared} states the claim"
    yield from (f"  {problem.code} {problem.message} {problem.remedy}" for problem in verdict.problems)


class _Session:
    """A review on a terminal: one proposal after the other."""

    def __init__(self, content: Path, texts: Sequence[str], by: str, queue: ReviewQueue) -> None:
        self._content, self._texts, self._by, self._queue = content, texts, by, queue
        self._waiting, self._done = list(queue.waiting), list[tuple[int, ReviewDecision]]()
        self._edited = dict[str, Mapping[str, Any]]()  # proposals with another kind of term, by their digest
        self._aside = set[str]()  # digests of those that are to be decided by themselves
        self._at = 0

    def run(self) -> None:
        """Ask for a decision on each proposal until none is left, or the reviewer quits."""
        while self._at < len(self._waiting):
            listed = self._find_list()
            shown = self._check_edited(self._waiting[self._at])
            lines = [*_describe(self._queue, shown), _KEYS]
            if len(listed) > 1:
                lines[-1:] = [
                    *map(self._word_listed, range(1, len(listed) + 1), listed),
                    f"A accept all {len(listed)}   1-9 aside   {_KEYS}",
                ]
            console.note("", f"{self._at + 1} of {len(self._waiting)}", *lines)
            key = click.getchar()
            if key.lower() in {"q", "\x03", "\x04"}:
                break
            try:
                self._press(key, listed)
            except KbError as error:
                console.note(*error.problems)
        made = [choice.decision for _, choice in self._done]
        console.note(f"{made.count('accepted')} accepted, {made.count('rejected')} rejected.")

    def _find_list(self) -> list[Verdict]:
        """Return the proposals, from the current one on, that say the same of the items of one list."""
        first = self._waiting[self._at]
        rest = (verdict for verdict in self._waiting[self._at : self._at + _LONGEST_LIST])
        return list(takewhile(lambda verdict: self._key(verdict) == self._key(first), rest))

    def _key(self, verdict: Verdict) -> tuple[Any, ...]:
        """Return what the proposals of one list share; a proposal that a person has to judge, or an aside, shares nothing."""
        if verdict.verdict not in {"ready", "needs a term"} or verdict.proposal_digest in self._aside:
            return (verdict.proposal_digest,)
        at, fact = verdict.locations[0], verdict.fact
        above = self._queue.gate.finder.texts[at.document].contexts.get(at.sentence, ()) or (at.sentence,)
        same = {key: value for key, value in fact.items() if key not in {"object", "evidence"}}
        return at.document, above, sorted(same.items(), key=str)

    def _word_listed(self, number: int, verdict: Verdict) -> str:
        """Put a proposal of a list into a line: its sentence, the claim, and the kind of a new term."""
        shown, at = self._check_edited(verdict), verdict.locations[0]
        text = self._queue.gate.finder.texts[at.document]
        new = ", ".join(f"new {term['kind']}: {term['label']} {term.get('match', '')}".rstrip() for term in shown.terms)
        return f"  {number} {at.sentence} »{' '.join(text.originals[at.sentence].split())}«  {shown.claim}  {new}"

    def _check_edited(self, verdict: Verdict) -> Verdict:
        edited = self._edited.get(verdict.proposal_digest)
        return self._queue.gate.check(replace(verdict.record, value=dict(edited))) if edited else verdict

    def _press(self, key: str, listed: list[Verdict]) -> None:
        verdict = listed[0]
        if key == "A":
            self._accept_listed(listed)
        elif key.isdigit() and 0 < int(key) <= len(listed):
            self._set_aside(self._at + int(key) - 1)
        elif key.lower() == "a":
            self._decide([self._accept(verdict)])
        elif key.lower() == "d":
            self._decide([ReviewDecision(verdict, "accepted", edited=_define_terms(self._check_edited(verdict)))])
        elif key.lower() == "e":
            self._decide([ReviewDecision(verdict, "accepted", edited=_edit(self._check_edited(verdict)))])
        elif key.lower() == "k":
            self._edited[verdict.proposal_digest] = _change_kind(self._queue, self._check_edited(verdict))
        elif key.lower() == "r":
            self._decide([ReviewDecision(verdict, "rejected", click.prompt("reason", default="", show_default=False, err=True))])
        elif key.lower() == "s":
            self._at += 1
        elif key.lower() == "u" and self._done:
            self._at, last = self._done.pop()
            review.decide(self._content, [ReviewDecision(last.shown, "undone")], self._by, self._texts)

    def _accept_listed(self, listed: list[Verdict]) -> None:
        """Accept the proposals of a list; if they do not pass together, each one that does, and put the others aside."""
        try:
            self._decide([self._accept(one) for one in listed])
        except KbError as error:
            if len(listed) == 1:
                raise
            console.note(*error.problems)
            for one in listed:
                try:
                    self._decide([self._accept(one)])
                except KbError:
                    self._set_aside(self._at)

    def _set_aside(self, at: int) -> None:
        """Let a proposal come back at the end, by itself."""
        self._aside.add(self._waiting[at].proposal_digest)
        self._waiting.append(self._waiting.pop(at))

    def _accept(self, verdict: Verdict) -> ReviewDecision:
        return ReviewDecision(verdict, "accepted", edited=self._edited.get(verdict.proposal_digest, {}))

    def _decide(self, choices: Sequence[ReviewDecision]) -> None:
        review.decide(self._content, choices, self._by, self._texts)
        self._done += [(self._at + number, choice) for number, choice in enumerate(choices)]
        self._at += len(choices)


def _change_kind(queue: ReviewQueue, verdict: Verdict) -> Mapping[str, Any]:
    """Return a proposal whose new object has the next of the kinds that its predicate allows."""
    kinds = queue.gate.kb.predicates[verdict.fact["predicate"]].object if verdict.fact else ()
    terms = [dict(term) for term in verdict.terms]
    for term in terms:
        if term["id"] == verdict.fact["object"] and term["kind"] in kinds:
            term["kind"] = kinds[(kinds.index(term["kind"]) + 1) % len(kinds)]
    return {**verdict.record.value, "terms": terms} if terms else verdict.record.value


def _define_terms(verdict: Verdict) -> Mapping[str, Any]:
    """Ask for the definitions of new terms; return the proposal with them."""
    if not verdict.terms:
        return {}
    terms = []
    for term in verdict.terms:
        definition = click.prompt(f"definition of {escape_unseen(str(term['label']))}", default=term["definition"], err=True)
        terms.append({**term, "definition": definition})
    return {**verdict.record.value, "terms": terms}


def _edit(verdict: Verdict) -> Mapping[str, Any]:
    """Let the reviewer correct a proposal with an editor."""
    text = click.edit(record_edits.format_record(dict(verdict.record.value), "proposal", authoring.NEW), extension=".yaml")
    if text is None:
        raise fail("KB811", "The proposal was not changed.", "Change it, or press another key.", authoring.NEW)
    value = strict_yaml.parse(text, authoring.NEW).value
    value = value[0] if isinstance(value, list) and len(value) == 1 else value
    if not isinstance(value, dict):
        raise fail("KB203", "The text is not one proposal.", "Keep one mapping.", authoring.NEW)
    return value
