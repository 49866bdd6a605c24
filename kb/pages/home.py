"""The home page: what the knowledge base is, what it was made from, how complete it is, and where to go on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from kb.pages import pictures
from kb.pages.links import LICENCES, Link, Links, own_kinds
from kb.pages.page_graph import STATUS
from kb.rdf.iris import DCAT, DCTERMS, KB, OWL, Names
from kb.rdf.quads import iri_value
from kb.sparql.result_formats import plain_text
from kb.sparql.values import Row

_MAX_TERMS, _MAX_DOCUMENTS, _MAX_DRAWN = 12, 200, 20


def list_queries(names: Names) -> list[str]:
    """Return the queries that the page needs."""
    kind = f"FILTER({own_kinds(names, '?kind')})"
    term = f"?term a kb:Term, ?kind {kind} FILTER NOT EXISTS {{ ?term <{OWL}deprecated> true }}"
    facts = "{ ?fact rdf:subject ?term } UNION { ?fact rdf:object ?term } ?fact a kb:Fact ."
    return [
        f"SELECT ?property ?value {{ <{names.base}> ?property ?value }} ORDER BY ?property ?value",
        f"SELECT ?kind (COUNT(DISTINCT ?term) AS ?n) {{ {term} }} GROUP BY ?kind ORDER BY ?kind",
        f"""SELECT ?kind ?term ?label (COALESCE(?counted, 0) AS ?n) {{ {term} ?term skos:prefLabel ?label
          OPTIONAL {{ {{ SELECT ?term (COUNT(DISTINCT ?fact) AS ?counted) {{ {facts} }} GROUP BY ?term }} }}
          }} ORDER BY ?kind DESC(?n) ?label LIMIT 5000""",
        f"""SELECT ?document ?title ?standing ?status (COUNT(?sentence) AS ?n) {{ {{ SELECT ?document ?title ?standing {{
          ?document a kb:Document ; dcterms:title ?title
          OPTIONAL {{ ?document <{STATUS}> ?standing }} }} ORDER BY ?title ?document LIMIT {_MAX_DOCUMENTS} }}
          OPTIONAL {{ ?sentence oa:hasSource ?document ; a kb:Sentence ; kb:status ?status }} }}
          GROUP BY ?document ?title ?standing ?status ORDER BY ?title ?document ?status""",
        "SELECT ?document (COUNT(?fact) AS ?n) { ?fact a kb:Fact ; prov:hadPrimarySource ?document } GROUP BY ?document",
        "SELECT (COUNT(?document) AS ?n) { ?document a kb:Document }",
        """SELECT ?predicate ?label (COUNT(?fact) AS ?n) { ?fact a kb:Fact ; rdf:predicate ?predicate .
          ?predicate rdfs:label ?label } GROUP BY ?predicate ?label ORDER BY DESC(?n) ?label""",
        f"""SELECT ?kind ?predicate ?to ?label (COUNT(DISTINCT ?fact) AS ?n) {{
          ?fact a kb:Fact ; rdf:subject/a ?kind {kind}
          ?fact rdf:predicate ?predicate ; rdf:object/a ?to FILTER({own_kinds(names, "?to")})
          ?predicate rdfs:label ?label }} GROUP BY ?kind ?predicate ?to ?label
          ORDER BY DESC(?n) ?label ?kind ?to LIMIT {_MAX_DRAWN}""",
    ]


def home_page(rows: Sequence[Sequence[Row]], links: Links) -> dict[str, Any]:
    """Return the content of the page from the rows of its queries."""
    properties, kinds, terms, documents, facts, total, predicates, claims = rows
    about: dict[str, list[str]] = defaultdict(list)
    for name, value in properties:
        about[iri_value(name or "")].append(value or "")

    def text(name: str) -> str:
        return next((plain_text(value) for value in about[name]), "")

    counts = {name: int(text(f"{KB}{name}") or 0) for name in ("facts", "terms", "sentences", "decidedSentences")}
    return {
        "title": text(f"{DCTERMS}title"),
        "definition": [plain_text(value) for value in about[f"{DCTERMS}description"]],
        "version": text(f"{DCAT}version"),
        "license": [links.link(value, LICENCES) for value in about[f"{DCTERMS}license"]],
        "disclaimer": text(f"{KB}disclaimer"),
        "counts": counts,
        "share": percent(counts["decidedSentences"], counts["sentences"]),
        "kinds": sorted((_kind(kind or "", plain_text(n), terms, links) for kind, n in kinds), key=lambda kind: -kind["facts"]),
        "predicates": [(_label(node, label, links), plain_text(n)) for node, label, n in predicates],
        "documents": _list_documents(documents, {node: plain_text(n) for node, n in facts}, links),
        "overview": _draw_overview(claims, links),
        "more_documents": int(plain_text(total[0][0])) - _MAX_DOCUMENTS,
    }


def _kind(kind: str, number: str, terms: Sequence[Row], links: Links) -> dict[str, Any]:
    """Return a kind of terms with those of its terms that most facts name."""
    own = [(_label(term, label, links), plain_text(n)) for its_kind, term, label, n in terms if its_kind == kind]
    name = iri_value(kind).removeprefix(KB).removeprefix(f"{links.names.base}vocabulary/")
    facts = sum(int(n) for _, n in own)
    return {"kind": links.link(kind, {}), "name": name, "number": number, "facts": facts, "terms": own[:_MAX_TERMS], "all": own}


def percent(part: int, whole: int) -> int:
    """Return a share in whole percent, which is 100 only for all."""
    return 100 * part // whole if whole else 100


def _draw_overview(claims: Sequence[Row], links: Links) -> Markup | None:
    """Draw which kinds of terms the most frequent predicates connect: subjects on the left, objects on the right."""
    edges = []
    for place, (kind, _, to, label, number) in enumerate(sorted(claims, key=lambda claim: str(claim[0])), 1):
        source, target = links.link(kind or "", {}), links.link(to or "", {})
        target = target._replace(title=f"{target.title}{place * chr(0)}")
        edges.append(pictures.Edge(source, target, f"{plain_text(label)} ({plain_text(number)})"))
    return pictures.draw_graph(edges, "Kinds of terms and the relations between them") if edges else None


def _list_documents(rows: Sequence[Row], facts: dict[str | None, str], links: Links) -> list[dict[str, Any]]:
    documents: dict[str, dict[str, Any]] = {}
    for node, title, standing, status, number in rows:
        name = iri_value(node or "")
        link, told = Link(plain_text(title), links.address(name), name), links.link(standing, {}).text if standing else ""
        entry = documents.setdefault(name, {"link": link, "standing": told, "facts": facts.get(node, "0"), "statuses": {}})
        if status:
            entry["statuses"][iri_value(status).removeprefix(KB)] = int(plain_text(number))
    for entry in documents.values():
        own = {status: number for status, number in entry["statuses"].items() if status != "heading"}
        entry["sentences"] = sum(own.values())
        entry["share"] = percent(entry["sentences"] - own.get("undecided", 0), entry["sentences"])
    return list(documents.values())


def _label(node: str | None, label: str | None, links: Links) -> Link:
    return links.link(node or "", {iri_value(node or ""): plain_text(label)})
