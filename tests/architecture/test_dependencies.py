"""The oldest libraries that are allowed are those that CI tests, and their known holes are looked up."""

from __future__ import annotations

import json
import threading
import tomllib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from tools import audit, oldest

ROOT = Path(__file__).parents[2]


def test_every_library_of_kb_is_tested_in_its_oldest_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    libraries = [*project["dependencies"]]
    for extra, names in project["optional-dependencies"].items():
        libraries += names if extra not in {"dev", "spark"} else []
    tested = {line.partition("==")[0]: line for line in oldest.requirements()}
    for library in libraries:
        name, _, bound = library.partition(";")[0].strip().partition(">=")
        assert tested[name].partition(";")[0].strip() == f"{name}=={bound}"
    assert "pytest" in tested
    assert "mypy" not in tested


class Database(BaseHTTPRequestHandler):
    """Knows holes of starlette alone."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"]
        known = [{"vulns": [{"id": "CVE-0"}]} if each["package"]["name"] == "starlette" else {} for each in asked]
        body = json.dumps({"results": known}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Print nothing."""


@pytest.fixture
def database() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Database) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.mark.allow_hosts(["127.0.0.1"])
def test_an_audit_names_each_library_with_a_hole(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert audit.main(["--database", database]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert {line.partition(":")[0] for line in lines} == {
        f"{name} {version}" for name, version in audit.pins() if name == "starlette"
    }


@pytest.mark.allow_hosts(["127.0.0.1"])
def test_an_audit_without_a_database_is_not_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert audit.main(["--database", "http://127.0.0.1:9/"]) == 0
    assert capsys.readouterr().out.startswith("NOT RUN: ")
