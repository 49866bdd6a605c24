"""A running store as ``kb push`` uses it: count, read, replace and remove graphs, by the operations of its profile.

The policy for redirects, TLS, time and retries is that of :mod:`kb.http_client`. Failures become problems without credentials.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from io import BufferedReader
from typing import TypeVar
from urllib.parse import quote, urlencode

import httpx
import pyoxigraph as ox

from kb.files.sorting import PiecesFile, SortedFile, SortedFiles
from kb.http_client import Auth, HttpClient, HttpError, HttpRequest, HttpResponse, RequestPolicy
from kb.problems import KbError, fail
from kb.push.comparison import write_statement
from kb.push.credentials import Credentials
from kb.push.profiles import Profile
from kb.rdf.quads import iri_value
from kb.sparql.engines.remote import FIND_NAMED_STATEMENT, FIND_STATEMENT, RemoteResponse, parse
from kb.sparql.result_formats import plain_text
from kb.sparql.values import EngineError

Result = TypeVar("Result")

_RESULTS = "application/sparql-results+json"
_TRIPLES = "application/n-triples, text/turtle;q=0.5, text/plain;q=0.3"
_MAX_RESULTS = 16 << 20  # bytes
_MIN_PART = 1 << 20  # bytes
_PIECE = 64 << 10  # bytes
_LONGEST_LINE = 64 << 20  # bytes of a statement that a store returns
_LARGEST_GRAPH, _ESCAPED = 64 << 20, 4  # bytes of a graph that a store returns, and how many times larger it may be than ours
_IRI = re.compile(r'[^\x00-\x20<>"{}|^`\\]+')
_DEFAULT_POLICY = RequestPolicy()
_FAILURES = {
    "unreachable": ("KB754", "Check the address and that the store is running; then push again."),
    "untrusted": ("KB754", "Renew it; if its authority is your own, name the authority's file in SSL_CERT_FILE."),
    "timeout": ("KB754", "Check that the store is running, or allow more with --timeout; then push again."),
    "redirect": ("KB757", "If you trust that address, push to it instead."),
    "status": ("KB755", "Read the reason there and in the log of the store; check --profile."),
    "too large": ("KB756", "Check that the address is that of a store."),
    "invalid": ("KB756", "Check that the address is that of a store."),
}


@dataclass(frozen=True, slots=True)
class PushTarget:
    """Where a knowledge base is pushed to."""

    address: str  # the checked address of the store
    profile: Profile
    credentials: Credentials
    query_url: str = ""  # where queries are sent, if not where the profile says
    policy: RequestPolicy = _DEFAULT_POLICY  # the time limit and the attempts
    buffered: int = 64 << 20  # how many bytes of statements to hold in memory


class Body:
    """The body of a request: a part of a sorted file, which can be sent several times."""

    def __init__(self, graph: SortedFile, start: int, size: int, *, gzip: bool, sent: Callable[[int], None]) -> None:
        self._path, self._start, self._size, self._gzip, self._sent = graph.path, start, size, gzip, sent

    @property
    def headers(self) -> dict[str, str]:
        """Its headers: the encoding if it is compressed and sent in chunks, else the length, which some stores need."""
        return {"Content-Encoding": "gzip"} if self._gzip else {"Content-Length": str(self._size)}

    def __iter__(self) -> Iterator[bytes]:
        compressor = zlib.compressobj(6, wbits=31) if self._gzip else None
        with self._path.open("rb") as file:
            file.seek(self._start)
            left = self._size
            while piece := file.read(min(_PIECE, left)):
                left -= len(piece)
                if data := compressor.compress(piece) if compressor else piece:
                    yield data
                self._sent(len(piece))
        if compressor:
            yield compressor.flush()


class RemoteStore(HttpClient):
    """A connection to a running store.

    Its methods raise KbError where the credentials are refused (KB753), or where the store cannot be reached (KB754), refuses the
    request (KB755), returns what cannot be understood (KB756), or redirects to another server (KB757).
    """

    def __init__(self, target: PushTarget, report: Callable[[str], None]) -> None:
        self._address, self._profile, self._credentials = target.address, target.profile, target.credentials
        self._query_url = target.query_url or (None if self._profile.query is None else self._address + self._profile.query)
        super().__init__(self._address, target.policy, _auth(self._credentials), self._credentials.hide, report)

    def _send(
        self,
        request_line: tuple[str, str],
        read: Callable[[HttpResponse], Result],
        headers: Mapping[str, str],
        body: Body | bytes | None = None,
    ) -> Result:
        """Send a request, given as its method and complete address.

        ``read`` reads the response: of success, 404, or 413 for a request with a body. It may be called again.
        """
        try:
            return self.send(HttpRequest(*request_line, headers, body, (404, 413) if body else (404,)), read)
        except HttpError as error:
            code, remedy = _FAILURES[error.kind]
            if error.status in {401, 403, 407}:
                code, remedy = "KB753", "Check --auth, --user, the secret in the environment, and that the user may write."
            failure = self._failure(code, error.message, remedy)
        raise failure

    def _failure(self, code: str, message: str, remedy: str) -> KbError:
        return fail(code, self._credentials.hide(message), self._credentials.hide(remedy), self._address)

    def _unexpected_error(self, message: str) -> KbError:
        """Return the error for a response that is not what was requested."""
        return self._failure("KB756", message, "Check the address and --profile.")

    @property
    def has_queries(self) -> bool:
        """Whether the address for queries is known."""
        return self._query_url is not None

    def count(self, graph: str) -> int:
        """Count the statements of a graph by a query; the graph is a term."""
        rows = self._select(f"SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH {graph} {{ ?s ?p ?o }} }}", "n")
        if len(rows) != 1 or not re.fullmatch("[0-9]{1,18}", rows[0]):
            raise self._unexpected_error("The store does not answer a count with a number.")
        return int(rows[0])

    def hides_named_graphs(self) -> bool:
        """Check whether queries that name no graph find nothing, since the default graph is not the union of the others."""
        return not self._select(FIND_STATEMENT, "s") and bool(self._select(FIND_NAMED_STATEMENT, "s"))

    def graphs(self, start: str) -> list[str]:
        """Return, as terms, the graphs whose IRI starts with a text."""
        query = f'SELECT DISTINCT ?g WHERE {{ GRAPH ?g {{ ?s ?p ?o }} FILTER(STRSTARTS(STR(?g), "{start}")) }}'
        graphs = self._select(query, "g")
        if not all(graph.startswith(start) and _IRI.fullmatch(graph) for graph in graphs):
            raise self._unexpected_error("The store names graphs that were not asked for.")
        return [f"<{graph}>" for graph in graphs]

    def _select(self, query: str, variable: str) -> list[str]:
        def read(response: HttpResponse) -> list[str]:
            if response.status == HTTPStatus.NOT_FOUND:
                raise self._unexpected_error("There is nothing at the address for queries.")
            try:
                answer = parse(RemoteResponse(self._address, response.media_type, response.read(_MAX_RESULTS)))
                column = answer.variables.index(variable)
                return [plain_text(row[column]) for row in answer.rows]
            except (EngineError, ValueError):
                raise self._unexpected_error("The store does not answer a query with SPARQL results in JSON.") from None

        url = f"{self._query_url}?{urlencode({'query': query})}"
        return self._send(("GET", url), read, {"Accept": _RESULTS})

    def read(self, graph: str, files: SortedFiles, expected: int) -> SortedFile:
        """Read a graph and sort its statements; a graph that does not exist has none.

        It may be several times as large as expected, in bytes, since stores write characters as escapes; not larger.
        """

        def read(response: HttpResponse) -> SortedFile:
            lines = () if response.status == HTTPStatus.NOT_FOUND else self._lines(response)
            return files.sort(self._bound(lines, _LARGEST_GRAPH + _ESCAPED * expected))

        construct = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH {graph} {{ ?s ?p ?o }} }}"
        operation = self._profile.graphs.read
        by_query = "GET", f"{self._query_url}?{urlencode({'query': construct})}"
        return self._send(self._request_line(operation, graph) if operation else by_query, read, {"Accept": _TRIPLES})

    def _bound(self, lines: Iterable[bytes], left: int) -> Iterator[bytes]:
        for line in lines:
            left -= len(line)
            if left < 0:
                raise self._unexpected_error("The graph that the store returns is many times as large as the one of the records.")
            yield line

    def _lines(self, response: HttpResponse) -> Iterator[bytes]:
        """Yield the lines of a graph: N-Triples as they arrive, since most of them are as they were sent."""
        file = BufferedReader(PiecesFile(response.pieces()))
        if response.media_type in {ox.RdfFormat.N_TRIPLES.media_type, "text/plain"}:
            while line := file.readline(_LONGEST_LINE):
                if len(line) == _LONGEST_LINE:
                    raise self.not_rdf()
                if line.strip() and line[:1] != b"#":
                    yield b"%b\n" % line.removesuffix(b"\n")
            return
        if response.media_type != ox.RdfFormat.TURTLE.media_type:  # readers of other formats can be made to crash
            raise self.not_rdf()
        try:
            for quad in ox.parse(file, format=ox.RdfFormat.TURTLE):
                yield write_statement(quad.subject, quad.predicate, quad.object)
        except (SyntaxError, ValueError, MemoryError):  # a MemoryError for a literal of more than 16 MiB
            raise self.not_rdf() from None

    def not_rdf(self) -> KbError:
        """Return the error for a graph that the store returns as something else."""
        return self._unexpected_error("The graph that the store returns is not RDF.")

    def write(self, graph: str, ours: SortedFile, sent: Callable[[int], None], *, keep: bool = False) -> None:
        """Replace a graph by ours, or add ours to it: in one request, or in parts if it is large."""
        size = self._profile.part
        while not self._write_parts(graph, ours, size, sent, keep=keep):
            size //= 4
            if size < _MIN_PART:
                raise self._failure("KB755", "The store refuses bodies of one mebibyte.", "Raise the limit in its configuration.")

    def _write_parts(self, graph: str, ours: SortedFile, size: int, sent: Callable[[int], None], *, keep: bool) -> bool:
        """Send a graph in parts of a size; return whether the store accepts parts of that size."""
        operations = self._profile.graphs
        if not (keep or operations.replace):
            self.remove(graph)
        for number, (start, length) in enumerate(_parts(ours, size)):
            operation = operations.replace if operations.replace and not (keep or number) else operations.add
            body = Body(ours, start, length, gzip=self._profile.gzip, sent=sent)
            headers = {**body.headers, "Content-Type": self._profile.media_type}
            if not self._send(self._request_line(operation, graph), self._is_accepted, headers, body):
                return False
        return True

    def _is_accepted(self, response: HttpResponse) -> bool:
        if response.status == HTTPStatus.NOT_FOUND:
            raise self._failure("KB755", "There is nothing at the address for graphs.", "Check the address and --profile.")
        return response.status != HTTPStatus.REQUEST_ENTITY_TOO_LARGE

    @property
    def has_updates(self) -> bool:
        """Whether the address for updates is known."""
        return bool(self._profile.update)

    def delete(self, graph: str, statements: SortedFile) -> None:
        """Delete statements from a graph, by updates of about a mebibyte."""
        for start, length in _parts(statements, _MIN_PART) if statements.count else ():
            with statements.path.open("rb") as file:
                file.seek(start)
                body = b"DELETE DATA { GRAPH %b {\n%b} }" % (graph.encode(), file.read(length))
            headers = {"Content-Type": "application/sparql-update"}
            self._send(("POST", self._address + self._profile.update), self._is_accepted, headers, body)

    def remove(self, graph: str) -> None:
        """Remove a graph, if it exists."""
        self._send(self._request_line(self._profile.graphs.remove, graph), lambda _: None, {})

    def _request_line(self, operation: str, graph: str) -> tuple[str, str]:
        method, path = operation.split(" ", 1)
        return method, self._address + path.replace("{graph}", quote(iri_value(graph), safe=""))


def _auth(credentials: Credentials) -> Auth | None:
    def add_token(request: httpx.Request) -> httpx.Request:
        request.headers["Authorization"] = f"Bearer {credentials.secret}"  # RFC 6750, section 2.1
        return request

    match credentials.scheme:
        case "basic":
            return httpx.BasicAuth(credentials.user, credentials.secret)
        case "digest":
            return httpx.DigestAuth(credentials.user, credentials.secret)
        case "token":
            return add_token
        case "none":
            return None


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
