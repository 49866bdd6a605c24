"""Search by any name, alias or identifier, narrowed by kind, predicate, document and hedge."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from kb.pages.links import Links, own_kinds
from kb.rdf.iris import DCTERMS, KB, RDFS, SKOS, XSD, Names
from kb.rdf.quads import iri_value, literal, literal_value
from kb.schema import vocabulary
from kb.sparql.parameters import Labels
from kb.sparql.result_formats import plain_text
from kb.sparql.values import Row

#: The most characters of a search, and the most things that a page lists.
MAX_WORDS, MAX_RESULTS = 200, 500
#: What narrows a search: the parameter, its label, and the pattern of facts about a thing.
FACETS = {
    "kind": ("Kind", "?thing a {value} ."),
    "predicate": ("In facts with", "?fact rdf:predicate {value} ."),
    "document": ("Stated by", "?fact prov:hadPrimarySource {value} ."),
    "hedge": ("Modality", "?fact kb:modality {value} ."),
}
_LABELS = "|".join(f"<{name}>" for name in (f"{SKOS}prefLabel", f"{SKOS}altLabel", f"{RDFS}label", f"{DCTERMS}title"))
_MATCH = """?mapping owl:annotatedSource ?thing ; owl:annotatedProperty ?relation
  BIND(REPLACE(STR(?relation), "^.*#(.*)Match$", "$1 match of ") AS ?strength) BIND(CONCAT(?strength, ?curie) AS ?label)"""
_ENDS = "{ ?fact rdf:subject ?thing } UNION { ?fact rdf:object ?thing } ?fact a kb:Fact ."

#: The query for the predicate, document and hedge of each fact of a thing.
FACTS_OF_THINGS = f"""SELECT DISTINCT ?thing ?predicate ?document ?hedge {{ {_ENDS}
  ?fact rdf:predicate ?predicate ; prov:hadPrimarySource ?document ; kb:modality ?hedge }}"""


def write_query(words: str, facets: Mapping[str, str], names: Names) -> str:
    """Return the query that finds things; ``facets`` are RDF terms by the name of the facet."""
    conditions = [f"CONTAINS(LCASE(STR(?label)), {literal(word.lower(), f'{XSD}string')})" for word in words.split()]
    label = f"?thing {_LABELS} ?label FILTER({' && '.join(conditions) or ('true' if facets else 'false')})"
    narrow = " ".join(FACETS[name][1].format(value=value) for name, value in facets.items())
    narrow = f"FILTER EXISTS {{ {_ENDS if facets.keys() - {'kind'} else ''} {narrow} }}" if narrow else ""
    curie = literal((names.compact(words) or words).lower())
    match = f"?mapping kb:curie ?curie FILTER(LCASE(?curie) = {curie}) {_MATCH}"
    return f"""SELECT ?thing ?label ?kind ?definition {{
      {{ SELECT DISTINCT ?thing ?label {{ {{ {label} }} UNION {{ {match} }} {narrow} }}
        ORDER BY STRLEN(STR(?label)) ?label ?thing LIMIT {MAX_RESULTS + 1} }}
      OPTIONAL {{ ?thing a ?kind FILTER({own_kinds(names, "?kind")}) }}
      OPTIONAL {{ ?thing skos:definition ?definition }} }} ORDER BY STRLEN(STR(?label)) ?label ?thing ?kind"""


def list_options(classes: Iterable[str], labels: Labels, links: Links) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Return the pick lists that narrow a search: parameter, label, and values with their labels."""
    own = f"{links.names.base}vocabulary/"
    kinds = [links.link(kind, {}) for kind in classes if iri_value(kind).startswith((KB, own))]
    sorts = {"predicate": links.names.predicate, "document": links.names.document, "hedge": f"{KB}{{}}".format}
    modalities = {name: (value.label,) for name, value in vocabulary.values("modality").items()}
    known = {**labels, "hedge": modalities}

    def list_values(name: str, mint: Callable[[str], str]) -> list[tuple[str, str]]:
        return sorted(((mint(key), words[0]) for key, words in known.get(name, {}).items()), key=itemgetter(1))

    return [
        ("kind", FACETS["kind"][0], sorted(((kind.title, kind.text) for kind in kinds), key=itemgetter(1))),
        *(
            (name, FACETS[name][0], list_values(name, mint))
            for name, mint in sorts.items()
            if len(known.get(name, {})) <= MAX_RESULTS
        ),
    ]


def list_results(rows: Sequence[Row], links: Links, labels: Mapping[str, str]) -> tuple[list[dict[str, Any]], bool]:
    """Return what was found, and whether there is more.

    Args:
        rows: The rows of the query of :func:`write_query`.
        links: Makes the links.
        labels: Preferred labels by IRI.

    Returns:
        Each thing once, with its label, address, IRI, kind and definition, and the other ``names`` by which it was found, by
        label and language.
    """
    found: dict[str, dict[str, Any]] = {}
    for thing, label, kind, definition in rows:
        iri, name = iri_value(thing or ""), plain_text(label)
        if not (href := links.address(iri)):
            continue
        language = literal_value(label).language if label and label.startswith('"') else ""
        own = {
            "label": labels.get(iri, name),
            "language": "",
            "href": href,
            "iri": iri,
            "curie": links.names.compact(iri) or "",
            "kind": links.link(kind, {}).text if kind else "",
            "definition": plain_text(definition),
            "names": [],
        }
        result = found.setdefault(iri, own)
        if name == result["label"]:
            result["language"] = language
        elif (other := {"label": name, "language": language}) not in result["names"]:
            result["names"].append(other)
    return list(found.values())[:MAX_RESULTS], len({row[:2] for row in map(tuple, rows)}) > MAX_RESULTS
