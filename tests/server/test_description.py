"""The service describes itself and its dataset, in RDF and in the forms that query editors use."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from rdflib import RDF, Graph, Namespace, URIRef

from kb import queries
from kb.model import KnowledgeBase
from kb.sparql.values import Answer
from tests.server.client import Server

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
SH = Namespace("http://www.w3.org/ns/shacl#")
VOID = Namespace("http://rdfs.org/ns/void#")
BASE = "https://w3id.org/linked-kb/clonazepam/"
PREFIXES = """PREFIX sh: <http://www.w3.org/ns/shacl#> PREFIX void: <http://rdfs.org/ns/void#>
PREFIX void-ext: <http://ldf.fi/void-ext#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> """


@pytest.mark.parametrize("kind", ["text/turtle", "application/rdf+xml", "application/ld+json", "application/n-triples"])
def test_the_service_describes_itself(server: Server, kind: str) -> None:
    found = server.get("/sparql", Accept=kind)
    assert found.kind == kind
    graph = Graph().parse(data=found.text, format=kind)
    service = URIRef(f"{server.url}/sparql")
    assert (service, RDF.type, SD.Service) in graph
    assert (service, SD.endpoint, service) in graph
    assert (service, SD.supportedLanguage, SD.SPARQL11Query) in graph
    assert len(list(graph.objects(service, SD.resultFormat))) == 10
    graphs = {str(each) for each in graph.objects(None, SD.name)}
    asked = {row["g"] for row in server.rows("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }")}
    assert graphs == asked
    assert (None, RDF.type, SH.SPARQLExecutable) in graph
    assert (URIRef(BASE), VOID.sparqlEndpoint, service) in graph


def test_the_well_known_addresses_give_void_and_examples(server: Server, shipped: KnowledgeBase) -> None:
    void = Graph().parse(data=server.get("/.well-known/void").text, format="turtle")
    triples = next(iter(void.objects(URIRef(BASE), VOID.triples)))
    assert int(str(triples)) > 1000
    examples = Graph().parse(data=server.get("/.well-known/sparql-examples").text, format="turtle")
    executables = set(examples.subjects(RDF.type, SH.SPARQLExecutable))
    assert len(executables) == len(queries.named_queries(shipped))


def test_the_counts_of_void_are_right(server: Server) -> None:
    void = Graph().parse(data=server.get("/.well-known/void").text, format="turtle")
    part = next(
        each
        for each in void.subjects(VOID["class"], URIRef("https://w3id.org/linked-kb/ontology#Fact"))
        if (each, VOID.entities, None) in void
    )
    asked = server.rows("SELECT (COUNT(*) AS ?n) { ?fact a kb:Fact }")[0]["n"]
    assert str(next(iter(void.objects(part, VOID.entities)))) == asked


def test_the_questions_of_a_query_editor_are_answered(server: Server) -> None:
    prefixes = server.rows(
        f"{PREFIXES} SELECT DISTINCT ?prefix ?namespace {{ [] sh:namespace ?namespace ; sh:prefix ?prefix }} ORDER BY ?prefix"
    )
    assert {"prefix": "kb", "namespace": "https://w3id.org/linked-kb/ontology#"} in prefixes
    examples = server.rows(f"""{PREFIXES} SELECT DISTINCT ?sq ?comment ?query {{
        ?sq a sh:SPARQLExecutable ; rdfs:comment ?comment ; sh:select|sh:ask|sh:construct|sh:describe ?query }} ORDER BY ?sq""")
    assert len(examples) >= 15
    partitions = server.rows(f"""{PREFIXES} SELECT DISTINCT ?subjectClass ?prop ?objectClass ?objectDatatype {{
        ?cp void:class ?subjectClass ; void:propertyPartition ?pp . ?pp void:property ?prop .
        OPTIONAL {{ {{ ?pp void:classPartition [ void:class ?objectClass ] }}
          UNION {{ ?pp void-ext:datatypePartition [ void-ext:datatype ?objectDatatype ] }} }} }}""")
    kb = "https://w3id.org/linked-kb/ontology#"
    assert {"subjectClass": f"{kb}Fact", "prop": f"{kb}evidence", "objectClass": f"{kb}Evidence"} in partitions
    assert any(row.get("objectDatatype") for row in partitions)


def test_every_example_can_be_asked_as_it_stands(server: Server) -> None:
    examples = server.rows(
        f"{PREFIXES} SELECT ?query {{ ?sq a sh:SPARQLExecutable ; sh:select|sh:ask|sh:construct|sh:describe ?query }}"
    )
    for each in examples:
        ox.Store().query(each["query"])  # which knows no prefixes but those of the text
        assert server.send("POST", "/sparql", each["query"], Content_Type="application/sparql-query").status == 200


def test_named_questions_get_the_answers_that_the_command_gives(
    server: Server, shipped: KnowledgeBase, shipped_answers: dict[str, Answer]
) -> None:
    for query in queries.named_queries(shipped):
        answer = shipped_answers[query.name]
        found = server.send("POST", "/sparql", query.text, Content_Type="application/sparql-query")
        if answer.form == "select":
            assert len(found.json["results"]["bindings"]) == len(answer.rows), query.name
    whole = queries.ask(shipped, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }").rows[0][0]
    assert f'"{server.rows("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")[0]["n"]}"' == (whole or "").partition("^^")[0]
