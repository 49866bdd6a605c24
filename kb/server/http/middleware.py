"""What every request passes on its way in and out: the name of the host, headers that keep browsers safe, the log."""

from __future__ import annotations

import asyncio
import sys
import time
import traceback
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kb.problems import Place, Problem, quote
from kb.server.http import errors
from kb.server.http.access_log import Log
from kb.server.settings import Settings

#: What pages may load (Content Security Policy Level 3): what this server gives, and nothing else.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class Door:
    """Wraps the application.

    Args:
        app: The application.
        settings: Whom to answer.
        log: Where to write of each request.
    """

    def __init__(self, app: ASGIApp, settings: Settings, log: Log) -> None:
        self._app, self._settings, self._log = app, settings, log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in."""
        if scope["type"] != "http":
            return
        began, sent = time.monotonic(), {"status": 0, "bytes": 0}
        scope.setdefault("state", {})

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                sent["status"] = message["status"]
                _secure(MutableHeaders(scope=message))
            else:
                sent["bytes"] += len(message.get("body", b""))
            async with asyncio.timeout(self._settings.limit("slow")):
                await send(message)

        try:
            await self._enter(scope, receive, send_on)
        except TimeoutError:
            scope["state"]["outcome"] = "slow client"
            raise
        except Exception:  # noqa: BLE001 - a fault of ours must not end the server, nor show itself to clients
            traceback.print_exc(file=sys.stderr)
            if not sent["status"]:
                problem = Problem(Place("<request>"), "KB900", "A fault in kb, not in your request.", "Please report it.")
                await errors.respond(problem, Request(scope, receive))(scope, receive, send_on)
        finally:
            self._note(scope, sent, began)

    async def _enter(self, scope: Scope, receive: Receive, send: Send) -> None:
        host = Headers(scope=scope).get("host", "")
        if not self._answers_to(host):
            message = f"This server does not answer to the name {quote(host)}."
            remedy = "Use another of its names; the person who serves can add one with --allow-host."
            request = Request(scope, receive)
            await errors.respond(Problem(Place("<request>"), "KB630", message, remedy), request)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _answers_to(self, host: str) -> bool:
        """Tell whether a Host header names this server; others are how DNS rebinding gets at servers on loopback."""
        if "*" in self._settings.hosts:
            return True
        name = host.rpartition("]")[0].lstrip("[") if host.startswith("[") else host.partition(":")[0]
        return name.lower().rstrip(".") in self._settings.hosts

    def _note(self, scope: Scope, sent: dict[str, int], began: float) -> None:
        state: dict[str, Any] = scope["state"]
        client = scope["client"][0] if scope.get("client") else ""
        self._log.write(
            client=client,
            method=scope["method"],
            path=scope["path"][:200],
            status=sent["status"],
            milliseconds=round((time.monotonic() - began) * 1000, 1),
            bytes=sent["bytes"],
            **{name: state[name] for name in ("query", "form", "rows", "cut") if state.get(name)},
            outcome=state.get("outcome") or ("ok" if sent["status"] < 400 else "error"),
        )


def _secure(headers: MutableHeaders) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "no-referrer"
    headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if headers.get("content-type", "").startswith("text/html"):
        headers.setdefault("Content-Security-Policy", POLICY)
        headers["X-Frame-Options"] = "DENY"
