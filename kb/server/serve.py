"""Serve a knowledge base: which rights are given up in which order, and which process does what."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable
from importlib.util import find_spec
from typing import NoReturn

from kb.problems import describe_size, fail
from kb.queries import Compiled
from kb.queries.child_process import leave_network
from kb.server.http.quota import Quota
from kb.server.processes.loaded_dataset import load_dataset
from kb.server.processes.query_process import warm_up
from kb.server.processes.supervisor import Supervisor
from kb.server.settings import LOOPBACK, ServerSettings

_LIBRARIES = ("h11", "starlette", "uvicorn")  # the extra 'server'


def serve(base: Compiled, settings: ServerSettings, report: Callable[[str], None]) -> bool:
    """Serve a knowledge base until a signal stops the server; return whether all workers could start.

    The function ``report`` receives the address of the server, and how queries are isolated.

    Raises:
        KbError: The address cannot be used (KB620), or a library is missing (KB713).
    """
    require_libraries()
    listening = listen(settings.host, settings.port)
    has_namespace = leave_network()
    loaded, served = load_dataset(base)
    warm_up(settings)
    quota = Quota(settings.limit("rate"), () if settings.rate_all else LOOPBACK)

    def work(listening: socket.socket, control: socket.socket) -> NoReturn:
        from kb.server.http import app, worker  # in the worker alone: the supervisor never imports a web library

        worker.run(app.make_app(control, served, settings, quota), settings, quota, listening, control)

    def announce() -> None:
        for line in _announcements(listening, settings, has_namespace=has_namespace, store_on_disk=base.store is not None):
            report(line)

    return Supervisor(loaded, settings, listening, work, announce).run()


def require_libraries() -> None:
    """Check that the libraries of the extra ``server`` are installed.

    Raises:
        KbError: One is missing (KB713).
    """
    missing = [name for name in _LIBRARIES if find_spec(name) is None]
    if missing:
        message = f"kb serve needs libraries that are not installed: {', '.join(missing)}."
        raise fail("KB713", message, "Install them: pip install 'linked-kb[server]'.")


def listen(host: str, port: int) -> socket.socket:
    """Open the socket on which clients connect.

    Raises:
        KbError: It cannot be opened (KB620).
    """
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=512)
    except (OSError, OverflowError) as error:
        number = getattr(error, "errno", None)
        reason = os.strerror(number) if number else str(error)
        remedy = "Choose another --port." if number == errno.EADDRINUSE else "Choose another --host or --port."
        raise fail("KB620", f"The server cannot listen on {host}:{port}: {reason}.", remedy) from error


def _announcements(listening: socket.socket, settings: ServerSettings, *, has_namespace: bool, store_on_disk: bool) -> list[str]:
    """Return the messages at startup: the address, the isolation of queries, and a warning if other machines can reach it."""
    address, port = listening.getsockname()[:2]
    host = f"[{address}]" if ":" in address else address
    if has_namespace:
        network = "no network"
    elif store_on_disk:
        network = "no network namespace on this system, so that only the check of the query refuses SERVICE"
    else:
        network = "no network namespace on this system, so that sockets are refused one by one"
    files = "no files but the store's" if store_on_disk else "no files"
    limits = settings.query_limits
    memory = describe_size(limits.megabytes << 20)
    lines = [
        f"Serving at http://{host}:{port}/ (SPARQL at http://{host}:{port}/sparql); stop with Ctrl-C.",
        f"Each query runs in a process of its own: {network}, {files}, {limits.seconds:g} seconds, {memory}.",
    ]
    if address not in LOOPBACK:
        lines.append(f"Warning: other machines can reach {address}; read docs/threat-model.md before you expose the server.")
    return lines
