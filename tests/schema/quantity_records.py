"""Quantities as records have them, drawn and as nodes of JSON-LD; those drawn fit every qualifier that takes quantities."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from kb.rdf import quantities
from kb.schema import vocabulary

_KEYS = {"least": "at-least", "above": "more-than", "most": "at-most", "below": "less-than"}
_NUMBERS: st.SearchStrategy[Any] = st.sampled_from(["0", "1", "2.50", "-3", "007", 5]) | st.integers(0, 999)
_UNITS: dict[str, list[str | None]] = {"1": ["%", None], "/d": ["/d", "/wk"], "s": ["h", "d"], "g": ["mg", "[IU]", "{tablet}"]}


@st.composite
def records(draw: st.DrawFn, units: tuple[str, ...] | None = ()) -> dict[str, Any]:
    """Draw any quantity that the schema allows, with a unit that fits the units of a qualifier."""
    forms: list[list[str]] = [["value"], ["low", "high"], ["more-than", "at-most"], []]
    forms += [[name] for name in _KEYS.values()]
    value: dict[str, Any] = {key: draw(_NUMBERS) for key in draw(st.sampled_from(forms))}
    unit = draw(st.sampled_from(_UNITS.get((units or ("g",))[0], ["mg"])))
    value |= {"unit": unit} if unit else {}
    counted = {"n": st.integers(0, 12), "of": st.integers(12, 900)}
    value |= draw(st.fixed_dictionaries(counted)) if not value.keys() - {"unit"} or draw(st.booleans()) else {}
    bands = st.sampled_from(sorted(vocabulary.values("frequency")))
    more = {"approx": st.booleans(), "per": st.sampled_from([100, 1000]), "band": bands}
    return value | draw(st.fixed_dictionaries({}, optional=more))


def spelled(name: str) -> st.SearchStrategy[str]:
    """Draw quantities of a qualifier as the model has them."""
    drawn = records(vocabulary.qualifiers()[name].units)
    return drawn.map(lambda value: quantities.spell(quantities.parse_record(value)))


def as_node(text: str, node: str) -> dict[str, Any]:
    """Give a quantity of the model as a node of JSON-LD for ``schemas/context.jsonld``."""
    own = quantities.parse(text)._asdict()
    record = {_KEYS.get(key, key): int(value) if key in {"per", "n", "of"} else value for key, value in own.items() if value}
    return spell_out(record | ({"approx": True} if own["approx"] else {}), node)


def spell_out(record: dict[str, Any], node: str) -> dict[str, Any]:
    """Give a record of a quantity as a node of JSON-LD; that it is not approximate, RDF does not say."""
    stated = {key: value for key, value in record.items() if value is not False}
    return {**stated, "id": node, "type": ["Quantity", "qudt:QuantityValue"]}
