"""The HTTP client: one policy for every request that kb sends, to stores (``kb push``) and to SPARQL endpoints.

- Redirects: data and credentials are sent only to the origin (scheme, host and port) that the user named. A query without
  credentials may be redirected to another host, but never from https to http. The method and the body never change; 303 is
  followed by GET, for queries only.
- TLS: certificates are verified. Proxies: those of the environment, but none for loopback.
- Limits: on silence, on the rate and the size of responses, and on attempts.
- Retries: after a transient failure, since every request is idempotent.

docs/threat-model.md gives the reasons.
"""

from __future__ import annotations

import math
import re
import socket
import ssl
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from http import HTTPStatus
from itertools import count
from threading import Event, Thread
from time import monotonic, sleep
from typing import Any, Literal, Self, TypeVar
from urllib.parse import SplitResult, unquote, unquote_plus, urljoin, urlsplit

import certifi
import httpx

from kb.escaping import hide_secrets
from kb.problems import describe_size, quote

Result = TypeVar("Result")
Auth = httpx.Auth | Callable[[httpx.Request], httpx.Request]

LOOPBACK = {"localhost", "127.0.0.1", "::1"}

# Statuses after which the same request may succeed later (RFC 9110, section 15; RFC 6585).
_TRANSIENT = {408, 425, 429, 500, 502, 503, 504}
_REDIRECTS = {301, 302, 303, 307, 308}
_MAX_REDIRECTS = 5
_SHORTEST_SECRET = 4  # characters of a parameter
_MAX_WAIT = 60.0  # seconds between two attempts
_CONNECT_TIMEOUT = 30.0
_MIN_RATE = 1024  # bytes a second
_NO_RESPONSE, _TOO_SLOW = "The server did not respond within {:g} seconds.", "The response is too slow."
_ENCODINGS = {"", "identity", "gzip", "x-gzip", "deflate"}
_EXCERPT_BYTES, _EXCERPT_CHARACTERS = 64 << 10, 500  # of a response that reports an error
_TAG = re.compile(r"<[/!]?[a-zA-Z][^<>]*>")
_INVISIBLE = re.compile(r"<(head|style|script)\b.*?</(?:head|style|script)>", re.DOTALL | re.IGNORECASE)
_INVISIBLE_END = re.compile(r"</(?:head|style|script)>", re.IGNORECASE)
_NO_AUTHORITIES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # loading them takes a quarter of a second, in vain for http://


@dataclass(frozen=True, slots=True)
class RequestPolicy:
    """Settings that may differ between requests."""

    timeout: float = 300.0  # how many seconds a server may be silent
    attempts: int = 5  # how often a request is sent
    wait: float = 0.5  # how many seconds to wait before the second attempt; the time doubles with each attempt
    # whether the request is a query, which takes at most ``timeout`` in all and may be redirected to another host
    is_query: bool = False


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request that can be sent several times."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | Iterable[bytes] | None = None  # the body, which is iterated for each attempt
    accepted: tuple[int, ...] = ()  # the statuses that are read like those of success


#: Why a request failed.
FailureKind = Literal["unreachable", "untrusted", "timeout", "redirect", "status", "too large", "invalid"]


@dataclass(eq=False)
class HttpError(Exception):
    """A request failed."""

    kind: FailureKind
    message: str  # what is wrong, in a sentence
    status: int = 0  # the status of the response, for a failure of the kind ``status``
    retry_after: float | None = None  # seconds to wait before the next attempt; None if there should be no other

    def __str__(self) -> str:
        return self.message


class Watchdog:
    """Ends the connection of a request when its time is over, whatever the server sends.

    The time limit of httpx applies to each read; so a byte at times, or interim responses, would keep a request open for ever.
    """

    def __init__(self, policy: RequestPolicy, connection: socket.socket | None = None) -> None:
        self._policy, self._begun, self.connection = policy, monotonic(), connection
        self._deadline = self._begun + policy.timeout if policy.is_query else math.inf  # to send a graph may take long
        self._end, self._is_over, self._message = Event(), False, _NO_RESPONSE
        self._thread = Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def trace(self, event: str, info: dict[str, Any]) -> None:
        """Note the connection, and when the request was sent and the head of the response received; httpx calls it."""
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            self.connection = info["return_value"].get_extra_info("socket")
        elif event.endswith(("send_request_body.complete", "receive_response_headers.complete")):
            self._begun, self._message = monotonic(), _TOO_SLOW if "response" in event else _NO_RESPONSE
            self.extend()

    def extend(self, size: int = 0) -> None:
        """Check that the time is not over; give more of it after so many bytes of the response, unless the request is a query.

        Raises:
            HttpError: It is over.
        """
        if self._is_over:
            raise HttpError("timeout", self._message.format(self._policy.timeout), retry_after=0.0)
        if not self._policy.is_query:
            self._deadline = self._begun + self._policy.timeout + size / _MIN_RATE

    def _watch(self) -> None:
        while not self._end.wait(min(1.0, max(0.01, self._deadline - monotonic()))):
            if monotonic() >= self._deadline and self.connection is not None:
                self._is_over = True
                with suppress(OSError):
                    socket.socket.shutdown(self.connection, socket.SHUT_RDWR)  # that of TLS would wait for the other thread
                return


class HttpResponse:
    """A response whose body is still to be read."""

    def __init__(self, response: httpx.Response, watchdog: Watchdog) -> None:
        self._response, self._watchdog = response, watchdog
        self.status, self.headers = response.status_code, response.headers

    @property
    def media_type(self) -> str:
        """The media type, without parameters and in lower case."""
        return str(self.headers.get("Content-Type", "")).partition(";")[0].strip().lower()

    def pieces(self) -> Iterator[bytes]:
        """Yield the body as it arrives.

        Raises:
            HttpError: It arrives too slowly, or is compressed in a way that was not asked for, such as several times.
        """
        encoding = self.headers.get("Content-Encoding", "").strip().lower()
        if encoding not in _ENCODINGS:
            raise HttpError("invalid", f"The response has the encoding {quote(encoding)}, which was not asked for.")
        size = 0
        for piece in self._response.iter_bytes():  # as they arrive: pieces of a fixed size would be waited for
            size += len(piece)
            self._watchdog.extend(size)
            yield piece
        self._watchdog.extend(size)  # the end may be that of the connection

    def read(self, max_bytes: int) -> bytes:
        """Return the body.

        Raises:
            HttpError: It is larger than a number of bytes, or arrives too slowly.
        """
        body = bytearray()
        for piece in self.pieces():
            body += piece
            if len(body) > max_bytes:
                raise HttpError("too large", f"The response has more than {describe_size(max_bytes)}.")
        return bytes(body)

    def excerpt(self, redact: Callable[[str], str]) -> str:
        """Return the beginning of the body as one line without tags and without credentials."""
        body = b""
        with suppress(httpx.HTTPError, httpx.StreamError, HttpError):
            for piece in self.pieces():
                body += piece
                if len(body) >= _EXCERPT_BYTES:
                    break
        text = body[:_EXCERPT_BYTES].decode("utf-8", "replace")
        end = max((match.end() for match in _INVISIBLE_END.finditer(text)), default=0)
        text = _INVISIBLE.sub(" ", text[:end]) + text[end:]  # without an end, each beginning would be searched to the end
        text = " ".join(_TAG.sub(" ", text).split())
        text = redact("".join(character for character in text if character.isprintable()))  # before half of one is cut off
        return text if len(text) <= _EXCERPT_CHARACTERS else f"{text[:_EXCERPT_CHARACTERS]}…"


class HttpClient:
    """Sends requests to one server.

    Args:
        url: The address of the server.
        policy: What may differ between requests.
        auth: The credentials.
        redact: Removes the credentials from a message.
        report: Called with a message before a request is sent again.
    """

    def __init__(
        self,
        url: str,
        policy: RequestPolicy,
        auth: Auth | None = None,
        redact: Callable[[str], str] = str,
        report: Callable[[str], object] = str,
    ) -> None:
        self._policy, self._redact, self._report = policy, redact, report
        self._connection: socket.socket | None = None  # the last one
        self._may_leave_host = policy.is_query and auth is None
        host = split(url).hostname
        verify = _load_authorities() if url.startswith("https:") or self._may_leave_host else _NO_AUTHORITIES
        self._http = httpx.Client(
            auth=auth,
            timeout=httpx.Timeout(policy.timeout, connect=min(_CONNECT_TIMEOUT, policy.timeout)),
            trust_env=host not in LOOPBACK,
            verify=verify,
            headers={"User-Agent": "linked-kb", "Cache-Control": "no-cache", "Accept-Encoding": "gzip, deflate"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def send(self, request: HttpRequest, read: Callable[[HttpResponse], Result]) -> Result:
        """Send a request until it is answered or all attempts have failed.

        Args:
            request: The request.
            read: Reads the response; called again if its body breaks off.

        Raises:
            HttpError: The request failed.
        """
        for attempt in count(1):
            try:
                return self._send_once(request, read)
            except HttpError as error:
                error.message = self._redact(error.message)
                if error.retry_after is None or attempt >= self._policy.attempts:
                    raise
                self._report(f"{error} Trying again ({attempt + 1} of {self._policy.attempts}).")
                sleep(max(error.retry_after, min(_MAX_WAIT, self._policy.wait * 2 ** (attempt - 1))))
        raise AssertionError

    def _send_once(self, request: HttpRequest, read: Callable[[HttpResponse], Result]) -> Result:
        with Watchdog(self._policy, self._connection) as watchdog:
            try:
                return self._follow(request, read, watchdog)
            except HttpError:
                watchdog.extend()  # the error may be what it has caused
                raise
            finally:
                self._connection = watchdog.connection

    def _follow(self, request: HttpRequest, read: Callable[[HttpResponse], Result], watchdog: Watchdog) -> Result:
        """Send a request once, and again wherever it is redirected."""
        method, url, body = request.method, request.url, request.body
        options: Any = {"headers": request.headers, "extensions": {"trace": watchdog.trace}}
        try:
            for _ in range(_MAX_REDIRECTS):
                with self._http.stream(method, url, content=body, **options) as raw:
                    response = HttpResponse(raw, watchdog)
                    if response.status in _REDIRECTS:
                        url = self._redirect_target(method, url, response)
                        method, body = ("GET", None) if response.status == HTTPStatus.SEE_OTHER else (method, body)
                    elif raw.is_success or response.status in request.accepted:
                        return read(response)
                    else:
                        raise self._status_error(method, response)
        except httpx.TimeoutException:
            raise HttpError("timeout", _NO_RESPONSE.format(self._policy.timeout), retry_after=0.0) from None
        except httpx.TransportError as error:
            raise self._transport_error(error) from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError):
            raise HttpError("invalid", "The response is not valid HTTP.") from None
        raise HttpError("redirect", f"The server redirects more than {_MAX_REDIRECTS} times.")

    def _redirect_target(self, method: str, url: str, response: HttpResponse) -> str:
        """Return the address that a redirect leads to.

        Raises:
            HttpError: The policy forbids to follow it.
        """
        location = response.headers.get("Location", "")
        split(location)
        target: str = urljoin(url, location)
        here, there = split(url), split(target)
        same_origin = (here.scheme, here.netloc) == (there.scheme, there.netloc)
        safe_scheme = there.scheme == "https" or here.scheme == there.scheme == "http"
        same_method = response.status != HTTPStatus.SEE_OTHER or method == "GET" or self._policy.is_query
        if same_method and (same_origin or (self._may_leave_host and safe_scheme)):
            return target
        address = f"{there.scheme}://{there.netloc.rpartition('@')[2]}{there.path}"[:200]
        raise HttpError("redirect", f"The server redirects to {address}, which is not followed.")

    def _status_error(self, method: str, response: HttpResponse) -> HttpError:
        status = response.status
        scheme = response.headers.get("WWW-Authenticate", "").partition(" ")[0].lower() if status == 401 else ""
        if scheme in {"basic", "digest", "bearer"}:
            reason = f": it requires {scheme} authentication"
        else:
            excerpt = response.excerpt(self._redact)
            reason = f": '{excerpt}'" if excerpt else ""
        retry_after = _parse_retry_after(response) if status in _TRANSIENT else None
        phrase = httpx.codes.get_reason_phrase(status)
        message = f"The server answered {method} with {f'{status} {phrase}'.rstrip()}{reason}."
        return HttpError("status", message, status=status, retry_after=retry_after)

    def _transport_error(self, error: httpx.TransportError) -> HttpError:
        reason = str(error).rstrip(".") or type(error).__name__
        if "certificate" in reason.lower():
            return HttpError("untrusted", "The certificate of the server cannot be trusted.")
        if isinstance(error, httpx.UnsupportedProtocol | httpx.LocalProtocolError):
            return HttpError("invalid", f"The request cannot be sent: {reason}.")
        what = "The server cannot be reached" if isinstance(error, httpx.ConnectError) else "The connection broke"
        return HttpError("unreachable", f"{what}: {reason}.", retry_after=0.0)


def is_private(url: str) -> bool:
    """Return whether others cannot read what is sent to an address: by encryption, or since it stays on this machine."""
    parts = split(url)
    return parts.scheme == "https" or parts.hostname in LOOPBACK


def split_user(url: str) -> tuple[str, httpx.BasicAuth | None, Callable[[str], str]]:
    """Return an address without its user name and password, these as credentials, and a function that hides them in text.

    The values of parameters are hidden too, since one may be a key; short ones are not, since they occur in any text.

    Raises:
        HttpError: The address is not valid.
    """
    parts = split(url)
    user, mark, host = parts.netloc.rpartition("@")
    name, password = unquote(parts.username or ""), unquote(parts.password or "")
    values = [pair.partition("=")[2] for pair in parts.query.split("&")]
    secrets = [user, parts.password or "", *(value for value in values if len(value) >= _SHORTEST_SECRET)]
    secrets += [*map(unquote, secrets), *map(unquote_plus, secrets), encode_basic(name, password) if mark else ""]
    redact = partial(hide_secrets, secrets=secrets)
    if not mark:
        return url, None, redact
    return parts._replace(netloc=host).geturl(), httpx.BasicAuth(name, password), redact


def encode_basic(user: str, password: str) -> str:
    """Return user and password as basic authentication sends them (RFC 7617), which messages must not show either."""
    return b64encode(f"{user}:{password}".encode()).decode("ascii")


def split(url: str) -> SplitResult:
    """Split an address into its parts.

    Raises:
        HttpError: It is not valid.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises if it is not a number
    except ValueError:  # its message could contain a password
        raise HttpError("invalid", "An address is not valid.") from None
    return parts


def _load_authorities() -> ssl.SSLContext:
    """Trust the authorities of the system, of SSL_CERT_FILE and SSL_CERT_DIR, and of certifi; some systems have none."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def _parse_retry_after(response: HttpResponse) -> float:
    """Return how many seconds a server asks to wait (RFC 9110, section 10.2.3)."""
    value = response.headers.get("Retry-After", "")
    wait = 0.0
    if value.isdecimal():
        wait = float(value)
    elif value:
        with suppress(ValueError, TypeError):
            wait = (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds()
    return max(0.0, min(_MAX_WAIT, wait))
