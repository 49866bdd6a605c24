"""What the rows of an answer rest on: the facts that a query matched, and the sentences that state them.

A query is run again with every variable that it names selected, without what groups, cuts or orders its rows. A row rests on
the facts that are bound to a variable in the solutions that made it, and on those that stand as plain triples: a triple pattern
of the query with such a solution put in. What it matches inside a subquery, by a path, or under ``EXISTS``, cannot be determined.

The answer is explained as it is given: what a limit has cut from it is not looked up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

from kb.escaping import count_of, escape_unseen
from kb.queries.fact_reader import FactReader, SupportingFact
from kb.rdf.facts import NODES
from kb.rdf.iris import Names
from kb.rdf.quads import iri, is_iri
from kb.sparql import projection, syntax
from kb.sparql.projection import WidenedQuery
from kb.sparql.result_formats import plain_value, table_cells, visible_columns
from kb.sparql.values import Answer, Row

# The number of rows up to which the solutions are restricted to those of the rows; engines join longer lists slowly.
_MAX_KEYS = 300
_MAX_FACTS = 100  # facts that are named of those that a row rests on
_TRIPLE = 3
_PREDICATE = "/predicate/"  # in the IRI of each predicate of a plain triple

PlainTriple = tuple[str, str, str]
#: What a row may rest on: a term that a solution bound, or a triple that its patterns matched.
Key = str | PlainTriple
#: Reads the keys of a solution: the names of its variables, and its terms.
ReadSolution = Callable[[Sequence[str], Row], set[Key]]


class Explanation(NamedTuple):
    """An answer with the facts that each row rests on, and what cannot be determined, in sentences; it is shown as text.

    The rows of a graph are its triples; the answer to an ASK has one, which rests on all that its pattern matches. ``promised``
    are the columns that the question promises, ``omitted`` the numbers of facts of each row that are not named.
    """

    answer: Answer
    support: tuple[tuple[SupportingFact, ...], ...]
    unknown: tuple[str, ...]
    names: Names
    promised: Collection[str] = ()
    omitted: tuple[int, ...] = ()

    @property
    def rows(self) -> list[dict[str, Any]]:
        """For each row its values and its facts: claim in words, document, sentences, quotes."""
        rows: list[dict[str, Any]] = self.to_json()["rows"]
        return rows

    def __repr__(self) -> str:
        return "".join([*self.lines(), *(f"({text})\n" for text in self.unknown)])

    def lines(self) -> Iterator[str]:
        """Write each row with its facts as lines of text."""
        answer = self.answer
        if answer.form == "ask":
            yield f"{str(answer.truth).lower()}\n"
        columns = () if answer.form == "ask" else {answer.columns[place] for place in visible_columns(answer, self.promised)}
        rows = [[] for _ in self.support] if answer.form == "ask" else table_cells(answer.terms, self.names)
        for cells, facts, omitted in zip(rows, self.support, self.omitted, strict=True):
            named = zip(answer.columns, cells, strict=False)
            row = "  ".join(f"{name}: {escape_unseen(cell)}" for name, cell in named if cell and name in columns)
            yield from ([f"{row}\n"] if row else [])
            yield from _describe_support(facts)
            yield from ([f"    (and {omitted:,} more facts)\n"] if omitted else [])

    def to_json(self) -> dict[str, Any]:
        """Return it as an object for JSON."""
        columns = () if self.answer.form == "ask" else self.answer.columns
        rows = [
            {
                "row": {name: None if term is None else str(plain_value(term)) for name, term in zip(columns, row, strict=True)},
                "facts": [{**fact._asdict(), "fact": fact.fact[1:-1]} for fact in facts],
                **({"omitted": omitted} if omitted else {}),
            }
            for row, facts, omitted in zip(_rows(self.answer), self.support, self.omitted, strict=True)
        ]
        truth = {"boolean": self.answer.truth} if self.answer.form == "ask" else {}
        return {**truth, "rows": rows, "unknown": list(self.unknown)}


def _describe_support(facts: Sequence[SupportingFact]) -> Iterator[str]:
    for fact in facts:
        yield f"    {escape_unseen(fact.says)}\n        {escape_unseen(fact.document)}, {', '.join(fact.sentences)}\n"
        yield from (f"        “{escape_unseen(quote)}”\n" for quote in fact.quotes)
    if not facts:
        yield "    (names no fact)\n"


def explain(names: Names, sparql: str, answer: Answer, reader: FactReader) -> Explanation:
    """Find the facts that each row of an answer, or of the part of it that is given, rests on.

    Raises:
        KbError: A query exceeded a limit.
    """
    rows = _rows(answer)
    select = projection.to_select(sparql)
    wide = projection.widen(select) if select else None
    has_variables = any(token.kind == "variable" for token in syntax.tokens(sparql))
    if wide is None and answer.form != "graph" and has_variables:
        reason = "the query has a form that cannot be rewritten, such as GROUP BY over an expression"
        unknown = (f"Nothing is known: {reason}.",) if rows else ()
        return Explanation(answer, ((),) * len(rows), unknown, names, omitted=(0,) * len(rows))
    named = _named_iris(names, sparql)
    text, start = (wide.text, wide.inside) if wide else (select or "", 0)
    patterns, hides = projection.find_patterns(text, start, names.prefixes, names.base)
    solutions = reader.run(_restrict(wide, answer)) if wide and rows else Answer("select", rows=((),))
    read = partial(_read_solution, [pattern for pattern in patterns if len(pattern) == _TRIPLE])
    if answer.form == "graph":
        optional = projection.find_optional_variables(text[start:])
        matched = _match_triples(answer, solutions, named, read, optional)
        if syntax.find_form(sparql) == "DESCRIBE":  # each triple is one of the data
            matched = [keys | {triple} for keys, triple in zip(matched, answer.triples, strict=True)]
    else:
        matched = [keys | named for keys in _match_rows(answer, rows, solutions, wide.key if wide else (), read)]
    cut = [_cut_facts(keys) for keys in matched]
    matched = [keys for keys, _ in cut]
    terms = {key for keys in matched for key in keys if isinstance(key, str)}
    triples = {key for keys in matched for key in keys if not isinstance(key, str)}
    facts = {**_find_facts(reader, terms), **_find_plain_facts(reader, triples)}
    support = tuple(tuple(sorted({fact for key in keys for fact in facts.get(key, ())})) for keys in matched)
    hides |= any(_PREDICATE in part for pattern in patterns if len(pattern) > _TRIPLE or "" in pattern for part in pattern)
    omitted = tuple(number for _, number in cut)
    return Explanation(answer, support, tuple(_list_unknown(support, omitted, hides=hides)), names, omitted=omitted)


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


def _read_solution(patterns: Sequence[Sequence[str]], variables: Sequence[str], row: Row) -> set[Key]:
    """Read the terms of a solution, and what may be plain triples of facts: the patterns with the solution put in."""
    values = {f"?{name}": term for name, term in zip(variables, row, strict=True)}
    keys: set[Key] = {term for term in row if term}
    for pattern in patterns:
        subject, predicate, obj = (values.get(part) if part.startswith("?") else part for part in pattern)
        if subject and predicate and obj and "/term/" in subject and _PREDICATE in predicate:
            keys.add((subject, predicate, obj))
    return keys


def _match_rows(
    answer: Answer, rows: Sequence[Row], solutions: Answer, key: tuple[str, ...], read: ReadSolution
) -> list[set[Key]]:
    """Find, for each row, what its solutions bound and matched."""
    key = tuple(name for name in key if name in answer.variables)
    places = [solutions.variables.index(name) for name in key if solutions.variables]
    own_places = [answer.variables.index(name) for name in key]
    by_key: defaultdict[Row, set[Key]] = defaultdict(set)
    for row in solutions.rows:
        by_key[tuple(row[place] for place in places)] |= read(solutions.variables, row)
    return [by_key.get(tuple(row[place] for place in own_places), set()) for row in rows]


def _match_triples(
    answer: Answer, solutions: Answer, named: set[str], read: ReadSolution, optional: Sequence[set[str]]
) -> list[set[Key]]:
    """Find, for each triple, its own terms and what the solutions matched that bound all of them that the query does not name.

    An OPTIONAL of which the triple shows nothing is left out.
    """
    by_term: defaultdict[str, set[int]] = defaultdict(set)
    for index, row in enumerate(solutions.rows):
        for term in row:
            by_term[term or ""].add(index)
    matched = []
    for triple in answer.triples:
        shown = {term for term in triple if term not in named and term in by_term}
        keys = read((), ()) | set(triple)
        for index in set.intersection(*(by_term[term] for term in shown)) if shown else ():
            values = dict(zip(solutions.variables, solutions.rows[index], strict=True))
            unused = {name for names in optional if shown.isdisjoint(values[name] for name in names) for name in names}
            keys |= read(solutions.variables, tuple(None if name in unused else term for name, term in values.items()))
        matched.append(keys)
    return matched


def _cut_facts(keys: set[Key]) -> tuple[set[Key], int]:
    """Keep the terms of the first facts that a row rests on, and count the other facts."""
    fact_of: dict[Key, str] = {key: fact for key in keys if isinstance(key, str) and (fact := _name_fact(key))}
    omitted = set(sorted(set(fact_of.values()))[_MAX_FACTS:])
    return {key for key in keys if fact_of.get(key, "") not in omitted}, len(omitted)


def _name_fact(term: str) -> str:
    """Return the fact that a term is, or is a piece of evidence or the node of a value of; empty if there is none."""
    for kind in ("/evidence/", *NODES):
        term = term if not is_iri(term) else f"{term.partition(kind)[0].rstrip('>')}>"
    return term if is_iri(term) and "/fact/" in term else ""


def _find_facts(reader: FactReader, terms: Iterable[str]) -> dict[Key, set[SupportingFact]]:
    """Look up which terms are facts, or pieces of evidence or hedged values of facts."""
    fact_of = {term: fact for term in terms if (fact := _name_fact(term))}
    facts = reader.read(fact_of.values())
    return {path: {facts[fact].words} for path, fact in fact_of.items() if fact in facts}


_PLAIN = """?fact rdf:subject ?subject ; rdf:predicate ?predicate ; rdf:object ?object ; kb:modality ?modality .
  ?predicate kb:plainModality ?modality .
  FILTER NOT EXISTS { ?fact kb:standing|adms:status|kb:dispute ?void
    FILTER(?void IN (kb:retracted, kb:withdrawn, kb:deprecated, kb:only-disputed)) }"""


def _find_plain_facts(reader: FactReader, triples: set[PlainTriple]) -> dict[Key, set[SupportingFact]]:
    """Look up the facts that stand as plain triples."""
    rows = reader.look_up("subject", {triple[0] for triple in triples}, _PLAIN, "?predicate ?object ?fact")
    stated = {row[-1] or "": triple for row in rows for triple in triples & {row[:-1]}}
    plain: defaultdict[Key, set[SupportingFact]] = defaultdict(set)
    for fact, details in reader.read(stated).items():
        if not details.is_restricted:
            plain[stated[fact]].add(details.words)
    return plain


def _list_unknown(support: Sequence[Sequence[SupportingFact]], omitted: Sequence[int], *, hides: bool) -> Iterable[str]:
    bare = sum(not row for row in support)
    if bare:
        rows = "One row names no fact: it rests" if bare == 1 else f"{bare:,} rows name no fact: they rest"
        yield f"{rows} on labels, mappings, sentences or counts, or the query hides the facts."
    if long := sum(number > 0 for number in omitted):
        yield f"Only {_MAX_FACTS} facts are named of those that a row rests on, in {count_of(long, 'row')}."
    if hides:
        yield "What the query matches inside a subquery, by a path or under EXISTS cannot be determined."
