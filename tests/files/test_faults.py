"""Whatever fails while a command writes, its files are old or new, and the next run completes them.

``make faults`` tries all calls of all commands; here is a sample.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

needs_compiler = pytest.mark.skipif(sys.platform != "linux" or not shutil.which("cc"), reason="it needs Linux and a C compiler")


def try_faults(*options: str, program: str = "run") -> str:
    environment = {name: value for name, value in os.environ.items() if name not in {"XDG_CACHE_HOME", "SOURCE_DATE_EPOCH"}}
    command = [sys.executable, "-m", f"tools.faults.{program}", *options]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout[-2000:]}{done.stderr[-4000:]}"
    return done.stdout


@needs_compiler
def test_files_that_belong_together_are_old_or_new_whatever_fails() -> None:
    assert "| document add --replace |" in try_faults("--case", "document add --replace", "--step", "13")


@needs_compiler
@pytest.mark.long("it runs twenty commands some thirty times")
def test_what_any_command_writes_is_old_or_new_whatever_fails() -> None:
    table = try_faults("--step", "97")
    assert "| release |" in table
    assert "| build --store, old |" in table


@needs_compiler
@pytest.mark.long("many processes run seven commands")
def test_of_many_processes_that_write_the_same_folder_the_others_say_that_it_is_in_use() -> None:
    assert "| build --store, old | 3 | 30 |" in try_faults("--rounds", "3", "--writers", "10", program="contention")
