"""Caches: what was used last stays, and what cannot be written does no harm."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from kb.files import cache_folder


def _touch(path: Path, size: int, age: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    time = path.stat().st_mtime_ns - age * 1_000_000_000
    os.utime(path, ns=(time, time))
    return path


def test_a_file_is_replaced_at_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "cache" / "a"
    for content in (b"12", b"3", b""):
        cache_folder.write(path, content)
        assert cache_folder.read(path) == content
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_a_cache_that_cannot_be_written_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    cache_folder.write(tmp_path / "file" / "a", b"1", most=2)
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


def _link(path: Path) -> None:
    path.with_name("real").write_bytes(b"planted")
    path.symlink_to("real")


@pytest.mark.parametrize("make", [_link, os.mkfifo, Path.mkdir, lambda path: path.write_bytes(b"x" * 11)])
def test_what_is_no_small_file_of_the_cache_is_not_read(make: Callable[[Path], object], tmp_path: Path) -> None:
    make(tmp_path / "a")
    assert cache_folder.read(tmp_path / "a", 10) is None


def test_what_is_damaged_is_not_read(tmp_path: Path) -> None:
    cache_folder.write(tmp_path / "a", b"content")
    written = (tmp_path / "a").read_bytes()
    for damaged in (b"", written[:3], written[:-1], written + b"\0", *(_flip(written, at) for at in range(len(written)))):
        (tmp_path / "a").write_bytes(damaged)
        assert cache_folder.read(tmp_path / "a") is None


def _flip(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
@pytest.mark.parametrize("stranger", ["linked-kb/parts/a", "linked-kb/parts", "linked-kb"])
def test_what_belongs_to_another_user_is_neither_read_nor_written_nor_removed(stranger: str, tmp_path: Path) -> None:
    path = tmp_path / "linked-kb/parts/a"
    cache_folder.write(path, b"planted")
    os.chown(tmp_path / stranger, 65534, 65534)
    assert cache_folder.read(path) is None
    if stranger != "linked-kb/parts/a":
        cache_folder.write(path, b"ours")
        cache_folder.prune(path.parent, files=0)
        assert path.read_bytes().endswith(b"planted")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_the_link_of_another_user_does_not_lead_to_files_of_this_one(tmp_path: Path) -> None:
    letters = _touch(tmp_path / "letters" / "first", 1, 10)
    (tmp_path / "linked-kb").mkdir()
    (tmp_path / "linked-kb/parts").symlink_to(letters.parent)
    os.chown(tmp_path / "linked-kb/parts", 65534, 65534, follow_symlinks=False)
    cache_folder.prune(tmp_path / "linked-kb/parts", files=0)
    cache_folder.write(tmp_path / "linked-kb/parts/a", b"ours")
    assert [path.name for path in letters.parent.iterdir()] == ["first"]
