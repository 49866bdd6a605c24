"""Middleware of every request: rate limit, check of the host name, security headers, time limit for sending, access log."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
import traceback
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kb.problems import Place, Problem, quote
from kb.server.http import errors
from kb.server.http.rate_limit import EXCEEDED, PENALTY, Quota
from kb.server.settings import ServerSettings

# What pages may load (Content Security Policy Level 3): what this server sends, and nothing else.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def query_page_policy(*, has_editor: bool) -> str:
    """Return the Content Security Policy of the query page, whose editor sets styles inline."""
    return _POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'") if has_editor else _POLICY


class AccessLog:
    """Writes a line of JSON for each request, at once, so that lines of several workers do not mix.

    It has the digest of a query instead of its text.

    Args:
        target: A path, ``-`` for standard error, or nothing to write no log.
    """

    def __init__(self, target: str) -> None:
        self._descriptor = None
        if target:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
            self._descriptor = sys.stderr.fileno() if target == "-" else os.open(target, flags, 0o640)

    def write(self, **fields: Any) -> None:
        """Write a line with the time and these fields."""
        if self._descriptor is None:
            return
        line = json.dumps({"time": datetime.now(UTC).isoformat(timespec="milliseconds"), **fields}) + "\n"
        with suppress(OSError):  # a full disk must not keep clients from their answers
            os.write(self._descriptor, line.encode("ascii"))


class RequestMiddleware:
    """Wraps the application."""

    def __init__(self, app: ASGIApp, settings: ServerSettings, quota: Quota) -> None:
        self._app, self._settings, self._quota, self._log = app, settings, quota, AccessLog(settings.log)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if scope["type"] != "http":
            return
        begun, sent, received = time.monotonic(), {"status": 0, "bytes": 0}, 0
        scope.setdefault("state", {})

        async def receive_on() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            return message

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                sent["status"] = message["status"]
                _add_security_headers(MutableHeaders(scope=message), is_shared=bool(self._settings.origins))
            else:
                sent["bytes"] += len(message.get("body", b""))
            async with asyncio.timeout(self._settings.limit("slow")):
                await send(message)

        try:
            await self._handle(scope, receive_on, send_on)
        except TimeoutError:
            scope["state"]["outcome"] = "slow client"
            raise
        except Exception:  # noqa: BLE001 - a fault in kb must neither end the server nor be shown to clients
            traceback.print_exc(file=sys.stderr)
            if not sent["status"]:
                problem = Problem(Place("<request>"), "KB900", "This is a fault in kb, not in your request.", "Please report it.")
                await errors.respond(problem, Request(scope, receive))(scope, receive, send_on)
        finally:
            self._quota.charge(_client(scope), received=received, sent=sent["bytes"])
            self._write_log(scope, sent, begun)

    async def _handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._quota.allows(_client(scope)):
            await asyncio.sleep(PENALTY)
            await errors.respond(EXCEEDED, Request(scope, receive))(scope, receive, send)
            return
        host = Headers(scope=scope).get("host", "")
        if self._is_known_host(host):
            await self._app(scope, receive, send)
            return
        message = f"This server is not called {quote(host)}."
        remedy = "Use one of its names; its operator can add a name with --allow-host."
        response = errors.respond(Problem(Place("<request>"), "KB630", message, remedy), Request(scope, receive))
        await response(scope, receive, send)

    def _is_known_host(self, host: str) -> bool:
        """Return whether a Host header names this server; DNS rebinding attacks servers on loopback by other names."""
        if "*" in self._settings.hosts:
            return True
        name = host.rpartition("]")[0].lstrip("[") if host.startswith("[") else host.partition(":")[0]
        return name.lower().rstrip(".") in self._settings.hosts

    def _write_log(self, scope: Scope, sent: dict[str, int], begun: float) -> None:
        state = scope["state"]
        self._log.write(
            client=_client(scope),
            method=scope["method"],
            path=scope["path"][:200],
            status=sent["status"],
            milliseconds=round((time.monotonic() - begun) * 1000, 1),
            bytes=sent["bytes"],
            **{name: state[name] for name in ("query", "form", "rows", "cut") if state.get(name)},
            outcome=state.get("outcome") or ("ok" if sent["status"] < 400 else "error"),
        )


def _client(scope: Scope) -> str:
    return scope["client"][0] if scope.get("client") else ""


def _add_security_headers(headers: MutableHeaders, *, is_shared: bool) -> None:
    headers.update(errors.SECURITY_HEADERS)
    if is_shared:
        headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if headers.get("content-type", "").startswith("text/html"):
        headers.setdefault("Content-Security-Policy", _POLICY)
        headers["X-Frame-Options"] = "DENY"
