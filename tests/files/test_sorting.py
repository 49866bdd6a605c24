"""Sorting on disk returns what sorting in memory would, each line once, and leaves no file behind."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.files import sorting
from kb.files.sorting import SortedFiles, Sorter

LINES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"), max_size=12).map("{}\n".format)


@given(st.lists(LINES, max_size=60), st.integers(1, 500))
def test_lines_are_sorted_by_their_bytes_each_once(lines: list[str], buffered: int) -> None:
    sorter = Sorter("", buffered)
    for line in lines:
        sorter.add(line)
    assert list(sorter.sorted_lines()) == sorted({line.encode() for line in lines})


@given(st.lists(st.tuples(st.sampled_from(["x", "y", "<urn:z>"]), LINES), max_size=60), st.integers(1, 500))
def test_groups_are_sorted_into_a_file_each(lines: list[tuple[str, str]], buffered: int) -> None:
    expected: dict[str, set[bytes]] = defaultdict(set)
    for key, line in lines:
        expected[key].add(line.encode())
    with SortedFiles(buffered) as files:
        groups = files.sort_groups(lines)
        assert {key: list(group.lines()) for key, group in groups.items()} == {
            key: sorted(group) for key, group in expected.items()
        }
        for group in groups.values():
            assert (group.count, group.size) == (len(list(group.lines())), group.path.stat().st_size)
        folder = next((group.path.parent for group in groups.values()), None)
    assert folder is None or not folder.exists()


def test_more_files_than_one_merge_reads_are_merged_in_steps(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sorting, "_FAN_IN", 3)
    lines = [b"%d .\n" % (number * 7919 % 100) for number in range(300)]
    sorter = Sorter(str(tmp_path), 200)
    for line in lines:
        sorter.add_bytes(line)
    assert len(list(tmp_path.iterdir())) > 9
    assert list(sorter.sorted_lines()) == sorted(set(lines))
    assert list(tmp_path.iterdir()) == []


def test_cleared_files_are_gone_and_groups_stay() -> None:
    with SortedFiles(1000) as files:
        (group,) = files.sort_groups([("g", "a\n")]).values()
        sorted_file = files.sort([b"b\n", b"a\n"])
        files.clear()
        assert not sorted_file.path.exists()
        assert list(group.lines()) == [b"a\n"]
