"""What the rows of an answer rest on: the facts that a query matched, and the sentences that state them.

A query is run again with every variable that it names selected, without what groups, cuts or orders its rows. A row rests on
the facts that are bound to a variable in the solutions that made it. Where a query matches plain triples, these are the facts
that the triples stand for. What a query matches inside a subquery, or under ``EXISTS``, cannot be determined.

The answer is explained as it is given: what a limit has cut from it is not looked up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

from kb.escaping import escape_unseen
from kb.queries.fact_reader import FactReader, RunQuery, SupportingFact
from kb.rdf.iris import Names
from kb.rdf.quads import iri, is_iri
from kb.sparql import projection, syntax
from kb.sparql.projection import WidenedQuery
from kb.sparql.result_formats import plain_value, table_cells
from kb.sparql.values import Answer, Row

# The number of rows up to which the solutions are restricted to those of the rows; engines join longer lists slowly.
_MAX_KEYS = 300


class Explanation(NamedTuple):
    """An answer with the facts that each row rests on, and what cannot be determined, in sentences.

    The rows of a graph are its triples; the answer to an ASK has one, which rests on all that its pattern matches.
    """

    answer: Answer
    support: tuple[tuple[SupportingFact, ...], ...]
    unknown: tuple[str, ...]

    def lines(self, names: Names, promised: Collection[str] = ()) -> Iterator[str]:
        """Write each row with its facts as lines of text; ``promised`` are the columns that the question promises."""
        answer = self.answer
        if answer.form == "ask":
            yield f"{str(answer.truth).lower()}\n"
        columns = promised or answer.columns
        rows = [[] for _ in self.support] if answer.form == "ask" else table_cells(answer.terms, names)
        for cells, facts in zip(rows, self.support, strict=True):
            named = zip(answer.columns, cells, strict=False)
            row = "  ".join(f"{name}: {escape_unseen(cell)}" for name, cell in named if cell and name in columns)
            yield from ([f"{row}\n"] if row else [])
            yield from _describe_support(facts)

    def to_json(self) -> dict[str, Any]:
        """Return it as an object for JSON."""
        columns = () if self.answer.form == "ask" else self.answer.columns
        rows = [
            {
                "row": {name: None if term is None else str(plain_value(term)) for name, term in zip(columns, row, strict=True)},
                "facts": [{**fact._asdict(), "fact": fact.fact[1:-1]} for fact in facts],
            }
            for row, facts in zip(_rows(self.answer), self.support, strict=True)
        ]
        truth = {"boolean": self.answer.truth} if self.answer.form == "ask" else {}
        return {**truth, "rows": rows, "unknown": list(self.unknown)}


def _describe_support(facts: Sequence[SupportingFact]) -> Iterator[str]:
    for fact in facts:
        yield f"    {escape_unseen(fact.says)}\n        {escape_unseen(fact.document)}, {', '.join(fact.sentences)}\n"
        yield from (f"        “{escape_unseen(quote)}”\n" for quote in fact.quotes)
    if not facts:
        yield "    (names no fact)\n"


def explain(names: Names, sparql: str, answer: Answer, reader: FactReader, run: RunQuery) -> Explanation:
    """Find the facts that each row of an answer rests on.

    Args:
        names: The names of the knowledge base.
        sparql: The query.
        answer: Its answer, or the part of it that is given.
        reader: Reads facts.
        run: Runs further queries, with the limits of the first one.

    Raises:
        KbError: A query exceeded a limit.
    """
    rows = _rows(answer)
    select = projection.to_select(sparql)
    wide = projection.widen(select) if select else None
    has_variables = any(token.kind == "variable" for token in syntax.tokens(sparql))
    if wide is None and answer.form != "graph" and has_variables:
        reason = "the query has a form that cannot be rewritten, such as GROUP BY over an expression"
        return Explanation(answer, ((),) * len(rows), (f"Nothing is known: {reason}.",) if rows else ())
    named = _named_iris(names, sparql)
    solutions = run(_restrict(wide, answer)) if wide and rows else Answer("select")
    if answer.form == "graph":
        matched = _match_triples(answer, solutions, named)
    else:
        matched = [terms | named for terms in _match_rows(answer, rows, solutions, wide.key if wide else ())]
    facts = _find_facts(reader, {term for terms in matched for term in terms})
    plain = _find_plain_facts(reader, matched, facts)
    support = tuple(_support_row(iris, facts, plain) for iris in matched)
    return Explanation(answer, support, tuple(_list_unknown(support, wide)))


def _rows(answer: Answer) -> Sequence[Row]:
    """Return what is explained: rows, triples, or the answer to an ASK that is true."""
    if answer.form == "ask":
        return [()] if answer.truth else []
    return answer.triples if answer.form == "graph" else answer.rows


def _named_iris(names: Names, text: str) -> set[str]:
    """Find the IRIs that a query itself names, which no variable shows."""
    named = syntax.find_references(text, names.prefixes, names.base)
    return {iri(reference.iri) for reference in named if reference.iri and not reference.is_declaration}


def _restrict(wide: WidenedQuery, answer: Answer) -> str:
    """Restrict the solutions to those of the rows that are given, by the IRIs of variables that every solution binds."""
    names = [name for name in wide.key if name in wide.bound and name in answer.variables]
    places = [answer.variables.index(name) for name in names]
    keys = {tuple(row[place] for place in places) for row in answer.rows}
    shown = [index for index in range(len(names)) if all((term := key[index]) and is_iri(term) for key in keys)]
    if not shown or len(keys) > _MAX_KEYS:
        return wide.text
    rows = " ".join(f"({' '.join(str(key[index]) for index in shown)})" for key in sorted(keys, key=str))
    values = f" VALUES ({' '.join(f'?{names[index]}' for index in shown)}) {{ {rows} }}"
    return f"{wide.text[: wide.inside]}{values}{wide.text[wide.inside :]}"


def _match_rows(answer: Answer, rows: Sequence[Row], solutions: Answer, key: tuple[str, ...]) -> list[set[str]]:
    """Find, for each row, the terms that its solutions bound."""
    key = tuple(name for name in key if name in answer.variables)
    places = [solutions.variables.index(name) for name in key if solutions.variables]
    own_places = [answer.variables.index(name) for name in key]
    by_key: dict[Row, set[str]] = {}
    for row in solutions.rows:
        terms = by_key.setdefault(tuple(row[place] for place in places), set())
        terms.update(term for term in row if term)
    return [by_key.get(tuple(row[place] for place in own_places), set()) for row in rows]


def _match_triples(answer: Answer, solutions: Answer, named: set[str]) -> list[set[str]]:
    """Find, for each triple, its own terms and those of the solutions that bound all of them that the query does not name."""
    by_term: defaultdict[str, set[int]] = defaultdict(set)
    for index, row in enumerate(solutions.rows):
        for term in row:
            by_term[term or ""].add(index)
    matched = []
    for triple in answer.triples:
        bound = [by_term[term] for term in triple if term not in named and term in by_term]
        terms = {term for index in set.intersection(*bound) for term in solutions.rows[index]} if bound else set()
        matched.append({term for term in (*terms, *triple) if term})
    return matched


def _find_facts(reader: FactReader, terms: Iterable[str]) -> dict[str, SupportingFact]:
    """Look up which terms are facts, or pieces of evidence of facts."""
    iris = (term for term in terms if is_iri(term) and "/fact/" in term)
    fact_of = {path: f"{path.partition('/evidence/')[0].rstrip('>')}>" for path in iris}
    facts = reader.read(fact_of.values())
    return {path: facts[fact].words for path, fact in fact_of.items() if fact in facts}


_PLAIN = """?fact rdf:subject ?subject ; rdf:predicate ?predicate ; rdf:object ?object ; kb:modality ?modality .
  ?predicate kb:plainModality ?modality ."""


def _find_plain_facts(
    reader: FactReader, matched: Iterable[set[str]], facts: Mapping[str, SupportingFact]
) -> dict[tuple[str, str], set[SupportingFact]]:
    """Look up the facts that have a plain triple, by subject and object, for the rows that name no fact."""
    bare = [terms for terms in matched if not terms & facts.keys()]
    named = {pair for terms in bare for pair in product(filter(_is_term, terms), terms)}
    rows = reader.look_up("subject", {subject for subject, _ in named}, _PLAIN, "?object ?fact")
    wanted = {fact or "" for subject, obj, fact in rows if (subject, obj) in named}
    pairs: defaultdict[tuple[str, str], set[SupportingFact]] = defaultdict(set)
    for fact in reader.read(wanted).values():
        if not fact.is_restricted:
            pairs[fact.subject, fact.object].add(fact.words)
    return pairs


def _support_row(
    terms: set[str], facts: Mapping[str, SupportingFact], plain: Mapping[tuple[str, str], set[SupportingFact]]
) -> tuple[SupportingFact, ...]:
    support = {facts[term] for term in terms if term in facts}
    if not support:
        support = {fact for pair in product(filter(_is_term, terms), terms) for fact in plain.get(pair, ())}
    return tuple(sorted(support))


def _is_term(term: str) -> bool:
    return is_iri(term) and "/term/" in term


def _list_unknown(support: tuple[tuple[SupportingFact, ...], ...], wide: WidenedQuery | None) -> Iterable[str]:
    bare = sum(not row for row in support)
    if bare:
        rows = "one row names" if bare == 1 else f"{bare:,} rows name"
        yield f"{rows} no fact: they rest on labels, mappings, sentences or counts, or the query hides the facts.".capitalize()
    if wide and wide.hidden:
        yield "What the query matches inside a subquery or under EXISTS cannot be determined."
