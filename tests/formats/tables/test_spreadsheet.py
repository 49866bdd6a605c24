"""No cell of the flat tables is run as a formula, and every cell can be had as it was."""

from __future__ import annotations

import csv
import io
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kb.formats.tables import csv_tables, spreadsheet
from kb.formats.tables.row_values import join_list, split_list
from kb.model import KnowledgeBase
from kb.rdf.wording import spell_qualifiers

_TEXT = st.text(st.characters(exclude_categories=["Cs"]))
_DANGER = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


@given(_TEXT)
@example("'")
@example("'=1")
@example("")
def test_a_cell_is_restored_as_it_was(cell: str) -> None:
    assert spreadsheet.restore(spreadsheet.protect(cell)) == cell


@given(st.sampled_from(_DANGER), _TEXT, st.sampled_from(["", " ", "\u00a0 ", "\u200b", "\ufeff", "\x00"]))
def test_no_cell_begins_with_what_starts_a_formula(first: str, rest: str, before: str) -> None:
    cell = before + first + rest
    assert spreadsheet.protect(cell).startswith("'") or re.fullmatch(r"[+-][0-9.eE+-]+", cell)


@given(st.integers() | st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_stays_a_number(number: float) -> None:
    assert spreadsheet.protect(str(number)) == str(number)


@given(st.lists(_TEXT, min_size=1))
@example(["a|b", "\\", "\\|", ""])
def test_a_list_in_a_cell_is_read_back(values: list[str]) -> None:
    values = [value.replace("\0", "") for value in values]
    if values != [""]:
        assert split_list(join_list(values)) == values


@pytest.mark.parametrize("cell", ["clonazepam", "3 = 3", "a-b", "0", "x'y"])
def test_a_harmless_cell_stays_as_it_is(cell: str) -> None:
    assert spreadsheet.protect(cell) == cell


@given(st.lists(st.lists(_TEXT, min_size=2, max_size=2)))
def test_a_table_is_read_back_as_it_was(rows: list[list[str]]) -> None:
    data = spreadsheet.write(["one", "two"], rows)
    read = list(csv.reader(io.StringIO(data.decode("utf-8"), newline="")))[1:]
    assert [list(map(spreadsheet.restore, row)) for row in read] == rows


def test_the_tables_hold_every_fact_term_and_mapping(shipped: KnowledgeBase) -> None:
    made = csv_tables.write(shipped)
    facts, terms, mappings = (
        list(csv.DictReader(io.StringIO(made.files[name].decode(), newline="")))
        for name in ("facts.csv", "terms.csv", "mappings.csv")
    )
    assert [row["fact"] for row in facts] == [shipped.dataset.base + fact.path for fact in shipped.facts]
    assert {row["term"]: row["label"] for row in terms} == {term.id: term.label for term in shipped.terms.values()}
    assert {(row["subject_id"], row["predicate_id"], row["object_id"]) for row in mappings} == {
        (each.subject, each.match, each.object) for each in shipped.mappings
    }
    for row, fact in zip(facts, shipped.facts, strict=True):
        assert {name: row[name] for name in fact.qualifiers} == spell_qualifiers(fact)
        assert split_list(row["sentences"]) == list(fact.sentences)


def test_formulas_of_the_records_are_harmless_in_the_file(traps: KnowledgeBase) -> None:
    made = csv_tables.write_safe(traps)
    for name in ("facts.spreadsheet.csv", "terms.spreadsheet.csv"):
        cells = [cell for row in csv.reader(io.StringIO(made.files[name].decode(), newline="")) for cell in row]
        assert not [cell for cell in cells if cell.lstrip().startswith(_DANGER)]
    assert "'=1+1" in made.files["facts.spreadsheet.csv"].decode()
    assert '"=1+1"' in csv_tables.write(traps).files["facts.csv"].decode()
    rows = csv.DictReader(io.StringIO(made.files["facts.spreadsheet.csv"].decode(), newline=""))
    assert [spreadsheet.restore(row["object_label"]) for row in rows if row["object_datatype"]] == ["=1+1"]
