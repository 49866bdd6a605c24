"""Terms and predicates of another knowledge base, from its files to exports, answers and a release, read back by value."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import rdflib
from rdflib import RDF, RDFS, SKOS

from kb import pipeline, resources
from kb.exit_codes import CONTENT
from kb.queries import compiled_cache

Run = Callable[..., subprocess.CompletedProcess[str]]
SHARED, OWN = rdflib.Namespace("https://w3id.org/linked-kb/zelorin/"), rdflib.Namespace("https://example.org/own/")
ROLE = ("--subject", "sparkin", "--predicate", "has-role", "--object", "messenger", "--modality", "is", "--evidence", "s3.2")


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """The knowledge base whose terms and predicates are imported."""
    return Path(shutil.copytree(resources.example(), tmp_path / "shared"))


@pytest.fixture
def own(shared: Path, tmp_path: Path) -> Path:
    """The same documents and facts, in a knowledge base that has no terms and predicates of its own."""
    top = Path(shutil.copytree(shared, tmp_path / "own"))
    shutil.rmtree(top / "terms")
    (top / "predicates.yaml").unlink()
    about = (top / "kb.yaml").read_text(encoding="utf-8").replace("id: zelorin\n", "id: own\n").replace(str(SHARED), str(OWN))
    (top / "kb.yaml").write_text(f"{about}imports:\n  zelorin: {{path: ../shared}}\n", encoding="utf-8")
    return top


@pytest.fixture
def imported(own: Path, run_kb: Run) -> Path:
    """The knowledge base with what it imports."""
    assert run_kb("imports", "--content", str(own)).returncode == 0
    return own


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def problems(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [line for line in (done.stdout + done.stderr).splitlines() if " KB" in line]


@pytest.mark.parametrize("form", ["folder", "release", "export"])
def test_imported_terms_and_predicates_are_used_as_if_own_and_lead_to_their_origin(
    form: str, own: Path, shared: Path, run_kb: Run
) -> None:
    if form == "release":
        assert run_kb("release", str(own.parent / "r"), "--content", str(shared)).returncode == 0
        replace(own / "kb.yaml", "../shared", "../r")
    elif form == "export":
        assert run_kb("export", "-f", "trig", "-o", str(own.parent / "x.trig"), "--content", str(shared)).returncode == 0
        replace(own / "kb.yaml", "../shared", "../x.trig")
    done = run_kb("imports", "--content", str(own))
    assert done.returncode == 0, done.stderr
    assert run_kb("validate", "--content", str(own)).returncode == 0
    graph = rdflib.Graph().parse(data=pipeline.export(own), format="turtle")
    fact, drug = OWN["fact/zelorin-leaflet/zelorin/has-drug-class/lumenates"], OWN["term/zelorin"]
    assert graph.value(fact, RDF.subject) == drug
    assert (drug, OWN["predicate/has-drug-class"], OWN["term/lumenates"]) in graph
    assert str(graph.value(drug, SKOS.prefLabel)) == pipeline.load(shared).terms["zelorin"].label
    for path in ("term/zelorin", "predicate/has-drug-class"):
        assert graph.value(OWN[path], SKOS.exactMatch) == SHARED[path]
        assert graph.value(OWN[path], RDFS.isDefinedBy) == rdflib.URIRef(str(SHARED))
    assert run_kb("imports", "--check", "--content", str(own)).returncode == 0


def test_commands_see_imported_terms_and_never_write_them(imported: Path, shared: Path, run_kb: Run) -> None:
    copies = {path: path.read_bytes() for path in (imported / "imports").rglob("*.*")}
    at, origin = ("--content", str(imported)), ("--content", str(shared))
    replace(
        shared / "terms" / "terms.yaml",
        "- id: zelorin",
        "- {id: rash, kind: symptom, label: rash, definition: Spots.}\n- id: zelorin",
    )
    assert f"rdfs:isDefinedBy: <{SHARED}>" in run_kb("show", "itching", *at).stdout
    for arguments in (("verify",), ("query", "side-effects", "-f", "csv"), ("fact", "list")):
        done, expected = run_kb(*arguments, *at), run_kb(*arguments, *origin)
        assert (done.returncode, done.stdout) == (0, expected.stdout.replace(str(SHARED), str(OWN)))
    assert run_kb("fact", "remove", "sparkin/has-role/messenger", *at).returncode == 0
    assert run_kb("fact", "add", "--document", "zelorin-leaflet", *ROLE, *at).returncode == 0
    assert any(fact.object == "messenger" for fact in pipeline.load(imported).facts)
    assert run_kb("term", "add", "rash", "--kind", "symptom", "--definition", "Spots.", *at).returncode == 0
    assert run_kb("format", *at).returncode == 0
    refused = run_kb("term", "merge", "itching", "rash", *at)
    assert "KB338 An imported record is not changed here" in refused.stderr
    assert {path: path.read_bytes() for path in (imported / "imports").rglob("*.*")} == copies


def test_a_release_is_complete_without_the_knowledge_base_that_it_imports(imported: Path, shared: Path, run_kb: Run) -> None:
    text, release, back = pipeline.export(imported, "trig"), imported.parent / "r", imported.parent / "back"
    shutil.rmtree(shared)
    assert run_kb("release", str(release), "--content", str(imported)).returncode == 0
    assert run_kb("release", "--check", str(release)).returncode == 0
    assert run_kb("init", str(back), "--from", str(release)).returncode == 0
    assert pipeline.export(back, "trig") == text


@pytest.mark.parametrize("least", [compiled_cache.LEAST_SIZE, 0], ids=["statements", "store"])
def test_a_changed_import_is_told_and_taken_by_caches(
    least: int, imported: Path, shared: Path, run_kb: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled_cache, "LEAST_SIZE", least)
    monkeypatch.setenv("XDG_CACHE_HOME", str(imported.parent / "cache"))
    at = ("--content", str(imported))

    def ask() -> set[str]:
        done = run_kb("query", "side-effects", "-f", "csv", *at)
        return {row["effect"] for row in csv.DictReader(io.StringIO(done.stdout))}

    assert "itching" in ask()
    replace(shared / "terms" / "terms.yaml", "label: itching", "label: a prickling")
    told = run_kb("imports", "--check", *at)
    assert (told.returncode, "imports/zelorin/terms/terms.yaml" in told.stderr) == (1, True)
    assert "itching" in ask()
    assert run_kb("imports", *at).returncode == 0
    assert "itching" not in ask()
    assert "a prickling" in ask()


def test_what_is_imported_and_own_clashes(imported: Path, run_kb: Run) -> None:
    (imported / "terms.yaml").write_text("- {id: itching, kind: symptom, label: itch, definition: It.}\n", encoding="utf-8")
    done = run_kb("validate", "--content", str(imported))
    assert done.returncode == CONTENT
    (clash,) = problems(done)
    assert "KB312" in clash
    assert "'itching'" in clash
    assert "imports/zelorin/terms/terms.yaml" in clash
    assert "terms.yaml:1:" in clash


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("imports/zelorin/kb.yaml", "id: zelorin", "[", "kb.yaml:19:3: KB338 The import 'zelorin' is not in imports/zelorin/."),
        ("kb.yaml", "path:", "version: 9.0.0, path:", "kb.yaml:19:3: KB338 The import 'zelorin' is version 1.0.0, not 9.0.0."),
        ("imports/zelorin/kb.yaml", "language: en", "language: fr", "The language of the import 'zelorin' is fr, not en."),
        ("kb.yaml", "  zelorin: {", "  another: {", "The import 'another' is not in imports/another/."),
        (
            "kb.yaml",
            "imports:\n  zelorin: {path: ../shared}\n",
            "",
            "imports/zelorin: KB338 kb.yaml does not declare this import.",
        ),
    ],
)
def test_an_import_that_is_not_as_declared_is_told(
    imported: Path, run_kb: Run, file: str, old: str, new: str, message: str
) -> None:
    replace(imported / file, old, new)
    done = run_kb("validate", "--content", str(imported))
    assert done.returncode == CONTENT
    assert message in "\n".join(problems(done))
    assert all("KB338" in line for line in problems(done))


def test_a_source_that_is_missing_is_told_and_changes_nothing(imported: Path, shared: Path, run_kb: Run) -> None:
    before = pipeline.export(imported)
    shutil.rmtree(shared)
    done = run_kb("imports", "--content", str(imported))
    assert done.returncode != 0
    assert "KB" in done.stderr
    assert "shared" in done.stderr
    assert pipeline.export(imported) == before


def test_two_that_import_the_same_are_merged_with_what_they_import(imported: Path, run_kb: Run) -> None:
    second, made = imported.parent / "second", imported.parent / "made"
    shutil.copytree(imported, second)
    replace(second / "kb.yaml", "id: own\n", "id: second\n")
    replace(second / "kb.yaml", str(OWN), "https://example.org/second/")
    done = run_kb("merge", str(imported), str(second), "-o", str(made))
    assert done.returncode == 0, done.stderr
    assert run_kb("validate", "--content", str(made)).returncode == 0
    assert run_kb("imports", "--check", "--content", str(made)).returncode == 0
    assert pipeline.export(made) == pipeline.export(imported)
    replace(second / "kb.yaml", "{path: ../shared}", "{path: ../elsewhere}")
    told = run_kb("merge", str(imported), str(second), "-o", str(imported.parent / "refused"))
    assert "The import 'zelorin' differs" in told.stderr


def test_proposals_use_imported_terms_and_predicates(imported: Path, run_kb: Run) -> None:
    for path in (imported / "facts").iterdir():
        path.unlink()
    at = ("--content", str(imported))
    assert run_kb("propose", "zelorin-leaflet", *at).returncode == 0
    shown = run_kb("propose", "zelorin-leaflet", "-f", "json", *at).stdout
    assert '"itching"' in shown
