"""SPARQL Query Results XML Format (Second Edition)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from kb.problems import fail
from kb.sparql.json_terms import json_term
from kb.sparql.values import Answer, Row

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_EDGES = re.compile(r"\A[ \t\n]+|[ \t\n]+\Z")  # some readers remove these unless they are written as references


def lines(answer: Answer) -> Iterator[str]:
    """Write an answer.

    Raises:
        KbError: A value holds a character that XML cannot (KB702).
    """
    rows = [_row(answer, row) for row in answer.rows]  # before anything is written, since a row may be refused
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


def _row(answer: Answer, row: Row) -> str:
    bound = [(name, term) for name, term in zip(answer.variables, row, strict=True) if term is not None]
    cells = "".join(f"<binding name={_quote(name)}>{_term(term)}</binding>" for name, term in bound)
    return f"    <result>{cells}</result>\n"


def _term(term: str) -> str:
    parts = json_term(term)
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
