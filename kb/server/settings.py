"""What a server may cost and whom it answers: tables that the command line, the docs and the server read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

#: Addresses that only programs on the same machine can reach.
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Limit(NamedTuple):
    """A limit that the person who serves can set.

    Args:
        name: Its name; the option is ``--NAME``.
        default: Its value unless set.
        unit: What it counts.
        what: What it bounds.
        met: What a client sees that meets it.
    """

    name: str
    default: float
    unit: str
    what: str
    met: str

    @property
    def option(self) -> str:
        """Its option on the command line."""
        return f"--{self.name.replace('_', '-')}"

    @property
    def help(self) -> str:
        """What it is, for the command line."""
        what = f"{self.what[0].upper()}{self.what[1:]}"
        return what if self.unit in what else f"{what}, in {self.unit}"


LIMITS: tuple[Limit, ...] = (
    Limit("timeout", 10, "seconds", "time for one query, from its start", "504, KB604"),
    Limit(
        "patience", 1, "seconds", "time after which a query moves to the lane for long ones", "503, KB627, if that lane is full"
    ),
    Limit("memory", 1024, "MB", "memory of one query, beyond what the dataset takes", "503, KB605"),
    Limit("rows", 100_000, "rows or triples", "size of an answer", "an answer that says that it is cut"),
    Limit(
        "bytes_out",
        64 << 20,
        "bytes",
        "size of an answer as it is written, before compression",
        "an answer that says that it is cut",
    ),
    Limit("bytes_in", 1 << 20, "bytes", "body of a request", "413, KB625"),
    Limit("query_length", 64 << 10, "characters", "length of a query", "400, KB606"),
    Limit("query_depth", 128, "brackets", "nesting of a query", "400, KB606"),
    Limit("running", 4, "queries", "queries that run at once", "waiting in the queue"),
    Limit("long", 4, "queries", "long queries that run at once, beside the others and with lower priority", "503, KB627"),
    Limit("waiting", 256, "queries", "queries in the queue; clients take turns", "503, KB627"),
    Limit(
        "rate",
        20,
        "queries a second",
        "queries run for one client, in bursts of up to ten times that; 0 for no bound",
        "429, KB628",
    ),
    Limit("connections", 512, "connections", "open connections of each worker", "503"),
    Limit("slow", 15, "seconds", "time to send a request, and to take each piece of an answer", "a closed connection, or 408"),
    Limit("kept", 32 << 20, "bytes", "answers that each worker keeps for those who ask the same again; 0 for none", "nothing"),
    Limit("facts", 50, "facts", "facts on a page of a thing", "a page that leads to the next"),
)

#: Which status a problem has (RFC 9110, section 15).
STATUS: Mapping[str, int] = {
    "KB502": 400,
    "KB602": 400,
    "KB603": 403,
    "KB604": 504,
    "KB605": 503,
    "KB606": 400,
    "KB608": 400,
    "KB622": 400,
    "KB623": 405,
    "KB624": 406,
    "KB625": 413,
    "KB626": 415,
    "KB627": 503,
    "KB628": 429,
    "KB629": 404,
    "KB630": 421,
    "KB631": 408,
    "KB653": 500,
    "KB702": 406,
}


class Settings(NamedTuple):
    """How to serve.

    Args:
        host: The address to listen at.
        port: The port, or 0 for one that is free.
        workers: How many processes speak to clients.
        base: The IRI that the root of the server stands for.
        hosts: The names under which clients may address it, or ``*``.
        origins: The origins whose pages may read answers, or ``*``.
        proxies: The addresses of proxies whose word on the client is taken.
        rate_all: Whether clients on this machine are held to the rate, too.
        log: Where the access log goes: a path, ``-`` for standard error, or nothing.
        limits: The limits, by name.
    """

    host: str
    port: int
    workers: int
    base: str
    hosts: tuple[str, ...]
    origins: tuple[str, ...]
    proxies: tuple[str, ...]
    rate_all: bool
    log: str
    limits: Mapping[str, float]

    def limit(self, name: str) -> float:
        """Give a limit."""
        return self.limits[name]

    def whole(self, name: str) -> int:
        """Give a limit that counts something."""
        return int(self.limits[name])


def defaults() -> dict[str, float]:
    """Give every limit as it is unless set."""
    return {each.name: each.default for each in LIMITS}
