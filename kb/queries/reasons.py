"""Why an answer is empty: what a query asks for that the knowledge base does not have, or has in another form.

The command line, Python and the endpoint show the same reasons.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cache, partial
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
from kb.suggestions import near_miss

if TYPE_CHECKING:  # only an empty answer needs them
    from kb.queries.fact_reader import FactReader, RunQuery
    from kb.sparql.values import Row

_KINDS = {"pred": "predicate", "term": "term", "document": "document", "kb": "word"}
_MAX_LISTED, _MAX_VALUES = 12, 500  # values of a parameter that are listed, and that are compared


class Reason(NamedTuple):
    """A reason, in a sentence or two; and the value that a parameter should have instead, if that is known."""

    text: str
    parameter: str = ""
    instead: str = ""


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


def find_left_out(sparql: str, reader: FactReader) -> Iterator[Reason]:
    """Find the denials that a question leaves out beside the claims that it gives."""
    for reason in _find_denied_facts(sparql, reader):
        yield Reason(reason.text.replace("Stated is: ", "Beside these claims is stated: ", 1))


def find_reasons(
    base: Compiled, query: Query, values: Mapping[str, str], run: RunQuery, used: Collection[str] = ()
) -> list[Reason]:
    """Find out why an answer is empty; a reason that ``run`` cannot find out within its limits is left out.

    ``values`` are the RDF terms that parameters are bound to, ``used`` the properties and classes that occur, if they are known.
    """
    from kb.queries.fact_reader import FactReader

    reader, sparql = FactReader(run), library.bind(query, values)
    reasons = list(find_unknown_names(base, query))
    for found in (
        _find_absent_iris(base, query, sparql, run, used),
        _find_tagged_texts(sparql, run),
        _find_denied_facts(sparql, reader),
        _find_wrong_values(base, query, values, reader),
        _find_restricted_facts(base, sparql, reader),
        () if query.question else _find_other_forms(base, sparql, reader),
    ):
        try:
            reasons.extend(found)
        except KbError as error:
            if error.exit_code != LIMIT:
                raise
    return list(dict.fromkeys(reasons)) or [_report_nothing_stated(base, query, sparql, run)]


def _report_nothing_stated(base: Compiled, query: Query, text: str, run: RunQuery) -> Reason:
    """Say that nothing fits, where no better reason is found."""
    if not query.question:
        if absent := projection.list_absent(text):
            return Reason(f"No pattern of the query has {' or '.join(f'?{name}' for name in absent)}, which it selects.")
        is_cut = bool(_read_rows(text, run))
        return Reason("The rows that fit are grouped or cut to none." if is_cut else "No statement that the query reads fits it.")
    if query.group == "mappings" and not base.labels.get(MATCH):
        return Reason("This knowledge base has no mappings to other vocabularies.")
    named = _name_iris(base, query.text, "pred")
    if named and not run(f"ASK {{ VALUES ?predicate {{ {' '.join(named.values())} }} ?fact rdf:predicate ?predicate }}").truth:
        return Reason(f"No fact of this knowledge base has the predicate {' or '.join(named)}.")
    documents = [iri(base.names.document(name)) for name in base.labels["document"]]
    return Reason(f"Nothing is stated that fits the question. The documents are: {describe_values(base, documents)}.")


def list_values(base: Compiled, query: Query, values: Mapping[str, str], parameter: str, run: RunQuery) -> list[str]:
    """Return the terms that a parameter may be bound to, so that the query has rows with the other parameters as they are.

    Where the query only compares the parameter, prefixes and its default are tried.
    """
    about = query.parameters[parameter]
    others = {name: term for name, term in values.items() if name != parameter}
    tried = [{parameter: "UNDEF"}, {parameter: " ".join(map(literal, base.names.prefixes))}, {}]
    for candidates in tried if about.default else tried[:1]:
        bound, limit = library.bind(query, {**others, **candidates}), f"LIMIT {_MAX_VALUES}"
        if found := sorted(row[0] for row in _read_rows(bound, run, f"DISTINCT ?{about.variable}", limit) if row[0]):
            return found
    return []


def _read_rows(text: str, run: RunQuery, selected: str = "*", modifiers: str = f"LIMIT {_MAX_LISTED}") -> tuple[Row, ...]:
    """Select rows that a query of any form matches, by default the first of all, before it groups and cuts them."""
    select = projection.parse_select(projection.to_select(text) or "")
    if select is None:
        return ()
    return tuple(run(f"{select.prologue}SELECT {selected} {select.pattern} {modifiers} {select.values}").rows)


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


def _name_iris(base: Compiled, text: str, wanted: str) -> dict[str, str]:
    """Return the IRIs of the predicates or terms that a query names, by local name."""
    return {name: iri(reference.iri or "") for prefix, name, reference in _own_names(base, text) if prefix == wanted}


def _find_absent_iris(base: Compiled, query: Query, text: str, run: RunQuery, used: Collection[str]) -> Iterator[Reason]:
    """Find the IRIs of other namespaces that no statement names, and the identifiers for which facts name a term.

    A shipped question names more than a knowledge base needs to have.
    """
    own = {reference.iri for _, _, reference in _own_names(base, text)}
    if query.path.parent == resources.content() / "queries":
        own |= {reference.iri for reference in syntax.find_references(query.text, base.names.prefixes, base.names.base)}
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
    """Find the parameters whose value gives no rows while others do, or is of a kind that the question does not allow."""
    for name, term in values.items():
        parameter = query.parameters[name]
        possible = list_values(base, query, values, name, reader.run) or list_values(base, query, {}, name, reader.run)
        if term in possible:
            continue
        given = _spell(base, term)
        text = f"'{name}={given}' gives no rows."
        if parameter.type == "term":
            own = _read_kinds(base, f"{term} a ?kind", reader) or {"thing of another kind"}
            wanted = _read_allowed_kinds(base, query, parameter.variable, reader)
            is_unwanted = bool(wanted) and not wanted & own
            if is_unwanted:
                named = f"{'an' if min(own)[0] in 'aeiou' else 'a'} {' and '.join(sorted(own))}"
                text = f"'{given}' is {named}; the question asks about: {', '.join(sorted(wanted))}."
            # A brand is another name for its drug, of whatever kind the question asks about.
            related = _find_related(term, possible, reader) if is_unwanted or "brand" in own else None
            if related:
                instead = related[0] if "brand" in own else ""
                yield Reason(f"{text} {related[1]} Try {name}={_spell(base, related[0])}.", name, instead)
                continue
            yield from [Reason(text)] if is_unwanted and not possible else ()
        if possible:
            alike = {other.lower(): other for other in (_spell(base, other) for other in possible)}
            hint = f" Did you mean '{name}={alike[given.lower()]}'?" if given.lower() in alike else ""
            yield Reason(f"{text}{hint} Values that do: {describe_values(base, possible)}.")


def _read_allowed_kinds(base: Compiled, query: Query, variable: str, reader: FactReader) -> set[str]:
    """Read the kinds that the predicates of a question, or all if it names none, allow for an end of facts; else none."""
    sides = set(re.findall(rf"\brdf:(subject|object) \?{variable}\b", query.text))
    plain = {"subject": rf"\?{variable} pred:", "object": rf"pred:\S+ \?{variable}\b"}
    sides |= {side for side, pattern in plain.items() if re.search(pattern, query.text)}
    properties = "|".join(f"kb:{side}Kind" for side in sorted(sides))
    named = _name_iris(base, query.text, "pred").values()
    listed = f"VALUES ?predicate {{ {' '.join(named)} }}" if named else ""
    return _read_kinds(base, f"{listed} ?predicate {properties} ?kind", reader) if sides else set()


def _read_kinds(base: Compiled, pattern: str, reader: FactReader) -> set[str]:
    """Read the kinds that a pattern binds, as labels of their classes, which the knowledge base may declare itself."""
    found = {row[0] or "" for row in reader.run(f"SELECT DISTINCT ?kind {{ {pattern} }}").rows} - {iri(f"{KB}Term")}
    starts = (f"<{KB}", f"<{base.names.base}vocabulary/")
    return {label.lower() for label in reader.read_labels(kind for kind in found if kind.startswith(starts)).values()}


def _find_related(term: str, possible: Collection[str], reader: FactReader) -> tuple[str, str] | None:
    """Find a value that gives rows and is stated to be related to a term: the value, and the relation in words."""
    pattern = "{ ?other ?p ?node } UNION { ?node ?p ?other } ?p a kb:Predicate ."
    rows = [row for row in reader.look_up("node", [term], pattern, "?p ?other") if row[2] in possible]
    if len({row[2] for row in rows}) != 1:
        return None
    other, predicate = rows[0][2] or "", min(row[1] or "" for row in rows)
    pattern = (
        f"?fact rdf:object ?end ; rdf:subject {other} ; rdf:predicate {predicate} OPTIONAL {{ ?fact kb:polarity ?polarity }}"
    )
    polarities = {row[1] or "": row[2] for row in reader.look_up("end", [term], pattern, "?fact ?polarity")}
    facts = reader.read(polarities)
    claims = sorted((fact.is_restricted, fact.words.says) for name, fact in facts.items() if not polarities[name])
    denials = sorted({fact.words.document for name, fact in facts.items() if polarities[name]})
    denied = f" It is denied in: {', '.join(denials)}." if denials else ""
    return (other, f"Stated is: {claims[0][1]}.{denied}") if claims else None


_NOT_DENIED = re.compile(r"(?:FILTER NOT EXISTS|MINUS) \{ (\?\w+) kb:polarity kb:negated \}")


def _find_denied_facts(text: str, reader: FactReader) -> Iterator[Reason]:
    """Find the facts that a query would give if it did not leave denials out."""
    for variable in dict.fromkeys(_NOT_DENIED.findall(text)):
        denied = _NOT_DENIED.sub(partial(_want_denial, variable), text)
        rows = _read_rows(denied, reader.run, f"DISTINCT {variable}", f"ORDER BY {variable} LIMIT {_MAX_LISTED}")
        if words := _say(reader, (row[0] for row in rows)):
            yield Reason(f"Stated is: {words}. The question leaves denials out; 'kb query negated-facts' has them.")


def _want_denial(variable: str, found: re.Match[str]) -> str:
    """Turn the filter on the denials of one variable into its opposite, and drop the others."""
    return f"{{ {variable} kb:polarity kb:negated }}" if found[1] == variable else ""


def _say(reader: FactReader, facts: Iterable[str | None]) -> str:
    """Put the first facts into words, in their order."""
    order = list(filter(None, facts))
    found = reader.read(order)
    stated = [found[fact].words.says for fact in dict.fromkeys(order) if fact in found]
    number = "" if len(order) >= _MAX_LISTED else f"{len(stated) - 3} "
    return "; ".join(stated[:3]) + (f" and {number}more" if len(stated) > 3 else "")


def _find_restricted_facts(base: Compiled, text: str, reader: FactReader) -> Iterator[Reason]:
    """Find the facts that a query asks for as plain triples, and that have none, or have it the other way round."""
    branches = []
    for start, predicate, end in dict.fromkeys(_plain_patterns(base, text)):
        fact = f"?fact rdf:predicate {predicate} ; rdf:subject"
        branches.append(f"{{ {fact} {start} ; rdf:object {end} FILTER NOT EXISTS {{ {start} {predicate} {end} }} }}")
        if {start, end} != {"?start", "?end"}:
            branches.append(f"{{ {fact} {end} ; rdf:object {start} }}")
    if not branches:
        return
    terms = _name_iris(base, text, "term").values()
    near = f"OPTIONAL {{ VALUES ?end_named {{ {' '.join(terms)} }} ?fact rdf:subject|rdf:object ?end_named }}"
    asked = (
        f"SELECT ?fact {{ {' UNION '.join(branches)} {near} }} "
        f"GROUP BY ?fact ORDER BY DESC(COUNT(DISTINCT ?end_named)) ?fact LIMIT {_MAX_LISTED}"
    )
    if words := _say(reader, (row[0] for row in reader.run(asked).rows)):
        yield Reason(
            f"The query matches plain triples, and none fits. Stated is: {words}. A claim that is denied, restricted or "
            "hedged has no plain triple, and a plain triple has one direction; 'kb query facts' has all facts."
        )


def _plain_patterns(base: Compiled, text: str) -> Iterator[tuple[str, str, str]]:
    """Find the plain triples that a query matches: a term or ``?start``, the predicate, a term or ``?end``."""
    # What VALUES lists is compared with the predicates of facts; what must not exist is not missed.
    left_out = [found.span() for found in re.finditer(r"(?:VALUES\s+\?\w+|NOT\s+EXISTS|MINUS)\s*\{[^}]*\}", text, re.IGNORECASE)]
    references = syntax.find_references(text, base.names.prefixes, base.names.base)
    iris = {reference.token.start: reference.iri or "" for reference in references}
    own = {reference.token.start: prefix for prefix, _, reference in _own_names(base, text)}
    stream = list(syntax.tokens(text))
    for before, token, after in zip(stream, stream[1:], stream[2:], strict=False):
        is_predicate = before.text not in _NO_SUBJECTS and iris.get(before.start) != f"{RDF}predicate"
        if own.get(token.start) == "pred" and is_predicate and not any(start < token.start < end for start, end in left_out):
            start = iri(iris[before.start]) if own.get(before.start) == "term" else "?start"
            yield start, iri(iris[token.start]), iri(iris[after.start]) if own.get(after.start) == "term" else "?end"


_NO_SUBJECTS = frozenset({"=", "!=", "{", ".", ","})  # what stands before a predicate that is not asked as one
_OTHER_ENDS = {"rdf:subject": "rdf:object", "rdf:object": "rdf:subject"}


def _find_other_forms(base: Compiled, text: str, reader: FactReader) -> Iterator[Reason]:
    """Find what a query would give with the ends of facts exchanged, with hedged values, or with the drug for its brand."""
    exchanged = re.sub("|".join(_OTHER_ENDS), lambda found: _OTHER_ENDS[found[0]], text)
    hedged = re.sub(r"((?:\?\w+|;|\[)\s+kb:\w+)(\s+kb:\w+\s*[;.,}\]])", r"\1/rdf:value?\2", text)
    for changed, hint in (
        (exchanged, "Stated with subject and object exchanged"),
        (hedged, "A value with a hedge of its own is a node that holds it as rdf:value. Stated so"),
    ):
        if changed != text and (rows := _read_rows(changed, reader.run)):
            terms = sorted({term for row in rows for term in row if term and is_iri(term)})
            yield Reason(f"{hint} is: {_say(reader, terms) or 'what the query asks for'}.")
    named = [reference for prefix, _, reference in _own_names(base, text) if prefix == "term"]
    brands = "?node a kb:Brand . ?drug ?p ?node ; a kb:Drug . ?p a kb:Predicate ."
    for brand, drug in reader.look_up("node", (iri(name.iri or "") for name in named), brands, "?drug"):
        changed = text
        for name in reversed(named):
            if iri(name.iri or "") == brand:
                changed = f"{changed[: name.token.start]}{drug}{changed[name.token.end :]}"
        if (related := _find_related(brand or "", [drug or ""], reader)) and _read_rows(changed, reader.run):
            yield Reason(f"'{_spell(base, brand or '')}' is a brand. {related[1]} Try term:{_spell(base, drug or '')}.")
