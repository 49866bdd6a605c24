"""The command line: thin commands over the pipeline, one file each.

Nothing heavy is imported before a command needs it, so that ``kb --help`` is as fast as click; a named query alone
(``kb.cli.plain``) does without click too. :func:`main` is the one place where exceptions become messages and exit codes.
"""

from __future__ import annotations

import gc

gc.set_threshold(100_000, 50, 1000)  # modules, records and quads have no cycles; looking for some costs a fifth of the time

import io  # noqa: E402 - what stands above acts on imports too
import os  # noqa: E402
import signal  # noqa: E402
import sys  # noqa: E402
from contextlib import suppress  # noqa: E402
from typing import NoReturn  # noqa: E402


def main(args: list[str] | None = None) -> NoReturn:
    """Run the command line and leave the process with its exit code."""
    signal.signal(signal.SIGTERM, _terminate)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    code = _flush(run(args))
    with suppress(AttributeError, OSError):  # standard error is closed, or nobody reads it
        sys.stderr.flush()
    os._exit(code)  # all is written; taking every object apart would only take time


def _flush(code: int) -> int:
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        return 141
    except OSError as error:
        return _say(f"kb: KB701 Standard output cannot be written: {error.strerror}.", 5)
    return code


def _terminate(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def run(args: list[str] | None = None) -> int:
    """Run a command; turn what it raises into a message on standard error and an exit code."""
    from kb.problems import CLOSED_PIPE, INTERRUPTED, OUTPUT, KbError

    try:
        code: object = _command(sys.argv[1:] if args is None else args)
    except KbError as error:
        code = _say("\n".join(map(str, error.problems)), error.exit_code)
    except KeyboardInterrupt:
        code = _say("kb: interrupted; nothing was left half-written.", INTERRUPTED)
    except BrokenPipeError:
        code = CLOSED_PIPE
    except OSError as error:  # what click itself writes, such as help
        code = _say(f"kb: KB701 Output cannot be written: {error.strerror or error}.", OUTPUT)
    except SystemExit as error:  # click's answer to a closed pipe
        code = CLOSED_PIPE if error.code == 1 else error.code
    except Exception:  # noqa: BLE001 - the one place where a fault of ours ends
        code = _fault()
    return code if isinstance(code, int) else 0


def _command(args: list[str]) -> int | None:
    """Run a command, and let click say what is wrong with the line."""
    from kb.cli import plain

    if plain.answered(args):
        return 0
    import click

    from kb.cli import progress_bar
    from kb.cli.group import group
    from kb.problems import USE

    try:
        with progress_bar.show():
            code: int | None = group.main(args=args, prog_name="kb", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return USE
    except click.Abort:
        raise KeyboardInterrupt from None
    return code


def _say(message: str, code: int) -> int:
    if sys.stderr is not None:
        sys.stderr.write(f"{message}\n")
    return code


def _fault() -> int:
    import tempfile
    import traceback

    from kb.problems import FAULT

    with tempfile.NamedTemporaryFile("w", encoding="utf-8", prefix="kb-fault-", suffix=".log", delete=False) as log:
        traceback.print_exc(file=log)
    return _say(f"kb: KB900 A fault in kb, not in your input. Please report it with {log.name}.", FAULT)
