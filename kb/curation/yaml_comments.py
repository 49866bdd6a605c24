"""Find the comments of a YAML file, each with the value that it describes.

YAML readers that keep comments attach each to the value before it; a record that is moved then takes the comment of its
neighbour along. Here a comment belongs to the value that follows it, or to the line that it ends.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter
from typing import Any

import yaml

_HASH = re.compile(r"(?<![^ \t])#")
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Path = tuple[str | int, ...]
#: A comment with its ``#``, and whether a blank line follows it.
Comment = tuple[str, bool]


@dataclass(frozen=True, slots=True)
class Comments:
    """The comments of a file.

    Args:
        before: Comments on lines of their own, by the path of the value that follows.
        beside: Comments at the end of a line, by the path of the value that begins the line.
        after: Comments indented below a record or the value of a top-level key, by its path.
        last: Comments at the end of the file.
    """

    before: dict[Path, list[Comment]]
    beside: dict[Path, list[str]]
    after: dict[Path, list[Comment]]
    last: list[Comment]

    def enclosing_paths(self) -> set[Path]:
        """Return the paths of all values that contain a comment."""
        return {path[:depth] for path in (*self.before, *self.beside, *self.after) for depth in range(len(path))}


@dataclass(frozen=True, slots=True)
class _Start:
    """The start of a value: offset, line, column, path, and whether the value is in block style."""

    offset: int
    line: int
    column: int
    path: Path
    block: bool


def find_comments(source: str) -> Comments:
    """Find the comments of valid YAML."""
    root = yaml.compose(source, Loader=_Loader)
    starts = sorted(_starts(root, (), block=True), key=lambda start: (start.offset, len(start.path)))
    offsets = [start.offset for start in starts]
    comments = Comments({}, {}, {}, [])
    lines = source.split("\n")
    for line, column, offset, comment in _comments(source, root):
        place = bisect_left(offsets, offset)
        following = starts[place] if place < len(starts) else None
        with_gap = (comment, line + 1 < len(lines) and not lines[line + 1].strip())
        on_line = starts[bisect_left(starts, line, 0, place, key=attrgetter("line")) : place]
        if on_line and lines[line][:column].strip():
            comments.beside.setdefault(([start for start in on_line if start.block] or on_line[:1])[-1].path, []).append(comment)
        elif place and column > (following.column if following else 0):
            comments.after.setdefault(starts[place - 1].path[:1], []).append(with_gap)
        elif following:
            comments.before.setdefault(following.path, []).append(with_gap)
        else:
            comments.last.append(with_gap)
    return comments


def comment_texts(source: str) -> list[str]:
    """Return the texts of all comments, sorted."""
    return sorted(comment for *_, comment in _comments(source, yaml.compose(source, Loader=_Loader)))


def _starts(node: Any, path: Path, *, block: bool) -> Iterator[_Start]:
    """Yield the start of each value; a value with a key starts at its key."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*path, key.value)
            yield _Start(key.start_mark.index, key.start_mark.line, key.start_mark.column, inner, not node.flow_style)
            yield from _starts(value, inner, block=not node.flow_style)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            mark, inner = value.start_mark, (*path, number)
            dash = 0 if node.flow_style else 2
            yield _Start(mark.index - dash, mark.line, max(0, mark.column - dash), inner, not node.flow_style)
            yield from _starts(value, inner, block=block and not node.flow_style)


def _comments(source: str, root: Any) -> Iterator[tuple[int, int, int, str]]:
    """Yield line, column, offset and text of every comment: a ``#`` outside scalars, at the start of a line or after a blank."""
    scalars = sorted(_scalars(root))
    ends = [end for _, end in scalars]
    offset = 0
    for number, line in enumerate(source.split("\n")):
        for column in (match.start() for match in _HASH.finditer(line)):
            index = bisect_left(ends, offset + column + 1)
            if index == len(scalars) or scalars[index][0] > offset + column:
                yield number, column, offset + column, line[column:].rstrip()
                break
        offset += len(line) + 1


def _scalars(node: Any) -> Iterator[tuple[int, int]]:
    if isinstance(node, yaml.ScalarNode):
        yield node.start_mark.index, node.end_mark.index
    elif isinstance(node, yaml.CollectionNode):
        children = chain.from_iterable(node.value) if isinstance(node, yaml.MappingNode) else node.value
        yield from chain.from_iterable(map(_scalars, children))
