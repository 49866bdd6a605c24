"""Files of users are opened by kb/files/boundary.py; each other module that opens files has a reason."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "kb"
#: Functions and methods of Python and of libraries that open files or list folders.
OPENING = {
    *("open", "fdopen", "read_text", "read_bytes", "write_text", "write_bytes", "touch"),
    *("iterdir", "glob", "iglob", "rglob", "walk", "scandir", "listdir"),
    *("copyfile", "copy2", "copytree", "memory_map", "OSFile", "ParquetFile"),
    *("unlink", "rmtree", "rename", "utime", "chmod", "symlink_to", "hardlink_to"),
}
#: Modules whose functions of these names go through the boundary, or belong to the package's own caches.
GUARDED = {"boundary", "text_file", "compression", "parquet", "cache_folder", "sources", "jsonlines"}

DATA, MADE = "data of the package itself", "temporary files that it has made itself"
STORE = "files of a store, which are compared with its manifest or made by it"
#: Modules that open files by themselves, with what they open.
EXCEPTIONS = {
    "agents/mcp_server.py": DATA,
    "build/part_cache.py": "its cache, in a folder that kb/files/cache_folder.py has checked",
    "build/sorted_runs.py": MADE,
    "build/writing.py": MADE,
    "cli/dispatch.py": "/dev/null, in place of a standard stream that cannot be written",
    "cli/query.py": "no file: a method of its writer has this name",
    "cli/stdin.py": MADE,
    "cluster/edges.py": DATA,
    "cluster/hadoop.py": "file systems of Hadoop, which have no links",
    "curation/init.py": "the folder of the starter, and a new folder that it has made itself",
    "files/atomic.py": "files beside their places, which kb/files/boundary.py has checked",
    "files/boundary.py": "it is the boundary",
    "files/cache_folder.py": "files of caches that belong to this user",
    "files/durability.py": "what was written, to flush it",
    "files/fingerprint.py": "lists folders without following links, and the package's own code",
    "files/journal.py": "files that kb/files/boundary.py has checked, and its own journal",
    "files/locks.py": "files and folders to lock them, not to read them",
    "files/sorting.py": MADE,
    "files/temporary.py": "temporary files of this user, without following links",
    "importers/table.py": MADE,
    "push/profiles.py": DATA,
    "push/remote_store.py": MADE,
    "queries/child_process.py": "pipes, /dev/null and /proc/self",
    "queries/sandbox.py": "pipes to its child processes",
    "queries/compiled_cache.py": STORE,
    "queries/store_build.py": MADE,
    "pages/vocabulary_names.py": DATA,
    "queries/reasons.py": DATA,
    "records/parquet.py": "no file: it is given one that is open",
    "release/checking.py": "no file: the pipe of its child process",
    "release/content.py": DATA,
    "release/draft.py": MADE,
    "release/leaks.py": MADE,
    "reports/changed_files.py": MADE,
    "resources.py": DATA,
    "checks/shape_writer.py": DATA,
    "schema/composition.py": DATA,
    "schema/units.py": DATA,
    "schema/biolink.py": DATA,
    "server/http/app.py": "the access log, whose place kb/files/boundary.py has checked",
    "server/http/negotiation.py": DATA,
    "server/processes/loaded_dataset.py": DATA,
    "server/settings.py": DATA,
    "sparql/engines/disk_store.py": STORE,
    "sparql/engines/store_integrity.py": STORE,
}


def opened(source: str) -> Iterator[tuple[int, str]]:
    """Yield line and name of each call that opens a file or lists a folder past the boundary."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        function, name = node.func, ""
        if isinstance(function, ast.Name) and function.id == "open":
            name = "open"
        elif isinstance(function, ast.Attribute) and function.attr in OPENING and ast.unparse(function.value) not in GUARDED:
            name = ast.unparse(function)
        elif any(keyword.arg == "path" for keyword in node.keywords) and ast.unparse(function).endswith((".parse", ".load")):
            name = f"{ast.unparse(function)}(path=…)"
        if name:
            yield node.lineno, name


@pytest.mark.parametrize(
    "line", ["open(name)", "path.read_text()", "os.scandir(folder)", "gzip.open(name)", "ox.parse(path=name)", "path.unlink()"]
)
def test_a_call_that_opens_a_file_is_found(line: str) -> None:
    assert list(opened(line))


@pytest.mark.parametrize("line", ["boundary.open_file(path)", "text_file.read_text(path, name)", "read_bytes(path)"])
def test_a_call_that_goes_through_the_boundary_is_not(line: str) -> None:
    assert not list(opened(line))


def test_each_module_that_opens_files_by_itself_has_a_reason() -> None:
    calls = {str(path.relative_to(PACKAGE)): list(opened(path.read_text(encoding="utf-8"))) for path in PACKAGE.rglob("*.py")}
    assert {module: found for module, found in calls.items() if found and module not in EXCEPTIONS} == {}
    assert EXCEPTIONS.keys() <= {module for module, found in calls.items() if found}
