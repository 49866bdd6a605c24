"""Answers of tools as JSON in pages of a bounded size, with texts of documents marked as data."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from kb.escaping import escape_unseen
from kb.problems import fail

#: The largest page in bytes of UTF-8: 8,000 tokens, if a token has 2.5 bytes; in English it has about four.
MOST_BYTES = 20_000
_LONGEST = 1_500  # bytes of one text of an answer that is too long
_MOST_ITEMS = 30  # items of one list of it

Answer = Mapping[str, Any]


def fence(text: str, document: str, sentence: str = "") -> str:
    """Mark words of a document as data; nothing inside can end the mark."""
    place = escape(" ".join(filter(None, (document, sentence))))
    return f'<document-text from="{place}">{escape(escape_unseen(text, chr(10)), quote=False)}</document-text>'


def write_page(answer: Answer, rows: Sequence[Answer], page: int = 1) -> str:
    """Write a page of an answer: what holds for all of it, the numbers of rows and pages, and the rows of the page.

    Raises:
        KbError: There is no such page (KB832).
    """
    frame = _shorten({**answer, "total_rows": len(rows)}, _LONGEST)
    pages = _split(rows, MOST_BYTES - _size(frame) - 100)
    if not 0 < page <= len(pages):
        raise fail("KB832", f"There is no page {page}.", f"The answer has {len(pages)} pages: ask for one of them.", "page")
    more = {"next_page": page + 1} if page < len(pages) else {}
    shown = {**frame, "page": page, "pages": len(pages), **more, "rows": pages[page - 1]}
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":"))


def _split(rows: Sequence[Answer], room: int) -> list[list[Answer]]:
    """Split rows into pages that fit; a row that does not fit alone is shortened."""
    pages: list[list[Answer]] = [[]]
    left = room
    for row in rows:
        fitting, longest = row, room // 2
        while _size(fitting) > room and longest:
            fitting, longest = _shorten(row, longest), longest // 2
        if _size(fitting) > left:
            pages.append([])
            left = room
        pages[-1].append(fitting)
        left -= _size(fitting)
    return pages


def _shorten(value: Any, longest: int) -> Any:
    """Shorten the texts and lists of a value, and say so where they are cut."""
    if isinstance(value, Mapping):
        return {key: _shorten(inner, longest) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        more = [f"… {len(value) - _MOST_ITEMS:,} more"] if len(value) > _MOST_ITEMS else []
        return [*(_shorten(inner, longest) for inner in value[:_MOST_ITEMS]), *more]
    if isinstance(value, str) and len(data := value.encode("utf-8")) > longest:
        return f"{data[:longest].decode('utf-8', 'ignore')}… (cut: {len(data):,} bytes)"
    return value


def _size(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")) + 1
