"""Fuzz the readers of input from elsewhere.

Every input must be read, or refused with problems that name it, in bounded time and memory. Inputs are mutated records,
tables, texts, queries, releases and answers of endpoints. Input number N of a seed is always the same, so that a fault is
repeated with ``--seed`` and ``--first``.

::

    python -m tools.fuzz.run [--count N] [--seed N] [--first N] [--workers N]
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import resource
import shutil
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from kb.files.text_file import UNEXPECTED
from kb.problems import KbError
from kb.sparql.values import EngineError
from tools.fuzz.readers import Reader, make_readers, mutate

_SECONDS = 20.0  # of processor time without progress; then an input counts as a hang
_MEMORY = 3 << 30  # bytes of address space of a process beyond what it has at the start
# A folder in memory, since writing the inputs takes longer than reading them.
_FOLDER = next((path for path in [Path("/dev", "shm")] if os.access(path, os.W_OK)), None)
_LONGEST_MESSAGE = 3_000
_EXIT_CODES = {1, 2, 3, 4}
_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # general categories of characters that a terminal obeys or hides
_SEEN = "\n\t\u200c\u200d"  # line ends and tabs of messages, and the joiners that some scripts are written with


class ReaderError(Exception):
    """A reader did with an input what it must not do."""


def make_input(number: int, seed: int, readers: list[Reader]) -> tuple[Reader, bytes]:
    """Return the reader and the bytes of an input."""
    chooser = random.Random(f"{seed} {number}")
    reader = chooser.choices(readers, [reader.weight for reader in readers])[0]
    if not reader.seeds:
        return reader, chooser.randbytes(8)
    return reader, mutate(chooser.choice(reader.seeds), chooser, reader.seeds)


def run_input(reader: Reader, data: bytes) -> str:
    """Read an input; return ``read`` or ``refused``.

    Raises:
        ReaderError: The reader raised something else than problems, or the problems are not as they should be.
    """
    try:
        reader.read(data)
    except KbError as error:
        for problem in error.problems:
            if problem.message.startswith(UNEXPECTED):
                raise ReaderError(str(problem)) from error
            text = str(problem)
            if len(text) > _LONGEST_MESSAGE or any(unicodedata.category(char) in _UNSEEN for char in text if char not in _SEEN):
                raise ReaderError(f"{len(text)} characters: {text[:200]!r}") from error
        if error.exit_code not in _EXIT_CODES:
            raise ReaderError(f"exit code {error.exit_code}") from error
        return "refused"
    except EngineError as error:
        if error.code != "KB613":
            raise ReaderError(repr(error)) from error
        return "refused"
    except Exception as error:
        raise ReaderError(f"{type(error).__name__}: {str(error)[:200]}") from error
    return "read"


def run_inputs(numbers: range, seed: int, folder: Path, at: Any, results: Any) -> None:
    """Run inputs in a process; ``at`` holds the number of the current one, and the results are sent at the end."""
    mapped = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (mapped + _MEMORY, mapped + _MEMORY))
    readers, counts, faults = make_readers(folder), Counter[tuple[str, str]](), []
    for number in numbers:
        at.value = number
        reader, data = make_input(number, seed, readers)
        try:
            counts[reader.name, run_input(reader, data)] += 1
        except ReaderError as failure:
            counts[reader.name, "fault"] += 1
            faults.append((number, reader.name, str(failure)))
    results.put((counts, faults[:100], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))


def measure_processor_time(pid: int) -> float:
    """Return the processor time of a process in seconds; on a busy machine an input may wait for long without a hang."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(") ")[2].split()
    except OSError:  # the process has just ended, or the system is not Linux, where hangs are not found
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def run_all(count: int, seed: int, first: int, workers: int) -> tuple[Counter[tuple[str, str]], list[tuple[int, str, str]], int]:
    """Run inputs in processes that are replaced when they crash or hang; return counts, faults and the largest memory in KiB."""
    counts, faults, largest = Counter[tuple[str, str]](), [], 0
    pieces = [range(start, min(start + 2_000, first + count)) for start in range(first, first + count, 2_000)]
    running: dict[Any, tuple[range, Any, Any, float, int, str]] = {}
    with TemporaryDirectory(prefix="kb-fuzz-", dir=_FOLDER) as top:
        while pieces or running:
            while pieces and len(running) < workers:
                piece, at = pieces.pop(0), multiprocessing.Value("q", -1)
                results: Any = multiprocessing.SimpleQueue()
                folder = Path(top, f"{piece.start}")
                folder.mkdir()
                process = multiprocessing.Process(target=run_inputs, args=(piece, seed, folder, at, results))
                process.start()
                running[process] = (piece, at, results, 0.0, -1, str(folder))
            time.sleep(0.02)
            for process, (piece, at, results, since, last, name) in list(running.items()):
                if not results.empty() or not process.is_alive():
                    if results.empty() and process.exitcode:
                        if at.value < piece.start:
                            message = "The readers cannot be made."
                            raise RuntimeError(message)
                        faults.append((at.value, "", f"crash: {process.exitcode}"))
                        pieces.append(range(at.value + 1, piece.stop))
                    else:
                        part, found, memory = results.get()
                        counts, largest = counts + part, max(largest, memory)
                        faults += found
                elif at.value != last:
                    running[process] = (piece, at, results, measure_processor_time(process.pid), at.value, name)
                    continue
                elif measure_processor_time(process.pid) - since > _SECONDS:
                    process.kill()
                    faults.append((at.value, "", "hang"))
                    pieces.append(range(at.value + 1, piece.stop))
                else:
                    continue
                process.join()
                del running[process]
                shutil.rmtree(name, ignore_errors=True)
    return counts, faults, largest


def report(counts: Counter[tuple[str, str]], faults: list[tuple[int, str, str]], largest: int, seconds: float) -> Iterator[str]:
    """Yield the lines of the report."""
    yield f"{'reader':20} {'tried':>9} {'read':>9} {'refused':>9} {'faults':>7}"
    for name in sorted({name for name, _ in counts}):
        read, refused, failed = (counts[name, outcome] for outcome in ("read", "refused", "fault"))
        yield f"{name:20} {read + refused + failed:>9,} {read:>9,} {refused:>9,} {failed:>7,}"
    total = sum(counts.values())
    yield f"{total:,} inputs, {len(faults)} faults, {largest >> 10:,} MiB at most, {seconds:,.0f} s"
    yield from (f"input {number} {name}: {text}" for number, name, text in faults[:50])


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    begun = time.monotonic()
    counts, faults, largest = run_all(options.count, options.seed, options.first, options.workers)
    print("\n".join(report(counts, faults, largest, time.monotonic() - begun)))
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
