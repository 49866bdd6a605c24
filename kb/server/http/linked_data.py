"""Linked data: the IRIs of the knowledge base, the vocabulary, and the search, as pages and as RDF."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from urllib.parse import unquote

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from kb.formats import registry
from kb.problems import fail, quote
from kb.rdf.iris import DCTERMS, RDFS, SKOS, XSD, is_valid
from kb.rdf.quads import Quad, iri_value, literal, literal_value
from kb.server.http import negotiation, pages, responses, templates
from kb.server.http.gateway import Gateway
from kb.server.http.work_process import WorkProcess
from kb.server.messages import HTML, Description, QueryRequest, Triple
from kb.server.served_dataset import ServedDataset
from kb.server.settings import ServerSettings

_MAX_RESULTS, _MAX_SEARCH = 50, 200  # things, and characters
_LABELS = "|".join(f"<{name}>" for name in (f"{SKOS}prefLabel", f"{SKOS}altLabel", f"{RDFS}label", f"{DCTERMS}title"))
_MATCH = """?mapping owl:annotatedSource ?thing ; owl:annotatedProperty ?relation
  BIND(REPLACE(STR(?relation), "^.*#(.*)Match$", "$1 match of ") AS ?strength) BIND(CONCAT(?strength, ?curie) AS ?label)"""
_JSON = negotiation.Choice("jsonld", "application/json")


class LinkedData(responses.RequestHandler):
    """Answers requests for IRIs of the knowledge base."""

    def __init__(self, gateway: Gateway, work: WorkProcess, dataset: ServedDataset, settings: ServerSettings) -> None:
        super().__init__(gateway, work, dataset, settings)
        work.register(self._page, self._ontology_page)
        self._describers += [_triples_of, dataset.describe_dataset, dataset.describe_queries]

    async def thing(self, request: Request) -> Response:
        """Describe the thing whose IRI corresponds to the path, as a page or as RDF."""
        path = request.scope["raw_path"].decode("ascii", "replace")[1:]
        choice = self._choose(request, *negotiation.THING_FORMATS, _JSON)
        page = responses.page_number(request)
        for iri in dict.fromkeys(self._settings.base + form for form in (path, unquote(path), path.rstrip("/") or path)):
            if is_valid(iri):
                reply = await self._gateway.send(request, QueryRequest("thing", iri, page=page))
                description = msgspec.json.decode(reply.read(), type=Description)
                if description.own or description.others:
                    return await self._respond(request, iri, description, choice, page)
        message = f"The knowledge base states nothing about {quote(self._settings.base + path)}."
        raise fail("KB629", message, "Search for words of its label, or start at the overview.", "<request>")

    async def search(self, request: Request) -> Response:
        """Show the things whose labels contain some words, the shortest labels first, and what an outside identifier matches."""
        words = request.query_params.get("q", "")[:_MAX_SEARCH].strip()
        conditions = " && ".join(
            f"CONTAINS(LCASE(STR(?label)), {literal(word.lower(), f'{XSD}string')})" for word in words.split()
        )
        label = f"{{ ?thing {_LABELS} ?label FILTER({conditions or 'false'}) }}"
        curie = literal((self._dataset.names.compact(words) or words).lower())
        match = f"{{ ?mapping kb:curie ?curie FILTER(LCASE(?curie) = {curie}) {_MATCH} }}"
        text = f"SELECT DISTINCT ?thing ?label {{ {label} UNION {match} }}"
        text += f" ORDER BY STRLEN(STR(?label)) ?label ?thing LIMIT {_MAX_RESULTS + 1}"
        reply = await self._gateway.send(request, QueryRequest("query", text, HTML))
        rows = json.loads(reply.read())[2]
        links = [self._links.link(thing, {iri_value(thing): literal_value(label).value}) for thing, label in rows[:_MAX_RESULTS]]
        page = templates.render(
            "search.html", words=words, links=[link for link in links if link.href], cut=len(rows) > _MAX_RESULTS
        )
        return Response(page, headers={"Cache-Control": "no-store"}, media_type="text/html")

    async def ontology(self, request: Request) -> Response:
        """Return the vocabulary."""
        choice = self._choose(request, *negotiation.THING_FORMATS)
        if choice.name == "html":
            return await self._work_on(request, self._ontology_page)
        return await self._send_triples(request, choice, _triples_of, self._dataset.ontology)

    def _ontology_page(self) -> Response:
        entries = pages.vocabulary_entries(self._dataset.ontology, self._links)
        page = templates.render("ontology.html", entries=entries, title="Vocabulary")
        return Response(page, headers={"Vary": "Accept"}, media_type="text/html")

    def send(self, describe: Callable[[str], list[Triple]]) -> Callable[[Request], Awaitable[Response]]:
        """Return the handler that sends a description; ``describe`` receives the address of the server."""

        async def handle(request: Request) -> Response:
            choice = self._choose(request, *negotiation.graph_formats())
            return await self._send_triples(request, choice, describe, str(request.base_url))

        return handle

    @staticmethod
    def _choose(request: Request, *choices: negotiation.Choice) -> negotiation.Choice:
        return negotiation.choose_format(request.headers.get("accept"), request.query_params.get("format", ""), choices)

    async def _respond(
        self, request: Request, iri: str, description: Description, choice: negotiation.Choice, page: int
    ) -> Response:
        request.state.cut = "facts" if description.cut else ""
        if choice.name == "html":
            response = await self._work_on(request, self._page, iri, description, page)
        else:
            response = await self._send_triples(request, choice, _triples_of, description.triples)
        if description.cut:
            response.headers["KB-Cut"] = f"facts; limit={self._settings.integer('facts')}"
        links = [f'<{iri}>; rel="canonical"']
        links += [f'<?format={fmt.name}>; rel="alternate"; type="{fmt.media_type}"' for fmt in negotiation.THING_FORMATS]
        links += [f'<?page={page}>; rel="prev"'] if page else []
        links += [f'<?page={page + 2}>; rel="next"'] if description.cut and description.others else []
        response.headers["Link"] = ", ".join(links)
        return response

    def _page(self, iri: str, description: Description, number: int) -> Response:
        quads = [Quad(*triple, "") for triple in description.triples]
        names = {fmt.name for fmt in negotiation.THING_FORMATS}
        text = templates.render(
            "thing.html",
            page=pages.thing_page(iri, description, self._links),
            formats=[fmt for fmt in registry.FORMATS if fmt.name in names],
            jsonld="".join(registry.find("jsonld").lines(quads, self._dataset.names)),
            disclaimer=self._dataset.disclaimer,
            number=number,
        )
        return Response(text, headers={"Vary": "Accept"}, media_type="text/html")


def _triples_of(triples: list[Triple]) -> list[Triple]:
    return triples
