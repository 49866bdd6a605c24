"""The shipped knowledge base says what its document says: not more, not less, not stronger."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from kb import pipeline, resources
from kb.model import Fact, KnowledgeBase
from kb.rdf.facts import has_plain_triple
from kb.rdf.iris import Names
from kb.records import folder
from kb.reports import coverage

ROOT = Path(__file__).resolve().parents[2]
EIGHT_WORDS = Path(__file__).parent / "eight-words.txt"


def facts_with(kb: KnowledgeBase, predicate: str) -> list[Fact]:
    return [fact for fact in kb.facts if fact.predicate == predicate]


def objects(kb: KnowledgeBase, predicate: str) -> set[str]:
    return {str(fact.object) for fact in facts_with(kb, predicate)}


def test_it_is_valid_and_holds_at_least_45_facts_and_50_terms(shipped: KnowledgeBase) -> None:
    assert not pipeline.check(resources.content()).problems
    assert len(shipped.facts) >= 45
    assert len(shipped.terms) >= 50


def test_all_23_sentences_and_6_headings_are_there_and_decided(shipped: KnowledgeBase) -> None:
    (document,) = shipped.documents.values()
    assert sum(sentence.is_heading for sentence in document.sentences) == 6
    decisions = coverage.list_decisions(shipped)
    assert len(decisions) == 23
    assert {each.status for each in decisions} <= {"covered", "exempted"}


def test_sentence_positions_meet_without_a_gap_only_at_the_three_joins(shipped: KnowledgeBase) -> None:
    (document,) = shipped.documents.values()
    pairs = zip(document.sentences, document.sentences[1:], strict=False)
    assert [second.id for first, second in pairs if first.end == second.start] == ["s3.4", "s4.4", "s5.3"]


def test_every_term_is_used_by_a_fact(shipped: KnowledgeBase) -> None:
    used = {name for fact in shipped.facts for name in (fact.subject, fact.object, *fact.qualifiers.values())}
    assert set(shipped.terms) <= used


def test_every_predicate_is_used_by_a_fact(shipped: KnowledgeBase) -> None:
    assert set(shipped.predicates) == {fact.predicate for fact in shipped.facts}


def test_the_strength_is_no_dose_and_no_dosing_is_stated(shipped: KnowledgeBase) -> None:
    assert objects(shipped, "mentioned-in-strength") == {"clonazepam-2mg"}
    assert not [name for name in shipped.predicates if re.search("dos(e|age|ing)|contraindicat|receptor", name)]


def test_pain_medications_are_not_opioids_and_seizure_disorders_are_not_epilepsy(shipped: KnowledgeBase) -> None:
    labels = " ".join(label for term in shipped.terms.values() for label in (term.id, term.label, *term.aliases)).lower()
    assert not re.search("opioid|epilep|sedat|receptor|agonist|schedule", labels)
    exact = {(mapping.subject, mapping.object) for mapping in shipped.mappings if mapping.match == "skos:exactMatch"}
    assert ("term:seizure-disorders", "MONDO:0005027") not in exact
    assert not [subject for subject, _ in exact if subject == "term:certain-pain-medications"]


def test_serious_is_not_severe(shipped: KnowledgeBase) -> None:
    serious = [fact for fact in shipped.facts if fact.qualifiers.get("seriousness") == "serious"]
    assert {fact.object for fact in serious} == {
        "breathing-difficulties",
        "hallucinations",
        "suicidal-thoughts",
        "suicidal-behaviors",
        "increased-risk-of-infections",
    }
    assert not [fact for fact in serious if "severity" in fact.qualifiers]
    assert {fact.qualifiers["frequency"] for fact in serious} == {"rare"}


def test_the_six_common_effects_are_usually_mild_and_pass_within_the_time_that_is_said(shipped: KnowledgeBase) -> None:
    common = [fact for fact in facts_with(shipped, "has-side-effect") if fact.qualifiers["frequency"] == "commonly-reported"]
    assert {fact.object for fact in common} == {
        "drowsiness",
        "lethargy",
        "dizziness",
        "blurred-vision",
        "memory-problems",
        "difficulty-concentrating",
    }
    for fact in common:
        assert fact.qualifiers["severity"] == "mild"
        assert fact.qualifiers["course"] == "self-limiting"
        assert fact.qualifiers["within"] == "a-few-days-or-weeks"
        assert fact.qualifiers["since"] == "starting-the-medication"
        (hedged,) = [piece for piece in fact.evidence if "severity" in piece.supports]
        assert (hedged.sentence, hedged.modality) == ("s3.3", "usually")


def test_withdrawal_symptoms_hang_on_sudden_stopping(shipped: KnowledgeBase) -> None:
    withdrawal = facts_with(shipped, "has-withdrawal-symptom")
    assert {fact.object for fact in withdrawal} == {"anxiety-symptom", "panic-attacks", "insomnia", "seizures"}
    assert {fact.qualifiers["trigger"] for fact in withdrawal} == {"sudden-discontinuation"}


def test_clonazepam_is_never_said_to_cause_seizures(shipped: KnowledgeBase, names: Names) -> None:
    about = (f"<{names.term('clonazepam')}>", f"<{names.term('seizures')}>")
    plain = [quad for quad in pipeline.compile_all(shipped) if (quad.subject, quad.object) == about]
    assert not plain


@pytest.mark.parametrize("name", ["polarity", "trigger", "condition", "population"])
def test_a_restricted_fact_has_no_plain_triple(shipped: KnowledgeBase, name: str) -> None:
    restricted = [fact for fact in shipped.facts if name in fact.qualifiers]
    assert not [fact for fact in restricted if has_plain_triple(fact, shipped.predicates[fact.predicate])]


def test_hedged_claims_of_effect_have_no_plain_triple(shipped: KnowledgeBase) -> None:
    for predicate in ("alleviates", "effective-in-treating", "valuable-in-improving", "leads-to", "reduces"):
        for fact in facts_with(shipped, predicate):
            assert fact.qualifiers["modality"] != "is"
            assert not has_plain_triple(fact, shipped.predicates[predicate])


def test_every_qualifier_of_every_fact_has_a_sentence_of_its_own(shipped: KnowledgeBase) -> None:
    for fact in shipped.facts:
        supported = {part for piece in fact.evidence for part in piece.supports}
        assert supported == {"claim", *fact.qualifiers}


def test_mappings_carry_no_labels_of_licensed_vocabularies(shipped: KnowledgeBase) -> None:
    licensed = {"umls", "snomedct", "meddra", "rxnorm", "drugbank", "atc", "icd10cm", "icd11", "chembl.compound", "drugcentral"}
    labelled = [mapping for mapping in shipped.mappings if mapping.label and mapping.object.partition(":")[0] in licensed]
    assert not labelled


def test_each_mapping_file_is_of_one_vocabulary_and_sorted() -> None:
    for path in sorted((resources.content() / "mappings").glob("*.sssom.tsv")):
        lines = path.read_text(encoding="utf-8").splitlines()
        table = list(csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t"))
        is_ours = all(row["subject_id"].startswith(("term:", "pred:")) for row in table)
        end = "object_id" if is_ours else "subject_id"
        assert {row[end].partition(":")[0].lower() for row in table} == {re.sub(r"(-equal)?\.sssom\.tsv$", "", path.name)}
        keys = [(row["subject_id"], row["predicate_id"], row["object_id"]) for row in table]
        assert keys == sorted(set(keys))


def test_labels_of_mappings_are_those_of_the_terms(shipped: KnowledgeBase) -> None:
    labels = {f"term:{term.id}": term.label for term in shipped.terms.values()}
    labels |= {f"pred:{predicate.id}": predicate.label for predicate in shipped.predicates.values()}
    for record in folder.read(resources.content())[0]:
        if record.kind == "mapping" and record.value["subject_id"].startswith(("term:", "pred:")):
            assert record.value["subject_label"] == labels[record.value["subject_id"]]


def source_text() -> str:
    path = os.environ.get("KB_DOCUMENTS")
    if not path:
        pytest.skip("the text is held elsewhere: set KB_DOCUMENTS to the folder that holds clonazepam-overview.txt")
    return (Path(path) / "clonazepam-overview.txt").read_text(encoding="utf-8")


def test_positions_and_digests_are_those_of_the_text(shipped: KnowledgeBase) -> None:
    text = source_text()
    document = shipped.documents["clonazepam-overview"]
    assert (len(text), len(text.encode()), sha256(text.encode()).hexdigest()) == (
        document.characters,
        document.bytes,
        document.sha256,
    )
    for sentence in document.sentences:
        assert sha256(text[sentence.start : sentence.end].encode()).hexdigest() == sentence.sha256


def runs_of_eight(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return set(zip(*(words[start:] for start in range(8)), strict=False))


def digests(runs: set[tuple[str, ...]]) -> set[str]:
    """Give a short salted digest of each run of eight words."""
    return {sha256(f"eight words: {' '.join(run)}".encode()).hexdigest()[:12] for run in runs}


def texts_of_the_project() -> Iterator[Path]:
    """Yield the files of the project, without what npm installs."""
    for top in ("kb", "schemas", "exports", "tests", "docs", "benchmarks", "tools"):
        for parent, folders, files in os.walk(ROOT / top):
            folders[:] = [name for name in folders if name not in {"node_modules", "yasgui", "__pycache__"}]
            yield from (Path(parent, name) for name in files)
    yield from ROOT.glob("*.md")


def test_no_eight_words_of_the_text_stand_anywhere_in_the_project() -> None:
    of_the_text = set(EIGHT_WORDS.read_text(encoding="utf-8").split())
    assert len(of_the_text) > 400
    searched: set[tuple[str, ...]] = set()  # exports say the same in many formats
    for path in texts_of_the_project():
        runs = runs_of_eight(path.read_text(encoding="utf-8", errors="ignore")) - searched
        assert not digests(runs) & of_the_text, path
        searched |= runs
    assert len(searched) > 100_000


def test_the_digests_of_eight_words_are_those_of_the_text() -> None:
    assert digests(runs_of_eight(source_text())) == set(EIGHT_WORDS.read_text(encoding="utf-8").split())


#: Identifiers that the cited sources (the mappings of MONDO, cross-references of HP) call equal.
EQUAL = (
    {"MONDO:0005027", "DOID:1826", "NCIT:C3020", "icd10cm:G40", "mesh:D004827", "umls:C0014544"},
    {"MONDO:0005618", "DOID:2030", "NCIT:C2878", "mesh:D001008", "umls:C0003469"},
    {"MONDO:0005383", "DOID:594", "NCIT:C34890", "icd10cm:F41.0", "mesh:D016584", "umls:C0030319"},
    {"MONDO:0004938", "NCIT:C35458", "umls:C0439857"},
    {"MONDO:0005303", "DOID:9974", "NCIT:C3894", "umls:C1510472"},
    {"MONDO:0005567", "DOID:0060001", "NCIT:C35046", "mesh:D013375", "umls:C0038587"},
    {"HP:0002354", "umls:C0233794", "EFO:0001072", "SYMP:0000719"},
)
OBSOLETE = {"EFO:0000474", "EFO:0004262", "EFO:0005230", "EFO:0005800", "EFO:0006788"}


def test_identifiers_that_are_equal_have_equal_strength(shipped: KnowledgeBase) -> None:
    for equal in EQUAL:
        strengths = {(row.subject, row.match) for row in shipped.mappings if row.object in equal}
        assert len(strengths) == 1, equal


def test_no_mapping_is_to_an_obsolete_identifier_and_versions_are_versions(shipped: KnowledgeBase) -> None:
    assert not OBSOLETE & {row.object for row in shipped.mappings}
    assert not [row for row in shipped.mappings if re.search(r"[/\\,]|\.(json|obo|owl|tsv|csv|ttl)\b", row.source_version)]
    assert sum(bool(row.source_version) for row in shipped.mappings) > 90
    cited = [row.object for row in shipped.mappings if "CC BY-NC" in row.comment]
    assert all(" ; " not in row.comment or "CC BY-NC" not in row.comment for row in shipped.mappings)
    assert set(cited) == {"atc:N02", "atc:N03AE", "atc:N05BA", "atc:N05CD", "umls:C2830004"}


def test_the_brain_has_the_label_of_its_vocabulary(shipped: KnowledgeBase) -> None:
    assert {row.label for row in shipped.mappings if row.object == "NCIT:C12439"} == {"Brain"}


def test_declared_words_are_no_name_of_another_term(shipped: KnowledgeBase) -> None:
    """Six facts about clonazepam once declared 'side effects' as its name."""
    names = {name.casefold(): term.id for term in shipped.terms.values() for name in (term.label, *term.aliases)}
    ends = {fact.path: {"subject": fact.subject, "object": fact.object, **fact.qualifiers} for fact in shipped.facts}
    declared = [(fact, *wording) for fact in shipped.facts for piece in fact.evidence for wording in piece.wordings]
    assert len(declared) > 30
    for fact, part, words in declared:
        assert names.get(words.casefold(), ends[fact.path].get(part)) == ends[fact.path].get(part), (fact.path, part, words)


def test_what_the_curators_take_for_said_is_evidence_of_their_inference(shipped: KnowledgeBase) -> None:
    inferred = {fact.path for fact in shipped.facts if any(piece.basis == "ECO:0000305" for piece in fact.evidence)}
    assert {fact.path for fact in shipped.facts if re.search("is taken|not from the document", fact.note)} <= inferred
    common = {fact.path for fact in shipped.facts if fact.qualifiers.get("course")}  # the note on one of them is for all six
    assert common < inferred
    parts = {part for fact in shipped.facts for piece in fact.evidence if piece.basis for part in piece.supports}
    assert "severity" not in parts, "s3.3 says itself that they are usually mild"


def test_what_no_qualifier_says_stands_in_a_note(shipped: KnowledgeBase) -> None:
    notes = "\n".join(fact.note for fact in shipped.facts)
    assert all(words in notes for words in ("More serious", "all medications", "range of symptoms"))
    (risk,) = facts_with(shipped, "has-risk")
    assert (risk.qualifiers["listing"], risk.qualifiers["modality"]) == ("open-list", "potential")
    for fact in shipped.facts:
        for piece in fact.evidence:
            assert "seriousness" not in piece.supports or piece.sentence == "s3.5", "s3.4 compares only"
