"""Kinds and qualifiers that a knowledge base declares itself, from records to every export, read back by value."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
import rdflib
import yaml
from pyld import jsonld
from rdflib import RDF, RDFS, SKOS

import kb
from kb import pipeline, resources
from kb.checks import json_schema
from kb.exit_codes import CONTENT
from kb.model import KnowledgeBase, Record
from kb.problems import Place
from kb.queries import compiled_cache
from kb.rdf.iris import KB
from kb.schema import composition, vocabulary
from tests.server.client import serving

RunKb = Callable[..., Any]
FOLDER = resources.example("tessera")
BASE = "https://example.org/tessera/"
OWN = rdflib.Namespace(f"{BASE}vocabulary/")
WORDS = rdflib.Namespace(KB)
PARALLEL = rdflib.URIRef(f"{BASE}fact/guide/tessera/offers/parallel-cutting/in-version/version-3")
PREVIEWS = rdflib.URIRef(f"{BASE}fact/guide/tessera/offers/previews")


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """A copy of the example, which a test may change."""
    return Path(shutil.copytree(FOLDER, tmp_path / "kb"))


@pytest.fixture
def base() -> KnowledgeBase:
    return pipeline.load(FOLDER)


def _term(name: str) -> rdflib.URIRef:
    return rdflib.URIRef(f"{BASE}term/{name}")


def _predicate(name: str) -> rdflib.URIRef:
    return rdflib.URIRef(f"{BASE}predicate/{name}")


@pytest.mark.parametrize(("fmt", "parser"), [("turtle", "turtle"), ("rdfxml", "xml"), ("ntriples", "nt"), ("jsonld", "json-ld")])
def test_rdf_says_what_own_words_mean_and_which_facts_have_them(base: KnowledgeBase, fmt: str, parser: str) -> None:
    graph = rdflib.Graph().parse(data=pipeline.export(base, fmt), format=parser)
    assert graph.value(PARALLEL, OWN.maturity) == OWN.experimental
    assert graph.value(PARALLEL, OWN["in-version"]) == _term("version-3")
    assert str(graph.value(PARALLEL, WORDS.restrictions)) == "in version: version 3"
    assert str(graph.value(graph.value(PREVIEWS, OWN.runtime), SKOS.prefLabel)) == "300 ms"
    assert (_term("tessera"), RDF.type, OWN.Library) in graph
    assert (OWN.Library, RDFS.subClassOf, OWN.Software) in graph
    assert (OWN.Software, RDFS.subClassOf, WORDS.Concept) in graph
    assert (OWN.Software, SKOS.closeMatch, rdflib.URIRef("https://schema.org/SoftwareApplication")) in graph
    assert (OWN.experimental, SKOS.inScheme, OWN["maturity-values"]) in graph
    assert str(graph.value(OWN.experimental, SKOS.definition)) == "Not settled yet."
    assert (OWN["in-version"], RDF.type, WORDS.RestrictingQualifier) in graph
    assert (OWN.maturity, RDF.type, WORDS.RestrictingQualifier) not in graph


def test_an_own_qualifier_that_restricts_keeps_a_fact_off_plain_triples(base: KnowledgeBase) -> None:
    plain = rdflib.Graph().parse(data=pipeline.export(base, "turtle", "plain"), format="turtle")
    offered = {str(feature).rpartition("/")[2] for feature in plain.objects(_term("tessera"), _predicate("offers"))}
    assert offered == {"command-line", "previews", "folder-support"}


def test_several_and_hedged_values_of_own_qualifiers_fit_the_shapes(run_kb: RunKb, content: Path) -> None:
    """Names of own words can have hyphens and digits, which those of the packages do not have."""
    terms, facts = content / "terms" / "terms.yaml", content / "facts" / "guide.yaml"
    extra = "\n- {id: version-2, kind: version, label: version 2, definition: The second version.}\n"
    terms.write_text(terms.read_text(encoding="utf-8") + extra, encoding="utf-8")
    text = facts.read_text(encoding="utf-8")
    for old, new in (
        (
            "  in-version: version-3\n  maturity: experimental",
            "  in-version: {any-of: [version-2, version-3]}\n  maturity: experimental",
        ),
        ("      supports: [maturity]\n", "      supports: [maturity]\n      modality: usually\n"),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    facts.write_text(text.replace("maturity", "ripe-2"), encoding="utf-8")
    for path in (content / "kb.yaml", content / "predicates.yaml"):
        path.write_text(path.read_text(encoding="utf-8").replace("maturity", "ripe-2"), encoding="utf-8")
    done = run_kb("validate", "--shapes", "all", "--content", str(content))
    assert {line.split()[1] for line in done.stdout.splitlines() if " KB" in line} <= {
        "KB442",
        "KB443",
        "KB444",
    }  # the text says less
    graph = rdflib.Graph().parse(data=pipeline.export(content), format="turtle")
    (group,) = graph.subjects(rdflib.RDF.type, WORDS.AnyOf)
    assert set(graph.objects(group, WORDS.member)) == {_term("version-2"), _term("version-3")}
    (hedged,) = graph.subjects(rdflib.RDF.type, WORDS.HedgedValue)
    assert (graph.value(hedged, rdflib.RDF.value), graph.value(hedged, WORDS.modality)) == (OWN.experimental, WORDS.usually)


def test_a_json_ld_processor_reads_records_by_the_context_of_the_base(base: KnowledgeBase) -> None:
    fact = {"@id": "f", "@type": "Fact", "maturity": "stable", "in-version": "version-3"}
    expanded = jsonld.expand({"@context": [{"@base": BASE}, vocabulary.context()], **fact})[0]
    assert expanded[f"{OWN}maturity"] == [{"@id": f"{OWN}stable"}]
    assert expanded[f"{OWN}in-version"] == [{"@id": f"{BASE}term/version-3"}]
    term = jsonld.expand({"@context": [{"@base": BASE}, vocabulary.context()], "@id": "t", "@type": "Term", "kind": "library"})[0]
    assert f"{OWN}Library" in json.dumps(term)
    assert base.dataset.vocabulary


def test_tables_and_graphs_have_columns_of_own_qualifiers(run_kb: RunKb, tmp_path: Path) -> None:
    for fmt in ("csv", "kgx"):
        assert run_kb("export", "-f", fmt, "-o", f"{tmp_path / fmt}/", "--content", str(FOLDER)).returncode == 0
    rows = csv.DictReader((tmp_path / "csv" / "facts.csv").read_text(encoding="utf-8").splitlines())
    values = {(row["object"], row["maturity"], row["in-version"], row["runtime"]) for row in rows}
    assert {("parallel-cutting", "experimental", "version-3", ""), ("previews", "", "", "300 ms")} <= values
    terms = csv.DictReader((tmp_path / "csv" / "terms.csv").read_text(encoding="utf-8").splitlines())
    assert {row["kind"] for row in terms if row["term"] == "gdal"} == {"library"}
    edges = [json.loads(line) for line in (tmp_path / "kgx" / "tessera_edges.jsonl").read_text(encoding="utf-8").splitlines()]
    ends = {(edge["object"].rpartition(":")[2], edge.get("negated", False)) for edge in edges}
    assert {("command-line", False), ("previews", False), ("linux", False), ("windows", True)} <= ends
    assert not {("parallel-cutting", False), ("cairo", False)} & ends, "the claim holds in a version, or formerly, alone"


def test_questions_are_answered_by_own_words(run_kb: RunKb) -> None:
    done = run_kb("query", "features", "-p", "maturity=stable", "-f", "csv", "--content", str(FOLDER))
    assert [row["feature"] for row in csv.DictReader(io.StringIO(done.stdout))] == ["command line"]
    text = "SELECT ?fact { ?fact vocab:in-version term:version-3 }"
    assert [row[0] for row in kb.ask(pipeline.load(FOLDER), text).rows] == [f"<{PARALLEL}>"]
    shown = run_kb("show", "parallel-cutting", "--content", str(FOLDER))
    assert "A guide to Tessera, s1.7: maturity" in shown.stdout
    explained = run_kb("query", "features", "-p", "maturity=experimental", "--explain", "--content", str(FOLDER))
    assert "A guide to Tessera, s1.6, s1.7" in explained.stdout
    listed = run_kb("query", "--content", str(FOLDER)).stdout
    assert "features" in listed
    assert "side-effects" not in listed


def test_cues_of_own_values_are_looked_for(run_kb: RunKb, content: Path) -> None:
    assert run_kb("verify", "--content", str(FOLDER)).returncode == 0
    facts = content / "facts" / "guide.yaml"
    facts.write_text(facts.read_text(encoding="utf-8").replace("maturity: stable", "maturity: obsolete"), encoding="utf-8")
    done = run_kb("verify", "--content", str(content))
    assert done.returncode == CONTENT
    assert "KB442 tessera/offers/command-line: s1.8 says 'stable' of it, not the maturity 'obsolete'" in done.stderr + done.stdout
    words = content / "kb.yaml"
    words.write_text(re.sub(r", cues: \{.*?\}(?=\})", "", words.read_text(encoding="utf-8")), encoding="utf-8")
    unchecked = run_kb("verify", "--content", str(content))
    assert "KB442" not in unchecked.stderr + unchecked.stdout
    assert "skipped" in unchecked.stdout


def test_commands_offer_own_words(run_kb: RunKb, content: Path) -> None:
    own = ("--content", str(content))
    refused = run_kb("term", "add", "hatching", "--kind", "featur", "--definition", "Drawing with lines.", *own)
    assert "'feature'" in refused.stderr
    assert "'drug'" not in refused.stderr
    assert run_kb("term", "add", "hatching", "--kind", "feature", "--definition", "Drawing with lines.", *own).returncode == 0
    parts = ("--subject", "tessera", "--predicate", "offers", "--object", "hatching", "--modality", "is", "--evidence", "s1.8")
    added = run_kb("fact", "add", "--document", "guide", *parts, "--maturity", "stable", "--in-version", "version-3", *own)
    assert "Written" in added.stderr + added.stdout
    fact = next(fact for fact in pipeline.load(content).facts if fact.object == "hatching")
    assert (fact.path, fact.qualifiers["maturity"]) == ("fact/guide/tessera/offers/hatching/in-version/version-3", "stable")
    assert "--severity" in run_kb("fact", "add", "--help", "--content", str(resources.starter())).stdout
    assert "--severity" not in run_kb("fact", "add", "--help", *own).stdout


def test_editors_get_own_words(run_kb: RunKb, content: Path) -> None:
    assert run_kb("schema", "--content", str(content)).returncode == 0
    schema = json.loads((content / "schemas" / "facts-guide.schema.json").read_text(encoding="utf-8"))
    assert [value["const"] for value in schema["$defs"]["maturity"]["oneOf"]] == ["stable", "experimental", "obsolete"]
    versions = schema["$defs"]["record"]["properties"]["in-version"]["anyOf"][0]["$ref"].rpartition("/")[2]
    assert [term["const"] for term in schema["$defs"][versions]["oneOf"]] == ["version-3"]


def test_a_release_has_own_words_and_passes_its_check(run_kb: RunKb, tmp_path: Path) -> None:
    assert run_kb("release", str(tmp_path / "r"), "--content", str(FOLDER)).returncode == 0
    checked = run_kb("release", "--check", str(tmp_path / "r"))
    assert checked.returncode == 0, checked.stderr
    context = json.loads((tmp_path / "r" / "schemas" / "context.jsonld").read_text(encoding="utf-8"))["@context"]
    assert context["Fact"]["@context"]["maturity"]["@id"] == f"{OWN}maturity"
    shapes = rdflib.Graph().parse(tmp_path / "r" / "schemas" / "shapes.ttl", format="turtle")
    assert (None, rdflib.SH.path, OWN["in-version"]) in shapes


def test_bases_with_other_words_do_not_mix() -> None:
    own, shipped = pipeline.load(FOLDER), pipeline.load(resources.starter())
    before = {one.folder: pipeline.export(one, "nquads") for one in (own, shipped)}
    assert {one.folder: pipeline.export(one, "nquads") for one in (shipped, own)} == before
    assert "vocabulary/" not in before[resources.starter()].replace("graph/vocabulary", "")


def test_the_published_schemas_are_made_of_all_packages() -> None:
    words = composition.merge_words(composition.PACKAGES)
    for kind in composition.COMPOSED:
        assert composition.compose_schema(kind, resources.schema(kind), words) == resources.schema(kind)


@pytest.mark.parametrize("name", composition.PACKAGES)
def test_packages_fit_the_schema_of_own_words(name: str) -> None:
    path = Path(str(composition.__file__)).parent / "packages" / f"{name}.yaml"
    package = yaml.safe_load(path.read_text(encoding="utf-8"))
    package.pop("questions", None)
    assert all(package.values())
    for entry in (*package["kinds"].values(), *package["qualifiers"].values()):
        for key in ("before", "list"):  # the place among the words of other packages, and what the published schemas call a list
            entry.pop(key, None)
    about = yaml.safe_load((FOLDER / "kb.yaml").read_text(encoding="utf-8"))
    assert not list(json_schema.check(Record("kb", {**about, "vocabulary": package}, Place("kb.yaml"))))
    next(iter(package["kinds"].values()))["sort"] = "x"
    assert not json_schema.accepts("kb", {**about, "vocabulary": package})


def read_graphml(folder: Path) -> set[tuple[Any, ...]]:
    graph = nx.read_graphml(next(folder.rglob("*.graphml")), force_multigraph=True)
    return {(graph.nodes[end]["label"], data.get("maturity"), data.get("in-version")) for _, end, data in graph.edges(data=True)}


def read_neo4j(folder: Path) -> set[tuple[Any, ...]]:
    nodes, edges = (
        list(csv.DictReader(next(folder.rglob(f"{name}.csv")).read_text(encoding="utf-8").splitlines()))
        for name in ("nodes", "edges")
    )
    labels = {row["id:ID"]: row["name"] for row in nodes}
    return {(labels[row[":END_ID"]], row["maturity"] or None, row["in-version"] or None) for row in edges}


@pytest.mark.parametrize(("fmt", "read"), [("graphml", read_graphml), ("neo4j", read_neo4j)])
def test_property_graphs_have_own_qualifiers(
    fmt: str, read: Callable[[Path], set[tuple[Any, ...]]], run_kb: RunKb, tmp_path: Path
) -> None:
    assert run_kb("export", "-f", fmt, "-o", f"{tmp_path}/{fmt}/", "--content", str(FOLDER)).returncode == 0
    version = str(_term("version-3"))
    expected = {("cutting in parallel", "experimental", version), ("command line", "stable", None), ("GeoTIFF", None, None)}
    assert expected <= read(tmp_path / fmt)


def test_nanopublications_state_own_qualifiers(base: KnowledgeBase) -> None:
    graph = rdflib.Dataset(default_union=True)
    graph.parse(data=pipeline.export(base, "trig", "nanopubs"), format="trig")
    assert (PARALLEL, OWN.maturity, OWN.experimental) in graph
    assert (PARALLEL, OWN["in-version"], _term("version-3")) in graph


@pytest.mark.parametrize("workers", ["1", "2"])
def test_builds_have_the_bytes_of_the_export(workers: str, base: KnowledgeBase, run_kb: RunKb, tmp_path: Path) -> None:
    done = run_kb("build", "-o", str(tmp_path / "x.nq"), "--workers", workers, "--content", str(FOLDER))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "x.nq").read_text(encoding="utf-8") == pipeline.export(base, "nquads")


def test_a_difference_between_two_vocabularies_is_told_by_fact(run_kb: RunKb, content: Path) -> None:
    for file in (content / "kb.yaml", content / "facts" / "guide.yaml"):
        text = file.read_text(encoding="utf-8").replace("        obsolete:", "        outgoing:")
        file.write_text(text.replace("maturity: obsolete", "maturity: outgoing"), encoding="utf-8")
    done = run_kb("diff", str(FOLDER), str(content), "-f", "json")
    assert "obsolete" in done.stdout
    assert "outgoing" in done.stdout
    assert "0 added, 0 removed, 1 changed" in run_kb("diff", str(FOLDER), str(content)).stdout


def test_a_living_store_follows_a_change_of_own_words(run_kb: RunKb, content: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled_cache, "LEAST_SIZE", 0)
    monkeypatch.setenv("XDG_CACHE_HOME", str(content.parent / "cache"))
    question = "SELECT ?words { vocab:experimental skos:definition ?words }"

    def ask() -> str:
        return str(run_kb("query", "-e", question, "-f", "csv", "--content", str(content)).stdout)

    assert "Not settled yet." in ask()
    path = content / "kb.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("Not settled yet.", "It may change."), encoding="utf-8")
    assert "It may change." in ask()
    fact: dict[str, Any] = {"document": "guide", "subject": "tessera", "predicate": "offers", "object": "cache", "modality": "is"}
    fact |= {"maturity": "stable", "evidence": [{"sentence": "s1.14"}]}
    (content / "facts" / "more.yaml").write_text(json.dumps([fact]), encoding="utf-8")
    features = run_kb("query", "features", "-p", "maturity=stable", "-f", "csv", "--content", str(content)).stdout
    assert {row["feature"] for row in csv.DictReader(io.StringIO(features))} == {"command line", "cache"}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("packages: [core]", "packages: [core, music]", "KB204"),
        ("    software:\n", "    event:\n", "KB337 'event' is a kind already."),
        ("superclass: property", "superclass: propperty", "KB337 There is no kind 'propperty'. Did you mean 'property'?"),
        ("    maturity:\n", "    evidence:\n", "KB337 'evidence' is a key of records or tables already."),
        ("    maturity:\n", "    severity:\n", "KB337 'severity' is a qualifier already."),
        ("        stable:", "        mild:", "KB337 'mild' is a value of 'severity' already."),
        ("    maturity:\n", "    '../x':\n", "KB20"),
        ("kinds: [version]}", "values: {}}", "KB20"),
        (
            "kinds: [version]}",
            "kinds: [version], units: [s]}",
            "KB337 'in-version' takes both terms and quantities.",
        ),
        (", kinds: [version]}", "}", "KB337 Nothing says what 'in-version' takes."),
        ("units: [s]", "units: [fortnights]", "KB337"),
        ("en: [stable]", "en: ['--']", "KB337 The cue has no letter or digit"),
        ("schema:SoftwareApplication", "scheme:SoftwareApplication", "KB337 The prefix 'scheme'"),
        ("      superclass: software\n", "      superclass: library\n", "KB337 'library' is below itself."),
    ],
)
def test_a_bad_declaration_is_one_problem_with_its_place(run_kb: RunKb, content: Path, old: str, new: str, message: str) -> None:
    path = content / "kb.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    done = run_kb("validate", "--content", str(content))
    problems = [line for line in (done.stdout + done.stderr).splitlines() if " KB" in line]
    assert done.returncode == CONTENT
    assert all(re.match(rf"{re.escape(str(path))}:\d+:\d+: ", line) for line in problems), problems
    assert any(message in line for line in problems), problems


def test_a_word_that_is_removed_under_facts_is_a_problem_of_these(run_kb: RunKb, content: Path) -> None:
    path = content / "kb.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("        stable:", "        steady:"), encoding="utf-8")
    done = run_kb("validate", "--content", str(content))
    assert done.returncode == CONTENT
    assert re.search(r"facts/guide\.yaml:\d+:\d+: KB204 .*stable", done.stdout + done.stderr)


def test_the_pages_of_a_site_name_own_words(run_kb: RunKb, tmp_path: Path) -> None:
    assert run_kb("site", str(tmp_path / "site"), "--content", str(FOLDER)).returncode == 0
    listed = (tmp_path / "site" / "ontology.html").read_text(encoding="utf-8")
    assert "Not settled yet." in listed
    assert 'id="maturity"' in listed
    word = (tmp_path / "site" / "vocabulary" / "Library.html").read_text(encoding="utf-8")
    assert "Software that other software uses." in word
    assert 'href="../vocabulary/Software.html"' in word
    assert 'href="../vocabulary/stable.html"' in (tmp_path / "site" / "vocabulary" / "maturity-values.html").read_text("utf-8")
    assert 'href="../vocabulary/maturity-values.html"' in (tmp_path / "site" / "vocabulary" / "maturity.html").read_text("utf-8")


@pytest.mark.allow_hosts(["127.0.0.1"])
def test_a_server_answers_for_the_iris_of_own_words() -> None:
    with serving("--content", str(FOLDER)) as server:
        page = server.browse("/vocabulary/experimental")
        assert (page.status, page.kind) == (200, "text/html")
        assert "Not settled yet." in page.text
        for kind in ("text/turtle", "application/ld+json"):
            graph = rdflib.Graph().parse(data=server.get("/vocabulary/Library", Accept=kind).text, format=kind)
            assert (OWN.Library, RDFS.subClassOf, OWN.Software) in graph
            assert str(graph.value(OWN.Library, SKOS.definition)) == "Software that other software uses."
        graph = rdflib.Graph().parse(data=server.get("/vocabulary/maturity-values", Accept="text/turtle").text, format="turtle")
        assert set(graph.subjects(SKOS.inScheme)) == {OWN.stable, OWN.experimental, OWN.obsolete}
        assert server.get("/vocabulary/no-word", Accept="text/turtle").status == 404


def test_a_base_without_medicine_compares_quantities(run_kb: RunKb, content: Path) -> None:
    done = run_kb("query", "quantities", "--content", str(content), "-f", "csv")
    assert done.returncode == 0, done.stderr
    assert run_kb("query", "drugs-for-condition", "--content", str(content)).returncode != 0
