"""A retired term keeps its IRI everywhere, no record may name it, and whoever asks for it is told its successor."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rdflib import OWL, RDF, Dataset, Graph, Literal, URIRef
from rdflib.namespace import DCTERMS, SKOS, XSD

from kb import pipeline, queries
from kb.checks import shacl
from kb.problems import KbError
from kb.site.site_pages import Site
from tests.conftest import small_kb
from tests.server.client import serving

Run = Callable[..., subprocess.CompletedProcess[str]]
Make = Callable[..., Path]

BASE = "https://example.org/small/"
OLD, NEW = URIRef(f"{BASE}term/pruritus"), URIRef(f"{BASE}term/itch")
TOMBSTONE = {
    "id": "pruritus",
    "kind": "symptom",
    "label": "pruritus",
    "definition": "A wish to scratch.",
    "deprecated": True,
    "replaced-by": "itch",
    "note": "It is an itch.",
}


@pytest.fixture
def base(make_kb: Make) -> Path:
    return make_kb(**{"terms/old.yaml": [TOMBSTONE]})


def _facts(**change: Any) -> list[dict[str, Any]]:
    (fact,) = small_kb()["facts/leaflet.yaml"]
    return [{**fact, **change}]


@pytest.mark.parametrize("form", ["turtle", "trig", "jsonld", "rdfxml", "nquads"])
def test_rdflib_reads_the_tombstone_in_every_format(base: Path, form: str) -> None:
    names = {"jsonld": "json-ld", "rdfxml": "xml"}
    graph = Dataset(default_union=True) if form in {"trig", "nquads"} else Graph()
    graph.parse(data=pipeline.export(base, form), format=names.get(form, form))
    assert set(graph.objects(OLD, OWL.deprecated)) == {Literal("true", datatype=XSD.boolean)}
    assert set(graph.objects(OLD, DCTERMS.isReplacedBy)) == {NEW}
    assert set(graph.objects(OLD, SKOS.prefLabel)) == {Literal("pruritus", lang="en")}
    assert set(graph.objects(OLD, SKOS.editorialNote)) == {Literal("It is an itch.", lang="en")}
    assert (OLD, RDF.type, SKOS.Concept) in graph
    assert not list(graph.triples((NEW, OWL.deprecated, None)))


def test_without_retired_terms_the_bytes_are_the_same(make_kb: Make, base: Path) -> None:
    plain, own = pipeline.export(make_kb("plain"), "nquads"), pipeline.export(base, "nquads")
    about = {f"<{OLD}>"}
    without = [line for line in own.splitlines() if line.split(" ", 1)[0] not in about]
    assert without == plain.splitlines()


def test_a_release_counts_tombstones_and_says_what_leaves_them_out(base: Path, tmp_path: Path, run_kb: Run) -> None:
    release = tmp_path / "release"
    assert run_kb("release", str(release), "--content", str(base)).returncode == 0
    checked = run_kb("release", "--check", str(release))
    assert (checked.returncode, "is complete and consistent." in checked.stderr) == (0, True)
    losses = json.loads((release / "metadata/losses.json").read_text(encoding="utf-8"))
    left_out = {loss["export"]: loss["count"] for loss in losses if loss["what"] == "retired terms are left out"}
    assert left_out
    assert set(left_out.values()) == {1}
    for path in (release / "data").rglob("*.csv"):
        assert "pruritus" not in path.read_text(encoding="utf-8")


def test_a_store_that_follows_an_edit_knows_who_was_retired(make_kb: Make, tmp_path: Path, run_kb: Run) -> None:
    folder, store = make_kb(), str(tmp_path / "store")
    assert run_kb("build", "--content", str(folder), "--store", store).returncode == 0
    (folder / "terms/old.yaml").write_text(json.dumps([TOMBSTONE]), encoding="utf-8")
    assert run_kb("build", "--content", str(folder), "--store", store).returncode == 0
    assert run_kb("build", "--check", "--store", store).returncode == 0
    assert "replaced by: itch" in run_kb("show", "pruritus", "--store", store).stdout


def test_the_shapes_accept_a_tombstone_and_refuse_facts_about_it(base: Path) -> None:
    assert not pipeline.check(base, shapes="all").problems
    lines = pipeline.export(base, "nquads").replace(f"/object> <{NEW}>", f"/object> <{OLD}>")
    moved = lines.replace(f"ns#object> <{NEW}>", f"ns#object> <{OLD}>")
    assert moved != lines
    assert any(problem.code == "KB501" for problem in shacl.check(moved, lambda _: pipeline.check(base).kb.facts[0].record.place))  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "files",
    [
        {"facts/leaflet.yaml": _facts(object="pruritus")},
        {"facts/leaflet.yaml": [*_facts(), *_facts(object={"value": "a rash"}, frequency="rare", severity="mild", trigger="gone",
            evidence=[{"sentence": "s1.1"}])], "terms/gone.yaml": [{**TOMBSTONE, "id": "gone", "kind": "event", "label": "gone",
            "replaced-by": "stopping"}]},
        {"documents/leaflet.yaml": {**small_kb()["documents/leaflet.yaml"], "topic": ["pruritus"]}},
        {"mappings/hp.sssom.tsv": "#mapping_set_id: https://example.org/hp\nsubject_id\tpredicate_id\tobject_id\t"
            "mapping_justification\tobject_source_version\tmapping_date\nterm:pruritus\tskos:exactMatch\tHP:0000989\t"
            "semapv:ManualMappingCuration\tHP 2026\t2026-11-25\n"},
        {"biolink.yaml": {"terms": {"pruritus": "PhenotypicFeature"}}},
        {"terms/older.yaml": [{**TOMBSTONE, "id": "itchiness", "label": "itchiness", "replaced-by": "pruritus"}]},
    ],
    ids=["object", "qualifier", "topic", "mapping", "profile", "successor"],
)  # fmt: skip
def test_every_reference_is_an_error_that_names_the_successor(make_kb: Make, run_kb: Run, files: dict[str, Any]) -> None:
    folder = make_kb(**{"terms/old.yaml": [TOMBSTONE], **files})
    done = run_kb("validate", "--content", str(folder), "--format", "json")
    (problem,) = json.loads(done.stdout)["problems"]
    old, new = ("gone", "stopping") if "terms/gone.yaml" in files else ("pruritus", "itch")
    assert (done.returncode, problem["code"]) == (1, "KB334")
    assert problem["message"].startswith(f"The term '{old}' is retired: It is an itch.")
    assert problem["remedy"] == f"Name '{new}'; 'kb term merge {old} {new}' changes every reference."
    assert problem["line"] >= 1
    with pytest.raises(KbError):
        pipeline.load(folder)


def test_a_term_retired_without_a_successor_says_why(make_kb: Make) -> None:
    alone = {key: value for key, value in TOMBSTONE.items() if key != "replaced-by"}
    folder = make_kb(**{"terms/old.yaml": [alone], "facts/leaflet.yaml": _facts(object="pruritus")})
    (problem,) = pipeline.check(folder).problems
    assert (problem.code, problem.remedy) == ("KB334", "Name another term, or remove what names it.")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"note": None}, "KB201"),
        ({"deprecated": None}, "KB201"),
        ({"deprecated": False}, "KB206"),
        ({"replaced-by": "no"}, "KB301"),
    ],
)
def test_half_a_tombstone_is_refused(make_kb: Make, change: dict[str, Any], code: str) -> None:
    record = {key: value for key, value in {**TOMBSTONE, **change}.items() if value is not None}
    assert [problem.code for problem in pipeline.check(make_kb(**{"terms/old.yaml": [record]})).problems] == [code]


def test_a_new_term_never_takes_a_retired_id(base: Path, run_kb: Run) -> None:
    done = run_kb("term", "add", "pruritus", "--kind", "symptom", "--definition", "An itch.", "--content", str(base))
    assert (done.returncode, "KB312" in done.stderr) == (1, True)


def test_whoever_asks_is_told_the_successor(base: Path, run_kb: Run) -> None:
    shown = run_kb("show", "pruritus", "--content", str(base))
    assert "retired: true" in shown.stdout
    assert "replaced by: itch" in shown.stdout
    for word in ("pruritus", "Pruritus", "term:pruritus"):
        asked = run_kb("query", "side-effects", "-p", f"effect={word}", "--content", str(base))
        assert (asked.returncode, asked.stdout) == (2, "")
        assert "is retired. Use 'itch'." in asked.stderr
    added = run_kb("fact", "add", "--subject", "examplol", "--predicate", "has-side-effect", "--object", "pruritus",
        "--modality", "can", "--evidence", "s1.2", "--content", str(base))  # fmt: skip
    assert "is retired. Use 'itch'." in added.stderr


def test_questions_never_list_a_retired_term(base: Path) -> None:
    compiled = queries.compile_base(pipeline.load(base))
    for name in ("unused-terms", "unmapped-terms"):
        rows = queries.ask(compiled, queries.find_query(compiled, name).text).rows
        assert rows
        assert not [row for row in rows if f"<{OLD}>" in row]


@pytest.mark.allow_hosts(["127.0.0.1"])
def test_pages_of_server_and_site_lead_to_the_successor(base: Path) -> None:
    site = dict(Site(pipeline.load(base)).files())["term/pruritus.html"].decode()
    with serving("--content", str(base)) as server:
        served = server.browse("/term/pruritus").text
    for page in (site, served):
        banner = page.partition("Retired.")[2].partition("</p>")[0]
        assert ">itch</a>" in banner
        assert "No fact names it any more." in banner
