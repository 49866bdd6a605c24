"""Queries over a knowledge base: opened, asked by name or in SPARQL, and explained.

::

    compiled        a compiled knowledge base: everything that queries need
    opening         opens one, from the cache or by compiling it
    compiled_cache  the cache of compiled knowledge bases
    store_build     stores on disk: built, opened, and compared with the content they were made from
    named           named queries: found, read, and bound to parameters
    unknown_names   names in a query that the knowledge base does not have
    query_checks    checks of named queries, for ``kb validate``
    execution       answers a query
    sandbox         one child process for each query
    child_process   child processes with limits
    result          answers for Python: rows of plain values, a pandas frame
    explanation     the facts and sentences that the rows of an answer rest on
    description     the dataset and its queries in VoID and SHACL

Names are imported when they are first used: with a warm cache, a query needs neither the pipeline nor the readers of records.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kb.queries.compiled import Compiled, compile_base
    from kb.queries.execution import answer_named_queries, ask
    from kb.queries.explanation import explain
    from kb.queries.named import bind_query, find_query, named_queries, parse_query, read_query
    from kb.queries.opening import open_base
    from kb.queries.query_checks import check_everything
    from kb.queries.result import Result, query
    from kb.queries.store_build import build_store, check_store, open_fresh, open_store

__all__ = [
    "Compiled",
    "Result",
    "answer_named_queries",
    "ask",
    "bind_query",
    "build_store",
    "check_everything",
    "check_store",
    "compile_base",
    "explain",
    "find_query",
    "named_queries",
    "open_base",
    "open_fresh",
    "open_store",
    "parse_query",
    "query",
    "read_query",
]

_MODULES = {
    "compiled": ("Compiled", "compile_base"),
    "execution": ("answer_named_queries", "ask"),
    "explanation": ("explain",),
    "named": ("bind_query", "find_query", "named_queries", "parse_query", "read_query"),
    "opening": ("open_base",),
    "query_checks": ("check_everything",),
    "result": ("Result", "query"),
    "store_build": ("build_store", "check_store", "open_fresh", "open_store"),
}


def __getattr__(name: str) -> Any:
    """Import a name when it is first used."""
    for module, names in _MODULES.items():
        if name in names:
            return getattr(import_module(f"kb.queries.{module}"), name)
    message = f"module 'kb.queries' has no attribute {name!r}"
    raise AttributeError(message)
