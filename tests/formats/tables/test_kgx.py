"""The KGX export is of the Biolink Model, says no more than the facts, and tells what it leaves out."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from kb import pipeline
from kb.formats.tables import kgx
from kb.model import BiolinkProfile, EdgeRule, KnowledgeBase
from kb.schema import biolink

_GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "content"


def read(kb: KnowledgeBase, sort: str) -> list[dict[str, Any]]:
    lines = kgx.write(kb).files[f"{kb.dataset.id}_{sort}.jsonl"].decode().splitlines()
    return [json.loads(line) for line in lines]


def short(edge: dict[str, Any]) -> str:
    return f"{'not ' if edge['negated'] else ''}{edge['predicate'].removeprefix('biolink:')} {edge['object']}"


@pytest.fixture(params=["shipped", "traps", "golden"])
def any_kb(request: pytest.FixtureRequest) -> KnowledgeBase:
    return pipeline.load(_GOLDEN) if request.param == "golden" else request.getfixturevalue(request.param)


@pytest.mark.xdist_group("biolink")  # its classes take seconds to import
def test_every_node_and_edge_is_valid_in_the_classes_of_the_biolink_model(any_kb: KnowledgeBase) -> None:
    pytest.importorskip("biolink_model", reason="biolink-model is not installed: make setup-dev installs it")
    model: Any = import_module("biolink_model.datamodel.pydanticmodel_v2")
    nodes, edges = read(any_kb, "nodes"), read(any_kb, "edges")
    for row in (*nodes, *edges):
        (category,) = row["category"]
        assert getattr(model, category.removeprefix("biolink:"))(**row).id == row["id"]
    known = {node["id"] for node in nodes}
    assert all(edge["subject"] in known and edge["object"] in known for edge in edges)
    assert all(edge["predicate"].removeprefix("biolink:") in biolink.predicates() for edge in edges)


@pytest.mark.xdist_group("biolink")
def test_an_unknown_key_would_be_refused(shipped: KnowledgeBase) -> None:
    pytest.importorskip("biolink_model", reason="biolink-model is not installed: make setup-dev installs it")
    model: Any = import_module("biolink_model.datamodel.pydanticmodel_v2")
    edge = read(shipped, "edges")[0]
    with pytest.raises(ValueError, match="severity"):
        getattr(model, edge["category"][0].removeprefix("biolink:"))(**edge, severity="mild")


def test_every_prefix_is_spelt_as_the_model_spells_it(shipped: KnowledgeBase) -> None:
    pytest.importorskip("biolink_model", reason="biolink-model is not installed: make setup-dev installs it")
    import biolink_model

    folder = Path(str(biolink_model.__path__[0])) / "prefixmaps"
    known = set(json.loads((folder / "biolink_model_prefix_map.json").read_text(encoding="utf-8")))
    used = {curie.partition(":")[0] for node in read(shipped, "nodes") for curie in (node["id"], *node.get("xref", ()))}
    assert {"CHEBI", "HP", "MESH", "RXCUI", "UMLS", "DrugCentral", "PUBCHEM.COMPOUND", "SNOMEDCT", "WIKIDATA"} <= used
    assert used <= known
    assert {biolink.spell(f"{prefix.lower()}:1").partition(":")[0] for prefix in known - {"RXNORM", "SNOMED"}} <= known


@pytest.mark.parametrize(
    ("curie", "spelt"),
    [("mesh:D1", "MESH:D1"), ("rxnorm:1", "RXCUI:1"), ("chebi:1", "CHEBI:1"), ("snomed:1", "SNOMEDCT:1"), ("local:1", "")],
)
def test_a_prefix_is_known_by_name_or_alias_whatever_its_case(curie: str, spelt: str) -> None:
    assert biolink.spell(curie) == spelt


def test_the_shipped_facts_become_the_edges_that_the_guide_names(shipped: KnowledgeBase) -> None:
    edges = read(shipped, "edges")
    assert {each["predicate"] for each in edges} == {
        f"biolink:{name}"
        for name in (
            "affects",
            "applied_to_treat",
            "has_chemical_role",
            "has_side_effect",
            "located_in",
            "predisposes_to_condition",
            "subclass_of",
            "treats_or_applied_or_studied_to_treat",
        )
    }
    (drowsy,) = [each for each in edges if each["object"] == "HP:0002329"]
    assert (drowsy["subject"], drowsy["predicate"]) == ("CHEBI:3756", "biolink:has_side_effect")
    assert drowsy["frequency_qualifier"] == "common"
    (affects,) = [each for each in edges if each["predicate"] == "biolink:affects"]
    assert (affects["object"], affects["object_direction_qualifier"]) == ("CHEBI:16865", "increased")


def test_what_follows_sudden_stopping_is_no_edge_of_the_medicine(shipped: KnowledgeBase) -> None:
    edges = [each for each in read(shipped, "edges") if each["object"] in {"HP:0001250", "HP:0100785", "HP:0025269"}]
    assert {each["predicate"] for each in edges} == {"biolink:treats_or_applied_or_studied_to_treat"}


def test_only_what_says_no_more_than_the_fact_is_an_edge(traps: KnowledgeBase) -> None:
    assert sorted(map(short, read(traps, "edges"))) == [
        "affects HP:0000989",
        "causes HP:0000989",
        "has_side_effect HP:0000989",
        "not causes HP:0000989",
        "not has_side_effect HP:0000989",
    ]


def test_a_qualifier_that_is_hedged_on_its_evidence_fills_no_slot(traps: KnowledgeBase) -> None:
    assert not [edge for edge in read(traps, "edges") if "frequency_qualifier" in edge]


def test_all_that_is_left_out_is_counted(traps: KnowledgeBase) -> None:
    reported = "\n".join(map(str, kgx.write(traps).losses))
    left = len(traps.facts) - len(read(traps, "edges"))
    reasons = [loss for loss in kgx.write(traps).losses if " facts " in f" {loss.what} " and loss.names]
    assert sum(loss.number for loss in reasons) == left == 8
    for words in (
        "3 terms have no exact match",
        "1 identifiers have a prefix",
        "3 facts hold only under",
        "1 facts have a literal",
    ):
        assert words in reported


def test_the_preferred_identifier_of_the_class_is_the_id_and_the_others_are_references(traps: KnowledgeBase) -> None:
    node = next(each for each in read(traps, "nodes") if each["name"] == "examplol")
    assert (node["id"], node["category"], node["xref"]) == ("RXCUI:1", ["biolink:Drug"], ["MESH:D000001"])


def test_terms_with_one_identifier_are_one_node_and_no_loop(traps: KnowledgeBase) -> None:
    same = [each._replace(object="mesh:D000001") if each.subject == "term:itch" else each for each in traps.mappings]
    only = [each for each in same if each.object == "mesh:D000001" or each.subject.startswith("pred:")]
    merged = traps._replace(mappings=tuple(only))
    assert [node["synonym"] for node in read(merged, "nodes")] == [["=cmd()", "a|b;c", "itch"]]
    assert not read(merged, "edges")
    assert any(loss.what.startswith("facts have both ends in one node") for loss in kgx.write(merged).losses)


def test_a_tab_a_line_end_and_a_bar_cannot_break_the_tsv(traps: KnowledgeBase) -> None:
    made = kgx.write(traps)
    lines = made.files["small_nodes.tsv"].decode().split("\n")
    assert len(lines) == made.rows["small_nodes.tsv"] + 2
    assert len({line.count("\t") for line in lines[:-1]}) == 1
    assert any(loss.what.startswith("values hold a tab") and loss.number == 2 for loss in made.losses)


def test_the_profile_may_not_name_what_the_model_does_not_have(shipped: KnowledgeBase) -> None:
    from kb.checks import biolink_profile as checks

    record = shipped.biolink.record
    wrong = {
        "no class of nodes": BiolinkProfile(terms={"clonazepam": "Medicine"}, record=record),
        "no term": BiolinkProfile(terms={"aspirin": "Drug"}, record=record),
        "There is no predicate": BiolinkProfile(predicates={"cures": ()}, record=record),
        "has no predicate 'cures'": BiolinkProfile(predicates={"has-risk": (EdgeRule("cures"),)}, record=record),
        "no association": BiolinkProfile(predicates={"has-risk": (EdgeRule("treats", "Nothing"),)}, record=record),
        "does not take the predicate": BiolinkProfile(
            predicates={"has-risk": (EdgeRule("treats", "ChemicalOrDrugOrTreatmentSideEffectAssociation"),)}, record=record
        ),
        "has no qualifier": BiolinkProfile(predicates={"has-risk": (EdgeRule("treats", qualifiers={"id": "x"}),)}, record=record),
        "does not take 'up'": BiolinkProfile(
            predicates={
                "has-risk": (
                    EdgeRule(
                        "affects", "ChemicalAffectsBiologicalEntityAssociation", qualifiers={"object_direction_qualifier": "up"}
                    ),
                )
            },
            record=record,
        ),
        "needs the slot": BiolinkProfile(
            predicates={"has-risk": (EdgeRule("regulates", "GeneRegulatesGeneAssociation"),)}, record=record
        ),
    }
    for words, profile in wrong.items():
        problems = list(checks.check(shipped._replace(biolink=profile)))
        assert any(words in each.message for each in problems), words
        assert {each.code for each in problems} == {"KB710"}
