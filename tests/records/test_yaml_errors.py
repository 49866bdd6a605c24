"""Mistakes in YAML are named: a missing quote, dash or colon, a tab, a merge conflict."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.problems import KbError
from kb.records import folder, strict_yaml

MISTAKES = {
    "a colon in a text": ("- id: a\n  definition: Note: this\n", (2, "contains a colon")),
    "a quotation mark that is not closed": ('- id: a\n  label: "foo\n- id: b\n', (2, "opened here and not closed")),
    "an apostrophe inside marks": ("- id: a\n  label: 'it's a foo'\n", (2, "after a closing quotation mark")),
    "text after marks": ('- id: a\n  label: "foo" bar\n', (2, "after a closing quotation mark")),
    "an at sign": ("- id: a\n  label: @foo\n", (2, "cannot begin with @")),
    "a percent sign": ("- id: a\n  label: %foo\n", (2, "cannot begin with %")),
    "a bracket": ("- id: a\n  label: [foo] bar\n", (2, "begins with a bracket")),
    "a brace": ("- id: a\n  label: {foo} bar\n", (2, "begins with a bracket")),
    "a bracket that is not closed": ("- id: a\n  aliases: [foo, bar\n  kind: x\n", (2, "bracket is opened here")),
    "no dash before a record": ("- id: a\n  kind: x\n\nid: b\n", (4, "dash is missing")),
    "no dash before evidence": ("- evidence:\n    - sentence: s1.1\n    sentence: s1.2\n", (3, "dash is missing")),
    "no dash before an item": ("- aliases:\n    - foo\n    bar\n", (3, "dash or a colon is missing")),
    "no dash and the same key": ("- id: a\n  id: b\n", (2, "also in line 1")),
    "no blank after a dash": ("-id: a\n kind: x\n", (2, "does not continue the one above")),
    "a tab": ("- id: a\n\tkind: x\n", (2, "tab indents")),
    "a tab before a dash": ("- evidence:\n\t- sentence: s1\n", (2, "tab indents")),
    "no blank after a colon": ("- id: a\n  kind:x\n  label: b\n", (2, "colon needs a space")),
    "no colon": ("- id: a\n  kind x\n  label: b\n", (2, "colon is missing")),
    "too many blanks": ("- id: a\n  kind: x\n   label: b\n", (3, "does not continue the one above")),
    "too few blanks": ("- id: a\n  kind: x\n label: b\n", (3, "dash is missing")),
    "a dash in a text": ("- id: a\n  label: - foo\n", (2, "begins with a dash")),
    "a greater-than sign": ("- id: a\n  label: >10 mg\n", (2, "cannot begin with | or >")),
    "a star": ("- id: a\n  label: *foo\n", (2, "alias")),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_at_its_place(mistake: str) -> None:
    text, (line, words) = MISTAKES[mistake]
    with pytest.raises(KbError) as caught:
        strict_yaml.parse(text, "a.yaml")
    problem = caught.value.problems[0]
    assert problem.place.line == line
    assert words in problem.message


@pytest.mark.parametrize("left", ["<<<<<<< HEAD\n", "=======\n", ">>>>>>> other\n", "||||||| base\n"])
@pytest.mark.parametrize(
    "where", ["{left}- id: a\n  kind: drug\n", "- id: a\n{left}  kind: drug\n", "- id: a\n  kind: drug\n{left}"]
)
def test_what_is_left_of_a_merge_conflict_is_named(left: str, where: str, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(where.format(left=left), encoding="utf-8")
    with pytest.raises(KbError, match="KB104 A merge conflict is not resolved") as caught:
        list(folder.read_file(tmp_path / "a.yaml", "term"))
    assert caught.value.problems[0].place.line == where.partition("{")[0].count("\n") + 1


@pytest.mark.parametrize("name", ["a.yaml", "a.json", "hp.sssom.tsv"])
@pytest.mark.parametrize("base", ["", "||||||| merged\n- id: c\n"])
def test_a_merge_conflict_is_one_problem_at_its_first_line(name: str, base: str, tmp_path: Path) -> None:
    conflict = f"- id: x\n<<<<<<< HEAD\n- id: a\n{base}=======\n- id: b\n>>>>>>> other branch\n"
    (tmp_path / name).write_text(conflict, encoding="utf-8")
    with pytest.raises(KbError) as caught:
        list(folder.read_file(tmp_path / name, "mapping" if name.endswith("tsv") else "term"))
    (problem,) = caught.value.problems
    assert (problem.code, problem.place.line, problem.message) == ("KB104", 2, "A merge conflict is not resolved.")
