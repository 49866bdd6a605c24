"""The metadata files agree with each other and satisfy their standards."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import rdflib
import yaml
from pyshacl import validate
from rdflib.namespace import DCAT, DCTERMS, VOID

from kb.model import KnowledgeBase
from kb.release.details import release_details, spdx_identifier

SHAPES = Path(__file__).with_name("dcat-ap.ttl")


def read(folder: Path, name: str) -> Any:
    text = (folder / name).read_text(encoding="utf-8")
    return yaml.safe_load(text) if name.endswith(".cff") else json.loads(text)


@pytest.fixture
def metadata(rich: Path) -> dict[str, Any]:
    names = ("CITATION.cff", "datapackage.json", "croissant.json", "datacite.json", ".zenodo.json", "schemaorg.jsonld")
    metadata = {name: read(rich, name) for name in names}
    return metadata | {
        "crate": next(entity for entity in read(rich, "ro-crate-metadata.json")["@graph"] if entity["@id"] == "./")
    }


def test_all_descriptions_agree_on_title_version_and_licence(metadata: dict[str, Any]) -> None:
    datacite = metadata["datacite.json"]
    titles = [metadata[name]["title"] for name in ("CITATION.cff", "datapackage.json", ".zenodo.json")]
    titles += [metadata["schemaorg.jsonld"]["name"], metadata["crate"]["name"], datacite["titles"][0]["title"]]
    assert set(titles) == {"A made-up medicine"}
    assert {value["version"] for value in metadata.values()} == {"0.1.0"}
    assert metadata["CITATION.cff"]["license"] == metadata["datapackage.json"]["licenses"][0]["name"] == "CC0-1.0"
    assert datacite["rightsList"][0]["rightsIdentifier"].lower() == metadata[".zenodo.json"]["license"] == "cc0-1.0"
    assert metadata["CITATION.cff"]["doi"] == datacite["doi"] == "10.5281/zenodo.1234"


def test_persons_and_organisations_are_distinguished(metadata: dict[str, Any]) -> None:
    assert [creator["nameType"] for creator in metadata["datacite.json"]["creators"]] == ["Personal", "Organizational"]
    assert [creator["@type"] for creator in metadata["schemaorg.jsonld"]["creator"]] == ["Person", "Organization"]
    assert metadata["CITATION.cff"]["authors"][0]["orcid"] == "https://orcid.org/0000-0002-1825-0097"
    assert metadata["CITATION.cff"]["authors"][1]["website"] == "https://ror.org/05dxps055"
    assert metadata["crate"]["creator"] == [
        {"@id": "https://orcid.org/0000-0002-1825-0097"},
        {"@id": "https://ror.org/05dxps055"},
    ]


def test_the_bioschemas_profile_has_all_that_it_requires_and_recommends(metadata: dict[str, Any]) -> None:
    dataset = metadata["schemaorg.jsonld"]
    required = ["name", "description", "identifier", "keywords", "license", "url", "dct:conformsTo"]
    recommended = ["alternateName", "citation", "creator", "datePublished", "distribution", "includedInDataCatalog"]
    recommended += ["isBasedOn", "measurementTechnique", "variableMeasured", "version"]
    assert not [name for name in (*required, *recommended) if not dataset.get(name)]
    graph = rdflib.Graph().parse(data=json.dumps(dataset), format="json-ld")
    conforms = rdflib.URIRef("https://bioschemas.org/profiles/Dataset/1.0-RELEASE")
    assert (None, DCTERMS.conformsTo, conforms) in graph


def test_datacite_has_all_that_it_requires(metadata: dict[str, Any]) -> None:
    required = ("types", "creators", "titles", "publisher", "publicationYear", "schemaVersion")
    assert not [name for name in required if not metadata["datacite.json"].get(name)]


def test_the_catalogue_has_the_mandatory_and_recommended_properties_of_dcat_ap(rich: Path) -> None:
    graph = rdflib.Graph().parse(rich / "dcat.ttl")
    conforms, _, words = validate(graph, shacl_graph=str(SHAPES), advanced=False)
    assert conforms, words
    assert not [node for triple in graph for node in triple if isinstance(node, rdflib.BNode)]


def test_the_catalogue_shapes_reject_missing_properties(rich: Path) -> None:
    graph = rdflib.Graph().parse(rich / "dcat.ttl")
    for name in (DCTERMS.publisher, DCAT.accessURL, DCTERMS.license):
        graph.remove((None, name, None))
    conforms, _, _ = validate(graph, shacl_graph=str(SHAPES), advanced=False)
    assert not conforms


def test_the_catalogue_counts_classes_properties_and_triples_as_they_are(release: Path) -> None:
    graph = rdflib.Graph().parse(release / "dcat.ttl")
    data = rdflib.Graph().parse(release / "rdf/clonazepam.nt")
    (dataset,) = graph.subjects(rdflib.RDF.type, DCAT.Dataset)
    assert str(graph.value(dataset, VOID.triples)) == str(len(data))
    parts = list(graph.objects(dataset, VOID.classPartition))
    classes = {graph.value(part, VOID["class"]): int(str(graph.value(part, VOID.entities))) for part in parts}
    assert classes == {kind: len(set(data.subjects(rdflib.RDF.type, kind))) for kind in set(data.objects(None, rdflib.RDF.type))}
    parts = list(graph.objects(dataset, VOID.propertyPartition))
    properties = {graph.value(part, VOID.property): int(str(graph.value(part, VOID.triples))) for part in parts}
    assert properties == {name: len(list(data.triples((None, name, None)))) for name in set(data.predicates())}


def test_the_mapping_set_has_every_mapping_and_its_prefixes(release: Path, shipped: KnowledgeBase) -> None:
    lines = (release / "mappings/clonazepam.sssom.tsv").read_text(encoding="utf-8").splitlines()
    heading = yaml.safe_load("\n".join(line[1:] for line in lines if line.startswith("#")))
    rows = list(csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t"))
    assert len(rows) == len(shipped.mappings)
    assert {"mapping_set_id", "license", "mapping_set_version"} <= set(heading)
    prefixes = {row[column].partition(":")[0] for row in rows for column in ("subject_id", "predicate_id", "object_id")}
    assert prefixes <= set(heading["curie_map"])
    assert all(row["mapping_justification"].startswith("semapv:") for row in rows)


def test_losses_have_counts(release: Path) -> None:
    losses = json.loads((release / "losses.json").read_text(encoding="utf-8"))
    assert {loss["export"] for loss in losses} >= {"turtle", "plain", "kgx", "neo4j", "parquet", "graphml", "hrt"}
    (nodes,) = [loss for loss in losses if loss["what"].startswith("terms have no exact match")]
    assert nodes["count"] == len(nodes["which"]) == 33


@pytest.mark.parametrize(
    ("licence", "name"),
    [
        ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
        ("http://creativecommons.org/publicdomain/zero/1.0/legalcode", "CC0-1.0"),
        ("https://creativecommons.org/licenses/by-nc-sa/4.0/", "CC-BY-NC-SA-4.0"),
        ("https://spdx.org/licenses/ODbL-1.0.html", "ODbL-1.0"),
        ("https://example.org/licence", ""),
    ],
)
def test_a_licence_is_named_by_spdx_where_it_has_a_name(licence: str, name: str) -> None:
    assert spdx_identifier(licence) == name


def test_a_minimal_dataset_has_default_details(shipped: KnowledgeBase) -> None:
    little = release_details(shipped.dataset._replace(publisher=None, homepage="", license="https://example.org/licence"))
    assert little.publisher.name == shipped.dataset.creators[0].name
    assert (little.homepage, little.spdx) == (shipped.dataset.base, "")


def test_the_readme_has_what_a_reader_of_the_folder_needs(release: Path) -> None:
    readme = (release / "README.md").read_text(encoding="utf-8")
    assert all(words in readme for words in ("60 facts", "not medical advice", "sha256sum", "rdf/clonazepam.nq", "zero/1.0"))
