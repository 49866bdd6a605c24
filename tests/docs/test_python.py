"""docs/python.md: every example runs, and every public name has a place."""

from __future__ import annotations

import doctest
import inspect
import re
from pathlib import Path

import pytest

import kb
from kb.model import KnowledgeBase
from kb.rdf.iris import names_of

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "python.md"


def test_the_examples_of_the_python_api_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    code = re.sub(r"^```.*$", "", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    examples = doctest.DocTestParser().get_doctest(code, {}, PAGE.name, str(PAGE), 0)
    assert len(examples.examples) > 20
    report: list[str] = []
    failed, _ = doctest.DocTestRunner().run(examples, out=report.append)
    assert not failed, "".join(report)


def test_the_page_names_every_public_name_and_no_other() -> None:
    assert set(re.findall(r"`kb\.(?!yaml)(\w+)", PAGE.read_text(encoding="utf-8"))) == set(kb.__all__)


def test_every_public_name_is_documented() -> None:
    assert all(inspect.getdoc(getattr(kb, name)) for name in kb.__all__)


@pytest.fixture(scope="module")
def base() -> KnowledgeBase:
    return kb.load(ROOT / "tests/golden/content")


def test_the_prefix_map_has_each_uri_prefix_once(base: KnowledgeBase) -> None:
    prefixes = kb.converter(base)
    assert len(set(prefixes.values())) == len(prefixes)
    assert set(prefixes.values()) == set(names_of(base).prefixes.values())
    assert all(prefixes.values())


def test_the_prefix_map_compresses_as_the_exports_do(base: KnowledgeBase) -> None:
    prefixes, names = kb.converter(base), names_of(base)
    for prefix, start in prefixes.items():
        assert names.compact(f"{start}x") == f"{prefix}:x"
