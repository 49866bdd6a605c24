"""Tables as text: fitted to a terminal and paged, or in aligned columns."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence

import click

from kb.cli import console
from kb.escaping import escape_unseen


def write(columns: Sequence[str], rows: Iterable[Sequence[str]], *, header: bool = True) -> None:
    """Write a table: fitted to a terminal and paged if it is long; elsewhere in aligned columns, never cut or wrapped."""
    rows = list(_make_visible(rows))
    if sys.stdout is not None and sys.stdout.isatty():
        _write_paged(_fit(columns, rows, header=header))
        return
    lines = [*([columns] if header else []), *rows]
    widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
    console.emit("  ".join(map(str.ljust, line, widths)).rstrip() + "\n" for line in lines)


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


def _fit(columns: Sequence[str], rows: Iterable[Sequence[str]], *, header: bool) -> str:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold", show_header=header)
    for column in columns:
        table.add_column(Text(column), overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    terminal = Console(highlight=False)
    with terminal.capture() as captured:
        terminal.print(table)
    return captured.get()
