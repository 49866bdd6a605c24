"""The addresses of things in a site, as paths relative to the page that links to them: facts and sentences are anchors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

from kb.pages.links import PLAIN, Links
from kb.rdf.iris import KB, Names

_PARTS = re.compile("/(?:evidence|evaluation|figure|group|hedged)/.*")


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
        return f"{self.page('terms')}#{quote(iri.removeprefix(KB), safe='')}"

    def own_address(self, path: str) -> str:
        """Return the address of a thing; empty if the site has no place for it."""
        path = re.sub("^proposition/([^/]*).*", r"term/\1", path)  # the page of its subject lists the facts
        kind, _, rest = path.partition("/")
        if not path:
            return self.page()
        if kind in {"term", "predicate"} and "/" not in rest:
            return self.page(quote(path, safe=PLAIN))
        if kind == "document":
            document, _, part = rest.partition("/")
            anchor = part.partition("/")[0]
            return self.page(f"document/{quote(document, safe=PLAIN)}") + (
                f"#{anchor}" if re.fullmatch(r"s\d+\.\d+", anchor) else ""
            )
        if kind == "fact" and rest.count("/") > 2:
            own = _PARTS.sub("", rest)
            return self.page(f"term/{quote(own.split('/')[1], safe=PLAIN)}") + f"#{quote(own, safe=PLAIN)}"
        if kind == "mapping" and rest.startswith(("term/", "predicate/")):
            return self.page(quote("/".join(rest.split("/")[:2]), safe=PLAIN))
        return ""
