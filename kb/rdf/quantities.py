"""Quantities: how they are spelled in the IRI of a fact and in words, what they are compared by, and their RDF (QUDT).

Inside the model, a quantity is text: ``10;mg``, ``10..35;cm``, ``2!..;g`` (more than 2 g), ``..1;;per=100`` (at most 1 per 100).
It is the segment of the fact's IRI that names it. The semicolon tells it from ids and words, which have none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from kb.rdf.iris import KB, QUDT, RDF, SKOS, XSD
from kb.rdf.quads import iri, literal
from kb.schema import vocabulary
from kb.schema.units import find_unit, find_unit_error, known_units

#: What every spelled quantity has, and no word, no id and no other value.
MARK = ";"
#: What stands between the IRI of a fact and the part of it whose value is a quantity.
FIGURE = "/figure/"

_KEYS = {"low": "least", "at-least": "least", "more-than": "above", "high": "most", "at-most": "most", "less-than": "below"}
_BOUNDS = {"least": "at least", "above": "more than", "most": "at most", "below": "less than"}
_OPTIONS = ("band", "approx", "per", "n", "of")
_NUMBER = r"-?[0-9]+(?:\.[0-9]+)?"
_SPELLED = re.compile(rf"({_NUMBER})?(?:(!?)(\.\.)(!?)({_NUMBER})?)?")
_WORDED = re.compile(
    rf"(?P<approx>about )?(?:(?P<bound>{'|'.join(_BOUNDS.values())}) )?(?P<number>{_NUMBER})(?: to (?P<high>{_NUMBER}))?"
    r" ?(?P<unit>(?!per )[!-~]+)?(?: per (?P<per>[1-9][0-9]*))?"
)
_COUNTS = re.compile(r"(?:, )?[0-9]+ of [0-9]+$")
_ROWS = {
    "value": (f"{QUDT}numericValue", f"{XSD}decimal"),
    "least": (f"{QUDT}minInclusive", f"{XSD}decimal"),
    "above": (f"{QUDT}minExclusive", f"{XSD}decimal"),
    "most": (f"{QUDT}maxInclusive", f"{XSD}decimal"),
    "below": (f"{QUDT}maxExclusive", f"{XSD}decimal"),
    "approx": (f"{KB}approximate", f"{XSD}boolean"),
    "per": (f"{KB}per", f"{XSD}integer"),
    "n": (f"{KB}count", f"{XSD}integer"),
    "of": (f"{KB}sampleSize", f"{XSD}integer"),
}


class Quantity(NamedTuple):
    """A number, range or share with its unit, each number as the record writes it.

    Args:
        value: The number; or empty, with bounds, of which ``above`` and ``below`` are not reached.
        unit, band: A code of UCUM; a word of frequency beside the number.
        per, n, of: Of how many; how many were counted, of how many.
        approx: ``true`` if the document says 'about'.
    """

    value: str = ""
    least: str = ""
    above: str = ""
    most: str = ""
    below: str = ""
    unit: str = ""
    band: str = ""
    approx: str = ""
    per: str = ""
    n: str = ""
    of: str = ""


def parse_record(value: Mapping[str, Any]) -> Quantity:
    """Parse a quantity as records have it, valid by its schema."""
    fields = {_KEYS.get(key, key): each if isinstance(each, str) else str(int(each)) for key, each in value.items()}
    return Quantity(**fields)._replace(approx="true" if value.get("approx") else "")


def spell(quantity: Quantity) -> str:
    """Spell a quantity as the model and IRIs have it."""
    low = quantity.least or (quantity.above and f"{quantity.above}!")
    high = quantity.most or (quantity.below and f"!{quantity.below}")
    bounds = f"{low}..{high}" if low or high else ""
    options = "".join(f";{key}={own}" for key in _OPTIONS if (own := getattr(quantity, key)))
    return f"{quantity.value or bounds};{quote(quantity.unit, safe='')}{options}"


@lru_cache(maxsize=10_000)
def parse(text: str) -> Quantity:
    """Parse what :func:`spell` spelled.

    Raises:
        ValueError: It is no quantity.
    """
    numbers, unit, *options = text.split(MARK)
    match = _SPELLED.fullmatch(numbers)
    if match is None:
        message = f"not a quantity: {text[:80]}"
        raise ValueError(message)
    first, open_low, dots, open_high, high = (each or "" for each in match.groups())
    bounds = {"above" if open_low else "least": first, "below" if open_high else "most": high} if dots else {"value": first}
    return Quantity(**bounds, unit=unquote(unit), **dict(option.split("=") for option in options))


def word(text: str) -> str:
    """Put a spelled quantity into words: ``about 10 to 35 cm``, ``common, at most 1 per 100``, ``8.3 %, 12 of 145``."""
    own = parse(text)
    bounds = [f"{words} {bound}" for key, words in _BOUNDS.items() if (bound := getattr(own, key))]
    numbers = f"{own.least} to {own.most}" if own.least and own.most else own.value or " and ".join(bounds)
    amount = " ".join(filter(None, ("about" * bool(own.approx), numbers, own.unit, own.per and f"per {own.per}")))
    band = own.band and vocabulary.values("frequency")[own.band].label
    return ", ".join(filter(None, (band, amount, own.of and f"{own.n} of {own.of}")))


def parse_words(words: str) -> dict[str, Any]:
    """Parse words of a quantity, as :func:`word` writes them without counts: ``at least 10 mg``, ``1 per 100``.

    Raises:
        ValueError: They are none.
    """
    match = _WORDED.fullmatch(words.strip())
    if match is None or (match["bound"] and match["high"]):
        message = f"no quantity: {words[:80]}"
        raise ValueError(message)
    key = match["bound"].replace(" ", "-") if match["bound"] else "low" if match["high"] else "value"
    value: dict[str, Any] = {key: match["number"], "high": match["high"], "unit": match["unit"]}
    value |= {"per": match["per"] and int(match["per"]), "approx": bool(match["approx"])}
    return {key: each for key, each in value.items() if each}


def is_amount(words: str) -> bool:
    """Return whether words are those of a quantity in a unit of the table or in none, as :func:`word` writes them."""
    match = _WORDED.fullmatch(_COUNTS.sub("", words))
    return match is not None and (match["unit"] or "1") in {"1", *known_units()}


def find_bounds(quantity: Quantity) -> tuple[Fraction | None, Fraction | None, str]:
    """Return the lowest and highest value of a quantity in the unit in which it is compared, and the code of that unit."""
    unit = find_unit(quantity.unit)
    scale = unit.factor / int(quantity.per or 1)
    low, high = (quantity.value or own for own in (quantity.least or quantity.above, quantity.most or quantity.below))
    if not low and not high:  # it has counts alone
        share = Fraction(int(quantity.n), int(quantity.of))
        return share, share, "1"
    return Fraction(low) * scale if low else None, Fraction(high) * scale if high else None, unit.base


def _write_decimal(value: Fraction) -> str:
    """Write a number as ``xsd:decimal``, with up to 28 digits."""
    text = format((Decimal(value.numerator) / value.denominator).normalize(), "f")
    return "0" if text == "-0" else text


def list_compared(quantity: Quantity) -> Iterator[tuple[str, str]]:
    """List what a quantity is compared by: the names of properties with their values, as terms."""
    low, high, base = find_bounds(quantity)
    for key, value in (("lowest", low), ("highest", high)):
        if value is not None:
            yield key, literal(_write_decimal(value), f"{XSD}decimal")
    yield "baseUnit", literal(base)


def convert(words: str) -> str:
    """Convert words of one number with a unit to the unit in which it is compared: ``2000 mg`` becomes ``2 g``.

    Raises:
        ValueError: They are none.
    """
    low, high, base = find_bounds(parse_record(parse_words(words)))
    if low is None or low != high:
        message = f"no single number: {words[:80]}"
        raise ValueError(message)
    return f"{_write_decimal(low)} {base}"


@lru_cache(maxsize=10_000)
def compile_rows(text: str, language: str) -> tuple[str, ...]:
    """Compile the rows of the node of a spelled quantity, sorted."""
    own = parse(text)
    rows = [f" {iri(f'{RDF}type')} {iri(each)}" for each in (f"{KB}Quantity", f"{QUDT}QuantityValue")]
    rows += [f" {iri(key)} {literal(value, kind)}" for name, (key, kind) in _ROWS.items() if (value := getattr(own, name))]
    if own.unit:
        rows.append(f" {iri(f'{QUDT}ucumCode')} {literal(own.unit)}")
    if found := find_unit(own.unit).iri:
        rows.append(f" {iri(f'{QUDT}hasUnit')} {iri(found)}")
    if own.band:
        rows.append(f" {iri(f'{RDF}value')} {iri(KB + own.band)}")
    rows += [f" {iri(KB + key)} {value}" for key, value in list_compared(own)]
    rows.append(f" {iri(f'{SKOS}prefLabel')} {literal(word(text), language=language)}")
    return tuple(sorted(rows))


@vocabulary.by_vocabulary
def find_errors(name: str, text: str) -> tuple[tuple[str, str, str], ...]:
    """Return what is wrong with the quantity of a qualifier, or of ``object``: code, message, remedy; of no text, nothing."""
    return tuple(_find_errors(name, parse(text))) if text else ()


def _find_errors(name: str, own: Quantity) -> Iterator[tuple[str, str, str]]:
    qualifier = vocabulary.qualifiers().get(name)
    units = qualifier.units if qualifier else ()
    message, remedy = find_unit_error(own.unit)
    low, high, base = find_bounds(own)
    if message:
        yield "KB331", message, remedy
    elif units and base not in units and not (own.unit.startswith("{") and "1" not in units):
        has = f"is in '{own.unit}'" if own.unit else "has no unit"
        yield "KB331", f"The quantity {has}, which does not fit '{name}'.", f"It takes what is compared in: {', '.join(units)}."
    is_empty = low is not None and high is not None and (low > high or (low == high and bool(own.above or own.below)))
    if is_empty:
        yield "KB332", "The lower bound is not below the upper one.", "Compare both with the sentence."
    if units == (base,) == ("1",) and any(each is not None and not 0 <= each <= 1 for each in (low, high)):
        yield "KB332", "A share is below 0 or above 1.", "Give the unit '%', or 'per' for how many it is of."
    if own.of and int(own.n) > int(own.of):
        yield "KB332", f"{own.n} of {own.of} were counted.", "Swap 'n' and 'of', or correct them."
    elif own.of and own.unit == "%" and own.value and not _is_rounded(own):
        yield "KB332", f"{own.n} of {own.of} is not {own.value} %.", "Compare the numbers with the sentence."


def _is_rounded(own: Quantity) -> bool:
    """Return whether a percentage is that of its counts, rounded or cut to its digits."""
    step = Fraction(1, 10 ** len(own.value.partition(".")[2]))
    return abs(Fraction(own.value) - Fraction(100 * int(own.n), int(own.of))) < step
