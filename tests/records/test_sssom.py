"""Mapping sets are read as SSSOM publishes them, with every column, their prefixes and their licence."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from rdflib import DCTERMS, Graph, URIRef

from kb import cli, pipeline, resources
from kb.formats.tables import mapping_set
from kb.records import sssom

BY_NC_SA = "https://creativecommons.org/licenses/by-nc-sa/4.0/"
HEADING = (
    f"#mapping_set_id: https://example.org/other/hp\n#mapping_set_title: Theirs\n#license: {BY_NC_SA}\n"
    '#creator_id: ["orcid:0000-0001-2345-6789", "orcid:0000-0002-1825-0097"]\n#mapping_date: "2026-01-01"\n'
    '#comment: Of the set.\n#curie_map:\n#  HP: "http://purl.obolibrary.org/obo/HP_"\n#  orcid: "https://orcid.org/"\n'
)
COLUMNS = "subject_id\tpredicate_id\tobject_id\tmapping_justification\tconfidence\tauthor_id\n"
ROW = "term:itch\tskos:exactMatch\tHP:0000989\tsemapv:LexicalMatching\t0.7\torcid:0000-0001-2345-6789\n"
Make = Callable[..., Path]


def test_every_column_of_the_standard_is_read() -> None:
    properties = resources.schema("mapping")["properties"]
    cells = {name: str(slot["examples"][0]) for name, slot in properties.items() if slot.get("type") != "object"}
    text = "\t".join(cells) + "\n" + "\t".join(cells.values()) + "\n"
    (record,) = sssom.parse_records(text, "m.sssom.tsv", "m")
    assert record.value == {name: cell for name, cell in cells.items() if cell}
    assert len(cells) > 50


def test_rows_inherit_what_the_heading_says_of_all_and_nothing_else() -> None:
    (record,) = sssom.parse_records(HEADING + COLUMNS + ROW, "m.sssom.tsv", "m")
    assert record.value["license"] == BY_NC_SA
    assert record.value["creator_id"] == "orcid:0000-0001-2345-6789|orcid:0000-0002-1825-0097"
    assert record.value["mapping_date"] == "2026-01-01"
    assert record.value["curie_map"] == {"HP": "http://purl.obolibrary.org/obo/HP_", "orcid": "https://orcid.org/"}
    assert "comment" not in record.value


def test_a_mapping_set_needs_no_dates_and_no_heading(make_kb: Make) -> None:
    folder = make_kb(**{"mappings/m.sssom.tsv": COLUMNS + ROW})
    assert pipeline.check(folder).problems == []


@pytest.mark.parametrize(("prefix", "iri"), [("HP", "http://other.example/HP_"), ("term", "https://example.org/not-ours/term/")])
def test_a_prefix_that_contradicts_the_knowledge_base_is_told_once(prefix: str, iri: str, make_kb: Make) -> None:
    text = f'#curie_map:\n#  {prefix}: "{iri}"\n{COLUMNS}{ROW}{ROW.replace("0000989", "0000988").replace("exact", "close")}'
    problems = pipeline.check(make_kb(**{"mappings/m.sssom.tsv": text})).problems
    assert [(problem.code, problem.place.line) for problem in problems] == [("KB326", 2)]
    assert iri in problems[0].message


def test_the_prefixes_of_a_file_are_believed(make_kb: Make) -> None:
    heading = (
        "#curie_map:\n#  t: https://example.org/x/term/\n#  hpo: http://purl.obolibrary.org/obo/HP_\n"
        "#  foo: https://example.org/foo/\n#  unused: https://example.org/unused/\n"
    )
    folder = make_kb()
    base = pipeline.load(folder).dataset.base
    rows = ROW.replace("term:", "t:").replace("HP:", "hpo:") + ROW.replace("HP:0000989", "foo:1").replace("exact", "close")
    outside = ROW.replace("term:itch", "foo:2").replace("HP:", "hpo:").replace("exact", "close")
    text = heading.replace("https://example.org/x/", base) + COLUMNS + rows + outside
    (folder / "mappings").mkdir(exist_ok=True)
    (folder / "mappings/m.sssom.tsv").write_text(text, encoding="utf-8")
    kb = pipeline.load(folder)
    assert {(row.subject, row.object) for row in kb.mappings} == {("term:itch", "HP:0000989"), ("term:itch", "foo:1")}
    assert [row.subject for row in kb.outside] == ["foo:2"]
    assert kb.dataset.prefixes["foo"] == "https://example.org/foo/"
    assert "unused" not in kb.dataset.prefixes
    assert "<https://example.org/foo/1>" in pipeline.export(kb, "ntriples")
    other = text.replace("example.org/foo", "example.org/bar").replace("hpo:0000989\t", "hpo:0000988\t").replace("foo:1", "foo:3")
    (folder / "mappings/n.sssom.tsv").write_text(other.replace("foo:2", "foo:4"), encoding="utf-8")
    assert "KB326" in {problem.code for problem in pipeline.check(folder).problems}


def test_an_iri_in_the_place_of_a_curie_is_told(make_kb: Make) -> None:
    text = COLUMNS + ROW.replace("HP:0000989", "https://example.org/1")
    (problem,) = pipeline.check(make_kb(**{"mappings/m.sssom.tsv": text})).problems
    assert (problem.code, problem.remedy) == ("KB315", "Write a CURIE instead of an IRI.")


def test_columns_of_extensions_are_kept_and_others_told_once(make_kb: Make) -> None:
    heading = "#extension_definitions:\n#  - slot_name: batch\n#    property: https://example.org/batch\n"
    text = HEADING + heading + COLUMNS.replace("\n", "\tbatch\text_more\n") + ROW.replace("\n", "\t7\tx\n")
    kb = pipeline.load(make_kb(**{"mappings/m.sssom.tsv": text}))
    lines = "".join(mapping_set.list_sets(kb)[1].lines()).splitlines(keepends=True)
    assert any(line.startswith("#extension_definitions: ") for line in lines)
    (row,) = csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t")
    assert (row["batch"], row["ext_more"]) == ("7", "x")
    assert "batch" not in pipeline.export(kb, "ntriples")
    wrong = HEADING + COLUMNS.replace("confidence", "confidense") + ROW + ROW.replace("0000989", "0000988")
    (problem,) = pipeline.check(make_kb(**{"mappings/m.sssom.tsv": wrong})).problems
    assert (problem.code, problem.place.line) == ("KB202", 10)
    assert "'confidence'" in problem.remedy
    assert len(str(problem)) < 250


def test_a_row_with_a_licence_of_its_own_takes_nothing_from_its_set(make_kb: Make, tmp_path: Path) -> None:
    heading = HEADING.replace("#mapping_date", '#see_also: ["https://example.org/s"]\n#other: a | b\n#mapping_date')
    by = "https://creativecommons.org/licenses/by/4.0/"
    rows = ROW.replace("\n", f"\t{by}\n") + ROW.replace("\n", "\t\n").replace("0000989", "0000988").replace("exact", "close")
    folder = make_kb(**{"mappings/m.sssom.tsv": heading + COLUMNS.replace("\n", "\tlicense\n") + rows})
    before = pipeline.load(folder)
    lines = "".join(mapping_set.list_sets(before)[1].lines()).splitlines(keepends=True)
    for line in (
        f"#license: {BY_NC_SA}\n",
        '#see_also: ["https://example.org/s"]\n',
        '#other: "a | b"\n',
        '#comment: "Of the set."\n',
    ):
        assert line in lines
    table = csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t")
    assert {row["object_id"]: (row["license"], row["comment"]) for row in table} == {
        "HP:0000988": (BY_NC_SA, ""),
        "HP:0000989": (by, ""),
    }
    after = pipeline.load(make_kb(**{"mappings/m.sssom.tsv": "".join(lines)}))
    assert [(row.slots, row.comment) for row in after.mappings] == [(row.slots, row.comment) for row in before.mappings]
    assert cli.run(["release", str(tmp_path / "r"), "--content", str(folder)]) == 0
    assert f"Theirs: {BY_NC_SA}, some of its mappings {by} (by orcid:" in (tmp_path / "r/LICENSE").read_text("utf-8")
    package = json.loads((tmp_path / "r/datapackage.json").read_text("utf-8"))
    assert {by, BY_NC_SA} <= {licence["path"] for licence in package["licenses"]}


def test_a_heading_says_nothing_that_a_release_could_not_hold(make_kb: Make) -> None:
    for heading in ("#license: no licence\n", '#comment: "a\\x07b"\n'):
        columns, row = COLUMNS.replace("\n", "\tlicense\n"), ROW.replace("\n", f"\t{BY_NC_SA}\n")
        assert pipeline.check(make_kb(**{"mappings/m.sssom.tsv": heading + columns + row})).problems != []


def test_the_people_of_a_mapping_are_nodes_of_the_graph(make_kb: Make) -> None:
    row = ROW.replace("\n", "|orcid:0000-0002-1825-0097|wikidata:Q1|Ann <a>\n")
    kb = pipeline.load(make_kb(**{"mappings/m.sssom.tsv": HEADING + COLUMNS + row}))
    graph = Graph().parse(data=pipeline.export(kb, "turtle"), format="turtle")
    people = {name.n3() for name in graph.objects(None, URIRef("https://w3id.org/sssom/author_id"))}
    orcid = "https://orcid.org/0000-000"
    assert people == {f"<{orcid}1-2345-6789>", f"<{orcid}2-1825-0097>", '"wikidata:Q1"', '"Ann <a>"'}
    assert pipeline.check(kb.folder, shapes="all").problems == []


def test_a_denied_match_is_no_match(make_kb: Make) -> None:
    text = COLUMNS.replace("confidence", "predicate_modifier") + ROW.replace("0.7", "Not")
    problems = pipeline.check(make_kb(**{"mappings/m.sssom.tsv": text})).problems
    assert [problem.code for problem in problems] == ["KB205"]


def test_a_set_of_others_keeps_licence_and_creators_in_every_format(make_kb: Make) -> None:
    kb = pipeline.load(make_kb(**{"mappings/m.sssom.tsv": HEADING + COLUMNS + ROW}))
    own, theirs = mapping_set.list_sets(kb)
    assert (own.rows, own.about.license) == ([], kb.dataset.license)
    lines = "".join(theirs.lines()).splitlines(keepends=True)
    assert f"#license: {BY_NC_SA}\n" in lines
    assert '#creator_id: ["orcid:0000-0001-2345-6789", "orcid:0000-0002-1825-0097"]\n' in lines
    assert '#  orcid: "https://orcid.org/"\n' in lines
    (row,) = csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t")
    assert (row["confidence"], row["author_id"]) == ("0.7", "orcid:0000-0001-2345-6789")
    assert dict(zip(mapping_set.COLUMNS, mapping_set.rows(kb)[0], strict=True))["license"] == BY_NC_SA
    triples = pipeline.export(kb, "ntriples")
    assert f"<http://purl.org/dc/terms/license> <{BY_NC_SA}>" in triples
    assert '<https://w3id.org/sssom/confidence> "0.7"' in triples


def test_a_written_set_reads_as_the_same_mappings(make_kb: Make) -> None:
    before = pipeline.load(make_kb(**{"mappings/m.sssom.tsv": HEADING + COLUMNS + ROW}))
    text = "".join(mapping_set.list_sets(before)[1].lines())
    after = pipeline.load(make_kb(**{"mappings/m.sssom.tsv": text}))
    assert [mapping._replace(record=None, prefixes={}) for mapping in after.mappings] == [
        mapping._replace(record=None, prefixes={}) for mapping in before.mappings
    ]


def test_a_release_has_the_set_of_others_under_its_own_licence(make_kb: Make, tmp_path: Path) -> None:
    folder = make_kb(**{"mappings/m.sssom.tsv": HEADING + COLUMNS + ROW})
    assert cli.run(["release", str(tmp_path / "r"), "--content", str(folder)]) == 0
    (theirs,) = (path for path in (tmp_path / "r/data").glob("*.sssom.tsv") if BY_NC_SA in path.read_text("utf-8"))
    assert "term:itch" in theirs.read_text("utf-8")
    assert all(
        "HP:0000989" not in path.read_text("utf-8") for path in (tmp_path / "r/data").glob("*.sssom.tsv") if path != theirs
    )
    assert f"Theirs: {BY_NC_SA}" in (tmp_path / "r/LICENSE").read_text("utf-8")
    assert cli.run(["release", "--check", str(tmp_path / "r")]) == 0
    package = json.loads((tmp_path / "r/datapackage.json").read_text("utf-8"))
    assert BY_NC_SA in {licence["path"] for licence in package["licenses"]}
    catalogue = Graph().parse(tmp_path / "r/metadata/dcat.ttl")
    licences = {str(file): str(terms) for file, terms in catalogue.subject_objects(DCTERMS.license)}
    assert [terms for file, terms in licences.items() if file.endswith(theirs.name)] == [BY_NC_SA]
    crate = json.loads((tmp_path / "r/ro-crate-metadata.json").read_text("utf-8"))["@graph"]
    by_id = {entity["@id"]: entity for entity in crate}
    assert by_id[f"data/{theirs.name}"]["license"] == {"@id": BY_NC_SA}
    assert by_id[BY_NC_SA]["@type"] == "CreativeWork"
