"""Nanopublications: one a fact, whole in itself, named by its digest, and never claiming more than the fact."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb import pipeline, resources
from kb.cli import run
from kb.formats import registry
from kb.model import KnowledgeBase
from kb.problems import KbError
from kb.rdf import nanopubs, trusty
from kb.rdf.facts import has_plain_triple
from kb.rdf.iris import KB, NP, NPX, PROV, RDF, XSD, Names, names_of
from kb.rdf.quads import Quad, iri, literal
from kb.rdf.stored_nanopubs import read_nanopub
from kb.rdf.wording import find_hedges
from kb.release import export_folder
from kb.server.processes.query_process import _describe_term
from tests.conftest import small_kb

TWO = Path(__file__).parents[1] / "queries/two-documents"
HARD = Path(__file__).parents[1] / "acceptance/hard_cases"
TYPE, STATEMENT = iri(f"{RDF}type"), iri(f"{RDF}Statement")


@pytest.fixture(scope="module")
def published(shipped: KnowledgeBase, names: Names) -> list[list[Quad]]:
    publisher = nanopubs.Publisher(shipped, names)
    return [publisher.publish(fact) for fact in shipped.facts]


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[list[Quad]], Any]]:
    """Read quads as a nanopublication of the library ``nanopub``."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        import rdflib
        from nanopub import Nanopub

        monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)

        def read(quads: list[Quad]) -> Any:
            graph = rdflib.ConjunctiveGraph()
            graph.parse(data="".join(f"{' '.join(quad)} .\n" for quad in quads), format="nquads")
            return Nanopub(rdf=graph)

        yield read


def parts(quads: list[Quad]) -> dict[str, set[tuple[str, str, str]]]:
    found: dict[str, set[tuple[str, str, str]]] = {}
    for quad in quads:
        found.setdefault(quad.graph.rpartition("#")[2][:-1], set()).add(quad[:3])
    return found


def test_every_fact_is_one_valid_nanopublication_for_the_library(
    published: list[list[Quad]], shipped: KnowledgeBase, library: Callable[[list[Quad]], Any]
) -> None:
    assert len(published) == len(shipped.facts)
    for quads in published[::7]:
        read = library(quads)
        assert read.is_valid
        assert read.has_valid_trusty
    assert all(set(parts(quads)) == {"Head", "assertion", "provenance", "pubinfo"} for quads in published)
    assert all(len(quads) <= nanopubs.LARGEST for quads in published)
    assert len({quads[0].subject for quads in published}) == len(published)


def test_an_assertion_claims_plainly_exactly_what_the_fact_does(
    published: list[list[Quad]], shipped: KnowledgeBase, names: Names
) -> None:
    for fact, quads in zip(shipped.facts, published, strict=True):
        claimed = parts(quads)["assertion"]
        plain = {each for each in claimed if not each[0].startswith(f"<{names.base}{fact.path}")}
        assert bool(plain) == has_plain_triple(fact, shipped.predicates[fact.predicate])
        assert all(each[1] == iri(names.predicate(fact.predicate)) for each in plain)
        assert (iri(names.base + fact.path), TYPE, STATEMENT) in claimed


def test_a_hedged_value_is_claimed_with_its_hedge_or_not_at_all(
    published: list[list[Quad]], shipped: KnowledgeBase, names: Names
) -> None:
    hedged = 0
    for fact, quads in zip(shipped.facts, published, strict=True):
        claimed = parts(quads)["assertion"]
        for name in find_hedges(fact):
            node = iri(f"{names.base}{fact.path}/hedged/{name}")
            assert [each[2] for each in claimed if each[:2] == (iri(names.base + fact.path), iri(KB + name))] == [node]
            assert {each[1] for each in claimed if each[0] == node} >= {iri(f"{KB}modality"), iri(f"{RDF}value")}
            hedged += 1
    assert hedged == 24


def test_the_provenance_tells_what_a_curator_infers_from_what_the_document_states(
    published: list[list[Quad]], shipped: KnowledgeBase, names: Names
) -> None:
    bases = set()
    for fact, quads in zip(shipped.facts, published, strict=True):
        for piece in fact.evidence:
            node = iri(f"{names.base}{fact.path}/evidence/{piece.name}")
            kinds = [each[2] for each in parts(quads)["provenance"] if each[:2] == (node, iri(f"{KB}evidenceType"))]
            assert kinds == [iri(names.expand(piece.basis or "ECO:0000034") or "")]
            bases.add(piece.basis)
    assert bases == {"", "ECO:0000305"}


def test_a_negated_or_conditional_fact_is_never_a_plain_triple(make_kb: Callable[..., Path]) -> None:
    claim = {"subject": "examplol", "predicate": "has-side-effect", "object": "itch", "modality": "is"}
    evidence = {"evidence": [{"sentence": "s1.1"}]}
    facts = [{**claim, "polarity": "negated", **evidence}, {**claim, "trigger": "stopping", **evidence}]
    predicates = [{**small_kb()["predicates.yaml"][0], "qualifiers": ["trigger", "polarity"]}]
    kb = pipeline.load(make_kb(**{"facts/leaflet.yaml": facts, "predicates.yaml": predicates}))
    for fact in kb.facts:
        quads = nanopubs.Publisher(kb, names_of(kb)).publish(fact)
        assert not [quad for quad in quads if quad.predicate.endswith("/predicate/has-side-effect>")]
        label = next(quad.object for quad in quads if quad.subject.endswith(quads[0].subject[-46:]) and "label" in quad.predicate)
        assert label.startswith('"denied: ') or "trigger: stopping" in label


def test_the_provenance_leads_to_sentences_with_position_and_digest(published: list[list[Quad]]) -> None:
    for quads in published:
        said = parts(quads)["provenance"]
        assertion = next(quad.object for quad in quads if quad.predicate == iri(f"{NP}hasAssertion"))
        sentences = {obj for subject, predicate, obj in said if (subject, predicate) == (assertion, iri(f"{PROV}wasDerivedFrom"))}
        assert sentences
        for sentence in sentences:
            about = {predicate.rpartition("#")[2][:-1] for subject, predicate, _ in said if subject == sentence}
            assert {"sha256", "hasSource", "hasSelector"} <= about
            assert any(predicate.endswith("oa#start>") for subject, predicate, _ in said if subject.startswith(sentence[:-1]))


def test_bytes_come_from_the_content_alone(shipped: KnowledgeBase, names: Names, published: list[list[Quad]]) -> None:
    again = nanopubs.Publisher(shipped, names)
    assert [again.publish(fact) for fact in reversed(shipped.facts)][::-1] == published
    created = {quad.object for quads in published for quad in quads if quad.predicate.endswith("/created>")}
    assert created == {literal(f"{shipped.dataset.issued}T00:00:00Z", f"{XSD}dateTime")}


def test_a_change_of_one_character_changes_the_name(shipped: KnowledgeBase, names: Names) -> None:
    draft = nanopubs.Publisher(shipped, names).draft(shipped.facts[0])
    other = [quad._replace(object=quad.object.replace("medication", "Medication")) for quad in draft]
    assert trusty.compute_code(other) != trusty.compute_code(draft)
    assert trusty.compute_code([*draft, *draft][::-1]) == trusty.compute_code(draft)


TEXTS = st.text(st.characters(blacklist_categories=["Cs"]), max_size=20) | st.sampled_from(["a\\n", "a\nb", "\\", "\u2028", ""])
LITERALS = (
    st.builds(literal, TEXTS)
    | st.builds(lambda text, tag: literal(text, language=tag), TEXTS, st.sampled_from(["en", "de-at", "x-y"]))
    | st.builds(lambda text, kind: literal(text, XSD + kind), TEXTS, st.sampled_from(["integer", "decimal", "date", "anyURI"]))
)
IRIS = st.sampled_from(["<http://x/a>", "<http://x/a/b>", "<http://x/a-b>", "<http://x/é>", "<http://x/%C3%A9?q#f>"])
START = "<http://x/np/ #"
DRAFTS = st.lists(
    st.builds(
        Quad, IRIS, IRIS, IRIS | LITERALS, st.sampled_from([f"{START}{name}>" for name in ("Head", "assertion", "pubinfo")])
    ),
    min_size=1,
    max_size=40,
)


@given(DRAFTS)
def test_codes_are_those_of_the_library(draft: list[Quad]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        from nanopub.trustyuri.rdf import RdfHasher
        from rdflib import Literal, URIRef

    def term(written: str) -> Any:
        if written[0] == "<":
            return URIRef(written[1:-1].replace(trusty.PLACEHOLDER, "RAx"))
        read = next(ox.parse(f"<urn:s> <urn:p> {written} .", format=ox.RdfFormat.N_TRIPLES)).object
        assert isinstance(read, ox.Literal)
        datatype = None if read.language or read.datatype.value == f"{XSD}string" else URIRef(read.datatype.value)
        return Literal(read.value, lang=read.language, datatype=datatype, normalize=False)

    rows = [(term(quad.graph), term(quad.subject), term(quad.predicate), term(quad.object)) for quad in draft]
    assert RdfHasher.make_hash(rows, hashstr=" ", baseuri="http://x/np/RAx#") == trusty.compute_code(draft)
    filled = trusty.fill_in(draft, "RAx")
    assert trusty.clear(filled, "RAx") == draft


def test_a_list_of_a_thousand_statements_has_the_code_of_the_library() -> None:
    test_codes_are_those_of_the_library.hypothesis.inner_test(  # type: ignore[attr-defined]
        [Quad("<http://x/s>", "<http://x/p>", literal(str(each * 7919 % 1000)), f"{START}assertion>") for each in range(1000)]
    )


def test_a_fact_with_more_sentences_than_fit_is_reported(
    shipped: KnowledgeBase, names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nanopubs, "LARGEST", 20)
    with pytest.raises(KbError, match="KB771 As a nanopublication the fact has") as caught:
        nanopubs.Publisher(shipped, names).publish(shipped.facts[0])
    assert caught.value.problems[0].place.line
    assert caught.value.exit_code == 4


@pytest.mark.parametrize("name", ["trig", "nquads", "triglines"])
def test_nanopublications_read_back_in_every_format(name: str, shipped: KnowledgeBase, names: Names) -> None:
    quads = pipeline.compile_all(shipped, "nanopubs")
    text = "".join(registry.find(name).lines(quads, names))
    fmt = ox.RdfFormat.N_QUADS if name == "nquads" else ox.RdfFormat.TRIG
    read = {tuple(map(str, (each.subject, each.predicate, each.object, each.graph_name))) for each in ox.parse(text, format=fmt)}
    assert read == set(map(tuple, quads))
    if name == "triglines":
        lines = text.split("\n")[:-1]
        assert len(lines) == len(shipped.facts)
        assert all(len({str(each.graph_name) for each in ox.parse(line, format=fmt)}) == 4 for line in lines)


def test_what_nanopublications_leave_out_is_reported(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, shipped: KnowledgeBase
) -> None:
    assert run(["export", "--statements", "nanopubs", "-o", str(tmp_path / "x.trig")]) == 0
    reported = capsys.readouterr().err
    assert f"mappings are left out ({len(shipped.mappings)})." in reported
    assert re.search(rf"terms and predicates .*\({len(shipped.terms) + len(shipped.predicates)}\)", reported)
    assert run(["export", "--statements", "nanopubs", "-f", "turtle"]) == 2
    assert run(["export", "-f", "triglines"]) == 2
    assert "nquads, trig, triglines" in capsys.readouterr().err
    chosen = export_folder.choose_formats((), "", "nanopubs", many=True)
    assert [fmt.name for fmt in chosen] == ["nquads", "trig"]


@pytest.mark.parametrize("folder", [resources.content(), resources.example(), TWO, HARD], ids=lambda folder: folder.name)
def test_a_store_makes_the_same_nanopublication_as_the_records(folder: Path) -> None:
    kb = pipeline.load(folder)
    store, names = ox.Store(), names_of(kb)
    store.load("".join(f"{' '.join(quad)} .\n" for quad in pipeline.compile_all(kb)).encode(), format=ox.RdfFormat.N_QUADS)
    publisher = nanopubs.Publisher(kb, names)
    for fact in kb.stated_facts():
        made = read_nanopub(iri(names.base + fact.path), names, partial(_describe_term, store))
        assert set(made) == set(publisher.publish(fact)), fact.path
    assert kb.facts
    assert read_nanopub(iri(names.term("nothing")), names, partial(_describe_term, store)) == []


def test_what_was_published_is_retracted_when_its_fact_is_gone(
    shipped: KnowledgeBase, names: Names, library: Callable[[list[Quad]], Any]
) -> None:
    before = nanopubs.read_published(nanopubs.compile_nanopubs(shipped, names))
    gone = shipped.facts[3]
    kept = shipped._replace(facts=tuple(fact for fact in shipped.facts if fact != gone))
    made = list(nanopubs.compile_nanopubs(kept, names, before))
    old = before[iri(names.base + gone.path)].node
    retracted = {quad.object: quad for quad in made if quad.predicate == iri(f"{NPX}retracts")}
    assert list(retracted) == [old]
    node = retracted[old].graph.partition("#")[0]
    own = [quad for quad in made if quad.graph.startswith(f"{node}#")]
    assert library(own).is_valid
    assert iri(names.base + gone.path) not in {term for quad in own for term in quad}  # it says nothing of the claim
    again = nanopubs.read_published(made)
    assert again.keys() == before.keys() - {iri(names.base + gone.path)}
    assert not [quad for quad in nanopubs.compile_nanopubs(kept, names, again) if quad.predicate == iri(f"{NPX}retracts")]
