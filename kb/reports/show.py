"""Everything about one thing, as ``kb show`` and ``kb.show`` print it: a term, predicate, document, sentence, fact or word."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from kb.pages import pictures
from kb.pages.chains import find_chains
from kb.pages.links import Link
from kb.problems import check_types
from kb.queries.compiled import Compiled
from kb.queries.fact_reader import FactReader, Properties
from kb.queries.query_run import Session
from kb.queries.result import open_knowledge_base
from kb.rdf.iris import DCTERMS, KB, OA, OWL, RDF, RDFS, SKOS, SSSOM, is_valid
from kb.rdf.quads import iri, iri_value, is_iri, literal, literal_value
from kb.sparql.parameters import MATCH, find_thing
from kb.sparql.result_formats import plain_text, table_cells

if TYPE_CHECKING:
    from kb.model import KnowledgeBase

# The properties that the heading or another part shows, and those that only machines need.
_SHOWN = {f"{RDF}type", f"{SKOS}prefLabel", f"{SKOS}definition", f"{RDFS}label", f"{DCTERMS}title", f"{DCTERMS}identifier"}
_SHOWN |= {f"{OA}hasSelector", f"{OA}hasSource", f"{DCTERMS}isPartOf", f"{DCTERMS}hasPart", f"{KB}verification"}
_MAX_VALUES, _MAX_FACTS = 20, 200
_CUT = f", the first {_MAX_FACTS} shown"
# The facts that name a thing, have it as a qualifier or its value, or as the hedge of a value or of a sentence.
_RESTS_ON = """{ ?fact ?property ?node } UNION { ?fact ?node ?end } UNION { ?fact kb:evidence/kb:modality ?node }
  UNION { ?fact ?property [ rdf:value ?node ] }
  UNION { ?fact ?property [ kb:member ?node ] } UNION { ?fact ?property [ rdf:value [ kb:member ?node ] ] } ?fact a kb:Fact ."""
_NAMED_BY_ENDS = (f"{KB}Fact", f"{KB}Sentence", f"{SSSOM}Mapping")


# The facts that a picture of a thing shows: those about it, those that refer to it, those with it as predicate, and itself.
_DRAWN = """{ ?fact rdf:subject ?node } UNION { ?fact rdf:object ?node } UNION { ?fact rdf:predicate ?node } UNION { ?fact a ?kind
  FILTER(?fact = ?node) } ?fact a kb:Fact ."""
_CLAIM = """?fact rdf:subject ?subject ; rdf:predicate ?predicate ; rdf:object ?object ; kb:modality ?modality .
  OPTIONAL { ?fact kb:restrictions ?restrictions } OPTIONAL { ?fact kb:polarity ?denial }"""
_PAPER = '<svg style="background:#fff" color="#1c2126" '  # a picture on its own may be shown on any background
_EDGE = "?fact ?subject ?predicate ?object ?modality ?restrictions ?denial"


class ShownText(str):
    """A text that Python shows as it is, and notebooks with a picture of its facts, which ``draw`` returns as SVG."""

    __slots__ = ("draw",)
    draw: Callable[[], str]

    __repr__ = str.__str__

    def _repr_html_(self) -> str:
        return f"<pre>{escape(self)}</pre>\n{self.draw()}"

    def _repr_svg_(self) -> str:
        return self.draw()


@check_types()
def show(
    word: str, *, content: Path | str | KnowledgeBase | Compiled | None = None, store: Path | str | None = None
) -> ShownText:
    """Return everything about one thing.

    Args:
        word: Any of its names: id, CURIE, label, alias, identifier elsewhere; of a fact its IRI, of a sentence ``DOCUMENT s1.2``.
        content: The knowledge base, or its folder; by default that of the current folder, or the shipped one.
        store: The folder of a store that ``kb build`` made, to read instead.

    Raises:
        KbError: Nothing has this name, or several things have (KB705).
    """
    base = open_knowledge_base(content, store)
    shown = ShownText("\n".join(describe(base, word)))
    shown.draw = partial(draw, base, word, "svg")
    return shown


def draw(base: Compiled, word: str, form: str) -> str:
    """Draw the facts about a thing as ``svg``, ``mermaid`` or ``dot``; see :func:`show`."""
    reader = Session(base).reader
    node = find_node(base, reader, word)

    def find_facts(end: str, terms: Sequence[str]) -> Iterator[tuple[str, str, str]]:
        pattern = f"?fact rdf:{end} ?node ; a kb:Fact ; rdf:subject ?subject ; rdf:object ?object FILTER(isIRI(?object))"
        for _, fact, subject, obj in reader.look_up("node", terms, pattern, "?fact ?subject ?object"):
            yield fact or "", subject or "", obj or ""

    own = [[term or "" for term in row[1:]] for row in reader.look_up("node", [node], f"{_DRAWN} {_CLAIM}", _EDGE)]
    chains = find_chains(node, find_facts) if "/term/" in node else []
    on = reader.look_up(
        "fact", set(chains) - {row[0] for row in own}, f"?fact a kb:Fact . {_CLAIM}", _EDGE.removeprefix("?fact ")
    )
    rows = sorted([*own, *([term or "" for term in row] for row in on)], key=lambda row: (row[0] not in chains, row))
    labels = reader.read_labels({term for row in rows for term in row if term})
    edges = []
    for _, subject, predicate, obj, modality, restrictions, denial in rows:
        words = [labels[term] for term in (modality, restrictions) if term and term != iri(f"{KB}is")]
        source, target = (Link(labels[end], iri_value(end) if is_iri(end) else "", end) for end in (subject, obj))
        edges.append(pictures.Edge(source, target, labels[predicate], "; ".join(words), bool(denial)))
    if form == "mermaid":
        return pictures.write_mermaid(edges)
    if form == "dot":
        return pictures.write_dot(edges)
    svg = str(pictures.draw_graph(edges[: pictures.MAX_EDGES], f"Facts about {word}"))
    return f"{svg.replace('<svg ', _PAPER, 1)}\n"


def describe(base: Compiled, word: str) -> Iterator[str]:
    """Describe a thing in lines of text; see :func:`show`."""
    reader = Session(base).reader
    node = find_node(base, reader, word)
    if "/fact/" in node:
        yield from _describe_facts(reader, [node], notes=reader.read_properties([node])[node])
        return
    yield from describe_heading(base, reader, node)
    quotes = reader.read_properties([node], "?node oa:hasSelector ?selector . ?selector ?property ?value .").get(node, {})
    yield from (f"  “{plain_text(quote)}”" for quote in quotes.get(f"{OA}exact", ()))
    if members := [row[1] or "" for row in reader.look_up("node", [node], "?member a ?node .", "?member")]:
        yield f"\nThings of this kind: {len(members)}{_CUT if len(members) > _MAX_FACTS else ''}"
        yield from (f"  {label}" for label in sorted(reader.read_labels(members[:_MAX_FACTS]).values()))
        return
    facts = find_facts(reader, node)
    yield f"\nFacts: {len(facts)}{_CUT if len(facts) > _MAX_FACTS else ''}"
    yield from _describe_facts(reader, facts[:_MAX_FACTS])
    matches = _find_matches(base, node, reader)
    yield from ([f"\nMatches: {len(matches)}", *matches] if "/term/" in node or "/predicate/" in node else ())


def find_node(base: Compiled, reader: FactReader, word: str) -> str:
    """Find the thing that a word names, as N-Triples writes its IRI.

    Raises:
        KbError: Nothing has this name, or several things have (KB705).
    """
    return iri(find_thing(word, base.labels, base.names, partial(_search, base, reader)))


def find_facts(reader: FactReader, node: str) -> list[str]:
    """Find the facts that name a thing."""
    return [row[1] or "" for row in reader.look_up("node", [node], _RESTS_ON, "?fact")]


def _search(base: Compiled, reader: FactReader, end: str) -> list[str]:
    """Find the facts, sentences and mappings whose IRI ends with a text, or what has the whole text as its IRI."""
    exact = [iri(name) for name in (end, base.names.base + end.removeprefix("/")) if is_valid(name)]
    if known := reader.read_properties(exact):
        return [iri_value(node) for node in known]
    ends = f"?node a ?kind FILTER(STRENDS(STR(?node), {literal(end)}))"
    return [iri_value(row[1] or "") for row in reader.look_up("kind", map(iri, _NAMED_BY_ENDS), ends, "?node")]


def describe_heading(base: Compiled, reader: FactReader, node: str) -> Iterator[str]:
    """Describe what is stated about a thing itself, in lines of text."""
    about = reader.read_properties([node]).get(node, {})
    labels = reader.read_labels({term for terms in about.values() for term in terms} | {iri(name) for name in about})
    about = {key: sorted(terms, key=partial(_find_foreign_tag, base)) for key, terms in about.items()}
    labels |= {term: f"{label} ({tag})" for term, label in labels.items() if (tag := _find_foreign_tag(base, term))}
    starts = (f"<{KB}", f"<{base.names.base}vocabulary/")
    kinds = [term for term in about.get(f"{RDF}type", ()) if term.startswith(starts) and term != iri(f"{KB}Term")]
    name = _shorten(base, node)
    titles = [labels[term] for key in (f"{SKOS}prefLabel", f"{RDFS}label", f"{DCTERMS}title") for term in about.get(key, ())]
    of_sentence = [labels[term] for key in (f"{OA}hasSource", f"{DCTERMS}identifier") for term in about.get(key, ())]
    title = next(iter(titles), ", ".join(of_sentence)) or name
    yield f"{title} ({', '.join([*(labels[kind].removeprefix(KB).lower() for kind in kinds), name])})"
    yield from (f"  {labels[term]}" for term in about.get(f"{SKOS}definition", ()))
    yield from ([f"  in other languages: {', '.join(titles[1:])}"] if titles[1:] else [])
    for key, terms in about.items():
        is_match = key.startswith(SKOS) and key.endswith("Match")
        if is_match or key in _SHOWN or key.startswith(base.names.predicate("")):
            continue
        names = {f"{SKOS}altLabel": "also", f"{SKOS}editorialNote": "note"}
        names |= {f"{OWL}deprecated": "retired", f"{DCTERMS}isReplacedBy": "replaced by"}
        heading = names.get(key) or (_shorten(base, iri(key)) if labels[iri(key)] == key else labels[iri(key)])
        values = [_shorten(base, term) if is_iri(term) and labels[term] == iri_value(term) else labels[term] for term in terms]
        more = f" … ({len(values)} in all)" if len(values) > _MAX_VALUES else ""
        yield f"  {heading}: {', '.join(values[:_MAX_VALUES])}{more}"


def _find_foreign_tag(base: Compiled, term: str) -> str:
    """Return the language of a text, if it is one of the others that the knowledge base has words in; empty otherwise."""
    tag = literal_value(term).language if term.startswith('"') else ""
    return tag if tag in map(str.lower, base.languages[1:]) else ""


def _shorten(base: Compiled, term: str) -> str:
    return table_cells([(term,)], base.names)[0][0]


def _describe_facts(reader: FactReader, facts: list[str], notes: Properties | None = None) -> Iterator[str]:
    for fact, details in reader.read(facts).items():
        words = details.words
        yield f"  {words.says}"
        yield from (f"      {words.document}, {piece}" for piece in words.evidence)
        yield from (f"      “{quote}”" for quote in words.quotes)
        yield from (f"      review: {review}" for review in details.reviews)
        if notes is not None:
            yield from (f"      reason: {plain_text(reason)}" for reason in notes.get(f"{KB}statusReason", ()))
            yield from (f"      note: {plain_text(note)}" for note in notes.get(f"{SKOS}editorialNote", ()))
            yield f"      {iri_value(fact)}"


def _find_matches(base: Compiled, node: str, reader: FactReader) -> list[str]:
    """Find the identifiers of other vocabularies that a thing matches, the exact ones first, with their labels."""
    name = base.names.compact(iri_value(node)) or ""
    pattern = "?mapping owl:annotatedSource ?node ; kb:curie ?curie . OPTIONAL { ?mapping sssom:object_label ?label }"
    labels = {plain_text(row[1]): plain_text(row[2]) for row in reader.look_up("node", [node], pattern, "?curie ?label")}
    found = []
    for curie, matches in base.labels.get(MATCH, {}).items():
        for strength in (match.partition(" ")[0] for match in matches if match.partition(" ")[2] == name):
            label = f" ({labels[curie]})" if labels.get(curie) else ""
            found.append(f"  {strength.removeprefix('skos:').removesuffix('Match')} match: {curie}{label}")
    order = ["exact", "close", "broad", "narrow", "related"]
    return sorted(found, key=lambda line: (order.index(line.split()[0]), line))
