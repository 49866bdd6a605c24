"""Compare the graph that a store returns with the one that it was sent: by statement, or by the value of each literal.

Stores may rewrite literals. So where statements differ, both graphs are converted to a normal form by value, and compared
again. The normal form considers as equal, and nothing else:

- numbers with the same value, whatever their type: decimals and integers to 15 digits, floats and doubles to 6;
- booleans and times with the same value, times to the microsecond;
- durations with the same months or, without months, the same seconds (Virtuoso returns no more than that).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Context, Decimal
from filecmp import cmp
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import pyoxigraph as ox

from kb.files.sorting import SortedFile, SortedFiles
from kb.rdf.quads import XSD, iri, literal, literal_value

# Matched from the beginning of a line, since a search would begin anew at each quotation mark inside the literal.
_TYPED = re.compile(rb'\S++ \S++ ("(?:[^"\\]++|\\.)*+"\^\^<http://www\.w3\.org/2001/XMLSchema#(\w+)>) \.\n\Z')
_NUMBERS = re.compile("integer|decimal|(non)?(positive|negative)Integer|(unsigned)?(byte|short|int|long)", re.IGNORECASE)
_TIMES = {"date", "dateTime", "time", "gYear", "gYearMonth"}
_DURATION = re.compile(
    r"(-?)P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?",
)
_FRACTION = re.compile(r"(\.\d{6})\d+")


class ComparisonResult(NamedTuple):
    """The result of a comparison."""

    # ``statements`` if every statement is the same, ``values`` if every value is, nothing if the graphs differ
    same: Literal["statements", "values", ""]
    missing: int = 0  # how many of our statements the other graph lacks
    extra: int = 0  # how many statements only the other graph has
    example: str = ""  # one of them, one of ours if there is any


def compare(ours: SortedFile, theirs: SortedFile, files: SortedFiles) -> ComparisonResult:
    """Compare the sorted graph that was sent with the one that was returned, as it was returned, in bounded memory.

    Raises:
        SyntaxError: What was returned is not RDF.
    """
    if cmp(ours.path, theirs.path, shallow=False):
        return ComparisonResult("statements")
    rewritten, here = find_changes(ours, theirs, files)
    if cmp(here.path, rewritten.path, shallow=False):
        return ComparisonResult("statements")
    mine, other = (files.sort(map(normalize, file.lines())) for file in (here, rewritten))
    if not cmp(mine.path, other.path, shallow=False):  # two statements of one graph may have the same normal form
        mine, other = (files.sort(normalize(rewrite(line)) for line in file.lines()) for file in (ours, theirs))
    missing, extra = _find_differences(mine, other, files)
    example = next(missing.lines(), None) or next(extra.lines(), b"")
    return ComparisonResult("" if example else "values", missing.count, extra.count, example.decode().strip())


def find_changes(ours: SortedFile, theirs: SortedFile, files: SortedFiles) -> tuple[SortedFile, SortedFile]:
    """Return the statements that only their graph has, in the form in which they are sent, and those that only ours has.

    Raises:
        SyntaxError: Theirs is not RDF.
    """
    there, here = _find_differences(theirs, ours, files)  # most lines are the same; only the others are parsed
    return _find_differences(files.sort(map(rewrite, there.lines())), here, files)


def _find_differences(left: SortedFile, right: SortedFile, files: SortedFiles) -> tuple[SortedFile, SortedFile]:
    """Return the lines that only the left file has, and those that only the right file has."""
    return files.sort(_find_missing(left, right)), files.sort(_find_missing(right, left))


def _find_missing(left: SortedFile, right: SortedFile) -> Iterator[bytes]:
    """Yield the lines of a sorted file that another one lacks."""
    others = right.lines()
    other = next(others, None)
    for line in left.lines():
        while other is not None and other < line:
            other = next(others, None)
        if line != other:
            yield line


def rewrite(line: bytes) -> bytes:
    """Return a line of N-Triples in the form in which it is sent.

    Raises:
        SyntaxError: It is not a line of N-Triples.
    """
    return b"".join(
        write_statement(quad.subject, quad.predicate, quad.object) for quad in ox.parse(line, format=ox.RdfFormat.N_TRIPLES)
    )


def write_statement(subject: Any, predicate: Any, obj: Any) -> bytes:
    """Return a statement of pyoxigraph as the line in which it is sent."""
    term = str(obj) if not hasattr(obj, "datatype") else literal(obj.value, obj.datatype.value, obj.language or "")
    return f"{subject} {predicate} {term} .\n".encode()


def normalize(line: bytes) -> bytes:
    """Return a statement with its literal in the normal form of its value."""
    match = _TYPED.match(line)
    if not match:
        return line
    normal = _normal_form(match[1].decode(), match[2].decode())
    return line if normal is None else b"%b%b .\n" % (line[: match.start(1)], normal.encode())


@lru_cache(100_000)
def _normal_form(term: str, kind: str) -> str | None:
    value = literal_value(term).value
    try:
        if _NUMBERS.fullmatch(kind):
            return _typed(_number(value), "decimal")
        form = _FORMS.get(kind)
        return form(value) if form else None
    except (ValueError, ArithmeticError):  # what is no number, and numbers that are too large
        return None


def _typed(value: str, kind: str) -> str:
    return f'"{value}"^^{iri(XSD + kind)}'


def _number(value: str) -> str:
    rounded = Context(prec=15).create_decimal(value)
    return str(rounded.normalize() if rounded else Decimal(0))


def _floating(value: str) -> str:
    return _typed(f"{float(value):.6g}", "double")


def _boolean(value: str) -> str:
    return _typed({"1": "true", "0": "false"}.get(value, value), "boolean")


def _time(kind: str) -> Callable[[str], str]:
    def normal(value: str) -> str:
        store, node = ox.Store(), ox.NamedNode("urn:x")
        store.add(ox.Quad(node, node, ox.Literal(_FRACTION.sub(r"\1", value), datatype=ox.NamedNode(XSD + kind))))
        return str(next(iter(store)).object)

    return normal


def _duration(value: str) -> str:
    match = _DURATION.fullmatch(value)
    if not match:  # Virtuoso returns the months as an integer, or else the seconds with a decimal point
        return _typed(str(int(value)) if "." not in value else f"{float(value)}s", "duration")
    sign = -1 if match[1] else 1
    years, months, days, hours, minutes = (int(number or 0) for number in match.groups()[1:6])
    if years or months:
        return _typed(str(sign * (12 * years + months)), "duration")
    seconds = timedelta(days=days, hours=hours, minutes=minutes, seconds=float(match[7] or 0)).total_seconds()
    return _typed(f"{sign * seconds}s", "duration")


_FORMS: dict[str, Callable[[str], str]] = {
    "double": _floating,
    "float": _floating,
    "boolean": _boolean,
    "duration": _duration,
    **{kind: _time(kind) for kind in _TIMES},
}
