"""Locks hold between processes and end with them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kb.files.locks import LockedError, lock, lock_shared


def test_a_locked_folder_is_refused_until_it_is_released(tmp_path: Path) -> None:
    with lock(tmp_path), pytest.raises(LockedError), lock(tmp_path):
        pass
    with lock(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_an_error_inside_is_no_lock_of_another(tmp_path: Path) -> None:
    with pytest.raises(BlockingIOError), lock(tmp_path):
        raise BlockingIOError


def test_a_lock_ends_with_its_process(tmp_path: Path) -> None:
    text = "import os, sys; from pathlib import Path; from kb.files.locks import lock\nwith lock(Path(sys.argv[1])): os._exit(0)"
    subprocess.run([sys.executable, "-c", text, str(tmp_path)], check=True)
    with lock(tmp_path):
        pass


def test_readers_share_a_lock_and_keep_writers_out(tmp_path: Path) -> None:
    path = tmp_path / "a"
    assert lock_shared(path) is None
    path.touch()
    readers = [lock_shared(path), lock_shared(path)]
    assert all(readers)
    with pytest.raises(LockedError), lock(path):
        pass
    readers.clear()
    with lock(path):
        pass


def test_a_file_that_was_removed_before_it_was_locked_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    path.touch()
    open_file = os.open

    def remove(name: Path, flags: int) -> int:
        handle = open_file(name, flags)
        path.unlink()
        return handle

    monkeypatch.setattr(os, "open", remove)
    assert lock_shared(path) is None
