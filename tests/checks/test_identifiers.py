"""Every reader accepts the IRIs and language tags that the checks accept."""

from __future__ import annotations

import pyoxigraph
import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.checks import identifiers, json_schema
from kb.model import Record
from kb.problems import Place

IRIS = st.from_regex(
    r"https?://[a-zA-Z0-9.:@%\[\]-]{0,6}(/[a-zA-Z0-9._~%:@!$&'()*+,;=\[\] é\"<>\\^|-]{0,6}){0,3}[?#]?[a#?%]{0,3}", fullmatch=True
)


@settings(deadline=None)
@given(IRIS | st.from_regex(identifiers._PLAIN, fullmatch=True) | st.text().map("urn:x:{}".format))
def test_a_valid_iri_is_read_back_unchanged(iri: str) -> None:
    if not identifiers.find_iri_error(iri):
        pyoxigraph.NamedNode(iri)
        turtle = f"@base <https://example.org/a/b> . <{iri}> <https://example.org/p> <x> ."
        assert [quad.subject.value for quad in pyoxigraph.parse(turtle, pyoxigraph.RdfFormat.TURTLE)] == [iri]


# One on each line.
FLAWED = """
http://a/%zz
http://a/%
http://a/[
http://[::1
http://a/\\
http://a/"
http://a/<
http://a/{
http://a/|
http://a/^
http://a/`
http://a/ b
http://a b/
http://a:b/
http://a/#a#b
http://
http:///a
http:a
http:/a
https://?a
http://:80/
http://a/./b
http://a/b/..
http://a/../?x
http://a/\ue000
http://a/\ufffd
http://a/\x85
http://a/\0
http://a/\ud800
licence
1a:b
:a
"""
SOUND = """
http://a
http://a/
https://w3id.org/linked-kb/clonazepam/
http://purl.obolibrary.org/obo/HP_
https://bioregistry.io/icd10cm:
urn:isbn:1
mailto:a@b
http://www.w3.org/2004/02/skos/core#
http://a/%20\u00e9
http://a/it's
http://a/(x)
http://[::1]/
http://a:80/
http://a/a..b
http://a/.well-known/x
doi:10.1/x
http://user@host/
http://a/?q=/../
tag:a,2026:x
https://m\u00fcnchen.example/
"""


@pytest.mark.parametrize("iri", ["", "http://a/\n", *FLAWED.strip().split("\n")])
def test_an_invalid_or_changing_iri_has_an_error(iri: str) -> None:
    assert identifiers.find_iri_error(iri).isprintable()
    assert identifiers.find_iri_error(iri)


@pytest.mark.parametrize("iri", SOUND.strip().split("\n"))
def test_a_valid_iri_has_no_error_and_is_read_by_both_libraries(iri: str) -> None:
    assert not identifiers.find_iri_error(iri)
    triple = f"<{iri}> <https://example.org/p> <{iri}> ."
    assert {str(subject) for subject in rdflib.Graph().parse(data=triple, format="nt").subjects()} == {iri}
    assert [quad.subject.value for quad in pyoxigraph.parse(triple, pyoxigraph.RdfFormat.N_TRIPLES)] == [iri]


@settings(deadline=None)
@given(st.from_regex(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,9}){0,4}", fullmatch=True))
def test_an_accepted_language_tag_is_read_by_both_libraries(tag: str) -> None:
    literal = {"value": "x", "language": tag}
    fact = {"subject": "a", "predicate": "b", "object": literal, "modality": "is", "evidence": [{"sentence": "s1.1"}]}
    record = Record("fact", fact, Place("f"))
    if not list(json_schema.check(record)):
        triple = f'<https://example.org/s> <https://example.org/p> "x"@{tag} .'
        assert len(list(pyoxigraph.parse(triple, pyoxigraph.RdfFormat.N_TRIPLES))) == 1
        assert len(rdflib.Graph().parse(data=triple, format="nt")) == 1


@pytest.mark.parametrize(
    "value",
    [None, 1, [], "x", {"base": 1, "license": None, "language": [], "prefixes": [1]}, {"prefixes": {"rdf": 1, "a": None}}],
)
@pytest.mark.parametrize("kind", ["kb", "document", "fact", "term"])
def test_values_of_wrong_types_are_left_to_the_schema(kind: str, value: object) -> None:
    assert not [each for each in identifiers.check(Record(kind, value, Place("f"))) if each.code == "KB502"]


def test_a_message_cuts_a_long_iri() -> None:
    iri = "http://a/%zz" + "a" * 1000
    assert len(identifiers.make_iri_problem(Place("f"), "source", iri, identifiers.find_iri_error(iri)).message) < 250
