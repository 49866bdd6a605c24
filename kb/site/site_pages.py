"""The pages and files of a site."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from markupsafe import escape

from kb.build.workers import count_processors, share
from kb.files.sorting import encode_chunks
from kb.files.text_file import read_bytes
from kb.formats import registry
from kb.model import KnowledgeBase
from kb.pages import answers, citations, home, questions, reading_view, rendering, things
from kb.pages.page_graph import Description, FactView
from kb.problems import KbError
from kb.queries import explanation
from kb.rdf.facts import FACT
from kb.rdf.iris import RDF
from kb.rdf.nanopubs import compile_nanopubs, read_published
from kb.rdf.ontology import compile_own
from kb.rdf.quads import Quad, iri_value
from kb.site.site_links import SiteLinks
from kb.site.site_releases import read_release
from kb.site.site_search import write_search
from kb.site.site_source import SiteSource
from kb.sparql import library, result_formats
from kb.sparql.library import Query
from kb.sparql.values import Answer

#: The most facts of a knowledge base whose site answers SPARQL in the browser.
MAX_FACTS = 10_000
_REFERENCES = 300  # facts that a page lists of those that refer to a thing
_SHOWN, _EXPLAINED = 1_000, 100  # rows of an answer
_CHUNK = 16  # pages that a process writes at a time
_SMALL = 1_000  # facts of a knowledge base whose answers are explained where they name no fact
_LARGE = 1 << 16  # bytes of a file of data that is compressed
_WHOLE = (".ttl", ".jsonld", ".csv")  # never compressed; IRIs lead to some of them (:mod:`kb.release.redirects`)
_DATA = ("turtle", "jsonld", "nquads", "trig")  # formats of the files of data
_ANSWERS = ("csv", "json")  # formats of the answers to named questions
_ENGINE = ("web.js", "web_bg.wasm")
_STATIC = ("style.css", "views.js", "query.js", "filter.js", "search.js", "engine.js", "engine-worker.js")


class Site:
    """The pages of a knowledge base; ``root`` is the address where the site will be, if it is known.

    ``releases`` are the folders of releases by version, which the site has, too.
    """

    def __init__(self, kb: KnowledgeBase, root: str = "", releases: Mapping[str, Path] = MappingProxyType({})) -> None:
        self._source, self._root = SiteSource(kb), root
        self._kb, self._names, self._releases = kb, self._source.names, releases
        self._released: dict[str, list[tuple[str, str, int, str]]] = {version: [] for version in releases}
        self.has_engine = (rendering.STATIC / "oxigraph" / _ENGINE[1]).is_file() and len(kb.facts) <= MAX_FACTS
        self._files: list[tuple[str, str, bytes]] = []
        self._pages: list[str] = []
        self._nanopubs: dict[str, str] = {}
        self._own = Counter(fact.subject for fact in kb.facts)

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Yield every file: its path below the folder of the site, and its content."""
        rendering.compile_all()  # once, and not in each process
        for file, nanopubs in share(self._write_data, _DATA, count_processors()):
            self._files.append(file)
            self._nanopubs |= nanopubs
            yield file[0], file[2]
        for version, folder in self._releases.items():
            for name, what, content in read_release(folder):
                self._released[version].append(_list_file(f"releases/{version}/{name}", what, content))
                yield f"releases/{version}/{name}", content
        for name, text in self._write_pages():
            self._pages += [name] if name.endswith(".html") else []
            yield name, text
        for name in _STATIC:
            yield f"static/{name}", read_bytes(rendering.STATIC / name, name)
        for name in _ENGINE if self.has_engine else ():
            yield f"static/oxigraph/{name}", read_bytes(rendering.STATIC / "oxigraph" / name, name)
        for name, script in zip(("index.js", "facets.js"), write_search(self._source), strict=True):
            yield f"static/{name}", script.encode("utf-8")
        yield ".nojekyll", b""
        sitemap = f"Sitemap: {self._root}sitemap.xml\n" if self._root else ""
        yield "robots.txt", f"User-agent: *\nAllow: /\n{sitemap}".encode()
        if self._root:
            places = "".join(f"<url><loc>{escape(self._root + quote(name))}</loc></url>\n" for name in sorted(self._pages))
            head = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
            yield "sitemap.xml", f"{head}{places}</urlset>\n".encode()

    def _links(self, path: str) -> SiteLinks:
        return SiteLinks(self._names, self._source.labels, path, self._root if path == "404.html" else "")

    def _render(self, template: str, path: str, description: Description | None = None, **parts: Any) -> tuple[str, bytes]:
        """Return the path and the text of a page."""
        about = self._kb.dataset
        if description:
            parts |= {"jsonld": things.write_jsonld(description, self._names), "formats": [], "disclaimer": about.disclaimer}
        else:  # a page about no thing of its own tells machines of the knowledge base
            parts["about_base"] = self._about_base
        dataset = self._data_name("ttl")
        signposts = [
            ("cite-as", parts.get("page", {}).get("iri", self._names.base), ""),
            ("license", about.license, ""),
            ("describedby", self._links(path).data(dataset), "application/gzip" if dataset.endswith(".gz") else "text/turtle"),
        ]
        common = {"title": about.title, "signposts": signposts, "has_engine": self.has_engine}
        return path, rendering.render(template, self._links(path), **{**common, **parts}).encode("utf-8")

    @cached_property
    def _about_base(self) -> str:
        return things.write_jsonld(self._source.describe(self._names.base, 0), self._names)

    def _data_name(self, extension: str) -> str:
        return next((name for name, _, _ in self._files if name.removesuffix(".gz").endswith(f".{extension}")), "")

    def _write_data(self, name: str) -> tuple[tuple[str, str, bytes], dict[str, str]]:
        """Write the whole graph in a format, or in TriG the nanopublication of every fact; return these by fact, too."""
        fmt, about = registry.find(name), list[Quad]()
        if name != "trig":
            path = f"data/{self._kb.dataset.id}.{fmt.extension}"
            return _compress(path, fmt.title, fmt.lines(self._source.quads, self._names)), {}

        def note(quads: Iterable[Quad]) -> Iterator[Quad]:
            for quad in quads:
                if quad.object == FACT:
                    about.append(quad)
                yield quad

        lines = fmt.lines(note(compile_nanopubs(self._kb, self._names)), self._names)
        file = _compress("data/nanopubs.trig", "Nanopublications (TriG)", lines)
        return file, {iri_value(fact): iri_value(known.node) for fact, known in read_published(about).items()}

    def _write_pages(self) -> Iterator[tuple[str, bytes]]:
        """Write every page."""
        source, names = self._source, self._names
        rows = [source.read(text) for text in home.list_queries(names)]
        groups = questions.group_questions(source.queries, names)
        page = home.home_page(rows, self._links("index.html"))
        page["iri"] = names.base
        downloads = [(title, name) for name, title, _ in self._files]
        parts = {"groups": groups, "cite": source.citation, "downloads": [*downloads, ("Sizes and digests", "downloads.html")]}
        own = source.describe(names.base, 0)
        yield self._render("home.html", "index.html", own, page=page, releases=list(self._releases), **parts)
        yield self._render("terms.html", "terms.html", kinds=home.home_page(rows, self._links("terms.html"))["kinds"])
        listed = [_list_file(*file) for file in self._files]
        yield self._render("downloads.html", "downloads.html", files=listed, releases=self._released, cite=source.citation)
        yield self._render("questions.html", "ask.html", groups=groups)
        yield self._render("site-search.html", "search.html")
        entries = things.vocabulary_entries(source.ontology, self._links("ontology.html"))
        yield self._render("ontology.html", "ontology.html", entries=entries, title="Vocabulary")
        about = questions.describe_words(source.classes, self._links("sparql.html"), source.labels)
        about["data"] = self._data_name("nq")
        first = library.standalone_text(source.queries[0].text, names) if source.queries else ""
        empty: dict[str, Any] = {"answer": None, "problem": None, "problem_title": ""}
        yield self._render("sparql.html", "sparql.html", query=first, groups=groups, about=about, **empty)
        if self._root:
            yield self._render("site-404.html", "404.html")
        things_of: dict[str, Iterable[str]] = {
            "document": self._kb.documents,
            "term": {**self._kb.terms, **self._kb.retired},
            "predicate": self._kb.predicates,
            "vocabulary": sorted(
                {iri_value(quad.subject).removeprefix(f"{names.base}vocabulary/") for quad in compile_own(names)}
            ),
        }
        tasks = [("question", query.name) for query in source.queries]
        tasks += [(kind, name) for kind, names_of_kind in things_of.items() for name in names_of_kind]
        chunks = [tasks[start : start + _CHUNK] for start in range(0, len(tasks), _CHUNK)]
        for written in share(self._write_chunk, chunks, count_processors()):
            yield from written

    def _write_chunk(self, tasks: Sequence[tuple[str, str]]) -> list[tuple[str, bytes]]:
        """Write the pages of some questions and things, in a process beside others."""
        asked = [self._source.base.queries[name] for kind, name in tasks if kind == "question"]
        pages = [
            page
            for query, answer in zip(asked, self._source.answer(asked), strict=True)
            for page in self._write_question(query, answer)
        ]
        return pages + [page for kind, name in tasks if kind != "question" for page in self._write_task(kind, name)]

    def _write_task(self, kind: str, name: str) -> Iterator[tuple[str, bytes]]:
        """Write the page of a document, term, predicate or own word."""
        if kind == "document":
            yield self._write_document(name)
        else:
            facts = _REFERENCES + (self._own[name] if kind == "term" else 0)
            yield self._write_thing(f"{self._names.base}{kind}/{name}", f"{kind}/{name}.html", facts)

    def _write_question(self, query: Query, answer: Answer | KbError) -> Iterator[tuple[str, bytes]]:
        """Write the page of a named question, and its answer as a table or graph."""
        source, path = self._source, f"ask/{query.name}.html"
        links, problem, view, downloads = self._links(path), None, None, []
        if isinstance(answer, KbError):
            (problem, *_) = answer.problems
        else:
            if answer.form == "select":
                for name in _ANSWERS:
                    written, title, content = _compress(f"ask/{query.name}.{name}", name, result_formats.find(name).lines(answer))
                    yield written, content
                    downloads.append((title, written.removeprefix("ask/")))
            find = source.find_reasons if answer.is_empty else source.find_left_out
            why = find(query) if len(self._kb.facts) <= _SMALL else ()
            view = answers.answer_view(self._encode(query, answer), links, source.labels, query, reasons=why)
        question = questions.question_view(query, source.base.labels, self._names, {}, _list_values(query, answer))
        parts: dict[str, Any] = {"question": question, "answer": view, "problem": problem, "downloads": downloads}
        remedy = problem.remedy if problem else ""
        yield self._render("ask.html", path, chosen="", explain_address="", sparql=question.text, remedy=remedy, **parts)

    def _encode(self, query: Query, answer: Answer) -> bytes:
        """Encode the rows that a page shows; few rows that name no fact are explained."""
        shown = answer._replace(rows=answer.rows[:_SHOWN], triples=answer.triples[:_SHOWN])
        names_facts = any(term and "/fact/" in term for row in shown.terms for term in row)
        support: Any = []
        is_short = 0 < len(shown.terms) <= _EXPLAINED and len(self._kb.facts) <= _SMALL
        if is_short and not names_facts and answer.form == "select":
            support = explanation.explain(self._names, query.text, shown, self._source.reader).support
        about = [answer.form, answer.variables, shown.terms, answer.truth, len(answer.terms), support, [], {}]
        return json.dumps(about).encode("ascii")

    def _write_document(self, name: str) -> tuple[str, bytes]:
        """Write the reading view of a document."""
        iri, path = self._names.document(name), f"document/{name}.html"
        rows = [self._source.read(text) for text in reading_view.list_queries(iri)]
        description = self._source.describe(iri, 0)
        page = reading_view.document_page(iri, rows, self._links(path), description.labels)
        return self._render("document.html", path, description, page=page)

    def _write_thing(self, iri: str, path: str, facts: int) -> tuple[str, bytes]:
        """Write the page of a term or predicate with the facts about it; facts about others stand on the pages of these."""
        description, links = self._source.describe(iri, facts), self._links(path)
        page = things.thing_page(iri, description, links)
        about = (f"<{RDF}subject>", f"<{iri}>")
        others = [(node, triples) for node, triples in description.others if about in {triple[1:] for triple in triples}]
        stated = Description(description.own, others, description.labels, cut=False)
        cites = {fact.fact.title: self._cite(fact) for _, group in page["subject_of"] for fact in group}
        nanopubs = {"file": self._data_name("trig"), "of": self._nanopubs}
        parts = {"page": page, "cites": cites, "nanopubs": nanopubs, "pictures": things.draw(page), "number": 0, "cite": None}
        return self._render("thing.html", path, stated, **parts)

    def _cite(self, fact: FactView) -> citations.Citation:
        return citations.cite_fact(fact, self._source.citation)


def _list_values(query: Query, answer: Answer | KbError) -> dict[str, list[str]]:
    """List the values of each parameter that rows of an answer show, by which a page without a server filters them."""
    if isinstance(answer, KbError):
        return {}
    places = {name: answer.variables.index(p.variable) for name, p in query.parameters.items() if p.variable in answer.variables}
    return {name: sorted({term for row in answer.rows[:_SHOWN] if (term := row[place])}) for name, place in places.items()}


def _list_file(name: str, what: str, content: bytes) -> tuple[str, str, int, str]:
    return name, what, len(content), sha256(content).hexdigest()


def _compress(name: str, title: str, lines: Iterable[str]) -> tuple[str, str, bytes]:
    """Return a file of data, compressed if it is large and no IRI leads to it."""
    content = b"".join(encode_chunks(lines))
    if len(content) <= _LARGE or name.endswith(_WHOLE):
        return name, title, content
    return f"{name}.gz", f"{title}, compressed", gzip.compress(content, 6, mtime=0)
