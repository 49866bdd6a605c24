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
    caching = {name for name in users if {"code_digest"} & {*_words(_file(top, name))}}
    assert {"kb.build.part_cache", "kb.queries.compiled_cache"} <= caching
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


def test_a_new_version_of_a_library_changes_the_digest_of_the_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = fingerprint.code_digest()
    (tmp_path / "site-packages" / "pyoxigraph-99.dist-info").mkdir(parents=True)
    monkeypatch.syspath_prepend(str(tmp_path / "site-packages"))
    assert fingerprint.code_digest() != before


def test_links_count_as_what_they_lead_to(tmp_path: Path) -> None:
    (tmp_path / "kb.yaml").write_text("id: x", encoding="utf-8")
    (tmp_path / "other.yaml").write_text("[]", encoding="utf-8")
    (tmp_path / "terms.yaml").symlink_to("other.yaml")
    (tmp_path / ".facts").mkdir()
    (tmp_path / ".facts" / "a.yaml").write_text("[]", encoding="utf-8")
    (tmp_path / "facts").symlink_to(".facts")
    files = fingerprint.measure_files(tmp_path, {})
    assert sorted(files) == ["facts/a.yaml", "kb.yaml", "terms.yaml"]
    assert fingerprint.are_same(files, files)
    for changed in ("other.yaml", ".facts/a.yaml"):
        (tmp_path / changed).write_text("{}", encoding="utf-8")
        now = fingerprint.measure_files(tmp_path, files)
        assert not fingerprint.are_same(files, now)
        files = now


@pytest.mark.parametrize("target", ["/dev/zero", "nowhere", "..", ".", "facts"])
def test_what_cannot_be_read_is_never_the_same(tmp_path: Path, target: str) -> None:
    top = tmp_path / "kb"
    top.mkdir()
    (top / "kb.yaml").write_text("id: x", encoding="utf-8")
    whole = fingerprint.measure_files(top, {})
    (top / "facts").symlink_to(target)
    files = fingerprint.measure_files(top, whole)
    assert not fingerprint.are_same(whole, files)
    assert not fingerprint.are_same(files, fingerprint.measure_files(top, files))


def test_a_pipe_is_never_the_same(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "facts.yaml")
    files = fingerprint.measure_files(tmp_path, {})
    assert not fingerprint.are_same(files, files)


def test_the_stat_of_files_that_were_just_written_is_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "kb.yaml").write_bytes(b"12345")
    assert [len(entry) for entry in fingerprint.measure_files(tmp_path, {}).values()] == [1]
    monkeypatch.setattr(fingerprint, "SETTLING_TIME", 0)
    settled = fingerprint.measure_files(tmp_path, {})
    monkeypatch.setattr(fingerprint, "file_sha256", None)
    assert fingerprint.measure_files(tmp_path, settled) == settled
    os.utime(tmp_path / "kb.yaml", (1, 1))
    with pytest.raises(TypeError):
        fingerprint.measure_files(tmp_path, settled)
