"""The forms that some store refuses, or answers wrongly, stand in no named query."""

from __future__ import annotations

import re

from kb import resources
from kb.sparql import library, syntax

QUERIES = {name: path.read_text(encoding="utf-8") for name, path in library.list_query_files(resources.content()).items()}


def words_of_groups(text: str) -> list[list[str]]:
    """Give the keywords and full stops of each group, without those of the groups inside it."""
    groups: list[list[str]] = []
    opened: list[list[str]] = [[]]
    for token in syntax.tokens(text):
        if token.text == "{":
            opened.append([])
        elif token.text == "}":
            groups.append(opened.pop())
        elif token.keyword or token.text == ".":
            opened[-1].append(token.keyword or token.text)
    return groups


def test_what_is_optional_stands_before_what_is_computed() -> None:
    """Virtuoso moves the filters of a group into an OPTIONAL that follows a BIND, and so gives the rows that they exclude."""
    for name, text in QUERIES.items():
        for words in words_of_groups(text):
            assert "BIND" not in words or "OPTIONAL" not in words[words.index("BIND") :], name


def test_values_are_listed_before_the_patterns_of_their_group() -> None:
    """rdflib answers the patterns after VALUES on their own, and pairs them with those before."""
    for name, text in QUERIES.items():
        for words in words_of_groups(text):
            assert "." not in words or "VALUES" not in words[words.index(".") :], name


def test_no_expression_but_a_filter_asks_for_a_pattern() -> None:
    """Virtuoso refuses EXISTS in BIND."""
    assert not [name for name, text in QUERIES.items() if re.search(r"BIND\([^\n]*\bEXISTS\b", text)]


def test_nothing_is_counted_that_may_be_unbound() -> None:
    """Comunica gives no count at all for a group in which a counted variable is unbound in one row."""
    for name, text in QUERIES.items():
        counted = re.findall(r"COUNT\((?:DISTINCT )?\?(\w+)\)", text)
        assert not [variable for variable in counted if re.search(rf"BIND\(.*AS \?{variable}\)", text)], name


def test_no_path_is_optional() -> None:
    """Virtuoso gives only some of the rows of a path that ends in a question mark."""
    for name, text in QUERIES.items():
        stream = list(syntax.tokens(text))
        assert not [
            token for token, last in zip(stream[1:], stream, strict=False) if token.text == "?" and last.kind == "name"
        ], name


def test_the_forms_are_recognised() -> None:
    assert ["FILTER", "TRUE", "BIND", "AS", "OPTIONAL"] in words_of_groups("{ FILTER(true) BIND(1 AS ?a) OPTIONAL { ?a ?b ?c } }")
