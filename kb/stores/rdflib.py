"""rdflib: the second opinion, slower, and the engine for those who know it."""

from __future__ import annotations

import rdflib
import rdflib.plugins.sparql
from pyparsing import ParseException
from rdflib import XSD
from rdflib.term import Node

from kb.answers import Answer, Question, Refusal
from kb.quads import literal


def load(question: Question) -> rdflib.Dataset:
    """Read the dataset, and run one query so that every module that rdflib needs later is there."""
    rdflib.NORMALIZE_LITERALS = False
    rdflib.plugins.sparql.SPARQL_LOAD_GRAPHS = False
    dataset = rdflib.Dataset(default_union=True)
    dataset.parse(data=question.data, format="nquads")
    list(dataset.query("SELECT (REPLACE(LCASE(STR(?s)), 'a', 'b') AS ?x) (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?s LIMIT 1"))
    return dataset


def ask(dataset: rdflib.Dataset, question: Question) -> Answer:
    """Answer a question; the default graph is the union of all graphs.

    Raises:
        Refusal: The query has a syntax error or cannot be evaluated.
    """
    try:
        result = dataset.query(question.text, initNs=dict(question.prefixes), base=question.base)
        if result.type == "ASK":
            return Answer("ask", truth=bool(result.askAnswer))
        if result.type in {"CONSTRUCT", "DESCRIBE"}:
            graph = result.graph if result.graph is not None else rdflib.Graph()
            return Answer("graph", triples=tuple((_n3(s), _n3(p), _n3(o)) for s, p, o in graph))
        variables = [str(variable) for variable in result.vars or ()]
        rows = tuple(tuple(_n3(binding[v]) if v in binding else None for v in result.vars or ()) for binding in result.bindings)
        return Answer("select", tuple(variables), rows)
    except ParseException as error:
        raise Refusal("KB602", error.msg, error.lineno, error.column) from error
    except RecursionError as error:
        raise Refusal("KB606", "nested too deeply") from error
    except Exception as error:
        code = "KB602" if "prefix" in str(error).lower() else "KB608"
        raise Refusal(code, f"{type(error).__name__}: {error}") from error


def _n3(node: Node) -> str:
    return node.n3() if not isinstance(node, rdflib.Literal) else _literal(node)


def _literal(node: rdflib.Literal) -> str:
    return literal(str(node), str(node.datatype or XSD.string), node.language or "")
