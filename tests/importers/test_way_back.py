"""What kb writes becomes records again: export, import and export give the same bytes."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import ZipFile

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb import pipeline, resources
from kb.curation import init
from kb.formats import registry
from kb.importers import rdf_import
from kb.model import KnowledgeBase
from kb.problems import KbError
from kb.rdf.compilation import Compilation
from kb.rdf.facts import Model
from kb.rdf.iris import DCTERMS, KB, names_of
from kb.release import making
from tests.importers.drawn_bases import OWN, declare, draw_base, write_base
from tests.schema.conftest import make_facts, make_predicates, make_terms

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden" / "content"
LEAFLETS = ROOT / "tests" / "content" / "restricted"
BASES = [resources.content(), resources.example(), GOLDEN, LEAFLETS, resources.example("tessera")]
#: What nanopublications say of other documents and terms, which they do not have.
UNCITED = {f"<{name}>" for name in (f"{KB}availability", f"{DCTERMS}subject", f"{DCTERMS}replaces")}
Run = Callable[..., subprocess.CompletedProcess[str]]
FORMATS = ["turtle", "trig", "nquads", "ntriples"]


def export(kb: KnowledgeBase, name: str, model: Model = "full") -> str:
    return "".join(registry.find(name).lines(Compilation(kb).quads(model), names_of(kb)))


def come_back(text: str, name: str, top: Path) -> tuple[KnowledgeBase, rdf_import.ReadBase]:
    file = top / f"export.{registry.find(name).extension}"
    file.write_text(text, encoding="utf-8")
    read = rdf_import.read_base(file)
    init.create_from(top / "back", read.records, read.files, read.source)
    return pipeline.load(top / "back"), read


@pytest.mark.parametrize("base", BASES, ids=lambda base: base.name)
@pytest.mark.parametrize("name", FORMATS)
def test_an_export_comes_back_with_its_bytes(base: Path, name: str, tmp_path: Path) -> None:
    text = export(pipeline.load(base), name)
    back, read = come_back(text, name, tmp_path)
    assert export(back, name) == text
    assert read.find_lost(back) == []


def test_own_words_come_back_in_their_order(tmp_path: Path) -> None:
    content, declared = resources.example("tessera"), []
    back, _ = come_back(export(pipeline.load(content), "nquads"), "nquads", tmp_path)
    for folder in (content, back.folder):
        words = yaml.safe_load((folder / "kb.yaml").read_text(encoding="utf-8"))["vocabulary"]
        values = words["qualifiers"]["maturity"]["values"]
        values = {name: {key: own for key, own in value.items() if key != "cues"} for name, value in values.items()}
        words["qualifiers"]["maturity"]["values"] = values  # cues are not in RDF
        declared.append((words, list(words["kinds"]), list(words["qualifiers"]), list(values)))
    assert declared[0] == declared[1]


@settings(max_examples=settings().max_examples // 2, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data(), own=st.sampled_from([{}, OWN]))
def test_any_knowledge_base_comes_back(data: st.DataObject, own: Any) -> None:
    declare(own)
    drawn = data.draw(draw_base(make_facts(), make_terms(), make_predicates()))
    name = data.draw(st.sampled_from(FORMATS))
    with TemporaryDirectory() as folder:
        write_base(drawn, Path(folder) / "drawn", own)
        kb = pipeline.load(Path(folder) / "drawn")
        text = export(kb, name)
        back, read = come_back(text, name, Path(folder))
        assert export(back, name) == text
        assert read.find_lost(back) == []
        assert {fact.path for fact in back.facts} == {fact.path for fact in kb.facts}
        text = export(kb, "trig", "nanopubs")
        if f"{kb.dataset.base}vocabulary/" in text:
            with pytest.raises(KbError, match="of the knowledge base's own, which nanopublications use and do not define"):
                come_back(text, "trig", Path(folder))
            return
        (Path(folder) / "more").mkdir()
        back, read = come_back(text, "trig", Path(folder) / "more")
        assert all("quote" in " ".join(row) or row[1] in UNCITED for row in read.find_lost(back))


@pytest.mark.parametrize("base", [resources.content(), GOLDEN], ids=lambda base: base.name)
@pytest.mark.parametrize("name", ["trig", "nquads"])
def test_nanopublications_come_back_with_their_trusty_uris(base: Path, name: str, tmp_path: Path) -> None:
    kb = pipeline.load(base)
    text = export(kb, name, "nanopubs")
    back, read = come_back(text, name, tmp_path)
    assert export(back, name, "nanopubs") == text
    assert {fact.path for fact in back.facts} == {fact.path for fact in kb.facts}
    assert "made up" in read.notes[0]


def test_words_that_nanopublications_quote_are_told_as_lost(tmp_path: Path) -> None:
    text = export(pipeline.load(resources.example()), "trig", "nanopubs")
    back, read = come_back(text, "trig", tmp_path)
    assert back.documents["zelorin-leaflet"].text == "held-elsewhere"
    assert any("zelorin-leaflet" in note for note in read.notes)
    lost = read.find_lost(back)
    assert lost
    assert all("quote" in " ".join(row) or "availability" in row[1] for row in lost)


def test_a_release_comes_back_with_every_file_of_its_records(tmp_path: Path) -> None:
    making.make(pipeline.load(resources.example()), tmp_path / "release")
    read = rdf_import.read_base(tmp_path / "release")
    init.create_from(tmp_path / "back", read.records, read.files, read.source)
    for path in resources.example().rglob("*.*"):
        back = tmp_path / "back" / path.relative_to(resources.example())
        text = back.read_text(encoding="utf-8")
        assert text.partition("\n")[2 if text.startswith("# yaml-language-server") else 0] in path.read_text(encoding="utf-8")
        assert back.suffix != ".txt" or text == path.read_text(encoding="utf-8")
    assert export(pipeline.load(tmp_path / "back"), "trig") == export(pipeline.load(resources.example()), "trig")


@pytest.mark.parametrize("name", ["../outside.yaml", "/etc/x", "a\\b", ".git/hooks/x", "a//b", ""])
def test_a_release_with_unsafe_names_is_refused(name: str, tmp_path: Path) -> None:
    with ZipFile(tmp_path / "records.zip", "w") as archive:
        archive.writestr(name or "x/", "x")
    digest = sha256((tmp_path / "records.zip").read_bytes()).hexdigest()
    (tmp_path / "SHA256SUMS").write_text(f"{digest}  records.zip\n", encoding="utf-8")
    with pytest.raises(KbError, match="KB712"):
        rdf_import.read_base(tmp_path)
    (tmp_path / "SHA256SUMS").write_text(f"{'0' * 64}  records.zip\n", encoding="utf-8")
    with pytest.raises(KbError, match=r"KB712 records[.]zip is not the one"):
        rdf_import.read_base(tmp_path)


FACT = "<https://example.org/brightol/fact/leaflet/brightol/has-side-effect/rash/population/children>"
BAD = {
    "foreign": ("<urn:s> <urn:p> <urn:o> .", "describes no knowledge base"),
    "broken": ("<urn:s> <urn:p>", "This is not N-Quads"),
    "nested": ("<< " * 200_000, "nests more than 100"),
    "empty": ("", "describes no knowledge base"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_no_export_is_refused_with_what_is_missing(case: str, tmp_path: Path) -> None:
    text, message = BAD[case]
    (tmp_path / "x.nq").write_text(text, encoding="utf-8")
    with pytest.raises(KbError, match=message) as caught:
        rdf_import.read_base(tmp_path / "x.nq")
    assert case not in {"foreign", "empty"} or "kb propose" in str(caught.value)


@pytest.mark.parametrize("model", ["plain", "lean", "named-graphs", "rdf12"])
def test_models_that_do_not_describe_facts_are_refused(model: Model, tmp_path: Path) -> None:
    with pytest.raises(KbError, match="KB821"):
        come_back(export(pipeline.load(GOLDEN), "nquads", model), "nquads", tmp_path)


SUBJECT = f"{FACT} <http://www.w3.org/1999/02/22-rdf-syntax-ns#subject> "
HOSTILE = {
    "two subjects": (SUBJECT, f"{SUBJECT}<urn:z> .\n{SUBJECT}"),
    "a path": ("/document/leaflet", "/document/..%2F..%2Fleaflet"),
    "no modality": ("ontology#modality>", "ontology#mode>"),
    "another word": ("<https://w3id.org/linked-kb/ontology#mild>", "<https://w3id.org/linked-kb/ontology#cruel>"),
    "blank": ("<https://example.org/brightol/term/rash>", "_:rash"),
    "unknown term": ("/term/rash>", "/term/Rash>"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_damaged_export_ends_in_problems_and_leaves_nothing(case: str, tmp_path: Path) -> None:
    text = export(pipeline.load(GOLDEN), "nquads")
    old, new = HOSTILE[case]
    assert old in text
    with pytest.raises(KbError) as caught:
        come_back(text.replace(old, new), "nquads", tmp_path)
    assert all(problem.code != "KB900" and "KeyError" not in problem.message for problem in caught.value.problems), case
    assert not (tmp_path / "back").exists()


def test_statements_that_records_do_not_hold_are_told(run_kb: Run, tmp_path: Path) -> None:
    more = '<urn:s> <urn:p> "x" <urn:g> .\n'
    (tmp_path / "x.nq").write_text(export(pipeline.load(GOLDEN), "nquads") + more, encoding="utf-8")
    arguments = ("init", str(tmp_path / "back"), "--from", str(tmp_path / "x.nq"))
    run = run_kb(*arguments)
    assert run.returncode == 1
    assert "note: 1 of" in run.stderr
    assert "<urn:s> <urn:p>" in run.stderr
    assert run_kb("validate", "--content", str(tmp_path / "back")).returncode == 0
    again = run_kb(*arguments)
    assert again.returncode == 2
    assert "KB831" in again.stderr
    assert run_kb("init", str(tmp_path / "new"), *arguments[2:], "--id", "x").returncode == 2
    assert not (tmp_path / "new").exists()


def test_large_files_of_records_are_json_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(init, "_LONG", 500)
    text = export(pipeline.load(GOLDEN), "nquads")
    back, _ = come_back(text, "nquads", tmp_path)
    assert (tmp_path / "back" / "facts" / "leaflet.jsonl").exists()
    assert export(back, "nquads") == text


def test_a_knowledge_base_without_prefixes_comes_back_without(tmp_path: Path) -> None:
    """The prefixes of the file itself are those of every export, and none of the knowledge base's own."""
    kb = pipeline.load(resources.starter("general"))
    text = export(kb, "trig")
    back, _ = come_back(text, "trig", tmp_path)
    assert back.dataset.prefixes == kb.dataset.prefixes == {}
    assert export(back, "trig") == text


def test_prefixes_that_an_export_does_not_declare_are_made_of_the_iris(tmp_path: Path) -> None:
    kb = pipeline.load(GOLDEN)
    lines = [line for line in export(kb, "nquads").splitlines(keepends=True) if "shacl#" not in line]
    back, _ = come_back("".join(lines), "nquads", tmp_path)
    assert back.dataset.prefixes["ECO"] == kb.dataset.prefixes["ECO"]
    assert back.documents["leaflet"].evidence == "ECO:0000303"
