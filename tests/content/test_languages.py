"""A name in French: written, validated, exported, asked and read back by value."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pyoxigraph as ox
import pytest

from kb import pipeline, query, show
from kb.model import KnowledgeBase
from kb.queries import find_query
from kb.queries.compiled import compile_base
from kb.queries.execution import ask
from kb.rdf import quantities
from kb.sparql.label_language import choose_labels
from tests.server.client import serving
from tests.site.varied import write_varied

Run = Callable[..., CompletedProcess[str]]
_TEXT = "Examplol provoque parfois des démangeaisons.\n"
_SKOS = "http://www.w3.org/2004/02/skos/core#"
_TERMS: list[dict[str, Any]] = [
    {
        "id": "examplol",
        "kind": "drug",
        "label": "examplol",
        "definition": "A made-up medicine.",
    },
    {
        "id": "itch",
        "kind": "symptom",
        "label": {"en": "itch", "fr": "démangeaisons", "pt-BR": "coceira"},
        "aliases": {"en": ["pruritus"], "fr": ["prurit", "envie de se gratter"]},
        "definition": {"en": "A wish to scratch.", "fr": "Une envie de se gratter."},
    },
]
_PREDICATE = {
    "id": "causes",
    "label": {"en": "causes", "fr": "provoque"},
    "definition": {"en": "Brings it about.", "fr": "En est la cause."},
    "subject": ["drug"],
    "object": ["symptom"],
    "qualifiers": ["frequency"],
    "plain": ["is", "can", "sometimes"],
}


def _document() -> dict[str, Any]:
    text = _TEXT.encode()
    digest = sha256(_TEXT.strip().encode()).hexdigest()
    about = {"id": "notice", "title": "La notice", "language": "fr", "rights": "Ours, CC0-1.0.", "text": "held-elsewhere"}
    size = {"sha256": sha256(text).hexdigest(), "bytes": len(text), "characters": len(_TEXT)}
    return {**about, **size, "sentences": [{"id": "s1.1", "start": 0, "end": len(_TEXT.strip()), "sha256": digest}]}


@pytest.fixture
def folder(make_kb: Callable[..., Path], tmp_path: Path) -> Path:
    fact = {"subject": "examplol", "predicate": "causes", "object": "itch", "modality": "sometimes"}
    (tmp_path / "notice.txt").write_text(_TEXT, encoding="utf-8")
    return make_kb(
        **{
            "terms/terms.yaml": _TERMS,
            "predicates.yaml": [_PREDICATE],
            "documents/leaflet.yaml": None,
            "facts/leaflet.yaml": None,
            "documents/notice.yaml": _document(),
            "facts/notice.yaml": [{**fact, "evidence": [{"sentence": "s1.1"}]}],
            "cues.yaml": [{"list": "modality", "value": "sometimes", "language": "fr", "words": ["parfois"]}],
        },
    )


def _words(data: str, fmt: ox.RdfFormat, node: str, name: str) -> set[tuple[str, str]]:
    quads = ox.parse(data, format=fmt)
    triples = ((str(quad.subject), quad.predicate.value, quad.object) for quad in quads)
    found = (obj for subject, predicate, obj in triples if subject.endswith(f"/{node}>") and predicate.endswith(name))
    return {(obj.value, obj.language or "") for obj in found if isinstance(obj, ox.Literal)}


@pytest.mark.parametrize("name", ["turtle", "ntriples", "jsonld", "rdfxml"])
def test_exports_have_each_name_with_its_language(name: str, folder: Path) -> None:
    formats = {"turtle": "TURTLE", "ntriples": "N_TRIPLES", "jsonld": "JSON_LD", "rdfxml": "RDF_XML"}
    text, fmt = pipeline.export(folder, name), getattr(ox.RdfFormat, formats[name])
    assert _words(text, fmt, "term/itch", "#prefLabel") == {("itch", "en"), ("démangeaisons", "fr"), ("coceira", "pt-br")}
    assert _words(text, fmt, "term/itch", "#altLabel") == {("pruritus", "en"), ("prurit", "fr"), ("envie de se gratter", "fr")}
    assert _words(text, fmt, "predicate/causes", "#label") == {("causes", "en"), ("provoque", "fr")}
    assert _words(text, fmt, "term/itch", "#definition") == {("A wish to scratch.", "en"), ("Une envie de se gratter.", "fr")}


def test_the_graph_of_several_languages_is_valid(folder: Path) -> None:
    assert list(pipeline.check(folder, shapes="all").problems) == []


def test_a_sentence_is_read_by_the_names_of_its_language(folder: Path, run_kb: Run) -> None:
    done = run_kb("verify", "--content", str(folder), "--text", f"notice={folder.parent / 'notice.txt'}", "--format", "json")
    assert done.returncode == 0, done.stdout + done.stderr
    terms = [term if term["id"] != "itch" else {**term, "label": "itch", "aliases": []} for term in _TERMS]
    (folder / "terms" / "terms.yaml").write_text(json.dumps(terms), encoding="utf-8")
    done = run_kb("verify", "--content", str(folder), "--text", f"notice={folder.parent / 'notice.txt'}")
    assert done.returncode == 1
    assert "itch" in done.stdout + done.stderr


@pytest.mark.parametrize(("language", "effect"), [("", "itch"), ("fr", "démangeaisons"), ("pt-BR", "coceira"), ("en", "itch")])
def test_a_named_question_answers_in_the_language_asked_for(language: str, effect: str, folder: Path) -> None:
    result = query("facts", content=folder, language=language)
    assert [(row["object"], row["subject"]) for row in result] == [(effect, "examplol")]
    assert [row["predicate"] for row in result] == ["provoque" if language == "fr" else "causes"]


def test_what_has_no_name_in_the_language_is_told(folder: Path, run_kb: Run) -> None:
    done = run_kb("query", "facts", "--language", "fr", "--content", str(folder), "--format", "csv")
    assert [row["object"] for row in csv.DictReader(io.StringIO(done.stdout))] == ["démangeaisons"]
    assert "note: Not in fr: " in done.stderr
    assert "examplol" in done.stderr
    assert "démangeaisons," not in done.stderr
    unknown = run_kb("query", "facts", "--language", "de", "--content", str(folder))
    assert unknown.returncode == 2
    assert "KB607 No label is in 'de'. The labels are in: en, fr, pt-br." in unknown.stderr
    raw = run_kb("query", "-e", "SELECT * { ?s skos:prefLabel ?o }", "--language", "fr", "--content", str(folder))
    assert "KB607" in raw.stderr


def test_each_fact_is_one_row_in_every_question(folder: Path) -> None:
    base = compile_base(pipeline.load(folder))
    for name in ("facts", "support", "hedged-facts", "predicate-use"):
        sparql = choose_labels(find_query(base, name).text, base.languages)
        assert len(ask(base, sparql).rows) == 1, name
        assert len(ask(base, sparql, "rdflib").rows) == 1, name


def test_shipped_questions_have_the_same_rows_in_each_language(shipped: KnowledgeBase) -> None:
    base = compile_base(shipped)
    for name in ("side-effects", "contested", "document-standing", "drug-names", "schema-org-view", "class-counts"):
        text = find_query(base, name).text
        plain, chosen = ask(base, text), ask(base, choose_labels(text, ("en", "fr"), "fr"))
        assert (plain.rows, plain.triples) == (chosen.rows, chosen.triples), name


def test_a_thing_is_shown_and_found_by_all_its_names(folder: Path) -> None:
    text = str(show("Démangeaisons", content=folder))
    assert text.startswith("itch (symptom, term:itch)\n  A wish to scratch.\n")
    assert "démangeaisons (fr)" in text
    assert "prurit (fr)" in text
    assert "examplol causes itch (sometimes)" in text


def test_a_label_in_other_languages_only_is_a_problem(folder: Path) -> None:
    terms = [term if term["id"] != "itch" else {**term, "label": {"fr": "prurit"}} for term in _TERMS]
    (folder / "terms" / "terms.yaml").write_text(json.dumps(terms), encoding="utf-8")
    problems = pipeline.check(folder).problems
    assert [problem.code for problem in problems] == ["KB335"]
    assert "The label of 'itch' is in fr, not in en" in problems[0].message


def test_the_tag_of_a_language_is_checked(folder: Path) -> None:
    terms = [term if term["id"] != "itch" else {**term, "label": {"en": "itch", "French!": "prurit"}} for term in _TERMS]
    (folder / "terms" / "terms.yaml").write_text(json.dumps(terms), encoding="utf-8")
    (problem,) = pipeline.check(folder).problems
    assert (problem.code, problem.message) == ("KB205", "label cannot have the key 'French!'.")
    assert problem.remedy == "Name the language: A BCP 47 language tag. For example: en."


@pytest.mark.allow_hosts(["127.0.0.1"])
def test_a_server_answers_in_the_language_asked_for(folder: Path) -> None:
    with serving("--content", str(folder)) as server:
        for language, effect in {"": "itch", "fr": "démangeaisons"}.items():
            found = server.get(f"/ask/facts?format=json&language={language}").json
            assert [row["object"]["value"] for row in found["results"]["bindings"]] == [effect]
        assert found["reasons"] == ["Not in fr: La notice, examplol, examplol causes itch (sometimes), sometimes."]
        assert server.get("/ask/facts?language=de").status == 400
        page = server.browse("/ask/facts?language=fr").text
        assert '<option value="fr" selected>fr</option>' in page
        assert 'href="?language=fr&amp;format=csv"' in page
        described = server.get("/openapi.json").json["paths"]["/ask/facts"]["get"]["parameters"]
        (own,) = (each for each in described if each["name"] == "language")
        assert {"en", "fr"} <= {*own["schema"]["enum"]}
        page = server.browse("/term/itch").text
        assert "<h1>itch</h1>" in page
        assert '<span lang="fr">démangeaisons</span>' in page
        assert '<span lang="fr">Une envie de se gratter.</span>' in page
        assert page.index("A wish to scratch.") < page.index("Une envie de se gratter.")
        found = server.browse("/search?q=prurit").text
        assert '<a href="/term/itch">itch</a>' in found
        assert 'Found by: <span lang="fr">prurit</span>' in found


def test_tables_keep_the_language_of_the_knowledge_base_and_count_the_others(folder: Path, tmp_path: Path, run_kb: Run) -> None:
    done = run_kb("export", "--content", str(folder), "--format", "csv", "-o", f"{tmp_path}/tables/")
    assert done.returncode == 0, done.stderr
    (path,) = (tmp_path / "tables").rglob("terms.csv")
    row = next(row for row in csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))) if row["term"] == "itch")
    assert (row["label"], row["aliases"], row["definition"]) == ("itch", "pruritus", "A wish to scratch.")
    assert "words of terms in other languages are left out (5)" in done.stderr


def test_amounts_are_not_told_as_missing_a_name_in_the_language(tmp_path: Path, run_kb: Run) -> None:
    folder = write_varied(tmp_path / "kb")
    (note,) = [
        line
        for line in run_kb("query", "quantities", "--language", "fr", "--content", str(folder)).stderr.splitlines()
        if "Not in fr" in line
    ]
    assert "velaril" in note
    assert not re.search(r"\d", note)
    assert [words for words in ("2 weeks", "type 2 diabetes", "common, 3 of 10") if quantities.is_amount(words)] == []
