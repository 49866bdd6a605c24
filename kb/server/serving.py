"""Serving a knowledge base: what is read beforehand, in which order rights are given up, and who does what."""

from __future__ import annotations

import errno
import hashlib
import os
import socket
from collections.abc import Callable
from importlib.metadata import version
from typing import NoReturn

import pyoxigraph as ox

from kb import description, resources
from kb.answers import Question
from kb.asking import Compiled, named_queries
from kb.description import Triple
from kb.iris import DCTERMS, KB
from kb.problems import fail
from kb.quads import Quad, iri, literal_value
from kb.server import answerer, isolation, libraries
from kb.server.about import About
from kb.server.answerer import Served
from kb.server.holder import Holder
from kb.server.settings import LOOPBACK, Settings
from kb.stores import oxigraph


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
    alone = isolation.leave_network()
    data = base.quads()
    about = learn(base, data)
    graph = base.names.graph("service")
    told = "".join(f"{' '.join(triple)} <{graph}> .\n" for triple in about.service(base.names.base))
    store = oxigraph.load(Question(data + told.encode("utf-8"), "", base.names.prefixes, base.names.base))
    answerer.prepare(oxigraph.load, oxigraph.ask, settings)

    def work(listening: socket.socket, control: socket.socket) -> NoReturn:
        from kb.server import app, front, log  # noqa: PLC0415 - the holder itself stays free of the web

        log_to = log.open_log(settings.log)
        front.run(lambda holder: app.make(holder, about, settings, log_to), settings, listening, control)

    def announce() -> None:
        _tell(listening, settings, say, alone=alone)

    served = Served(store, oxigraph.ask, base.names)
    return Holder(served, settings, listening, work, files=False, announce=announce).run()


def learn(base: Compiled, data: bytes) -> About:
    """Learn of a dataset what is told without asking it."""
    parsed = ox.parse(data, format=ox.RdfFormat.N_QUADS)
    quads = [Quad(str(each.subject), str(each.predicate), str(each.object), str(each.graph_name)) for each in parsed]
    words = {quad.predicate: quad.object for quad in quads if quad.subject == iri(base.names.base)}

    def word(name: str) -> str:
        found = words.get(iri(name), "")
        return literal_value(found).value if found.startswith('"') else ""

    return About(
        base.names,
        base.about["title"],
        word(f"{DCTERMS}language") or "en",
        word(f"{KB}disclaimer"),
        version("linked-kb"),
        hashlib.sha256(data).hexdigest()[:16],
        description.count(quads),
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


def _tell(listening: socket.socket, settings: Settings, say: Callable[[str], None], *, alone: bool) -> None:
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    say(f"Serving at http://{shown}:{port}/ (SPARQL at http://{shown}:{port}/sparql); stop with Ctrl-C.")
    network = "no network" if alone else "no new connections (this system allows no network namespace)"
    say(f"Each query runs in a process of its own: {network}, no files, {settings.limit('timeout'):g} seconds, "
        f"{settings.whole('memory'):,} MB.")  # fmt: skip
    if host not in LOOPBACK:
        say(f"Warning: {host} can be reached by other machines; see docs/threat-model.md before you do that in the open.")


def _ontology() -> list[Triple]:
    data = (resources.schemas() / "ontology.ttl").read_bytes()
    found = ox.parse(data, format=ox.RdfFormat.TURTLE)
    return sorted((str(each.subject), str(each.predicate), str(each.object)) for each in found)
