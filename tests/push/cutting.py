"""A proxy to a real server that closes both connections after a number of bytes."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit


@contextmanager
def cutting(address: str, after: int) -> Iterator[str]:
    """Give an address that leads to another, over connections that break after so many bytes sent in all."""
    target = urlsplit(address)
    assert target.hostname
    listener = socket.create_server(("127.0.0.1", 0))
    left = [after]
    threads: list[threading.Thread] = []

    def serve() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            server = socket.create_connection((target.hostname or "", target.port or 80))
            for pair in ((client, server, True), (server, client, False)):
                threads.append(threading.Thread(target=_pass_on, args=(*pair, left)))
                threads[-1].start()

    threads.append(threading.Thread(target=serve))
    threads[0].start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for thread in threads:
            thread.join()


def _pass_on(source: socket.socket, sink: socket.socket, counts: bool, left: list[int]) -> None:
    with source:
        try:
            while data := source.recv(4096):
                if counts:
                    data = data[: max(0, left[0])]
                    left[0] -= len(data)
                sink.sendall(data)
                if counts and left[0] <= 0:
                    break
        except OSError:
            pass
        for each in (source, sink):
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
