"""The comments of a YAML file, each with the value that it is about.

The readers of YAML drop comments, and those that keep them hang each on what stands before it, so that a record that moves takes
along the comment of its neighbour. Here a comment belongs to what follows it, or to the line that it ends.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Path = tuple[str | int, ...]
#: A comment with its sign, and whether a blank line follows it.
Comment = tuple[str, bool]


class Comments(NamedTuple):
    """The comments of a file.

    Args:
        before: Those on lines of their own, by the path of the value that follows.
        beside: Those at the end of a line, by the path of the value that the line begins with.
        after: Those that are indented below a record or the value of a key at the top, by its path.
        last: Those that stand at the end of the file.
    """

    before: dict[Path, list[Comment]]
    beside: dict[Path, list[str]]
    after: dict[Path, list[Comment]]
    last: list[Comment]

    def around(self) -> set[Path]:
        """Give the paths of all values that have a comment inside."""
        return {each[:depth] for found in (self.before, self.beside, self.after) for each in found for depth in range(len(each))}


class _Start(NamedTuple):
    """Where a value begins: its offset, line, column, path, and whether it stands in a block."""

    offset: int
    line: int
    column: int
    path: Path
    block: bool


def find(source: str) -> Comments:
    """Find the comments of a file that can be read."""
    root = yaml.compose(source, Loader=_Loader)
    starts = sorted(_starts(root, (), block=True), key=lambda each: (each.offset, len(each.path)))
    indexes = [each.offset for each in starts]
    made = Comments({}, {}, {}, [])
    lines = source.split("\n")
    for line, column, offset, comment in _comments(source, root):
        place = bisect_left(indexes, offset)
        following = starts[place] if place < len(starts) else None
        with_gap = (comment, line + 1 < len(lines) and not lines[line + 1].strip())
        on_line = _on_line(starts, place, line)
        if on_line and lines[line][:column].strip():
            made.beside.setdefault(([each for each in on_line if each.block] or on_line[:1])[-1].path, []).append(comment)
        elif place and column > (following.column if following else 0):
            made.after.setdefault(starts[place - 1].path[:1], []).append(with_gap)
        elif following:
            made.before.setdefault(following.path, []).append(with_gap)
        else:
            made.last.append(with_gap)
    return made


def _on_line(starts: list[_Start], place: int, line: int) -> list[_Start]:
    """Give the values that begin on a line before a place among all of them."""
    first = place
    while first and starts[first - 1].line == line:
        first -= 1
    return starts[first:place]


def texts(source: str) -> list[str]:
    """Give the texts of all comments, sorted."""
    return sorted(comment for *_, comment in _comments(source, yaml.compose(source, Loader=_Loader)))


def _starts(node: Any, path: Path, *, block: bool) -> Iterator[_Start]:
    """Give where each value begins; that with a key begins where its key does."""
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
    """Give line, column, offset and text of every comment: what begins with a sign that no scalar holds and a blank precedes."""
    inside = sorted(_scalars(root))
    ends = [end for _, end in inside]
    offset = 0
    for number, line in enumerate(source.split("\n")):
        column = line.find("#")
        while column >= 0:
            at = bisect_left(ends, offset + column + 1)
            in_scalar = at < len(inside) and inside[at][0] <= offset + column
            if not in_scalar and (column == 0 or line[column - 1] in " \t"):
                yield number, column, offset + column, line[column:].rstrip()
                break
            column = line.find("#", column + 1)
        offset += len(line) + 1


def _scalars(node: Any) -> Iterator[tuple[int, int]]:
    if isinstance(node, yaml.ScalarNode):
        yield node.start_mark.index, node.end_mark.index
    elif isinstance(node, yaml.MappingNode):
        for pair in node.value:
            yield from (span for each in pair for span in _scalars(each))
    elif isinstance(node, yaml.SequenceNode):
        for each in node.value:
            yield from _scalars(each)
