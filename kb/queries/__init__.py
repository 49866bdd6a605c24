"""ASK: questions over the line, from named queries to answers.

Names are imported when they are first used: a question that a warm cache answers needs neither the line nor the readers
of records (``kb.queries.compiled_cache``).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kb.queries.compiled import Compiled, compile_base, open_base, open_kept
    from kb.queries.execution import answer, answers, ask
    from kb.queries.explanation import explain
    from kb.queries.named import bind_query, find_query, named_queries, parse_query, read_query
    from kb.queries.query_checks import check_everything
    from kb.queries.result import Result, query
    from kb.queries.store_build import build_store, check_store, open_fresh, open_store

__all__ = [
    "Compiled",
    "Result",
    "answer",
    "answers",
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
    "open_kept",
    "open_store",
    "parse_query",
    "query",
    "read_query",
]

_HOMES = {
    "execution": ("answer", "answers", "ask"),
    "query_checks": ("check_everything",),
    "compiled": ("Compiled", "compile_base", "open_base", "open_kept"),
    "explanation": ("explain",),
    "result": ("Result", "query"),
    "store_build": ("build_store", "check_store", "open_fresh", "open_store"),
    "named": ("bind_query", "find_query", "named_queries", "parse_query", "read_query"),
}


def __getattr__(name: str) -> Any:
    """Import a name when it is first used."""
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"kb.queries.{home}"), name)
    message = f"module 'kb.queries' has no attribute {name!r}"
    raise AttributeError(message)
