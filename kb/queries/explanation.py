"""What the rows of an answer rest on: the facts that a query matched, and the sentences that state them.

A query is run again with every variable that it names selected, without what groups, cuts or orders its rows. A row rests on
the facts that are bound to a variable in the solutions that made it. Where a query matches plain triples, these are the facts
that the triples stand for. What a query matches inside a subquery, or under ``EXISTS``, cannot be determined.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from itertools import product
from typing import NamedTuple

from kb.problems import fail
from kb.queries.compiled import Compiled
from kb.rdf.quads import iri, is_iri
from kb.rdf.wording import EXPLANATION, word_claim
from kb.sparql import projection, syntax
from kb.sparql.projection import WidenedQuery
from kb.sparql.result_formats import plain_text
from kb.sparql.values import Answer, Row

#: The number of facts that are looked up for one answer.
MAX_FACTS = 5_000

RunQuery = Callable[[str], Answer]


class SupportingFact(NamedTuple):
    """A fact that a row rests on.

    Args:
        fact: Its IRI, as N-Triples writes it.
        says: The fact in words, hedge and restrictions included.
        document: The title of the document that states it.
        sentences: The numbers of the sentences that it rests on, in order.
        quotes: Their text, as far as the document's rights let it ship.
    """

    fact: str
    says: str
    document: str
    sentences: tuple[str, ...]
    quotes: tuple[str, ...] = ()


class Explanation(NamedTuple):
    """An answer with the facts that each row rests on, and what cannot be determined, in sentences."""

    answer: Answer
    support: tuple[tuple[SupportingFact, ...], ...]
    unknown: tuple[str, ...]


def explain(base: Compiled, sparql: str, answer: Answer, run: RunQuery) -> Explanation:
    """Find the facts that each row of an answer rests on.

    Args:
        base: The knowledge base.
        sparql: The query.
        answer: Its answer.
        run: Runs further queries, with the limits of the first one.

    Raises:
        KbError: The query is no SELECT (KB614), or it exceeded a limit.
    """
    if answer.form != "select":
        raise fail("KB614", "Only the rows of a SELECT can be explained.", "Rewrite the query as a SELECT.", "<query>")
    wide = projection.widen(sparql)
    if wide is None:
        reason = "the query has a form that cannot be rewritten, such as GROUP BY over an expression"
        return Explanation(answer, ((),) * len(answer.rows), (f"Nothing is known: {reason}.",))
    named = _named_iris(base, wide.text)
    matched = [iris | named for iris in _matched_iris(answer, run(wide.text), wide.key)]
    facts = _find_facts(run, {iri for iris in matched for iri in iris})
    plain = _find_plain_facts(run, matched, facts) if any(not iris & facts.keys() for iris in matched) else {}
    support = tuple(_support_row(iris, facts, plain) for iris in matched)
    return Explanation(answer, support, tuple(_list_unknown(support, wide, len(facts))))


def _named_iris(base: Compiled, text: str) -> set[str]:
    """Find the IRIs that a query itself names, which no variable shows."""
    named = syntax.find_references(text, base.names.prefixes, base.names.base)
    return {iri(reference.iri) for reference in named if reference.iri and not reference.is_declaration}


def _matched_iris(answer: Answer, solutions: Answer, key: tuple[str, ...]) -> list[set[str]]:
    """Find, for each row, the IRIs that its solutions bound."""
    key = tuple(name for name in key if name in answer.variables)
    places = [solutions.variables.index(name) for name in key]
    own_places = [answer.variables.index(name) for name in key]
    by_key: dict[Row, set[str]] = {}
    for row in solutions.rows:
        iris = by_key.setdefault(tuple(row[place] for place in places), set())
        iris.update(term for term in row if term and is_iri(term))
    return [by_key.get(tuple(row[place] for place in own_places), set()) for row in answer.rows]


_DETAILS = """SELECT DISTINCT ?fact ?subject ?predicate ?object ?modality ?qualifier ?value ?document ?sentence ?start ?exact
  ?subject_term ?predicate_node ?object_term WHERE {
  VALUES ?VARIABLE { TERMS }
  MORE
  ?fact a kb:Fact ; rdf:subject ?subject_term ; rdf:predicate ?predicate_node ; rdf:object ?object_term ;
    kb:modality/skos:prefLabel ?modality ; prov:hadPrimarySource/dcterms:title ?document ; prov:wasDerivedFrom ?sentence_node .
  ?subject_term skos:prefLabel ?subject .
  ?predicate_node rdfs:label ?predicate .
  ?sentence_node dcterms:identifier ?sentence ; oa:hasSelector ?position .
  ?position oa:start ?start .
  OPTIONAL { ?sentence_node oa:hasSelector/oa:exact ?exact }
  OPTIONAL { ?object_term skos:prefLabel ?label }
  BIND(COALESCE(?label, ?object_term) AS ?object)
  OPTIONAL { VALUES ?restricting { kb:polarity kb:trigger kb:condition kb:population }
    ?fact ?restricting ?held . ?restricting rdfs:label ?qualifier . ?held skos:prefLabel ?value }
}
ORDER BY ?fact ?start ?qualifier"""

_PLAIN = "?predicate_node kb:plainModality ?plainly . ?fact kb:modality ?plainly ; rdf:predicate ?predicate_node ."


def _query(variable: str, terms: Iterable[str], more: str = "") -> str:
    return _DETAILS.replace("VARIABLE", variable).replace("TERMS", " ".join(terms)).replace("MORE", more)


def _find_facts(run: RunQuery, iris: Iterable[str]) -> dict[str, SupportingFact]:
    """Look up which IRIs are facts, or pieces of evidence of facts."""
    fact_of = {path: path.partition("/evidence/")[0].rstrip(">") + ">" for path in sorted(iris) if "/fact/" in path}
    fact_of = dict(list(fact_of.items())[:MAX_FACTS])
    if not fact_of:
        return {}
    facts = _read_facts(run(_query("fact", sorted(set(fact_of.values())))))
    return {path: facts[fact] for path, fact in fact_of.items() if fact in facts}


def _find_plain_facts(
    run: RunQuery, matched: Iterable[set[str]], facts: dict[str, SupportingFact]
) -> dict[tuple[str, str], set[SupportingFact]]:
    """Look up the facts that have a plain triple, by subject and object, for the rows that name no fact."""
    terms = sorted({term for iris in matched if not iris & facts.keys() for term in iris if "/term/" in term})[:MAX_FACTS]
    if not terms:
        return {}
    details = run(_query("subject_term", terms, _PLAIN))
    by_iri = _read_facts(details)
    pairs: defaultdict[tuple[str, str], set[SupportingFact]] = defaultdict(set)
    for row in details.rows:
        cell = dict(zip(details.variables, row, strict=True))
        if cell["qualifier"] is None:
            pairs[cell["subject_term"] or "", cell["object_term"] or ""].add(by_iri[cell["fact"] or ""])
    return pairs


def _read_facts(details: Answer) -> dict[str, SupportingFact]:
    facts: dict[str, SupportingFact] = {}
    qualifiers: dict[str, dict[tuple[str, str], None]] = {}
    for row in details.rows:
        cell = {name: plain_text(term) for name, term in zip(details.variables, row, strict=True)}
        path = row[details.variables.index("fact")] or ""
        before = facts.get(path) or SupportingFact(path, "", cell["document"], ())
        known = qualifiers.setdefault(path, {("modality", cell["modality"]): None})
        if cell["qualifier"]:
            known[cell["qualifier"], cell["value"]] = None
        says = word_claim(cell["subject"], cell["predicate"], cell["object"], EXPLANATION, [*known])
        sentences = tuple(dict.fromkeys([*before.sentences, cell["sentence"]]))
        quotes = tuple(dict.fromkeys([*before.quotes, *([cell["exact"]] if cell["exact"] else [])]))
        facts[path] = SupportingFact(path, says, cell["document"], sentences, quotes)
    return facts


def _support_row(
    iris: set[str], facts: dict[str, SupportingFact], plain: dict[tuple[str, str], set[SupportingFact]]
) -> tuple[SupportingFact, ...]:
    support = {facts[iri] for iri in iris if iri in facts}
    if not support:
        subjects = [iri for iri in iris if "/term/" in iri]
        support = {fact for pair in product(subjects, iris) for fact in plain.get(pair, ())}
    return tuple(sorted(support))


def _list_unknown(support: tuple[tuple[SupportingFact, ...], ...], wide: WidenedQuery, facts: int) -> Iterable[str]:
    bare = sum(not row for row in support)
    if bare:
        rows = "one row names" if bare == 1 else f"{bare:,} rows name"
        yield f"{rows} no fact: they rest on labels, mappings, sentences or counts, or the query hides the facts.".capitalize()
    if wide.hidden:
        yield "What the query matches inside a subquery or under EXISTS cannot be determined."
    if facts >= MAX_FACTS:
        yield f"Only {MAX_FACTS:,} facts were looked up."
