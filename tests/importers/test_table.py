"""Tables of drugs and effects become facts with the rows that state them; rows that cannot be facts are rejected."""

from __future__ import annotations

import gzip
import json
import subprocess
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb import pipeline
from kb.importers.frequencies import frequency_word
from kb.importers.rows import Row, Table
from kb.importers.table import Columns, ImportResult, TableDetails, import_table, sentence_id
from kb.problems import KbError, Problem

HEADER = "label\tdrug_id\tdrug\teffect_id\teffect\tfrequency\n"
GOOD = (
    "L1\tRxNorm:1\tabelin\tC001\tHeadache\tcommon\n"
    "L1\tRxNorm:1\tabelin\tC002\tÜbelkeit\t12%\n"
    "L2\tRxNorm:1\tAbelin\tC001\tHeadache\t0.00005\n"
    "L2\tRxNorm:2\tbebelin\tC003\theadache\t\n"
)
COLUMNS = Columns("drug_id", "effect_id", "drug", "effect", "label", "frequency")
CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"
ABOUT = TableDetails("pairs", "Pairs", namespaces=("", "umls"), license=CC0, date="2026-01-31")
Import = Callable[..., ImportResult]


@pytest.fixture
def import_text(tmp_path: Path) -> Import:
    def run(
        text: str | bytes, name: str = "pairs.tsv", columns: Columns = COLUMNS, about: TableDetails = ABOUT, **more: Any
    ) -> ImportResult:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
        return import_table(path, columns, about, tmp_path / "kb", **more)

    return run


def records(tmp_path: Path, kind: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (tmp_path / "kb" / kind / "pairs.jsonl").read_text("utf-8").splitlines()]


def test_every_pair_of_a_document_is_a_fact_of_a_good_knowledge_base(import_text: Import, tmp_path: Path) -> None:
    result = import_text(HEADER + GOOD)
    assert (result.rows, result.facts, result.documents, result.terms, result.mappings, result.rejected) == (5, 4, 2, 5, 5, 0)
    checked = pipeline.check(tmp_path / "kb")
    assert checked.problems == []
    assert checked.kb is not None
    assert [(fact.path, fact.qualifiers.get("frequency")) for fact in checked.kb.facts] == [
        ("fact/pairs-l1/rxnorm-1/has-side-effect/umls-c001", "common"),
        ("fact/pairs-l1/rxnorm-1/has-side-effect/umls-c002", "very-common"),
        ("fact/pairs-l2/rxnorm-1/has-side-effect/umls-c001", "very-rare"),
        ("fact/pairs-l2/rxnorm-2/has-side-effect/umls-c003", None),
    ]
    assert {record.object for record in checked.kb.mappings} == {"rxnorm:1", "rxnorm:2", "umls:C001", "umls:C002", "umls:C003"}
    assert checked.kb.terms["rxnorm-1"].aliases == ("Abelin",)


def test_evidence_cites_the_row(import_text: Import, tmp_path: Path) -> None:
    import_text(HEADER + GOOD)
    table = (tmp_path / "pairs.tsv").read_bytes()
    text = table.decode("utf-8")
    documents = {record["id"]: record for record in records(tmp_path, "documents")}
    for document in documents.values():
        assert document["sha256"] == sha256(table).hexdigest()
        assert (document["bytes"], document["characters"]) == (len(table), len(text))
    fact = next(record for record in records(tmp_path, "facts") if record["object"] == "umls-c002")
    cited = fact["evidence"][0]["sentence"]
    passage = next(record for record in documents[fact["document"]]["sentences"] if record["id"] == cited)
    row = text[passage["start"] : passage["end"]]
    assert row == "L1\tRxNorm:1\tabelin\tC002\tÜbelkeit\t12%" == text.splitlines()[int(cited.removeprefix("s1.")) - 1]
    assert passage["sha256"] == sha256(row.encode("utf-8")).hexdigest()


def test_rejected_rows_are_reported_and_written_with_line_and_reason(import_text: Import, tmp_path: Path) -> None:
    bad = (
        b"L3\tRxNorm:3\tcerelin\t\tNausea\trare\n"  # line 6: no object
        b"L3\tRxNorm:3\tcerelin\tC004\tNausea\toften, maybe\n"  # line 7: no frequency
        b"L3\tRxNorm:3\n"  # line 8: too short
        b"L3\tRxNorm:3\tcerel\xffin\tC004\tNausea\trare\n"  # line 9: not UTF-8
        b"\tRxNorm:3\tcerelin\tC004\tNausea\trare\n"  # line 10: no document
        b"L1\tRxNorm:1\tabelin\tC001\tHeadache\trare\n"  # line 11: contradicts line 2
        b"L3\tRxNorm:3\tcere\xe2\x80\xaelin\tC004\tNausea\trare\n"  # line 12: a label that hides its order
    )
    result = import_text((HEADER + GOOD).encode() + bad)
    reported = [(problem.place.line, problem.code) for problem in result.problems]
    assert reported == [
        (6, "KB791"),
        (7, "KB791"),
        (8, "KB791"),
        (9, "KB103"),
        (10, "KB791"),
        (11, "KB792"),
        (12, "KB791"),
    ]
    assert sorted(row["line"] for row in records(tmp_path, "rejected")) == [line for line, _ in reported]
    assert (result.facts, result.rejected) == (4, 7)
    assert pipeline.check(tmp_path / "kb").problems == []


def test_rows_that_repeat_a_pair_are_more_evidence_for_it(import_text: Import, tmp_path: Path) -> None:
    result = import_text(HEADER + GOOD + "L1\tRxNorm:1\tabelin\tC001\tHeadache\t\n")
    fact = next(record for record in records(tmp_path, "facts") if record["object"] == "umls-c001")
    assert fact["frequency"] == "common"
    assert fact["evidence"] == [{"sentence": "s1.2"}, {"sentence": "s1.6", "supports": ["claim", "modality"]}]
    assert result.rejected == 0
    assert pipeline.check(tmp_path / "kb").problems == []


def test_without_a_column_of_documents_the_rows_about_a_subject_are_one(import_text: Import, tmp_path: Path) -> None:
    text = 'aspirin,"pain, chronic"\n"a\nb",itch\naspirin,itch\n'
    result = import_text(text, "pairs.csv", Columns("1", "2"), header=False)
    assert (result.rows, result.facts, result.rejected) == (3, 3, 0)
    assert {record["document"] for record in records(tmp_path, "facts")} == {"pairs-aspirin", "pairs-a-b"}
    assert pipeline.check(tmp_path / "kb").problems == []


def test_the_same_table_gives_the_same_files_compressed_or_not(import_text: Import, tmp_path: Path) -> None:
    import_text(HEADER + GOOD)
    before = {path: path.read_bytes() for path in (tmp_path / "kb").rglob("*.jsonl")}
    import_text(gzip.compress((HEADER + GOOD).encode()), "pairs.tsv.gz")
    assert {path: path.read_bytes() for path in before} == before


def test_a_parquet_table_gives_the_same_facts(import_text: Import, tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is an extra")
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is an extra")
    import_text(HEADER + GOOD)
    before = [{**record, "evidence": None} for record in records(tmp_path, "facts")]
    rows = [dict(zip(HEADER.strip().split("\t"), line.split("\t"), strict=True)) for line in GOOD.splitlines()]
    parquet.write_table(pa.Table.from_pylist(rows), tmp_path / "made.parquet")
    import_text((tmp_path / "made.parquet").read_bytes(), "pairs.parquet")
    assert [{**record, "evidence": None} for record in records(tmp_path, "facts")] == before
    assert pipeline.check(tmp_path / "kb").problems == []


def test_a_long_document_is_cut_into_several(import_text: Import, tmp_path: Path) -> None:
    rows = "".join(f"L1\tRxNorm:1\tabelin\tC{number:05}\teffect {number}\t\n" for number in range(9_000))
    result = import_text(HEADER + rows)
    assert [len(record["sentences"]) for record in records(tmp_path, "documents")] == [8_000, 1_000]
    assert (result.facts, result.mappings) == (9_000, 9_001)
    assert pipeline.check(tmp_path / "kb").problems == []


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("missing.tsv", None, "KB101"),
        ("empty.tsv", b"", "KB109"),
        ("header.tsv", HEADER.encode(), "KB109"),
        ("columns.tsv", b"a\tb\n1\t2\n", "KB790"),
        ("header.csv", b'"a"b,c\n1,2\n', "KB790"),
        ("broken.tsv.gz", gzip.compress(HEADER.encode() * 50, mtime=0)[:40], "KB102"),
        ("text.tsv.gz", b"no gzip at all", "KB102"),
        ("text.parquet", b"no parquet at all", "KB114"),
    ],
)
def test_a_table_that_cannot_be_read_is_reported_and_nothing_is_written(
    tmp_path: Path, name: str, data: bytes | None, code: str
) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    with pytest.raises(KbError) as error:
        import_table(tmp_path / name, COLUMNS, ABOUT, tmp_path / "kb")
    assert {problem.code for problem in error.value.problems} == {code}
    assert {path.name for path in tmp_path.iterdir()} <= {name}


def test_the_command_reports_what_was_imported(tmp_path: Path, run_kb: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    (tmp_path / "pairs.tsv").write_text("drug\teffect\naspirin\titch\naspirin\t\n", encoding="utf-8")
    options = ["table", "import", "pairs.tsv", "--subject", "drug", "--object", "effect", "--content", "made"]
    refused = run_kb(*options, cwd=tmp_path)
    assert (refused.returncode, "KB793" in refused.stderr) == (2, True)
    done = run_kb(*options, "--license", CC0, cwd=tmp_path)
    assert (done.returncode, json.loads(done.stdout)["facts"]) == (1, 1)
    assert "pairs.tsv:3: KB791" in done.stderr
    assert run_kb("query", "side-effects", "--content", "made", cwd=tmp_path).stdout.splitlines()[1].startswith("aspirin  itch")


@given(st.lists(st.lists(st.text(max_size=8), min_size=2, max_size=2), min_size=1, max_size=8), st.sampled_from(["\n", "\r\n"]))
def test_the_position_of_a_row_is_that_of_its_text(tmp_path_factory: pytest.TempPathFactory, cells: Any, end: str) -> None:
    path = tmp_path_factory.mktemp("table") / "t.tsv"
    clean = [
        [cell.translate(dict.fromkeys(map(ord, "\t\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029\0"), "_")) for cell in row]
        for row in cells
    ]
    whole = "".join("\t".join(row) + end for row in clean).encode("utf-8", "replace").decode("utf-8")
    path.write_bytes(whole.encode("utf-8"))
    problems: list[Problem] = []
    table = Table(path, ["1", "2"], problems.append, header=False)
    for row, line in zip(table.rows(), whole.split(end), strict=False):
        assert whole[row.start : row.end] == line
        assert row == Row(row.number, row.number, row.cells, row.start, row.end, sha256(line.encode("utf-8")).hexdigest())
    assert problems == []
    assert table.contents is not None
    assert table.contents.characters == len(whole)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Very common", "very-common"),
        ("10%", "very-common"),
        ("9.9 %", "common"),
        ("0.001", "uncommon"),
        ("1e-4", "rare"),
        ("0", "very-rare"),
    ],
)
def test_frequencies_are_read_as_words_percentages_and_shares(text: str, word: str) -> None:
    assert frequency_word(text, {}) == word


def test_a_frequency_word_of_the_table_means_what_the_user_says() -> None:
    assert frequency_word("postmarketing", {"postmarketing": ""}) == ""
    with pytest.raises(KbError, match="KB791"):
        frequency_word("120%", {})


def test_rows_are_numbered_on_in_the_next_section() -> None:
    assert [sentence_id(row) for row in (1, 999_999, 1_000_000, 7_100_000)] == ["s1.1", "s1.999999", "s2.1", "s8.100007"]
