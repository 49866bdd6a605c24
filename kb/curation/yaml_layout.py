"""Lay out a record as YAML: the order of its keys, the style of its values, and its comments.

YAML readers that keep comments attach each to the value before it; a record that is moved then takes the comment of its
neighbour along. Here a comment belongs to the value that follows it, or to the line that it ends.
"""

from __future__ import annotations

import json
import re
import textwrap
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain
from operator import attrgetter
from typing import Any

import yaml

from kb.records import strict_yaml
from kb.schema import vocabulary

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

#: The longest line, where its content can be split.
WIDTH = 120

# Keys whose values are always in block style, because one line for each key reads and compares better.
_ALWAYS_BLOCK = {"evidence"}
_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")
_CURIE = re.compile("[A-Za-z][A-Za-z0-9_-]*:[A-Za-z0-9_-]+")  # PyYAML quotes it inside brackets, but reads it without quotes
_HASH = re.compile(r"(?<![^ \t])#")
# What a reader of YAML 1.1 (yaml.org/type), or of the core schema of YAML 1.2.2 (section 10.3), reads as another type than text;
# some readers also allow commas between digits.
_OTHER_TYPE = re.compile(
    r"""(?ix)
    ~ | null | y | n | yes | no | on | off | true | false | << | =
    | [-+]? ( \.inf | \.nan | 0b[01_]+ | 0o?[0-7_]+ | 0x[0-9a-f_]+ )
    | [-+]? (?=[.,_]*[0-9.]) [0-9_,]* ( \. [0-9_,]* )? ( e [-+]? [0-9_]+ )?
    | [-+]? [0-9][0-9_,]* ( :[0-5]?[0-9] )+ ( \. [0-9_]* )?
    | [0-9]{4}-[0-9]{1,2}-[0-9]{1,2} ( [t\ \t].* )?
    """
)

Path = tuple[str | int, ...]
#: A comment with its ``#``, and whether a blank line follows it.
Comment = tuple[str, bool]


@dataclass(frozen=True, slots=True)
class Comments:
    """The comments of a file."""

    before: dict[Path, list[Comment]]  # on lines of their own, by the path of the value that follows
    beside: dict[Path, list[str]]  # at the end of a line, by the path of the value that begins the line
    after: dict[Path, list[Comment]]  # indented below a record or the value of a top-level key, by its path
    last: list[Comment]  # at the end of the file

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


class Layout:
    """Writes the values of one file, which holds records of one kind."""

    def __init__(self, kind: str, comments: Comments) -> None:
        self.comments = comments
        self.enclosing_paths = comments.enclosing_paths()
        self.kind = kind

    def mapping(self, value: Any, path: Path, indent: int) -> Iterator[str]:
        """Yield the lines of a mapping in block style."""
        if not isinstance(value, dict) or not value:
            yield f"{' ' * indent}{flow(value)}"
            return
        for key in self.keys(value, path):
            inner, pad = (*path, key), " " * indent
            yield from (f"{pad}{comment}" for comment, _ in self.comments.before.get(inner, ()))
            lines = list(self.entry(f"{pad}{scalar(key)}:", value[key], inner, indent))
            yield from self.place_comments(lines, inner)
            if len(inner) == 1 and inner[0] in value:
                # Indented by one: with two it would continue the folded text above.
                yield from (f" {comment}" for comment, _ in self.comments.after.get(inner, ()))

    def keys(self, value: dict[str, Any], path: Path) -> list[str]:
        """Order the keys of a mapping as its schema does."""
        names = tuple(step for step in path if isinstance(step, str))
        ranks = {key: rank for rank, key in enumerate(schema_order(self.kind, names))}
        return sorted(value, key=lambda key: ranks.get(key, len(ranks)))

    def entry(self, start: str, value: Any, path: Path, indent: int) -> Iterator[str]:
        """Yield a key or a dash with its value: on one line if that fits, else below."""
        has_mappings = isinstance(value, list) and any(isinstance(item, dict) for item in value)
        wide = has_mappings or (isinstance(value, dict) and len(path) == 1)
        block = wide or path[-1] in _ALWAYS_BLOCK or path in self.enclosing_paths
        if not value or not isinstance(value, dict | list) or (not block and _fits(f"{start} {flow(value, self, path)}")):
            yield from long_text(start, value, indent) if isinstance(value, str) else [f"{start} {flow(value, self, path)}"]
            return
        yield start
        if isinstance(value, dict):
            yield from self.mapping(value, path, indent + 2)
            return
        for number, item in enumerate(value):
            yield from (f"{' ' * (indent + 2)}{comment}" for comment, _ in self.comments.before.get((*path, number), ()))
            yield from self.item(item, (*path, number), indent + 2)

    def item(self, value: Any, path: Path, indent: int) -> Iterator[str]:
        """Yield an item of a list, its first entry on the line of the dash."""
        pad = " " * indent
        top = len(path) == 1 or "evidence" in path
        one_line = f"{pad}- {flow(value, self, path)}"
        if not isinstance(value, dict) or not value or (not top and path not in self.enclosing_paths and _fits(one_line)):
            lines = list(self.entry(f"{pad}-", value, path, indent)) if isinstance(value, str) else [one_line]
            yield from self.place_comments(lines, path)
            return
        yield from (f"{pad}{comment}" for comment in self.comments.beside.get(path, ()))
        lines = list(self.mapping(value, path, indent + 2))
        first = next(number for number, line in enumerate(lines) if not line.lstrip().startswith("#"))
        yield from (f"{pad}{line.lstrip()}" for line in lines[:first])
        yield f"{pad}- {lines[first][indent + 2 :]}"
        yield from lines[first + 1 :]

    def place_comments(self, lines: list[str], path: Path) -> Iterator[str]:
        """Put the comment of a line at its end, and further ones above it."""
        comments = self.comments.beside.get(path, [])
        pad = lines[0][: len(lines[0]) - len(lines[0].lstrip())]
        yield from (f"{pad}{comment}" for comment in comments[1:])
        yield f"{lines[0]}  {comments[0]}" if comments else lines[0]
        yield from lines[1:]


def _fits(line: str) -> bool:
    return len(line) <= WIDTH


@vocabulary.by_vocabulary
def schema_order(kind: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the keys of a mapping in the order of its schema; the mapping is named by the keys that lead to it."""
    schema: dict[str, Any] = vocabulary.schema(kind)
    node = schema
    for name in names:
        node = _inner(node.get("properties", {}).get(name, {}), schema)
    return tuple(_inner(node, schema).get("properties", ()))


def _inner(node: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """Follow lists, choices and references within one schema to the mapping that they describe."""
    while True:
        reference = node.get("$ref", "")
        if reference.startswith("#/$defs/"):
            node = schema["$defs"][reference.removeprefix("#/$defs/")]
        elif isinstance(node.get("items"), dict):
            node = node["items"]
        elif "oneOf" in node and "properties" not in node:
            node = next((choice for choice in node["oneOf"] if choice.get("$ref", "").startswith("#/$defs/")), {})
        else:
            return node


def flow(value: Any, layout: Layout | None = None, path: Path = ()) -> str:
    """Write a value in flow style, on one line."""
    if isinstance(value, dict):
        keys = layout.keys(value, path) if layout else list(value)
        return f"{{{', '.join(f'{scalar(key)}: {flow(value[key], layout, (*path, key))}' for key in keys)}}}"
    if isinstance(value, list):
        return f"[{', '.join(flow(item, layout, (*path, number)) for number, item in enumerate(value))}]"
    return scalar(value)


@cache
def scalar(value: Any, *, block: bool = False) -> str:
    """Write a scalar: plain where readers of YAML 1.1 and 1.2 agree on its value, else in quotes.

    In block style more texts can be plain than inside brackets.
    """
    if not isinstance(value, str):
        return json.dumps(value)
    styles: list[tuple[Any, str]] = [({"a": value}, f"a: {value}\n"), ([value], f"[{value}]\n")]
    for holder, plain in styles if block else styles[1:]:
        in_flow = isinstance(holder, list)
        dumped = yaml.dump(holder, Dumper=_Dumper, default_flow_style=in_flow, width=10**6, allow_unicode=True)
        is_plain = (dumped == plain or (in_flow and _CURIE.fullmatch(value))) and not _UNSAFE.search(value)
        if is_plain and not _OTHER_TYPE.fullmatch(value) and strict_yaml.parse(plain, "").value == holder:
            return value
    return _UNSAFE.sub(lambda match: f"\\u{ord(match.group()):04x}", json.dumps(value, ensure_ascii=False))


def long_text(start: str, value: str, indent: int) -> Iterator[str]:
    """Yield a text on one line, or folded below where it is too long."""
    line = f"{start} {scalar(value, block=True)}"
    foldable = re.fullmatch(r"[^\s\x7f-\x9f\u2028\u2029\ufeff]+( [^\s\x7f-\x9f\u2028\u2029\ufeff]+)+", value)
    if _fits(line) or not foldable:
        yield line
        return
    yield f"{start} >-"
    pad = " " * (indent + 2)
    yield from (pad + row for row in textwrap.wrap(value, WIDTH - len(pad), break_long_words=False, break_on_hyphens=False))
