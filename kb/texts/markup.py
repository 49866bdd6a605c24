"""The blocks of Markdown and HTML, and the text that a reader sees of them.

A block is a line of the normal form. Inside a block, each run of spaces, tabs and line ends becomes one space, ``br``
becomes a line end, and tabs separate the cells of a table row. Invisible content (scripts, styles, templates, the head and
elements with ``hidden``) is left out. So are list markers and text that stands only in attributes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from kb.texts.blocks import Block, BlockKind

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_UNSEEN = re.compile(
    "script|style|template|noscript|head|title|meta|link|iframe|object|embed|svg|math|canvas|audio|video|select|datalist"
)
_HEADINGS = re.compile("h[1-6]")
_BLOCKS = re.compile(
    "address|article|aside|blockquote|body|caption|center|dd|details|dialog|dir|div|dl|dt|fieldset|figcaption|figure|footer|"
    "form|header|hgroup|hr|html|legend|li|main|menu|nav|ol|p|pre|search|section|summary|table|tbody|tfoot|thead|tr|ul"
)
_ITEMS = frozenset(("li", "dt", "dd"))
_CELLS = frozenset(("td", "th"))
_BLANKS = re.compile(r"[ \t\n\f\r]+")  # white space of the HTML standard, which keeps no-break spaces
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n.*?\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)

# How deep elements may nest, how many attributes one may have, and how many elements the parser may add to those of the page,
# for each character of it. Pages have a tenth of that; the time of the parser grows with the square.
_DEEPEST, _MOST_ATTRIBUTES, _MOST_ADDED = 1_000, 1_000, 2
_TAG = re.compile(r"""<(/?)([a-zA-Z][^\s/>]*)((?:[^>=]++|=\s*+(?:"[^"]*+"|'[^']*+')?+)*+)""")
_ATTRIBUTE = re.compile(r"""[\s/]++[^\s/=]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"']*+))?+""")
_FORMATTING = frozenset(["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"])
# Elements without content, and those that the next one of their kind ends.
_NOT_NESTED = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "source",
        "track",
        "wbr",
        "p",
        "li",
        "dt",
        "dd",
        "td",
        "th",
        "tr",
        "tbody",
        "thead",
        "tfoot",
        "option",
        "optgroup",
    ]
)

# A name and a value: a piece of text, the start of a block of a kind, of a row or of a cell, or the end of a row.
_Event = tuple[str, str]


def markdown(text: str) -> tuple[str, list[Block]]:
    """Return the normal form of a Markdown text, and its blocks."""
    from markdown_it import MarkdownIt

    renderer = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    return html(renderer.render(_FRONT_MATTER.sub("", text)))


def html(text: str) -> tuple[str, list[Block]]:
    """Return the normal form of an HTML text, and its blocks.

    Raises:
        StructureError: It has so many nested elements or attributes that parsing it would take too long.
    """
    from selectolax.lexbor import LexborHTMLParser

    _check_structure(text)
    lines: list[str] = []
    blocks: list[Block] = []
    position = 0
    root = LexborHTMLParser(text).root
    for kind, line in _lines(_walk(root) if root is not None else iter(())):
        lines.append(line)
        blocks.append(Block(kind, position, position + len(line)))
        position += len(line) + 1
    return "\n".join(lines) + ("\n" if lines else ""), blocks


class StructureError(ValueError):
    """A page whose elements would take its parser too long."""


def _check_structure(text: str) -> None:
    """Check that a page has no more structure than pages have.

    Raises:
        StructureError: It has more.
    """
    depth = formats = added = 0
    for end, name, attributes in (match.groups() for match in _TAG.finditer(text)):
        tag = name.lower()
        if len(attributes) > _MOST_ATTRIBUTES and sum(1 for _ in _ATTRIBUTE.finditer(attributes)) > _MOST_ATTRIBUTES:
            message = f"An element has more than {_MOST_ATTRIBUTES:,} attributes."
            raise StructureError(message)
        step = -1 if end else 1
        if tag in _FORMATTING:
            formats = max(0, formats + step)
        if tag not in _NOT_NESTED:
            depth = max(0, depth + step)
        added += formats  # which the parser opens again in each block
        if depth > _DEEPEST or added > _MOST_ADDED * max(len(text), _DEEPEST * _DEEPEST):
            message = f"More than {_DEEPEST:,} elements are nested, or elements of formatting are not closed."
            raise StructureError(message)


def _walk(root: LexborNode) -> Iterator[_Event]:
    """Yield the events of a tree in text order; without recursion, since pages nest deeper than Python calls may."""
    stack: list[LexborNode | _Event] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, tuple):
            yield node
            continue
        tag = node.tag or ""
        if tag == "-text":
            yield "text", node.text_content or ""
        elif tag == "br":
            yield "text", "\v"  # marks a line end inside a block; a vertical tab of the page itself becomes a space
        elif not _UNSEEN.fullmatch(tag) and not tag.startswith(("-", "!")) and "hidden" not in node.attributes:
            opening, closing = _events(tag)
            stack.extend(closing)
            stack.extend(reversed(list(node.iter(include_text=True))))
            yield from opening


def _events(tag: str) -> tuple[list[_Event], list[_Event]]:
    if tag in _CELLS:
        return [("cell", "")], []
    if tag == "tr":
        return [("row", "row")], [("end", "paragraph")]
    if _HEADINGS.fullmatch(tag):
        return [("block", "heading")], [("block", "paragraph")]
    if tag in _ITEMS:
        return [("block", "item")], [("block", "paragraph")]
    return ([("block", "paragraph")], [("block", "paragraph")]) if _BLOCKS.fullmatch(tag) else ([], [])


def _lines(events: Iterator[_Event]) -> Iterator[tuple[BlockKind, str]]:
    """Group events into lines; inside a table row, blocks do not start a line."""
    kind: BlockKind = "paragraph"
    pieces: list[str] = []
    rows = 0
    for event, value in events:
        if event == "text":
            pieces.append(value if value == "\v" else value.replace("\v", " "))
        elif event == "cell":
            pieces.append("\0" if rows else " ")
        elif rows and event == "block":
            pieces.append(" ")
        elif rows and event == "row":  # a table in a cell
            pieces.append(" ")
            rows += 1
        elif event == "end" and rows > 1:
            rows -= 1
        else:
            line = _line(pieces)
            if line:
                yield kind, line
            pieces, rows = [], int(event == "row")
            kind = cast("BlockKind", value)
    line = _line(pieces)
    if line:
        yield kind, line


def _line(pieces: list[str]) -> str:
    cells = "".join(pieces).split("\0")
    rows = ["\n".join(filter(None, (_BLANKS.sub(" ", part).strip(" ") for part in cell.split("\v")))) for cell in cells]
    return "\t".join(rows[1:] if len(rows) > 1 and not rows[0] else rows).strip("\t\n ")
