"""The addresses in the metadata of a release lead somewhere: ``kb serve`` serves the release that it is given."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from kb.problems import KbError
from kb.release import lineage
from kb.server.http import signposts
from tests.server.client import Server, serving

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture(scope="module")
def server(rich: Path, rich_content: Path) -> Iterator[Server]:
    with serving("--content", str(rich_content), "--release", str(rich), "--no-access-log") as running:
        yield running


def test_every_file_of_the_release_is_served_as_it_is(server: Server, rich: Path) -> None:
    for path in rich.rglob("*"):
        if path.is_file():
            response = server.get(f"/releases/0.1.0/{path.relative_to(rich).as_posix()}")
            assert (response.status, response.body) == (200, path.read_bytes()), path


def test_every_iri_of_the_metadata_below_the_base_is_dereferenced(server: Server, rich: Path) -> None:
    base = lineage.read_identity(rich).base
    iris: set[str] = set()
    for path in (*rich.glob("*.*"), *(rich / "metadata").iterdir()):
        if path.suffix != ".zip":  # and namespaces of prefixes are no IRIs of things
            lines = [line for line in path.read_text("utf-8").splitlines() if not line.startswith(("@prefix", "@base"))]
            iris |= set(re.findall(rf"{re.escape(base)}[^\s\"<>)|,]*", "\n".join(lines)))
    graph = ox.parse((rich / "metadata/dcat.ttl").read_bytes(), format=ox.RdfFormat.TURTLE)
    iris |= {
        term.value for quad in graph for term in quad.triple if isinstance(term, ox.NamedNode) and term.value.startswith(base)
    }
    assert {f"{base}releases/0.1.0/", f"{base}releases/0.1.0/data/facts.csv", base} <= iris
    assert len(iris) > 100
    for iri in sorted(iris):
        target = "/" + iri.removeprefix(base).partition("#")[0]
        for accept in ("text/turtle, */*;q=0.1", "text/html, */*;q=0.1"):
            assert server.get(target, Accept=accept).status == 200, iri


def test_addresses_of_download_are_named_only_if_kb_yaml_names_where_releases_lie(release: Path, rich: Path) -> None:
    stated = "".join(path.read_text("utf-8") for path in (release / "metadata").iterdir())
    assert "downloadURL" not in stated
    assert '"contentUrl": {' not in stated
    graph = list(ox.parse((rich / "metadata/dcat.ttl").read_bytes(), format=ox.RdfFormat.TURTLE))
    for name, file in (
        ("http://www.w3.org/ns/dcat#downloadURL", "facts.csv"),
        ("http://rdfs.org/ns/void#dataDump", "brightol.ttl"),
    ):
        assert f"https://example.org/files/0.1.0/data/{file}" in {q.object.value for q in graph if q.predicate.value == name}


def test_landing_pages_have_signposts_and_schema_org(server: Server) -> None:
    page = server.browse("/releases/0.1.0/").text
    links = {(rel, href) for rel, href in re.findall(r'<link rel="([a-z-]+)"(?: type="[^"]*")? href="([^"]*)">', page)}
    assert {rel for rel, _ in links} == {"cite-as", "type", "license", "author", "describedby", "item"}
    assert ("cite-as", "https://doi.org/10.5281/zenodo.1234") in links
    for href in (href for rel, href in links if rel in {"describedby", "item"}):
        assert server.get(f"/releases/0.1.0/{href}").status == 200
    (script,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert json.loads(script)["@type"] == "Dataset"


PERSON, LANDING = "https://orcid.org/0000-0002-1825-0097", "/releases/0.1.0/"


def read_links(server: Server, path: str) -> set[tuple[str, str, str]]:
    """Read the header as a crawler does: relation, target and media type of each link; all here are answered as they say."""
    header = server.browse(path).headers["Link"]
    assert len(header) < 8_000, "servers and clients limit the size of headers"
    found = re.findall(r'<([^>]*)>; rel="([a-z-]+)"(?:; type="([^"]*)")?(?:, |$)', header)
    assert len(found) == header.count("rel=")
    for target, rel, kind in found:
        if not target.startswith("http"):
            response = server.browse(path + target if target.startswith("?") else target)
            assert (response.status, response.kind) == (200, kind), rel
    return {(rel, target, kind) for target, rel, kind in found}


def test_the_landing_page_and_the_files_of_a_release_link_to_each_other(server: Server, rich: Path) -> None:
    landing = read_links(server, LANDING)
    assert read_links(server, f"{LANDING}index.html") == landing
    relations: dict[str, set[str]] = {}
    for rel, target, _ in landing:
        relations.setdefault(rel, set()).add(target)
    assert relations["cite-as"] == {"https://doi.org/10.5281/zenodo.1234"}
    assert relations["type"] == {"https://schema.org/AboutPage", "https://schema.org/Dataset"}
    assert relations["license"] == {"https://creativecommons.org/publicdomain/zero/1.0/"}
    assert relations["author"] == {PERSON, "https://ror.org/05dxps055"}
    data = {f"{LANDING}{path.relative_to(rich).as_posix()}" for path in (rich / "data").rglob("*") if path.is_file()}
    assert relations["item"] >= data - {f"{LANDING}data/csv-metadata.json"}
    for rel, back in (("item", "collection"), ("describedby", "describes")):
        for target in relations[rel]:
            assert read_links(server, target) == {(back, LANDING, "text/html")}
    assert "Link" not in server.get(f"{LANDING}SHA256SUMS").headers


@pytest.mark.parametrize(
    ("path", "kind", "relation"),
    [("/", "https://schema.org/Dataset", "item"), ("/term/cough", "https://w3id.org/linked-kb/ontology#Term", "collection")],
)
def test_pages_of_things_have_signposts(path: str, kind: str, relation: str, server: Server, rich: Path) -> None:
    base, links = lineage.read_identity(rich).base, read_links(server, path)
    assert ("cite-as", base + path[1:], "") in links
    assert {("author", PERSON, ""), ("author", "https://ror.org/05dxps055", "")} <= links
    assert {("type", kind, ""), ("type", "https://schema.org/AboutPage", "")} <= links
    assert ("license", "https://creativecommons.org/publicdomain/zero/1.0/", "") in links
    assert ("describedby", "?format=turtle", "text/turtle") in links
    assert ("describedby", "?format=html", "text/html") not in links, "a page does not describe itself"
    assert (relation, LANDING if path == "/" else "/", "text/html") in links


def test_a_link_has_no_byte_that_a_header_must_not_have() -> None:
    words = signposts.link('https://example.org/\u043b?x=1>; rel="author"\r\nX: y', "license", 'text/html"\n')
    assert words == ('<https://example.org/%D0%BB?x=1%3E;%20rel=%22author%22%0D%0AX:%20y>; rel="license"; type="text/html%22%0A"')


@pytest.mark.parametrize("path", ["../kb.yaml", "..%2f..%2fkb.yaml", "%2e%2e/kb.yaml", "nothing", "0.1.0/../../x"])
def test_nothing_outside_the_release_is_served(server: Server, path: str) -> None:
    assert server.get(f"/releases/0.1.0/{path}").status == 404


def test_a_release_of_another_knowledge_base_or_the_same_version_twice_is_refused(rich: Path, release: Path) -> None:
    base = lineage.read_identity(rich).base
    assert lineage.locate_releases([rich], base) == {"0.1.0": rich.resolve()}
    for folders in ([release], [rich, rich]):
        with pytest.raises(KbError, match="KB716"):
            lineage.locate_releases(folders, base)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"@id": "x", "version": "../..", "datePublished": ""}', "[" * 100_000])
def test_what_does_not_name_its_version_is_not_a_release(text: str, tmp_path: Path) -> None:
    (tmp_path / lineage.DESCRIPTION).parent.mkdir(exist_ok=True)
    (tmp_path / lineage.DESCRIPTION).write_text(text, encoding="utf-8")
    with pytest.raises(KbError, match="KB712"):
        lineage.read_identity(tmp_path)
