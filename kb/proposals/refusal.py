"""The end of the check of one proposal: why it is refused, or what a person has to decide first."""

from __future__ import annotations

from typing import Literal

from kb.problems import Problem

#: The kinds of verdicts; those that are refused can never become facts.
VerdictKind = Literal["ready", "needs a term", "needs a person", "refused"]


class RefusalError(Exception):
    """Ends the check of a proposal; the gate turns it into a verdict."""

    def __init__(self, problem: Problem, verdict: VerdictKind = "refused") -> None:
        super().__init__(str(problem))
        self.problem, self.verdict = problem, verdict
