"""The KGX export is of the Biolink Model, says no more than the facts, and tells what it leaves out."""

from __future__ import annotations

import json
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from kb import pipeline, resources
from kb.formats.tables import kgx
from kb.metadata import BiolinkProfile, EdgeRule
from kb.model import KnowledgeBase, LiteralObject
from kb.schema import biolink

_GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "content"


def read(kb: KnowledgeBase, sort: str) -> list[dict[str, Any]]:
    lines = kgx.write(kb).files[f"{kb.dataset.id}_{sort}.jsonl"].decode().splitlines()
    return [json.loads(line) for line in lines]


def short(edge: dict[str, Any]) -> str:
    return f"{'not ' if edge.get('negated') else ''}{edge['predicate'].removeprefix('biolink:')} {edge['object']}"


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
    assert all(edge["predicate"].removeprefix("biolink:") in biolink.model().predicates for edge in edges)


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
    assert used - {"clonazepam"} <= known
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
            "contributes_to",
            "has_chemical_role",
            "has_side_effect",
            "interacts_with",
            "located_in",
            "predisposes_to_condition",
            "subclass_of",
            "treats_or_applied_or_studied_to_treat",
        )
    }
    (drowsy,) = [each for each in edges if each["object"] == "HP:0002329"]
    assert (drowsy["subject"], drowsy["predicate"]) == ("CHEBI:3756", "biolink:has_side_effect")
    assert drowsy["frequency_qualifier"] == "commonly-reported"
    (affects,) = [each for each in edges if each["predicate"] == "biolink:affects" and each["subject"] == "CHEBI:3756"]
    assert (affects["object"], affects["description"]) == (
        "CHEBI:16865",
        "clonazepam enhances the effects of gamma-aminobutyric acid (GABA) (is)",
    )


def test_what_follows_sudden_stopping_is_no_edge_of_the_medicine(shipped: KnowledgeBase) -> None:
    edges = [each for each in read(shipped, "edges") if each["object"] in {"HP:0001250", "HP:0100785", "HP:0025269"}]
    assert {(each["subject"], each["predicate"]) for each in edges} == {
        ("CHEBI:3756", "biolink:treats_or_applied_or_studied_to_treat"),
        ("clonazepam:sudden-discontinuation", "biolink:predisposes_to_condition"),
    }


def test_what_has_no_exact_match_is_a_node_of_our_own_where_the_profile_says_so(shipped: KnowledgeBase) -> None:
    nodes = {node["id"]: node for node in read(shipped, "nodes")}
    assert {f"clonazepam:{name}" for name in ("alcohol", "breathing-difficulties", "addiction")} <= set(nodes)
    assert nodes["clonazepam:breathing-difficulties"]["xref"]
    without = shipped._replace(biolink=shipped.biolink._replace(unmatched=False))
    assert not [node for node in read(without, "nodes") if node["id"].startswith("clonazepam:")]
    linked = {edge[end] for edge in read(shipped, "edges") for end in ("subject", "object")}
    assert set(nodes) == linked
    everything = shipped._replace(biolink=shipped.biolink._replace(unlinked=True))
    assert len(read(everything, "nodes")) == len(shipped.terms)


def test_a_public_identifier_has_the_name_of_its_vocabulary_and_no_definition_of_ours(shipped: KnowledgeBase) -> None:
    nodes = {node["id"]: node for node in read(shipped, "nodes")}
    assert (nodes["HP:0000739"]["name"], "anxiety" in nodes["HP:0000739"]["synonym"]) == ("Anxiety", True)
    assert not [name for name, node in nodes.items() if "description" in node and not name.startswith("clonazepam:")]
    assert nodes["clonazepam:alcohol"]["description"] == shipped.terms["alcohol"].definition


def test_the_tsv_says_negated_of_denied_edges_alone(traps: KnowledgeBase) -> None:
    lines = kgx.write(traps).files["small_edges.tsv"].decode().splitlines()
    rows = [dict(zip(lines[0].split("\t"), line.split("\t"), strict=True)) for line in lines[1:]]
    assert {row["negated"] for row in rows} == {"", "true"}
    assert all(bool(row["negated"]) == row["description"].startswith("denied: ") for row in rows)


def test_what_denies_a_severe_effect_denies_no_effect(traps: KnowledgeBase) -> None:
    (denied,) = [fact for fact in traps.facts if fact.predicate == "has-side-effect" and "polarity" in fact.qualifiers]
    graded = traps._replace(facts=(denied._replace(qualifiers={**denied.qualifiers, "severity": "severe"}),))
    assert (len(read(traps._replace(facts=(denied,)), "edges")), read(graded, "edges")) == (1, [])
    hedged = traps._replace(facts=(denied._replace(qualifiers={**denied.qualifiers, "modality": "can"}),))
    assert read(hedged, "edges") == [], "what may not be is not denied"


def test_only_what_says_no_more_than_the_fact_is_an_edge(traps: KnowledgeBase) -> None:
    assert sorted(map(short, read(traps, "edges"))) == [
        "affects HP:0000989",
        "causes HP:0000989",
        "has_side_effect HP:0000989",
        "not causes HP:0000990",
        "not has_side_effect HP:0000990",
    ]


def test_a_qualifier_that_is_hedged_on_its_evidence_fills_no_slot(traps: KnowledgeBase) -> None:
    assert not [edge for edge in read(traps, "edges") if "frequency_qualifier" in edge]


def test_all_that_is_left_out_is_counted(traps: KnowledgeBase) -> None:
    reported = "\n".join(map(str, kgx.write(traps).losses))
    left = len(traps.facts) - len(read(traps, "edges"))
    reasons = [loss for loss in kgx.write(traps).losses if " facts " in f" {loss.what} " and loss.names]
    assert sum(loss.number for loss in reasons) == left == 8
    for reason, number in (
        ("terms have no exact match", 3),
        ("identifiers have a prefix", 1),
        ("facts hold only under a restriction", 3),
        ("facts have a literal", 1),
    ):
        assert re.search(rf"^{reason}.*\({number}\)", reported, re.MULTILINE)


def test_the_preferred_identifier_of_the_class_is_the_id_and_the_others_are_references(traps: KnowledgeBase) -> None:
    node = next(each for each in read(traps, "nodes") if each["name"] == "examplol")
    assert (node["id"], node["category"], node["xref"]) == ("RXCUI:1", ["biolink:Drug"], ["MESH:D000001"])


def test_terms_with_one_identifier_are_one_node_and_no_loop(traps: KnowledgeBase) -> None:
    same = [each._replace(object="mesh:D000001") if each.subject == "term:itch" else each for each in traps.mappings]
    only = [each for each in same if each.object == "mesh:D000001" or each.subject.startswith("pred:")]
    merged = traps._replace(mappings=tuple(only), biolink=traps.biolink._replace(unlinked=True))
    assert [node["synonym"] for node in read(merged, "nodes")] == [["=cmd()", "a|b;c", "itch"]]
    assert not read(merged, "edges")
    assert any(loss.what.startswith("facts have both ends in one node") for loss in kgx.write(merged).losses)


def test_a_tab_a_line_end_and_a_bar_cannot_break_the_tsv(traps: KnowledgeBase) -> None:
    made = kgx.write(traps)
    lines = made.files["small_nodes.tsv"].decode().split("\n")
    assert len(lines) == made.rows["small_nodes.tsv"] + 2
    assert len({line.count("\t") for line in lines[:-1]}) == 1
    assert any(loss.what.startswith("values hold a tab") and loss.number == 1 for loss in made.losses)


def test_the_profile_may_not_name_what_the_model_does_not_have(shipped: KnowledgeBase) -> None:
    from kb.checks import biolink_profile as checks

    record = shipped.biolink.record
    wrong = {
        "no class of nodes": BiolinkProfile(terms={"clonazepam": "Medicine"}, record=record),
        "There is no predicate 'called'": BiolinkProfile(trade_names="called", record=record),
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


def test_an_edge_of_what_a_curator_infers_is_no_statement_of_the_document(shipped: KnowledgeBase) -> None:
    edges = {(edge["original_predicate"].rpartition("/")[2], edge["object"]): edge for edge in read(shipped, "edges")}
    keys = ("knowledge_level", "agent_type", "has_evidence_of_type")
    inferred = edges["alleviates", "HP:0001250"]  # "symptoms of seizures" would be read, too
    stated = edges["used-to-treat", "MONDO:0005618"]
    partly = edges["has-side-effect", "HP:0002329"]  # how far a hedge reaches is inferred, not the claim
    assert [inferred[key] for key in keys] == ["not_provided", "manual_agent", ["ECO:0000305"]]
    assert [stated[key] for key in keys] == ["knowledge_assertion", "not_provided", ["ECO:0000034"]]
    assert [partly[key] for key in keys] == ["knowledge_assertion", "not_provided", ["ECO:0000034", "ECO:0000305"]]


def test_the_class_of_an_edge_takes_the_nodes_at_its_ends(any_kb: KnowledgeBase) -> None:
    classes = {node["id"]: node["category"][0].removeprefix("biolink:") for node in read(any_kb, "nodes")}
    for edge in read(any_kb, "edges"):
        association = biolink.model().associations[edge["category"][0].removeprefix("biolink:")]
        assert association.takes(classes[edge["subject"]], classes[edge["object"]]), edge


def test_a_rule_whose_class_does_not_take_the_nodes_makes_a_wider_edge_or_none(shipped: KnowledgeBase) -> None:
    def write(rule: EdgeRule) -> tuple[list[dict[str, Any]], str]:
        kb = shipped._replace(biolink=shipped.biolink._replace(predicates={"located-in": (rule,)}))
        edges = [edge for edge in read(kb, "edges") if edge["predicate"] == "biolink:located_in"]
        return edges, "\n".join(map(str, kgx.write(kb).losses))

    between_genes = EdgeRule("located_in", "GeneToGeneAssociation")
    (edge,), _ = write(between_genes)
    assert (edge["category"], edge["object"]) == (["biolink:Association"], "UBERON:0000955")
    edges, losses = write(between_genes._replace(qualifiers={"object_aspect_qualifier": "activity"}))
    assert (edges, "facts have ends that the class of edges" in losses) == ([], True)


def test_a_brand_is_a_trade_name_only_where_a_mapping_says_so_and_the_fact_is_plain(shipped: KnowledgeBase) -> None:
    def find(kb: KnowledgeBase) -> tuple[list[str], bool]:
        names = [node["trade_name"] for node in read(kb, "nodes") if "trade_name" in node]
        left = [loss for loss in kgx.write(kb).losses if "no rule and no mapping" in loss.what]
        return names, any("also-known-as" in name for loss in left for name in loss.names)

    (node,) = (node for node in read(shipped, "nodes") if node["id"] == "CHEBI:3756")
    assert (node["trade_name"], find(shipped)) == ("Klonopin", (["Klonopin"], False))
    unmapped = shipped._replace(mappings=tuple(row for row in shipped.mappings if row.subject != "term:klonopin"))
    assert find(unmapped) == ([], True)
    denied = [
        fact._replace(qualifiers={**fact.qualifiers, "polarity": "negated"}) if fact.predicate == "also-known-as" else fact
        for fact in shipped.facts
    ]
    assert find(shipped._replace(facts=tuple(denied)))[0] == []
    retracted = {name: document._replace(standing="retracted") for name, document in shipped.documents.items()}
    unlinked = shipped.biolink._replace(unlinked=True)
    assert find(shipped._replace(biolink=unlinked))[0] == ["Klonopin"]
    assert find(shipped._replace(documents=retracted, biolink=unlinked))[0] == []
    assert find(shipped._replace(biolink=shipped.biolink._replace(trade_names=""))) == ([], True)
    other = [fact._replace(object=LiteralObject("x")) for fact in shipped.facts if fact.predicate == "also-known-as"]
    assert find(shipped._replace(facts=tuple(other)))[0] == []


def test_a_new_knowledge_base_has_edges_from_the_start() -> None:
    edges = read(pipeline.load(resources.starter()), "edges")
    assert [short(edge) for edge in edges] == ["has_side_effect examplol:itching", "subclass_of examplol:medicine"]
