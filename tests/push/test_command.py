"""What a user sees of a push: a progress bar, the state after Ctrl-C, and certificates that are not trusted."""

from __future__ import annotations

import os
import pty
import shutil
import signal
import ssl
import subprocess
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from kb.cli import run
from kb.push.credentials import ANONYMOUS
from kb.push.profiles import PROFILES
from kb.push.remote_store import PushTarget
from tests.push.double import Double
from tests.push.small import push_all, quads

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
Make = Callable[..., Path]


def test_a_terminal_shows_how_far_it_is(double: Double, kb_command: list[str], make_kb: Make) -> None:
    double.faults["PUT"] = ["later", "later"]  # the bar appears after a second
    terminal, inside = pty.openpty()
    words = ["push", double.address, "--profile", "oxigraph", "--content", str(make_kb())]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120"}
    process = subprocess.Popen([*kb_command, *words], stdout=subprocess.DEVNULL, stderr=inside, env=environment)
    os.close(inside)
    shown = b""
    try:
        while piece := os.read(terminal, 4096):
            shown += piece
    except OSError:  # its end has gone
        pass
    os.close(terminal)
    assert process.wait() == 0
    assert b"pushing" in shown
    assert b"graphs were sent" in shown


def test_nothing_is_asked_of_a_store_for_a_knowledge_base_with_problems(double: Double, make_kb: Make) -> None:
    content = make_kb(**{"predicates.yaml": []})
    assert run(["push", double.address, "--profile", "oxigraph", "--content", str(content)]) == 1
    assert not double.requests


def test_what_was_done_before_a_failure_is_shown(double: Double, make_kb: Make, capfd: pytest.CaptureFixture[str]) -> None:
    double.faults["PUT"] = ["", "400"]
    assert run(["push", double.address, "--profile", "oxigraph", "--content", str(make_kb())]) == 5
    captured = capfd.readouterr()
    assert [line.split()[1] for line in captured.out.splitlines()[1:]] == ["create"]
    assert "KB755 The server answered PUT with 400 Bad Request: 'x no: None'." in captured.err
    assert "graphs were sent" not in captured.err


def test_after_an_interrupt_the_truth_is_reported(double: Double, kb_command: list[str], make_kb: Make) -> None:
    double.faults["PUT"] = ["silent"]
    words = ["push", double.address, "--profile", "oxigraph", "--content", str(make_kb())]
    process = subprocess.Popen([*kb_command, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not double.sent("PUT"):
        assert time.monotonic() < deadline
        threading.Event().wait(0.02)
    process.send_signal(signal.SIGINT)
    errors = process.communicate()[1]
    assert process.returncode == 130
    assert "Push again" in errors
    assert "nothing was left" not in errors
    assert "graphs were sent" not in errors


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("openssl is not installed: apt-get install openssl")
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(tmp_path / "key"), "-out", str(tmp_path / "cert")]
    subprocess.run([program, "req", "-x509", "-newkey", "rsa:2048", "-nodes", *files, *names], check=True, capture_output=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert", tmp_path / "key")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    target = PushTarget(f"https://127.0.0.1:{server.server_port}", PROFILES["oxigraph"], ANONYMOUS)
    reports: list[str] = []
    try:
        with pytest.raises(Exception, match="KB754 The certificate of the server cannot be trusted"):
            push_all(quads(), target, reports=reports)
        assert not reports  # trying again would not help
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert"))
        with pytest.raises(Exception, match="KB755"):  # trusted now, but no store
            push_all(quads(), target)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
