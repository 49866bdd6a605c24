"""What the search of a site looks up in the browser: the names of all things, and the facts that narrow a search."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

from kb.pages import search
from kb.pages.links import own_kinds
from kb.rdf.quads import iri_value
from kb.site.site_links import SiteLinks
from kb.site.site_source import SiteSource
from kb.sparql.result_formats import plain_text

_NARROWING = ("predicate", "document", "hedge")  # facets of facts, in the order of the columns of their query


def write_search(source: SiteSource) -> tuple[str, str]:
    """Write two scripts: the names (``kbIndex``), and what narrows a search (``kbFacets``), in the same order."""
    entries = _list_entries(source)
    index = f"window.kbIndex = {json.dumps([entry for _, entry in entries], ensure_ascii=False)};\n"
    facets = json.dumps(_list_facets(source, [iri for iri, _ in entries]), ensure_ascii=False, separators=(",", ":"))
    return index, f"window.kbFacets = {facets};\n"


def _list_entries(source: SiteSource) -> list[tuple[str, list[Any]]]:
    """List each thing by its IRI, with its name, address, kind, definition, CURIE, and all other names."""
    names, known = source.names, source.base.labels
    links = SiteLinks(names, {}, "")
    matches: defaultdict[str, list[str]] = defaultdict(list)
    for curie, own in known.get("match", {}).items():
        for match in own:
            matches[match.partition(" ")[2]].append(curie)
    entries = []
    query_kinds = f"SELECT ?n (MIN(?kind) AS ?first) {{ ?n a ?kind FILTER({own_kinds(names, '?kind')}) }} GROUP BY ?n"
    kinds = {row[0]: row[1] for row in source.read(query_kinds)}
    definitions = {row[0]: plain_text(row[1]) for row in source.read("SELECT ?n ?d { ?n skos:definition ?d }")}
    retired = {names.term(name): term.label for name, term in source.kb.retired.items()}
    for iri, label in {**source.labels, **retired}.items():
        if (href := links.address(iri)) and iri.startswith(names.base):
            kind, _, name = iri.removeprefix(names.base).partition("/")
            curie = names.compact(iri) or ""
            kind_label = source.labels.get(iri_value(kinds.get(f"<{iri}>") or "<>"), kind)
            others = [*known.get(kind, {}).get(name, ())[1:], *matches[curie]]
            definition = f"{'Retired. ' if iri in retired else ''}{definitions.get(f'<{iri}>', '')}"
            entries.append((iri, [label, href, kind_label, definition, curie, others]))
    return sorted(entries, key=lambda entry: entry[1])


def _list_facets(source: SiteSource, things: list[str]) -> dict[str, Any]:
    """List what narrows a search: per facet its label and the labels of its values, and per thing the values of its facts.

    Each fact of a thing is three numbers of values, so that, as on a server, one fact has all that a reader chooses.
    """
    rows = source.read(search.FACTS_OF_THINGS)
    columns = [sorted({row[place] or "" for row in rows}, key=lambda term: _label(source, term)) for place in (1, 2, 3)]
    numbers = [{term: number for number, term in enumerate(column)} for column in columns]
    facts: defaultdict[str, list[list[int]]] = defaultdict(list)
    for thing, *terms in rows:
        facts[iri_value(thing or "")].append([known[term or ""] for known, term in zip(numbers, terms, strict=True)])
    fields = [
        [search.FACETS[name][0], [_label(source, term) for term in column] if len(column) <= search.MAX_RESULTS else []]
        for name, column in zip(_NARROWING, columns, strict=True)
    ]
    return {"fields": fields, "facts": [sorted(facts.get(iri, ())) for iri in things]}


def _label(source: SiteSource, term: str) -> str:
    return source.labels.get(iri_value(term), term)
