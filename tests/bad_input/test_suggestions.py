"""A suggestion corrects the spelling of a name, and never changes its meaning."""

from __future__ import annotations

import pytest

from kb.checks import json_schema
from kb.model import Record
from kb.problems import Place
from kb.suggestions import near_miss

MODALITIES = ("is", "usually", "sometimes", "can", "may", "potential", "important-to", "should")
FREQUENCIES = ("very-common", "common", "uncommon", "rare", "very-rare")


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("usualy", MODALITIES, "usually"),
        ("shoud", MODALITIES, "should"),
        ("comon", FREQUENCIES, "common"),
        ("uncomon", FREQUENCIES, "uncommon"),
        ("dizzines", ("dizziness",), "dizziness"),
        ("oject", ("subject", "object"), "object"),
        ("hypertenson", ("hypotension", "hypertension"), "hypertension"),
        ("has-side-efect", ("has-side-effect", "has-role"), "has-side-effect"),
    ],
)
def test_a_misspelt_name_gets_a_suggestion(word: str, known: tuple[str, ...], meant: str) -> None:
    assert near_miss(word, known) == meant


@pytest.mark.parametrize(
    ("word", "known"),
    [
        ("could", MODALITIES),
        ("would", MODALITIES),
        ("unfrequent", ("frequent",)),
        ("hypotension", ("hypertension", "hypothermia")),
        ("bradycardia", ("tachycardia",)),
        ("increased-appetite", ("decreased-appetite",)),
        ("with-food", ("without-food",)),
        ("asymptomatic", ("symptomatic",)),
        ("unserious", ("serious",)),
        ("not-negated", ("negated",)),
        ("5-mg-tablet", ("10-mg-tablet",)),
        ("s1.7", ("s1.4", "s1.17")),
        ("upper-limb", ("lower-limb",)),
        ("abnormal", ("normal",)),
        ("causes", ("pauses",)),
    ],
)
def test_no_suggestion_changes_the_meaning(word: str, known: tuple[str, ...]) -> None:
    assert near_miss(word, known) == ""


@pytest.mark.parametrize(
    ("key", "word", "meant"),
    [("modality", "could", "can' or 'may"), ("modality", "must", "should"), ("frequency", "infrequent", "uncommon")],
)
def test_a_word_of_texts_is_led_back_to_the_value_that_it_expresses(key: str, word: str, meant: str) -> None:
    value = {"subject": "a", "predicate": "b", "object": "c", "modality": "is", "evidence": [{"sentence": "s1.1"}], key: word}
    (problem,) = json_schema.check(Record("fact", value, Place("f")))
    assert (problem.code, problem.remedy) == ("KB204", f"Texts say '{word}' for '{meant}'.")
