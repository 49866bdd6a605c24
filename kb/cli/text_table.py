"""Tables as text: fitted to a terminal and paged, or in aligned columns."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest

import click

from kb.cli import console
from kb.escaping import escape_unseen

_LONGEST_WORD = 24  # characters of a word that are kept on one line
_GAP = 3  # characters between columns


def write(columns: Sequence[str], rows: Iterable[Sequence[str]], *, header: bool = True) -> None:
    """Write a table: fitted to a terminal and paged if it is long; elsewhere in aligned columns, never cut or wrapped.

    On a terminal, columns are made narrower as long as words fit into them; beyond that, each row is a block of lines.
    """
    rows = list(_make_visible(rows))
    if sys.stdout is not None and sys.stdout.isatty():
        least = [_least_width(cells) for cells in zip(columns, *rows, strict=True)]
        fits = sum(least) + _GAP * (len(least) - 1) <= shutil.get_terminal_size().columns
        _write_paged(_fit(columns, rows, header=header, least=least) if fits else "".join(_write_blocks(columns, rows)))
        return
    lines = [*([columns] if header else []), *rows]
    widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
    console.emit("  ".join(map(str.ljust, line, widths)).rstrip() + "\n" for line in lines)


def write_as(fmt: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write rows as JSON, an object for each, if ``fmt`` is ``json``; else as a table."""
    if fmt == "json":
        console.emit_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        write(columns, (list(map(str, row)) for row in rows))


def write_groups(groups: Iterable[tuple[str, Iterable[Sequence[str]]]], closing: str) -> None:
    """Write titled tables of two columns, fitted to the terminal, and a closing line."""
    tables = (f"{title}\n{_fit(['', ''], _make_visible(rows), header=False)}\n" for title, rows in groups)
    _write_paged("".join(tables) + f"{closing}\n")


def _make_visible(rows: Iterable[Sequence[str]]) -> Iterator[list[str]]:
    return ([escape_unseen(cell) for cell in row] for row in rows)


def _write_paged(text: str) -> None:
    """Write to a terminal, through the pager (``PAGER``, or less) if the text is longer than the screen."""
    if text.count("\n") < shutil.get_terminal_size().lines:
        console.emit([text], styled=True)
    else:
        click.echo_via_pager(text)


def _least_width(cells: Iterable[str]) -> int:
    """Return how narrow a column may be: as wide as its longest word, up to a limit beyond which words are broken."""
    return min(_LONGEST_WORD, max((len(word) for cell in cells for word in cell.split()), default=0))


def _write_blocks(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Write each row as a block: a line for each column that has a value, wrapped to the terminal."""
    names = max(map(len, columns)) + 2
    width = max(shutil.get_terminal_size().columns, names + _LONGEST_WORD)
    for row in rows:
        for name, cell in zip(columns, row, strict=True):
            if cell:
                yield textwrap.fill(cell, width, initial_indent=name.ljust(names), subsequent_indent=" " * names) + "\n"
        yield "\n"


def _fit(columns: Sequence[str], rows: Iterable[Sequence[str]], *, header: bool, least: Sequence[int] = ()) -> str:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold", show_header=header)
    for column, width in zip_longest(columns, least):
        table.add_column(Text(column), overflow="fold", min_width=width)
    for row in rows:
        table.add_row(*map(Text, row))
    terminal = Console(highlight=False)
    with terminal.capture() as captured:
        terminal.print(table)
    return captured.get()
