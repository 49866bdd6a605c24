"""Mapping sets are read as SSSOM publishes them, with every column, their prefixes and their licence."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from rdflib import DCTERMS, Graph

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
    cells = {name: str(slot["examples"][0]) for name, slot in properties.items() if name != "curie_map"}
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
