"""A structured knowledge base with linked-data export: facts, each with the sentence that states it.

The public API; docs/python.md has examples::

    check(folder)             validate records: all problems, and the knowledge base if one can be made
    load(folder)              read a knowledge base; raise if it has problems
    compile_all(base)         compile it to quads
    export(base, "turtle")    write it in an RDF format
    ask(base, sparql)         answer a SPARQL query in RDF terms
    query("side-effects")     answer a named or SPARQL query in plain values, for notebooks and pandas
    queries()                 list the named queries
    show("drowsiness")        say everything about one thing
    converter(base)           return the prefixes as a prefix map, for the curies library

Every error is a :class:`KbError`, which carries :class:`Problem` values.
"""

from __future__ import annotations

TYPE_CHECKING = False  # for type checkers; as little as possible is imported, so that the command line handles interrupts sooner
if TYPE_CHECKING:
    from typing import Any

    from kb import queries
    from kb.pipeline import check, compile_all, export, load
    from kb.problems import KbError, Problem
    from kb.queries import ask
    from kb.queries.result import query
    from kb.rdf.iris import converter
    from kb.reports.show import show

__all__ = ["KbError", "Problem", "ask", "check", "compile_all", "converter", "export", "load", "queries", "query", "show"]

_MODULES = {
    "KbError": "problems",
    "Problem": "problems",
    "ask": "queries",
    "converter": "rdf.iris",
    "query": "queries.result",
    "show": "reports.show",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that ``import kb`` is fast."""
    from importlib import import_module

    if name == "__version__":
        return import_module("importlib.metadata").version("linked-kb")
    if name not in __all__:
        message = f"module 'kb' has no attribute {name!r}"
        raise AttributeError(message)
    if name == "queries":
        return import_module("kb.queries")
    return getattr(import_module(f"kb.{_MODULES.get(name, 'pipeline')}"), name)


def __dir__() -> list[str]:
    """List the public names only."""
    return [*__all__, "__version__"]
