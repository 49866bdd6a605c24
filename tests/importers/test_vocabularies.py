"""Identifiers of mappings are looked up in files of their vocabularies, in every format alike."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from kb import cli, pipeline
from kb.importers.vocabularies import check, read_vocabulary
from kb.problems import KbError
from kb.rdf.iris import names_of

Make = Callable[..., Path]
OBO = "http://purl.obolibrary.org/obo/"
HEADER = "subject_id\tpredicate_id\tobject_id\tobject_label\tmapping_justification\n"
ROWS = {"HP:0000989": "Pruritus", "HP:0000001": "", "HP:0000002": "Itch", "HP:0000003": "Old", "ECO:1": "Else"}
MAPPINGS = HEADER + "".join(
    f"term:itch\tskos:closeMatch\t{name}\t{label}\tsemapv:LexicalMatching\n" for name, label in ROWS.items()
)
WANTED = [("KB328", "HP:0000001"), ("KB329", "HP:0000002"), ("KB330", "HP:0000003")]

_OBO_TEXT = """format-version: 1.2
ontology: hp

[Term]
id: HP:0000989
name: pruritus

[Term]
id: HP:0000002
name: Itch
is_obsolete: true
replaced_by: HP:0000989

[Term]
id: HP:0000003
name: New
"""
_NODES = [
    {"id": f"{OBO}HP_0000989", "type": "CLASS", "lbl": "Pruritus"},
    {
        "id": f"{OBO}HP_0000002",
        "type": "CLASS",
        "lbl": "Itch",
        "meta": {"deprecated": True, "basicPropertyValues": [{"pred": f"{OBO}IAO_0100001", "val": f"{OBO}HP_0000989"}]},
    },
    {"id": f"{OBO}HP_0000003", "type": "CLASS", "lbl": "New"},
]
_PREFIXES = f"""@prefix HP: <{OBO}HP_> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""
_SKOS = f"""{_PREFIXES}HP:0000989 skos:prefLabel "Juckreiz"@de, "Pruritus"@en .
HP:0000002 skos:prefLabel "Itch" ; owl:deprecated true ; dct:isReplacedBy HP:0000989 .
HP:0000003 skos:prefLabel "New"@en .
"""
_OWL = f"""<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:obo="{OBO}"
 xmlns:owl="http://www.w3.org/2002/07/owl#" xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#">
<owl:Class rdf:about="{OBO}HP_0000989"><rdfs:label>Pruritus</rdfs:label></owl:Class>
<owl:Class rdf:about="{OBO}HP_0000002"><rdfs:label>Itch</rdfs:label>
<owl:deprecated rdf:datatype="http://www.w3.org/2001/XMLSchema#boolean">true</owl:deprecated>
<obo:IAO_0100001 rdf:resource="{OBO}HP_0000989"/></owl:Class>
<owl:Class rdf:about="{OBO}HP_0000003"><rdfs:label>New</rdfs:label></owl:Class></rdf:RDF>
"""
FILES = {
    "hp.obo": _OBO_TEXT,
    "hp.json": json.dumps({"graphs": [{"id": f"{OBO}hp.owl", "nodes": _NODES, "edges": []}]}),
    "hp.owl": _OWL,
    "hp.ttl": _SKOS,
}


def run_check(folder: Path, path: Path) -> tuple[int, list[tuple[str, str]]]:
    kb = pipeline.load(folder)
    judged, problems = check(kb, read_vocabulary(path, names_of(kb)))
    return judged, [(problem.code, problem.message.split("'")[1]) for problem in problems]


@pytest.mark.parametrize("name", FILES)
def test_unknown_obsolete_and_relabelled_identifiers_are_found_in_every_format(name: str, make_kb: Make, tmp_path: Path) -> None:
    if name in {"hp.obo", "hp.json"}:
        pytest.importorskip("fastobo", reason="fastobo is an extra")
    folder = make_kb(**{"mappings/m.sssom.tsv": MAPPINGS})
    (tmp_path / name).write_text(FILES[name], encoding="utf-8")
    assert run_check(folder, tmp_path / name) == (4, WANTED)
    kb = pipeline.load(folder)
    remedies = [problem.remedy for problem in check(kb, read_vocabulary(tmp_path / name, names_of(kb)))[1]]
    assert remedies[1].startswith("Use HP:0000989")
    (tmp_path / f"{name}.gz").write_bytes(gzip.compress(FILES[name].encode()))
    assert run_check(folder, tmp_path / f"{name}.gz") == (4, WANTED)


def test_a_mapping_set_judges_labels_and_no_absence(make_kb: Make, tmp_path: Path) -> None:
    rows = "MESH:1\tskos:exactMatch\tHP:0000003\tNew\tsemapv:LexicalMatching\n"
    (tmp_path / "other.sssom.tsv").write_text(HEADER + rows, encoding="utf-8")
    assert run_check(make_kb(**{"mappings/m.sssom.tsv": MAPPINGS}), tmp_path / "other.sssom.tsv") == (
        1,
        [("KB330", "HP:0000003")],
    )


@pytest.mark.parametrize("name", ["equal.sssom.tsv", "equal.ttl"])
def test_what_a_file_calls_equal_is_equal_in_the_knowledge_base(name: str, make_kb: Make, tmp_path: Path) -> None:
    rows = (
        "term:itch\tskos:exactMatch\tHP:1\t\tsemapv:LexicalMatching\nterm:itch\tskos:closeMatch\tHP:3\t\tsemapv:LexicalMatching\n"
    )
    folder = make_kb(**{"mappings/m.sssom.tsv": HEADER + rows})
    text = "HP:1\tskos:exactMatch\tZ:9\t\tsemapv:LexicalMatching\nZ:9\tskos:exactMatch\tHP:3\t\tsemapv:LexicalMatching\n"
    heading = "#curie_map:\n#  Z: http://example.org/z/\n"
    turtle = f"{_PREFIXES}HP:1 skos:exactMatch <http://example.org/z/9> . <http://example.org/z/9> skos:exactMatch HP:3 .\n"
    (tmp_path / name).write_text(turtle if name.endswith("ttl") else heading + HEADER + text, encoding="utf-8")
    assert [code for code, _ in run_check(folder, tmp_path / name)[1]] == ["KB325"]


def test_the_command_reports_what_it_checked_and_fails_if_that_is_nothing(
    make_kb: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make_kb(**{"mappings/m.sssom.tsv": MAPPINGS})
    (tmp_path / "hp.ttl").write_text(_SKOS, encoding="utf-8")
    (tmp_path / "other.ttl").write_text(
        '<https://example.org/a> <http://www.w3.org/2000/01/rdf-schema#label> "a" .\n', encoding="utf-8"
    )
    assert cli.run(["mapping", "check", "--content", str(folder), "--with", str(tmp_path / "hp.ttl")]) == 1
    assert "Of 5 mappings, 4 with" in capsys.readouterr().out
    (folder / "mappings/m.sssom.tsv").write_text("\n".join(MAPPINGS.splitlines()[:2]) + "\n", encoding="utf-8")
    assert cli.run(["mapping", "check", "--content", str(folder), "--with", str(tmp_path / "hp.ttl")]) == 0
    assert cli.run(["mapping", "check", "--content", str(folder), "--with", str(tmp_path / "other.ttl")]) == 1
    assert "0 with" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("a.txt", "", "KB327"),
        ("a.ttl", "no turtle", "KB102"),
        ("a.owl", "<a", "KB102"),
        ("a.rdf", '\n {"div": "< b"}', "KB102 The file holds JSON"),
        ("a.json", '{"a": 1}', "KB102 The file is no OBO Graphs"),
        ("a.json", '{"graphs": []}', "KB102 The file is no OBO Graphs"),
        ("a.json", '{"a": "graphs"}', "KB102 The file is no OBO Graphs"),
        ("a.json", '{"graphs": {}}', "KB102 The vocabulary cannot be read"),
        ("a.json", "[]", "KB102 The file is no OBO Graphs"),
        ("a.obo", "[Term]\nid\n", "KB102"),
    ],
)
def test_a_file_that_is_no_vocabulary_is_refused(name: str, text: str, code: str, make_kb: Make, tmp_path: Path) -> None:
    if name in {"a.obo", "a.json"}:
        pytest.importorskip("fastobo", reason="fastobo is an extra")
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(KbError, match=code):
        read_vocabulary(tmp_path / name, names_of(pipeline.load(make_kb())))
