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
from kb.rdf import verifications
from kb.texts import normal_form, sources
from kb.verification import verify
from kb.verification.drift import Drift
from kb.verification.verify import VerificationRun

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
    return {each.code for each in verify.verify(folder, given).problems}


def run_of(folder: Path) -> VerificationRun:
    kb = pipeline.load(folder, with_texts=False)
    return verify.verify_records(kb, sources.read_texts(kb.documents.values(), folder, {}))


def test_both_shipped_knowledge_bases_verify_without_a_failure() -> None:
    given = [[], [os.environ["KB_DOCUMENTS"]]] if "KB_DOCUMENTS" in os.environ else [[]]
    for folder, texts in zip([resources.example(), resources.content()], given, strict=False):
        done = verify.verify(folder, texts)
        assert (done.exit, done.problems, done.stale) == (0, [], ())
        assert all(count.checked and not count.skipped and not count.failed for count in done.counts.values())


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
    "a negation added": ("  seriousness: serious\n", "  seriousness: serious\n  polarity: negated\n", {"KB442", "KB443"}),
    "another frequency": ("frequency: rare", "frequency: common", {"KB442"}),
    "another severity": ("severity: mild", "severity: severe", {"KB442"}),
    "another course": ("course: self-limiting", "course: progressive", {"KB442"}),
    "a severity that is not said": ("seriousness: serious\n", "seriousness: serious\n  severity: severe\n", {"KB442"}),
    "a trigger that is not said": (
        "trigger: sudden-stopping\n  evidence:\n    - sentence: s5.1\n      as: {trigger: stop taking zelorin suddenly}",
        "trigger: slow-lowering\n  evidence:\n    - sentence: s5.1",
        {"KB442", "KB450"},
    ),
    "an anaphor that is not there": ("as: {subject: It}", "as: {subject: She}", {"KB446"}),
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


def test_the_topic_of_a_document_counts_as_the_subject_where_a_sentence_has_none_and_the_result_says_so(
    copy: Path, run_kb: Run
) -> None:
    done = json.loads(run_kb("verify", "--content", str(copy), "-f", "json").stdout)
    assert done["problems"] == []
    by_topic = [fact["fact"] for fact in done["facts"] if fact["by topic"]]
    names = ("has-side-effect/dry-mouth", "has-side-effect/itching")
    assert by_topic == [f"fact/zelorin-leaflet/zelorin/{name}" for name in names]
    assert "2 facts have no subject" in run_kb("verify", "--content", str(copy)).stderr


def test_a_knowledge_base_adds_cue_words_in_any_language(copy: Path) -> None:
    text = "Lo zelorin può causare un lieve prurito.\n"
    file = copy.parent / "foglio.txt"
    file.write_text(text, encoding="utf-8")
    document_records.add_document(copy, file, DocumentDetails(language="it", licence="CC0-1.0"))
    (copy / "facts/foglio.yaml").write_text(
        "- subject: zelorin\n  predicate: has-side-effect\n  object: itching\n  modality: can\n  severity: mild\n"
        "  evidence: [{sentence: s1.1, as: {object: prurito}}]\n",
        encoding="utf-8",
    )
    run = run_of(copy)
    assert not run.problems
    assert (run.counts["facts"].checked, run.counts["facts"].skipped) == (16, 1)
    assert run.judgements["fact/foglio/zelorin/has-side-effect/itching"].verdict == "not-checked"
    assert run.counts["qualifiers"].skipped == 2  # nothing is known of Italian words
    (copy / "cues.yaml").write_text(
        "- {list: modality, value: can, language: it, words: [può]}\n"
        "- {list: polarity, value: negated, language: it, words: [non, nessun]}\n"
        "- {list: predicate, value: has-side-effect, language: it, words: [causare, causa]}\n"
        "- {list: severity, value: mild, language: it, words: [lieve]}\n",
        encoding="utf-8",
    )
    run = run_of(copy)
    assert not run.problems
    assert (run.counts["facts"].checked, run.counts["facts"].skipped) == (17, 0)
    assert run.counts["qualifiers"].skipped == 0
    edit(copy / "facts/foglio.yaml", "severity: mild", "severity: severe")
    assert run_of(copy).counts["qualifiers"].skipped == 1


def test_facts_of_a_predicate_without_words_are_reported_as_not_checked(tmp_path: Path, run_kb: Run) -> None:
    folder = tmp_path / "kb"
    shutil.copytree(resources.starter(), folder)
    edit(folder / "predicates.yaml", "label: is a type of", "label: shares active ingredient")
    edit(folder / "predicates.yaml", "id: is-a-type-of", "id: shares-ingredient")
    edit(folder / "facts/leaflet.yaml", "is-a-type-of", "shares-ingredient")
    (folder / "biolink.yaml").unlink()
    note = "'shares-ingredient' has no words in 'en': 1 facts are not checked. Add its words to cues.yaml."
    done = run_kb("verify", "--content", str(folder))
    assert (done.returncode, note in done.stderr) == (0, True)
    counts = verify.verify(folder).counts["facts"]
    assert (counts.checked, counts.skipped) == (1, 1)
    (folder / "facts/leaflet.yaml").unlink()
    fact = ("--subject", "examplol", "--predicate", "shares-ingredient", "--object", "medicine", "--modality", "is")
    done = run_kb("fact", "add", "--content", str(folder), *fact, "--evidence", "s1.1")
    assert (done.returncode, note in done.stderr) == (1, True)
    cues = "- {list: predicate, value: shares-ingredient, language: en, words: ['>is a']}\n"
    (folder / "cues.yaml").write_text(cues, encoding="utf-8")
    assert verify.verify(folder).uncompared == ()


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
    run = verify.verify(folder, given)
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
        run = verify.verify(copy, was=given[1:])
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
    assert done.returncode == 0, done.stdout
    assert not drifts(copy)
    assert "# a comment of the curator\n" in record.read_text(encoding="utf-8")
    shown = {row.id: row.words for row in document_records.read_sentences(pipeline.load(copy), "zelorin-leaflet")}
    assert (shown["s2.0"], shown["s2.4"]) == ("On the nature of zelorin", "Read this first.")
    assert {problem.code for problem in pipeline.check(copy).problems} <= {"KB403"}


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
    verify.verify(copy, accept=("s6.1",))
    assert not drifts(copy)
    assert not pipeline.check(copy).problems


def test_drift_without_the_earlier_text_is_found_by_digests_alone(copy: Path) -> None:
    text = copy.parent / "new.txt"
    shutil.move(copy / "documents" / TEXT, text)
    edit(copy / "documents/zelorin-leaflet.yaml", "text: shipped", "text: held-elsewhere")
    edit(text, "Zelorin can interact", "Some say this. Zelorin can interact")
    edit(text, "in the skin. Sparkin", "in all skin. Sparkin")
    given = f"zelorin-leaflet={text}"
    run = verify.verify(copy, [given])
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
    verify.verify(copy, record=True)
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
    assert "loss: results of verification are out of date and left out" in told.stderr
    assert "renews them (1).\n" in run_kb("export", "--content", str(copy), "--statements", "plain", "-f", "nt").stderr
    assert json.loads(run_kb("verify", "--content", str(copy), "-f", "json").stdout)["stale"] == [f"zelorin-leaflet/{fact}"]
    assert verify.verify(copy, record=True).stale == ()
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
    done = verify.verify(copy)
    assert (done.left_out, done.exit, done.counts["facts"].checked) == (len(problems), 1, 16)


@pytest.mark.parametrize("record", [False, True])
def test_a_run_reads_the_records_once_and_each_text_once(copy: Path, monkeypatch: pytest.MonkeyPatch, record: bool) -> None:
    calls: Counter[str] = Counter()
    for module, name in ((reading, "read"), (normal_form, "parse"), (verify, "verify_records")):
        monkeypatch.setattr(module, name, counted(getattr(module, name), f"{module.__name__}.{name}", calls))
    assert verify.verify(copy, record=record).stale == ()
    assert set(calls.values()) == {1}, calls


def test_loading_parses_each_text_once(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: Counter[str] = Counter()
    monkeypatch.setattr(normal_form, "parse", counted(normal_form.parse, "parse", calls))
    assert pipeline.load(copy).documents[TEXT.removesuffix(".txt")].words
    assert calls == {"parse": 1}


def test_an_unchanged_result_keeps_its_time_and_its_file(copy: Path) -> None:
    first = verify.verify(copy, record=True)
    assert [Path(path).name for path in first.written] == ["zelorin-leaflet.yaml"]
    assert verify.verify(copy, record=True).written == ()


def counted(function: Callable[..., Any], name: str, calls: Counter[str]) -> Callable[..., Any]:
    def count(*args: object, **kwargs: object) -> Any:
        calls[name] += 1
        return function(*args, **kwargs)

    return count


def test_several_spans_of_one_sentence_are_evidence_together(tmp_path: Path) -> None:
    top = tmp_path / "kb"
    shutil.copytree(resources.starter(), top)
    text = (top / "documents/leaflet.txt").read_text(encoding="utf-8")
    spans = [(text.index(words), text.index(words) + len(words)) for words in ("It can", "cause itching")]
    pieces = [{"sentence": "s1.2", "start": start, "end": end} for start, end in spans]
    fact = yaml.safe_load((top / "facts/leaflet.yaml").read_text(encoding="utf-8"))[1]
    (top / "facts/leaflet.yaml").write_text(yaml.safe_dump([{**fact, "evidence": pieces}]), encoding="utf-8")
    names = [piece.name for piece in pipeline.load(top).facts[0].evidence]
    assert names == ["s1.2", f"s1.2@{spans[1][0]}"]
    assert len({quad[0] for quad in pipeline.compile_all(top) if "/evidence/s1.2" in quad[0]}) == 2
    assert pipeline.check(top, shapes="all").problems == []
    (top / "facts/leaflet.yaml").write_text(yaml.safe_dump([{**fact, "evidence": pieces[::-1]}]), encoding="utf-8")
    assert [problem.code for problem in pipeline.check(top).problems] == ["KB318"]


@pytest.mark.parametrize(("old", "new"), [("\n", "\r\n"), ("\n", "\r")])
def test_changed_line_ends_are_reported_by_verify_as_by_validate_and_mended(copy: Path, old: str, new: str) -> None:
    text = copy / "documents" / TEXT
    text.write_bytes(text.read_bytes().replace(old.encode(), new.encode()))
    before = verify.verify(copy)
    assert (
        {problem.code for problem in before.problems} == {problem.code for problem in pipeline.check(copy).problems} == {"KB414"}
    )
    assert verify.verify(copy, accept=()).problems == []
    assert pipeline.check(copy).problems == []


def test_a_text_that_the_user_names_may_have_other_line_ends(copy: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_bytes((copy / "documents" / TEXT).read_bytes().replace(b"\n", b"\r\n"))
    assert codes(copy, f"zelorin-leaflet={other}") == set()
