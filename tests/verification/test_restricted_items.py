"""Items and sentences of leaflets that say less than a fact, or say it of something else."""

from __future__ import annotations

import pytest

from tests.verification.test_claims import judge, parse_claim

_TAKING = "Other medicines and zolam", "Tell your doctor if you are taking:"
_COMMON = "Possible side effects", "Common (may affect up to 1 in 10 people):"
_NEVER = "What you need to know before you take zolam", "Do not take zolam:"

# A heading, a lead-in, an item, a fact, and whether the item states the fact.
_ITEMS = [
    (*_TAKING, "bexol (for asthma)", "zolam used-to-treat asthma is", False),
    (*_TAKING, "bexol (for asthma)", "bexol used-to-treat asthma is", True),
    (*_TAKING, "nitrates (for asthma)", "zolam used-to-treat asthma is", False),
    (*_TAKING, "nitrates or sprays used for asthma", "zolam used-to-treat asthma is", False),
    (*_TAKING, "bexol (used against fever and asthma), serotonin", "bexol used-to-treat asthma is", True),
    (*_TAKING, "sprays (used to treat rash), bexol (used against asthma), zolam", "zolam used-to-treat asthma is", False),
    (*_COMMON, "Nausea (when taking zolam)", "zolam has-side-effect nausea may frequency=common", True),
    (*_COMMON, "Nausea (when zolam is taken with bexol)", "zolam has-side-effect nausea may frequency=common", False),
    (*_COMMON, "Nausea in liver insufficiency", "zolam has-side-effect nausea may frequency=common", False),
    (*_COMMON, "Fever in renal failure, nausea", "zolam has-side-effect fever may frequency=common", False),
    (*_COMMON, "Nausea, as with other medicines", "zolam has-side-effect nausea may frequency=common", True),
    (*_NEVER, "if you have asthma or a fever", "zolam contraindicated-in asthma is", True),
    (*_NEVER, "if you have had asthma in the last month", "zolam contraindicated-in asthma is", False),
    (*_NEVER, "if you have newly diagnosed asthma", "zolam contraindicated-in asthma is", False),
    (*_NEVER, "if you take a combination of fever tablets and bexol", "zolam contraindicated-in bexol is", False),
    ("Warnings", "Nausea and others:", "Nausea was seen with another type of medicine.", "zolam causes nausea is", False),
]

# A sentence of a leaflet of zolam, a fact, and whether the sentence states it.
_SENTENCES = [
    ("Zolam can be given at the same time as bexol.", "zolam interacts-with bexol can", False),
    ("Zolam can be given at the same time as any of these: serotonin, bexol.", "zolam interacts-with bexol can", False),
    ("Zolam may be used together with bexol.", "zolam interacts-with bexol may", False),
    ("Zolam should not be given at the same time as bexol.", "zolam interacts-with bexol should", True),
    ("Do not use zolam with a combination of bexol and serotonin.", "zolam interacts-with bexol is", False),
    ("The combination of zolam and bexol should be avoided.", "zolam interacts-with bexol should", True),
    ("Zolam is used to treat rash related to asthma, a rare form of fever.", "zolam used-to-treat fever is", False),
    ("Zolam is used to treat asthma, a type of fever.", "zolam used-to-treat fever is", False),
    ("Zolam is used to treat asthma, a type of fever.", "zolam used-to-treat asthma is", True),
    ("The recommended daily dose of zolam is between 2 mg and 4 mg.", "zolam available-in-strength zolam-2mg is", False),
    ("The usual dose is 2 mg a day.", "zolam available-in-strength zolam-2mg is", False),
    ("Each tablet contains 2 mg of zolam.", "zolam available-in-strength zolam-2mg is", True),
    ("Nausea has been seen in patients treated with a similar medicine.", "zolam has-side-effect nausea is", False),
    ("Nausea has been reported in another medicine of the same class.", "zolam has-side-effect nausea is", False),
    ("As with other vaccines, it can cause nausea.", "zolam has-side-effect nausea can", True),
]


@pytest.mark.parametrize(("heading", "lead_in", "item", "fact", "is_stated"), _ITEMS)
def test_an_item_says_no_more_than_its_words_and_its_lead_in(
    heading: str, lead_in: str, item: str, fact: str, *, is_stated: bool
) -> None:
    page = f"<h1>Zolam: a leaflet</h1><h2>{heading}</h2><p>{lead_in}</p><ul><li>{item}</li></ul>"
    found = judge(page, parse_claim(fact), title="Zolam: a leaflet", mediatype="text/html").findings
    assert (not found) == is_stated, found


@pytest.mark.parametrize(("sentence", "fact", "is_stated"), _SENTENCES)
def test_a_sentence_says_no_more_than_its_words(sentence: str, fact: str, *, is_stated: bool) -> None:
    found = judge(sentence, parse_claim(fact), title="Zolam: a leaflet").findings
    assert (not found) == is_stated, found


def test_advice_between_a_prohibition_and_an_item_ends_the_prohibition() -> None:
    page = "<h2>Before you take zolam</h2><p>Do not use zolam if you have:</p>{}<ul><li>asthma</li></ul>"
    fact = parse_claim("zolam contraindicated-in asthma is")
    advised = page.format("<p>Talk to your doctor before using zolam if you have:</p>")
    assert judge(advised, fact, title="Zolam", mediatype="text/html").findings
    assert not judge(page.format(""), fact, title="Zolam", mediatype="text/html").findings
