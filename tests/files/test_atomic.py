"""Files are in the old state or in the new one, whatever fails, also after a kill and with several writers."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from kb.exit_codes import INTERRUPTS
from kb.files import atomic, journal
from kb.files.temporary import TEMPORARY
from kb.problems import KbError

OLD = {"a.ttl": "old a", "b/c.csv": "old c", "d.nt": "old d", "h/gone.nq": "old h"}
NEW = {"a.ttl": "new a", "b/c.csv": "new c", "d.nt": "new d", "e/f/g.nq": "new g"}
CHANGE = {**{name: [text] for name, text in NEW.items()}, "h/gone.nq": None}


def make(folder: Path, contents: dict[str, str]) -> None:
    for name, text in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def contents(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.is_file()}


def code_of(write: Callable[[], None]) -> str:
    with pytest.raises(KbError) as raised:
        write()
    (problem,) = raised.value.problems
    return problem.code


def test_a_file_is_written_as_it_is(tmp_path: Path) -> None:
    atomic.write_file(tmp_path / "x" / "y.csv", ["é\r\n", "😀\n"])
    assert (tmp_path / "x" / "y.csv").read_bytes() == "é\r\n😀\n".encode()
    assert sorted(contents(tmp_path)) == ["x/y.csv"]


def test_a_folder_is_made_and_other_files_in_it_stay(tmp_path: Path) -> None:
    make(tmp_path / "x", {"other": "theirs"})
    atomic.write_folder(tmp_path / "x", CHANGE)
    atomic.write_folder(tmp_path / "y" / "z", CHANGE)
    assert contents(tmp_path / "x") == {**NEW, "other": "theirs"}
    assert contents(tmp_path / "y" / "z") == NEW


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let fsync do nothing."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


class Fault:
    """Lets a function of the system fail at its n-th call."""

    def __init__(self, real: Callable[..., Any], at: int, number: int) -> None:
        self.real, self.left, self.number = real, at, number

    def __call__(self, *args: Any, **named: Any) -> Any:
        self.left -= 1
        if self.left == 0:
            raise OSError(self.number, os.strerror(self.number))
        return self.real(*args, **named)


# The calls that writing a folder makes.
CALLS = ["replace", "rename", "fsync", "mkdir", "fchmod", "link", "unlink", "rmdir", "open"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EACCES])
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.usefixtures("fast")
def test_all_files_are_old_or_all_are_new_whichever_call_fails(
    call: str, number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for at in range(1, 100):
        folder, message = tmp_path / str(at), ""
        make(folder, OLD)
        fault = Fault(getattr(os, call), at, number)
        with monkeypatch.context() as patch:
            patch.setattr(os, call, fault)
            try:
                atomic.write_folder(folder, CHANGE)
            except KbError as error:
                message = str(error)
                assert error.problems[0].code == "KB701"
        check_state(folder, message)
        if fault.left > 0:
            return
    pytest.fail("the calls never end")


def check_state(folder: Path, message: str) -> None:
    """Check that files are as the message of the error says, and that the next writer leaves only new files."""
    assert visible(folder) == (OLD if "nothing was changed" in message else NEW), message
    if visible(folder) == OLD:
        assert not (folder / "e").exists()
    atomic.write_folder(folder, CHANGE)
    assert contents(folder) == NEW


def visible(folder: Path) -> dict[str, str]:
    return {name: text for name, text in contents(folder).items() if TEMPORARY not in name}


@pytest.mark.parametrize("number", INTERRUPTS)
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.usefixtures("fast")
def test_all_files_are_old_or_all_are_new_whenever_a_signal_arrives(
    call: str, number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = signal.signal(number, signal.default_int_handler)
    try:
        for at in range(1, 100):
            folder = tmp_path / str(at)
            make(folder, OLD)
            fault = Interrupt(getattr(os, call), at, number)
            with monkeypatch.context() as patch:
                patch.setattr(os, call, fault)
                with suppress(KeyboardInterrupt):
                    atomic.write_folder(folder, CHANGE)
            assert visible(folder) in (OLD, NEW)
            check_state(folder, "nothing was changed" if visible(folder) == OLD else "")
            if fault.left > 0:
                return
        pytest.fail("the calls never end")
    finally:
        signal.signal(number, before)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.usefixtures("fast")
def test_a_change_that_was_killed_is_whole_after_the_next_writer(call: str, tmp_path: Path) -> None:
    for at in range(1, 100):
        folder = tmp_path / str(at)
        make(folder, OLD)
        killed = os.fork()
        if not killed:
            setattr(os, call, Kill(getattr(os, call), at))
            atomic.write_folder(folder, CHANGE)
            os._exit(0)
        survived = os.waitpid(killed, 0)[1] == 0
        half = visible(folder) not in (OLD, NEW)
        assert half <= journal.is_unfinished(folder)
        (folder / "other").write_text("theirs")
        atomic.write_folder(folder, {"z": ["z"]})
        assert visible(folder) in ({**OLD, "other": "theirs", "z": "z"}, {**NEW, "other": "theirs", "z": "z"})
        assert contents(folder) == visible(folder)
        if survived:
            return
    pytest.fail("the calls never end")


class Interrupt(Fault):
    """Sends a signal before the n-th call of a function."""

    def __call__(self, *args: Any, **named: Any) -> Any:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), self.number)
        return self.real(*args, **named)


class Kill(Interrupt):
    """Kills the process before the n-th call of a function."""

    def __init__(self, real: Callable[..., Any], at: int) -> None:
        super().__init__(real, at, signal.SIGKILL)


def test_a_file_that_is_removed_alone_is_gone_unless_it_was_edited(tmp_path: Path) -> None:
    make(tmp_path, OLD)
    with atomic.open_folder(tmp_path, keep_edits=True) as writer:
        (tmp_path / "a.ttl").write_text("edited", encoding="utf-8")
        assert code_of(lambda: writer.replace({"a.ttl": None, "d.nt": None})) == "KB708"
        assert visible(tmp_path) == {**OLD, "a.ttl": "edited"}
        writer.replace({"d.nt": None})
    assert "d.nt" not in contents(tmp_path)


def test_a_file_that_was_edited_after_a_kill_is_not_overwritten(tmp_path: Path) -> None:
    make(tmp_path, OLD)
    killed = os.fork()
    if not killed:
        setattr(os, "replace", Kill(os.replace, 2))  # noqa: B010 - mypy knows that modules have no such attribute
        atomic.write_folder(tmp_path, CHANGE)
    os.waitpid(killed, 0)
    (tmp_path / "d.nt").write_text("edited")
    for _ in range(2):
        assert code_of(lambda: atomic.write_folder(tmp_path, {"d.nt": ["newer"], "z": ["z"]})) == "KB707"
    assert visible(tmp_path)["d.nt"] == "edited"
    shutil.rmtree(tmp_path / ".commit.kb-tmp")
    atomic.write_folder(tmp_path, {"d.nt": ["newer"], "z": ["z"]})
    assert visible(tmp_path)["d.nt"] == "newer"


@pytest.mark.parametrize("state", ["commit", "undo"])
@pytest.mark.parametrize(
    "text",
    [
        '[[["../outside", [7, 0], null]], []]',
        '[[["a.ttl", null, null]], ["../made"]]',
        '[[["out/outside", null, null]], []]',
        "[[[",
        '{"files": 1}',
        "[" * 100_000,
        '[[["a.ttl", ["x"], null]], []]',
        "",
    ],
)
def test_a_journal_from_elsewhere_changes_nothing_outside_its_folder(state: str, text: str, tmp_path: Path) -> None:
    make(tmp_path, {"outside": "outside", "kb/a.ttl": "old"})
    (tmp_path / "made").mkdir()
    (tmp_path / "kb/out").symlink_to("..")
    make(tmp_path / f"kb/.{state}.kb-tmp", {"files.json": text, "new/0": "new", "old/0": "new"})
    if state == "undo":
        (tmp_path / "kb/.undo.kb-tmp/new/0").unlink()
    with pytest.raises(KbError) as caught:
        atomic.write_folder(tmp_path / "kb", {"b": ["b"]})
    assert [problem.code for problem in caught.value.problems] == ["KB707"]
    assert (tmp_path / "outside").read_text() == "outside"
    assert (tmp_path / "kb/a.ttl").read_text() == "old"
    assert (tmp_path / "made").is_dir()


def test_where_undoing_fails_too_the_next_writer_completes_the_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, OLD)
    with monkeypatch.context() as patch:
        real = os.replace

        def broken(source: Any, target: Any) -> None:
            if Path(target).name == "d.nt" or "old" in Path(source).parts[-2:]:
                raise OSError(errno.EIO, os.strerror(errno.EIO), str(target))
            real(source, target)

        patch.setattr(os, "replace", broken)
        assert code_of(lambda: atomic.write_folder(tmp_path, CHANGE)) == "KB707"
    assert journal.is_unfinished(tmp_path)
    atomic.write_folder(tmp_path, {"z": ["z"]})
    assert contents(tmp_path) == {**OLD, "z": "z"}


@pytest.mark.parametrize("call", ["link", "fsync"])
def test_what_a_file_system_lacks_does_no_harm(call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, OLD)
    real = getattr(os, call)

    def lacking(handle: Any, *args: Any) -> None:
        if call == "link" or stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(errno.EPERM, os.strerror(errno.EPERM))
        real(handle, *args)

    monkeypatch.setattr(os, call, lacking)
    atomic.write_folder(tmp_path, CHANGE)
    assert contents(tmp_path) == NEW


def test_files_on_another_file_system_are_replaced_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, OLD)
    real = os.replace

    def across(source: Any, target: Any) -> None:
        if Path(source).parent.name == "new":
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        real(source, target)

    monkeypatch.setattr(os, "replace", across)
    atomic.write_folder(tmp_path, CHANGE)
    assert contents(tmp_path) == NEW


@pytest.mark.parametrize("call", ["replace", "fsync", "fchmod"])
def test_a_single_file_stays_old_where_a_call_fails(call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, {"a": "old"})
    monkeypatch.setattr(os, call, Fault(getattr(os, call), 1, errno.EIO))
    assert code_of(lambda: atomic.write_file(tmp_path / "a", ["new"])) == "KB701"
    assert contents(tmp_path) == {"a": "old"}


@pytest.mark.parametrize("error", [KeyboardInterrupt, KbError([]), UnicodeEncodeError("utf-8", "", 0, 1, "")])
def test_where_the_text_cannot_be_made_the_old_file_stays(error: BaseException | type[BaseException], tmp_path: Path) -> None:
    def pieces() -> Iterator[str]:
        yield "x" * 100_000
        raise error

    make(tmp_path, OLD)
    with pytest.raises(error if isinstance(error, type) else type(error)):
        atomic.write_file(tmp_path / "a.ttl", pieces())
    with pytest.raises(error if isinstance(error, type) else type(error)):
        atomic.write_folder(tmp_path, {"new/x": ["x"], "a.ttl": pieces()})
    assert contents(tmp_path) == OLD
    assert not (tmp_path / "new").exists()


def test_a_folder_in_the_place_of_a_file_is_reported(tmp_path: Path) -> None:
    make(tmp_path, OLD)
    assert code_of(lambda: atomic.write_file(tmp_path / "b", ["x"])) == "KB701"
    assert code_of(lambda: atomic.write_folder(tmp_path, {"b": ["x"], "a.ttl": ["x"]})) == "KB701"
    assert contents(tmp_path) == OLD


def test_a_file_in_the_place_of_a_folder_is_reported(tmp_path: Path) -> None:
    make(tmp_path, OLD)
    assert code_of(lambda: atomic.write_folder(tmp_path / "a.ttl", {"b": ["x"]})) == "KB701"
    assert code_of(lambda: atomic.write_file(tmp_path / "a.ttl" / "b", ["x"])) == "KB701"
    assert contents(tmp_path) == OLD


def test_a_read_only_place_is_reported() -> None:
    assert code_of(lambda: atomic.write_file(Path("/proc/x.ttl"), ["x"])) == "KB701"
    assert code_of(lambda: atomic.write_folder(Path("/proc/x"), {"b": ["x"]})) == "KB701"


def test_a_name_that_is_too_long_is_reported(tmp_path: Path) -> None:
    assert code_of(lambda: atomic.write_file(tmp_path / ("x" * 300), ["x"])) == "KB701"
    atomic.write_file(tmp_path / ("x" * 250), ["x"])


def test_a_full_device_is_reported_and_stays_a_device() -> None:
    assert code_of(lambda: atomic.write_file(Path("/dev/full"), ["x"])) == "KB701"
    atomic.write_file(Path(os.devnull), ["x"])
    assert stat.S_ISCHR(Path("/dev/full").stat().st_mode)
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


def test_a_named_pipe_is_written_into(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=atomic.write_file, args=(pipe, ["through"]))
    writer.start()
    assert pipe.read_text(encoding="utf-8") == "through"
    writer.join()
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_symbolic_link_stays_and_points_to_the_new_text(tmp_path: Path) -> None:
    make(tmp_path, {"real/a": "old"})
    (tmp_path / "link").symlink_to("real/a")
    (tmp_path / "dangling").symlink_to("real/b")
    (tmp_path / "loop").symlink_to("loop")
    atomic.write_file(tmp_path / "link", ["new"])
    atomic.write_file(tmp_path / "dangling", ["b"])
    assert code_of(lambda: atomic.write_file(tmp_path / "loop", ["x"])) == "KB701"
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "dangling").is_symlink()
    assert contents(tmp_path / "real") == {"a": "new", "b": "b"}


@pytest.mark.parametrize("mask", [0o022, 0o077, 0o000])
def test_a_new_file_has_the_permissions_that_the_user_wants(mask: int, tmp_path: Path) -> None:
    before = os.umask(mask)
    try:
        atomic.write_file(tmp_path / "a", ["x"])
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o666 & ~mask


def test_a_file_that_is_there_keeps_its_permissions(tmp_path: Path) -> None:
    make(tmp_path, {"a": "old"})
    (tmp_path / "a").chmod(0o640)
    atomic.write_file(tmp_path / "a", ["new"])
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o640


SLOW = """
import sys
from pathlib import Path
from kb.files import atomic
def pieces():
    yield "new" * 100_000
    print("writing", flush=True)
    sys.stdin.read()
    yield "end"
if sys.argv[1] == "folder":
    atomic.write_folder(Path(sys.argv[2]), {"a.ttl": ["new"], "d.nt": pieces()})
else:
    atomic.write_file(Path(sys.argv[2]) / "a.ttl", pieces())
"""


def start(sort: str, folder: Path) -> subprocess.Popen[str]:
    """Start a process that writes, and return when it is in the middle."""
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW, sort, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "writing\n"
    return process


@pytest.mark.parametrize("sort", ["folder", "file"])
def test_a_process_that_is_killed_leaves_old_files_and_the_next_removes_what_it_left(sort: str, tmp_path: Path) -> None:
    make(tmp_path, OLD)
    with start(sort, tmp_path) as process:
        process.send_signal(signal.SIGKILL)
    assert visible(tmp_path) == OLD
    assert contents(tmp_path) != OLD
    atomic.write_folder(tmp_path, CHANGE)
    assert contents(tmp_path) == NEW


def test_of_two_processes_that_write_into_a_folder_one_is_refused(tmp_path: Path) -> None:
    make(tmp_path, OLD)
    with start("folder", tmp_path) as process:
        with pytest.raises(KbError, match="KB704 Another process is writing there") as raised:
            atomic.write_folder(tmp_path, CHANGE)
        assert raised.value.exit_code == 6
        assert visible(tmp_path) == OLD
        process.communicate("go")
    assert process.returncode == 0
    assert contents(tmp_path)["a.ttl"] == "new"
    atomic.write_folder(tmp_path, CHANGE)
    assert contents(tmp_path) == NEW


def test_a_folder_that_another_process_makes_meanwhile_is_not_written_to(tmp_path: Path) -> None:
    with atomic.open_folder(tmp_path / "x") as writer:
        make(tmp_path / "x", OLD)
        assert code_of(lambda: writer.replace(CHANGE)) == "KB704"
    assert contents(tmp_path / "x") == OLD
    assert list(tmp_path.iterdir()) == [tmp_path / "x"]


def test_a_file_that_another_process_is_writing_is_not_removed(tmp_path: Path) -> None:
    with start("file", tmp_path) as process:
        atomic.write_file(tmp_path / "a.ttl", ["ours"])
        process.communicate("go")
    assert process.returncode == 0
    assert contents(tmp_path)["a.ttl"].endswith("end")
    assert len(contents(tmp_path)) == 1


def test_many_writers_of_one_file_leave_one_complete_text(tmp_path: Path) -> None:
    def write(number: int) -> None:
        for _ in range(20):
            atomic.write_file(tmp_path / "a", [str(number) * 50_000])

    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    (text,) = contents(tmp_path).values()
    assert len(text) == 50_000
    assert len(set(text)) == 1


def test_a_file_that_was_removed_before_it_was_locked_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = tempfile.mkstemp
    made: list[str] = []

    def removed(*args: Any) -> tuple[int, str]:
        handle, name = real(*args)
        made.append(name)
        if len(made) == 1:
            Path(name).unlink()
        return handle, name

    monkeypatch.setattr("kb.files.atomic.mkstemp", removed)
    atomic.write_file(tmp_path / "a", ["x"])
    assert len(made) == 2
    assert contents(tmp_path) == {"a": "x"}
