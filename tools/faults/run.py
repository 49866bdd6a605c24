"""Run every command that writes once for each call with which it changes files, and let something go wrong at this call.

The call fails with ENOSPC, EIO or EACCES, SIGINT, SIGTERM or SIGHUP arrives at it, or the process is killed at it. Afterwards the
old state is there or the new one, exit code and message say which, and the next run leaves the new state and nothing else.

::

    python -m tools.faults.run [--case TEXT] [--step N] [--kind KIND] [--list]
"""

from __future__ import annotations

import argparse
import atexit
import ctypes
import errno
import importlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.faults.cases import CASES, Case, encode, files, make_base

SHIM = Path(__file__).with_name("shim.c")

#: What goes wrong: an error of the call, or a signal.
KINDS: dict[str, tuple[int, int]] = {
    **{name: (getattr(errno, name), 0) for name in ("ENOSPC", "EIO", "EACCES")},
    **{name: (0, getattr(signal, name)) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGKILL")},
}

Fault = tuple[int, int, int, int]  # the number of the call, the error, the signal, and where calls are logged, or -1

_LIMIT = 120  # seconds after which a run counts as hanging


@dataclass(frozen=True, slots=True)
class Expected:
    """The states before and after a command, and its exit code."""

    old: Mapping[str, str]
    new: Mapping[str, str]
    success: int


@dataclass(slots=True)
class Tally:
    """What was tried with a command, what failed, and what was lost."""

    tried: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    half: int = 0
    calls: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run of kb ended, and how many calls changed files."""

    code: int
    message: str
    calls: int = 0


def build_shim(folder: Path) -> Path | None:
    """Compile the library that is loaded before all others; None if there is no C compiler or no such mechanism."""
    compiler = shutil.which("cc")
    if sys.platform != "linux" or compiler is None:
        return None
    library = folder / "shim.so"
    subprocess.run([compiler, "-O1", "-shared", "-fPIC", "-w", "-o", library, SHIM, "-ldl"], check=True)
    return library


class Runner:
    """Runs kb in forked children, so that it is imported once; the folder of a run has the same path each time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.run_folder = folder / "run"
        self._shim = ctypes.CDLL(None)
        os.environ.update(TMPDIR=str(self.run_folder / "tmp"), XDG_CACHE_HOME=str(folder / "cache"))
        tempfile.tempdir = None

    def run(self, *args: str, at: int = 0, kind: str = "", log: int = -1) -> Outcome:
        """Run kb; something goes wrong at a call, if it is not 0."""
        outcome = self.finish(*self.start(list(args), self.folder / "output", (at, *KINDS.get(kind, (0, 0)), log)))
        if not at:
            self._import_all()
        return outcome

    def start(
        self, args: list[str], output: Path, fault: Fault = (0, 0, 0, -1), barrier: tuple[int, int] | None = None
    ) -> tuple[int, Path]:
        """Start kb in a child, which first waits for the end of a pipe if there is one; return its id and its output."""
        pid = os.fork()
        if not pid:
            if barrier:
                os.close(barrier[1])
                os.read(barrier[0], 1)
            self._run_child(args, output, fault)
        return pid, output

    def finish(self, pid: int, output: Path) -> Outcome:
        """Wait for a child, and return how it ended."""
        code = _wait(pid)
        text, _, calls = output.read_text(encoding="utf-8").rpartition("\0")
        return Outcome(code, text or calls, int(calls) if text or calls.isdigit() else 0)

    def _run_child(self, args: list[str], output: Path, fault: Fault) -> None:
        from kb import cli

        code: Any = 70
        try:
            handle = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(handle, 1)
            os.dup2(handle, 2)
            at, error, number, log = fault
            self._shim.faults_arm(str(self.run_folder).encode(), ctypes.c_long(at), error, number, log)
            cli.main(args)
        except SystemExit as error_:
            code = error_.code or 0
            atexit._run_exitfuncs()  # noqa: SLF001 - as Python does at its end
        finally:
            calls = self._shim.faults_count()
            self._shim.faults_arm(b"", ctypes.c_long(0), 0, 0, -1)
            if not fault[0]:
                modules = self.folder / f"modules-{os.getpid()}"
                modules.write_text("\n".join(sys.modules), encoding="utf-8")
                modules.replace(self.folder / "modules")
            os.write(2, f"\0{calls}".encode())
            os._exit(code if isinstance(code, int) else 70)

    def _import_all(self) -> None:
        """Import what a child has imported, so that those after it need not."""
        for name in (self.folder / "modules").read_text(encoding="utf-8").splitlines():
            if name not in sys.modules and name.partition(".")[0] not in {"__main__", "__mp_main__"}:
                with suppress(ImportError):
                    importlib.import_module(name)

    def read(self, case: Case) -> Mapping[str, str]:
        """Read the state of what a case writes: a store in a child, since it starts threads."""
        if case.read is files:
            return files(self.run_folder / case.target)
        reader, writer = os.pipe()
        pid = os.fork()
        if not pid:
            os.write(writer, encode(case.read(self.run_folder / case.target)))
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader, "rb") as result:
            state: dict[str, str] = json.loads(result.read() or b'{"unreadable": ""}')
        _wait(pid)
        return state


def _wait(pid: int) -> int:
    end = time.monotonic() + _LIMIT
    while time.monotonic() < end:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return -999


def try_case(runner: Runner, case: Case, kinds: list[str], step: int) -> Tally:
    """Try a command with each kind of fault at every ``step``-th of its calls."""
    template, tally = runner.folder / "template", Tally()
    args = fill_arguments(runner, case)
    prepare(runner, case, template)
    old = runner.read(case)
    first = runner.run(*args)
    new, tally.calls = runner.read(case), first.calls
    if first.code not in {0, 1} or new == old:
        tally.failed.append(f"{case.name}: it does not work: {first}")
    calls = () if tally.failed else range(1, tally.calls + 1, step)
    for number, at in enumerate(calls):
        for kind in kinds if step == 1 else [kinds[(number + shift) % len(kinds)] for shift in range((len(kinds) + 1) // 2)]:
            copy_tree(template, runner.run_folder)
            _try_once(runner, case, (at, kind), Expected(old, new, first.code), tally)
    for line in tally.failed + tally.lost:
        print(line, file=sys.stderr)
    return tally


def fill_arguments(runner: Runner, case: Case) -> list[str]:
    """Return the arguments of a command, with the folder of the runs in its place."""
    return [arg.replace("{}", str(runner.run_folder)) for arg in case.args]


def prepare(runner: Runner, case: Case, template: Path) -> None:
    """Make the state before a case, as a template for its runs."""
    shutil.rmtree(runner.run_folder, ignore_errors=True)
    make_base(runner.run_folder, lambda *args: _require(runner.run(*args)))
    case.prepare(runner.run_folder, lambda *args: _require(runner.run(*args)))
    shutil.rmtree(template, ignore_errors=True)
    shutil.copytree(runner.run_folder, template, symlinks=True)


def _require(outcome: Outcome) -> int:
    if outcome.code:
        raise RuntimeError(outcome.message)
    return 0


def copy_tree(template: Path, folder: Path) -> None:
    """Bring a folder into the state of a template."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(template, folder, symlinks=True)


def _try_once(runner: Runner, case: Case, fault: tuple[int, str], expected: Expected, tally: Tally) -> None:
    """Run a command with a fault at a call, and once more without."""
    (at, kind), old, new, success = fault, expected.old, expected.new, expected.success
    args = fill_arguments(runner, case)
    outcome = runner.run(*args, at=at, kind=kind)
    state = runner.read(case)
    tally.tried[kind] += 1
    where = f"{case.name}: {kind} at call {at} of {tally.calls}: exit code {outcome.code}"
    is_begun = bool([*runner.run_folder.rglob(".commit.kb-tmp"), *runner.run_folder.rglob(".undo.kb-tmp")])
    if kind == "SIGKILL" and is_begun:
        tally.half += 1  # the next run completes it, as is checked below
    elif is_begun and not re.search("KB707|cannot be renamed", outcome.message):
        tally.failed.append(f"{where}: a journal is left: {outcome.message}")
    elif state not in (old, new):
        tally.lost.append(f"{where}: neither the old state nor the new one: {_differences(state, old, new)}")
    else:
        flaw = _find_flaw(outcome, kind, is_new=state == new, success=success)
        if flaw:
            tally.failed.append(f"{where}: {flaw}: {outcome.message.strip()[-400:]}")
    again = runner.run(*args)
    final = runner.read(case)
    left = sorted({str(path) for path in [*runner.run_folder.rglob("*kb-tmp*"), *_temporary_files(runner)]})
    if final != new:
        tally.lost.append(f"{where}: the next run does not lead to the new state: {again}: {_differences(final, old, new)}")
    elif again.code != success and not ((state == new or is_begun) and again.code in case.again):
        tally.failed.append(f"{where}: the next run ends with {again}")
    elif left and again.code in {0, 1}:
        tally.failed.append(f"{where}: left over after the next run: {left}")


def _temporary_files(runner: Runner) -> Iterator[Path]:
    """Return what is in the folder for temporary files, but for the four bytes with which Python tries that folder out."""
    for path in (runner.run_folder / "tmp").iterdir():
        if not (re.fullmatch("[a-z0-9_]{8}", path.name) and path.is_file() and path.stat().st_size <= 4):
            yield path


def _find_flaw(outcome: Outcome, kind: str, *, is_new: bool, success: int) -> str:
    """Return what is wrong with the exit code or the message; the state is old or new."""
    code, message = outcome.code, outcome.message
    flaw = ""
    if "Traceback" in message or "KB900" in message:
        flaw = "a fault of kb"
    elif kind == "SIGKILL":
        flaw = "" if code in {-signal.SIGKILL, success} else "it is not killed"
    elif kind.startswith("SIG"):
        flaw = "" if code == 130 or (code == success and is_new) else "a wrong exit code"
    elif code == success:
        flaw = "" if is_new else "it reports success, but nothing is written"
    elif code not in {5, 6}:
        flaw = "a wrong exit code"
    elif "nothing was changed" in message and is_new:
        flaw = "it says that nothing was changed"
    elif is_new and "written" not in message and "publish" not in message:
        flaw = "it does not say that the new state is there"
    elif not is_new and "It is written" in message:
        flaw = "it says that the new state is there"
    return flaw


def _differences(state: Mapping[str, str], old: Mapping[str, str], new: Mapping[str, str]) -> str:
    names = sorted({*state, *old, *new})
    kinds = {True: "new", False: "neither"}
    return ", ".join(
        f"{name} {'old' if state.get(name) == old.get(name) else kinds[state.get(name) == new.get(name)]}"
        for name in names
        if old.get(name) != new.get(name) or state.get(name) != old.get(name)
    )[:600]


@contextmanager
def workplace() -> Iterator[Path]:
    """Make a folder for the runs: in memory if there is such a place, since what is flushed need not survive."""
    memory = Path("/dev/shm")  # noqa: S108 - the folder below has a random name
    with tempfile.TemporaryDirectory(prefix="faults-", dir=memory if os.access(memory, os.W_OK) else None) as folder:
        yield Path(folder)


def main() -> int:
    """Try what the command line names, and print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--case", default="", help="only commands that contain this text")
    parser.add_argument("--kind", action="append", choices=list(KINDS), help="only this kind of fault; repeatable")
    parser.add_argument("--step", type=int, default=0, help="every how manieth call; the default depends on the command")
    parser.add_argument("--list", action="store_true", help="list the calls instead")
    options = parser.parse_args()
    if "FAULTS" not in os.environ:
        return restart()
    return _try_all(Runner(Path(os.environ["FAULTS"])), options)


def restart(program: str = "tools.faults.run") -> int:
    """Run this program again with the library loaded; return its exit code."""
    with workplace() as folder:
        library = build_shim(folder)
        if library is None:
            print("not run: this needs Linux and a C compiler")
            return 1
        environment = {**os.environ, "LD_PRELOAD": str(library), "FAULTS": str(folder)}
        return subprocess.run([sys.executable, "-m", program, *sys.argv[1:]], env=environment, check=False).returncode


def _try_all(runner: Runner, options: argparse.Namespace) -> int:
    total = Tally()
    print("| command | calls | tried | failed | lost | completed by the next run |\n|---|---:|---:|---:|---:|---:|", flush=True)
    for case in (case for case in CASES if options.case in case.name):
        if options.list:
            _list_calls(runner, case)
            continue
        tally = try_case(runner, case, options.kind or list(KINDS), options.step or case.step)
        counts = f"{tally.tried.total():,} | {len(tally.failed)} | {len(tally.lost)} | {tally.half}"
        print(f"| {case.name} | {tally.calls} | {counts} |", flush=True)
        total.tried += tally.tried
        total.failed += tally.failed
        total.lost += tally.lost
        total.half += tally.half
    print(f"| all | | {total.tried.total():,} | {len(total.failed)} | {len(total.lost)} | {total.half} |")
    print(", ".join(f"{kind} {count:,}" for kind, count in total.tried.items()))
    return int(bool(total.failed or total.lost))


def _list_calls(runner: Runner, case: Case) -> None:
    prepare(runner, case, runner.folder / "template")
    print(f"{case.name}:", flush=True)
    print(runner.run(*fill_arguments(runner, case), log=1).message)


if __name__ == "__main__":
    sys.exit(main())
