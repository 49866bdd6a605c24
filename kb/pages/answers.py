"""An answer to a query as a page shows it: rows with links, the facts that they rest on, and pictures of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from kb.pages import pictures
from kb.pages.links import Link, Links, fact_of, fill
from kb.rdf.quads import iri_value, is_iri
from kb.sparql.library import Query

_FACT = "/fact/"


def answer_view(body: bytes, links: Links, labels: Mapping[str, str], query: Query | None = None, **marks: Any) -> dict[str, Any]:
    """Return the content of the answer that a template shows.

    Args:
        body: The answer as JSON: form, variables, rows, truth, number of rows, the facts that each rests on, what is unknown,
            and the words of the facts that rows name.
        links: Makes the links.
        labels: The labels of things, by IRI.
        query: The named question, of which only the promised columns are shown.
        marks: What cut the answer (``cut``), at which ``limit``, and the ``reasons`` why it is empty.
    """
    form, variables, rows, truth, total, support, unknown, facts = json.loads(body)
    names = variables if form == "select" else ["subject", "predicate", "object"]
    shown = [name for name in (query.columns if query else names) if name in names] if form == "select" else names
    labels = {**labels, **facts}
    cells = [_link_row(dict(zip(names, row, strict=True)), shown, links, labels, query) for row in rows]
    return {
        "form": form,
        "variables": shown,
        "headings": [name.replace("_", " ") if query else name for name in shown],
        "rows": cells,
        "evidence": _list_facts(rows, cells, links) if query and form == "select" else [],
        "filters": [_filters(dict(zip(names, row, strict=True)), query) for row in rows],
        "truth": truth,
        "total": total,
        "support": [[_support(fact, links) for fact in facts] for facts in support],
        "unknown": unknown,
        "pictures": _draw_triples(rows, links, labels) if form == "graph" else _draw_bars(shown, cells),
        "cut": "",
        "limit": 0,
        **marks,
        "reasons": [_link_reason(text, links, query) for text in marks.get("reasons", ())],
    }


def _link_reason(text: str, links: Links, query: Query | None) -> Markup:
    """Return a reason in which questions, and values that a reader is to try, are links instead of words to type."""

    def link(found: re.Match[str]) -> Markup:
        question, name, value = found.groups()
        if question:
            return fill('<a href="{}">{}</a>', links.page(f"ask/{question}"), question.replace("-", " "))
        if query and name in query.parameters and links.has_server:
            return fill('<a href="?{}={}">{}</a>', name, value, value)
        return fill("{}", found[0])

    parts, last = [], 0
    for found in re.finditer(r"'kb query ([\w-]+)'|(?<=Try )(\w+)=([\w-]+)", text):
        parts += [fill("{}", text[last : found.start()]), link(found)]
        last = found.end()
    return Markup("").join([*parts, fill("{}", text[last:])])


def _link_row(
    row: Mapping[str, str | None], shown: Sequence[str], links: Links, labels: Mapping[str, str], query: Query | None
) -> list[Link]:
    """Return the cells of a row; a label leads to the thing whose IRI stands in another column, or in a fact of the row."""
    cells, parts = [], _name_parts(row, links, labels) if query else {}
    for name in shown:
        term = row[name]
        link = links.link(term, labels) if term else Link("")
        parameter = query.parameters.get(name) if query else None
        node = row.get(parameter.variable if parameter else f"{name}_term") or row.get(f"{name}_node")
        if not link.href and node and is_iri(node) and query:
            link = link._replace(href=links.address(iri_value(node)))
        elif link.text in parts and not link.href:
            link = Link(link.text, links.address(parts[link.text]), parts[link.text])
        cells.append(link)
    return cells


def _name_parts(row: Mapping[str, str | None], links: Links, labels: Mapping[str, str]) -> dict[str, str]:
    """Return the things that the facts of a row consist of, by label: document, predicate, and terms, which their IRIs name."""
    names, iris = links.names, list[str]()
    for fact in _facts_of(row.values()):
        document, subject, predicate, *others = iri_value(fact).partition(_FACT)[2].split("/")
        iris += [names.document(document), names.predicate(predicate), *map(names.term, (subject, others[0], *others[2::2]))]
    return {labels[iri]: iri for iri in iris if iri in labels}


def _list_facts(rows: Sequence[Sequence[str | None]], cells: Sequence[Sequence[Link]], links: Links) -> list[list[Link]]:
    """Return the links to the facts of each row, numbered if it has several; nothing if cells show them already."""
    known = [list(map(iri_value, _facts_of(row))) for row in rows]
    facts = [
        [Link(f"fact {number}" if len(own) > 1 else "fact", links.address(fact), fact) for number, fact in enumerate(own, 1)]
        for own in known
    ]
    shown = [{cell.href for cell in row} for row in cells]
    return facts if any(fact.href not in own for row, own in zip(facts, shown, strict=True) for fact in row) else []


def _facts_of(row: Iterable[str | None]) -> list[str]:
    terms = (term for term in row if term and is_iri(term) and _FACT in term)
    return list(dict.fromkeys(f"<{fact_of(iri_value(term))}>" for term in terms))


def _filters(row: Mapping[str, str | None], query: Query | None) -> list[tuple[str, str]]:
    """Return the values of the parameters of a named question in a row, by which a page without a server filters."""
    values = ((name, row.get(parameter.variable)) for name, parameter in query.parameters.items()) if query else ()
    return [(name, re.split("[/#]", iri_value(term))[-1]) for name, term in values if term and is_iri(term)]


def _support(fact: Sequence[Any], links: Links) -> dict[str, Any]:
    """Return a fact that a row rests on (:class:`kb.queries.fact_reader.SupportingFact`)."""
    node, says, document, sentences, quotes, *_ = fact
    own = fact_of(iri_value(node)).partition("/fact/")[2].partition("/")[0]
    places = [Link(number, links.address(f"{links.names.document(own)}/{number}")) for number in sentences]
    return {"claim": Link(says, links.address(iri_value(node))), "document": document, "sentences": places, "quotes": quotes}


def _draw_triples(rows: Sequence[Sequence[str]], links: Links, labels: Mapping[str, str]) -> list[tuple[str, Any]]:
    """Draw triples as a graph."""
    edges = [
        pictures.Edge(links.link(s, labels), links.link(o, labels), links.predicate_link(iri_value(p), labels).text)
        for s, p, o in rows[: pictures.MAX_EDGES]
    ]
    return [("As a graph", pictures.draw_graph(edges))] if edges else []


def _draw_bars(names: Sequence[str], rows: Sequence[Sequence[Link]]) -> list[tuple[str, Any]]:
    """Draw each column of numbers as bars, with its name, since bars of denials and of claims look alike."""
    counted = pictures.find_bars(names, [[link.text for link in row] for row in rows])
    return [(f"As bars: {name.replace('_', ' ')}", pictures.draw_bars(bars, name)) for name, bars in counted]
