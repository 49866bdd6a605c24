"""Sentences that name both ends of a fact and do not state it are told from those that do."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from kb import cli, resources
from kb.checks import references
from kb.model import Document, KnowledgeBase, Predicate, Record, Term
from kb.problems import Place
from kb.records import resolve
from kb.texts import normal_form
from kb.texts.indexed_text import IndexedText
from kb.texts.quotes import QuoteFinder
from kb.texts.structure import find_contexts
from kb.verification import cite
from kb.verification.cite import QuoteRequest
from kb.verification.claims import Judgement
from kb.verification.fact_reading import Lexicon, read_words
from kb.verification.passages import TokenisedSentence
from kb.verification.verify import verify_records
from tools import claims

TERMS = {
    "zolam": ("drug", "zolam"),
    "bexol": ("drug", "bexol"),
    "medicine": ("drug", "medicine"),
    "serotonin": ("substance", "serotonin"),
    "nausea": ("symptom", "nausea"),
    "rash": ("symptom", "skin rash"),
    "fever": ("symptom", "fever"),
    "children": ("population", "children"),
    "stopping": ("event", "stopping zolam"),
    "high-doses": ("situation", "high doses"),
    "zolam-2mg": ("strength", "2 mg"),
    "blockers": ("drug-class", "blockers"),
    "asthma": ("condition", "asthma"),
    "talk-to-doctor": ("action", "talk to a doctor"),
}


def base_of(
    text: str, *, title: str = "A leaflet", language: str = "en", mediatype: str = "text/plain"
) -> tuple[KnowledgeBase, normal_form.Text]:
    example = claims._shipped()
    parsed = normal_form.parse(text.encode("utf-8"), mediatype, "a text")
    document: Document = claims.make_document("leaflet", title, language, parsed)
    terms = {name: Term(name, kind, label, "") for name, (kind, label) in TERMS.items()}
    terms["zolam-2mg"] = terms["zolam-2mg"]._replace(value="2", unit="mg")
    known: dict[str, Predicate] = {**example.predicates, **claims._further_predicates(example)}
    return example._replace(documents={"leaflet": document}, terms=terms, predicates=known, facts=(), cues=()), parsed


def judge(text: str, fact: Mapping[str, object], **details: str) -> Judgement:
    base, parsed = base_of(text, **details)
    value = {"modality": "is", "evidence": [{"sentence": base.documents["leaflet"].sentences[-1].id}], **fact}
    parsed_fact = resolve.parse_fact(Record("fact", value, Place("test"), stem="leaflet"))
    run = verify_records(base._replace(facts=(parsed_fact,)), {"leaflet": parsed})
    return run.judgements[parsed_fact.path]


def kinds(text: str, fact: Mapping[str, object], **details: str) -> list[str]:
    return [finding.kind for finding in judge(text, fact, **details).findings]


def parse_claim(line: str) -> dict[str, str]:
    """Parse a claim in one line: subject, predicate, object and modality, then qualifiers such as 'population=children'."""
    subject, predicate, obj, modality, *qualifiers = line.split()
    claim = {"subject": subject, "predicate": predicate, "object": obj, "modality": modality}
    return claim | dict(one.split("=") for one in qualifiers)


NAUSEA = {"subject": "zolam", "predicate": "has-side-effect", "object": "nausea"}

# What a sentence says of "zolam has side effect nausea", and the kinds of findings.
SENTENCES = {
    "Zolam causes nausea.": [],
    "Nausea is caused by zolam.": [],
    "Side effects of zolam: skin rash when standing up, nausea, fever.": [],
    "Side effects of zolam: skin rash, nausea when standing up, fever.": ["restriction"],
    "Nausea was reported with bexol, but not with zolam.": ["negation"],
    "Nausea was more frequent with zolam than with placebo.": [],
    "Nausea was more frequent with placebo than with zolam.": ["restriction"],
    "Zolam is not known to cause nausea.": ["negation"],
    "Because zolam causes nausea, it was not studied in children.": [],
    "Because bexol causes nausea, zolam was not studied in children.": ["relation"],
    "In a small pilot study, zolam caused nausea.": [],
    "Zolam was followed by nausea, but a causal relationship has not been shown.": ["relation", "restriction"],
    "Zolam relieves nausea.": ["relation"],
    "Nausea causes zolam.": ["relation"],
    "Zolam and nausea.": ["relation"],
    "Zolam replaces drugs that cause nausea.": ["relation"],
    "Zolam does not cause nausea.": ["negation"],
    "Zolam is unlikely to cause nausea.": ["negation"],
    "Zolam causes not only fever but nausea.": [],
    "Zolam may cause nausea.": ["hedge"],
    "Zolam causes nausea in children.": ["restriction"],
    "In dogs, zolam causes nausea.": ["restriction"],
    "Zolam causes nausea if it is taken too late.": ["restriction"],
    "Zolam formerly caused nausea.": ["restriction"],
    "Some authors claim that zolam causes nausea.": ["restriction"],
    "We asked whether zolam causes nausea.": ["restriction"],
    "Zolam causes nausea?": ["restriction"],
    "Zolam causes nausea, particularly if it is taken late.": [],
    "Nausea occurred in patients treated with zolam.": [],
    "Zolam relieves fever and rarely causes nausea.": ["negation"],
    "Zolam rarely relieves fever and causes nausea.": [],
    "Bexol, but not zolam, causes nausea.": ["negation"],
    "Zolam, but not bexol, causes nausea.": [],
    "Zolam is cheaper than bexol, a drug that causes nausea.": ["relation"],
    "Zolam, a drug that causes nausea, is cheap.": [],
    "Zolam is a blocker of serotonin, which causes nausea.": ["relation"],
    "Fever, which zolam did not relieve, is caused by bexol, as nausea is.": ["relation"],
    "Whether or not zolam causes nausea should be studied.": ["restriction"],
    "Zolam causes nausea (at high doses).": ["restriction"],
    "Patients on zolam had less nausea than those on bexol.": ["restriction"],
    "In a trial, zolam caused nausea.": [],
    "In 3 of 10 dogs, zolam caused nausea.": ["restriction"],
    "Zolam causes nausea without causing fever.": [],
    "Zolam causes nausea, while bexol inhibits it.": [],
    "Tell your doctor if you take zolam or bexol, as these cause nausea.": [],
    "Tell your doctor if you take zolam and bexol, as these cause nausea.": ["restriction"],
    "Zolam causes nausea, especially in children.": [],
    "Zolam causes nausea (sickness) in children.": ["restriction"],
    "Zolam (in rare cases) causes nausea.": [],
    "Zolam may (in rare cases) cause nausea.": ["hedge"],
    "Zolam may cause a rare, but serious side effect called nausea.": ["hedge"],
    "Zolam causes nausea, or you may have a lack of sleep.": [],
    "Zolam causes nausea, it can also relieve fever.": [],
    "Zolam causes usually mild nausea.": [],
    "Zolam usually causes mild nausea.": ["hedge"],
    "The expected benefit of zolam is that it causes nausea.": ["restriction"],
    "Experience of overdoses with zolam is limited, but it caused nausea.": ["restriction"],
    "Nausea regardless of the cause was caused by zolam.": [],
    "Side effects of zolam may become worse in patients suffering from nausea.": ["relation", "hedge"],
    "Side effects of zolam occur in people who have nausea.": ["relation", "restriction"],
    "Zolam may be capable of causing nausea.": ["hedge"],
}


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_sentence_is_compared_with_the_claim(sentence: str) -> None:
    assert kinds(sentence, NAUSEA) == SENTENCES[sentence]


def test_a_restriction_is_accounted_for_by_a_qualifier_or_by_declared_words() -> None:
    assert kinds("In children, zolam causes nausea.", {**NAUSEA, "population": "children"}) == []
    assert kinds("Zolam causes nausea in children who have had a fever.", {**NAUSEA, "population": "children"}) == ["restriction"]
    assert kinds("Zolam causes nausea at high doses.", {**NAUSEA, "condition": "high-doses"}) == []
    assert kinds("Zolam causes nausea at high doses.", NAUSEA) == ["restriction"]
    stopping = {**NAUSEA, "trigger": "stopping"}
    declared = [{"sentence": "s1.1", "as": {"trigger": "you stop taking zolam"}}]
    assert kinds("If you stop taking zolam, you get nausea.", {**stopping, "evidence": declared}) == []


def test_a_variety_of_a_language_has_the_words_of_the_language() -> None:
    assert kinds("Zolam rarely relieves fever and causes nausea.", NAUSEA, language="en-GB") == []
    assert kinds("Zolam relieves fever and rarely causes nausea.", NAUSEA, language="en-GB") == ["negation"]


OTHERS: list[tuple[str, dict[str, str], list[str]]] = [
    ("Nausea was reported by two patients treated with zolam.", {"predicate": "used-to-treat"}, ["relation"]),
    ("Nausea decreased with zolam.", {"predicate": "reduces"}, []),
    ("Zolam had no effect on nausea.", {"predicate": "reduces", "polarity": "negated"}, []),
    ("Zolam had an effect on nausea.", {"predicate": "reduces"}, ["relation"]),
    ("Nausea, which zolam did not relieve, is rare.", {"predicate": "reduces", "polarity": "negated"}, []),
    ("Nausea, which zolam did not relieve, is rare.", {"predicate": "reduces"}, ["negation"]),
    ("Zolam slows serotonin, which makes nausea.", {}, ["relation"]),
    ("Nausea occurred at the same rate with zolam.", {}, ["restriction"]),
    ("Zolam is given for the relief of nausea associated with fever.", {}, ["relation"]),
    # Words of one stem: several and severe, effects and effective, potential and potentiate.
    ("Zolam causes nausea in several people.", {"severity": "severe"}, ["missing"]),
    ("Zolam causes several cases of severe nausea.", {"severity": "severe"}, []),
    ("The side effects of zolam are nausea and fever.", {"predicate": "effective-in-treating"}, ["relation"]),
    ("Zolam is effective against nausea.", {"predicate": "effective-in-treating"}, []),
    ("Zolam is used to treat nausea due to fever.", {"predicate": "used-to-treat"}, []),
    ("Zolam is used to treat fever due to nausea.", {"predicate": "used-to-treat"}, ["relation"]),
    ("Avoid bexol while taking zolam, as this causes nausea.", {}, ["relation"]),
    ("Avoid zolam while taking bexol, as this causes nausea.", {}, []),
    ("Medicines that cause nausea (such as zolam).", {}, []),
    ("Bexol (used for fever), medicines that cause nausea (such as zolam).", {"subject": "bexol"}, ["relation"]),
    ("If you take bexol (used for fever), zolam causes nausea.", {}, ["restriction"]),
    ("If you take zolam (used for fever), zolam causes nausea.", {}, []),
    ("Zolam may cause nausea and, rarely, fever.", {"modality": "may"}, []),
    ("Zolam does not cause fever (nausea).", {}, ["negation"]),
    ("Zolam causes nausea (sometimes severe).", {"severity": "severe"}, ["hedge"]),
    ("Zolam raises or lowers nausea.", {"predicate": "reduces"}, []),
]


@pytest.mark.parametrize(("sentence", "change", "found"), OTHERS)
def test_a_sentence_is_compared_with_another_claim(sentence: str, change: dict[str, str], found: list[str]) -> None:
    assert kinds(sentence, {**NAUSEA, **change}) == found


def test_the_subject_of_a_verb_is_not_the_topic() -> None:
    title = {"title": "Zolam: the leaflet"}
    assert kinds("The preservative serotonin causes nausea.", NAUSEA, **title) == ["missing"]
    assert kinds("Nausea was seen with bexol.", NAUSEA, **title) == ["missing"]
    assert kinds("Nausea was seen in two patients.", NAUSEA, **title) == []
    assert kinds("Nausea is a leading cause of disability.", NAUSEA, **title) == ["relation"]


def test_a_lead_in_below_an_open_one_stands_above_its_items() -> None:
    page = "<h2>Zolam</h2><p>Side effects include:</p><p>Common: may affect up to 1 in 10 people</p><ul><li>nausea</li></ul>"
    assert kinds(page, {**NAUSEA, "modality": "may", "frequency": "common"}, mediatype="text/html") == []


def test_members_of_a_list_do_not_interact_with_one_another() -> None:
    fact = {"subject": "bexol", "predicate": "interacts-with", "object": "medicine"}
    assert kinds("Zolam interacts with bexol and another medicine.", fact) == ["relation"]
    assert kinds("Bexol interacts with another medicine.", fact) == []


def test_what_another_verb_acts_on_is_not_the_subject_of_a_participle() -> None:
    fact = {"subject": "serotonin", "predicate": "leads-to", "object": "nausea"}
    assert kinds("Zolam reduces serotonin, leading to nausea.", fact) == ["relation"]
    assert kinds("Zolam reduces serotonin, which leads to nausea.", fact) == []


def test_the_topic_is_not_the_subject_of_what_another_thing_does() -> None:
    works = {"subject": "zolam", "predicate": "works-by", "object": "fever", "modality": "helps-to"}
    page = "<h1>Zolam</h1><h2>How zolam works</h2><p>{}</p>"
    assert kinds(page.format("Serotonin helps to reduce fever."), works, title="Zolam", mediatype="text/html")
    effect = {"subject": "zolam", "predicate": "leads-to", "object": "nausea"}
    assert kinds(page.format("Serotonin widens the vessels, leading to nausea."), effect, title="Zolam", mediatype="text/html")
    assert not kinds(page.format("It widens the vessels, leading to nausea."), effect, title="Zolam", mediatype="text/html")


def test_the_number_of_a_term_stands_in_its_sentence() -> None:
    fact = {"subject": "zolam", "predicate": "mentioned-in-strength", "object": "zolam-2mg"}
    assert kinds("Take zolam 2 mg.", fact) == []
    declared = {**fact, "evidence": [{"sentence": "s1.1", "as": {"object": "20 mg"}}]}
    assert kinds("Take zolam 20 mg.", declared) == ["missing"]


def test_declared_words_are_not_the_name_of_another_term() -> None:
    fact = {**NAUSEA, "evidence": [{"sentence": "s1.1", "as": {"subject": "Bexol"}}]}
    assert kinds("Bexol causes nausea.", fact) == ["wording"]


def test_a_pronoun_stands_for_a_term_that_was_named_before() -> None:
    declared = {**NAUSEA, "evidence": [{"sentence": "s1.2", "as": {"subject": "It"}}]}
    assert kinds("Zolam is a medicine. It causes nausea.", declared) == []
    assert kinds("Bexol is a medicine. It causes nausea.", declared) == ["wording"]


QUALIFIED = {**NAUSEA, "severity": "mild"}
SECOND = [{"sentence": "s1.1", "supports": ["claim", "modality"]}, {"sentence": "s1.2", "supports": ["severity"]}]
REACH = {
    "Zolam causes nausea. These effects are mild.": [],
    "Zolam causes nausea. The nausea is mild.": [],
    "Zolam causes nausea. It is important that nausea is not mild.": ["negation"],
    "Zolam causes nausea. Bexol is mild.": ["missing"],
    "Zolam causes nausea. With zolam, a skin rash is mild.": ["missing"],
    "Zolam causes nausea. These effects are usually mild.": ["hedge"],
    "Zolam causes nausea. These effects are severe, not mild.": ["negation"],
}


@pytest.mark.parametrize("text", REACH)
def test_a_sentence_for_a_qualifier_is_about_the_claim(text: str) -> None:
    assert kinds(text, {**QUALIFIED, "evidence": SECOND}) == REACH[text]


@pytest.mark.parametrize(
    ("second", "found"),
    [
        ("It is used in children.", []),
        ("It should not be used in children.", ["negation"]),
        ("Not for children.", ["missing", "negation"]),
    ],
)
def test_a_sentence_that_denies_a_group_does_not_say_who_is_treated(second: str, found: list[str]) -> None:
    fact = {"subject": "zolam", "predicate": "used-to-treat", "object": "asthma", "population": "children"}
    evidence = [{"sentence": "s1.1", "supports": ["claim", "modality"]}, {"sentence": "s1.2", "supports": ["population"]}]
    assert kinds(f"Zolam is used to treat asthma. {second}", {**fact, "evidence": evidence}) == found


def test_of_several_expressions_the_longest_counts() -> None:
    rare = {**NAUSEA, "frequency": "rare"}
    assert kinds("Zolam causes nausea, which is rare.", rare) == []
    assert kinds("Zolam causes nausea, which is very rare.", rare) == ["missing"]
    common, reported = ({**NAUSEA, "frequency": value} for value in ("common", "commonly-reported"))
    assert kinds("The most common side effect of zolam is nausea.", common) == []
    assert kinds("The most common side effect of zolam is nausea.", reported) == []
    assert kinds("The most commonly reported side effect of zolam is nausea.", common) == ["missing"]
    assert kinds("The most frequently reported side effect of zolam is nausea.", common) == ["missing"]
    assert kinds("The most commonly reported side effect of zolam is nausea.", reported) == []


def test_an_open_list_contradicts_a_closed_one() -> None:
    closed = {**NAUSEA, "listing": "closed-list"}
    assert "missing" in kinds("The side effects of zolam are effects such as nausea.", closed)
    assert kinds("The side effects of zolam are the following: nausea.", closed) == []


LEAFLETS = {
    "text/html": "<h2>Side effects of zolam</h2><p>Common (may affect up to 1 in 10 people):</p><ul><li>nausea</li></ul>",
    "text/markdown": "## Side effects of zolam\n\n### Common side effects (may affect up to 1 in 10 people):\n\n- nausea\n",
    "text/plain": "4. Side effects of zolam\n\nCommon side effects (may affect up to 1 in 10 people):\n\n- nausea\n",
}


@pytest.mark.parametrize("mediatype", LEAFLETS)
def test_an_item_inherits_subject_predicate_modality_and_frequency(mediatype: str) -> None:
    fact = {**NAUSEA, "modality": "may", "frequency": "common"}
    assert kinds(LEAFLETS[mediatype], fact, mediatype=mediatype) == []
    assert kinds(LEAFLETS[mediatype], {**fact, "frequency": "rare"}, mediatype=mediatype) == ["missing"]
    assert kinds(LEAFLETS[mediatype], {**fact, "modality": "is"}, mediatype=mediatype) == ["hedge"]
    assert "missing" in kinds(LEAFLETS[mediatype], {**fact, "subject": "bexol"}, mediatype=mediatype)


def test_a_cell_inherits_the_header_of_its_table_and_nested_items_their_parents() -> None:
    page = (
        "<h1>A</h1><h2>B</h2><p>Intro.</p><ul><li>first<ul><li>inner</li></ul></li><li>second</li></ul>"
        "<h2>C</h2><table><tr><th>Effect</th></tr><tr><td>nausea</td></tr></table>"
    )
    text = normal_form.parse(page.encode(), "text/html", "a page")
    document = claims.make_document("page", "Page", "en", text)
    words = {one.id: text.words[one.start : one.end] for one in document.sentences}
    contexts = find_contexts(document.sentences, text)
    above = {words[name]: [words[one] for one in names] for name, names in contexts.items()}
    assert above["inner"] == ["first", "B", "A"]
    assert above["second"] == ["B", "A"]
    assert above["nausea"] == ["Effect", "C", "A"]


CONTEXTS = {
    "<h2>E</h2><p><b>Common:</b></p><p>headache</p><p>nausea</p><p><b>Rare:</b></p><p>rash</p>": ["Common:", "E"],
    "<h2>E</h2><dl><dt>Common</dt><dd>headache</dd><dd>nausea</dd><dt>Rare</dt><dd>rash</dd></dl>": ["Common", "E"],
    "<h2>E</h2><ul><li>Common:<ul><li>headache</li><li>nausea</li></ul></li><li>Rare:<ul><li>rash</li></ul></li></ul>": [
        "Common:",
        "E",
    ],
    "<h2>E</h2><h3>Common</h3><ul><li>nausea</li></ul><h3>Rare</h3><ul><li>rash</li></ul>": ["Common", "E"],
    "<h2>D</h2><p>Some text:</p><h2>E</h2><p>Common (1 in 10)</p><ul><li>nausea</li></ul>": ["Common (1 in 10)", "E"],
    "<h2>E</h2><p>Take note of this.</p><p>nausea</p>": ["E"],
}


@pytest.mark.parametrize("page", CONTEXTS)
def test_a_line_stands_below_its_lead_in_and_its_headings(page: str) -> None:
    text = normal_form.parse(page.encode(), "text/html", "a page")
    document = claims.make_document("page", "Page", "en", text)
    words = {one.id: text.words[one.start : one.end] for one in document.sentences}
    contexts = find_contexts(document.sentences, text)
    (above,) = (contexts[name] for name in words if words[name] == "nausea")
    assert [words[name] for name in above] == CONTEXTS[page]


def test_the_topic_counts_as_the_subject_only_where_the_sentence_has_no_other() -> None:
    judged = judge("Nausea occurred.", NAUSEA, title="Zolam: the leaflet")
    assert (judged.findings, judged.by_topic) == ((), ("subject",))
    assert kinds("Bexol caused nausea.", NAUSEA, title="Zolam: the leaflet") == ["missing"]
    assert kinds("Nausea occurred.", NAUSEA) == ["missing"]


ABOUT_ZOLAM: list[tuple[str, dict[str, str], list[str]]] = [
    ("Treatment may cause nausea.", {"modality": "may"}, []),
    ("Severe infections may cause nausea.", {"modality": "may"}, ["relation"]),
    ("Drugs that cause nausea.", {}, ["relation"]),
    ("It belongs to a group of drugs that cause nausea.", {}, []),
    ("Nausea is serious and must be treated in a hospital.", {"predicate": "used-to-treat"}, ["relation"]),
    ("It works by blocking serotonin to reduce nausea.", {"predicate": "reduces"}, []),
    (
        "Do not take serotonin with this tablet; it may reduce nausea.",
        {"predicate": "reduces", "modality": "may"},
        ["missing", "relation"],
    ),
]


@pytest.mark.parametrize(("sentence", "change", "found"), ABOUT_ZOLAM)
def test_the_topic_is_the_subject_of_a_verb_only_without_another_noun(
    sentence: str, change: dict[str, str], found: list[str]
) -> None:
    assert kinds(sentence, {**NAUSEA, **change}, title="Zolam: the leaflet") == found


LISTED: dict[str, list[str]] = {
    "<p>Zolam may:</p><ul><li>lower nausea</li></ul>": ["hedge"],
    "<p>Zolam is used to:</p><ul><li>lower nausea</li></ul>": [],
}


@pytest.mark.parametrize("page", LISTED)
def test_an_item_that_continues_its_lead_in_has_the_hedge_of_it(page: str) -> None:
    assert kinds(page, {**NAUSEA, "predicate": "reduces"}, mediatype="text/html") == LISTED[page]


def test_an_item_of_a_contraindication_is_no_side_effect() -> None:
    page = "<h2>Zolam</h2><p>Do not take zolam:</p><ul><li>if you have had nausea</li></ul>"
    assert "relation" in kinds(page, NAUSEA, mediatype="text/html")


MAY = {"modality": "may"}
CLASS = {"predicate": "has-drug-class", "object": "blockers"}
WITH_BEXOL = {"predicate": "interacts-with", "object": "bexol"}
DENIED = {"polarity": "negated"}
ASIDES: list[tuple[str, dict[str, str], list[str]]] = [
    # An aside that alone names the subject, and denies.
    ("Although not reported with zolam, nausea was reported with related drugs.", {}, ["negation"]),
    ("Although not reported with zolam, nausea was reported with related drugs.", DENIED, []),
    ("Nausea was reported with related drugs, although not with zolam.", {}, ["negation"]),
    ("Although not reported with bexol, nausea was reported with zolam.", {}, []),
    ("Although not seen in the studies, nausea was reported with zolam.", {}, []),
    ("Although zolam does not cause fever, nausea is caused by it.", {}, []),
    ("While zolam does not cause fever, it causes nausea.", {}, []),
    # What is said of related drugs is not said of the topic.
    ("Nausea has been reported with other medicines of this type.", {}, ["missing"]),
    # Questions are no doubt.
    ("<h2>Questions about the side effects of zolam</h2><p>nausea</p>", DENIED, ["missing", "negation"]),
    ("It is questionable that zolam causes nausea.", {}, ["negation"]),
    ("Zolam, which provides relief, causes nausea.", {}, []),
    # What other medicines are for.
    ("Zolam interacts with bexol or any similar medicine to prevent nausea.", WITH_BEXOL, []),
    ("Zolam interacts with bexol or any similar medicine to prevent nausea.", {"predicate": "used-to-treat"}, ["relation"]),
    ("<p>These interact with zolam:</p><ul><li>bexol or other medicines to reduce fever</li></ul>", WITH_BEXOL, []),
    # The qualifiers of other items.
    ("Zolam causes fever (rare), nausea (common) and asthma (rare).", {"frequency": "common"}, []),
    ("Zolam causes fever (rare), nausea (common) and asthma (rare).", {"frequency": "rare"}, ["missing"]),
    ("Common side effects of zolam are fever; rare: nausea.", {"frequency": "common"}, ["missing"]),
    ("Zolam causes severe fever, nausea and asthma.", {"severity": "severe"}, ["missing"]),
    ("Zolam causes severe side effects, such as fever and nausea.", {"severity": "severe"}, []),
    ("Zolam may cause nausea, which can be severe.", {**MAY, "severity": "severe"}, []),
    # Groups that 'by' restricts.
    ("Zolam causes nausea (experienced by some people with asthma).", {}, ["restriction"]),
    ("Nausea was reported by people with asthma who took zolam.", {}, ["restriction"]),
    ("Nausea was reported by 3 of 10 people taking zolam.", {}, []),
    # An item that states no relation in a clause of its own has the hedge of its heading.
    ("<h2>Possible side effects</h2><ul><li>feeling nausea</li></ul>", {}, ["hedge"]),
    ("<h2>Possible side effects</h2><ul><li>feeling nausea</li></ul>", MAY, []),
    ("<h2>Possible side effects</h2><ul><li>fever associated with nausea</li></ul>", {}, ["relation", "hedge"]),
    # Lead-ins that change a relation, deny it or have no word of it.
    ("<p>May increase the chance that you get side effects:</p><ul><li>nausea</li></ul>", MAY, ["relation"]),
    ("<p>The side effects of zolam may be stronger with:</p><ul><li>nausea</li></ul>", MAY, ["relation"]),
    ("<p>Zolam does not cause:</p><ul><li>nausea</li></ul>", {}, ["negation"]),
    ("<p>Zolam does not cause:</p><ul><li>nausea</li></ul>", DENIED, []),
    ("<p>Side effects of zolam (frequency not known):</p><ul><li>nausea</li></ul>", {}, []),
    ("<p>These are important for zolam:</p><ul><li>blockers</li></ul>", CLASS, ["relation"]),
    ("<p>Zolam is one of the:</p><ul><li>blockers</li></ul>", CLASS, []),
    # A paragraph that announces a list, and headings that are joined to a sentence.
    ("<p>You may get the following side effects.</p><ul><li>nausea</li></ul>", MAY, []),
    ("<p>The following side effects do not occur.</p><ul><li>nausea</li></ul>", MAY, ["negation"]),
    ("<p><b>Children</b><br/>Zolam causes nausea.</p>", {}, []),
    ("<p><b>Children</b> Zolam causes nausea.</p>", {}, []),
    ("<p>Children given zolam get nausea.</p>", {}, ["restriction"]),
    # A prohibition to take one with the other states an interaction.
    ("Do not use zolam together with bexol.", WITH_BEXOL, []),
    ("Do not use zolam together with bexol.", {**WITH_BEXOL, **DENIED}, ["missing", "negation"]),
    ("You should not take zolam with products such as bexol.", WITH_BEXOL, []),
    (
        "<p>Tell your doctor if you are taking:</p><ul><li>products such as serotonin and bexol</li></ul>",
        WITH_BEXOL,
        ["relation"],
    ),
    # Clauses and brackets that describe the object, or that speak of something else.
    ("<p>Side effects of zolam:</p><ul><li>being unable to sit (nausea)</li></ul>", {}, []),
    ("<p>Zolam may cause:</p><ul><li>nausea, which can affect sleep, but may be mild</li></ul>", MAY, []),
    ("<p>Zolam is used to treat:</p><ul><li>resins used for asthma</li></ul>", {"predicate": "used-to-treat"}, ["missing"]),
    (
        "<p>Tell your doctor if you take:</p><ul><li>resins used for nausea</li></ul>",
        {"predicate": "used-to-treat"},
        ["relation"],
    ),
    ("While nausea can occur at any time with zolam, the risk is greatest during the first week.", {"modality": "can"}, []),
    ("Although the risk of nausea is unknown, it can occur with zolam.", {"modality": "can"}, []),
    ("By preventing fever, zolam causes nausea.", {}, []),
    ("In contrast to bexol, zolam causes nausea.", {}, []),
    ("Zolam causes nausea (sickness, FD&amp;C No. 2 apart).", {}, []),
    ("Zolam can cause side effects. These include nausea.", {}, ["hedge"]),
    ("Zolam can cause side effects. These include nausea.", {"modality": "can"}, []),
    ("Zolam widens fever, causing nausea to fall.", {"predicate": "reduces"}, []),
    # Groups that are all people, and those to which a sentence restricts the claim.
    ("Zolam causes nausea in adults and children.", {}, []),
    ("Zolam causes nausea in adults.", {}, ["restriction"]),
    ("Zolam may cause nausea, especially when it is used at high doses.", MAY, []),
    # Lead-ins below lead-ins, and those that announce what they give advice on.
    (
        "<p>These were reported with zolam:</p><p>Common</p><ul><li>fever</li></ul><p>Rare</p><ul><li>nausea</li></ul>",
        {"frequency": "rare"},
        [],
    ),
    ("<p>If you notice any of these side effects, stop taking zolam:</p><ul><li>nausea</li></ul>", {}, []),
    ("<p>Side effects of zolam:</p><ul><li>fever, asthma or lack of energy</li></ul>", {"object": "fever"}, []),
]


@pytest.mark.parametrize(("words", "change", "found"), ASIDES)
def test_what_stands_beside_or_above_the_claim_is_told_from_it(words: str, change: dict[str, str], found: list[str]) -> None:
    page = words if words.startswith("<") else f"<p>{words}</p>"
    assert kinds(page, {**NAUSEA, **change}, title="Zolam: the leaflet", mediatype="text/html") == found


TOPICS: dict[tuple[str, ...], list[str]] = {
    ("zolam",): [],
    ("zolam", "nausea"): [],
    ("zolam", "bexol"): ["missing"],  # which of them is meant is not said
    ("bexol",): ["missing"],
    ("nausea",): ["missing"],
}


RIVALS: list[tuple[str, dict[str, str], list[str]]] = [
    ("Zolam is used to treat asthma, but bexol can cause nausea.", {"modality": "can"}, ["relation"]),
    ("Zolam lowers fever, while bexol causes nausea.", {}, ["relation"]),
    ("Zolam can be replaced by bexol, which causes nausea.", {}, ["relation"]),
    (
        "Zolam was compared with bexol, which is used to treat asthma.",
        {"predicate": "used-to-treat", "object": "asthma"},
        ["relation"],
    ),
    ("The skin rash that zolam reduces can lead to nausea.", {"predicate": "leads-to", "modality": "can"}, ["relation"]),
    ("Nausea caused by serotonin is treated with zolam.", {}, ["relation"]),
    ("Serotonin can make the nausea caused by zolam worse.", {"object": "serotonin", "modality": "can"}, ["relation"]),
    ("Zolam and bexol together can cause nausea.", {"modality": "can"}, ["restriction"]),
    ("Zolam is as likely as placebo to cause nausea.", {}, ["restriction"]),
    ("Zolam, bexol and serotonin can cause nausea.", {"modality": "can"}, []),
    ("Like bexol, zolam can cause nausea.", {"modality": "can"}, []),
    ("Zolam, but not bexol, can cause nausea.", {"modality": "can"}, []),
    ("Zolam is well tolerated, but it can cause nausea.", {"modality": "can"}, []),
    ("Zolam is a new medicine that causes nausea.", {}, []),
    ("Nausea and fever caused by zolam go away.", {}, []),
]


@pytest.mark.parametrize(("words", "change", "found"), RIVALS)
def test_a_verb_belongs_to_the_name_that_begins_its_clause(words: str, change: dict[str, str], found: list[str]) -> None:
    assert kinds(words, {**NAUSEA, **change}) == found


@pytest.mark.parametrize("word", ["zolam-free", "zolam-naive", "non-zolam", "anti-zolam"])
def test_a_name_in_a_word_that_means_something_else_is_no_name(word: str) -> None:
    assert "missing" in kinds(f"A {word} week can cause nausea.", {**NAUSEA, "modality": "can"})


@pytest.mark.parametrize("topic", TOPICS)
def test_the_topic_of_the_record_counts_before_the_title(topic: tuple[str, ...]) -> None:
    for title in ("A leaflet", "Zolam: the leaflet"):
        base, parsed = base_of("Nausea occurred.", title=title)
        base = base._replace(documents={"leaflet": base.documents["leaflet"]._replace(topic=topic)})
        value = {**NAUSEA, "modality": "is", "evidence": [{"sentence": "s1.1"}]}
        fact = resolve.parse_fact(Record("fact", value, Place("test"), stem="leaflet"))
        judged = verify_records(base._replace(facts=(fact,)), {"leaflet": parsed}).judgements[fact.path]
        assert [finding.kind for finding in judged.findings] == TOPICS[topic]
        assert judged.by_topic == (() if TOPICS[topic] else ("subject",))


def test_letters_are_compared_as_quotes_are() -> None:
    assert kinds("Zo\u00adlam cau\u200bses nau\u00adsea.", NAUSEA) == []


def test_what_cannot_be_compared_is_not_passed() -> None:
    judged = judge("Lo zolam non causa nausea.", NAUSEA, language="it")
    assert judged.verdict == "not-checked"
    assert {"predicate", "negation", "restrictions"} <= set(judged.skipped)
    assert judge("Zolam causes nausea.", NAUSEA).checked == (
        "subject",
        "object",
        "predicate",
        "modality",
        "negation",
        "hedges",
        "restrictions",
    )


@pytest.mark.parametrize(
    ("language", "sentence"), [("fr", "Zolam ne provoque pas de nausea."), ("de", "Zolam verursacht keine Nausea.")]
)
def test_a_fact_that_says_the_opposite_of_its_sentence_is_flagged_in_other_languages(language: str, sentence: str) -> None:
    assert kinds(sentence, NAUSEA, language=language) == ["negation"]


def figures(*paths: Path) -> tuple[float, float]:
    measured = [claims.measure_file(path, resources.content(), ()) for path in paths]
    (wrong, flagged), (true, mistaken) = (
        [sum(one.total(is_true=is_true)[at] for one in measured) for at in (0, 1)] for is_true in (False, True)
    )
    return flagged / max(1, wrong), mistaken / max(1, true)


@pytest.mark.parametrize(("folder", "least", "most"), [("tuned", 0.95, 0.02), ("held", 0.85, 0.1), ("later", 0.95, 0.1)])
def test_most_wrong_facts_are_flagged_and_few_true_ones(folder: str, least: float, most: float) -> None:
    flagged, mistaken = figures(*sorted((claims.CORPUS / folder).glob("*.yaml")))
    assert flagged >= least
    assert mistaken <= most


def test_sentences_without_a_claim_are_flagged() -> None:
    assert figures(claims.CORPUS / "no-claim.txt")[0] >= 0.95


def quote_of(text: str, quote: str, **claim: str) -> cite.QuoteResult:
    base, parsed = base_of(text)
    finder = QuoteFinder({"leaflet": IndexedText(base.documents["leaflet"], parsed)})
    (result,) = cite.check_quotes(base, finder, [QuoteRequest(1, quote, **claim)])
    return result


@pytest.mark.parametrize(
    ("predicate", "verdict"),
    [("has-side-effect", "found"), ("used-to-treat", "other-claim"), ("is used to treat", "other-claim"), ("", "found")],
)
def test_a_quote_for_a_claim_states_its_predicate(predicate: str, verdict: str) -> None:
    claim = {"subject": "zolam", "predicate": predicate, "object": "nausea"}
    assert quote_of("Zolam causes nausea in the morning.", "causes nausea in the morning", **claim).verdict.verdict == verdict


EDGES = {
    "may cause nausea and fever": ("Zolam may cause nausea and fever.", ""),
    "cause nausea and fever": ("Zolam may cause nausea and fever.", "may"),
    "Zolam causes nausea and fever": ("Zolam causes nausea and fever if it is taken late.", "if"),
    "cause nausea and fever at night": ("Zolam does not cause nausea and fever at night.", "not"),
}


@pytest.mark.parametrize("quote", EDGES)
def test_a_quote_whose_hedge_negation_or_condition_is_cut_off_has_a_note(quote: str) -> None:
    text, word = EDGES[quote]
    result = quote_of(text, quote)
    assert result.verdict.is_accepted
    assert result.note == (f"The sentence says '{word}' outside of the quote." if word else "")


def test_the_end_of_a_sentence_is_the_end_of_a_word() -> None:
    base, parsed = base_of("Zolam can cause seizures.To avoid this, stop slowly.")
    assert [parsed.words[one.start : one.end] for one in base.documents["leaflet"].sentences][:1] == ["Zolam can cause seizures."]
    text = "Zolam can cause seizures.To avoid this, stop slowly."
    assert quote_of(text, "can cause seizures").verdict.verdict == "found"
    assert quote_of(text, "can cause seizure").verdict.verdict == "cut-word"


def test_quotes_of_a_sequence_stand_in_order_in_one_document(run_kb: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    quotes = ["Zelorin slows the release", "Sparkin is a messenger"]
    done = run_kb("cite", *quotes, "--content", str(resources.example()))
    assert done.returncode == 0
    assert [line for line in done.stdout.splitlines() if "sentence" in line] == ["- sentence: s3.1", "- sentence: s3.2"]
    done = run_kb("cite", *reversed(quotes), "--content", str(resources.example()))
    assert (done.returncode, done.stdout) == (1, "")
    assert "KB433" in done.stderr


def test_validate_release_and_fact_add_hold_facts_against_texts_that_ship(
    tmp_path: Path, run_kb: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    folder = tmp_path / "kb"
    shutil.copytree(resources.starter(), folder)
    fact = ("--subject", "examplol", "--predicate", "has-side-effect", "--object", "itching", "--evidence", "s1.2")
    path = folder / "facts/leaflet.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.split("\n\n")[0] + "\n", encoding="utf-8")
    assert run_kb("fact", "add", "--content", str(folder), *fact, "--modality", "can").returncode == 0
    assert run_kb("validate", "--content", str(folder)).returncode == 0
    path.write_text(text.split("\n\n")[0] + "\n", encoding="utf-8")
    done = run_kb("fact", "add", "--content", str(folder), *fact, "--modality", "is")
    assert (done.returncode, "KB444" in done.stderr, "itching" in path.read_text(encoding="utf-8")) == (1, True, True)
    done = run_kb("validate", "--content", str(folder))
    assert (done.returncode, "KB444" in done.stdout) == (1, True)
    done = run_kb("release", str(tmp_path / "release"), "--content", str(folder))
    assert (done.returncode, "KB444" in done.stderr) == (1, True)
    assert not (tmp_path / "release").exists()


def test_validate_says_that_it_left_the_texts_out(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("kb.cli.validate._MOST_COMPARED", 3)
    assert cli.run(["validate", "--content", str(resources.starter())]) == 0
    assert "not compared" not in capsys.readouterr().err
    monkeypatch.setattr("kb.cli.validate._MOST_COMPARED", 1)
    assert cli.run(["validate", "--content", str(resources.starter())]) == 0
    assert "they were not compared with the texts" in capsys.readouterr().err


def test_a_heading_is_no_evidence_for_a_claim_and_may_be_for_a_qualifier() -> None:
    page = "<h2>Common side effects of zolam</h2><ul><li>nausea</li></ul>"
    common = {**NAUSEA, "modality": "is", "frequency": "common"}
    above = [{"sentence": "s1.1", "supports": ["claim", "modality"]}, {"sentence": "s1.0", "supports": ["frequency"]}]
    assert kinds(page, {**common, "evidence": above}, mediatype="text/html") == []
    heading = {**common, "evidence": [{"sentence": "s1.0"}]}
    assert "missing" in kinds(page, heading, mediatype="text/html")
    base, _ = base_of(page, mediatype="text/html")
    fact = resolve.parse_fact(Record("fact", heading, Place("test"), stem="leaflet"))
    assert "KB323" in {problem.code for problem in references.check_fact(fact, base)}


LIST = """<h1>Zolam: a leaflet</h1><h2>4. Possible side effects</h2><p>Zolam can cause serious side effects, including:</p><ul>
<li>Infections.<p>See your doctor if you have any of the following symptoms:</p><ul><li>fever</li></ul></li>
<li>skin rash in adults<table><tr><td>itching</td><td>redness</td></tr><tr><td>heat</td><td>swelling</td></tr></table></li>
<li>nausea<br>This is usually mild.</li></ul>"""


def evidence_of(base: KnowledgeBase, text: normal_form.Text, words: str) -> list[dict[str, str]]:
    sentences = base.documents["leaflet"].sentences
    return [{"sentence": next(one.id for one in sentences if text.words[one.start : one.end] == words)}]


def kinds_in_list(words: str, fact: Mapping[str, object]) -> list[str]:
    base, text = base_of(LIST, title="Zolam", mediatype="text/html")
    return kinds(LIST, {**fact, "evidence": evidence_of(base, text, words)}, title="Zolam", mediatype="text/html")


def test_an_item_inherits_from_its_own_list_past_what_stands_inside_other_items() -> None:
    serious = {**NAUSEA, "modality": "can", "seriousness": "serious"}
    assert kinds_in_list("nausea", serious) == []
    assert kinds_in_list("nausea", {**serious, "severity": "severe"}) == ["missing"]
    base, text = base_of(LIST, title="Zolam", mediatype="text/html")
    sentences = base.documents["leaflet"].sentences
    words = {one.id: text.words[one.start : one.end] for one in sentences}
    above = {words[name]: [words[other] for other in others] for name, others in find_contexts(sentences, text).items()}
    lead_in = "Zolam can cause serious side effects, including:"
    assert above["fever"][:3] == ["See your doctor if you have any of the following symptoms:", "Infections.", lead_in]
    assert above["nausea"][0] == above["skin rash in adults"][0] == lead_in
    assert above["itching\tredness"][:2] == ["skin rash in adults", lead_in]


ITEMS = "Fever (which can make it easier to fall); nausea and tiredness; changes of the skin (usually mild, rarely severe)."


@pytest.mark.parametrize(("value", "found"), [("very-common", []), ("common", ["missing"]), ("rare", ["missing"])])
def test_what_other_items_between_semicolons_say_is_not_about_the_object(value: str, found: list[str]) -> None:
    text = f"<h1>Zolam</h1><h2>Very common side effects (may affect more than 1 in 10 people)</h2><ul><li>{ITEMS}</li></ul>"
    fact = {**NAUSEA, "modality": "may", "frequency": value}
    assert kinds(text, fact, title="Zolam", mediatype="text/html") == found


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("Zolam is used to treat asthma in adults who took bexol and in children who did not.", []),
        ("Zolam is used to treat asthma in adults, or in any children.", []),
        ("Zolam is used to treat asthma in children and in adults who took bexol.", []),
        ("Zolam is used to treat asthma in adults with children.", ["restriction"]),
        ("Zolam is used to treat asthma in adults, but not in children.", ["restriction"]),
    ],
)
def test_another_group_that_is_joined_to_the_fact_s_is_an_alternative(sentence: str, found: list[str]) -> None:
    assert (
        kinds(sentence, {"subject": "zolam", "predicate": "used-to-treat", "object": "asthma", "population": "children"}) == found
    )


@pytest.mark.parametrize("words", ["Symptoms include", "The signs of an infection include", "Signs and symptoms of it include:"])
def test_symptoms_of_something_else_are_no_side_effects(words: str) -> None:
    text = f"<h1>Zolam</h1><h2>Side effects of zolam</h2><ul><li>Infections. {words} nausea.</li></ul>"
    assert "relation" in kinds(text, NAUSEA, title="Zolam", mediatype="text/html")


def test_a_class_is_named_by_its_examples() -> None:
    fact = {"subject": "zolam", "predicate": "has-drug-class", "object": "blockers"}
    assert kinds("Do not take it with blockers (e.g. bexol, zolam).", fact) == []
    assert kinds("Zolam is taken with fever (e.g. blockers).", fact) == ["relation"]


OBJECTS = {
    "interacts-with": "bexol",
    "used-to-treat": "asthma",
    "has-side-effect": "nausea",
    "reduces": "fever",
    "contraindicated-in": "asthma",
    "prevents": "fever",
    "increases": "fever",
    "has-drug-class": "blockers",
    "leads-to": "fever",
    "inhibits": "serotonin",
    "has-withdrawal-symptom": "nausea",
    "enhances-effects-of": "bexol",
    "effective-in-treating": "asthma",
    "located-in": "serotonin",
    "can-have": "nausea",
}
# Sentences that name both ends, by the relation that they do not state, whatever the hedge of the fact.
NOT_STATED = {
    "contraindicated-in": [
        "Zolam can be used in patients with asthma.",
        "Zolam is not contraindicated in asthma.",
        "Patients with asthma should use zolam with caution.",
        "Bexol must not be used in asthma, but zolam can.",
        "If you have asthma, ask your doctor before you take zolam.",
        "Do not take zolam if you have asthma and a fever.",
        "Do not stop zolam if you have asthma.",
        "Bexol is not to be used in asthma.",
        "Zolam should never be stopped in asthma.",
    ],
    "prevents": [
        "Zolam cannot prevent fever.",
        "Zolam does not prevent fever.",
        "Fever prevents the use of zolam.",
        "To prevent fever, bexol is given before zolam.",
        "Zolam was given to see if it prevents fever.",
        "Zolam does not protect you from fever.",
        "Fever protects you from zolam.",
        "Protect zolam from light during fever.",
    ],
    "increases": [
        "Zolam does not increase fever.",
        "Fever increases the effect of zolam.",
        "Increase zolam if there is fever.",
        "Zolam increases nausea and lowers fever.",
        "The dose of zolam was increased during fever.",
        "Zolam with bexol increases fever.",
        "Zolam increases fever when taken with bexol.",
        "Zolam is given with bexol, which makes fever worse.",
        "Zolam makes nausea worse and lowers fever.",
        "Zolam is worse than bexol in fever.",
        "Zolam causes more fever than bexol.",
        "Zolam is given when fever gets worse.",
        "If you stop zolam, fever may be increased.",
        "If you have asthma and take zolam, fever may be increased.",
        "If you take bexol, fever may be increased by zolam.",
        "The dose of zolam may be increased if you have fever.",
    ],
    "has-drug-class": [
        "Zolam is not a blocker.",
        "Unlike blockers, zolam is a salt.",
        "Zolam is taken with blockers.",
        "Bexol belongs to the blockers, zolam does not.",
        "Zolam is compared with blockers.",
        "Zolam and a group of tablets called blockers interact.",
    ],
    "leads-to": [
        "Nausea and fever are common.",
        "Fever leads to nausea.",
        "Nausea does not lead to fever.",
        "Nausea can follow fever.",
        "Treated nausea rarely leads to fever.",
    ],
    "inhibits": [
        "Zolam does not inhibit serotonin.",
        "Serotonin inhibits zolam.",
        "Bexol inhibits serotonin, zolam does not.",
        "Zolam is inhibited by serotonin.",
        "Zolam weakly inhibits serotonin in vitro.",
        "Zolam inhibits serotonin in rats.",
    ],
    "has-withdrawal-symptom": [
        "Nausea is a side effect of zolam.",
        "Stopping bexol can cause nausea in people who take zolam.",
        "There are no withdrawal symptoms such as nausea with zolam.",
        "Withdrawal of zolam does not cause nausea.",
    ],
    "enhances-effects-of": [
        "Bexol enhances the effects of zolam.",
        "Zolam does not enhance the effect of bexol.",
        "Zolam weakens the effect of bexol.",
        "If you take bexol, the effect of zolam may be enhanced.",
        "The effect of zolam is stronger with bexol.",
        "Zolam had a stronger effect than bexol.",
    ],
    "effective-in-treating": [
        "Zolam was not effective in treating asthma.",
        "Zolam was less effective than bexol in treating asthma.",
        "Zolam is effective in treating fever, not asthma.",
        "Whether zolam is effective in asthma is unknown.",
        "Zolam was as effective as placebo in treating asthma.",
        "Zolam is only effective in treating asthma together with bexol.",
        "Zolam cannot treat asthma.",
    ],
    "interacts-with": [
        "The interaction of zolam with bexol has not been studied.",
        "It is not known whether zolam interacts with bexol.",
        "Zolam and bexol were taken together without any interaction.",
        "No interaction between zolam and bexol has been observed.",
        "Zolam can be taken at the same time as bexol.",
        "Zolam may be combined with bexol.",
        "The use of zolam at the same time as bexol has not been tested.",
        "Ask your pharmacist whether zolam interacts with bexol.",
        "Zolam does not change the effect of bexol.",
        "There is no information on the combination of zolam and bexol.",
        "Bexol works as well with zolam as without it.",
    ],
    "used-to-treat": [
        "Zolam has not been studied in asthma.",
        "Zolam is not recommended for the treatment of asthma.",
        "Zolam is being tested for the treatment of asthma.",
        "Before treatment with zolam, asthma must be treated.",
        "Zolam was once used to treat asthma.",
        "Patients treated with zolam may also have asthma.",
        "Zolam is used to treat fever caused by asthma.",
        "Zolam is used to treat fever in patients with asthma.",
        "Zolam treats fever, whereas bexol treats asthma.",
        "Tell your doctor if you have asthma before treatment with zolam.",
    ],
    "has-side-effect": [
        "Nausea is a reason to stop zolam.",
        "If you have nausea, do not take zolam.",
        "Zolam was stopped because of nausea caused by bexol.",
        "Nausea was less common with zolam.",
        "Zolam can be given to people with nausea.",
        "No cases of nausea were reported with zolam.",
        "Nausea did not occur with zolam.",
        "The rate of nausea with zolam was that of placebo.",
        "Zolam should not be blamed for nausea.",
        "It is a myth that zolam causes nausea.",
        "Zolam was given after nausea had occurred.",
        "Nausea disappeared under zolam.",
        "Nausea improved with zolam.",
        "Zolam worked against nausea.",
        "Zolam had no more side effects such as nausea than placebo.",
        "Side effects such as nausea are absent with zolam.",
        "Unlike bexol, zolam does not cause side effects such as nausea.",
        "Zolam may reduce side effects such as nausea.",
        "Zolam helps with nausea as a side effect of bexol.",
        "Zolam is given with bexol, whose side effects include nausea.",
    ],
    "reduces": [
        "Zolam increases fever.",
        "Fever reduces zolam.",
        "Zolam does not lower fever enough.",
        "Zolam lowers fever only in dogs.",
        "Zolam reduced fever no better than placebo.",
        "Zolam is taken with bexol to reduce fever.",
        "Bexol lowers fever more than zolam raises it.",
        "Fever was lower before zolam.",
        "The dose of zolam is reduced in fever.",
        "Reduce the dose of zolam if fever occurs.",
        "Zolam makes fever worse.",
        "Zolam causes less fever than bexol.",
        "Zolam may be less effective in fever.",
        "If you do not take zolam, fever may be reduced.",
    ],
    "located-in": [
        "It is not known if zolam passes into serotonin.",
        "Bexol passes into serotonin, zolam does not.",
    ],
    "can-have": [
        "Zolam is given if asthma and nausea are shown.",
        "Patients who take zolam for asthma experience nausea.",
    ],
}
STATED = {
    "contraindicated-in": [
        "Zolam is contraindicated in asthma.",
        "Do not take zolam if you have asthma.",
        "Zolam must not be used in patients with asthma.",
        "You should not take zolam if you suffer from asthma.",
        "Zolam is not to be used in asthma.",
        "Zolam must never be given to patients with asthma.",
    ],
    "prevents": [
        "Zolam prevents fever.",
        "Zolam is used to prevent fever.",
        "Fever is prevented by zolam.",
        "Zolam protects against fever.",
        "Zolam protects you from fever.",
    ],
    "increases": [
        "Zolam increases fever.",
        "Fever is increased by zolam.",
        "Zolam raises fever.",
        "Zolam makes nausea and fever worse.",
        "Fever gets worse with zolam.",
        "If you take zolam, fever is increased.",
    ],
    "has-drug-class": [
        "Zolam is a blocker.",
        "Zolam belongs to a group of medicines called blockers.",
        "Zolam, a blocker, is taken at night.",
        "Blockers such as zolam are old.",
    ],
    "leads-to": [
        "Nausea leads to fever.",
        "Fever is caused by nausea.",
        "Nausea results in fever.",
    ],
    "inhibits": [
        "Zolam inhibits serotonin.",
        "Zolam is an inhibitor of serotonin.",
        "Zolam blocks serotonin.",
    ],
    "has-withdrawal-symptom": [
        "Stopping zolam suddenly causes nausea.",
        "Nausea is a withdrawal symptom of zolam.",
        "Withdrawal symptoms of zolam include nausea.",
    ],
    "enhances-effects-of": [
        "Zolam enhances the effects of bexol.",
        "Zolam increases the effect of bexol.",
        "The effect of bexol is enhanced by zolam.",
        "Zolam increases the sedative effect of bexol.",
        "The effect of bexol is stronger with zolam.",
        "If you take zolam, the effect of bexol is enhanced.",
    ],
    "effective-in-treating": [
        "Zolam is effective in treating asthma.",
        "Zolam is an effective treatment for asthma.",
    ],
    "interacts-with": [
        "Zolam interacts with bexol.",
        "Zolam and bexol interact.",
        "Bexol should not be taken with zolam.",
        "Zolam affects the way bexol works.",
        "Zolam is incompatible with bexol.",
        "Bexol works less well with zolam.",
    ],
    "used-to-treat": [
        "Zolam is used for the treatment of asthma.",
        "Asthma is treated with zolam.",
        "Zolam is a treatment for asthma.",
        "Zolam tablets treat asthma.",
        "Zolam is indicated for asthma.",
    ],
    "has-side-effect": [
        "Nausea is a side effect of zolam.",
        "Zolam has side effects such as nausea.",
        "The side effects of zolam include nausea.",
        "Nausea occurs with zolam.",
        "Nausea has been reported with zolam.",
    ],
    "reduces": [
        "Zolam reduces fever.",
        "Fever is reduced by zolam.",
        "Zolam lowers fever.",
        "Zolam brings down fever.",
        "Fever is weaker with zolam.",
        "Fever is reduced if you take zolam.",
    ],
    "located-in": ["Zolam passes into serotonin.", "Zolam is excreted in serotonin."],
    "can-have": ["Zolam exhibits nausea."],
}


@pytest.mark.parametrize(("predicate", "sentence"), [(name, one) for name, listed in NOT_STATED.items() for one in listed])
@pytest.mark.parametrize("modality", ["is", "can", "may"])
def test_a_sentence_that_does_not_state_the_relation_is_flagged(predicate: str, sentence: str, modality: str) -> None:
    assert kinds(sentence, {**claim_of(predicate), "modality": modality})


@pytest.mark.parametrize(("predicate", "sentence"), [(name, one) for name, listed in STATED.items() for one in listed])
def test_a_sentence_that_states_the_relation_is_not_flagged(predicate: str, sentence: str) -> None:
    assert kinds(sentence, claim_of(predicate)) == []


def claim_of(predicate: str) -> dict[str, str]:
    subject = "nausea" if predicate == "leads-to" else "zolam"
    return {"subject": subject, "predicate": predicate, "object": OBJECTS[predicate]}


PARTS = "Side effects of zolam are (1) possibly fever, (2) nausea in children and (3) a skin rash."
ITEM_CASES = {
    "<p>Talk to a doctor before taking zolam if:</p><ul><li>you have asthma.</li></ul>": ["missing"],
    "<p>Talk to a doctor if:</p><ul><li>you have asthma.</li></ul>": [],
    "<p>You may talk to a doctor if:</p><ul><li>you have asthma.</li></ul>": ["missing"],
    "<p>Do not talk to a doctor if:</p><ul><li>you have asthma.</li></ul>": ["missing", "negation"],
    "<p>In children, talk to a doctor if:</p><ul><li>you have asthma.</li></ul>": ["missing"],
    "<h2>Talk to a doctor if</h2><p>You have asthma.</p>": ["missing"],
    "<p>Talk to a doctor</p><ul><li>if you have asthma or if you have a fever.</li></ul>": [],
}


@pytest.mark.parametrize("page", ITEM_CASES)
def test_an_item_can_be_the_subject_of_its_lead_in_if_nothing_restricts_that(page: str) -> None:
    fact = {"subject": "asthma", "predicate": "calls-for", "object": "talk-to-doctor", "modality": "should"}
    assert kinds(page, fact, mediatype="text/html") == ITEM_CASES[page]


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("Symptoms of fever include nausea.", []),
        ("Signs of a severe fever are nausea and a skin rash.", []),
        ("Nausea is a symptom of fever.", []),
        ("Symptoms of nausea include fever.", ["relation"]),
        ("Fever is a symptom of nausea.", ["relation"]),
    ],
)
def test_who_has_a_symptom_follows_the_word(sentence: str, found: list[str]) -> None:
    assert kinds(sentence, {"subject": "fever", "predicate": "can-have", "object": "nausea"}) == found


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("Blockers, including zolam, may cause nausea.", []),
        ("Blockers such as zolam do not cause nausea.", []),
        ("The blocker zolam may cause nausea.", []),
        ("Blockers, zolam and bexol cause nausea.", ["relation"]),
        ("Zolam may be a blocker.", ["relation", "hedge"]),
        ("Zolam is not a blocker.", ["negation"]),
    ],
)
def test_what_a_sentence_says_of_a_class_is_not_said_of_the_membership(sentence: str, found: list[str]) -> None:
    assert kinds(sentence, {"subject": "zolam", "predicate": "has-drug-class", "object": "blockers"}) == found


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("Zolam may be less effective with bexol.", []),
        ("If you take bexol, zolam may be less effective.", []),
        ("Bexol may be less effective with zolam.", ["relation"]),
        ("If you take zolam, bexol may be less effective.", ["relation", "restriction"]),
    ],
)
def test_what_becomes_less_effective_is_not_what_makes_it_so(sentence: str, found: list[str]) -> None:
    evidence = [{"sentence": "s1.1", "as": {"object": "less effective"}}]
    fact = {"subject": "bexol", "predicate": "reduces", "object": "high-doses", "modality": "may", "evidence": evidence}
    assert kinds(sentence, fact) == found


def test_the_effect_of_another_medicine_changes_by_the_topic_of_the_leaflet() -> None:
    fact = {"subject": "zolam", "predicate": "enhances-effects-of", "object": "bexol", "modality": "may"}
    page = "<h1>Zolam</h1><h2>{}</h2><ul><li>bexol, as the effect of bexol may be {}.</li></ul>"
    for heading, word, found in (
        ("Other medicines and zolam", "enhanced", []),
        ("Other medicines and zolam", "enhanced by corvan", ["relation"]),
        ("Other medicines and zolam", "weakened", ["relation"]),
        ("How to store it", "enhanced", ["relation"]),
    ):
        assert kinds(page.format(heading, word), fact, title="Zolam", mediatype="text/html") == found


SIDE_BY_SIDE = {
    "has-role": [
        ("Tablets with the blocker zolam are white.", []),
        ("Zolam (a blocker) is white.", []),
        ("Blocker tablets contain zolam.", ["relation"]),
    ],
    "also-known-as": [
        ("Is zolam (blockers) safe?", []),
        ("Do not take blockers (zolam).", []),
        ("Take blockers (zolam or bexol).", ["relation"]),
        ("Take zolam (with blockers).", ["relation"]),
    ],
    "is-a-type-of": [
        ("Do not take blockers (zolam or bexol).", []),
        ("Take blockers (without zolam or bexol).", ["relation"]),
        ("Examples of blockers are bexol and zolam.", []),
        ("Examples of blockers do not include zolam.", ["negation"]),
        ("Zolam and bexol \u2013 blockers used in asthma.", []),
        ("Zolam, bexol \u2013 blockers used in asthma.", ["relation"]),
        ("Zolam; bexol and fever \u2013 blockers used in asthma.", ["relation"]),
    ],
}


@pytest.mark.parametrize(
    ("predicate", "sentence", "found"), [(name, *case) for name, listed in SIDE_BY_SIDE.items() for case in listed]
)
def test_names_classes_and_kinds_stand_beside_what_they_name(predicate: str, sentence: str, found: list[str]) -> None:
    assert set(kinds(sentence, {"subject": "zolam", "predicate": predicate, "object": "blockers"})) == set(found)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("zolam, monolam, or trilam (used to treat asthma)", []),
        ("zolam or trilam (used to treat asthma)", []),
        ("zolam, trilam (used to treat asthma)", ["relation"]),
        ("zolam, and an old medicine (used to treat asthma)", ["relation"]),
        ("zolam for fever, or trilam (used to treat asthma)", ["relation"]),
        ("zolam with bexol (used to treat asthma)", ["relation", "restriction"]),
        ("Zolam is used alone or together with other medicines to treat asthma.", []),
        ("Zolam interacts with other medicines to treat asthma.", ["relation"]),
    ],
)
def test_a_bracket_is_about_the_whole_list_that_a_word_joins(words: str, found: list[str]) -> None:
    assert kinds(words, {"subject": "zolam", "predicate": "used-to-treat", "object": "asthma"}) == found


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("After taking zolam, some experience fever, nausea and a skin rash.", []),
        ("Patients on zolam, which lowers fever, and nausea are rare.", ["relation"]),
        ("nausea: signs of it may include fever", ["missing", "relation"]),
    ],
)
def test_a_list_of_effects_goes_on_after_its_verb(words: str, found: list[str]) -> None:
    assert kinds(words, {**NAUSEA, "modality": "may"} if found else NAUSEA) == found


@pytest.mark.parametrize(
    ("heading", "words", "found"),
    [
        ("If you take high doses", "You may feel nausea.", []),
        ("If you take high doses", "You may feel fever, nausea and rash.", []),
        ("If you take high doses", "Tell your doctor about nausea.", ["relation"]),
        ("If you take high doses", "Zolam may relieve nausea.", ["relation"]),
        ("How to take high doses", "You may feel nausea.", ["relation"]),
    ],
)
def test_what_may_be_felt_below_a_situation_comes_of_it(heading: str, words: str, found: list[str]) -> None:
    fact = {"subject": "high-doses", "predicate": "leads-to", "object": "nausea", "modality": "may"}
    page = f"<h1>Zolam</h1><h2>{heading}</h2><p>{words}</p>"
    judged = set(kinds(page, fact, title="Zolam", mediatype="text/html"))
    assert judged == set() if not found else judged >= set(found)


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("If you have asthma, talk to a doctor.", []),
        ("If you have asthma, do not talk to a doctor.", ["negation", "relation"]),
        ("If you talk to a doctor, you have asthma.", ["relation"]),
    ],
)
def test_what_a_command_forbids_is_no_advice(sentence: str, found: list[str]) -> None:
    fact = {"subject": "asthma", "predicate": "calls-for", "object": "talk-to-doctor", "modality": "should"}
    assert sorted({*kinds(sentence, fact)} - {"restriction"}) == found


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("Nausea is common (≥ 1/100 to <1/10).", []),
        ("Nausea is common.", ["relation"]),
        ("Nausea is not common (≥ 1/100 to <1/10).", ["negation"]),
    ],
)
def test_a_band_of_frequency_is_that_of_a_side_effect(sentence: str, found: list[str]) -> None:
    assert kinds(sentence, NAUSEA, title="Zolam") == found


def test_numbered_parts_of_a_sentence_are_read_by_themselves() -> None:
    assert kinds(PARTS, {**NAUSEA, "object": "rash"}) == []
    assert kinds(PARTS, NAUSEA) == ["restriction"]
    assert kinds(PARTS, {**NAUSEA, "object": "fever"}) == ["hedge"]


@pytest.mark.parametrize(
    ("words", "fact", "found"),
    [
        ("increased nausea", NAUSEA, []),
        ("reduced nausea", NAUSEA, ["relation"]),
        ("You are at a higher risk of a rash if you have nausea.", NAUSEA, ["relation", "restriction"]),
        ("Other symptoms include nausea.", NAUSEA, ["relation"]),
        ("Most people had risk factors for a skin rash, including nausea.", NAUSEA, ["relation"]),
        ("Illnesses associated with nausea may develop.", NAUSEA, ["relation", "hedge"]),
        ("fever (too much heat), nausea (too much acid)", NAUSEA, []),
        ("a skin reaction (which may cause nausea)", NAUSEA, ["relation", "hedge"]),
        ("a loss of blood which can make nausea worse", {**NAUSEA, "modality": "can"}, ["relation"]),
        ("it can cause nausea", {**NAUSEA, "modality": "can"}, []),
        ("nausea and hospital stays", NAUSEA, []),
    ],
)
def test_an_item_of_side_effects_states_one_only_if_it_says_so(words: str, fact: Mapping[str, object], found: list[str]) -> None:
    page = f"<h1>Zolam</h1><p>Side effects of zolam:</p><ul><li>{words}</li></ul>"
    assert kinds(page, fact, title="Zolam", mediatype="text/html") == found


def test_an_item_that_is_a_condition_for_taking_a_medicine_is_no_effect() -> None:
    page = "<h1>Zolam</h1><h2>{}</h2><p>Tell your doctor if you:</p><ul><li>suffer from nausea</li></ul>"
    assert kinds(page.format("Before taking zolam"), NAUSEA, title="Zolam", mediatype="text/html") == ["relation"]
    assert kinds(page.format("Side effects"), NAUSEA, title="Zolam", mediatype="text/html") == []


def test_a_clause_that_narrows_a_contraindication_is_a_restriction() -> None:
    fact = {"subject": "zolam", "predicate": "contraindicated-in", "object": "asthma"}
    assert kinds("Do not take zolam if you have asthma which needs oxygen.", fact) == ["restriction"]
    assert kinds("Do not take zolam if you have asthma, which needs care.", fact) == []
    children = {**fact, "object": "children"}
    assert kinds("Zolam must not be given to children weighing less than 45 kg.", children) == ["restriction"]
    assert kinds("Zolam must not be given to children.", children) == []
    baby = "If you are pregnant, think you may be pregnant or plan to have a baby, do not take zolam if you have asthma."
    assert "hedge" not in kinds(baby, fact)


def test_a_condition_that_is_the_subject_of_an_advice_restricts_nothing() -> None:
    fact = {"subject": "asthma", "predicate": "calls-for", "object": "talk-to-doctor", "modality": "should"}
    assert kinds("If you have asthma, you should talk to a doctor.", fact) == []
    assert kinds("If you have asthma at night, you should talk to a doctor.", fact) == ["restriction"]


def test_an_illness_for_which_a_treatment_is_given_restricts_an_effect() -> None:
    assert kinds("Nausea can occur during treatment with zolam for asthma.", {**NAUSEA, "modality": "can"}) == ["restriction"]
    assert kinds("Nausea can occur during treatment with zolam.", {**NAUSEA, "modality": "can"}) == []
    assert kinds(
        "Fever occurs during treatment with zolam.", {"subject": "zolam", "predicate": "used-to-treat", "object": "fever"}
    )


@pytest.mark.parametrize("line", ["V8", "EN 2021-04"])
def test_a_line_of_every_page_cuts_no_list(line: str) -> None:
    page = (
        f"Zolam{{0}}Very common (may affect more than 1 in 10 people):{{0}}- fever{{0}}{line}{{0}}- nausea{{0}}{line}{{0}}{line}"
    )
    base, text = base_of(page.format("\n\n"), title="Zolam")
    sentences = base.documents["leaflet"].sentences
    above = {text.words[one.start : one.end]: names for one in sentences for names in [find_contexts(sentences, text)[one.id]]}
    assert above["nausea"] == above["fever"] != ()


def test_a_medicine_named_with_its_use_is_used_for_that() -> None:
    page = "<p>Tell your doctor if you take:</p><ul><li>{}</li></ul>"
    fact = {"subject": "zolam", "predicate": "used-to-treat", "object": "asthma"}
    assert kinds(page.format("zolam for asthma"), fact, mediatype="text/html") == []
    assert kinds(page.format("certain medicines to treat asthma (e.g. bexol, zolam)"), fact, mediatype="text/html") == []
    assert kinds("Interrupt zolam for asthma.", fact) == ["relation"]
    assert kinds("Tell your doctor if you take zolam (a medicine for asthma).", fact) == []
    uses = "<h1>Zolam</h1><p>Zolam is used to treat illnesses caused by cold air, which include:</p><ul><li>asthma</li></ul>"
    assert kinds(uses, fact, title="Zolam", mediatype="text/html") == []
    effects = "<h1>Zolam</h1><p>Zolam is used to treat fever, and has these side effects:</p><ul><li>asthma</li></ul>"
    assert kinds(effects, fact, title="Zolam", mediatype="text/html") == ["relation"]


def test_a_strength_is_mentioned_whatever_else_is_said() -> None:
    fact = {"subject": "zolam", "predicate": "mentioned-in-strength", "object": "zolam-2mg"}
    assert kinds("Zolam 2 mg must not be given to children.", fact) in ([], ["restriction"])


def test_names_that_begin_alike_are_found_as_fast_as_few() -> None:
    seconds = []
    for count in (100, 30_000):
        base, _ = base_of("Zolam causes fever number 12.")
        terms = {f"fever-{number}": Term(f"fever-{number}", "symptom", f"fever number {number}", "") for number in range(count)}
        lexicon = Lexicon(base._replace(terms=terms))
        lexicon.find_terms(TokenisedSentence(read_words("s1.0", "Fever number 1.", 0, "en")))  # it indexes the names
        start = time.process_time()
        for number in range(300):
            words = read_words("s1.1", f"Fever number {number % 100} leads to fever number 7.", 0, "en")
            assert len(lexicon.find_terms(TokenisedSentence(words))) == 2
        seconds.append(time.process_time() - start)
    assert seconds[1] < 5 * seconds[0] + 0.05


# A fact on a conditional: subject, predicate, object, its modality, and whether the sentence states it.
CONDITIONALS = [
    ("asthma calls-for talk-to-doctor should", "If you have asthma, talk to a doctor.", True),
    ("asthma calls-for talk-to-doctor should", "Talk to a doctor if you have asthma.", True),
    ("asthma calls-for talk-to-doctor should", "If you have asthma or take a lot of bexol, talk to a doctor.", True),
    ("fever calls-for talk-to-doctor should", "If you get nausea, fever or a skin rash, talk to a doctor.", True),
    ("fever calls-for talk-to-doctor should", "However, if you accidentally get fever, talk to a doctor.", True),
    ("fever calls-for talk-to-doctor should", "If you have any of these: fever, talk to a doctor.", True),
    ("asthma calls-for talk-to-doctor should", "If you have severe asthma, talk to a doctor.", False),
    ("asthma calls-for talk-to-doctor should", "If you have asthma while taking bexol, talk to a doctor.", False),
    ("asthma calls-for talk-to-doctor should", "If you have asthma and a fever, talk to a doctor.", False),
    ("asthma calls-for talk-to-doctor should", "If you have asthma, do not talk to a doctor.", False),
    ("asthma calls-for talk-to-doctor should", "If you have fever, talk to a doctor; if you have asthma, stop zolam.", False),
    ("asthma calls-for talk-to-doctor should", "If you have asthma, stop zolam, and if you have fever, talk to a doctor.", False),
    ("asthma calls-for talk-to-doctor should", "If you have asthma within 3 days, talk to a doctor.", False),
    ("zolam calls-for talk-to-doctor should", "If you stop bexol or zolam, talk to a doctor.", False),
    ("asthma calls-for talk-to-doctor should", "If you have asthma, your wife can talk to a doctor.", False),
    ("fever leads-to nausea may", "If you have fever, nausea may occur.", True),
    ("fever leads-to nausea may", "You may get nausea if you have fever.", True),
    ("fever causes nausea may", "If you have fever it may cause nausea.", True),
    ("stopping leads-to nausea may", "If you are stopping zolam, you may feel sick (nausea).", True),
    ("fever leads-to nausea is", "If you have fever, nausea may occur.", False),
    ("fever leads-to nausea may", "If you have fever, zolam may cause nausea.", False),
    ("fever leads-to nausea may", "If you have fever, your doctor may treat you for sickness (nausea).", False),
    ("fever leads-to nausea may", "If you have fever and take bexol, nausea may occur.", False),
    ("fever leads-to nausea may", "If you do not have fever, nausea may occur.", False),
    ("nausea leads-to fever may", "If you have fever, nausea may occur.", False),
    ("zolam leads-to nausea may", "If you stop zolam, nausea may occur.", False),
    ("zolam leads-to nausea may", "If you stop taking bexol or zolam, nausea may occur.", False),
    ("fever leads-to nausea may", "If you have fever, stop zolam because nausea may occur.", False),
    ("fever leads-to nausea may", "If you have fever, nausea may be treated with bexol.", False),
    ("fever causes nausea may", "You may get nausea if you have fever at night.", False),
    ("asthma can-have nausea can", "If you have asthma you can have nausea.", True),
    ("asthma can-have nausea can", "If you have asthma, zolam can have effects such as nausea.", False),
    ("asthma has-risk nausea is", "If you have asthma, zolam has a risk of nausea.", False),
    ("zolam reduces fever may", "If you take zolam, fever may be reduced.", True),
    ("zolam enhances-effects-of bexol may", "If you take zolam, the effect of bexol may be enhanced.", True),
    ("zolam reduces fever may", "If you take zolam, fever may be increased.", False),
    ("zolam reduces fever may", "If you take zolam, fever may be reduced by bexol.", False),
    ("zolam reduces fever may", "If you stop zolam, fever may be reduced.", False),
    ("zolam reduces bexol may", "If you take zolam, the dose of bexol may be reduced.", False),
    ("zolam reduces fever may", "If you take zolam, fever should be reduced.", False),
    ("zolam reduces serotonin may", "If you take zolam, bexol may cause less serotonin.", False),
    ("zolam increases serotonin may", "If you take zolam, there may be less serotonin.", False),
    ("bexol enhances-effects-of zolam may", "If you take zolam, the effect of bexol may be enhanced.", False),
]


@pytest.mark.parametrize(
    ("fact", "sentence", "is_stated"), CONDITIONALS, ids=lambda value: value if isinstance(value, str) else ""
)
def test_the_main_clause_says_something_of_what_the_if_clause_names(fact: str, sentence: str, *, is_stated: bool) -> None:
    assert bool(kinds(sentence, parse_claim(fact))) != is_stated


# A fact, a sentence of several clauses or phrases, and whether the one about the fact states it.
CLAUSES = [
    ("zolam enhances-effects-of bexol can", "Zolam can increase the effect of bexol and you should not drive.", True),
    ("zolam has-side-effect nausea may", "Zolam may cause nausea and you should not drive.", True),
    ("zolam has-side-effect nausea is", "Zolam causes fever and you may get nausea.", False),
    ("zolam has-side-effect nausea is", "Zolam causes fever and you will not get nausea.", False),
    ("zolam has-side-effect nausea is polarity=negated", "None of the effects of zolam can cause nausea.", True),
    ("zolam has-side-effect nausea is", "Zolam can cause nausea.", False),
    ("zolam has-side-effect nausea is polarity=negated", "Zolam may not cause nausea.", False),
    ("zolam has-side-effect nausea is polarity=negated", "Zolam can cause nausea.", False),
    ("zolam used-to-treat asthma is", "Zolam is used alone or together with other medicines to treat asthma.", True),
    ("zolam used-to-treat asthma is", "Zolam is used with other medicines to treat asthma.", False),
    ("zolam used-to-treat asthma is", "Zolam interacts with other medicines to treat asthma.", False),
    ("zolam has-drug-class blockers is", "Zolam is one of the blockers to prevent fever.", True),
    ("zolam reduces fever is", "Zolam prevents nausea, lowering fever.", True),
    ("zolam causes nausea is", "Zolam prevents nausea.", False),
    ("zolam has-side-effect nausea is", "Nausea is prevented by zolam.", False),
    ("zolam has-side-effect nausea is", "Zolam prevents fever and nausea.", False),
    ("zolam has-side-effect nausea is", "With zolam, nausea was prevented.", False),
    ("zolam causes nausea is", "Bexol prevents nausea caused by zolam.", False),
    ("zolam causes nausea may", "Zolam must not be taken when you have asthma, as it may cause nausea.", True),
    ("zolam causes nausea may", "When you have asthma, zolam may cause nausea.", False),
    ("zolam causes nausea may", "If you have asthma, stop it, as zolam may cause nausea when taken at night.", False),
    ("zolam causes nausea is", "Zolam causes nausea in children and in fever after bexol.", False),
    ("zolam causes nausea is population=children", "Zolam causes nausea in children and in fever after bexol.", True),
    ("zolam causes nausea is population=children", "Zolam causes nausea in children after bexol and in fever.", False),
    ("zolam causes nausea is population=children", "Zolam causes nausea in fever and in children after bexol.", False),
    ("zolam contraindicated-in asthma is", "Do not take zolam if you have asthma and you are treated with bexol.", False),
    ("zolam causes nausea is", "Zolam causes nausea if you have asthma and you should stop it.", False),
    ("zolam causes nausea is", "Zolam helps in asthma if used at night and it causes nausea.", True),
    ("zolam causes nausea is", "Zolam is used in asthma and it causes nausea if used at night.", False),
    ("zolam causes nausea is", "Zolam causes nausea after the last dose.", False),
    ("zolam causes nausea is", "Taking zolam causes nausea.", True),
    ("zolam causes nausea is", "Zolam causes nausea (feeling sick when nothing else is wrong).", True),
    ("zolam causes nausea is", "Zolam causes nausea (if taken at night).", False),
    ("zolam causes nausea is", "Zolam causes nausea (mild, if taken at night).", False),
    ("zolam contraindicated-in asthma is", "Do not use zolam if you have asthma or you do not use bexol.", True),
    ("zolam contraindicated-in asthma is", "Use zolam if you have asthma or you do not use bexol.", False),
    ("zolam causes nausea is", "Zolam causes nausea in adults and for two weeks after the last dose.", False),
]


@pytest.mark.parametrize(("fact", "sentence", "is_stated"), CLAUSES, ids=lambda value: value if isinstance(value, str) else "")
def test_what_another_clause_denies_hedges_or_restricts_is_not_the_claim(fact: str, sentence: str, *, is_stated: bool) -> None:
    assert bool(kinds(sentence, parse_claim(fact))) != is_stated


# A fact, a text whose last sentence is the evidence, and whether it states the fact.
ADVICE = [
    ("feeling-faint calls-for lie-down should", "Lie down if you feel faint.", True),
    ("feeling-faint calls-for lie-down should", "Do not lie down if you feel faint.", False),
    ("feeling-faint calls-for lie-down should", "Some people lie down if they feel faint.", False),
    ("treatment calls-for avoid-grapefruit should", "Avoid grapefruit during treatment with zolam.", True),
    (
        "treatment calls-for avoid-grapefruit should",
        "Avoid grapefruit during treatment with zolam and for a week after the last dose.",
        True,
    ),
    ("treatment calls-for avoid-grapefruit should", "Avoid grapefruit after the last dose of zolam.", False),
    ("treatment calls-for drink-alcohol should polarity=negated", "Do not drink alcohol during treatment with zolam.", True),
    ("treatment calls-for drink-alcohol should polarity=negated", "Avoid drinking alcohol during treatment with zolam.", True),
    ("treatment calls-for drink-alcohol should", "Avoid drinking alcohol during treatment with zolam.", False),
    ("treatment calls-for drink-alcohol should", "Do not drink alcohol during treatment with zolam.", False),
    ("treatment calls-for drink-alcohol should polarity=negated", "Drink alcohol during treatment with zolam.", False),
    ("treatment calls-for lie-down should", "After the injection, please lie down.", True),
    ("treatment calls-for lie-down should", "If you feel faint, please lie down.", False),
    ("treatment calls-for blood-test should", "Your doctor should do a blood test.", True),
    ("bexol-use calls-for talk-to-doctor should", "Talk to a doctor if you use bexol.", True),
    ("bexol-use calls-for talk-to-doctor should", "Talk to a doctor if you take any other medicines such as bexol.", True),
    ("bexol-use calls-for talk-to-doctor should", "Talk to a doctor if you stop bexol.", False),
    ("bexol-use calls-for talk-to-doctor should", "Talk to a doctor if you are allergic to bexol.", False),
    ("bexol-use calls-for talk-to-doctor should", "Talk to a doctor if you are taking:{0}- fever tablets{0}- bexol", True),
    ("bexol-use calls-for talk-to-doctor should", "Talk to a doctor if you stop taking:{0}- fever tablets{0}- bexol", False),
    ("zolam contraindicated-in bexol-use is", "Do not take zolam if you take medicines called bexol.", True),
    ("zolam contraindicated-in bexol-use is", "Do not take zolam if you have never taken bexol.", False),
    ("zolam contraindicated-in asthma is", "Do not take zolam{0}- if you have fever or a rash, asthma, such as hay fever", True),
    ("zolam contraindicated-in asthma is", "Do not take zolam{0}- if you are allergic to zolam or have asthma", True),
    ("zolam contraindicated-in asthma is", "Do not take zolam{0}- if you have a rash, and you have asthma", False),
    ("zolam contraindicated-in asthma is", "Do not take zolam{0}- if you have asthma while you use bexol", False),
    ("zolam contraindicated-in asthma is", "Don't take zolam if you have asthma.", True),
    ("zolam contraindicated-in asthma is", "Don't stop zolam if you have asthma.", False),
    ("zolam contraindicated-in asthma is", "Do not take zolam if your child has asthma.", True),
    ("zolam contraindicated-in asthma is", "Do not take zolam if you have severe asthma.", False),
    ("asthma calls-for talk-to-doctor should", "Talk to a doctor if you have unstable asthma.", False),
    ("zolam contraindicated-in asthma is", "If you have asthma, do not take zolam without talking to a doctor.", False),
    ("zolam contraindicated-in asthma is", "Preferably, avoid zolam if you have asthma.", False),
    ("zolam contraindicated-in asthma is polarity=negated", "Zolam can be used in asthma.", True),
    ("zolam contraindicated-in asthma is", "Zolam can be used in asthma.", False),
    ("zolam contraindicated-in asthma is polarity=negated", "Zolam cannot be used in asthma.", False),
    ("zolam contraindicated-in asthma is polarity=negated", "Zolam can occur in asthma.", False),
    ("zolam has-side-effect nausea is", "Zolam doesn't cause nausea.", False),
    ("missed calls-for take-next should", "If you forget to take zolam, take the missed dose later.", True),
    ("missed calls-for take-next should", "If you forget to take bexol, take the missed dose later.", False),
    ("missed calls-for take-next should", "If you never forget to take zolam, take the missed dose later.", False),
    ("missed calls-for take-next should", "If you forget a dose, do not take the missed dose later.", False),
    ("missed calls-for take-next should polarity=negated", "If you forget a dose, do not take the missed dose later.", True),
    ("overdose calls-for talk-to-doctor should", "If you have taken too many tablets talk to a doctor.", True),
    ("overdose calls-for talk-to-doctor should", "If you take more zolam than you should, please talk to a doctor.", True),
    ("overdose calls-for talk-to-doctor should", "If you take more bexol than you should, please talk to a doctor.", False),
    ("overdose calls-for talk-to-doctor should", "If you cannot talk to a doctor you have taken too many tablets.", False),
    ("feeling-faint calls-for stop-zolam should", "Stop taking zolam and talk to a doctor if you feel faint.", True),
    ("feeling-faint calls-for talk-to-doctor should", "Stop taking zolam and talk to a doctor if you feel faint.", True),
    ("feeling-faint calls-for take-next should", "Stop taking zolam and talk to a doctor if you feel faint.", False),
    ("asthma calls-for talk-to-doctor should", "If you notice sudden thirst or asthma, talk to a doctor.", True),
    ("asthma calls-for talk-to-doctor should", "If you notice pain from thirst or asthma, talk to a doctor.", False),
    ("asthma calls-for talk-to-doctor should", "If you have stopped tablets for thirst or asthma, talk to a doctor.", False),
    ("fever calls-for talk-to-doctor should", "Talk to a doctor if you get symptoms such as nausea or fever.", True),
    ("fever calls-for get-help should", "Get medical help if you notice:{0}- nausea{0}- fever", True),
    ("fever calls-for get-help should", "Do not get medical help if you notice:{0}- nausea{0}- fever", False),
    ("zolam prevents fever can", "Only zolam can prevent fever.", True),
    ("zolam prevents fever can", "Zolam can only prevent fever at night.", False),
    ("zolam contraindicated-in asthma is", "Do not use zolam if{0}- you have asthma or if you have a fever", True),
    ("zolam contraindicated-in asthma is", "Do not use zolam in{0}- asthma if you have a fever", False),
    ("asthma calls-for talk-to-doctor should", "If you or your child have asthma, talk to a doctor.", True),
    ("asthma calls-for talk-to-doctor should", "Talk to a doctor if the person you care for has asthma.", True),
    ("asthma calls-for talk-to-doctor should", "Talk to a doctor if your mother has asthma.", False),
    ("asthma calls-for talk-to-doctor should", "Talk to a doctor if you or your baby has asthma.", True),
    ("asthma calls-for talk-to-doctor should", "Talk to a doctor if the baby has asthma.", False),
    ("asthma calls-for talk-to-doctor should", "Talk to a doctor if you or your child stop bexol for asthma.", False),
    ("asthma calls-for talk-to-doctor should", "Talk to a doctor if you or your child have severe asthma.", False),
    ("asthma calls-for talk-to-doctor should", "Talk to a doctor if your doctor has told you that you have asthma.", True),
    ("asthma calls-for talk-to-doctor should", "Talk to a doctor if your doctor has told you that you have no asthma.", False),
    ("asthma calls-for talk-to-doctor should", "Talk to a doctor if you have a history of asthma.", True),
    ("asthma calls-for talk-to-doctor should", "Talk to a doctor if you have a family history of asthma.", False),
    ("asthma calls-for talk-to-doctor should", "Talk to a doctor if you have asthma, even if it is mild.", True),
    ("asthma calls-for talk-to-doctor should", "Talk to a doctor if you have had asthma in the past.", True),
    ("asthma calls-for talk-to-doctor should", "Talk to a doctor if you no longer have asthma.", False),
    ("asthma calls-for talk-to-doctor should", "In the past, patients with asthma should talk to a doctor.", False),
    ("asthma calls-for talk-to-doctor should", "Before you take zolam, talk to a doctor if you:{0}- have asthma", True),
    ("asthma calls-for talk-to-doctor should", "Before you take bexol, talk to a doctor if you:{0}- have asthma", False),
    ("asthma calls-for talk-to-doctor should", "Before an operation, talk to a doctor if you:{0}- have asthma", False),
    ("zolam contraindicated-in asthma is", "Do not take zolam if you have had asthma in the past.", True),
    ("zolam contraindicated-in asthma is", "In the past, zolam was not to be used in asthma.", False),
    ("zolam contraindicated-in pregnancy is", "Zolam must not be used during pregnancy.", True),
    ("zolam contraindicated-in pregnancy is", "Zolam must not be used during the last three months of pregnancy.", False),
    ("fever calls-for talk-to-doctor should", "If fever occurs, talk to a doctor.", True),
    ("fever calls-for talk-to-doctor should", "If fever returns, talk to a doctor.", False),
    ("fever calls-for talk-to-doctor should", "Lie down if you get a fever and talk to a doctor.", True),
    ("fever calls-for stop-zolam should", "Stop taking zolam if you get a fever and talk to a doctor.", True),
    ("fever calls-for stop-zolam should", "Stop taking zolam if you get a fever and take bexol.", False),
    ("fever calls-for talk-to-doctor should", "Talk to a doctor without delay if you get a fever.", True),
    ("fever calls-for talk-to-doctor should", "Do without a doctor if you get a fever.", False),
    ("asthma calls-for blood-test may", "Your doctor may do a blood test if you have asthma.", True),
    ("asthma calls-for blood-test should", "Your doctor may do a blood test if you have asthma.", False),
    (
        "overdose calls-for talk-to-doctor should",
        "If you take more zolam than you should If you took too many, talk to a doctor.",
        True,
    ),
    ("overdose calls-for talk-to-doctor should", "If you take more zolam than you should Talk to a doctor.", True),
    (
        "overdose calls-for talk-to-doctor should",
        "If you take more zolam than you should If you have asthma, talk to a doctor.",
        False,
    ),
    (
        "asthma calls-for talk-to-doctor should",
        "If you take more zolam than you should If you have asthma, talk to a doctor.",
        False,
    ),
    ("missed calls-for take-next should", "If you forget to take zolam If you miss a dose, take the missed dose later.", True),
    ("missed calls-for take-next should", "If you forget to take zolam If you have asthma, take the missed dose later.", False),
    ("missed calls-for no-other-dose should", "If you miss a dose or vomit after taking a dose, do not take another dose.", True),
    ("missed calls-for no-other-dose should", "If you miss a dose after a fever, do not take another dose.", False),
    ("missed calls-for no-other-dose should", "If you miss a dose or vomit after taking a dose, take another dose.", False),
    ("feeling-faint calls-for no-driving should", "If zolam makes you feel faint, do not drive until you feel better.", True),
    ("feeling-faint calls-for no-driving should", "If you feel faint, do not drive until these effects have gone away.", True),
    ("feeling-faint calls-for no-driving should", "If bexol makes you feel faint, do not drive until you feel better.", False),
    ("feeling-faint calls-for no-driving should", "If you feel faint, do not drive until you have taken bexol.", False),
    ("feeling-faint calls-for no-driving should", "If you feel faint, drive until you feel better.", False),
    ("feeling-faint calls-for no-driving should", "Do not drive until you feel better.", False),
    ("feeling-faint calls-for lie-down should", "If you feel faint or that you might fall, lie down.", True),
    ("feeling-faint calls-for lie-down should", "If you feel faint, you might lie down.", False),
    ("pregnancy calls-for talk-to-doctor should", "If you are pregnant, think you may be or plan it, talk to a doctor.", True),
    (
        "pregnancy calls-for talk-to-doctor should",
        "If you are not pregnant, think you may be or plan it, talk to a doctor.",
        False,
    ),
    ("asthma calls-for dose-change may", "A change of dose may be necessary in patients with: asthma, nausea.", True),
    ("asthma calls-for dose-change may", "A change of dose may be necessary in patients with: severe asthma, nausea.", False),
    (
        "asthma calls-for dose-change may",
        "A change of dose may be necessary in patients with fever who take bexol for asthma.",
        False,
    ),
    (
        "treatment calls-for birth-control should population=women-able",
        "Tell us if you:{0}- are pregnant. Women who can become pregnant should use birth control during treatment with zolam.",
        True,
    ),
    (
        "treatment calls-for birth-control should",
        "Tell us if you:{0}- are pregnant. Women who can become pregnant should use birth control during treatment with zolam.",
        False,
    ),
    (
        "treatment calls-for birth-control should population=women-able",
        "Tell us if you:{0}- are pregnant. Men should use birth control during treatment with zolam.",
        False,
    ),
    ("asthma calls-for ask-before should", "Ask your doctor or nurse before taking zolam if you:{0}- have asthma", True),
    ("asthma calls-for ask-before should", "Ask your doctor or nurse after taking zolam if you:{0}- have asthma", False),
    ("asthma calls-for ask-before should", "Ask your doctor or nurse before taking zolam if you:{0}- have severe asthma", False),
    ("fever calls-for talk-to-doctor should", "Talk to a doctor if you have any new symptoms, including:{0}- fever", True),
    (
        "fever calls-for talk-to-doctor should",
        "Talk to a doctor if you take bexol, and get symptoms, including:{0}- fever",
        False,
    ),
    ("bexol-use calls-for talk-to-doctor should", "Talk to a doctor if you take any other medicines. Above all:{0}- bexol", True),
    (
        "bexol-use calls-for talk-to-doctor should",
        "Talk to a doctor if you stop any other medicines. Above all:{0}- bexol",
        False,
    ),
    ("bexol-use calls-for talk-to-doctor should", "Talk to a doctor if you take or might take:{0}- bexol", True),
    ("bexol-use calls-for talk-to-doctor should", "Talk to a doctor if you take or cannot take:{0}- bexol", False),
    ("zolam interacts-with bexol may", "Tell your doctor if you had an operation as zolam may interact with bexol.", True),
    ("zolam interacts-with bexol may", "Tell your doctor if you had an operation if zolam may interact with bexol.", False),
    ("zolam causes nausea may", "Tell your doctor if you have asthma because zolam may cause nausea if you are old.", False),
    ("zolam causes nausea may", "Tell your doctor as zolam may cause nausea if you have asthma.", False),
    ("zolam reduces fever may", "If you or your child take zolam, it is possible that fever is reduced.", True),
    ("zolam reduces fever may", "If you or your child stop zolam, it is possible that fever is reduced.", False),
]


@pytest.mark.parametrize(("fact", "text", "is_stated"), ADVICE, ids=lambda value: value if isinstance(value, str) else "")
def test_advice_is_told_from_its_reverse_and_from_that_of_another_case(
    fact: str, text: str, *, is_stated: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = {
        "feeling-faint": ("symptom", "feeling faint"),
        "lie-down": ("action", "lying down"),
        "treatment": ("situation", "treatment with zolam"),
        "avoid-grapefruit": ("action", "avoiding grapefruit"),
        "drink-alcohol": ("action", "drinking alcohol"),
        "blood-test": ("action", "blood test"),
        "bexol-use": ("situation", "use of bexol"),
        "missed": ("situation", "missed dose"),
        "overdose": ("situation", "overdose"),
        "take-next": ("action", "taking the missed dose later"),
        "stop-zolam": ("action", "stopping zolam"),
        "get-help": ("action", "getting medical help"),
        "no-driving": ("action", "not driving"),
        "no-other-dose": ("action", "not taking another dose"),
        "ask-before": ("action", "asking the doctor before taking zolam"),
        "dose-change": ("action", "change of dose"),
        "pregnancy": ("condition", "pregnancy"),
        "birth-control": ("action", "using birth control"),
        "women-able": ("population", "women who can become pregnant"),
    }
    monkeypatch.setattr(f"{__name__}.TERMS", {**TERMS, **more})
    assert bool(kinds(text.format("\n\n"), parse_claim(fact), title="Zolam")) != is_stated


# A text, and whether its second to last and last sentence together say that asthma calls for talking to a doctor.
REFERRING = [
    ("If you have asthma. If this is the case, talk to a doctor.", True),
    ("You may get asthma. If this happens, talk to a doctor.", True),
    ("You may get asthma and a fever. If you notice any of these, talk to a doctor.", True),
    ("Tell us:{0}- if you have asthma. Talk to a doctor first.", True),
    ("Tell us:{0}- if you have asthma{0}If any of the above apply to you, or if you are not sure, talk to a doctor.", True),
    ("Talk to a doctor if you notice any of these symptoms during treatment:{0}- asthma", True),
    ("You may get asthma. In this case, talk to a doctor.", True),
    ("You may get asthma. If you are affected, talk to a doctor.", True),
    ("You may get asthma. In case of fever, talk to a doctor.", False),
    ("If you have severe asthma. If this is the case, talk to a doctor.", False),
    ("If you have asthma and take bexol. If this is the case, talk to a doctor.", False),
    ("If you have asthma. If you also get a fever, talk to a doctor.", False),
    ("If you have asthma. If this is the case, do not talk to a doctor.", False),
    ("If you have asthma. If this is not the case, talk to a doctor.", False),
    ("You may get asthma. If this happens at night, talk to a doctor.", False),
    ("You may get asthma. If you take this medicine, talk to a doctor.", False),
    ("You may get asthma. Talk to a doctor if it gets worse.", False),
    ("If you have asthma, take zolam. Talk to a doctor first.", False),
    ("Talk to a doctor if you take bexol and notice any of these symptoms:{0}- asthma", False),
]


@pytest.mark.parametrize(("text", "is_stated"), REFERRING, ids=lambda value: value if isinstance(value, str) else "")
def test_advice_can_refer_to_the_case_that_another_sentence_names(text: str, *, is_stated: bool) -> None:
    words = text.format("\n\n") + "\n"
    ids = [one.id for one in base_of(words)[0].documents["leaflet"].sentences][-2:]
    fact = {**parse_claim("asthma calls-for talk-to-doctor should"), "evidence": [{"sentence": name} for name in ids]}
    assert bool(kinds(words, fact, title="Zolam")) != is_stated


def test_a_pronoun_for_one_thing_refers_to_the_sentence_right_before() -> None:
    fact = parse_claim("asthma calls-for talk-to-doctor should")
    for words, found in (("If this is the case", ["restriction", "restriction"]), ("If you have any of these", [])):
        text = f"If you have asthma. Some people had a fever. {words}, talk to a doctor."
        assert kinds(text, {**fact, "evidence": [{"sentence": "s1.1"}, {"sentence": "s1.3"}]}, title="Zolam") == found


ADVICE_BEFORE_ITEMS = [
    # lead-in, item, whether it advises to talk to a doctor about a rash
    ("If you notice any of the following, talk to a doctor at once:", "skin rash", True),
    ("Stop zolam and talk to a doctor if you get:", "skin rash", True),
    ("Talk to a doctor if:", "you have a skin rash", True),
    ("Do not talk to a doctor if you get:", "skin rash", False),
    ("If you take bexol, talk to a doctor if you get:", "skin rash", False),
    ("Stop taking zolam if you get:", "skin rash", False),
    ("Talk to a doctor if:", "you have a severe skin rash", False),
]


@pytest.mark.parametrize(("lead_in", "item", "is_stated"), ADVICE_BEFORE_ITEMS)
def test_a_lead_in_advises_what_to_do_about_its_items(lead_in: str, item: str, *, is_stated: bool) -> None:
    fact = {"subject": "rash", "predicate": "calls-for", "object": "talk-to-doctor", "modality": "should"}
    assert bool(kinds(f"{lead_in}\n\n- {item}\n", fact, title="Zolam")) != is_stated


@pytest.mark.parametrize(
    ("heading", "lead_in", "item", "is_stated"),
    [
        ("Other medicines and zolam", "Tell your doctor if you are taking any of these:", "bexol", True),
        ("Other medicines and zolam", "Tell your doctor if you take:", "tablets used to help you sleep, such as bexol", True),
        ("Other medicines and zolam", "Zolam may modify the activity of:", "bexol", True),
        ("Other medicines and zolam", "Zolam does not affect how these work, also if you take:", "bexol", False),
        ("Other medicines and zolam", "Zolam contains:", "bexol", False),
        ("How to take zolam", "Tell your doctor if you are taking any of these:", "bexol", False),
    ],
)
def test_medicines_to_be_told_of_can_interact(heading: str, lead_in: str, item: str, *, is_stated: bool) -> None:
    fact = {"subject": "zolam", "predicate": "interacts-with", "object": "bexol", "modality": "may"}
    assert bool(kinds(f"2. {heading}\n\n{lead_in}\n\n- {item}\n", fact, title="Zolam")) != is_stated


@pytest.mark.parametrize(
    ("lead_in", "item", "is_stated"),
    [
        ("Do not take zolam if you take medicines to treat:", "Asthma (e.g. bexol)", True),
        ("Tell your doctor if you are taking a medicine used to treat:", "Asthma, such as bexol", True),
        ("Do not take zolam to treat:", "Asthma (e.g. bexol)", False),
        ("Do not take zolam if you take medicines that can worsen:", "Asthma (e.g. bexol)", False),
        ("Do not take zolam if you take medicines to treat:", "Fever (e.g. bexol), asthma", False),
    ],
)
def test_an_example_of_an_item_treats_what_the_item_names(lead_in: str, item: str, *, is_stated: bool) -> None:
    fact = {"subject": "bexol", "predicate": "used-to-treat", "object": "asthma"}
    assert bool(kinds(f"{lead_in}\n\n- {item}\n", fact, title="Zolam")) != is_stated
    assert kinds(f"{lead_in}\n\n- {item}\n", {**fact, "subject": "zolam"}, title="Zolam")


@pytest.mark.parametrize(
    ("heading", "item", "found"),
    [
        ("What you need to know before your child receives zolam", "your child has asthma", []),
        ("What you need to know before your child receives zolam", "your child has severe asthma", ["restriction"]),
        ("What you need to know before you take zolam", "children have asthma", ["restriction"]),
    ],
)
def test_your_child_is_the_patient_where_a_leaflet_addresses_parents(heading: str, item: str, found: list[str]) -> None:
    fact = {"subject": "zolam", "predicate": "contraindicated-in", "object": "asthma"}
    assert kinds(f"2. {heading}\n\nDo not use zolam if\n\n- {item}\n", fact, title="Zolam") == found


@pytest.mark.parametrize(
    ("predicate", "sentence", "found"),
    [
        ("contraindicated-in", "Do not take zolam if you have asthma.", []),
        ("contraindicated-in", "Do not take zolam if you have active asthma.", ["restriction"]),
        ("used-to-treat", "Zolam is used to treat asthma.", []),
        ("used-to-treat", "Zolam is used to treat certain types of asthma.", ["restriction"]),
    ],
)
def test_words_before_an_illness_narrow_it(predicate: str, sentence: str, found: list[str]) -> None:
    assert kinds(sentence, {"subject": "zolam", "predicate": predicate, "object": "asthma"}) == found


def test_what_a_lead_in_says_of_the_topic_does_not_restrict_what_is_said_of_another() -> None:
    fact = {"subject": "fever", "predicate": "causes", "object": "nausea", "modality": "can"}
    adults = "Zolam is used in children:\n\n- to prevent fever. Fever can cause nausea.\n"
    assert not kinds(adults, fact, title="Zolam")
    assert kinds("In children:\n\n- fever. Fever can cause nausea.\n", fact, title="Zolam") == ["restriction"]
    assert kinds(adults.replace("Fever can", "Zolam can"), {**fact, "subject": "zolam"}, title="Zolam") == ["restriction"]


INHERITED = [
    ("zolam has-side-effect nausea is", "Stop taking zolam if you develop the following side effects:{0}- nausea", True),
    ("zolam has-side-effect nausea is", "Zolam does not have the following side effects:{0}- nausea", False),
    ("zolam has-side-effect nausea is", "Stop taking zolam before the operation if you have these:{0}- nausea", False),
    ("zolam has-side-effect nausea may", "Zolam may have the following side effects:{0}- new or worsening nausea", True),
    ("zolam has-side-effect nausea may", "Zolam may have the following side effects:{0}- what is worsening nausea", False),
    ("zolam used-to-treat asthma is", "Zolam is used:{0}- to reduce the signs and symptoms of:\n  - asthma", True),
    ("zolam used-to-treat asthma is", "Zolam is not used:{0}- to reduce the signs and symptoms of:\n  - asthma", False),
    ("zolam used-to-treat asthma is", "Zolam is tested:{0}- to reduce the signs and symptoms of:\n  - asthma", False),
    ("asthma can-have fever is", "Zolam may cause:{0}- asthma. Signs of asthma include:\n  - fever", True),
    ("asthma can-have fever is", "Zolam may cause:{0}- asthma. Signs of asthma may include:\n  - fever", False),
    ("zolam has-side-effect fever is", "Zolam may cause side effects:{0}- asthma. Side effects include:\n  - fever", False),
    ("zolam has-side-effect nausea is", "These side effects are known if you take zolam:{0}- nausea", True),
    ("zolam has-side-effect nausea is", "Side effects of zolam when used with bexol include:{0}- nausea", False),
    ("zolam has-side-effect nausea is", "The side effects in people taking zolam for asthma are:{0}- nausea", False),
    ("zolam contraindicated-in asthma is", "Do not take zolam{0}- if you have asthma", True),
    ("zolam contraindicated-in asthma is", "Do not take zolam{0}- if you have asthma and you are treated with bexol", False),
    ("fever causes nausea can", "Nausea can be caused by:{0}- fever, tiredness or high doses", True),
    ("fever causes nausea can", "Nausea can be caused by:{0}- fever at high doses", False),
    ("bexol interacts-with zolam may", "2. Other medicines and zolam{0}Tell us if you use:{0}- tablets such as bexol", True),
    (
        "bexol interacts-with zolam may",
        "2. Other medicines and zolam{0}If you use those listed below, ask a nurse. She may give you another:{0}- bexol",
        True,
    ),
    ("bexol interacts-with zolam may", "2. Other medicines and zolam{0}Zolam contains:{0}- bexol", False),
    ("bexol interacts-with zolam may", "2. Other medicines and zolam{0}Zolam can be used if you take:{0}- bexol", False),
    ("bexol interacts-with zolam may", "2. How to take zolam{0}Tell us if you use:{0}- bexol", False),
]


@pytest.mark.parametrize(("fact", "text", "is_stated"), INHERITED, ids=lambda value: value if isinstance(value, str) else "")
def test_items_inherit_from_the_lead_in_that_is_about_them(fact: str, text: str, *, is_stated: bool) -> None:
    assert bool(kinds(text.format("\n\n") + "\n", parse_claim(fact), title="Zolam")) != is_stated


MORE_TERMS = {
    "kinase": ("substance", "sunkinase"),
    "injection": ("event", "injection"),
    "death": ("outcome", "death"),
    "gout": ("condition", "gout"),
    "sedatives": ("drug-class", "sedative"),
    "dorol": ("drug", "dorol"),
    "adults": ("population", "adults"),
    "dogs": ("population", "dogs"),
}
REACHING = [
    # a fact, a text with the evidence in its last sentence, and whether it states the fact
    (
        "zolam inhibits kinase is",
        "By blocking the action of an enzyme (called sunkinase), zolam can reduce fever in adults.",
        True,
    ),
    ("zolam inhibits kinase is", "Zolam, by blocking sunkinase, can reduce fever in children.", True),
    ("zolam inhibits kinase is", "By possibly blocking sunkinase, zolam can reduce fever.", False),
    ("zolam inhibits kinase is", "By not blocking sunkinase, zolam can reduce fever.", False),
    ("zolam inhibits kinase is", "By blocking sunkinase in children, zolam reduces fever.", False),
    ("zolam inhibits kinase is", "By blocking fever, zolam can reduce sunkinase.", False),
    ("zolam inhibits kinase is", "By blocking sunkinase, bexol can reduce the effect of zolam.", False),
    ("zolam reduces fever is", "By blocking sunkinase, zolam can reduce fever.", False),
    ("zolam inhibits kinase is", "Zolam is a selective sunkinase inhibitor.", True),
    ("bexol inhibits kinase is", "Zolam interacts with the sunkinase inhibitor bexol.", True),
    ("zolam inhibits kinase is", "Zolam interacts with the sunkinase inhibitor bexol.", False),
    ("zolam inhibits kinase is", "Zolam is not a sunkinase inhibitor.", False),
    ("zolam inhibits kinase is", "Zolam is used with a sunkinase inhibitor.", False),
    ("zolam inhibits kinase is", "It attaches to sunkinase and blocks it, so that cells rest.", True),
    ("zolam inhibits kinase is", "It attaches to sunkinase and does not block it.", False),
    ("zolam inhibits kinase is", "It attaches to sunkinase, and bexol blocks it.", False),
    (
        "bexol inhibits kinase is",
        "Tell us if you are given treatment that blocks what is known as sunkinase, such as bexol.",
        True,
    ),
    ("bexol inhibits kinase is", "Tell us if you are given treatment that can block sunkinase, such as bexol.", False),
    ("zolam inhibits kinase is", "Tell us if you are given treatment that blocks sunkinase, such as bexol.", False),
    ("injection causes nausea can", "Nausea can occur as a response to any injection.", True),
    ("injection causes nausea can", "Nausea can be the consequence of an injection.", True),
    ("nausea causes injection can", "Nausea can occur as a response to any injection.", False),
    ("injection causes nausea can", "An injection can be given as a response to nausea.", False),
    ("asthma leads-to death can", "Zolam may cause severe asthma during treatment that can lead to death.", True),
    ("asthma leads-to death is", "Zolam may cause severe asthma during treatment that can lead to death.", False),
    ("asthma leads-to death can", "Zolam may cause asthma during fever that can lead to death.", False),
    ("zolam has-side-effect nausea can", "Zolam can cause these side effects:{0}- nausea, sometimes with fever", True),
    ("zolam has-side-effect fever can", "Zolam can cause these side effects:{0}- nausea, sometimes with fever", False),
    ("zolam has-side-effect nausea can", "Zolam can cause these side effects:{0}- nausea, sometimes at night", False),
    ("zolam causes nausea is", "Nausea occurs, sometimes with zolam.", False),
    ("bexol used-to-treat asthma is", "These may include zolam and drugs called bexol, used to treat asthma.", True),
    ("zolam used-to-treat asthma is", "These may include zolam and drugs called bexol, used to treat asthma.", False),
    ("bexol used-to-treat asthma is", "Zolam is taken with bexol, sometimes used to treat asthma.", False),
    ("bexol used-to-treat asthma is", "Zolam is taken with bexol, used to treat asthma in children.", False),
    ("zolam has-drug-class blockers is", "Zolam, a blocker for asthma caused by what other blockers do not stop, is new.", True),
    ("zolam has-drug-class blockers is", "Zolam, a blocker for asthma that does not respond to other blockers, is new.", True),
    ("zolam has-drug-class blockers is", "Zolam, not a blocker, is for asthma that blockers worsen.", False),
    ("asthma can-have fever is", "Asthma is a condition in which patients have fever.", True),
    ("asthma can-have fever is", "Asthma is a condition in which some patients have fever.", False),
    ("asthma can-have fever is", "Asthma is a condition in which children have fever.", False),
    ("zolam inhibits kinase is", "Zolam blocks the sunkinase of the vaccinated person.", True),
    ("zolam inhibits kinase is", "Zolam blocks the sunkinase of vaccinated children.", False),
    ("zolam inhibits kinase is", "Zolam blocks the sunkinase of the treated person with asthma.", False),
    ("asthma can-have fever can", "Zolam may cause asthma. Symptoms can include: fever, nausea.", True),
    ("asthma can-have fever can", "Zolam may cause asthma and gout. Symptoms can include: fever, nausea.", False),
    ("zolam has-side-effect fever can", "Zolam may cause asthma. Symptoms can include: fever, nausea.", False),
    (
        "blockers used-to-treat asthma is",
        "Zolam is one of a group called blockers. These medicines are used to treat asthma.",
        True,
    ),
    ("blockers used-to-treat asthma is", "Zolam is one of a group called blockers. These medicines may treat asthma.", False),
    (
        "blockers used-to-treat asthma is",
        "Zolam is one of the blockers, no sedative. These medicines are used to treat asthma.",
        False,
    ),
    ("kinase causes fever can", "Zolam blocks the enzyme sunkinase. This enzyme can cause fever.", True),
    ("asthma causes fever can", "Zolam is used to treat asthma and gout. This condition can cause fever.", False),
    ("zolam used-to-treat asthma is", "Zolam is a drug. It is taken to lower fever. It is used to treat asthma.", True),
    ("zolam used-to-treat asthma is", "Zolam is a drug. Bexol is taken to lower fever. It is used to treat asthma.", False),
    (
        "zolam used-to-treat nausea is condition=asthma",
        "Zolam treats nausea (an upset) caused by asthma, certain drugs, gout or fever.",
        True,
    ),
    ("zolam used-to-treat asthma is", "Zolam treats nausea (an upset) caused by asthma, certain drugs, gout or fever.", False),
    ("zolam increases fever may", "Fever may rise while you are taking zolam.", True),
    ("zolam increases fever may", "Fever may rise while you stop taking zolam.", False),
    ("zolam reduces fever may", "Fever may rise while you are taking zolam.", False),
    ("zolam increases fever can", "Zolam can make your fever go up.", True),
    ("zolam increases fever can", "Zolam can make asthma worse when fever goes up.", False),
    ("zolam increases fever can", "Zolam cannot make your fever go up.", False),
    ("zolam inhibits kinase is", "Zolam stops sunkinase from acting.", True),
    ("zolam inhibits kinase is", "Zolam stops bexol from acting on sunkinase.", False),
    ("zolam causes asthma is", "Zolam causes asthma, particularly in people who smoke.", True),
    ("zolam causes asthma is", "Zolam causes asthma in people who smoke.", False),
    ("zolam interacts-with bexol can", "Zolam can reduce the level of bexol in the blood.", True),
    ("zolam interacts-with bexol can", "Zolam and bexol can reduce the level of sugar.", False),
    ("zolam interacts-with bexol can", "Zolam can reduce the level of sugar in people who take bexol.", False),
    ("bexol has-drug-class blockers is", "Zolam contains dorol and bexol. Both belong to the blockers.", True),
    ("bexol reduces fever may", "Zolam contains dorol and bexol. Both medicines may lower fever.", True),
    ("bexol reduces fever is", "Zolam contains dorol and bexol. Both medicines may lower fever.", False),
    ("zolam has-drug-class blockers is", "Zolam contains dorol and bexol. Both belong to the blockers.", False),
    ("bexol has-drug-class blockers is", "Zolam contains dorol, not bexol. Both belong to the blockers.", False),
    ("bexol has-drug-class blockers is", "Zolam contains dorol. Both belong to the blockers.", False),
    ("asthma causes fever is", "Asthma is common in adults. The disease causes fever.", True),
    ("asthma causes fever is", "Asthma is like gout. The disease causes fever.", False),
    ("asthma causes fever is", "Asthma is common in adults. The medicine causes fever.", False),
    ("bexol causes fever is", "Bexol is a drug. The medicine causes fever.", False),
    ("asthma calls-for talk-to-doctor should", "Talk to a doctor:{0}- if you have fever, asthma or gout", True),
    ("gout calls-for talk-to-doctor should", "Talk to a doctor:{0}- if you have fever, or have a gout", True),
    ("asthma calls-for talk-to-doctor should", "Talk to a doctor:{0}- if you have fever, asthma and gout", False),
    ("asthma calls-for talk-to-doctor should", "Talk to a doctor:{0}- if you have fever, severe asthma or gout", False),
    ("asthma calls-for talk-to-doctor should", "Talk to a doctor:{0}- if you have fever, or do not have asthma", False),
    ("asthma calls-for talk-to-doctor should", "Talk to a doctor:{0}- if you have fever, or if bexol lowers your asthma", False),
    ("asthma calls-for talk-to-doctor should", "Talk to a doctor:{0}- if you are ill, and have fever, or asthma", False),
    ("zolam causes fever may", "Ask:{0}- if you have fever, as zolam may induce or worsen this condition.", True),
    ("zolam causes fever may", "Ask if you have fever, because zolam may cause or worsen it.", True),
    ("zolam causes fever is", "Ask if you have fever, because zolam may cause or worsen it.", False),
    ("zolam causes fever may", "Ask:{0}- if you have fever, as bexol may cause this condition.", False),
    ("zolam causes fever may", "Ask:{0}- if you have fever, as zolam may relieve this condition.", False),
    ("zolam causes fever may", "Ask:{0}- if you have fever or gout, as zolam may cause this condition.", False),
    ("zolam causes fever may", "Ask:{0}- if you have fever, as zolam does not cause this condition.", False),
    ("zolam has-side-effect gout is", "Side effects of zolam:{0}- gout (which can increase among adults)", True),
    ("zolam has-side-effect gout is", "Side effects of zolam:{0}- gout (which occurs in adults)", False),
    (
        "zolam used-to-treat asthma should polarity=negated",
        "Ask before taking zolam if you have:{0}- This medicine should not be used for the treatment of asthma.",
        True,
    ),
    (
        "zolam used-to-treat asthma should polarity=negated",
        "Ask before taking zolam if you have:{0}- You should not use this medicine to treat asthma.",
        True,
    ),
    (
        "zolam used-to-treat asthma should polarity=negated",
        "Ask before taking zolam if you have:{0}- You should not use bexol to treat asthma.",
        False,
    ),
    (
        "zolam has-side-effect nausea may",
        "Ask before taking zolam if you:{0}- You should not take this medicine if you suffer from nausea.",
        False,
    ),
]


@pytest.mark.parametrize(("fact", "text", "is_stated"), REACHING, ids=lambda value: value if isinstance(value, str) else "")
def test_hedges_and_conditions_reach_no_further_than_their_phrase(
    fact: str, text: str, *, is_stated: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{__name__}.TERMS", {**TERMS, **MORE_TERMS})
    assert bool(kinds(text.format("\n\n") + "\n", parse_claim(fact), title="Zolam")) != is_stated


SIDE_EFFECTS = "4. Possible side effects\n\nZolam can cause side effects.\n\n"
GROUPS = "<h2>4. Possible side effects</h2><p>These may occur with zolam.</p><p>Children</p><p>Very common: fever, gout</p>"
TITLES = (
    "<h2>4. Possible side effects</h2><p>Common effects</p><p>fever, nausea</p>"
    "<p>Rare effects</p><p>These may affect up to 1 in 1,000.</p><p>gout, rash</p>"
)
TITLED = "<h2>2. Before you take it</h2><p>Other medicines and Zolam</p><p>Tell us if you take medicines.</p>"
UNTITLED = "<h2>2. Before you take it</h2><p>Warnings and precautions</p><p>Tell us if you take medicines.</p>"
LISTS_OF_LEAFLETS = [
    ("zolam has-side-effect nausea may population=children", f"{GROUPS}<p>Rare: nausea</p>", True),
    ("zolam has-side-effect nausea may frequency=rare population=children", f"{GROUPS}<p>Rare: nausea</p>", True),
    ("zolam has-side-effect nausea may", f"{GROUPS}<p>Rare: nausea</p>", False),
    ("zolam has-side-effect nausea may population=children", f"{GROUPS}<p>Adults</p><p>Rare: nausea</p>", False),
    ("zolam has-side-effect nausea may population=adults", f"{GROUPS}<p>Adults</p><p>Rare: nausea</p>", True),
    ("zolam has-side-effect nausea may population=children", f"{GROUPS}<p>Further effects of zolam:</p><p>nausea.</p>", False),
    ("zolam has-side-effect nausea may population=dogs", f"{GROUPS}<p>Rare: fever, nausea (in dogs)</p>", True),
    ("zolam has-side-effect nausea may", SIDE_EFFECTS + "Common: gout (also when the limb is moved), nausea, fever.", True),
    ("zolam has-side-effect nausea may", SIDE_EFFECTS + "Common: gout, nausea (when the limb is moved), fever.", False),
    ("zolam has-side-effect nausea may", SIDE_EFFECTS + "In adults (when ill), common: gout, nausea, fever.", False),
    ("zolam has-side-effect gout may", SIDE_EFFECTS + "Common side effects:\n\n- blood tests showing gout", True),
    ("zolam has-side-effect gout may", SIDE_EFFECTS + "Common side effects:\n\n- blood tests that do not show gout", False),
    ("zolam has-side-effect gout may", SIDE_EFFECTS + "Common side effects:\n\n- fever lowering gout", False),
    ("zolam has-side-effect gout may", SIDE_EFFECTS + "Get help if you develop the following symptoms:\n\n- gout", True),
    (
        "zolam has-side-effect gout may frequency=rare",
        SIDE_EFFECTS + "Rarely (in 1 of 1,000 people treated) the following was reported:\n\n- gout",
        True,
    ),
    (
        "zolam has-side-effect gout may frequency=rare",
        TITLES,
        True,
    ),
    (
        "zolam has-side-effect gout may frequency=common",
        TITLES,
        False,
    ),
    (
        "zolam interacts-with bexol may",
        f"{TITLED}<p>Zolam may affect other medicines:</p><ul><li>bexol (for fever)</li></ul>",
        True,
    ),
    (
        "zolam interacts-with bexol may",
        f"{TITLED}<p>Tell us if you are also taking:</p><ul><li>drugs, such as dorol, bexol</li></ul>",
        True,
    ),
    ("zolam interacts-with bexol may", f"{TITLED}<p>Zolam does not affect other medicines:</p><ul><li>bexol</li></ul>", False),
    ("zolam interacts-with bexol is", f"{TITLED}<p>Do not take zolam with:</p><ul><li>bexol (for fever)</li></ul>", True),
    ("zolam interacts-with bexol is", f"{TITLED}<p>You can take zolam with:</p><ul><li>bexol (for fever)</li></ul>", False),
    ("zolam interacts-with bexol may", f"{TITLED}<p>These may increase the effect of zolam:</p><ul><li>bexol</li></ul>", True),
    (
        "zolam interacts-with bexol may",
        f"{TITLED}<p>These do not increase the effect of zolam:</p><ul><li>bexol</li></ul>",
        False,
    ),
    (
        "zolam interacts-with bexol may",
        f"{TITLED}<p>Pregnancy and breastfeeding</p><p>Tell us if you take:</p><ul><li>bexol</li></ul>",
        False,
    ),
    ("zolam interacts-with bexol may", f"{UNTITLED}<p>Tell us if you are taking these:</p><ul><li>bexol</li></ul>", False),
    (
        "zolam interacts-with bexol may",
        f"{UNTITLED}<p>Tell us if you take any of these, since the dose may need to be changed:</p><ul><li>bexol</li></ul>",
        True,
    ),
    (
        "zolam interacts-with bexol may",
        f"{UNTITLED}<p>The dose does not need to be changed if you take any of these:</p><ul><li>bexol</li></ul>",
        False,
    ),
    (
        "zolam interacts-with bexol may",
        f"{TITLED}<p>These raise the risk of gout when taken with zolam:</p><ul><li>bexol</li></ul>",
        True,
    ),
]


@pytest.mark.parametrize(
    ("fact", "text", "is_stated"), LISTS_OF_LEAFLETS, ids=lambda value: value if isinstance(value, str) else ""
)
def test_items_stand_below_the_groups_titles_and_reasons_that_introduce_them(
    fact: str, text: str, *, is_stated: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{__name__}.TERMS", {**TERMS, **MORE_TERMS})
    mediatype = "text/html" if text.startswith("<") else "text/plain"
    assert bool(kinds(f"{text}\n", parse_claim(fact), title="Zolam", mediatype=mediatype)) != is_stated
