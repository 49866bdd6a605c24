"""Write comma-separated tables that a spreadsheet can open safely: it runs no cell as a formula, and nothing is lost.

A cell whose first visible character could start a formula gets an apostrophe before it, and so does a cell that begins with an
apostrophe; :func:`restore` removes it. All cells are quoted (RFC 4180), lines end in CRLF.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

# The start of a formula, also in full-width forms, after spaces or other invisible characters.
_FORMULA = re.compile("[\\s\\u200b-\\u200f\\u2060\\ufeff\\x00-\\x20]*[=+\\-@\\uff1d\\uff0b\\uff0d\\uff20\\u2212\\t\\r\\n]")
_GUARD = "'"


def protect(cell: str) -> str:
    """Make a cell safe for spreadsheets.

    Returns:
        The text, with an apostrophe before it where it could be run as a formula or begins with an apostrophe.
    """
    return _GUARD + cell if cell.startswith(_GUARD) or _FORMULA.match(cell) else cell


def restore(cell: str) -> str:
    """Undo :func:`protect`."""
    return cell.removeprefix(_GUARD)


def write(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Write a table: UTF-8, without a byte order mark, every cell protected and quoted.

    Args:
        columns: The header, which contains no formulas.
        rows: The cells of each row, in the order of the columns.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([protect(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8")


def read(data: bytes) -> list[dict[str, str]]:
    """Read a table that :func:`write` wrote, with its cells restored."""
    rows = csv.DictReader(io.StringIO(data.decode("utf-8"), newline=""))
    return [{column: restore(cell) for column, cell in row.items()} for row in rows]
