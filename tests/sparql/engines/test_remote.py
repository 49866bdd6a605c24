"""The HTTP policy, as queries of endpoints and pushes to stores meet it: where a request may be redirected to."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from html import escape
from urllib.parse import quote

import httpx
import pytest

from kb.http_client import HttpClient, HttpError, HttpRequest, RequestPolicy, split_user
from kb.problems import KbError
from kb.sparql.engines import remote

QUERY = RequestPolicy(5.0, attempts=1, is_query=True)
WRITE = RequestPolicy(5.0, attempts=1)
HERE, ELSEWHERE = "https://store.example/sparql", "https://other.example/sparql"
Handler = Callable[[httpx.Request], httpx.Response]


def redirecting(status: int, target: str) -> Handler:
    """Redirect once, and then answer with the request itself."""

    def handle(request: httpx.Request) -> httpx.Response:
        if str(request.url) == target:
            return httpx.Response(200, text=f"{request.method} {request.url} {request.content.decode()}")
        return httpx.Response(status, headers={"Location": target})

    return handle


def send(handler: Handler, policy: RequestPolicy, method: str, url: str = HERE, auth: httpx.Auth | None = None) -> str:
    with HttpClient(url, policy, auth) as client:
        client._http = httpx.Client(transport=httpx.MockTransport(handler), auth=auth)
        return client.send(HttpRequest(method, url, {}, b"body"), lambda response: response.read(1 << 20).decode())


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("target", [ELSEWHERE, "https://store.example/moved"])
def test_a_query_without_credentials_is_repeated_wherever_it_is_redirected(status: int, target: str) -> None:
    assert send(redirecting(status, target), QUERY, "POST") == f"POST {target} body"


def test_see_other_is_followed_by_get_for_queries_only() -> None:
    assert send(redirecting(303, ELSEWHERE), QUERY, "POST") == f"GET {ELSEWHERE} "
    with pytest.raises(HttpError) as raised:
        send(redirecting(303, "https://store.example/moved"), WRITE, "PUT")
    assert raised.value.kind == "redirect"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_write_is_repeated_at_the_same_origin(status: int) -> None:
    target = "https://store.example/moved"
    assert send(redirecting(status, target), WRITE, "PUT") == f"PUT {target} body"


@pytest.mark.parametrize(
    ("policy", "auth", "url", "target"),
    [
        (WRITE, None, HERE, ELSEWHERE),
        (WRITE, None, HERE, "https://store.example:8443/sparql"),
        (WRITE, None, "http://store.example/sparql", HERE),
        (QUERY, httpx.BasicAuth("me", "secret"), HERE, ELSEWHERE),
        (QUERY, None, HERE, "http://store.example/sparql"),
        (QUERY, None, HERE, "http://other.example/sparql"),
        (QUERY, None, HERE, "ftp://store.example/sparql"),
        (QUERY, None, HERE, "file:///etc/passwd"),
        (QUERY, None, "http://store.example/sparql", "ftp://store.example/sparql"),
    ],
)
def test_nothing_is_sent_where_the_policy_forbids_it(
    policy: RequestPolicy, auth: httpx.Auth | None, url: str, target: str
) -> None:
    requests: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        requests.append(str(request.url))
        return httpx.Response(307, headers={"Location": target})

    with pytest.raises(HttpError, match="which is not followed") as raised:
        send(handle, policy, "POST", url, auth)
    assert raised.value.kind == "redirect"
    assert requests == [url]


@pytest.mark.parametrize("address", ["http://[", "http://[::1", "//["])
def test_an_address_that_is_none_is_reported(address: str) -> None:
    with pytest.raises(HttpError, match=r"not valid|Invalid URL"):
        send(lambda _: httpx.Response(307, headers={"Location": address}), QUERY, "POST")
    with pytest.raises(HttpError, match="not valid"):
        HttpClient(address, QUERY)


def test_half_of_a_secret_is_not_shown_either() -> None:
    def echo(_: httpx.Request) -> httpx.Response:
        return httpx.Response(400, text="x" * 495 + "secret")

    with HttpClient(HERE, QUERY, redact=lambda text: text.replace("secret", "***")) as client:
        client._http = httpx.Client(transport=httpx.MockTransport(echo))
        with pytest.raises(HttpError) as raised:
            client.send(HttpRequest("GET", HERE, {}), lambda _: None)
    assert "sec" not in raised.value.message


def test_a_response_that_is_larger_than_allowed_is_not_read() -> None:
    with pytest.raises(HttpError) as raised:
        send(lambda _: httpx.Response(200, content=b"x" * (2 << 20)), QUERY, "POST")
    assert raised.value.kind == "too large"


SECRET = 'sEk+ReT/1@<&"\\'


@pytest.mark.parametrize(
    "url",
    [
        f"https://store.example/sparql?key={quote(SECRET, safe='')}&a=b",
        f"https://me:{quote(SECRET, safe='')}@store.example/sparql?a=b",
        f"https://me:{quote(SECRET, safe='')}@store.example/sparql?key={quote(SECRET)}",
    ],
)
def test_an_address_is_asked_as_given_and_shown_without_what_is_secret(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[httpx.URL] = []

    def echo(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        forms = (url, SECRET, json.dumps(SECRET), escape(SECRET), quote(SECRET).lower(), request.headers.get("authorization", ""))
        return httpx.Response(404, text=f"Not found: {' '.join(forms)}")

    client = httpx.Client
    monkeypatch.setattr(httpx, "Client", lambda **given: client(auth=given["auth"], transport=httpx.MockTransport(echo)))
    with pytest.raises(KbError) as raised:
        remote.fetch(url, "ASK {}", 5, 1000)
    message = str(raised.value)
    assert (asked[0].host, asked[0].userinfo, asked[0].query) == ("store.example", b"", url.partition("?")[2].encode())
    assert message.startswith("https://store.example/sparql?")
    assert "Not found" in message
    hidden = "sek", "ret", b64encode(f"me:{SECRET}".encode()).decode().lower()
    assert not [word for word in hidden if word in message.lower()]


def test_an_address_without_a_user_stays_as_it_is() -> None:
    assert split_user("https://store.example/sparql?")[:2] == ("https://store.example/sparql?", None)
