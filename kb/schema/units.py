"""Units of measure by their codes of UCUM: which unit of QUDT each is, and the factor to the unit in which it is compared.

``units.tsv`` has the units that documents use most. Any other code of UCUM is checked by ucumvert, an extra, and compared
with itself only; what is exported never depends on the extra.
"""

from __future__ import annotations

import csv
from fractions import Fraction
from functools import cache
from importlib import resources
from typing import NamedTuple

_UNITS = "http://qudt.org/vocab/unit/"


class Unit(NamedTuple):
    """A unit: its IRI in QUDT, or nothing; the unit in which it is compared, with the factor to that."""

    iri: str
    base: str
    factor: Fraction


@cache
def known_units() -> dict[str, Unit]:
    """Return the units of ``units.tsv`` by code; the empty code is that of numbers without a unit."""
    text = resources.files(__name__.rpartition(".")[0]).joinpath("units.tsv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    units = {row["code"]: Unit(_UNITS + row["qudt"] if row["qudt"] else "", row["base"], Fraction(row["factor"])) for row in rows}
    return {"": Unit("", "1", Fraction(1)), **units}


def find_unit(code: str) -> Unit:
    """Return a unit by its code; one that is not in the table is compared with itself only."""
    return known_units().get(code) or Unit("", code, Fraction(1))


@cache
def find_unit_error(code: str) -> tuple[str, str]:
    """Return why a text is no code of UCUM, or could not be checked, and the remedy; two empty texts if it is one."""
    if code in known_units():
        return "", ""
    try:
        import ucumvert
    except ImportError:
        message = f"The unit '{code}' is not in the table of units, and the library that checks others is not installed."
        return message, "Install it: pip install 'linked-kb[units]'."
    try:
        ucumvert.get_ucum_parser().parse(code)
    except Exception:  # noqa: BLE001 - the parser raises errors of lark, which need not be imported for that
        return f"'{code}' is no unit of UCUM.", "Write a code of UCUM, such as mg, ug, mL, h, d, /d, %, [IU] or {tablet}."
    return "", ""
