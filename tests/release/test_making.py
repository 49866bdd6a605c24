"""A release is atomic and reproducible, and contains no withheld text."""

from __future__ import annotations

import errno
import gzip
import io
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pyoxigraph as ox
import pytest
from rdflib import DCAT, RDF, Graph

from kb import pipeline, resources
from kb.model import KnowledgeBase
from kb.problems import KbError
from kb.release import checking, export_folder, leaks, lineage, making
from kb.release.draft import Draft
from kb.release.lineage import Identity

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "content"
Run = Callable[..., subprocess.CompletedProcess[str]]
Make = Callable[..., Path]


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


LEAN = {
    ".zenodo.json", "CHANGELOG.md", "CITATION.cff", "DICTIONARY.md", "LICENSE", "README.md", "SHA256SUMS", "index.html",
    "datapackage.json", "ro-crate-metadata.json", "queries.zip", "records.zip",
    *(f"metadata/{name}" for name in ("croissant.json", "datacite.json", "dcat.ttl", "losses.json", "schemaorg.jsonld")),
    *(f"schemas/{name}" for name in ("context.jsonld", "ontology.ttl", "shapes.ttl", "shapes-sparql.ttl")),
    *(f"data/clonazepam.{end}" for end in ("ttl", "jsonld", "trig", "nanopubs.trig", "sssom.tsv")),
    "data/clonazepam_nodes.tsv", "data/clonazepam_edges.tsv",
    "data/facts.csv", "data/terms.csv", "data/csv-metadata.json",
}  # fmt: skip
FULL = {
    "data/mappings.csv", "data/facts.spreadsheet.csv", "data/brightol_edges.jsonl", "data/neo4j/nodes.csv",
    "data/parquet/nodes.parquet", "data/brightol.graphml", "data/brightol.hrt.tsv", "data/brightol.rdf12.ttl",
    "data/brightol.nt", "data/brightol.nq", "data/brightol.rdf", "schemas/fact.schema.json",
}  # fmt: skip


def test_a_release_is_lean_unless_everything_is_asked_for(release: Path, rich: Path) -> None:
    released = names(release)
    assert released == LEAN
    assert len(released) <= 40
    assert sum((release / name).stat().st_size for name in released) <= 3_000_000
    assert len((release / "README.md").read_text(encoding="utf-8").splitlines()) <= 50
    assert names(rich) >= {name.replace("clonazepam", "brightol") for name in LEAN} | FULL
    catalogue = Graph().parse(release / "metadata/dcat.ttl")
    assert 8 <= len(set(catalogue.subjects(RDF.type, DCAT.Distribution))) <= 12


def test_the_checksums_are_those_of_every_file(release: Path) -> None:
    lines = (release / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    assert dict(line.split("  ")[::-1] for line in lines) == {
        name: sha256((release / name).read_bytes()).hexdigest() for name in names(release) - {"SHA256SUMS"}
    }


def test_the_records_of_a_release_are_a_knowledge_base_that_gives_the_same_graph(release: Path, tmp_path: Path) -> None:
    with ZipFile(release / "records.zip") as archive:
        archive.extractall(tmp_path)
        assert "schemas/fact.schema.json" in archive.namelist()
        assert "schemas/cue.schema.json" not in archive.namelist()
    again = pipeline.load(tmp_path)
    quads = {str(quad) for quad in ox.parse((release / "data/clonazepam.trig").read_bytes(), format=ox.RdfFormat.TRIG)}
    compiled = ox.parse(pipeline.export(again, "nquads").encode(), format=ox.RdfFormat.N_QUADS)
    assert quads == {str(quad) for quad in compiled}


def test_the_same_content_gives_the_same_bytes_at_any_time_and_path(rich: Path, rich_content: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "kb", "release", "--full", "--content", str(rich_content), str(tmp_path / "deep" / "again")]
    environment = {**os.environ, "PYTHONHASHSEED": "5", "TZ": "Pacific/Auckland", "LC_ALL": "C", "SOURCE_DATE_EPOCH": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert names(tmp_path / "deep" / "again") == names(rich)
    for name in names(rich):
        assert (tmp_path / "deep" / "again" / name).read_bytes() == (rich / name).read_bytes(), name


def test_an_existing_folder_is_not_changed(tmp_path: Path, run_kb: Run) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").write_text("mine", encoding="utf-8")
    result = run_kb("release", str(tmp_path / "mine"))
    assert (result.returncode, "KB711" in result.stderr) == (2, True)
    assert names(tmp_path / "mine") == {"file"}


def test_the_remains_of_a_killed_run_are_removed_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kb = pipeline.load(GOLDEN)
    monkeypatch.setattr(making, "PARTS", (making.PARTS[4], making.ReleasePart("end", "", lambda _: None)))
    child = os.fork()
    if not child:
        making.make(
            kb, tmp_path / "release", None, lambda part: os.kill(os.getpid(), signal.SIGKILL) if part.name == "end" else None
        )
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    (left,) = tmp_path.iterdir()
    assert left.name.startswith(".release.")
    monkeypatch.setattr(making, "PARTS", making.PARTS[:1])
    making.make(kb, tmp_path / "release")
    assert [path.name for path in tmp_path.iterdir()] == ["release"]


def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(KbError, match=r"KB701.*No space left"):
        making.make(pipeline.load(GOLDEN), tmp_path / "release")
    assert not list(tmp_path.iterdir())


_TEXT = "Examplol was found to itch, which nobody liked."


@pytest.fixture
def leaking(make_kb: Make) -> KnowledgeBase:
    """A knowledge base in which a curator noted the very words of a text that is held elsewhere."""
    folder = make_kb()
    document = folder / "documents" / "leaflet.yaml"
    digest = sha256(_TEXT.encode()).hexdigest()
    text = document.read_text(encoding="utf-8")
    start = text.index('"id": "s1.1"')
    changed = text[start:].replace('"end": 40', f'"end": {11 + len(_TEXT)}', 1).replace('"start": 41', '"start": 60', 1)
    changed = changed.replace("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", digest, 1)
    document.write_text(text[:start] + changed, encoding="utf-8")
    terms = folder / "terms" / "terms.yaml"
    noted = terms.read_text(encoding="utf-8").replace("A wish to scratch.", f"It says: {_TEXT}")
    terms.write_text(noted, encoding="utf-8")
    return pipeline.load(folder)


def test_a_withheld_text_stops_the_release(leaking: KnowledgeBase, tmp_path: Path) -> None:
    with pytest.raises(KbError) as caught:
        making.make(leaking, tmp_path / "out" / "release")
    assert {problem.code for problem in caught.value.problems} == {"KB714"}
    leaking_files = {problem.place.file for problem in caught.value.problems}
    formats = {"data/terms.csv", "data/small_nodes.tsv", "records.zip"}
    expected = {f"data/small.{suffix}" for suffix in ("ttl", "jsonld", "trig")} | formats
    assert expected - leaking_files <= {"data/small_nodes.tsv"}  # where the term is no node
    assert "leaflet/s1.1" in str(caught.value)
    assert not (tmp_path / "out").exists()


def _pack(data: bytes) -> bytes:
    content = io.BytesIO()
    with ZipFile(content, "w") as archive:
        archive.writestr("inside.txt", data)
    return content.getvalue()


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("x.json", lambda text: f'{{"a": "\\u0041 {text.replace("E", chr(92) + "u0045", 1)}"}}'.encode()),
        ("x.nt.gz", lambda text: gzip.compress(f'<a> <b> "{text}" .'.encode())),
        ("x.zip", lambda text: _pack(f"Before. {text} After.".encode())),
        ("x.xml", lambda text: f"<a>{text.replace(' ', '&#32;')}</a>".encode()),
        ("x.csv", lambda text: f'"{text}","b"'.encode()),
        ("x.txt", lambda text: f"Before. {text} After.".encode()),
    ],
)
def test_a_withheld_sentence_is_found_in_every_encoding(name: str, pack: Callable[[str], bytes], tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(pack(_TEXT))
    held = {len(_TEXT): {sha256(_TEXT.encode()).hexdigest(): "leaflet/s1.1"}}
    assert [problem.place.file for problem in leaks.find_leaks(tmp_path, held)] == [name]


def test_other_sentences_are_not_found(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("Examplol was found to itch, which somebody did.", encoding="utf-8")
    held = {len(_TEXT): {sha256(_TEXT.encode()).hexdigest(): "leaflet/s1.1"}}
    assert not list(leaks.find_leaks(tmp_path, held))
    assert not list(leaks.find_leaks(tmp_path, {}))


def test_the_sentences_of_the_shipped_knowledge_base_are_searched_for(shipped: KnowledgeBase) -> None:
    held = leaks.find_withheld_sentences(shipped)
    assert sum(map(len, held.values())) == 23


def test_no_text_of_the_document_is_in_any_file_of_the_release(release: Path) -> None:
    folder = os.environ.get("KB_DOCUMENTS")
    if not folder:
        pytest.skip("the text is held elsewhere: set KB_DOCUMENTS to the folder that holds clonazepam-overview.txt")
    words = (Path(folder) / "clonazepam-overview.txt").read_text(encoding="utf-8").split()
    runs = {" ".join(words[index : index + 8]).lower() for index in range(len(words) - 7)}
    for path in release.rglob("*"):
        for text in leaks.decoded_texts(path) if path.is_file() else ():
            words_of_file = " ".join(text.split()).lower()
            assert not [run for run in runs if run in words_of_file], path


def test_the_changelog_lists_changed_facts(rich: Path, rich_content: Path, tmp_path: Path) -> None:
    kb = pipeline.load(rich_content)
    fact, other = kb.facts[0], kb.facts[1]
    changed = kb._replace(facts=(other._replace(note="A new note."), *kb.facts[2:]), dataset=kb.dataset._replace(version="0.2.0"))
    making.make(changed, tmp_path / "next", rich)
    text = (tmp_path / "next" / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "## 0.2.0 (2026-01-31)" in text
    assert f"| fact | {len(kb.facts)} | {len(kb.facts) - 1} | 0 | 1 | 1 |" in text
    assert f"### Removed\n\n- fact `{fact.path}`: " in text
    assert "\n  - editorialNote: nothing → A new note.\n" in text
    assert f"- fact `{other.path}`: " in text
    assert text.endswith((rich / "CHANGELOG.md").read_text(encoding="utf-8").removeprefix("# Changes\n\n"))
    assert "| term | 7 | 7 | 0 | 0 | 0 |" in text
    assert "### Added" not in text


def test_a_release_follows_only_a_whole_release_of_the_same_base_with_a_lower_version_and_no_later_date(
    rich: Path, rich_content: Path, release: Path, damaged: Path, tmp_path: Path
) -> None:
    (damaged / "README.md").write_text("", encoding="utf-8")
    kb = pipeline.load(rich_content)
    refused: list[tuple[Path, dict[str, Any], str]] = [
        (tmp_path / "nothing", {"version": "0.2.0"}, "KB101"),
        (damaged, {"version": "0.2.0"}, "README.md: KB712"),
        (release, {"version": "2.0.0"}, "KB716 It is a release of"),
        (rich, {"version": "0.1.0"}, "KB716 Version 0.1.0 does not follow version 0.1.0"),
        (rich, {"version": "0.1.0-rc.1"}, "KB716"),
        (rich, {"version": "0.0.10"}, "KB716"),
        (rich, {"version": "0.2.0", "issued": "2025-12-31"}, "KB716 .* is dated 2025-12-31"),
    ]
    for since, changes, message in refused:
        with pytest.raises(KbError, match=message):
            making.make(kb._replace(dataset=kb.dataset._replace(**changes)), tmp_path / "next", since)
    assert not (tmp_path / "next").exists()


def test_versions_are_ordered_as_semantic_versioning_does() -> None:
    ordered = [
        "0.9.0",
        "0.10.0",
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-alpha.beta",
        "1.0.0-beta.2",
        "1.0.0-beta.11",
        "1.0.0-rc.1",
    ]
    ordered += ["1.0.0", "1.0.1", "10.0.0"]
    for lower, higher in pairwise(ordered):
        previous = Identity(Path(), "b", lower, "2026-01-01")
        dataset = pipeline.load(GOLDEN).dataset._replace(base="b", version=higher, issued="2026-01-01")
        lineage.require_order(dataset, previous)
        with pytest.raises(KbError, match="KB716"):
            lineage.require_order(dataset._replace(version=lower), previous._replace(version=higher))


def test_a_version_is_released_once(rich: Path, rich_content: Path, tmp_path: Path) -> None:
    shutil.copytree(rich, tmp_path / "first")
    making.make(pipeline.load(rich_content), tmp_path / "again")  # the same records, in another choice of formats
    shutil.copytree(rich_content, tmp_path / "content")
    with (tmp_path / "content" / "kb.yaml").open("a", encoding="utf-8") as about:
        about.write("# changed\n")
    with pytest.raises(KbError, match=r"KB716 There is a release of version 0\.1\.0 with other records"):
        making.make(pipeline.load(tmp_path / "content"), tmp_path / "third")
    assert not (tmp_path / "third").exists()


@pytest.mark.parametrize("text", ["", "{", '{"@type": "Dataset"}', "[" * 100_000])
def test_what_is_no_release_beside_a_new_one_does_not_stop_it(text: str, rich_content: Path, tmp_path: Path) -> None:
    for name in ("metadata/schemaorg.jsonld", "SHA256SUMS"):
        (tmp_path / "other" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "other" / name).write_text(text, encoding="utf-8")
    (tmp_path / "half" / "metadata").mkdir(parents=True)
    (tmp_path / "half" / "metadata" / "schemaorg.jsonld").write_text(text, encoding="utf-8")
    lineage.require_new(pipeline.load(rich_content).dataset, tmp_path / "new", "0" * 64)


def test_proposals_are_in_no_file_of_a_release(rich_content: Path, tmp_path: Path) -> None:
    shutil.copytree(rich_content, tmp_path / "content")
    for name in ("proposals", "decisions"):
        (tmp_path / "content" / name).mkdir()
        (tmp_path / "content" / name / "leaflet.jsonl").write_text('{"quote": "Unreviewed words."}\n', encoding="utf-8")
    making.make(pipeline.load(tmp_path / "content"), tmp_path / "release")
    with ZipFile(tmp_path / "release" / "records.zip") as archive:
        contents = list(map(archive.read, archive.namelist()))
    contents += [path.read_bytes() for path in (tmp_path / "release").rglob("*") if path.is_file()]
    assert not [content for content in contents if b"Unreviewed words" in content]


def published(folder: Path) -> dict[str, tuple[str, str, str]]:
    """Read the nanopublication of each fact: its IRI, when it was created, and what it supersedes."""
    store = ox.Store()
    store.load(path=str(folder / "data/brightol.nanopubs.trig"), format=ox.RdfFormat.TRIG)
    rows = store.query(
        """PREFIX np: <http://www.nanopub.org/nschema#> PREFIX npx: <http://purl.org/nanopub/x/>
        SELECT ?fact ?np ?created ?old { GRAPH ?head { ?np np:hasAssertion ?a ; np:hasPublicationInfo ?info }
        GRAPH ?a { ?fact a <https://w3id.org/linked-kb/ontology#Fact> }
        GRAPH ?info { ?np <http://purl.org/dc/terms/created> ?created OPTIONAL { ?np npx:supersedes ?old } } }"""
    )
    assert isinstance(rows, ox.QuerySolutions)
    return {
        row["fact"].value: (row["np"].value, row["created"].value[:10], row["old"].value if row["old"] else "") for row in rows
    }


def test_a_nanopublication_stays_while_its_fact_does_and_is_superseded_when_it_changes(
    rich: Path, rich_content: Path, tmp_path: Path
) -> None:
    kb = pipeline.load(rich_content)

    def release(version: str, since: Path, note: str) -> dict[str, tuple[str, str, str]]:
        facts = (kb.facts[0]._replace(note=note), *kb.facts[1:])
        dataset = kb.dataset._replace(version=version, issued=f"2026-0{version[2]}-28")
        making.make(kb._replace(facts=facts, dataset=dataset), tmp_path / version, since)
        assert not checking.check_release(tmp_path / version)
        return published(tmp_path / version)

    versions = [published(rich), release("0.2.0", rich, "New."), release("0.3.0", tmp_path / "0.2.0", "New.")]
    versions.append(release("0.4.0", tmp_path / "0.3.0", "Newer."))
    changed = kb.dataset.base + kb.facts[0].path
    assert all(len(version) == len(kb.facts) for version in versions)
    for fact in versions[0].keys() - {changed}:
        assert {version[fact] for version in versions} == {versions[0][fact]}
    first, second, third, fourth = (version[changed] for version in versions)
    assert (second[1:], fourth[1:]) == (("2026-02-28", first[0]), ("2026-04-28", second[0]))
    assert second == third
    assert len({first[0], second[0], fourth[0]}) == 3


def test_the_catalogue_names_the_version_and_the_one_before(rich: Path, rich_content: Path, tmp_path: Path) -> None:
    kb = pipeline.load(rich_content)
    making.make(kb._replace(dataset=kb.dataset._replace(version="0.2.0")), tmp_path / "next", rich)
    base = kb.dataset.base
    graph = {tuple(map(str, quad.triple)) for quad in ox.parse(path=str(tmp_path / "next/metadata/dcat.ttl"))}
    new, old = (f"<{base}releases/{version}/>" for version in ("0.2.0", "0.1.0"))
    dcat, prov = "http://www.w3.org/ns/dcat#", "http://www.w3.org/ns/prov#"
    assert {
        (f"<{base}>", f"<{dcat}hasCurrentVersion>", new),
        (new, f"<{dcat}isVersionOf>", f"<{base}>"),
        (new, f"<{dcat}previousVersion>", old),
        (new, f"<{prov}wasRevisionOf>", old),
    } <= graph


def test_every_part_has_a_function() -> None:
    for part in making.PARTS:
        assert part.what
        assert callable(part.add)


def test_a_draft_records_size_and_digest(shipped: KnowledgeBase, tmp_path: Path) -> None:
    draft = Draft(shipped, tmp_path)
    draft.add("a/b.txt", iter(["one ", "two"]), "Words.", "text/plain")
    file = draft.files["a/b.txt"]
    assert (file.size, file.sha256) == (7, sha256(b"one two").hexdigest())


def test_nanopublications_and_redirects_are_parts(release: Path, rich: Path) -> None:
    facts = (release / "data" / "clonazepam.nanopubs.trig").read_text(encoding="utf-8").count(" a np:Nanopublication")
    assert facts == len(pipeline.load(resources.content()).facts)
    assert not (release / "w3id").exists()  # its kb.yaml does not say where it is answered
    rules = [path.read_text(encoding="utf-8") for path in (rich / "w3id").rglob(".htaccess")]
    assert rules
    assert all("https://example.org/" in rule for rule in rules)


FORMS = {
    "SELECT ?l { ?s skos:prefLabel ?l }": ({"csv", "srj"}, b'"vars"'),
    "ASK { ?s skos:prefLabel ?l }": ({"srj"}, b'"boolean": true'),
    "CONSTRUCT { ?s skos:prefLabel ?l } { ?s skos:prefLabel ?l }": ({"ttl"}, b"prefLabel"),
    "DESCRIBE ?s { ?s skos:prefLabel ?l }": ({"ttl"}, b"prefLabel"),
}


@pytest.mark.parametrize("sparql", FORMS)
def test_queries_of_every_form_have_the_same_answers_in_a_valid_release_and_in_exports(
    sparql: str, make_kb: Make, tmp_path: Path
) -> None:
    suffixes, words = FORMS[sparql]
    heading = "# title: Labels\n# question: Which labels are there?\n# columns: []\n"
    kb = pipeline.load(make_kb(**{"queries/labels.rq": f"{heading}{sparql}\n"}))
    making.make(kb, tmp_path / "release")
    exported = export_folder.export_files(kb, [], "full", complete=True)
    with ZipFile(tmp_path / "release" / "queries.zip") as archive:
        released = {name: archive.read(name) for name in archive.namelist()}
    answers = {f"labels.{suffix}" for suffix in suffixes}
    assert released.keys() == {*answers, "labels.rq", "README.md"}
    assert {f"queries/{name}": released[name] for name in answers} == {
        name: exported[name] for name in exported if name.startswith("queries/")
    }
    assert words in released[max(answers)]
    assert not checking.check_release(tmp_path / "release")
