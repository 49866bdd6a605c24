"""Keep a query to one knowledge base, for stores that hold several of them."""

from __future__ import annotations

from kb.rdf.iris import KB, Names
from kb.sparql import syntax
from kb.sparql.syntax import SparqlToken

# Words that stand inside a triple pattern; after any other, the pattern has ended.
_IN_PATTERNS = {"A", "TRUE", "FALSE"}
# Words after which variables are listed or computed, up to the next brace.
_CLAUSES = {"SELECT", "DESCRIBE", "BY", "HAVING"}


def keep_to_base(text: str, names: Names) -> str:
    """Add the filters to a query that keep it to one knowledge base of a store.

    What a knowledge base states is connected: a fact leads to its terms, its document and its sentences. So it is enough to test
    the subjects of triple patterns that no pattern before them in the same group, or in one around it, has led to. Words of the
    shared ontology belong to every knowledge base.
    """
    text = _comment_out_parameters(text)
    pattern = f"^({names.own_pattern()}|{KB})"
    for variable in reversed(_find_starts(text)):
        before = text[text.rfind("\n", 0, variable.start) + 1 : variable.start]
        separator = " " if before.strip() else f"\n{before}"
        filter_ = f'FILTER(REGEX(STR({variable.text}), "{pattern}"))'
        text = f"{text[: variable.start]}{filter_}{separator}{text[variable.start :]}"
    return text


def _comment_out_parameters(text: str) -> str:
    """Turn each ``VALUES ?name { UNDEF }`` into a comment; Jena drops all rows where a filter tests a variable that is UNDEF."""
    stream = list(syntax.tokens(text))
    for first, *_, last in reversed([part for part in zip(*(stream[i:] for i in range(5)), strict=False) if _is_parameter(part)]):
        rest = text[last.end :].partition("\n")[0]
        text = f"{text[: first.start]}{text[last.end :] if rest.strip() else '# ' + text[first.start :]}"
    return text


def _is_parameter(part: tuple[SparqlToken, ...]) -> bool:
    return part[0].keyword == "VALUES" and [token.text for token in part[2:]] == ["{", "UNDEF", "}"]


def _find_starts(text: str) -> list[SparqlToken]:
    """Find the variables from which triple patterns start: subjects that no earlier pattern has led to."""
    starts: list[SparqlToken] = []
    # For each open group: the variables that it or a group around it leads to; and for each parenthesis that is open in it,
    # whether it belongs to an expression, and not to a path or a list.
    known, parentheses = [set[str]()], [list[bool]()]
    is_open = is_inverse = is_clause = is_template = ends_expression = False
    last = SparqlToken("symbol", "", 0)
    for token in syntax.tokens(text):
        is_template = token.text != "}" if is_template else token.text == "{" and last.keyword == "CONSTRUCT"
        if is_template:
            continue
        is_clause = token.keyword in _CLAUSES or (is_clause and token.text not in {"{", "}"})
        is_expression = is_clause or any(parentheses[-1])
        if token.kind == "variable" and not is_expression and (last.text in {"{", ".", "}"} or ends_expression):
            is_open, is_inverse = True, False
            starts += [] if token.text in known[-1] else [token]
            known[-1].add(token.text)
        elif token.kind == "variable" and is_open and not is_inverse:
            known[-1].add(token.text)
        elif token.text in {".", ";"} or (token.keyword and token.keyword not in _IN_PATTERNS):
            is_open, is_inverse = is_open and token.text == ";", False
        elif token.text == "^":  # against its properties, a path leads from shared words into any knowledge base
            is_inverse = True
        ends_expression = token.text == ")" and bool(parentheses[-1]) and parentheses[-1].pop()
        if token.text == "(":
            parentheses[-1].append(last.kind == "word" or is_expression)
        _enter_group(token, known, parentheses)
        is_open = is_open and token.text not in {"{", "}"}
        last = token
    return starts


def _enter_group(token: SparqlToken, known: list[set[str]], parentheses: list[list[bool]]) -> None:
    """Enter or leave the group that a token opens or closes."""
    if token.text == "{":
        known.append(set(known[-1]))
        parentheses.append([])
    elif token.text == "}" and len(known) > 1:
        known.pop()
        parentheses.pop()
    elif token.keyword == "SELECT":  # a query inside a query is answered on its own
        known[-1].clear()
