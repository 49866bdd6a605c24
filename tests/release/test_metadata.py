"""The metadata files agree with each other and satisfy their standards."""

from __future__ import annotations

import csv
import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import rdflib
import yaml
from pyshacl import validate
from rdflib.namespace import DCAT, DCTERMS, VOID

from kb import pipeline
from kb.escaping import escape_markdown
from kb.formats import registry
from kb.formats.tables import table_registry
from kb.model import KnowledgeBase
from kb.release import dictionary, making
from kb.release.details import release_details
from kb.schema.licences import spdx_identifier

EVERY_FORMAT = {*(fmt.name for fmt in registry.FORMATS), *(fmt.name for fmt in table_registry.TABLES)}
EVERY_FORMAT |= {"plain", "lean", "named-graphs", "rdf12", "nanopubs", "sssom"}
LICENCES = {
    "https://creativecommons.org/publicdomain/zero/1.0/": "CC0 1.0 Universal",
    "https://creativecommons.org/licenses/by/4.0/": "Creative Commons Attribution 4.0 International Public License",
    "https://creativecommons.org/licenses/by-sa/4.0/": "Attribution-ShareAlike 4.0 International Public License",
    "https://example.org/terms": "The legal text is at that address; it is not repeated here.",
}
COLUMNS = Path(dictionary.__file__).with_name("columns.tsv")
SHAPES = Path(__file__).with_name("dcat-ap.ttl")


def read(folder: Path, name: str) -> Any:
    text = (folder / name).read_text(encoding="utf-8")
    return yaml.safe_load(text) if name.endswith(".cff") else json.loads(text)


@pytest.fixture
def metadata(rich: Path) -> dict[str, Any]:
    names = ["CITATION.cff", "datapackage.json", ".zenodo.json"]
    names += [f"metadata/{name}" for name in ("croissant.json", "datacite.json", "schemaorg.jsonld")]
    metadata = {name.removeprefix("metadata/"): read(rich, name) for name in names}
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
    graph = rdflib.Graph().parse(rich / "metadata/dcat.ttl")
    conforms, _, words = validate(graph, shacl_graph=str(SHAPES), advanced=False)
    assert conforms, words
    assert not [node for triple in graph for node in triple if isinstance(node, rdflib.BNode)]


def test_the_catalogue_shapes_reject_missing_properties(rich: Path) -> None:
    graph = rdflib.Graph().parse(rich / "metadata/dcat.ttl")
    for name in (DCTERMS.publisher, DCAT.accessURL, DCTERMS.license):
        graph.remove((None, name, None))
    conforms, _, _ = validate(graph, shacl_graph=str(SHAPES), advanced=False)
    assert not conforms


def test_the_catalogue_counts_classes_properties_and_triples_as_they_are(release: Path) -> None:
    graph = rdflib.Graph().parse(release / "metadata/dcat.ttl")
    data = rdflib.Graph().parse(release / "data/clonazepam.ttl")
    dataset = rdflib.URIRef("https://w3id.org/linked-kb/clonazepam/")
    assert str(graph.value(dataset, VOID.triples)) == str(len(data))
    parts = list(graph.objects(dataset, VOID.classPartition))
    classes = {graph.value(part, VOID["class"]): int(str(graph.value(part, VOID.entities))) for part in parts}
    assert classes == {kind: len(set(data.subjects(rdflib.RDF.type, kind))) for kind in set(data.objects(None, rdflib.RDF.type))}
    parts = list(graph.objects(dataset, VOID.propertyPartition))
    properties = {graph.value(part, VOID.property): int(str(graph.value(part, VOID.triples))) for part in parts}
    assert properties == {name: len(list(data.triples((None, name, None)))) for name in set(data.predicates())}


def test_the_mapping_set_has_every_mapping_and_its_prefixes(release: Path, shipped: KnowledgeBase) -> None:
    lines = (release / "data/clonazepam.sssom.tsv").read_text(encoding="utf-8").splitlines()
    heading = yaml.safe_load("\n".join(line[1:] for line in lines if line.startswith("#")))
    rows = list(csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t"))
    assert len(rows) == len(shipped.mappings)
    assert {"mapping_set_id", "license", "mapping_set_version"} <= set(heading)
    prefixes = {row[column].partition(":")[0] for row in rows for column in ("subject_id", "predicate_id", "object_id")}
    assert prefixes <= set(heading["curie_map"])
    assert all(row["mapping_justification"].startswith("semapv:") for row in rows)


def test_every_format_has_counts_of_what_it_leaves_out(release: Path, rich: Path) -> None:
    for folder, formats in ((release, {"turtle", "jsonld", "trig", "nanopubs", "csv", "kgx", "sssom"}), (rich, EVERY_FORMAT)):
        losses = json.loads((folder / "metadata/losses.json").read_text(encoding="utf-8"))
        assert {loss["export"] for loss in losses} == formats
        assert all(isinstance(loss["count"], int) and loss["what"] for loss in losses)
        whole = {"nquads", "trig", "named-graphs"}  # they have all that the records have
        assert {loss["export"] for loss in losses if loss["count"]} == formats - whole
    (nodes,) = [
        loss
        for loss in json.loads((release / "metadata/losses.json").read_text(encoding="utf-8"))
        if loss["what"].startswith("terms take part in no edge")
    ]
    assert nodes["count"] == len(nodes["which"]) == 31


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
    little = release_details(
        shipped._replace(dataset=shipped.dataset._replace(publisher=None, homepage="", license="https://example.org/licence"))
    )
    assert little.publisher.name == shipped.dataset.creators[0].name
    assert (little.homepage, little.spdx) == (shipped.dataset.base, "")


def test_keywords_are_never_empty_and_licences_are_given_in_full(rich_content: Path, tmp_path: Path) -> None:
    kb = pipeline.load(rich_content)
    for number, (licence, words) in enumerate(LICENCES.items()):
        dataset = kb.dataset._replace(keywords=(), license=licence, version=f"{number}.0.0")
        place = tmp_path / str(number)
        making.make(kb._replace(dataset=dataset), place)
        assert words in (place / "LICENSE").read_text(encoding="utf-8")
        values = [read(place, name)["keywords"] for name in (".zenodo.json", "metadata/schemaorg.jsonld", "CITATION.cff")]
        assert values[0]
        assert values[0] == values[1] == values[2]
        assert read(place, "metadata/datacite.json")["subjects"]
        assert (None, DCAT.keyword, None) in rdflib.Graph().parse(place / "metadata/dcat.ttl")


def test_identifiers_of_people_and_organisations_are_given_where_they_are_known(rich: Path) -> None:
    ror, orcid = "https://ror.org/05dxps055", "https://orcid.org/0000-0002-1825-0097"
    assert read(rich, "metadata/datacite.json")["publisher"]["publisherIdentifier"] == ror
    assert read(rich, "metadata/schemaorg.jsonld")["publisher"]["@id"] == ror
    assert [person.get("path") for person in read(rich, "datapackage.json")["contributors"]] == [orcid, ror]
    graph = rdflib.Graph().parse(rich / "metadata/dcat.ttl")
    assert set(graph.objects(None, DCTERMS.publisher)) == {rdflib.URIRef(ror)}
    entities = {entity["@id"]: entity for entity in read(rich, "ro-crate-metadata.json")["@graph"]}
    assert entities["./"]["publisher"] == {"@id": ror}
    for path in rich.rglob("*"):
        name = path.relative_to(rich).as_posix()
        if path.is_file() and name not in {"SHA256SUMS", "ro-crate-metadata.json"}:
            assert entities[name]["sha256"] == sha256(path.read_bytes()).hexdigest()


def test_linksets_count_the_mappings_of_each_strength_and_vocabulary(release: Path) -> None:
    graph = rdflib.Graph().parse(release / "metadata/dcat.ttl")
    data = rdflib.Graph().parse(release / "data/clonazepam.ttl")
    linksets = list(graph.subjects(rdflib.RDF.type, VOID.Linkset))
    assert len(linksets) > 20
    for linkset in linksets:
        predicate, target = graph.value(linkset, VOID.linkPredicate), graph.value(linkset, VOID.objectsTarget)
        space = str(graph.value(target, VOID.uriSpace))
        links = [obj for _, _, obj in data.triples((None, predicate, None)) if str(obj).startswith(space)]
        assert len(links) >= int(str(graph.value(linkset, VOID.triples))) > 0, linkset
    assert sum(int(str(graph.value(linkset, VOID.triples))) for linkset in linksets) == len(
        list(data.subjects(rdflib.RDF.type, rdflib.URIRef("https://w3id.org/sssom/Mapping")))
    )
    dumps = {str(dump).rpartition(".")[2] for dump in graph.objects(None, VOID.dataDump)}
    assert dumps == {"ttl", "jsonld", "trig"}


def test_every_column_has_a_meaning_that_all_descriptions_give_and_cells_keep(release: Path) -> None:
    resources = {resource["name"]: resource for resource in read(release, "datapackage.json")["resources"]}
    assert set(resources) == {"facts", "terms", "mappings", "nodes", "edges"}
    csvw = {table["url"]: table for table in read(release, "data/csv-metadata.json")["tables"]}
    sets = {table["@id"]: table for table in read(release, "metadata/croissant.json")["recordSet"]}
    dictionary = (release / "DICTIONARY.md").read_text(encoding="utf-8")
    for name, resource in resources.items():
        with (release / resource["path"]).open(encoding="utf-8", newline="") as file:
            lines = (line for line in file if not line.startswith("#"))
            options: Any = {"quoting": csv.QUOTE_NONE} if name in {"nodes", "edges"} else {}
            rows = list(csv.DictReader(lines, delimiter=resource["dialect"]["delimiter"], **options))
        fields = {field["name"]: field for field in resource["schema"]["fields"]}
        assert list(fields) == list(rows[0])
        header = (
            (release / resource["path"])
            .read_text(encoding="utf-8")
            .split("\n")[resource["dialect"].get("headerRows", [1])[0] - 1]
        )
        assert header.strip('"\r').startswith(next(iter(fields)))
        assert (name == "mappings") == ("commentChar" in resource["dialect"])
        meanings = {field: about["description"] for field, about in fields.items()}
        assert csvw[resource["path"].removeprefix("data/")]["dialect"].get("commentPrefix") == resource["dialect"].get(
            "commentChar"
        )
        table = csvw[resource["path"].removeprefix("data/")]["tableSchema"]
        assert {column["name"]: column["dc:description"] for column in table["columns"]} == meanings
        if name in sets:
            assert {field["name"]: field["description"] for field in sets[name]["field"]} == meanings
        for field, about in fields.items():
            assert len(about["description"]) > 5
            assert f"| {escape_markdown(field)} | " in dictionary
            allowed = about.get("constraints", {}).get("enum")
            assert not allowed or {row[field] for row in rows} <= {*allowed, ""}, field
        key = resource["schema"].get("primaryKey", [])
        assert not key or len({row[key[0]] for row in rows}) == len(rows)
    severity = next(field for field in resources["facts"]["schema"]["fields"] if field["name"] == "severity")
    assert severity["description"] == "How intense the object is. One of: mild, moderate, severe."


def test_every_described_column_exists_and_every_other_is_in_a_schema(release: Path, rich: Path) -> None:
    with COLUMNS.open(encoding="utf-8", newline="") as file:
        rows = {(row[0], row[1]) for row in list(csv.reader(file, delimiter="\t"))[1:]}
    columns = {
        (resource["name"], field["name"])
        for folder in (release, rich)
        for resource in read(folder, "datapackage.json")["resources"]
        for field in resource["schema"]["fields"]
    }
    rare = {("facts", name) for name in ("status", "status_reason", "reviews")}
    assert {table for table, _ in rows - columns - rare} <= {"nodes", "quantities"}  # what only some nodes, or bases, have
    columns = {(table.partition("-")[0], column) for table, column in columns}  # the sets of mappings have numbers
    unknown = {column for column in columns - rows if dictionary.describe_column(*column).meaning.startswith("The slot")}
    assert {table for table, _ in unknown} <= {"edges", "nodes"}  # slots that the profile of a knowledge base names


def test_the_readme_has_what_a_reader_of_the_folder_needs(release: Path) -> None:
    readme = (release / "README.md").read_text(encoding="utf-8")
    assert all(words in readme for words in ("60 facts", "not medical advice", "sha256sum", "data/clonazepam.ttl", "zero/1.0"))
