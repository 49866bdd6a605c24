"""Claims as labels and trial tables make them, from text to record, export, answer and table: each is read back by its value."""

from __future__ import annotations

import csv
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import rdflib

from kb import pipeline
from kb.rdf import verifications
from kb.records import strict_yaml

Run = Callable[..., subprocess.CompletedProcess[str]]

TEXT = """Take 10 mg of brelin 2 times per day, at bedtime too, for at most 4 wk.
Nausea occurred in 8.3 % of people (12 of 145) on 10 mg of brelin against 6.5 % on placebo.
Rash may affect up to 1 per 100 people who take brelin.
Brelin is about 10 to 35 cm tall.
Doses of more than 2 g of brelin cause coma.
Brelin was formerly a cure for coma.
Brelin was known in the 1960s, and first made in 2025-11.
Brelin is a cure for coma in people with gout.
"""
_SUBJECT = {"subject": "brelin", "modality": "is"}
FACTS: dict[str, dict[str, Any]] = {
    "regimen": {
        "predicate": "is-taken",
        "object": "therapy",
        "dose": {"value": "10", "unit": "mg"},
        "schedule": {"value": "2", "unit": "/d"},
        "duration": {"at-most": "4", "unit": "wk"},
        "timing": "bedtime",
        "evidence": [{"sentence": "s1.1", "as": {"object": "Take", "predicate": "Take", "schedule": "2 times per day"}}],
    },
    "cell": {
        "predicate": "causes",
        "object": "nausea",
        "dose": {"value": "10", "unit": "mg"},
        "frequency": {"value": "8.3", "unit": "%", "n": 12, "of": 145},
        "comparator": "placebo",
        "against": {"value": "6.5", "unit": "%"},
        "evidence": [{"sentence": "s1.2", "as": {"predicate": "occurred"}}],
    },
    "band": {
        "predicate": "causes",
        "object": "rash",
        "modality": "may",
        "frequency": {"band": "uncommon", "at-most": 1, "per": 100},
        "evidence": [{"sentence": "s1.3", "as": {"predicate": "affect", "frequency": "up to 1 per 100"}}],
    },
    "range": {
        "predicate": "measures",
        "object": {"low": "10", "high": "35", "unit": "cm", "approx": True},
        "evidence": [{"sentence": "s1.4", "as": {"predicate": "tall", "object": "10 to 35 cm"}}],
    },
    "bound": {
        "predicate": "causes",
        "object": "coma",
        "dose": {"more-than": "2", "unit": "g"},
        "evidence": [{"sentence": "s1.5"}],
    },
    "formerly": {"predicate": "treats", "object": "coma", "temporal": "formerly", "evidence": [{"sentence": "s1.6"}]},
    "month": {
        "predicate": "is-dated",
        "object": {"value": "2025-11", "datatype": "xsd:gYearMonth"},
        "evidence": [{"sentence": "s1.7", "as": {"predicate": "first made"}}],
    },
    "decade": {
        "predicate": "is-dated",
        "object": {"value": "196X", "datatype": "edtf:EDTF"},
        "evidence": [{"sentence": "s1.7", "as": {"predicate": "known", "object": "1960s"}}],
    },
}
_TERMS = {"brelin": "drug", "placebo": "drug", "nausea": "symptom", "rash": "symptom", "coma": "symptom", "bedtime": "event"}
_ALL = ["dose", "schedule", "duration", "timing", "frequency", "comparator", "against", "temporal"]
_PREDICATES = {"is-taken": "is taken", "causes": "cause", "measures": "measures", "treats": "cure", "is-dated": "is dated"}
KB, QUDT, RDF = (rdflib.Namespace(each) for each in ("https://w3id.org/linked-kb/ontology#", "http://qudt.org/schema/qudt/", ""))


def run(run_kb: Run, *words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    result = run_kb(*words)
    assert result.returncode == code, result.stderr + result.stdout
    return result


@pytest.fixture
def folder(make_kb: Callable[..., Path], run_kb: Run, tmp_path: Path) -> Path:
    """A knowledge base with these claims, which validates, and whose sentences state them."""
    terms = [{"id": name, "kind": kind, "label": name, "definition": "Made up."} for name, kind in _TERMS.items()]
    terms.append({"id": "therapy", "kind": "action", "label": "therapy", "definition": "Being taken."})
    ends = {"subject": ["drug"], "object": ["symptom", "action", "literal", "quantity"]}
    predicates = [
        {"id": name, "label": label, "definition": "Made up.", **ends, "qualifiers": _ALL, "plain": ["is", "may"]}
        for name, label in _PREDICATES.items()
    ]
    empty = {"documents__leaflet.yaml": None, "facts__leaflet.yaml": None}
    made = make_kb(**{"terms__terms.yaml": terms, "predicates.yaml": predicates, **empty})
    text = tmp_path / "trial.txt"
    text.write_text(TEXT, encoding="utf-8")
    run(run_kb, "document", "add", str(text), "--content", str(made), "--ship", "--license", "CC0-1.0")
    (made / "facts").mkdir(exist_ok=True)
    (made / "facts" / "trial.yaml").write_text(json.dumps([{**_SUBJECT, **fact} for fact in FACTS.values()]), encoding="utf-8")
    return made


def test_they_are_valid_and_their_sentences_state_them(folder: Path, run_kb: Run) -> None:
    assert "no problems" in run(run_kb, "validate", "--content", str(folder), "--shapes", "all").stdout
    result = run(run_kb, "verify", "--content", str(folder))
    assert "dose" not in result.stdout


@pytest.mark.parametrize(("number", "wrong"), [("6.5", "6.6"), ("145", "144"), ("10", "100")])
def test_a_wrong_number_is_found(folder: Path, run_kb: Run, number: str, wrong: str) -> None:
    path = folder / "facts" / "trial.yaml"
    fact = json.loads(path.read_text(encoding="utf-8"))[1]
    path.write_text(json.dumps([json.loads(json.dumps(fact).replace(number, wrong, 1))]), encoding="utf-8")
    result = run(run_kb, "verify", "--content", str(folder), code=1)
    assert f"does not have the number {wrong}" in result.stderr + result.stdout


def test_exports_hold_the_numbers_with_their_units(folder: Path, run_kb: Run, tmp_path: Path) -> None:
    out = tmp_path / "out.ttl"
    run(run_kb, "export", "--content", str(folder), "-o", str(out))
    graph = rdflib.Graph().parse(out)

    def amounts(name: str) -> set[tuple[str, ...]]:
        keys = (QUDT.numericValue, QUDT.minInclusive, QUDT.minExclusive, QUDT.maxInclusive, QUDT.ucumCode, KB["per"], KB["count"])
        return {
            tuple("" if (value := graph.value(node, key)) is None else str(value) for key in keys)
            for node in graph.objects(None, KB[name])
        }

    assert amounts("dose") == {("10", "", "", "", "mg", "", ""), ("", "", "2", "", "g", "", "")}
    assert amounts("schedule") == {("2", "", "", "", "/d", "", "")}
    assert amounts("duration") == {("", "", "", "4", "wk", "", "")}
    assert amounts("frequency") == {("8.3", "", "", "", "%", "", "12"), ("", "", "", "1", "", "100", "")}
    assert amounts("against") == {("6.5", "", "", "", "%", "", "")}
    units = {str(graph.value(node, QUDT.hasUnit)).rpartition("/")[2] for node in graph.objects(None, KB.dose)}
    assert units == {"MilliGM", "GM"}
    assert not [node for triple in graph for node in triple if isinstance(node, rdflib.BNode)]
    for node in set(graph.subjects(rdflib.RDF.type, KB.Quantity)):  # it belongs to one fact, and no plain triple leads to it
        assert len(set(graph.subjects(None, node))) == 1
    plain = {str(obj).rpartition("/")[2] for name in _PREDICATES for obj in graph.objects(None, _predicate(name))}
    assert plain == {"rash", "2025-11", "196X"}


def _predicate(name: str) -> rdflib.URIRef:
    return rdflib.URIRef(f"https://example.org/small/predicate/{name}")


@pytest.mark.parametrize(
    ("over", "under", "expected"),
    [
        ("1500 mg", "", {"more than 2 g"}),
        ("2 g", "", {"more than 2 g"}),
        ("3 g", "", set()),
        ("", "0.02 g", {"10 mg"}),
        ("5 d", "", set()),
        ("", "29 d", {"at most 4 wk"}),
        ("70 per 1000", "", {"8.3 %, 12 of 145"}),
        ("", "2 %", {"uncommon, at most 1 per 100"}),
        ("9 cm", "", {"about 10 to 35 cm"}),
    ],
)
def test_questions_compare_amounts_in_any_unit(folder: Path, run_kb: Run, over: str, under: str, expected: set[str]) -> None:
    limits = [word for name, value in (("over", over), ("under", under)) if value for word in ("-p", f"{name}={value}")]
    result = run(run_kb, "query", "quantities", "--content", str(folder), "-f", "csv", *limits)
    assert {row["quantity"] for row in csv.DictReader(result.stdout.splitlines())} == expected


def test_answers_and_tables_show_every_amount_and_restriction(folder: Path, run_kb: Run, tmp_path: Path) -> None:
    facts = run(run_kb, "query", "facts", "--content", str(folder), "-f", "csv").stdout
    rows = [row["restrictions"] for row in csv.DictReader(facts.splitlines())]
    assert "comparator: placebo; dose: 10 mg" in rows
    assert "dose: 10 mg; duration: at most 4 wk; schedule: 2 /d; timing: bedtime" in rows
    assert "formerly" in "".join(rows)
    run(run_kb, "export", "--content", str(folder), "-o", f"{tmp_path}/tables/", "-f", "csv")
    with (tmp_path / "tables" / "quantities.csv").open(encoding="utf-8") as file:
        amounts = {(row["part"], row["value"], row["unit"], row["n"], row["of"]) for row in csv.DictReader(file)}
    assert ("frequency", "8.3", "%", "12", "145") in amounts
    assert ("dose", "10", "mg", "", "") in amounts
    assert ("object", "", "cm", "", "") in amounts
    with (tmp_path / "tables" / "facts.csv").open(encoding="utf-8") as file:
        cells = {row["object"]: row for row in csv.DictReader(file) if row["object"]}
    assert cells["nausea"]["against"] == "6.5 %"
    assert cells["rash"]["frequency"] == "uncommon, at most 1 per 100"


def test_a_release_has_the_quantities_with_what_their_columns_mean(folder: Path, run_kb: Run, tmp_path: Path) -> None:
    out = tmp_path / "release"
    run(run_kb, "release", str(out), "--content", str(folder))
    run(run_kb, "release", str(out), "--check")
    (file,) = (out / "data").glob("*quantities.csv")
    rows = list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))
    assert {(row["part"], row["value"], row["unit"]) for row in rows} >= {("dose", "10", "mg"), ("schedule", "2", "/d")}
    package = json.loads((out / "datapackage.json").read_text(encoding="utf-8"))
    (fields,) = (each["schema"]["fields"] for each in package["resources"] if each["path"].endswith(file.name))
    assert all(field["description"] and not field["description"].startswith("The slot") for field in fields)


_NOTICE = {"is": "retracted", "since": "2026-05-01", "source": "https://example.org/notice"}


@pytest.fixture
def retracted(folder: Path) -> Path:
    """The same claims, by a document that is retracted and replaced."""
    path = folder / "documents" / "trial.yaml"
    record = strict_yaml.parse(path.read_text(encoding="utf-8"), "trial.yaml").value
    path.write_text(json.dumps({**record, "standing": _NOTICE, "retrieved": "2026-01-31"}), encoding="utf-8")
    later = {**record, "id": "later", "title": "The later trial", "replaces": ["trial"]}
    (folder / "documents" / "later.yaml").write_text(json.dumps(later), encoding="utf-8")
    (folder / "documents" / "later.txt").write_text(TEXT, encoding="utf-8")
    facts = json.loads((folder / "facts" / "trial.yaml").read_text(encoding="utf-8"))
    (folder / "facts" / "later.yaml").write_text(json.dumps([facts[2]]), encoding="utf-8")
    return folder


def test_what_is_retracted_is_told_everywhere_and_denies_nothing(retracted: Path, run_kb: Run, tmp_path: Path) -> None:
    assert "no problems" in run(run_kb, "validate", "--content", str(retracted), "--shapes", "all").stdout
    out = tmp_path / "out.ttl"
    run(run_kb, "export", "--content", str(retracted), "-o", str(out))
    graph = rdflib.Graph().parse(out)
    trial, kept = (
        rdflib.URIRef("https://example.org/small/document/trial"),
        rdflib.URIRef("https://example.org/small/fact/later/brelin/causes/rash"),
    )
    assert {str(obj).rpartition("/")[2] for name in _PREDICATES for obj in graph.objects(None, _predicate(name))} == {"rash"}
    assert graph.value(trial, rdflib.URIRef("http://www.w3.org/ns/adms#status")) == KB.retracted
    assert str(graph.value(trial, KB.standingSince)) == "2026-05-01"
    assert str(graph.value(trial, KB.standingSource)) == _NOTICE["source"]
    facts = set(graph.subjects(rdflib.RDF.type, KB.Fact))
    assert len(facts) == len(FACTS) + 1
    for fact in facts - {kept}:
        assert graph.value(fact, KB.standing) == KB.retracted
        assert "document: retracted" in str(graph.value(fact, KB.restrictions))
        assert "document: retracted" in str(graph.value(fact, rdflib.RDFS.label))
        assert graph.value(fact, KB.polarity) is None
    assert graph.value(kept, KB.restrictions) is None


def test_answers_tables_and_builds_tell_what_is_retracted(retracted: Path, run_kb: Run, tmp_path: Path) -> None:
    answer = run(run_kb, "query", "document-standing", "--content", str(retracted), "-f", "csv").stdout
    rows = list(csv.DictReader(answer.splitlines()))
    assert len(rows) == len(FACTS)
    assert {(row["standing"], row["since"], row["replaced_by"]) for row in rows} == {
        ("retracted", "2026-05-01", "The later trial")
    }
    for name in ("facts", "quantities"):
        answer = run(run_kb, "query", name, "--content", str(retracted), "-f", "csv").stdout
        shown = ["document: retracted" in row["restrictions"] for row in csv.DictReader(answer.splitlines())]
        assert shown.count(False) == 1  # the same claim by the later document
    run(run_kb, "export", "--content", str(retracted), "-o", f"{tmp_path}/tables/", "-f", "csv")
    with (tmp_path / "tables" / "facts.csv").open(encoding="utf-8") as file:
        assert [(row["standing"], row["plain"]) for row in csv.DictReader(file)].count(("retracted", "no")) == len(FACTS)
    for name, words in {"a.nq": ("export",), "b.nq": ("build",), "c.nq": ("build", "--workers", "2")}.items():
        run(run_kb, *words, "--content", str(retracted), "-o", str(tmp_path / name))
    assert len({(tmp_path / name).read_bytes() for name in ("a.nq", "b.nq", "c.nq")}) == 1


def test_what_is_superseded_is_told_and_still_stated(retracted: Path, run_kb: Run, tmp_path: Path) -> None:
    path, out = retracted / "documents" / "trial.yaml", tmp_path / "out.ttl"
    record = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**record, "standing": {"is": "superseded"}}), encoding="utf-8")
    run(run_kb, "validate", "--content", str(retracted), "--shapes", "all")
    run(run_kb, "export", "--content", str(retracted), "-o", str(out))
    graph = rdflib.Graph().parse(out)
    trial, later = (rdflib.URIRef(f"https://example.org/small/document/{name}") for name in ("trial", "later"))
    assert graph.value(trial, rdflib.URIRef("http://www.w3.org/ns/adms#status")) == KB.superseded
    assert graph.value(later, rdflib.DCTERMS.replaces) == trial
    plain = {str(obj).rpartition("/")[2] for name in _PREDICATES for obj in graph.objects(None, _predicate(name))}
    assert plain == {"rash", "2025-11", "196X"}
    fact = rdflib.URIRef("https://example.org/small/fact/trial/brelin/causes/rash")
    assert (graph.value(fact, KB.standing), str(graph.value(fact, KB.restrictions))) == (KB.superseded, "document: superseded")
    answer = run(run_kb, "query", "document-standing", "--content", str(retracted), "-f", "csv").stdout
    assert {(row["standing"], row["replaced_by"]) for row in csv.DictReader(answer.splitlines())} == {
        ("superseded", "The later trial")
    }
    run(run_kb, "export", "--content", str(retracted), "-o", f"{tmp_path}/tables/", "-f", "csv")
    with (tmp_path / "tables" / "facts.csv").open(encoding="utf-8") as file:
        assert [row["standing"] for row in csv.DictReader(file)].count("superseded") == len(FACTS)


def test_a_document_that_is_replaced_is_called_so(retracted: Path, run_kb: Run) -> None:
    path = retracted / "documents" / "trial.yaml"
    record = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({key: value for key, value in record.items() if key != "standing"}), encoding="utf-8")
    result = run(run_kb, "validate", "--content", str(retracted), code=1)
    assert "KB333" in result.stdout + result.stderr


def test_a_result_of_verification_outlives_the_standing_of_its_document(folder: Path, run_kb: Run) -> None:
    run(run_kb, "verify", "--content", str(folder), "--record")
    path = folder / "documents" / "trial.yaml"
    record = strict_yaml.parse(path.read_text(encoding="utf-8"), "trial.yaml").value
    path.write_text(json.dumps({**record, "standing": {"is": "superseded"}}), encoding="utf-8")
    kb = pipeline.load(folder)
    assert sum(len(document.verified) for document in verifications.with_current_results(kb)) == len(FACTS)
    assert sum("standing" in fact.qualifiers for fact in kb.stated_facts()) == len(FACTS)


_OVERLAP = {"band": "uncommon", "less-than": 2, "per": 100}


@pytest.mark.parametrize(
    ("other", "is_contested"),
    [
        ({"band": "uncommon", "at-most": 1, "per": 100}, False),
        (_OVERLAP, False),
        ({"value": "0.5", "unit": "%"}, False),
        ({"low": 5, "high": 8, "unit": "%"}, True),
        ("uncommon", False),
        ("rare", True),
    ],
)
@pytest.mark.parametrize("engine", ["oxigraph", "rdflib"])
def test_numbers_are_contested_if_they_do_not_overlap(
    retracted: Path, run_kb: Run, other: object, engine: str, *, is_contested: bool
) -> None:
    path = retracted / "facts" / "later.yaml"
    (fact,) = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps([{**fact, "frequency": other}]), encoding="utf-8")
    answer = run(run_kb, "query", "contested", "--content", str(retracted), "-f", "csv", "--engine", engine).stdout
    rows = list(csv.DictReader(answer.splitlines()))
    assert len(rows) == is_contested
    assert all("document: retracted" in row["restrictions"] + row["other_restrictions"] for row in rows)


@pytest.mark.parametrize("name", ["condition", "population"])
def test_a_disease_is_a_condition_and_a_population(folder: Path, run_kb: Run, tmp_path: Path, name: str) -> None:
    terms, facts = folder / "terms" / "more.yaml", folder / "facts" / "trial.yaml"
    disease = {"id": "gout", "kind": "condition", "label": "gout", "definition": "Made up."}
    terms.write_text(json.dumps([disease]), encoding="utf-8")
    path = folder / "predicates.yaml"
    predicates = [{**each, "qualifiers": [*_ALL, name]} for each in json.loads(path.read_text(encoding="utf-8"))]
    path.write_text(json.dumps(predicates), encoding="utf-8")
    record = {**_SUBJECT, "predicate": "treats", "object": "coma", name: "gout", "evidence": [{"sentence": "s1.8"}]}
    facts.write_text(json.dumps([record]), encoding="utf-8")
    run(run_kb, "validate", "--content", str(folder), "--shapes", "all")
    out = tmp_path / "out.ttl"
    run(run_kb, "export", "--content", str(folder), "-o", str(out))
    graph = rdflib.Graph().parse(out)
    (fact,) = graph.subjects(rdflib.RDF.type, KB.Fact)
    assert str(graph.value(fact, KB[name])).endswith("/term/gout")
    assert f"{name}: gout" in str(graph.value(fact, KB.restrictions))
    assert not [quad for quad in graph if quad[1] == _predicate("treats")]
