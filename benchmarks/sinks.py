"""Where generated records go: one or several files of JSON Lines, plain or compressed, or Parquet."""

from __future__ import annotations

import gzip
import io
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

COMPRESSIONS = ("none", "gz", "zst", "parquet")
_SUFFIXES = {"none": ".jsonl", "gz": ".jsonl.gz", "zst": ".jsonl.zst", "parquet": ".parquet"}
_BATCH = 20_000  # lines that become one row group of Parquet


class Sinks:
    """Several files that records are dealt out to in turn.

    Args:
        folder: Where they lie; it is made.
        files: How many.
        compression: One of :data:`COMPRESSIONS`.
        kind: ``document`` for records that stay JSON Lines where facts are Parquet.
    """

    def __init__(self, folder: Path, files: int, compression: str, kind: str = "fact") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        if compression == "parquet" and kind == "document":
            compression = "none"
        self._compression, self._open = compression, ExitStack()
        names = ["all"] if files == 1 else [f"part-{number:05}" for number in range(files)]
        self._paths = [folder / f"{name}{_SUFFIXES[compression]}" for name in names]
        self._sinks: list[Any] = []

    def __enter__(self) -> Self:
        self._sinks = [self._open.enter_context(_sink(path, self._compression)) for path in self._paths]
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._open.__exit__(kind, error, trace)

    def write(self, number: int, lines: list[str]) -> None:
        """Write the lines of the label of that number."""
        self._sinks[number % len(self._sinks)].write("".join(f"{line}\n" for line in lines))


def _sink(path: Path, compression: str) -> Any:
    if compression == "gz":
        raw = gzip.GzipFile(path, "wb", compresslevel=1, mtime=0)
        return io.TextIOWrapper(raw, encoding="utf-8", write_through=False)
    if compression == "zst":
        from backports import zstd

        return zstd.open(path, "wt", level=1, encoding="utf-8")
    return _Parquet(path) if compression == "parquet" else path.open("w", encoding="utf-8")


class _Parquet:
    """Turns lines of facts into row groups."""

    def __init__(self, path: Path) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        text = pa.string()
        piece = pa.struct([("sentence", text), ("supports", pa.list_(text)), ("modality", text)])
        plain = ("document", "subject", "predicate", "object", "modality", "frequency", "severity", "listing", "trigger")
        columns = [*((name, text) for name in (*plain, "manner", "note")), ("evidence", pa.list_(piece))]
        self._schema, self._lines = pa.schema(columns), list[str]()
        self._writer = pq.ParquetWriter(path, self._schema, compression="zstd")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._flush()
        self._writer.close()

    def write(self, text: str) -> None:
        self._lines.extend(text.splitlines())
        if len(self._lines) >= _BATCH:
            self._flush()

    def _flush(self) -> None:
        import json

        import pyarrow as pa

        if self._lines:
            self._writer.write_table(pa.Table.from_pylist([json.loads(line) for line in self._lines], schema=self._schema))
            self._lines.clear()
