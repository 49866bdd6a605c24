"""Templates of pages, which escape every value that they contain."""

from __future__ import annotations

import json
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from kb import resources
from kb.escaping import escape_json

STATIC = resources.server_pages() / "static"


def has_yasgui() -> bool:
    """Return whether the query editor is installed, by `make frontend`; without it the query page is a plain form."""
    return (STATIC / "yasgui/yasgui.min.js").is_file()


def in_script(value: Any) -> Markup:
    """Return a value, or a text of JSON, as JSON for a script element that no character of it can end (HTML, 4.12.1.3)."""
    text = value if isinstance(value, str) else json.dumps(value)
    return Markup(escape_json(text))  # noqa: S704 - the characters that could end the element have been replaced


_TEMPLATES = Environment(
    loader=FileSystemLoader(resources.server_pages() / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters["in_script"] = in_script


def compile_all() -> None:
    """Compile every template, so that no request has to wait for it."""
    for name in _TEMPLATES.list_templates():
        _TEMPLATES.get_template(name)


def render(name: str, **values: Any) -> str:
    """Fill in a template."""
    return _TEMPLATES.get_template(name).render(**values)
