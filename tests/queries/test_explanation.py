"""Explanations: the facts that each row rests on, in words, with their sentences, and what cannot be determined."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kb import pipeline, queries, resources
from kb.queries import Compiled
from kb.queries import explanation as explanation_module
from kb.queries.explanation import Explanation, explain
from kb.queries.fact_reader import FactReader
from kb.queries.query_run import Session
from kb.rdf.iris import RDF
from kb.sparql import guard, projection
from kb.sparql.values import Answer

TWO = Path(__file__).parent / "two-documents"


@pytest.fixture(scope="module")
def two() -> Compiled:
    return queries.compile_base(pipeline.load(TWO))


def explained(base: Compiled, text: str) -> Explanation:
    return Session(base).answer(queries.parse_query(text, Path("q.rq")), {}).explain()


def wording(explanation: Explanation) -> list[list[str]]:
    return [[f"{fact.says} | {fact.document} {' '.join(fact.sentences)}" for fact in facts] for facts in explanation.support]


FACT = "velaril has side effect low mood (may) | The review s1.2"


_ABOUT = "?fact rdf:subject ?drug ; rdf:object term:low-mood ; kb:modality kb:may"


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?fact { ?fact rdf:subject term:velaril ; rdf:object term:low-mood }",
        "SELECT ?drug { ?fact rdf:subject ?drug ; rdf:object term:low-mood ; rdf:predicate pred:has-side-effect }",
        f"SELECT DISTINCT ?drug {{ {_ABOUT} }} LIMIT 5",
        f"SELECT ?drug (COUNT(?fact) AS ?n) {{ {_ABOUT} }} GROUP BY ?drug",
        "SELECT (CONCAT('x', STR(?drug)) AS ?name) { ?fact rdf:subject ?drug ; rdf:object term:low-mood ; kb:modality kb:may }",
        "SELECT * { ?fact rdf:subject ?drug ; rdf:object term:low-mood ; kb:modality kb:may FILTER NOT EXISTS { ?x a ?fact } }",
        "SELECT ?drug { ?drug pred:has-side-effect term:low-mood }",
        f"SELECT ?s {{ {_ABOUT} ; kb:evidence ?piece . ?piece oa:hasTarget ?s }} ORDER BY ?s",
        "SELECT ?piece { ?piece oa:hasTarget <document/review/s1.2> }",
        f"PREFIX p: <http://e.org/> SELECT ?x {{ {_ABOUT} BIND(p:a AS ?x) }} VALUES ?drug {{ term:velaril }}",
    ],
)
def test_a_row_is_supported_by_the_facts_of_its_solutions_whatever_it_selects(text: str, two: Compiled) -> None:
    explanation = explained(two, text)
    assert wording(explanation) == [[FACT]]
    assert explanation.unknown == ()


def test_an_explanation_has_restrictions_and_all_sentences(two: Compiled) -> None:
    explanation = explained(two, "SELECT ?f { ?f rdf:subject term:velaril ; rdf:object ?o ; kb:frequency/rdf:value kb:common }")
    assert wording(explanation) == [
        ["velaril has side effect itching (can; frequency: usually common; severity: usually mild) | The leaflet s1.2 s1.3"]
    ]
    explanation = explained(two, "SELECT ?f { ?f kb:polarity kb:negated }")
    assert wording(explanation) == [["denied: velaril has side effect sneezing (can) | The review s1.1"]]
    explanation = explained(two, "SELECT ?f { ?f kb:trigger term:slow-stop }")
    assert wording(explanation) == [["velaril has withdrawal symptom shaking (may; trigger: slow stop) | The leaflet s1.4"]]


def test_answers_of_every_form_are_explained(two: Compiled) -> None:
    truth = explained(two, "ASK { ?drug pred:has-side-effect term:low-mood }")
    assert wording(truth) == [[FACT]]
    assert explained(two, "ASK { term:velaril pred:has-side-effect term:none }").support == ()
    graph = explained(
        two, "CONSTRUCT { ?drug <urn:may-cause> ?x } WHERE { ?f rdf:subject ?drug ; rdf:object ?x ; kb:modality kb:may }"
    )
    low_mood = next(index for index, triple in enumerate(graph.answer.triples) if "low-mood" in triple[2])
    assert wording(graph)[low_mood] == [FACT]
    assert all(wording(graph))
    short = explained(two, "CONSTRUCT WHERE { ?drug pred:has-side-effect term:low-mood }")
    assert wording(short) == [[FACT]]
    described = explained(two, f"DESCRIBE <{two.names.base}fact/review/velaril/has-side-effect/low-mood>")
    assert {words for row in wording(described) for words in row} == {FACT}


def test_an_explanation_is_the_same_in_batches_of_any_size_and_of_a_part(two: Compiled) -> None:
    asked = Session(two).answer(queries.find_query(two, "facts"), {})
    whole = asked.explain()
    session = Session(two)
    small = explain(two.names, asked.sparql, asked.answer, FactReader(session.run, 1_500))
    assert whole.support == small.support
    assert all(whole.support)
    part = asked.explain(asked.answer._replace(rows=asked.answer.rows[2:4]))
    assert part.support == whole.support[2:4]


def test_queries_that_explain_are_not_held_to_the_limit_for_users(two: Compiled) -> None:
    lengths: list[int] = []

    def run(text: str) -> Answer:
        lengths.append(len(text))
        return Session(two).run(text)

    facts = [
        f"<{two.names.base}fact/review/velaril/has-side-effect/low-mood>",
        *(f"<urn:fact/{'x' * 90}/{n}>" for n in range(900)),
    ]
    assert list(FactReader(run).read(facts)) == facts[:1]
    assert max(lengths) > guard.MAX_LENGTH


def test_groups_rest_on_all_their_facts(two: Compiled) -> None:
    explanation = explained(two, "SELECT ?p (COUNT(*) AS ?n) { ?f rdf:predicate ?p ; rdf:subject term:ozarine } GROUP BY ?p")
    assert [len(row) for row in explanation.support] == [1, 1, 1]
    total = explained(two, "SELECT (COUNT(?f) AS ?n) { ?f rdf:subject term:ozarine }")
    assert [len(row) for row in total.support] == [3]


def test_a_plain_triple_stands_for_facts_without_restriction_alone(two: Compiled) -> None:
    explanation = explained(two, "SELECT ?x { term:tomiprane pred:has-side-effect ?x }")
    assert wording(explanation) == [["tomiprane has side effect itching (can; frequency: common) | The leaflet s1.6"]]
    explanation = explained(two, "SELECT ?x { term:tomiprane ?p ?x FILTER(?x = term:restlessness) }")
    assert wording(explanation) == [["tomiprane alleviates restlessness (is) | The leaflet s1.6"]]


SNEEZING = "velaril has side effect sneezing (can) | The leaflet s1.2"
ITCHING = "tomiprane has side effect itching (can; frequency: common) | The leaflet s1.6"


@pytest.mark.parametrize(
    ("pattern", "support"),
    [
        # velaril can interact with tomiprane, which is not asked
        ("?a pred:has-side-effect term:sneezing . ?b pred:has-side-effect term:itching", [ITCHING, SNEEZING]),
        ("?a pred:has-side-effect term:sneezing ; pred:has-side-effect ?x FILTER(?x = term:sneezing)", [SNEEZING]),
        ("?b pred:has-side-effect term:itching, ?x", [ITCHING]),
        ("?b ?p term:itching . FILTER NOT EXISTS { ?b pred:has-side-effect term:x } BIND(?b AS ?c) ?b a kb:Drug", [ITCHING]),
        ("OPTIONAL { ?b pred:has-side-effect term:itching MINUS { ?b a kb:Term ; a ?b } }", [ITCHING]),
        ("{ SELECT * { ?b pred:has-side-effect term:itching } } ?b a kb:Drug", [ITCHING]),
    ],
)
def test_a_plain_fact_supports_a_row_only_by_a_triple_pattern(pattern: str, support: list[str], two: Compiled) -> None:
    text = f"SELECT * {{ {pattern} }} VALUES (?a ?b) {{ (term:velaril term:tomiprane) }}"
    assert [sorted(row) for row in wording(explained(two, text))] == [support]


@pytest.mark.parametrize(
    "pattern",
    [
        "?a pred:has-side-effect/skos:prefLabel ?x FILTER(?a = term:tomiprane)",
        "VALUES (?a ?x) { (term:tomiprane term:itching) } ?a pred:has-side-effect|pred:alleviates ?x",
        "{ SELECT ?a (COUNT(*) AS ?n) { ?a pred:has-side-effect term:itching } GROUP BY ?a } VALUES ?x { term:itching }",
        "{ SELECT ?a { ?a pred:has-side-effect ?x } ORDER BY ?x LIMIT 1 } ?x skos:prefLabel 'itching'@en",
        "VALUES (?a ?x) { (term:tomiprane term:itching) } FILTER(EXISTS { ?a pred:has-side-effect ?x })",
    ],
)
def test_no_reason_is_given_where_the_triples_are_hidden(pattern: str, two: Compiled) -> None:
    explanation = explained(two, f"SELECT ?a ?x {{ {pattern} }}")
    assert explanation.support
    assert not any(explanation.support)
    assert "cannot be determined" in explanation.unknown[-1]


def test_the_predicate_decides_between_facts_about_the_same_terms(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(TWO, tmp_path / "base"))
    facts = folder / "facts" / "leaflet.yaml"
    restricted = "object: restlessness, modality: can, population: older-people"
    facts.write_text(facts.read_text("utf-8").replace(restricted, "object: restlessness, modality: can"), "utf-8")
    base = queries.compile_base(pipeline.load(folder))
    for predicate, words in (
        ("alleviates", "alleviates restlessness (is)"),
        ("has-side-effect", "has side effect restlessness (can)"),
    ):
        text = f"SELECT ?o {{ term:tomiprane pred:{predicate} ?o FILTER(?o = term:restlessness) }}"
        assert wording(explained(base, text)) == [[f"tomiprane {words} | The leaflet s1.6"]]


def test_a_count_rests_on_the_facts_that_it_counts_also_in_a_subquery(two: Compiled) -> None:
    explanation = Session(two).answer(queries.find_query(two, "effects-by-drugs"), {}).explain()
    facts = {row["row"]["effect"]: [fact["says"] for fact in row["facts"]] for row in explanation.rows}
    counts = {
        row["row"]["effect"]: [int(row["row"][name]) for name in ("drugs", "restricted", "denied")] for row in explanation.rows
    }
    assert facts["low mood"] == ["velaril has side effect low mood (may)"]
    assert {says.partition(" has side effect ")[2].partition(" (")[0] for says in facts["itching"]} == {"itching"}
    assert [sum("denied: " in says for says in facts[effect]) > 0 for effect in facts] == [
        counts[effect][2] > 0 for effect in facts
    ]
    assert explanation.unknown == ()


@pytest.mark.parametrize("name", ["effects-by-drugs", "predicate-use", "hedge-counts", "evidence-types"])
def test_every_count_of_facts_names_them(name: str, two: Compiled) -> None:
    explanation = Session(two).answer(queries.find_query(two, name), {}).explain()
    assert explanation.support
    assert all(explanation.support)
    assert explanation.unknown == ()


@pytest.mark.parametrize(
    "inner",
    [
        "SELECT ?d { ?f rdf:subject ?d } LIMIT 1",  # may have counted another one
        "SELECT ?d (1 AS ?one) { ?f rdf:subject ?d }",
        "SELECT ?d { ?f rdf:subject ?d } GROUP BY ?d",
        "SELECT ?d { ?x rdf:subject ?d }",  # ?x means something else outside
    ],
)
def test_a_count_over_a_subquery_of_another_form_names_no_fact(inner: str, two: Compiled) -> None:
    explanation = explained(two, f"SELECT (COUNT(?d) AS ?n) {{ {{ {inner} }} OPTIONAL {{ ?d skos:altLabel ?x }} }}")
    assert explanation.support == ((),)
    assert "cannot be determined" in explanation.unknown[-1]


def test_the_facts_of_a_row_are_named_up_to_a_number_and_then_counted(two: Compiled, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explanation_module, "_MAX_FACTS", 2)
    explanation = explained(two, "SELECT (COUNT(?f) AS ?n) { ?f rdf:subject term:ozarine }")
    assert [len(row) for row in explanation.support] == [2]
    assert explanation.omitted == (1,)
    assert "    (and 1 more facts)\n" in repr(explanation)
    assert explanation.rows[0]["omitted"] == 1
    assert explanation.unknown == ("Only 2 facts are named of those that a row rests on, in 1 row.",)


def test_a_triple_rests_on_no_optional_part_that_it_does_not_show(two: Compiled) -> None:
    text = "CONSTRUCT { ?d a <urn:Drug> ; <urn:has> ?x } { ?d a kb:Drug OPTIONAL { ?d pred:alleviates ?x } }"
    graph = explained(two, text)
    shown = {triple[1]: facts for triple, facts in zip(graph.answer.triples, wording(graph), strict=True) if "tomip" in triple[0]}
    assert shown == {f"<{RDF}type>": [], "<urn:has>": ["tomiprane alleviates restlessness (is) | The leaflet s1.6"]}
    described = [row for row in wording(explained(two, "DESCRIBE term:ozarine")) if row]
    assert ["ozarine has drug class nervolide (is) | The review s1.4"] in described


def test_no_group_of_drugs_is_a_drug_in_the_schema_org_view() -> None:
    shipped = queries.compile_base(pipeline.load(resources.content()))
    triples = queries.ask(shipped, queries.find_query(shipped, "schema-org-view").text).triples
    names = queries.ask(shipped, queries.find_query(shipped, "drug-names").text)
    place = names.variables.index("drug_term")
    assert {triple[0] for triple in triples if triple[2] == "<https://schema.org/Drug>"} == {row[place] for row in names.rows}
    assert not any("medication" in triple[0] for triple in triples)


def test_what_cannot_be_determined_is_reported(two: Compiled) -> None:
    mapped = explained(two, "SELECT ?x { term:restlessness skos:exactMatch ?x }")
    assert mapped.support == ((),)
    assert "names no fact" in mapped.unknown[0]
    hidden = explained(two, "SELECT ?d { ?d a kb:Drug FILTER EXISTS { ?f rdf:subject ?d } }")
    assert any("EXISTS" in message for message in hidden.unknown)
    inner = "SELECT ?f (COUNT(?l) AS ?n) { ?f kb:listing ?l } GROUP BY ?f"
    assert explained(two, f"SELECT ?f {{ ?f a kb:Fact OPTIONAL {{ {inner} }} }}").unknown == ()
    assert explained(two, f"SELECT ?f {{ ?f a kb:Fact OPTIONAL {{ {inner} }} FILTER EXISTS {{ ?f kb:evidence ?e }} }}").unknown
    odd = explained(two, "SELECT (COUNT(*) AS ?n) { ?f rdf:subject ?d } GROUP BY (STR(?d) AS ?s)")
    assert odd.unknown[0].startswith("Nothing is known")


@pytest.mark.parametrize("name", ["side-effects", "withdrawal", "shared-effects", "support", "treated-and-unwanted"])
def test_named_queries_about_facts_are_explained_row_by_row(name: str, two: Compiled) -> None:
    text = queries.find_query(two, name).text
    explanation = explained(two, text)
    assert explanation.support
    assert all(explanation.support)


@pytest.mark.parametrize(
    "text", ["ASK {}", "", "SELECT", "SELECT ?x", "SELECT ?x {", "# SELECT ?x { }", "CONSTRUCT {} WHERE {}", "SELECT (1) {}"]
)
def test_only_a_select_is_parsed(text: str) -> None:
    assert projection.parse_select(text) is None
    assert projection.widen(text) is None


def test_words_in_texts_and_comments_are_no_keywords() -> None:
    text = "# SELECT {\nSELECT ?x (SUM(?y) AS ?z) # GROUP\nWHERE { ?x <x:#LIMIT> '} GROUP BY ?q', ?y } GROUP BY ?x LIMIT 2"
    select = projection.parse_select(text)
    assert select is not None
    assert (select.variables, select.expressions, select.star) == (("x",), (("(SUM(?y) AS ?z)", "z"),), False)
    assert select.modifiers == " GROUP BY ?x LIMIT 2"
    wide = projection.widen(text)
    assert wide is not None
    assert wide.key == ("x",)
    assert "LIMIT 2" not in wide.text


@pytest.mark.parametrize(
    ("text", "rewritten"),
    [
        ("ASK { ?x a ?y }", "SELECT * { ?x a ?y }"),
        ("PREFIX a: <b> ASK FROM <g> WHERE { ?x a ?y }", "PREFIX a: <b> SELECT * FROM <g> WHERE { ?x a ?y }"),
        ("CONSTRUCT { ?x a [ <p> ?y ] } WHERE { ?x a ?y } LIMIT 2", "SELECT * WHERE { ?x a ?y } LIMIT 2"),
        ("CONSTRUCT WHERE { ?x a ?y }", "SELECT * WHERE { ?x a ?y }"),
        ("DESCRIBE ?x <y> { ?x a ?y }", "SELECT * { ?x a ?y }"),
        ("DESCRIBE <y>", None),
        ("SELECT ?x { ?x a ?y }", "SELECT ?x { ?x a ?y }"),
    ],
)
def test_every_form_is_a_select_of_its_pattern(text: str, rewritten: str | None) -> None:
    assert projection.to_select(text) == rewritten
