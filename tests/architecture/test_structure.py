"""The package keeps its structure: names occur once, imports form no cycle, modules stay short, tests mirror packages."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import defaultdict
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import grimp
import pytest

from kb.cli.group import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "kb").rglob("*.py"))
SCRIPTS = [path for top in ("kb", "tests", "tools", "benchmarks") for path in sorted((ROOT / top).rglob("*.py"))]
MOST_EXEMPTIONS = 40

#: Folders of tests that belong to no single package of kb/.
OTHER_TESTS = {
    "acceptance": "the table of docs/clients.md and the tool that writes it, tools/acceptance/",
    "architecture": "the structure of all packages",
    "bad_input": "broken records, followed through every package",
    "benchmarks": "the scripts of benchmarks/",
    "content": "the shipped knowledge base, and exports/",
    "docs": "README.md and docs/",
    "golden": "expected exports; no tests",
    "wheel": "the package as it is installed",
}
#: Base names that may occur more than once in kb/, besides those of commands in cli/.
REPEATED_MODULES = {"__init__": "Python's name of a package", "__main__": "Python's name of what -m runs"}


def packages() -> set[str]:
    return {path.parent.name for path in (ROOT / "kb").glob("*/__init__.py")}


def test_every_folder_of_tests_is_named_after_a_package_or_has_a_reason() -> None:
    tracked = {
        path.relative_to(ROOT / "tests").parts[0] for path in (ROOT / "tests").rglob("*.py") if "node_modules" not in path.parts
    }
    folders = {name for name in tracked if not name.endswith(".py")} | {"golden"}
    assert folders - packages() == set(OTHER_TESTS)


def test_every_package_has_a_folder_of_tests() -> None:
    assert packages() <= {path.parent.name for path in (ROOT / "tests").glob("*/test_*.py")}


def test_the_name_of_a_module_occurs_once() -> None:
    places = defaultdict(list)
    for path in MODULES:
        if path.parent.name != "cli" and path.stem not in REPEATED_MODULES:
            places[path.stem].append(str(path.relative_to(ROOT)))
    assert not [paths for paths in places.values() if len(paths) > 1]


def test_the_name_of_a_public_class_occurs_once() -> None:
    places = defaultdict(list)
    for path in MODULES:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(str(path.relative_to(ROOT)))
    assert {name: paths for name, paths in places.items() if len(paths) > 1} == {}


PACKAGES = [path.parent for path in MODULES if path.name == "__init__.py" and path.parent != ROOT / "kb"]


@pytest.mark.parametrize("package", PACKAGES, ids=[str(path.relative_to(ROOT)) for path in PACKAGES])
def test_the_docstring_of_a_package_of_more_than_three_modules_lists_them(package: Path) -> None:
    docstring = ast.get_docstring(ast.parse((package / "__init__.py").read_text(encoding="utf-8"))) or ""
    modules = {path.stem for path in package.glob("*.py")} | {path.parent.name for path in package.glob("*/__init__.py")}
    modules -= {"__init__"}
    if package.name == "cli":  # modules of commands have the names of the commands
        modules -= {name.replace("-", "_") for name in COMMANDS}
    listed = re.findall(r"^    (\w+) {2,}\S", docstring, re.MULTILINE)
    if listed or len(modules) > 3:
        assert sorted(listed) == sorted(modules)
    else:
        assert set(re.findall(r"``([a-z_]+)``", docstring)) <= modules


def cycles(edges: dict[str, set[str]]) -> Iterator[list[str]]:
    """Yield the strongly connected components of more than one node (Tarjan's algorithm)."""
    index: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    numbers = count()

    def visit(node: str) -> Iterator[list[str]]:
        index[node] = lowest[node] = next(numbers)
        stack.append(node)
        for successor in sorted(edges[node]):
            if successor not in index:
                yield from visit(successor)
                lowest[node] = min(lowest[node], lowest[successor])
            elif successor in stack:
                lowest[node] = min(lowest[node], index[successor])
        if lowest[node] == index[node]:
            component = stack[stack.index(node) :]
            del stack[stack.index(node) :]
            if len(component) > 1:
                yield component

    for node in sorted(edges):
        if node not in index:
            yield from visit(node)


@pytest.mark.parametrize(
    ("edges", "found"),
    [
        ({"a": {"b"}, "b": {"c"}, "c": set()}, []),
        ({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}, [["a", "b", "c"]]),
        ({"a": {"b", "c"}, "b": {"a"}, "c": {"d"}, "d": {"c"}}, [["c", "d"], ["a", "b"]]),
    ],
)
def test_a_cycle_is_found(edges: dict[str, set[str]], found: list[list[str]]) -> None:
    assert list(cycles(edges)) == found


def test_imports_form_no_cycle_not_even_those_inside_of_functions() -> None:
    graph = grimp.build_graph("kb", cache_dir=None)
    edges = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    assert len(edges) > 100
    assert list(cycles(edges)) == []


def test_packages_form_no_cycle() -> None:
    graph = grimp.build_graph("kb", cache_dir=None)
    edges: dict[str, set[str]] = defaultdict(set)
    for module in graph.modules:
        package = ".".join(module.split(".")[:2])
        imported = {".".join(each.split(".")[:2]) for each in graph.find_modules_directly_imported_by(module)}
        edges[package] |= imported - {package}
    assert list(cycles(edges)) == []


def test_no_module_is_longer_than_four_hundred_lines() -> None:
    lengths = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8").count("\n") for path in MODULES}
    assert {path: lines for path, lines in lengths.items() if lines > 400} == {}


def exemptions() -> Iterator[str]:
    """Yield the comments that exempt a line from a rule of the linter."""
    for path in SCRIPTS:
        for token in tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline):
            if token.type == tokenize.COMMENT and "noqa" in token.string:
                yield f"{path.relative_to(ROOT)}:{token.start[0]}: {token.string}"


def test_few_lines_are_exempt_from_the_linter_and_each_says_why() -> None:
    comments = list(exemptions())
    assert len(comments) <= MOST_EXEMPTIONS
    assert not [comment for comment in comments if " - " not in comment]


def names_code(name: str) -> bool:
    """Whether a dotted name leads to a module, or to what a module defines."""
    words = name.split(".")
    for length in range(len(words), 0, -1):
        place = ROOT.joinpath(*words[:length])
        module = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
        if module.is_file():
            rest = words[length : length + 1]
            return not rest or re.search(rf"\b{rest[0]}\b", module.read_text(encoding="utf-8")) is not None
    return False


PROSE = [*SCRIPTS, ROOT / "README.md", *(ROOT / "docs").glob("*.md"), ROOT / "pyproject.toml", ROOT / "Makefile"]


def test_files_and_modules_that_are_named_exist() -> None:
    missing = []
    for path in PROSE:
        text = path.read_text(encoding="utf-8")
        files = re.findall(r"\b(?:kb|tests|tools|benchmarks|docs)/[a-z_/0-9]+\.(?:py|md)\b", text)
        names = re.findall(r"`(kb\.(?!yaml)[a-z_]+(?:\.\w+)*)(?:\(\))?`", text)
        missing += [(path.name, name) for name in files if not (ROOT / name).is_file()]
        missing += [(path.name, name) for name in names if not names_code(name)]
    assert missing == []
