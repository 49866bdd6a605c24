"""Write comma-separated tables, on demand so that a spreadsheet can open them: it runs no cell as a formula, and nothing is lost.

In a table for spreadsheets, a cell whose first visible character could start a formula gets an apostrophe before it, and so
does a cell that begins with an apostrophe; :func:`restore` removes it. Numbers stay numbers. All cells are quoted (RFC 4180),
lines end in CRLF.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

# The start of a formula, also in full-width forms, after spaces or other invisible characters.
_FORMULA = re.compile("[\\s\\u200b-\\u200f\\u2060\\ufeff\\x00-\\x20]*[=+\\-@\\uff1d\\uff0b\\uff0d\\uff20\\u2212\\t\\r\\n]")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
_GUARD = "'"


def protect(cell: str) -> str:
    """Make a cell safe for spreadsheets.

    Returns:
        The text, with an apostrophe before it where it could be run as a formula or begins with an apostrophe.
    """
    is_formula = _FORMULA.match(cell) and not _NUMBER.fullmatch(cell)
    return _GUARD + cell if cell.startswith(_GUARD) or is_formula else cell


def restore(cell: str) -> str:
    """Undo :func:`protect`."""
    return cell.removeprefix(_GUARD)


def write(columns: Sequence[str], rows: Iterable[Sequence[str]], *, is_safe: bool = True) -> bytes:
    """Write a table: UTF-8, without a byte order mark, every cell quoted, and protected if it is to be safe.

    Args:
        columns: The header, which contains no formulas.
        rows: The cells of each row, in the order of the columns.
        is_safe: Whether the table is for spreadsheets.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([protect(cell) for cell in row] if is_safe else row for row in rows)
    return text.getvalue().encode("utf-8")
