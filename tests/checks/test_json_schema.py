"""Records are checked by two validators with the same verdicts, and errors are explained."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kb import resources
from kb.checks import json_schema
from kb.model import Record
from kb.problems import Place

KINDS = ["kb", "document", "term", "predicate", "fact", "mapping", "query"]
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters())
    | st.text(st.characters(categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters()), inner, max_size=3),
    max_leaves=8,
)


def _keys(kind: str) -> list[str]:
    return [key for key in resources.schema(kind)["properties"] if key != "prefixes"]


SPOILT = st.sampled_from(KINDS).flatmap(
    lambda kind: st.tuples(
        st.just(kind), st.dictionaries(st.sampled_from(_keys(kind)) | st.text(), ANYTHING, max_size=5) | ANYTHING
    )
)


@settings(deadline=None)
@given(SPOILT)
def test_any_value_is_accepted_or_explained_briefly(case: tuple[str, Any]) -> None:
    kind, value = case
    assume("None" not in json.dumps(value))  # messages show keys and values as they are
    accepted = json_schema.accepts(kind, value)
    problems = list(json_schema.check(Record(kind, value, Place("f", 1, 1))))
    assert accepted or problems
    for problem in problems:
        assert problem.code in {"KB201", "KB202", "KB203", "KB204", "KB205", "KB206", "KB502"}
        assert len(problem.message) < 250
        assert problem.message.isprintable()
        assert "None" not in problem.message


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "value", [10**4000, -(10**299), 1e308, float("nan"), "\ud800", {"\ud800": "\udfff"}, [[[[]]]], None, True]
)
def test_values_beyond_what_a_validator_can_hold_are_not_accepted(kind: str, value: object) -> None:
    assert not json_schema.accepts(kind, value)


@pytest.mark.parametrize("kind", KINDS)
def test_the_examples_of_the_schemas_are_accepted_by_both_validators(kind: str) -> None:
    for example in resources.schema(kind)["examples"]:
        assert json_schema.accepts(kind, example)
        assert not list(json_schema.check(Record(kind, example, Place("f"))))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("id", "a\n"),
        ("label", "a\n"),
        ("label", "a\u2028"),
        ("value", "1\n"),
        ("value", "१"),
        ("unit", "mg "),
        ("id", "a" * 101),
        ("id", "-a"),
        ("label", "x" * 201),
        ("definition", ""),
        ("aliases", ["a", "a\n"]),
    ],
)
def test_what_one_validator_refuses_the_other_explains(key: str, value: object) -> None:
    term = {"id": "a", "kind": "drug", "label": "a", "definition": "a", "value": "1", "unit": "mg", key: value}
    assert not json_schema.accepts("term", term)
    told = list(json_schema.check(Record("term", term, Place("f"))))
    assert told
    assert all(problem.message.startswith(key) for problem in told)


def test_the_number_of_problems_of_a_record_is_limited() -> None:
    record = Record("kb", {f"key{number}": 1 for number in range(1000)}, Place("f"))
    assert len(list(json_schema.check(record))) == json_schema.MOST_PER_RECORD


def test_a_value_has_one_problem_however_many_rules_it_breaks() -> None:
    term = {"id": "A" * 200, "kind": 1, "label": "\n" * 300, "definition": []}
    told = [problem.message.split(" ")[0] for problem in json_schema.check(Record("term", term, Place("f")))]
    assert sorted(told) == ["definition", "id", "kind", "label"]


def test_schemas_are_not_fetched_and_need_no_network() -> None:
    assert json.dumps(resources.schema("fact")).count('"$ref": "http') == 0


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"value": "x", "datatype": "xsd:integer"}, "object.value cannot be 'x'. Write it as XML Schema writes xsd:integer"),
        ({"value": "x", "language": "en", "datatype": "xsd:string"}, "object has both a datatype and a language."),
        ({"value": 1.5}, "object.value must be text, not a number."),
        ({"valeu": "x"}, "object cannot have 'valeu'. Did you mean 'value'?"),
        ({"value": None}, "object.value is left empty; it must be text."),
        ({"value": "x" * 100_001}, "object.value is longer than 100000 characters."),
        ("Dro\u03c9siness", "object cannot be 'Dro\u03c9siness'."),
        ("dr\u043ewsiness", "object cannot be 'dr\u043ewsiness'. It holds U+043E CYRILLIC SMALL LETTER O."),
        (True, "object must be a word or a literal, not true or false."),
    ],
)
def test_a_choice_of_shapes_is_explained_by_the_shape_that_was_meant(value: object, told: str) -> None:
    fact = {"subject": "a", "predicate": "b", "object": value, "modality": "is", "evidence": [{"sentence": "s1.1"}]}
    problems = [f"{each.message} {each.remedy}" for each in json_schema.check(Record("fact", fact, Place("f")))]
    assert any(problem.startswith(told) for problem in problems)


def test_what_only_the_compiled_validator_refuses_is_reported_without_details(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_schema, "accepts", lambda *_: False)
    good = resources.schema("term")["examples"][0]
    (problem,) = json_schema.check(Record("term", good, Place("f", 3, 4)))
    assert str(problem) == "f:3:4: KB206 The record breaks its schema. See schemas/term.schema.json."


def test_every_missing_and_every_malformed_key_is_reported_once() -> None:
    value = {"prefixes": {"1a": "http://a/", "2b": "http://b/"}}
    problems = [(each.code, each.message) for each in json_schema.check(Record("kb", value, Place("f")))]
    missing = [f"This knowledge base has no '{key}'." for key in resources.schema("kb")["required"] if key != "prefixes"]
    assert [message for code, message in problems if code == "KB201"] == missing
    assert [message.split()[-1] for code, message in problems if code == "KB205"] == ["'1a'.", "'2b'."]
