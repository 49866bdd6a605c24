"""Whether a store gives back the graph that it was sent: the same statements, or the same values in another form.

Stores may rewrite literals. So where the statements differ, both graphs are brought into one form by value and compared
once more; what that form lets through is said here, and nowhere else:

- numbers are equal as numbers, whatever the type of number: decimals and integers to 15 digits, floats and doubles to 6;
- booleans and times are equal by value, times to the microsecond;
- durations are equal by their months or, without months, by their seconds (Virtuoso gives back no more).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Context, Decimal, InvalidOperation
from filecmp import cmp
from functools import lru_cache
from typing import Any, NamedTuple

from kb.files.sorting import SortedFile, SortedFiles
from kb.rdf.quads import XSD, iri, literal, literal_value

_TYPED = re.compile(rb'("(?:[^"\\]|\\.)*"\^\^<http://www\.w3\.org/2001/XMLSchema#(\w+)>) \.\n\Z')
_NUMBERS = re.compile("integer|decimal|(non)?(positive|negative)Integer|(unsigned)?(byte|short|int|long)", re.IGNORECASE)
_TIMES = {"date", "dateTime", "time", "gYear", "gYearMonth"}
_DURATION = re.compile(
    r"(-?)P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?",
)
_FRACTION = re.compile(r"(\.\d{6})\d+")


class Verdict(NamedTuple):
    """What a comparison found.

    Args:
        same: ``statements`` if every statement is the same, ``values`` if every value is, nothing if they differ.
        missing: How many of ours are not there.
        extra: How many of theirs are not ours.
        example: One of them, ours if there is one.
    """

    same: str
    missing: int = 0
    extra: int = 0
    example: str = ""


def compare(ours: SortedFile, theirs: SortedFile, spool: SortedFiles) -> Verdict:
    """Compare two sorted graphs, in bounded memory.

    Args:
        ours: What was sent.
        theirs: What came back, as it came.
        spool: Where to sort what differs; the caller clears it.

    Raises:
        SyntaxError: What came back is not RDF.
    """
    if cmp(ours.path, theirs.path, shallow=False):
        return Verdict("statements")
    there, here = _apart(theirs, ours, spool)  # most lines are the same; only the others are worth a closer look
    read = spool.sort(map(as_sent, there.lines()))
    if cmp(here.path, read.path, shallow=False):
        return Verdict("statements")
    one, two = (spool.sort(map(by_value, each.lines())) for each in (here, read))
    if not cmp(one.path, two.path, shallow=False):  # two forms of one value may have become one
        one, two = (spool.sort(by_value(as_sent(line)) for line in each.lines()) for each in (ours, theirs))
    return _verdict(*_apart(one, two, spool))


def _verdict(missing: SortedFile, extra: SortedFile) -> Verdict:
    example = next(missing.lines(), None) or next(extra.lines(), b"")
    return Verdict("" if example else "values", missing.count, extra.count, example.decode().strip())


def _apart(one: SortedFile, two: SortedFile, spool: SortedFiles) -> tuple[SortedFile, SortedFile]:
    """Give what is in one graph only, and what is in the other only."""
    if one.size + two.size <= spool.buffered:
        mine, others = set(one.lines()), set(two.lines())
        return spool.sort(mine - others), spool.sort(others - mine)
    return spool.sort(_only(one, two)), spool.sort(_only(two, one))


def _only(one: SortedFile, two: SortedFile) -> Iterator[bytes]:
    """Give the lines of a sorted graph that another has not."""
    others = two.lines()
    other = next(others, None)
    for line in one.lines():
        while other is not None and other < line:
            other = next(others, None)
        if line != other:
            yield line


def as_sent(line: bytes) -> bytes:
    """Write a line of N-Triples as we would have sent it.

    Raises:
        SyntaxError: It is none.
    """
    import pyoxigraph as ox

    return b"".join(
        statement(each.subject, each.predicate, each.object) for each in ox.parse(line, format=ox.RdfFormat.N_TRIPLES)
    )


def statement(subject: Any, predicate: Any, obj: Any) -> bytes:
    """Write a statement of pyoxigraph as the line that we would have sent."""
    written = str(obj) if not hasattr(obj, "datatype") else literal(obj.value, obj.datatype.value, obj.language or "")
    return f"{subject} {predicate} {written} .\n".encode()


def by_value(line: bytes) -> bytes:
    """Write the literal of a statement in the form that all literals of its value have."""
    found = _TYPED.search(line)
    if not found:
        return line
    normal = _by_value(found[1].decode(), found[2].decode())
    return line if normal is None else b"%b%b .\n" % (line[: found.start(1)], normal.encode())


@lru_cache(100_000)
def _by_value(term: str, kind: str) -> str | None:
    value = literal_value(term).value
    try:
        if _NUMBERS.fullmatch(kind):
            return _typed(_number(value), "decimal")
        form = _FORMS.get(kind)
        return form(value) if form else None
    except (ValueError, InvalidOperation):
        return None


def _typed(value: str, kind: str) -> str:
    return f'"{value}"^^{iri(XSD + kind)}'


def _number(value: str) -> str:
    rounded = Context(prec=15).create_decimal(value)
    return str(rounded.normalize() if rounded else Decimal(0))


def _floating(value: str) -> str:
    return _typed(f"{float(value):.6g}", "double")


def _truth(value: str) -> str:
    return _typed({"1": "true", "0": "false"}.get(value, value), "boolean")


def _time(kind: str) -> Callable[[str], str]:
    def normal(value: str) -> str:
        import pyoxigraph as ox

        store, node = ox.Store(), ox.NamedNode("urn:x")
        store.add(ox.Quad(node, node, ox.Literal(_FRACTION.sub(r"\1", value), datatype=ox.NamedNode(XSD + kind))))
        return str(next(iter(store)).object)

    return normal


def _duration(value: str) -> str:
    found = _DURATION.fullmatch(value)
    if not found:  # what Virtuoso gives: the months as a whole number, or else the seconds with a point
        return _typed(str(int(value)) if "." not in value else f"{float(value)}s", "duration")
    sign = -1 if found[1] else 1
    years, months, days, hours, minutes = (int(each or 0) for each in found.groups()[1:6])
    if years or months:
        return _typed(str(sign * (12 * years + months)), "duration")
    seconds = timedelta(days=days, hours=hours, minutes=minutes, seconds=float(found[7] or 0)).total_seconds()
    return _typed(f"{sign * seconds}s", "duration")


_FORMS: dict[str, Callable[[str], str]] = {
    "double": _floating,
    "float": _floating,
    "boolean": _truth,
    "duration": _duration,
    **{kind: _time(kind) for kind in _TIMES},
}
