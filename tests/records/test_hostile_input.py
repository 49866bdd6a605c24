"""Readers of input from elsewhere: every text is read or refused with its place, in bounded time and memory."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kb.build import chunks, parts
from kb.files import compression, text_file
from kb.problems import KbError
from kb.records import jsonlines, parquet, strict_json

REFUSED = ['{"a":1,"a":2}', "1e999", "NaN", "-Infinity", "9" * 400, '[{"a":{},"a":{}}]', "[" * 65 + "]" * 65]


@pytest.mark.parametrize("refused", REFUSED)
@pytest.mark.parametrize("rest", ["]", "}", "]]}", ",", " x", ' "a":', "[", "}{", '"', "\\", "1"])
@pytest.mark.parametrize("outer", ["{}", "[{}]", '[{{"b":{}}}]'])
def test_json_with_two_faults_is_reported_as_a_syntax_error(refused: str, rest: str, outer: str) -> None:
    with pytest.raises(KbError) as caught:
        strict_json.parse(f"{outer.format(refused)}{rest}", "f")
    assert {problem.code for problem in caught.value.problems} <= {"KB104", "KB107", "KB111"}


@pytest.mark.parametrize("refused", REFUSED)
def test_json_with_one_fault_is_reported_by_its_rule(refused: str) -> None:
    with pytest.raises(KbError) as caught:
        strict_json.parse(f"[{refused}]", "f")
    assert {problem.code for problem in caught.value.problems} <= {"KB105", "KB107", "KB111"}


def test_json_with_too_many_values_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strict_json, "MOST_VALUES", 1000)
    assert strict_json.parse(f"[{','.join(['0'] * 999)}]", "f") == [0] * 999
    strict_json.parse(f'["{"," * 5000}"]', "f")
    for text in (f"[{','.join(['0'] * 2000)}]", f'{{"a":[{",".join(["{}"] * 2000)}]}}'):
        with pytest.raises(KbError, match="KB110"):
            strict_json.parse(text, "f")
        assert jsonlines.decode_fast(text.encode()) is None


def test_what_no_reader_foresees_is_a_problem_of_the_input() -> None:
    with pytest.raises(KbError) as caught, text_file.report_as_input("bad.yaml"):
        [].pop()
    (problem,) = caught.value.problems
    assert (problem.place.file, problem.code) == ("bad.yaml", "KB104")
    assert problem.message.startswith(text_file.UNEXPECTED)


def test_a_file_that_unpacks_to_far_more_than_records_do_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compression, "HARMLESS", 1 << 20)
    path = tmp_path / "bomb.jsonl.gz"
    path.write_bytes(gzip.compress(b" " * (8 << 20)))
    with pytest.raises(KbError, match="KB110"):
        list(jsonlines.read_lines(path, []))
    path.write_bytes(gzip.compress(b'{"a":1}\n' * 100))
    assert len(list(jsonlines.read_lines(path, []))) == 100


def test_lines_of_a_compressed_file_are_found_and_counted_with_one_decompression(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [b'{"a":%d}\n' % number + b"\n" * (number % 7) for number in range(3000)]
    path = tmp_path / "many.jsonl.gz"
    path.write_bytes(gzip.compress(b"".join(lines)))
    monkeypatch.setattr(chunks, "_BLOCK", 1000)
    opened: list[str] = []
    open_file = compression.open_file

    def counted(name: str, start: int = 0) -> AbstractContextManager[BinaryIO]:
        opened.append(name)
        return open_file(name, start)

    monkeypatch.setattr(compression, "open_file", counted)
    for number in reversed(range(0, 3000, 17)):
        offset = sum(map(len, lines[:number]))
        assert jsonlines.read_line(str(path), offset) == b'{"a":%d}\n' % number
        assert chunks.count_lines_before(str(path), offset) == b"".join(lines[:number]).count(b"\n")
    assert len(opened) == 1


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_blank_lines_are_skipped_together_wherever_they_end(suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blanks = b"\n" * 300_000 + b" \t\r\n" * 70_000 + b"  "
    data = b"\n{1}\n" + blanks + b" {2}\n{3}" + blanks
    path = tmp_path / f"many.jsonl{suffix}"
    path.write_bytes(gzip.compress(data) if suffix else data)
    calls: list[str] = []
    read_next = jsonlines._next

    def counted(read: Callable[[], bytes], name: str) -> bytes:
        calls.append(name)
        return read_next(read, name)

    monkeypatch.setattr(jsonlines, "_next", counted)
    lines = list(jsonlines.read_lines(path, []))
    assert [line.data.strip() for line in lines] == [b"{1}", b"{2}", b"{3}"]
    assert [line.number for line in lines] == [2, 370_003, 370_004]
    assert all(data.startswith(line.data, line.offset) for line in lines)
    assert len(calls) < 1_000
    ends = [0, 1, 5, 6, 7, 100_000, data.index(b"{3}")]
    for start, end in ((start, end) for start in ends for end in ends if start < end):
        between = list(jsonlines.read_lines(path, [], start, end))
        assert [line for line in lines if start <= line.offset < end] == [
            line._replace(number=line.number + data.count(b"\n", 0, start)) for line in between
        ]


def test_a_file_of_records_with_problems_is_not_read_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "_MOST_UNEXPLAINED", 500)
    path = tmp_path / "many.jsonl.gz"
    path.write_bytes(gzip.compress(b"{}\n" * 100_000))
    part = parts.read_part(chunks.Piece("fact", str(path)))
    assert part.records < 2_000
    assert part.problems[-1].message == "500 more records with problems, and what follows them, are not shown."


def test_the_lines_of_a_file_are_counted_once_whatever_the_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "many.jsonl"
    path.write_bytes(b"x\n" * 100_000)
    monkeypatch.setattr(chunks, "_BLOCK", 10_000)
    read: list[int] = []
    read_at = compression.read_at

    def counted(name: str, start: int, size: int) -> bytes:
        read.append(size)
        return read_at(name, start, size)

    monkeypatch.setattr(compression, "read_at", counted)
    for offset in (150_002, 4, 199_998, 70_000, 0):
        assert chunks.count_lines_before(str(path), offset) == offset // 2
    assert sum(read) <= 200_000 + 5 * 10_000


def test_a_parquet_file_of_repeated_rows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "many.parquet"
    pq.write_table(pa.table({"a": pa.array(["x"]).take(pa.array([0] * 3_000_000))}), path, row_group_size=3_000_000)
    assert path.stat().st_size < 10_000
    with pytest.raises(KbError, match="KB110"):
        list(parquet.read_lines(str(path)))


def test_rows_of_parquet_that_unpack_to_too_much_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "large.parquet"
    pq.write_table(pa.table({"a": pa.array(["x" * 10_000]).take(pa.array([0] * 2_000))}), path)
    monkeypatch.setattr(parquet, "_LARGEST_BATCH", 1 << 20)
    with pytest.raises(KbError, match="KB110"):
        list(parquet.read_lines(str(path)))
