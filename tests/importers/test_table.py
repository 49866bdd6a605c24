"""Tables of drugs and effects become facts with the rows that state them; rows that cannot be facts are rejected."""

from __future__ import annotations

import gzip
import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import drug_effects
from kb import pipeline
from kb.formats.tables import kgx
from kb.importers.rows import Row, Table
from kb.importers.table import Columns, ImportResult, import_table
from kb.importers.table_records import TableDetails, sentence_id
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
    assert (result.rows, result.facts, result.documents, result.terms, result.mappings, result.rejected) == (4, 4, 2, 5, 5, 0)
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
    assert checked.kb.terms["rxnorm-1"].aliases == ()


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
        b"L3\tRxNorm:3\tcerelin\tC004\tNausea\t0 %\n"  # line 11: nobody
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
        (11, "KB791"),
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
    result = import_text(text, "pairs.csv", Columns("1", "2"), replace(ABOUT, predicate="causes"), header=False)
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
        ("returns.tsv", b"a\rb\tc\n1\t2\n", "KB790"),
        ("odd.csv", b"sep=\x00\na\x00b\n1\x002\n", "KB790"),
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
        [cell.translate(dict.fromkeys(map(ord, "\t\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029\0\ufffd"), "_")) for cell in row]
        for row in [[cell.lstrip('"') for cell in row] for row in cells]  # a quote opens a cell that may never close
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
    ("columns", "cells", "sentences"),
    [
        ({"frequency": "f"}, {"f": ["12%", "<10 %", "postmarketing"]}, ["12%", "<10 %", "postmarketing"]),
        ({"frequency": "f"}, {"f": ["rare", "common"]}, ["rare", "common"]),
        ({"severity": "s"}, {"s": ["mild", "severe"]}, ["mild", "severe"]),
        ({"frequency": "f"}, {"f": ["12%", "15%"]}, ["very-common", "12%", "15%"]),
        ({"frequency": "f"}, {"f": ["Very common", "very common"]}, ["very-common"]),
        ({"frequency": "f (%)"}, {"f (%)": ["0.4"]}, ["uncommon", "0.4"]),
        ({"frequency": "f", "placebo": "p"}, {"f": ["12%"], "p": ["3%"]}, ["very-common", "12%", "placebo: 3%"]),
        ({"frequency": "f"}, {"f": ["12 (3.4%)"]}, ["common", "12 (3.4%)"]),
    ],
)
def test_what_rows_give_stands_in_the_note_and_nothing_stronger_in_the_fact(
    columns: dict[str, str], cells: dict[str, list[str]], sentences: list[str], import_text: Import, tmp_path: Path
) -> None:
    rows = ["\t".join(["drug", "effect", *cells]), *("\t".join(["a", "rash", *row]) for row in zip(*cells.values(), strict=True))]
    import_text("\n".join(rows) + "\n", columns=Columns("drug", "effect", **columns), about=replace(ABOUT, namespaces=("", "")))
    (fact,) = records(tmp_path, "facts")
    given = [value for name in ("frequency", "severity") if (value := fact.get(name))]
    assert [word for word in sentences if word in given or word in fact.get("note", "")] == sentences
    assert given == [word for word in sentences if word in {"very-common", "common", "uncommon"}][: len(given)]
    assert len(given) <= 1
    assert pipeline.check(tmp_path / "kb").problems == []


def test_a_one_for_the_placebo_is_a_frequency_in_percent_or_told(import_text: Import) -> None:
    """It may mark a row about a placebo; a row that would be lost by that is told."""
    for column, rejected in (("pl %", 0), ("pl", 1)):
        text = f"drug\teffect\tf %\t{column}\na\trash\t8\t1\na\titch\t7\t2\n"
        columns = Columns("drug", "effect", frequency="f %", placebo=column)
        result = import_text(text, columns=columns, about=replace(ABOUT, name=f"t{rejected}", namespaces=("", "")))
        assert (result.rows, result.facts, result.rejected, result.left_out) == (2, 2 - rejected, rejected, {})


def test_a_predicate_that_is_misspelt_is_refused(import_text: Import) -> None:
    about = replace(ABOUT, namespaces=("", ""), predicate="has-side-efect")
    with pytest.raises(KbError, match=r"KB832 There is no predicate 'has-side-efect'\. Did you mean 'has-side-effect'"):
        import_text("drug\teffect\na\trash\n", columns=Columns("drug", "effect"), about=about)


def test_a_row_about_a_placebo_or_as_frequent_with_it_is_no_effect_of_the_drug(import_text: Import, tmp_path: Path) -> None:
    text = "drug\teffect\tf\tarm\na\trash\t3%\tplacebo\na\titch\t3%\t3%\na\tpain\t3%\t2.9 %\na\tache\t3%\t\n"
    columns = Columns("drug", "effect", frequency="f", placebo="arm")
    result = import_text(text, columns=columns, about=replace(ABOUT, namespaces=("", "")))
    assert [fact["object"] for fact in records(tmp_path, "facts")] == ["pain", "ache"]
    assert (result.rejected, sum(result.left_out.values())) == (0, 2)


def test_polarity_population_and_predicate_of_a_row_are_those_of_its_fact(import_text: Import, tmp_path: Path) -> None:
    text = (
        "drug\trelation\teffect\tdenied\tpeople\nA\thas side effect\trash\t\tchildren\n"
        "a\ttreats\tRash\t\t\nA\ttreats\trash\tnegated\t\nA\ttreats\tRASH\tyes\t\nA\t123\trash\t\t\nA\t\trash\t\t\n"
    )
    columns = Columns("drug", "effect", predicate="relation", polarity="denied", population="people")
    result = import_text(text, columns=columns, about=replace(ABOUT, namespaces=("", "")))
    kb = pipeline.check(tmp_path / "kb").kb
    assert kb is not None
    assert {(fact.predicate, fact.qualifiers.get("polarity"), fact.qualifiers.get("population")) for fact in kb.facts} == {
        ("has-side-effect", None, "children"),
        ("treats", None, None),
        ("treats", "negated", None),
    }
    assert {term.id for term in kb.terms.values()} == {"a", "rash", "children"}
    edges = [json.loads(line) for line in kgx.write(kb).files["pairs_edges.jsonl"].splitlines()]
    assert [(edge["predicate"], "negated" in edge) for edge in edges] == [("biolink:related_to", False)], "never more than stated"
    assert sorted(problem.place.line for problem in result.problems) == [5, 6, 7]


@pytest.mark.parametrize(
    ("columns", "about", "name"),
    [
        (Columns("drug", "disease"), {}, "predicate"),
        (Columns("drug", "effect", predicate="x"), {"predicate": "treats"}, "predicate"),
        (Columns("drug", "effect"), {"predicate": "12"}, "predicate"),
        (Columns("drug", "effect"), {"modality": "maybe"}, "modality"),
        (Columns("drug", "effect"), {"kinds": ("drug", "no-kind")}, "kinds"),
        (Columns("drug", "effect"), {"namespaces": ("nope", "")}, "namespaces"),
        (Columns("drug", "effect"), {"frequencies": {"x": "often"}}, "frequencies"),
    ],
)
def test_options_are_checked_before_anything_is_written(
    columns: Columns, about: dict[str, Any], name: str, import_text: Import, tmp_path: Path
) -> None:
    with pytest.raises(KbError, match=f"{name}: KB832"):
        import_text("drug\teffect\tdisease\na\tb\tc\n", columns=columns, about=replace(ABOUT, **about))
    assert [path.name for path in tmp_path.iterdir()] == ["pairs.tsv"]


@pytest.mark.parametrize(
    "label", ["a\x07b", "n\u0430usea", "a\u2028b", "e\u0301te\u0301", "gas\u00adtritis", "x" * 201, "nau\u200bsea"]
)
@pytest.mark.parametrize("end", [0, 1])
def test_a_bad_label_costs_its_row_and_no_other(label: str, end: int, import_text: Import, tmp_path: Path) -> None:
    cells = [["aspirin", "rash"], ["aspirin", "rash"], ["aspirin", "itch"]]
    cells[1][end] = label
    columns = Columns("drug", "effect")
    text = "drug\teffect\n" + "".join("\t".join(row) + "\n" for row in cells)
    result = import_text(text, columns=columns, about=replace(ABOUT, namespaces=("", "")))
    assert ([problem.place.line for problem in result.problems], result.facts, result.rejected) == ([3], 2, 1)
    assert pipeline.check(tmp_path / "kb").problems == []


@pytest.mark.parametrize("value", ["NA", "n/a", "None", "null", "<NA>", "nan", "-", "--", "?", "...", "Unknown"])
@pytest.mark.parametrize("column", ["doc", "drug", "relation", "effect"])
def test_what_stands_for_a_missing_value_becomes_no_term(value: str, column: str, import_text: Import, tmp_path: Path) -> None:
    cells = {"doc": "L1", "drug": "aspirin", "relation": "treats", "effect": "rash", "people": "N/A", "harm": "-"}
    rows = ["\t".join(cells.values()), "\t".join({**cells, column: value}.values())]
    columns = Columns("drug", "effect", document="doc", predicate="relation", population="people", severity="harm")
    text = "\n".join(["\t".join(cells), *rows]) + "\n"
    result = import_text(text, columns=columns, about=replace(ABOUT, namespaces=("", "")))
    assert ([problem.place.line for problem in result.problems], result.facts) == ([3], 1)
    assert {term["id"] for term in records(tmp_path, "terms")} == {"aspirin", "rash"}
    assert "missing" in result.problems[0].message or column in {"doc", "relation"}


def test_a_missing_value_is_a_name_where_a_term_has_it_and_never_a_label_of_an_id(import_text: Import, tmp_path: Path) -> None:
    columns, about = Columns("drug", "effect"), replace(ABOUT, namespaces=("", ""))
    import_text("drug\teffect\naspirin\trash\n", columns=columns, about=about)
    term = {"id": "na", "kind": "drug", "label": "NA", "definition": "A drug of that name."}
    (tmp_path / "kb/terms/own.jsonl").write_text(json.dumps(term) + "\n", encoding="utf-8")
    assert import_text("drug\teffect\nNA\trash\n", columns=columns, about=replace(about, name="more")).facts == 1
    labelled = replace(columns, subject_label="label")
    import_text("drug\tlabel\teffect\nd1\tNA\trash\n", columns=labelled, about=about)
    assert [term["label"] for term in records(tmp_path, "terms")] == ["d1", "rash"]


def test_a_refused_row_leaves_no_record(import_text: Import, tmp_path: Path) -> None:
    good = "aspirin\ttreats\tpain\t\t\t\n"
    bad = (
        "b1\tharms\titch\tmaybe\t\t\nb2\tharms\tache\t\tsometimes\t\nb3\tharms\t\t\t\t\n"
        "b4\t!\tcold\t\t\t\nb5\tharms\tgout\t\t\tdogs\u200b\naspirin, low dose\ttreats\tpain\t\t\t\tx\n"
    )
    columns = Columns("drug", "effect", predicate="relation", polarity="denied", frequency="f", population="people")
    about = replace(ABOUT, namespaces=("", "umls"))
    result = import_text(f"drug\trelation\teffect\tdenied\tf\tpeople\n{bad}{good}", columns=columns, about=about)
    assert (result.facts, result.rejected, result.terms, result.mappings) == (1, 6, 2, 1)
    assert {term["id"] for term in records(tmp_path, "terms")} == {"aspirin", "umls-pain"}
    assert {predicate["id"] for predicate in records(tmp_path, "predicates")} == {"treats"}
    assert pipeline.check(tmp_path / "kb").problems == []


@pytest.mark.parametrize(
    ("name", "header", "row", "count"),
    [
        ("t.csv", "drug,effect", "aspirin, low dose,nausea", 0),
        ("t.csv", "drug,effect,", "aspirin, low dose,nausea", 0),
        ("t.csv", "drug;effect;note", "aspirin;nausea;a;b", 0),
        ("t.tsv", "drug\teffect", "aspirin\tlow dose\tnausea", 0),
        ("t.csv", "drug,effect", "aspirin,nausea,, ", 1),
        ("t.csv", "drug,effect", '"aspirin, low dose",nausea', 1),
        ("t.csv", "drug,effect,note", "aspirin,nausea", 1),
    ],
)
def test_a_row_with_more_cells_than_columns_is_refused(name: str, header: str, row: str, count: int, tmp_path: Path) -> None:
    (tmp_path / name).write_text(f"{header}\n{row}\n", encoding="utf-8")
    problems: list[Problem] = []
    read = list(Table(tmp_path / name, ["drug", "effect"], problems.append).rows())
    assert (len(read), [(problem.place.line, problem.code) for problem in problems]) == (count, [(2, "KB791")] * (1 - count))


def test_without_a_header_the_first_row_says_how_many_cells_a_row_has(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,itch,x\nb, c,rash,x\nd,pain,x\n", encoding="utf-8")
    problems: list[Problem] = []
    read = list(Table(tmp_path / "t.csv", ["1", "2"], problems.append, header=False).rows())
    assert ([row.cells[0] for row in read], [problem.place.line for problem in problems]) == (["a", "d"], [2])


def test_a_header_that_is_not_utf_8_is_told_by_its_encoding(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes("drug;effect;Häufigkeit\na;itch;rare\n".encode("latin-1"))
    with pytest.raises(KbError, match=r"KB103 Byte 0xe4 at character 14 of the header is not UTF-8\. .*Windows-1252"):
        list(Table(tmp_path / "t.csv", ["drug", "Häufigkeit"], print).rows())


def test_values_that_only_share_letters_are_different_terms_and_documents(import_text: Import, tmp_path: Path) -> None:
    text = "doc\tdrug\teffect\nL 1\t5-HT\trash\nL-1\t5 HT\tRASH\n"
    result = import_text(text, columns=Columns("drug", "effect", document="doc"), about=replace(ABOUT, namespaces=("", "")))
    assert (result.facts, result.documents, result.terms) == (2, 2, 3)
    assert pipeline.check(tmp_path / "kb").problems == []


def test_a_second_table_uses_the_terms_and_predicates_that_are_there(import_text: Import, tmp_path: Path) -> None:
    text, columns, about = "drug\teffect\nAspirin\trash\n", Columns("drug", "effect"), replace(ABOUT, namespaces=("", ""))
    import_text(text, columns=columns, about=about)
    result = import_text(text.lower(), columns=columns, about=replace(about, name="more"))
    assert (result.terms, result.facts) == (0, 1)
    checked = pipeline.check(tmp_path / "kb")
    assert checked.problems == []
    assert checked.kb is not None
    assert list(checked.kb.predicates) == ["has-side-effect"]
    with pytest.raises(KbError, match="does not allow a subject of kind 'gene'"):
        import_text(text, columns=columns, about=replace(about, name="third", kinds=("gene", "symptom")))


def test_rejected_rows_are_counted_by_reason(import_text: Import) -> None:
    text = "drug\teffect\n" + "".join(f"a\trash {number}\u200b\nb\t\n" for number in range(50)) + "a\titch\n"
    result = import_text(text, columns=Columns("drug", "effect"), about=replace(ABOUT, namespaces=("", "")))
    assert list(result.reasons.values()) == [50, 50]
    assert (result.rejected, len(result.problems)) == (100, 6)


def test_columns_that_are_not_read_are_told(import_text: Import) -> None:
    notes = import_text("drug\teffect\tstudy\na\tb\tc\n", columns=Columns("drug", "effect")).notes
    assert "'study'" in next(note for note in notes if "not read" in note)


def test_a_public_table_is_imported_but_for_rows_that_say_no_fact(import_text: Import, tmp_path: Path) -> None:
    text = "".join("\t".join(row) + "\n" for row in drug_effects.rows(20_000))
    columns = Columns("1", "9", object_label="10", frequency="5", placebo="4")
    result = import_text(text, columns=columns, about=replace(ABOUT, predicate="has-side-effect"), header=False)
    assert result.left_out["is about a placebo"] > 1_000
    assert 0 < result.rejected < 0.02 * result.rows
    assert pipeline.check(tmp_path / "kb").problems == []


@given(
    header=st.lists(
        st.text("abcdé ", min_size=1, max_size=5).filter(lambda name: name == name.strip()), min_size=2, max_size=4, unique=True
    ),
    cells=st.lists(st.lists(st.text("abcdé 0.", max_size=6), min_size=4, max_size=4), min_size=1, max_size=6),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    delimiter=st.sampled_from([",", ";", "\t"]),
    has_separator=st.booleans(),
)
def test_a_table_reads_the_same_however_it_was_saved(
    tmp_path_factory: pytest.TempPathFactory,
    header: list[str],
    cells: list[list[str]],
    encoding: str,
    end: str,
    delimiter: str,
    *,
    has_separator: bool,
) -> None:
    path = tmp_path_factory.mktemp("table") / "t.csv"
    rows = [header, *(row[: len(header)] for row in cells)]
    text = f"sep={delimiter}{end}" * has_separator + "".join(delimiter.join(row) + end for row in rows)
    path.write_bytes(text.encode(encoding))
    problems: list[Problem] = []
    table = Table(path, header, problems.append)
    read = list(table.rows())
    decoded = path.read_bytes().decode({"utf-16": "utf-16-le", "utf-8-sig": "utf-8"}.get(encoding, encoding))
    wanted = [tuple(cell.strip() for cell in row) for row in rows[1:] if row != header]
    assert [row.cells for row in read] == wanted
    assert [decoded[row.start : row.end] for row in read] == [delimiter.join(row) for row in rows[1:] if row != header]
    assert problems == []
    assert table.contents is not None
    assert (table.contents.characters, table.contents.bytes) == (len(decoded), path.stat().st_size)


def test_an_open_quote_costs_its_line_only(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('drug,effect\na,"rash\nb,itch\nc,"pain"\nd,x\n', encoding="utf-8")
    problems: list[Problem] = []
    read = list(Table(tmp_path / "t.csv", ["drug", "effect"], problems.append).rows())
    assert [(row.line, row.cells) for row in read] == [(3, ("b", "itch")), (4, ("c", "pain")), (5, ("d", "x"))]
    assert [problem.place.line for problem in problems] == [2]


def test_a_table_whose_header_has_quotes_has_quoted_cells(tmp_path: Path) -> None:
    (tmp_path / "t.tsv").write_text('"drug"\t"effect"\n"a"\t"rash\tand ""itch"""\n', encoding="utf-8")
    assert [row.cells for row in Table(tmp_path / "t.tsv", ["drug", "effect"], print).rows()] == [("a", 'rash\tand "itch"')]


def test_a_column_that_is_there_twice_is_named_by_its_number(tmp_path: Path) -> None:
    (tmp_path / "t.tsv").write_text("drug\teffect\teffect\na\trash\titch\n", encoding="utf-8")
    with pytest.raises(KbError, match="2 and 3"):
        list(Table(tmp_path / "t.tsv", ["drug", "effect"], print).rows())
    assert [row.cells for row in Table(tmp_path / "t.tsv", ["drug", "3"], print).rows()] == [("a", "itch")]


def test_rows_are_numbered_on_in_the_next_section() -> None:
    assert [sentence_id(row) for row in (1, 999_999, 1_000_000, 7_100_000)] == ["s1.1", "s1.999999", "s2.1", "s8.100007"]
