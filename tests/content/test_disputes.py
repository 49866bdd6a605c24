"""Disputed evidence, and what one document states and denies: written, validated, exported, asked and read back by value."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pyoxigraph as ox
import pytest

from kb import pipeline, query, show

Run = Callable[..., CompletedProcess[str]]
_KB = "https://w3id.org/linked-kb/ontology#"
_STATES, _DOUBTS = "Examplol causes itch.", "New data speak against it."
_STATING, _DISPUTING = {"sentence": "s1.1"}, {"sentence": "s1.2", "direction": "disputes"}
_FACT = {"subject": "examplol", "predicate": "causes", "object": "itch", "modality": "is"}
_PREDICATE = {
    "id": "causes",
    "label": "causes",
    "definition": "Brings it about.",
    "subject": ["drug"],
    "object": ["symptom"],
    "qualifiers": ["dose", "frequency"],
    "plain": ["is"],
}


def _document(name: str, **more: Any) -> dict[str, Any]:
    text = f"{_STATES}\n{_DOUBTS}\n"
    about = {"id": name, "title": f"The {name}", "language": "en", "rights": "Ours, CC0-1.0.", "text": "held-elsewhere"}
    size = {"sha256": sha256(text.encode()).hexdigest(), "bytes": len(text), "characters": len(text)}
    spans = [(_STATES, 0, len(_STATES)), (_DOUBTS, len(_STATES) + 1, len(text) - 1)]
    sentences = [
        {"id": f"s1.{number}", "start": start, "end": end, "sha256": sha256(words.encode()).hexdigest()}
        for number, (words, start, end) in enumerate(spans, 1)
    ]
    return {**about, **size, **more, "sentences": sentences}


@pytest.fixture
def make(make_kb: Callable[..., Path], tmp_path: Path) -> Callable[..., Path]:
    def write(*evidence: dict[str, Any], folder: str = "kb", **more: Any) -> Path:
        (tmp_path / "leaflet.txt").write_text(f"{_STATES}\n{_DOUBTS}\n", encoding="utf-8")
        files = {"predicates.yaml": [_PREDICATE], "documents/leaflet.yaml": _document("leaflet")}
        facts = [{**_FACT, "evidence": list(evidence)}] if evidence else []
        return make_kb(folder, **files, **{"facts/leaflet.yaml": [*facts, *more.pop("facts", ())]}, **more)

    return write


def _read(folder: Path, name: str = "ntriples") -> set[tuple[str, ...]]:
    quads = ox.parse(pipeline.export(folder, name), format=ox.RdfFormat.N_TRIPLES)
    return {(str(quad.subject), str(quad.predicate), str(quad.object)) for quad in quads}


@pytest.mark.parametrize(
    ("evidence", "mark", "plain"),
    [((_STATING,), "", True), ((_STATING, _DISPUTING), "also-disputed", True), ((_DISPUTING,), "only-disputed", False)],
)
def test_what_disputes_never_counts_as_support(
    evidence: tuple[dict[str, Any], ...], mark: str, plain: bool, make: Callable[..., Path]
) -> None:
    folder = make(*evidence)
    assert list(pipeline.check(folder, shapes="all").problems) == []
    triples, base = _read(folder), "https://example.org/small/"
    fact = f"<{base}fact/leaflet/examplol/causes/itch>"
    assert ((f"<{base}term/examplol>", f"<{base}predicate/causes>", f"<{base}term/itch>") in triples) == plain
    marks = {obj for subject, predicate, obj in triples if (subject, predicate) == (fact, f"<{_KB}dispute>")}
    assert marks == ({f"<{_KB}{mark}>"} if mark else set())
    disputing = f"{fact[:-1]}/evidence/s1.2/disputes/claim>"
    assert ((disputing, f"<{_KB}disputes>", f"<{_KB}claim>") in triples) == bool(mark)
    assert not any(subject == disputing and predicate == f"<{_KB}supports>" for subject, predicate, _ in triples)
    derived = {obj for subject, predicate, obj in triples if subject == fact and predicate.endswith("wasDerivedFrom>")}
    assert derived == {f"<{base}document/leaflet/{'s1.1' if plain else 's1.2'}>"}
    supported = [row["sentences"] for row in query("support", content=folder)]
    assert supported == ([1] if plain else [])


@pytest.mark.parametrize(
    ("evidence", "words"),
    [((_STATING, _DISPUTING), "also disputed by its document"), ((_DISPUTING,), "only disputed by its document")],
)
def test_a_dispute_is_told_wherever_the_claim_is(
    evidence: tuple[dict[str, Any], ...], words: str, make: Callable[..., Path], tmp_path: Path, run_kb: Run
) -> None:
    folder = make(*evidence)
    assert [row["restrictions"] for row in query("facts", content=folder)] == [words]
    text = str(show("itch", content=folder))
    assert f"examplol causes itch (is; {words})" in text
    assert "s1.2 disputes: claim" in text
    for name in ("csv", "neo4j", "kgx", "parquet", "graphml"):
        done = run_kb("export", "--content", str(folder), "--format", name, "-o", f"{tmp_path}/{name}/")
        assert done.returncode == 0, done.stderr
    (path,) = (tmp_path / "csv").rglob("facts.csv")
    (row,) = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")))
    assert row["dispute"] == words.split(maxsplit=1)[0] + "-disputed"
    assert "s1.2 disputes: claim" in row["evidence"]
    assert row["plain"] == ("no" if "only" in words else "yes")
    (path,) = (tmp_path / "neo4j").rglob("edges.csv")
    assert f"{words.split(maxsplit=1)[0]}-disputed" in path.read_text(encoding="utf-8")
    edges = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "kgx").rglob("edges.jsonl"))
    assert "example.org/small/fact" not in edges or ("only" not in words and words in edges)


def test_a_disputed_claim_is_contested(make: Callable[..., Path]) -> None:
    (row,) = query("contested", content=make(_STATING, _DISPUTING))
    assert (row["subject"], row["object"], row["difference"]) == ("examplol", "itch", "evidence")
    assert (row["one"], row["says"], row["other"], row["other_says"]) == ("The leaflet", "disputed", "The leaflet", "stated")
    assert list(query("contested", content=make(_DISPUTING, folder="only"))) == []  # nothing states it
    study = {"documents/study.yaml": _document("study"), "facts/study.yaml": [{**_FACT, "evidence": [_STATING]}]}
    (row,) = query("contested", content=make(_DISPUTING, folder="both", **study))
    assert (row["one"], row["says"], row["other"], row["other_says"]) == ("The leaflet", "disputed", "The study", "stated")
    assert row["restrictions"] == "only disputed by its document"
    assert list(query("agreement", content=make(_DISPUTING, folder="agree", **study))) == []


def test_what_is_only_disputed_has_no_proposition(make: Callable[..., Path]) -> None:
    asked = "SELECT ?fact { ?fact a kb:Fact ; kb:proposition ?it }"
    assert list(query(asked, content=make(_DISPUTING, folder="only"))) == []
    assert len(list(query(asked, content=make(_STATING, _DISPUTING, folder="also")))) == 1


def test_what_one_document_states_and_denies_is_contested(make: Callable[..., Path]) -> None:
    denial = {**_FACT, "polarity": "negated", "evidence": [{"sentence": "s1.2"}]}
    (row,) = query("contested", content=make(_STATING, facts=[denial]))
    assert (row["one"], row["says"], row["other_says"], row["other"]) == ("The leaflet", "denied", "claimed", "The leaflet")


def test_a_superseded_document_is_contested_by_the_current_one(make: Callable[..., Path]) -> None:
    old = _document("old", standing={"is": "superseded", "since": "2026-01-01"})
    denial = {**_FACT, "polarity": "negated", "evidence": [_STATING]}
    (row,) = query("contested", content=make(_STATING, **{"documents/old.yaml": old, "facts/old.yaml": [denial]}))
    assert (row["one"], row["restrictions"]) == ("The old", "negated; document: superseded")


def test_claims_with_the_same_dose_are_compared(make: Callable[..., Path]) -> None:
    dose = {"dose": {"value": "10", "unit": "mg"}}
    denial = {**_FACT, **dose, "polarity": "negated", "evidence": [{"sentence": "s1.2"}]}
    other = {**_FACT, "dose": {"value": "20", "unit": "mg"}, "evidence": [{"sentence": "s1.2"}]}
    folder = make(facts=[denial, {**_FACT, **dose, "evidence": [_STATING]}, other])
    (row,) = query("contested", content=folder)
    assert (row["says"], row["other_restrictions"]) == ("denied", "dose: 10 mg")


def test_a_difference_says_which_claims_it_makes_contested(make: Callable[..., Path], run_kb: Run) -> None:
    before, after = make(_STATING), make(_STATING, _DISPUTING, folder="after")
    done = run_kb("diff", str(before), str(after), "--format", "markdown")
    assert "This change makes 1 claim contested" in done.stdout, done.stdout + done.stderr


def test_only_evidence_that_states_a_fact_is_verified(make: Callable[..., Path], run_kb: Run) -> None:
    folder = make(_STATING, _DISPUTING)
    done = run_kb("verify", "--content", str(folder), "--text", f"leaflet={folder.parent / 'leaflet.txt'}")
    assert done.returncode == 0, done.stdout + done.stderr
    folder = make({"sentence": "s1.2"}, {"sentence": "s1.1", "direction": "disputes"}, folder="wrong")
    done = run_kb("verify", "--content", str(folder), "--text", f"leaflet={folder.parent / 'leaflet.txt'}")
    assert done.returncode == 1
    assert "s1.2" in done.stdout + done.stderr


def test_a_sentence_that_disputes_is_decided(make: Callable[..., Path], run_kb: Run) -> None:
    done = run_kb("coverage", "--content", str(make(_STATING, _DISPUTING)))
    assert done.returncode == 0, done.stdout


def test_a_disputed_part_must_be_there(make: Callable[..., Path]) -> None:
    (problem,) = pipeline.check(make(_STATING, {**_DISPUTING, "supports": ["frequency"]})).problems
    assert "frequency" in problem.message
