"""Merging files of records: what one side changed is taken, what both changed is a conflict, nothing is lost."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.curation import record_merge
from kb.curation.canonical import canonicalize
from kb.problems import KbError
from kb.records import strict_yaml, yaml_errors

Records = dict[str, str]
NAMES = "abcdefghij"


def write_terms(records: Records) -> str:
    values = [{"id": name, "kind": "symptom", "label": label, "definition": "A sign."} for name, label in records.items()]
    return canonicalize(json.dumps(values), "term", "terms.yaml")


def write_facts(records: Records) -> str:
    values = [
        {"subject": "x", "predicate": "p", "object": name, "modality": "is", "note": note, "evidence": [{"sentence": "s1.1"}]}
        for name, note in records.items()
    ]
    return canonicalize(json.dumps(values), "fact", "x.yaml")


def write_document(records: Records) -> str:
    sentences = [{"id": name, "start": 1, "end": 2, "sha256": note} for name, note in records.items()]
    return canonicalize(json.dumps({"id": "doc", "sentences": sentences}), "document", "d.yaml") if records else "id: doc\n"


def write_lines(records: Records) -> str:
    return "".join(f"{json.dumps({'id': name, 'label': label})}\n" for name, label in records.items())


def write_mappings(records: Records) -> str:
    heading = "#mapping_set_id: x\ncomment\tsubject_id\tpredicate_id\tobject_id\n"
    return heading + "".join(f"{note}\t{name}\tskos:exactMatch\tX:1\n" for name, note in records.items())


WRITERS = {
    "terms/terms.yaml": write_terms,
    "facts/x.yaml": write_facts,
    "documents/d.yaml": write_document,
    "terms/more.jsonl": write_lines,
    "mappings/x.sssom.tsv": write_mappings,
}


def read(text: str, name: str) -> Records:
    parts = [part for part in record_merge.split(text, record_merge.find_kind(name), name) if isinstance(part.value, dict)]
    values: list[dict[str, Any]] = [part.value for part in parts]
    pairs = [
        (value.get("subject_id") or value.get("object") or value["id"], value) for value in values if value.get("id") != "doc"
    ]
    assert len(dict(pairs)) == len(pairs)
    return {
        key: next(str(value[name]) for name in ("label", "note", "sha256", "comment") if name in value) for key, value in pairs
    }


@st.composite
def versions(draw: st.DrawFn) -> tuple[Records, Records, Records]:
    base = dict.fromkeys(draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1)), "old")
    change = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["", "one", "two"]))
    sides = [{**base, **draw(change)} for _ in range(2)]
    return base, *({name: label for name, label in side.items() if label} for side in sides)  # type: ignore[return-value]


@pytest.mark.parametrize("name", WRITERS)
@given(sides=versions())
def test_no_record_is_lost_and_only_what_both_changed_is_a_conflict(name: str, sides: tuple[Records, Records, Records]) -> None:
    base, own, other = sides
    texts = [WRITERS[name](side) for side in sides]
    merged = record_merge.merge(texts[0], texts[1], texts[2], name)
    both = {
        key
        for key in {*base, *own, *other}
        if len({base.get(key), own.get(key)}) == 2 == len({base.get(key), other.get(key)}) and own.get(key) != other.get(key)
    }
    expected = {
        key: label
        for key in {*own, *other} - both
        if (label := own.get(key) if other.get(key) == base.get(key) or own.get(key) == other.get(key) else other.get(key))
    }
    assert len(merged.conflicts) == len(both)
    if both:
        with pytest.raises(KbError, match="KB104"):
            yaml_errors.refuse_conflict(merged.text, name)
        blocks = re.findall(r"<<<<<<< ours\n(.*?)=======\n(.*?)>>>>>>> theirs\n", merged.text, re.DOTALL)
        assert len(blocks) == len(both)
        rest = re.sub(r"<<<<<<< ours\n.*?>>>>>>> theirs\n", "", merged.text, flags=re.DOTALL)
        assert read(rest, name) == expected
    else:
        assert read(merged.text, name) == expected
        assert name.endswith((".jsonl", ".tsv")) or strict_yaml.parse(merged.text, name).value is not None


@pytest.mark.parametrize("name", WRITERS)
def test_a_record_added_by_one_side_stays_where_the_other_removes_all_others(name: str) -> None:
    base, own, empty = (WRITERS[name](records) for records in ({"b": "old"}, {"b": "old", "a": "one"}, {}))
    for sides in ((own, empty), (empty, own)):
        merged = record_merge.merge(base, *sides, name)
        assert not merged.conflicts
        assert read(merged.text, name) == {"a": "one"}


TERM = "- id: {}\n  kind: symptom\n  label: {}\n  definition: A sign.\n"


def test_comments_and_headings_stay_with_their_records() -> None:
    base = "# yaml-language-server: $schema=x.json\n\n# Signs\n\n" + TERM.format("b", "b")
    own = base.replace("- id", "# mine\n- id") + "# last\n"
    other = base.replace("# Signs\n\n", "# Signs\n\n# the first\n" + TERM.format("a", "a") + "\n") + "\n" + TERM.format("c", "c")
    merged = record_merge.merge(base, own, other, "terms/terms.yaml")
    assert merged.conflicts == ()
    assert merged.text == (
        "# yaml-language-server: $schema=x.json\n\n# Signs\n\n# the first\n"
        + "\n".join((TERM.format("a", "a"), "# mine\n" + TERM.format("b", "b"), TERM.format("c", "c")))
        + "# last\n"
    )


def test_a_fact_that_becomes_restricted_is_another_fact() -> None:
    base, own = write_facts({"a": "old"}), write_facts({"a": "new"})
    other = base.replace("modality: is\n", "modality: is\n  condition: c\n")
    merged = record_merge.merge(base, own, other, "facts/x.yaml")
    assert merged.conflicts == ("x x p a",)  # removed by one, changed by the other
    assert merged.text.count("condition: c") == 1


@pytest.mark.parametrize(
    ("text", "name", "code"),
    [
        ("- {id: a}: b\n", "terms/terms.yaml", "KB104"),
        ("[{id: a, label: x}, {id: b, label: y}]\n", "terms/terms.yaml", "KB812"),
        ("{}\n", "notes/a.yaml", "KB823"),
        ("nothing\n", "terms/a.jsonl", "KB104"),
    ],
)
def test_what_cannot_be_split_is_refused(text: str, name: str, code: str) -> None:
    with pytest.raises(KbError, match=code):
        record_merge.merge("", text, text.replace("x", "y"), name)


def test_a_table_whose_columns_change_while_rows_are_added_is_refused() -> None:
    base = write_mappings({"a": "old"})
    with pytest.raises(KbError, match="KB823"):
        record_merge.merge(
            base, base + "new\tb\tskos:exactMatch\tX:1\n", base.replace("comment\t", "").replace("old\t", ""), "x.sssom.tsv"
        )
