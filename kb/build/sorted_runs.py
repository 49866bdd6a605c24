"""Runs: sorted values in batches, in memory or in a file, which can be merged one batch at a time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from heapq import merge
from io import BytesIO
from itertools import chain, dropwhile, takewhile
from operator import itemgetter
from pathlib import Path
from types import GenericAlias
from typing import Any, NamedTuple

import msgspec

from kb.model import Cue, Document, Fact, OutsideMatch, Predicate, Term

#: A value and its position in its piece: the offset of its line in the file, or its index in the list of the file.
Value = tuple[Any, int]

# The size of a batch: small, since a merge holds one batch of every run.
_MOST_VALUES, _MOST_BYTES = 64, 64 * 1024
_MARKED = 8  # the distance between marked batches
_BUFFER = 64 * 1024

_TYPES: dict[str, Any] = {
    "document": Document,
    "term": Term,
    "predicate": Predicate,
    "fact": Fact,
    "mapping": OutsideMatch,
    "cue": Cue,
    "kb": Any,
    "biolink": Any,
    "verification": Any,
}
_encode = msgspec.msgpack.Encoder().encode

KEYS: dict[str, Callable[[Any], str]] = {
    "fact": lambda fact: fact.path + "/",
    "document": lambda document: f"fact/{document.id}/",
}


class Mark(NamedTuple):
    """The position of a batch in a run, and the key of its first value; not every batch has a mark."""

    key: str
    start: int


class SortedRun(NamedTuple):
    """Values of one kind, sorted by key if the kind has keys, otherwise in the order in which they were read.

    Args:
        kind: The kind of record.
        marks: The positions of some batches, the first included; none if there are no values.
        size: The size of the batches in bytes.
        data: The batches, if they are in memory; each is preceded by its length in four bytes.
        path: The file that holds the batches, if they are not in memory.
        offset: The position of the batches in that file.
    """

    kind: str
    marks: tuple[Mark, ...] = ()
    size: int = 0
    data: bytes = b""
    path: str = ""
    offset: int = 0


def encode(value: Any, where: int) -> bytes:
    """Encode a value and its position as MessagePack."""
    return _encode((value, where))


def pack(kind: str, entries: list[tuple[str, bytes]]) -> SortedRun:
    """Sort encoded values of a kind by their keys, stably, if the kind has keys, and put them into batches."""
    if kind in KEYS:
        entries.sort(key=itemgetter(0))
    marks, pieces, offset = [], [], 0
    for number, (first, batch) in enumerate(_batches(entries)):
        head = len(batch)
        data = (bytes([0x90 | head]) if head < 16 else b"\xdc" + head.to_bytes(2, "big")) + b"".join(batch)
        if number % _MARKED == 0:
            marks.append(Mark(first, offset))
        pieces.append(len(data).to_bytes(4, "big"))
        pieces.append(data)
        offset += 4 + len(data)
    return SortedRun(kind, tuple(marks), offset, b"".join(pieces))


def _batches(entries: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, list[bytes]]]:
    batch: list[bytes] = []
    first, size = "", 0
    for key, data in entries:
        if batch and (len(batch) == _MOST_VALUES or size > _MOST_BYTES):
            yield first, batch
            batch, size = [], 0
        if not batch:
            first = key
        batch.append(data)
        size += len(data)
    if batch:
        yield first, batch


def read(run: SortedRun, low: str = "", high: str = "") -> Iterator[Value]:
    """Return the values of a run in order, from one key up to another; an empty key leaves the range open."""
    start = run.marks[max(0, bisect_right(run.marks, (low,)) - 1)].start if low and run.marks else 0
    values = chain.from_iterable(_load(run, start))
    if not low and not high:
        return values
    key = KEYS[run.kind]
    after = dropwhile(lambda entry: key(entry[0]) < low, values)
    return takewhile(lambda entry: key(entry[0]) < high, after) if high else after


def _load(run: SortedRun, start: int) -> Iterator[list[Value]]:
    decode, left = _decoder(run.kind), run.size - start
    with Path(run.path).open("rb", buffering=_BUFFER) if run.path else BytesIO(run.data) as file:
        file.seek(run.offset + start)
        while left > 0:
            length = int.from_bytes(file.read(4), "big")
            yield decode(file.read(length))
            left -= 4 + length


@cache
def _decoder(kind: str) -> Callable[[bytes], list[Value]]:
    value = GenericAlias(tuple, (_TYPES[kind], int))
    return msgspec.msgpack.Decoder[list[Value]](GenericAlias(list, (value,))).decode


def merge_runs(runs: Sequence[SortedRun], low: str = "", high: str = "") -> Iterator[tuple[Any, int, int]]:
    """Merge runs of one kind, as :func:`read` reads each; return each value with its position and the number of its run.

    Values with the same key come in the order of the runs.
    """
    numbered = [_numbered(read(run, low, high), number) for number, run in enumerate(runs) if run.marks]
    if len(numbered) == 1:
        return numbered[0]
    key = KEYS[runs[0].kind] if runs else str
    return merge(*numbered, key=lambda entry: key(entry[0]))


def _numbered(values: Iterable[Value], number: int) -> Iterator[tuple[Any, int, int]]:
    return ((value, where, number) for value, where in values)
