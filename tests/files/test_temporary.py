"""Temporary folders of killed runs are removed by the next run; those of living ones never are."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kb.files import atomic
from kb.files.locks import lock
from kb.files.temporary import TEMPORARY, TemporaryFolder, prefix_beside, remove_left_over
from kb.problems import KbError

KEEP = """
import sys
from pathlib import Path
from kb.files.temporary import TemporaryFolder
with TemporaryFolder(Path(sys.argv[1])) as folder:
    (Path(folder) / "big").write_text("x")
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def living(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that has a temporary folder."""
    command = [sys.executable, "-c", KEEP, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline().startswith(str(tmp_path))
        yield process
        process.kill()


def test_the_next_run_removes_what_a_killed_one_left_and_nothing_of_a_living_one(
    tmp_path: Path, living: subprocess.Popen[str]
) -> None:
    others = [tmp_path / "kb-notes", tmp_path / f"{TEMPORARY}", tmp_path / "kb.x"]
    for other in others:
        other.mkdir()
    (theirs,) = set(tmp_path.iterdir()) - set(others)
    with TemporaryFolder(tmp_path) as ours:
        assert set(tmp_path.iterdir()) == {*others, theirs, Path(ours)}
    assert (theirs / "big").exists()
    living.send_signal(signal.SIGKILL)
    living.wait()
    with TemporaryFolder(tmp_path) as ours:
        assert set(tmp_path.iterdir()) == {*others, Path(ours)}
    assert set(tmp_path.iterdir()) == set(others)


def test_the_folder_for_temporary_files_is_cleared_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / f"kb.left{TEMPORARY}/parts").mkdir(parents=True)
    with TemporaryFolder() as folder:
        assert list(tmp_path.iterdir()) == [Path(folder)]


def test_a_folder_that_was_removed_before_it_was_locked_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, made = tempfile.mkdtemp, list[str]()

    def make_and_remove(*args: Any) -> str:
        made.append(str(real(*args)))
        if len(made) < 3:
            shutil.rmtree(made[-1])
        return made[-1]

    monkeypatch.setattr(tempfile, "mkdtemp", make_and_remove)
    with TemporaryFolder(tmp_path) as folder:
        assert folder == made[2]
        assert Path(folder).is_dir()


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / f"kb.link{TEMPORARY}").symlink_to("mine")
    os.mkfifo(tmp_path / f"kb.pipe{TEMPORARY}")
    remove_left_over(tmp_path)
    assert (tmp_path / "mine").is_dir()


def run_together(count: int, work: Any) -> list[int]:
    """Run a function in several processes at once; return their exit codes."""
    reader, writer = os.pipe()
    pids = []
    for number in range(count):
        pid = os.fork()
        if not pid:
            os.close(writer)
            os.read(reader, 1)  # until all are there
            code = 99
            try:
                code = work(number)
            finally:
                os._exit(code)
        pids.append(pid)
    os.close(reader)
    os.close(writer)
    return [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]


def test_no_process_removes_the_folder_that_another_has_just_made(tmp_path: Path) -> None:
    def work(number: int) -> int:
        for _ in range(100):
            with TemporaryFolder(tmp_path) as folder:
                (Path(folder) / "a").write_text(str(number))
                if (Path(folder) / "a").read_text() != str(number):
                    return 1
        return 0

    assert run_together(6, work) == [0] * 6
    assert list(tmp_path.iterdir()) == []


def test_of_many_processes_that_make_the_same_folder_one_wins_and_the_others_say_so(tmp_path: Path) -> None:
    def work(number: int) -> int:
        try:
            atomic.write_folder(tmp_path / "out", {name: [f"{number}"] for name in "abcdef"})
        except KbError as error:
            return 0 if error.problems[0].code == "KB704" and error.exit_code == 6 else 1
        return 7

    for _ in range(6):
        codes = run_together(8, work)
        assert 7 in codes
        assert set(codes) <= {0, 7}
        contents = {path.read_text() for path in (tmp_path / "out").iterdir()}
        assert len(contents) == 1  # all files are of the same writer
        assert codes[int(contents.pop())] == 7
        assert list(tmp_path.iterdir()) == [tmp_path / "out"]
        shutil.rmtree(tmp_path / "out")


def test_a_folder_that_another_process_made_meanwhile_is_not_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = tmp_path / f"{prefix_beside(tmp_path / 'out')}new{TEMPORARY}"
    made.mkdir()
    (made / "theirs").write_text("theirs")
    answers, real = iter([False]), Path.is_dir  # the first look is as if it had been made after it

    def is_dir(path: Path) -> bool:
        return real(path) and (path != made or next(answers, True))

    monkeypatch.setattr(Path, "is_dir", is_dir)
    with lock(made), pytest.raises(KbError) as caught:
        atomic.write_folder(tmp_path / "out", {"a": ["ours"]})
    assert caught.value.problems[0].code == "KB704"
    assert (made / "theirs").read_text() == "theirs"
