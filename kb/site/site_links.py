"""The addresses of things in a site, as paths relative to the page that links to them: facts and sentences are anchors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import quote

from kb.pages.links import PLAIN, Links, fact_of
from kb.rdf.iris import KB, Names

_MOST_CACHED = 100_000


class SiteLinks(Links):
    """Makes the links of a page at a path below the top of a site; ``root`` is the address of the top, if links name it whole."""

    has_server = False

    def __init__(self, names: Names, labels: Mapping[str, str], path: str, root: str = "") -> None:
        super().__init__(names, names.base, labels)
        self._top = root or "../" * path.count("/")

    def page(self, name: str = "") -> str:
        """Return the path of a page such as ``ask/side-effects``."""
        return f"{self._top}{name or 'index'}.html"

    def file(self, name: str) -> str:
        """Return the path of a file that pages load."""
        return f"{self._top}static/{name}"

    def data(self, name: str) -> str:
        """Return the path of a file of data."""
        return f"{self._top}{quote(name)}"

    def kind(self, iri: str) -> str:
        """Return the address of the list of all terms of a kind."""
        return f"{self.page('terms')}#{quote(iri.removeprefix(KB).removeprefix(f'{self.names.base}vocabulary/'), safe='')}"

    def own_address(self, path: str) -> str:
        """Return the address of a thing; empty if the site has no place for it."""
        place = _find_place(path)
        return self._top + place if place else ""


@lru_cache(_MOST_CACHED)
def _find_place(path: str) -> str:
    """Return the page and anchor of a thing, below the top of the site."""
    path = re.sub("^proposition/([^/]*).*", r"term/\1", path)  # the page of its subject lists the facts
    kind, _, rest = path.partition("/")
    if not path:
        return "index.html"
    if kind in {"term", "predicate", "vocabulary"} and "/" not in rest:
        return f"{quote(path, safe=PLAIN)}.html"
    if kind == "document":
        document, _, part = rest.partition("/")
        anchor = part.partition("/")[0]
        part = f"#{anchor}" if re.fullmatch(r"s\d+\.\d+", anchor) else ""
        return f"document/{quote(document, safe=PLAIN)}.html{part}"
    if kind == "fact" and rest.count("/") > 2:
        own = fact_of(path).removeprefix("fact/")
        return f"term/{quote(own.split('/')[1], safe=PLAIN)}.html#{quote(own, safe=PLAIN)}"
    if kind == "mapping" and rest.startswith(("term/", "predicate/")):
        return f"{quote('/'.join(rest.split('/')[:2]), safe=PLAIN)}.html"
    return ""
