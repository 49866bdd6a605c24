"""Push a knowledge base to a store: write each graph, then count and compare it.

A graph is replaced as a whole, with two exceptions. In the graph of claims, only what differs is deleted and added. To the graph
of the shared ontology, words are only added, since other knowledge bases in the same store use it too.

A graph that the store already holds is not sent again, so that pushing once more completes an interrupted push. The graph that
describes the dataset is sent last: until all others are verified, the store shows the old version there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeVar

from kb import progress
from kb.files.sorting import SortedFile, SortedFiles
from kb.problems import KbError, fail
from kb.push.comparison import ComparisonResult, compare, find_changes
from kb.push.remote_store import PushTarget, RemoteStore
from kb.rdf.iris import ONTOLOGY, Names
from kb.rdf.quads import Quad, iri, iri_value
from kb.sparql.engines.remote import UNION_REMEDY

#: What is done to a graph. ``keep``: the store holds the same graph already, or all that we would add to it. ``leave``: the store
#: has the graph, the knowledge base no longer has it, and ``--prune`` was not given.
Action = Literal["create", "replace", "add", "keep", "remove", "leave"]
#: How a graph was compared: statement by statement, value by value, or by the number of statements; nothing if it was not.
Comparison = Literal["statements", "values", "count", ""]

Result = TypeVar("Result")
_ROUNDS = 3  # how often a graph is sent
_SHARED = iri(ONTOLOGY)
# The graphs of a knowledge base, below its base and 'graph/'; those of a base that ends in 'graph/' are not among them.
_OWN_GRAPH = re.compile(r"[a-z][a-z-]*|document/[^/]+")
# Problems of reading a graph after which it can still be counted.
_UNREADABLE = {"KB755", "KB756"}


@dataclass(frozen=True, slots=True)
class TransferPlan:
    """What to do."""

    dry_run: bool = False  # change nothing, and report what would change
    prune: bool = False  # remove the graphs of this knowledge base that it no longer has


class Outcome(NamedTuple):
    """What was done to a graph, or would be."""

    graph: str  # its IRI
    action: Action
    before: int | None  # how many statements the store had; None if that is not known
    statements: int  # how many the knowledge base has
    compared: Comparison  # how the graph of the store was compared with ours


@dataclass(frozen=True, slots=True)
class _Verification:
    compared: Comparison
    count: int
    example: str = ""


def push(
    quads: Iterable[Quad],
    names: Names,
    target: PushTarget,
    plan: TransferPlan = TransferPlan(),
    report: Callable[[str], None] = lambda _: None,
) -> Iterator[Outcome]:
    """Push a knowledge base to a store; yield what was done to each graph, as soon as it is verified.

    Every quad is in a named graph. The function ``report`` is called with a message before something that failed is tried again,
    and if queries will not find the graphs.

    Raises:
        KbError: The store cannot be reached or refuses (KB753 to KB757), or does not hold what it was sent (KB758). The graphs
            yielded before are in the store; another push continues from there.
    """
    with SortedFiles(target.buffered) as files, RemoteStore(target, report) as store:
        graphs = files.sort_groups((quad.graph, f"{quad.subject} {quad.predicate} {quad.object} .\n") for quad in quads)
        obsolete = _find_obsolete(store, names, graphs)
        last, claims = iri(names.graph("dataset")), iri(names.graph("claims"))
        with progress.report("pushing", sum(graph.size for graph in graphs.values())) as sent:
            transfer = _Transfer(store, files, target.address, report, sent, claims, plan.dry_run)
            for graph in sorted(graphs.keys() - {last}):
                yield transfer.put(graph, graphs[graph])
            for graph in obsolete:
                yield transfer.remove(graph) if plan.prune else Outcome(iri_value(graph), "leave", None, 0, "")
            if last in graphs:
                yield transfer.put(last, graphs[last])
        if store.has_queries and graphs and store.hides_named_graphs():
            remedy = f"To ask across graphs, {target.profile.union or UNION_REMEDY}"
            report(f"Queries that name no graph find nothing in this store: its default graph is empty. {remedy}.")


def _find_obsolete(store: RemoteStore, names: Names, graphs: Mapping[str, SortedFile]) -> list[str]:
    """Return the graphs of the knowledge base that only the store has."""
    if not store.has_queries:
        return []
    start = names.graph("")
    own = {graph for graph in store.graphs(start) if _OWN_GRAPH.fullmatch(iri_value(graph)[len(start) :])}
    return sorted(own - graphs.keys())


@dataclass(frozen=True, slots=True)
class _Transfer:
    """Moves graphs into a store."""

    store: RemoteStore
    files: SortedFiles  # where graphs of the store are sorted
    address: str  # the address of the store, for messages
    report: Callable[[str], None]  # called with a message before a graph is sent again
    sent: Callable[[int], None]  # called with the number of bytes that were sent or need not be
    claims: str  # the graph of which only the difference is sent
    dry_run: bool

    def put(self, graph: str, ours: SortedFile) -> Outcome:
        """Write a graph unless the store already holds it, and verify it."""
        verification = self._verify(graph, ours)
        same = verification.compared in {"statements", "values"}
        changed: Action = "add" if graph == _SHARED else "replace"
        action: Action = "keep" if same else changed if verification.count else "create"
        compared: Comparison = verification.compared if same else ""
        if same:
            self.sent(ours.size)
        elif not self.dry_run:
            compared = self._send(graph, ours, is_new=not verification.count)
        return Outcome(iri_value(graph), action, verification.count, ours.count, compared)

    def _send(self, graph: str, ours: SortedFile, *, is_new: bool) -> Comparison:
        for number in range(1, _ROUNDS + 1):
            sent = self.sent if number == 1 else lambda _: None
            if graph == self.claims and number == 1 and self.store.has_updates and not is_new:
                self._send_difference(graph, ours)
            else:
                self.store.write(graph, ours, sent, keep=graph == _SHARED)
            verification = self._verify(graph, ours)
            if verification.compared:
                return verification.compared
            message = f"The store accepted {ours.count} statements of {iri_value(graph)} and holds {verification.count}"
            message += f"; one that only one side has is {verification.example}" if verification.example else "."
            if number < _ROUNDS:
                self.report(f"{message} Sending the graph again ({number + 1} of {_ROUNDS}).")
        remedy = "Check the log and the limits of the store, then push again: only what differs is sent."
        raise fail("KB758", message, remedy, self.address)

    def _send_difference(self, graph: str, ours: SortedFile) -> None:
        """Delete from a graph what we do not have, and add what it lacks."""
        theirs = self.store.read(graph, self.files, ours.size)
        obsolete, missing = self._read_by(find_changes, ours, theirs)
        self.store.delete(graph, obsolete)
        self.store.write(graph, missing, self.sent, keep=True)
        self.sent(ours.size - missing.size)
        self.files.clear()

    def remove(self, graph: str) -> Outcome:
        """Remove a graph, and verify that it is gone."""
        before = self.store.count(graph)
        if not self.dry_run:
            self.store.remove(graph)
            if self.store.count(graph):
                message = f"The store still holds {iri_value(graph)} after removing it."
                raise fail("KB758", message, "Check the log and the limits of the store, then push again.", self.address)
        return Outcome(iri_value(graph), "remove", before, 0, "" if self.dry_run else "count")

    def _verify(self, graph: str, ours: SortedFile) -> _Verification:
        """Count a graph in the store, and compare it with ours."""
        counted = self.store.count(graph) if self.store.has_queries else None
        is_shared = graph == _SHARED
        if counted is not None and ((counted > ours.count and not is_shared) or (not counted and ours.count)):
            return _Verification("", counted)  # reading the graph could only confirm that it differs
        try:
            theirs = self.store.read(graph, self.files, ours.size)
            result = self._read_by(compare, ours, theirs)
        except KbError as error:
            if counted is None or not {problem.code for problem in error.problems} <= _UNREADABLE:
                raise
            return _Verification("count" if counted == ours.count else "", counted)
        finally:
            self.files.clear()
        count = theirs.count if counted is None else counted
        if is_shared:  # others may have added words to it
            return _Verification(
                "" if result.missing else result.same or "values", count, result.example if result.missing else ""
            )
        return _Verification(_comparison(result, ours, theirs, counted), count, result.example)

    def _read_by(
        self, compare: Callable[[SortedFile, SortedFile, SortedFiles], Result], ours: SortedFile, theirs: SortedFile
    ) -> Result:
        """Compare two graphs, of which the store may have returned the second as something else than RDF."""
        try:
            return compare(ours, theirs, self.files)
        except (SyntaxError, ValueError):
            raise self.store.not_rdf() from None


def _comparison(result: ComparisonResult, ours: SortedFile, theirs: SortedFile, counted: int | None) -> Comparison:
    """Return how far a graph is verified: its count and its statements must agree, unless only the count is available."""
    if result.same and counted in {None, theirs.count}:
        return result.same
    is_incomplete = counted == ours.count and theirs.count < counted and not result.extra
    return "count" if is_incomplete else ""


def summarize(outcomes: Iterable[Outcome], *, dry_run: bool) -> str:
    """Describe in words what was done to the graphs, and how they were compared."""
    outcomes = list(outcomes)
    actions = Counter(outcome.action for outcome in outcomes)
    comparisons = Counter(outcome.compared for outcome in outcomes if outcome.action != "remove")
    sent = actions["create"] + actions["replace"] + actions["add"]
    if dry_run:
        summary = f"Nothing was sent: {sent} graphs differ, {actions['keep']} are the same, {actions['remove']} would be removed."
    else:
        summary = f"{sent} graphs were sent, {actions['keep']} were already there, {actions['remove']} were removed."
    details = (
        (comparisons["statements"], "were compared statement by statement."),
        (comparisons["values"], "have the same values, some of which the store writes in another form."),
        (comparisons["count"], "could only be counted: the store does not return them completely."),
        (actions["leave"], "more belong to an earlier version of this knowledge base: --prune removes them."),
    )
    return " ".join([summary, *(f"{number} {detail}" for number, detail in details if number)])
