"""Named questions as pages: their forms, their values bound, and a description of all of them in OpenAPI."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from kb.pages.links import Links
from kb.rdf.iris import KB, Names
from kb.rdf.quads import iri_value, is_iri
from kb.sparql import library
from kb.sparql.library import Query
from kb.sparql.parameters import Labels

#: How many values a pick list has; of more, a text field takes one by any of its names.
_MAX_OPTIONS = 400
_SORTS = {"term", "predicate", "document", "word"}
_LANGUAGE = "The language of the labels."
_FORMATS = ("html", "json", "csv", "tsv", "xml")


class Field(NamedTuple):
    """A parameter as a field of a form: pick list of values and labels, or None where a text is typed."""

    name: str
    description: str
    default: str
    value: str
    options: list[tuple[str, str]] | None


class QuestionView(NamedTuple):
    """A named question with the fields of its form."""

    name: str
    title: str
    question: str
    group: str
    text: str
    fields: list[Field]


def question_view(
    query: Query, labels: Labels, names: Names, values: Mapping[str, str] = {}, options: Mapping[str, Sequence[str]] = {}
) -> QuestionView:
    """Return a named question with the fields of its form.

    ``values`` are those that are typed or chosen; ``options`` are the terms with which the question has rows, by parameter.
    """
    fields = [
        Field(
            name,
            about.description,
            about.default,
            values.get(name, ""),
            _list_options(about.type, labels, terms, values.get(name)),
        )
        for name, about in query.parameters.items()
        for terms in [options.get(name, ())]
    ]
    text = library.standalone_text(query.text, names)
    return QuestionView(query.name, query.title, query.question or query.title, query.group, text, fields)


def language_fields(languages: Sequence[str], chosen: str) -> list[Field]:
    """Return the field for the language of labels, if there are several."""
    others = [(tag, tag) for tag in languages[1:]]
    return [Field("language", _LANGUAGE, languages[0], chosen, others)] if others else []


def _list_options(kind: str, labels: Labels, terms: Sequence[str], chosen: str | None) -> list[tuple[str, str]] | None:
    """List the values of a pick list with their labels, and the chosen one; None if they are too many, or typed as text."""
    if kind not in _SORTS or not 0 < len(terms) <= _MAX_OPTIONS:
        return None
    ids = {re.split("[/#]", iri_value(term))[-1] for term in terms if is_iri(term)} | ({chosen} if chosen else set())
    known = labels.get(kind, {})
    return sorted(((name, next(iter(known.get(name, ())), name)) for name in ids), key=lambda both: both[1].casefold())


def group_questions(queries: Iterable[Query], names: Names) -> list[tuple[str, list[QuestionView]]]:
    """Return the questions by the title of their group, in the order of groups."""
    ordered = sorted(queries, key=lambda query: (library.group_rank(query.group), query.name))
    groups = groupby(ordered, key=lambda query: library.group_title(query.group))
    return [(title, [question_view(query, {}, names) for query in group]) for title, group in groups]


def labels_by_iri(labels: Labels, names: Names) -> dict[str, str]:
    """Return the preferred labels of terms, predicates and documents, by IRI."""
    return {
        mint(name): words[0]
        for sort, mint in (("term", names.term), ("predicate", names.predicate), ("document", names.document))
        for name, words in labels.get(sort, {}).items()
        if words
    }


def describe_words(used: Iterable[str], links: Links, labels: Mapping[str, str]) -> dict[str, Any]:
    """Return what the query editor completes: prefixes, and predicates, classes and properties with labels."""
    predicates = ((iri, label) for iri, label in labels.items() if "/predicate/" in iri or iri.startswith(KB))
    words = [*predicates, *((link.title, link.text) for link in (links.predicate_link(iri_value(term), {}) for term in used))]
    names = ((links.names.compact(iri), label) for iri, label in words)
    return {
        "prefixes": links.names.prefixes,
        "words": sorted({name: label for name, label in names if name}.items()),
        "search": links.page("search"),
    }


def describe_api(
    title: str, version: str, queries: Sequence[Query], address: str, languages: Sequence[str] = ()
) -> dict[str, Any]:
    """Describe the addresses of all named questions (OpenAPI 3.1), whose answers have labels in some languages."""
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version or "0"},
        "servers": [{"url": address.rstrip("/")}],
        "paths": {f"/ask/{query.name}": {"get": _describe_operation(query, languages)} for query in queries},
    }


def _describe_operation(query: Query, languages: Sequence[str]) -> dict[str, Any]:
    texts = {"integer": {"type": "integer"}, "iri": {"type": "string", "format": "uri-reference"}}
    parameters = [
        {"name": name, "in": "query", "description": about.description, "schema": texts.get(about.type, {"type": "string"})}
        for name, about in query.parameters.items()
    ]
    own = [
        {"name": "format", "in": "query", "description": "The format of the answer.", "schema": {"enum": list(_FORMATS)}},
        {"name": "explain", "in": "query", "description": "Add the facts of each row.", "schema": {"enum": ["0", "1"]}},
    ]
    if len(languages) > 1:
        own.append({"name": "language", "in": "query", "description": _LANGUAGE, "schema": {"enum": list(languages)}})
    answers: dict[str, Any] = {"application/sparql-results+json": {}, "text/csv": {}, "text/html": {}}
    return {
        "operationId": query.name,
        "summary": query.title,
        "description": query.question,
        "tags": [library.group_title(query.group)],
        "parameters": [*parameters, *own],
        "responses": {"200": {"description": "The answer.", "content": answers}, "400": {"description": "A value is wrong."}},
    }


def describe_choice(view: QuestionView) -> str:
    """Return the chosen values in words, for titles."""
    chosen = (
        dict(field.options or ()).get(field.value, field.value)
        for field in view.fields
        if field.value and field.name != "language"
    )
    return ", ".join(chosen)
