"""The page of one thing as plain values: a term, predicate, document, sentence, fact, mapping or word; and of the vocabulary."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any, NamedTuple

from markupsafe import Markup

from kb.formats import registry
from kb.pages import pictures, vocabulary_names
from kb.pages.links import Link, Links, fact_of, local_words
from kb.pages.page_graph import FACT_PARTS, NOTES, Description, FactView, PageGraph, Triple
from kb.rdf.iris import DCTERMS, KB, OA, OWL, RDF, RDFS, SH, SKOS, SSSOM, Names
from kb.rdf.ontology import RANGE
from kb.rdf.quads import Quad, iri_value

_LABELS = (f"{SKOS}prefLabel", f"{RDFS}label")
_TITLES = (*_LABELS, f"{DCTERMS}title", f"{DCTERMS}identifier")
_DEFINITIONS = (f"{SKOS}definition", f"{DCTERMS}description", f"{RDFS}comment")
_STRENGTHS = ("exact", "close", "broad", "narrow", "related")
_MATCHES = [*(f"{SKOS}{strength}Match" for strength in _STRENGTHS), f"{OWL}sameAs"]
_DRAWN = 14  # facts in the picture of a thing
_ENDS = (f"{RDF}subject", f"{RDF}object")
# What the page of a word that a knowledge base declares itself calls classes and properties of RDF, RDFS and SKOS.
_WORD_LABELS = {
    f"{RDFS}Class": "kind of term",
    f"{RDF}Property": "qualifier",
    f"{SKOS}ConceptScheme": "list of values",
    f"{SKOS}Concept": "value",
    f"{RDFS}subClassOf": "is a kind of",
    f"{RDFS}seeAlso": "list of its values",
    f"{SKOS}inScheme": "list",
    f"{DCTERMS}identifier": "name in records",
    RANGE: "takes",
}
# The same of properties by which other things point to a thing, seen from their side.
_INCOMING_LABELS = {
    f"{RDF}type": "things of this kind",
    f"{RDFS}subClassOf": "kinds of it",
    f"{RDFS}seeAlso": "qualifier with these values",
    f"{SKOS}inScheme": "its values",
    f"{KB}qualifier": "relations that take it",
    f"{KB}subjectKind": "relations with it as subject",
    f"{KB}objectKind": "relations with it as object",
    f"{KB}supports": "facts with evidence for it",
    f"{KB}disputes": "facts with evidence against it",
    RANGE: "qualifiers that take it",
}


class Match(NamedTuple):
    """An identifier of another vocabulary for the same thing, or for one that is close to it.

    Args:
        strength: How close it is: ``exact``, ``close``, ``broader``, ``narrower`` or ``related``.
        vocabulary: The name of the vocabulary.
        identifier: The identifier as a CURIE, with its address.
        label: The label there, if it is known.
    """

    strength: str
    vocabulary: str
    identifier: Link
    label: str


def thing_page(iri: str, description: Description, links: Links) -> dict[str, Any]:
    """Return the content of the page of a thing, by the names that its template uses."""
    is_word = iri.startswith(f"{links.names.base}vocabulary/")
    labels = {**description.labels, **(_WORD_LABELS if is_word else {})}
    graph = PageGraph(dict.fromkeys([*description.triples, *description.context]), links, labels)
    node = f"<{iri}>"
    facts = [subject for subject, _ in description.others if graph.is_a(f"<{subject}>", f"{KB}Fact")]
    own_facts = [fact for fact in facts if node in graph.objects(f"<{fact}>", f"{RDF}subject")]
    # Facts say what plain triples say, with the sentences; of a thing with many facts, some stand on the next page.
    displayed = {name for name in graph.predicates(node) if name.startswith(links.names.predicate(""))}
    displayed |= {
        *_TITLES[:3],
        *_DEFINITIONS,
        *_MATCHES,
        f"{RDF}type",
        f"{OWL}deprecated",
        f"{DCTERMS}isReplacedBy",
        f"{SKOS}altLabel",
        f"{SH}order",
    }
    statement = graph.fact(node) if graph.is_a(node, f"{KB}Fact") else None
    titles, kinds = _titles(node, graph), graph.terms(node, f"{RDF}type")
    if statement:
        displayed |= FACT_PARTS | NOTES | set(graph.qualifiers(node))
    if place := _find_place(node, graph):
        displayed |= {f"{OA}hasSelector", f"{OA}hasSource", f"{DCTERMS}identifier", f"{KB}number", f"{KB}sha256"}
    views = {fact: graph.fact(f"<{fact}>") for fact in facts}
    return {
        "iri": iri,
        "title": titles[0] if titles else labels.get(iri) or links.names.relative(iri) or iri,
        "kinds": [kind for kind in kinds if kind.title.startswith((KB, f"{links.names.base}vocabulary/"))] or kinds,
        "is_retired": f"{OWL}deprecated" in graph.predicates(node),
        "successors": graph.terms(node, f"{DCTERMS}isReplacedBy"),
        "definition": list(dict.fromkeys(graph.literals(node, _DEFINITIONS))),
        "aliases": graph.literals(node, (f"{SKOS}altLabel",)),
        "words": graph.words(graph.objects(node, f"{OA}hasSelector")),
        "place": place,
        "language": next((title.language for title in graph.literals(node, _LABELS)), ""),
        "role": "sentence" if place else "predicate" if graph.is_a(node, f"{KB}Predicate") else "",
        "names": [] if statement else graph.literals(node, _LABELS)[1:],
        "properties": graph.properties(node, [name for name in graph.predicates(node) if name not in displayed]),
        "matches": _list_matches(node, graph, links),
        "statement": statement,
        "subject_of": group_by_predicate(views[fact] for fact in own_facts),
        "named_in": group_by_predicate(views[fact] for fact in facts if fact not in own_facts),
        "related": _list_related(node, facts, graph),
        "facts": list(views.values()),
        "drawn": min(_DRAWN, len(views)),
        "chains": [graph.fact(f"<{fact}>") for fact in description.chains] if set(description.chains) - set(facts) else [],
        "others": _group_incoming(description, set(facts), graph, links),
        "cut": description.cut,
    }


def _find_place(node: str, graph: PageGraph) -> dict[str, Any]:
    """Return where a sentence stands: its document, where it starts and ends, and its digest; nothing for other things."""
    if not graph.is_a(node, f"{KB}Sentence"):
        return {}
    selectors = graph.objects(node, f"{OA}hasSelector")
    start, end = (
        "".join(text for part in selectors for text in graph.texts(part, (f"{OA}{name}",))) for name in ("start", "end")
    )
    digest = "".join(graph.texts(node, (f"{KB}sha256",)))
    return {"document": graph.terms(node, f"{OA}hasSource"), "start": start, "end": end, "digest": digest}


def _titles(node: str, graph: PageGraph) -> list[str]:
    """List the titles of a thing, the best first; a sentence is titled by its document, too, and a list by what it is."""
    titles = graph.texts(node, _TITLES)
    if graph.is_a(node, f"{SKOS}ConceptScheme"):
        return [f"{title}: values" for title in titles]
    documents = graph.terms(node, f"{OA}hasSource") if graph.is_a(node, f"{KB}Sentence") else []
    return [f"Sentence {title} of {document.text}" for title in titles for document in documents] or titles


def group_by_predicate(facts: Iterable[FactView]) -> list[tuple[Link, list[FactView]]]:
    """Group facts by their predicate, in the order of labels."""
    ordered = sorted(facts, key=lambda fact: (fact.predicate.text, fact.subject.text, fact.object.text, fact.fact.title))
    return [(predicate, list(group)) for predicate, group in groupby(ordered, key=lambda fact: fact.predicate)]


def _list_matches(node: str, graph: PageGraph, links: Links) -> list[Match]:
    """List the identifiers of a thing in other vocabularies, the exact ones first."""
    words = {"broad": "broader", "narrow": "narrower", "same": "exact"}
    matches = []
    for name in _MATCHES:
        for target in graph.terms(node, name):
            curie = links.names.compact(target.title) or target.title
            strength = local_words(name).split()[0]
            label = "" if target.text == curie else target.text
            identifier = Link(curie, target.href, target.title)
            matches.append(Match(words.get(strength, strength), vocabulary_names.name_of(curie), identifier, label))
    return matches


def _list_related(node: str, facts: Iterable[str], graph: PageGraph) -> list[Link]:
    """List the terms that facts on the page connect with a thing."""
    ends = [end for fact in facts for part in _ENDS for end in graph.terms(f"<{fact}>", part)]
    terms = {end.title: end for end in ends if end.href and "/term/" in end.title and f"<{end.title}>" != node}
    return sorted(terms.values(), key=lambda link: link.text.casefold())


def _group_incoming(description: Description, facts: set[str], graph: PageGraph, links: Links) -> list[tuple[Link, list[Link]]]:
    """Return what points to a thing, by predicate, without facts, mappings and verifications, which the page shows elsewhere."""
    stated = {term for fact in facts for term in graph.objects(f"<{fact}>", f"{RDF}predicate")} | {f"<{KB}verifies>"}
    subjects: dict[str, list[Link]] = {}
    for subject, triples in description.others:
        if fact_of(subject) not in facts and not graph.is_a(f"<{subject}>", f"{SSSOM}Mapping"):
            for name in dict.fromkeys(predicate for _, predicate, _ in triples if predicate not in stated):
                said = description.labels.get(subject) or description.labels.get(fact_of(subject), "")
                subjects.setdefault(name, []).append(links.link(f"<{subject}>", {subject: said}))
    labels = {**description.labels, **_INCOMING_LABELS}
    return [
        (links.predicate_link(iri_value(name), labels), list({target[:2]: target for target in targets}.values()))
        for name, targets in subjects.items()
    ]


def is_document(iri: str, description: Description) -> bool:
    """Check whether a thing is a document."""
    return (f"<{iri}>", f"<{RDF}type>", f"<{KB}Document>") in description.own


def draw(page: Mapping[str, Any]) -> list[Markup]:
    """Draw the neighbourhood of a thing and the chains through it, or a fact with its sentences."""
    if fact := page["statement"]:
        edges = [pictures.fact_edge(fact), *pictures.evidence_edges(fact)]
        return [pictures.draw_graph(edges, f"Where it is stated: {fact.fact.text}")]
    parts = {
        f"Facts about {page['title']}": page["facts"][: page["drawn"]],
        f"Chains of facts through {page['title']}": page["chains"],
    }
    return [pictures.draw_graph([*map(pictures.fact_edge, facts)], title) for title, facts in parts.items() if facts]


def write_jsonld(description: Description, names: Names) -> str:
    """Write what the dataset states about a thing in JSON-LD, without the spaces of files, since it stands in each page."""
    text = "".join(registry.find("jsonld").lines([Quad(*triple, "") for triple in description.triples], names))
    return json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))


def vocabulary_entries(ontology: Iterable[Triple], links: Links) -> list[tuple[str, Link, list[str]]]:
    """Return name, link and definitions of the terms of the vocabulary, in the order of their IRIs."""
    own = f"{links.names.base}vocabulary/"
    texts = (triple for triple in ontology if iri_value(triple[0]).startswith((KB, own)) and triple[2].startswith('"'))
    graph, entries = PageGraph(texts, links, {}), []
    for subject in sorted(graph.subjects()):
        iri = iri_value(subject)
        name = iri.removeprefix(KB).removeprefix(own)
        label = next(iter(graph.texts(subject, _LABELS)), name)
        definitions = graph.texts(subject, (f"{SKOS}definition", f"{RDFS}comment", f"{DCTERMS}description"))
        entries.append((name, links.link(subject, {iri: label}), definitions))
    return entries
