"""Files of any size in any format, compressed or not: written in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from kb.files.compression import compressor
from kb.files.sorting import encode_chunks
from kb.formats import registry
from kb.formats.registry import Format
from kb.problems import fail
from kb.progress import track
from kb.rdf.iris import Names
from kb.rdf.quads import Quad

Chunks = Iterable[bytes]
Compressor = Callable[[Chunks], Iterator[bytes]]


class StatementSource(Protocol):
    """Statements that are compiled when a writer reads them, in the form that it needs."""

    def lines(self) -> Chunks:
        """Return the statements as sorted N-Quads, in chunks of whole lines."""

    def quads(self) -> Iterable[Quad]:
        """Return the statements in no order."""


def find(name: str, fmt: str = "", model: str = "full") -> tuple[Format, Compressor]:
    """Choose format and compression of a file by its suffixes: that of a format, then ``.gz``, ``.zst`` or nothing.

    Args:
        name: The name of the file.
        fmt: The format, where the name does not show it.
        model: The statement model that the format must support.

    Raises:
        KbError: There is no such format (KB702), or the name shows none (KB782); it does not support the model (KB703); what
            compresses it is not installed (KB713).
    """
    plain, dot, last = name.lower().rpartition(".")
    packed = last if dot and last in ("gz", "zst") else ""
    suffix = (plain if packed else name.lower()).rpartition(".")[2]
    if not fmt and suffix not in {fmt.extension for fmt in registry.FORMATS}:
        known = ", ".join(f".{fmt.extension}" for fmt in registry.FORMATS)
        remedy = f"End its name in one of {known}, or name one with --format; .gz or .zst after that compresses it."
        raise fail("KB782", f"'{name[:60]}' is not named like a file of any format.", remedy)
    chosen = registry.find(fmt or suffix)
    registry.require(chosen, model)
    return chosen, compressor(packed)


def write(fmt: Format, statements: StatementSource, names: Names) -> Iterator[bytes]:
    """Write statements in a format, in chunks of whole characters."""
    if fmt.module == "nquads":  # a build makes its sorted lines: no second sort is needed
        lines = track("compiling", statements.lines(), len)
        return iter(lines) if fmt.graphs else triples(lines)
    quads = track("compiling", statements.quads(), lambda quad: sum(map(len, quad)))
    return encode_chunks(fmt.lines(quads, names))


def triples(quads: Chunks) -> Iterator[bytes]:
    """Drop the graphs of sorted N-Quads; no triple stands in two."""
    for chunk in quads:
        yield b" .\n".join([*(line[: line.rindex(b" <")] for line in chunk.split(b"\n")[:-1]), b""])
