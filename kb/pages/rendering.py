"""Templates of pages, which escape every value that they contain."""

from __future__ import annotations

import json
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from kb import resources
from kb.escaping import escape_json
from kb.pages.links import Links
from kb.rdf.iris import Names

#: The folder of the files that pages load.
STATIC = resources.pages() / "static"
#: What pages may load (Content Security Policy Level 3): what this server sends, and nothing else.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def in_script(value: Any) -> Markup:
    """Return a value, or a text of JSON, as JSON for a script element that no character of it can end (HTML, 4.12.1.3)."""
    text = value if isinstance(value, str) else json.dumps(value)
    return Markup(escape_json(text))  # noqa: S704 - the characters that could end the element have been replaced


_TEMPLATES = Environment(
    loader=FileSystemLoader(resources.pages() / "templates"),
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


_SERVER = Links(Names("", {}), "", {})


def render(name: str, links: Links = _SERVER, /, **values: Any) -> str:
    """Fill in a template; it has ``links`` as ``at``."""
    return _TEMPLATES.get_template(name).render(at=links, **values)
