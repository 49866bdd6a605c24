"""Settings of the server: its limits, with their options and defaults, and the HTTP status of each problem.

The command line, the documentation and the server read these tables, which are in ``settings.toml``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
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


_DATA = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
LIMITS = tuple(LimitOption(name, **fields) for name, fields in _DATA["limits"].items())

#: The HTTP status of each problem (RFC 9110, section 15).
STATUS = {code: int(status) for status, codes in _DATA["status"].items() for code in codes}


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
    releases: Mapping[str, Path] = field(default_factory=dict)  # the folders of releases that are served, by version

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
