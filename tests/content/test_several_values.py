"""Two conditions: written, validated, exported, asked and read back by value, and never stronger than written."""

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
from kb.rdf.wording import word_fact

Run = Callable[..., CompletedProcess[str]]
_TERMS = [
    {"id": "examplol", "kind": "drug", "label": "examplol", "definition": "A made-up medicine."},
    {"id": "itch", "kind": "symptom", "label": "itch", "definition": "A wish to scratch."},
    {"id": "liver-disease", "kind": "condition", "label": "liver disease", "definition": "A disease of the liver."},
    {"id": "old-age", "kind": "situation", "label": "old age", "definition": "Being old."},
    {"id": "fasting", "kind": "event", "label": "fasting", "definition": "Not eating."},
    {"id": "stopping", "kind": "event", "label": "stopping", "definition": "An end of treatment."},
]
_PREDICATE = {
    "id": "causes",
    "label": "causes",
    "definition": "Brings it about.",
    "subject": ["drug"],
    "object": ["symptom"],
    "qualifiers": ["condition", "trigger"],
    "plain": ["is", "can"],
}
_WORDS = {
    "any-of": "Examplol causes itch in liver disease or old age.",
    "all-of": "Examplol causes itch in liver disease and old age.",
}
_KINDS = ("any-of", "all-of")


def _fact(kind: str = "any-of", **more: Any) -> dict[str, Any]:
    fact = {"subject": "examplol", "predicate": "causes", "object": "itch", "modality": "is"}
    return {**fact, "condition": {kind: ["old-age", "liver-disease"]}, "evidence": [{"sentence": "s1.1"}], **more}


@pytest.fixture
def make(make_kb: Callable[..., Path], tmp_path: Path) -> Callable[..., Path]:
    def write(*facts: dict[str, Any], words: str = _WORDS["any-of"]) -> Path:
        text = f"{words}\n".encode()
        (tmp_path / "leaflet.txt").write_bytes(text)
        digest = sha256(words.encode()).hexdigest()
        about = {"id": "leaflet", "title": "A leaflet", "language": "en", "rights": "Ours, CC0-1.0.", "text": "held-elsewhere"}
        size = {"sha256": sha256(text).hexdigest(), "bytes": len(text), "characters": len(text)}
        sentences = [{"id": "s1.1", "start": 0, "end": len(words), "sha256": digest}]
        files: dict[str, Any] = {"terms/terms.yaml": _TERMS, "predicates.yaml": [_PREDICATE], "facts/leaflet.yaml": list(facts)}
        return make_kb(**files, **{"documents/leaflet.yaml": {**about, **size, "sentences": sentences}})

    return write


@pytest.mark.parametrize("kind", _KINDS)
def test_the_graph_has_one_node_for_the_values_and_no_plain_triple(kind: str, make: Callable[..., Path]) -> None:
    folder = make(_fact(kind))
    assert list(pipeline.check(folder, shapes="all").problems) == []
    triples = {tuple(map(str, quad)) for quad in ox.parse(pipeline.export(folder, "ntriples"), format=ox.RdfFormat.N_TRIPLES)}
    base, kb = "https://example.org/small/", "https://w3id.org/linked-kb/ontology#"
    fact = f"<{base}fact/leaflet/examplol/causes/itch/condition/{kind},liver-disease,old-age>"
    node = f"{fact[:-1]}/group/condition>"
    assert (fact, f"<{kb}condition>", node) in {triple[:3] for triple in triples}
    assert {triple[1:3] for triple in triples if triple[0] == node} == {
        ("<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>", f"<{kb}{'AnyOf' if kind == 'any-of' else 'AllOf'}>"),
        (f"<{kb}member>", f"<{base}term/liver-disease>"),
        (f"<{kb}member>", f"<{base}term/old-age>"),
        ("<http://www.w3.org/2004/02/skos/core#prefLabel>", f'"{kind.replace("-", " ")} (liver disease, old age)"@en'),
    }
    assert not any("predicate/causes>" in triple[1] for triple in triples)
    assert not any(obj.startswith("_:") for triple in triples for obj in triple)


def test_the_order_of_the_record_does_not_matter_and_the_sort_does(make: Callable[..., Path]) -> None:
    other = {**_fact(), "condition": {"any-of": ["liver-disease", "old-age"]}}
    assert [problem.code for problem in pipeline.check(make(_fact(), other)).problems] == ["KB311"]
    kb = pipeline.load(make(_fact("any-of"), _fact("all-of"), _fact(condition="old-age")))
    assert len({word_fact(fact, kb.terms, kb.predicates) for fact in kb.facts}) == 3


@pytest.mark.parametrize("kind", _KINDS)
def test_each_value_finds_the_fact_and_the_answer_shows_the_whole(kind: str, make: Callable[..., Path]) -> None:
    folder = make({**_fact(kind), "trigger": {kind: ["fasting", "stopping"]}})
    whole = f"{kind.replace('-', ' ')} (liver disease, old age)"
    for engine in ("oxigraph", "rdflib"):
        rows = list(query("triggered-facts", content=folder, trigger="fasting", engine=engine))
        assert [row["trigger"] for row in rows] == ["fasting"]
        triggers = f"{kind.replace('-', ' ')} (fasting, stopping)"
        assert [row["restrictions"] for row in rows] == [f"condition: {whole}; trigger: {triggers}"]
    for name in ("old age", "liver disease", "fasting"):
        text = str(show(name, content=folder))
        assert "Facts: 1" in text, name
        assert f"condition: {whole}" in text
    assert list(query("unused-terms", content=folder)) == []


@pytest.mark.parametrize("kind", _KINDS)
def test_tables_and_graphs_have_the_values_together(kind: str, make: Callable[..., Path], tmp_path: Path, run_kb: Run) -> None:
    folder = make(_fact(kind))
    for name in ("csv", "kgx", "neo4j", "graphml", "parquet"):
        done = run_kb("export", "--content", str(folder), "--format", name, "-o", f"{tmp_path}/{name}/")
        assert done.returncode == 0, done.stderr
    (path,) = (tmp_path / "csv").rglob("facts.csv")
    (row,) = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")))
    assert row["condition"] == f"{kind.replace('-', ' ')} (liver-disease, old-age)"
    (path,) = (tmp_path / "neo4j").rglob("edges.csv")
    assert f"{kind.replace('-', ' ')} (https://example.org/small/term/liver-disease, " in path.read_text(encoding="utf-8")
    edges = [path.read_text(encoding="utf-8") for path in (tmp_path / "kgx").rglob("edges.*")]
    assert not any("causes" in text for text in edges)  # restricted: no edge


@pytest.mark.parametrize("said", _KINDS)
@pytest.mark.parametrize("kind", _KINDS)
def test_the_sentence_must_join_the_values_as_the_fact_does(kind: str, said: str, make: Callable[..., Path], run_kb: Run) -> None:
    folder = make(_fact(kind), words=_WORDS[said])
    done = run_kb("verify", "--content", str(folder), "--text", f"leaflet={folder.parent / 'leaflet.txt'}")
    assert done.returncode == (0 if kind == said else 1), done.stdout + done.stderr
    if kind != said:
        assert f"between the values of the condition, which are '{kind}'" in done.stdout + done.stderr
    declared = _fact(kind, evidence=[{"sentence": "s1.1", "as": {"condition": _WORDS[said].partition(" in ")[2][:-1]}}])
    folder = make(declared, words=_WORDS[said])
    done = run_kb("verify", "--content", str(folder), "--text", f"leaflet={folder.parent / 'leaflet.txt'}")
    assert done.returncode == (0 if kind == said else 1), done.stdout + done.stderr


def test_each_value_must_stand_in_the_sentence(make: Callable[..., Path], run_kb: Run) -> None:
    fact = {**_fact(), "condition": {"any-of": ["liver-disease", "old-age", "fasting"]}}
    folder = make(fact)
    done = run_kb("verify", "--content", str(folder), "--text", f"leaflet={folder.parent / 'leaflet.txt'}")
    assert done.returncode == 1
    assert "s1.1 has no word for the condition 'fasting'" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("value", "code", "words"),
    [
        ({"any-of": ["old-age", "nowhere"]}, "KB301", "nowhere"),
        ({"any-of": ["old-age"]}, "KB206", "condition.any-of needs at least 2 entry"),
        ({"any-of": ["old-age", "old-age"]}, "KB206", "has the same entry twice"),
        ({"some-of": ["old-age", "fasting"]}, "KB202", "cannot have 'some-of'"),
    ],
)
def test_wrong_values_are_named(value: dict[str, Any], code: str, words: str, make: Callable[..., Path]) -> None:
    (problem,) = pipeline.check(make({**_fact(), "condition": value})).problems
    assert problem.code == code
    assert words in problem.message


def test_a_value_of_the_wrong_kind_is_named(make: Callable[..., Path]) -> None:
    (problem,) = pipeline.check(make({**_fact(), "trigger": {"any-of": ["fasting", "itch"]}})).problems
    assert (problem.code, "'itch' is of kind symptom" in problem.message) == ("KB309", True)


def test_an_edited_record_keeps_its_values(make: Callable[..., Path], run_kb: Run) -> None:
    folder = make(_fact())
    assert run_kb("format", "--content", str(folder)).returncode == 0
    assert run_kb("validate", "--content", str(folder)).returncode == 0
    text = (folder / "facts" / "leaflet.yaml").read_text(encoding="utf-8")
    assert "  condition: {any-of: [old-age, liver-disease]}\n" in text
