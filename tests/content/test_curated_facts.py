"""Who entered and reviewed a fact, and its status: written, validated, exported, asked and read back by value."""

from __future__ import annotations

import csv
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import rdflib

from kb import pipeline, resources
from kb.formats.tables import csv_tables, kgx, property_graph
from kb.rdf.iris import ADMS, DCTERMS, KB, PAV, PROV, names_of
from kb.rdf.reviews import digest_reviewed, is_reviewed
from kb.records import strict_yaml

Run = Callable[..., subprocess.CompletedProcess[str]]
ITCHING = "fact/leaflet/examplol/has-side-effect/itching"
REASON = "It may be said of another drug."
DISPUTED, DEPRECATED = ({"is": name, "reason": REASON} for name in ("disputed", "deprecated"))


def run(run_kb: Run, *words: str, code: int = 0) -> str:
    result = run_kb(*words)
    assert result.returncode == code, result.stderr + result.stdout
    return result.stdout + result.stderr


@pytest.fixture
def content(run_kb: Run, tmp_path: Path) -> Path:
    folder = tmp_path / "leaflets"
    run(run_kb, "init", str(folder), "--base", "https://example.org/kb/")
    return folder


def change(content: Path, **keys: Any) -> None:
    """Change keys of the fact about itching; nothing removes one."""
    path = content / "facts" / "leaflet.yaml"
    values = strict_yaml.parse(path.read_text(encoding="utf-8"), "leaflet.yaml").value
    for value in values:
        value.update(keys if value["object"] == "itching" else {})
    path.write_text(json.dumps([{key: part for key, part in value.items() if part is not None} for value in values]), "utf-8")


def review(run_kb: Run, content: Path, *words: str) -> str:
    run(run_kb, "format", "--content", str(content))
    return run(run_kb, "fact", "review", "has-side-effect/itching", "--content", str(content), *words)


def export(run_kb: Run, content: Path) -> tuple[rdflib.Graph, rdflib.URIRef]:
    out = content.parent / "out.ttl"
    run(run_kb, "validate", "--content", str(content), "--shapes", "all")
    run(run_kb, "export", "--content", str(content), "-o", str(out))
    return rdflib.Graph().parse(out), rdflib.URIRef(f"https://example.org/kb/{ITCHING}")


def ask(run_kb: Run, content: Path, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(run_kb("query", name, "--content", str(content), "-f", "csv").stdout.splitlines()))


def test_a_review_is_written_exported_and_asked(content: Path, run_kb: Run) -> None:
    change(content, curator="model:example-1", added="2026-11-28")
    assert {row["object"] for row in ask(run_kb, content, "unreviewed")} == {"itching", "medicine"}
    review(run_kb, content, "--by", "https://orcid.org/0000-0002-1825-0097")
    (fact,) = (fact for fact in pipeline.load(content).facts if fact.path == ITCHING)
    assert is_reviewed(fact)
    assert fact.curation
    assert fact.curation.reviews[0].digest == digest_reviewed(fact)
    graph, node = export(run_kb, content)
    agent = graph.value(node, rdflib.URIRef(f"{PAV}curatedBy"))
    assert agent == rdflib.URIRef("https://example.org/kb/agent/model/example-1")
    assert str(graph.value(agent, rdflib.URIRef(f"{DCTERMS}identifier"))) == "model:example-1"
    assert str(graph.value(node, rdflib.URIRef(f"{DCTERMS}created"))) == "2026-11-28"
    made = graph.value(node, rdflib.URIRef(f"{KB}review"))
    assert graph.value(made, rdflib.URIRef(f"{KB}verdict")) == rdflib.URIRef(f"{KB}agreed")
    reviewer = rdflib.URIRef("https://orcid.org/0000-0002-1825-0097")
    assert graph.value(made, rdflib.URIRef(f"{PROV}wasAssociatedWith")) == reviewer
    assert str(graph.value(made, rdflib.URIRef(f"{KB}digest"))) == digest_reviewed(fact)
    assert graph.value(made, rdflib.URIRef(f"{KB}outdated")) is None
    assert {row["object"] for row in ask(run_kb, content, "unreviewed")} == {"medicine"}


def test_a_changed_fact_has_a_review_of_an_earlier_version(content: Path, run_kb: Run) -> None:
    review(run_kb, content, "--by", "person:ana")
    change(content, note="A remark is no part of what was reviewed.")
    assert "KB336" not in run(run_kb, "validate", "--content", str(content))
    change(content, frequency=None)
    assert "KB336" in run(run_kb, "validate", "--content", str(content))
    report = json.loads(run_kb("validate", "--content", str(content), "-f", "json").stdout)
    assert (report["valid"], report["problems"], [one["code"] for one in report["warnings"]]) == (True, [], ["KB336"])
    assert "::warning" in run(run_kb, "validate", "--content", str(content), "-f", "github")
    assert [row["review"].partition(", ")[0] for row in ask(run_kb, content, "stale-reviews")] == ["agreed: person:ana"]
    assert "itching" in {row["object"] for row in ask(run_kb, content, "unreviewed")}
    assert "(review of an earlier version)" in run(run_kb, "show", "itching", "--content", str(content))
    graph, node = export(run_kb, content)
    made = graph.value(node, rdflib.URIRef(f"{KB}review"))
    assert str(graph.value(made, rdflib.URIRef(f"{KB}outdated"))) == "true"
    review(run_kb, content, "--by", "person:ana", "--verdict", "disagreed")
    assert "KB336" not in run(run_kb, "validate", "--content", str(content))
    assert ask(run_kb, content, "stale-reviews") == []
    assert [row["review"][:21] for row in ask(run_kb, content, "unreviewed") if row["review"]] == ["disagreed: person:ana"]


def test_a_deprecated_fact_has_no_plain_triple_and_is_told(content: Path, run_kb: Run, tmp_path: Path) -> None:
    change(content, status=DISPUTED)
    graph, node = export(run_kb, content)
    itching, effect = (rdflib.URIRef(f"https://example.org/kb/{name}") for name in ("term/itching", "predicate/has-side-effect"))
    assert list(graph.subjects(effect, itching))
    assert graph.value(node, rdflib.URIRef(f"{ADMS}status")) == rdflib.URIRef(f"{KB}disputed")
    change(content, status=DEPRECATED)
    graph, node = export(run_kb, content)
    assert not list(graph.subjects(effect, itching))
    assert graph.value(node, rdflib.URIRef(f"{ADMS}status")) == rdflib.URIRef(f"{KB}deprecated")
    assert str(graph.value(node, rdflib.URIRef(f"{KB}statusReason"))) == REASON
    for name in ("restrictions", "label"):
        space = KB if name == "restrictions" else rdflib.RDFS
        assert "status: deprecated" in str(graph.value(node, rdflib.URIRef(f"{space}{name}")))
    (row,) = (row for row in ask(run_kb, content, "side-effects") if row["effect"] == "itching")
    assert "status: deprecated" in row["restrictions"]
    assert "itching" not in {row["object"] for row in ask(run_kb, content, "one-source")}
    (row,) = (row for row in ask(run_kb, content, "plain-triples") if row["object"] == "itching")
    assert (row["plain"], row["reason"]) == ("false", "it is retracted, withdrawn, deprecated or only disputed")
    shown = run(run_kb, "show", ITCHING, "--content", str(content))
    assert "status: deprecated" in shown
    assert f"reason: {REASON}" in shown
    kb = pipeline.load(content)
    tables = csv_tables.write(kb).files["facts.csv"].decode("utf-8")
    (cells,) = (row for row in csv.DictReader(tables.splitlines()) if row["object"] == "itching")
    assert (cells["plain"], cells["status"], cells["status_reason"]) == ("no", "deprecated", REASON)
    edges = property_graph.build_graph(kb).edges
    assert [edge["status"] for edge in edges if edge.get("fact", "").endswith("itching")] == ["deprecated"]
    assert ITCHING not in str(kgx.write(kb).files)
    for name, words in {"a.nq": ("export",), "b.nq": ("build",), "c.nq": ("build", "--workers", "2")}.items():
        run(run_kb, *words, "--content", str(content), "-o", str(tmp_path / name))
    assert len({(tmp_path / name).read_bytes() for name in ("a.nq", "b.nq", "c.nq")}) == 1


def test_pages_tell_reviews_and_status(content: Path, run_kb: Run, tmp_path: Path) -> None:
    review(run_kb, content, "--by", "person:ana")
    change(content, frequency=None, status=DEPRECATED)
    run(run_kb, "site", str(tmp_path / "site"), "--content", str(content))
    pages = [path.read_text(encoding="utf-8") for path in (tmp_path / "site").rglob("*.html")]
    (page,) = (page for page in pages if "<h1>examplol</h1>" in page)
    assert "Review: agreed: person:ana, " in page
    assert "(review of an earlier version)" in page
    assert f"Reason: {REASON}" in page
    assert '<i>status:</i> <a href="../ontology.html#deprecated">deprecated</a>' in page


def test_a_release_can_require_reviewed_and_verified_facts(content: Path, run_kb: Run, tmp_path: Path) -> None:
    made = tmp_path / "made"
    words = ("release", str(made), "--content", str(content), "--require", "reviewed,verified")
    refused = run(run_kb, *words, code=1)
    assert refused.count("KB717") == 4
    assert not made.exists()
    run(run_kb, "verify", "--content", str(content), "--record")
    assert run(run_kb, *words, code=1).count("is not reviewed") == 2
    review(run_kb, content, "--by", "person:ana")
    run(
        run_kb,
        "fact",
        "review",
        "is-a-type-of/medicine",
        "--content",
        str(content),
        "--by",
        "person:ana",
        "--verdict",
        "disagreed",
    )
    assert run(run_kb, *words, code=1).count("KB717") == 1
    path = content / "facts" / "leaflet.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("  object: medicine\n", f"  object: medicine\n  status: {json.dumps(DEPRECATED)}\n"), "utf-8")
    run(run_kb, *words)
    assert run(run_kb, "release", "--check", str(made))
    assert "--require takes" in run(run_kb, *words[:-1], "signed", code=2)


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        ({"curator": "ana"}, "KB205"),
        ({"added": "yesterday"}, "KB20"),
        ({"status": {"is": "deprecated"}}, "KB20"),
        ({"review": {"by": "person:ana"}}, "KB20"),
        ({"review": [{"by": "person:ana", "on": "2026-11-29", "verdict": "agreed"}]}, "KB20"),
    ],
)
def test_what_is_no_curation_is_refused(content: Path, run_kb: Run, keys: dict[str, Any], code: str) -> None:
    change(content, **keys)
    assert code in run(run_kb, "validate", "--content", str(content), code=1)


def test_a_base_without_these_keys_has_no_columns_and_no_agents_for_them() -> None:
    kb = pipeline.load(resources.content())
    assert csv_tables.write(kb).files["facts.csv"].decode("utf-8").splitlines()[0].endswith('"note"')
    assert "status" not in property_graph.edge_columns(property_graph.build_graph(kb).edges)
    assert names_of(kb).agent("lexicon").endswith("/agent/tool/lexicon")
