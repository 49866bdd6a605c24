"""A structured knowledge base with linked-data export: facts, each with the sentence that states it.

The public API, in the order of the line::

    check(folder)             records, validated: the knowledge base, if there is one, and every problem
    load(folder)              the same for a knowledge base that must be in order
    compile_all(base)         quads
    export(base, "turtle")    text in a format
    ask(base, sparql)         the answer to a query, in RDF terms
    query("side-effects")     the same for Python and notebooks: rows of plain values, a pandas frame

What can go wrong is told by :class:`KbError`, which carries :class:`Problem` values.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kb.pipeline import check, compile_all, export, load
    from kb.problems import KbError, Problem
    from kb.queries import ask, query

__all__ = ["KbError", "Problem", "ask", "check", "compile_all", "export", "load", "query"]

_HOMES = {"KbError": "problems", "Problem": "problems", "ask": "queries", "query": "queries"}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that ``import kb`` costs nothing."""
    if name not in __all__:
        message = f"module 'kb' has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(f"kb.{_HOMES.get(name, 'pipeline')}"), name)
