"""What a knowledge base says of itself stays text in every file of a release: no HTML, no link, no rule, no second key."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml
from markdown_it import MarkdownIt

from kb.escaping import escape_json, escape_markdown
from kb.metadata import Agent
from kb.model import KnowledgeBase
from kb.release import lineage, redirects
from kb.release.descriptions import DESCRIPTIONS
from kb.release.draft import Draft
from kb.release.redirects import RedirectTarget

HOSTILE = [
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1)) ![y](//evil.example)",
    "<javascript:alert(1)>",
    "# heading",
    "- item\n- item",
    "1. item",
    "a | b | c",
    "`code` *bold* _it_ ~~gone~~",
    "a\n\n<b>c</b>",
    'x": y\nevil: "z',
    "&lt;script&gt;",
    "\u2028\u202e",
    "```\ncode",
    "a\\",
]

TAGS = {"h1", "h2", "p", "ul", "li", "a", "code", "pre", "strong", "table", "thead", "tbody", "tr", "th", "td"}


class Tags(HTMLParser):
    """Collects the tags, links and text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]

    def handle_data(self, data: str) -> None:
        self.text += data


def spoil(kb: KnowledgeBase, text: str) -> KnowledgeBase:
    creator = kb.dataset.creators[0]._replace(name=text)
    contact = Agent(text, "", "https://example.org/")
    changes: dict[str, Any] = {"title": text, "description": text, "disclaimer": text, "creators": (creator,), "contact": contact}
    return kb._replace(dataset=kb.dataset._replace(**changes))


def add(name: str, draft: Draft) -> None:
    next(description for description in DESCRIPTIONS if description.file == name).add(draft)


@pytest.mark.parametrize("text", HOSTILE)
def test_readmes_show_text_as_text(shipped: KnowledgeBase, text: str) -> None:
    kb = spoil(shipped, text)
    draft = Draft(kb)
    draft.add(f"queries/{text.replace('/', '_')}", "", text, "text/plain")
    add("README.md", draft)
    target = RedirectTarget("https://example.com/", contact=(text,))
    redirected = redirects.redirect_files(kb.dataset, target)["linked-kb/clonazepam/README.md"]
    for readme in (draft.read("README.md").decode(), redirected):
        page = Tags(MarkdownIt("commonmark").enable("table").render(readme))
        assert page.tags <= TAGS
        assert all(link.startswith(("https://", "mailto:")) or ":" not in link.split("/")[0] for link in page.links)
        assert " ".join(text.split()).rstrip("\u2028\u202e") in page.text


@pytest.mark.parametrize("text", HOSTILE)
def test_json_and_citations_hold_text_and_cannot_end_a_script(shipped: KnowledgeBase, text: str) -> None:
    draft = Draft(spoil(shipped, text))
    add(lineage.DESCRIPTION, draft)
    add("CITATION.cff", draft)
    markup, citation = draft.read(lineage.DESCRIPTION).decode(), draft.read("CITATION.cff").decode()
    assert "<" not in markup + citation
    assert json.loads(markup)["name"] == text
    loaded = yaml.safe_load(citation)
    assert (loaded["title"], loaded["authors"][0]["name"]) == (text, text)
    assert "evil" not in loaded


def test_text_without_marks_is_not_changed() -> None:
    plain = "Clonazepam, as one overview has it: 0.5 mg (2-3 times) “usually”, 50 %."
    assert escape_markdown(plain) == plain
    assert escape_json(json.dumps(plain)) == json.dumps(plain)


@pytest.mark.parametrize("url", ["https://x.org/a%20b/", "https://x.org/$1/"])
def test_marks_of_apache_in_an_address_stand_for_themselves(shipped: KnowledgeBase, url: str) -> None:
    files = redirects.redirect_files(shipped.dataset, RedirectTarget(files=url))
    rules = files["linked-kb/clonazepam/.htaccess"]
    assert url.replace("%", "\\%").replace("$", "\\$") in rules
    assert f" {url}" not in rules


def test_a_base_without_a_path_has_its_rules_in_the_folder(shipped: KnowledgeBase) -> None:
    dataset = shipped.dataset._replace(base="https://example.org/")
    files = redirects.redirect_files(dataset, RedirectTarget("https://example.com/"))
    assert sorted(files) == [".htaccess", "README.md"]
    assert not any(Path(name).is_absolute() for name in files)
