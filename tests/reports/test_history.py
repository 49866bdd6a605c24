"""The history of a record is read from git by its values: when it was added, changed, moved and removed, and by whom."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kb import pipeline
from kb.problems import KbError
from kb.reports import changed_files, history
from tests.conftest import small_kb

Run = Callable[..., subprocess.CompletedProcess[str]]
Make = Callable[..., Path]

GIT = shutil.which("git") or "git"
PATH = "fact/leaflet/examplol/has-side-effect/itch"
(FACT,) = small_kb()["facts/leaflet.yaml"]
OTHER = {**FACT, "trigger": "stopping"}


def write(top: Path, name: str, value: Any) -> None:
    text = value if isinstance(value, str) else json.dumps(value)
    (top / name).write_text(text, encoding="utf-8")


def git(top: Path, *words: str, author: str = "Ana", day: int = 1) -> str:
    about = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in
        (("NAME", author), ("EMAIL", f"{author.lower()}@example.org"), ("DATE", f"2026-01-{day:02}T12:00:00Z"))}  # fmt: skip
    command = [GIT, "-c", "init.defaultBranch=main", "-c", "commit.gpgSign=false", "-C", str(top), *words]
    return subprocess.run(command, env={**os.environ, **about}, check=True, capture_output=True, text=True).stdout


def commit(top: Path, message: str, author: str = "Ana", day: int = 1) -> None:
    git(top, "add", "-A")
    git(top, "commit", "-q", "--allow-empty", "-m", message, author=author, day=day)


@pytest.fixture
def top(make_kb: Make) -> Path:
    folder = make_kb()
    git(folder, "init", "-q")
    commit(folder, "First")
    return folder


def read(top: Path, name: str = PATH) -> list[tuple[str, str, str, dict[str, Any]]]:
    events = history.read_history(pipeline.load_sound(top)[0], name).events
    return [(event.action, event.summary, event.author, dict(event.changes)) for event in events]


def test_commits_that_add_change_and_remove_a_fact_are_told_with_who_and_when(top: Path, run_kb: Run) -> None:
    write(top, "facts/leaflet.yaml", [{**FACT, "frequency": "common"}, OTHER])
    commit(top, "More often", "Ben", 2)
    write(top, "facts/leaflet.yaml", [OTHER])
    commit(top, "Wrong", "Ana", 3)
    done = run_kb("log", PATH, "--content", str(top), "-f", "json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["kind"], found["name"], found["notes"]) == ("fact", PATH, [])
    head = git(top, "rev-parse", "HEAD").strip()
    assert [(event["action"], event["author"], event["email"], event["when"][:10]) for event in found["events"]] == [
        ("removed", "Ana", "ana@example.org", "2026-01-03"),
        ("changed", "Ben", "ben@example.org", "2026-01-02"),
        ("added", "Ana", "ana@example.org", "2026-01-01"),
    ]
    assert found["events"][0]["commit"] == head
    assert found["events"][1]["changes"] == {"frequency": ["rare", "common"]}
    text = run_kb("log", PATH, "--content", str(top)).stdout
    assert f"2026-01-03  removed   {head[:10]}  Ana <ana@example.org>  Wrong" in text
    assert "    frequency: rare → common" in text


def test_a_reformat_is_no_change(top: Path) -> None:
    text = (
        "# A comment.\n- object: itch\n  subject: 'examplol'\n  predicate: has-side-effect\n  frequency: rare\n  modality: can\n"
    )
    write(top, "facts/leaflet.yaml", f"{text}  evidence:\n  - sentence: s1.1\n  - {{supports: [frequency], sentence: s1.2}}\n")
    commit(top, "Layout")
    assert [event[0] for event in read(top)] == ["added"]


def test_changes_of_other_records_of_the_file_are_left_out(top: Path) -> None:
    for number, frequency in enumerate(("common", "rare", "common")):
        write(top, "facts/leaflet.yaml", [FACT, {**OTHER, "frequency": frequency}])
        commit(top, f"Other {number}")
    assert [event[1] for event in read(top)] == ["First"]
    assert [event[1] for event in read(top, f"{PATH}/trigger/stopping")] == ["Other 2", "Other 1", "Other 0"]


def test_a_fact_that_moves_between_files_is_followed(top: Path) -> None:
    write(top, "facts/leaflet.yaml", [OTHER])
    write(top, "facts/more.jsonl", json.dumps({**FACT, "document": "leaflet"}))
    commit(top, "Move")
    write(top, "facts/more.jsonl", json.dumps({**FACT, "document": "leaflet", "modality": "may"}))
    commit(top, "Weaker")
    assert [(action, changes) for action, _, _, changes in read(top)] == [
        ("changed", {"modality": ("can", "may")}),
        ("moved", {"file": ("facts/leaflet.yaml", "facts/more.jsonl")}),
        ("added", {}),
    ]
    git(top, "mv", "facts/more.jsonl", "facts/last.jsonl")
    commit(top, "Rename")
    assert [event[0] for event in read(top)] == ["moved", "changed", "moved", "added"]


def test_a_renamed_file_makes_its_facts_those_of_another_document(top: Path) -> None:
    document = small_kb()["documents/leaflet.yaml"]
    write(top, "documents/other.yaml", {**document, "id": "other"})
    git(top, "mv", "facts/leaflet.yaml", "facts/other.yaml")
    commit(top, "Other")
    assert [event[:2] for event in read(top)] == [("removed", "Other"), ("added", "First")]
    assert [event[:2] for event in read(top, PATH.replace("leaflet", "other"))] == [("added", "Other")]


def test_merges_are_told_only_where_they_differ_from_all_their_parents(top: Path) -> None:
    git(top, "checkout", "-q", "-b", "side")
    write(top, "facts/leaflet.yaml", [{**FACT, "frequency": "common"}])
    commit(top, "Side", day=2)
    git(top, "checkout", "-q", "main")
    write(top, "kb.yaml", {**small_kb()["kb.yaml"], "title": "Other"})
    commit(top, "Main", day=3)
    git(top, "merge", "-q", "--no-ff", "-m", "Clean merge", "side", day=4)
    assert [event[1] for event in read(top)] == ["Side", "First"]
    git(top, "checkout", "-q", "-b", "again")
    write(top, "facts/leaflet.yaml", [{**FACT, "frequency": "rare"}])
    commit(top, "Again", day=5)
    git(top, "checkout", "-q", "main")
    write(top, "facts/leaflet.yaml", [{**FACT, "frequency": "common", "severity": "mild"}])
    commit(top, "Mild", day=6)
    subprocess.run([GIT, "-C", str(top), "merge", "-q", "again"], check=False, capture_output=True)
    write(top, "facts/leaflet.yaml", [{**FACT, "severity": "mild"}])
    commit(top, "Resolved", day=7)
    assert [event[1] for event in read(top)] == ["Resolved", "Mild", "Again", "Side", "First"]


def test_what_is_not_committed_comes_first(top: Path) -> None:
    write(top, "facts/leaflet.yaml", [{**FACT, "frequency": "common"}])
    write(top, "facts/new.yaml", [{**OTHER, "document": "leaflet"}])
    assert read(top)[0] == ("changed", "", "", {"frequency": ("rare", "common")})
    assert read(top, f"{PATH}/trigger/stopping") == [("added", "", "", {})]
    write(top, "facts/leaflet.yaml", "# Layout alone.\n" + json.dumps([FACT], indent=2))
    assert [event[1] for event in read(top)] == ["First"]


def test_a_term_is_named_as_elsewhere_and_its_retirement_is_told(top: Path) -> None:
    old, *others = small_kb()["terms/terms.yaml"][1:]
    new = {**old, "id": "pruritus", "label": "pruritus"}
    write(top, "terms/terms.yaml", [small_kb()["terms/terms.yaml"][0], old, new, *others])
    commit(top, "Latin")
    retired = {**new, "deprecated": True, "replaced-by": "itch", "note": "Latin."}
    write(top, "terms/terms.yaml", [small_kb()["terms/terms.yaml"][0], old, retired, *others])
    commit(top, "Retired")
    assert [event[1] for event in read(top, "Itch")] == ["First"]
    (last, first) = read(top, "pruritus")
    assert (first[0], last[0]) == ("added", "changed")
    assert last[3] == {"note": (None, "Latin."), "deprecated": (None, True), "replaced-by": (None, "itch")}


def test_a_version_that_cannot_be_read_hides_no_later_change(top: Path) -> None:
    write(top, "facts/leaflet.yaml", "- subject: examplol\n  predicate: has-side-effect\n  object: itch\n object: [\n")
    commit(top, "Broken")
    write(top, "facts/leaflet.yaml", [{**FACT, "frequency": "common"}])
    commit(top, "Mended")
    assert [event[1] for event in read(top)] == ["Mended", "First"]


def test_a_shallow_clone_says_that_it_does_not_know_the_beginning(top: Path, tmp_path: Path) -> None:
    commit(top, "Second")
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{top}", "clone")
    found = history.read_history(pipeline.load(tmp_path / "clone"), PATH)
    assert found.notes == ("The repository is shallow, so that the first commit is not known. Run 'git fetch --unshallow'.",)


@pytest.mark.parametrize("path", ["", os.devnull])
def test_without_git_or_a_repository_there_is_a_message(
    make_kb: Make, run_kb: Run, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_kb()
    if path:
        monkeypatch.setenv("PATH", path)
    done = run_kb("log", PATH, "--content", str(folder))
    assert done.returncode == 3
    assert "KB824 There is no history in git (" in done.stderr


@pytest.mark.parametrize("name", ["nothing", "has-side-effect/nothing", "--help-me", "fact/a//b/c", "fact/\u00fc"])
def test_an_unknown_name_is_refused(top: Path, name: str) -> None:
    with pytest.raises(KbError, match="KB705"):
        read(top, name)


def test_a_long_history_is_read_in_bounded_memory_and_the_newest_part_first(top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        write(top, "facts/leaflet.yaml", [{**FACT, "note": f"Round {number}."}])
        commit(top, f"Round {number}", day=number + 2)
    monkeypatch.setattr(history, "_LARGEST", 600)
    found = history.read_history(pipeline.load(top), PATH)
    assert found.notes == ("The history is too long or not complete, so that only its newest part was read.",)
    assert [(event.action, event.summary) for event in found.events] == [("changed", "Round 4")]


def test_ten_thousand_commits_cost_as_many_processes_of_git_as_one(top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = []
    for number in range(10_000):
        body = json.dumps([{**FACT, "note": f"Round {number // 2000}."}, {**OTHER, "note": f"{number}"}])
        start = "from refs/heads/main^0\n" if not number else ""
        about = f"commit refs/heads/main\ncommitter C <c@example.org> {1800000000 + number} +0000\ndata 1\nx\n{start}"
        lines.append(f"{about}M 100644 inline facts/leaflet.yaml\ndata {len(body)}\n{body}\n")
    subprocess.run([GIT, "-C", str(top), "fast-import", "--quiet"], input="".join(lines), text=True, check=True)
    git(top, "reset", "-q", "--hard")
    count, run = [0], changed_files.run_git

    def count_runs(*words: Any, **options: Any) -> Any:
        count[0] += 1
        return run(*words, **options)

    kb = pipeline.load(top)
    monkeypatch.setattr(history, "run_git", count_runs)
    found = history.read_history(kb, PATH)
    assert [event.changes.get("note") for event in found.events] == [
        *((f"Round {number - 1}.", f"Round {number}.") for number in range(4, 0, -1)),
        (None, "Round 0."),
        None,
    ]
    assert count[0] == 6


def test_a_review_is_told_with_its_reviewer(top: Path) -> None:
    review = {"by": "person:ben", "on": "2026-01-31", "verdict": "agreed", "digest": "0" * 64}
    write(top, "facts/leaflet.yaml", [{**FACT, "review": [review]}])
    commit(top, "Reviewed", "Ben")
    assert read(top)[0] == ("reviewed", "Reviewed", "Ben", {"review": (None, [review])})
