"""A curator takes a leaflet from text to thirty reviewed facts, and types less than 40 characters a fact, new terms included.

The leaflet was written before its first run. Everything that the curator types is counted: commands, words, keys.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kb import pipeline
from kb.problems import KbError
from kb.proposals import candidates, store
from tests.proposals.test_review import press

Run = Callable[..., Any]
WORDS = """depression\t\tcondition
drowsiness
hiccups
nosebleeds
sweating
adults and children from 12 years\t\tpopulation
heath fever\t\tcondition
marsh cough\t\tcondition
"""
COMMANDS = (
    "kb init leaflets",
    "cd leaflets",
    "kb document add ../bramelin.md --licence CC0-1.0",
    "cat > words.txt",
    WORDS,
    "kb propose bramelin --words words.txt",
    "kb review",
    "kb review",
)


def run(top: Path, command: str) -> None:
    program, *rest = shlex.split(command)
    assert program == "kb"
    folder = top / "leaflets" if (top / "leaflets").exists() else top
    subprocess.run([sys.executable, "-m", "kb", *rest], cwd=folder, check=True, capture_output=True)


def test_a_leaflet_becomes_thirty_reviewed_facts_at_less_than_forty_keystrokes_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run_kb: Run
) -> None:
    (tmp_path / "bramelin.md").write_bytes((Path(__file__).parent / "bramelin.md").read_bytes())
    content = tmp_path / "leaflets"
    run(tmp_path, COMMANDS[0])
    run(tmp_path, COMMANDS[2])
    (content / "words.txt").write_text(WORDS, encoding="utf-8")
    run(tmp_path, COMMANDS[5])
    monkeypatch.chdir(content)
    keys = "AAAAq", "AAAAAAAA"  # two sittings; each key accepts what is shown of one list
    for sitting in keys:
        press([sys.executable, "-m", "kb", "review"], sitting)
    facts = [fact for fact in pipeline.load(content).facts if fact.document == "bramelin"]
    typed = sum(len(command) + 1 for command in COMMANDS) + sum(map(len, keys))
    assert (len(facts), typed) == (32, 319)  # docs/proposals.md names both
    assert typed / len(facts) < 40
    assert run_kb("verify", "--content", str(content)).returncode == 0


def test_words_have_identifiers_and_kinds_and_those_that_the_text_lacks_are_left_out(
    content: Path, tmp_path: Path, run_kb: Run
) -> None:
    terms = content / "terms/terms.yaml"
    text = terms.read_text(encoding="utf-8")
    start = text.index("- id: skin-rash")
    terms.write_text(text[:start] + text[text.index("\n- id:", start) + 1 :], encoding="utf-8")
    words = tmp_path / "words.tsv"
    words.write_text("skin rash\tHP:0000988\nmarsh cough\n\nzelorin\n", encoding="utf-8")
    result = run_kb("propose", "zelorin-leaflet", "--words", str(words), "--content", str(content))
    assert "zelorin has side effect skin rash (may; frequency: rare; seriousness: serious)" in result.stdout
    made = [record.value for record in store.read_records(content, "proposals", []) if "terms" in record.value]
    assert [value["terms"] for value in made] == [[{"label": "skin rash", "match": "HP:0000988", "kind": "symptom"}]]
    words.write_text("skin rash\t\tunheard-of\n", encoding="utf-8")
    with pytest.raises(KbError, match="KB204"):
        candidates.read_words(words)


VOCABULARY = """format-version: 1.2

[Term]
id: HP:0000001
name: Hiccups

[Term]
id: HP:0000002
name: Nose bleeding
synonym: "nosebleeds" EXACT []

[Term]
id: HP:0000003
name: Odd nose
synonym: "hiccups" EXACT []

[Term]
id: HP:0000004
name: First tear
synonym: "sweating" EXACT []

[Term]
id: HP:0000005
name: Second tear
synonym: "sweating" EXACT []

[Term]
id: OUT:0000006
name: drowsiness
"""


def test_new_terms_are_shown_with_the_identifier_that_alone_has_their_name(tmp_path: Path) -> None:
    (tmp_path / "bramelin.md").write_bytes((Path(__file__).parent / "bramelin.md").read_bytes())
    (tmp_path / "signs.obo").write_text(VOCABULARY, encoding="utf-8")
    (tmp_path / "words.txt").write_text(WORDS, encoding="utf-8")
    for command in (COMMANDS[0], COMMANDS[2], "kb propose bramelin --words ../words.txt --vocabulary ../signs.obo"):
        run(tmp_path, command)
    content = tmp_path / "leaflets"
    made = [term for record in store.read_records(content, "proposals", []) for term in record.value.get("terms", ())]
    matches = {term["label"]: term.get("match") for term in made}
    assert {name: matches[name] for name in ("hiccups", "nosebleeds", "sweating", "drowsiness")} == {
        "hiccups": "HP:0000001",  # a label, and a synonym of another
        "nosebleeds": "HP:0000002",
        "sweating": None,  # two have this name
        "drowsiness": None,  # the knowledge base does not know this prefix
    }
    shown = press([sys.executable, "-m", "kb", "review", "--content", str(content)], "s" * 31)
    assert "A candidate for a mapping is HP:0000001." in shown
    assert "new symptom: hiccups HP:0000001" in shown
