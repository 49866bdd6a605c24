"""Names are found in lists as real leaflets have them: lead-ins, nested items, brackets, bands of frequency, 'and' and 'or'."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from kb import pipeline
from kb.curation import document_records, init
from kb.proposals import candidates
from kb.proposals.gate import Gate, Verdict
from kb.proposals.phrases import Phrase, PhraseFinder
from kb.verification.cite import make_finder

HERE = Path(__file__).parent


def _propose(name: str, top: Path) -> list[Verdict]:
    text = Path(shutil.copy(HERE / f"{name}.html", top))
    init.create(top / "kb")
    document_records.add_document(top / "kb", text, document_records.DocumentDetails(licence="CC0-1.0"))
    kb = pipeline.load_sound(top / "kb")[0]
    return list(candidates.propose(Gate(kb, make_finder(kb)), name, []))


@pytest.mark.parametrize("name", ["corvadine", "brelotane"])
def test_a_leaflet_without_a_typed_word_gives_the_facts_of_its_lists_and_no_others(name: str, tmp_path: Path) -> None:
    with (HERE / f"{name}.tsv").open(encoding="utf-8") as table:
        gold = {tuple(row) for row in csv.reader(table, delimiter="\t")}
    made = set()
    for verdict in _propose(name, tmp_path):
        if verdict.verdict == "needs a person":
            continue
        terms = {term["id"]: term for term in verdict.terms}
        term = terms[verdict.fact["object"]]
        made.add(
            (verdict.fact["predicate"], term["label"], verdict.fact["modality"], verdict.fact.get("frequency", ""), term["kind"])
        )
        assert verdict.fact["subject"] == name
    assert made == gold


def test_a_bracket_with_a_name_of_a_disease_is_another_name(tmp_path: Path) -> None:
    terms = [term for verdict in _propose("corvadine", tmp_path) for term in verdict.terms]
    aliases = {term["label"]: term["aliases"] for term in terms if term.get("aliases")}
    assert aliases == {"inflammation of the liver": ["hepatitis"]}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("if you have kidney problems", ["kidney problems"]),
        ("A headache, weight gain and wind.", ["headache", "weight gain", "wind"]),
        ("fits or fainting", ["fits", "fainting"]),
        ("pain in joints and muscles", ["pain in joints and muscles"]),
        ("increased creatinine and blood urea", ["increased creatinine and blood urea"]),
        ("swelling of the face, lips and tongue", []),
        ("low levels of potassium, sodium", []),
        ("warfarin or any similar medicine to prevent blood clots", ["warfarin"]),
        ("water tablets such as aaa, bbb and ccc", ["water tablets"]),
        ("pain caused by gout, flu", ["pain"]),
        ("your doctor may test your blood", []),
        ("more than 3 months pregnant", []),
        ("bloating (experienced by some people in hot countries; if rare)", []),
        ("pins and needles or fainting", ["pins and needles"]),
        ("other medicines", []),
        ("tiredness, belly cramps or pain", ["tiredness", "belly cramps"]),
        ("oily or fatty skin", ["fatty skin"]),
        ("impaired heart or lung function", []),
        ("fits after a fall", []),
        ("Signs of a tide reaction such as hives", []),
        ("feeling forgetful, irritable, red, low mood", ["feeling forgetful", "low mood"]),
        ("swelling of the mucosa, sinuses", []),
        ("Dune-like syndrome", ["dune-like syndrome"]),
        ("thirst, difficulty chewing or dizziness", ["thirst", "difficulty chewing"]),
        ("a lack of a hormone called brevisterone", []),
        ("Addison\u2019s disease", ["Addison\u2019s disease"]),
        ("co-administration of maldrin", ["maldrin"]),
        ("the use of orlons", ["orlons"]),
        ("a history of reef disease", ["history of reef disease"]),
        ("symptoms of reef disease", []),
        ("thirst, cramps, mainly in people with gout, wind", ["thirst", "wind"]),
        ("a shell reaction which causes chills, muscle pain", ["shell reaction"]),
        ("weakness with a rash, thirst", []),
        ("'orlons'", ["orlons"]),
        ("T hirst", []),
        ("T cell cancer", ["t cell cancer"]),
        ("1250mg chalk", []),
        ("allergies [including swelling of the lips, hives and itching]", ["allergies"]),
        ("dune asthma, a rare type of asthma", ["dune asthma"]),
        ("therefore, neither the reports", []),
        ("inactive, prolonged tide fever, thirst", ["thirst"]),
        ("black, tarry bowel motions", []),
        ("oozing of blood or water from wounds", ["oozing of blood or water from wounds"]),
        ("a combination of thirst, cramps, cold hands", []),
        ("itching in dune asthma or reef disease", ["itching in dune asthma or reef disease"]),
        ("slow wits Dark nails Thirst upon standing", []),
        ("a class of medicines", []),
        ("thirst in heat, even in case of rain, to sun light, for instance in a garden", ["thirst in heat"]),
        ("low levels of insulin, a hormone that lowers sugar", ["low levels of insulin"]),
        ("very thin skin", ["very thin skin"]),
        ("feeling low, dizzy or faint", ["feeling low"]),
        ("feeling jittery Rare", []),
        ("pain in the arms or legs", ["pain in the arms or legs"]),
        ("tide fever, some that lead to a stay in hospital", []),
        ("chalk in the tablet core, as well as talc in the film coating", ["chalk", "talc"]),
        ("more urine, thirst, retention", ["more urine", "thirst"]),
    ],
)
def test_names_stand_for_themselves(text: str, names: list[str]) -> None:
    assert [phrase.label for phrase in PhraseFinder("en").find(text)] == names


def test_the_ending_of_a_disease_is_no_word_of_its_own() -> None:
    finder = PhraseFinder("en")
    kinds = ["symptom", "condition"]
    assert [finder.find_kind(name, kinds) for name in ("apathy", "neuropathy", "coma", "melanoma")] == [
        "",
        "condition",
        "",
        "condition",
    ]


def test_a_language_without_words_has_the_parts_of_its_lists() -> None:
    assert PhraseFinder("sv").find("Huvudvärk, illamående") == [Phrase("huvudvärk"), Phrase("illamående")]
    assert not PhraseFinder("sv").is_clause("Huvudvärk")


KNOWN = {
    "flu": "condition",
    "depression": "condition",
    "nervousness": "symptom",
    "swelling": "symptom",
    "nausea": "symptom",
    "orvan": "drug",
}


@pytest.mark.parametrize(
    ("sentence", "claims"),
    [
        ("Fluvexin may cause swelling.", {("has-side-effect", "swelling")}),
        ("Norvexin may cause swelling.", {("has-side-effect", "swelling")}),
        ("Norvexin is contraindicated in severe bone marrow depression.", set()),
        ("Rare cases of illness of the central nervous system occurred with Norvexin.", set()),
        ("Local reactions (pain, swelling, sores) may occur at the place of the injection.", set()),
        ("Some of these side effects, such as nausea, may go away.", set()),
        ("They include: thirst; nausea.", set()),
        ("None.\n\n## Notes\n\nNausea can be a toxic effect of Norvexin and requires an interruption of treatment.", set()),
        ("Let them know that nausea can be noted.", set()),
        (
            "A causal relationship between such events and the concomitant use of Norvexin and orvan has not been established.",
            set(),
        ),
        ("- Swelling around your mouth\n- A rash with nausea, thirst", set()),
    ],
)
def test_known_terms_are_proposed_where_a_sentence_says_them_of_the_topic(
    sentence: str, claims: set[tuple[str, str]], tmp_path: Path
) -> None:
    title = "Fluvexin" if "Fluvexin" in sentence else "Norvexin"
    (tmp_path / "doc.md").write_text(f"# {title}\n\n## Possible side effects\n\n{sentence}\n", encoding="utf-8")
    verdicts = propose_known(title, tmp_path)
    assert {(verdict.fact["predicate"], str(verdict.fact["object"])) for verdict in verdicts} == claims


def propose_known(title: str, top: Path) -> list[Verdict]:
    """Return the proposals for doc.md in a knowledge base with known terms."""
    init.create(top / "kb")
    terms = [f"- {{id: {name}, kind: {kind}, label: {name}, definition: A {name}.}}\n" for name, kind in KNOWN.items()]
    (top / "kb" / "terms" / "known.yaml").write_text("".join(terms), encoding="utf-8")
    document_records.add_document(top / "kb", top / "doc.md", document_records.DocumentDetails(title=title, licence="CC0-1.0"))
    kb = pipeline.load_sound(top / "kb")[0]
    return list(candidates.propose(Gate(kb, make_finder(kb)), "doc", []))


@pytest.mark.parametrize(
    ("item", "told"),
    [
        ("Swelling (usually without nausea)", {}),
        ("Swelling (rare)", {"frequency": "rare"}),
        ("Swelling which may be severe", {"frequency": "very-common"}),
        ("Swelling (mild to severe)", {"frequency": "very-common"}),
        ("Swelling (severe)", {"frequency": "very-common", "severity": "severe"}),
        ("Swelling, which can be seen in cases such as flu", {"frequency": "very-common"}),
    ],
)
def test_a_qualifier_is_said_of_the_object_itself(item: str, told: dict[str, str], tmp_path: Path) -> None:
    page = f"# Norvexin\n\n## Side effects of Norvexin\n\nVery common (may affect more than 1 in 10 people):\n\n- {item}\n"
    (tmp_path / "doc.md").write_text(page, encoding="utf-8")
    verdicts = propose_known("Norvexin", tmp_path)
    made = [verdict.fact for verdict in verdicts if verdict.fact["object"] == "swelling"]
    assert [{key: fact[key] for key in ("frequency", "severity", "listing") if key in fact} for fact in made] == [told]


def test_a_restricted_claim_is_offered_to_a_person_with_the_reason(tmp_path: Path) -> None:
    page = "# Norvexin\n\n## Use\n\nNorvexin is used to treat depression due to cold water. Norvexin may cause swelling.\n"
    (tmp_path / "doc.md").write_text(page, encoding="utf-8")
    made = {str(verdict.fact["object"]): verdict for verdict in propose_known("Norvexin", tmp_path)}
    assert {name: verdict.verdict for name, verdict in made.items()} == {
        "depression": "needs a person",
        "swelling": "needs a term",
    }
    assert "some cases only" in made["depression"].problems[0].message
