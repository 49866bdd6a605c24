"""A site is complete without a server: every link leads somewhere, and every page says what the graph says."""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urljoin, urlsplit

import pyoxigraph as ox
import pytest

from kb import pipeline, resources
from kb.pages import home
from kb.problems import KbError
from kb.rdf.iris import KB, OA, RDF, names_of
from kb.rdf.nanopubs import read_published
from kb.rdf.quads import Quad, literal_value
from kb.site import site_folder
from kb.site.site_pages import Site
from tests.site.hostile import write_hostile
from tests.site.varied import write_varied

CURRENT = "FILTER NOT EXISTS { ?x <http://www.w3.org/2002/07/owl#deprecated> ?retired }"
URL = "https://example.org/site/"
#: What pages may name of elsewhere: links to follow, never anything to load.
LOADED = {"img": "src", "script": "src", "link": "href", "iframe": "src", "source": "src", "object": "data"}

#: Questions of a first reader by the links of the home page, each with what stands in a row of its answer.
ASKED = {
    "Uses": "panic disorder",
    "Side effects": "drowsiness",
    "Interactions": "alcohol",
    "Mechanism": "gamma-aminobutyric acid",
    "Drug classes": "benzodiazepine",
    "Withdrawal": "seizures",
    "Risks": "dependence",
    "Advice": "doctor",
    "Hedged claims": "drowsiness",
    "Names of a drug": "Klonopin",
}


class Page(HTMLParser):
    """The links, ids, scripts, headings and words of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links, self.loaded, self.ids, self.data = list[str](), list[str](), set[str](), list[str]()
        self.headings, self.words, self._open = list[str](), "", ""
        self.handlers = list[str]()
        self.feed(text)

    @property
    def shown(self) -> str:
        """The words that readers see."""
        return self.words.partition("Skip to content")[2]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self._open = f"{tag} {values.get('type', '')}".strip() if tag in {"script", "h1", "title"} else self._open
        if tag in {"h1", "title"}:
            self.headings.append("")
        if tag == "a":
            self.links.append(str(values.get("href")))
        if (name := LOADED.get(tag)) and values.get(name) and values.get("rel") in {None, "stylesheet", "icon"}:
            self.loaded.append(str(values[name]))
        self.ids |= {str(values["id"])} if values.get("id") else set()
        self.handlers += [name for name in values if name.startswith("on")]

    def handle_endtag(self, tag: str) -> None:
        self._open = "" if tag in {"script", "h1", "title"} else self._open

    def handle_data(self, data: str) -> None:
        if self._open == "script application/ld+json":
            self.data.append(data)
        elif self._open in {"h1", "title"}:
            self.headings[-1] += data
        self.words += data


class Built(NamedTuple):
    files: dict[str, bytes]
    pages: dict[str, Page]
    quads: list[tuple[str, ...]]
    base: str


def build(folder: Path) -> Built:
    kb = pipeline.load(folder)
    files = dict(Site(kb, URL).files())
    pages = {name: Page(content.decode()) for name, content in files.items() if name.endswith(".html")}
    return Built(files, pages, [tuple(quad[:3]) for quad in pipeline.compile_all(kb)], names_of(kb).base)


@pytest.fixture(
    scope="module", params=["shipped", "text that ships", "claims of every kind", "words of its own", "hostile labels"]
)
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Built:
    shipped = {"shipped": resources.content(), "text that ships": resources.example()}
    shipped["words of its own"] = resources.example().parent / "tessera"
    written = {"claims of every kind": write_varied, "hostile labels": write_hostile}
    name = request.param
    return build(shipped[name] if name in shipped else written[name](tmp_path_factory.mktemp("site") / "kb"))


def test_every_link_of_a_site_leads_to_a_place_and_nothing_is_loaded_from_elsewhere(built: Built) -> None:
    wrong = []
    for name, page in built.pages.items():
        for href in [*page.links, *page.loaded]:
            target = urlsplit(urljoin(f"{URL}{name}", href))
            if not target.geturl().startswith(URL):
                wrong += [(name, href)] if href in page.loaded and not href.startswith("data:") else []
                continue
            path = unquote(target.path.removeprefix(urlsplit(URL).path))
            if path not in built.files:
                wrong.append((name, href))
            elif target.fragment and path in built.pages and not target.fragment.startswith(("query=", "question=")):
                wrong += [] if {target.fragment, unquote(target.fragment)} & built.pages[path].ids else [(name, href)]
        assert not page.handlers
        assert "60481729" not in page.words
    assert wrong[:5] == []


def test_the_data_in_a_page_is_what_the_export_states_of_its_thing(built: Built) -> None:
    for name, page in built.pages.items():
        assert len(page.data) == 1, name
        for text in page.data:
            store = ox.Store()
            store.load(text.encode(), format=ox.RdfFormat.JSON_LD)
            subjects = {str(quad.subject) for quad in store}
            found = Counter((str(quad.subject), str(quad.predicate), str(quad.object)) for quad in store)
            stated = Counter(triple for triple in set(built.quads) if triple[0] in subjects)
            assert found == stated, name


def test_no_title_is_that_of_another_page_and_no_claim_stands_under_its_opposite(built: Built) -> None:
    titles = Counter(page.headings[0] for page in built.pages.values())
    assert [title for title, number in titles.items() if number > 1] == []
    denied = {s.split("/fact/")[1].rstrip(">") for s, p, _ in built.quads if p == f"<{KB}polarity>" and "/evidence/" not in s}
    for fact in denied:
        page = built.files[f"term/{fact.split('/')[1]}.html"].decode()
        row = re.search(f'<tbody id="{re.escape(fact)}".*?</td>', page, re.DOTALL)
        assert row
        assert "denied:" in row[0]


def test_each_fact_has_its_sentences_its_restrictions_and_a_citation(built: Built) -> None:
    text = {name: page.words for name, page in built.pages.items()}
    facts = {s for s, p, o in built.quads if p.endswith("#type>") and o == f"<{KB}Fact>"}
    labels = {s: read_text(o) for s, p, o in built.quads if p.endswith("rdf-schema#label>") and s in facts}
    assert len(labels) == len(facts) > 0
    data = read_data(built, "data/nanopubs.trig")
    published = read_published(Quad(*map(str, quad)) for quad in ox.parse(data, format=ox.RdfFormat.TRIG))
    for fact, label in labels.items():
        subject = fact.split("/fact/")[1].split("/")[1]
        page = text[f"term/{subject}.html"]
        assert label in page
        assert f"Cite: “{label}”" in page
        assert fact[1:-1] in page
        assert published[fact].node[1:-1] in page


def test_each_row_of_facts_has_every_restriction_beside_its_claim(built: Built) -> None:
    said = {s[1:-1]: read_text(o).split("; ") for s, p, o in built.quads if p == f"<{KB}restrictions>"}
    restricted = set()
    for name, content in built.files.items():
        tables = (
            re.findall('<table class="facts stack">.*?</table>', content.decode(), re.DOTALL) if name.endswith(".html") else ()
        )
        for row in (row for table in tables for row in table.split("<tbody")[1:]):
            address = re.search(r'href="[^"#]*#([^"]*)" aria-label="Evidence for|^ id="([^"]*)"', row)
            assert address
            fact = f"{built.base}fact/{unquote(unescape(address[1] or address[2]))}"
            words = re.sub(r"\s+", " ", unescape(re.sub("<[^>]+>", "", row.partition("</tr>")[0]))).replace('"', "")
            parts = ["denied" if part == "negated" else part.removeprefix("document: ") for part in said.get(fact, ())]
            parts = [part.replace('"', "") for part in parts]  # wordings quote labels that could be read as something else
            assert [part for part in parts if part not in words] == [], (name, fact)
            restricted |= {fact} & said.keys()
    assert restricted == said.keys(), "each restricted fact was looked at"


def test_pages_of_own_words_speak_of_them_and_not_of_rdf() -> None:
    pages = build(resources.example().parent / "tessera").pages
    words = {name: page.shown for name, page in pages.items() if name.startswith("vocabulary/")}
    assert len(words) > 10
    assert [name for name, text in words.items() if re.search(r"\b(rdfs?|skos|owl):|\border\b|fact/", text)] == []
    assert "kind of term" in words["vocabulary/Library.html"]
    assert "Tessera offers command line (is; maturity: stable)" in words["vocabulary/maturity.html"]


def test_the_kind_of_evidence_of_a_document_is_told_in_words() -> None:
    words = build(resources.content()).pages["document/clonazepam-overview.html"].shown
    assert "author statement without traceable support" in words
    assert "ECO:" not in words


def test_ten_questions_lead_from_the_home_page_to_their_sentences_and_a_citation() -> None:
    files = build(resources.content()).files

    def follow(page: str, link: str, inside: str = "") -> tuple[str, str]:
        """Return the page to which a link leads that begins with some words, in a part of a page, and the part there."""
        found = re.search(f'<a href="([^"]+)"[^>]*>{link}', inside or files[page].decode())
        assert found, (page, link)
        target = urlsplit(urljoin(f"{URL}{page}", unescape(found[1])))
        path, part = unquote(target.path.removeprefix(urlsplit(URL).path)), re.escape(target.fragment)
        row = re.search(f'<(tbody|li)[^>]* id="{part}".*?</\\1>', files[path].decode(), re.DOTALL) if part else None
        return path, row[0] if row else ""

    for question, answer in ASKED.items():
        page, _ = follow("index.html", question)
        rows = re.findall("<tr.*?</tr>", files[page].decode(), re.DOTALL)
        row = next((row for row in rows if answer in row and ">fact</a>" in row), "")
        assert row, question
        page, fact = follow(page, "fact", row)
        assert "<p>Cite: " in fact, question
        assert "<summary>Evidence" in fact, question
        page, sentence = follow(page, r"s\d+\.\d+", fact)
        assert page == "document/clonazepam-overview.html"
        assert "fact" in sentence


def test_each_answer_is_a_table_in_csv_and_in_json_with_the_same_values(built: Built) -> None:
    answers = sorted({name.removesuffix(".gz") for name in built.files if re.search(r"^ask/.*\.json(\.gz)?$", name)})
    assert {name.replace(".json", ".csv") for name in answers} == {name for name in built.files if name.endswith(".csv")}
    for name in answers:
        found = json.loads(read_data(built, name))
        rows = list(csv.reader(built.files[name.replace(".json", ".csv")].decode().splitlines(keepends=True)))
        columns = found["head"]["vars"]
        assert rows[0] == columns
        values = [[row.get(column, {}).get("value", "") for column in columns] for row in found["results"]["bindings"]]
        assert rows[1:] == values, name
        page = built.pages[name.replace(".json", ".html")]
        assert {f"{Path(name).stem}.csv", f"{Path(name).stem}.json"} <= {link.removesuffix(".gz") for link in page.links}


def test_the_numbers_on_twenty_pages_are_those_of_sparql(built: Built) -> None:
    store = ox.Store()
    store.extend([ox.Quad(*ox_triple) for ox_triple in map(parse_triple, set(built.quads))])
    prefixes = f"PREFIX kb: <{KB}> PREFIX rdf: <{RDF}> PREFIX oa: <{OA}> "

    def count(pattern: str) -> int:
        (row,) = store.query(f"{prefixes}SELECT (COUNT(DISTINCT ?x) AS ?n) {{ {pattern} }}")  # type: ignore[misc]
        return int(row["n"].value)

    numbers = re.search(r"(\d+) facts? about (\d+) terms", built.pages["index.html"].words)
    assert numbers
    assert [int(number) for number in numbers.groups()] == [count("?x a kb:Fact"), count(f"?x a kb:Term {CURRENT}")]
    names = sorted(name for name in built.pages if name.startswith("term/"))
    for name in names[:: max(1, len(names) // 17)]:
        node = f"<{built.base}{name.removesuffix('.html')}>"
        rows = re.findall(r'<tbody id="[^"]+/[^"]+"', built.files[name].decode())
        assert len(rows) == count(f"?x a kb:Fact ; rdf:subject {node}"), name
    for name in (name for name in built.pages if name.startswith("document/")):
        node = f"<{built.base}{name.removesuffix('.html')}>"
        stated = re.search(r"(\d+) are covered by facts, (\d+) exempted with a reason, (\d+) undecided", built.pages[name].words)
        assert stated
        kinds = ("covered", "exempted", "undecided")
        assert [int(number) for number in stated.groups()] == [
            count(f"?x oa:hasSource {node} ; kb:status kb:{kind}") for kind in kinds
        ]


def parse_triple(triple: tuple[str, ...]) -> tuple[ox.NamedNode, ox.NamedNode, ox.NamedNode | ox.Literal]:
    (quad,) = ox.parse(f"{' '.join(triple)} .".encode(), format=ox.RdfFormat.N_TRIPLES)
    return quad.subject, quad.predicate, quad.object


def read_data(built: Built, name: str) -> bytes:
    """Return the content of a file of data, which is compressed if it is large."""
    return built.files[name] if name in built.files else gzip.decompress(built.files[f"{name}.gz"])


def read_text(term: str) -> str:
    return literal_value(term).value


def test_words_of_a_document_are_shown_only_where_they_ship() -> None:
    shown = build(resources.example()).files["document/zelorin-leaflet.html"].decode()
    assert "Zelorin is a made-up medicine that belongs to the lumenates." in shown
    hidden = build(resources.content()).files["document/clonazepam-overview.html"].decode()
    assert 'class="words"' not in hidden
    widths = {number: int(width) for number, width in re.findall(r'<li id="(s\d\.\d)".*?<rect width="(\d+)"', hidden, re.DOTALL)}
    sentences = pipeline.load(resources.content()).documents["clonazepam-overview"].sentences
    assert widths == {entry.id: entry.end - entry.start for entry in sentences}
    for entry in sentences:
        place = f"Characters {entry.start} to {entry.end}, SHA-256 <code>{entry.sha256}</code>"
        assert entry.id.endswith(".0") or place in hidden, "the sentence can be checked by whoever has the text"


def test_the_search_finds_every_term_by_its_names_and_identifiers(built: Built) -> None:
    entries = json.loads(built.files["static/index.js"].decode().removeprefix("window.kbIndex = ").removesuffix(";\n"))
    assert {entry[1] for entry in entries} >= {
        name for name in built.pages if name.startswith(("term/", "predicate/", "document/"))
    }


def test_documents_beyond_those_of_the_home_page_are_in_the_search(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(home, "_MAX_DOCUMENTS", 1)
    built = build(write_varied(tmp_path / "kb"))
    (link,) = re.findall('1 more document: <a href="([^"]+)">', built.files["index.html"].decode())
    assert link == "search.html?kind=document"
    entries = json.loads(built.files["static/index.js"].decode().partition(" = ")[2].removesuffix(";\n"))
    assert sum(entry[2] == "document" for entry in entries) == 2


def test_a_search_is_narrowed_by_what_the_facts_of_each_term_are(built: Built) -> None:
    facts, ends = f"<{built.base}fact/", {f"<{RDF}subject>", f"<{RDF}object>"}
    known = {(s, p): o for s, p, o in built.quads if s.startswith(facts)}
    labels = {s: read_text(o) for s, p, o in built.quads if p.endswith(("#label>", "#prefLabel>", "/title>"))}
    wanted = Counter[tuple[str, ...]]()
    parts = (f"<{RDF}predicate>", "<http://www.w3.org/ns/prov#hadPrimarySource>", f"<{KB}modality>")
    for (fact, part), end in known.items():
        if part in ends and f"<{built.base}term/" in end and (fact, f"<{RDF}predicate>") in known:
            wanted[end, *(labels[known[fact, name]] for name in parts)] = 1
    entries, facets = (
        json.loads(built.files[f"static/{name}.js"].decode().partition(" = ")[2].removesuffix(";\n"))
        for name in ("index", "facets")
    )
    values = [values for _, values in facets["fields"]]
    found = Counter[tuple[str, ...]]()
    for entry, own in zip(entries, facets["facts"], strict=True):
        for fact in own:
            found[
                f"<{built.base}{unquote(entry[1].removesuffix('.html'))}>", *(values[place][n] for place, n in enumerate(fact))
            ] = 1
    assert found == wanted
    assert wanted


def test_only_what_changed_is_written_and_what_is_gone_is_removed(make_kb: Callable[..., Path], tmp_path: Path) -> None:
    folder, site = make_kb(), tmp_path / "site"
    first = site_folder.write_site(site, Site(pipeline.load(folder)).files())
    before = {path: path.stat().st_mtime_ns for path in site.rglob("*") if path.is_file()}
    again = site_folder.write_site(site, Site(pipeline.load(folder)).files())
    assert (again.changed, again.removed, again.same) == (0, 0, first.changed)
    terms = json.loads((folder / "terms/terms.yaml").read_text(encoding="utf-8"))
    unused = {"id": "unused", "kind": "symptom", "label": "unused", "definition": "A thing that no fact names."}
    (folder / "terms/terms.yaml").write_text(json.dumps([*terms, unused]), encoding="utf-8")
    site_folder.write_site(site, Site(pipeline.load(folder)).files())
    changed = {
        str(path.relative_to(site)) for path in site.rglob("*") if before.get(path) != path.stat().st_mtime_ns and path.is_file()
    }
    assert "term/unused.html" in changed
    assert not {name for name in changed if name.startswith(("term/", "predicate/"))} - {"term/unused.html"}
    (folder / "terms/terms.yaml").write_text(json.dumps(terms), encoding="utf-8")
    assert site_folder.write_site(site, Site(pipeline.load(folder)).files()).removed == 1
    assert {path: path.read_bytes() for path in before} == {site / k: v for k, v in Site(pipeline.load(folder)).files()} | {
        site / site_folder.LIST: (site / site_folder.LIST).read_bytes()
    }


def test_a_file_of_somebody_else_is_not_replaced(make_kb: Callable[..., Path], tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site/index.html").write_text("mine", encoding="utf-8")
    with pytest.raises(KbError) as error:
        site_folder.write_site(tmp_path / "site", Site(pipeline.load(make_kb())).files())
    assert error.value.problems[0].code == "KB701"
    assert [path.name for path in (tmp_path / "site").iterdir()] == ["index.html"]


def test_the_command_writes_a_site_and_a_workflow(
    run_kb: Callable[..., object], make_kb: Callable[..., Path], tmp_path: Path
) -> None:
    ran = run_kb("site", str(tmp_path / "out"), "--content", str(make_kb()), "--url", URL)
    assert "changed" in str(ran)
    assert f"<loc>{URL}term/examplol.html</loc>" in (tmp_path / "out/sitemap.xml").read_text(encoding="utf-8")
    run_kb("site", str(tmp_path), "--workflow")
    assert "kb site _site" in (tmp_path / site_folder.WORKFLOW).read_text(encoding="utf-8")


def test_the_page_of_downloads_has_every_file_of_a_release_with_its_digest(
    run_kb: Callable[..., object], make_kb: Callable[..., Path], tmp_path: Path
) -> None:
    folder, out = make_kb(), tmp_path / "out"
    run_kb("release", str(tmp_path / "1.0.0"), "--content", str(folder))
    run_kb("site", str(out), "--content", str(folder), "--release", str(tmp_path / "1.0.0"))
    version = pipeline.load(folder).dataset.version
    page = Page((out / "downloads.html").read_text(encoding="utf-8"))
    for path in (path for path in (tmp_path / "1.0.0").rglob("*") if path.is_file()):
        name = f"releases/{version}/{path.relative_to(tmp_path / '1.0.0')}"
        assert (out / name).read_bytes() == path.read_bytes()
        assert name in page.links
        assert sha256(path.read_bytes()).hexdigest() in page.words
    assert f"releases/{version}/index.html" in Page((out / "index.html").read_text(encoding="utf-8")).links
    (tmp_path / "1.0.0/LICENSE").write_text("another", encoding="utf-8")
    assert "KB712" in str(run_kb("site", str(out), "--content", str(folder), "--release", str(tmp_path / "1.0.0")))
