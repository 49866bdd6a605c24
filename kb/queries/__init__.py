"""Open a knowledge base for queries, answer named queries and SPARQL, and explain the answers.

::

    compiled        a compiled knowledge base: everything that queries need
    compiled_cache  opens one, from a cache that follows its files, or by compiling it
    living_changes  what changes in the store of a large one after files have changed
    store_build     stores on disk: built, opened, and compared with the content they were made from
    named           named queries: found, read, and bound to parameters
    query_run       a query as a user asks it: bound, answered, explained
    reasons         why an answer is empty
    query_checks    checks of named queries, for ``kb validate``
    expected_answers  compares answers with those that headings expect
    execution       answers a query, here or by a SPARQL endpoint on another server
    sandbox         one child process for each query
    child_process   child processes with limits
    result          answers for Python: rows of plain values, a pandas frame
    explanation     the facts and sentences that the rows of an answer rest on
    fact_reader     facts in words, read by queries of a bounded length
    counting        what a dataset contains, counted
    description     the dataset and its queries in VoID and SHACL
"""

import sys
from types import ModuleType
from typing import Any

from kb.queries.compiled import Compiled, compile_base
from kb.queries.compiled_cache import open_base, open_sound
from kb.queries.execution import answer_named_queries, ask
from kb.queries.named import bind_query, find_query, named_queries, parse_query, read_query

__all__ = [
    "Compiled",
    "answer_named_queries",
    "ask",
    "bind_query",
    "compile_base",
    "find_query",
    "named_queries",
    "open_base",
    "open_sound",
    "parse_query",
    "read_query",
]


class _Package(ModuleType):
    """This package as a function, since the Python API has a function of its name: ``kb.queries()`` lists the named queries."""

    def __call__(self, *content: Any, **options: Any) -> Any:
        from kb.queries.result import list_queries

        return list_queries(*content, **options)


sys.modules[__name__].__class__ = _Package
