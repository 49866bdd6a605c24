"""Statements sorted on disk, each once, graph by graph: as many as there are in bounded memory.

What does not fit is written in sorted runs, which are merged at the end (an external merge sort).
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import count, groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import NamedTuple, Self

from kb.rdf.quads import Quad

#: How many bytes of statements are held in memory.
HELD = 64 << 20
# How many runs one merge reads, each of which is an open file.
_FAN = 64


class Spooled(NamedTuple):
    """Statements as lines of N-Triples, sorted, each once.

    Args:
        path: The file that holds them.
        statements: How many there are.
        size: How many bytes.
    """

    path: Path
    statements: int
    size: int

    def lines(self) -> Iterator[bytes]:
        """Give the lines."""
        with self.path.open("rb") as file:
            yield from file


class Spool:
    """A temporary folder of sorted graphs, gone when it is left.

    Args:
        held: How many bytes to hold in memory.
    """

    def __init__(self, held: int = HELD) -> None:
        self._folder = TemporaryDirectory(prefix="kb-push-")
        self._names = count()
        self.held, self._size = held, 0
        self._kept: dict[str, list[bytes]] = {}
        self._made: list[Path] = []
        self._runs: dict[str, list[Path]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._folder.cleanup()

    def graphs(self, quads: Iterable[Quad]) -> dict[str, Spooled]:
        """Sort quads into their graphs, by the graph's term."""
        for quad in quads:
            self._add(quad.graph, f"{quad.subject} {quad.predicate} {quad.object} .\n".encode())
        return {graph: self._finish(graph) for graph in sorted({*self._kept, *self._runs})}

    def graph(self, lines: Iterable[bytes]) -> Spooled:
        """Sort the lines of one graph, until it is cleared."""
        for line in lines:
            self._add("", line)
        made = self._finish("")
        self._made.append(made.path)
        return made

    def clear(self) -> None:
        """Remove what :meth:`graph` made."""
        while self._made:
            self._made.pop().unlink()

    def _add(self, graph: str, line: bytes) -> None:
        self._kept.setdefault(graph, []).append(line)
        self._size += len(line)
        if self._size > self.held:
            for each, lines in self._kept.items():
                self._runs.setdefault(each, []).append(self._write(sorted(set(lines))).path)
            self._kept, self._size = {}, 0

    def _finish(self, graph: str) -> Spooled:
        lines = sorted(set(self._kept.pop(graph, ())))
        self._size = 0 if not self._kept else self._size
        runs = self._runs.pop(graph, [])
        while len(runs) > _FAN:
            runs = [*runs[_FAN:], self._merge(runs[:_FAN], []).path]
        return self._merge(runs, lines) if runs else self._write(lines)

    def _merge(self, runs: list[Path], lines: list[bytes]) -> Spooled:
        with ExitStack() as still_open:
            files = [still_open.enter_context(path.open("rb")) for path in runs]
            merged = self._write(line for line, _ in groupby(heapq.merge(*files, lines)))
        for path in runs:
            path.unlink()
        return merged

    def _write(self, lines: Iterable[bytes]) -> Spooled:
        path, number = Path(self._folder.name) / str(next(self._names)), 0
        with path.open("wb") as file:
            for number, line in enumerate(lines, 1):  # noqa: B007 - the last one counts them
                file.write(line)
            return Spooled(path, number, file.tell())
