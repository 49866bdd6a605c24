"""A claim that its words seem to state waits for a person where they stand in a list of something else, or tell the past."""

from __future__ import annotations

import pytest

from kb import pipeline
from kb.curation import document_records, init
from kb.model import Record
from kb.problems import Place
from kb.proposals.gate import Gate
from kb.verification.cite import make_finder

PAGE = """<html><head><title>Norvexin</title></head><body><h1>Norvexin</h1>
<h2>Do not take Norvexin</h2>
<p>Do not take Norvexin if you have:</p>
<ul><li>a family history of reef palsy</li>
<li>dune gout that is not treated</li><li>tide fever, or recently had a shell stroke</li>
<li>if you have ever suffered from moon fever</li><li>weak knees and a red nose</li>
<li>certain gum illnesses</li><li>a lung illness which has damaged your lungs</li></ul>
<p>Do not take Norvexin if you are taking any of the medicines listed below:</p>
<ul><li>orvalin (for sand colic)</li></ul>
<h2>How to take Norvexin</h2>
<ul><li>other medications for the treatment of reef gout: stellamin and ostrin;</li></ul>
<h2>Warnings</h2><p>Talk to your doctor before taking Norvexin</p>
<ul><li>if you have a stiff neck and a blue thumb</li></ul>
<h2>Side effects</h2>
<p>Norvexin can cause side effects. Concomitant use of Norvexin with an orlon may cause fainting.</p>
<p>Low sugar can be caused if:</p>
<ul><li>your stomach aches</li></ul>
<p>Tell your doctor if you get any of these symptoms while taking Norvexin:</p>
<ul><li>night sweats</li></ul>
<p>Days later, more of this appears:</p>
<ul><li>watery eyes</li></ul>
<p>Norvexin is used to treat dune cough caused by sand fever.</p>
<p>In particular, do not take:</p>
<ul><li>vasmirin</li></ul>
<p>After stopping your Norvexin treatment: low mood may occur.</p>
<ul><li>Rare side effects (may affect 1 in 1,000 people): puffy eyes</li></ul>
<p>Some patients who have used Norvexin at sea had these side effects: cold hands, hoarse voice.</p>
<p>These side effects were reported since the marketing of oral vexin:</p>
<ul><li>soft nails</li></ul>
<p>They also have some additional side effects:</p>
<ul><li>numb toes</li></ul>
<p>Common side effects:</p>
<ul><li>thirst</li><li>burning skin and thirst</li>
<li>few cells, this usually heals</li>
<li>hiccups, seen in patients on high doses</li><li>the tide reaction, which causes chills</li>
<li>dizziness and cramps which are symptoms of a shock</li><li>other skin reactions can include: peeling</li></ul>
<h2>Side effects after approval</h2>
<p>It is not always possible to tell how often they occur, or to establish a causal relationship to Norvexin.</p>
<p>Digestive system: heartburn, nausea</p>
<h2>Side effects in trials</h2>
<p>These events occurred in trials; a causal relationship to Norvexin is uncertain. Side effects noted were:</p>
<p>Digestive system: belching, dry mouth</p>
</body></html>"""
NONE = "contraindicated-in"
EFFECT = "has-side-effect"
CLAIMS = {
    ("a family history of reef palsy", NONE, "reef palsy"): "the past, or others",
    ("tide fever, or recently had a shell stroke", NONE, "shell stroke"): "the past, or others",
    ("tide fever, or recently had a shell stroke", NONE, "tide fever"): "",
    ("orvalin (for sand colic)", NONE, "orvalin"): "the kind 'drug'",
    ("Concomitant use of Norvexin with an orlon may cause fainting.", EFFECT, "fainting"): "together with something else",
    ("if you have a stiff neck and a blue thumb", "needs-caution-in", "blue thumb"): "two things together",
    ("weak knees and a red nose", NONE, "red nose"): "two things together",
    ("certain gum illnesses", NONE, "gum illnesses"): "some cases only",
    ("if you have ever suffered from moon fever", NONE, "moon fever"): "the past",
    ("Norvexin is used to treat dune cough caused by sand fever.", "used-to-treat", "dune cough"): "some cases only",
    ("other medications for the treatment of reef gout: stellamin and ostrin;", "used-to-treat", "stellamin"): "the kind 'drug'",
    (
        "Some patients who have used Norvexin at sea had these side effects: cold hands, hoarse voice.",
        EFFECT,
        "cold hands",
    ): "some persons or another product only",
    ("Digestive system: heartburn, nausea", EFFECT, "heartburn"): "doubts that what is listed there are effects",
    ("vasmirin", NONE, "vasmirin"): "the kind 'drug'",
    ("After stopping your Norvexin treatment: low mood may occur.", EFFECT, "low mood"): "of what it names before",
    ("Rare side effects (may affect 1 in 1,000 people): puffy eyes", EFFECT, "puffy eyes"): "",
    ("soft nails", EFFECT, "soft nails"): "another product",
    ("numb toes", EFFECT, "numb toes"): "some persons",
    ("your stomach aches", EFFECT, "stomach aches"): "which is of conditions",
    ("night sweats", EFFECT, "night sweats"): "which is of something else",
    ("watery eyes", EFFECT, "watery eyes"): "which is of something else",
    ("burning skin and thirst", EFFECT, "burning skin and thirst"): "two things",
    ("few cells, this usually heals", EFFECT, "few cells"): "hedges something else",
    ("thirst", EFFECT, "thirst"): "",
    ("hiccups, seen in patients on high doses", EFFECT, "hiccups"): "some cases only",
    ("the tide reaction, which causes chills", EFFECT, "chills"): "what it names before",
    ("the tide reaction, which causes chills", EFFECT, "tide reaction"): "",
    ("dizziness and cramps which are symptoms of a shock", EFFECT, "dizziness"): "names signs of something",
    ("other skin reactions can include: peeling", EFFECT, "peeling"): "can be signs of what it names before",
    ("Digestive system: belching, dry mouth", EFFECT, "belching"): "doubts that what is listed there are effects",
}


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Gate:
    top = tmp_path_factory.mktemp("doubts")
    (top / "norvexin.html").write_text(PAGE, encoding="utf-8")
    init.create(top / "kb")
    details = document_records.DocumentDetails(licence="CC0-1.0")
    document_records.add_document(top / "kb", top / "norvexin.html", details)
    kb = pipeline.load_sound(top / "kb")[0]
    return Gate(kb, make_finder(kb))


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_claim_waits_for_a_person_where_its_place_makes_it_doubtful(claim: tuple[str, str, str], gate: Gate) -> None:
    sentence, predicate, obj = claim
    text = gate.finder.texts["norvexin"]
    place = next(one.id for one in text.document.sentences if text.extract(one).strip() == sentence)
    kind = "condition" if predicate != EFFECT else "symptom"
    value = {
        "document": "norvexin",
        "subject": "Norvexin",
        "predicate": predicate,
        "object": obj,
        "quote": [{"words": sentence, "sentence": place}],
        "proposer": "model:example-1",
        "terms": [{"label": "Norvexin", "kind": "drug"}, {"label": obj, "kind": kind}],
    }
    verdict = gate.check(Record("proposal", value, Place("<test>")))
    doubts = [problem.message for problem in verdict.problems if problem.code == "KB816"]
    assert verdict.verdict == ("needs a person" if CLAIMS[claim] else "needs a term"), verdict.problems
    assert CLAIMS[claim] in "".join(doubts)
