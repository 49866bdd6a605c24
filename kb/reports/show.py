"""Everything about one thing, as ``kb show`` and ``kb.show`` print it: a term, predicate, document, fact or sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from kb.problems import fail
from kb.queries.compiled import Compiled
from kb.queries.compiled_cache import open_base
from kb.queries.fact_reader import FactReader, Properties
from kb.queries.query_run import Session
from kb.queries.store_build import open_store
from kb.rdf.iris import DCTERMS, KB, OA, RDF, RDFS, SKOS
from kb.rdf.quads import iri, iri_value, is_iri
from kb.resources import default_content
from kb.sparql.parameters import MATCH, find_thing
from kb.sparql.result_formats import plain_text, table_cells

# The properties that the heading or another part shows, and those that only machines need.
_SHOWN = {f"{RDF}type", f"{SKOS}prefLabel", f"{SKOS}definition", f"{RDFS}label", f"{DCTERMS}title", f"{DCTERMS}identifier"}
_SHOWN |= {f"{OA}hasSelector", f"{OA}hasSource", f"{DCTERMS}isPartOf", f"{DCTERMS}hasPart", f"{KB}verification"}
_MAX_VALUES = 20


class ShownText(str):
    """A text that Python and notebooks show as it is."""

    __slots__ = ()

    __repr__ = str.__str__


def show(word: str, *, content: Path | str | None = None, store: Path | str | None = None) -> ShownText:
    """Return everything about one thing.

    Args:
        word: Any of its names: id, CURIE, label, alias, identifier elsewhere; of a fact its IRI, of a sentence ``DOCUMENT s1.2``.
        content: The folder of the knowledge base; by default that of the current folder, or the shipped one.
        store: The folder of a store that ``kb build`` made, to read instead.

    Raises:
        KbError: Nothing has this name, or several things have (KB705).
    """
    base = open_store(Path(store)) if store else open_base(Path(content or default_content()))
    return ShownText("\n".join(describe(base, word)))


def describe(base: Compiled, word: str) -> Iterator[str]:
    """Describe a thing in lines of text; see :func:`show`."""
    node = iri(find_thing(word, base.labels, base.names))
    reader = Session(base).reader
    about = reader.read_properties([node]).get(node, {})
    if not about:
        raise fail("KB705", f"There is nothing called '{word[:60]}'.", "Name a term, predicate, document, fact or sentence.")
    labels = reader.read_labels({term for terms in about.values() for term in terms} | {iri(name) for name in about})
    if "/fact/" in node:
        yield from _describe_facts(reader, [node], notes=about)
        return
    yield from _describe_heading(base, node, about, labels)
    facts = [row[1] or "" for row in reader.look_up("node", [node], "?fact ?property ?node ; a kb:Fact .", "?fact")]
    yield f"\nFacts: {len(facts)}"
    yield from _describe_facts(reader, facts)
    matches = _find_matches(base, node, reader)
    yield from ([f"\nMatches: {len(matches)}", *matches] if "/term/" in node or "/predicate/" in node else ())


def _describe_heading(base: Compiled, node: str, about: Properties, labels: Mapping[str, str]) -> Iterator[str]:
    """Describe what is stated about a thing itself."""
    kinds = [term for term in about.get(f"{RDF}type", ()) if term.startswith(f"<{KB}") and term != iri(f"{KB}Term")]
    name = _shorten(base, node)
    titles = [labels[term] for key in (f"{SKOS}prefLabel", f"{RDFS}label", f"{DCTERMS}title") for term in about.get(key, ())]
    yield f"{next(iter(titles), name)} ({', '.join([*(labels[kind].removeprefix(KB).lower() for kind in kinds), name])})"
    yield from (f"  {labels[term]}" for term in about.get(f"{SKOS}definition", ()))
    for key, terms in about.items():
        is_match = key.startswith(SKOS) and key.endswith("Match")
        if is_match or key in _SHOWN or key.startswith(base.names.predicate("")):
            continue
        names = {f"{SKOS}altLabel": "also", f"{SKOS}editorialNote": "note"}
        heading = names.get(key) or (_shorten(base, iri(key)) if labels[iri(key)] == key else labels[iri(key)])
        values = [_shorten(base, term) if is_iri(term) and labels[term] == iri_value(term) else labels[term] for term in terms]
        more = f" … ({len(values)} in all)" if len(values) > _MAX_VALUES else ""
        yield f"  {heading}: {', '.join(values[:_MAX_VALUES])}{more}"


def _shorten(base: Compiled, term: str) -> str:
    return table_cells([(term,)], base.names)[0][0]


def _describe_facts(reader: FactReader, facts: list[str], notes: Properties | None = None) -> Iterator[str]:
    for fact, details in reader.read(facts).items():
        words = details.words
        yield f"  {words.says}"
        yield from (f"      {words.document}, {piece}" for piece in words.evidence)
        yield from (f"      “{quote}”" for quote in words.quotes)
        if notes is not None:
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
