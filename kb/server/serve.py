"""Serving a knowledge base: what is read beforehand, in which order rights are given up, and who does what."""

from __future__ import annotations

import errno
import hashlib
import os
import socket
from collections.abc import Callable, Iterable
from typing import NoReturn

import pyoxigraph as ox

from kb import resources
from kb.problems import KbError, fail
from kb.queries import Compiled, named_queries, sandbox
from kb.queries.child_process import Limits, leave_network
from kb.queries.description import Triple
from kb.rdf.iris import DCTERMS, KB
from kb.rdf.quads import iri
from kb.server import counts as counting
from kb.server import libraries
from kb.server.http.rate_limit import Rate
from kb.server.processes import query_process
from kb.server.processes.query_process import Served
from kb.server.processes.supervisor import Holder
from kb.server.served_dataset import About
from kb.server.settings import LOOPBACK, Settings
from kb.sparql.engines import oxigraph
from kb.sparql.values import Question, Row

_COUNTING, _COUNTING_MB = 30.0, 1 << 13  # what each count of the description may take: seconds, and megabytes
# What keeps queries from the network where there is no namespace: for a store on disk, only that SERVICE is refused.
_INSTEAD = {False: ", so sockets are refused one by one", True: ", so only the reading of queries keeps them from it"}


def serve(base: Compiled, settings: Settings, say: Callable[[str], None]) -> bool:
    """Serve a knowledge base until a signal comes.

    Args:
        base: The knowledge base.
        settings: How.
        say: Told in words where it is served, and under which isolation.

    Returns:
        Whether all went well.

    Raises:
        KbError: The address cannot be listened at (KB620), or a library is missing (KB713).
    """
    libraries.need()
    listening = listen(settings.host, settings.port)
    alone = leave_network()
    names = base.names
    store = oxigraph.load(Question(b"" if base.store else base.quads(), "", names.prefixes, names.base, store=base.store))
    about = learn(base, store)
    told = "".join(f"{' '.join(triple)} .\n" for triple in about.service(names.base)).encode("utf-8")
    aside = ox.Store()
    for graph in (ox.NamedNode(names.graph("service")), ox.DefaultGraph()):
        aside.load(told, format=ox.RdfFormat.N_TRIPLES, to_graph=graph)
    query_process.prepare(settings)
    rate = Rate(settings.limit("rate"))

    def work(listening: socket.socket, control: socket.socket) -> NoReturn:
        from kb.server.http import access_log, app, worker

        log_to = access_log.open_log(settings.log)
        worker.run(lambda holder: app.make(holder, about, settings, rate, log_to), settings, listening, control)

    def announce() -> None:
        _tell(listening, settings, say, alone=alone, on_disk=bool(base.store))

    served = Served(store, names, aside, base.store)
    return Holder(served, settings, listening, work, files=bool(base.store), announce=announce).run()


def learn(base: Compiled, store: ox.Store) -> About:
    """Learn of a dataset what is told without asking it; processes of their own count it, within limits."""
    names = base.names

    def rows(text: str) -> Iterable[Row]:
        question = Question(b"", text, names.prefixes, names.base, store=base.store)
        try:
            return sandbox.answer(lambda: (lambda _: store, oxigraph.ask), question, Limits(_COUNTING, _COUNTING_MB)).rows
        except KbError:  # it takes too long: large stores go without that part of the description
            return []

    def word(name: str) -> str:
        found = next(store.quads_for_pattern(ox.NamedNode(names.base), ox.NamedNode(name), None), None)
        return found.object.value if found and isinstance(found.object, ox.Literal) else ""

    counts = (base.store and counting.recall(base.store)) or counting.measure(rows)
    if base.store and counts.triples:  # what took too long once would do so at each start
        counting.remember(base.store, counts)
    counts = counts._replace(graphs={iri(each): counts.graphs.get(iri(each), 0) for each in base.graphs})
    content = (base.store.data if base.store else "").encode("utf-8") + base.quads()
    return About(
        names,
        base.about["title"],
        word(f"{DCTERMS}language") or "en",
        word(f"{KB}disclaimer"),
        hashlib.sha256(content).hexdigest()[:16],
        counts,
        named_queries(base),
        _ontology(),
    )


def listen(host: str, port: int) -> socket.socket:
    """Open the socket that clients come in by.

    Raises:
        KbError: It cannot be opened (KB620).
    """
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=512)
    except (OSError, OverflowError) as error:
        why = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
        remedy = (
            "Choose another --port." if getattr(error, "errno", 0) == errno.EADDRINUSE else "Choose another --host or --port."
        )
        raise fail("KB620", f"{host}:{port} cannot be listened at: {why}.", remedy) from error


def _tell(listening: socket.socket, settings: Settings, say: Callable[[str], None], *, alone: bool, on_disk: bool) -> None:
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    say(f"Serving at http://{shown}:{port}/ (SPARQL at http://{shown}:{port}/sparql); stop with Ctrl-C.")
    network = "no network" if alone else "this system allows no network namespace" + _INSTEAD[on_disk]
    files = "no files but the store's" if on_disk else "no files"
    bounds = f"{settings.limit('timeout'):g} seconds, {settings.whole('memory'):,} MB"
    say(f"Each query runs in a process of its own: {network}, {files}, {bounds}.")
    if host not in LOOPBACK:
        say(f"Warning: {host} can be reached by other machines; see docs/threat-model.md before you do that in the open.")


def _ontology() -> list[Triple]:
    data = (resources.schemas() / "ontology.ttl").read_bytes()
    found = ox.parse(data, format=ox.RdfFormat.TURTLE)
    return sorted((str(each.subject), str(each.predicate), str(each.object)) for each in found)
