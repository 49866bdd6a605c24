"""The gateway from requests of clients to the supervisor: rate limit, cancellation, and the outcome for the access log."""

from __future__ import annotations

import asyncio
import time

from starlette.requests import Request

from kb.problems import KbError, fail
from kb.server.http.rate_limit import RateLimit
from kb.server.http.responses import client_address
from kb.server.http.supervisor_client import Reply, SupervisorClient
from kb.server.messages import QueryRequest, QueryResponse
from kb.server.settings import LOOPBACK, ServerSettings


class Gateway:
    """Has the requests of clients answered.

    Args:
        supervisor: The connection to the supervisor.
        rate_limit: How often each client may query.
        settings: The settings.
    """

    def __init__(self, supervisor: SupervisorClient, rate_limit: RateLimit, settings: ServerSettings) -> None:
        self._supervisor, self._rate_limit, self._settings = supervisor, rate_limit, settings

    def count(self, request: Request) -> None:
        """Count a query against the rate limit of its client, whether or not it is answered from the cache.

        Raises:
            KbError: The client has exceeded the limit (KB628).
        """
        client = client_address(request)
        exempt = client in LOOPBACK and not self._settings.rate_all
        if not exempt and not self._rate_limit.allows(client, time.monotonic()):
            message = "You send queries more often than this server allows."
            raise fail("KB628", message, "Wait a second between queries.", "<request>")

    async def send(self, request: Request, query: QueryRequest) -> Reply:
        """Return the answer to a query, unless the client leaves first.

        Raises:
            KbError: The answer is a problem, or the client has closed the connection (KB631).
        """
        sending = asyncio.ensure_future(self._supervisor.send(client_address(request), query))
        leaving = asyncio.ensure_future(_wait_for_disconnect(request))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not sending.done():
                sending.cancel()
                await asyncio.wait({sending})
                raise client_left()
        finally:
            leaving.cancel()
        reply = sending.result()
        log_answer(request, reply.response)
        if reply.response.problem:
            raise KbError([reply.response.problem])
        return reply


def client_left() -> KbError:
    """Return the error for a client that closes its connection too early."""
    message = "The client closed the connection before the response was ready."
    return fail("KB631", message, "Keep the connection open until the response arrives.", "<request>")


def log_answer(request: Request, response: QueryResponse, outcome: str = "") -> None:
    """Note for the access log what is answered."""
    state = request.state
    state.form, state.rows, state.cut, state.outcome = response.form, response.rows, response.cut, outcome


async def _wait_for_disconnect(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
