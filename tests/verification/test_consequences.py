"""What may follow on a situation is read from a reason, from a time and from a title before it."""

from __future__ import annotations

import pytest

from tests.verification import test_claims
from tests.verification.test_claims import kinds, parse_claim

TERMS = {
    **test_claims.TERMS,
    **test_claims.MORE_TERMS,
    "overdose": ("situation", "taking more zolam than you should"),
    "end": ("situation", "stop treatment"),
    "worse": ("outcome", "symptoms worsen"),
    "back": ("outcome", "fever may rise to the level it was before"),
    "crushing": ("action", "crush or split the tablets"),
    "release": ("outcome", "released into your body too quickly"),
    "dizzy": ("situation", "feel dizzy"),
    "no-driving": ("action", "do not drive"),
}
ASKING = "If you want to stop treatment, first talk to a doctor, as your symptoms may worsen."
CRUSHING = "Do not crush or split the tablets; if you do, the medicine may be released into your body too quickly."
TITLE = "If you take more zolam than you should Please contact your doctor."
# A fact, a text with the evidence in its last sentence, and whether it states the fact.
OUTCOMES = [
    ("end leads-to worse may", ASKING, True),
    ("end leads-to worse is", ASKING, False),
    ("end leads-to worse may", "If you want to stop treatment, take bexol, as your symptoms may worsen.", False),
    ("end leads-to worse may", "If you do not want to stop treatment, first ask a doctor, as your symptoms may worsen.", False),
    ("end leads-to worse may", "If you want to stop treatment, first ask a doctor, as your symptoms may not worsen.", False),
    ("fever leads-to nausea may", "If you have fever, first talk to a doctor, as nausea may occur.", False),
    ("end leads-to worse may", "Do not stop treatment without asking your doctor, because your symptoms may worsen.", True),
    ("end leads-to nausea may", "You should not stop treatment suddenly because nausea may occur.", True),
    ("end leads-to nausea may", "You should not stop treatment suddenly because nausea may be treated.", False),
    ("end leads-to nausea may", "You can stop treatment, as nausea may occur.", False),
    ("end leads-to nausea may", "Stop treatment and call your doctor, as nausea may occur.", False),
    ("end leads-to fever may", "Do not stop treatment if nausea occurs, as fever may occur.", False),
    ("zolam leads-to nausea may", "Do not take zolam, as nausea may occur.", False),
    ("crushing leads-to release may", CRUSHING, True),
    ("crushing leads-to release is", CRUSHING, False),
    ("crushing leads-to release may", CRUSHING.replace("if you do,", "if you do not,"), False),
    ("crushing leads-to release may", CRUSHING.replace("Do not crush", "Crush"), False),
    ("stopping leads-to back may", "If you stop taking zolam Your fever may rise to the level it was before.", True),
    ("stopping leads-to back may", "If you stop taking bexol Your fever may rise to the level it was before.", False),
    ("zolam leads-to back may", "If you stop taking zolam Your fever may rise to the level it was before.", False),
    ("overdose causes nausea can", f"{TITLE} Gout or nausea could occur.", True),
    ("overdose causes nausea is", f"{TITLE} Gout or nausea could occur.", False),
    ("stopping causes nausea can", f"{TITLE} Gout or nausea could occur.", False),
    ("overdose causes nausea can", f"{TITLE} If you have fever, call. Nausea could occur.", False),
    ("overdose causes nausea can", f"{TITLE} Rest. Go home. Sleep. Nausea could occur.", False),
    ("overdose causes nausea can", f"{TITLE} Zolam could cause nausea.", False),
    ("overdose causes nausea can", f"{TITLE} Nausea could not occur.", False),
    ("stopping causes nausea can", "If you stop taking zolam Ask your doctor. Nausea could occur.", True),
    ("stopping causes nausea can", "If you stop taking zolam Ask your doctor. Nausea is treated with bexol.", False),
    ("zolam causes nausea may", "Some people may get nausea after taking zolam.", True),
    ("zolam causes nausea may", "You may get a headache or have nausea within 4 hours after zolam has been given.", True),
    ("zolam causes nausea is", "Some people may get nausea after taking zolam.", False),
    ("zolam causes nausea may", "Some people may not get nausea after taking zolam.", False),
    ("zolam causes nausea may", "Children may get nausea after taking zolam.", False),
    ("zolam causes nausea may", "Some people may get nausea after stopping zolam.", False),
    ("zolam causes nausea may", "You may get nausea after zolam has been stopped.", False),
    ("zolam causes nausea may", "You may get relief of nausea after taking zolam.", False),
    ("zolam causes nausea may", "You may get fever and lose your nausea after taking zolam.", False),
    ("dizzy calls-for no-driving should", "If you feel dizzy do not drive or use machines until you feel better.", True),
    ("dizzy calls-for no-driving should", "If you feel dizzy you do not drive.", False),
    ("dizzy calls-for no-driving should", "If you feel very dizzy at night do not drive.", False),
    ("dizzy calls-for no-driving should", "If you do not drive you feel dizzy.", False),
]


@pytest.mark.parametrize(("fact", "text", "is_stated"), OUTCOMES, ids=lambda value: value if isinstance(value, str) else "")
def test_what_follows_on_a_situation_is_told_by_reasons_times_and_titles(
    fact: str, text: str, *, is_stated: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(test_claims, "TERMS", TERMS)
    assert bool(kinds(f"{text}\n", parse_claim(fact), title="Zolam")) != is_stated
