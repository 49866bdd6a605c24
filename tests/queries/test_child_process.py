"""Child processes: they end with their parent, keep nothing of it open, and their end has a reason."""

from __future__ import annotations

import errno
import os
import select
import signal
import time
from pathlib import Path

import pytest

from kb.queries.child_process import ChildProcess, Limits, failure_code, forbid_opening, limit_resources


def report_and_sleep(output: int) -> None:
    os.write(output, b"r")
    time.sleep(60)


def test_a_child_ends_when_its_parent_no_longer_holds_the_lifeline() -> None:
    child = ChildProcess(report_and_sleep)
    assert os.read(child.output, 1) == b"r"
    os.close(child.lifeline)
    _, status = os.waitpid(child.pid, 0)
    os.close(child.output)
    assert os.WTERMSIG(status) == signal.SIGIO


def test_a_child_does_not_keep_a_pipe_open_that_belongs_to_its_parent() -> None:
    reading, writing = os.pipe()
    child = ChildProcess(report_and_sleep, [writing])
    os.close(writing)
    assert select.select([reading], [], [], 30)[0]
    assert os.read(reading, 1) == b""
    os.close(reading)
    child.kill()
    assert failure_code(child.wait()) == "KB605"


@pytest.mark.parametrize(("store_on_disk", "reason"), [(False, errno.EMFILE), (True, errno.EFBIG)])
def test_a_confined_child_can_neither_open_nor_write_a_file(store_on_disk: bool, reason: int, tmp_path: Path) -> None:
    path = tmp_path / "file"

    def run(output: int) -> None:
        limit_resources(Limits())
        forbid_opening(store_on_disk=store_on_disk)
        try:
            path.write_bytes(b"x")
        except OSError as error:
            os.write(output, str(error.errno).encode())

    child = ChildProcess(run)
    assert os.read(child.output, 100) == str(reason).encode()
    child.wait()
    assert not path.exists() or path.read_bytes() == b""


@pytest.mark.parametrize("code", ["KB604", "KB605", "KB608"])
def test_every_failure_has_a_message(code: str) -> None:
    assert Limits(1.5, 2048).message(code).endswith(".")
