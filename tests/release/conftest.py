"""Releases for the tests: the shipped knowledge base, and a small one whose kb.yaml says all that can be said."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from kb import pipeline, resources
from kb.model import KnowledgeBase
from kb.release import making

MakeOnce = Callable[[str, Callable[[Path], object]], Path]
GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "content"

_MORE = """
alternative: brightol-kb
publisher: {name: A publisher, url: https://example.org/publisher, ror: 05dxps055}
contact: {name: A helper, email: help@example.org, url: https://example.org/help}
homepage: https://example.org/home
download: https://example.org/files/0.1.0/
repository: https://example.org/repository
endpoint: https://example.org/sparql
doi: 10.5281/zenodo.1234
themes: [http://publications.europa.eu/resource/authority/data-theme/HEAL]
spatial: [http://www.wikidata.org/entity/Q2]
temporal: {start: "2020-01-01", end: "2025-12-31"}
accrual: http://publications.europa.eu/resource/authority/frequency/IRREG
technique: reading
"""


@pytest.fixture(scope="session")
def release(shipped: KnowledgeBase, make_once: MakeOnce) -> Path:
    """A release of the shipped knowledge base."""
    return make_once("release", partial(making.make, shipped))


@pytest.fixture(scope="session")
def rich_content(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small knowledge base that says all of itself that can be said, by a person and an organisation."""
    folder = tmp_path_factory.mktemp("rich") / "content"
    shutil.copytree(GOLDEN, folder)
    (folder / "queries").mkdir()
    for name in ("facts", "exemptions"):
        shutil.copy(resources.content() / "queries" / f"{name}.rq", folder / "queries")
    about = (folder / "kb.yaml").read_text(encoding="utf-8")
    makers = "  - {id: jo, name: Jo Curator, orcid: 0000-0002-1825-0097}\n"
    assert makers in about
    about = about.replace(makers, f"{makers}  - {{id: org, name: An organisation, ror: 05dxps055}}\n") + _MORE
    (folder / "kb.yaml").write_text(about, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def rich(rich_content: Path, make_once: MakeOnce) -> Path:
    """A release of that, with every format."""
    return make_once(
        "rich-release", lambda place: making.make(pipeline.load(rich_content), place, options=making.ReleaseOptions(full=True))
    )


@pytest.fixture
def damaged(rich: Path, tmp_path: Path) -> Path:
    """A copy of a release, to be damaged."""
    shutil.copytree(rich, tmp_path / "release")
    return tmp_path / "release"
