"""A SELECT split into its parts, and rewritten to select every variable that it names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from kb.sparql import syntax
from kb.sparql.syntax import SparqlToken

_AGGREGATES = frozenset({"COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"})
_MODIFIERS = frozenset({"HAVING", "ORDER", "LIMIT", "OFFSET"})


class WidenedQuery(NamedTuple):
    """A query that selects everything that another names.

    Args:
        text: The query.
        key: The variables by whose values a row of the other finds its solutions here.
        hidden: Whether the other matches something that no variable shows.
        bound: The variables that every solution binds by a pattern, so that a VALUES clause may restrict them.
        inside: The position in the text where its group begins, at which such a clause may stand.
    """

    text: str
    key: tuple[str, ...]
    hidden: bool
    bound: frozenset[str] = frozenset()
    inside: int = 0


class Select(NamedTuple):
    """A SELECT by parts.

    Args:
        prologue: What comes before SELECT.
        variables: The variables that it selects as they are.
        expressions: The expressions that it selects, each in its brackets, with the variable that it is bound to.
        star: Whether it selects everything.
        pattern: Its dataset clauses and its pattern.
        modifiers: What groups, orders and cuts its rows.
        values: The VALUES clause at its end.
    """

    prologue: str
    variables: tuple[str, ...]
    expressions: tuple[tuple[str, str], ...]
    star: bool
    pattern: str
    modifiers: str
    values: str


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
    return WidenedQuery(text, key, _hides(select.pattern), _bound_variables(select.pattern), inside)


def to_select(text: str) -> str | None:
    """Rewrite a query of any form as a SELECT of all that its pattern binds; nothing if it has no pattern."""
    tokens = list(syntax.tokens(text))
    start = next((index for index, token in enumerate(tokens) if token.keyword in syntax.FORMS), None)
    if start is None or tokens[start].keyword == "SELECT":
        return text
    clauses = range(start + 1, len(tokens))
    if tokens[start].keyword == "CONSTRUCT" and clauses and tokens[start + 1].text == "{":  # its template comes first
        depths = accumulate({"open": 1, "close": -1}.get(tokens[index].kind, 0) for index in clauses)
        end = next((index for index, depth in zip(clauses, depths, strict=True) if depth == 0), len(tokens))
        clauses = range(end + 1, len(tokens))
    pattern = next((index for index in clauses if tokens[index].keyword in {"FROM", "WHERE"} or tokens[index].text == "{"), None)
    return None if pattern is None else f"{text[: tokens[start].start]}SELECT * {text[tokens[pattern].start :]}"


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


def _hides(pattern: str) -> bool:
    """Check whether a pattern matches something that no variable shows.

    NOT EXISTS and MINUS match nothing, and a subquery that is optional as a whole only adds to a row.
    """
    words = [token.keyword for token in _without_optional_subqueries(list(syntax.tokens(pattern))) if token.kind == "word"]
    exists = any(word == "EXISTS" and before != "NOT" for before, word in zip(["", *words], words, strict=False))
    return exists or "SELECT" in words


def _without_optional_subqueries(tokens: Sequence[SparqlToken]) -> Iterator[SparqlToken]:
    """Yield the tokens that are not within ``OPTIONAL { SELECT ... }``."""
    end = 0
    for index, token in enumerate(tokens):
        if (
            index >= end
            and token.keyword == "OPTIONAL"
            and [each.keyword or each.text for each in tokens[index + 1 : index + 3]] == ["{", "SELECT"]
        ):
            depths = accumulate({"open": 1, "close": -1}.get(each.kind, 0) for each in tokens[index + 1 :])
            end = next((place for place, depth in enumerate(depths, index + 2) if depth == 0), len(tokens))
        if index >= end:
            yield token


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
