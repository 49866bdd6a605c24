"""Claims that their sentences do not state are reported, so are changes of texts, and nothing is accepted unasked."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from kb import pipeline, resources
from kb.build import reading
from kb.curation import document_records
from kb.curation.document_records import DocumentDetails
from kb.problems import KbError
from kb.rdf import verifications
from kb.texts import normal_form, sources
from kb.verification import run as running
from kb.verification import verify
from kb.verification.drift import Drift
from kb.verification.run import VerificationRun
from kb.verification.verify import VerifyOptions

Run = Callable[..., subprocess.CompletedProcess[str]]
TEXT = "zelorin-leaflet.txt"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    folder = tmp_path / "kb"
    shutil.copytree(resources.example(), folder)
    shutil.rmtree(folder / "verification")
    return folder


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def codes(folder: Path, *given: str) -> set[str]:
    return {each.code for each in verify.verify(folder, given).run.problems}


def run_of(folder: Path) -> VerificationRun:
    kb = pipeline.load(folder, with_texts=False)
    return running.verify(kb, sources.read_texts(kb.documents.values(), folder, {}))


def test_both_shipped_knowledge_bases_verify_without_a_failure() -> None:
    given = [[], [os.environ["KB_DOCUMENTS"]]] if "KB_DOCUMENTS" in os.environ else [[]]
    for folder, texts in zip([resources.example(), resources.content()], given, strict=False):
        done = verify.verify(folder, texts)
        assert (done.exit, done.run.problems, done.stale) == (0, [], ())
        assert all(count.checked and not count.skipped and not count.failed for count in done.run.counts.values())


def test_without_a_text_everything_is_counted_as_skipped_and_the_run_fails(run_kb: Run) -> None:
    done = run_kb("verify", "-f", "json")
    told = json.loads(done.stdout)
    assert done.returncode == 1
    assert {kind: count["checked"] for kind, count in told["counts"].items()} == dict.fromkeys(told["counts"], 0)
    assert told["counts"]["facts"]["skipped"] >= 60
    assert {each["code"] for each in told["problems"]} == {"KB445"}


# Facts.

SLIPS = {
    "another object": ("object: moon-tea", "object: sparkin", {"KB442"}),
    "another sentence": ("- sentence: s6.1", "- sentence: s3.2", {"KB442"}),
    "another subject": ("- subject: sparkin\n  predicate: has-role", "- subject: moon-tea\n  predicate: has-role", {"KB442"}),
    "a hedge dropped": ("object: skin-rash\n  modality: may", "object: skin-rash\n  modality: is", {"KB444"}),
    "a hedge added": ("object: messenger\n  modality: is", "object: messenger\n  modality: may", {"KB442"}),
    "a hedge exchanged": ("object: skin-rash\n  modality: may", "object: skin-rash\n  modality: can", {"KB442", "KB444"}),
    "a negation dropped": ("  polarity: negated\n", "", {"KB443"}),
    "a negation added": ("  seriousness: serious\n", "  seriousness: serious\n  polarity: negated\n", {"KB442"}),
    "another frequency": ("frequency: rare", "frequency: common", {"KB442"}),
    "another severity": ("severity: mild", "severity: severe", {"KB442"}),
    "another course": ("course: self-limiting", "course: progressive", {"KB442"}),
    "a severity that is not said": ("seriousness: serious\n", "seriousness: serious\n  severity: severe\n", {"KB442"}),
    "a trigger in other words": ("\n      as: {trigger: stop taking zelorin suddenly}", "", {"KB442"}),
    "an anaphor that is not there": ("as: {subject: It}", "as: {subject: She}", {"KB446"}),
    "no anaphor": ("\n      as: {subject: It}", "", {"KB442"}),
    "words that are cut": ("as: {subject: It}", "as: {subject: I}", {"KB446"}),
    "words in another order": ("the dose … lowered slowly", "lowered slowly … the dose", {"KB446"}),
    "a span that cuts a word": ("- sentence: s6.1", "- sentence: s6.1\n      start: 763\n      end: 790", {"KB446"}),
    "a span of another sentence": ("- sentence: s6.1", "- sentence: s6.1\n      start: 62\n      end: 122", {"KB446"}),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_a_mistake_of_the_curator_is_reported(copy: Path, slip: str) -> None:
    old, new, expected = SLIPS[slip]
    edit(copy / "facts/zelorin-leaflet.yaml", old, new)
    assert codes(copy) == expected


def test_a_span_can_exclude_a_hedge(copy: Path) -> None:
    facts = copy / "facts/zelorin-leaflet.yaml"
    edit(facts, "object: skin-rash\n  modality: may", "object: skin-rash\n  modality: is")
    assert codes(copy) == {"KB444"}
    text = (copy / "documents" / TEXT).read_text(encoding="utf-8")
    start = text.index("a serious skin rash")
    edit(facts, "- sentence: s4.3", f"- sentence: s4.3\n      start: {start}\n      end: {start + 19}")
    assert codes(copy) == set()


def test_a_knowledge_base_adds_cue_words_in_any_language(copy: Path) -> None:
    text = "Le zelorin peut causer une légère démangeaison.\n"
    file = copy.parent / "notice.txt"
    file.write_text(text, encoding="utf-8")
    document_records.add_document(copy, file, DocumentDetails(language="fr", licence="CC0-1.0"))
    (copy / "facts/notice.yaml").write_text(
        "- subject: zelorin\n  predicate: has-side-effect\n  object: itching\n  modality: can\n  severity: mild\n"
        "  evidence: [{sentence: s1.1, as: {object: démangeaison}}]\n",
        encoding="utf-8",
    )
    run = run_of(copy)
    assert not run.problems
    assert run.counts["qualifiers"].skipped == 2  # nothing is known of French words
    (copy / "cues.yaml").write_text(
        "- {list: modality, value: can, language: fr, words: [peut]}\n"
        "- {list: severity, value: mild, language: fr, words: [léger, légère]}\n",
        encoding="utf-8",
    )
    run = run_of(copy)
    assert not run.problems
    assert run.counts["qualifiers"].skipped == 0
    edit(copy / "facts/notice.yaml", "severity: mild", "severity: severe")
    assert run_of(copy).counts["qualifiers"].skipped == 1


def test_a_literal_object_must_be_in_the_sentence(copy: Path) -> None:
    edit(copy / "predicates.yaml", "object: [strength]", "object: [strength, literal]")
    facts = copy / "facts/zelorin-leaflet.yaml"
    edit(facts, "object: zelorin-half-mg", 'object: {value: "0.5", datatype: "xsd:decimal"}')
    edit(facts, "\n      as: {object: 0.5 mg of zelorin}", "")
    assert codes(copy) == set()
    edit(facts, '"0.5"', '"5"')
    assert codes(copy) == {"KB442"}


# Drift.


def drifts(folder: Path, *given: str) -> dict[str, Drift]:
    run = verify.verify(folder, given).run
    return {each.sentence.id: each for each in run.comparisons["zelorin-leaflet"].drifts if each.what != "same"}


def words(folder: Path, each: Drift) -> str:
    return (folder / "documents" / TEXT).read_text(encoding="utf-8")[each.spans[0][0] : each.spans[-1][1]]


CHANGES = {
    "changed": ("zelorin may cause a serious skin rash", "zelorin may cause an ugly skin rash", "s4.3", "changed"),
    "split": ("to the lumenates. It", "to the. Lumenates it is. It", "s2.1", "split"),
    "merged": ("night tingling. Each tablet", "night tingling, and each tablet", "s2.2", "merged"),
    "vanished": (" Zelorin does not cause drowsiness.", "", "s4.4", "vanished"),
}


@pytest.mark.parametrize("kind", CHANGES)
def test_drift_is_reported_and_nothing_is_written(copy: Path, kind: str) -> None:
    old, new, sentence, what = CHANGES[kind]
    held = copy.parent / "was.txt"
    shutil.copy(copy / "documents" / TEXT, held)
    edit(copy / "documents" / TEXT, old, new)
    record = (copy / "documents/zelorin-leaflet.yaml").read_bytes()
    for given in ([], ["--was", f"zelorin-leaflet={held}"]):
        run = verify.verify(copy, was=given[1:]).run
        found = {each.sentence.id: each for each in run.comparisons["zelorin-leaflet"].drifts}
        assert found[sentence].what == what
        assert (found[sentence].similarity is not None) == (bool(given) and what != "vanished")
        others = {each.what for name, each in found.items() if name not in {sentence, "s2.3"}}
        assert others <= {"same", "moved"}
        assert {each.code for each in run.problems} >= {"KB414", "KB441"}
    assert (copy / "documents/zelorin-leaflet.yaml").read_bytes() == record


def test_write_updates_moved_sentences_and_leaves_everything_else(copy: Path, run_kb: Run) -> None:
    text, record = copy / "documents" / TEXT, copy / "documents/zelorin-leaflet.yaml"
    edit(record, "sentences:\n", "# a comment of the curator\nsentences:\n")
    edit(text, "What zelorin is\n", "On the nature of zelorin\n\nRead this first.\n")
    assert {name: each.what for name, each in drifts(copy).items() if each.what != "moved"} == {"s2.0": "split"}
    done = run_kb("verify", "--content", str(copy), "--write")
    assert done.returncode == 1
    left = drifts(copy)
    assert {name: each.what for name, each in left.items()} == {"s2.0": "unlike"}
    assert "# a comment of the curator\n" in record.read_text(encoding="utf-8")
    before = record.read_bytes()
    done = run_kb("verify", "--content", str(copy), "--write", "--accept", "s2.0")  # its old bounds cut a word of the new text
    assert (done.returncode, record.read_bytes()) == (2, before)
    assert "KB448" in done.stderr


def test_a_changed_sentence_is_accepted_only_if_the_curator_names_it(copy: Path, run_kb: Run) -> None:
    edit(copy / "documents" / TEXT, "a serious skin rash", "a serious and red skin rash")
    assert run_kb("verify", "--content", str(copy), "--accept", "s4.3").returncode == 2  # without --write
    done = run_kb("verify", "--content", str(copy), "--write", "--accept", "s4.3")
    assert (done.returncode, "documents/zelorin-leaflet.yaml" in done.stderr) == (0, True), done.stdout
    assert not drifts(copy)
    assert not pipeline.check(copy).problems
    assert run_kb("verify", "--content", str(copy), "--write", "--accept", "s4.3").returncode == 2  # nothing is proposed


def test_a_moved_boundary_is_reported_until_its_digest_is_accepted(copy: Path) -> None:
    record = copy / "documents/zelorin-leaflet.yaml"
    edit(record, "start: 762, end: 797", "start: 762, end: 796")
    assert {name: each.what for name, each in drifts(copy).items()} == {"s6.1": "unlike"}
    verify.verify(copy, options=VerifyOptions(write=True, accept=("s6.1",)))
    assert not drifts(copy)
    assert not pipeline.check(copy).problems


def test_drift_without_the_earlier_text_is_found_by_digests_alone(copy: Path) -> None:
    text = copy.parent / "new.txt"
    shutil.move(copy / "documents" / TEXT, text)
    edit(copy / "documents/zelorin-leaflet.yaml", "text: shipped", "text: held-elsewhere")
    edit(text, "Zelorin can interact", "Some say this. Zelorin can interact")
    edit(text, "in the skin. Sparkin", "in all skin. Sparkin")
    given = f"zelorin-leaflet={text}"
    run = verify.verify(copy, [given]).run
    found = {each.sentence.id: each.what for each in run.comparisons["zelorin-leaflet"].drifts}
    assert found["s3.1"] == "changed"
    assert found["s6.1"] == "moved"
    assert len(run.comparisons["zelorin-leaflet"].new) == 1


# Results.


def test_results_are_recorded_apart_and_exported_and_unchanged_ones_stay(copy: Path, run_kb: Run) -> None:
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    done = run_kb("verify", "--content", str(copy), "--record")
    kept = copy / "verification/zelorin-leaflet.yaml"
    assert (done.returncode, kept.is_file()) == (0, True), done.stderr
    assert {path: path.read_bytes() for path in copy.rglob("*") if path.is_file() and path != kept} == before
    value = yaml.safe_load(kept.read_text(encoding="utf-8"))
    base = pipeline.load(copy)
    assert len(value["facts"]) == len(base.facts)
    assert {each["verdict"] for each in value["facts"]} == {"passed"}
    edit(kept, value["facts"][0]["when"], "2026-01-02T03:04:05Z")
    again = kept.read_bytes()
    assert run_kb("verify", "--content", str(copy), "--record").returncode == 0
    assert kept.read_bytes() == again
    graph = pipeline.export(pipeline.load(copy), "nt")
    assert len(re.findall(r"ontology#verifies> <", graph)) == len(base.facts)
    assert '"2026-01-02T03:04:05Z"^^<http://www.w3.org/2001/XMLSchema#dateTime>' in graph
    assert not pipeline.check(copy, shapes="all").problems


def test_an_outdated_result_is_reported_and_not_exported(copy: Path, run_kb: Run) -> None:
    verify.verify(copy, options=VerifyOptions(record=True))
    edit(copy / "facts/zelorin-leaflet.yaml", "object: skin-rash\n  modality: may", "object: skin-rash\n  modality: can")
    base = pipeline.load(copy)
    fact = "zelorin/has-side-effect/skin-rash"
    exported = pipeline.export(base, "nt")
    assert f"verification/{fact}>" not in exported
    assert "verification/zelorin/has-side-effect/itching>" in exported
    done = run_kb("verify", "--content", str(copy))
    assert "1 recorded results are out of date" in done.stderr
    told = run_kb("export", "--content", str(copy), "-f", "nt")
    assert told.stdout == exported
    assert "loss: 1 results of verification are out of date and left out" in told.stderr
    assert "loss: 1 results" in run_kb("export", "--content", str(copy), "--statements", "plain", "-f", "nt").stderr
    assert json.loads(run_kb("verify", "--content", str(copy), "-f", "json").stdout)["stale"] == [f"zelorin-leaflet/{fact}"]
    assert verify.verify(copy, options=VerifyOptions(record=True)).stale == ()
    (failed,) = [
        each for each in next(verifications.with_current_results(pipeline.load(copy))).verified if each.verdict == "failed"
    ]
    assert failed.fact == fact


def test_the_streamed_export_carries_the_same_results(tmp_path: Path) -> None:
    base = pipeline.load(resources.example())
    pipeline.build(resources.example(), tmp_path / "it.nq")
    assert (tmp_path / "it.nq").read_text(encoding="utf-8") == pipeline.export(base, "nq")
    assert "ontology#verdict>" in pipeline.export(base, "nq")
    assert "ontology#verdict>" not in pipeline.export(base, "nq", "plain")


def test_an_invalid_file_of_results_is_a_problem(copy: Path) -> None:
    (copy / "verification").mkdir()
    (copy / "verification/zelorin-leaflet.yaml").write_text("document: zelorin-leaflet\n", encoding="utf-8")
    problems = pipeline.check(copy).problems
    assert {each.code for each in problems} == {"KB201"}
    with pytest.raises(KbError):
        verify.verify(copy)


@pytest.mark.parametrize("record", [False, True])
def test_a_run_reads_the_records_once_and_each_text_once(copy: Path, monkeypatch: pytest.MonkeyPatch, record: bool) -> None:
    calls: Counter[str] = Counter()
    for module, name in ((reading, "read"), (normal_form, "parse"), (running, "verify")):
        monkeypatch.setattr(module, name, counted(getattr(module, name), f"{module.__name__}.{name}", calls))
    assert verify.verify(copy, options=VerifyOptions(record=record)).stale == ()
    assert set(calls.values()) == {1}, calls


def test_loading_parses_each_text_once(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: Counter[str] = Counter()
    monkeypatch.setattr(normal_form, "parse", counted(normal_form.parse, "parse", calls))
    assert pipeline.load(copy).documents[TEXT.removesuffix(".txt")].words
    assert calls == {"parse": 1}


def test_an_unchanged_result_keeps_its_time_and_its_file(copy: Path) -> None:
    first = verify.verify(copy, options=VerifyOptions(record=True))
    assert [Path(path).name for path in first.written] == ["zelorin-leaflet.yaml"]
    assert verify.verify(copy, options=VerifyOptions(record=True)).written == ()


def counted(function: Callable[..., Any], name: str, calls: Counter[str]) -> Callable[..., Any]:
    def count(*args: object, **kwargs: object) -> Any:
        calls[name] += 1
        return function(*args, **kwargs)

    return count
