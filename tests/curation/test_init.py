"""A new knowledge base is valid, and no existing file is overwritten."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb import cli, pipeline
from kb.cli.group import COMMANDS
from kb.schema import vocabulary

Captured = pytest.CaptureFixture[str]
CHECKS = [
    ["validate"],
    ["coverage"],
    ["format", "--check"],
    ["schema", "--check"],
    ["verify"],
    ["query", "side-effects"],
    ["export", "-f", "nquads"],
]


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> Path:
    top = tmp_path_factory.mktemp("new") / "My Lëaflets"
    assert cli.run(["init", str(top), "--title", "What leaflets say: a start"]) == 0
    return top


@pytest.mark.parametrize("words", [each for each in CHECKS if each[0] in COMMANDS], ids=lambda words: words[0])
def test_a_new_knowledge_base_passes_all_checks(words: list[str], new: Path, capsys: Captured) -> None:
    assert cli.run([*words, "--content", str(new)]) == 0, capsys.readouterr()


@pytest.mark.parametrize("words", [["validate", "--shapes", "all"], ["format", "--check"], ["schema", "--check"], ["verify"]])
def test_the_general_template_passes_all_checks_without_a_word_of_medicine(words: list[str], tmp_path: Path) -> None:
    top = tmp_path / "garden"
    assert cli.run(["init", str(top), "--template", "general"]) == 0
    assert cli.run([*words, "--content", str(top)]) == 0
    kb = pipeline.load(top)
    assert {term.kind for term in kb.terms.values()} == {"place", "situation", "event"}
    assert "severity" not in vocabulary.qualifiers()
    assert '"drug"' not in (top / "schemas" / "terms.schema.json").read_text(encoding="utf-8")


def test_it_is_named_after_its_folder_or_by_option(new: Path, tmp_path: Path) -> None:
    about = pipeline.load(new).dataset
    assert (about.id, about.title, about.base) == (
        "my-leaflets",
        "What leaflets say: a start",
        "https://example.org/my-leaflets/",
    )
    assert cli.run(["init", str(tmp_path / "a"), "--id", "b", "--base", "https://example.org/c/"]) == 0
    assert pipeline.load(tmp_path / "a").dataset.base == "https://example.org/c/"


def test_next_steps_are_printed(tmp_path: Path, capsys: Captured) -> None:
    assert cli.run(["init", str(tmp_path / "my kb")]) == 0
    captured = capsys.readouterr()
    assert f"{tmp_path}/my kb/kb.yaml\n" in captured.out
    assert f"kb fact add --content '{tmp_path}/my kb'" in captured.err


def test_an_empty_folder_is_accepted_and_a_full_one_rejected(tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "mine").write_text("words", encoding="utf-8")
    assert cli.run(["init", str(tmp_path)]) == 2
    assert "KB831" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
    assert cli.run(["init", str(tmp_path / "mine")]) == 2
    (tmp_path / "empty").mkdir()
    assert cli.run(["init", str(tmp_path / "empty")]) == 0


@pytest.mark.parametrize("options", [[], ["--id", "a", "--title", "A"]])
def test_a_folder_whose_name_is_too_long_cannot_be_written(options: list[str], tmp_path: Path, capsys: Captured) -> None:
    assert cli.run(["init", str(tmp_path / ("a" * 300)), *options]) == 5
    assert "KB701" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_folder_below_a_file_cannot_be_written(tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "file").write_text("words", encoding="utf-8")
    assert cli.run(["init", str(tmp_path / "file/new")]) == 5
    assert "KB701" in capsys.readouterr().err


def test_a_long_name_of_a_folder_gives_a_valid_id(tmp_path: Path) -> None:
    assert cli.run(["init", str(tmp_path / ("a" * 99 + "-b" * 70))]) == 0
    (made,) = tmp_path.iterdir()
    assert pipeline.load(made).dataset.id == "a" * 99
