"""The normal form of Markdown and HTML: the text that a reader sees (:mod:`kb.texts.markup_reader`)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kb.files.text_file import decode_as, decode_utf8, has_wide_mark
from kb.problems import KbError
from kb.texts.blocks import Block
from kb.texts.markup_reader import BlockReader, Element, Token, load_markup, read_line
from kb.texts.stated_details import TextDetails, read_details, read_front_matter
from kb.texts.tables import StructureError

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n.*?\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)

# Where a page declares its encoding, and the codecs of those that are called otherwise, by https://encoding.spec.whatwg.org/.
_CHARSET, _DECLARED = re.compile(rb"""<meta[^>]*?\bcharset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE), 1_024
_ENCODING = re.compile(r"iso-8859-(?:[2-8]|1[0-6])|windows-125[0-8]|koi8-[ru]|euc-jp|iso-2022-jp|big5|gb18030")
_ENCODINGS = {
    **dict.fromkeys(("iso-8859-1", "latin1", "us-ascii", "ascii"), "windows-1252"),
    **dict.fromkeys(("iso-8859-9", "latin5"), "windows-1254"),
    **dict.fromkeys(("iso-8859-11", "tis-620", "windows-874"), "cp874"),
    **dict.fromkeys(("gb2312", "gbk", "x-gbk"), "gb18030"),
    **dict.fromkeys(("shift_jis", "shift-jis", "x-sjis", "windows-31j"), "cp932"),
    **dict.fromkeys(("euc-kr", "ks_c_5601-1987", "windows-949"), "cp949"),
}

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


def decode_html(data: bytes, file_name: str) -> str:
    """Decode a page as its byte order mark says, as UTF-8 if it is that, and otherwise in the encoding that it declares.

    Raises:
        KbError: It is in none of these (KB103).
    """
    if has_wide_mark(data):
        return decode_as(data, file_name, "utf-16")
    try:
        return decode_utf8(data, file_name)
    except KbError:
        declared = _CHARSET.search(data, 0, _DECLARED)
        label = declared[1].decode().lower() if declared else ""
        encoding = _ENCODINGS.get(label, label if _ENCODING.fullmatch(label) else "")
        if not encoding:
            raise
    return decode_as(data, file_name, encoding)


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
    return words, blocks, _read_details(page)


def read_html_details(text: str) -> TextDetails:
    """Return the details that an HTML text states.

    Raises:
        StructureError: As :func:`read_html`.
    """
    from selectolax.lexbor import LexborHTMLParser

    _check_structure(text)
    return _read_details(LexborHTMLParser(text))


def _read_details(page: LexborHTMLParser) -> TextDetails:
    return read_details("html", lambda place: _find(page, place))


def _find(page: LexborHTMLParser, place: str) -> str:
    """Return the words of the first element of a page at a place, or the value of its attribute."""
    css, _, attribute = (f"meta[name='{place[5:]}' i]@content" if place.startswith("meta:") else place).partition("@")
    node = page.css_first(css)
    if node is None or attribute:
        return "" if node is None else node.attributes.get(attribute) or ""
    return read_line("html", _list_tokens(node))


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
