"""Canonical form: equal values, all comments, one order, idempotent."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml as pyyaml
from hypothesis import given
from hypothesis import strategies as st

from kb import cli, pipeline, resources
from kb.curation import yaml_layout
from kb.curation.canonical import canonicalize
from kb.problems import KbError
from kb.records import strict_yaml

KINDS = {"documents": "document", "terms": "term", "facts": "fact", "kb.yaml": "kb", "predicates.yaml": "predicate"}

WORDS = st.text(st.characters(exclude_categories=["C"]), max_size=12)
TEXTS = WORDS | st.lists(st.text("ab #:-", min_size=1, max_size=9), min_size=1, max_size=40).map(" ".join)
SCALARS = (
    TEXTS | st.integers(-10, 10**6) | st.booleans() | st.sampled_from(["no", "2026-01-31", "1:40", "0x1F", "~", "null", "1.50"])
)
LISTS = st.lists(SCALARS, max_size=3)
KEYS = st.sampled_from(["subject", "predicate", "object", "modality", "evidence", "note", "id", "label", "of my own"])
PARTS = st.dictionaries(KEYS, SCALARS | LISTS, min_size=1, max_size=3)  # such as pieces of evidence
VALUES = SCALARS | LISTS | PARTS | st.lists(PARTS, max_size=3) | st.dictionaries(WORDS, SCALARS, max_size=3)
RECORDS = st.lists(st.dictionaries(KEYS, VALUES, min_size=1, max_size=6), min_size=1, max_size=4)


@st.composite
def files(draw: st.DrawFn) -> str:
    """A file of records in some style, with comments and blank lines at any place that can hold them."""
    flow = draw(st.sampled_from([True, False, None]))
    value: Any = draw(RECORDS | st.dictionaries(KEYS, VALUES, min_size=1, max_size=6))
    text: str = pyyaml.safe_dump(value, default_flow_style=flow, width=10**6, sort_keys=False, allow_unicode=True)
    lines = []
    for number, line in enumerate(text.rstrip("\n").split("\n")):
        for name in draw(st.lists(st.sampled_from(["one", "two # three", ""]), max_size=2)):
            indent = draw(st.sampled_from([0, 2, 4])) if number else 0
            lines.append(f"{' ' * indent}# {name}{number}")
            lines.extend([""] * draw(st.integers(0, 2)))
        lines.append(line + (f"  # beside {number}" if draw(st.integers(0, 4)) == 0 else ""))
    lines.extend(draw(st.sampled_from([[], ["# the end"], ["", "# the end", ""]])))
    return "\n".join(lines) + "\n"


@given(source=files(), kind=st.sampled_from(["fact", "term", "predicate", "document", "kb"]))
def test_formatting_preserves_values_and_comments_and_is_idempotent(source: str, kind: str) -> None:
    try:
        before = strict_yaml.parse(source, "records.yaml").value
    except KbError:
        return  # PyYAML writes some keys and characters that our reader refuses
    formatted = canonicalize(source, kind, "records.yaml")
    after = strict_yaml.parse(formatted, "records.yaml").value
    assert together(after) == together(before)
    assert yaml_layout.comment_texts(formatted) == yaml_layout.comment_texts(source)
    assert canonicalize(formatted, kind, "records.yaml") == formatted


def together(value: Any) -> list[str]:
    """Give records as texts in which neither their order nor that of their keys shows."""
    return sorted(repr(ordered(each)) for each in (value if isinstance(value, list) else [value]))


def ordered(value: Any) -> Any:
    """Sort the keys of mappings, whose order says nothing."""
    if isinstance(value, dict):
        return {key: ordered(value[key]) for key in sorted(value)}
    return list(map(ordered, value)) if isinstance(value, list) else value


SORTED = """\
# yaml-language-server: $schema=../schemas/facts.schema.json
# Facts of a leaflet.

# Section 1

# the first
- subject: examplol  # the medicine
  predicate: is-a-type-of
  object: medicine
  modality: is
  evidence:
    - sentence: s1.1
  # - sentence: s1.9

- subject: examplol
  predicate: has-side-effect
  object: {value: "2026-01-31", datatype: xsd:date}
  modality: can
  frequency: rare
  evidence:
    - sentence: s1.2
    - sentence: s1.3
      supports: [frequency]

# Section 2

- subject: examplol
  predicate: has-side-effect
  object: itching
  modality: can
  evidence:
    - sentence: s2.1
# the end
"""
UNSORTED = """\
# yaml-language-server: $schema=../schemas/facts.schema.json
# Facts of a leaflet.


# Section 1

- modality: can
  frequency: "rare"
  object:
    datatype: xsd:date
    value: '2026-01-31'
  predicate: has-side-effect
  subject: examplol
  evidence: [{sentence: s1.2}, {supports: ["frequency"], sentence: s1.3}]
# the first
- predicate: is-a-type-of
  subject: examplol # the medicine
  modality: is
  object: medicine
  evidence:
  - sentence: s1.1
    # - sentence: s1.9

# Section 2

- {subject: examplol, predicate: has-side-effect, object: itching, modality: can, evidence: [{sentence: s2.1}]}
# the end
"""


def test_canonical_form_sorts_keys_and_records_below_their_headings() -> None:
    assert canonicalize(UNSORTED, "fact", "facts.yaml") == SORTED


@pytest.mark.parametrize("path", sorted(resources.starter().rglob("*.yaml")), ids=lambda path: path.name)
def test_the_starter_is_in_canonical_form(path: Path) -> None:
    own = {"biolink.yaml": "biolink", "cues.yaml": "cue"}
    kind = own[path.name] if path.name in own else KINDS[path.name if path.name in KINDS else path.parent.name]
    text = path.read_text(encoding="utf-8")
    assert canonicalize(text, kind, path.name) == text


def test_scalars_that_readers_disagree_on_are_quoted() -> None:
    formatted = canonicalize(
        '- {id: a, label: "no", definition: "2026-01-31", note: "1:40", unit: "0.1", value: "a: b"}\n', "term", "t.yaml"
    )
    assert formatted == '- id: a\n  label: "no"\n  definition: "2026-01-31"\n  value: "a: b"\n  unit: "0.1"\n  note: "1:40"\n'
    assert pyyaml.safe_load(formatted) == strict_yaml.parse(formatted, "t.yaml").value


class CoreReader(pyyaml.SafeLoader):
    """Reads plain scalars by the core schema of YAML 1.2.2 (section 10.3.2)."""


class OldReader(pyyaml.SafeLoader):
    """Reads plain scalars by the type repository of YAML 1.1, with the single letters that PyYAML takes for text."""


CoreReader.yaml_implicit_resolvers = {}
_NUMBERS = r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+|[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"
_NUMBERS += r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
CoreReader.add_implicit_resolver("tag:other", re.compile(rf"^({_NUMBERS}|null|Null|NULL|~||[Tt]rue|TRUE|[Ff]alse|FALSE)$"), None)
OldReader.add_implicit_resolver(
    "tag:other", re.compile(r"^([yYnN]|[-+]?(0|[1-9][0-9_,]*)|[-+]?([0-9][0-9_,]*)?\.[0-9_]*([eE][-+][0-9]+)?)$"), None
)
for reader in (CoreReader, OldReader):
    reader.add_constructor("tag:other", lambda _, node: (node.value,))
ODD = st.text("0123456789+-._,:eExXobnaiINFfytT~=< ", min_size=1, max_size=8) | st.sampled_from(
    [
        "y",
        "N",
        "yes",
        "Off",
        "TRUE",
        "089",
        "-089",
        "0o17",
        "0O17",
        "+.5",
        "1.e5",
        "1e400",
        "1E+999",
        "12e03",
        "685_230",
        "190:20:30",
        "-.INF",
        ".nan",
    ]
)


@given(text=ODD | TEXTS, block=st.booleans())
def test_every_reader_reads_a_formatted_text_as_text(text: str, *, block: bool) -> None:
    written = yaml_layout.scalar(text, block=block)
    source = f"a: {written}\n" if block else f"{{a: [{written}]}}\n"
    for reader in (pyyaml.SafeLoader, CoreReader, OldReader):
        value: Any = pyyaml.load(source, Loader=reader)  # noqa: S506 - subclasses of the safe loader
        assert value == {"a": text if block else [text]}
    assert strict_yaml.parse(source, "t.yaml").value == {"a": text if block else [text]}


@given(label=ODD | TEXTS)
def test_every_text_is_formatted(label: str) -> None:
    source = json.dumps([{"id": "a", "label": label, "aliases": [label]}], ensure_ascii=True)
    try:
        before = strict_yaml.parse(source, "t.yaml").value
    except KbError:
        return  # characters that no YAML can hold
    assert strict_yaml.parse(canonicalize(source, "term", "t.yaml"), "t.yaml").value == before


def test_long_text_is_folded_and_reads_the_same() -> None:
    text = " ".join(["word"] * 60)
    formatted = canonicalize(f'- id: a\n  note: "{text}"\n', "term", "t.yaml")
    assert "  note: >-\n    word word" in formatted
    assert max(map(len, formatted.splitlines())) <= 120
    assert strict_yaml.parse(formatted, "t.yaml").value == [{"id": "a", "note": text}]


@pytest.mark.parametrize("above", ["- id: a\n  note: {}\n  # left out\n", "id: a\nnote: {}\n   # left out\nversion: b\n"])
def test_a_comment_below_folded_text_does_not_become_part_of_it(above: str) -> None:
    source = above.format(" ".join(["word"] * 60))
    formatted = canonicalize(source, "term", "t.yaml")
    assert ">-" in formatted
    assert yaml_layout.comment_texts(formatted) == ["# left out"]
    assert canonicalize(formatted, "term", "t.yaml") == formatted


def test_the_command_writes_all_files_or_none(make_kb: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    good = "- {label: rash, id: rash, kind: symptom, definition: Red skin.}\n"
    top = make_kb(**{"terms/a.yaml": good, "terms/b.yaml": "- !tag a\n"})
    assert cli.run(["format", "--content", str(top)]) == 3
    assert (top / "terms/a.yaml").read_text(encoding="utf-8") == good
    (top / "terms/b.yaml").unlink()
    assert cli.run(["format", "--content", str(top), "--check"]) == 1
    assert "terms/a.yaml: KB802" in capsys.readouterr().out
    assert cli.run(["format", "--content", str(top)]) == 0
    assert (top / "terms/a.yaml").read_text(encoding="utf-8").startswith("- id: rash\n  kind: symptom\n")
    assert cli.run(["format", "--content", str(top), "--check"]) == 0
    assert pipeline.check(top).problems == []


@pytest.mark.parametrize("folder", [resources.content(), resources.example()], ids=lambda each: each.name)
def test_the_shipped_records_are_in_canonical_form(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["format", "--content", str(folder), "--check"]) == 0, capsys.readouterr().out


@pytest.mark.parametrize(
    ("source", "formatted"),
    [("[]\n", "[]\n"), ("[ ]  # none yet\n", "# none yet\n[]\n"), ("# a\n\n[\n# b\n]\n# c\n", "# a\n# b\n# c\n[]\n")],
)
def test_a_file_without_records_is_formatted_as_it_is_valid(source: str, formatted: str) -> None:
    assert canonicalize(source, "fact", "x.yaml") == formatted
    assert canonicalize(formatted, "fact", "x.yaml") == formatted
