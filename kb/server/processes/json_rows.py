"""Rows as JSON, written by the engine itself: it does so many times faster than Python can take its terms apart.

What the engine writes is only counted and, where there is too much, cut at the end of a row. A row begins with ``{"``
after a comma or a bracket, and nothing else looks like that: in a text the quotation mark would be escaped.
"""

from __future__ import annotations

import json
import re
from io import BytesIO
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

import pyoxigraph as ox

from kb.sparql.engines.conventions import select_answer
from kb.sparql.values import Question

if TYPE_CHECKING:
    from typing_extensions import Buffer  # part of Python from 3.12 on

_START = re.compile(rb'[,\[]\{"')
_END = b"]}}"
# What is not written by the engine: rows that bind nothing, which cannot be counted so, and terms of RDF 1.2.
_ODD = (b"{}", b'"type":"triple"', b'"its:dir":')


class Rows(NamedTuple):
    """An answer to a SELECT, as JSON.

    Args:
        body: The document.
        rows: How many rows it holds.
        cut: ``rows`` or ``bytes`` where there was more than so many, or nothing.
    """

    body: bytes
    rows: int
    cut: str


class _EnoughError(Exception):
    pass


class _Sink(BytesIO):
    """A file that takes what the engine writes until there is enough."""

    def __init__(self, rows: int, size: int) -> None:
        super().__init__()
        self._rows, self._size, self._last = rows, size, b""
        self.rows = 0

    def write(self, piece: Buffer) -> int:
        """Take a piece.

        Raises:
            _EnoughError: There are more rows, or more bytes, than wanted.
        """
        data = bytes(piece)
        self.rows += len(_START.findall(self._last + data))
        self._last = data[-2:]
        super().write(data)
        if self.rows > self._rows or self.tell() > self._size:
            raise _EnoughError
        return len(data)


def write(result: Any, question: Question, rows: int, size: int) -> Rows | None:
    """Write the answer to a SELECT as JSON.

    Args:
        result: What the engine gives.
        question: The question.
        rows: The most rows.
        size: The most bytes.

    Returns:
        The rows, or nothing where this answer has to be written otherwise.
    """
    if not isinstance(result, ox.QuerySolutions):
        return None
    names = [each.value for each in result.variables]
    sink, enough = _Sink(rows, size), False
    try:
        result.serialize(sink, format=ox.QueryResultsFormat.JSON)
    except _EnoughError:
        enough = True
    body = sink.getvalue()
    if any(each in body for each in _ODD):
        return None
    if "*" in question.text:  # whose columns the engine gives in another order
        columns = json.dumps(select_answer(question, names, ()).variables, separators=(",", ":")).encode("ascii")
        body = b'{"head":{"vars":' + columns + body[body.index(b"]") + 1 :]
    return _cut(body, rows, size) if enough else Rows(body, sink.rows, "")


def _cut(body: bytes, rows: int, size: int) -> Rows | None:
    """End a document before the first row that is too much."""
    starts = [found.start() for found in islice(_START.finditer(body), rows + 1)]
    if not starts:
        return None
    fitting = sum(each + len(_END) <= size for each in starts)
    count, cut = (rows, "rows") if fitting > rows else (max(0, fitting - 1), "bytes")
    return Rows(body[: starts[count] if count else starts[0] + 1] + _END, count, cut)
