"""A knowledge base into a store: each graph is replaced as a whole, then counted and compared.

What the store holds already is not sent again, so a push that was cut off is finished by pushing once more. The graph
that describes the dataset goes last: until all others are proven, the store shows the old version there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Literal, NamedTuple

from kb import progress
from kb.files.sorting import SortedFile, SortedFiles
from kb.problems import KbError, fail
from kb.push.client import Client, Patience
from kb.push.comparison import Verdict, compare
from kb.push.credentials import Credentials
from kb.push.profiles import Profile
from kb.push.target import Store
from kb.rdf.iris import Names
from kb.rdf.quads import Quad, iri, iri_value

#: What is done to a graph: put where there was none, put in the place of another, left as it is since it is the same, taken
#: out since the knowledge base has it no more, or left although it has.
Action = Literal["create", "replace", "keep", "remove", "leave"]
#: How a graph was compared: statement by statement, value by value, or by number alone; nothing if it was not.
Comparison = Literal["statements", "values", "count", ""]

# How many bytes of statements are held in memory, if nothing else is said.
_BUFFERED = 64 << 20
# How often a graph is sent before its store is said not to keep it.
_ROUNDS = 3
# The graphs of a knowledge base, below its base and 'graph/'; those of a base that ends in 'graph/' are not among them.
_OURS = re.compile(r"[a-z][a-z-]*|document/[^/]+")
# What keeps a graph from being read and compared, but not from being counted.
_UNREADABLE = {"KB755", "KB756"}


class Target(NamedTuple):
    """Where a knowledge base is pushed to.

    Args:
        address: The address of the store, checked.
        profile: How to speak to it.
        credentials: Who pushes.
        query_url: Where queries go, if other than the profile says.
        patience: How long to wait.
        held: How many bytes of statements to hold in memory.
    """

    address: str
    profile: Profile
    credentials: Credentials
    query_url: str = ""
    patience: Patience = Patience()
    held: int = _BUFFERED


class Plan(NamedTuple):
    """What to do.

    Args:
        dry_run: Change nothing; tell what would change.
        prune: Remove the graphs of this knowledge base that it has no more.
    """

    dry_run: bool = False
    prune: bool = False


class Outcome(NamedTuple):
    """What became of a graph, or would.

    Args:
        graph: Its IRI.
        action: What is done.
        before: How many statements the store had; None if nobody knows.
        statements: How many the knowledge base has.
        compared: How the store's graph was compared with ours, after it was sent or because it need not be.
    """

    graph: str
    action: Action
    before: int | None
    statements: int
    compared: Comparison


class _Proof(NamedTuple):
    compared: Comparison
    there: int
    example: str = ""


def push(
    quads: Iterable[Quad],
    names: Names,
    target: Target,
    plan: Plan = Plan(),
    say: Callable[[str], None] = lambda _: None,
) -> Iterator[Outcome]:
    """Bring a knowledge base into a store and prove that it arrived.

    Args:
        quads: The knowledge base, compiled, every quad in a named graph.
        names: Its names.
        target: The store.
        plan: What to do.
        say: Called with a message for each failure that is tried again.

    Yields:
        What became of each graph, as soon as it is known.

    Raises:
        KbError: The store cannot be reached or refuses (KB753 to KB757), or does not hold what it was sent (KB758). The
            graphs told of before are in the store; pushing again goes on from there.
    """
    dry_run = plan.dry_run
    with SortedFiles(target.held) as spool, Client(target.address, target.credentials, target.patience, say) as client:
        store = Store(client, target.profile, target.query_url)
        graphs = spool.sort_groups((quad.graph, f"{quad.subject} {quad.predicate} {quad.object} .\n") for quad in quads)
        gone = _gone(store, names, graphs)
        last = iri(names.graph("dataset"))
        with progress.report("pushing", sum(each.size for each in graphs.values())) as sent:
            transfer = _Transfer(store, spool, target.address, say, sent)
            for graph in sorted(graphs.keys() - {last}):
                yield transfer.put(graph, graphs[graph], dry_run=dry_run)
            for graph in gone:
                yield transfer.take(graph, dry_run=dry_run) if plan.prune else Outcome(iri_value(graph), "leave", None, 0, "")
            if last in graphs:
                yield transfer.put(last, graphs[last], dry_run=dry_run)


def _gone(store: Store, names: Names, graphs: Mapping[str, SortedFile]) -> list[str]:
    """Name the graphs of the knowledge base that only the store has."""
    if not store.answers:
        return []
    start = names.graph("")
    found = [each for each in store.graphs(start) if _OURS.fullmatch(iri_value(each)[len(start) :])]
    return sorted(set(found) - graphs.keys())


class _Transfer(NamedTuple):
    """What moving a graph takes."""

    store: Store
    spool: SortedFiles
    address: str
    say: Callable[[str], None]
    sent: Callable[[int], None]

    def put(self, graph: str, ours: SortedFile, *, dry_run: bool) -> Outcome:
        """Replace a graph unless it is the same, and prove it."""
        proof = self._prove(graph, ours)
        same = proof.compared in {"statements", "values"}
        action: Action = "keep" if same else "replace" if proof.there else "create"
        compared: Comparison = proof.compared if same else ""
        if same:
            self.sent(ours.size)
        elif not dry_run:
            compared = self._send(graph, ours)
        return Outcome(iri_value(graph), action, proof.there, ours.count, compared)

    def _send(self, graph: str, ours: SortedFile) -> Comparison:
        for number in range(1, _ROUNDS + 1):
            self.store.replace(graph, ours, self.sent if number == 1 else lambda _: None)
            proof = self._prove(graph, ours)
            if proof.compared:
                return proof.compared
            message = f"It took {iri_value(graph)}, {ours.count} statements, and holds {proof.there}"
            message += f"; for example, not both have {proof.example}" if proof.example else "."
            if number < _ROUNDS:
                self.say(f"{message} Sending it again ({number + 1} of {_ROUNDS}).")
        raise fail("KB758", message, "See its log and its limits, then push again: only what differs is sent.", self.address)

    def take(self, graph: str, *, dry_run: bool) -> Outcome:
        """Remove a graph, and prove it."""
        before = self.store.count(graph)
        if not dry_run:
            self.store.remove(graph)
            if self.store.count(graph):
                message = f"It still holds {iri_value(graph)} after removing it."
                raise fail("KB758", message, "See its log and its limits, then push again.", self.address)
        return Outcome(iri_value(graph), "remove", before, 0, "" if dry_run else "count")

    def _prove(self, graph: str, ours: SortedFile) -> _Proof:
        """Count a graph in the store and compare it with ours."""
        counted = self.store.count(graph) if self.store.answers else None
        if counted is not None and (counted > ours.count or (not counted and ours.count)):
            return _Proof("", counted)  # reading it could only say the same
        try:
            theirs = self.store.read(graph, self.spool)
            verdict = self._compare(ours, theirs)
        except KbError as error:
            if counted is None or not {each.code for each in error.problems} <= _UNREADABLE:
                raise
            return _Proof("count" if counted == ours.count else "", counted)
        finally:
            self.spool.clear()
        return _Proof(_judge(verdict, ours, theirs, counted), theirs.count if counted is None else counted, verdict.example)

    def _compare(self, ours: SortedFile, theirs: SortedFile) -> Verdict:
        try:
            return compare(ours, theirs, self.spool)
        except SyntaxError:
            raise self.store.misunderstood() from None


def _judge(verdict: Verdict, ours: SortedFile, theirs: SortedFile, counted: int | None) -> Comparison:
    """Tell how far a graph is proven: its count and what came back must agree, or only the count is to be had."""
    if verdict.same and counted in {None, theirs.count}:
        return "statements" if verdict.same == "statements" else "values"
    cut = counted == ours.count and theirs.count < counted and not verdict.extra
    return "count" if cut else ""


def summary(outcomes: Iterable[Outcome], *, dry_run: bool) -> str:
    """Say in words what became of the graphs, and which comparison was possible."""
    found = list(outcomes)
    did = Counter(each.action for each in found)
    how = Counter(each.compared for each in found if each.action != "remove")
    sent = did["create"] + did["replace"]
    words = [f"{sent} graphs were sent, {did['keep']} were there already, {did['remove']} were removed."]
    if dry_run:
        words = [f"Nothing was sent: {sent} graphs differ, {did['keep']} are the same, {did['remove']} would be removed."]
    if how["statements"]:
        words.append(f"{how['statements']} were compared statement by statement.")
    if how["values"]:
        words.append(f"{how['values']} hold the same values, in which the store writes some literals in another form.")
    if how["count"]:
        words.append(f"{how['count']} could only be counted: the store does not give them back whole.")
    if did["leave"]:
        words.append(f"{did['leave']} more are of this knowledge base and not in it any more: --prune removes them.")
    return " ".join(words)
