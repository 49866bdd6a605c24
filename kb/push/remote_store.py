"""A running store as ``kb push`` uses it: count, read, replace and remove graphs, by the operations of its profile."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from http import HTTPStatus
from io import BufferedReader, RawIOBase
from typing import Any
from urllib.parse import quote, urlencode

import pyoxigraph as ox

from kb.files.sorting import SortedFile, SortedFiles
from kb.http_client import HttpResponse
from kb.problems import KbError
from kb.push.client import Body, StoreClient
from kb.push.comparison import write_statement
from kb.push.profiles import Profile
from kb.rdf.quads import iri_value

_RESULTS = "application/sparql-results+json"
_TRIPLES = "application/n-triples, text/turtle;q=0.5, text/plain;q=0.3"
_MAX_RESULTS = 16 << 20  # bytes
_MIN_PART = 1 << 20  # bytes


class RemoteStore:
    """A running store."""

    def __init__(self, client: StoreClient, profile: Profile, query_url: str = "") -> None:
        self._client, self._profile = client, profile
        self._query_url = query_url or (None if profile.query is None else client.address + profile.query)

    @property
    def has_queries(self) -> bool:
        """Whether the address for queries is known."""
        return self._query_url is not None

    def count(self, graph: str) -> int:
        """Count the statements of a graph by a query; the graph is a term.

        Raises:
            KbError: As :meth:`StoreClient.send`.
        """
        rows = self._select(f"SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH {graph} {{ ?s ?p ?o }} }}", "n")
        if len(rows) != 1 or not rows[0].isdecimal():
            raise self._client.unexpected("The store does not answer a count with a number.")
        return int(rows[0])

    def graphs(self, start: str) -> list[str]:
        """Return, as terms, the graphs whose IRI starts with a text.

        Raises:
            KbError: As :meth:`StoreClient.send`.
        """
        query = f'SELECT DISTINCT ?g WHERE {{ GRAPH ?g {{ ?s ?p ?o }} FILTER(STRSTARTS(STR(?g), "{start}")) }}'
        return [f"<{graph}>" for graph in self._select(query, "g")]

    def _select(self, query: str, variable: str) -> list[str]:
        def read(response: HttpResponse) -> list[str]:
            if response.status == HTTPStatus.NOT_FOUND:
                raise self._client.unexpected("There is nothing at the address for queries.")
            try:
                rows: Any = json.loads(response.read(_MAX_RESULTS))["results"]["bindings"]
                return [str(row[variable]["value"]) for row in rows]
            except (ValueError, KeyError, TypeError):
                raise self._client.unexpected("The store does not answer a query with SPARQL results in JSON.") from None

        url = f"{self._query_url}?{urlencode({'query': query})}"
        return self._client.send("GET", url, read, {"Accept": _RESULTS})

    def read(self, graph: str, files: SortedFiles) -> SortedFile:
        """Read a graph and sort its statements; a graph that does not exist has none.

        Raises:
            KbError: As :meth:`StoreClient.send`.
        """

        def read(response: HttpResponse) -> SortedFile:
            return files.sort(() if response.status == HTTPStatus.NOT_FOUND else self._lines(response))

        operation = self._profile.graphs.read
        if operation:
            method, url = self._request_line(operation, graph)
        else:
            construct = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH {graph} {{ ?s ?p ?o }} }}"
            method, url = "GET", f"{self._query_url}?{urlencode({'query': construct})}"
        return self._client.send(method, url, read, {"Accept": _TRIPLES})

    def _lines(self, response: HttpResponse) -> Iterator[bytes]:
        """Yield the lines of a graph: N-Triples as they arrive, since most of them are as they were sent."""
        file = BufferedReader(_ResponseFile(response.pieces()))
        if response.media_type in {ox.RdfFormat.N_TRIPLES.media_type, "text/plain"}:
            yield from (b"%b\n" % line.removesuffix(b"\n") for line in file if line.strip() and line[:1] != b"#")
            return
        fmt = ox.RdfFormat.from_media_type(response.media_type)
        if fmt is None:
            raise self.not_rdf()
        try:
            for quad in ox.parse(file, format=fmt):
                yield write_statement(quad.subject, quad.predicate, quad.object)
        except SyntaxError:
            raise self.not_rdf() from None

    def not_rdf(self) -> KbError:
        """Return the error for a graph that the store returns as something else."""
        return self._client.unexpected("The graph that the store returns is not RDF.")

    def replace(self, graph: str, ours: SortedFile, sent: Callable[[int], None]) -> None:
        """Replace a graph by ours: in one request, or in parts if it is large.

        Raises:
            KbError: As :meth:`StoreClient.send`.
        """
        size = self._profile.part
        while not self._replace_in_parts(graph, ours, size, sent):
            size //= 4
            if size < _MIN_PART:
                raise self._client.refused("The store refuses bodies of one mebibyte.", "Raise the limit in its configuration.")

    def _replace_in_parts(self, graph: str, ours: SortedFile, size: int, sent: Callable[[int], None]) -> bool:
        """Replace a graph in parts of a size; return whether the store accepts parts of that size."""
        operations = self._profile.graphs
        if not operations.replace:
            self.remove(graph)
        for number, (start, length) in enumerate(_parts(ours, size)):
            operation = operations.replace if operations.replace and not number else operations.add
            body = Body(ours, start, length, gzip=self._profile.gzip, sent=sent)
            method, url = self._request_line(operation, graph)
            if not self._client.send(method, url, self._is_accepted, {"Content-Type": self._profile.media_type}, body):
                return False
        return True

    def _is_accepted(self, response: HttpResponse) -> bool:
        if response.status == HTTPStatus.NOT_FOUND:
            raise self._client.refused("There is nothing at the address for graphs.", "Check the address and --profile.")
        return response.status != HTTPStatus.REQUEST_ENTITY_TOO_LARGE

    def remove(self, graph: str) -> None:
        """Remove a graph, if it exists.

        Raises:
            KbError: As :meth:`StoreClient.send`.
        """
        method, url = self._request_line(self._profile.graphs.remove, graph)
        self._client.send(method, url, lambda _: None)

    def _request_line(self, operation: str, graph: str) -> tuple[str, str]:
        method, path = operation.split(" ", 1)
        return method, self._client.address + path.replace("{graph}", quote(iri_value(graph), safe=""))


class _ResponseFile(RawIOBase):
    """Pieces of bytes as a file."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest = pieces, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._rest = self._rest or next(filter(None, self._pieces), b"")
        size = min(len(buffer), len(self._rest))
        buffer[:size], self._rest = self._rest[:size], self._rest[size:]
        return size


def _parts(ours: SortedFile, size: int) -> Iterator[tuple[int, int]]:
    """Yield the parts of a graph, cut between lines, as start and length; an empty graph is one empty part."""
    start = end = 0
    if ours.size > size:
        for line in ours.lines():
            if end > start and end + len(line) - start > size:
                yield start, end - start
                start = end
            end += len(line)
    yield start, ours.size - start
