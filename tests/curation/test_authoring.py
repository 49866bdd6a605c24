"""A fact is added checked and in canonical form, or not at all; prompts and completion."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from kb import cli, pipeline, resources
from kb.curation.canonical import canonicalize

Captured = pytest.CaptureFixture[str]
GOOD = {"subject": "medicine", "predicate": "has-side-effect", "object": "itching", "modality": "may", "evidence": "s1.2"}


@pytest.fixture
def top(tmp_path: Path) -> Path:
    shutil.copytree(resources.starter(), tmp_path / "kb")
    return tmp_path / "kb"


@pytest.fixture(autouse=True)
def no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)


def flags(**values: str) -> list[str]:
    return [word for key, value in values.items() for word in (f"--{key}", value)]


def test_a_fact_is_written_in_canonical_form_and_sorted_in(top: Path, capsys: Captured) -> None:
    assert cli.run(["fact", "add", "--content", str(top), *flags(**{**GOOD, "evidence": "s1.1"})]) == 0
    path = top / "facts/leaflet.yaml"
    text = path.read_text(encoding="utf-8")
    assert canonicalize(text, "fact", "facts") == text
    written = capsys.readouterr().out
    assert written.startswith("- subject: medicine\n  predicate: has-side-effect\n  object: itching\n  modality: may\n")
    assert text.index(written) < text.index("sentence: s1.2")
    assert len(pipeline.load(top).facts) == 3


def test_evidence_names_the_parts_that_it_supports_and_its_hedge(top: Path, capsys: Captured) -> None:
    pieces = ["--frequency", "rare", "--evidence", "s1.2:frequency:usually"]
    assert cli.run(["fact", "add", "--content", str(top), *flags(**{**GOOD, "evidence": "s1.1"}), *pieces]) == 0
    assert "    - sentence: s1.2\n      supports: [frequency]\n      modality: usually\n" in capsys.readouterr().out


def test_terms_and_predicates_may_be_named_by_label(top: Path, capsys: Captured) -> None:
    values = {**GOOD, "subject": "MEDICINE", "predicate": "has side effect"}
    assert cli.run(["fact", "add", "--content", str(top), *flags(**values)]) == 0
    assert "- subject: medicine\n  predicate: has-side-effect\n" in capsys.readouterr().out


def test_a_literal_is_accepted_where_the_predicate_allows_one(top: Path, capsys: Captured) -> None:
    predicates = top / "predicates.yaml"
    more = "- {id: starts, label: starts, definition: When., subject: [drug], object: [literal]}\n"
    predicates.write_text(predicates.read_text(encoding="utf-8") + more, encoding="utf-8")
    values = {"subject": "medicine", "predicate": "starts", "modality": "is", "evidence": "s1.1", "literal": "2026-01-31"}
    assert cli.run(["fact", "add", "--content", str(top), *flags(**values, datatype="xsd:date")]) == 0
    assert '  object: {value: "2026-01-31", datatype: xsd:date}\n' in capsys.readouterr().out
    assert cli.run(["fact", "add", "--content", str(top), *flags(**values, object="itching")]) == 2


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"object": "medicine"}, "KB306"),
        ({"object": "itsching"}, "KB705"),
        ({"predicate": "causes"}, "KB705"),
        ({"evidence": "s9.9"}, "KB304"),
        ({"evidence": "s1.2:frequency"}, "KB314"),
        ({"evidence": "a:b:c:d"}, "KB811"),
        ({"trigger": "itching"}, "KB307"),
        ({"subject": "examplol"}, "KB311"),
        ({"document": "leaflets"}, "KB303"),
        ({"note": "\x1b[31m"}, "KB108"),
    ],
    ids=str,
)
def test_a_fact_with_problems_is_not_written(wrong: dict[str, str], code: str, top: Path, capsys: Captured) -> None:
    before = {path: path.read_bytes() for path in top.rglob("*") if path.is_file()}
    assert cli.run(["fact", "add", "--content", str(top), *flags(**{**GOOD, **wrong})]) in {1, 2, 3}
    captured = capsys.readouterr()
    assert code in captured.err
    assert not captured.out
    assert {path: path.read_bytes() for path in top.rglob("*") if path.is_file()} == before


def test_a_fact_on_an_exempted_sentence_is_not_written(top: Path, capsys: Captured) -> None:
    record = top / "documents/leaflet.yaml"
    facts = top / "facts/leaflet.yaml"
    facts.write_text(facts.read_text(encoding="utf-8").partition("\n\n")[2], encoding="utf-8")
    end = "003971ea}"
    assert end in record.read_text(encoding="utf-8")
    exempted = record.read_text(encoding="utf-8").replace(end, f"{end[:-1]}, exempt: {{reason: no-claim}}}}")
    record.write_text(exempted, encoding="utf-8")
    assert cli.run(["fact", "add", "--content", str(top), *flags(**{**GOOD, "evidence": "s1.1"})]) == 1
    assert "KB404" in capsys.readouterr().err


def test_missing_parts_are_named_with_their_options(top: Path, capsys: Captured) -> None:
    assert cli.run(["fact", "add", "--content", str(top), "--subject", "medicine"]) == 2
    assert "--predicate, --object, --modality, --evidence" in capsys.readouterr().err


def test_a_file_that_is_not_canonical_gets_only_the_new_record(top: Path) -> None:
    path = top / "facts/leaflet.yaml"
    own = "# my own form\n" + path.read_text(encoding="utf-8").replace("frequency: rare", "frequency: 'rare'")
    path.write_text(own, encoding="utf-8")
    assert cli.run(["fact", "add", "--content", str(top), *flags(**GOOD)]) == 0
    assert path.read_text(encoding="utf-8").startswith(own)
    assert len(pipeline.load(top).facts) == 3


def test_the_first_fact_of_a_document_creates_its_file(top: Path) -> None:
    (top / "facts/leaflet.yaml").unlink()
    assert cli.run(["fact", "add", "--content", str(top), *flags(**GOOD)]) == 0
    assert len(pipeline.load(top).facts) == 1


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("--predicate has-side-effect --object ", {"itching"}),
        ("--predicate has-side-effect --subject ", {"examplol", "medicine"}),
        ("--predicate is", {"is-a-type-of"}),
        ("--modality can-", {"can-sometimes", "can-help-to"}),
        ("--evidence s", {"s1.1", "s1.2"}),
        ("--document ", {"leaflet"}),
    ],
)
def test_shell_completion_offers_what_the_knowledge_base_declares(words: str, offered: set[str], top: Path) -> None:
    typed = ["kb", "fact", "add", "--content", str(top), *words.split(" ")]
    completion = {"_KB_COMPLETE": "bash_complete", "COMP_WORDS": " ".join(typed), "COMP_CWORD": str(len(typed) - 1)}
    done = subprocess.run(
        [sys.executable, "-m", "kb"], capture_output=True, text=True, env={**os.environ, **completion}, check=True
    )
    assert {line.partition(",")[2] for line in done.stdout.splitlines()} == offered


def test_prompts_ask_for_missing_parts_with_completion(top: Path) -> None:
    answers = ["medicine", "has-s\t", "itch\t", "may", "", "s1.2", ""]
    screen = _converse([sys.executable, "-m", "kb", "fact", "add", "--content", str(top)], answers)
    assert "frequency" in screen
    (fact,) = (fact for fact in pipeline.load(top).facts if fact.subject == "medicine")
    assert (fact.predicate, fact.object, fact.qualifiers, fact.sentences) == (
        "has-side-effect",
        "itching",
        {"modality": "may"},
        ("s1.2",),
    )


def _converse(command: list[str], answers: list[str]) -> str:
    """Run a command at a terminal; type an answer whenever it waits for one."""
    terminal, inner = pty.openpty()
    environment = {**os.environ, "TERM": "dumb"}
    with subprocess.Popen(command, stdin=inner, stdout=inner, stderr=inner, env=environment, start_new_session=True) as child:
        os.close(inner)
        watchdog = threading.Timer(60, child.kill)
        watchdog.start()
        screen, answers_left = b"", list(answers)
        while piece := _read(terminal):
            screen += piece
            if answers_left and screen.endswith(b": "):
                os.write(terminal, answers_left.pop(0).encode() + b"\n")
        watchdog.cancel()
    os.close(terminal)
    assert not answers_left, screen.decode("utf-8", "replace")
    return screen.decode("utf-8", "replace")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # the command has ended
        return b""
