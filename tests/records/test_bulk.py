"""Parquet, compressed lines, patterns and standard input have the meaning of the same lines in a folder."""

from __future__ import annotations

import gzip
import io
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from backports import zstd

from kb import cli, pipeline
from kb.build import chunks, parts, reading
from kb.records import jsonlines, parquet

Make = Callable[..., Path]
SYMPTOMS = 300


@pytest.fixture
def base(make_kb: Make) -> Path:
    """A knowledge base without facts, but for the terms and the document that the facts below name."""
    terms = [{"id": f"s{number}", "kind": "symptom", "label": f"s {number}", "definition": "A."} for number in range(SYMPTOMS)]
    return make_kb(**{"terms/more.jsonl": "".join(f"{json.dumps(each)}\n" for each in terms)})


def facts() -> list[dict[str, Any]]:
    """Give facts of which some have qualifiers that others lack."""
    made = []
    for number in range(SYMPTOMS):
        fact = {"document": "leaflet", "subject": "examplol", "predicate": "has-side-effect", "object": f"s{number}"}
        about = {
            "modality": "can",
            "evidence": [{"sentence": "s1.1", **({"supports": ["claim", "modality"]} if number % 3 else {})}],
        }
        made.append({**fact, **about, **({} if number % 3 else {"frequency": "rare"})})
    return made


def jsonl() -> bytes:
    return "".join(f"{json.dumps(each)}\n" for each in facts()).encode()


def write_parquet(path: Path, rows: list[dict[str, Any]], size: int = 70) -> None:
    names = list(dict.fromkeys(name for row in rows for name in row))
    supports = pa.list_(pa.string())
    types = {"evidence": pa.list_(pa.struct([("sentence", pa.string()), ("supports", supports)]))}
    columns = {name: pa.array([row.get(name) for row in rows], types.get(name)) for name in names}
    pq.write_table(pa.table(columns), path, row_group_size=size)


@pytest.fixture
def expected(base: Path, tmp_path: Path) -> bytes:
    """What is built where the facts are a file of the folder."""
    file = base / "facts" / "all.jsonl"
    file.write_bytes(jsonl())
    made = built(base, tmp_path)
    file.unlink()
    return made


def built(base: Path, tmp_path: Path, *more: Path | str) -> bytes:
    pipeline.build(base, tmp_path / "out.nq", more=[str(each) for each in more])
    return (tmp_path / "out.nq").read_bytes()


@pytest.mark.parametrize("rows", [100_000, 64])
def test_a_row_of_parquet_is_the_record_of_its_columns(
    rows: int, base: Path, expected: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "ROWS", rows)
    write_parquet(base / "facts" / "all.parquet", facts())
    assert len({each for each in reading.read(base).pieces if each.path.endswith("parquet")}) == -(-SYMPTOMS // rows)
    assert built(base, tmp_path) == expected


@pytest.mark.parametrize("rows", [100_000, 64])
def test_the_problem_of_a_row_of_parquet_has_its_number(rows: int, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "ROWS", rows)
    bad = facts()
    bad[150]["object"], bad[200]["modality"], bad[299] = "nobody", "perhaps", bad[3]
    write_parquet(base / "facts" / "all.parquet", bad)
    told = {(each.code, each.place.line, Path(each.place.file).name) for each in pipeline.check(base).problems}
    assert told == {("KB301", 151, "all.parquet"), ("KB204", 201, "all.parquet"), ("KB311", 300, "all.parquet")}


def test_documents_and_terms_can_be_parquet(base: Path, expected: bytes, tmp_path: Path) -> None:
    terms = base / "terms" / "more.jsonl"
    pq.write_table(
        pa.Table.from_pylist([json.loads(each) for each in terms.read_text().splitlines()]), base / "terms" / "t.parquet"
    )
    terms.unlink()
    (base / "facts" / "all.jsonl").write_bytes(jsonl())
    assert built(base, tmp_path) == expected


@pytest.mark.parametrize("damage", [b"", b"PAR1", b"no parquet at all", None])
def test_damaged_parquet_is_a_problem(damage: bytes | None, base: Path) -> None:
    path = base / "facts" / "all.parquet"
    write_parquet(path, facts())
    path.write_bytes(path.read_bytes()[:-500] if damage is None else damage)
    (problem,) = pipeline.check(base).problems
    assert (problem.code, problem.place.file) == ("KB114", str(path))


def test_the_problem_of_a_missing_library_names_the_extra(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_parquet(base / "facts" / "all.parquet", facts())
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    (problem,) = pipeline.check(base).problems
    assert problem.code == "KB713"
    assert "linked-kb[tables]" in problem.remedy


def test_more_facts_come_from_files_folders_and_patterns(base: Path, expected: bytes, tmp_path: Path) -> None:
    more = tmp_path / "more"
    (more / "below").mkdir(parents=True)
    every = jsonl().splitlines(keepends=True)
    (more / "a.jsonl").write_bytes(b"".join(every[:100]))
    (more / "b.jsonl.gz").write_bytes(gzip.compress(b"".join(every[100:150])))
    (more / "c.ndjson.zst").write_bytes(zstd.compress(b"".join(every[150:200])))
    write_parquet(more / "below" / "d.parquet", facts()[200:])
    (more / "notes.txt").write_text("no records", encoding="utf-8")
    assert built(base, tmp_path, more) == expected
    assert built(base, tmp_path, f"{more}/**/*") == expected
    assert built(base, tmp_path, f"{more}/?.*", more / "below" / "d.parquet") == expected


@pytest.mark.parametrize("name", ["none.jsonl", "none/*.jsonl", "none"])
def test_a_pattern_without_files_is_a_problem(name: str, base: Path, tmp_path: Path) -> None:
    (problem,) = pipeline.check(base, more=[str(tmp_path / name)]).problems
    assert problem.code == "KB101"


@pytest.mark.parametrize("packed", ["jsonl", "gz", "zst", "parquet"])
def test_facts_come_from_standard_input(
    packed: str, base: Path, expected: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = {"jsonl": jsonl(), "gz": gzip.compress(jsonl()), "zst": zstd.compress(jsonl())}.get(packed)
    if data is None:
        write_parquet(tmp_path / "x.parquet", facts())
        data = (tmp_path / "x.parquet").read_bytes()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert cli.run(["build", "--content", str(base), "-o", str(tmp_path / "out.nq"), "--facts", "-"]) == 0
    assert (tmp_path / "out.nq").read_bytes() == expected


@pytest.mark.parametrize("command", [["validate"], ["build", "-o", "out.nq"]])
def test_problems_of_standard_input_name_it(
    command: list[str], base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(jsonl().replace(b'"s7"', b'"nobody"'))))
    assert cli.run([*command, "--content", str(base), "--facts", "-"]) == 1
    captured = capsys.readouterr()
    assert "<stdin>:8:" in captured.out + captured.err
    assert not (tmp_path / "out.nq").exists()


def test_empty_standard_input_is_a_problem(
    base: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    assert cli.run(["validate", "--content", str(base), "--facts", "-"]) == 3
    assert "<stdin>: KB109" in capsys.readouterr().out


@pytest.mark.parametrize("suffix", ["gz", "zst"])
def test_a_compressed_file_is_read_in_parts(
    suffix: str, base: Path, expected: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = []
    before = parts.read_parts

    def small(piece: chunks.Piece) -> Iterator[parts.Part]:
        for part in before(piece, 5_000):
            most.append(part.records)
            yield part

    monkeypatch.setattr(parts, "read_parts", small)
    pack = gzip.compress if suffix == "gz" else zstd.compress
    (base / "facts" / f"all.jsonl.{suffix}").write_bytes(pack(jsonl()))
    assert built(base, tmp_path) == expected
    assert max(most[2:]) < SYMPTOMS // 4
    for before_, after, told in ((b'"s299"', b'"nobody"', ("KB301", 300)), (b'"s150"', b'["s150"', ("KB104", 151))):
        (base / "facts" / f"all.jsonl.{suffix}").write_bytes(pack(jsonl().replace(before_, after)))
        assert [(each.code, each.place.line) for each in pipeline.check(base).problems] == [told]


def test_a_document_as_large_as_a_book_is_one_line(base: Path) -> None:
    digest = "0" * 64
    sentences = [
        {"id": f"s1.{number}", "start": number * 10, "end": number * 10 + 9, "sha256": digest} for number in range(1, 12_000)
    ]
    book = {"id": "book", "title": "t", "language": "en", "rights": "r", "text": "held-elsewhere", "sha256": digest}
    line = json.dumps({**book, "bytes": 120_000, "characters": 120_000, "sentences": sentences})
    assert 1024 * 1024 < len(line) < jsonlines.LONGEST
    (base / "documents" / "book.jsonl").write_text(line, encoding="utf-8")
    checked = pipeline.check(base)
    assert (checked.problems, checked.counts["document"]) == ([], 2)
