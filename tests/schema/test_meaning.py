"""Expanding a record by a standard JSON-LD processor gives the statements of the compiler."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from itertools import chain
from typing import Any

import pyoxigraph
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st

from kb import resources
from kb.model import DISPUTE, Document, Fact, KnowledgeBase, Predicate, Record
from kb.problems import Place
from kb.rdf import facts, terms
from kb.rdf.iris import KB, QUDT, SKOS, Names
from kb.rdf.quads import Quad, iri
from kb.rdf.quantities import FIGURE
from kb.records import resolve
from tests.schema.jsonld_records import as_jsonld

Triple = tuple[str, str, str]
Expand = Callable[[dict[str, Any], str], frozenset[Triple]]

_COMPUTED = {iri(KB + name) for name in ("lowest", "highest", "baseUnit", "outdated", "proposition")}
_OF_FIGURES = {iri(f"{QUDT}hasUnit"), iri(f"{SKOS}prefLabel")}
_NAMES = Names("https://example.org/kb/", {"ECO": "http://purl.obolibrary.org/obo/ECO_"})


def _record(kind: str, value: object) -> Record:
    return Record(kind, value, Place("test"), stem="leaflet")


def _about(fact: Fact, quads: Iterable[Quad], base: str) -> frozenset[Triple]:
    """Keep what is said of the fact and its parts, but not what is computed; the plain triple is said of the subject."""
    own = (quad for quad in quads if quad.subject.startswith(f"<{base}{fact.path}"))
    return _triples(quad for quad in own if FIGURE not in quad.subject or quad.predicate not in _OF_FIGURES)


def _compile(kb: KnowledgeBase, names: Names) -> Callable[[Fact], list[Quad]]:
    compiler = facts.Compiler(names, kb.predicates, kb.dataset.language)
    return lambda fact: list(chain(*compiler.quads(fact, kb.documents[fact.document].evidence)))


def _document(name: str, evidence: str) -> Document:
    return Document(name, "A leaflet", "en", "Ours.", "held-elsewhere", "", 0, 0, (), evidence=evidence)


def test_every_shipped_fact_means_what_the_compiler_makes_of_it(shipped: KnowledgeBase, names: Names, expand: Expand) -> None:
    step = _compile(shipped, names)
    assert shipped.facts
    for fact in shipped.facts:
        record = json.loads(json.dumps(as_jsonld(fact, shipped.documents, names)))
        assert expand(record, names.base) == _about(fact, step(fact), names.base), fact.path


def test_other_processors_read_the_same(shipped: KnowledgeBase, names: Names) -> None:
    context = json.loads((resources.schemas() / "context.jsonld").read_text(encoding="utf-8"))["@context"]
    step = _compile(shipped, names)
    compiled = frozenset(triple for fact in shipped.facts for triple in _about(fact, step(fact), names.base))
    document = {
        "@context": [{"@base": names.base, "@language": "en"}, context],
        "@graph": [as_jsonld(fact, shipped.documents, names) for fact in shipped.facts],
    }
    text = json.dumps(document)
    read = pyoxigraph.parse(text, format=pyoxigraph.RdfFormat.JSON_LD)
    assert {(str(each.subject), str(each.predicate), str(each.object)) for each in read} == compiled
    graph = rdflib.Graph().parse(data=text, format="json-ld")
    string = "^^<http://www.w3.org/2001/XMLSchema#string>"  # rdflib spells it out where the context does
    assert {tuple(term.n3().removesuffix(string) for term in triple) for triple in graph} == compiled


@settings(deadline=None, max_examples=settings().max_examples // 2)
@given(data=st.data())
def test_any_fact_means_what_the_compiler_makes_of_it(
    data: st.DataObject, good_facts: st.SearchStrategy[dict[str, Any]], expand: Expand
) -> None:
    fact = resolve.parse_fact(_record("fact", data.draw(good_facts))).stated_in("")
    fact = fact._replace(qualifiers={name: value for name, value in fact.qualifiers.items() if name != DISPUTE})  # is computed
    documents = {fact.document: _document(fact.document, data.draw(st.sampled_from(["", "ECO:0000303"])))}
    predicate = Predicate(fact.predicate, "", "", (), (), plain=(fact.qualifiers["modality"],))
    quads = chain(*facts.Compiler(_NAMES, {fact.predicate: predicate}, "en").quads(fact, documents[fact.document].evidence))
    assert expand(as_jsonld(fact, documents, _NAMES), _NAMES.base) == _about(fact, quads, _NAMES.base)


def test_shipped_terms_and_predicates_mean_what_the_compiler_makes_of_them(
    shipped: KnowledgeBase, names: Names, expand: Expand
) -> None:
    for term in shipped.terms.values():
        assert term.record is not None
        assert expand(_term(term.record.value), names.base) == _triples(terms.compile_term(term, names, "en"))
    for predicate in shipped.predicates.values():
        assert predicate.record is not None
        assert expand(_predicate(predicate.record.value), names.base) == _triples(terms.compile_predicate(predicate, names, "en"))


@settings(deadline=None, max_examples=settings().max_examples // 2)
@given(data=st.data())
def test_any_term_and_predicate_mean_what_the_compiler_makes_of_them(
    data: st.DataObject,
    good_terms: st.SearchStrategy[dict[str, Any]],
    good_predicates: st.SearchStrategy[dict[str, Any]],
    expand: Expand,
) -> None:
    term, predicate = data.draw(good_terms), data.draw(good_predicates)
    compiled = terms.compile_term(resolve.parse_term(_record("term", term), "en"), _NAMES, "en")
    assert expand(_term(term), _NAMES.base) == _triples(compiled)
    compiled = terms.compile_predicate(resolve.parse_predicate(_record("predicate", predicate), "en"), _NAMES, "en")
    assert expand(_predicate(predicate), _NAMES.base) == _triples(compiled)


def test_the_context_knows_every_key_of_a_record() -> None:
    context = json.loads((resources.schemas() / "context.jsonld").read_text(encoding="utf-8"))["@context"]
    scoped = {
        "Fact": resources.schema("fact"),
        "Evidence": resources.schema("fact")["$defs"]["evidence"],
        "Quantity": resources.schema("fact")["$defs"]["quantity"],
        "Review": resources.schema("fact")["$defs"]["review"],
        "Term": resources.schema("term"),
        "Predicate": resources.schema("predicate"),
    }
    for name, schema in scoped.items():
        assert set(schema["properties"]) <= {*context, *context[name]["@context"]}, name


def _triples(quads: Iterable[Quad]) -> frozenset[Triple]:
    return frozenset(quad[:3] for quad in quads if quad.predicate not in _COMPUTED)


def _term(record: dict[str, Any]) -> dict[str, Any]:
    return {**record, "id": f"term/{record['id']}", "type": ["Term", "Concept"]}


def _predicate(record: dict[str, Any]) -> dict[str, Any]:
    """Make a node of a record; the compiler leaves out that a relation is not symmetric."""
    values = {key: value for key, value in record.items() if (key, value) != ("symmetric", False)}
    return {**values, "id": f"predicate/{record['id']}", "type": ["Predicate", "Property"]}
