"""Runs: sorted values in batches, in memory or in a file, merged without being held as a whole."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from heapq import merge
from itertools import chain
from operator import itemgetter
from pathlib import Path
from types import GenericAlias
from typing import Any, NamedTuple

import msgspec

from kb.model import Cue, Document, Fact, OutsideMatch, Predicate, Term

#: A value and where in its piece it stands: the offset of its line in the file, or its place in the list of the file.
Kept = tuple[Any, int]

# A batch ends after so many values or bytes: small, since of every run that is merged one batch is held.
_MOST_VALUES, _MOST_BYTES = 64, 64 * 1024

_TYPES: dict[str, Any] = {
    "document": Document,
    "term": Term,
    "predicate": Predicate,
    "fact": Fact,
    "mapping": OutsideMatch,
    "cue": Cue,
    "kb": Any,
    "biolink": Any,
}
_DECODERS: dict[str, Any] = {}
_encode = msgspec.msgpack.Encoder().encode

KEYS: dict[str, Callable[[Any], str]] = {
    "fact": lambda fact: fact.path + "/",
    "document": lambda document: f"fact/{document.id}/",
}


class Batch(NamedTuple):
    """A batch: the key of its first value, where it begins and ends."""

    key: str
    start: int
    end: int


class Run(NamedTuple):
    """Values of one kind in the order of their keys, where the kind has keys, else as they were read.

    Args:
        kind: The kind of record.
        batches: Where its batches lie.
        data: The batches themselves, if they are held in memory.
        path: The file that holds them, if not.
    """

    kind: str
    batches: tuple[Batch, ...] = ()
    data: bytes = b""
    path: str = ""


def encode(value: Any, where: int) -> bytes:
    """Write a value and where it stands as MessagePack."""
    return _encode((value, where))


def pack(kind: str, entries: list[tuple[str, bytes]], start: int = 0) -> tuple[tuple[Batch, ...], bytes]:
    """Put encoded values into order and into batches.

    Args:
        kind: Their kind; facts and documents are sorted by their keys, values with the same key staying in order.
        entries: Key and encoded value of each.
        start: How many bytes stand before them where they will be kept.
    """
    if kind in KEYS:
        entries.sort(key=itemgetter(0))
    index, pieces, offset = [], [], start
    for first, batch in _batches(entries):
        head = len(batch)
        data = (bytes([0x90 | head]) if head < 16 else b"\xdc" + head.to_bytes(2, "big")) + b"".join(batch)
        index.append(Batch(first, offset, offset + len(data)))
        pieces.append(data)
        offset += len(data)
    return tuple(index), b"".join(pieces)


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


def read(run: Run, low: str = "", high: str = "") -> Iterator[Kept]:
    """Give the values of a run in order.

    Args:
        run: The run.
        low: The key to begin with.
        high: The key before which to end; empty for none.
    """
    batches = run.batches
    if low:
        batches = batches[max(0, bisect_right(batches, (low,)) - 1) :]
    values = chain.from_iterable(_load(run, batches, high))
    if not low and not high:
        return values
    key = KEYS[run.kind]
    return (each for each in values if low <= key(each[0]) and (not high or key(each[0]) < high))


def _load(run: Run, batches: Sequence[Batch], high: str) -> Iterator[list[Kept]]:
    decode = decoder(run.kind)
    if not run.path:
        for batch in batches:
            if not high or batch.key < high:
                yield decode(run.data[batch.start : batch.end])
        return
    with Path(run.path).open("rb", buffering=0) as file:
        for batch in batches:
            if high and batch.key >= high:
                return
            file.seek(batch.start)
            yield decode(file.read(batch.end - batch.start))


def decoder(kind: str) -> Callable[[bytes], list[Kept]]:
    """Give the decoder for batches of a kind."""
    if kind not in _DECODERS:
        kept = GenericAlias(tuple, (_TYPES[kind], int))
        _DECODERS[kind] = msgspec.msgpack.Decoder(GenericAlias(list, (kept,))).decode
    decode: Callable[[bytes], list[Kept]] = _DECODERS[kind]
    return decode


def merged(runs: Sequence[Run], low: str = "", high: str = "") -> Iterator[tuple[Any, int, int]]:
    """Merge runs of one kind: give each value, where it stands, and the number of its run.

    Values with the same key come in the order of the runs.
    """
    numbered = [_numbered(read(run, low, high), number) for number, run in enumerate(runs) if run.batches]
    if len(numbered) == 1:
        return numbered[0]
    key = KEYS[runs[0].kind] if runs else str
    return merge(*numbered, key=lambda each: key(each[0]))


def _numbered(values: Iterable[Kept], number: int) -> Iterator[tuple[Any, int, int]]:
    return ((value, where, number) for value, where in values)
