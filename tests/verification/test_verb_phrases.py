"""Verb phrases that state a relation with words inside or by the object, and hedges beside one another."""

from __future__ import annotations

import pytest

from kb.model import Record, Term
from kb.problems import Place
from kb.records import resolve
from kb.texts import normal_form
from kb.verification.verify import verify_records
from tools import claims

_TERMS = {
    "zolam": ("drug", "zolam"),
    "bexol": ("drug", "bexol"),
    "blockers": ("drug-class", "calcium blocker"),
    "rash": ("symptom", "rash"),
    "gout": ("condition", "gout"),
    "harm": ("symptom", "harm to your liver"),
    "damage": ("symptom", "kidney damage"),
    "slow": ("property", "works slowly"),
    "severe": ("property", "severe"),
    "children": ("population", "children"),
    "numbness": ("symptom", "numbness"),
    "return": ("symptom", "symptoms returning"),
    "enzyme": ("condition", "enzyme Z"),
    "other-name": ("condition", "stone disease"),
    "high-acid": ("condition", "high acid"),
}

# A fact, a sentence, and whether the sentence states the fact.
_CASES = [
    ("zolam causes harm can", "Zolam can harm your liver.", True),
    ("zolam causes harm may", "This medicine may also harm your liver.", True),
    ("zolam has-risk harm may", "Zolam (a powder) may harm your liver.", True),
    ("high-acid leads-to harm can", "If you have high acid, it can harm your liver.", True),
    ("high-acid leads-to harm can", "If you lower high acid, it can harm your liver.", False),
    ("zolam causes harm is", "Zolam can harm your liver.", False),
    ("zolam causes harm can", "Zolam cannot harm your liver.", False),
    ("zolam causes harm can", "Bexol can harm your liver.", False),
    ("zolam causes harm can", "Zolam treats what can harm your liver.", False),
    ("zolam causes harm can", "Zolam can prevent harm to your liver.", False),
    ("zolam has-property slow is", "Zolam works slowly.", True),
    ("zolam has-property slow is", "Bexol, and not zolam, works slowly.", False),
    ("zolam has-property slow is", "It is not known if zolam works slowly.", False),
    ("zolam prevents gout is", "Zolam protects you and your family against gout.", True),
    ("zolam prevents gout is", "Zolam stops adults from getting gout.", False),
    ("zolam prevents gout is", "Zolam protects children against gout.", False),
    ("zolam prevents gout is population=children", "Zolam protects children against gout.", True),
    ("zolam prevents gout is", "Bexol protects you against gout.", False),
    ("zolam prevents gout is", "Zolam does not protect you against gout.", False),
    ("zolam prevents gout is polarity=negated", "Zolam does not protect you or others from gout.", True),
    ("zolam causes gout is", "Zolam protects you against gout.", False),
    ("zolam has-drug-class blockers is", "It has zolam (found in other tablets), a calcium blocker, and bexol.", True),
    ("bexol has-drug-class blockers is", "It has zolam (found in other tablets), a calcium blocker, and bexol.", False),
    ("zolam used-to-treat gout is", "Zolam (a powder) a medicine that treats gout.", True),
    ("zolam has-property severe potential", "Zolam can be potentially severe.", True),
    ("zolam has-property severe may", "Zolam may occasionally be severe.", True),
    ("zolam has-property severe can", "Zolam can possibly be severe.", False),
    ("zolam has-property severe sometimes", "Zolam may occasionally be severe.", False),
    ("zolam has-property severe may", "Zolam may help to be severe.", False),
    ("zolam alleviates rash usually", "The rash usually resolves with zolam.", True),
    ("rash alleviates gout usually", "The rash usually resolves with gout.", False),
    ("zolam leads-to rash is", "A rash occurs after zolam.", True),
    ("rash leads-to gout is", "A rash is often followed by gout.", True),
    ("gout leads-to rash is", "A rash is often followed by gout.", False),
    ("zolam has-drug-class blockers is", "Calcium blockers (bexol, zolam, trivan) may harm you.", True),
    ("zolam has-drug-class blockers is", "Calcium blockers (which can interact with zolam, bexol) may harm you.", False),
    ("zolam has-drug-class blockers is", "Calcium blockers: bexol, zolam and others.", True),
    ("zolam has-drug-class blockers is", "Calcium blockers: do not use them with bexol, zolam and others.", False),
    ("zolam has-drug-class blockers is", "Zolam is a relaxant (a calcium blocker), which lowers acid.", True),
    ("zolam has-drug-class blockers is", "Zolam is used with tablets (a calcium blocker), which lower acid.", False),
    ("zolam has-drug-class blockers is", "Zolam is a calcium blocker that may help you.", True),
    ("zolam has-drug-class blockers is", "Zolam may be a calcium blocker that treats gout.", False),
    ("zolam reduces rash is", "Zolam is a relaxant (a calcium blocker), which reduces the rash.", True),
    ("zolam reduces rash is", "Zolam replaces bexol (a calcium blocker), which reduces the rash.", False),
    ("zolam has-drug-class blockers is", "It contains zolam and bexol which are both calcium blockers.", True),
    ("zolam has-drug-class blockers is", "It contains zolam and bexol which is a calcium blocker.", False),
    ("zolam inhibits enzyme is", "Zolam binds to enzyme Z and blocks it.", True),
    ("bexol inhibits enzyme is", "Zolam binds to enzyme Z and blocks it.", False),
    ("zolam inhibits enzyme is", "Zolam binds to enzyme Z and bexol blocks it.", False),
    ("zolam inhibits enzyme is", "Zolam binds to enzyme Z, which blocks it.", False),
    ("zolam reduces rash is", "Zolam blocks acid, causing numbness to rise and the rash to lessen.", True),
    ("bexol reduces rash is", "Zolam blocks bexol, causing numbness to rise and the rash to lessen.", False),
    ("zolam increases rash may", "In patients taking zolam, the rash may increase.", True),
    ("zolam increases rash may", "In patients taking bexol, the rash may increase with gout.", False),
    ("zolam increases rash may", "In patients not taking zolam, the rash may increase.", False),
    ("zolam reduces rash may", "In patients taking zolam, the rash may increase.", False),
    ("zolam increases rash may", "In patients taking bexol, zolam may help and the rash may increase.", False),
    ("rash leads-to gout may", "Numbness or rash (which may lead to gout).", True),
    ("rash leads-to gout may", "A rash, numbness (which may lead to gout).", False),
    ("gout leads-to rash may", "Numbness or rash (which may lead to gout).", False),
    ("gout leads-to rash may", "If you have gout, this may lead to a rash.", True),
    ("gout leads-to rash may", "If you stop zolam for gout, this may lead to a rash.", False),
    ("gout leads-to rash may", "If you have gout, zolam may lead to a rash.", False),
    ("gout causes rash may", "The symptoms of gout may include numbness and rash.", True),
    ("gout causes rash may", "Zolam may cause symptoms of high acid, such as a rash, in gout.", False),
    ("zolam has-side-effect rash may", "The rash can be severe and may be caused by zolam.", True),
    ("zolam has-side-effect rash is", "The rash is severe and may be caused by zolam.", False),
    ("zolam has-side-effect rash is", "The rash can be severe and is caused by zolam.", True),
    ("zolam has-side-effect rash is", "The rash is severe and is not caused by zolam.", False),
    ("zolam reduces enzyme is", "Zolam changes enzyme Z and makes it less active.", True),
    ("zolam increases enzyme is", "Zolam changes enzyme Z and makes it less active.", False),
    ("zolam reduces enzyme is", "Zolam changes enzyme Z and bexol makes it less active.", False),
    ("gout leads-to rash may", "If you have gout, it is possible that you will get a rash.", True),
    ("gout leads-to rash may", "If you have gout, it is possible that zolam lessens a rash.", False),
    ("gout leads-to rash may", "If you have gout, the rash may return.", True),
    ("zolam causes rash may", "Zolam may also reduce acid, causing a rash.", True),
    ("zolam causes rash may", "Zolam may also cause numbness, reducing a rash.", False),
    ("zolam causes rash is", "Zolam causes a rash, helping to treat gout.", True),
    ("zolam causes rash is", "Zolam slows acid, helping to cause a rash.", False),
    ("zolam has-drug-class blockers is", "It has bexol, and zolam (a powder), another calcium blocker.", True),
    ("bexol has-drug-class blockers is", "It has bexol, and zolam (a powder), another calcium blocker.", False),
    ("zolam works-by slow is", "Zolam works slowly, helping to treat gout.", True),
    ("gout leads-to return may", "If you have gout, your symptoms may return.", True),
    ("gout leads-to return may", "If you have gout, your symptoms may not return.", False),
    ("gout leads-to return may", "If you have gout, zolam helps so that your symptoms may return.", False),
    ("gout leads-to rash may", "If you have gout, your rash may come back.", True),
    ("gout leads-to rash may", "Zolam prevents a rash, which may occur when you have gout.", True),
    ("zolam leads-to rash may", "Zolam prevents a rash, which may occur when you have gout.", False),
    ("gout leads-to rash may", "Zolam prevents a rash and gout, which may occur when you have high acid.", False),
    ("gout leads-to rash is", "Zolam prevents a rash, which may occur when you have gout.", False),
    ("zolam has-drug-class blockers is", "It binds to the calcium blockers in your blood (zolam) and clears them.", True),
    ("zolam has-drug-class blockers is", "It clears calcium blockers in people who take tablets (zolam).", False),
    ("bexol has-drug-class blockers is", "It clears calcium blockers in your blood and bexol (zolam).", False),
    ("zolam increases enzyme is", "Zolam makes your body produce enzyme Z.", False),
    ("zolam increases enzyme is", "Zolam makes your body produce more enzyme Z.", True),
    ("bexol increases enzyme is", "Zolam makes bexol produce more enzyme Z.", False),
    ("zolam has-drug-class blockers is", "The calcium blocker is zolam.", True),
    ("zolam has-drug-class blockers is", "The calcium blocker in zolam is bexol.", False),
    ("zolam has-drug-class blockers is", "Calcium blocker: zolam 5 mg.", True),
    ("zolam alleviates rash is", "Zolam makes the rash go away.", True),
    ("zolam alleviates rash is", "Zolam makes the rash worse.", False),
    ("bexol alleviates rash is", "Zolam makes the rash go away.", False),
    ("gout leads-to rash may", "In case of gout, a rash may occur.", True),
    ("gout leads-to rash may", "In case of gout, zolam may cause a rash.", False),
    ("zolam has-drug-class blockers is", "Calcium blockers: zolam must not be taken with them.", False),
    ("zolam has-risk gout may", "Zolam may lower the chance of gout.", False),
    ("zolam has-risk gout may", "Zolam may raise the chance of gout.", True),
    ("zolam prevents gout is", "Zolam protects bexol from gout.", False),
    ("gout also-known-as other-name is", "Gout (also called stone disease and usually seen in adults) can harm you.", True),
    ("gout has-risk rash is", "People with gout have a higher chance of rash.", True),
    ("rash has-risk gout is", "People with gout have a higher chance of rash.", False),
]


@pytest.mark.parametrize(("fact", "sentence", "is_stated"), _CASES, ids=lambda value: value if isinstance(value, str) else "")
def test_a_verb_phrase_states_a_relation_and_no_more(fact: str, sentence: str, *, is_stated: bool) -> None:
    subject, predicate, obj, modality, *rest = fact.split()
    example, parsed = claims._shipped(), normal_form.parse(sentence.encode(), "text/plain", "a text")
    document = claims.make_document("leaflet", "Zolam", "en", parsed)
    terms = {name: Term(name, kind, label, "") for name, (kind, label) in _TERMS.items()}
    predicates = {**example.predicates, **claims._further_predicates(example)}
    qualifiers = {"modality": modality, **dict(one.split("=") for one in rest)}
    ends = {"subject": subject, "predicate": predicate, "object": obj, "evidence": [{"sentence": document.sentences[-1].id}]}
    parsed_fact = resolve.parse_fact(Record("fact", {**ends, **qualifiers}, Place("test"), stem="leaflet"))
    base = example._replace(documents={"leaflet": document}, terms=terms, predicates=predicates, facts=(parsed_fact,), cues=())
    judgement = verify_records(base, {"leaflet": parsed}).judgements[parsed_fact.path]
    assert bool(judgement.findings) != is_stated, judgement.findings
