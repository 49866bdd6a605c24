"""The worker: a process that speaks HTTP with clients. It never opens the store, and has each query answered elsewhere."""

from __future__ import annotations

import asyncio
import os
import socket
from typing import Any, NoReturn

import uvicorn
from starlette.types import ASGIApp

from kb.server import messages
from kb.server.http.connection import Connection
from kb.server.settings import ServerSettings

_MAX_REQUEST_LINE = 256 << 10  # bytes: a query of 64 KiB can take three times that in a URL


def run(app: ASGIApp, settings: ServerSettings, listening: socket.socket, control: socket.socket) -> NoReturn:
    """Serve HTTP until a signal stops the process, or until the supervisor has ended."""
    protocol = type("Connection", (Connection,), {"slow": settings.limit("slow")})
    config: Any = uvicorn.Config(
        app,
        http=protocol,
        ws="none",
        lifespan="off",
        loop="asyncio",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=bool(settings.proxies),
        forwarded_allow_ips=list(settings.proxies),
        limit_concurrency=settings.integer("connections"),
        timeout_keep_alive=int(settings.limit("slow")),
        timeout_graceful_shutdown=3,
        h11_max_incomplete_event_size=_MAX_REQUEST_LINE,
    )
    control.send(b"\0" * messages.TICKET)  # a ticket without a socket reports that the worker is ready
    asyncio.run(_serve(uvicorn.Server(config), listening, control))
    os._exit(0)


async def _serve(server: uvicorn.Server, listening: socket.socket, control: socket.socket) -> None:
    def stop() -> None:  # the supervisor never writes: the socket is readable only when the supervisor has ended
        asyncio.get_running_loop().remove_reader(control)
        server.should_exit = True

    asyncio.get_running_loop().add_reader(control, stop)
    await server.serve(sockets=[listening])
