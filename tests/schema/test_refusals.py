"""JSON Schema and SHACL reject the same records, and so do both engines of JSON Schema."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from itertools import combinations
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from pyld import jsonld

from kb import pipeline, resources
from kb.checks import json_schema
from kb.rdf.iris import Names
from kb.schema import vocabulary
from tests.schema.conftest import make_records
from tests.schema.quantity_records import spell_out

Node = dict[str, Any]
Triple = tuple[str, str, str]
Expand = Callable[[Node, str], frozenset[Triple]]
Judge = Callable[..., list[bool]]

_AMOUNT: Node = {"value": "10", "unit": "mg"}
_FACT: Node = {
    "document": "leaflet",
    "subject": "examplol",
    "predicate": "has-side-effect",
    "object": "itch",
    "modality": "can",
    **{
        name: next(iter(vocabulary.values(name))) if value.listed else "some-term" if value.kinds else _AMOUNT
        for name, value in vocabulary.qualifiers().items()
        if name != "modality"
    },
    "evidence": [
        {"sentence": "s1.1"},
        {"sentence": "s1.2", "supports": ["severity", "course"], "modality": "usually", "start": 51, "end": 77},
    ],
    "note": "A remark.",
    "curator": "model:example-1",
    "added": "2026-11-29",
    "review": [{"by": "person:me", "on": "2026-11-29", "verdict": "agreed", "digest": "0" * 64}],
    "status": {"is": "disputed", "reason": "It may be said of another drug."},
}
_SMALL = {key: _FACT[key] for key in ("subject", "predicate", "object", "modality")} | {"evidence": [{"sentence": "s1.1"}]}
_QUANTITY: Node = {"value": "2.50", "unit": "%", "band": "common", "approx": True, "per": 100, "n": 12, "of": 145}
_RANGE: Node = {"low": "10", "high": "35", "unit": "mg"}
_BOUNDS: Node = {"more-than": "1", "at-most": 5, "unit": "mg"}
_TERM: Node = {
    "id": "examplol-2mg",
    "kind": "strength",
    "label": "examplol 2 mg",
    "aliases": ["Examplol"],
    "definition": "An amount.",
    "value": "2.50",
    "unit": "mg",
    "deprecated": True,
    "replaced-by": "examplol-two-mg",
    "note": "A remark.",
}
_PREDICATE: Node = {
    "id": "has-side-effect",
    "label": "has side effect",
    "definition": "Named as an unwanted effect.",
    "subject": ["drug", "drug-class"],
    "object": ["symptom", "literal"],
    "qualifiers": ["frequency", "trigger"],
    "requires": ["trigger"],
    "plain": ["is", "can"],
    "symmetric": True,
    "note": "A remark.",
}
_CLASSES = {"fact": ["Fact", "Evidence", "Quantity", "Review", "AllOf", "AnyOf"], "term": ["Term"], "predicate": ["Predicate"]}
_GOOD = {"fact": _FACT, "term": _TERM, "predicate": _PREDICATE}

#: Bad values by the definition in values.schema.json that a key refers to.
_BAD_IDS = ["", "Upper", "two--hyphens", "-first", "last-", "with blank", "ä", "a_b", "a.b", "a/b", "é" * 3, "a" * 101]
_BAD: dict[str, list[object]] = {
    "id": [*_BAD_IDS],
    "predicate-id": [*_BAD_IDS, "7", "123", "1-2", "12-34-56"],
    "sentence-id": ["", "3.2", "s3", "s0.1", "s3.02", "S3.2", "s3.2.1", "s123456.1", "s3.2 "],
    "label": ["", " first", "last ", "\u00a0first", "two\nlines", "two\rlines", "two\u2028lines", "ends\n", "x" * 201],
    "text": ["", "x" * 4001],
}
#: Bad values of the keys that have a pattern of their own, and of truth values.
_BAD_GROUPS: dict[str, Node] = {
    "with one value": {"any-of": ["stopping"]},
    "with one value twice": {"all-of": ["stopping", "stopping"]},
    "of both sorts": {"all-of": ["stopping", "starting"], "any-of": ["stopping", "starting"]},
    "with a word that is no id": {"any-of": ["stopping", "Starting"]},
    "that are no list": {"any-of": "stopping"},
    "of another sort": {"none-of": ["stopping", "starting"]},
}
_BAD_NUMBERS: list[object] = ["", "two", "1.", ".5", "1e3", "+1", "1" * 16, "2\n", 1.5, True, {}]
_BAD_COUNTS: list[object] = [-1, 1.5, True, {}, "first", 1_000_000_001]
_BAD_BY_KEY: dict[str, list[object]] = {
    **dict.fromkeys(("low", "high", "at-least", "more-than", "at-most", "less-than"), _BAD_NUMBERS),
    **dict.fromkeys(("n", "per", "of"), _BAD_COUNTS),
    "approx": ["yes", "True", 7, {}, [True, False]],
    "value": ["", "two", "-1", "1.", ".5", "1e3", "+1", "1" * 31, "0." + "1" * 31, "2\n", 1.5, True],
    "unit": ["", "m g", "µg", "x" * 31, "mg\n", 7, True],
    "start": [-1, 1.5, True, {}, "first", 1_000_000_001],
    "end": [-1, 1.5, True, {}, "last", 1_000_000_001],
    "deprecated": ["yes", "True", "false", False, 7, {}, [True, False]],
    "symmetric": ["yes", "True", 7, {}, [True, False]],
}
#: Bad lexical forms by datatype.
_BAD_FORMS = {
    "xsd:boolean": ["", "yes", "TRUE", "true ", "2", "true\n"],
    "xsd:integer": ["", "1.0", "1e3", "0x1", " 1", "1 ", "1_0", "\u0661", "9" * 1001],
    "xsd:decimal": ["", ".", "1e3", "INF", "1,5", "1 ", "1_0", "+"],
    "xsd:double": ["", "inf", "nan", "Infinity", "1e", "e1", "0x1", "1_0"],
    "xsd:date": ["", "2026-13-01", "2026-00-01", "2026-02-30", "2023-02-29", "1900-02-29", "0000-01-01", "20260101"],
    "xsd:dateTime": ["", "2026-01-01", "2026-01-01 00:00:00", "2026-01-01T24:01:00", "2026-02-30T00:00:00"],
    "xsd:gYear": ["", "26", "02026", "2026-01", "2026 "],
    "xsd:duration": ["", "P", "PT", "P1YT", "1Y", "P1S", "P1.5Y", "-", "P123456789D"],
    "xsd:anyURI": ["a b", "<x>", "{x}", "a\\b", "a\tb", "a\u00a0b"],
}  # fmt: skip
_SCALARS: list[object] = [{}, ["no-such-one", "nor-this"], 7, True]
_LISTS: list[object] = [7, True, {}, [7], [{}]]


def _nodes(kind: str, record: Node) -> Node:
    """Spell a record out as :func:`tests.schema.jsonld_records.as_jsonld` does, whatever is wrong with it."""
    if kind != "fact":
        types, folder = (["Term", "Concept"], "term") if kind == "term" else (["Predicate", "Property"], "predicate")
        name = record.get("id")
        named = {"id": f"{folder}/{name}" if isinstance(name, str) else name} if name is not None else {}
        return {**record, **named, "type": types}
    pieces = record.get("evidence")
    parts = ["claim", *(name for name in vocabulary.qualifiers() if name in record)]
    nodes = {name: _figure(name, value) for name, value in record.items() if name in {"object", *vocabulary.qualifiers()}}
    spelt: Node = {"document": "leaflet", **record, **nodes, "id": "fact/it", "type": ["Fact", "Statement"]}
    spelt |= _curation(record)
    if isinstance(pieces, list):
        spelt["evidence"] = [_piece(index, piece, parts) for index, piece in enumerate(pieces)]
        spelt["sentences"] = [each["sentence"] for each in spelt["evidence"] if isinstance(each, dict) and "sentence" in each]
    return spelt


def _curation(record: Node) -> Node:
    """Spell out who entered and reviewed a fact, as far as it is so."""
    spelt: Node = {"curator": _agent(record["curator"])} if "curator" in record else {}
    if isinstance(record.get("status"), dict) and record["status"]:
        spelt |= {"status": record["status"].get("is", []), "reason": record["status"].get("reason", [])}
    if isinstance(record.get("review"), list):
        spelt["review"] = [
            {**each, "by": _agent(each.get("by", [])), "id": f"fact/it/evaluation/{number}", "type": ["Review", "Activity"]}
            if isinstance(each, dict)
            else each
            for number, each in enumerate(record["review"])
        ]
    return spelt


def _agent(name: Any) -> Any:
    is_agent = isinstance(name, str) and not json_schema.find_value_error("agent", name)
    return Names("", {}).agent(name) if is_agent else name


def _figure(name: str, value: Any) -> Any:
    """Spell a quantity out: in the place of an object, what has no unit is a literal."""
    if not isinstance(value, dict) or "id" in value or (name == "object" and "unit" not in value) or not value:
        return value
    if value.keys() <= {"all-of", "any-of"}:
        types = [{"all-of": "AllOf", "any-of": "AnyOf"}[kind] for kind in value]
        return {**value, "id": f"fact/it/group/{name}", "type": types}
    return spell_out(value, f"fact/it/figure/{name}")


def _piece(index: int, piece: Any, parts: list[str]) -> Any:
    if not isinstance(piece, dict):
        return piece
    spelt = {"supports": parts, **piece, "id": f"fact/it/evidence/{index}", "type": "Evidence"}
    side = spelt.pop("direction", "supports")
    given = parts if spelt["supports"] == [] else spelt["supports"]
    if side == "disputes" and not piece.get("supports"):
        given = ["claim"]
    spelt |= {"supports": None, side if side in ("supports", "disputes") else "no-such-direction": given}
    if isinstance(piece.get("sentence"), str):
        spelt["sentence"] = f"leaflet/{piece['sentence']}"
    return spelt


def _triples(kind: str, record: Node, number: int, expand: Expand) -> frozenset[Triple]:
    """Make a record RDF under a base of its own; what is no JSON-LD becomes nothing."""
    try:
        return expand(_nodes(kind, record), f"https://example.org/m{number}/")
    except jsonld.JsonLdError:
        return frozenset()


def _refused(kind: str, records: list[Node], expand: Expand, judge: Judge) -> list[bool]:
    """Tell which records SHACL refuses. Terms are closed by a rule in SPARQL: see its comment in shapes-sparql.ttl."""
    graphs = [_triples(kind, value, number, expand) for number, value in enumerate(records)]
    return judge(graphs, _CLASSES[kind], with_sparql=kind == "term")


def _counterexamples(kind: str) -> Iterator[tuple[str, Node]]:
    """Break a good record in every way that its schema knows, one at a time."""
    home = resources.schema(kind)
    yield from _broken_object(home, _GOOD[kind])
    if kind == "fact":
        for index in (0, 1):
            for name, piece in _broken_object(home["$defs"]["evidence"], _FACT["evidence"][index]):
                pieces = [*_FACT["evidence"][:index], piece, *_FACT["evidence"][index + 1 :]]
                yield f"evidence[{index}] {name}", {**_SMALL, "evidence": pieces}
        yield from _broken_curation(home)
        for name, literal in _bad_literals():
            yield f"object {name}", {**_SMALL, "object": literal}
        yield from ((f"trigger {name}", {**_SMALL, "trigger": bad}) for name, bad in _BAD_GROUPS.items())
        for good in (_QUANTITY, _RANGE, _BOUNDS):
            counts = {"n": ["of"], "of": ["n"]}  # for one end of a range see _SAME_RDF
            for name, bad in _broken_object(home["$defs"]["quantity"] | {"required": [], "dependentRequired": counts}, good):
                if bad.get("value") != "-1":  # only the value of a term has no sign
                    yield f"dose {name}", {**_SMALL, "dose": bad}
        yield "without a number", {**_SMALL, "dose": {"unit": "mg"}}
        for key, other in combinations(("value", "at-least", "more-than"), 2):
            yield f"{key} and {other}", {**_SMALL, "dose": {key: "1", other: "2", "unit": "mg"}}
        for key, other in combinations(("value", "at-most", "less-than"), 2):
            yield f"{key} and {other}", {**_SMALL, "dose": {key: "1", other: "2", "unit": "mg"}}


def _broken_curation(home: Node) -> Iterator[tuple[str, Node]]:
    for name, review in _broken_object(home["$defs"]["review"], _FACT["review"][0]):
        yield f"review {name}", {**_SMALL, "review": [review]}
    for status in ({"is": "disputed"}, {"reason": "A reason."}, {"is": "covered", "reason": "A reason."}):
        yield f"status {status}", {**_SMALL, "status": status}


def _broken_object(rules: Node, good: Node) -> Iterator[tuple[str, Node]]:
    yield "unknown key", {**good, "no-such-key": "value"}
    yield "unknown key with a node", {**good, "other": {"label": "x"}}
    needs = rules.get("dependentRequired", {})
    needed = {*rules["required"], *(other for others in needs.values() for other in others)}
    for key in needed & set(good):
        yield f"without {key}", {name: value for name, value in good.items() if name != key}
    base = {name: value for name, value in good.items() if name in {*needed, *needs}}
    base |= {"evidence": base["evidence"][:1]} if "evidence" in base else {}
    for key, rule in rules["properties"].items():
        for bad in _bad_values(key, rule, required=key in rules["required"]) if key in good else ():
            yield f"{key}: {str(bad)[:30]!r}", {**base, key: bad}


def _bad_values(key: str, rule: Node, *, required: bool) -> Iterator[object]:
    if rule.get("x-localized"):
        plain = [bad for bad in _bad_values("", rule["anyOf"][0], required=required) if (key, bad) != ("aliases", {})]
        yield from plain
        yield from ({"en": bad} for bad in plain if isinstance(bad, str) or (key == "aliases" and isinstance(bad, list)))
    elif key in _BAD_BY_KEY:
        yield from _BAD_BY_KEY[key]
    elif rule.get("type") == "array":
        yield from _LISTS
        yield from ([] for _ in range(rule.get("minItems", 0)))
        if not rule["items"]["$ref"].startswith("#"):
            yield from ([bad] for bad in _bad_values("", rule["items"], required=required) if not isinstance(bad, list))
    else:
        yield from _SCALARS[:2] if key == "object" else _SCALARS
        name = rule["$ref"].rpartition("/")[2] if "$ref" in rule else "id"
        for bad in _BAD.get(name, ["no-such-word", "", "Is", "is ", "a b"])[: None if required or name != "id" else 5]:
            # Optional IRIs that are none are left out by JSON-LD: see _SAME_RDF.
            if required or name in {"label", "text"} or " " not in str(bad):
                yield bad


def _bad_literals() -> Iterator[tuple[str, Node]]:
    for datatype, forms in _BAD_FORMS.items():
        for form in forms:
            yield f"{form[:20]!r} of {datatype}", {"value": form, "datatype": datatype}
    yield "empty", {}
    yield "without a value", {"datatype": "xsd:integer"}
    yield "of a language without a value", {"language": "en"}
    yield "of an unknown datatype", {"value": "1", "datatype": "xsd:byte"}
    yield "of an unknown prefix", {"value": "1", "datatype": "no:such"}
    yield "of a datatype and a language", {"value": "x", "datatype": "xsd:string", "language": "en"}
    yield "with an unknown key", {"value": "x", "no-such-key": "y"}
    yield "of a datatype that is a number", {"value": "x", "datatype": 7}
    yield "of a language that is a number", {"value": "x", "language": 7}
    yield "of a value that is a mapping", {"value": {}}
    yield "that is too long", {"value": "x" * 100_001}


@pytest.mark.long("the SHACL shapes for each of some hundred counterexamples")
@pytest.mark.parametrize("kind", ["fact", "term", "predicate"])
def test_both_reject_every_counterexample(kind: str, expand: Expand, judge: Judge) -> None:
    examples = [(name, deepcopy(record)) for name, record in _counterexamples(kind)]
    assert len(examples) > {"fact": 250, "term": 60, "predicate": 70}[kind]
    assert [name for name, record in examples if json_schema.accepts(kind, record)] == []
    verdicts = _refused(kind, [record for _, record in examples], expand, judge)
    assert [name for (name, _), refused in zip(examples, verdicts, strict=True) if not refused] == []


@pytest.mark.parametrize("kind", ["fact", "term", "predicate"])
def test_both_accept_the_record_that_counterexamples_are_made_of(kind: str, expand: Expand, judge: Judge) -> None:
    needed = {"value", "unit", "comparator", "deprecated", *(["note"] if kind == "term" else [])}  # by other keys
    optional = _GOOD[kind].keys() - {*resources.schema(kind)["required"], *needed}
    records = [_GOOD[kind], *({name: value for name, value in _GOOD[kind].items() if name != key} for key in sorted(optional))]
    assert all(json_schema.accepts(kind, record) for record in records)
    assert not any(_refused(kind, records, expand, judge))


# To shrink takes minutes.
_FEW = settings(max_examples=1 + settings().max_examples // 50, phases=[Phase.explicit, Phase.reuse, Phase.generate])


@_FEW
@given(data=st.data())
def test_both_give_the_same_verdict_on_good_records_and_their_mutants(
    data: st.DataObject, good_records: dict[str, st.SearchStrategy[Node]], expand: Expand, judge: Judge
) -> None:
    _compare(data, good_records, expand, judge)


@_FEW
@given(data=st.data())
def test_both_give_the_same_verdict_where_a_knowledge_base_has_its_own_words(
    data: st.DataObject, expand: Expand, judge: Judge
) -> None:
    vocabulary.use(pipeline.load(resources.example("tessera")).dataset.vocabulary)
    assert {"maturity", "in-version", "runtime"} < vocabulary.own_iris().keys()
    _compare(data, make_records(), expand, judge)


def _compare(data: st.DataObject, good_records: dict[str, st.SearchStrategy[Node]], expand: Expand, judge: Judge) -> None:
    for kind, good in good_records.items():
        records = data.draw(st.lists(good, min_size=1, max_size=4))
        mutants = [data.draw(_mutants(record)) for record in records for _ in range(3)]
        assert all(json_schema.accepts(kind, record) for record in records)
        accepted = [json_schema.accepts(kind, record) for record in records + mutants]
        refused = _refused(kind, records + mutants, expand, judge)
        both = zip(records + mutants, accepted, refused, strict=True)
        assert [record for record, accepts, refuses in both if accepts == refuses] == []


# Words that can be part of an IRI, are none spelt out, and are resolved to no other: see _SAME_RDF.
_ODD = st.text(
    st.characters(min_codepoint=1, exclude_categories=("Cs", "Cc", "Z"), exclude_characters=' ./:#?@\\<>{}|^`"'), max_size=6
)
_MANY = ["no-such", "nor-this"]
_VALUES = st.one_of(
    _ODD,
    st.sampled_from([7, 1.5, True, {}, _MANY, "Is", "drug", "is", "s1.1", "literal", "severity", "x" * 4001]),
)


@st.composite
def _mutants(draw: st.DrawFn, good: Node) -> Node:
    """Drop a key, replace a value, or add a key, at the top or in a piece of evidence."""
    mutant = deepcopy(good)
    place = draw(st.sampled_from([mutant, *mutant.get("evidence", ())]))
    key = draw(st.sampled_from([*place, "severity", "trigger", "modality", "note", "aliases", "no-such-key"]))
    value = draw(_VALUES)
    if draw(st.booleans()) and key in place:
        del place[key]
    elif not _is_good_in_rdf(key, value):
        place[key] = value
    return mutant


def _is_good_in_rdf(key: str, value: object) -> bool:
    """Return whether JSON-LD may turn a value that a schema refuses into a good one: see _SAME_RDF."""
    if isinstance(value, dict | list):
        return key == "as" and isinstance(value, list)
    if key in (_LISTED if isinstance(value, str) else {"object"}):
        return True
    form = value if isinstance(value, str) else "1.5E0" if isinstance(value, float) else json.dumps(value)
    return re.fullmatch(_LEXICAL_FORMS.get(_DATATYPES.get(key, ""), "(?!)"), form) is not None


def _datatypes(context: Node) -> dict[str, str]:
    """Return the datatype that the context gives to the numbers, truth values and strings of each key."""
    datatypes: dict[str, str] = {}
    for key, term in context.items():
        if isinstance(term, dict):
            datatypes |= {key: term["@type"]} if str(term.get("@type", "")).startswith("xsd:") else {}
            datatypes |= _datatypes(term.get("@context", {}))
    return datatypes


# Keys where one value is as good as a list of it.
_LISTED = {"as", "start", "end", "aliases", "subject", "object", "qualifiers", "requires", "plain", "supports", "evidence"}
_DATATYPES = _datatypes(json.loads((resources.schemas() / "context.jsonld").read_text(encoding="utf-8"))["@context"])
_LEXICAL_FORMS = {
    "xsd:string": r"[\s\S]*",
    "xsd:boolean": "true|false|1|0",
    "xsd:decimal": r"[+-]?(\d+(\.\d*)?|\.\d+)",
    "xsd:integer": r"[+-]?\d+",
}


def _worded(words: object) -> Node:
    return {**_FACT, "evidence": [{"sentence": "s1.1", "as": words}]}


#: What the schemas refuse and RDF cannot see, with the reason: the record and one that is accepted are the same RDF.
_SAME_RDF: list[tuple[str, str, Node, Node]] = [
    ("JSON-LD: null says nothing", "fact", {**_FACT, "severity": None}, {**_FACT, "severity": ...}),
    ("JSON-LD: an empty list says nothing", "fact", {**_FACT, "severity": []}, {**_FACT, "severity": ...}),
    ("JSON-LD: a list of one is that one", "fact", {**_FACT, "modality": ["can"]}, _FACT),
    ("JSON-LD: one is a list of one", "term", {**_TERM, "aliases": "Examplol"}, _TERM),
    ("JSON-LD: a list in a list is the outer list", "term", {**_TERM, "aliases": [["Examplol"]]}, _TERM),
    ("RDF: a triple stands once", "predicate", {**_PREDICATE, "plain": ["is", "can"] * 11}, _PREDICATE),
    ("JSON-LD: a number of a given datatype is its digits", "term", {**_TERM, "value": 2}, {**_TERM, "value": "2"}),
    (
        "JSON-LD: a number is an xsd:integer",
        "fact",
        {**_FACT, "object": {"value": 5}},
        {**_FACT, "object": {"value": "5", "datatype": "xsd:integer"}},
    ),
    *(
        (f"JSON-LD: {value} of a given datatype is its word", "fact", _worded(value), _worded({"subject": str(value).lower()}))
        for value in (True, 7)
    ),
    ("JSON-LD: a string of xsd:boolean is its value", "predicate", {**_PREDICATE, "symmetric": "true"}, _PREDICATE),
    (
        "JSON-LD: a number where a literal may stand is one",
        "fact",
        {**_FACT, "object": 5},
        {**_FACT, "object": {"value": "5", "datatype": "xsd:integer"}},
    ),
    ("JSON-LD: what would be no IRI is left out", "fact", {**_FACT, "trigger": "no id"}, {**_FACT, "trigger": ...}),
    ("JSON-LD: a node has several spellings", "fact", {**_FACT, "modality": {"id": "kb:can"}}, _FACT),
    ("RFC 3986: a relative IRI has several spellings", "fact", {**_FACT, "subject": "./examplol"}, _FACT),
    ("JSON-LD: IRIs may be compact", "fact", {**_FACT, "modality": "kb:can"}, _FACT),
    ("JSON-LD: keys may be compact IRIs", "fact", {**_FACT, "severity": ..., "kb:severity": {"id": "kb:mild"}}, _FACT),
    (
        "QUDT: one end of a range is a bound that can be reached",
        "fact",
        {**_FACT, "dose": {"low": "10", "unit": "mg"}},
        {**_FACT, "dose": {"at-least": "10", "unit": "mg"}},
    ),
    (
        "RDF: a member stands once",
        "fact",
        {**_FACT, "trigger": {"any-of": ["stopping", "starting", "stopping"]}},
        {**_FACT, "trigger": {"any-of": ["stopping", "starting"]}},
    ),
    ("JSON-LD: keys that look like keywords are skipped", "fact", {**_FACT, "@comment": "x"}, _FACT),
]


def _without_gaps(record: Node) -> Node:
    """Leave out the keys whose value is ``...``."""
    return {key: value for key, value in record.items() if value is not ...}


@pytest.mark.parametrize(("kind", "record", "same"), [each[1:] for each in _SAME_RDF], ids=[each[0] for each in _SAME_RDF])
@pytest.mark.filterwarnings("ignore::UserWarning:pyld")
def test_what_only_the_schema_rejects_is_equal_rdf_to_what_it_accepts(
    kind: str, record: Node, same: Node, expand: Expand
) -> None:
    record, same = _without_gaps(record), _without_gaps(same)
    assert not json_schema.accepts(kind, record)
    assert json_schema.accepts(kind, same)
    supports = {"supports": ["claim", "severity"]}  # so that it does not depend on which keys there are
    both = [{**each, "evidence": [{**each["evidence"][0], **supports}]} if kind == "fact" else each for each in (record, same)]
    assert _triples(kind, both[0], 0, expand) == _triples(kind, both[1], 0, expand) != frozenset()


@pytest.mark.parametrize("value", ["Itch", ["Itch"], ["Itch", "itch"], True, 7])
def test_rdf_has_no_index_that_says_which_part_a_wording_is_of(value: Any, expand: Expand) -> None:
    indexed = dict(zip(("subject", "object"), value if isinstance(value, list) else [value], strict=False))
    loose, good = ({**_SMALL, "evidence": [{"sentence": "s1.1", "as": wording}]} for wording in (value, indexed))
    assert not json_schema.accepts("fact", loose)
    assert _triples("fact", loose, 0, expand) == _triples("fact", good, 0, expand) != frozenset()


@pytest.mark.parametrize("kind", ["fact", "term", "predicate"])
def test_both_engines_of_json_schema_give_the_same_verdicts(kind: str) -> None:
    same = [_without_gaps(each) for _, sort, *both in _SAME_RDF if sort == kind for each in both]
    records = [*(record for _, record in _counterexamples(kind)), *same, _GOOD[kind]]
    exact = json_schema._exact(kind)
    differing = [record for record in records if exact.is_valid(record) != json_schema.accepts(kind, record)]
    assert differing == []
