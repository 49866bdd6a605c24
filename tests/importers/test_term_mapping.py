"""Identifiers are proposed by equal names, and are mappings only when a person accepts them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from kb import cli, pipeline

OBO = """format-version: 1.2
ontology: hp

[Term]
id: HP:0000989
name: Pruritus
synonym: "Itch" EXACT []
synonym: "Dry mouth" BROAD []

[Term]
id: HP:0000217
name: Xerostomia
synonym: "Dryness of mouth" EXACT []

[Term]
id: HP:0000002
name: itch
is_obsolete: true

[Term]
id: HP:0000003
name: ITCH
"""
TTL = """@prefix HP: <http://purl.obolibrary.org/obo/HP_> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
HP:0000989 skos:prefLabel "Pruritus" ; skos:altLabel "Itch" .
HP:0000003 skos:prefLabel "itch" .
"""


@pytest.fixture
def base(make_kb: Callable[..., Path]) -> Path:
    lips = {"id": "dry-lips", "kind": "symptom", "label": "dry lips", "aliases": ["dryness of mouth"], "definition": "Dry lips."}
    return make_kb(**{"terms__more.yaml": [lips]})


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = cli.run([*words])
    told = capsys.readouterr()
    return code, told.out, told.err


@pytest.mark.parametrize(("suffix", "text"), [("obo", OBO), ("ttl", TTL)])
def test_candidates_are_ranked_by_which_names_are_equal(
    suffix: str, text: str, base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / f"hp.{suffix}"
    file.write_text(text, encoding="utf-8")
    code, out, _ = run(capsys, "term", "map", "--with", str(file), "--content", str(base), "-f", "json")
    assert code == 0
    found = [(row["term"], row["rank"], row["identifier"]) for row in json.loads(out)]
    wanted = [("itch", 1, "HP:0000003"), ("itch", 2, "HP:0000989")]
    assert [row for row in found if row[0] == "itch"] == wanted
    if suffix == "obo":
        assert ("dry-lips", 3, "HP:0000217") in found
    assert "HP:0000002" not in {identifier for _, _, identifier in found}  # obsolete


def test_one_is_accepted_as_a_close_match_and_proposed_no_more(
    base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "hp.ttl"
    file.write_text(TTL, encoding="utf-8")
    words = ["term", "map", "itch", "--with", str(file), "--content", str(base)]
    assert run(capsys, *words, "--accept", "HP:0000989")[0] == 0
    assert run(capsys, *words, "--accept", "HP:0000003", "--match", "exact")[0] == 0  # the file is there now
    rows = [(row.subject, row.match, row.object) for row in pipeline.load(base).mappings]
    assert ("term:itch", "skos:closeMatch", "HP:0000989") in rows
    assert ("term:itch", "skos:exactMatch", "HP:0000003") in rows
    assert json.loads(run(capsys, *words, "-f", "json")[1]) == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["itch", "--accept", "HP:0000217"], "KB705 'HP:0000217' is no candidate for one term"),
        (["--accept", "HP:0000989"], "KB705 --accept needs one TERM"),
        (["nothing-like-it", "--accept", "HP:0000989"], "KB705"),
    ],
)
def test_what_is_no_candidate_of_one_term_is_not_written(
    words: list[str], message: str, base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "hp.ttl"
    file.write_text(TTL, encoding="utf-8")
    code, _, err = run(capsys, "term", "map", "--with", str(file), "--content", str(base), *words)
    assert (code, message in err) == (2, True), err
    assert not (base / "mappings").exists()


def test_without_a_prefix_the_iri_is_shown_and_nothing_is_written(
    base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "other.ttl"
    label = next(iter(pipeline.load(base).terms.values())).label
    file.write_text(f'<http://other.example/1> <http://www.w3.org/2004/02/skos/core#prefLabel> "{label}" .', encoding="utf-8")
    words = ["term", "map", "--with", str(file), "--content", str(base)]
    code, out, _ = run(capsys, *words, "-f", "json")
    (row,) = json.loads(out)
    assert (code, row["identifier"]) == (0, "http://other.example/1")
    code, _, err = run(capsys, *words, row["term"], "--accept", row["identifier"])
    assert (code, "KB315 No prefix is declared for 'http://other.example/1'" in err) == (1, True)
    assert not (base / "mappings").exists()


def test_an_exact_match_that_contradicts_another_is_refused(
    base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "hp.ttl"
    file.write_text(TTL.replace('"Pruritus"', '"Itch", "dry lips"'), encoding="utf-8")
    words = ["--with", str(file), "--content", str(base), "--accept", "HP:0000989", "--match", "exact"]
    assert run(capsys, "term", "map", "itch", *words)[0] == 0
    before = {path: path.read_bytes() for path in base.rglob("*") if path.is_file()}
    code, _, err = run(capsys, "term", "map", "dry-lips", *words)
    assert (code, "KB325" in err) == (1, True), err
    assert {path: path.read_bytes() for path in base.rglob("*") if path.is_file()} == before
