"""What the rows of an answer rest on: the facts that a query met on the way, and the sentences that state them.

A query is asked again with every variable that it names selected, without what groups, cuts or orders its rows. A row
rests on the facts that are bound to a variable in the solutions that made it. Where a query matches plain triples, these
are the facts that the triples stand for. What a query met inside a subquery, or under ``EXISTS``, cannot be known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from kb.problems import fail
from kb.queries.compiled import Compiled
from kb.queries.execution import ask
from kb.rdf.quads import iri, is_iri, literal_value
from kb.rdf.wording import EXPLANATION, word_claim
from kb.sparql import projection, syntax
from kb.sparql.values import Answer, Row

#: As many facts are looked up for one answer.
MOST = 5_000

Ask = Callable[[str], Answer]


class Grounds(NamedTuple):
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


class Explained(NamedTuple):
    """An answer with what each row rests on, and what cannot be known."""

    answer: Answer
    grounds: tuple[tuple[Grounds, ...], ...]
    unknown: tuple[str, ...]


def explain(base: Compiled, sparql: str, engine: str, found: Answer, asking: Ask | None = None) -> Explained:
    """Tell what each row of an answer rests on.

    Args:
        base: The knowledge base.
        sparql: The query that was asked.
        engine: What answered.
        found: The answer.
        asking: How to ask further, with the limits of the first question.

    Raises:
        KbError: The query is no SELECT (KB614), or a limit was hit.
    """
    asking = asking or (lambda text: ask(base, text, engine))
    if found.form != "select":
        raise fail("KB614", "Only the rows of a SELECT can be explained.", "Select what you want to know.", "<query>")
    wide = projection.widen(sparql)
    if wide is None:
        reason = "the query has a form that cannot be taken apart, such as GROUP BY over an expression"
        return Explained(found, ((),) * len(found.rows), (f"Nothing is known: {reason}.",))
    solutions = asking(wide.text)
    named = _named(base, wide.text)
    met = [terms | named for terms in _met(found, solutions, wide.key)]
    facts = _facts(asking, {term for terms in met for term in terms})
    plain = _plain(asking, met, facts) if any(not terms & facts.keys() for terms in met) else {}
    grounds = tuple(_of_row(terms, facts, plain) for terms in met)
    return Explained(found, grounds, tuple(_unknown(grounds, wide, len(facts))))


def _named(base: Compiled, text: str) -> set[str]:
    """Give the IRIs that a query itself names: what it says of them shows in no variable."""
    named = syntax.references(text, base.names.prefixes, base.names.base)
    return {iri(reference.iri) for reference in named if reference.iri and not reference.is_declaration}


def _met(found: Answer, solutions: Answer, key: tuple[str, ...]) -> list[set[str]]:
    """Give, for each row, the IRIs that its solutions bound."""
    key = tuple(name for name in key if name in found.variables)
    places = [solutions.variables.index(name) for name in key]
    own = [found.variables.index(name) for name in key]
    by_key: dict[Row, set[str]] = {}
    for row in solutions.rows:
        terms = by_key.setdefault(tuple(row[place] for place in places), set())
        terms.update(term for term in row if term and is_iri(term))
    return [by_key.get(tuple(row[place] for place in own), set()) for row in found.rows]


_WORDS = """SELECT DISTINCT ?fact ?subject ?predicate ?object ?modality ?qualifier ?value ?document ?sentence ?start ?exact
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


def _asked(variable: str, terms: Iterable[str], more: str = "") -> str:
    return _WORDS.replace("VARIABLE", variable).replace("TERMS", " ".join(terms)).replace("MORE", more)


def _facts(asking: Ask, terms: Iterable[str]) -> dict[str, Grounds]:
    """Look up which IRIs are facts, and put these into words."""
    paths = sorted(term for term in terms if "/fact/" in term)[:MOST]
    if not paths:
        return {}
    pieces = sorted({path.partition("/evidence/")[0].rstrip(">") + ">" for path in paths})
    found = asking(_asked("fact", pieces))
    facts = _worded(found)
    whole = {path: facts.get(path.partition("/evidence/")[0].rstrip(">") + ">") for path in paths}
    return {path: fact for path, fact in whole.items() if fact}


def _plain(asking: Ask, met: Iterable[set[str]], facts: dict[str, Grounds]) -> dict[tuple[str, str], list[Grounds]]:
    """Give the facts that have a plain triple, by subject and object, of the rows that name no fact."""
    terms = sorted({term for each in met if not each & facts.keys() for term in each if "/term/" in term})[:MOST]
    if not terms:
        return {}
    found = asking(_asked("subject_term", terms, _PLAIN))
    place = {name: found.variables.index(name) for name in ("fact", "subject_term", "object_term", "qualifier")}
    worded = _worded(found)
    pairs: dict[tuple[str, str], list[Grounds]] = {}
    for row in found.rows:
        fact = worded[row[place["fact"]] or ""]
        known = pairs.setdefault((row[place["subject_term"]] or "", row[place["object_term"]] or ""), [])
        if fact not in known and row[place["qualifier"]] is None:
            known.append(fact)
    return pairs


def _worded(found: Answer) -> dict[str, Grounds]:
    facts: dict[str, Grounds] = {}
    qualifiers: dict[str, dict[tuple[str, str], None]] = {}
    for row in found.rows:
        cell = {name: _word(term) for name, term in zip(found.variables, row, strict=True)}
        path = row[found.variables.index("fact")] or ""
        before = facts.get(path) or Grounds(path, "", cell["document"], ())
        known = qualifiers.setdefault(path, {("modality", cell["modality"]): None})
        if cell["qualifier"]:
            known[cell["qualifier"], cell["value"]] = None
        says = word_claim(cell["subject"], cell["predicate"], cell["object"], EXPLANATION, known)
        sentences = tuple(dict.fromkeys([*before.sentences, cell["sentence"]]))
        quotes = tuple(dict.fromkeys([*before.quotes, *([cell["exact"]] if cell["exact"] else [])]))
        facts[path] = Grounds(path, says, cell["document"], sentences, quotes)
    return facts


def _of_row(terms: set[str], facts: dict[str, Grounds], plain: dict[tuple[str, str], list[Grounds]]) -> tuple[Grounds, ...]:
    own = {facts[term].fact: facts[term] for term in terms if term in facts}
    if not own:
        pairs = (plain.get((one, other), []) for one in sorted(terms) for other in sorted(terms) if "/term/" in one)
        own = {fact.fact: fact for facts_ in pairs for fact in facts_}
    return tuple(own[path] for path in sorted(own))


def _unknown(grounds: tuple[tuple[Grounds, ...], ...], wide: projection.WidenedQuery, facts: int) -> Iterable[str]:
    bare = sum(not each for each in grounds)
    if bare:
        rows = "one row names" if bare == 1 else f"{bare:,} rows name"
        yield f"{rows} no fact: they rest on labels, mappings, sentences or counts, or the query hides the facts.".capitalize()
    if wide.hidden:
        yield "What the query met inside a subquery or under EXISTS cannot be known."
    if facts >= MOST:
        yield f"Only {MOST:,} facts were looked up."


def _word(term: str | None) -> str:
    if term is None:
        return ""
    return term[1:-1] if is_iri(term) else literal_value(term).value
