"""Named queries: ``.rq`` files whose first comment lines, read as YAML, say what they answer.

A file is a complete SPARQL query. A parameter is a variable of the query that occurs in a line
``VALUES ?name { UNDEF }``; binding it puts an RDF term in the place of ``UNDEF``, or of the default that stands there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import takewhile
from pathlib import Path
from typing import Any, NamedTuple

from kb import resources
from kb.files import boundary
from kb.problems import fail
from kb.rdf.iris import Names
from kb.schema import vocabulary
from kb.sparql import syntax


class Parameter(NamedTuple):
    """A parameter of a named query.

    Its type is term, predicate, document, word, iri, text, integer or quantity; ``default`` is what holds where it is not
    given, in words.
    """

    type: str
    variable: str
    description: str
    default: str = ""


#: The groups of queries in the order in which they are listed, with their titles.
GROUPS = {
    "drug": "About a drug",
    "drugs": "Across drugs",
    "symptom": "From symptoms to drugs",
    "stopping": "Withdrawal and tapering",
    "evidence": "Evidence and its strength",
    "hedges": "Hedges",
    "disagreement": "Where documents disagree",
    "mappings": "Mappings and identifiers",
    "quality": "Coverage and quality",
    "statistics": "Statistics of the dataset",
    "views": "Views for other models",
    "": "Other",
}


def group_rank(group: str) -> int:
    """Return the position of a group in the list of groups."""
    return list(GROUPS).index(group if group in GROUPS else "")


def group_title(group: str) -> str:
    """Return the title of a group."""
    return GROUPS.get(group, GROUPS[""])


class Query(NamedTuple):
    """A named query; its question is empty if it has no heading.

    ``columns`` are those that users may rely on, ``group`` is a key of :data:`GROUPS`. Where the knowledge base is large, one
    parameter of each tuple in ``needs`` has to be given. ``expect`` has the expected answers. ``text`` has the heading, so that
    messages count lines as the file does.
    """

    name: str
    title: str
    question: str
    columns: tuple[str, ...]
    keywords: tuple[str, ...]
    parameters: Mapping[str, Parameter]
    text: str
    path: Path
    group: str = ""
    needs: tuple[tuple[str, ...], ...] = ()
    expect: tuple[Mapping[str, Any], ...] = ()


def list_query_files(folder: Path) -> dict[str, Path]:
    """List the named queries in a knowledge base's own folder: name to file, sorted.

    Raises:
        KbError: The folder cannot be read (KB102), or leads out of the knowledge base (KB113).
    """
    queries = folder / "queries"
    names = [entry.name for entry in boundary.list_folder(queries)]
    return {Path(name).stem: queries / name for name in names if name.endswith(".rq") and not name.startswith(".")}


def list_known_query_files(folder: Path) -> dict[str, Path]:
    """List every named query of a knowledge base: the shipped ones of its packages, and its own, which take precedence."""
    shipped = list_query_files(resources.content())
    known = {name: path for name, path in shipped.items() if name not in vocabulary.foreign_questions()}
    return {**known, **list_query_files(folder)}


def extract_heading(text: str) -> str:
    """Extract the YAML in the comment lines at the top of a query."""
    heading = takewhile(lambda line: line.startswith("#"), text.lstrip("\n").splitlines())
    return "\n".join(line[1:].removeprefix(" ") for line in heading)


def has_heading(text: str) -> bool:
    """Check whether a query has the heading of a named query, and not only comments such as ``#title:`` of other programs."""
    lines = extract_heading(text).split("\n")
    return all(any(line.startswith(key) for line in lines) for key in ("title:", "question:"))


def standalone_text(text: str, names: Names) -> str:
    """Write a query so that any SPARQL engine can run it: without its heading, with the declarations that it lacks."""
    body = re.sub(r"\A(?:#[^\n]*\n)*\s*", "", text)
    return syntax.add_declarations(body, names.prefixes, names.base)


def bind(query: Query, values: Mapping[str, str]) -> str:
    """Bind parameters to RDF terms, as N-Triples writes them.

    Raises:
        KbError: The query has no such place (KB609).
    """
    text = query.text
    for name, term in values.items():
        variable = query.parameters[name].variable
        places = list(_placeholders(text, variable))
        if not places:
            message = f"The query has no line 'VALUES ?{variable} {{ UNDEF }}'."
            raise fail("KB609", message, "Add that line to the pattern that the parameter should restrict.", str(query.path))
        for start, end in reversed(places):
            text = f"{text[:start]}{term}{text[end:]}"
    return text


def _placeholders(text: str, variable: str) -> Iterator[tuple[int, int]]:
    """Find the start and end of each single term, be it UNDEF or a default, that a VALUES clause gives a variable."""
    tokens = list(syntax.tokens(text))
    for index, token in enumerate(tokens):
        if token.keyword == "VALUES" and [following.text for following in tokens[index + 1 : index + 3]] == [f"?{variable}", "{"]:
            term = list(takewhile(lambda following: following.kind != "close", tokens[index + 3 :]))
            if len(term) == 1 or (len(term) == 2 and term[0].text in {"+", "-"}):
                yield term[0].start, term[-1].end
