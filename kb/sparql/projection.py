"""A SELECT split into its parts, and rewritten to select every variable that it names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from kb.sparql import syntax
from kb.sparql.syntax import SparqlToken

_AGGREGATES = frozenset({"COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"})
_MODIFIERS = frozenset({"HAVING", "ORDER", "LIMIT", "OFFSET"})
# Words after which a group is no part of what is matched, or no variable shows it.
_UNSHOWN = frozenset({"EXISTS", "MINUS", "VALUES"})


class WidenedQuery(NamedTuple):
    """A query that selects everything that another names.

    A row of the other finds its solutions by the values of ``key``. ``bound`` are the variables that every solution binds by a
    pattern, so that a VALUES clause may restrict them; it may stand at ``inside`` in the text, where the group begins.
    """

    text: str
    key: tuple[str, ...]
    bound: frozenset[str] = frozenset()
    inside: int = 0


class Select(NamedTuple):
    """A SELECT by parts.

    ``prologue`` is what comes before it; ``expressions`` stand in brackets, each with the variable that it is bound to;
    ``pattern`` includes dataset clauses; ``modifiers`` group, order and cut the rows; ``values`` is the VALUES clause at its end.
    """

    prologue: str
    variables: tuple[str, ...]
    expressions: tuple[tuple[str, str], ...]
    star: bool
    pattern: str
    modifiers: str
    values: str


def list_absent(text: str) -> list[str]:
    """List the selected variables that a SELECT names nowhere else, so that they never have a value."""
    select = parse_select(text)
    if select is None:
        return []
    others = " ".join((select.pattern, select.modifiers, select.values, *(words for words, _ in select.expressions)))
    named = {token.text[1:] for token in syntax.tokens(others) if token.kind == "variable"}
    return [name for name in select.variables if name not in named]


def parse_select(text: str) -> Select | None:
    """Split a SELECT into its parts; nothing if it is none, or its brackets do not match."""
    tokens = list(syntax.tokens(text))
    start = next((index for index, token in enumerate(tokens) if token.keyword == "SELECT"), None)
    if start is None:
        return None
    depths = list(accumulate({"open": 1, "close": -1}.get(token.kind, 0) for token in tokens[start:]))
    opened = (index for index, depth in enumerate(depths, start) if depth == 1 and tokens[index].text == "{")
    body = next(opened, None)
    end = next((index for index, depth in enumerate(depths, start) if body is not None and index > body and depth == 0), None)
    if body is None or end is None:
        return None
    clauses = next((index for index in range(start, body) if tokens[index].keyword in {"FROM", "WHERE"}), body)
    selected = _parse_selection(tokens[start + 1 : clauses], text)
    if selected is None:
        return None
    values = next((token.start for token in tokens[end + 1 :] if token.keyword == "VALUES"), len(text))
    return Select(
        text[: tokens[start].start],
        *selected,
        text[tokens[clauses].start : tokens[end].end],
        text[tokens[end].end : values],
        text[values:],
    )


def _parse_selection(
    tokens: Sequence[SparqlToken], text: str
) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...], bool] | None:
    """Parse what SELECT selects: variables, expressions with their variables, and whether it is a star."""
    variables, expressions, depth, start = [], [], 0, 0
    for index, token in enumerate(tokens):
        if token.kind == "open":
            start = token.start if depth == 0 else start
            depth += 1
        elif token.kind == "close":
            depth -= 1
            if depth == 0:
                keyword, variable = tokens[max(0, index - 2)], tokens[index - 1]
                if keyword.keyword != "AS" or variable.kind != "variable":
                    return None
                expressions.append((text[start : token.end], variable.text[1:]))
        elif token.kind == "variable" and depth == 0:
            variables.append(token.text[1:])
    star = not variables and not expressions and any(token.text == "*" for token in tokens)
    return tuple(variables), tuple(expressions), star


def widen(text: str) -> WidenedQuery | None:
    """Rewrite a SELECT to select every variable that it names, one solution a row; nothing if it cannot be rewritten."""
    select = parse_select(text)
    if select is None:
        return None
    is_grouped = bool(_keywords(select.modifiers) & {"GROUP", "HAVING"}) or any(
        _keywords(expression) & _AGGREGATES for expression, _ in select.expressions
    )
    if is_grouped:
        select = parse_select(_open_subqueries(text)) or select
    grouping = _group_keys(select.modifiers)
    if any(token.text == "(" for token in grouping):
        return None
    selected = () if is_grouped else select.expressions
    named = dict.fromkeys(_variables(syntax.tokens(f"{select.pattern} {select.values}")))
    computed = {name for _, name in select.expressions}
    key = tuple(named) if select.star else (*select.variables, *(name for _, name in selected))
    if is_grouped:
        key = tuple(name for name in key if name in _variables(grouping))
    others = [f"?{name}" for name in dict.fromkeys((*select.variables, *named)) if name not in computed]
    chosen = " ".join([*others, *(expression for expression, _ in selected)])
    if not chosen:
        return None
    start = f"{select.prologue}SELECT {chosen} "
    inside = len(start) + next(token.end for token in syntax.tokens(select.pattern) if token.text == "{")
    text = f"{start}{select.pattern} {select.values}"
    return WidenedQuery(text, key, _bound_variables(select.pattern), inside)


def _open_subqueries(text: str) -> str:
    """Let the subqueries that only leave out variables select all of them, so that what a count counts can be seen.

    One that is optional as a whole only adds to a row, and stays; so does one whose variables the rest of the query names too.
    """
    tokens = list(syntax.tokens(text))
    for index in reversed(range(2, len(tokens))):
        if tokens[index].keyword != "SELECT" or tokens[index - 1].text != "{" or tokens[index - 2].keyword == "OPTIONAL":
            continue
        end = _find_end(tokens, index - 1)
        inner = parse_select(text[tokens[index].start :][: tokens[end - 1].start - tokens[index].start])
        if inner and inner.variables and not (inner.expressions or inner.modifiers.strip() or inner.values):
            hidden = set(_variables(tokens[index:end])) - set(inner.variables)
            body = next(token for token in tokens[index:] if token.keyword in {"FROM", "WHERE"} or token.text == "{")
            if hidden.isdisjoint(_variables([*tokens[:index], *tokens[end:]])):
                text = f"{text[: tokens[index].end]} * {text[body.start :]}"
                tokens = list(syntax.tokens(text))
    return text


def to_select(text: str) -> str | None:
    """Rewrite a query of any form as a SELECT of all that its pattern binds; nothing if it has no pattern."""
    tokens = list(syntax.tokens(text))
    start = next((index for index, token in enumerate(tokens) if token.keyword in syntax.FORMS), None)
    if start is None or tokens[start].keyword == "SELECT":
        return text
    clauses = range(start + 1, len(tokens))
    if tokens[start].keyword == "CONSTRUCT" and clauses and tokens[start + 1].text == "{":  # its template comes first
        clauses = range(_find_end(tokens, start + 1), len(tokens))
    pattern = next((index for index in clauses if tokens[index].keyword in {"FROM", "WHERE"} or tokens[index].text == "{"), None)
    return None if pattern is None else f"{text[: tokens[start].start]}SELECT * {text[tokens[pattern].start :]}"


def _find_end(tokens: Sequence[SparqlToken], opened: int) -> int:
    """Return the index after the bracket that closes the one at an index."""
    depths = accumulate({"open": 1, "close": -1}.get(token.kind, 0) for token in tokens[opened:])
    return next((index for index, depth in enumerate(depths, opened + 1) if depth == 0), len(tokens))


def find_optional_variables(group: str) -> list[set[str]]:
    """Find, for each OPTIONAL of a group, the variables that are named in it alone."""
    tokens = list(syntax.tokens(group))
    starts = [index for index, token in enumerate(tokens) if token.keyword == "OPTIONAL"]
    spans = [(start, _find_end(tokens, start + 1)) for start in starts]
    return [set(_variables(tokens[start:end])) - set(_variables([*tokens[:start], *tokens[end:]])) for start, end in spans]


def find_patterns(text: str, start: int, prefixes: Mapping[str, str], base: str) -> tuple[list[tuple[str, ...]], bool]:
    """Find the triple patterns that variables show, from a position in a query, and whether it matches what no variable shows.

    A variable is ``?name``, an IRI is in brackets, anything else is empty; a pattern with a path has more than three parts. NOT
    EXISTS and MINUS match nothing, a subquery that is optional as a whole only adds to a row, and one with a star shows all.
    """
    iris = {found.token.start: found.iri for found in syntax.find_references(text, prefixes, base)}
    patterns: list[tuple[str, ...]] = []
    parts: list[str] = []
    last = ["", "", ""]
    depth, is_unshown, hides = 0, False, False
    for token in (token for token in syntax.tokens(text) if token.start >= start):
        hides |= token.keyword == "EXISTS" and last[-1] != "NOT"
        if depth:
            depth += {"open": 1, "close": -1}.get(token.kind, 0)
        elif last[-1] == "SELECT" and token.text != "*":  # up to the end of the subquery
            depth = 1 + (token.kind == "open")
            hides |= last[0] != "OPTIONAL"
        elif token.kind == "open" and (token.text != "{" or is_unshown):
            parts = [] if token.text == "{" else [*parts, *([] if last[-1].isalpha() else [""])]
            depth, is_unshown = 1, is_unshown and token.text != "{"
        elif token.text in {".", ";", ",", "{", "}"} or token.keyword not in {"", "A", "TRUE", "FALSE"}:
            patterns.append(tuple(parts))
            parts = parts[: {";": 1, ",": 2}.get(token.text, 0)]
            is_unshown = token.keyword in _UNSHOWN
        else:
            parts.append(
                f"?{token.text[1:]}" if token.kind == "variable" else f"<{found}>" if (found := iris.get(token.start)) else ""
            )
        last = [*last[1:], token.keyword or token.text]
    return patterns, hides


def _bound_variables(pattern: str) -> frozenset[str]:
    """Find the variables in the triples of the outermost group, which no expression binds."""
    bound: set[str] = set()
    assigned: set[str] = set()
    depth, before = 0, ""
    for token in syntax.tokens(pattern):
        depth += {"open": 1, "close": -1}.get(token.kind, 0)
        if token.kind == "variable" and (before == "AS" or depth == 1):
            (assigned if before == "AS" else bound).add(token.text[1:])
        before = token.keyword
    return frozenset(bound - assigned)


def _group_keys(modifiers: str) -> list[SparqlToken]:
    """Find the tokens of a GROUP BY clause."""
    tokens = list(syntax.tokens(modifiers))
    start = next((index for index, token in enumerate(tokens) if token.keyword == "GROUP"), len(tokens))
    end = next((index for index in range(start, len(tokens)) if tokens[index].keyword in _MODIFIERS), len(tokens))
    return tokens[start:end]


def _variables(tokens: Iterable[SparqlToken]) -> list[str]:
    return [token.text[1:] for token in tokens if token.kind == "variable"]


def _keywords(text: str) -> set[str]:
    return {token.keyword for token in syntax.tokens(text)}
