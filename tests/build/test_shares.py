"""Work cut into shares for workers."""

from __future__ import annotations

from pathlib import Path

from kb.build import chunks, joining, sorted_runs
from kb.build.joining import MergedRecords
from kb.model import Fact


def run_of(documents: int, each: int) -> sorted_runs.SortedRun:
    """Pack facts of many documents."""
    entries: list[tuple[str, bytes]] = []
    for document in range(documents):
        for number in range(each):
            path = f"fact/label-{document:04}/drug/has-side-effect/effect-{number}"
            fact = Fact(path, f"label-{document:04}", "drug", "has-side-effect", f"effect-{number}", {}, ())
            entries.append((f"{path}/", sorted_runs.encode(fact, len(entries))))
    return sorted_runs.pack("fact", entries)


def test_twenty_thousand_facts_are_cut_into_shares_of_about_the_same_size() -> None:
    run = run_of(400, 50)
    source = MergedRecords([run], [chunks.Piece("fact", "all.jsonl")])
    stretches = joining.choose_bounds(source.runs)
    sizes = [sum(1 for _ in source.merge(low, high)) for low, high in stretches]
    assert sum(sizes) == 20_000
    assert len(sizes) >= 12
    assert max(sizes) <= 2 * sum(sizes) / len(sizes)


def test_each_stretch_begins_where_the_one_before_ends() -> None:
    stretches = joining.choose_bounds([run_of(40, 50)])
    assert [low for low, _ in stretches] == ["", *(high for _, high in stretches[:-1])]
    assert stretches[-1][1] == ""


def test_a_file_of_twenty_megabytes_is_cut_at_ends_of_lines_for_several_readers(tmp_path: Path) -> None:
    path = tmp_path / "all.jsonl"
    line = b'{"note": "' + b"x" * 988 + b'"}\n'
    path.write_bytes(line * 20_000)
    found = list(chunks.cut([(path, "fact")]))
    assert len(found) >= 4
    assert all(piece.start % len(line) == 0 for piece in found)
    assert [piece.end for piece in found] == [*(piece.start for piece in found[1:]), -1]


def test_a_file_that_is_small_enough_to_be_remembered_stays_whole(tmp_path: Path) -> None:
    path = tmp_path / "all.jsonl"
    path.write_bytes((b"{}" + b" " * 997 + b"\n") * 8_000)
    assert len(list(chunks.cut([(path, "fact")]))) == 1
