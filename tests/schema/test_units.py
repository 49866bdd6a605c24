"""The table of units: codes of UCUM, and factors that ucumvert computes alike."""

from __future__ import annotations

import pytest
import ucumvert

from kb.schema.units import find_unit_error, known_units

UNITS = {code: unit for code, unit in known_units().items() if code}


@pytest.fixture(scope="module")
def registry() -> ucumvert.PintUcumRegistry:
    return ucumvert.PintUcumRegistry()


@pytest.mark.parametrize("code", [code for code, unit in UNITS.items() if code != unit.base])
def test_a_factor_is_that_of_the_library(code: str, registry: ucumvert.PintUcumRegistry) -> None:
    base = registry.from_ucum(UNITS[code].base)
    assert (registry.from_ucum(code) / base).to("dimensionless").magnitude == pytest.approx(float(UNITS[code].factor), rel=1e-9)


def test_every_code_is_one_of_ucum() -> None:
    parser = ucumvert.get_ucum_parser()
    assert all(parser.parse(code) for code in UNITS)
    assert len({unit.iri for unit in UNITS.values() if unit.iri}) == sum(bool(unit.iri) for unit in UNITS.values())


@pytest.mark.parametrize(
    ("code", "is_good"), [("mg/(kg.h)", True), ("{drop}", True), ("mgg", False), ("10 mg", False), ("", True)]
)
def test_other_codes_are_checked_by_the_library(code: str, *, is_good: bool) -> None:
    assert (find_unit_error(code)[0] == "") == is_good
