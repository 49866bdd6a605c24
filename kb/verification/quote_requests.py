"""Read quotes to check in bulk: JSON Lines, or a table with tabs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

import msgspec

from kb.files.text_file import report_as_input
from kb.problems import Place, fail, quote


@dataclass(frozen=True, slots=True)
class QuoteRequest:
    """A quote to check, with the passage that is said to contain it, and the claim that it is said to support.

    ``number`` is the line of the request in its file; 0 if there is none. The claim is the path or IRI of a fact, or else subject
    and object, as ids or words. A field that is not given is empty.
    """

    number: int
    quote: str
    document: str = ""
    sentence: str = ""
    fact: str = ""
    subject: str = ""
    predicate: str = ""
    object: str = ""
    modality: str = ""
    polarity: str = ""


_KEYS = tuple(field.name for field in fields(QuoteRequest) if field.name != "number")


def parse(text: str, file_name: str) -> list[QuoteRequest]:
    """Parse quotes in bulk: objects of JSON Lines, or a table.

    A table has a header row with the column ``quote``, or no header and one quote a line.

    Raises:
        KbError: A line is malformed (KB438), or there is no quote (KB445).
    """
    lines = [(number, line) for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1) if line.strip()]
    is_json = bool(lines) and lines[0][1].lstrip().startswith("{")
    with report_as_input(file_name, "KB438"):
        requests = list(_parse_objects(lines, file_name) if is_json else _parse_table(lines, file_name))
    if not requests:
        raise fail("KB445", "It holds no quote.", "Write one quote a line.", file_name)
    return requests


def _parse_objects(lines: list[tuple[int, str]], file_name: str) -> Iterator[QuoteRequest]:
    for number, line in lines:
        try:
            value = msgspec.json.decode(line, type=dict[str, str])
        except msgspec.DecodeError as error:
            message = f"The line is not a JSON object of strings: {error}."
            raise fail("KB438", message, "Write one object a line.", Place(file_name, number)) from error
        yield _request(number, value, file_name)


def _parse_table(lines: list[tuple[int, str]], file_name: str) -> Iterator[QuoteRequest]:
    rows = [(number, line.split("\t")) for number, line in lines]
    columns = [cell.strip().lower() for cell in rows[0][1]] if rows else []
    if "quote" in columns:
        rows = rows[1:]
    else:
        columns = ["quote"]
    for number, row in rows:
        if any(cell.strip() for cell in row[len(columns) :]):
            message = f"The line has {len(row)} columns, but the table has {len(columns)}: {', '.join(columns)}."
            raise fail("KB438", message, "Add a header row that names the columns.", Place(file_name, number))
        yield _request(number, dict(zip(columns, row, strict=False)), file_name)


def _request(number: int, value: dict[str, str], file_name: str) -> QuoteRequest:
    unknown = sorted(set(value) - set(_KEYS))
    if unknown or "quote" not in value:
        message = f"Unknown: {', '.join(map(quote, unknown))}." if unknown else "There is no quote."
        raise fail("KB438", message, f"Known: {', '.join(_KEYS)}.", Place(file_name, number))
    return QuoteRequest(number, **{key: text if key == "quote" else text.strip() for key, text in value.items()})
