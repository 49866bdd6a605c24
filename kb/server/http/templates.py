"""Templates of pages, which escape every value that they contain."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from kb import resources

STATIC = resources.server_pages() / "static"
#: The files of the query editor, which `make frontend` installs. Without them the query page is a plain form.
YASGUI = STATIC / "yasgui"

_NOT_IN_SCRIPT = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})


def has_yasgui() -> bool:
    """Return whether the query editor is installed."""
    return (YASGUI / "yasgui.min.js").is_file()


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(resources.server_pages() / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["in_script"] = in_script
    return environment


def render(name: str, **values: Any) -> str:
    """Fill in a template."""
    return _templates().get_template(name).render(**values)


def in_script(value: Any) -> Markup:
    """Return a value as JSON for a script element, in which no character can end the element (HTML, 4.12.1.3).

    Args:
        value: A value, or JSON as text.
    """
    text = value if isinstance(value, str) else json.dumps(value)
    return Markup(text.translate(_NOT_IN_SCRIPT))  # noqa: S704 - the characters that could end the element have been replaced
