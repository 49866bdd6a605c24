"""Fingerprints change whenever what they stand for changes."""

from __future__ import annotations

import os
import re
from pathlib import Path

import grimp
import pytest

from kb.files import fingerprint


def test_code_that_takes_part_is_covered_by_the_fingerprint_of_the_code() -> None:
    graph = grimp.build_graph("kb")
    top = Path(fingerprint.__file__).parents[2]
    users = graph.find_modules_that_directly_import("kb.files.fingerprint")
    caching = {name for name in users if {"code_digest", "content_digest"} & {*_words(_file(top, name))}}
    assert {"kb.build.part_cache", "kb.queries.compiled_cache", "kb.queries.query_checks"} <= caching
    # A cache remembers what its whole package computes, by whatever that imports, at the top of a module or later.
    packages = {name.rsplit(".", 1)[0] for name in caching}
    closure = {name for package in packages for name in (package, *graph.find_descendants(package))}
    closure.update(*(graph.find_upstream_modules(package, as_package=True) for package in packages))
    covered = {Path(entry.path) for entry in fingerprint.code_files()}
    files = {name: _file(top, name) for name in closure}
    assert [name for name, path in sorted(files.items()) if path not in covered] == []


def _words(path: Path) -> list[str]:
    return re.findall(r"\w+", path.read_text(encoding="utf-8"))


def _file(top: Path, name: str) -> Path:
    path = top.joinpath(*name.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def test_folders_that_are_left_out_exist() -> None:
    assert {name for name in fingerprint.UNRELATED if not (Path(fingerprint.__file__).parents[1] / name).is_dir()} == set()


def test_borders_between_parts_count() -> None:
    sequences: tuple[list[bytes], ...] = ([b"one", b"two"], [b"onetwo"], [b"two", b"one"], [b"one", b"two", b""], [])
    assert len({fingerprint.digest(parts) for parts in sequences}) == len(sequences)


def test_the_version_of_a_library_is_read_without_importing_it() -> None:
    assert fingerprint.library_version("pyoxigraph").startswith(b"pyoxigraph-")
    assert fingerprint.library_version("a_library_that_is_not_there") == b""


def test_a_new_version_of_a_library_changes_the_digest_of_the_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = fingerprint.code_digest()
    (tmp_path / "site-packages" / "pyoxigraph-99.dist-info").mkdir(parents=True)
    monkeypatch.syspath_prepend(str(tmp_path / "site-packages"))
    assert fingerprint.code_digest() != before


@pytest.mark.parametrize("trap", ["link", "pipe"])
def test_content_that_is_no_file_has_no_digest(trap: str, tmp_path: Path) -> None:
    (tmp_path / "kb.yaml").write_text("id: x", encoding="utf-8")
    assert fingerprint.content_digest(tmp_path, 1000)
    if trap == "link":
        (tmp_path / "facts.yaml").symlink_to("/dev/zero")
    else:
        os.mkfifo(tmp_path / "facts.yaml")
    assert fingerprint.content_digest(tmp_path, 1000) is None
    assert fingerprint.stat_signature(tmp_path) is None


def test_content_beyond_the_limit_has_no_digest(tmp_path: Path) -> None:
    (tmp_path / "kb.yaml").write_bytes(b"12345")
    (tmp_path / "terms.yaml").write_bytes(b"12345")
    assert fingerprint.content_digest(tmp_path, 10)
    assert fingerprint.content_digest(tmp_path, 9) is None


def test_files_that_were_just_written_have_no_settled_signature(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "kb.yaml").write_bytes(b"12345")
    assert fingerprint.stat_signature(tmp_path) == fingerprint.UNSETTLED
    monkeypatch.setattr(fingerprint, "SETTLING_TIME", 0)
    signature = fingerprint.stat_signature(tmp_path)
    assert signature is not None
    assert len(signature) == len(fingerprint.UNSETTLED)
    os.utime(tmp_path / "kb.yaml", (1, 1))
    assert fingerprint.stat_signature(tmp_path) != signature
