"""A store as ``kb push`` sees it: count, read, replace and remove graphs, in the way of its profile."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import IO, Any, cast
from urllib.parse import quote, urlencode

import httpx

from kb.files.sorting import SortedFile, SortedFiles
from kb.problems import KbError
from kb.push.client import Body, Client
from kb.push.comparison import statement
from kb.push.profiles import Profile
from kb.rdf.quads import iri_value

_RESULTS = "application/sparql-results+json"
_TRIPLES = "application/n-triples, text/turtle;q=0.5, text/plain;q=0.3"
_SMALLEST_PART = 1 << 20


class Store:
    """A running store.

    Args:
        client: The connection.
        profile: How to speak to it.
        query_url: Where queries go, if other than the profile says.
    """

    def __init__(self, client: Client, profile: Profile, query_url: str = "") -> None:
        self._client, self._profile = client, profile
        own = None if profile.query is None else client.address + profile.query
        self._query_url = query_url or own

    @property
    def answers(self) -> bool:
        """Whether queries can be asked of it."""
        return self._query_url is not None

    def count(self, graph: str) -> int:
        """Count the statements of a graph by a query; the graph is a term.

        Raises:
            KbError: As :meth:`Client.send`.
        """
        rows = self._select(f"SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH {graph} {{ ?s ?p ?o }} }}", "n")
        if len(rows) != 1 or not rows[0].isdecimal():
            raise self._client.misunderstood("It does not answer a count with a number.")
        return int(rows[0])

    def graphs(self, start: str) -> list[str]:
        """Name, as terms, the graphs whose IRI begins so.

        Raises:
            KbError: As :meth:`Client.send`.
        """
        query = f'SELECT DISTINCT ?g WHERE {{ GRAPH ?g {{ ?s ?p ?o }} FILTER(STRSTARTS(STR(?g), "{start}")) }}'
        return [f"<{each}>" for each in self._select(query, "g")]

    def _select(self, query: str, variable: str) -> list[str]:
        def take(response: httpx.Response) -> list[str]:
            if response.status_code == HTTPStatus.NOT_FOUND:
                raise self._client.misunderstood("There is nothing at the address where queries go.")
            try:
                rows: Any = json.loads(self._client.text(response))["results"]["bindings"]
                return [str(row[variable]["value"]) for row in rows]
            except (ValueError, KeyError, TypeError):
                raise self._client.misunderstood("It does not answer a query with JSON results of SPARQL.") from None

        url = f"{self._query_url}?{urlencode({'query': query})}"
        return self._client.send("GET", url, take, {"Accept": _RESULTS})

    def read(self, graph: str, spool: SortedFiles) -> SortedFile:
        """Read a graph, sorted; one that is not there has no statements.

        Raises:
            KbError: As :meth:`Client.send`.
        """

        def take(response: httpx.Response) -> SortedFile:
            absent = response.status_code == HTTPStatus.NOT_FOUND
            return spool.sort(() if absent else self._lines(response))

        operation = self._profile.graphs.read
        if operation:
            method, url = self._operation(operation, graph)
        else:
            construct = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH {graph} {{ ?s ?p ?o }} }}"
            method, url = "GET", f"{self._query_url}?{urlencode({'query': construct})}"
        return self._client.send(method, url, take, {"Accept": _TRIPLES})

    def _lines(self, response: httpx.Response) -> Iterator[bytes]:
        """Give what comes back line by line: N-Triples as they are, which mostly are as they were sent."""
        import pyoxigraph as ox

        kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        file = _File(self._client.flow(response))
        if kind in {ox.RdfFormat.N_TRIPLES.media_type, "text/plain"}:
            yield from (line for line in file.lines() if line.strip() and line[:1] != b"#")
            return
        fmt = ox.RdfFormat.from_media_type(kind)
        if fmt is None:
            raise self.misunderstood()
        try:
            for each in ox.parse(cast("IO[bytes]", file), format=fmt):
                yield statement(each.subject, each.predicate, each.object)
        except SyntaxError:
            raise self.misunderstood() from None

    def misunderstood(self) -> KbError:
        """Make the problem of a graph that comes back as something else."""
        return self._client.misunderstood("What it gives back of a graph is not RDF.")

    def replace(self, graph: str, ours: SortedFile, sent: Callable[[int], None]) -> None:
        """Put our graph in the place of the one that is there: in one request, or in parts if it is large.

        Raises:
            KbError: As :meth:`Client.send`.
        """
        size = self._profile.part
        while not self._replace(graph, ours, size, sent):
            size //= 4
            if size < _SMALLEST_PART:
                raise self._client.refused("It takes no bodies of a mebibyte.", "Raise the limit in its configuration.")

    def _replace(self, graph: str, ours: SortedFile, size: int, sent: Callable[[int], None]) -> bool:
        """Do so in parts of a size; tell whether the store took parts so large."""
        operations = self._profile.graphs
        if not operations.replace:
            self.remove(graph)
        for number, (start, length) in enumerate(_parts(ours, size)):
            operation = operations.replace if operations.replace and not number else operations.add
            body = Body(ours, start, length, gzip=self._profile.gzip, sent=sent)
            method, url = self._operation(operation, graph)
            if not self._client.send(method, url, self._taken, {"Content-Type": self._profile.media_type}, body):
                return False
        return True

    def _taken(self, response: httpx.Response) -> bool:
        if response.status_code == HTTPStatus.NOT_FOUND:
            raise self._client.refused("There is nothing at the address where graphs go.", "Check the address and --profile.")
        return response.status_code != HTTPStatus.REQUEST_ENTITY_TOO_LARGE

    def remove(self, graph: str) -> None:
        """Remove a graph; one that is not there is removed already.

        Raises:
            KbError: As :meth:`Client.send`.
        """
        method, url = self._operation(self._profile.graphs.remove, graph)
        self._client.send(method, url, lambda _: None)

    def _operation(self, operation: str, graph: str) -> tuple[str, str]:
        method, path = operation.split(" ", 1)
        return method, self._client.address + path.replace("{graph}", quote(iri_value(graph), safe=""))


class _File:
    """Pieces of bytes as the file that a parser reads."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest = pieces, b""

    def read(self, size: int = -1) -> bytes:
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._rest = piece
        size = len(self._rest) if size < 0 else size
        given, self._rest = self._rest[:size], self._rest[size:]
        return given

    def lines(self) -> Iterator[bytes]:
        rest = b""
        for piece in self._pieces:
            *whole, rest = (rest + piece).split(b"\n")
            yield from (b"%b\n" % line for line in whole)
        yield from [b"%b\n" % rest] if rest else []


def _parts(ours: SortedFile, size: int) -> Iterator[tuple[int, int]]:
    """Cut a graph between its lines into parts, as start and length; an empty graph is one empty part."""
    start = end = 0
    if ours.size > size:
        for line in ours.lines():
            if end > start and end + len(line) - start > size:
                yield start, end - start
                start = end
            end += len(line)
    yield start, ours.size - start
