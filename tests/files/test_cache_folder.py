"""Caches: what was used last stays, and what cannot be written does no harm."""

from __future__ import annotations

import os
from pathlib import Path

from kb.files import cache_folder


def _touch(path: Path, size: int, age: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    time = path.stat().st_mtime_ns - age * 1_000_000_000
    os.utime(path, ns=(time, time))
    return path


def test_a_file_is_replaced_at_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "cache" / "a"
    for pieces in ([b"1", b"2"], [b"3"]):
        cache_folder.write(path, pieces)
        assert path.read_bytes() == b"".join(pieces)
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_a_cache_that_cannot_be_written_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    cache_folder.write(tmp_path / "file" / "a", [b"1"])
    cache_folder.prune(tmp_path / "file")
    cache_folder.prune(tmp_path / "missing")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_the_files_used_last_stay(tmp_path: Path) -> None:
    files = [_touch(tmp_path / str(age % 2) / str(age), 10, age) for age in range(5)]
    cache_folder.prune(tmp_path, size=35)
    assert [path for path in files if path.exists()] == files[:3]
    cache_folder.prune(tmp_path, files=2)
    assert [path for path in files if path.exists()] == files[:2]


def test_what_was_left_half_written_goes_after_a_day(tmp_path: Path) -> None:
    old, new = _touch(tmp_path / "a.tmp", 1, 100_000), _touch(tmp_path / "b.tmp", 1, 10)
    cache_folder.prune(tmp_path)
    assert (old.exists(), new.exists()) == (False, True)
