"""Files and folders that seem to hold records and that nothing reads are reported, and others are not."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from kb import cli, resources


@pytest.fixture
def top(tmp_path: Path) -> Path:
    shutil.copytree(resources.starter(), tmp_path / "kb")
    return tmp_path / "kb"


def find_codes(top: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, set[str]]:
    """Validate, and return the codes of the problems by the file, relative to the folder."""
    cli.run(["validate", "--content", str(top), "--shapes", "none", "-f", "json"])
    codes: dict[str, set[str]] = {}
    for problem in json.loads(capsys.readouterr().out)["problems"]:
        codes.setdefault(str(Path(problem["file"]).relative_to(top)), set()).add(problem["code"])
    return codes


@pytest.mark.parametrize(
    "name",
    [
        "fact/",
        "Facts/",
        "document/",
        "mapping/",
        "term.yaml",
        "predicate.yaml",
        "Predicates.yaml",
        "kb.yml",
        "facts/leaflet.txt",
        "facts/deep/leaflet.yaml.bak",
        "terms/more.csv",
        "mappings/hp.tsv",
        "queries/mine.sparql",
        "documents/other.txt",
        "documents/leaflet.docx",
        "verification/other.yaml",
        "query/a.rq",
        "sparql/mine.sparql",
        "text/other.txt",
        "texts/other.html",
        "Texts/other.md",
    ],
)
def test_what_nothing_reads_is_reported(name: str, top: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = top / name
    (path if name.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
    if not name.endswith("/"):
        path.write_text("x: 1\n", encoding="utf-8")
    assert find_codes(top, capsys) == {name.rstrip("/"): {"KB116"}}


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "docs/index.rst",
        "exports/a.ttl",
        "mkdocs.yml",
        "facts/README.txt",
        "facts/.gitkeep",
        ".gitignore",
        "data.csv",
        "texts/leaflet.txt",
        "texts/README.md",
        "query/notes.txt",
        "text/a.pdf",
        "src/other.txt",
    ],
)
def test_files_of_other_tools_are_not_reported(name: str, top: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (top / name).parent.mkdir(exist_ok=True)
    (top / name).write_text("x: 1\n", encoding="utf-8")
    assert find_codes(top, capsys) == {}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("leaflet.yaml", "- subject: a\n  predicate: b\n  object: c\n  evidence: [s1.1]\n"),
        ("more-facts.yml", "- {subject: a, predicate: b, evidence: [{sentence: s1.1}]}\n"),
        ("more.json", '[{"subject": "a", "predicate": "b", "evidence": []}]'),
    ],
)
def test_facts_beside_the_folder_of_facts_are_reported(
    name: str, text: str, top: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (top / name).write_text(text, encoding="utf-8")
    assert find_codes(top, capsys) == {name: {"KB116"}}


def test_a_record_that_is_renamed_away_from_its_id_is_reported(top: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (top / "documents/leaflet.yaml").rename(top / "documents/old.yaml")
    assert find_codes(top, capsys) == {"documents/old.yaml": {"KB116"}}


def test_records_in_a_list_may_stand_in_any_file(top: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = (top / "documents/leaflet.yaml").read_text(encoding="utf-8").splitlines()
    (top / "documents/leaflet.yaml").unlink()
    listed = [f"- {record[0]}", *(f"  {line}" for line in record[1:])]
    (top / "documents/all.yaml").write_text("\n".join(listed) + "\n", encoding="utf-8")
    assert find_codes(top, capsys) == {}


def test_documents_without_facts_are_no_knowledge_base_without_problems(top: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (top / "facts/leaflet.yaml").unlink()
    assert find_codes(top, capsys) == {".": {"KB405"}}
    assert cli.run(["verify", "--content", str(top)]) == 1
    assert "KB445" in capsys.readouterr().out
