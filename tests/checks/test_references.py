"""References between records, where a whole knowledge base in files would add nothing."""

from __future__ import annotations

import itertools
import string

import pytest

from kb import suggestions
from kb.checks import confusables, document_checks, references, term_labels
from kb.checks.acceptance import Acceptance
from kb.document_parts import Section, Sentence
from kb.model import Document, KnowledgeBase, OutsideMatch, Record
from kb.problems import Place, Problem
from kb.rdf.iris import Names


def _told(problems: list[Problem]) -> list[str]:
    return [f"{problem.code} {problem.message}" for problem in problems]


def test_the_shipped_knowledge_base_has_no_problem(shipped: KnowledgeBase, names: Names) -> None:
    assert not list(references.check(shipped, names))
    assert not list(term_labels.check(shipped))
    covered = shipped.covered()
    assert not [problem for each in shipped.documents.values() for problem in document_checks.check(each, covered[each.id])]
    assert not list(document_checks.find_undecided(shipped))


@pytest.mark.parametrize(
    ("word", "remedy"),
    [
        ("drowsines", "Did you mean 'drowsiness'?"),
        ("rowsiness", "Did you mean 'drowsiness'?"),
        ("qqqq", "Declare it."),
        ("", "Declare it."),
    ],
)
@pytest.mark.parametrize("others", [10, 5000])
def test_the_nearest_word_is_found_among_few_and_many(word: str, remedy: str, others: int) -> None:
    known = {**{f"term-number-{number}": 1 for number in range(others)}, "drowsiness": 1}
    assert suggestions.did_you_mean(word, known, "Declare it.") == remedy


def test_only_the_start_of_a_very_long_word_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []

    def match(word: str, *_: object, **__: object) -> list[str]:
        compared.append(word)
        return []

    monkeypatch.setattr(suggestions, "get_close_matches", match)
    suggestions.did_you_mean("ab" * 1_000_000, ["a" * 100] * 500, "")
    assert compared == ["ab" * 50]


def test_the_number_of_suggestions_is_limited(shipped: KnowledgeBase, names: Names) -> None:
    endings = ["".join(letters) for letters in itertools.product(string.ascii_lowercase, repeat=2)][:300]
    facts = tuple(shipped.facts[0]._replace(subject=f"clonazepam{ending}", path=f"fact/{ending}") for ending in endings)
    told = [each for each in references.check(shipped._replace(facts=facts), names) if each.code == "KB301"]
    assert len(told) == 300
    assert sum(problem.remedy == "Did you mean 'clonazepam'?" for problem in told) == references.MOST_SUGGESTIONS


def test_a_name_that_is_unknown_in_many_places_is_one_problem(shipped: KnowledgeBase, names: Names) -> None:
    facts = tuple(shipped.facts[0]._replace(subject="clonazepan", path=f"fact/{number}") for number in range(16))
    (problem,) = (each for each in references.check(shipped._replace(facts=facts), names) if each.code == "KB301")
    assert problem.message.startswith("There is no term 'clonazepan'. It is named in 15 other places: line ")
    assert problem.remedy == "Did you mean 'clonazepam'?"


def test_an_invalid_record_is_not_reported_as_unknown(shipped: KnowledgeBase, names: Names) -> None:
    terms = {name: term for name, term in shipped.terms.items() if name != "clonazepam"}
    less = shipped._replace(terms=terms)
    assert {problem.code for problem in references.check(less, names)} == {"KB301", "KB316"}
    assert not list(references.check(less, names, frozenset({("term", "clonazepam")})))


def test_a_value_without_a_record_has_no_place(shipped: KnowledgeBase, names: Names) -> None:
    fact = shipped.facts[0]._replace(record=None, document="other")
    match = OutsideMatch("term:nothing", "skos:exactMatch", "no:1", "semapv:ManualMappingCuration", "x", "2026-01-31")
    told = list(references.check(shipped._replace(facts=(fact,), mappings=(match, match)), names))
    assert {problem.place for problem in told} == {Place("kb")}
    assert {problem.code for problem in told} == {"KB303", "KB315", "KB316", "KB317"}


@pytest.mark.parametrize("part", ["claim", "modality", "polarity", "severity"])
def test_only_qualifiers_that_are_no_part_of_the_claim_have_a_hedge_of_their_own(
    part: str, shipped: KnowledgeBase, names: Names
) -> None:
    fact = next(fact for fact in shipped.facts if "severity" in fact.qualifiers)
    first = fact.evidence[0]._replace(supports=("claim", *fact.qualifiers, "polarity"), modality="")
    hedged = fact.evidence[1]._replace(supports=(part,), modality="may")
    changed = fact._replace(qualifiers={**fact.qualifiers, "polarity": "negated"}, evidence=(first, hedged))
    told = [problem.code for problem in references.check(shipped._replace(facts=(changed,)), names)]
    assert told == ([] if part == "severity" else ["KB322"])
    is_accepted = Acceptance(shipped.terms, shipped.predicates).accepts(
        changed, {sentence.id: sentence for sentence in shipped.documents[fact.document].sentences}
    )
    assert is_accepted == (part == "severity")


def _document(*spans: tuple[str, int, int]) -> Document:
    sentences = tuple(Sentence(name, start, end, "") for name, start, end in spans)
    return Document("a", "a", "en", "", "shipped", "", 100, 100, sentences)


@pytest.mark.parametrize(
    ("spans", "codes"),
    [
        ([("s1.0", 0, 10), ("s1.1", 10, 20), ("s2.0", 20, 100)], []),
        ([("s1.9", 0, 10), ("s1.10", 10, 20)], []),
        ([("s1.10", 0, 10), ("s1.9", 10, 20)], []),
        ([("s2.0", 0, 10), ("s1.0", 10, 20)], []),
        ([("s1.1", 50, 60), ("s1.2", 10, 20)], ["KB402"]),
        ([("s1.0", 0, 10), ("s1.1", 9, 20)], ["KB402"]),
        ([("s1.0", 0, 50), ("s1.1", 10, 20), ("s1.2", 30, 60)], ["KB402", "KB402"]),
        ([("s1.0", 0, 101)], ["KB401"]),
        ([("s1.0", 5, 5)], ["KB401"]),
        ([("s1.0", 6, 5)], ["KB401"]),
        ([("s1.0", 0, 10), ("s1.0", 10, 20)], ["KB312"]),
    ],
)
def test_sentences_are_in_order_inside_the_text_without_overlap(spans: list[tuple[str, int, int]], codes: list[str]) -> None:
    assert [problem.code for problem in document_checks.check(_document(*spans), ())] == codes


def test_a_section_is_numbered_once() -> None:
    places: dict[tuple[str | int, ...], Place] = {("sections", 1, "number"): Place("f", 3, 4)}
    record = Record("document", {}, Place("f"), places)
    twice = _document(("s1.0", 0, 10))._replace(sections=(Section(1, "a"), Section(1, "b")), record=record)
    (problem,) = document_checks.check(twice, ())
    assert str(problem) == "f:3:4: KB312 There is another section 1. Number them apart."


def test_a_sentence_without_fact_or_exemption_is_undecided_but_a_heading_is_not(shipped: KnowledgeBase) -> None:
    kb = shipped._replace(documents={"a": _document(("s1.0", 0, 10), ("s1.1", 10, 20))}, facts=())
    assert _told(list(document_checks.find_undecided(kb))) == ["KB403 s1.1 is neither evidence for a fact nor exempted."]


@pytest.mark.parametrize(
    "label",
    [
        "TNF\u03b1",
        "\u03b2-blocker",
        "na\u00efve",
        "\u043a\u043e\u0434",
        "5 \u00b5g",
        "\u65e5\u672c",
        "vitamin \u0412\u0438\u0442",
        "\u03a9-3",
    ],
)
def test_words_of_one_script_and_usual_letters_are_accepted(label: str) -> None:
    assert not list(confusables.check(Record("term", {"label": label, "aliases": [label]}, Place("f"))))


@pytest.mark.parametrize(
    ("label", "code", "named"),
    [
        ("dr\u043ewsiness", "KB319", "U+043E CYRILLIC SMALL LETTER O"),
        ("\u0391spirin", "KB319", "U+0391 GREEK CAPITAL LETTER ALPHA"),
        ("d\u03bfse", "KB319", "U+03BF GREEK SMALL LETTER OMICRON"),
        ("\uff41spirin", "KB319", "U+FF41 FULLWIDTH LATIN SMALL LETTER A"),
        ("\U0001d41aspirin", "KB319", "U+1D41A MATHEMATICAL BOLD SMALL A"),
        ("\u0570ead", "KB319", "U+0570 ARMENIAN SMALL LETTER HO"),
        ("e\u0301", "KB321", "normal form C"),
        ("\u212bngstr\u00f6m", "KB321", "normal form C"),
    ],
)
@pytest.mark.parametrize("key", ["label", "title", "aliases"])
def test_a_look_alike_is_named_by_its_code_point(key: str, label: str, code: str, named: str) -> None:
    place = Place("f", 2, 3)
    record = Record("term", {key: ["good", label] if key == "aliases" else label}, Place("f"), {(key,): place, (key, 1): place})
    (problem,) = confusables.check(record)
    assert (problem.place, problem.code) == (place, code)
    assert named in problem.message


def test_a_record_is_broken_by_kind_and_id_whatever_its_problem_says(shipped: KnowledgeBase, names: Names) -> None:
    long = "a" * 150  # messages show the first 100 characters
    fact = shipped.facts[0]._replace(subject=f"{long}1", object=f"{long}2")
    problems = list(references.check(shipped._replace(facts=(fact,), mappings=()), names, {("term", f"{long}1")}))
    assert [problem.code for problem in problems] == ["KB301"]
