"""Formats: what is written reads back as exactly the same statements, in readers that are not ours."""

from __future__ import annotations

import io
import json
import logging
import random
import re
import xml.etree.ElementTree as ET  # it reads what we wrote
from collections.abc import Iterable
from urllib.parse import urljoin

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyld import jsonld

from kb.formats import registry
from kb.problems import KbError
from kb.rdf.iris import RDF, XSD, Names, is_valid
from kb.rdf.quads import Quad, iri, is_blank, is_iri, literal, literal_value

BASE = "https://e.org/kb/"
NAMES = Names(
    BASE,
    {
        "ex": "http://ex.org/",
        "exa": "http://ex.org/a/",
        "hash": "http://ex.org/x#",
        "HP": "http://purl.org/HP_",
        "urn": "urn:",
        "id": "http://ex.org/id/",
        "type": "http://ex.org/type/",
        "xml2": "http://ex.org/xml#",
        "dot.": "http://ex.org/dot/",
        "mailto": "mailto:",
        "q": "http://ex.org/?q=",
        "label": "http://ex.org/label",
        "ns1": "http://ex.org/ns1/",
    },
)

# IRIs that are legal and awkward: like prefixed names, like relative paths, equal to bases and prefixes.
ODD = [
    f"{BASE}a", f"{BASE}a/b", f"{BASE}a:b", f"{BASE}a/b:c", f"{BASE}a//b", f"{BASE}//b", f"{BASE}../x", f"{BASE}a/../b",
    f"{BASE}./a", f"{BASE}.", f"{BASE}a/", f"{BASE}a.", f"{BASE}a/.", f"{BASE}?q", f"{BASE}#f", f"{BASE}a?q#f",
    f"{BASE};", f"{BASE}a;/b;",
    f"{BASE}a%20b", f"{BASE}%C3%A9", f"{BASE}é", f"{BASE}a/é/😀", f"{BASE}fact/d/s/p/1.5%20mg;decimal/trigger/x",
    f"{BASE}term/a", f"{BASE}predicate/has-x", f"{BASE}id", f"{BASE}type", f"{BASE}-", f"{BASE}_:a", "https://e.org/",
    "https://e.org/kb", "https://e.org", "https://E.org/kb/a", "HTTPS://e.org/kb/a", "https://e.org/kb/%61", "http://ex.org/",
    "http://ex.org/a", "http://ex.org/a/", "http://ex.org/a/1", "http://ex.org/a.b", "http://ex.org/a.", "http://ex.org/-a",
    "http://ex.org/1", "http://ex.org/é", "http://ex.org//x", "http://ex.org/a(b)", "http://ex.org/a,b;c='d'",
    "http://ex.org/~a", "http://ex.org/x#", "http://ex.org/x#y", "http://ex.org/x#1y", "http://ex.org/:a",
    "http://ex.org/a:b", "http://ex.org/a@b", "http://ex.org/?q=1", "http://ex.org/dot/a", "http://ex.org/id/a",
    "http://ex.org/type/a", "http://ex.org/xml#a", "http://ex.org/label", "http://other.org/label", "http://purl.org/HP_0001",
    "http://purl.org/HP_", "ex:a", "ex:", "HP:0001", "urn:x:y", "urn:uuid:0", "mailto:a@b.c", "id:a", "type:a", "label:a",
    "x:", "a:b:c", "tag:e.org,2026:x", "http://[::1]/a", "http://u@h:80/?a=b&c=d#e&f", f"{RDF}type", f"{RDF}first",
    f"{XSD}string", "http://ex.org/a\u0301", "http://ex.org/\u200ca", "http://ex.org/ns1/a", "http://ex.org/ns2/a", "data:,x",
]  # fmt: skip
SEGMENTS = st.text(st.sampled_from("aZ0_-.~:@!$&'()*+,;=é\u4e00😀"), max_size=6) | st.sampled_from(
    ["", ".", "..", "%20", "%C3%A9"]
)
IRIS = st.sampled_from(ODD) | st.builds(
    lambda start, parts: start + "/".join(parts),
    st.sampled_from([BASE, "http://ex.org/", "http://ex.org/x#", "urn:x:", "https://e.org/kb/term/"]),
    st.lists(SEGMENTS, min_size=1, max_size=4),
).filter(is_valid)
# rdflib's RDF/XML and Oxigraph's need a local name; what has none is refused, as tested below.
PREDICATES = st.sampled_from(
    [
        "http://ex.org/p", "http://ex.org/x#p.q", f"{BASE}predicate/has-x", f"{BASE}p", "http://other.org/label",
        "http://ex.org/label", "urn:x:p", "http://ex.org/é", "http://ex.org/%41b", "http://ex.org/xml#p",
        "http://ex.org/type", "http://ex.org/id", "http://e2.org/id", "http://ex.org/a/q", f"{RDF}first", "ex:p",
        "http://n.org/a-b", "http://n.org/1/_a", "http://ex.org/dot/p", "HP:p", "http://ex.org/ns7/p", "http://ex.org/p?a=1&b",
    ]
)  # fmt: skip
TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(
    ["", '"', "'", '"""', "\\", "\\n", "\\u0041", "\t", "\n", "\r", "\r\n", "\x00", "\x7f", "\x85",
     "\u2028", "😀", "</a>", "]]>", "&amp;", " a ", "@id", "_:b", "<a:b>"]
)  # fmt: skip
NUMBERS = [
    "0",
    "1",
    "-1",
    "+1",
    "01",
    "-0",
    "1.50",
    "1.",
    ".5",
    "INF",
    "-INF",
    "NaN",
    "1e0",
    "1E6",
    "true",
    "false",
    "1",
    "TRUE",
    "24:00:00",
    "x",
    "",
]
KINDS = ("integer", "decimal", "double", "float", "boolean", "date", "time", "base64Binary", "nonNegativeInteger", "anyURI")
TYPES = [f"{XSD}{name}" for name in KINDS]
TYPES += ["http://ex.org/T", "urn:x:T", "ex:T", f"{BASE}T", f"{RDF}JSON", "http://no.org/a?b"]
LITERALS = st.one_of(
    TEXTS.map(literal),
    st.builds(lambda text, tag: literal(text, "", tag), TEXTS, st.sampled_from(["en", "en-GB", "zh-Hant-TW", "x-a"])),
    st.builds(literal, st.sampled_from(NUMBERS) | TEXTS, st.sampled_from(TYPES)),
)
TRIPLES = st.builds(
    Quad,
    IRIS.map(iri),
    st.one_of(PREDICATES.map(iri), st.just(iri(f"{RDF}value"))),
    st.one_of(IRIS.map(iri), LITERALS),
    st.sampled_from(["", iri(f"{BASE}graph/a"), iri("http://ex.org/g"), iri(BASE), iri("urn:g")]),
) | st.builds(Quad, IRIS.map(iri), st.just(iri(f"{RDF}type")), IRIS.map(iri), st.just(""))
STATEMENTS = st.lists(TRIPLES, max_size=12)

Statement = tuple[str, ...]
FORMATS = {
    "turtle": ox.RdfFormat.TURTLE,
    "trig": ox.RdfFormat.TRIG,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "nquads": ox.RdfFormat.N_QUADS,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdfxml": ox.RdfFormat.RDF_XML,
}
EVERY = pytest.mark.parametrize("name", FORMATS)


def write(name: str, statements: Iterable[Quad], names: Names = NAMES) -> str:
    return "".join(registry.find(name).lines(statements, names))


def expected(name: str, statements: Iterable[Quad]) -> set[Statement]:
    return {tuple(each) if registry.find(name).graphs else (*each[:3], "") for each in statements}


def read_by_oxigraph(name: str, text: str) -> set[Statement]:
    return {
        (
            str(each.subject),
            str(each.predicate),
            str(each.object),
            "" if isinstance(each.graph_name, ox.DefaultGraph) else str(each.graph_name),
        )
        for each in ox.parse(text.encode("utf-8"), format=FORMATS[name])
    }


def read_by_rdflib(name: str, text: str) -> set[Statement]:
    dataset = rdflib.Dataset()
    words = {"rdfxml": "xml", "jsonld": "json-ld", "ntriples": "nt"}
    target = dataset.default_graph if name in {"turtle", "ntriples", "rdfxml"} else dataset
    target.parse(data=text, format=words.get(name, name))
    return {
        (_n3(s), _n3(p), _n3(o), "" if g is None or g == rdflib.graph.DATASET_DEFAULT_GRAPH_ID else _n3(g))
        for s, p, o, g in dataset.quads()
    }


def _n3(term: object) -> str:
    if isinstance(term, rdflib.Literal):
        return literal(str(term), str(term.datatype or f"{XSD}string"), term.language or "")
    return f"_:{term}" if isinstance(term, rdflib.BNode) else f"<{term}>"


@pytest.fixture(autouse=True)
def _written_forms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)
    monkeypatch.setattr(logging.getLogger("rdflib.term"), "disabled", True)  # it tells of each literal that is no number


def fits(name: str, statements: list[Quad]) -> bool:
    """Tell whether a format can hold statements at all; tests below say that the others are refused."""
    return name != "rdfxml" or not any(map(_odd_for_xml, statements))


def _odd_for_xml(each: Quad) -> bool:
    value = "" if is_iri(each.object) else literal_value(each.object).value
    return any((character < " " and character not in "\t\n\r") or character in "\ufffe\uffff" for character in value)


@EVERY
@settings(deadline=None, max_examples=settings().max_examples)
@given(STATEMENTS)
@example([Quad(iri(each), iri("http://ex.org/p"), iri(each), "") for each in ODD])
@example([Quad(iri("urn:s"), iri("http://ex.org/p"), literal(number, kind), "") for number in NUMBERS for kind in TYPES])
def test_what_is_written_reads_back_in_oxigraph_to_the_same_statements(name: str, statements: list[Quad]) -> None:
    if fits(name, statements):
        assert read_by_oxigraph(name, write(name, statements)) == expected(name, statements)


@EVERY
@settings(deadline=None, max_examples=settings().max_examples // 3)
@given(STATEMENTS)
@example([Quad(iri(each), iri("http://ex.org/p"), iri(each), "") for each in ODD])
@example([Quad(iri("urn:s"), iri("http://ex.org/p"), literal(number, kind), "") for number in NUMBERS for kind in TYPES])
def test_what_is_written_reads_back_in_rdflib_to_the_same_statements(name: str, statements: list[Quad]) -> None:
    if fits(name, statements):
        found = read_by_rdflib(name, write(name, statements))
        if name == "rdfxml":
            assert found == {(_resolved(s), p, _resolved(o), g) for s, p, o, g in expected(name, statements)}
        else:
            assert found == expected(name, statements)


def _resolved(term: str) -> str:
    """Give an IRI as rdflib's RDF/XML reader does, which resolves absolute ones too: HTTPS: and a last ; change."""
    if not is_iri(term):
        return term
    value = term[1:-1]
    resolved = urljoin(BASE, value)
    return f"<{resolved}#>" if value.endswith("#") and not resolved.endswith("#") else f"<{resolved}>"


@settings(deadline=None, max_examples=settings().max_examples // 2)
@given(STATEMENTS)
@example([Quad(iri(each), iri("http://ex.org/p"), iri(each), "") for each in ODD])
@example([Quad(iri("urn:s"), iri("http://ex.org/p"), literal(number, kind), "") for number in NUMBERS for kind in TYPES])
def test_json_ld_reads_back_in_pyld_to_the_same_statements(statements: list[Quad]) -> None:
    held = [each for each in statements if "XMLSchema#double" not in each.object]  # PyLD writes doubles in a form of its own
    read = jsonld.to_rdf(json.loads(write("jsonld", held)), {"documentLoader": no_network})
    found = {
        (f"<{each['subject']['value']}>", f"<{each['predicate']['value']}>", _pyld(each["object"]), "")
        for graph in read.values()
        for each in graph
    }
    assert found == expected("jsonld", held)


def _pyld(term: dict[str, str]) -> str:
    if term["type"] != "literal":
        return f"<{term['value']}>"
    return literal(term["value"], term.get("datatype", f"{XSD}string"), term.get("language", ""))


def no_network(url: str, _options: object) -> None:
    raise AssertionError(url)


@settings(deadline=None, max_examples=settings().max_examples // 2)
@given(STATEMENTS, st.randoms(use_true_random=False))
def test_the_order_and_the_repetition_of_statements_change_nothing(statements: list[Quad], chance: random.Random) -> None:
    shuffled = [*statements, *statements[:3]]
    chance.shuffle(shuffled)
    for name in FORMATS:
        if fits(name, statements):
            assert write(name, shuffled) == write(name, statements)


@pytest.mark.parametrize("odd", ["\x00", "\x0b", "\x1f", "\ufffe", "\uffff"])
def test_rdf_xml_refuses_a_text_that_xml_cannot_hold(odd: str) -> None:
    with pytest.raises(KbError, match="KB702 RDF/XML cannot write the text"):
        write("rdfxml", [Quad("<urn:s>", "<urn:x:p>", literal(f"a{odd}"), "")])


NAMELESS = ["http://e.org/", "http://e.org/1", "urn:x:1", "http://e.org/p(", *(f"{RDF}{name}" for name in ("li", "about", "RDF"))]


@pytest.mark.parametrize("iri_", NAMELESS)
def test_rdf_xml_refuses_a_predicate_that_it_cannot_name(iri_: str) -> None:
    with pytest.raises(KbError, match="KB702 RDF/XML cannot write the predicate"):
        write("rdfxml", [Quad("<urn:s>", f"<{iri_}>", "<urn:o>", "")])


def test_json_ld_refuses_a_text_as_a_type() -> None:
    with pytest.raises(KbError, match="KB702 JSON-LD cannot write that something is of type"):
        write("jsonld", [Quad("<urn:s>", f"<{RDF}type>", '"a"', "")])


BLANK = [
    Quad("_:a", "<http://ex.org/p>", "_:b", ""),
    Quad("_:b", f"<{RDF}type>", "<http://ex.org/T>", ""),
    Quad("<urn:s>", "<http://ex.org/q>", "_:a", ""),
    Quad("<urn:s>", "<http://ex.org/q>", '"x"', ""),
    Quad("<urn:s>", f"<{RDF}type>", "_:b", ""),
]


@EVERY
def test_blank_nodes_that_a_query_constructs_are_written(name: str) -> None:
    written = write(name, BLANK)
    for read in (read_by_oxigraph(name, written), read_by_rdflib(name, written)):
        assert len(read) == 5
        found = {each[0] for each in read if each[1] == "<http://ex.org/p>"}
        assert found == {each[2] for each in read if each[1] == "<http://ex.org/q>" and is_blank(each[2])}


@EVERY
def test_nothing_is_a_file_that_reads_back_to_nothing(name: str) -> None:
    assert read_by_oxigraph(name, write(name, [])) == read_by_rdflib(name, write(name, [])) == set()


@pytest.mark.parametrize("name", ["turtle", "trig"])
def test_only_numbers_and_truths_in_their_canonical_form_are_bare(name: str) -> None:
    def objects(kind: str, values: list[str]) -> str:
        return write(name, [Quad("<urn:s>", "<urn:x:p>", literal(value, f"{XSD}{kind}"), "") for value in values])

    for value in ("0", "-1", "42"):
        assert f" {value} ." in objects("integer", [value])
    for value in ("01", "-0", "+1", "--1", "1.0", ""):
        assert f'"{value}"^^xsd:integer' in objects("integer", [value])
    assert " true ." in objects("boolean", ["true"])
    assert '"1"^^xsd:boolean' in objects("boolean", ["1"])
    assert '"1.50"^^xsd:decimal' in objects("decimal", ["1.50"])


def test_trig_does_without_the_keyword_that_some_readers_refuse() -> None:
    assert "GRAPH" not in write("trig", [Quad("<urn:s>", "<urn:x:p>", "<urn:o>", "<urn:g>")])


@EVERY
def test_prefixes_are_declared_exactly_where_they_are_used(name: str) -> None:
    text = write(name, [Quad("<http://ex.org/s>", "<http://ex.org/p>", f'"1"^^<{XSD}date>', "")])
    if name in {"turtle", "trig"}:
        assert re.findall(r"@prefix (\S+):", text) == ["ex", "xsd"]
    elif name == "jsonld":
        assert set(json.loads(text)["@context"]) == {"@version", "@base", "id", "type", "ex", "xsd", "p"}
    elif name == "rdfxml":
        assert set(re.findall(r"xmlns:(\w+)", text)) == {"rdf", "ex"}


def test_the_context_of_json_ld_is_in_the_file_and_short_names_are_used() -> None:
    statements = [
        Quad(f"<{BASE}fact/a>", f"<{RDF}type>", "<http://ex.org/T>", ""),
        Quad(f"<{BASE}fact/a>", "<http://ex.org/a/label>", '"x"@en', ""),
        Quad(f"<{BASE}fact/a>", "<http://ex.org/a/start>", f'"1"^^<{XSD}integer>', ""),
        Quad(f"<{BASE}fact/a>", "<http://ex.org/a/start>", f'"2"^^<{XSD}integer>', ""),
        Quad(f"<{BASE}fact/a>", f"<{BASE}predicate/has-x>", f"<{BASE}term/b>", ""),
    ]
    document = json.loads(write("jsonld", statements, Names(BASE, {"exa": "http://ex.org/a/"})))
    assert isinstance(document["@context"], dict)
    assert document["@graph"] == [
        {"id": "fact/a", "type": "http://ex.org/T", "label": "x", "start": ["1", "2"], "pred:has-x": "term:b"}
    ]


def test_rdf_xml_is_well_formed_and_relative_to_the_base() -> None:
    text = write("rdfxml", [Quad(f"<{BASE}a/b>", "<http://new.org/p>", literal('<a> & "b"\r\n'), "")])
    described = ET.parse(io.StringIO(text)).getroot()[0]
    assert described.attrib[f"{{{RDF}}}about"] == "a/b"
    assert described[0].tag == "{http://new.org/}p"
    assert described[0].text == '<a> & "b"\r\n'


def test_what_is_below_an_iri_follows_it_and_types_come_first() -> None:
    statements = [
        Quad(f"<{BASE}{name}>", f"<{kind}>", "<urn:o>", "")
        for name in ("a", "a/b", "a-b")
        for kind in ("http://ex.org/p", f"{RDF}type")
    ]
    text = write("turtle", statements)
    assert re.findall(r"^<(\S+)> (\S+)", text, re.MULTILINE) == [("a", "a"), ("a-b", "a"), ("a/b", "a")]


def test_many_objects_stand_in_lines_of_their_own() -> None:
    text = write("turtle", [Quad("<urn:s>", "<urn:x:p>", f"<urn:o:{'x' * 20}{number}>", "") for number in range(9)])
    assert max(map(len, text.splitlines())) < 100
    assert len(read_by_oxigraph("turtle", text)) == 9


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("ttl", "turtle"),
        ("TURTLE", "turtle"),
        (".jsonld", "jsonld"),
        ("json-ld", "jsonld"),
        ("nt", "ntriples"),
        ("application/n-quads", "nquads"),
        ("xml", "rdfxml"),
        ("owl", "rdfxml"),
    ],
)
def test_a_format_is_found_by_name_suffix_or_media_type(word: str, name: str) -> None:
    assert registry.find(word).name == name


def test_an_unknown_format_is_reported_with_those_that_are_known() -> None:
    with pytest.raises(KbError, match=r"KB702 There is no format 'odd'.*turtle, jsonld, ntriples, nquads, trig, rdfxml"):
        registry.find("odd")


def test_media_types_and_suffixes_are_those_that_oxigraph_knows() -> None:
    for name, known in FORMATS.items():
        fmt = registry.find(name)
        assert ox.RdfFormat.from_extension(fmt.extension) == ox.RdfFormat.from_media_type(fmt.media_type) == known
