"""Terms are found by other words than their labels where these mean them, and not where they only stand near one another."""

from __future__ import annotations

import pytest

from kb import resources
from kb.model import KnowledgeBase, Term
from kb.verification.cues import stem
from kb.verification.fact_reading import Lexicon, read_words
from kb.verification.passages import TokenisedSentence
from tools import claims

_OTHERS = {
    "zolam": ("drug", "zolam"),
    "gelatin-capsules": ("drug", "gelatin capsules"),
    "rash": ("symptom", "rash"),
    "infections": ("condition", "infections"),
}


def find(label: str, kind: str, sentence: str, language: str = "en") -> str:
    """Return the words by which a sentence names a term with a label."""
    terms = {name: Term(name, of, text, "") for name, (of, text) in {**_OTHERS, "own": (kind, label)}.items()}
    base: KnowledgeBase = claims._shipped()._replace(terms=terms, cues=())
    passage = TokenisedSentence(read_words("s1.1", sentence, 0, language))
    return " ".join(passage.quote(span) for span in Lexicon(base).find_value("own", passage))


@pytest.mark.parametrize(
    ("label", "kind", "sentence", "words"),
    [
        ("pregnancy", "condition", "Tell your doctor if you are pregnant.", "pregnant"),
        ("allergy to gelatin", "condition", "Do not take it if you are allergic to eggs, gelatin or nuts.", "allergic gelatin"),
        ("gelatin allergy", "condition", "Do not take it if you are allergic to gelatin.", "allergic gelatin"),
        ("allergy to gelatin", "condition", "You are allergic to a medicine called gelatin.", "allergic gelatin"),
        ("check for gout (GT)", "action", "A nurse should check you for infections and gout (GT).", "check gout"),
        ("stopping breastfeeding", "action", "Breastfeeding should be stopped.", "Breastfeeding stopped"),
        ("stopping zolam", "event", "The discontinuation is hard when stopping of zolam is sudden.", "stopping zolam"),
        ("treatment with zolam", "situation", "You are treated with a drug containing zolam.", "treated zolam"),
        ("treatment with zolam", "situation", "During zolam treatment you may feel sick.", "zolam treatment"),
        ("effectiveness of vaccines", "property", "It may make vaccines, like live ones, less effective.", "vaccines effective"),
        ("taking too many tablets", "event", "If you have taken too many tablets, see a doctor.", "taken too many tablets"),
        ("history of hip surgery", "situation", "Hip surgery, history of: use with caution.", "Hip surgery history"),
        ("Norvil Tablets", "drug", "Norvil 5 mg and 10 mg Tablets help.", "Norvil Tablets"),
        ("severe leg pain", "symptom", "You have severe leg or lower back pain.", "severe leg pain"),
        ("symptoms returning", "outcome", "Your symptoms may slowly return.", "symptoms return"),
        ("harm to the unborn baby", "outcome", "It can harm your unborn baby.", "harm unborn baby"),
        ("starting a fit", "event", "You think a fit (a seizure) is starting.", "fit starting"),
        ("patients with gout", "population", "If you suffer from gout, it may cause a cough.", "gout"),
        ("patients with gout", "population", "If you have had gout, it may cause a cough.", "gout"),
        ("using zolam", "situation", "The use of zolam is not advised.", "use zolam"),
        ("feeling dizzy", "situation", "Do not drive if you feel tired, weak or dizzy.", "feel dizzy"),
    ],
)
def test_other_words_name_a_term(label: str, kind: str, sentence: str, words: str) -> None:
    assert find(label, kind, sentence) == words


@pytest.mark.parametrize(
    ("label", "kind", "sentence"),
    [
        ("feeling dizzy", "situation", "Do not drive if you feel tired and dizzy."),
        ("feeling dizzy", "situation", "You feel tired or are told of a dizzy height."),
        ("pregnancy", "condition", "Take it if you are not pregnant."),
        ("asthma", "condition", "It causes an asthmatic cough."),
        ("epilepsy", "condition", "It weakens anti-epileptic medicines."),
        ("epilepsy", "condition", "It weakens epileptics."),
        ("DIE", "condition", "Two deaths were reported."),
        ("pain in the chest", "symptom", "It causes pain in the neck, rash on the chest."),
        ("pain in the chest", "symptom", "It causes pain and a rash on the chest."),
        ("pain in the chest", "symptom", "It causes pain, and the chest may itch."),
        ("pain in the chest", "symptom", "It causes pain in the neck, swelling of the chest."),
        ("chest pain", "symptom", "It may open the chest and ease pain."),
        ("allergy to gelatin", "condition", "You are allergic to gelatin capsules."),
        ("allergy to gelatin", "condition", "You are allergic to nuts, take gelatin or smoke."),
        ("allergy to gelatin", "condition", "You are not allergic to nuts, gelatin or milk."),
        ("allergy to gelatin", "condition", "You are allergic to nuts but not to gelatin."),
        ("allergy to gelatin", "condition", "You are allergic to drugs without gelatin."),
        ("treatment with zolam", "situation", "Zolam is used to treat pain."),
        ("treatment with zolam", "situation", "The duration of treatment Zolam starts to work."),
        ("treatment with zolam", "situation", "Treat gout before you start with zolam."),
        ("stopping zolam", "event", "Zolam stops the pain."),
        ("stopping zolam", "event", "Zolam can be used to stop pain."),
        ("stopping zolam", "event", "Do not stop taking zolam."),
        ("effect of zolam", "outcome", "Milk has an effect on zolam."),
        ("effect of zolam", "outcome", "It reduces the effect of stopping zolam."),
        ("effect of zolam", "outcome", "It reduces the effect of milk on zolam."),
        ("effectiveness of zolam", "property", "Zolam, which is effective, causes a rash."),
        ("antibodies to zolam", "symptom", "Zolam is an antibody."),
        ("taking another dose", "event", "Another dose of the drug you are taking may be given."),
        ("taking 5 mg tablets", "event", "Take 10 mg tablets, not 5 drops of them."),
        ("taking 5 mg tablets", "event", "Take 5 tablets of 10 mg."),
        ("patients with gout", "population", "It causes gout."),
        ("patients with gout", "population", "You may have gout if you take it."),
        ("history of hip surgery", "situation", "Before hip surgery, the history is taken."),
        ("severe leg pain", "symptom", "You have a severe rash or leg cramps, and pain."),
        ("before taking zolam", "time-span", "Eat after taking some zolam."),
        ("Norvil Tablets", "drug", "Norvil and other tablets help."),
        ("Norvil Tablets", "drug", "Norvil or zolam tablets help."),
        ("insulin glargine", "drug", "Insulin lispro, glargine and others help."),
    ],
)
def test_words_that_only_stand_near_one_another_name_nothing(label: str, kind: str, sentence: str) -> None:
    assert find(label, kind, sentence) == ""


SITE, ITCH, PAIN = "swelling at the puncture site", "itching of the skin", "stomach pain"
LEVELS, PIPES = "raised urine levels of sunkinase", "stone in your kidney pipes"


@pytest.mark.parametrize(
    ("label", "sentence", "is_named"),
    [
        (SITE, "puncture site reactions such as swelling, rash and fever", True),
        (SITE, "puncture site reactions such as rash, swelling and fever", True),
        ("puncture site swelling", "puncture site problems including fever or swelling", True),
        (SITE, "puncture site reactions and swelling", False),
        (SITE, "puncture site reactions such as rash, which swelling worsens", False),
        (SITE, "puncture site needles such as for swelling", False),
        (SITE, "puncture site reactions such as rash; swelling", False),
        (ITCH, "skin reactions such as itching", True),
        (ITCH, "skin creams such as for itching", False),
        (PAIN, "stomach problems such as cramps or pain", True),
        (PAIN, "stomach problems such as cramps, or chest pain", False),
        (LEVELS, "Raised urine levels of a protein made in bones called sunkinase", True),
        (LEVELS, "Raised urine levels of an enzyme known as sunkinase", True),
        (LEVELS, "Raised urine levels of an inhibitor of the enzyme called sunkinase", False),
        (LEVELS, "Raised urine levels of a protein that blocks what is called sunkinase", False),
        (LEVELS, "Raised urine levels of a protein and an enzyme called sunkinase", False),
        (PIPES, "Ask if you have a stone in your bladder or kidney pipes.", True),
        (PIPES, "Ask if you have a stone in your bladder or swollen kidney pipes.", False),
        (PIPES, "Ask if you have a stone in your bladder or sand in your kidney pipes.", False),
    ],
)
def test_examples_and_explanations_of_a_thing_name_it(
    label: str, sentence: str, *, is_named: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(_OTHERS, "stone", ("condition", "stone in your bladder"))
    assert bool(find(label, "condition" if label == PIPES else "symptom", sentence)) == is_named


def test_a_language_without_a_list_of_words_that_names_can_lack_has_labels_only() -> None:
    assert find("allergia al latte", "condition", "una allergia grave al latte", "it") == ""
    assert find("Allergie gegen Nüsse", "condition", "Sie sind allergisch gegen Nüsse.", "de") == "allergisch gegen Nüsse"
    assert find("patients avec goutte", "population", "Si vous souffrez de goutte, arrêtez.", "fr") == "goutte"


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_families_join_words_that_the_stemmer_does_not(language: str) -> None:
    families = resources.language_data()[language]["word-families"]
    stems = [{stem(word, language) for word in words} for words in families.values()]
    assert all(words[0] == name and len(own) > 1 for (name, words), own in zip(families.items(), stems, strict=True))
    assert sum(map(len, stems)) == len(set().union(*stems))
