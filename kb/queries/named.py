"""Find named queries, read them, and bind their parameters to what a user typed."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kb.problems import KbError, Place, Problem, fail
from kb.queries.compiled import Compiled
from kb.sparql import library
from kb.sparql.library import Parameter, Query
from kb.sparql.parameters import require_parameters, resolve_parameter
from kb.suggestions import did_you_mean

if TYPE_CHECKING:  # with a warm cache, the model is not imported
    from kb.model import KnowledgeBase


def find_query(kb: KnowledgeBase | Compiled, name: str) -> Query:
    """Find a named query: among those of the knowledge base, then among the shipped ones.

    Raises:
        KbError: There is none of that name (KB601), or its heading is wrong (KB609).
    """
    if isinstance(kb, Compiled) and name in kb.queries:
        return kb.queries[name]
    files = library.list_known_query_files(kb.folder)
    if name not in files:
        remedy = did_you_mean(name, files, "'kb query --list' lists them.")
        raise fail("KB601", f"There is no query '{name[:60]}'.", remedy)
    return read_query(files[name])


def named_queries(kb: KnowledgeBase | Compiled) -> list[Query]:
    """Read the named queries of a knowledge base, its own and the shipped ones, by name.

    Raises:
        KbError: The heading of one is wrong (KB609).
    """
    read = kb.queries if isinstance(kb, Compiled) else {}
    return [read.get(name) or read_query(path) for name, path in sorted(library.list_known_query_files(kb.folder).items())]


def read_valid_queries(folder: Path) -> dict[str, Query]:
    """Read the named queries of a knowledge base whose heading is right; the others are reported when they are used."""
    queries = {}
    for name, path in sorted(library.list_known_query_files(folder).items()):
        with suppress(KbError):
            queries[name] = read_query(path)
    return queries


def read_query(path: Path) -> Query:
    """Read a query file.

    Raises:
        KbError: It cannot be read, or its heading is wrong (KB609).
    """
    from kb.files import text_file

    with text_file.report_as_input(str(path)):
        return parse_query(text_file.read_text(path, str(path)), path)


def parse_query(text: str, path: Path) -> Query:
    """Parse the heading of a query; one without a heading has no question and no parameters.

    Raises:
        KbError: Its heading is wrong (KB609).
    """
    if not library.has_heading(text):
        return Query(path.stem, path.stem.strip("<>").capitalize(), "", (), (), {}, text, path)
    from kb.checks import json_schema
    from kb.model import Record
    from kb.records import strict_yaml

    about: Any = strict_yaml.parse(library.extract_heading(text), str(path)).value
    problems = list(json_schema.check(Record("query", about, Place(str(path), 1))))
    if problems:
        raise KbError(Problem(problem.place, "KB609", problem.message, problem.remedy) for problem in problems)
    return Query(
        name=path.stem,
        title=about["title"],
        question=about["question"],
        columns=tuple(about["columns"]),
        keywords=tuple(about.get("keywords", ())),
        parameters={name: Parameter(**fields) for name, fields in about.get("parameters", {}).items()},
        text=text,
        path=path,
        group=about.get("group", ""),
        needs=tuple(tuple(need.split(" or ")) for need in about.get("needs", ())),
        expect=tuple(about.get("expect", ())),
    )


def bind_query(kb: Compiled, query: Query, parameters: Mapping[str, str]) -> str:
    """Bind the parameters of a query to what a user typed.

    Raises:
        KbError: As :func:`resolve_parameter`, or a parameter is missing that the query needs (KB607).
    """
    require_parameters(query, parameters, kb.labels)
    values = {name: resolve_parameter(query, name, word, kb.labels, kb.names) for name, word in parameters.items()}
    return library.bind(query, values)
