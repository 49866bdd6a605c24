"""Records are written by one process at a time, and never over an edit that was made meanwhile."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from kb.files.locks import lock
from kb.problems import KbError
from kb.records import folder

ROOT = Path(__file__).resolve().parents[2]


def replace_by_another(path: Path) -> None:
    path.with_name("new").write_text("edited\n", encoding="utf-8")
    path.with_name("new").replace(path)


def replace_by_one_of_the_same_time(path: Path) -> None:
    before = path.stat()
    other = path.with_name(f"{path.name}.other")
    other.write_text("x" * before.st_size, encoding="utf-8")
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(path)


EDITS: dict[str, Callable[[Path], object]] = {
    "append": lambda path: path.write_text(path.read_text(encoding="utf-8") + "edited\n", encoding="utf-8"),
    "empty": lambda path: path.write_text("", encoding="utf-8"),
    "replace": replace_by_another,
    "replace by one of the same size and time": replace_by_one_of_the_same_time,
    "remove": Path.unlink,
}


@pytest.fixture
def base(tmp_path: Path) -> Path:
    (tmp_path / "facts").mkdir()
    for name in ("a", "b", "c"):
        (tmp_path / f"facts/{name}.yaml").write_text(f"{name}\nold\n", encoding="utf-8")
    return tmp_path


def contents(base: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(base.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("files", [("a",), ("a", "b")], ids=["one file", "two files"])
@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_that_is_made_meanwhile_is_never_overwritten(edit: str, files: tuple[str, ...], base: Path) -> None:
    with folder.lock_records(base) as write:
        EDITS[edit](base / f"facts/{files[-1]}.yaml")
        before = contents(base)
        with pytest.raises(KbError) as caught:
            write({base / f"facts/{name}.yaml": ["a\nnew\n"] for name in files})
    (problem,) = caught.value.problems
    assert (problem.code, caught.value.exit_code) == ("KB708", 6)
    assert problem.place.file == str(base / f"facts/{files[-1]}.yaml")
    assert contents(base) == before


def test_a_file_that_is_made_meanwhile_is_never_overwritten(base: Path) -> None:
    with folder.lock_records(base) as write:
        (base / "facts/new.yaml").write_text("edited", encoding="utf-8")
        with pytest.raises(KbError, match="KB708"):
            write({base / "facts/new.yaml": ["new"]})
    assert contents(base)["new.yaml"] == "edited"


def test_the_message_shows_the_first_difference(base: Path) -> None:
    with folder.lock_records(base) as write:
        (base / "facts/a.yaml").write_text("a\nby hand\n", encoding="utf-8")
        with pytest.raises(KbError) as caught:
            write({base / "facts/a.yaml": ["a\nby kb\n"]})
    assert caught.value.problems[0].place.line == 2
    assert "here is 'by hand', and the command would have written 'by kb'" in caught.value.problems[0].message


def test_edits_of_other_files_do_not_matter_and_a_writer_may_write_twice(base: Path) -> None:
    with folder.lock_records(base) as write:
        (base / "facts/c.yaml").write_text("edited", encoding="utf-8")
        write({base / "facts/a.yaml": ["1"]})
        write({base / "facts/a.yaml": ["2"], base / "facts/b.yaml": ["2"]})
        write({base / "facts/b.yaml": ["3"]})
    assert contents(base) == {"a.yaml": "2", "b.yaml": "3", "c.yaml": "edited"}


def test_an_edit_of_the_file_that_a_link_leads_to_is_noticed(base: Path) -> None:
    (base / "facts/link.yaml").symlink_to("a.yaml")
    with folder.lock_records(base) as write:
        (base / "facts/a.yaml").write_text("edited", encoding="utf-8")
        with pytest.raises(KbError, match="KB708"):
            write({base / "facts/link.yaml": ["new"]})
    assert contents(base)["a.yaml"] == "edited"


def test_links_that_lead_nowhere_and_hidden_files_do_not_matter(base: Path) -> None:
    (base / "facts/loop").symlink_to("loop")
    (base / "facts/.real.yaml").write_text("old", encoding="utf-8")
    (base / "facts/link.yaml").symlink_to(".real.yaml")
    with folder.lock_records(base) as write:
        write({base / "facts/link.yaml": ["new"]})
    assert (base / "facts/.real.yaml").read_text(encoding="utf-8") == "new"


def test_a_writer_waits_for_another_for_a_limited_time(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "_WAIT", 0.1)
    started = time.monotonic()
    with lock(base), pytest.raises(KbError, match="KB704") as caught, folder.lock_records(base):
        pass
    assert caught.value.exit_code == 6
    assert time.monotonic() - started >= 0.1
    with folder.lock_records(base) as write:
        write({base / "facts/a.yaml": ["new"]})
    assert contents(base)["a.yaml"] == "new"
