"""The formats of results: SPARQL 1.1 JSON, XML, CSV and TSV; and for people Markdown, HTML, and the columns that they want."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from html import escape
from typing import Any, NamedTuple

from kb.escaping import escape_markdown
from kb.problems import fail
from kb.rdf.iris import XSD, Names
from kb.rdf.quads import iri_value, is_blank, is_iri, literal_value
from kb.sparql.values import Answer, Row

_REMEMBERED = 10_000  # terms that are written once, since many rows have the same; a bound, since answers can be large
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_EDGES = re.compile(r"\A[ \t\n]+|(?<![ \t\n])[ \t\n]+\Z")  # some readers remove these unless they are written as references
_INTEGERS = (
    *("integer", "int", "long", "short", "byte", "nonNegativeInteger", "positiveInteger", "nonPositiveInteger"),
    *("negativeInteger", "unsignedInt", "unsignedLong", "unsignedShort", "unsignedByte"),
)
_PARSERS: dict[str, Callable[[str], Any]] = {
    **{f"{XSD}{name}": int for name in _INTEGERS},
    **{f"{XSD}{name}": float for name in ("double", "float")},
    f"{XSD}decimal": Decimal,
    f"{XSD}boolean": {"true": True, "1": True, "false": False, "0": False}.__getitem__,
}


class ResultFormat(NamedTuple):
    """A format of results: name, media type, suffix, other names, writer."""

    name: str
    media_type: str
    extension: str
    aliases: tuple[str, ...]
    lines: Callable[[Answer], Iterator[str]]


def _json(answer: Answer) -> Iterator[str]:
    """SPARQL 1.1 Query Results JSON Format."""
    if answer.form == "ask":
        yield json.dumps({"head": {}, "boolean": answer.truth}) + "\n"
        return
    yield f'{{"head": {json.dumps({"vars": answer.variables})}, "results": {{"bindings": ['
    write = lru_cache(_REMEMBERED)(lambda term: json.dumps(_json_term(term), ensure_ascii=False))
    keys = [json.dumps(name, ensure_ascii=False) for name in answer.variables]
    for index, row in enumerate(answer.rows):
        cells = ", ".join(f"{key}: {write(term)}" for key, term in zip(keys, row, strict=True) if term is not None)
        yield f"{',' if index else ''}\n  {{{cells}}}"
    yield "\n]}}\n"


def _json_term(term: str) -> dict[str, str]:
    """Convert a term to the object that stands for it in JSON results (section 3.2.2)."""
    if is_iri(term):
        return {"type": "uri", "value": iri_value(term)}
    if is_blank(term):
        return {"type": "bnode", "value": term[2:]}
    literal = literal_value(term)
    parts = {"type": "literal", "value": literal.value}
    if literal.language:
        return {**parts, "xml:lang": literal.language}
    return parts if literal.datatype == f"{XSD}string" else {**parts, "datatype": literal.datatype}


def _xml(answer: Answer) -> Iterator[str]:
    """SPARQL Query Results XML Format (Second Edition)."""
    rows = [_xml_row(answer, row) for row in answer.rows]  # before anything is written, since a row may be refused
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<sparql xmlns="http://www.w3.org/2005/sparql-results#">\n  <head>\n'
    yield from (f"    <variable name={_quote(name)}/>\n" for name in answer.variables)
    yield "  </head>\n"
    if answer.form == "ask":
        yield f"  <boolean>{json.dumps(answer.truth)}</boolean>\n</sparql>\n"
        return
    yield "  <results>\n"
    yield from rows
    yield "  </results>\n</sparql>\n"


def _quote(value: str) -> str:
    """Quote the value of an attribute; names, language tags and IRIs hold neither quotation marks nor line breaks."""
    return f'"{value.translate(_ESCAPES)}"'


def _xml_row(answer: Answer, row: Row) -> str:
    bound = [(name, term) for name, term in zip(answer.variables, row, strict=True) if term is not None]
    cells = "".join(f"<binding name={_quote(name)}>{_xml_term(term)}</binding>" for name, term in bound)
    return f"    <result>{cells}</result>\n"


def _xml_term(term: str) -> str:
    parts = _json_term(term)
    value = parts["value"]
    forbidden = _NOT_XML.search(value)
    if forbidden:
        message = f"XML cannot hold the character U+{ord(forbidden.group()):04X} of {value[:40]!r}."
        raise fail("KB702", message, "Choose another format, such as json.")
    attribute = ""
    if "xml:lang" in parts:
        attribute = f" xml:lang={_quote(parts['xml:lang'])}"
    elif "datatype" in parts:
        attribute = f" datatype={_quote(parts['datatype'])}"
    text = _EDGES.sub(lambda space: "".join(f"&#{ord(character)};" for character in space[0]), value.translate(_ESCAPES))
    return f"<{parts['type']}{attribute}>{text}</{parts['type']}>"


def _csv(answer: Answer) -> Iterator[str]:
    """SPARQL 1.1 Query Results CSV: values only, lines end in CR LF."""
    if answer.form == "ask":
        answer = _tabulate(answer)
    write = lru_cache(_REMEMBERED)(plain_text)
    for row in [answer.variables, *([write(term) for term in row] for row in answer.rows)]:
        line = io.StringIO()
        csv.writer(line).writerow(row)
        yield line.getvalue()


def plain_text(term: str | None) -> str:
    """Return the text of a literal, the address of an IRI, or the label of a blank node; nothing for an unbound variable."""
    if term is None:
        return ""
    return term if is_blank(term) else _json_term(term)["value"]


def _tsv(answer: Answer) -> Iterator[str]:
    """SPARQL 1.1 Query Results TSV: terms as Turtle writes them; tabs and newlines are escaped in literals."""
    if answer.form == "ask":
        answer = _tabulate(answer)
    yield "\t".join(f"?{name}" for name in answer.variables) + "\n"
    for row in answer.rows:
        yield "\t".join(term or "" for term in row) + "\n"


def _tabulate(answer: Answer) -> Answer:
    """Return the answer to an ASK as a row of a column ``boolean``, as JSON calls it; CSV and TSV have no other place for it."""
    return Answer("select", ("boolean",), ((f'"{json.dumps(answer.truth)}"^^<{XSD}boolean>',),))


FORMATS: tuple[ResultFormat, ...] = (
    ResultFormat("json", "application/sparql-results+json", "srj", (), _json),
    ResultFormat("xml", "application/sparql-results+xml", "srx", (), _xml),
    ResultFormat("csv", "text/csv", "csv", (), _csv),
    ResultFormat("tsv", "text/tab-separated-values", "tsv", (), _tsv),
)

_TABLES = {"markdown": "markdown", "md": "markdown", "html": "html", "htm": "html"}
_BY_NAME = {name: fmt for fmt in FORMATS for name in (fmt.name, fmt.media_type, fmt.extension, *fmt.aliases)}


def find(name: str) -> ResultFormat:
    """Find a result format by name, suffix or media type.

    Raises:
        KbError: There is none of that name.
    """
    fmt = _BY_NAME.get(name.lower().lstrip("."))
    if fmt is None:
        known = ", ".join(["table", *(fmt.name for fmt in FORMATS), "markdown", "html"])
        raise fail("KB702", f"There is no result format '{name[:60]}'.", f"For rows choose one of: {known}.")
    return fmt


def table_cells(rows: Iterable[Row], names: Names) -> list[list[str]]:
    """Convert rows to text for a table: literals without quotation marks, IRIs as CURIEs where possible."""
    return [[_cell(term, names) for term in row] for row in rows]


def _cell(term: str | None, names: Names) -> str:
    if term is None or not is_iri(term):
        return plain_text(term)
    value = iri_value(term)
    relative = names.relative(value)
    return names.compact(value) or (f"<{value}>" if relative is None else relative)


def plain_value(term: str | None) -> Any:
    """Convert an RDF term to a plain value; a literal whose form does not fit its datatype stays a string."""
    if term is None or is_blank(term):
        return term
    if is_iri(term):
        return iri_value(term)
    literal = literal_value(term)
    try:
        return _PARSERS.get(literal.datatype, str)(literal.value)
    except (ValueError, InvalidOperation, KeyError):
        return literal.value


def find_table_format(name: str) -> str:
    """Return ``markdown`` or ``html`` if a name or suffix is one of theirs, or nothing."""
    return _TABLES.get(name.lower().lstrip("."), "")


def visible_columns(answer: Answer, promised: Collection[str]) -> list[int]:
    """Return the places of the columns for people: those that the question promises, and others that are not only IRIs."""
    return [
        index
        for index, name in enumerate(answer.columns)
        if not promised or name in promised or any((term := row[index]) and not is_iri(term) for row in answer.terms)
    ]


def table_lines(answer: Answer, names: Names, fmt: str, promised: Collection[str] = (), title: str = "") -> Iterator[str]:
    """Write an answer as Markdown or as an HTML page, both with every value escaped; see :func:`visible_columns`."""
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
