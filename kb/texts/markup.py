"""The normal form of Markdown and HTML: the text that a reader sees (:mod:`kb.texts.markup_reader`)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kb.texts.blocks import Block
from kb.texts.markup_reader import BlockReader, Element, Token, load_markup
from kb.texts.stated_details import TextDetails, read_details, read_front_matter
from kb.texts.tables import StructureError

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n.*?\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)

# How deep elements may nest, how many attributes one may have, and how many elements the parser may add to those of the page,
# for each character of it. Pages have a tenth of that; the time of the parser grows with the square.
_DEEPEST, _MOST_ATTRIBUTES, _MOST_ADDED = 1_000, 1_000, 2
_TAG = re.compile(r"""<(/?)([a-zA-Z][^\s/>]*)((?:[^>=]++|=\s*+(?:"[^"]*+"|'[^']*+')?+)*+)""")
_ATTRIBUTE = re.compile(r"""(?<![\s/])[\s/]++[^\s/=]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"']*+))?+""")
_FORMATTING = re.compile("a|b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u")
# Elements without content, and those that the next one of their kind ends.
_NOT_NESTED = re.compile(
    "area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr|p|li|dt|dd|td|th|tr|tbody|thead|tfoot|option|optgroup"
)


def read_markdown(text: str) -> tuple[str, list[Block], TextDetails]:
    """Return the normal form of a Markdown text, its blocks, and the details in its YAML heading."""
    from markdown_it import MarkdownIt

    renderer = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    front = _FRONT_MATTER.match(text)
    words, blocks, _ = read_html(renderer.render(text[front.end() :] if front else text))
    return words, blocks, read_front_matter(front[0] if front else "")


def read_html(text: str) -> tuple[str, list[Block], TextDetails]:
    """Return the normal form of an HTML text, its blocks and its details.

    Raises:
        StructureError: It has so many nested elements, attributes or repeated cells that reading it would take too long.
    """
    from selectolax.lexbor import LexborHTMLParser

    _check_structure(text)
    page = LexborHTMLParser(text)
    words, blocks = BlockReader(load_markup("html")).read(_list_tokens(page.root) if page.root is not None else ())
    return words, blocks, read_details("html", lambda selector: _find(page, selector))


def _find(page: LexborHTMLParser, selector: str) -> str:
    """Return the value of an attribute, or the words, of the first element of a page that a selector names."""
    css, _, attribute = selector.partition("@")
    node = page.css_first(css)
    return "" if node is None else (node.attributes.get(attribute) if attribute else node.text()) or ""


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
        if _FORMATTING.fullmatch(tag):
            formats = max(0, formats + step)
        if not _NOT_NESTED.fullmatch(tag):
            depth = max(0, depth + step)
        added += formats  # which the parser opens again in each block
        if depth > _DEEPEST or added > _MOST_ADDED * max(len(text), _DEEPEST * _DEEPEST):
            message = f"More than {_DEEPEST:,} elements are nested, or elements of formatting are not closed."
            raise StructureError(message)


def _list_tokens(root: LexborNode) -> Iterator[Token]:
    """Yield the tokens of a tree in text order; without recursion, since pages nest deeper than Python calls may."""
    stack: list[LexborNode | None] = [root]
    while stack:
        node = stack.pop()
        tag = "" if node is None else node.tag or ""
        if node is None:
            yield None
        elif tag == "-text":
            yield node.text_content or ""
        elif not tag.startswith(("-", "!")):
            yield Element(tag, node.attributes)
            stack.append(None)
            stack.extend(reversed(list(node.iter(include_text=True))))
