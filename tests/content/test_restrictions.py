"""No answer says more than the facts that it rests on: what denies, restricts or hedges a fact shows in each of its rows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb import pipeline, queries, resources
from kb.metadata import Curation
from kb.model import Evidence, Fact, KnowledgeBase
from kb.problems import KbError
from kb.queries import Compiled
from kb.queries.query_run import Session
from kb.rdf import quantities
from kb.rdf.iris import names_of
from kb.rdf.wording import word_fact, word_hedged
from kb.schema import vocabulary
from kb.schema.vocabulary import Qualifier
from kb.sparql import engines, library, projection
from kb.sparql.library import Query
from kb.sparql.result_formats import plain_text
from kb.sparql.values import Answer, Question

FOLDER = resources.content()
_COLUMNS = re.compile(r"OPTIONAL \{ (\?\w+) kb:restrictions (\?\w+) \}")
OWN = Path(__file__).parent / "restricted"
NAMES = list(library.list_query_files(FOLDER))
#: They count facts: in these columns, restricted facts and denials are counted apart.
COUNTS = {"coverage", "effects-by-drugs", "hedge-counts", "predicate-use"}
#: They count things of every kind, and no claims.
SIZES = {"class-counts", "document-coverage", "evidence-types", "graph-counts", "mapping-vocabularies", "property-counts"}
#: The columns that change places where the two sides of a symmetric question do.
SIDES = {
    "effects-together": {"one": "other", "modality": "other_modality", "restrictions": "other_restrictions"},
    "interactions": {"drug": "substance"},
    "interactions-with-shared-effects": {
        "one": "other",
        "one_modality": "other_modality",
        "one_restrictions": "other_restrictions",
    },
    "same-class": {"drug": "other", "modality": "other_modality", "restrictions": "other_restrictions"},
    "shared-effects": {"one": "other", "modality": "other_modality", "restrictions": "other_restrictions"},
}


class Asked(NamedTuple):
    """A knowledge base with a function that asks it."""

    kb: KnowledgeBase
    base: Compiled
    ask: Callable[[str], Answer]

    def query(self, name: str) -> Query:
        return queries.find_query(self.base, name)


def opened(kb: KnowledgeBase, more: str = "") -> Asked:
    """Load a knowledge base into the engine, with further statements in N-Quads."""
    base = queries.compile_base(kb)
    load, ask = engines.import_engine("oxigraph")
    question = Question(base.quads() + more.encode(), "", base.names.prefixes, base.names.base)
    store = load(question)
    return Asked(kb, base, lambda text: ask(store, replace(question, text=text)))


@pytest.fixture(scope="module", params=[FOLDER, OWN], ids=["shipped", "restricted"])
def asked(request: pytest.FixtureRequest) -> Asked:
    return opened(pipeline.load(request.param))


@pytest.fixture(scope="module")
def restricted() -> Asked:
    return opened(pipeline.load(OWN))


def find_label(name: str, value: str, kb: KnowledgeBase) -> str:
    if quantities.MARK in value:
        return quantities.word(value)
    return vocabulary.values(name)[value].label if vocabulary.qualifiers()[name].listed else kb.terms[value].label


def restrictions_of(fact: Fact, kb: KnowledgeBase) -> str:
    """Write what restricts and hedges a fact from its record, without SPARQL."""
    standing = kb.documents[fact.document].standing
    texts = {f"document: {vocabulary.values('standing')[standing].label}"} if standing else set()
    texts |= {f"status: {fact.curation.status}"} if fact.curation else set()
    for name, value in fact.qualifiers.items():
        label = find_label(name, value, kb)
        called = "" if name in {"polarity", "listing"} else f"{vocabulary.qualifiers()[name].label}: "
        firm = {"", "is", fact.qualifiers["modality"]}
        pieces = [piece for piece in fact.evidence if name in piece.supports and piece.modality not in firm]
        hedges = sorted({piece.modality for piece in pieces}, key=list(vocabulary.values("modality")).index)
        is_denied = "polarity" in fact.qualifiers and name != "modality"  # what denies a severe effect does not deny the effect
        if hedges or is_denied or vocabulary.qualifiers()[name].restricts or value == "open-list":
            texts.add(f"{called}{word_hedged(label, hedges)}")
    denials = {text for text in texts if text.endswith("negated")}
    return "; ".join([*sorted(denials), *sorted(texts - denials)])


class Row(NamedTuple):
    """A row with one of the solutions that made it.

    Args:
        cells: What the row shows, by column.
        facts: The facts of the solution, by variable.
    """

    cells: dict[str, str]
    facts: dict[str, Fact]


def rows(asked: Asked, text: str) -> Iterator[Row]:
    """Run a query as it is and with every variable selected, and yield each row with each of its solutions."""
    answer, wide = asked.ask(text), projection.widen(text)
    assert wide
    solutions = asked.ask(wide.text)
    start = f"<{names_of(asked.kb).base}"
    facts = {f"{start}{fact.path}>": fact for fact in asked.kb.facts}
    key = [name for name in wide.key if name in answer.variables]
    by_key: dict[tuple[str | None, ...], list[dict[str, str | None]]] = {}
    for line in solutions.rows:
        bound = dict(zip(solutions.variables, line, strict=True))
        by_key.setdefault(tuple(bound[name] for name in key), []).append(bound)
    for line in answer.rows:
        shown = dict(zip(answer.variables, line, strict=True))
        for solution in by_key[tuple(shown[name] for name in key)]:
            visible = {name: plain_text(term) for name, term in shown.items() if term and not term.startswith("<")}
            found = {name: facts[term] for name, term in solution.items() if term in facts}
            yield Row(visible, found)


def assert_nothing_is_stronger(asked: Asked, name: str) -> None:
    """Hold each row of a query against the facts that it rests on."""
    text = asked.query(name).text
    columns = dict(_COLUMNS.findall(text))
    for row in rows(asked, text):
        has_words = "fact" in row.cells  # the whole claim, as it is put into words everywhere
        assert not row.facts or columns or has_words, f"{name} shows no restrictions"
        for variable, fact in row.facts.items():
            if has_words:
                told = fact.stated_in(asked.kb.documents[fact.document].standing)
                assert row.cells["fact"] == word_fact(told, asked.kb.terms, asked.kb.predicates), (name, row)
                continue
            modality = find_label("modality", fact.qualifiers["modality"], asked.kb)
            assert modality in row.cells.values(), (name, row)
            expected = restrictions_of(fact, asked.kb)
            shown = row.cells.get(columns[f"?{variable}"].removeprefix("?"), "") if f"?{variable}" in columns else ""
            assert shown == expected, (name, row, expected)


def selects() -> list[str]:
    texts = {name: (FOLDER / "queries" / f"{name}.rq").read_text(encoding="utf-8") for name in NAMES}
    return [name for name, text in texts.items() if "\nCONSTRUCT" not in text]


@pytest.mark.parametrize("name", [name for name in selects() if name not in COUNTS | SIZES])
def test_a_row_shows_all_that_denies_restricts_and_hedges_its_facts(name: str, asked: Asked) -> None:
    assert_nothing_is_stronger(asked, name)


def test_most_questions_rest_on_facts(restricted: Asked) -> None:
    resting = {
        name
        for name in selects()
        if name not in COUNTS | SIZES and any(row.facts for row in rows(restricted, restricted.query(name).text))
    }
    assert len(resting) >= 35


def test_questions_that_count_claims_are_known() -> None:
    texts = {name: (FOLDER / "queries" / f"{name}.rq").read_text(encoding="utf-8") for name in selects()}
    counting = {name for name, text in texts.items() if "(COUNT(" in text or "(SUM(" in text}
    assert counting == COUNTS | SIZES | {"one-source", "support", "thin-evidence"}


def sort_of(fact: Fact) -> str:
    limits = {name for name in fact.qualifiers if vocabulary.qualifiers()[name].restricts}
    return "denied" if "polarity" in limits else "restricted" if limits else "plain"


def counted(asked: Asked, name: str, key: str, counts: Iterable[str]) -> Counter[tuple[str, str]]:
    answer = asked.ask(asked.query(name).text)
    found: Counter[tuple[str, str]] = Counter()
    for line in answer.rows:
        cells = dict(zip(answer.variables, map(plain_text, line), strict=True))
        for sort, column in zip(("plain", "restricted", "denied"), counts, strict=True):
            if int(cells[column]):
                found[cells[key], sort] += int(cells[column])
    return found


def test_restricted_facts_and_denials_are_counted_apart(asked: Asked) -> None:
    kb = asked.kb
    effects = {
        (kb.terms[str(fact.object)].label, sort_of(fact), fact.subject)
        for fact in kb.facts
        if fact.predicate == "has-side-effect"
    }
    columns = ("restricted", "denied")
    assert counted(asked, "effects-by-drugs", "effect", ("drugs", *columns)) == Counter(
        (effect, sort) for effect, sort, _ in effects
    )
    assert counted(asked, "predicate-use", "predicate", ("facts", *columns)) == Counter(
        (kb.predicates[fact.predicate].label, sort_of(fact)) for fact in kb.facts
    )
    assert counted(asked, "coverage", "sentence", ("facts", *columns)) == Counter(
        (sentence, sort_of(fact)) for fact in kb.facts for sentence in fact.sentences
    )


def test_hedges_of_denials_are_counted_apart(asked: Asked) -> None:
    sorts = {"plain": "claims", "restricted": "restricted claims", "denied": "denials"}
    answer = asked.ask(asked.query("hedge-counts").text)
    found = {(plain_text(of), plain_text(modality)): int(plain_text(times)) for modality, of, times in answer.rows}
    assert {key: times for key, times in found.items() if key[0] != "qualifiers"} == Counter(
        (sorts[sort_of(fact)], find_label("modality", fact.qualifiers["modality"], asked.kb)) for fact in asked.kb.facts
    )


@pytest.mark.parametrize("name", SIDES)
def test_the_sides_of_a_symmetric_question_can_be_swapped(name: str, restricted: Asked) -> None:
    answer = restricted.ask(restricted.query(name).text)
    swap = {**SIDES[name], **{other: one for one, other in SIDES[name].items()}}
    shown = [place for place, column in enumerate(answer.variables) if not column.endswith("_term")]
    columns = [answer.variables[place] for place in shown]
    found = Counter(tuple((column, row[place]) for column, place in zip(columns, shown, strict=True)) for row in answer.rows)
    swapped = Counter(tuple(sorted((swap.get(column, column), cell) for column, cell in row)) for row in found.elements())
    assert found
    assert swapped == Counter(tuple(sorted(row)) for row in found.elements())


@pytest.mark.parametrize(("name", "one", "other"), [("effects-together", "one", "other"), ("shared-effects", "drug", "other")])
def test_parameters_of_a_symmetric_question_can_be_swapped(name: str, one: str, other: str, restricted: Asked) -> None:
    ends = ("dizziness", "nausea") if name == "effects-together" else ("somrel", "cardiven")
    query = restricted.query(name)
    both = [
        restricted.ask(queries.bind_query(restricted.base, query, dict(zip((one, other), order, strict=True))))
        for order in (ends, ends[::-1])
    ]
    assert len(both[0].rows) == len(both[1].rows) > 0


@pytest.mark.parametrize(
    ("asking", "answering"),
    [("alcohol", {"clonazepam"}), ("clonazepam", {"alcohol", "certain types of pain medications", "other medications"})],
)
def test_interactions_answer_from_either_side(asking: str, answering: set[str]) -> None:
    shipped = opened(pipeline.load(FOLDER))
    answer = shipped.ask(queries.bind_query(shipped.base, shipped.query("interactions"), {"drug": asking}))
    assert {plain_text(row[1]) for row in answer.rows} == answering


def test_documents_that_state_a_symmetric_relation_from_different_sides_are_compared() -> None:
    def claim(document: str, one: str, other: str, **more: str) -> Fact:
        evidence = Evidence(f"s1.1-{one}", "s1.1", ("claim",))
        path = "/".join(["fact", document, one, "interacts-with", other, *more.values()])
        return Fact(path, document, one, "interacts-with", other, {"modality": "can", **more}, (evidence,))

    facts = (
        claim("east", "somrel", "cardiven", frequency="common"),
        claim("west", "cardiven", "somrel", frequency="rare"),
        claim("east", "somrel", "noctamine", polarity="negated"),
        claim("west", "noctamine", "somrel"),
        claim("west", "cardiven", "cheese"),
        claim("east", "cardiven", "grapefruit"),
    )
    asked = opened(pipeline.load(OWN)._replace(facts=facts))

    def find(name: str, subject: str) -> set[tuple[str, ...]]:
        answer = asked.ask(queries.bind_query(asked.base, asked.query(name), {"subject": subject}))
        columns = [answer.variables.index(column) for column in ("subject", "object")]
        return {tuple(plain_text(row[column]) for column in columns) for row in answer.rows}

    assert find("agreement", "somrel") == {("somrel", "cardiven")}
    assert find("agreement", "cardiven") == {("cardiven", "somrel")}
    assert find("contested", "somrel") == {("somrel", "cardiven"), ("somrel", "noctamine")}
    assert find("contested", "cardiven") == {("cardiven", "somrel")}
    assert find("contested", "noctamine") == {("noctamine", "somrel")}
    assert find("one-document-only", "cardiven") == {("cardiven", "cheese"), ("cardiven", "grapefruit")}


@pytest.mark.parametrize("name", selects())
def test_no_row_comes_twice(name: str, asked: Asked) -> None:
    answer = asked.ask(asked.query(name).text)
    assert len(set(answer.rows)) == len(answer.rows)


@pytest.mark.parametrize(
    "name", ["drug-profile", "indications", "negated-facts", "plain-triples", "side-effects", "support", "withdrawal"]
)
def test_a_fact_has_one_row_however_many_sentences_state_it(name: str, restricted: Asked) -> None:
    answer = restricted.ask(restricted.query(name).text)
    subjects = [name for name in ("drug_term", "subject_term") if name in answer.variables]
    places = [answer.variables.index(column) for column in ("fact", *subjects)]
    facts = Counter(tuple(row[place] for place in places) for row in answer.rows)
    assert set(facts.values()) == {1}


def test_all_hedges_of_a_grade_stand_in_its_row(restricted: Asked) -> None:
    answer = restricted.ask(restricted.query("graded-effects").text)
    found = {tuple(map(plain_text, row[1:5])) for row in answer.rows if plain_text(row[1]) == "tremor"}
    assert found == {
        ("tremor", "course", "self-limiting", "usually"),
        ("tremor", "frequency", "common", "can"),
        ("tremor", "frequency", "rare", "can"),
        ("tremor", "severity", "mild", "sometimes, usually"),
    }


def test_groups_of_drugs_are_not_listed_among_drugs() -> None:
    shipped = opened(pipeline.load(FOLDER))
    drugs = {
        name: {plain_text(row[0]) for row in shipped.ask(shipped.query(name).text).rows}
        for name in ("drug-names", "drug-profile")
    }
    assert drugs == {"drug-names": {"clonazepam"}, "drug-profile": {"clonazepam", "medication"}}


def test_a_restricting_qualifier_that_is_added_later_shows_without_a_change_of_any_query(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {**vocabulary.qualifiers()}
    known["stage"] = Qualifier("stage", "stage", "When the claim holds.", listed=False, kinds=("condition",), restricts=True)
    monkeypatch.setattr(vocabulary, "qualifiers", lambda: known)
    kb = pipeline.load(OWN)
    term = kb.terms[kb.facts[0].subject]
    facts = [fact._replace(qualifiers={**fact.qualifiers, "stage": term.id}) for fact in kb.facts]
    extended = opened(kb._replace(facts=tuple(facts)))
    seen = 0
    for name in selects():
        if name in COUNTS | SIZES:
            continue
        for row in rows(extended, extended.query(name).text):
            if row.facts:
                assert f"stage: {term.label}" in " ".join(row.cells.values()), name
                seen += 1
    assert seen > 100


AMOUNTS = ["10;mg", "10..35;cm", "2!..;g", "..1;;per=100", "8.3;%25;band=common;n=12;of=145", "..!5;%7Btablet%7D;approx=true"]
QUALIFIERS = {
    name: [*(sorted(vocabulary.values(name)) if qualifier.listed else []), *([] if qualifier.units is None else AMOUNTS)]
    for name, qualifier in vocabulary.qualifiers().items()
    if name != "modality"
}


@st.composite
def generated_facts(draw: st.DrawFn, kb: KnowledgeBase) -> tuple[Fact, ...]:
    """Draw facts about the terms of a knowledge base with any qualifiers, each stated by up to four sentences with any hedges."""
    made: dict[str, Fact] = {}
    terms = sorted(kb.terms)
    subjects = [name for name in terms if kb.terms[name].kind in {"drug", "symptom"}]
    for _ in range(draw(st.integers(1, 12))):
        document = draw(st.sampled_from(sorted(kb.documents)))
        subject, predicate = draw(st.sampled_from(subjects)), draw(st.sampled_from(sorted(kb.predicates)))
        obj = draw(st.sampled_from([name for name in terms if name != subject]))
        chosen = draw(st.sets(st.sampled_from(sorted(QUALIFIERS)), max_size=4))
        values = {name: draw(st.sampled_from(QUALIFIERS[name] or terms)) for name in QUALIFIERS if name in chosen}
        modality = draw(st.sampled_from(sorted(vocabulary.values("modality"))))
        pieces = [Evidence("s1.1", "s1.1", ("claim", "modality", *values))]
        for number in range(2, draw(st.integers(2, 5)) if values else 2):
            parts = tuple(sorted(draw(st.sets(st.sampled_from(sorted(values)), min_size=1))))
            hedge = draw(st.sampled_from(["", "usually", "sometimes", "may", "can"]))
            pieces.append(Evidence(f"s1.{number}-{'-'.join(parts)}", f"s1.{number}", parts, hedge))
        limits = "".join(f"/{name}/{value}" for name, value in sorted(values.items()) if vocabulary.qualifiers()[name].restricts)
        path = f"fact/{document}/{subject}/{predicate}/{obj}{limits}"
        made[path] = Fact(path, document, subject, predicate, obj, {"modality": modality, **values}, tuple(pieces))
    return tuple(made[path] for path in sorted(made))


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_nothing_is_stronger_in_any_question_over_generated_facts(data: st.DataObject) -> None:
    kb = pipeline.load(OWN)
    standings = st.sampled_from(["", "retracted", "superseded"])
    documents = {name: document._replace(standing=data.draw(standings)) for name, document in kb.documents.items()}
    curations = st.sampled_from([None, Curation(status="disputed"), Curation(status="deprecated")])
    facts = tuple(fact._replace(curation=data.draw(curations)) for fact in data.draw(generated_facts(kb)))
    asked = opened(kb._replace(documents=documents, facts=facts))
    for name in selects():
        if name not in COUNTS | SIZES:
            assert_nothing_is_stronger(asked, name)
    test_restricted_facts_and_denials_are_counted_apart(asked)
    test_hedges_of_denials_are_counted_apart(asked)


@pytest.mark.long("rdflib takes ten seconds")
def test_engines_give_the_same_answers(restricted: Asked) -> None:
    question = Question(restricted.base.quads(), "", restricted.base.names.prefixes, restricted.base.names.base)
    load, ask = engines.import_engine("rdflib")
    store = load(question)
    for name in selects():
        text = restricted.query(name).text
        assert ask(store, replace(question, text=text)).rows == restricted.ask(text).rows, name


def test_a_question_that_pairs_everything_asks_for_its_parameters_above_a_size(restricted: Asked) -> None:
    terms = {f"term-{number}": (f"term {number}",) for number in range(3_000)}
    large = replace(restricted.base, labels={**restricted.base.labels, "term": {**restricted.base.labels["term"], **terms}})
    needing = {name for name in NAMES if restricted.query(name).needs}
    assert needing >= {"effects-of-one-only", "effects-together", "shared-effects"}
    for name in needing:
        query = restricted.query(name)
        with pytest.raises(KbError, match=re.escape(f"-p {query.needs[0][0]}=")):
            Session(large).answer(query, {})
        assert {name for need in query.needs for name in need} <= set(query.parameters)
    assert Session(large).answer(restricted.query("shared-effects"), {"drug": "somrel", "other": "cardiven"})
    assert Session(large).answer(restricted.query("facts"), {"object": "dizziness"})
    with pytest.raises(KbError, match=re.escape("-p subject=... or -p object=...")):
        Session(large).answer(restricted.query("facts"), {"predicate": "has-side-effect"})
    assert Session(restricted.base).answer(restricted.query("shared-effects"), {})
