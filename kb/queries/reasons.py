"""Why an answer is empty: what a query asks for that the knowledge base does not have, or has in another form.

The command line, Python and the endpoint show the same reasons.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from kb import resources
from kb.exit_codes import LIMIT
from kb.problems import KbError, quote
from kb.queries.compiled import Compiled
from kb.rdf.iris import KB, RDF
from kb.rdf.quads import iri, iri_value, is_iri, literal, literal_value
from kb.sparql import library, projection, syntax
from kb.sparql.library import Query
from kb.sparql.parameters import MATCH, describe_matches
from kb.sparql.result_formats import plain_text, table_cells
from kb.sparql.syntax import Reference
from kb.sparql.values import Answer
from kb.suggestions import near_miss

if TYPE_CHECKING:  # only an empty answer needs them
    from kb.queries.fact_reader import FactReader, RunQuery

_KINDS = {"pred": "predicate", "term": "term", "document": "document", "kb": "word"}
_MAX_LISTED, _MAX_VALUES = 12, 500  # values of a parameter that are listed, and that are compared


class Reason(NamedTuple):
    """A reason, in a sentence or two; and the value that a parameter should have instead, if that is known."""

    text: str
    parameter: str = ""
    instead: str = ""


def is_empty(answer: Answer) -> bool:
    """Return whether an answer says nothing: no rows, false, or a single row of zeros."""
    if answer.form == "ask":
        return not answer.truth
    if answer.form == "select" and len(answer.rows) == 1 and answer.rows[0]:
        return all(term is None or plain_text(term) == "0" for term in answer.rows[0])
    return not answer.terms


def find_unknown_names(base: Compiled, query: Query) -> Iterator[Reason]:
    """Find the names in the knowledge base's own namespaces that it does not have.

    For a query without a question, which the user wrote, the most similar name is suggested.
    """
    names = dict.fromkeys((prefix, name) for prefix, name, _ in _own_names(base, query.text))
    known = {prefix: _known_names(base, prefix) for prefix, _ in names}
    for prefix, name in names:
        if name not in known[prefix]:
            hint = "" if query.question else _suggest_name(base, prefix, name, known[prefix])
            yield Reason(f"This knowledge base has no {_KINDS[prefix]} '{name}', which the query asks for.{hint}")


def find_reasons(
    base: Compiled, query: Query, values: Mapping[str, str], run: RunQuery, used: Collection[str] = ()
) -> list[Reason]:
    """Find out why an answer is empty.

    Args:
        base: The knowledge base.
        query: The query.
        values: The RDF terms that parameters are bound to.
        run: Runs further queries; a reason that they cannot find out within their limits is left out.
        used: The properties and classes that occur, if they are known; otherwise a query finds them.
    """
    from kb.queries.fact_reader import FactReader

    reader, sparql = FactReader(run), library.bind(query, values)
    reasons = list(find_unknown_names(base, query))
    for found in (
        _find_absent_iris(base, sparql, run, used),
        _find_tagged_texts(sparql, run),
        _find_wrong_values(base, query, values, reader),
        _find_restricted_facts(base, sparql, reader),
    ):
        try:
            reasons.extend(found)
        except KbError as error:
            if error.exit_code != LIMIT:
                raise
    return list(dict.fromkeys(reasons))


def list_values(query: Query, values: Mapping[str, str], parameter: str, run: RunQuery) -> list[str]:
    """Return the terms that a parameter may be bound to, so that the query has rows with the other parameters as they are."""
    variable = query.parameters[parameter].variable
    select = projection.parse_select(projection.to_select(library.bind(query, {**values, parameter: "UNDEF"})) or "")
    if select is None:
        return []
    text = f"{select.prologue}SELECT DISTINCT ?{variable} {select.pattern} {select.values} LIMIT {_MAX_VALUES}"
    return sorted(row[0] for row in run(text).rows if row[0])


def describe_values(base: Compiled, terms: Collection[str]) -> str:
    """List the first values of a parameter as a user types them."""
    words = sorted(_spell(base, term) for term in terms)
    more = f" … ({len(words):,} in all)" if len(words) > _MAX_LISTED else ""
    return f"{', '.join(words[:_MAX_LISTED])}{more}"


def _spell(base: Compiled, term: str) -> str:
    """Return a term as a user types it for a parameter: its id, CURIE or text."""
    return re.sub("^(?:term:|pred:|kb:|document/)", "", table_cells([(term,)], base.names)[0][0])


def _known_names(base: Compiled, prefix: str) -> Collection[str]:
    """Return the names of a namespace; for ``kb:``, the words of the ontology."""
    return {*base.labels["word"], *ontology_words()} if prefix == "kb" else base.labels[_KINDS[prefix]]


@cache
def ontology_words() -> frozenset[str]:
    """Return the classes, properties and values of the ontology."""
    text = (resources.schemas() / "ontology.ttl").read_text(encoding="utf-8")
    return frozenset(re.findall(r"\bkb:([A-Za-z][\w-]*)", text))


def _suggest_name(base: Compiled, prefix: str, name: str, known: Collection[str]) -> str:
    """Suggest a name that is spelled alike, or the same name of another kind."""
    other = next((start for start, kind in _KINDS.items() if start != prefix and name in _known_names(base, start)), "")
    nearest = name if other else near_miss(name, sorted(known))
    start = other or prefix
    return f" Did you mean '{start}{'/' if start == 'document' else ':'}{nearest}'?" if nearest else ""


def _own_names(base: Compiled, text: str) -> Iterator[tuple[str, str, Reference]]:
    """Find the names of a query in namespaces of the knowledge base: prefix, local name, reference."""
    starts = {base.names.prefixes[prefix]: prefix for prefix in ("pred", "term", "kb")} | {base.names.document(""): "document"}
    for reference in syntax.find_references(text, base.names.prefixes, base.names.base):
        found = "" if reference.is_declaration else reference.iri or ""
        for start, prefix in starts.items():
            if found.startswith(start) and re.fullmatch(r"[A-Za-z0-9][\w-]*", found[len(start) :]):
                yield prefix, found[len(start) :], reference


def _find_absent_iris(base: Compiled, text: str, run: RunQuery, used: Collection[str]) -> Iterator[Reason]:
    """Find the IRIs of other namespaces that no statement names, and the identifiers for which facts name a term."""
    own = {reference.iri for _, _, reference in _own_names(base, text)}
    named: dict[str, None] = {}
    for reference in syntax.find_references(text, base.names.prefixes, base.names.base):
        is_function = text[reference.token.end :].lstrip().startswith("(") or text[: reference.token.start].endswith("^^")
        if reference.iri and not reference.is_declaration and not is_function and reference.iri not in own:
            named[reference.iri] = None
    for name in named:
        curie = base.names.compact(name) or ""
        if matches := base.labels.get(MATCH, {}).get(curie, ()):
            yield Reason(f"{curie} is an identifier elsewhere; facts name the term: {describe_matches(matches)}.")
    pattern = "{ ?iri ?p1 ?o1 } UNION { ?s2 ?iri ?o2 } UNION { ?s3 ?p3 ?iri } UNION { GRAPH ?iri { ?s4 ?p4 ?o4 } }"
    asked = f"SELECT ?iri {{ VALUES ?iri {{ {' '.join(map(iri, named))} }} FILTER EXISTS {{ {pattern} }} }}"
    present = {row[0] for row in run(asked).rows} if named else set()
    absent = [name for name in named if iri(name) not in present]
    if absent and not used:
        used = [iri_value(row[0]) for row in run(_USED).rows if row[0] and is_iri(row[0])]
    for name in absent:
        local = re.split("[#/]", name)[-1]
        nearest = next((other for other in used if local and re.split("[#/]", other)[-1] == local), "") or near_miss(
            name, used, 0.85
        )
        hint = f" Did you mean '{base.names.compact(nearest) or f'<{nearest}>'}'?" if nearest else ""
        yield Reason(f"No statement names {base.names.compact(name) or f'<{name[:200]}>'}, which the query asks for.{hint}")


_USED = f"SELECT DISTINCT ?name {{ {{ ?s ?name ?o }} UNION {{ ?s <{RDF}type> ?name }} }}"


def _find_tagged_texts(text: str, run: RunQuery) -> Iterator[Reason]:
    """Find the texts of a query that the dataset has with a language tag only."""
    stream = list(syntax.tokens(text))
    plain: dict[str, str] = {}
    for token, after in zip(stream, [*stream[1:], None], strict=True):
        is_plain = token.kind == "string" and not (after and (after.kind == "language" or after.text == "^"))
        if is_plain and 1 < len(token.text) < 500 and not token.text.startswith(('"""', "'''")):
            with suppress(ValueError):
                plain[literal_value(f'"{token.text[1:-1]}"').value] = token.text
    if not plain:
        return
    languages = [plain_text(row[0]) for row in run("SELECT DISTINCT ?language { ?document dcterms:language ?language }").rows]
    tagged = {literal(value, language=language): value for value in plain for language in languages if language}
    present = {
        row[0] for row in run(f"SELECT ?text {{ VALUES ?text {{ {' '.join(tagged)} }} FILTER EXISTS {{ ?s ?p ?text }} }}").rows
    }
    for term, value in tagged.items():
        if term in present:
            language = literal_value(term).language
            yield Reason(f"The text {quote(value)} has a language tag: write {plain[value]}@{language}.")


def _find_wrong_values(base: Compiled, query: Query, values: Mapping[str, str], reader: FactReader) -> Iterator[Reason]:
    """Find the parameters whose value gives no rows while others do."""
    for name, term in values.items():
        parameter = query.parameters[name]
        if parameter.type == "text":
            yield from _find_text_like(base, query, values, name, reader)
            continue
        possible = list_values(query, values, name, reader.run)
        if not possible or term in possible:
            continue
        given = _spell(base, term)
        text = f"'{name}={given}' gives no rows."
        if parameter.type == "term":
            kinds = _read_kinds([term, *possible], reader)
            wanted = sorted({kind for other in possible for kind in kinds.get(other, ())})
            if wanted and not set(wanted) & kinds.get(term, set()):
                own = " and ".join(sorted(kinds.get(term, {"thing of another kind"})))
                text = f"'{given}' is a {own}; the question asks about: {', '.join(wanted)}."
            instead = _find_related(term, possible, reader)
            if instead:
                yield Reason(f"{text} {instead[1]} Try {name}={_spell(base, instead[0])}.", name, _named_by(instead, term, kinds))
                continue
        yield Reason(f"{text} Values that do: {describe_values(base, possible)}.")


def _read_kinds(terms: Iterable[str], reader: FactReader) -> dict[str, set[str]]:
    """Read the kinds of terms, as labels of their classes."""
    rows = [row for row in reader.look_up("node", terms, "?node a ?class .", "?class") if row[1] != iri(f"{KB}Term")]
    labels = reader.read_labels(row[1] or "" for row in rows if (row[1] or "").startswith(f"<{KB}"))
    kinds: dict[str, set[str]] = {}
    for node, kind in rows:
        if kind in labels:
            kinds.setdefault(node or "", set()).add(labels[kind or ""].lower())
    return kinds


def _find_related(term: str, possible: Collection[str], reader: FactReader) -> tuple[str, str, str] | None:
    """Find a value that gives rows and is stated to be related to a term: the value, the relation in words, its predicate."""
    pattern = "{ ?other ?p ?node } UNION { ?node ?p ?other } ?p a kb:Predicate ."
    rows = [row for row in reader.look_up("node", [term], pattern, "?p ?other") if row[2] in possible]
    if len({row[2] for row in rows}) != 1:
        return None
    other, predicate = rows[0][2] or "", rows[0][1] or ""
    details = reader.look_up("fact_object", [term], f"?fact rdf:object ?fact_object ; rdf:subject {other} .", "?fact")
    facts = [fact.words.says for fact in reader.read(row[1] or "" for row in details).values()]
    return (other, f"Stated is: {facts[0]}.", predicate) if facts else None


def _named_by(related: tuple[str, str, str], term: str, kinds: Mapping[str, set[str]]) -> str:
    """Return the value of which a term is a brand, which is another name for it."""
    return related[0] if "brand" in kinds.get(term, ()) else ""


def _find_text_like(base: Compiled, query: Query, values: Mapping[str, str], name: str, reader: FactReader) -> Iterator[Reason]:
    """Find a text that differs in case, or a prefix that is spelled alike, and gives rows."""
    text = plain_text(values[name])
    prefixes = [prefix for prefix in base.names.prefixes if prefix.lower() == text.lower()]
    candidates = [*prefixes, text.lower(), text.upper(), near_miss(text.lower(), sorted(base.names.prefixes))]
    for candidate in dict.fromkeys(filter(None, candidates)):
        if candidate != text and not is_empty(reader.run(library.bind(query, {**values, name: literal(candidate)}))):
            yield Reason(f"'{name}={text[:60]}' gives no rows. Did you mean '{name}={candidate}'?")
            return


def _find_restricted_facts(base: Compiled, text: str, reader: FactReader) -> Iterator[Reason]:
    """Find the facts that a query asks for as plain triples, and that are stated otherwise."""
    names = [(prefix, reference) for prefix, _, reference in _own_names(base, text)]
    before = {following.start: token for token, following in pairwise(syntax.tokens(text))}
    plain = {
        iri(reference.iri or "")
        for prefix, reference in names
        if prefix == "pred" and _resolve(before.get(reference.token.start), base) != f"{RDF}predicate"
    }
    terms = {iri(reference.iri or "") for prefix, reference in names if prefix == "term"}
    if not plain:
        return
    ends = f"VALUES ?end {{ {' '.join(sorted(terms))} }} ?fact rdf:subject|rdf:object ?end ." if terms else ""
    predicates = f"VALUES ?predicate {{ {' '.join(sorted(plain))} }}"
    asked = f"SELECT DISTINCT ?fact {{ {predicates} {ends} ?fact rdf:predicate ?predicate }} LIMIT {_MAX_LISTED}"
    facts = list(reader.read(row[0] or "" for row in reader.run(asked).rows).values())
    if facts:
        words = "; ".join(fact.words.says for fact in facts[:3])
        more = f" and {len(facts) - 3} more" if len(facts) > 3 else ""
        yield Reason(
            f"The query matches plain triples, and none fits. Stated is: {words}{more}. A claim that is denied, restricted or "
            "hedged has no plain triple, and a plain triple has one direction; 'kb query facts' has all facts."
        )


def _resolve(token: syntax.SparqlToken | None, base: Compiled) -> str:
    if token is None or token.kind not in {"name", "iri"}:
        return ""
    return (base.names.expand(syntax.decode(token.text)) if token.kind == "name" else syntax.decode(token.text)[1:-1]) or ""
