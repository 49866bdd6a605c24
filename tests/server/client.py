"""A real server, in a process of its own, and a client that sends exactly what a test says."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import urlencode

#: What Chromium and Firefox send to open a page.
BROWSER = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
    "Accept_Encoding": "gzip, deflate, br, zstd",
    "Accept_Language": "en-GB,en;q=0.9",
    "Upgrade_Insecure_Requests": "1",
}


class Response(NamedTuple):
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def kind(self) -> str:
        return str(self.headers.get_content_type())


class Server:
    """A running server."""

    at_rest = 0  # the open sockets of a worker before the first request, if counted

    def __init__(self, process: subprocess.Popen[str], port: int, told: str) -> None:
        self.process, self.port, self.told = process, port, told
        self.url = f"http://127.0.0.1:{port}"

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Response:
        """Send a request; in names of headers an underscore is a hyphen."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            fields = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, fields, encode_chunked="Transfer-Encoding" in fields)
            got = connection.getresponse()
            return Response(got.status, got.headers, got.read())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Response:
        return self.send("GET", path, **headers)

    def browse(self, path: str) -> Response:
        """Open a page with the headers that browsers send."""
        got = self.get(path, **BROWSER)
        return got._replace(body=gzip.decompress(got.body)) if got.headers.get("Content-Encoding") == "gzip" else got

    def ask(self, query: str, /, accept: str = "", **parameters: str) -> Response:
        """Ask by GET."""
        path = f"/sparql?{urlencode({'query': query, **parameters})}"
        return self.get(path, **({"Accept": accept} if accept else {}))

    def rows(self, query: str) -> list[dict[str, str]]:
        """Ask, and give the values of each row."""
        found = self.ask(query).json["results"]["bindings"]
        return [{name: cell["value"] for name, cell in row.items()} for row in found]


@contextmanager
def serving(*options: str) -> Iterator[Server]:
    """Run ``kb serve`` on a free port, and end it by a signal."""
    command = [sys.executable, "-m", "kb", "serve", "--port", "0", *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}) as process:
        assert process.stderr is not None
        told = process.stderr.readline()
        found = re.search(r"http://[^/]*:(\d+)/", told)
        try:
            assert found, told + process.stderr.read()
            yield Server(process, int(found[1]), told)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
