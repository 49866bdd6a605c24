"""Settings of the server: its limits, with their options and defaults, and the HTTP status of each problem.

The command line, the documentation and the server read these tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from kb.queries.child_process import Limits

#: Addresses that only programs on the same machine can reach.
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class LimitOption(NamedTuple):
    """A limit that the operator can set."""

    name: str  # its name; the option is ``--NAME``
    default: float
    unit: str
    bounds: str  # what it limits
    response: str  # what a client receives that exceeds it

    @property
    def option(self) -> str:
        """Its option on the command line."""
        return f"--{self.name.replace('_', '-')}"

    @property
    def help(self) -> str:
        """Its description on the command line."""
        text = f"{self.bounds[0].upper()}{self.bounds[1:]}"
        return text if self.unit in self.bounds else f"{text}, in {self.unit}"


LIMITS: tuple[LimitOption, ...] = (
    LimitOption("timeout", 10, "seconds", "time for one query, from its start", "504, KB604"),
    LimitOption("patience", 1, "seconds", "time after which a query counts as long", "lower priority, or 503, KB627"),
    LimitOption("memory", 1024, "MB", "memory of one query, in addition to the dataset", "503, KB605"),
    LimitOption("rows", 100_000, "rows or triples", "size of an answer", "an answer marked as cut"),
    LimitOption("bytes_out", 64 << 20, "bytes", "size of an answer before compression", "an answer marked as cut"),
    LimitOption("bytes_in", 1 << 20, "bytes", "body of a request", "413, KB625"),
    LimitOption("query_length", 64 << 10, "characters", "length of a query", "400, KB606"),
    LimitOption("query_depth", 128, "brackets", "nesting of a query", "400, KB606"),
    LimitOption(
        "running",
        4,
        "queries",
        "queries that run at once; twice as many while clients wait whose queries are short",
        "waiting in the queue",
    ),
    LimitOption("long", 4, "queries", "long queries that run at once, in addition and with lower priority", "503, KB627"),
    LimitOption("waiting", 256, "queries", "queries in the queue, in which clients take turns", "503, KB627"),
    LimitOption(
        "rate",
        20,
        "requests a second",
        "requests a second of one client, ten times as many in bursts; 0 for no limit",
        "429, KB628",
    ),
    LimitOption(
        "connections",
        512,
        "connections",
        "open connections of each worker, a sixteenth of them for one client",
        "the connection that has waited longest is closed, or 503, KB627",
    ),
    LimitOption("slow", 15, "seconds", "time to send a request or receive a piece of an answer", "a closed connection, or 408"),
    LimitOption("kept", 32 << 20, "bytes", "response cache of each worker in bytes; 0 for none", "no effect"),
    LimitOption("facts", 50, "facts", "facts listed on one page", "a page with a link to the next one"),
)

#: The HTTP status of each problem (RFC 9110, section 15).
STATUS: Mapping[str, int] = {
    code: status
    for status, codes in (
        (400, ("KB502", "KB602", "KB606", "KB608", "KB622")),
        (403, ("KB603",)),
        (404, ("KB629",)),
        (405, ("KB623",)),
        (406, ("KB624", "KB702")),
        (408, ("KB631",)),
        (413, ("KB625",)),
        (415, ("KB626",)),
        (421, ("KB630",)),
        (429, ("KB628",)),
        (431, ("KB632",)),
        (500, ("KB653",)),
        (503, ("KB605", "KB627")),
        (504, ("KB604",)),
    )
    for code in codes
}


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """How to serve."""

    host: str
    port: int  # the port, or 0 for any free one
    workers: int  # the number of processes that speak HTTP
    base: str  # the IRI that the root of the server stands for
    hosts: tuple[str, ...]  # the host names that the server answers to, or ``*``
    origins: tuple[str, ...]  # the origins whose pages may read answers (CORS), or ``*``
    proxies: tuple[str, ...]  # the addresses of proxies whose ``X-Forwarded-For`` is trusted
    rate_all: bool  # whether ``rate`` applies to clients on this machine, too
    log: str  # where the access log is written: a path, ``-`` for standard error, or nothing
    limits: Mapping[str, float]

    def limit(self, name: str) -> float:
        """Return a limit."""
        return self.limits[name]

    def integer(self, name: str) -> int:
        """Return a limit that counts something."""
        return int(self.limits[name])

    @property
    def query_limits(self) -> Limits:
        """The limits of one query."""
        return Limits(self.limit("timeout"), self.integer("memory"))
