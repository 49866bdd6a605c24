"""A claim in words keeps everything that denies, restricts or grades it, and no two different claims have the same words."""

from __future__ import annotations

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kb.model import Evidence, Fact, KnowledgeBase, Predicate, Term
from kb.rdf.wording import DENIAL, find_hedges, spell_qualifiers, word_fact, word_hedged, word_qualifiers
from kb.schema import vocabulary
from tests.schema.quantity_records import spelled

_ODD = [
    "dogs",
    "denied: dogs",
    "usually dogs",
    "may be dogs",
    "dogs; trigger: cats",
    "dogs (can)",
    'dogs "old"',
    "cats",
    "a: b",
    "is",
    "dogs (can",
]
_TERMS = {f"t{number}": Term(f"t{number}", "population", label, "") for number, label in enumerate(_ODD)}
_PREDICATES = {"has": Predicate("has", "has", "", (), ()), "denies": Predicate("denies", "denied: has", "", (), ())}
_MODALITIES = sorted(vocabulary.values("modality"))


@st.composite
def claims(draw: st.DrawFn) -> Fact:
    """Draw a fact with any qualifiers, each with any hedge but the denial, which has that of the claim (KB322)."""
    names = [name for name in vocabulary.qualifiers() if name != "modality"]
    qualifiers = {"modality": draw(st.sampled_from(_MODALITIES))}
    for name in draw(st.lists(st.sampled_from(names), max_size=3, unique=True)):
        own = vocabulary.qualifiers()[name]
        words = sorted(vocabulary.values(name)) if own.listed else sorted(_TERMS) if own.kinds else []
        numbers = st.nothing() if own.units is None else spelled(name)
        qualifiers[name] = draw(st.sampled_from(words) | numbers if words else numbers)
    pieces = [Evidence("s1.1", "s1.1", ("claim", *qualifiers))]
    hedges = st.sampled_from(["", *_MODALITIES])
    pieces += [
        Evidence(f"s1.2-{name}", "s1.2", (name,), draw(hedges) if name != DENIAL else "")
        for name in qualifiers
        if name != "modality"
    ]
    subject, predicate = draw(st.sampled_from(sorted(_TERMS))), draw(st.sampled_from(sorted(_PREDICATES)))
    return Fact("", "d", subject, predicate, draw(st.sampled_from(sorted(_TERMS))), qualifiers, tuple(pieces))


def restrictions(fact: Fact) -> str:
    return word_qualifiers(fact.qualifiers, find_hedges(fact), _TERMS).restrictions


@settings(max_examples=300, deadline=None)
@given(first=claims(), second=claims())
def test_different_claims_have_different_words(first: Fact, second: Fact) -> None:
    assume(spell_qualifiers(first) != spell_qualifiers(second))
    assert word_fact(first, _TERMS, _PREDICATES) != word_fact(second, _TERMS, _PREDICATES)
    limits = [{name: own for name, own in spell_qualifiers(fact).items() if name in _LIMITS} for fact in (first, second)]
    if limits[0] != limits[1]:
        assert restrictions(first) != restrictions(second)


_LIMITS = set(vocabulary.restricting_qualifiers())


@settings(max_examples=100, deadline=None)
@given(first=claims(), subject=st.sampled_from(sorted(_TERMS)), changed=claims())
def test_one_changed_qualifier_changes_the_words(first: Fact, subject: str, changed: Fact) -> None:
    """The nearest neighbours of a claim: the same ends, with one qualifier dropped, denied or otherwise hedged."""
    for name in first.qualifiers:
        if name != "modality":
            dropped = {key: value for key, value in first.qualifiers.items() if key != name}
            assert word_fact(first._replace(qualifiers=dropped), _TERMS, _PREDICATES) != word_fact(first, _TERMS, _PREDICATES)
    denied = first._replace(subject=subject, qualifiers={**first.qualifiers, "polarity": "negated"})
    assert word_fact(denied, _TERMS, _PREDICATES).partition(": ")[0].endswith("denied")
    assume(spell_qualifiers(changed) != spell_qualifiers(denied))
    same_ends = changed._replace(subject=denied.subject, predicate=denied.predicate, object=denied.object)
    assert word_fact(same_ends, _TERMS, _PREDICATES) != word_fact(denied, _TERMS, _PREDICATES)


@settings(max_examples=100, deadline=None)
@given(fact=claims())
def test_a_denial_is_never_read_without_the_grades_of_what_it_denies(fact: Fact) -> None:
    denied = fact._replace(qualifiers={**fact.qualifiers, "polarity": "negated"})
    graded = {
        vocabulary.qualifiers()[name].label for name in denied.qualifiers if name not in {"modality", "polarity", "listing"}
    }
    assert graded <= {part.partition(": ")[0] for part in restrictions(denied).split("; ")}
    assert restrictions(denied)


def test_a_claim_reads_as_a_sentence_with_all_its_qualifiers(brightol: KnowledgeBase) -> None:
    for fact in brightol.facts:
        own = word_fact(fact, brightol.terms, brightol.predicates)
        assert own.startswith("denied: ") == ("polarity" in fact.qualifiers)
        graded = [
            vocabulary.qualifiers()[name].label for name in fact.qualifiers if name not in {"modality", "polarity", "listing"}
        ]
        assert all(f"{label}: " in own for label in graded)


def test_what_is_said_flatly_or_as_firmly_as_the_claim_is_no_hedge() -> None:
    pieces = [Evidence(f"s1.{number}", f"s1.{number}", ("severity",), hedge) for number, hedge in enumerate(("", "is", "can"))]
    fact = Fact("", "d", "a", "b", "c", {"modality": "can", "severity": "mild"}, tuple(pieces))
    assert find_hedges(fact) == {}
    fact = fact._replace(evidence=(*pieces, Evidence("s2.1", "s2.1", ("severity", "claim"), "usually")))
    assert find_hedges(fact) == {"severity": ("usually",)}
    assert spell_qualifiers(fact) == {"modality": "can", "severity": "usually mild"}


def test_a_hedged_value_reads_as_english() -> None:
    assert {word_hedged("severe", [hedge]) for hedge in _MODALITIES} == {
        *("is severe", "usually severe", "sometimes severe", "can be severe", "may be severe", "can sometimes be severe"),
        *("helps to be severe", "can help to be severe", "potentially severe", "important to be severe", "should be severe"),
    }
    assert word_hedged("severe", ["usually", "may"]) == "usually or may be severe"
