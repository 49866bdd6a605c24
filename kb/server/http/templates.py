"""Pages for people: templates that escape whatever they are given, and the few words around them."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from kb import resources

STATIC = resources.server_pages() / "static"
#: The front end's files, which `make frontend` brings in; without them the query page is a plain form.
YASGUI = STATIC / "yasgui"

_NOT_IN_SCRIPT = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})


def has_yasgui() -> bool:
    """Tell whether the files of the query page are there."""
    return (YASGUI / "yasgui.min.js").is_file()


@cache
def _templates() -> Environment:
    found = Environment(
        loader=FileSystemLoader(resources.server_pages() / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["in_script"] = in_script
    return found


def render(name: str, **values: Any) -> str:
    """Fill a template."""
    return _templates().get_template(name).render(**values)


def in_script(value: Any) -> Markup:
    """Write a value as JSON that can stand in a script element: no character of it can end that (HTML, 4.12.1.3).

    Args:
        value: A value, or JSON as text.
    """
    text = value if isinstance(value, str) else json.dumps(value)
    return Markup(text.translate(_NOT_IN_SCRIPT))  # noqa: S704 - what could end the element has just been replaced
