"""The connection of ``kb push`` to a store: requests with credentials, and failures as problems.

The policy for redirects, TLS, time and retries is that of :mod:`kb.http_client`.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Self, TypeVar

import httpx

from kb.files.sorting import SortedFile
from kb.http_client import FailureKind, HttpClient, HttpError, HttpRequest, HttpResponse, RequestPolicy
from kb.problems import KbError, fail
from kb.push.credentials import Credentials

Result = TypeVar("Result")

_PIECE = 64 << 10
_FAILURES = {
    FailureKind.UNREACHABLE: ("KB754", "Check the address and that the store is running; then push again."),
    FailureKind.UNTRUSTED: ("KB754", "Renew it; if its authority is your own, name the authority's file in SSL_CERT_FILE."),
    FailureKind.TIMEOUT: ("KB754", "Check that the store is running, or allow more with --timeout; then push again."),
    FailureKind.REDIRECT: ("KB757", "If you trust that address, push to it instead."),
    FailureKind.STATUS: ("KB755", "Read the reason there and in the log of the store; check --profile."),
    FailureKind.TOO_LARGE: ("KB756", "Check that the address is that of a store."),
    FailureKind.INVALID: ("KB756", "Check that the address is that of a store."),
}


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


class StoreClient:
    """A connection to one store."""

    def __init__(self, address: str, credentials: Credentials, policy: RequestPolicy, report: Callable[[str], None]) -> None:
        self.address, self._credentials = address, credentials
        self._http = HttpClient(address, policy, _auth(credentials), credentials.hide, report)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.__exit__()

    def send(
        self,
        method: str,
        url: str,
        read: Callable[[HttpResponse], Result],
        headers: Mapping[str, str] | None = None,
        body: Body | None = None,
    ) -> Result:
        """Send a request until it is answered or all attempts have failed.

        Args:
            method: The method.
            url: The complete address.
            read: Reads the response: of success, 404, or 413 for a request with a body. It may be called again.
            headers: Headers in addition to those of the body.
            body: The body.

        Raises:
            KbError: The credentials are refused (KB753), the store cannot be reached (KB754) or refuses the request (KB755), its
                response cannot be understood (KB756), or it redirects to another server (KB757).
        """
        headers = {**(body.headers if body else {}), **(headers or {})}
        try:
            request = HttpRequest(method, url, headers, body, (404, 413) if body else (404,))
            return self._http.send(request, read)
        except HttpError as error:
            code, remedy = _FAILURES[error.kind]
            if error.status in {401, 403, 407}:
                code, remedy = "KB753", "Check --auth, --user, the secret in the environment, and that the user may write."
            failure = self._failure(code, error.message, remedy)
        raise failure

    def _failure(self, code: str, message: str, remedy: str) -> KbError:
        return fail(code, self._credentials.hide(message), self._credentials.hide(remedy), self.address)

    def unexpected(self, message: str) -> KbError:
        """Return the error for a response that is not what was requested."""
        return self._failure("KB756", message, "Check the address and --profile.")

    def refused(self, message: str, remedy: str) -> KbError:
        """Return the error for a store that does not do what it must."""
        return self._failure("KB755", message, remedy)


class _BearerAuth(httpx.Auth):
    """A token in the Authorization header (RFC 6750, section 2.1)."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials

    def auth_flow(self, request: httpx.Request) -> Iterator[httpx.Request]:  # type: ignore[override] # a generator is an iterator
        request.headers["Authorization"] = f"Bearer {self._credentials.reveal()}"
        yield request


def _auth(credentials: Credentials) -> httpx.Auth | None:
    match credentials.scheme:
        case "basic":
            return httpx.BasicAuth(credentials.user, credentials.reveal())
        case "digest":
            return httpx.DigestAuth(credentials.user, credentials.reveal())
        case "token":
            return _BearerAuth(credentials)
        case "none":
            return None
