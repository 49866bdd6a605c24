"""Named queries: ``.rq`` files whose first comment lines, read as YAML, say what they answer.

A file is a whole SPARQL query as it stands. A parameter is a variable of the query that stands in a line
``VALUES ?name { UNDEF }``; binding it puts an RDF term in the place of ``UNDEF``, or of the default that stands there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from kb import resources
from kb.problems import Place, fail


class Parameter(NamedTuple):
    """A parameter of a named query: what its value is, the variable that it binds, what it does, and what holds without it."""

    type: str
    variable: str
    description: str
    default: str = ""


#: The groups of queries in the order in which people are shown them, with their titles.
GROUPS = {
    "drug": "About a drug",
    "drugs": "Across drugs",
    "symptom": "From a symptom back to drugs",
    "stopping": "Withdrawal and tapering",
    "evidence": "Evidence, and how strong it is",
    "hedges": "Hedges",
    "disagreement": "Where documents disagree",
    "mappings": "Mappings and identifiers",
    "quality": "Coverage and quality",
    "statistics": "The dataset in figures",
    "views": "Views for other models",
    "": "Others",
}


def rank(group: str) -> int:
    """Tell where a group stands among the others."""
    return list(GROUPS).index(group if group in GROUPS else "")


def title(group: str) -> str:
    """Give the title of a group."""
    return GROUPS.get(group, GROUPS[""])


class Traits(NamedTuple):
    """What is known of a query that was held against the guard and passed.

    Args:
        graphs: Whether it may look into a graph by name.
        ordered: Whether it orders or cuts its rows.
    """

    graphs: bool
    ordered: bool


class Query(NamedTuple):
    """A named query.

    Args:
        name: The name of its file, without suffix.
        title: A few words.
        question: The question in words.
        columns: The columns that users may rely on.
        keywords: Words to find it by.
        parameters: By name.
        text: The SPARQL, heading included, so that messages count lines as the file does.
        path: The file.
        traits: What the guard found, where it was asked.
        group: The group that it is listed in, a key of :data:`GROUPS`.
    """

    name: str
    title: str
    question: str
    columns: tuple[str, ...]
    keywords: tuple[str, ...]
    parameters: Mapping[str, Parameter]
    text: str
    path: Path
    traits: Traits | None = None
    group: str = ""


# What stands in the place of a parameter: nothing, a number, a short text, or a prefixed name.
_DEFAULT = r"""(?:UNDEF|[+-]?[0-9]+|"[^"\\\r\n]*"|[\w-]+:[\w-]+)"""


def files(folder: Path) -> dict[str, Path]:
    """Give the named queries of a knowledge base: name to file, sorted."""
    return {path.stem: path for path in sorted((folder / "queries").glob("*.rq"))}


def known(folder: Path) -> dict[str, Path]:
    """Give every named query that a knowledge base can be asked: the shipped ones, and its own, which win."""
    return {**files(resources.content()), **files(folder)}


def to_plain(query: Query) -> dict[str, Any]:
    """Give a query in values that JSON can hold."""
    parameters = {name: each._asdict() for name, each in query.parameters.items()}
    return {**query._asdict(), "parameters": parameters, "path": str(query.path)}


def from_plain(plain: Mapping[str, Any]) -> Query:
    """Undo :func:`to_plain`."""
    whole = {**plain, "path": Path(plain["path"]), "columns": tuple(plain["columns"]), "keywords": tuple(plain["keywords"])}
    traits = Traits(*plain["traits"]) if plain["traits"] else None
    return Query(
        **{**whole, "traits": traits, "parameters": {name: Parameter(**each) for name, each in plain["parameters"].items()}}
    )


def heading(text: str) -> str:
    """Give the YAML in the comment lines at the top of a query."""
    lines = []
    for line in text.lstrip("\n").splitlines():
        if not line.startswith("#"):
            break
        lines.append(line[1:].removeprefix(" "))
    return "\n".join(lines)


def bind(query: Query, values: Mapping[str, str]) -> str:
    """Bind parameters.

    Args:
        query: The query.
        values: Parameter to RDF term, as N-Triples writes it.

    Raises:
        KbError: The query has no such place (KB609).
    """
    text = query.text
    for name, term in values.items():
        variable = query.parameters[name].variable
        blank = re.compile(rf"(VALUES\s+\?{re.escape(variable)}\s*\{{\s*){_DEFAULT}(\s*\}})", re.IGNORECASE)
        text, times = blank.subn(lambda found, term=term: f"{found[1]}{term}{found[2]}", text)  # type: ignore[misc]
        if not times:
            message = f"The query has no line 'VALUES ?{variable} {{ UNDEF }}'."
            raise fail("KB609", message, "Add the line where the parameter should act.", Place(str(query.path)))
    return text
