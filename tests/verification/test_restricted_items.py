"""Items and sentences of leaflets that say less than a fact, or say it of something else."""

from __future__ import annotations

import pytest

from tests.verification import test_claims
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
    (*_COMMON, "Rash (it may be a reaction, see Rare side effects below), nausea", "zolam has-side-effect nausea can", True),
    ("Warnings", "Nausea and others:", "Nausea was seen with another type of medicine.", "zolam causes nausea is", False),
    (*_NEVER, "if you have bone asthma", "zolam contraindicated-in asthma is", False),
    (*_NEVER, "if you have ever been diagnosed with asthma", "zolam contraindicated-in asthma is", True),
    (*_NEVER, "if you have an illness called asthma", "zolam contraindicated-in asthma is", True),
    (*_NEVER, "if you have severe wheezing (asthma)", "zolam contraindicated-in asthma is", False),
    (*_NEVER, "if you have wheezing (asthma)", "zolam contraindicated-in asthma is", True),
    (*_COMMON, "Nausea because of too little sleep", "zolam has-side-effect nausea may frequency=common", True),
    (*_COMMON, "Nausea because of bexol", "zolam has-side-effect nausea may frequency=common", False),
    (*_COMMON, "reduced sleep (nausea)", "zolam has-side-effect nausea may frequency=common", True),
    (*_COMMON, "reduces sickness (nausea)", "zolam has-side-effect nausea may frequency=common", False),
    (*_COMMON, "Nausea, the signs may include:", "zolam has-side-effect nausea may frequency=common", True),
    (*_COMMON, "Fever, the signs may include nausea", "zolam has-side-effect nausea may frequency=common", False),
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
    ("Zolam is not recommended in asthma.", "zolam contraindicated-in asthma is", False),
    ("Zolam is not recommended in asthma.", "zolam contraindicated-in asthma should", True),
    ("Zolam must not be used in asthma.", "zolam contraindicated-in asthma is", True),
    ("You may have nausea, which may be because of asthma.", "asthma leads-to nausea is", False),
    ("Asthma, potentially leading to fever, was seen.", "asthma leads-to fever is", False),
    ("Asthma, leading to potentially serious fever, was seen.", "asthma leads-to fever is", True),
    ("Older children may have nausea with zolam.", "zolam has-side-effect nausea may population=children", False),
    ("Zolam may cause nausea in older children.", "zolam has-side-effect nausea may population=children", False),
    ("Zolam may cause nausea in children.", "zolam has-side-effect nausea may population=children", True),
    ("Taken with bexol, zolam may cause nausea.", "zolam causes nausea may", False),
    ("If you have a fever, you should rest and should talk to a doctor.", "asthma calls-for talk-to-doctor should", False),
    ("If you are old, you should rest and talk to a doctor if you have asthma.", "asthma calls-for talk-to-doctor should", False),
    ("Common (may affect up to 1 in 10 people): fever, nausea.", "zolam has-side-effect nausea is", False),
    ("If you have an illness called asthma, which results in fever, rest.", "asthma leads-to fever is", True),
    ("If you have asthma which results in fever, rest.", "asthma leads-to fever is", False),
    ("If asthma results in fever, rest.", "asthma leads-to fever is", False),
    ("Ask your doctor if you take a medicine that can cause nausea, such as bexol.", "bexol causes nausea can", True),
    ("Ask your doctor if bexol causes nausea.", "bexol causes nausea is", False),
    ("Ask your doctor if you have nausea which is caused by bexol.", "bexol causes nausea is", False),
    ("Side effects of zolam are nausea, including in sleep or at night.", "zolam has-side-effect nausea is", True),
    ("Side effects of zolam are fever, and nausea at night.", "zolam has-side-effect nausea is", False),
    ("Bexol (a medicine used to dissolve rash or treat asthma).", "bexol used-to-treat asthma is", True),
    ("Zolam reduces the fever the body can produce.", "zolam reduces fever is", True),
    ("Zolam can reduce the fever the body has.", "zolam reduces fever is", False),
    ("Zolam is used to treat acute pain in patients with asthma.", "zolam used-to-treat asthma is", False),
    ("Zolam is used to treat pain that occurs in adult patients who have asthma.", "zolam used-to-treat asthma is", False),
    ("Zolam is used to treat patients with asthma.", "zolam used-to-treat asthma is", True),
    ("Zolam is used to treat children with asthma.", "zolam used-to-treat asthma is", False),
    ("Zolam is used to treat children with asthma.", "zolam used-to-treat asthma is population=children", True),
    ("Zolam is used to treat people with severe asthma.", "zolam used-to-treat asthma is", False),
    ("Zolam is used to treat severe asthma.", "zolam used-to-treat asthma is", False),
    ("Zolam is used to treat severe asthma.", "zolam used-to-treat asthma is severity=severe", True),
    ("Zolam is used to relieve severe pain (asthma).", "zolam used-to-treat asthma is", False),
    ("Zolam is used for the long-term treatment of patients with asthma.", "zolam used-to-treat asthma is", True),
    ("Zolam is used to treat asthma in people who:", "zolam used-to-treat asthma is", False),
    ("Zolam is used to treat people with asthma that:", "zolam used-to-treat asthma is", False),
    ("Do not use zolam if you have lung problems like asthma or fever.", "zolam contraindicated-in asthma is", True),
    ("Zolam can cause a rare type of illness called nausea.", "zolam has-side-effect nausea can frequency=rare", False),
    ("Zolam can cause a rare side effect called nausea.", "zolam has-side-effect nausea can frequency=rare", True),
    ("A tablet contains less than 1 mmol sodium (2 mg).", "zolam available-in-strength zolam-2mg is", False),
    ("You should talk to a doctor after taking zolam and should rest.", "zolam calls-for talk-to-doctor should", True),
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


@pytest.mark.parametrize(
    ("lead_in", "is_about"), [("asthma in combination with:", True), ("asthma. Tell your doctor about:", False)]
)
def test_an_item_gives_the_condition_of_the_lead_in_that_it_completes(lead_in: str, *, is_about: bool) -> None:
    page = f"<h2>What zolam is</h2><p>Zolam is used to treat {lead_in}</p><ul><li>bexol</li></ul>"
    lead_in_id, item = "s1.1", "s1.2" if is_about else "s1.3"
    evidence = [{"sentence": lead_in_id, "supports": ["claim"]}, {"sentence": item, "supports": ["condition"]}]
    fact = {**parse_claim("zolam used-to-treat asthma is condition=bexol"), "evidence": evidence}
    messages = [one.message for one in judge(page, fact, title="Zolam", mediatype="text/html").findings]
    assert any("is not about the fact" in one for one in messages) != is_about, messages


@pytest.mark.parametrize(
    ("item", "band", "is_stated"), [("fever", "common", True), ("fever", "rare", False), ("nausea", "rare", True)]
)
def test_a_title_at_the_end_of_an_item_is_that_of_the_next_items(item: str, band: str, *, is_stated: bool) -> None:
    items = "<li>asthma</li><li>fever Rare (may affect up to 1 in 1,000 people)</li><li>nausea</li>"
    page = f"<h1>Zolam</h1><h2>Possible side effects</h2><p>Common (may affect up to 1 in 10 people)</p><ul>{items}</ul>"
    fact = {**parse_claim(f"zolam has-side-effect {item} may frequency={band}")}
    sentence = {"fever": "s2.3", "nausea": "s2.5"}[item]
    found = judge(page, {**fact, "evidence": [{"sentence": sentence}]}, title="Zolam", mediatype="text/html").findings
    assert (not found) == is_stated, found


def test_a_hedge_in_the_name_of_the_object_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(test_claims.TERMS, "return", ("symptom", "your symptoms may return"))
    fact = "stopping leads-to return {}"
    sentence = "If stopping zolam is too fast, your symptoms may return."
    assert "hedge" in [one.kind for one in judge(sentence, parse_claim(fact.format("is"))).findings]
    assert "hedge" not in [one.kind for one in judge(sentence, parse_claim(fact.format("may"))).findings]
