"""Files of sorted lines, compressed or not: what is written line by line, however much there is of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from kb.compression import compressor
from kb.problems import fail

Chunks = Iterable[bytes]


class Target(NamedTuple):
    """A sort of file.

    Args:
        graphs: Whether lines name their graphs (N-Quads) or not (N-Triples).
        compress: Compresses chunks.
    """

    graphs: bool
    compress: Callable[[Chunks], Iterator[bytes]]

    def write(self, quads: Chunks) -> Iterator[bytes]:
        """Write the file from sorted N-Quads in chunks of whole lines."""
        return self.compress(quads if self.graphs else triples(quads))


def find(name: str) -> Target:
    """Find the sort of a file by its suffixes: ``.nq`` or ``.nt``, then ``.gz``, ``.zst`` or nothing.

    Raises:
        KbError: It is none of these (KB782), or what compresses it is not installed (KB783).
    """
    plain, dot, last = name.lower().rpartition(".")
    suffix = plain.rpartition(".")[2] if dot and last in ("gz", "zst") else last
    if suffix not in ("nq", "nt"):
        remedy = "End its name in .nq or .nt, and in .gz or .zst after that if it is to be compressed."
        raise fail("KB782", f"'{name[:60]}' is not named like a file of N-Quads or N-Triples.", remedy)
    return Target(suffix == "nq", compressor(last))


def triples(quads: Chunks) -> Iterator[bytes]:
    """Drop the graphs of sorted N-Quads, and statements that then are there twice: these follow each other."""
    last = b""
    for chunk in quads:
        kept = []
        for line in chunk.split(b"\n")[:-1]:
            triple = line[: line.rindex(b" <")]
            if triple != last:
                kept.append(triple)
                last = triple
        if kept:
            yield b" .\n".join([*kept, b""])
