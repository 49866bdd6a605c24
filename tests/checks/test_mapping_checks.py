"""What mapping sets call equal has one strength, also through others; an exact match joins things of one kind only."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kb.checks import mapping_checks
from kb.model import KnowledgeBase, OutsideMatch

MONDO, DOID, NCIT = "MONDO:0005027", "DOID:1826", "NCIT:C3020"


def match(subject: str, relation: str, obj: str) -> OutsideMatch:
    return OutsideMatch(subject, f"skos:{relation}Match", obj, "semapv:ManualMappingCuration", "", "2026-01-31")


@pytest.fixture
def check(shipped: KnowledgeBase) -> Callable[..., list[tuple[str, str]]]:
    def run(*rows: OutsideMatch) -> list[tuple[str, str]]:
        ours, outside = (tuple(row for row in rows if row.is_ours is wanted) for wanted in (True, False))
        kb = shipped._replace(mappings=ours, outside=outside)
        return [(problem.code, problem.message) for problem in mapping_checks.check(kb)]

    return run


EPILEPSY = (match(MONDO, "exact", DOID), match(NCIT, "exact", MONDO))  # two sets, read from either side


def test_identifiers_that_are_equal_through_another_set_have_one_strength(check: Callable[..., list[tuple[str, str]]]) -> None:
    rows = (match("term:seizure-disorders", "close", DOID), match("term:seizure-disorders", "exact", NCIT))
    assert check(*rows) == []
    ((code, message),) = check(*rows, *EPILEPSY)
    assert (code, "'DOID:1826' as 'closeMatch'" in message, "mapping sets call equal" in message) == ("KB325", True, True)
    assert check(rows[0], match("term:seizure-disorders", "close", NCIT), *EPILEPSY) == []


def test_two_terms_are_not_both_equal_to_identifiers_that_are_equal(check: Callable[..., list[tuple[str, str]]]) -> None:
    rows = (match("term:seizure-disorders", "exact", DOID), match("term:panic-disorder", "exact", NCIT))
    assert check(*rows) == []
    assert [code for code, _ in check(*rows, *EPILEPSY)] == ["KB325"]


def test_what_is_not_exact_between_outside_identifiers_joins_nothing(check: Callable[..., list[tuple[str, str]]]) -> None:
    rows = (match("term:seizure-disorders", "close", DOID), match("term:seizure-disorders", "exact", NCIT))
    assert check(*rows, match(DOID, "close", NCIT), match(NCIT, "broad", MONDO), match(MONDO, "exact", DOID)) == []


@pytest.mark.parametrize(
    ("subject", "obj", "words"),
    [
        ("term:clonazepam", "HP:0001250", "things of other kinds"),
        ("term:drowsiness", "CHEBI:3756", "things of other kinds"),
        ("term:brain", "biolink:located_in", "relations"),
        ("term:brain", "RO:0001025", "relations"),
        ("pred:has-side-effect", "HP:0002329", "things"),
        ("pred:has-side-effect", "mesh:D064420", "things"),
    ],
)
def test_an_exact_match_is_of_a_compatible_kind(
    subject: str, obj: str, words: str, check: Callable[..., list[tuple[str, str]]]
) -> None:
    ((code, message),) = check(match(subject, "exact", obj))
    assert (code, message.endswith(f"vocabulary for {words}.")) == ("KB324", True)
    assert check(match(subject, "related", obj)) == []


@pytest.mark.parametrize(
    ("subject", "obj"),
    [("pred:located-in", "RO:0001025"), ("pred:located-in", "biolink:located_in"), ("term:brain", "UBERON:0000955")],
)
def test_an_exact_match_of_the_same_kind_is_no_problem(
    subject: str, obj: str, check: Callable[..., list[tuple[str, str]]]
) -> None:
    assert check(match(subject, "exact", obj)) == []


def test_the_shipped_mappings_stand_beside_what_mondo_calls_equal(shipped: KnowledgeBase) -> None:
    assert len(shipped.outside) > 15
    assert not list(mapping_checks.check(shipped))
    weaker = [row._replace(match="skos:closeMatch") if row.object == "DOID:594" else row for row in shipped.mappings]
    assert {problem.code for problem in mapping_checks.check(shipped._replace(mappings=tuple(weaker)))} == {"KB325"}
