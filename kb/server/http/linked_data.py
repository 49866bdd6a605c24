"""Linked data: the IRIs of the knowledge base, the vocabulary, and the search, as pages and as RDF."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Any
from urllib.parse import unquote

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from kb.formats import registry
from kb.pages import citations, home, questions, reading_view, search, things
from kb.pages.page_graph import Description
from kb.pages.rendering import render
from kb.pages.things import is_document
from kb.problems import fail, quote
from kb.queries.description import SCHEMA
from kb.rdf.iris import RDF, Names, is_valid
from kb.rdf.quads import iri as write_iri
from kb.server.http import negotiation, responses
from kb.server.http.signposts import link
from kb.server.messages import HTML, QueryRequest
from kb.sparql.values import Row
from kb.suggestions import did_you_mean

_TYPE = f"<{RDF}type>"
_NANOPUB = negotiation.Choice("nanopub", "application/trig")
_JSON = negotiation.Choice("jsonld", "application/json")


class LinkedData(responses.RequestHandler):
    """Answers requests for IRIs of the knowledge base."""

    def __init__(self, shared: responses.Shared) -> None:
        super().__init__(shared)
        self._work.register(self._page, self._home_page, self._document_page, self._ontology_page)

    async def thing(self, request: Request) -> Response:
        """Describe the thing whose IRI corresponds to the path, as a page or as RDF."""
        path = request.scope["raw_path"].decode("ascii", "replace")[1:]
        if path.startswith("np/"):
            return await self._nanopub(request, self._settings.base + path)
        own = [_NANOPUB] if path.startswith("fact/") else []
        choice = self._choose(request, *negotiation.THING_FORMATS, _JSON, *own)
        page = _page_number(request)
        for iri in dict.fromkeys(self._settings.base + form for form in (path, unquote(path), path.rstrip("/") or path)):
            if is_valid(iri) and choice == _NANOPUB:
                tag = self._tag("nanopub", iri)
                reply, _ = await self._cache.answer(tag, partial(self._gateway.send, request, QueryRequest("nanopub", iri)))
                if reply.response.rows:
                    return responses.send(reply, choice.media_type, tag)
            elif is_valid(iri):
                reply = await self._gateway.send(request, QueryRequest("thing", iri, page=page))
                description = msgspec.json.decode(reply.body.read(), type=Description)
                if description.own or description.others:
                    return await self._respond(request, iri, description, choice, page)
        message = f"The knowledge base states nothing about {quote(self._settings.base + path)}."
        kind, _, name = path.rpartition("/")
        known = self._dataset.names_of_things.get(kind, {}) if kind in {"term", "predicate", "document"} else {}
        remedy = did_you_mean(unquote(name), known, "Search for words of its label, or start at the overview.")
        raise fail("KB629", message, remedy, f"/{kind}" if known else "<request>")

    async def _nanopub(self, request: Request, iri: str) -> Response:
        """Send a nanopublication by its own IRI, or lead to the page of the fact that it publishes."""
        choice = self._choose(request, _NANOPUB, negotiation.Choice("html", "text/html"))
        tag = self._tag("published", iri)
        published, _ = await self._cache.answer(tag, partial(self._gateway.send, request, QueryRequest("published", iri)))
        if not (fact := published.body.read().decode("utf-8")):
            raise fail(
                "KB629", f"No fact has the nanopublication {quote(iri)}.", "It may be that of another version.", "<request>"
            )
        if choice != _NANOPUB:
            return RedirectResponse(self._links.address(fact), 303, {"Vary": "Accept"})
        tag = self._tag("nanopub", fact)
        reply, _ = await self._cache.answer(tag, partial(self._gateway.send, request, QueryRequest("nanopub", fact)))
        return responses.send(reply, choice.media_type, tag)

    async def search(self, request: Request) -> Response:
        """Find things by their names and identifiers, the shortest names first, as a page or as JSON."""
        words = request.query_params.get("q", "")[: search.MAX_WORDS].strip()
        choice = self._choose(request, negotiation.Choice("html", "text/html"), negotiation.Choice("json", "application/json"))
        facets = {name: value for name in search.FACETS if (value := request.query_params.get(name, ""))}
        terms = {name: _read_iri(word, self._dataset.names) for name, word in facets.items()}
        (rows,) = await self._read_rows(request, search.write_query(words, terms, self._dataset.names))
        results, cut = search.list_results(rows, self._links, self._labels)
        if choice.name == "json":
            return JSONResponse({"results": results, "cut": cut}, headers={"Cache-Control": "no-store", "Vary": "Accept"})
        options = search.list_options(self._dataset.counts.classes, self._dataset.names_of_things, self._links)
        page = render("search.html", self._links, words=words, results=results, cut=cut, facets=facets, options=options)
        return Response(page, headers={"Cache-Control": "no-store", "Vary": "Accept"}, media_type="text/html")

    async def _read_rows(self, request: Request, *queries: str) -> list[list[Row]]:
        """Return the rows of several queries of the server's own."""
        text = json.dumps(queries)
        tag = self._tag("rows", text)
        reply, _ = await self._cache.answer(tag, partial(self._gateway.send, request, QueryRequest("rows", text)))
        rows: list[list[Row]] = json.loads(reply.body.read())
        return rows

    async def ontology(self, request: Request) -> Response:
        """Return the vocabulary."""
        choice = self._choose(request, *negotiation.THING_FORMATS)
        if choice.name == "html":
            return await self._work_on(request, self._ontology_page)
        return await self._send_triples(request, choice, self._dataset.ontology)

    def _ontology_page(self) -> Response:
        entries = things.vocabulary_entries(self._dataset.ontology, self._links)
        page = render("ontology.html", self._links, entries=entries, title="Vocabulary")
        return Response(page, headers={"Vary": "Accept"}, media_type="text/html")

    def send(self, description: str) -> Callable[[Request], Awaitable[Response]]:
        """Return the handler that sends a description of the dataset, by its name."""

        async def handle(request: Request) -> Response:
            choice = self._choose(request, *negotiation.graph_formats())
            return await self._send_triples(request, choice, description)

        return handle

    @staticmethod
    def _choose(request: Request, *choices: negotiation.Choice) -> negotiation.Choice:
        return negotiation.choose_format(request.headers.get("accept"), request.query_params.get("format", ""), choices)

    async def _respond(
        self, request: Request, iri: str, description: Description, choice: negotiation.Choice, page: int
    ) -> Response:
        request.state.cut = "facts" if description.cut else ""
        if choice.name == "html" and iri == self._dataset.names.base:
            rows = await self._read_rows(request, *home.list_queries(self._dataset.names))
            response = await self._work_on(request, self._home_page, rows, description)
        elif choice.name == "html" and is_document(iri, description):
            rows = await self._read_rows(request, *reading_view.list_queries(iri))
            response = await self._work_on(request, self._document_page, iri, rows, description)
        elif choice.name == "html":
            response = await self._work_on(request, self._page, iri, description, page)
        else:
            response = await self._send_triples(request, choice, description.triples)
        if description.cut:
            response.headers["KB-Cut"] = f"facts; limit={self._settings.integer('facts')}"
        links = list(self._signposts(iri, description))
        links += [link(f"?page={page}", "prev")] if page else []
        links += [link(f"?page={page + 2}", "next")] if description.cut and description.others else []
        response.headers["Link"] = ", ".join(links)
        return response

    def _signposts(self, iri: str, description: Description) -> Iterator[str]:
        """Yield the links that the page of a thing has for machines; the page of the dataset is the landing page."""
        is_dataset = iri == self._dataset.names.base
        yield from (link(iri, relation) for relation in ("canonical", "cite-as"))
        kinds = {obj[1:-1] for subject, predicate, obj in description.triples if (subject, predicate) == (f"<{iri}>", _TYPE)}
        kinds |= {f"{SCHEMA}AboutPage", *([f"{SCHEMA}Dataset"] if is_dataset else [])}
        yield from (link(kind, "type") for kind in sorted(kinds))
        yield from (link(terms, "license") for terms in self._dataset.licenses)
        yield from (link(author, "author") for author in self._dataset.authors)
        for fmt in negotiation.THING_FORMATS:
            relations = ["alternate"] if fmt.media_type == HTML else ["alternate", "describedby"]
            yield from (link(f"?format={fmt.name}", relation, fmt.media_type) for relation in relations)
        if not is_dataset:
            yield link("/", "collection", "text/html")
            return
        yield link("/.well-known/void?format=turtle", "describedby", "text/turtle")
        for version in self._settings.releases:
            yield link(f"/releases/{version}/metadata/schemaorg.jsonld", "describedby", "application/ld+json")
            yield link(f"/releases/{version}/", "item", "text/html")

    def _home_page(self, rows: list[list[Row]], description: Description) -> Response:
        names, dataset = self._dataset.names, self._dataset
        parts = {
            "page": home.home_page(rows, self._links),
            "groups": questions.group_questions(dataset.queries, names),
            "cite": dataset.citation,
            "downloads": [(fmt.title, f"/store?default&format={fmt.name}") for fmt in registry.FORMATS],
            "releases": list(self._settings.releases),
        }
        return self._render("home.html", description, **parts)

    def _document_page(self, iri: str, rows: list[list[Row]], description: Description) -> Response:
        page = reading_view.document_page(iri, rows, self._links, description.labels)
        return self._render("document.html", description, page=page)

    def _page(self, iri: str, description: Description, number: int) -> Response:
        page = things.thing_page(iri, description, self._links)
        cite = citations.cite_fact(page["statement"], self._dataset.citation) if page["statement"] else None
        return self._render("thing.html", description, page=page, number=number, cite=cite, pictures=things.draw(page))

    def _render(self, template: str, description: Description, **parts: Any) -> Response:
        names = {fmt.name for fmt in negotiation.THING_FORMATS}
        formats = [fmt for fmt in registry.FORMATS if fmt.name in names]
        jsonld = things.write_jsonld(description, self._dataset.names)
        page = render(template, self._links, formats=formats, jsonld=jsonld, disclaimer=self._dataset.disclaimer, **parts)
        return Response(page, headers={"Vary": "Accept"}, media_type="text/html")


def _read_iri(word: str, names: Names) -> str:
    """Read an IRI or CURIE, and write it as N-Triples does.

    Raises:
        KbError: It is neither (KB502).
    """
    value = names.expand(word) or word
    if not is_valid(value):
        raise fail("KB502", f"{quote(word)} is not an IRI or CURIE.", "Choose a value of the list.", "<request>")
    return write_iri(value)


def _page_number(request: Request) -> int:
    """Return the requested page of a thing, from 0; clients count from 1.

    Raises:
        KbError: It is not a number (KB622).
    """
    word = request.query_params.get("page", "1")
    if not re.fullmatch(r"[1-9][0-9]{0,5}", word):
        raise fail("KB622", f"The page {quote(word)} does not exist.", "Count pages from 1.", "<request>")
    return int(word) - 1
