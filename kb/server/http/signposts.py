"""Typed links for machines, as in the Signposting profile (https://signposting.org/FAIR/), and the files of releases."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote, unquote

from selectolax.lexbor import LexborHTMLParser
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from kb.files import boundary
from kb.files.text_file import read_bytes
from kb.pages.links import PLAIN

_LARGEST = 1 << 26  # bytes of a landing page
_MEDIA = "/+"  # marks of media types
#: How a file links back to the landing page that links to it.
_BACK = {"item": "collection", "describedby": "describes"}


def link(target: str, relation: str, media_type: str = "") -> str:
    """Write a link for the header ``Link`` (RFC 8288); what an address cannot have is escaped."""
    address, kind = quote(target, safe=f"{PLAIN}?#[]"), quote(media_type, safe=_MEDIA)
    return f'<{address}>; rel="{relation}"' + (f'; type="{kind}"' if kind else "")


class WholeFiles(StaticFiles):
    """Files that are sent as a whole; ranges would have refusals of their own, which are no problems."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send a file, without regard to ``Range`` (RFC 9110, section 14.2)."""
        headers = [pair for pair in scope["headers"] if pair[0] != b"range"]
        await super().__call__({**scope, "headers": headers}, receive, send)


class ReleaseFiles(WholeFiles):
    """The files of a release: its landing page has the links of its HTML in the header too, and what it links to links back."""

    def __init__(self, version: str, folder: Path) -> None:
        super().__init__(directory=folder, html=True)
        self._folder, self._links = os.path.realpath(folder), _read_links(folder, f"/releases/{version}/")

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """Return a file, with its links, and with the media type that the landing page states."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        links, kind = self._links.get(os.path.relpath(full_path, self._folder), ("", ""))
        response.headers.update({"Link": links} if links else {})
        if kind and response.status_code == status_code:
            response.headers["Content-Type"] = f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
        return response


def _read_links(folder: Path, home: str) -> dict[str, tuple[str, str]]:
    """Return the links of the files of a release, and the media types of these files, by their paths below its folder."""
    page, links, own = "index.html", dict[str, tuple[str, str]](), list[str]()
    content = read_bytes(folder / page, str(folder / page), _LARGEST, folder) if boundary.exists(folder / page) else b""
    for node in LexborHTMLParser(content).css("head > link[rel][href]"):
        relation, href, kind = (node.attributes.get(name) or "" for name in ("rel", "href", "type"))
        own.append(link(home + href if relation in _BACK else href, relation, kind))
        if relation in _BACK:
            links[unquote(href)] = link(home, _BACK[relation], "text/html"), quote(kind, safe=_MEDIA)
    return {**links, page: (", ".join(own), "")}
