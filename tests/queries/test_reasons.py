"""An empty answer explains itself, and a parameter takes any name of a thing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kb import pipeline, queries, resources
from kb.model import KnowledgeBase
from kb.problems import KbError
from kb.queries import Compiled, reasons
from kb.queries.query_run import QueryRun, Session
from kb.sparql.parameters import find_id
from kb.sparql.values import Answer


@pytest.fixture(scope="module")
def base(shipped: KnowledgeBase) -> Compiled:
    return queries.compile_base(shipped, pipeline.compile_all(shipped))


def answer(base: Compiled, text: str, **parameters: str) -> QueryRun:
    query = queries.parse_query(text, Path("q.rq")) if "{" in text else queries.find_query(base, text)
    return Session(base).answer(query, parameters)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("SELECT ?x { ?x skos:prefLabel 'drowsiness' }", "write 'drowsiness'@en"),
        ('SELECT ?x { ?x skos:prefLabel ?l FILTER(?l = "drowsiness") }', 'write "drowsiness"@en'),
        ("SELECT ?x { ?x skos:prefLable ?l }", "names skos:prefLable, which the query asks for. Did you mean 'skos:prefLabel'?"),
        ("SELECT ?x { ?x rdfs:prefLabel ?l }", "Did you mean 'skos:prefLabel'?"),
        ("ASK { ?x a <http://www.w3.org/2004/02/skos/core#concept> }", "Did you mean 'skos:Concept'?"),
        ("SELECT ?x { ?x a kb:Symptoms }", "Did you mean 'kb:Symptom'?"),
        ("SELECT ?x { ?x pred:drowsiness ?y }", "Did you mean 'term:drowsiness'?"),
        ("SELECT ?x { term:clonazepam pred:has-withdrawal-symptom ?x }", "anxiety (may; open list; trigger: sudden"),
        ("SELECT ?x { term:drowsiness pred:has-side-effect ?x }", "clonazepam has side effect drowsiness (can"),
        ("SELECT ?f { ?f rdf:object HP:0002329 }", "facts name the term: term:drowsiness (exact match)"),
        ("SELECT (COUNT(*) AS ?n) { ?x a kb:Durg }", "Did you mean 'kb:Drug'?"),
        ("CONSTRUCT { ?x a ?y } { ?x a kb:Durg ; a ?y }", "Did you mean 'kb:Drug'?"),
        ("SELECT ?x { GRAPH <urn:nowhere> { ?x a kb:Drug } }", "No statement names <urn:nowhere>"),
    ],
)
def test_an_empty_answer_to_sparql_says_why(text: str, reason: str, base: Compiled) -> None:
    assert any(reason in note for note in answer(base, text).notes), answer(base, text).notes


@pytest.fixture(scope="module")
def restricted() -> Compiled:
    return queries.compile_base(pipeline.load(Path(__file__).parents[1] / "content" / "restricted"))


@pytest.mark.parametrize(
    ("name", "parameters", "denied"),
    [
        ("side-effects", {"effect": "tremor", "drug": "cardiven"}, "cardiven has side effect tremor (is)"),
        ("interactions", {"drug": "cheese"}, "somrel can interact with cheese (is)"),
        ("drugs-for-condition", {"condition": "tremor"}, "somrel is used to treat tremor (is; population: children)"),
        ("withdrawal", {"drug": "cardiven"}, ""),
    ],
)
def test_an_empty_answer_names_the_denials_that_it_leaves_out(
    name: str, parameters: dict[str, str], denied: str, restricted: Compiled
) -> None:
    notes = answer(restricted, name, **parameters).notes
    assert [note for note in notes if "leaves denials out" in note] == (
        [f"Stated is: denied: {denied}. The question leaves denials out; 'kb query negated-facts' has them."] if denied else []
    )
    assert not any("plain triples" in note for note in notes)


@pytest.mark.parametrize(
    ("name", "parameters", "denied"),
    [
        ("side-effects", {"drug": "cardiven"}, "cardiven has side effect tremor (is)"),
        ("effects-of-one-only", {"drug": "cardiven", "other": "noctamine"}, "cardiven has side effect tremor (is)"),
        ("side-effects", {"effect": "dizziness"}, ""),
        ("side-effects", {}, ""),  # about everything: negated-facts is as long
        ("negated-facts", {}, ""),
    ],
)
def test_an_answer_names_the_denials_that_it_leaves_out(
    name: str, parameters: dict[str, str], denied: str, restricted: Compiled
) -> None:
    asked = answer(restricted, name, **parameters)
    assert asked.answer.rows
    assert [note for note in asked.notes if "denials" in note] == (
        [f"Beside these claims is stated: denied: {denied}. The question leaves denials out; 'kb query negated-facts' has them."]
        if denied
        else []
    )


@pytest.fixture(scope="module")
def branded(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    """The restricted leaflets, with a brand that West states, East denies, and North restricts to children."""
    folder = tmp_path_factory.mktemp("branded") / "base"
    shutil.copytree(Path(__file__).parents[1] / "content" / "restricted", folder)
    fact = "subject: somrel, predicate: also-known-as, object: somrelax, modality: is, evidence: [{sentence: s1.1}]"
    for document, fields in (("east", f"{fact}, polarity: negated"), ("west", fact)):
        with (folder / "facts" / f"{document}.yaml").open("a", encoding="utf-8") as facts:
            facts.write(f"- {{{fields}}}\n")
    return queries.compile_base(pipeline.load(folder))


def test_a_brand_is_taken_for_its_drug_by_the_claim_and_its_denial_is_told(branded: Compiled) -> None:
    asked = answer(branded, "side-effects", drug="somrelax", effect="dizziness")
    assert len(asked.answer.rows) == 3
    (note,) = asked.notes
    assert note.startswith(
        "'somrelax' is a brand; the question asks about: drug. Stated is: somrel is also known as Somrelax (is). It"
    )
    assert note.endswith(" It is denied in: Leaflet East. The answer is about that.")


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("ASK { term:somrel pred:also-known-as term:nausea }", ""),
        ("ASK { term:somrel pred:has-withdrawal-symptom term:tremor }", "somrel has withdrawal symptom tremor (may; trigger: s"),
        (
            "SELECT ?d { ?d pred:has-withdrawal-symptom ?o FILTER(?o = term:dizziness) }",
            "somrel has withdrawal symptom dizziness (may; open list; ",
        ),
        ("ASK { term:noctamine pred:interacts-with term:cardiven }", "denied: cardiven can interact with noctamine (is). A "),
        ("ASK { term:tremor pred:has-side-effect term:somrel }", "somrel has side effect tremor (can; "),
        ("SELECT ?d { ?d pred:has-side-effect ?o FILTER NOT EXISTS { ?d pred:has-side-effect ?x } }", "somrel has side effect "),
        ("SELECT ?d { ?d pred:also-known-as ?o FILTER(?o = term:nausea) }", ""),
        ("SELECT ?f { ?f rdf:predicate ?p FILTER(?p = pred:calls-for) ?f kb:severity kb:mild , kb:rare }", ""),
    ],
)
def test_the_facts_without_a_plain_triple_that_are_asked_for_are_told(text: str, stated: str, branded: Compiled) -> None:
    notes = answer(branded, text).notes
    told = [note.partition("none fits. Stated is: ")[2] for note in notes if "plain triples" in note]
    assert [note[: len(stated)] for note in told] == ([stated] if stated else [])
    assert notes


def test_the_kinds_that_a_question_asks_about_allow_every_value_that_gives_rows(branded: Compiled) -> None:
    reader = Session(branded).reader
    for name in ("advice", "side-effects", "triggered-facts"):
        query = queries.find_query(branded, name)
        for parameter in (name for name, about in query.parameters.items() if about.type == "term"):
            allowed = reasons._read_allowed_kinds(branded, query, query.parameters[parameter].variable, reader)
            for term in reasons.list_values(branded, query, {}, parameter, reader.run):
                assert not allowed or allowed & reasons._read_kinds(branded, f"{term} a ?kind", reader), (name, parameter, term)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "SELECT ?o { ?f rdf:subject term:somrelax ; rdf:object ?o }",
            "somrel is also known as Somrelax (is). It is denied in: L",
        ),
        (
            "SELECT ?o { ?f rdf:subject term:cheese ; rdf:predicate pred:interacts-with ; rdf:object ?o }",
            "exchanged is: denied: s",
        ),
        ("SELECT ?f { ?f kb:severity kb:mild }", "as rdf:value. Stated so is: somrel has side effect tremor (can; "),
        ("SELECT ?f { ?f a kb:Fact ; kb:seriousness kb:rare }", "No statement that the query reads fits it."),
        ("SELECT ?f { ?f a kb:Fact } OFFSET 900", "The rows that fit are grouped or cut to none."),
        ("exemptions", "Nothing is stated that fits the question. The documents are: east, north, west."),
        ("serious-effects drug=noctamine", "'drug=noctamine' gives no rows. Values that do: somrel."),
        ("sentence-facts sentence=s99.1", "'sentence=s99.1' gives no rows. Values that do: s1.1, s1.2, s1.3, "),
        ("thin-evidence most=0", "'most=0' gives no rows. Values that do: 1."),
        ("advice situation=a-nurse", "'a-nurse' is an agent; the question asks about: action, situation. Values that do: slow-"),
    ],
)
def test_no_empty_answer_is_without_a_reason(text: str, reason: str, branded: Compiled) -> None:
    name, *parameters = [text] if "{" in text else text.split()
    notes = answer(branded, name, **dict(pair.split("=") for pair in parameters)).notes
    assert any(reason in note for note in notes), notes


def test_a_question_without_facts_of_its_predicates_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "base"
    shutil.copytree(Path(__file__).parents[1] / "content" / "restricted", folder)
    (folder / "facts" / "north.yaml").unlink()
    facts = folder / "facts" / "east.yaml"
    facts.write_text(facts.read_text(encoding="utf-8").partition("- {subject: wish-to-stop")[0], encoding="utf-8")
    known = queries.compile_base(pipeline.load(folder))
    assert answer(known, "advice").notes == ("No fact of this knowledge base has the predicate calls-for or done-in-manner.",)
    assert answer(known, "exemptions").notes == (
        "Nothing is stated that fits the question. The documents are: east, north, west.",
    )


def test_no_other_drug_is_proposed_for_a_drug(restricted: Compiled) -> None:
    """Somrel has withdrawal symptoms, and cardiven, of which none are stated, interacts with it."""
    assert answer(restricted, "withdrawal", drug="cardiven").notes == ("'drug=cardiven' gives no rows. Values that do: somrel.",)


def test_values_that_have_no_row_alone_are_told_too(restricted: Compiled) -> None:
    notes = answer(restricted, "side-effects", drug="cheese", effect="bitter").notes
    assert [note.partition(";")[0] for note in notes] == ["'cheese' is a substance", "'bitter' is a property"]


@pytest.mark.parametrize(
    ("name", "parameters", "reason"),
    [
        ("identifiers-in", {"vocabulary": "MeSH"}, "Did you mean 'vocabulary=mesh'?"),
        ("side-effects", {"drug": "drowsiness"}, "'drowsiness' is a symptom; the question asks about: drug."),
        ("side-effects", {"effect": "clonazepam"}, "Values that do: blurred-vision, breathing-"),
        ("side-effects", {"effect": "dependence"}, "'effect=dependence' gives no rows. Values that do: "),
        ("tapering", {"harm": "anxiety"}, "'harm=anxiety-symptom' gives no rows. Values that do: withdrawal-symptoms."),
        ("graded-effects", {"grade": "can"}, "Values that do: commonly-reported, mild, rare, self-limiting, serious."),
    ],
)
def test_a_value_that_gives_no_rows_is_told_with_those_that_do(
    name: str, parameters: dict[str, str], reason: str, base: Compiled
) -> None:
    asked = answer(base, name, **parameters)
    assert asked.answer.is_empty
    assert any(reason in note for note in asked.notes), asked.notes


def test_a_brand_is_answered_for_its_drug_and_the_note_says_so(base: Compiled) -> None:
    asked = answer(base, "side-effects", drug="KLONOPIN")
    assert asked.answer.rows == answer(base, "side-effects", drug="clonazepam").answer.rows
    (note,) = asked.notes
    assert "'klonopin' is a brand" in note
    assert "clonazepam is also known as Klonopin (is). The answer is about that." in note
    assert answer(base, "brand-names", drug="clonazepam").notes == ()


def test_answers_that_are_not_empty_have_no_reasons(base: Compiled) -> None:
    for text in ("SELECT ?x { ?x a kb:Drug }", "ASK { ?x a kb:Drug }", "SELECT (COUNT(*) AS ?n) { ?x a kb:Drug }"):
        assert answer(base, text).notes == ()
    assert not Answer("select", ("n",), (('"0"^^<http://www.w3.org/2001/XMLSchema#integer>',), ('"1"',))).is_empty


def test_an_unknown_word_is_refused_with_the_values_that_give_rows(base: Compiled) -> None:
    with pytest.raises(KbError, match=r"KB705 There is no word 'terrible'. Values with rows: commonly-reported, mild, rare, "):
        answer(base, "graded-effects", grade="terrible")
    with pytest.raises(KbError, match=r"KB705 .* Did you mean 'drowsiness'\? Values with rows: blurred-vision, "):
        answer(base, "side-effects", effect="drowsines")


@pytest.mark.parametrize(
    "word",
    ["drowsiness", "term:drowsiness", "Drowsiness", "HP:0002329", "hp:0002329", "http://purl.obolibrary.org/obo/HP_0002329"],
)
def test_every_name_of_a_term_is_a_parameter(word: str, base: Compiled) -> None:
    rows = answer(base, "side-effects", effect=word).answer.rows
    assert len(rows) == 1
    assert any("term/drowsiness" in (term or "") for term in rows[0])


def test_an_identifier_that_matches_otherwise_names_nothing_and_says_what_it_matches(base: Compiled) -> None:
    labels = base.labels
    inexact = [curie for curie, known in labels["match"].items() if not any(match.startswith("skos:exact") for match in known)]
    assert len(inexact) > 20
    for curie in inexact:
        sort = "term" if "term:" in labels["match"][curie][0] else "predicate"
        with pytest.raises(KbError, match=r"KB705 .* is no exact match of a (term|predicate), but matches (term|pred):"):
            find_id(curie, sort, labels)


@pytest.mark.parametrize("name", ["identifiers", "identifiers-in", "mappings", "mapped-predicates", "shared-identifiers"])
def test_without_mappings_questions_about_them_say_so(name: str, restricted: Compiled) -> None:
    assert answer(restricted, name).notes == ("This knowledge base has no mappings to other vocabularies.",)


def test_a_value_of_a_kind_that_the_base_declares_is_called_by_the_name_of_that_kind() -> None:
    own = queries.compile_base(pipeline.load(resources.example().parent / "tessera"))
    heading = """# title: Takes
# question: What does a feature take?
# columns: [object]
# parameters:
#   of: {type: term, variable: of_term, description: Only this.}
"""
    pattern = "VALUES ?of_term { UNDEF } ?fact rdf:predicate pred:takes ; rdf:subject ?of_term ; rdf:object ?object"
    query = queries.parse_query(f"{heading}SELECT ?object ?of_term {{ {pattern} }}", Path("q.rq"))
    (note,) = Session(own).answer(query, {"of": "cairo"}).notes
    assert note.startswith("'cairo' is a library; the question asks about: feature.")
