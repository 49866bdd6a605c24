"""rdflib: slower than Oxigraph, and independent of it, so that answers can be compared."""

from __future__ import annotations

import re
from functools import partialmethod
from typing import Any

import rdflib
import rdflib.plugins.sparql
from pyparsing import ParseException
from rdflib import XSD
from rdflib.plugins.sparql.algebra import translateQuery, traverse
from rdflib.plugins.sparql.parser import Query as Grammar
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.term import Node

from kb.rdf.quads import literal
from kb.sparql import syntax
from kb.sparql.engines import explain_syntax_error, select_answer
from kb.sparql.values import Answer, EngineError, Question

_ESCAPE = re.compile(r"\\\\|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}")
_WARM_UP = """SELECT (REPLACE(LCASE(STR(?s)), 'a', 'b') AS ?x) (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?s ORDER BY ?x LIMIT 1"""


class _Dataset(rdflib.Dataset):
    """A dataset that describes a resource as Oxigraph does: by the triples of which it is the subject."""

    cbd = partialmethod(rdflib.Dataset.cbd, include_reifications=False)


def load(question: Question) -> rdflib.Dataset:
    """Load the data, and run one query so that every module that rdflib needs later is imported."""
    if question.store:
        raise EngineError("KB656", "Rdflib queries data in memory; without --store it reads the records")
    rdflib.NORMALIZE_LITERALS = False
    rdflib.plugins.sparql.SPARQL_LOAD_GRAPHS = False
    Grammar.parse_with_tabs()  # or tabs become blanks, even in strings
    dataset = _Dataset(default_union=True)
    dataset.parse(data=question.data, format="nquads")
    list(dataset.query(_WARM_UP))
    return dataset


def ask(dataset: rdflib.Dataset, question: Question) -> Answer:
    """Answer a query; the default graph is the union of all graphs.

    Raises:
        EngineError: The query has a syntax error or cannot be evaluated.
    """
    try:
        parsed = Grammar.parse_string(_ESCAPE.sub(_resolve_escape, question.text), parse_all=True)
        query = translateQuery(parsed, question.base, dict(question.prefixes))
        traverse(query.algebra, visitPost=_join_lazily)
        result = dataset.query(query)
        if result.type == "ASK":
            return Answer("ask", truth=bool(result.askAnswer))
        if result.type in {"CONSTRUCT", "DESCRIBE"}:
            return Answer("graph", triples=tuple((_n3(s), _n3(p), _n3(o)) for s, p, o in result.graph or ()))
        variables = list(result.vars or ())
        bindings = [] if _has_no_group(query.algebra, result.bindings) else result.bindings
        rows = (tuple(None if row.get(name) is None else _n3(row[name]) for name in variables) for row in bindings)
        return select_answer(question, list(map(str, variables)), rows)
    except ParseException as error:
        plain = EngineError("KB602", f"{error.msg[:1].lower()}{error.msg[1:]}", error.lineno, error.column)
        raise explain_syntax_error(question) or plain from error
    except RecursionError as error:
        raise EngineError("KB606", "it is nested too deeply for rdflib") from error
    except MemoryError:
        raise
    except Exception as error:
        undeclared = explain_syntax_error(question) if str(error).startswith("Unknown namespace prefix") else None
        raise undeclared or EngineError("KB608", f"{type(error).__name__}: {error}") from error


def _resolve_escape(escape: re.Match[str]) -> str:
    """Resolve an escape (SPARQL 1.1, section 19.2); rdflib itself would read as many digits as follow."""
    return escape[0] if escape[0] == "\\\\" else syntax.decode(escape[0])


def _has_no_group(algebra: Any, bindings: Any) -> bool:
    """Check whether the only row is rdflib's result for no group, which should be no row (SPARQL 1.1, section 18.5.1)."""
    if len(bindings) != 1 or any(value is not None for value in bindings[0].values()):
        return False
    part = algebra
    while isinstance(part, CompValue) and part.name != "Group":
        part = part.get("p")
    return isinstance(part, CompValue) and bool(part.expr)


def _join_lazily(part: Any) -> None:
    """Match a basic graph pattern for each solution so far; rdflib may otherwise match all of it on its own first."""
    if isinstance(part, CompValue) and part.name == "Join" and part.p2.name == "BGP":
        part["lazy"] = True


def _n3(node: Node) -> str:
    if not isinstance(node, rdflib.Literal):
        return node.n3()
    return literal(str(node), str(node.datatype or XSD.string), node.language or "")
