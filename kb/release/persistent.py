"""The part of a release that makes its IRIs lead somewhere: what w3id.org needs, where ``kb.yaml`` says where to."""

from __future__ import annotations

from kb.release import redirects
from kb.release.draft import Draft


def add_redirects(draft: Draft) -> None:
    """Add ``w3id/``, if an endpoint or a place of download is known."""
    dataset = draft.kb.dataset
    to = redirects.destination(dataset, redirects.Destination())
    if not (to.server or to.files):
        return
    for name, text in redirects.make(dataset, to).items():
        media = "text/markdown" if name.endswith(".md") else "text/plain"
        draft.add(f"w3id/{name}", text, "For w3id.org, so that IRIs lead here.", media, "text")
