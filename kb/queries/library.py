"""Named queries: ``.rq`` files whose first comment lines, read as YAML, say what they answer.

A file is a whole SPARQL query as it stands. A parameter is a variable of the query that stands in a line
``VALUES ?name { UNDEF }``; binding it puts an RDF term in the place of ``UNDEF``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from kb.problems import Place, fail


class Parameter(NamedTuple):
    """A parameter of a named query: what its value is, the variable that it binds, and what it does."""

    type: str
    variable: str
    description: str


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
    """

    name: str
    title: str
    question: str
    columns: tuple[str, ...]
    keywords: tuple[str, ...]
    parameters: Mapping[str, Parameter]
    text: str
    path: Path


def files(folder: Path) -> dict[str, Path]:
    """Give the named queries of a knowledge base: name to file, sorted."""
    return {path.stem: path for path in sorted((folder / "queries").glob("*.rq"))}


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
        blank = re.compile(rf"(VALUES\s+\?{re.escape(variable)}\s*\{{\s*)UNDEF(\s*\}})", re.IGNORECASE)
        text, times = blank.subn(lambda found, term=term: f"{found[1]}{term}{found[2]}", text)  # type: ignore[misc]
        if not times:
            message = f"The query has no line 'VALUES ?{variable} {{ UNDEF }}'."
            raise fail("KB609", message, "Add the line where the parameter should act.", Place(str(query.path)))
    return text
