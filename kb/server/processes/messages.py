"""What the front and the children say to each other: values, and how they travel over a socket.

A message is four bytes of length and as much JSON; an answer is followed by its body,
and that by :data:`END`. The front makes a pair of sockets
for each question and hands one end, by way of the holder, to the child that answers.
"""

from __future__ import annotations

import json
import struct
from typing import Any, NamedTuple

_LENGTH = struct.Struct("!I")

#: The name of the format of a page for people, which only the front can write: what goes to it is the shown part, as JSON.
HTML = "text/html"

#: How many bytes the length takes.
HEAD = _LENGTH.size

#: What follows a body; without it the child was ended before it had sent all.
END = b"whole"

#: How many bytes the holder reads for one request of the front: who asks.
TICKET = 64


class Asked(NamedTuple):
    """A question to a child.

    Args:
        kind: ``query``; ``about``, a query of the description of the service; or ``thing``, all about one IRI.
        text: The query, or the IRI.
        format: The name of the format to answer in.
        gzip: Whether to compress.
        dataset: The default and the named graphs that the client names, if it names some.
        page: Which page of a thing, from 0.
    """

    kind: str
    text: str
    format: str = "json"
    gzip: bool = False
    dataset: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    page: int = 0


class Said(NamedTuple):
    """What comes back: an answer, whose body follows, or a problem.

    Args:
        form: The form of the query.
        rows: How many rows or triples the body holds.
        cut: ``rows`` or ``bytes`` where there was more than that limit allows.
        limit: The limit that cut it.
        gzip: Whether the body is compressed.
        length: Of the body, in bytes.
        problem: Code, message, remedy, line and column, where there is no answer.
    """

    form: str = ""
    rows: int = 0
    cut: str = ""
    limit: int = 0
    gzip: bool = False
    length: int = 0
    problem: tuple[str, str, str, int, int] | None = None


#: What is said when the holder ends, or cannot be heard any more.
GONE = Said(problem=("KB627", "The server is stopping.", "Ask again a little later.", 0, 0))


def pack(message: NamedTuple) -> bytes:
    """Write a message."""
    data = json.dumps(message, separators=(",", ":")).encode("ascii")
    return _LENGTH.pack(len(data)) + data


def size(head: bytes) -> int:
    """Read from the first four bytes how many follow."""
    length: int = _LENGTH.unpack(head)[0]
    return length


def asked(data: bytes) -> Asked:
    """Read a question."""
    value: Any = json.loads(data)
    dataset = (tuple(value[4][0]), tuple(value[4][1])) if value[4] else None
    return Asked._make([*value[:4], dataset, value[5]])


def said(data: bytes) -> Said:
    """Read what comes back."""
    value: Any = json.loads(data)
    return Said._make([*value[:6], tuple(value[6]) if value[6] else None])
