"""Entries of vocabularies become terms, with what their file says of them and no more, in every format alike."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import SKOS

from kb import cli, pipeline
from kb.model import KnowledgeBase, Term

BASE = "https://example.org/x/"
OBO = "http://purl.obolibrary.org/obo/"
CC_BY = "https://creativecommons.org/licenses/by/4.0/"

_OBO_TEXT = f"""format-version: 1.2
data-version: 2025-01-16
ontology: hp
property_value: http://purl.org/dc/terms/license {CC_BY}legalcode
import: http://127.0.0.1:9/none.owl

[Term]
id: HP:0000118
name: Phenotypic abnormality

[Term]
id: HP:0000989
name: Pruritus
def: "A wish to scratch." [PMID:1]
synonym: "Prurigo" EXACT []
synonym: "Rash" BROAD []
synonym: "Tickle" RELATED []
is_a: HP:0000118 ! Phenotypic abnormality
is_a: HP:0999999

[Term]
id: HP:0000002
name: Gone
is_obsolete: true
replaced_by: HP:0000989

[Typedef]
id: part_of
name: part of
"""
_SYNONYMS = {"hasExactSynonym": "Prurigo", "hasBroadSynonym": "Rash", "hasRelatedSynonym": "Tickle"}
_DETAILS = {
    "definition": {"val": "A wish to scratch.", "xrefs": []},
    "synonyms": [{"pred": name, "val": words} for name, words in _SYNONYMS.items()],
}
_GONE = {"deprecated": True, "basicPropertyValues": [{"pred": f"{OBO}IAO_0100001", "val": f"{OBO}HP_0000989"}]}
_ABOUT = {"http://purl.org/dc/terms/license": CC_BY, "http://www.w3.org/2002/07/owl#versionInfo": "2025-01-16"}
_GRAPH = {
    "id": f"{OBO}hp.owl",
    "meta": {"basicPropertyValues": [{"pred": name, "val": value} for name, value in _ABOUT.items()]},
    "nodes": [
        {"id": f"{OBO}HP_0000118", "type": "CLASS", "lbl": "Phenotypic abnormality"},
        {"id": f"{OBO}HP_0000989", "type": "CLASS", "lbl": "Pruritus", "meta": _DETAILS},
        {"id": f"{OBO}HP_0000002", "type": "CLASS", "lbl": "Gone", "meta": _GONE},
        {"id": f"{OBO}part_of", "type": "PROPERTY", "lbl": "part of"},
    ],
    "edges": [{"sub": f"{OBO}HP_0000989", "pred": "is_a", "obj": f"{OBO}HP_{name}"} for name in ("0000118", "0999999")],
}
_PREFIXES = f"""@prefix HP: <{OBO}HP_> . @prefix obo: <{OBO}> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix dct: <http://purl.org/dc/terms/> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix g: <http://www.geneontology.org/formats/oboInOwl#> .
"""
_OWL_TURTLE = f"""{_PREFIXES}
<{OBO}hp.owl> a owl:Ontology ; owl:versionInfo "2025-01-16" ; dct:license <http://creativecommons.org/licenses/by/4.0> ;
  owl:imports <http://127.0.0.1:9/none.owl> .
HP:0000118 a owl:Class ; rdfs:label "Phenotypic abnormality" .
HP:0000989 a owl:Class ; rdfs:label "Pruritus" ; obo:IAO_0000115 "A wish to scratch." ; g:hasExactSynonym "Prurigo" ;
  g:hasBroadSynonym "Rash" ; g:hasRelatedSynonym "Tickle" ; rdfs:subClassOf HP:0000118, HP:0999999, [ a owl:Restriction ] .
HP:0000002 a owl:Class ; rdfs:label "Gone" ; owl:deprecated true ; obo:IAO_0100001 HP:0000989 .
obo:part_of a owl:ObjectProperty ; rdfs:label "part of" .
"""
_SKOS_TURTLE = f"""{_PREFIXES}
<{OBO}hp.owl> a skos:ConceptScheme ; owl:versionInfo "2025-01-16" ; dct:license <{CC_BY}> .
HP:0000118 a skos:Concept ; skos:prefLabel "Phenotypic abnormality"@en ; skos:narrower HP:0000989 .
HP:0000989 a skos:Concept ; skos:prefLabel "Pruritus"@en ; skos:definition "A wish to scratch."@en ; skos:altLabel "Prurigo"@en ;
  skos:hiddenLabel "Rash"@en, "Tickle"@en ; skos:broader HP:0999999 .
HP:0000002 a skos:Concept ; skos:prefLabel "Gone"@en ; owl:deprecated true ; dct:isReplacedBy HP:0000989 .
obo:part_of a owl:ObjectProperty ; rdfs:label "part of" .
"""


def as_xml(turtle: str) -> str:
    """Write Turtle as RDF/XML."""
    return Graph().parse(data=turtle, format="turtle").serialize(format="xml")


FILES = {
    "hp.obo": _OBO_TEXT,
    "hp.json": json.dumps({"graphs": [_GRAPH]}),
    "hp.owl": as_xml(_OWL_TURTLE),
    "hp.ttl": _SKOS_TURTLE,
    "hp.rdf": as_xml(_SKOS_TURTLE),
}


_TERMS = """- id: examplol
  kind: drug
  label: examplol
  definition: A made-up medicine.

- id: itch # what the leaflet calls it
  kind: symptom
  label: itch
  definition: A wish to scratch.

- id: stopping
  kind: event
  label: stopping
  definition: An end of treatment.
"""


class Base:
    """A knowledge base, and a vocabulary from which it imports."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capsys = folder, capsys

    def run(self, *words: str) -> tuple[int, str, str]:
        self._capsys.readouterr()
        code = cli.run([*words, "--content", str(self.folder)])
        told = self._capsys.readouterr()
        return code, told.out, told.err

    def import_text(self, text: str, *words: str, name: str = "hp.ttl") -> tuple[int, str, str]:
        (self.folder.parent / name).write_text(text, encoding="utf-8")
        return self.run("term", "import", str(self.folder.parent / name), *words)

    def load(self) -> KnowledgeBase:
        return pipeline.load(self.folder)

    def term(self, name: str) -> Term:
        return self.load().terms[name]

    def matches(self, name: str) -> dict[str, str]:
        return {row.object: row.match.partition(":")[2] for row in self.load().mappings if row.subject == f"term:{name}"}

    def files(self) -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in self.folder.rglob("*") if path.is_file()}


@pytest.fixture
def base(make_kb: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> Base:
    folder = make_kb()
    (folder / "terms/terms.yaml").write_text(_TERMS, encoding="utf-8")
    return Base(folder, capsys)


def concept(curie: str, label: str, more: str = "") -> str:
    return f'{_PREFIXES}{curie} a skos:Concept ; skos:prefLabel "{label}"{more} .\n'


SYMPTOM = ("--kind", "symptom")


@pytest.mark.parametrize("name", FILES)
def test_an_entry_comes_in_with_the_same_values_from_every_format(name: str, base: Base) -> None:
    if name in {"hp.obo", "hp.json"}:
        pytest.importorskip("fastobo", reason="fastobo is an extra")
    code, _, err = base.import_text(FILES[name], "--ids", "HP:0000989,HP:0000002,HP:0000005", *SYMPTOM, name=name)
    assert code == 1
    assert f"{name}: KB329 'HP:0000002' is obsolete in {name}. Use HP:0000989" in err
    assert f"{name}: KB328 'HP:0000005' is not in {name}." in err
    assert "Left out (2): synonyms that are not exact." in err
    term = base.term("pruritus")
    assert (term.kind, term.label, term.definition, term.aliases) == ("symptom", "Pruritus", "A wish to scratch.", ("Prurigo",))
    assert "gone" not in base.load().terms
    assert base.matches("pruritus") == {"HP:0000989": "exactMatch", "HP:0000118": "broadMatch"}
    (row,) = [row for row in base.load().mappings if row.match == "skos:exactMatch" and row.object == "HP:0000989"]
    assert (row.source_version, row.label, row.slots["license"]) == ("2025-01-16", "Pruritus", CC_BY)
    assert row.slots["object_source"] == f"{OBO}hp.owl"
    before = base.files()
    assert base.import_text(FILES[name], "--ids", "HP:0000989", *SYMPTOM, name=name)[0] == 0
    assert base.files() == before
    assert base.run("validate")[0] == 0


def test_what_was_imported_is_read_back_from_show_rdf_and_sssom(base: Base, tmp_path: Path) -> None:
    base.import_text(FILES["hp.ttl"], "--ids", "HP:0000989", *SYMPTOM)
    shown = base.run("show", "pruritus")[1]
    assert all(words in shown for words in ("Pruritus", "Prurigo", "A wish to scratch.", "HP:0000989"))
    graph = Graph().parse(data=pipeline.export(base.load(), "turtle"), format="turtle")
    term = URIRef(f"{base.load().dataset.base}term/pruritus")
    assert set(graph.objects(term, SKOS.prefLabel)) == {Literal("Pruritus", "en")}
    assert set(graph.objects(term, SKOS.altLabel)) == {Literal("Prurigo", "en")}
    assert set(graph.objects(term, SKOS.exactMatch)) == {URIRef(f"{OBO}HP_0000989")}
    assert set(graph.objects(term, SKOS.broadMatch)) == {URIRef(f"{OBO}HP_0000118")}
    base.run("export", "-f", "sssom", "-o", str(tmp_path / "out.sssom.tsv"))
    heading = [line for line in (base.folder / "mappings/hp.sssom.tsv").read_text(encoding="utf-8").split("\n") if "\t" in line]
    columns, *rows = (line.split("\t") for line in heading)
    exact = next(
        row for row in (dict(zip(columns, row, strict=True)) for row in rows) if row["predicate_id"] == "skos:exactMatch"
    )
    assert (exact["subject_id"], exact["object_id"], exact["object_source_version"]) == (
        "term:pruritus",
        "HP:0000989",
        "2025-01-16",
    )


@pytest.mark.parametrize(
    ("licence", "words", "taken"),
    [
        ("", (), False),
        ("https://example.org/all-rights-reserved", (), False),
        (CC_BY, (), True),
        ("", ("--licence", "CC-BY-4.0"), True),
        ("https://example.org/all-rights-reserved", ("--definitions",), True),
    ],
)
def test_a_definition_comes_in_only_under_an_open_licence(licence: str, words: tuple[str, ...], taken: bool, base: Base) -> None:
    text = FILES["hp.ttl"].replace(f" ; dct:license <{CC_BY}>", licence and f" ; dct:license <{licence}>")
    code, _, err = base.import_text(text, "--ids", "HP:0000989", *SYMPTOM, *words)
    assert code == 0, err
    term = base.term("pruritus")
    assert (term.definition == "A wish to scratch.") is taken
    assert ("definitions, whose licence is" in err) is not taken
    assert (f"Definition of HP:0000989 from {OBO}hp.owl 2025-01-16" in term.note) is taken


def test_definitions_of_an_unknown_licence_are_refused(base: Base) -> None:
    code, _, err = base.import_text(concept("HP:1", "Ache"), "--ids", "HP:1", "--definitions", *SYMPTOM)
    assert (code, "KB832 The licence of the definitions is not known" in err) == (2, True)


def test_words_name_entries_by_label_before_synonym_and_cost_only_themselves(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    text = concept("HP:1", "Ache", ' ; skos:altLabel "Sore"') + "".join(concept(f"HP:{number}", "Two") for number in (2, 3))
    text += concept("HP:4", "Sore") + concept("HP:5", "Gone", " ; owl:deprecated true") + 'HP:6 skos:prefLabel "Mal"@fr .'
    (base.folder.parent / "words.txt").write_text("  ache\nTWO\n\nsore\ngone\nnothing\nMal\n", encoding="utf-8")
    code, out, err = base.import_text(text, "--match", str(base.folder.parent / "words.txt"), *SYMPTOM)
    assert code == 1
    assert [line for line in out.split("\n") if "label" in line] == ["  label: Ache"]
    assert f"'TWO' names 2 entries: {OBO}HP_2, {OBO}HP_3." in err
    assert "'gone' is no label" in err
    assert "'nothing' is no label" in err
    assert "'HP:6' has no label in en, only in fr." in err
    assert "'HP:4'" in err  # whose label is a synonym of the term made of HP:1, so that it may be the same
    assert {name for name in base.load().terms if base.matches(name)} == {"ache"}
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"Two\n")))
    assert base.import_text(concept("HP:2", "Two"), "--match", "-", *SYMPTOM)[0] == 0
    assert base.matches("two") == {"HP:2": "exactMatch"}


def test_words_of_other_languages_keep_their_tags(base: Base) -> None:
    text = f"""{_PREFIXES}HP:1 skos:prefLabel "Ache", "Pein"@de, "douleur"@fr ; skos:altLabel "Schmerz"@de, "Pain"@en, "ACHE"@en ;
    skos:definition "Es tut weh."@de . <{OBO}v> a skos:ConceptScheme ; dct:license <{CC_BY}> .
    HP:2 skos:prefLabel "Color"@en-US, "Colour"@en-GB ."""
    assert base.import_text(text, "--ids", "HP:1", "--ids", "HP:2", *SYMPTOM)[0] == 0
    term = base.term("ache")
    assert (term.label, term.aliases) == ("Ache", ("Pain",))
    wanted = {("label", "de", "Pein"), ("label", "fr", "douleur"), ("aliases", "de", "Schmerz")}
    assert set(term.translations) == {*wanted, ("definition", "de", "Es tut weh.")}
    assert base.term("color").translations == (("label", "en-gb", "Colour"),)
    before = base.files()
    assert base.import_text(text, "--ids", "HP:1", "--ids", "HP:2", *SYMPTOM)[0] == 0
    assert base.files() == before


def test_a_term_that_exists_gets_a_close_match_and_new_names(base: Base) -> None:
    text = concept("HP:9", "Itch", ' ; skos:altLabel "Itchiness" ; skos:broader HP:8') + concept("HP:8", "Feeling")
    assert base.import_text(text, "--ids", "HP:9", *SYMPTOM)[0] == 0
    term = base.term("itch")
    assert "Itchiness" in term.aliases
    assert base.matches("itch") == {"HP:9": "closeMatch"}  # no parent, since it may be another thing
    before = base.files()
    assert base.import_text(text, "--ids", "HP:9", *SYMPTOM)[0] == 0
    assert base.files() == before


def test_a_term_that_is_mapped_exactly_gets_names_and_parents_whatever_its_label(base: Base) -> None:
    header = "subject_id\tpredicate_id\tobject_id\tmapping_justification\n"
    row = "term:itch\tskos:exactMatch\tHP:9\tsemapv:ManualMappingCuration\n"
    (base.folder / "mappings").mkdir()
    (base.folder / "mappings/hp.sssom.tsv").write_text(header + row, encoding="utf-8")
    text = concept("HP:9", "Pruritus", " ; skos:broader HP:8") + concept("HP:8", "Feeling")
    assert base.import_text(text, "--ids", "HP:9")[0] == 0  # no kind is needed, since the term has one
    assert "Pruritus" in base.term("itch").aliases
    assert base.matches("itch") == {"HP:9": "exactMatch", "HP:8": "broadMatch"}
    lines = (base.folder / "mappings/hp.sssom.tsv").read_text(encoding="utf-8").split("\n")
    assert lines[0].split("\t")[:4] == header.strip().split("\t")
    assert lines[1].startswith(row.rstrip("\n"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (concept("HP:9", "Pruritus", ' ; skos:altLabel "Itch"'), "'HP:9', 'Pruritus', has the name 'Itch', as has 'itch'."),
        (f"{_PREFIXES}HP:9 a skos:Concept .", "'HP:9' has no label in en."),
        (concept("HP:9", "Is", " ; a owl:ObjectProperty"), "'HP:9' is a relation"),
        (concept("HP:9", "a\\u202Eb"), "KB108"),
        (concept("HP:9", "x" * 201), "KB206"),
    ],
)
def test_an_entry_that_may_be_another_term_or_has_no_sound_label_is_told(text: str, message: str, base: Base) -> None:
    before = base.files()
    code, _, err = base.import_text(text, "--ids", "HP:9", *SYMPTOM)
    assert (code, message in err) == (3 if message == "KB108" else 1, True), err
    assert base.files() == before


def test_a_label_that_is_mapped_to_another_identifier_is_told(base: Base) -> None:
    base.import_text(concept("HP:1", "Itch"), "--ids", "HP:1", *SYMPTOM)
    before = base.files()
    code, _, err = base.import_text(concept("HP:9", "Itch"), "--ids", "HP:9", *SYMPTOM)
    assert (code, "'HP:9' has the label of 'itch', which is mapped to 'HP:1' as closeMatch." in err) == (1, True), err
    assert base.files() == before


@pytest.mark.parametrize(
    ("link", "kind"),
    [("a <https://w3id.org/biolink/vocab/Disease>", "condition"), ("skos:broader HP:8", "condition"), ("skos:broader HP:1", "")],
)
def test_the_kind_is_that_to_which_the_entry_or_an_ancestor_is_linked(link: str, kind: str, base: Base) -> None:
    text = concept("HP:1", "Ague", f" ; {link}") + concept("HP:8", "Ill", " ; a <https://w3id.org/biolink/vocab/Disease>")
    code, _, err = base.import_text(text, "--ids", "HP:1")
    if kind:
        assert (code, base.term("ague").kind) == (0, kind), err
    else:
        assert (code, "KB832 The file does not say of what kind 'HP:1' is" in err) == (2, True)


def test_without_a_prefix_nothing_comes_in(base: Base) -> None:
    code, _, err = base.import_text(concept("<http://other.example/1>", "Ague"), "--ids", "http://other.example/1", *SYMPTOM)
    assert (code, "KB315 No prefix is declared for 'http://other.example/1'" in err) == (1, True)
    assert not (base.folder / "mappings").exists()


def test_a_dry_run_writes_nothing_and_shows_the_same_records(base: Base) -> None:
    before = base.files()
    planned = base.import_text(FILES["hp.ttl"], "--ids", "HP:0000989", *SYMPTOM, "--dry-run")
    assert (planned[0], base.files()) == (0, before)
    assert "Nothing was written." in planned[2]
    assert base.import_text(FILES["hp.ttl"], "--ids", "HP:0000989", *SYMPTOM)[1] == planned[1]


def test_the_order_of_identifiers_does_not_matter_and_files_name_them(make_kb: Callable[..., Path], base: Base) -> None:
    text = concept("HP:1", "Ache") + concept("HP:2", "Bend")
    base.import_text(text, "--ids", "HP:2", "--ids", "HP:1", *SYMPTOM)
    first = {path.name: content for path, content in base.files().items() if path.parent.name in {"terms", "mappings"}}
    other = Base(make_kb("other"), base._capsys)
    (other.folder / "terms/terms.yaml").write_text(_TERMS, encoding="utf-8")
    (base.folder.parent / "ids").write_text("HP:1 Ache\n\nHP:2\tBend\n", encoding="utf-8")
    other.import_text(text, "--ids", f"@{base.folder.parent / 'ids'}", *SYMPTOM)
    assert {path.name: content for path, content in other.files().items() if path.parent.name in {"terms", "mappings"}} == first


@pytest.mark.parametrize(
    "declaration",
    [
        '<!ENTITY a "ha"><!ENTITY b "&a;&a;">',
        f'<!ENTITY a "{"x" * 2000}">',
        f"<!--{'y' * (1 << 20)}--><!ENTITY a SYSTEM 'file:///x'>",
    ],
)
def test_entities_that_could_expand_to_much_are_refused(declaration: str, base: Base) -> None:
    text = FILES["hp.owl"].replace("<rdf:RDF", f"<!DOCTYPE rdf:RDF [{declaration}]>\n<rdf:RDF", 1)
    code, _, err = base.import_text(text, "--ids", "HP:0000989", *SYMPTOM, name="hp.owl")
    assert (code, "KB102 The vocabulary declares an entity" in err) == (3, True), err


def test_entities_for_namespaces_are_read(base: Base) -> None:
    declared = f'<!DOCTYPE rdf:RDF [<!ENTITY obo "{OBO}">]>\n<rdf:RDF'
    text = FILES["hp.owl"].replace("<rdf:RDF", declared, 1).replace(f'rdf:about="{OBO}HP_0000989"', 'rdf:about="&obo;HP_0000989"')
    assert "&obo;" in text
    assert base.import_text(text, "--ids", "HP:0000989", *SYMPTOM, name="hp.owl")[0] == 0
    assert base.term("pruritus").definition == "A wish to scratch."


def test_cyclic_parents_end(base: Base) -> None:
    text = concept("HP:1", "Ache", " ; skos:broader HP:2, HP:1") + concept("HP:2", "Bend", " ; skos:broader HP:1")
    assert base.import_text(text, "--ids", "HP:1,HP:2")[0] == 2
    assert base.import_text(text, "--ids", "HP:1,HP:2", *SYMPTOM)[0] == 0
    assert base.matches("ache") == {"HP:1": "exactMatch", "HP:2": "broadMatch"}


def test_without_the_library_the_extra_is_named(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    missing: Any = None
    monkeypatch.setitem(sys.modules, "fastobo", missing)
    code, _, err = base.import_text(FILES["hp.obo"], "--ids", "HP:0000989", *SYMPTOM, name="hp.obo")
    assert (code, "pip install 'linked-kb[ontologies]'" in err) == (2, True), err


def test_nothing_that_a_file_imports_is_opened(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    for name in ("hp.obo", "hp.owl"):
        assert base.import_text(FILES[name], "--ids", "HP:0000118", *SYMPTOM, name=name)[0] == 0


def test_a_mapping_set_has_no_entries(base: Base) -> None:
    text = "subject_id\tpredicate_id\tobject_id\tmapping_justification\nA:1\tskos:exactMatch\tHP:1\tsemapv:LexicalMatching\n"
    code, _, err = base.import_text(text, "--ids", "HP:1", *SYMPTOM, name="m.sssom.tsv")
    assert (code, "KB327 A mapping set has no entries to import." in err) == (2, True), err
