"""Statements of RDF, nanopublications among them, are looked for in the texts at hand."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from kb import pipeline, resources
from kb.formats import registry
from kb.problems import KbError
from kb.proposals.rdf_claims import read_claims
from kb.rdf.compilation import Compilation
from kb.rdf.facts import Model
from kb.rdf.iris import Names, names_of

Run = Callable[..., subprocess.CompletedProcess[str]]
PLAIN = """
@prefix z: <https://w3id.org/linked-kb/zelorin/> .
@prefix ex: <http://example.org/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<https://w3id.org/linked-kb/zelorin/term/zelorin> rdfs:label "Zelorin" ;
  <https://w3id.org/linked-kb/zelorin/predicate/interacts-with> ex:tea .
ex:tea rdfs:label "moon tea" .
"""
FOREIGN = """
@prefix np: <http://www.nanopub.org/nschema#> .
@prefix ex: <http://example.org/> .
ex:head { ex:np a np:Nanopublication ; np:hasAssertion ex:assertion . }
ex:assertion { ex:a ex:causes ex:b . [] ex:causes ex:b . }
ex:provenance { ex:assertion ex:madeBy ex:someone . }
"""
NAMES = Names("https://w3id.org/linked-kb/zelorin/", {"EX": "http://example.org/"})


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_plain_triples_are_claims_and_labels_and_types_are_not(tmp_path: Path) -> None:
    claims = read_claims(write(tmp_path / "x.ttl", PLAIN), Names(NAMES.base, {}))
    assert claims == [{"subject": "zelorin", "predicate": "interacts-with", "object": "moon tea"}]


def test_only_assertions_of_nanopublications_are_claims(tmp_path: Path) -> None:
    claims = read_claims(write(tmp_path / "x.trig", FOREIGN), NAMES)
    assert claims == [{"subject": "EX:a", "predicate": "EX:causes", "object": "EX:b"}]


@pytest.mark.parametrize("model", ["full", "nanopubs"])
def test_facts_of_kb_keep_their_denials_and_hedges(model: Model, tmp_path: Path) -> None:
    kb = pipeline.load(resources.example())
    text = "".join(registry.find("trig").lines(Compilation(kb).quads(model), names_of(kb)))
    claims = read_claims(write(tmp_path / "x.trig", text), names_of(kb))
    expected = sorted((fact.subject, fact.predicate, str(fact.object), *sorted(fact.qualifiers)) for fact in kb.facts)
    ends = ("subject", "predicate", "object")
    assert sorted((*(str(claim[key]) for key in ends), *sorted(claim.keys() - set(ends))) for claim in claims) == expected
    other = read_claims(tmp_path / "x.trig", Names("https://example.org/other/", {}))
    assert {claim["subject"] for claim in other} <= {term.label for term in kb.terms.values()}


def test_a_statement_becomes_ready_only_where_a_sentence_states_it(run_kb: Run, content: Path, tmp_path: Path) -> None:
    more = PLAIN + "ex:x ex:causes ex:y .\n"
    run = run_kb("propose", str(write(tmp_path / "x.ttl", more)), "--content", str(content), "-f", "json")
    verdicts = {verdict["proposal"]["object"]: verdict["verdict"] for verdict in json.loads(run.stdout)}
    assert verdicts == {"moon tea": "ready", "http://example.org/y": "needs a person"}
    assert (content / "proposals").exists()


def test_exported_facts_are_found_again_in_the_text(run_kb: Run, content: Path, tmp_path: Path) -> None:
    kb = pipeline.load(resources.example())
    text = "".join(registry.find("nquads").lines(Compilation(kb).quads(), names_of(kb)))
    run = run_kb("propose", str(write(tmp_path / "x.nq", text)), "--content", str(content), "-f", "json", "--dry-run")
    ready = [verdict for verdict in json.loads(run.stdout) if verdict["verdict"] == "ready"]
    assert len(ready) >= 10
    assert {verdict["fact"]["subject"] for verdict in ready} <= {fact.subject for fact in kb.facts}


def test_what_is_no_rdf_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KbError, match="This is not Turtle"):
        read_claims(write(tmp_path / "x.ttl", "<a"), NAMES)
