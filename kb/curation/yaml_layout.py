"""Lay out a record as YAML: the order of its keys and the style of its values."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator
from functools import cache
from typing import Any

import yaml

from kb import resources
from kb.curation.yaml_comments import Comments, Path
from kb.records import strict_yaml

#: The longest line, where its content can be split.
WIDTH = 120

# Keys whose values are always in block style, because one line for each key reads and compares better.
_ALWAYS_BLOCK = {"evidence"}
_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")
_CURIE = re.compile("[A-Za-z][A-Za-z0-9_-]*:[A-Za-z0-9_-]+")  # PyYAML quotes it inside brackets, but reads it without quotes
_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


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


@cache
def schema_order(kind: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the keys of a mapping in the order of its schema; the mapping is named by the keys that lead to it."""
    schema: dict[str, Any] = resources.schema(kind)
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
def scalar(value: Any) -> str:
    """Write a scalar: plain where readers of YAML 1.1 and 1.2 agree on its value, else in quotes."""
    if not isinstance(value, str):
        return json.dumps(value)
    dumped: str = yaml.dump([value], Dumper=_Dumper, default_flow_style=True, width=10**6, allow_unicode=True)
    is_plain = (dumped == f"[{value}]\n" or _CURIE.fullmatch(value)) and not _UNSAFE.search(value)
    if is_plain and strict_yaml.parse(f"[{value}]", "").value == [value]:
        return value
    return _UNSAFE.sub(lambda match: f"\\u{ord(match.group()):04x}", json.dumps(value, ensure_ascii=False))


def long_text(start: str, value: str, indent: int) -> Iterator[str]:
    """Yield a text on one line, or folded below where it is too long."""
    line = f"{start} {_block_scalar(value)}"
    foldable = re.fullmatch(r"[^\s\x7f-\x9f\u2028\u2029\ufeff]+( [^\s\x7f-\x9f\u2028\u2029\ufeff]+)+", value)
    if _fits(line) or not foldable:
        yield line
        return
    yield f"{start} >-"
    pad = " " * (indent + 2)
    yield from (pad + row for row in textwrap.wrap(value, WIDTH - len(pad), break_long_words=False, break_on_hyphens=False))


@cache
def _block_scalar(value: str) -> str:
    """Write a text in block style, where more texts can be plain than inside brackets."""
    dumped: str = yaml.dump({"a": value}, Dumper=_Dumper, default_flow_style=False, width=10**6, allow_unicode=True)
    is_plain = dumped == f"a: {value}\n" and not _UNSAFE.search(value)
    return value if is_plain and strict_yaml.parse(dumped, "").value == {"a": value} else scalar(value)
