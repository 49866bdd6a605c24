"""HTTP for ``kb push``: one store, with time limits and retries, and nothing sent where it should not go.

Every request can be repeated without harm: what it does is the same however often it is done. Errors tell the address,
which holds no secret, and never what libraries say of requests, which might.
"""

from __future__ import annotations

import re
import ssl
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from time import monotonic
from types import TracebackType
from typing import NamedTuple, Self, TypeVar
from urllib.parse import urljoin, urlsplit

import certifi
import httpx
import tenacity

from kb.files.sorting import SortedFile
from kb.problems import KbError, fail
from kb.push.credentials import Credentials

Taken = TypeVar("Taken")

_PIECE = 64 << 10
# What a server says when it may do better later (RFC 9110, section 15; RFC 6585).
_LATER = {408, 425, 429, 500, 502, 503, 504}
_REDIRECTS = {301, 302, 303, 307, 308}
_MOST_REDIRECTS = 5
_LONGEST_WAIT = 60.0
_LONGEST_ANSWER = 16 << 20
_LONGEST_SHOWN = 200
# An answer may take the time limit, and longer while it flows at this many bytes a second.
_SLOWEST = 1024


class Patience(NamedTuple):
    """How long to wait.

    Args:
        timeout: How many seconds a store may be silent.
        attempts: How often a request is tried.
        wait: How many seconds to wait before the second attempt; then twice as many each time.
    """

    timeout: float = 300.0
    attempts: int = 5
    wait: float = 0.5


class Body:
    """What a request carries, as often as it is sent: a part of a file.

    Args:
        graph: The file.
        start: Where the part begins.
        size: How many bytes it has.
        gzip: Whether to compress it on its way.
        sent: Is told how many bytes have gone.
    """

    def __init__(self, graph: SortedFile, start: int, size: int, *, gzip: bool, sent: Callable[[int], None]) -> None:
        self._path, self._start, self._size, self._gzip, self._sent = graph.path, start, size, gzip, sent

    @property
    def headers(self) -> dict[str, str]:
        """How it is announced: compressed, in chunks as they come; else with its length, which some stores need."""
        return {"Content-Encoding": "gzip"} if self._gzip else {"Content-Length": str(self._size)}

    def __iter__(self) -> Iterator[bytes]:
        packer = zlib.compressobj(6, wbits=31) if self._gzip else None
        with self._path.open("rb") as file:
            file.seek(self._start)
            left = self._size
            while piece := file.read(min(_PIECE, left)):
                left -= len(piece)
                if packed := packer.compress(piece) if packer else piece:
                    yield packed
                self._sent(len(piece))
        if packer:
            yield packer.flush()


class _PassingError(Exception):
    """A failure that may pass: what it comes to if it does not, and how many seconds the server asks to wait."""

    def __init__(self, failure: KbError, wait: float = 0.0) -> None:
        self.failure, self.wait = failure, wait


class Client:
    """A connection to one store.

    Args:
        address: The store's address, checked, without a slash at its end.
        credentials: Who pushes.
        patience: How long to wait.
        say: Is told of what is tried again.
    """

    def __init__(self, address: str, credentials: Credentials, patience: Patience, say: Callable[[str], None]) -> None:
        self.address, self._credentials, self._patience, self._say = address, credentials, patience, say
        ways: dict[str, Callable[[], httpx.Auth]] = {
            "basic": lambda: httpx.BasicAuth(credentials.user, credentials.reveal()),
            "digest": lambda: httpx.DigestAuth(credentials.user, credentials.reveal()),
            "token": lambda: _Bearer(credentials),
        }
        self._http = httpx.Client(
            auth=ways[credentials.scheme]() if credentials.scheme in ways else None,
            timeout=httpx.Timeout(patience.timeout, connect=min(10.0, patience.timeout)),
            trust_env=not _is_loopback(address),  # loopback is reached without a proxy
            verify=_trusting() if address.startswith("https:") else _NOBODY_TRUSTED,
            headers={"User-Agent": "linked-kb", "Cache-Control": "no-cache"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._http.close()

    def send(
        self,
        method: str,
        url: str,
        take: Callable[[httpx.Response], Taken],
        headers: dict[str, str] | None = None,
        body: Body | None = None,
    ) -> Taken:
        """Send a request until it is answered or patience ends.

        Args:
            method: The method.
            url: The whole address.
            take: Takes what is wanted out of the answer, which is of success, 404, or 413 for a body; may be called again.
            headers: More headers.
            body: What to send.

        Raises:
            KbError: The store lets nobody in (KB753), cannot be reached (KB754), refuses (KB755), answers what cannot be
                understood (KB756), or leads elsewhere (KB757).
        """
        attempts = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(self._patience.attempts),
            wait=self._wait,
            retry=tenacity.retry_if_exception_type(_PassingError),
            before_sleep=self._tell,
            reraise=True,
        )
        try:
            taken: Taken = attempts(self._once, method, url, take, headers or {}, body)
        except _PassingError as error:
            raise error.failure from None
        return taken

    def _wait(self, state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.wait if isinstance(error, _PassingError) else 0.0
        own: float = min(_LONGEST_WAIT, self._patience.wait * 2 ** (state.attempt_number - 1))
        return max(asked, own)

    def _tell(self, state: tenacity.RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, _PassingError):
            message = error.failure.problems[0].message
            self._say(f"{message} Trying again ({state.attempt_number + 1} of {self._patience.attempts}).")

    def _once(
        self, method: str, url: str, take: Callable[[httpx.Response], Taken], headers: dict[str, str], body: Body | None
    ) -> Taken:
        try:
            for _ in range(_MOST_REDIRECTS):
                more = body.headers if body else {}
                with self._http.stream(method, url, headers={**more, **headers}, content=body) as response:
                    if response.status_code in _REDIRECTS:
                        url = self._follow(method, url, response)
                        continue
                    self._judge(method, response, body)
                    return take(response)
        except httpx.TimeoutException:
            raise _PassingError(self._unreachable(f"It was silent for {self._patience.timeout:g} seconds.")) from None
        except httpx.TransportError as error:
            raise self._broken(error) from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError):
            raise self._failure(
                "KB756", "Its answer cannot be understood.", "Check that the address is that of a store."
            ) from None
        raise self._failure("KB757", "It leads from one address to another without end.", "Check its address.")

    def _broken(self, error: httpx.TransportError) -> Exception:
        text = str(error)
        if "certificate" in text.lower():
            remedy = "Have it mended; if its authority is your own, name that authority's file in SSL_CERT_FILE."
            return self._failure("KB754", "Its certificate cannot be trusted.", remedy)
        if isinstance(error, httpx.UnsupportedProtocol | httpx.LocalProtocolError):
            return self._failure("KB756", f"It cannot be spoken to: {text}.", "Check its address.")
        what = "It cannot be reached" if isinstance(error, httpx.ConnectError) else "The connection broke"
        return _PassingError(self._unreachable(f"{what}: {text or type(error).__name__}."))

    def _unreachable(self, message: str) -> KbError:
        return self._failure("KB754", message, "Check the address and that the store runs; then push again.")

    def _follow(self, method: str, url: str, response: httpx.Response) -> str:
        """Follow a redirect within the store's own host and scheme: nothing is sent to where nobody asked for."""
        target: str = urljoin(url, response.headers.get("Location", ""))
        here, there = urlsplit(url), urlsplit(target)
        keeps = method == "GET" or response.status_code in {307, 308}
        if keeps and (here.scheme, here.netloc) == (there.scheme, there.netloc):
            return target
        shown = f"{there.scheme}://{there.netloc.rpartition('@')[2]}{there.path}"
        raise self._failure(
            "KB757", f"It leads to {shown}, where nothing is sent.", "If you trust that, give its address instead."
        )

    def _judge(self, method: str, response: httpx.Response, body: Body | None) -> None:
        status = response.status_code
        if response.is_success or status == HTTPStatus.NOT_FOUND or (body and status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE):
            return
        asks = response.headers.get("WWW-Authenticate", "").partition(" ")[0].lower() if status == 401 else ""
        said = f"it asks for {asks} authentication" if asks in {"basic", "digest", "bearer"} else f"'{self._said(response)}'"
        answer = f"{method} was answered {status} {HTTPStatus(status).phrase if status in _KNOWN else ''}".rstrip()
        message = f"{answer}: {said}." if said != "''" else f"{answer}."
        if status in {401, 403, 407}:
            remedy = "Check --auth and --user, and the secret in the environment; then that the user may write."
            raise self._failure("KB753", message, remedy)
        remedy = "See what it says there and in its log; check --profile."
        failure = self._failure("KB755", message, remedy)
        raise _PassingError(failure, _asked(response)) if status in _LATER else failure

    def _said(self, response: httpx.Response) -> str:
        """Give the beginning of what a server says, as one line without tags."""
        text = b""
        with suppress(httpx.HTTPError, httpx.StreamError):
            for piece in self.flow(response):
                text += piece
                if len(text) >= _PIECE:
                    break
        plain = " ".join(_TAG.sub(" ", text.decode("utf-8", "replace")).split())
        shown = "".join(each for each in plain if each.isprintable())
        return shown if len(shown) <= _LONGEST_SHOWN else f"{shown[:_LONGEST_SHOWN]}…"

    def _failure(self, code: str, message: str, remedy: str) -> KbError:
        hide = self._credentials.hide
        return fail(code, hide(message), hide(remedy), self.address)

    def text(self, response: httpx.Response) -> bytes:
        """Read a short answer whole.

        Raises:
            KbError: It is too long (KB756).
        """
        read = bytearray()
        for piece in self.flow(response):
            read += piece
            if len(read) > _LONGEST_ANSWER:
                raise self._failure("KB756", "Its answer to a short question has no end.", "Check its address.")
        return bytes(read)

    def flow(self, response: httpx.Response) -> Iterator[bytes]:
        """Read an answer, as long as it flows."""
        begun, read = monotonic(), 0
        for piece in response.iter_bytes():  # as they come: pieces of a size would be waited for
            read += len(piece)
            if monotonic() - begun > self._patience.timeout + read / _SLOWEST:
                raise _PassingError(self._unreachable("Its answer trickles."))
            yield piece

    def misunderstood(self, what: str) -> KbError:
        """Make the problem of an answer that is not what was asked for."""
        return self._failure("KB756", what, "Check the address and --profile.")

    def refused(self, message: str, remedy: str) -> KbError:
        """Make the problem of a store that does not do what it must."""
        return self._failure("KB755", message, remedy)


class _Bearer(httpx.Auth):
    """A token in the Authorization header (RFC 6750, section 2.1)."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials

    def auth_flow(self, request: httpx.Request) -> Iterator[httpx.Request]:  # type: ignore[override] # a generator is an iterator
        request.headers["Authorization"] = f"Bearer {self._credentials.reveal()}"
        yield request


# Loading the authorities takes a quarter of a second, which http:// needs not.
_NOBODY_TRUSTED = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
_KNOWN = {status.value for status in HTTPStatus}
_TAG = re.compile(r"<(?:head|style|script)\b.*?</(?:head|style|script)>|<[/!]?[a-zA-Z][^>]*>", re.DOTALL | re.IGNORECASE)


def _trusting() -> ssl.SSLContext:
    """Trust the authorities of the system, of SSL_CERT_FILE and SSL_CERT_DIR, and those that come with httpx."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def _is_loopback(address: str) -> bool:
    return urlsplit(address).hostname in {"localhost", "127.0.0.1", "::1"}


def _asked(response: httpx.Response) -> float:
    """Tell how many seconds a server asks to wait (RFC 9110, section 10.2.3)."""
    value = response.headers.get("Retry-After", "")
    wait = 0.0
    if value.isdecimal():
        wait = float(value)
    elif value:
        with suppress(ValueError, TypeError):
            wait = (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds()
    return max(0.0, min(_LONGEST_WAIT, wait))
