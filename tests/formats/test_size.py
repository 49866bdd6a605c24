"""Size: a text of any length is written in the same memory, and the same text however little memory there is."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.files import sorting
from kb.formats import jsonld, registry, turtle
from kb.rdf.iris import RDF, SKOS, XSD, Names
from kb.rdf.quads import Quad, iri, literal

BASE = "https://e.org/kb/"
NAMES = Names(BASE, {"ex": "http://ex.org/"})
NODES = st.sampled_from([f"{BASE}{path}" for path in ("a", "a/b", "a-b", "a/b/c", "ab", "")] + ["http://ex.org/x", "urn:a:b"])
OBJECTS = NODES.map(iri) | st.builds(literal, st.text('ab"\\\né', max_size=40)) | st.just(literal("1", f"{XSD}integer"))
STATEMENTS = st.lists(
    st.builds(
        Quad,
        NODES.map(iri),
        st.sampled_from([iri(f"{SKOS}prefLabel"), iri("http://ex.org/p"), iri(f"{BASE}predicate/has-x")]),
        OBJECTS,
        st.sampled_from([iri(f"{BASE}graph/{name}") for name in ("a", "a-b", "a/b")]),
    ),
    max_size=40,
)
EVERY = pytest.mark.parametrize("fmt", registry.FORMATS, ids=[each.name for each in registry.FORMATS])


def hold(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(sorting.Sorter.__init__, "__defaults__", ("", size))
    monkeypatch.setattr(sorting.buffer_text, "__defaults__", (size,))
    monkeypatch.setattr(sorting, "_FAN_IN", 3)
    monkeypatch.setattr(sorting, "_BLOCK", size // 20)
    for module in (jsonld, turtle):
        monkeypatch.setattr(module, "_MOST_CACHED", size // 400)


@EVERY
@settings(max_examples=40)
@given(STATEMENTS)
def test_a_text_does_not_depend_on_how_much_fits_into_memory(fmt: registry.Format, statements: list[Quad]) -> None:
    whole = "".join(fmt.lines(statements, NAMES))
    with pytest.MonkeyPatch.context() as patch:
        hold(patch, 500)
        assert "".join(fmt.lines(iter(statements), NAMES)) == whole


def made(count: int) -> Iterator[Quad]:
    """Give statements of many subjects, one of which says a great deal."""
    kind, label, part = iri(f"{RDF}type"), iri(f"{SKOS}prefLabel"), iri("http://ex.org/part")
    for number in range(count // 3):
        node, graph = iri(f"{BASE}term/n{number * 7919 % count}"), iri(f"{BASE}graph/{number % 50}")
        yield Quad(node, kind, iri("http://ex.org/Thing"), graph)
        yield Quad(node, label, literal(f"thing {number}"), graph)
        yield Quad(iri(BASE), part, node, graph)


def peak(fmt: registry.Format, count: int) -> int:
    tracemalloc.start()
    try:
        for _ in fmt.lines(made(count), NAMES):
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@EVERY
def test_memory_does_not_grow_with_what_is_written(fmt: registry.Format, monkeypatch: pytest.MonkeyPatch) -> None:
    hold(monkeypatch, 45_000)
    small, large = peak(fmt, 1_500), peak(fmt, 4_500)
    assert large < 1.6 * small, f"{small:,} bytes, then {large:,}"
