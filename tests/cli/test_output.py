"""Output that fails: the message, the exit code, and nothing half-written."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kb.cli import run
from kb.exit_codes import INTERRUPTS
from kb.formats.registry import FORMATS

Run = Callable[..., subprocess.CompletedProcess[str]]
Captured = pytest.CaptureFixture[str]
CONTENT = ["--content", str(Path(__file__).resolve().parents[1] / "golden" / "content")]


def shell(command: str, kb: list[str]) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "KB": " ".join(kb)}
    return subprocess.run(["/bin/bash", "-c", command], capture_output=True, text=True, env=environment, check=False)


#: Commands that write nothing to standard error when all goes well.
COMMANDS = ["query -e ASK{}", "export -f nq", "--help"]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_closed_pipe_ends_the_run_silently_with_141(command: str, kb_command: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([*kb_command, *command.split()], stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, "")


def test_a_pipe_that_closes_midway_ends_the_run_silently_with_141(kb_command: list[str]) -> None:
    done = shell("$KB export -f nq | head -n 1 > /dev/null; echo ${PIPESTATUS[0]}", kb_command)
    assert (done.stdout, done.stderr) == ("141\n", "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has /dev/full")
@pytest.mark.parametrize("command", COMMANDS)
def test_a_full_disk_behind_standard_output_is_reported_with_5(command: str, kb_command: list[str]) -> None:
    done = shell(f"$KB {command} > /dev/full; echo $?", kb_command)
    assert done.stdout == "5\n"
    assert len(done.stderr.splitlines()) == 1
    assert "KB701" in done.stderr


@pytest.mark.parametrize("command", COMMANDS[:-1])  # click writes help to nowhere
def test_a_closed_standard_output_is_reported_with_5(command: str, kb_command: list[str]) -> None:
    done = shell(f"$KB {command} >&-; echo $? >&2", kb_command)
    assert "KB701" in done.stderr
    assert done.stderr.endswith("\n5\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has /dev/full")
@pytest.mark.parametrize("target", ["2>/dev/full", "2>&-", "2> >(true)"])
@pytest.mark.parametrize(("command", "code"), [("export -f ttl --statements plain", 0), ("query nothing", 2)])
def test_a_run_whose_messages_cannot_be_written_keeps_its_exit_code(
    command: str, code: int, target: str, kb_command: list[str]
) -> None:
    assert shell(f"$KB {command} > /dev/null {target}; echo $?", kb_command).stdout == f"{code}\n"


@pytest.mark.parametrize("number", INTERRUPTS)
def test_a_signal_during_shutdown_changes_nothing(number: int) -> None:
    script = f"import atexit, os\nfrom kb.cli import main\natexit.register(os.kill, os.getpid(), {number})\nmain(['--version'])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("kb ")


@pytest.mark.parametrize("number", INTERRUPTS)
@pytest.mark.parametrize("module", ["click", "kb.problems", "kb.cli.stats"])
def test_an_interrupt_during_imports_is_reported_in_one_line(number: int, module: str) -> None:
    script = f"""if True:
        import os
        import sys

        class Interrupt:
            def find_spec(name, *_):
                if name == {module!r}:
                    os.kill(os.getpid(), {int(number)})

        sys.meta_path.insert(0, Interrupt)
        from kb.cli import main
        main(["stats"])
    """
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == "kb: interrupted; every file is as it was, or completely written.\n"


@pytest.mark.parametrize("number", INTERRUPTS)
def test_a_signal_that_the_parent_ignores_stays_ignored(number: int) -> None:
    """So ``nohup`` protects a long run, and a shell its background jobs."""
    script = f"""if True:
        import os
        import signal

        signal.signal({number}, signal.SIG_IGN)
        from kb.cli import interrupts
        from kb.files.durability import hold_signals

        interrupts.leave_at_once()
        os.kill(os.getpid(), {number})
        interrupts.raise_from_now()
        with hold_signals():
            os.kill(os.getpid(), {number})
        print("done")
    """
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")


def test_next_to_nothing_is_imported_before_interrupts_have_their_handler() -> None:
    """Until then, Python shows its traceback. What it imports by itself, before the first line of kb, is not counted."""
    script = "import sys; before = {*sys.modules}; import kb.cli; print(*sorted({*sys.modules} - before))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    imported = {*done.stdout.split()} - {"__future__"}  # which may be there before, as where coverage is measured
    assert imported == {"kb", "kb.cli", "kb.cli.interrupts", "kb.exit_codes"}


def test_an_interrupt_of_workers_is_reported_once() -> None:
    """Ctrl-C in a terminal signals the command and its child processes alike."""
    script = """if True:
        import os
        import time
        from kb import cli, pipeline
        from kb.build import workers

        def wait(_):
            os.write(1, b"ready\\n")
            time.sleep(60)

        pipeline.load_sound = lambda _: list(workers.share(wait, [1, 2], 2))
        cli.main(["stats"])
    """
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout
        assert [process.stdout.readline() for _ in range(2)] == ["ready\n"] * 2
        os.killpg(process.pid, signal.SIGINT)
        _, error = process.communicate(timeout=20)
    assert process.returncode == 130
    assert error.strip() == "kb: interrupted; every file is as it was, or completely written."


def test_workers_end_with_a_command_that_is_killed() -> None:
    script = """if True:
        import os
        import time
        from kb.build import workers

        def wait(_):
            os.write(1, b"ready\\n")
            time.sleep(60)

        list(workers.share(wait, [1, 2], 2))
    """
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stdout
        assert [process.stdout.readline() for _ in range(2)] == ["ready\n"] * 2
        process.kill()
        assert process.stdout.read() == ""  # which ends when no process can write any more


@pytest.mark.parametrize("target", ["/proc/x.ttl", "/proc/folder/", "/dev/null/x.ttl"])
def test_a_path_that_cannot_be_written_is_reported_with_5(target: str, capsys: Captured) -> None:
    assert run(["export", *CONTENT, "-o", target]) == 5
    error = capsys.readouterr().err
    assert "KB701" in error
    assert "Traceback" not in error


def test_missing_folders_are_created(tmp_path: Path) -> None:
    assert run(["export", *CONTENT, "-o", str(tmp_path / "a" / "b" / "c.ttl")]) == 0
    assert run(["export", *CONTENT, "-o", f"{tmp_path}/d/e/"]) == 0
    assert {path.name for path in (tmp_path / "d/e").iterdir()} >= {f"brightol.{fmt.extension}" for fmt in FORMATS}


def test_a_folder_with_some_formats_gets_those_a_readme_and_checksums(tmp_path: Path) -> None:
    assert run(["export", *CONTENT, "-f", "ttl", "-f", "nq", "-o", str(tmp_path)]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {"brightol.ttl", "brightol.nq", "README.md", "SHA256SUMS"}


def test_check_lists_stale_files_and_writes_nothing(tmp_path: Path, capsys: Captured) -> None:
    folder = f"{tmp_path}/exports/"
    assert run(["export", *CONTENT, "-o", folder]) == 0
    assert run(["export", *CONTENT, "-o", folder, "--check"]) == 0
    (tmp_path / "exports/brightol.nt").write_text("odd", encoding="utf-8")
    (tmp_path / "exports/brightol.ttl").unlink()
    capsys.readouterr()
    assert run(["export", *CONTENT, "-o", folder, "--check"]) == 1
    assert capsys.readouterr().err.count("KB706") == 2
    assert (tmp_path / "exports/brightol.nt").read_text(encoding="utf-8") == "odd"


def test_other_files_in_a_folder_are_reported(tmp_path: Path, capsys: Captured) -> None:
    folder = f"{tmp_path}/exports/"
    assert run(["export", *CONTENT, "-o", folder]) == 0
    (tmp_path / "exports/old.ttl").write_text("", encoding="utf-8")
    capsys.readouterr()
    assert run(["export", *CONTENT, "-o", folder]) == 0
    assert "1 other files are there" in capsys.readouterr().err
    assert run(["export", *CONTENT, "-o", folder, "--check"]) == 1
    assert "old.ttl: KB706 It is not part of this export." in capsys.readouterr().err


def test_check_never_writes(tmp_path: Path) -> None:
    file = tmp_path / "x.ttl"
    file.write_text("old", encoding="utf-8")
    assert run(["export", *CONTENT, "-o", str(file), "--check"]) == 2
    assert run(["export", *CONTENT, "--check"]) == 2
    assert file.read_text(encoding="utf-8") == "old"


def test_the_readme_of_a_folder_names_its_statement_model(tmp_path: Path, capsys: Captured) -> None:
    assert run(["export", *CONTENT, "--statements", "rdf12", "-o", f"{tmp_path}/"]) == 0
    readme = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "--statements rdf12" in readme
    assert "only readers that know RDF 1.2" in readme
    capsys.readouterr()
    assert run(["export", *CONTENT, "--statements", "plain", "-o", f"{tmp_path}/plain/"]) == 0
    assert "pieces of evidence are left out" in capsys.readouterr().err


def test_losses_are_reported_on_standard_error_only(capsys: Captured) -> None:
    assert run(["export", *CONTENT, "-f", "ttl", "--statements", "plain"]) == 0
    captured = capsys.readouterr()
    assert "loss" not in captured.out
    assert "loss: the graphs of documents, since Turtle has no named graphs (2)." in captured.err
    assert "facts hold only with their hedge or condition and have no bare triple (4): " in captured.err
    assert "qualifiers are left out (18): modality 12, polarity 1, frequency 2" in captured.err
    assert run(["export", *CONTENT, "-f", "trig"]) == 0
    assert "loss" not in capsys.readouterr().err


def test_an_interrupt_leaves_no_file_behind(kb_command: list[str], tmp_path: Path) -> None:
    target = tmp_path / "exports"
    for number in INTERRUPTS:
        with subprocess.Popen(
            [*kb_command, "query", "-e", "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", "-o", f"{target}.csv"],
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        ) as process:
            wait_for_child(process.pid)
            process.send_signal(number)
            _, error = process.communicate(timeout=20)
        assert process.returncode == 130
        assert "interrupted" in error
        assert not list(tmp_path.iterdir())


def wait_for_child(pid: int) -> None:
    """Wait until a process has forked: then its question is being answered."""
    for _ in range(10_000):
        parents = subprocess.run(["/bin/ps", "-A", "-o", "ppid="], capture_output=True, text=True, check=True).stdout.split()
        if str(pid) in parents:
            return
    message = "the query process never started"
    raise TimeoutError(message)


def test_a_terminal_gets_a_fitted_table_and_a_pipe_a_plain_one(kb_command: list[str], run_kb: Run) -> None:
    plain = run_kb("query", "advice").stdout
    assert max(map(len, plain.splitlines())) > 80
    ours, theirs = pty.openpty()
    environment = {**os.environ, "COLUMNS": "60", "TERM": "xterm", "NO_COLOR": "1"}
    with subprocess.Popen([*kb_command, "query", "advice"], stdout=theirs, stderr=subprocess.DEVNULL, env=environment) as process:
        screen = drain(ours, process)
    os.close(ours)
    os.close(theirs)
    assert max(map(len, screen.splitlines())) <= 60
    assert "situation" in screen


def drain(terminal: int, process: subprocess.Popen[bytes]) -> str:
    parts = []
    while process.poll() is None or select.select([terminal], [], [], 0)[0]:
        if select.select([terminal], [], [], 0.05)[0]:
            parts.append(os.read(terminal, 1 << 16))
    return re.sub(r"\x1b\[[0-9;]*m", "", b"".join(parts).decode("utf-8"))


def test_an_ascii_locale_does_not_break_output(run_kb: Run) -> None:
    done = run_kb("export", *CONTENT, "-f", "ttl", env={"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"})
    assert done.returncode == 0, done.stderr
    assert "é" in done.stdout
