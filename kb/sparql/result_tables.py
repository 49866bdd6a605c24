"""Answers as tables for people: Markdown, HTML, and the columns that a reader wants."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from html import escape

from kb.escaping import escape_markdown
from kb.problems import fail
from kb.rdf.iris import Names
from kb.rdf.quads import iri_value, is_iri
from kb.sparql.result_formats import table_cells
from kb.sparql.values import Answer

_NAMES = {"markdown": "markdown", "md": "markdown", "html": "html", "htm": "html"}


def find_table_format(name: str) -> str:
    """Return ``markdown`` or ``html`` if a name or suffix is one of theirs, or nothing."""
    return _NAMES.get(name.lower().lstrip("."), "")


def visible_columns(answer: Answer, promised: Collection[str]) -> list[int]:
    """Return the places of the columns for people: those that the question promises, and others that are not only IRIs."""
    return [
        index
        for index, name in enumerate(answer.columns)
        if not promised or name in promised or any((term := row[index]) and not is_iri(term) for row in answer.terms)
    ]


def table_lines(answer: Answer, names: Names, fmt: str, promised: Collection[str] = (), title: str = "") -> Iterator[str]:
    """Write an answer as Markdown or as an HTML page, both with every value escaped.

    Args:
        answer: The answer.
        names: The names of the knowledge base.
        fmt: ``markdown`` or ``html``.
        promised: The columns that the question promises.
        title: The question.

    Raises:
        KbError: There is no such format (KB702).
    """
    if fmt == "markdown":
        yield from _markdown(answer, names, promised)
    elif fmt == "html":
        yield f'<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{escape(title)}</title></head>\n<body>\n'
        yield html_table(answer, names, promised, title)
        yield "\n</body>\n</html>\n"
    else:
        raise fail("KB702", f"There is no table format '{fmt[:60]}'.", "Choose markdown or html.")


def _markdown(answer: Answer, names: Names, promised: Collection[str]) -> Iterator[str]:
    if answer.form == "ask":
        yield f"{str(answer.truth).lower()}\n"
        return
    visible = visible_columns(answer, promised)
    yield f"| {' | '.join(escape_markdown(answer.columns[index]) for index in visible)} |\n"
    yield f"|{'---|' * len(visible)}\n"
    for row in table_cells(answer.terms, names):
        yield f"| {' | '.join(escape_markdown(row[index]) for index in visible)} |\n"


def html_table(answer: Answer, names: Names, promised: Collection[str] = (), caption: str = "") -> str:
    """Write an answer as an HTML table; IRIs are links where a browser can follow them."""
    if answer.form == "ask":
        return f"<code>{str(answer.truth).lower()}</code>"
    visible = visible_columns(answer, promised)
    head = "".join(f"<th>{escape(answer.columns[index])}</th>" for index in visible)
    body = "".join(
        f"<tr>{''.join(_html_cell(row[index], words[index]) for index in visible)}</tr>\n"
        for row, words in zip(answer.terms, table_cells(answer.terms, names), strict=True)
    )
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    return f"<table>{title}<thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table>"


def _html_cell(term: str | None, word: str) -> str:
    target = iri_value(term) if term and is_iri(term) else ""
    if target.startswith(("http://", "https://")):
        return f'<td><a href="{escape(target)}">{escape(word.strip("<>"))}</a></td>'
    return f"<td>{escape(word)}</td>"
