"""The ontology declares every term of our namespace, and agrees with the schemas."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pyoxigraph
import pytest
import rdflib
from rdflib import RDF, RDFS, SKOS

from kb import pipeline, resources
from kb.model import KnowledgeBase
from kb.rdf.iris import KB
from kb.rdf.ontology import STATUS
from kb.schema import composition, vocabulary

_PATH = resources.schemas() / "ontology.ttl"
_ENDS = {RDFS.domain, RDFS.range, *(rdflib.URIRef(f"https://schema.org/{name}Includes") for name in ("domain", "range"))}

KB_RESTRICTING = rdflib.URIRef(f"{KB}RestrictingQualifier")


@pytest.fixture(scope="module")
def ontology() -> rdflib.Graph:
    return rdflib.Graph().parse(_PATH, format="turtle")


@pytest.fixture(scope="module")
def declared(ontology: rdflib.Graph) -> set[str]:
    return {str(each).removeprefix(KB) for each in ontology.subjects(RDF.type) if str(each).startswith(KB)}


def test_two_readers_read_the_same(ontology: rdflib.Graph) -> None:
    read = {tuple(str(term) for term in each)[:3] for each in pyoxigraph.parse(path=_PATH, format=pyoxigraph.RdfFormat.TURTLE)}
    assert len(read) == len(ontology) > 500
    assert not any(isinstance(term, rdflib.BNode) for triple in ontology for term in triple)


def test_every_word_in_the_compiled_graph_is_declared(shipped: KnowledgeBase, declared: set[str]) -> None:
    used = {term[len(KB) + 1 : -1] for quad in pipeline.compile_all(shipped) for term in quad if term.startswith(f"<{KB}")}
    assert len(used) > 80
    assert used - {""} <= declared  # the dataset names the vocabulary itself


@pytest.mark.parametrize("name", ["context.jsonld", "shapes.ttl", "shapes-sparql.ttl"])
def test_every_word_in_the_other_contracts_is_declared(name: str, declared: set[str]) -> None:
    text = (resources.schemas() / name).read_text(encoding="utf-8")
    assert set(re.findall(r"\bkb:([\w-]+)", text)) <= declared


def test_every_word_has_one_label_one_definition_and_one_class(ontology: rdflib.Graph, declared: set[str]) -> None:
    for name in declared:
        word = rdflib.URIRef(KB + name)
        labels = [*ontology.objects(word, RDFS.label), *ontology.objects(word, SKOS.prefLabel)]
        assert (
            len(labels)
            == len(list(ontology.objects(word, SKOS.definition)))
            == len(set(ontology.objects(word, RDF.type)) - {KB_RESTRICTING})
            == 1
        ), name


def test_every_property_has_both_ends(ontology: rdflib.Graph) -> None:
    properties = list(ontology.subjects(RDF.type, RDF.Property))
    assert len(properties) > 40
    for each in properties:
        ends = {
            str(predicate).rpartition("/")[2].rpartition("#")[2] for predicate in ontology.predicates(each) if predicate in _ENDS
        }
        assert ends & {"domain", "domainIncludes"}, each
        assert ends & {"range", "rangeIncludes"}, each


def _lists() -> Iterator[tuple[str, dict[str, tuple[str, str]]]]:
    for name in vocabulary.controlled_lists():
        yield name, {value.name: (value.label, value.definition) for value in vocabulary.values(name).values()}
    yield "status", {name: (name, definition) for name, definition in STATUS.items()}


def test_schemas_and_ontology_agree_on_every_list(ontology: rdflib.Graph) -> None:
    schemes = {str(each).removeprefix(KB) for each in ontology.subjects(RDF.type, SKOS.ConceptScheme)}
    assert schemes == {f"{name}-values" for name in (*vocabulary.controlled_lists(), "status", "part")}
    for name, expected in _lists():
        scheme = rdflib.URIRef(f"{KB}{name}-values")
        concepts = set(ontology.subjects(SKOS.inScheme, scheme))
        assert concepts == set(ontology.objects(scheme, SKOS.hasTopConcept)) == set(ontology.subjects(SKOS.topConceptOf, scheme))
        stated = {
            str(each).removeprefix(KB): (str(ontology.value(each, SKOS.prefLabel)), str(ontology.value(each, SKOS.definition)))
            for each in concepts
        }
        assert stated == expected


def test_schemas_and_ontology_agree_on_every_class(ontology: rdflib.Graph) -> None:
    kinds = {composition.class_name(name): value for name, value in vocabulary.values("kind").items()}
    records = set(_classes_of_records())
    assert {"KnowledgeBase", "Document", "Section", "Sentence", "Term", "Predicate", "Fact", "Evidence", "Mapping"} <= records
    classes = {str(each).removeprefix(KB) for each in ontology.subjects(RDF.type, RDFS.Class)}
    assert classes == {*kinds, *records, "RestrictingQualifier", "HedgedValue", "AllOf", "AnyOf", "Proposition"}
    for name, kind in kinds.items():
        word = rdflib.URIRef(KB + name)
        assert (word, RDFS.subClassOf, rdflib.URIRef(f"{KB}Term")) in ontology
        assert str(ontology.value(word, RDFS.label)) == kind.label
        links = [target for relation in kind.links for target in ontology.objects(word, SKOS[relation])]
        assert len(links) == sum(map(len, kind.links.values()))
        assert all(str(each).startswith("http") for each in links)


def _classes_of_records() -> Iterator[str]:
    for path in resources.schemas().glob("*.schema.json"):
        schema: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        for value in (schema, *schema.get("$defs", {}).values()):
            if "x-class" in value:
                yield value["x-class"]


def test_schemas_and_ontology_agree_on_qualifiers_and_parts(ontology: rdflib.Graph) -> None:
    parts = resources.schema("values")["$defs"]["part"]["enum"]
    assert parts == ["claim", *vocabulary.qualifiers()]
    assert (rdflib.URIRef(f"{KB}claim"), SKOS.inScheme, rdflib.URIRef(f"{KB}part-values")) in ontology
    for name, qualifier in vocabulary.qualifiers().items():
        word = rdflib.URIRef(KB + name)
        assert (word, RDF.type, RDF.Property) in ontology
        expected = {f"{KB}{composition.class_name(kind)}" for kind in qualifier.kinds}
        expected = {f"{KB}Term"} if len(expected) == len(vocabulary.values("kind")) else expected
        expected |= {str(SKOS.Concept)} if qualifier.listed else set()
        expected |= {f"{KB}Quantity"} if qualifier.units is not None else set()
        expected |= {f"{KB}AllOf", f"{KB}AnyOf"} if qualifier.kinds else set()
        expected |= {f"{KB}HedgedValue"} - ({f"{KB}HedgedValue"} if name in {"modality", "polarity"} else set())
        stated = {str(each) for each in ontology.objects(word, rdflib.URIRef("https://schema.org/rangeIncludes"))}
        assert (stated or {str(each) for each in ontology.objects(word, RDFS.range)}) == expected


def test_the_qualifiers_that_restrict_are_of_one_class(ontology: rdflib.Graph) -> None:
    restricting = {str(word).removeprefix(KB) for word in ontology.subjects(RDF.type, KB_RESTRICTING)}
    assert restricting == set(vocabulary.restricting_qualifiers())
