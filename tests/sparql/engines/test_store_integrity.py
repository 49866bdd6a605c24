"""A store with a single damage anywhere gives no answer, once it was compared with what was written."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kb.files import fingerprint
from kb.problems import KbError
from kb.sparql.engines import disk_store, store_integrity

ABOUT: dict[str, Any] = {"content": "/nowhere", "facts": 0}
LARGE = 1 << 20


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store with a file of more than a mebibyte."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    chance = random.Random(1)
    lines = (f'<http://e.org/s{i}> <http://e.org/p> "{chance.randbytes(60).hex()}" <http://e.org/g> .\n' for i in range(25_000))
    disk_store.build(tmp_path / "store", lambda made: disk_store.fill(made, map(str.encode, lines), b"{}", ABOUT))
    return tmp_path / "store"


def build_of(store: Path) -> Path:
    (build,) = store.glob("build-*")
    return build


def flip(path: Path, position: int) -> None:
    with path.open("r+b") as file:
        file.seek(position)
        byte = file.read(1)[0]
        file.seek(position)
        file.write(bytes([byte ^ 8]))


def is_refused(store: Path) -> bool:
    try:
        disk_store.open_build(store)
    except KbError as error:
        assert [problem.code for problem in error.problems] == ["KB653"]
        return True
    return False


def damages(build: Path) -> Iterator[tuple[Path, int]]:
    chance = random.Random(2)
    paths = [build / name for name in store_integrity.list_files(build)]
    assert any(path.stat().st_size > LARGE for path in paths)
    yield from ((path, chance.randrange(path.stat().st_size)) for path in paths if path.stat().st_size)
    large = max(paths, key=lambda path: path.stat().st_size)
    yield from ((large, chance.randrange(large.stat().st_size)) for _ in range(10))
    yield build.parent / "current", 3


def test_no_damaged_store_is_opened_and_each_is_found_by_a_check(store: Path) -> None:
    for path, position in damages(build_of(store)):
        flip(path, position)
        assert is_refused(store), path.name
        assert [problem.code for problem in disk_store.verify(store)] == ["KB653"], path.name
        flip(path, position)
    assert not is_refused(store)
    assert list(disk_store.verify(store)) == []


def test_what_was_compared_is_not_read_again_until_it_changes_or_the_system_starts(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[Path] = []

    def counting(path: Path) -> str:
        compared.append(path)
        return fingerprint.file_sha256(path)

    monkeypatch.setattr(store_integrity, "file_sha256", counting)
    assert not is_refused(store)  # it was hashed when it was written
    assert not compared
    path = build_of(store) / "base.json"
    os.utime(path)
    assert not is_refused(store)
    assert len(compared) == len(store_integrity.list_files(build_of(store))) - 1  # the manifest's digest is in the pointer
    assert not is_refused(store)
    assert len(set(compared)) == len(compared)
    monkeypatch.setattr(store_integrity, "_system_start", lambda: "later")
    assert not is_refused(store)
    assert len(compared) == 2 * len(set(compared))


def test_a_damage_is_found_again_without_reading_everything_again(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flip(build_of(store) / "base.json", 0)
    assert is_refused(store)
    monkeypatch.setattr(store_integrity, "file_sha256", None)
    assert is_refused(store)


def test_a_store_above_the_limit_is_compared_in_the_background(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_integrity, "MAX_BYTES", LARGE)
    large = max((build_of(store) / "data").iterdir(), key=lambda path: path.stat().st_size)
    flip(large, 5000)
    opened = disk_store.open_build(store, LARGE)
    with pytest.raises(KbError):  # as kb serve does
        disk_store.require_whole(opened.disk_store)
    os.utime(large)
    assert disk_store.open_build(store, LARGE)
    deadline = time.monotonic() + 60
    while not is_refused(store):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_small_files_are_compared_at_once_however_large_the_store_is(store: Path) -> None:
    flip(build_of(store) / "data/CURRENT", 0)
    with pytest.raises(KbError):
        disk_store.open_build(store, most=0)
