"""Common slips in queries that an engine rejects, whose own message says only what its grammar expects next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from kb.sparql import syntax
from kb.sparql.syntax import SparqlToken

_BEFORE = frozenset({"DISTINCT", "REDUCED"})
_SELECTED_END = frozenset({"FROM", "WHERE"})


def find_slip(text: str) -> tuple[SparqlToken, str] | None:
    """Return the first slip of a query that is no SPARQL, with what to write; nothing if it has none of those known."""
    stream = list(syntax.tokens(text))
    slips = [*_find_in_lists(stream), *_find_in_numbers(stream)]
    return min(slips, key=lambda slip: slip[0].start, default=None)


def _find_in_lists(stream: Sequence[SparqlToken]) -> Iterator[tuple[SparqlToken, str]]:
    """Find what a list of selected variables may not have: commas, bare functions, and expressions without a name."""
    depth, opened = -1, SparqlToken("symbol", "", 0)  # below zero outside of a list
    has_name = False
    for token, following in zip(stream, [*stream[1:], opened], strict=False):
        if token.keyword == "SELECT":
            depth = 0
        elif depth == 0 and (token.text == "{" or token.keyword in _SELECTED_END):
            depth = -1
        elif depth == 0 and token.text == ",":
            yield token, "selected variables stand without commas between them: SELECT ?a ?b"
        elif depth == 0 and token.kind in {"word", "name"} and token.keyword not in _BEFORE and following.text == "(":
            yield token, f"a computed value stands in brackets and has a name: SELECT ({token.text}(...) AS ?name)"
            depth = -1
        elif depth >= 0 and token.kind in {"open", "close"}:
            if depth == 0:
                opened, has_name = token, False
            depth += 1 if token.kind == "open" else -1
            if depth == 0 and not has_name:
                yield opened, "a computed value needs a name: SELECT (... AS ?name)"
        has_name |= token.keyword == "AS"


def _find_in_numbers(stream: Sequence[SparqlToken]) -> Iterator[tuple[SparqlToken, str]]:
    for token, following in pairwise(stream):
        if token.keyword in {"LIMIT", "OFFSET"} and not following.text.isdecimal():
            yield following, f"{token.keyword} takes a whole number from 0"
