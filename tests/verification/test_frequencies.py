"""Frequencies mean what they say: a band only where it holds all of what the text allows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.problems import KbError
from kb.verification.frequencies import read_frequency

BANDS = {
    "very-common": (0.1, 1.0),
    "common": (0.01, 0.1),
    "uncommon": (0.001, 0.01),
    "rare": (0.0001, 0.001),
    "very-rare": (0.0, 0.0001),
}
SHARES = st.integers(1, 99_999).map(lambda number: number / 1000)


@pytest.mark.parametrize(
    ("text", "band"),
    [
        ("Very common", "very-common"),
        ("frequent", "common"),
        ("infrequent", "uncommon"),
        ("10%", "very-common"),
        ("9.9 %", "common"),
        ("1,5 %", "common"),
        ("0.001", "uncommon"),
        ("0,001", "uncommon"),
        ("1e-4", "rare"),
        ("1/1000", "uncommon"),
        ("1 in 10,000", "rare"),
        ("1-10%", "common"),
        ("1 to 10 %", "common"),
        ("0.1\u20131%", "uncommon"),
        ("\u2265 1/100 to < 1/10", "common"),
        (">=1/1 000, <1/100", "uncommon"),
        ("> 10 %", "very-common"),
        ("<0.01%", "very-rare"),
        ("<1/10,000", "very-rare"),
        ("~5%", "common"),
        ("3.4% (12/345)", "common"),
        ("<10%", ""),
        ("\u2264 1 %", ""),
        ("up to 1%", ""),
        (">1%", ""),
        ("~10%", ""),
        ("0.5-5%", ""),
        ("0%", ""),
        ("postmarketing", ""),
        ("not known", ""),
        ("5 of 120", "common"),
        ("3 out of 4", "very-common"),
        ("5 \u2030", "uncommon"),
        ("1-10 \u2030", "uncommon"),
        ("Very common (\u22651/10)", "very-common"),
        ("rare (<1/1,000)", "rare"),
        ("very  common [100%]", "very-common"),
    ],
)
def test_a_frequency_has_the_band_that_it_says(text: str, band: str) -> None:
    assert read_frequency(text).band == band


@pytest.mark.parametrize(
    "text",
    [
        *("120%", "5", "1", "1.0", "often, maybe", "never", "not observed", "10-1%", "1/0", "-5%", "%", "1-2-3%"),
        *("1.234,5 %", "1,234.5 %", "1 5 %", "1%,5%", "5 of 4", "common (<1%)", "rare (0%)", "often (5)"),
    ],
)
def test_a_text_that_is_no_frequency_or_has_no_unit_is_refused(text: str) -> None:
    with pytest.raises(KbError, match="KB791"):
        read_frequency(text)


@given(
    first=SHARES,
    second=SHARES,
    sign=st.sampled_from(["{0}%", "<{0}%", ">{0} %", "{0}-{1}%", "{0}% to {1}%", ">={0}% and <{1}%", "~{0}%"]),
)
def test_a_band_is_never_more_than_the_numbers_say(first: float, second: float, sign: str) -> None:
    least, most = sorted((first, second))
    frequency = read_frequency(sign.format(least, most))
    wanted = {
        "<": (0.0, least),
        ">": (least, 100.0),
        "{": (least, most if "1" in sign else least),
        "~": (least * 0.9, least * 1.1),
    }
    lower, upper = (least, most) if "=" in sign else wanted[sign[0]]
    assert (frequency.least, frequency.most) == pytest.approx((lower / 100, min(1, upper / 100)))
    if frequency.band:
        assert BANDS[frequency.band][0] - 1e-9 <= frequency.least <= frequency.most <= BANDS[frequency.band][1] + 1e-9


def test_numbers_of_a_column_of_percentages_are_percentages() -> None:
    assert read_frequency("0.4", is_percent=True).band == "uncommon"
    assert read_frequency("5", is_percent=True).band == "common"
