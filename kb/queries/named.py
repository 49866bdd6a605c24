"""Named queries: found, read, and bound to what a user typed."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kb.files import text_file
from kb.problems import KbError, Place, Problem, fail
from kb.queries.compiled import Compiled, vocabulary
from kb.sparql import library
from kb.sparql.library import Parameter, Query

if TYPE_CHECKING:  # as in kb.queries.compiled
    from kb.model import KnowledgeBase


def find_query(kb: KnowledgeBase | Compiled, name: str) -> Query:
    """Find a named query: among those of the knowledge base, then among the shipped ones.

    Raises:
        KbError: There is none of that name (KB601), or its heading is wrong (KB609).
    """
    if isinstance(kb, Compiled) and name in kb.queries:
        return library.from_plain(kb.queries[name])
    known = library.known(kb.folder)
    if name not in known:
        from difflib import get_close_matches

        near = get_close_matches(name[:60], known, n=1)
        remedy = f"Did you mean '{near[0]}'?" if near else f"Known are: {', '.join(known)}."
        raise fail("KB601", f"There is no query '{name[:60]}'.", remedy)
    return read_query(known[name])


def named_queries(kb: KnowledgeBase | Compiled) -> list[Query]:
    """Give the named queries that a knowledge base can be asked, its own and the shipped ones, by name.

    Raises:
        KbError: The heading of one is wrong (KB609).
    """
    known = kb.queries if isinstance(kb, Compiled) else {}
    files = library.known(kb.folder)
    return [library.from_plain(known[name]) if name in known else read_query(files[name]) for name in sorted(files)]


def well_formed(base: Compiled) -> dict[str, dict[str, Any]]:
    """Read the queries that are in order, as plain values; what is wrong with others is told when one asks for them."""
    from kb.sparql import guard

    found = {}
    for name, path in sorted(library.known(base.folder).items()):
        with suppress(KbError):
            query = read_query(path)
            traits = guard.examine(query.text, base.graphs, base.names.prefixes, base.names.base)
            found[name] = library.to_plain(query._replace(traits=traits))
    return found


def read_query(path: Path) -> Query:
    """Read a query file.

    Raises:
        KbError: It cannot be read, or its heading is wrong (KB609).
    """
    return parse_query(text_file.read_text(path, str(path)), path)


def parse_query(whole: str, path: Path) -> Query:
    """Take a query and its heading apart; one without a heading has no question and no parameters.

    Raises:
        KbError: Its heading is wrong (KB609).
    """
    heading = library.heading(whole)
    if not f"\n{heading}".count("\ntitle:"):
        return Query(path.stem, path.stem, "", (), (), {}, whole, path)
    from kb.checks import json_schema
    from kb.model import Record
    from kb.records import strict_yaml

    about: Any = strict_yaml.parse(heading, str(path)).value
    found = list(json_schema.check(Record("query", about, Place(str(path), 1))))
    if found:
        raise KbError(Problem(each.place, "KB609", each.message, each.remedy) for each in found)
    parameters = {name: Parameter(**each) for name, each in about.get("parameters", {}).items()}
    columns, keywords = tuple(about["columns"]), tuple(about.get("keywords", ()))
    return Query(
        path.stem, about["title"], about["question"], columns, keywords, parameters, whole, path, group=about.get("group", "")
    )


def bind_query(kb: KnowledgeBase | Compiled, query: Query, values: Mapping[str, str]) -> str:
    """Bind the parameters of a query to what a user typed.

    Raises:
        KbError: The query has no such parameter, or the value is not of its type (KB607).
    """
    if not values:
        return query.text
    from kb.sparql.parameters import resolve_value

    bound = {}
    labels, names = vocabulary(kb)
    for name, value in values.items():
        if name not in query.parameters:
            known = ", ".join(query.parameters) or "none"
            raise fail("KB607", f"'{query.name}' has no parameter '{name[:60]}'.", f"It takes: {known}.")
        bound[name] = resolve_value(query.parameters[name].type, value, labels, names)
    return library.bind(query, bound)
