"""The rules in words: a page of data for each code, with an example that breaks the rule and one that keeps it.

The pages lie in ``kb/rules/CODE.yaml``; their examples are laid over the knowledge base in ``kb/starter/``, and a test runs
them: the bad one tells that code and no other, the good one tells none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

from kb import resources
from kb.problems import RULES, fail
from kb.records import encoding, strict_yaml

#: What is run on an example that names nothing else.
VALIDATE = "kb validate --content ."


class Example(NamedTuple):
    """An example: files laid over the small knowledge base of ``kb init``, and a command that is run in its folder.

    Args:
        files: Path below the folder to text.
        run: A line of shell.
    """

    files: Mapping[str, str]
    run: str = VALIDATE


class Page(NamedTuple):
    """What there is to say of a rule.

    Args:
        code: The code.
        title: What is wrong, in a few words.
        exit: The exit code of a run that meets it.
        what: What is wrong, in full.
        why: What the rule keeps from harm.
        bad: An example that breaks it.
        good: An example that keeps it.
        untested: Why there are no examples, where there are none.
    """

    code: str
    title: str
    exit: int
    what: str
    why: str
    bad: Example | None = None
    good: Example | None = None
    untested: str = ""


def page(word: str) -> Page:
    """Give the page of a code, whatever the case of its letters, with or without ``KB``.

    Raises:
        KbError: There is no such code (KB801).
    """
    code = f"KB{word.upper().removeprefix('KB')}"
    if code not in RULES:
        raise fail("KB801", f"There is no problem '{word[:60]}'.", _suggest(word, code))
    path = resources.rules() / f"{code}.yaml"
    if not path.is_file():  # a rule whose page is still to be written has its title all the same
        return Page(code, *RULES[code], RULES[code].title.capitalize() + ".", "", untested="No example is written yet.")
    value: dict[str, Any] = strict_yaml.parse(encoding.read_text(path, path.name), path.name).value
    bad, good = (_example(value[key]) if key in value else None for key in ("bad", "good"))
    return Page(code, *RULES[code], value["what"], value["why"], bad, good, value.get("untested", ""))


def _suggest(word: str, code: str) -> str:
    """Suggest the codes whose titles hold a word, or the code that is nearest to one that there is not."""
    titled = [each for each, rule in RULES.items() if word.lower() in rule.title]
    near = titled[:5] or get_close_matches(code, RULES, n=1, cutoff=0.6)
    found = " or ".join(f"{each} ({RULES[each].title})" for each in near)
    return f"Did you mean {found}?" if near else "'kb explain' lists all codes."


def pages() -> Iterator[Page]:
    """Give the page of every rule, in the order of the catalogue."""
    return map(page, RULES)


def _example(value: Mapping[str, str]) -> Example:
    files = {name: content for name, content in value.items() if name != "run"}
    return Example(files, value.get("run", VALIDATE).rstrip("\n"))


def lines(about: Page) -> Iterator[str]:
    """Tell a page as text."""
    yield f"{about.code} {about.title} (exit code {about.exit})"
    yield f"\n{about.what}"
    if about.why:
        yield f"\nWhy: {about.why}"
    for name, example in (("Bad", about.bad), ("Good", about.good)):
        if example:
            yield f"\n{name}:"
            yield from (f"    {line}".rstrip() for line in shown(example))
    if about.untested:
        yield f"\n{about.untested}"


def shown(example: Example) -> Iterator[str]:
    """Show an example: each file with its name, then the command unless it is the usual one."""
    for name, content in example.files.items():
        yield f"# {name}"
        yield from content.splitlines()
    if example.run != VALIDATE or not example.files:
        yield f"$ {example.run}"
