"""What hosts run for a team: the hooks for pre-commit and the steps of the action, on a pull request with contested claims."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from kb import cli

ROOT = Path(__file__).resolve().parents[2]
GIT = shutil.which("git") or "git"
QUERY = """# title: Effects
# question: Which effects are named?
# columns: [effect]
# expect:
#   - contains: [{effect: itching}]
SELECT ?effect { ?fact rdf:predicate pred:has-side-effect ; rdf:object/skos:prefLabel ?effect }
"""
TEXTS = {
    "booklet": "Examplol can cause itching, which is rare. Examplol can cause a cough.\n",
    "folder": "Examplol can cause itching, which is common. Examplol does not cause a cough.\n",
}
FACTS = {
    "booklet": ("itching --modality can --frequency rare --evidence s1.1", "cough --modality can --evidence s1.2"),
    "folder": (
        "itching --modality can --frequency common --evidence s1.1",
        "cough --modality is --polarity negated --evidence s1.2",
    ),
}


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    roles = {f"GIT_{role}_{what}": "ana@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    path = f"{tmp_path / 'bin'}:{Path(sys.executable).parent}:{own['PATH']}"
    return {**own, **roles, "GIT_CONFIG_GLOBAL": os.devnull, "PATH": path, "RUNNER_TEMP": str(tmp_path)}


@pytest.fixture
def clone(tmp_path: Path, environment: dict[str, str]) -> Path:
    """A clone of a repository, on a branch with a document that contradicts another one twice."""

    def git(*words: str | Path, at: Path = tmp_path / "origin") -> None:
        subprocess.run([GIT, *words], cwd=at, env=environment, check=True, capture_output=True)

    top = tmp_path / "origin/kb"
    assert cli.run(["init", str(top)]) == 0
    (top / "queries").mkdir()
    (top / "queries/effects.rq").write_text(QUERY, encoding="utf-8")
    assert cli.run(["term", "add", "cough", "--kind", "symptom", "--definition", "Noise.", "--content", str(top)]) == 0
    add_document(top, "booklet")
    git("init", "-q", "-b", "main")
    git("add", "-A")
    git("commit", "-qm", "Start")
    git("clone", "-q", tmp_path / "origin", tmp_path / "clone", at=tmp_path)
    add_document(tmp_path / "clone/kb", "folder")
    return tmp_path / "clone"


def add_document(top: Path, name: str) -> None:
    text = top.parents[1] / f"{name}.txt"
    text.write_text(TEXTS[name], encoding="utf-8")
    assert cli.run(["document", "add", str(text), "--licence", "CC0-1.0", "--content", str(top)]) == 0
    for fact in FACTS[name]:
        words = f"fact add --document {name} --subject examplol --predicate has-side-effect --object {fact} --content"
        assert cli.run([*words.split(), str(top)]) == 0


def run_action(clone: Path, environment: Mapping[str, str], values: Mapping[str, str]) -> dict[str, tuple[int, str]]:
    """Run the steps of the action that are scripts, with what their expressions mean; return the code and output of each."""
    action: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    known = {f"inputs.{name}": about["default"] for name, about in action["inputs"].items()}
    known |= {"inputs.content": "kb", "github.event_name": "'pull_request'", **values}
    outputs = {}
    for step in action["runs"]["steps"][2:]:
        if "inputs.excerpts != ''" in step.get("if", "") and not known["inputs.excerpts"]:
            continue
        given = {name: re.sub(r"\$\{\{ (.*?) \}\}", lambda match: known[match[1]], value) for name, value in step["env"].items()}
        # As hosts run a step of bash.
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        done = subprocess.run(
            command,
            cwd=clone,
            env={**environment, **given},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        outputs[step["name"]] = (done.returncode, done.stdout)
    return outputs


@pytest.fixture
def values(clone: Path, environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """What the host says of the pull request; its own program writes the comment to a file."""
    base = subprocess.run(
        [GIT, "rev-parse", "origin/main"], cwd=clone, env=environment, check=True, capture_output=True, text=True
    )
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/gh").write_text(
        '#!/bin/sh\necho "$@" > "$RUNNER_TEMP/gh"; cp "$5" "$RUNNER_TEMP/comment"\n', encoding="utf-8"
    )
    (tmp_path / "bin/gh").chmod(0o755)
    environment["GITHUB_STEP_SUMMARY"] = str(tmp_path / "summary")
    return {
        "github.event.pull_request.base.sha": base.stdout.strip(),
        "github.event.pull_request.number": "7",
        "github.token": "t",
    }


def test_the_action_says_which_claims_a_pull_request_makes_contested(
    clone: Path, environment: dict[str, str], values: dict[str, str], tmp_path: Path
) -> None:
    outputs = run_action(clone, environment, {**values, "inputs.token": "t"})
    assert [code for code, _ in outputs.values()] == [0, 0, 0, 0], outputs
    assert (tmp_path / "gh").read_text(encoding="utf-8").startswith("pr comment 7 --body-file")
    comment = (tmp_path / "comment").read_text(encoding="utf-8")
    assert "**This change makes 2 claims contested:**\n\n- examplol has side effect cough: polarity; Folder: denied, " in comment
    assert "- examplol has side effect itching: frequency; Booklet: rare, can / Folder: common, can\n" in comment
    assert "\n````diff\nFrom FETCH_HEAD (version 0.1.0) to kb (version 0.1.0):\n  facts: " in comment
    assert "\n+ fact denied: examplol has side effect cough (is) (fact/folder/" in comment
    assert (tmp_path / "summary").read_text(encoding="utf-8") == comment


@pytest.mark.long("runs every step of the action twice")
def test_the_action_checks_excerpts_against_receipts(clone: Path, environment: dict[str, str], values: dict[str, str]) -> None:
    (clone / "texts").mkdir()
    (clone / "texts/booklet.txt").write_text(TEXTS["booklet"], encoding="utf-8")
    (clone / "map.yaml").write_text("excerpt: words\nreference: source\n", encoding="utf-8")
    record = clone / "record.yaml"
    record.write_text("- {words: Examplol can cause itching, source: booklet}\n", encoding="utf-8")
    files = [str(clone / name) for name in ("record.yaml", "texts", "map.yaml", "receipts.jsonl")]
    assert cli.run(["gate", files[0], "--texts", files[1], "--map", files[2], "--receipts", files[3]]) == 0
    shutil.rmtree(clone / "texts")
    values |= {"inputs.token": "t", "inputs.excerpts": "rec*.yaml"}
    step = "Check excerpts against their receipts"
    assert run_action(clone, environment, values)[step][0] == 0
    record.write_text("- {words: Examplol can cause joy, source: booklet}\n", encoding="utf-8")
    assert run_action(clone, environment, values)[step][0] == 1


@pytest.mark.long("runs every step of the action for each fault")
@pytest.mark.parametrize(
    ("name", "old", "new", "failing", "says"),
    [
        ("facts/folder.yaml", "object: itching", "object: nothing", {0, 1, 2, 3}, "KB301"),
        ("facts/folder.yaml", "frequency: common", "frequency: rare", {0, 1}, "KB"),
        ("queries/effects.rq", "effect: itching", "effect: joy", {0}, "KB617"),
        ("facts/folder.yaml", "- sentence: s1.2", "- sentence: s1.1", {0, 1, 2}, "KB442"),
    ],
)
def test_each_step_of_the_action_finds_its_fault(
    clone: Path, environment: dict[str, str], values: dict[str, str], name: str, old: str, new: str, failing: set[int], says: str
) -> None:
    path = clone / "kb" / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    outputs = run_action(clone, environment, {**values, "inputs.token": "t"})
    assert {number for number, (code, _) in enumerate(outputs.values()) if code} == failing, outputs
    assert says in "".join(output for _, output in outputs.values())


@pytest.mark.parametrize(
    ("hook", "name", "old", "new"),
    [
        ("kb-validate", "facts/leaflet.yaml", "object: itching", "object: nothing"),
        ("kb-format", "terms/terms.yaml", "kind: drug", "kind:  drug"),
    ],
)
def test_each_hook_passes_what_is_right_and_stops_or_corrects_what_is_not(
    clone: Path, environment: dict[str, str], hook: str, name: str, old: str, new: str
) -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    entry = next(entry for entry in hooks if entry["id"] == hook)
    assert re.search(entry["files"], name)
    command = [*entry["entry"].split(), "--content", "kb"]

    def run() -> int:
        return subprocess.run(command, cwd=clone, env=environment, capture_output=True, check=False).returncode

    path = clone / "kb" / name
    text = path.read_text(encoding="utf-8")
    assert run() == 0
    path.write_text(text.replace(old, new), encoding="utf-8")
    # pre-commit also stops where a hook changes a file
    assert run() or path.read_text(encoding="utf-8") == text
