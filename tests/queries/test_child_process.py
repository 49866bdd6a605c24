"""Child processes: they end with their parent, keep nothing of it open, and their end has a reason."""

from __future__ import annotations

import os
import select
import signal
import time
from pathlib import Path

import pytest

from kb.queries.child_process import ChildProcess, Limits, failure_code, forbid_opening, limit_resources, open_pipe


def sleep() -> None:
    time.sleep(60)


def test_a_child_ends_when_its_parent_no_longer_holds_the_lifeline() -> None:
    reading, writing = open_pipe()

    def run() -> None:
        os.write(writing, b"r")
        sleep()

    child = ChildProcess(run, [reading])
    assert os.read(reading, 1) == b"r"
    os.close(child.lifeline)
    _, status = os.waitpid(child.pid, 0)
    os.close(reading)
    os.close(writing)
    assert os.WTERMSIG(status) == signal.SIGIO


def test_a_child_does_not_keep_a_pipe_open_that_belongs_to_its_parent() -> None:
    reading, writing = open_pipe()
    child = ChildProcess(sleep, [writing])
    os.close(writing)
    assert select.select([reading], [], [], 30)[0]
    assert os.read(reading, 1) == b""
    os.close(reading)
    child.kill()
    assert failure_code(child.wait()) == "KB605"


def test_a_confined_child_can_neither_open_nor_write_a_file(tmp_path: Path) -> None:
    def confined(store_on_disk: bool) -> bytes:
        reading, writing = open_pipe()
        path = tmp_path / "file"

        def run() -> None:
            limit_resources(Limits())
            forbid_opening(store_on_disk=store_on_disk)
            try:
                path.write_bytes(b"x")
            except OSError as error:
                os.write(writing, str(error.errno).encode())

        child = ChildProcess(run, [reading])
        os.close(writing)
        reply = os.read(reading, 100)
        os.close(reading)
        child.wait()
        return reply

    assert confined(store_on_disk=False) == b"24"  # EMFILE: nothing can be opened
    assert confined(store_on_disk=True) == b"27"  # EFBIG: nothing can be written
    assert (tmp_path / "file").read_bytes() == b""


@pytest.mark.parametrize("code", ["KB604", "KB605", "KB608"])
def test_every_failure_has_a_message(code: str) -> None:
    assert Limits(1.5, 2048).message(code).endswith(".")
