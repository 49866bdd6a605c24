"""Terms as strings: the canonical form, and taking literals apart."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kb.rdf.iris import XSD, Names, is_valid, literal_segment
from kb.rdf.quads import is_blank, is_iri, is_triple, literal, literal_value

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


def test_every_character_is_written_as_in_canonical_n_triples() -> None:
    characters = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    together = "".join(characters)
    assert literal(together) == str(ox.Literal(together))


@settings(deadline=None)
@given(TEXTS)
@example('"\\\n\r\t\b\f\x00\x7f')
@example("\\u0041 \\\\u0041 \\")
def test_a_literal_taken_apart_is_the_text_it_was_made_of(text: str) -> None:
    assert literal_value(literal(text)) == (text, f"{XSD}string", "")
    assert literal_value(literal(text, f"{XSD}decimal")) == (text, f"{XSD}decimal", "")
    assert literal_value(literal(text, "", "en-US")) == (text, "", "en-us")


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_two_literals_are_the_same_exactly_when_their_texts_are(one: str, other: str) -> None:
    assert (literal(one) == literal(other)) == (one == other)


@pytest.mark.parametrize("written", ["1.50", "01", "INF", "-0", "1e0", "24:00:00", "16777217", " 1 "])
def test_the_written_form_of_a_literal_is_kept(written: str) -> None:
    assert literal_value(literal(written, f"{XSD}double")).value == written


def test_escapes_that_other_writers_use_are_understood() -> None:
    assert literal_value(r'"\u00e9\U0001F600\'\b"').value == "é😀'\b"


@pytest.mark.parametrize("term", ["<a:b>", "_:b", '"a', '"a" ', '"a"@', "a", '"a"b"'])
def test_what_is_no_literal_is_refused(term: str) -> None:
    with pytest.raises(ValueError, match="not a literal"):
        literal_value(term)


def test_the_kinds_of_terms_are_distinguished() -> None:
    terms = ["<a:b>", "_:b", '"<a:b>"', "<<( <a:b> <a:b> <a:b> )>>"]
    assert [is_iri(term) for term in terms] == [True, False, False, False]
    assert [is_blank(term) for term in terms] == [False, True, False, False]
    assert [is_triple(term) for term in terms] == [False, False, False, True]


@pytest.mark.parametrize(
    "iri", ["a:%zz", "http://[::1", "http://x/\ufffe", "a:b#c#d", "a b:c", "a:b c", "", "no-colon", "a:<", "a:\\"]
)
def test_what_is_no_iri_is_reported(iri: str) -> None:
    assert not is_valid(iri)


@pytest.mark.parametrize("iri", ["https://e.org/%7E", "urn:x:1", "http://e.org/é?q=ü#f", "mailto:a@e.org", "http://[::1]/"])
def test_what_is_an_iri_is_reported(iri: str) -> None:
    assert is_valid(iri)


@pytest.mark.parametrize("base", ["https://e.org/a/../b/", "https://e.org/./b/", "https://e.org//b/", "https://e.org/a//"])
def test_below_a_base_that_resolving_would_change_nothing_is_relative(base: str) -> None:
    assert Names(base, {}).relative(f"{base}term/x") is None


@pytest.mark.parametrize("rest", ["../x", "a/../b", "a/./b", "a//b", "a:b", "a?b", "a#b", "/a", ".", "..", "a/..", "é"])
def test_what_would_not_resolve_back_is_not_made_relative(rest: str) -> None:
    assert Names("https://e.org/", {}).relative(f"https://e.org/{rest}") is None


@pytest.mark.parametrize("rest", ["", "a", "a/b", "a/b:c", "a/b/", "a/é", "a/..b", "fact/x/1.5%20mg;decimal"])
def test_what_resolves_back_is_made_relative(rest: str) -> None:
    assert Names("https://e.org/", {}).relative(f"https://e.org/{rest}") == rest


def test_names_outside_the_base_are_not_relative_to_it() -> None:
    assert Names("https://e.org/a/", {}).relative("https://e.org/b") is None


def test_a_curie_is_the_longest_prefix_that_leaves_something() -> None:
    names = Names("https://e.org/", {"a": "https://x.org/", "ab": "https://x.org/b/"})
    assert names.compact("https://x.org/b/c") == "ab:c"
    assert names.compact("https://x.org/b/") == "a:b/"
    assert names.compact("https://x.org/") is None
    assert names.compact("urn:x") is None
    assert names.expand("ab:c") == "https://x.org/b/c"
    assert names.expand("nobody:c") is None


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_the_segments_of_two_literals_differ(one: str, other: str) -> None:
    assert (literal_segment(one, "xsd:string") == literal_segment(other, "xsd:string")) == (one == other)


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_a_segment_is_one_segment_of_a_valid_iri(text: str) -> None:
    segment = literal_segment(text, "xsd:string")
    assert "/" not in segment
    assert is_valid(f"https://e.org/{segment}")
