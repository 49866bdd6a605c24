"""A SELECT taken apart by its tokens, and asked with all that it names selected."""

from __future__ import annotations

import re
from typing import NamedTuple

from kb.sparql.guard import TOKEN

_AGGREGATES = frozenset({"COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"})


class Widened(NamedTuple):
    """A query that selects all that another names.

    Args:
        text: The query.
        key: The variables by whose values a row of the other finds its solutions here.
        hidden: Whether part of what the other met shows in no variable.
    """

    text: str
    key: tuple[str, ...]
    hidden: bool


class Select(NamedTuple):
    """A SELECT by parts: what stands before it, what it selects, its pattern, what orders and cuts, and VALUES at its end."""

    prologue: str
    variables: tuple[str, ...]
    expressions: tuple[tuple[str, str], ...]
    star: bool
    pattern: str
    modifiers: str
    values: str


def take_apart(text: str) -> Select | None:
    """Take a SELECT apart; give nothing if it is none, or is not well-formed as far as its tokens tell."""
    tokens = [token for token in TOKEN.finditer(text) if token.lastgroup != "comment"]
    start = next((index for index, token in enumerate(tokens) if token.group().upper() == "SELECT"), None)
    if start is None:
        return None
    depth, body, end = 0, None, None
    for index in range(start, len(tokens)):
        depth += {"open": 1, "close": -1}.get(tokens[index].lastgroup or "", 0)
        if body is None and depth == 1 and tokens[index].group() == "{":
            body = index
        if body is not None and depth == 0:
            end = index
            break
    if body is None or end is None:
        return None
    dataset = next((each for each in tokens[start:body] if each.group().upper() in {"FROM", "WHERE"}), tokens[body])
    selected = text[tokens[start].end() : dataset.start()]
    trailing = next((each for each in tokens[end + 1 :] if each.group().upper() == "VALUES"), None)
    last = trailing.start() if trailing else len(text)
    found = _selected(selected)
    if found is None:
        return None
    variables, expressions, star = found
    return Select(
        text[: tokens[start].start()],
        variables,
        expressions,
        star,
        text[dataset.start() : tokens[end].end()],
        text[tokens[end].end() : last],
        text[last:],
    )


def _selected(text: str) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...], bool] | None:
    """Read what stands between SELECT and its pattern: variables, expressions with their variables, or a star."""
    variables, expressions, depth, start = [], [], 0, 0
    for token in TOKEN.finditer(text):
        if token.lastgroup == "open":
            start = token.start() if depth == 0 else start
            depth += 1
        elif token.lastgroup == "close":
            depth -= 1
            if depth == 0:
                inner = text[start : token.end()]
                named = re.search(r"\bAS\s*[?$](\w+)\s*\)$", inner, re.IGNORECASE)
                if not named:
                    return None
                expressions.append((inner, named[1]))
        elif token.lastgroup == "variable" and depth == 0:
            variables.append(token.group()[1:])
    return tuple(variables), tuple(expressions), not variables and not expressions and "*" in text


def widened(text: str) -> Widened | None:
    """Give a query that selects every variable that another names, one solution a row; nothing if that cannot be.

    Args:
        text: The query: a SELECT.
    """
    select = take_apart(text)
    if select is None:
        return None
    grouped = _words(select.modifiers) & {"GROUP", "HAVING"} or any(
        _words(inner) & _AGGREGATES for inner, _ in select.expressions
    )
    keys = re.search(r"\bGROUP\s+BY(.*?)(?:\b(?:HAVING|ORDER|LIMIT|OFFSET)\b|$)", select.modifiers, re.IGNORECASE | re.DOTALL)
    if keys and "(" in keys[1]:
        return None
    kept = () if grouped else select.expressions
    named = dict.fromkeys(
        token.group()[1:] for token in TOKEN.finditer(select.pattern + select.values) if token.lastgroup == "variable"
    )
    own = {name for _, name in select.expressions}
    key = tuple(named) if select.star else (*select.variables, *(name for _, name in kept))
    grouping = _grouping(select.modifiers) if grouped else None
    if grouping is not None:
        key = tuple(name for name in key if name in grouping)
    others = [name for name in dict.fromkeys((*select.variables, *named)) if name not in own]
    chosen = " ".join([*(f"?{name}" for name in others), *(inner for inner, _ in kept)])
    if not chosen:
        return None
    return Widened(f"{select.prologue}SELECT {chosen} {select.pattern} {select.values}", key, _hides(select.pattern))


def _hides(pattern: str) -> bool:
    """Tell whether a pattern meets something that shows in no variable; under NOT EXISTS and MINUS it meets nothing."""
    words = [token.group().upper() for token in TOKEN.finditer(pattern) if token.lastgroup == "word"]
    met = any(word == "EXISTS" and before != "NOT" for before, word in zip(["", *words], words, strict=False))
    return met or "SELECT" in words


def _grouping(modifiers: str) -> set[str]:
    """Give the variables that rows are grouped by."""
    found = re.search(r"\bGROUP\s+BY\s+((?:[?$]\w+\s*)+)", modifiers, re.IGNORECASE)
    return set(re.findall(r"[?$](\w+)", found[1])) if found else set()


def _words(text: str) -> set[str]:
    return {token.group().upper() for token in TOKEN.finditer(text) if token.lastgroup == "word"}
