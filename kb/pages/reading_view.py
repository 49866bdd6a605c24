"""The reading view of a document: every sentence with its state and its facts, its words only where they ship."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from kb.pages.links import LICENCES, Link, Links
from kb.pages.page_graph import STATUS
from kb.rdf.iris import DCTERMS, KB, RDF
from kb.rdf.quads import iri_value
from kb.sparql.result_formats import plain_text
from kb.sparql.values import Row

_DISPLAYED = {f"{RDF}type", STATUS, f"{KB}standingSince"}


class SentenceView(NamedTuple):
    """A sentence: number, state in words, how many facts rest on it as a level from 0 to 4, place, digest, words, and facts."""

    link: Link
    number: str
    status: str
    reason: str
    level: int
    start: int
    end: int
    digest: str
    quote: str
    facts: list[Link]

    @property
    def length(self) -> int:
        """Its length in Unicode code points."""
        return self.end - self.start


def list_queries(document: str) -> list[str]:
    """Return the queries that the page needs."""
    own = f"?sentence oa:hasSource <{document}> ; a kb:Sentence"
    return [
        f"SELECT ?property ?value {{ <{document}> ?property ?value }} ORDER BY ?property ?value",
        f"""SELECT ?sentence ?number ?section ?title ?status ?start ?end ?digest ?quote ?reason {{
          {own} ; dcterms:identifier ?number ; kb:status ?status ; kb:sha256 ?digest .
          ?sentence oa:hasSelector ?place . ?place oa:start ?start ; oa:end ?end .
          OPTIONAL {{ ?sentence dcterms:isPartOf ?section . ?section skos:prefLabel ?title }}
          OPTIONAL {{ ?sentence oa:hasSelector/oa:exact ?quote }} OPTIONAL {{ ?sentence kb:exemption ?reason }}
        }} ORDER BY ?start ?number""",
        f"""SELECT ?sentence ?fact ?label {{ {own} .
          ?fact prov:wasDerivedFrom ?sentence ; rdfs:label ?label }} ORDER BY ?label ?fact""",
    ]


def document_page(iri: str, rows: Sequence[Sequence[Row]], links: Links, labels: Mapping[str, str]) -> dict[str, Any]:
    """Return the content of the page from the rows of its queries; ``labels`` are those of what its properties name, by IRI."""
    properties, sentences, stated = rows
    facts: dict[str | None, dict[str, Link]] = defaultdict(dict)
    for sentence, fact, label in stated:
        name = iri_value(fact or "")
        facts[sentence][name] = Link(plain_text(label), links.address(name), name)
    sections: dict[str, list[SentenceView]] = {}
    seen = set()
    for row in sentences:
        if row[0] not in seen:
            seen.add(row[0])
            sections.setdefault(plain_text(row[3]), []).append(_sentence(row, list(facts[row[0]].values()), links))
    decided = [view for views in sections.values() for view in views if view.status != "heading"]
    about: dict[str, list[Link]] = defaultdict(list)
    for property_, value in properties:
        name = iri_value(property_ or "")
        about[name].append(links.link(value or "", {**labels, **LICENCES}))
    titles = about.pop(f"{DCTERMS}title", [])
    return {
        "iri": iri,
        "title": titles[0].text if titles else iri,
        "standing": about.get(STATUS, []),
        "since": about.get(f"{KB}standingSince", []),
        "sections": list(sections.items()),
        "longest": max((view.length for view in decided), default=1),
        "counts": {status: sum(view.status == status for view in decided) for status in ("covered", "exempted", "undecided")},
        "facts": len({fact for views in facts.values() for fact in views}),
        "has_words": any(view.quote for view in decided),
        "properties": [(links.predicate_link(name, {}), values) for name, values in about.items() if name not in _DISPLAYED],
    }


def _sentence(row: Row, facts: list[Link], links: Links) -> SentenceView:
    node, number, _, _, status, start, end, digest, quote, reason = row
    words = plain_text(quote)
    level = 4 if len(facts) > 4 else 3 if len(facts) > 2 else len(facts)
    word = iri_value(status or "").removeprefix(KB)
    why = links.link(reason, {}).text if reason else ""
    link = Link(plain_text(number), links.address(iri_value(node or "")), iri_value(node or ""))
    return SentenceView(
        link, plain_text(number), word, why, level, int(plain_text(start)), int(plain_text(end)), plain_text(digest), words, facts
    )
