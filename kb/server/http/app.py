"""The application: which address is answered by what."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import time
from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import version
from typing import Any, NamedTuple
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from kb.formats import registry
from kb.problems import KbError, Place, Problem, fail, quote
from kb.rdf.iris import DCTERMS, RDFS, SKOS, XSD, is_valid
from kb.rdf.quads import Quad, iri_value, literal, literal_value
from kb.server import service_description
from kb.server.http import errors, negotiation, pages, protocol, responses, templates
from kb.server.http.access_log import Log
from kb.server.http.middleware import Door
from kb.server.http.rate_limit import Rate
from kb.server.http.response_cache import Kept
from kb.server.http.worker import Holder, Reply
from kb.server.processes import describe
from kb.server.processes.messages import HTML, Asked, Said
from kb.server.served_dataset import About
from kb.server.settings import LOOPBACK, Settings
from kb.sparql import guard, syntax
from kb.sparql.values import Graphs

_CHANCE = re.compile(r"\b(?:rand|now|uuid|struuid|bnode)\b", re.IGNORECASE)
_VERSION = version("linked-kb")
_FOUND, _LONGEST_SEARCH = 50, 200  # things, and characters
_LABELS = "|".join(f"<{each}>" for each in (f"{SKOS}prefLabel", f"{SKOS}altLabel", f"{RDFS}label", f"{DCTERMS}title"))
_THINGS = (*negotiation.THINGS, negotiation.Choice("jsonld", "application/json"))
# Formats of which a part looks like the whole: it is given only to those who say that they know.
_SAYS_NOTHING = {"csv": "CSV", "tsv": "TSV", "jsonld": "JSON-LD"}
_INSTEAD = "Ask with LIMIT and OFFSET, or in another format; or take a part with 'Prefer: handling=lenient' or cut=allow."
_EXAMINED = 256  # queries of which is remembered what they are
_EXPOSED = ("ETag", "KB-Cut", "Content-Location", "Link", "Retry-After")
_READING = ("GET", "HEAD", "OPTIONS")


class Examined(NamedTuple):
    """What is known of a query before it is asked.

    Args:
        refused: Why it is not.
        form: The form of its answer.
        dataset: The dataset that it describes, if it does.
        about: Whether it is about the service.
        chance: Whether it uses chance or the clock, so that its answer is another each time.
    """

    refused: tuple[Problem, ...]
    form: negotiation.Form = "select"
    dataset: Graphs | None = None
    about: bool = False
    chance: bool = False


class App:
    """Answers requests.

    Args:
        holder: Where answers come from.
        about: What is known of the dataset beforehand.
        settings: The limits.
        rate: How often each client may ask.
    """

    def __init__(self, holder: Holder, about: About, settings: Settings, rate: Rate) -> None:
        self.holder, self.about, self.settings = holder, about, settings
        self.kept = Kept(settings.whole("kept"))
        self.links = pages.Links(about.names, settings.base, about.labels)
        self._rate = rate
        self._examine = lru_cache(_EXAMINED)(self._examined)
        self._limits = json.dumps([settings.limits, _VERSION, about.digest], sort_keys=True)

    async def sparql(self, request: Request) -> Response:
        """Answer a query, describe the service, or show the query page (SPARQL 1.1 Protocol, section 2.1)."""
        if request.method == "OPTIONS":
            return responses.options("GET, HEAD, POST, OPTIONS")
        wanted = await protocol.read(request, self.settings)
        if wanted.query is None:
            if request.method == "POST":
                raise fail("KB622", "There is no query in the request.", "Send one as 'query'.", "<request>")
            return self._service(request, wanted.format)
        return await self._query(request, wanted.query, wanted.dataset, wanted.format, lenient=wanted.lenient)

    async def _query(self, request: Request, text: str, dataset: Any, name: str, *, lenient: bool = False) -> Response:
        request.state.query = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        examined = self._examine(text)
        if examined.refused:
            raise KbError(examined.refused)
        choice = negotiation.choose(examined.form, request.headers.get("accept"), name)
        self._count(request)
        dataset = dataset or examined.dataset
        packed = negotiation.wants_gzip(request.headers.get("accept-encoding"))
        tag = "" if examined.chance else self._tag("query", text, str(dataset), choice.media_type, str(packed))
        if tag and request.method != "POST" and responses.known(request, tag):
            return Response(status_code=304, headers=responses.caching(tag))
        kept = self.kept.get(tag)
        if kept:
            _note(request, kept[0], "kept")
            reply = Reply(*kept)
        else:
            reply = await self._ask(request, Asked("about" if examined.about else "query", text, choice.name, packed, dataset))
            if tag and self.kept.takes(reply.said):
                self.kept.put(tag, reply.said, reply.whole())
        if reply.said.cut and choice.name in _SAYS_NOTHING and not lenient:
            cut = f"{reply.said.limit:,} {reply.said.cut}"
            message = f"There is more than the {cut} that this server gives, and {_SAYS_NOTHING[choice.name]} cannot say so."
            raise fail("KB624", message, _INSTEAD, "<request>")
        if choice.name == HTML:
            return self._table(reply, text, f"{request.base_url}sparql")
        return responses.send(reply, choice.media_type, "" if request.method == "POST" else tag)

    def _examined(self, text: str) -> Examined:
        about, limit = self.about, self.settings.whole
        bounds = {"max_length": limit("query_length"), "max_depth": limit("query_depth")}
        refused = tuple(guard.check(text, about.graphs, about.names.prefixes, about.names.base, **bounds))
        if refused:
            return Examined(refused)
        form, chance = negotiation.form_of(syntax.form(text)), _CHANCE.search(text) is not None
        dataset = guard.read_dataset(text, about.names.prefixes, about.names.base)
        return Examined((), form, dataset, about=service_description.is_asked(text), chance=chance)

    def _count(self, request: Request) -> None:
        """Count a question of a client, answered from memory or not.

        Raises:
            KbError: The client asks too often (KB628).
        """
        client = responses.client(request)
        exempt = client in LOOPBACK and not self.settings.rate_all
        if not exempt and not self._rate.allows(client, time.monotonic()):
            raise fail("KB628", "You ask more often than this server allows.", "Wait a little between queries.", "<request>")

    async def _ask(self, request: Request, asked: Asked) -> Reply:
        """Ask the holder, unless the client leaves before it answers.

        Raises:
            KbError: There is a problem instead of an answer.
        """
        asking = asyncio.ensure_future(self.holder.ask(responses.client(request), asked))
        leaving = asyncio.ensure_future(_left(request))
        try:
            await asyncio.wait({asking, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not asking.done():
                asking.cancel()
                await asyncio.wait({asking})
                raise fail("KB631", "The client has gone.", "Stay.", "<request>")
        finally:
            leaving.cancel()
        reply = asking.result()
        _note(request, reply.said)
        if reply.said.problem:
            code, message, remedy, line, column = reply.said.problem
            raise KbError([Problem(Place("<query>", line, column), code, message, remedy)])
        return reply

    def _table(self, reply: Reply, text: str, endpoint: str) -> Response:
        """Show an answer as a page."""
        form, variables, rows, truth, total = json.loads(reply.whole())
        shown = [[self.links.link(term, {}) if term else pages.Link("") for term in row] for row in rows]
        columns = variables if form == "select" else ["subject", "predicate", "object"]
        answer = {"form": form, "variables": columns, "rows": shown, "truth": truth, "total": total}
        return self._query_page(text, {**answer, "cut": reply.said.cut, "limit": reply.said.limit}, endpoint)

    def _query_page(self, text: str, answer: Mapping[str, Any] | None, endpoint: str) -> Response:
        yasgui = templates.has_yasgui()
        page = templates.render(
            "sparql.html",
            title=self.about.title,
            yasgui=yasgui,
            answer=answer,
            query=text,
            examples=self.about.examples,
            about={
                "endpoint": endpoint,
                "query": text,
                "given": text != self.about.start,
                "prefixes": self.about.names.prefixes,
                "classes": [iri_value(each) for each in self.about.counts.classes],
                "properties": [iri_value(each) for each in self.about.counts.properties],
            },
        )
        return Response(page, headers=self._page_headers(yasgui), media_type="text/html")

    @staticmethod
    def _page_headers(yasgui: bool) -> dict[str, str]:  # noqa: FBT001 - said by its name
        from kb.server.http.middleware import POLICY

        policy = POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'") if yasgui else POLICY
        return {"Content-Security-Policy": policy, "Vary": "Accept"}

    def _service(self, request: Request, name: str) -> Response:
        """Describe the service (SPARQL 1.1 Service Description), or show the query page to a browser."""
        choice = responses.choose(
            request.headers.get("accept"), name, (*responses.graph_formats(), negotiation.Choice("html", "text/html"))
        )
        if choice.name == "html":
            return self._query_page(self.about.start, None, f"{request.base_url}sparql")
        return self._write(request, self.about.service(str(request.base_url)), choice)

    def _write(self, request: Request, triples: list[tuple[str, str, str]], choice: negotiation.Choice) -> Response:
        """Send triples in a format."""
        tag = self._tag("triples", str(request.url), choice.media_type)
        if responses.known(request, tag):
            return Response(status_code=304, headers=responses.caching(tag))
        quads = [Quad(*triple, "") for triple in triples]
        body = "".join(registry.find(choice.name).lines(quads, self.about.names))
        return Response(body, headers=responses.caching(tag), media_type=choice.media_type)

    def _tag(self, *parts: str | None) -> str:
        """Give a weak entity tag: the same dataset, question and limits give the same answer (RFC 9110, section 8.8.3)."""
        digest = hashlib.sha256(json.dumps([self._limits, *parts]).encode("ascii")).hexdigest()
        return f'W/"{digest[:24]}"'

    async def void(self, request: Request) -> Response:
        """Describe the dataset (VoID, section 7.2)."""
        choice = responses.choose(
            request.headers.get("accept"), request.query_params.get("format", ""), responses.graph_formats()
        )
        return self._write(request, self.about.dataset(str(request.base_url)), choice)

    async def examples(self, request: Request) -> Response:
        """Give the named questions in the form that editors offer."""
        choice = responses.choose(
            request.headers.get("accept"), request.query_params.get("format", ""), responses.graph_formats()
        )
        return self._write(request, self.about.questions(str(request.base_url)), choice)

    async def store(self, request: Request) -> Response:
        """Give a graph whole (SPARQL 1.1 Graph Store HTTP Protocol, section 5.2)."""
        if request.method == "OPTIONS":
            return responses.options()
        named = request.query_params.getlist("graph")
        default = "default" in request.query_params
        if len(named) + default != 1:
            raise fail("KB622", "The request names no graph, or several.", "Ask for ?default or ?graph=IRI.", "<request>")
        if named and named[0] not in self.about.graphs:
            raise fail("KB629", f"There is no graph {quote(named[0])}.", "The service description lists the graphs.", "<request>")
        text = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
        dataset = None if default else ((named[0],), ())
        name, lenient = request.query_params.get("format", ""), protocol.is_lenient(request)
        return await self._query(request, text, dataset, name, lenient=lenient)

    async def health(self, request: Request) -> Response:
        """Tell whether the server serves."""
        about = {"status": "ok", "dataset": self.about.title, "version": _VERSION, "content": self.about.digest}
        return JSONResponse(about, headers={"Cache-Control": "no-store"}) if request.method != "OPTIONS" else responses.options()

    async def thing(self, request: Request) -> Response:
        """Answer for an IRI of ours: a page, or triples."""
        if request.method == "OPTIONS":
            return responses.options()
        raw = request.scope["raw_path"].decode("ascii", "replace")[1:]
        choice = responses.choose(request.headers.get("accept"), request.query_params.get("format", ""), _THINGS)
        page = responses.page(request)
        for iri in dict.fromkeys(self.settings.base + each for each in (raw, unquote(raw), raw.rstrip("/") or raw)):
            if is_valid(iri):
                self._count(request)
                found = await self._find(request, iri, page)
                if found.own or found.others:
                    return self._show(request, iri, found, choice, page)
        raise fail(
            "KB629",
            f"Nothing is known of {quote(self.settings.base + raw)}.",
            "Search for words of its label, or begin at the overview.",
            "<request>",
        )

    async def search(self, request: Request) -> Response:
        """Show the things whose labels hold some words, the shortest labels first."""
        if request.method == "OPTIONS":
            return responses.options()
        words = request.query_params.get("q", "")[:_LONGEST_SEARCH].strip()
        self._count(request)
        conditions = " && ".join(
            f"CONTAINS(LCASE(STR(?label)), {literal(each.lower(), f'{XSD}string')})" for each in words.split()
        )
        text = f"SELECT DISTINCT ?thing ?label {{ ?thing {_LABELS} ?label FILTER({conditions or 'false'}) }}"
        text += f" ORDER BY STRLEN(STR(?label)) ?label ?thing LIMIT {_FOUND + 1}"
        reply = await self._ask(request, Asked("query", text, HTML))
        rows = json.loads(reply.whole())[2]
        found = [self.links.link(thing, {iri_value(thing): literal_value(label).value}) for thing, label in rows[:_FOUND]]
        page = templates.render("search.html", words=words, found=[each for each in found if each.href], cut=len(rows) > _FOUND)
        return Response(page, headers={"Cache-Control": "no-store"}, media_type="text/html")

    async def ontology(self, request: Request) -> Response:
        """Answer for the vocabulary."""
        if request.method == "OPTIONS":
            return responses.options()
        choice = responses.choose(request.headers.get("accept"), request.query_params.get("format", ""), negotiation.THINGS)
        if choice.name == "html":
            page = templates.render("ontology.html", words=self.about.words(self.links), title="Vocabulary")
            return Response(page, headers={"Vary": "Accept"}, media_type="text/html")
        return self._write(request, self.about.ontology, choice)

    async def _find(self, request: Request, iri: str, page: int) -> describe.Found:
        reply = await self._ask(request, Asked("thing", iri, page=page))
        own, others, labels, cut = json.loads(reply.whole())
        return describe.Found(
            [tuple(each) for each in own], [(each, [tuple(one) for one in some]) for each, some in others], labels, cut
        )

    def _show(self, request: Request, iri: str, found: describe.Found, choice: negotiation.Choice, page: int) -> Response:
        request.state.cut = "facts" if found.cut else ""
        if choice.name != "html":
            response = self._write(request, found.triples, choice)
        else:
            quads = [Quad(*triple, "") for triple in found.triples]
            shown = templates.render(
                "thing.html",
                page=pages.page(iri, found, self.links),
                formats=[each for each in registry.FORMATS if each.name in {one.name for one in negotiation.THINGS}],
                jsonld="".join(registry.find("jsonld").lines(quads, self.about.names)),
                disclaimer=self.about.disclaimer,
                number=page,
            )
            response = Response(shown, headers={"Vary": "Accept"}, media_type="text/html")
        if found.cut:
            response.headers["KB-Cut"] = f"facts; limit={self.settings.whole('facts')}"
        links = [f'<{iri}>; rel="canonical"']
        links += [f'<?format={each.name}>; rel="alternate"; type="{each.media_type}"' for each in negotiation.THINGS]
        links += [f'<?page={page + step + 1}>; rel="{way}"' for way, step in responses.steps(found, page)]
        response.headers["Link"] = ", ".join(links)
        return response


def make(holder: Holder, about: About, settings: Settings, rate: Rate, log: Log) -> ASGIApp:
    """Put the application together."""
    app = App(holder, about, settings, rate)
    fixed = {
        "/sparql": app.sparql,
        "/store": app.store,
        "/health": app.health,
        "/.well-known/void": app.void,
        "/.well-known/sparql-examples": app.examples,
        "/ontology": app.ontology,
        "/search": app.search,
    }
    routes = [
        *(
            Route(path + slash, answer, methods=[*_READING, *(["POST"] if path == "/sparql" else [])])
            for path, answer in fixed.items()
            for slash in ("", "/")
        ),
        Mount("/static", StaticFiles(directory=templates.STATIC)),
        Route("/{path:path}", app.thing, methods=list(_READING)),
    ]
    handlers: Any = {KbError: _problem, HTTPException: _http}
    inner: ASGIApp = Starlette(routes=routes, exception_handlers=handlers)
    if settings.origins:
        inner = CORSMiddleware(
            inner,
            allow_origins=settings.origins,
            allow_methods=("GET", "HEAD", "POST", "OPTIONS"),
            allow_headers=("*",),
            expose_headers=_EXPOSED,
        )
    return Door(inner, settings, log)


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, KbError)  # noqa: S101 - registered for it alone
    return errors.respond(error.problems[0], request)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it alone
    headers = error.headers or {}
    if error.status_code == 405:
        allowed = headers.get("Allow", "")
        problem = Problem(
            Place("<request>"), "KB623", f"{request.method} is not allowed here; this server reads.", f"Use {allowed}."
        )
    else:
        path = quote(request.url.path)
        problem = Problem(Place("<request>"), "KB629", f"There is nothing at {path}.", "Begin at the overview, at /.")
    return errors.respond(problem, request, headers)


def _note(request: Request, said: Said, outcome: str = "") -> None:
    """Note for the log what is said."""
    state = request.state
    state.form, state.rows, state.cut, state.outcome = said.form, said.rows, said.cut, outcome


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
