"""Rows as JSON, serialized by the engine, which is many times faster than taking its terms apart in Python.

The output of the engine is only counted and, where it is too long, cut at the end of a row. A row begins with ``{"`` after a
comma or a bracket, and nothing else looks like that: in a text the quotation mark would be escaped.
"""

from __future__ import annotations

import json
import re
from io import BytesIO
from itertools import islice
from typing import Any, NamedTuple

import pyoxigraph as ox

from kb.sparql.engines.conventions import select_answer
from kb.sparql.values import Question

_ROW_START = re.compile(rb'[,\[]\{"')
_END = b"]}}"
# Rows that bind nothing, which cannot be counted by _ROW_START, and terms of RDF 1.2: these are serialized in Python.
_UNSUPPORTED = (b"{}", b'"type":"triple"', b'"its:dir":')


class JsonRows(NamedTuple):
    """An answer to a SELECT, as JSON."""

    body: bytes
    rows: int
    cut: str  # the limit that cut it, ``rows`` or ``bytes``, if one did


class _LimitReachedError(Exception):
    pass


class _LimitedBuffer(BytesIO):
    """A file that takes what the engine writes until a limit is exceeded."""

    def __init__(self, max_rows: int, max_bytes: int) -> None:
        super().__init__()
        self._max_rows, self._max_bytes, self._tail = max_rows, max_bytes, b""
        self.rows = 0

    def write(self, piece: Any) -> int:
        """Append a piece.

        Raises:
            _LimitReachedError: There are more rows, or more bytes, than allowed.
        """
        data = bytes(piece)
        self.rows += len(_ROW_START.findall(self._tail + data))
        self._tail = data[-2:]
        super().write(data)
        if self.rows > self._max_rows or self.tell() > self._max_bytes:
            raise _LimitReachedError
        return len(data)


def write_rows(result: Any, question: Question, max_rows: int, max_bytes: int) -> JsonRows | None:
    """Serialize the answer to a SELECT.

    Returns:
        The rows, or None where the answer has to be serialized in another way.
    """
    if not isinstance(result, ox.QuerySolutions):
        return None
    names = [variable.value for variable in result.variables]
    buffer, exceeded = _LimitedBuffer(max_rows, max_bytes), False
    try:
        result.serialize(buffer, format=ox.QueryResultsFormat.JSON)
    except _LimitReachedError:
        exceeded = True
    body = buffer.getvalue()
    if any(mark in body for mark in _UNSUPPORTED):
        return None
    if "*" in question.text:  # the engine orders its columns in another way
        columns = json.dumps(select_answer(question, names, ()).variables, separators=(",", ":")).encode("ascii")
        body = b'{"head":{"vars":' + columns + body[body.index(b"]") + 1 :]
    return _cut(body, max_rows, max_bytes) if exceeded else JsonRows(body, buffer.rows, "")


def _cut(body: bytes, max_rows: int, max_bytes: int) -> JsonRows | None:
    """End a document before the first row that exceeds a limit."""
    starts = [match.start() for match in islice(_ROW_START.finditer(body), max_rows + 1)]
    if not starts:
        return None
    fitting = sum(start + len(_END) <= max_bytes for start in starts)
    count, cut = (max_rows, "rows") if fitting > max_rows else (max(0, fitting - 1), "bytes")
    return JsonRows(body[: starts[count] if count else starts[0] + 1] + _END, count, cut)
