"""A browser that follows every link of a server finds what it leads to, and every anchor."""

from __future__ import annotations

import re
from collections import Counter, deque
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit

import pytest

from kb import resources
from tests.server.client import serving
from tests.site.hostile import write_hostile
from tests.site.test_site import Page
from tests.site.varied import write_varied

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
UNLABELLED = re.compile('<a href="[^"]*">((?:fact|document|term|predicate|proposition|vocabulary)/[^<]+)</a>')
SAMPLED = 6  # links of a kind that differ only in the query of their address


def kind_of(address: str) -> tuple[str, ...]:
    """Return what links that differ in one thing or one query share: the kind of thing, the parameters, the format."""
    parts = urlsplit(address)
    given = parse_qsl(parts.query)
    return parts.path.split("/")[1], *(f"{name}={value}" if name == "format" else name for name, value in given)


@pytest.mark.parametrize("name", ["shipped", "claims of every kind", "words of its own", "hostile labels"])
def test_every_link_of_a_server_is_answered_and_every_anchor_is_there(name: str, tmp_path: Path) -> None:
    write = write_hostile if name == "hostile labels" else write_varied
    ready = {"shipped": resources.content(), "words of its own": resources.example().parent / "tessera"}
    folder = ready[name] if name in ready else write(tmp_path / "kb")
    wrong: list[tuple[str, str, object]] = []
    pages: dict[str, Page | None] = {}
    anchors: list[tuple[str, str, str]] = []
    sampled: Counter[tuple[str, ...]] = Counter()
    with serving("--content", str(folder), "--no-access-log") as server:
        waiting = deque([("/", "")])
        while waiting:
            address, source = waiting.popleft()
            kind = kind_of(address)
            sampled[kind] += 1
            if address in pages or ("?" in address and sampled[kind] > SAMPLED):
                continue
            reply = server.browse(address)
            wrong += [(source, address, reply.status)] if reply.status != 200 else []
            page = pages[address] = Page(reply.text) if reply.kind == "text/html" else None
            shown = "" if kind[0] == "sparql" else reply.text  # a query may ask for addresses
            wrong += [(address, text, "is no label") for text in UNLABELLED.findall(shown)]
            for href in [*page.links, *page.loaded] if page else []:
                target = urlsplit(urljoin(server.url + address, href))
                if f"{target.scheme}://{target.netloc}" == server.url:
                    own = target.path + (f"?{target.query}" if target.query else "")
                    anchors += [(address, own, target.fragment)] if target.fragment else []
                    waiting.append((own, address))
                elif href in page.loaded and not href.startswith("data:"):  # type: ignore[union-attr]
                    wrong.append((address, href, "is loaded from elsewhere"))
    for source, target_page, anchor in anchors:
        ids = found.ids if (found := pages.get(target_page)) else set()
        wrong += [] if {anchor, unquote(anchor)} & ids else [(source, target_page, anchor)]
    assert wrong[:5] == []
    kinds = {address.split("/")[1].split("?")[0] for address in pages}
    assert kinds >= {"", "term", "predicate", "document", "fact", "ask", "sparql", "ontology", "store", "static", "search"}
    assert anchors
