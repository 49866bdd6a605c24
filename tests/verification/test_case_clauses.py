"""If-clauses, brackets and sentences beside a claim that only name what it is about are told from what restricts it."""

from __future__ import annotations

import pytest

from tests.verification import test_claims
from tests.verification.test_claims import MORE_TERMS, TERMS, base_of, kinds, parse_claim

CASE_TERMS = {
    "treatment": ("situation", "treatment with zolam"),
    "bexol-use": ("situation", "taking bexol"),
    "joint": ("situation", "use together with zolam"),
    "low-salt": ("situation", "low salt diet"),
    "stop-sudden": ("situation", "suddenly stopping zolam"),
    "gout-patients": ("population", "people with gout"),
    "female": ("population", "female patients"),
    "sugar": ("condition", "intolerance to some sugars"),
    "night-urination": ("symptom", "need to urinate at night"),
    "feeling-faint": ("symptom", "feeling faint"),
    "no-driving": ("action", "do not drive"),
    "blood-test": ("action", "blood test"),
    "dorol": ("drug", "dorol"),
    "women-able": ("population", "women who are able to become pregnant"),
    "birth-control": ("action", "use birth control"),
}
SIDE_EFFECTS = "<h2>4. Possible side effects</h2>"
CASES = [
    # a fact, a text, whether its last sentences state the fact, and how many of them are the evidence
    ("fever causes nausea may", "Fever (a high temperature), which may cause you to feel nausea, was seen.", True, 1),
    ("bexol causes nausea may", "Bexol (used for fever), which may cause nausea, is new.", True, 1),
    ("fever causes nausea is", "Fever (a high temperature), which may cause nausea, was seen.", False, 1),
    ("zolam increases serotonin is", "This medicine causes fever because it increases your serotonin.", True, 1),
    ("zolam increases serotonin is", "This medicine is used with bexol because it increases your serotonin.", False, 1),
    ("zolam reduces serotonin is", "This medicine causes fever because it increases your serotonin.", False, 1),
    ("zolam increases serotonin is", "This medicine helps in fever because fever increases your serotonin.", False, 1),
    ("zolam increases serotonin is", "This medicine helps in fever because it may increase your serotonin.", False, 1),
    ("fever increases serotonin is", "This medicine helps in fever because it increases your serotonin.", False, 1),
    (
        "zolam inhibits kinase is",
        "Zolam contains what blocks sunkinase, a protein involved in the growth of cells of dogs.",
        True,
        1,
    ),
    ("zolam inhibits kinase is", "Zolam blocks sunkinase, a protein involved in fever in children with gout.", True, 1),
    ("zolam inhibits kinase is", "Zolam blocks sunkinase, a protein involved in fever, in dogs.", False, 1),
    ("zolam inhibits kinase is", "Zolam blocks sunkinase, a protein, in children with gout.", False, 1),
    (
        "zolam contraindicated-in asthma is",
        "Do not take zolam{0}- if you have a condition which is associated with asthma (such as hay fever)",
        True,
        1,
    ),
    (
        "zolam contraindicated-in asthma is",
        "Do not take zolam{0}- if you have a condition which is not associated with asthma",
        False,
        1,
    ),
    (
        "zolam contraindicated-in asthma is",
        "Do not take zolam{0}- if you have a condition which is associated with severe asthma",
        False,
        1,
    ),
    (
        "bexol used-to-treat fever is",
        "Do not take zolam{0}- if you take a certain medicine to treat fever and gout, called bexol",
        True,
        1,
    ),
    (
        "bexol used-to-treat gout is",
        "Do not take zolam{0}- if you take certain medicines to treat fever or gout, such as dorol or bexol",
        True,
        1,
    ),
    (
        "zolam used-to-treat fever is",
        "Do not take zolam{0}- if you take a certain medicine to treat fever and gout, called bexol",
        False,
        1,
    ),
    (
        "zolam contraindicated-in bexol is",
        "Do not take zolam{0}- if you have fever and take a certain medicine, called bexol",
        False,
        1,
    ),
    (
        "bexol used-to-treat asthma is",
        "Do not take zolam{0}- if you have asthma and take a certain medicine to treat fever, called bexol",
        False,
        1,
    ),
    (
        "zolam contraindicated-in fever is",
        "Do not take zolam{0}- if you take a certain medicine to treat fever and gout, called bexol",
        False,
        1,
    ),
    (
        "zolam contraindicated-in gout is",
        "Do not take zolam{0}- if you take a certain medicine to treat fever and gout, called bexol",
        False,
        1,
    ),
    (
        "bexol causes fever can",
        "Fever can occur if you take zolam with another medicine that can cause fever, such as dorol or bexol.",
        True,
        1,
    ),
    (
        "bexol causes fever is",
        "Fever can occur if you take zolam with another medicine that can cause fever, such as dorol or bexol.",
        False,
        1,
    ),
    (
        "bexol causes fever can",
        "Fever can occur if you take zolam with another medicine that can cause gout, such as dorol or bexol.",
        False,
        1,
    ),
    (
        "stop-sudden leads-to nausea may",
        "Rarely, after suddenly stopping zolam or other tablets, you may experience severe symptoms of nausea.",
        False,
        1,
    ),
    (
        "stop-sudden leads-to nausea may frequency=rare",
        "Rarely, after suddenly stopping zolam or other tablets, you may experience nausea, fever or gout.",
        True,
        1,
    ),
    ("stop-sudden leads-to nausea may", "After suddenly stopping zolam, you may get nausea.", True, 1),
    ("stop-sudden leads-to nausea is", "After suddenly stopping zolam, you may get nausea.", False, 1),
    ("stop-sudden leads-to nausea may", "After suddenly stopping zolam, bexol may cause nausea.", False, 1),
    ("stop-sudden leads-to nausea may", "After suddenly stopping zolam, you may get bexol for nausea.", False, 1),
    ("stop-sudden leads-to nausea may", "Before suddenly stopping zolam, you may get nausea.", False, 1),
    ("stop-sudden leads-to nausea may", "After suddenly stopping zolam, nausea may occur in children.", False, 1),
    ("stop-sudden leads-to nausea may", "After not suddenly stopping zolam, you may get nausea.", False, 1),
    ("stop-sudden leads-to nausea may", "After suddenly stopping zolam, you will not get nausea.", False, 1),
    ("zolam leads-to nausea may", "After stopping zolam, you may get nausea.", False, 1),
    (
        "bexol-use calls-for blood-test may",
        "Tell your doctor if you are taking:{0}- bexol. In this case your doctor may do a blood test.",
        True,
        2,
    ),
    (
        "bexol-use calls-for blood-test should",
        "Tell your doctor if you are taking:{0}- bexol. In this case your doctor may do a blood test.",
        False,
        2,
    ),
    (
        "blockers causes gout may condition=joint",
        "These can affect zolam:{0}- blockers. Used together with zolam these may cause gout.",
        True,
        2,
    ),
    (
        "blockers causes gout may condition=high-doses",
        "These can affect zolam:{0}- blockers. Used together with zolam these may cause gout.",
        False,
        2,
    ),
    (
        "blockers causes gout may",
        "These can affect zolam:{0}- blockers. Used together with zolam these may cause gout.",
        False,
        2,
    ),
    ("blockers causes gout may", "Blockers lower fever. Taken with zolam these may cause gout.", False, 2),
    (
        "low-salt has-risk fever may",
        "You may be at a higher risk of fever if you have gout; take bexol; are on a low salt diet, or have asthma",
        True,
        1,
    ),
    (
        "gout has-risk fever may",
        "You may be at a higher risk of fever if you have gout; take bexol; are on a low salt diet, or have asthma",
        True,
        1,
    ),
    (
        "gout has-risk fever is",
        "You may be at a higher risk of fever if you have gout; take bexol; are on a low salt diet, or have asthma",
        False,
        1,
    ),
    ("gout has-risk fever may", "You may be at a higher risk of fever if you have gout and take bexol.", False, 1),
    ("gout has-risk fever may", "You may be at a higher risk of fever if you have severe gout.", False, 1),
    ("gout has-risk fever may", "You may be at a lower risk of fever if you have gout.", False, 1),
    ("fever has-risk gout may", "You may be at a higher risk of fever if you have gout.", False, 1),
    ("female has-risk fever may", "Female patients may have a higher risk of fever.", True, 1),
    ("female has-risk fever may", "Female patients may have a lower risk of fever.", False, 1),
    (
        "zolam used-to-treat gout should polarity=negated",
        "Zolam should not be used to treat people with gout or asthma.",
        True,
        1,
    ),
    ("zolam used-to-treat gout is", "Zolam should not be used to treat people with gout or asthma.", False, 1),
    ("zolam used-to-treat gout is", "Zolam is used to treat people with gout.", True, 1),
    ("zolam used-to-treat gout is", "Zolam is used to treat fever in people with gout.", False, 1),
    (
        "zolam used-to-treat gout should polarity=negated",
        "Zolam should not be used to treat fever in people with gout.",
        False,
        1,
    ),
    (
        "gout calls-for talk-to-doctor should",
        "Talk to a doctor at once if you get symptoms such as nausea, pain in the arm (above all at night), gout or if you tire.",
        True,
        1,
    ),
    (
        "gout calls-for talk-to-doctor should",
        "Talk to a doctor at once if you take bexol and get nausea, gout or if you tire.",
        False,
        1,
    ),
    (
        "gout calls-for talk-to-doctor should",
        "Talk to a doctor at once if you get nausea and gout or if you tire.",
        False,
        1,
    ),
    (
        "sugar calls-for talk-to-doctor should",
        "If your doctor told you that you have an intolerance to some sugars, talk to a doctor before taking it.",
        True,
        1,
    ),
    (
        "sugar calls-for talk-to-doctor should",
        "If your doctor told you that you have no intolerance to some sugars, talk to a doctor before taking it.",
        False,
        1,
    ),
    (
        "feeling-faint calls-for no-driving should",
        "You may feel faint after taking zolam. If this happens, do not drive.",
        True,
        2,
    ),
    ("feeling-faint calls-for no-driving should", "You may feel faint after taking zolam. If this happens, drive.", False, 2),
    (
        "gout can-have fever may",
        "Talk to us:{0}- if you have any of the following symptoms: nausea, fever. These may be signs of an illness called gout.",
        True,
        2,
    ),
    ("gout can-have fever may", "Talk to a doctor:{0}- if you have fever. This may be a sign of gout.", True, 2),
    ("gout can-have fever is", "Talk to a doctor:{0}- if you have fever. This may be a sign of gout.", False, 2),
    ("gout can-have fever may", "Talk to a doctor:{0}- if you do not have fever. This may be a sign of gout.", False, 2),
    ("gout can-have fever may", "Talk to a doctor:{0}- if you have fever. Bexol may be given for a sign of gout.", False, 2),
    ("asthma can-have fever may", "Talk to a doctor:{0}- if you have fever. This may be a sign of gout.", False, 2),
    (
        "zolam has-side-effect gout may frequency=common",
        f"{SIDE_EFFECTS}<p>Some are serious:</p><p>These may be signs of an illness called gout (may affect up to 1 in 10).</p>",
        True,
        1,
    ),
    (
        "zolam has-side-effect gout may frequency=rare",
        f"{SIDE_EFFECTS}<p>Some are serious:</p><p>These may be signs of an illness called gout (may affect up to 1 in 10).</p>",
        False,
        1,
    ),
    (
        "zolam has-side-effect gout is frequency=common",
        f"{SIDE_EFFECTS}<p>Some are serious:</p><p>These may be signs of an illness called gout (may affect up to 1 in 10).</p>",
        False,
        1,
    ),
    (
        "zolam has-side-effect gout may",
        f"{SIDE_EFFECTS}<p>Some are serious:</p><p>These may be signs of an illness called gout.</p>",
        False,
        1,
    ),
    (
        "zolam has-side-effect gout may frequency=common",
        "<h2>3. How to take it</h2><p>These may be signs of an illness called gout (may affect up to 1 in 10).</p>",
        False,
        1,
    ),
    (
        "zolam has-side-effect gout may frequency=common",
        f"{SIDE_EFFECTS}<p>These may be symptoms of gout, asthma (may affect up to 1 in 10 people).</p>",
        False,
        1,
    ),
    (
        "zolam has-side-effect night-urination may frequency=very-common",
        f"{SIDE_EFFECTS}<p>Very common:</p><ul><li>need to urinate at night, or to urinate more often</li></ul>",
        True,
        1,
    ),
    (
        "zolam has-side-effect night-urination may frequency=common",
        f"{SIDE_EFFECTS}<p>Very common:</p><ul><li>need to urinate at night, or to urinate more often</li></ul>",
        False,
        1,
    ),
    (
        "zolam has-side-effect nausea may frequency=very-common",
        f"{SIDE_EFFECTS}<p>Very common (may affect more than 1 in 10 people):</p><ul><li>rarely nausea</li></ul>",
        False,
        1,
    ),
    (
        "zolam has-side-effect nausea may frequency=common",
        f"{SIDE_EFFECTS}<p>Nausea occurs more commonly in this group.</p>",
        False,
        1,
    ),
    (
        "zolam inhibits kinase is",
        "An enzyme in your body, sunkinase, breaks down fever. Zolam blocks this enzyme and thus slows it.",
        True,
        2,
    ),
    (
        "zolam inhibits kinase is",
        "An enzyme in your body, sunkinase, breaks down serotonin. Zolam blocks this enzyme and thus slows it.",
        False,
        2,
    ),
    (
        "zolam inhibits kinase is",
        "An enzyme in your body, sunkinase, breaks down fever. Zolam does not block this enzyme.",
        False,
        2,
    ),
    ("zolam inhibits kinase is", "An enzyme in your body, sunkinase, breaks down fever. Bexol blocks this enzyme.", False, 2),
    ("zolam inhibits kinase is", "An enzyme in your body, sunkinase, breaks down fever. Zolam may block this enzyme.", False, 2),
    ("gout calls-for talk-to-doctor should", "Talk to a doctor if you notice cramps and pain, fever or gout.", True, 1),
    ("gout calls-for talk-to-doctor should", "Talk to a doctor if you notice cramps and take bexol, dorol or gout.", False, 1),
    ("gout calls-for talk-to-doctor should", "Talk to a doctor if you notice cramps and pain or fever and gout.", False, 1),
    # A group, the drug that it takes, and what it is able to.
    (
        "treatment calls-for birth-control should population=women-able",
        "Women taking this medicine who are able to become pregnant should use birth control during treatment with zolam.",
        True,
        1,
    ),
    (
        "treatment calls-for birth-control should",
        "Women taking this medicine who are able to become pregnant should use birth control during treatment with zolam.",
        False,
        1,
    ),
    (
        "treatment calls-for birth-control should population=women-able",
        "Women taking bexol who are able to become pregnant should use birth control during treatment with zolam.",
        False,
        1,
    ),
    (
        "treatment calls-for birth-control should population=women-able",
        "Women taking zolam who are not able to become pregnant should use birth control during treatment with zolam.",
        False,
        1,
    ),
    ("treatment calls-for birth-control should population=women-able", "Women taking zolam should use birth control.", False, 1),
    (
        "blockers causes gout may",
        "These can affect zolam:{0}- blockers. Taken with zolam these may raise fever or may cause gout.",
        False,
        2,
    ),
    (
        "blockers causes gout may condition=joint",
        "These can affect zolam:{0}- blockers. Used together with zolam these may raise fever or may cause gout.",
        True,
        2,
    ),
    (
        "gout calls-for talk-to-doctor should",
        "Talk to a doctor if you get pain in your arm (above all at night), loss of feeling, gout or if you tire.",
        True,
        1,
    ),
    ("gout calls-for talk-to-doctor should", "Talk to a doctor if you notice worsening of pain, gout or a rash.", False, 1),
    (
        "low-salt has-risk fever may",
        "You may be at a higher risk of fever if you have pain; take tablets (bexol); are on a low salt diet, or have a rash",
        True,
        1,
    ),
]


@pytest.mark.parametrize(("fact", "text", "is_stated", "size"), CASES, ids=lambda value: value if isinstance(value, str) else "")
def test_what_only_names_the_case_of_a_claim_does_not_restrict_it(
    fact: str, text: str, *, is_stated: bool, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(test_claims, "TERMS", {**TERMS, **MORE_TERMS, **CASE_TERMS})
    words = text.format("\n\n") + "\n"
    mediatype = "text/html" if text.startswith("<") else "text/plain"
    sentences = base_of(words, title="Zolam", mediatype=mediatype)[0].documents["leaflet"].sentences[-size:]
    claim = {**parse_claim(fact), "evidence": [{"sentence": one.id} for one in sentences]}
    assert bool(kinds(words, claim, title="Zolam", mediatype=mediatype)) != is_stated
