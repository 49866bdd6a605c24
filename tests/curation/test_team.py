"""Several curators in one repository: git merges their records with kb's driver, and no record is lost."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kb import cli, pipeline, resources
from kb.curation import record_edits

Captured = pytest.CaptureFixture[str]
Git = Callable[..., subprocess.CompletedProcess[str]]
GIT = shutil.which("git") or "git"
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
    **{f"GIT_{role}_{what}": "ana@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
}


@pytest.fixture
def top(tmp_path: Path) -> Path:
    """A knowledge base of a team, committed on the branch main."""
    subprocess.run([GIT, "init", "-q", "-b", "main", tmp_path / "kb"], check=True, env=ENVIRONMENT)
    shutil.copytree(resources.starter(), tmp_path / "kb", dirs_exist_ok=True)
    assert cli.run(["init", "--team", "--owner", "@ana", "--owner", "@ben", str(tmp_path / "kb")]) == 0
    commit(tmp_path / "kb", "Start")
    return tmp_path / "kb"


def make_git(top: Path) -> Git:
    def git(*words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run([GIT, *words], cwd=top, env=ENVIRONMENT, capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stdout + done.stderr
        return done

    return git


def commit(top: Path, message: str) -> None:
    git = make_git(top)
    git("add", "-A")
    git("commit", "-qm", message)


def add_records(top: Path, number: int) -> None:
    """Add a term, a fact next to the facts of others, and a term in a file that is new on most branches."""
    terms, facts, more = (top / name for name in ("terms/terms.yaml", "facts/leaflet.yaml", "terms/more.yaml"))
    term = {"id": f"effect-{number}", "kind": "symptom", "label": f"effect {number}", "definition": f"Effect number {number}."}
    fact = {"subject": "examplol", "predicate": "has-side-effect", "object": term["id"], "modality": "can"}
    other = {**term, "id": f"sign-{number}", "label": f"sign {number}"}
    more.write_text(record_edits.append(more, "term", [other]), encoding="utf-8")
    terms.write_text(record_edits.append(terms, "term", [term]), encoding="utf-8")
    facts.write_text(record_edits.append(facts, "fact", [{**fact, "evidence": [{"sentence": "s1.2"}]}]), encoding="utf-8")


def merge_branches(top: Path, count: int, seed: int) -> None:
    """Add records on branches that start at different commits, and merge them in random order."""
    git, order = make_git(top), random.Random(seed)
    for number in range(count):
        git("switch", "-q", "-c", f"branch-{number}", order.choice(["main", *(f"branch-{before}" for before in range(number))]))
        add_records(top, number)
        commit(top, f"Add {number}")
    git("switch", "-q", "main")
    for number in order.sample(range(count), count):
        git("merge", "-q", "--no-edit", f"branch-{number}")
    loaded = pipeline.load(top)
    effects = {f"effect-{number}" for number in range(count)}
    assert {*loaded.terms} == {"examplol", "itching", "medicine"} | effects | {f"sign-{number}" for number in range(count)}
    assert {fact.object for fact in loaded.facts} == {"medicine", "itching"} | effects
    assert cli.run(["format", "--check", "--content", str(top)]) == 0


def test_branches_merge_in_any_order_without_a_lost_record(top: Path) -> None:
    merge_branches(top, 5, 1)


@pytest.mark.long("starts the merge driver some hundred times")
def test_fifty_branches_merge_in_random_order_without_a_lost_record(top: Path) -> None:
    merge_branches(top, 50, 2)


def test_without_the_driver_git_leaves_a_base_that_cannot_be_read(top: Path) -> None:
    git = make_git(top)
    git("config", "--remove-section", "merge.kb-records")
    with pytest.raises(AssertionError, match="CONFLICT"):
        merge_branches(top, 5, 1)


def test_the_same_record_changed_twice_is_a_conflict_around_it(top: Path, capsys: Captured) -> None:
    git, facts = make_git(top), top / "facts/leaflet.yaml"
    for branch, word in (("one", "common"), ("two", "very-common")):
        git("switch", "-q", "-c", branch, "main")
        facts.write_text(facts.read_text(encoding="utf-8").replace("rare", word), encoding="utf-8")
        add_records(top, len(word))
        commit(top, branch)
    done = git("merge", "-q", "one", code=1)
    assert "facts/leaflet.yaml: both sides changed leaflet examplol has-side-effect itching.\n" in done.stderr
    ours, theirs = re.findall(r"<<<<<<< ours\n(.*)=======\n(.*)>>>>>>> theirs\n", facts.read_text(encoding="utf-8"), re.DOTALL)[0]
    assert ours.replace("very-common", "common") == theirs
    assert theirs.count("- subject") == 1
    assert git("diff", "--name-only", "--diff-filter=U").stdout == "facts/leaflet.yaml\n"
    capsys.readouterr()
    assert cli.run(["validate", "--content", str(top)]) == 3
    assert "KB104 A merge conflict is not resolved." in capsys.readouterr().out
    text = facts.read_text(encoding="utf-8")
    facts.write_text(re.sub("<<<<<<< ours\n.*?=======\n|>>>>>>> theirs\n", "", text, flags=re.DOTALL), encoding="utf-8")
    assert {fact.object for fact in pipeline.load(top).facts} == {"medicine", "itching", "effect-6", "effect-11"}


def test_a_version_that_cannot_be_read_makes_the_whole_file_a_conflict(top: Path) -> None:
    git, terms = make_git(top), top / "terms/terms.yaml"
    git("switch", "-q", "-c", "one")
    add_records(top, 1)
    commit(top, "one")
    git("switch", "-q", "main")
    terms.write_text(terms.read_text(encoding="utf-8") + "- {id: a\n", encoding="utf-8")
    commit(top, "two")
    assert "KB104" in git("merge", "-q", "one", code=1).stderr
    assert terms.read_text(encoding="utf-8").startswith("<<<<<<< ours\n")


def test_a_new_term_of_a_team_has_a_file_of_its_own(top: Path) -> None:
    words = ["term", "add", "rash", "--kind", "symptom", "--definition", "Red spots.", "--content", str(top)]
    assert cli.run(words) == 0
    assert (top / "terms/rash.yaml").exists()


def test_init_for_a_team_adds_only_what_is_missing(top: Path, capsys: Captured) -> None:
    (top / ".gitattributes").write_text("*.png binary", encoding="utf-8")
    (top / "CODEOWNERS").write_text("/ @me\n", encoding="utf-8")
    capsys.readouterr()
    assert cli.run(["init", "--team", str(top)]) == 0
    assert capsys.readouterr().out == f"{top / '.gitattributes'}\n"
    attributes = (top / ".gitattributes").read_text(encoding="utf-8").splitlines()
    assert attributes[:2] == ["*.png binary", "/kb.yaml merge=kb-records"]
    assert (top / "CODEOWNERS").read_text(encoding="utf-8") == "/ @me\n"
    assert cli.run(["init", "--team", str(top)]) == 0
    assert (top / ".gitattributes").read_text(encoding="utf-8").splitlines() == attributes


@pytest.mark.parametrize("owner", ["bad owner", "ana", "@a\n* @b", "", "@", "# @ana"])
def test_what_no_host_reads_as_an_owner_is_refused_before_anything_is_written(owner: str, tmp_path: Path) -> None:
    assert cli.run(["init", "--team", "--owner", owner, str(tmp_path / "kb")]) == 2
    assert cli.run(["init", "--owner", "@ana", str(tmp_path / "kb")]) == 2
    assert not (tmp_path / "kb").exists()


def test_owners_review_what_is_shared_together_and_documents_in_turn(top: Path) -> None:
    lines = (top / "CODEOWNERS").read_text(encoding="utf-8").splitlines()
    assert lines[1:] == ["/ @ana @ben", *(f"/{place}/leaflet.* @ana" for place in ("documents", "facts", "verification"))]


def test_init_for_a_team_outside_of_a_repository_says_what_is_left_to_do(tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / ".git").write_text("gitdir: nowhere\n", encoding="utf-8")  # where git looks no further
    assert cli.run(["init", "--team", str(tmp_path / "kb")]) == 0
    assert "in no git repository" in capsys.readouterr().err
    assert "# / @OWNER" in (tmp_path / "kb/CODEOWNERS").read_text(encoding="utf-8")
    assert cli.run(["validate", "--content", str(tmp_path / "kb")]) == 0


def test_the_driver_is_the_python_that_installed_it(top: Path) -> None:
    driver = make_git(top)("config", "merge.kb-records.driver").stdout
    assert driver.startswith(f"{sys.executable} -m kb merge-driver")
