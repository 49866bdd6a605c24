"""The order of the work stands in the pipeline, and what is done to a record in one module of the build."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import kb
from kb import pipeline

_PACKAGE = Path(kb.__file__).parent
_FOLDERS = {"records", "checks", "formats", "texts", "rdf"}
#: The folders of the work that each module of the build imports; every other module only moves values.
_ALLOWED = {
    "step": {"records", "checks", "texts", "rdf"},
    "chunks": {"records"},
    "imports": {"records"},
    "parts": {"records"},
    "reading": {"records"},
    "refusals": {"checks", "rdf"},
    "writing": {"rdf"},
}


def _imports(path: Path) -> set[str]:
    """Name the folders of kb that a module imports, late imports included."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return {name.split(".")[1] for name in names if name.startswith("kb.")}


@pytest.mark.parametrize("path", sorted((_PACKAGE / "build").glob("*.py")), ids=lambda path: path.stem)
def test_modules_of_the_build_import_what_their_part_of_the_work_takes(path: Path) -> None:
    assert _imports(path) & _FOLDERS == _ALLOWED.get(path.stem, set())


@pytest.mark.parametrize("folder", ["records", "checks", "formats"])
def test_folders_of_the_work_do_not_know_the_order(folder: str) -> None:
    others = {"records", "checks", "formats", "build", "pipeline"} - {folder}
    assert not {path.name: others & _imports(path) for path in (_PACKAGE / folder).rglob("*.py") if others & _imports(path)}


def test_the_page_of_the_pipeline_names_modules_that_exist() -> None:
    named = re.findall(r"``([a-z_]+/[a-z_]+\.py)``", pipeline.__doc__ or "")
    assert len(named) > 8
    assert all((_PACKAGE / name).is_file() for name in named)
