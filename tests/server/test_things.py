"""Every IRI that a knowledge base mints has an address on the server, as a page and as RDF."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote, urlencode

import pyoxigraph as ox
import pytest
from rdflib import Graph, URIRef

from kb import pipeline
from kb.files import cache_folder
from kb.model import KnowledgeBase
from kb.pages.links import Links
from kb.queries.description import GraphCounts, Partition
from kb.rdf import nanopubs
from kb.rdf.iris import Names, names_of
from kb.server.processes import loaded_dataset as counting
from kb.sparql.values import DiskStore
from tests.content import test_content as content
from tests.server.client import Server, serving
from tests.site.varied import write_varied

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

BASE = "https://w3id.org/linked-kb/clonazepam/"
FACT = "fact/clonazepam-overview/clonazepam/has-side-effect/drowsiness"


class Page(HTMLParser):
    """What a browser finds in a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.scripts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1][0] == "script" and data.strip():
            self.scripts.append(data)
        else:
            self.words += data


def test_every_iri_that_is_minted_is_answered_for(server: Server, shipped: KnowledgeBase) -> None:
    quads = pipeline.compile_all(shipped)
    minted = sorted({term[1:-1] for quad in quads for term in quad if term.startswith(f"<{BASE}")})
    kinds = {iri.removeprefix(BASE).partition("/")[0] for iri in minted}
    assert {"", "term", "predicate", "document", "fact", "mapping", "graph", "agent", "activity"} <= kinds
    for iri in [*minted[::7], BASE]:
        found = server.get("/" + quote(iri.removeprefix(BASE), safe="/;:@!$&'()*+,=~%-._"), Accept="application/n-triples")
        assert (found.status, f"<{iri}>" in found.text) == (200, True), iri


@pytest.mark.parametrize("kind", ["text/turtle", "application/ld+json", "application/n-triples", "application/rdf+xml"])
def test_a_thing_is_the_same_in_every_format(server: Server, kind: str) -> None:
    found = server.get("/term/drowsiness", Accept=kind)
    assert (found.status, found.kind) == (200, kind)
    graph = Graph().parse(data=found.text, format=kind)
    lines = server.get("/term/drowsiness", Accept="application/n-triples").text
    assert graph.isomorphic(Graph().parse(data=lines, format="nt"))
    assert (URIRef(f"{BASE}term/drowsiness"), None, None) in graph


def test_a_thing_is_found_by_careless_clients_as_well(server: Server) -> None:
    assert server.get("/term/drowsiness/", Accept="text/turtle").text == server.get("/term/drowsiness", Accept="text/turtle").text
    found = server.get("/term/drowsiness", Accept="application/json")
    assert (found.status, found.kind, "@context" in found.json) == (200, "application/json", True)
    assert server.get("/term/drowsiness?format=jsonld").kind == "application/ld+json"
    assert server.get("/term/drowsiness", Accept="*/*").kind == "text/html"


def test_the_page_of_a_term_tells_people_all_about_it(server: Server) -> None:
    found = server.browse("/term/drowsiness")
    page = Page(found.text)
    for words in (
        "drowsiness",
        "Being inclined to sleep.",
        "has side effect",
        "severity: usually mild",
        "s3.3",
        "exact match: the same elsewhere",
        "close match",
        "Human Phenotype Ontology",
    ):
        assert words in page.words, words
    links = {values.get("href") for tag, values in page.tags if tag == "a"}
    assert {"/term/clonazepam", f"/{FACT}", "/document/clonazepam-overview/s3.3", "?format=turtle"} <= links
    assert "http://purl.obolibrary.org/obo/HP_0002329" in links
    (data,) = page.scripts
    store = ox.Store()
    store.load(data, format=ox.RdfFormat.JSON_LD)
    assert ox.NamedNode(f"{BASE}term/drowsiness") in {quad.subject for quad in store}


def test_the_page_of_a_fact_says_it_once_and_in_words(server: Server) -> None:
    found = server.browse(f"/{FACT}").text
    assert "<h1>clonazepam has side effect drowsiness (can; frequency: commonly reported; severity: usually mild; " in found
    assert Page(found).words.count("is taken to reach course and time") == 1


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (FACT, ["clonazepam", "has side effect", "drowsiness", "since", "starting the medication"]),
        ("document/clonazepam-overview/s3.3", ["s3.3", "Facts that rest on it", "drowsiness"]),
        ("predicate/has-side-effect", ["has side effect", "Facts with this relation"]),
        ("", ["What one overview says about clonazepam", "Download"]),
        ("ontology", ["Vocabulary", "kb:severity", "How intense the object is."]),
    ],
)
def test_other_pages_tell_what_they_are_about(server: Server, path: str, words: list[str]) -> None:
    page = Page(server.browse(f"/{path}").text)
    assert [each for each in words if each not in page.words] == []


def test_every_sample_query_of_the_query_page_is_answered_in_a_browser(server: Server) -> None:
    page = Page(server.browse("/sparql").text)
    links = [str(values["href"]) for tag, values in page.tags if tag == "a" and "data-query" in values]
    assert len(links) > 50
    assert {href: status for href in links if (status := server.browse(href).status) != 200} == {}


def test_the_search_box_of_a_page_holds_what_was_searched_and_nothing_else(server: Server) -> None:
    for path in ("/", "/ontology", "/sparql", "/term/drowsiness", "/nothing", "/search?q=dizzy+spell", "/sparql?query=ASK%7B%7D"):
        (value,) = (values["value"] for tag, values in Page(server.browse(path).text).tags if values.get("name") == "q")
        assert value == ("dizzy spell" if "search" in path else ""), path


def test_no_two_facts_share_a_title_and_a_denied_one_begins_with_its_denial(tmp_path: Path) -> None:
    with serving("--content", str(write_varied(tmp_path / "kb")), "--no-access-log") as server:
        base = server.rows("SELECT ?d { ?d a dcat:Dataset }")[0]["d"]
        facts = server.rows("SELECT ?fact ?p { ?fact a kb:Fact ; prov:hadPrimarySource ?d OPTIONAL { ?fact kb:polarity ?p } }")
        titles = set()
        for row in facts:
            path = "/" + row["fact"].removeprefix(base)
            page = server.browse(path).text
            (title,) = re.findall("<h1>(.*?)</h1>", page)
            assert f"<title>{title}" in page
            assert title.startswith("denied: ") == ("p" in row), path
            titles.add((title, row["fact"].split("/fact/")[1].split("/")[0]))
        assert len(titles) == len(facts) > 20
        about = Page(server.browse("/term/velaril").text).words
        assert "denied: velaril has side effect sneezing" in re.sub(r"\s+", " ", about)


def test_the_page_of_a_sentence_names_its_document_and_has_each_value_once(server: Server) -> None:
    page = server.browse("/document/clonazepam-overview/s4.2").text
    assert "<h1>Sentence s4.2 of An overview of clonazepam in six sections</h1>" in page
    values = re.findall("<dt>.*?</dt><dd>(.*?)</dd>", page.split("<h2>Properties</h2>")[1].split("</dl>")[0])
    assert values
    assert all("," not in value for value in values)
    words = Page(page).words
    assert "In An overview of clonazepam in six sections, characters 1331 to 1471, SHA-256 de26bb4e" in words
    assert "Its words may not be shown here" in words
    assert not re.search(r">(?:fact|document)/[^<]*<", page), "an address stands where a label belongs"


def test_links_of_pages_lead_somewhere(server: Server) -> None:
    for start in ("/", "/term/clonazepam", f"/{FACT}", "/ontology"):
        page = Page(server.browse(start).text)
        for href in sorted({str(values["href"]) for tag, values in page.tags if tag == "a" and values.get("href")})[:40]:
            if href.startswith("/"):
                assert server.browse(href.partition("#")[0]).status == 200, href


def test_no_page_and_no_answer_holds_words_of_a_text_that_may_not_ship(server: Server, shipped: KnowledgeBase) -> None:
    runs = set((Path(content.__file__).parent / "eight-words.txt").read_text(encoding="utf-8").split())
    quads = pipeline.compile_all(shipped)
    minted = sorted({term[1:-1].removeprefix(BASE) for quad in quads for term in quad if term.startswith(f"<{BASE}")})
    pages = [quote(each, safe="/;:@!$&'()*+,=~%-._") for each in minted[::9]]
    for path in ("", "ontology", "sparql", "sparql?query=SELECT+*+%7B?s+?p+?o%7D", ".well-known/void", *pages):
        found = server.get(f"/{path}", Accept="*/*" if "well-known" in path else "text/html")
        assert found.status == 200
        assert not content.digests(content.runs_of_eight(re.sub(r"<[^>]*>", " ", html.unescape(found.text)))) & runs, path
    everything = server.get("/store?default", Accept="application/n-triples").text
    assert not content.digests(content.runs_of_eight(everything)) & runs


def test_what_is_known_already_is_not_sent_again(server: Server) -> None:
    tag = server.get("/term/drowsiness", Accept="text/turtle").headers["ETag"]
    assert server.get("/term/drowsiness", Accept="text/turtle", If_None_Match=tag).status == 304


def test_nothing_is_made_up_of_what_is_unknown(server: Server) -> None:
    for path in (
        "/term/nothing-of-that-name",
        "/nothing",
        "/term/%3Cscript%3E",
        "/%00",
        "/term/%zz",
        "/term/a%20b",
        "//",
        "/..%2f..%2fetc",
    ):
        found = server.browse(path)
        assert (found.status, "<script>" in found.text) == (404, False), path
    assert server.get("/term/drowsiness", Accept="image/png").status == 406
    assert server.send("POST", "/term/drowsiness", b"").status == 405


def test_pages_may_load_nothing_from_elsewhere(server: Server) -> None:
    for path in ("/", "/term/drowsiness", "/sparql", "/nothing"):
        headers = server.browse(path).headers
        policy = headers["Content-Security-Policy"]
        assert re.search(r"default-src 'none'.*script-src 'self';.*connect-src 'self'.*frame-ancestors 'none'", policy)
        assert (headers["X-Content-Type-Options"], headers["Referrer-Policy"]) == ("nosniff", "no-referrer")


HOSTILE = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(2)>&lt;{{ 7777*7777 }}"


def test_texts_of_others_cannot_become_part_of_a_page(make_kb: Callable[..., Path]) -> None:
    terms = [
        {"id": "examplol", "kind": "drug", "label": f"examplol {HOSTILE}", "definition": HOSTILE},
        {"id": "itch", "kind": "symptom", "label": "itch", "definition": "A wish to scratch."},
        {"id": "stopping", "kind": "event", "label": "stopping", "definition": "An end of treatment."},
    ]
    folder = make_kb(**{"terms/terms.yaml": terms})
    with serving("--content", str(folder), "--no-access-log") as server:
        fact = server.rows("SELECT ?fact { ?fact a kb:Fact }")[0]["fact"]
        base = server.rows("SELECT ?d { ?d a dcat:Dataset }")[0]["d"]
        for path in ("/term/examplol", "/term/itch", "/" + fact.removeprefix(base), "/sparql?query=SELECT+*+%7B?s+?p+?o%7D"):
            found = server.browse(path)
            page = Page(found.text)
            assert found.status == 200
            assert "alert(1)" not in "".join(script for script in page.scripts if not script.lstrip().startswith("{"))
            assert not [tag for tag, values in page.tags if tag == "img" or any(name.startswith("on") for name in values)]
            assert "60481729" not in page.words
        data = json.loads(Page(server.browse("/term/examplol").text).scripts[0])
        assert HOSTILE in json.dumps(data, ensure_ascii=False).replace('\\"', '"')


def test_a_link_that_runs_is_no_link() -> None:
    links = Links(Names(BASE, {}), BASE, {})
    for iri in ("javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "JavaScript:x"):
        assert links.link(f"<{iri}>", {}).href == ""
    assert links.link("<https://example.org/x>", {}).href == "https://example.org/x"
    assert links.link(f"<{BASE}term/a?b#c>", {}).href == "/term/a%3Fb%23c"


def test_things_are_found_by_words_of_their_labels(server: Server) -> None:
    found = server.get("/search?q=WITH+drawal")
    assert (found.status, found.kind) == (200, "text/html")
    assert {"/term/withdrawal-symptoms", "/predicate/has-withdrawal-symptom"} <= {
        str(values["href"]) for tag, values in Page(found.text).tags if tag == "a"
    }
    assert "No label contains these words" in server.get("/search?q=zzzz").text
    assert "No label contains these words" in server.get("/search?q=").text
    for hostile in (
        '")) } # ',
        "\\",
        "<script>alert(1)</script>",
        "\0\n",
        "x" * 5000,
        " ".join("abcdefghijklmnopqrstuvwxyz" * 4),
    ):
        page = server.get(f"/search?{urlencode({'q': hostile})}")
        assert (page.status, "<script>alert" in page.text, "No label" in page.text) == (200, False, True), hostile


def test_an_identifier_of_another_vocabulary_is_found_with_its_strength(server: Server) -> None:
    for words in ("HP:0002329", "hp:0002329", "http://purl.obolibrary.org/obo/HP_0002329"):
        page = Page(server.browse(f"/search?{urlencode({'q': words})}").text)
        assert "exact match of HP:0002329" in page.words
        assert "/term/drowsiness" in {values.get("href") for tag, values in page.tags if tag == "a"}
    assert "close match of CHEBI:16236" in Page(server.browse("/search?q=CHEBI:16236").text).words


def test_facts_of_a_thing_come_in_pages_that_lead_to_each_other() -> None:
    with serving("--facts", "7", "--no-access-log") as server:
        whole = server.rows("SELECT ?fact { ?fact a kb:Fact ; rdf:subject term:clonazepam }")
        seen: list[str] = []
        address: str | None = "?page=1"
        while address:
            found = server.browse(f"/term/clonazepam{address}")
            page = Page(found.text)
            seen += [
                str(values["href"]) for tag, values in page.tags if tag == "a" and str(values.get("href")).startswith("/fact/")
            ]
            properties = found.text.partition("<h2>Properties</h2>")[2].partition("</dl>")[0]
            assert "/predicate/" not in properties, "a claim stands without its hedges, restrictions and sentences"
            assert "Clonazepam" in page.words, "the labels of mappings are on each page"
            address = next((values["href"] for tag, values in page.tags if tag == "a" and values.get("rel") == "next"), None)
            assert ('rel="next"' in found.headers["Link"]) == bool(address) == ("KB-Cut" in found.headers)
        assert {row["fact"].removeprefix(BASE) for row in whole} <= {each.removeprefix("/") for each in seen}
        assert server.get("/term/clonazepam?page=0").status == 400
        assert server.browse("/term/clonazepam?page=999").status == 200


def test_the_root_of_the_server_can_stand_for_another_iri() -> None:
    with serving("--base", "https://w3id.org/linked-kb/", "--no-access-log") as server:
        assert server.get("/clonazepam/term/drowsiness", Accept="text/turtle").status == 200
        page = Page(server.browse("/clonazepam/term/drowsiness").text)
        assert "/clonazepam/term/clonazepam" in {values.get("href") for _, values in page.tags}


def test_what_was_counted_of_a_store_is_remembered(
    tmp_path: Path, run_kb: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    run_kb("build", "--store", str(tmp_path / "store"))
    (data,) = (tmp_path / "store").glob("build-*/data")
    stored = DiskStore(str(data), 4)
    counts = GraphCounts(
        {"<urn:g>": 3}, 3, 2, {"<urn:c>": 1}, {Partition("<urn:c>", "<urn:p>", "", is_datatype=True): 2}, {"<urn:p>": 3}
    )
    made: list[GraphCounts] = []

    def count() -> GraphCounts:
        made.append(counts)
        return counts

    assert [counting.count_store(stored, count) for _ in range(2)] == [counts, counts]
    assert len(made) == 1
    (place,) = (tmp_path / "cache/linked-kb/counts").iterdir()
    cache_folder.write(place, b"of another version")
    assert [counting.count_store(stored, count) for _ in range(2)] == [counts, counts]
    assert len(made) == 2


def test_a_store_on_disk_is_served_as_well(tmp_path: Path, run_kb: Callable[..., object]) -> None:
    store = str(tmp_path / "store")
    run_kb("build", "--store", store)
    with serving("--store", store, "--no-access-log", "--timeout", "1") as server:
        assert server.rows("SELECT (COUNT(*) AS ?n) { ?f a kb:Fact }") == [{"n": "60"}]
        assert server.rows("SELECT ?g { GRAPH ?g { term:drowsiness a ?kind } } LIMIT 1") == [{"g": f"{BASE}graph/vocabulary"}]
        assert server.browse("/term/drowsiness").status == 200
        assert server.rows(
            "PREFIX sh: <http://www.w3.org/ns/shacl#> SELECT ?p { [] sh:namespace ?n ; sh:prefix ?p FILTER(?p = 'kb') }"
        )
        assert server.ask("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", "text/csv").status in {200, 503, 504}


def test_a_fact_is_cited_as_the_nanopublication_that_the_export_has(server: Server, shipped: KnowledgeBase) -> None:
    page = server.browse(f"/{FACT}").text
    assert '<a href="?format=nanopub">' in page
    assert "@misc{" in page
    reply = server.browse(f"/{FACT}?format=nanopub")
    assert reply.kind == "application/trig"
    got = {tuple(map(str, quad)) for quad in ox.parse(reply.body, format=ox.RdfFormat.TRIG)}
    exported = [quad for quad in nanopubs.compile_nanopubs(shipped, names_of(shipped)) if f"<{BASE}{FACT}>" in quad]
    (node,) = {quad.graph.partition("#")[0] for quad in exported}
    of_node = [quad for quad in nanopubs.compile_nanopubs(shipped, names_of(shipped)) if quad.graph.startswith(f"{node}#")]
    assert {quad.graph for quad in of_node} == {quad[3] for quad in got}
    assert len(of_node) == len(got)
    own = "/" + node.removeprefix(f"<{BASE}")
    found = server.browse(own)
    assert (found.status, found.headers["Location"]) == (303, f"/{FACT}")
    assert server.get(own, Accept="application/trig").body == reply.body
    assert server.browse(f"/np/RA{'x' * 43}").status == 404
    assert server.browse("/fact/nothing?format=nanopub").status == 404
    assert server.browse("/term/clonazepam?format=nanopub").status == 406
