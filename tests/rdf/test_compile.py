"""Compiling: no blank nodes, readable IRIs, plain triples only where they say no more."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kb import pipeline
from kb.model import Document, KnowledgeBase
from kb.rdf import documents
from kb.rdf.compilation import Compilation
from kb.rdf.facts import TYPE, Model, has_plain_triple
from kb.rdf.iris import KB, Names, fact_path, literal_segment
from kb.rdf.quads import Quad, iri
from kb.schema import vocabulary

GOLDEN = Path(__file__).resolve().parents[1] / "golden"


def facts_in(quads: list[Quad]) -> set[str]:
    return {quad.subject for quad in quads if (quad.predicate, quad.object) == (TYPE, iri(f"{KB}Fact"))}


def test_there_are_no_blank_nodes(shipped: KnowledgeBase) -> None:
    assert not [quad for quad in pipeline.compile_all(shipped) if any(term.startswith("_:") for term in quad)]


def test_iris_are_readable_and_are_below_the_base(shipped: KnowledgeBase, names: Names) -> None:
    for quad in pipeline.compile_all(shipped):
        assert quad.subject.startswith((f"<{names.base}", f"<{KB}"))
        assert re.fullmatch(r"<[A-Za-z0-9:/._;,~%#-]+>", quad.subject), quad.subject


def test_the_iri_of_a_fact_spells_out_what_it_claims(shipped: KnowledgeBase) -> None:
    paths = {fact.path for fact in shipped.facts}
    assert "fact/clonazepam-overview/clonazepam/has-side-effect/drowsiness" in paths
    assert "fact/clonazepam-overview/clonazepam/has-withdrawal-symptom/seizures/trigger/sudden-discontinuation" in paths
    dangerous = "fact/clonazepam-overview/withdrawal-symptoms/has-property/dangerous/trigger/sudden-discontinuation"
    assert {dangerous, f"{dangerous}/population/people-prone-to-seizures"} <= paths


def test_there_is_one_graph_for_each_document_and_one_of_each_kind_for_the_rest(brightol: KnowledgeBase) -> None:
    graphs = {quad.graph.rpartition("graph/")[2].strip("<>") for quad in pipeline.compile_all(brightol)}
    own = {"document/leaflet", "document/study", "claims", "vocabulary", "mappings", "dataset"}
    assert graphs == {*own, "https://w3id.org/linked-kb/ontology"}


def test_two_documents_that_claim_the_same_are_two_facts_and_one_triple(brightol: KnowledgeBase) -> None:
    quads = pipeline.compile_all(brightol)
    base = brightol.dataset.base
    triple = (f"<{base}term/brightol>", f"<{base}predicate/has-side-effect>", f"<{base}term/cough>")
    assert [quad.graph for quad in quads if quad[:3] == triple] == [f"<{base}graph/claims>"]
    assert len([node for node in facts_in(quads) if node.endswith("/has-side-effect/cough>")]) == 2


def test_plain_triples_are_exactly_those_of_unrestricted_facts_in_a_modality_of_the_predicate(brightol: KnowledgeBase) -> None:
    base = brightol.dataset.base
    plain = {quad for quad in pipeline.compile_all(brightol, "plain") if f"{base}predicate/" in quad.predicate}
    facts = [fact for fact in brightol.facts if has_plain_triple(fact, brightol.predicates[fact.predicate])]
    assert len(plain) == len({(fact.subject, fact.predicate, fact.object) for fact in facts}) < len(facts)
    assert not [quad for quad in plain if "has-withdrawal-symptom" in quad.predicate]


@pytest.mark.parametrize("model", ["full", "named-graphs", "rdf12"])
def test_every_statement_model_but_plain_keeps_every_fact(model: str, brightol: KnowledgeBase) -> None:
    quads = pipeline.compile_all(brightol, model)  # type: ignore[arg-type]
    assert len(facts_in(quads)) == len(brightol.facts)


def test_a_denied_claim_has_no_triple_in_a_graph_of_its_own(brightol: KnowledgeBase) -> None:
    quads = pipeline.compile_all(brightol, "named-graphs")
    assert not [quad for quad in quads if "negated" in quad.graph]
    assert [quad for quad in quads if "negated" in quad.subject and quad.predicate.endswith("#object>")]


def test_only_the_words_that_are_used_are_explained(brightol: KnowledgeBase) -> None:
    quads = pipeline.compile_all(brightol)
    explained = {quad.subject for quad in quads if quad.subject.startswith(f"<{KB}")}
    assert iri(f"{KB}negated") in explained
    assert iri(f"{KB}severe") not in explained


def test_no_two_controlled_lists_share_a_word() -> None:
    words = [name for each in vocabulary.controlled_lists() for name in vocabulary.values(each)]
    assert len(words) == len(set(words))
    assert not set(words) & set(vocabulary.qualifiers())


@dataclass
class Segment:
    value: str
    kind: str
    expected: str


@pytest.mark.parametrize(
    "case",
    [
        Segment("1.50", "xsd:decimal", "1.50;decimal"),
        Segment("..", "xsd:string", "..;string"),
        Segment("a/b c?", "xsd:string", "a%2Fb%20c%3F;string"),
        Segment("é", "fr", "%C3%A9;fr"),
        Segment("", "xsd:string", ";string"),
    ],
)
def test_a_literal_becomes_one_safe_segment(case: Segment) -> None:
    assert literal_segment(case.value, case.kind) == case.expected


def test_long_literals_end_in_a_digest_and_stay_apart() -> None:
    first, second = (literal_segment("é" * 200 + end, "xsd:string") for end in "ab")
    assert first != second
    assert len(first) < 80
    assert re.fullmatch(r"(%[0-9A-F]{2})+~[0-9a-f]{16};string", first)


def test_restrictions_follow_the_object_in_a_fixed_order() -> None:
    path = fact_path("d", "s", "p", "o", [("polarity", "negated"), ("trigger", "t")])
    assert path == "fact/d/s/p/o/polarity/negated/trigger/t"


@pytest.mark.parametrize("path", sorted(path.name for path in GOLDEN.iterdir() if path.is_file()))
def test_exports_of_the_small_knowledge_base_are_those_that_were_reviewed(path: str, brightol: KnowledgeBase) -> None:
    model, _, extension = path.rpartition(".")
    made = pipeline.export(brightol, extension, model)  # type: ignore[arg-type]
    assert made == (GOLDEN / path).read_text(encoding="utf-8")


def test_statement_models_share_documents_and_the_full_graph_is_compiled_once(
    brightol: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled: list[str] = []
    compile_document = documents.compile_document

    def counted(document: Document, *args: Any) -> documents.DocumentRows:
        compiled.append(document.id)
        return compile_document(document, *args)

    monkeypatch.setattr(documents, "compile_document", counted)
    compilation = Compilation(brightol)
    models: tuple[Model, ...] = ("full", "plain", "named-graphs", "rdf12", "full")
    for model in models:
        compilation.quads(model)
    assert compiled == list(brightol.documents)
    assert compilation.full is compilation.quads()
