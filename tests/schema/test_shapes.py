"""The shapes: violations across nodes, the shipped graph, and other engines."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pyoxigraph
import pytest
import rdflib

from kb import pipeline, resources
from kb.checks import shacl
from kb.formats import nquads
from kb.model import KnowledgeBase
from kb.problems import Place
from kb.rdf.iris import names_of
from kb.schema import vocabulary

_BASE = "https://example.org/small/"
_FACT = f"<{_BASE}fact/leaflet/examplol/has-side-effect/itch>"
_FIRST, _SECOND = f"{_FACT[:-1]}/evidence/s1.1>", f"{_FACT[:-1]}/evidence/s1.2/frequency>"
_PREDICATE, _DRUG, _ITCH = f"<{_BASE}predicate/has-side-effect>", f"<{_BASE}term/examplol>", f"<{_BASE}term/itch>"
_SENTENCE = f"<{_BASE}document/leaflet/s1.1>"
_POSITION = f"{_SENTENCE[:-1]}/position>"
_PREFIXES = {
    "kb": "https://w3id.org/linked-kb/ontology#",
    "oa": "http://www.w3.org/ns/oa#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

#: What is broken, what the problem must say, the triples that are taken away and those that are put in.
_BROKEN: dict[str, tuple[str, list[str], list[str]]] = {
    "other-document": (
        "is no sentence of its document",
        [f"{_FIRST} oa:hasTarget {_SENTENCE}"],
        [f"{_FIRST} oa:hasTarget <{_BASE}document/other/s1.1>", f"<{_BASE}document/other/s1.1> rdf:type kb:Sentence"],
    ),
    "no-claim": ("No sentence supports the", [f"{_FIRST} kb:supports kb:claim"], [f"{_FIRST} kb:supports kb:frequency"]),
    "no-qualifier": ("No sentence supports the", [f"{_SECOND} kb:supports kb:frequency"], [f"{_SECOND} kb:supports kb:claim"]),
    "too-much": ("that a sentence could support", [], [f"{_FIRST} kb:supports kb:severity"]),
    "subject-kind": (
        "The subject of",
        [f"{_PREDICATE} kb:subjectKind kb:Drug"],
        [f"{_PREDICATE} kb:subjectKind kb:Event"],
    ),
    "object-kind": ("The object of", [f"{_PREDICATE} kb:objectKind kb:Symptom"], []),
    "literal": (
        "The object of",
        [f"{_FACT} rdf:object {_ITCH}", f"{_DRUG} {_PREDICATE} {_ITCH}", f"{_PREDICATE} kb:objectKind rdfs:Literal"],
        [f'{_FACT} rdf:object "an itch"'],
    ),
    "not-allowed": ("does not take", [f"{_PREDICATE} kb:qualifier kb:frequency"], []),
    "required": (", which", [], [f"{_PREDICATE} kb:requiredQualifier kb:trigger"]),
    "language": (
        "The language of the object",
        [f"{_FACT} rdf:object {_ITCH}", f"{_DRUG} {_PREDICATE} {_ITCH}"],
        [f'{_FACT} rdf:object "an itch"@english'],
    ),
    "plain-without-fact": ("claims more than any fact", [], [f"{_DRUG} {_PREDICATE} <{_BASE}term/stopping>"]),
    "plain-hedged": ("claims more than any fact", [f"{_FACT} kb:modality kb:can"], [f"{_FACT} kb:modality kb:may"]),
    "plain-negated": (
        "claims more than any fact",
        [],
        [f"{_FACT} kb:polarity kb:negated", f"{_FIRST} kb:supports kb:polarity"],
    ),
    "plain-triggered": (
        "claims more than any fact",
        [],
        [f"{_FACT} kb:trigger <{_BASE}term/stopping>", f"{_FIRST} kb:supports kb:trigger"],
    ),
    "term": ("neither a property of terms nor a predicate", [], [f'{_ITCH} kb:cause "unknown"']),
    "backwards": (
        "ends before it starts",
        [f'{_POSITION} oa:end "40"^^xsd:integer'],
        [f'{_POSITION} oa:end "11"^^xsd:integer'],
    ),
    "beyond": (
        "ends before it starts, or after its document",
        [f'{_POSITION} oa:end "40"^^xsd:integer'],
        [f'{_POSITION} oa:end "101"^^xsd:integer'],
    ),
    "qualifier-kind": (
        "at most one 'trigger': the IRI of a term of kind event",
        [f"{_DRUG} {_PREDICATE} {_ITCH}"],
        [f"{_FACT} kb:trigger {_ITCH}", f"{_FIRST} kb:supports kb:trigger"],
    ),
    "digest": ("exactly one 'SHA-256'", [], [f'{_SENTENCE} kb:sha256 "abc"']),
    "status": ("exactly one 'status'", [f"{_SENTENCE} kb:status kb:covered"], [f"{_SENTENCE} kb:status kb:done"]),
    "closed": ("no properties but those", [], [f"{_SENTENCE} rdfs:label {_ITCH}"]),
    "two-kinds": ("exactly one kind", [], [f"{_ITCH} rdf:type kb:Drug"]),
}
#: What must stay allowed: the triples that are taken away and those that are put in.
_FINE: dict[str, tuple[list[str], list[str]]] = {
    "as-it-is": ([], []),
    "literal-allowed": (
        [f"{_FACT} rdf:object {_ITCH}", f"{_DRUG} {_PREDICATE} {_ITCH}"],
        [f'{_FACT} rdf:object "itch"@pt-br', f'{_DRUG} {_PREDICATE} "itch"@pt-br'],
    ),
    "no-plain-triple": ([f"{_DRUG} {_PREDICATE} {_ITCH}"], []),
    "matched": ([], [f"{_ITCH} skos:exactMatch <http://purl.obolibrary.org/obo/HP_0000989>"]),
}


def _expand(statement: str) -> str:
    spelt = re.sub(r"\b(\w+):([\w-]+)(?![^<]*>)", lambda match: f"<{_PREFIXES[match[1]]}{match[2]}>", statement)
    return f"{spelt} ."


def _copy(name: str, known: set[str], removed: list[str], added: list[str]) -> Iterator[str]:
    """Give the statements of the knowledge base with a change, under a base of their own."""
    gone = {_expand(each) for each in removed}
    assert gone <= known, name
    for statement in [*(known - gone), *map(_expand, added)]:
        yield f"{statement[:-1]}<urn:graph> .\n".replace(_BASE, f"https://example.org/{name}/")


def test_the_shapes_reject_violations_across_nodes_and_nothing_else(
    make_kb: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    kb = pipeline.load(make_kb())
    known = {f"{' '.join(quad[:3])} ." for quad in pipeline.compile_all(kb)}
    text = [line for name, (_, removed, added) in _BROKEN.items() for line in _copy(name, known, removed, added)]
    text += [line for name, (removed, added) in _FINE.items() for line in _copy(name, known, removed, added)]
    messages = [problem.message for problem in shacl.check("".join(sorted(set(text))), lambda _: Place("test"))]
    for name, (expected, _, _) in _BROKEN.items():
        assert any(f"/{name}/" in message and expected in message for message in messages), (name, messages)
    for name in _FINE:
        assert [message for message in messages if f"/{name}/" in message] == []


def test_the_shipped_graph_conforms(shipped: KnowledgeBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    text = "".join(nquads.quads(pipeline.compile_all(shipped), names_of(shipped)))
    assert list(shacl.check(text, lambda _: Place("test"))) == []


def test_the_rules_name_every_qualifier() -> None:
    text = (resources.schemas() / "shapes-sparql.ttl").read_text(encoding="utf-8")
    lists = [set(re.findall(r"kb:(\w+)", names)) for names in re.findall(r"\?part IN \(([^)]*)\)", text)]
    every = set(vocabulary.qualifiers())
    assert lists == [every, every - {"modality", "polarity"}]
    restrictions = re.search(r"\?fact (kb:\w+(?:\|kb:\w+)*) ", text)
    assert restrictions is not None
    assert set(re.findall(r"kb:(\w+)", restrictions[1])) == set(vocabulary.restricting_qualifiers())


def test_patterns_use_only_xpath_syntax() -> None:
    graph = rdflib.Graph().parse(resources.schemas() / "shapes.ttl", format="turtle")
    patterns = {str(each) for each in graph.objects(None, rdflib.SH.pattern)}
    assert len(patterns) > 20
    for pattern in patterns:
        assert not re.search(r"\(\?|\\[^\\nrt.|?*+(){}\[\]^$-]", pattern), pattern
        assert "\x00" not in pattern


def test_every_constraint_has_a_message() -> None:
    for path in resources.shapes():
        graph = rdflib.Graph().parse(path, format="turtle")
        shapes = [value for _, value in graph.subject_objects(rdflib.SH.property) if (value, rdflib.SH.name, None) in graph]
        rules = list(graph.objects(None, rdflib.SH.sparql))
        assert shapes or rules
        assert all(graph.value(each, rdflib.SH.message) for each in [*shapes, *rules])


@pytest.mark.parametrize("path", resources.shapes(), ids=lambda path: path.name)
def test_other_engines_read_the_shapes(path: Path) -> None:
    assert len(list(pyoxigraph.parse(path=path, format=pyoxigraph.RdfFormat.TURTLE))) > 50


@pytest.mark.parametrize(
    ("label", "good"),
    [("é x", True), ("x", True), (" x", False), ("x\u00a0", False), ("x\ny", False), ("x\n", False), ("", False)],
)
def test_a_sparql_engine_reads_the_patterns_alike(label: str, *, good: bool) -> None:
    store = pyoxigraph.Store()
    store.load(path=resources.schemas() / "shapes.ttl", format=pyoxigraph.RdfFormat.TURTLE)
    query = f"""PREFIX sh: <http://www.w3.org/ns/shacl#>
        ASK {{ <https://w3id.org/linked-kb/shapes#TermShape> sh:property [ sh:path <{_PREFIXES["skos"]}prefLabel> ;
                                                                         sh:pattern ?pattern ]
               FILTER REGEX({pyoxigraph.Literal(label)}, ?pattern) }}"""
    assert bool(store.query(query)) == good
