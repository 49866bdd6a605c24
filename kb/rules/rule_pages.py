"""Pages that explain the rules: data for each code, with an example that violates the rule and one that complies.

A page is ``kb/rules/CODE.yaml``. A test copies ``kb/starter/`` for each example, adds the files of the example and runs
its command: the bad example reports that code and no other, the good example reports none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kb import resources
from kb.files import text_file
from kb.problems import RETIRED, RULES, SECTIONS, fail
from kb.records import strict_yaml
from kb.suggestions import near_miss

#: The command of an example that names none.
VALIDATE = "kb validate --content ."


@dataclass(frozen=True, slots=True)
class RuleExample:
    """An example: files that are added to the knowledge base of ``kb init``, and a command that runs in its folder.

    Args:
        files: Path below the folder to text.
        run: A line of shell.
    """

    files: Mapping[str, str]
    run: str = VALIDATE


@dataclass(frozen=True, slots=True)
class RulePage:
    """The explanation of a rule: its entry in the catalogue (:class:`kb.problems.Rule`), and what its page says.

    Args:
        what: What is wrong, in full.
        why: What harm the rule prevents.
        bad: An example that violates the rule.
        good: An example that complies with it.
        untested: Why there are no examples, where there are none.
        redirects: Retired codes that this rule replaces.
    """

    code: str
    name: str
    title: str
    exit: int
    status: str
    section: str
    what: str
    why: str
    bad: RuleExample | None = None
    good: RuleExample | None = None
    untested: str = ""
    redirects: tuple[str, ...] = ()


def load_page(word: str) -> RulePage:
    """Return the page of a rule, by its name or its code; a retired code returns the page of its successor.

    Args:
        word: A name such as ``unknown-term``, or a code such as ``KB301``, ``kb301`` or ``301``.

    Raises:
        KbError: No rule has this name or code (KB801).
    """
    code = _find_code(word)
    path = resources.rules() / f"{code}.yaml"
    value: dict[str, Any] = strict_yaml.parse(text_file.read_text(path, path.name), path.name).value
    return RulePage(
        code=code,
        **RULES[code]._asdict(),
        section=next(section for section, rules in SECTIONS.items() if code in rules),
        what=value["what"],
        why=value["why"],
        bad=_example(value.get("bad")),
        good=_example(value.get("good")),
        untested=value.get("untested", ""),
        redirects=tuple(old for old, retired in RETIRED.items() if retired.successor == code),
    )


def _find_code(word: str) -> str:
    code = f"KB{word.upper().removeprefix('KB')}"
    name = "-".join(word.lower().replace("_", " ").split())
    names = {rule.name: known for known, rule in RULES.items()}
    if retired := RETIRED.get(code):
        if not retired.successor:
            raise fail("KB801", f"{code} is retired: {retired.title}.", retired.reason)
        return retired.successor
    if code in RULES or name in names:
        return code if code in RULES else names[name]
    candidates = [
        near_miss(code, RULES, 0.8),
        names.get(near_miss(name, names, 0.8), ""),
        *(known for known, rule in RULES.items() if word.lower() in f"{rule.name} {rule.title}".lower()),
    ]
    suggestions = " or ".join(f"{known} ({RULES[known].name})" for known in list(dict.fromkeys(filter(None, candidates)))[:5])
    remedy = f"Did you mean {suggestions}?" if suggestions else "'kb explain' lists all rules."
    raise fail("KB801", f"There is no rule '{word[:60]}'.", remedy)


def load_pages() -> Iterator[RulePage]:
    """Return the page of every rule, in the order of the catalogue."""
    return map(load_page, RULES)


def _example(value: Mapping[str, str] | None) -> RuleExample | None:
    if value is None:
        return None
    files = {name: content for name, content in value.items() if name != "run"}
    return RuleExample(files, value.get("run", VALIDATE).rstrip("\n"))


def page_lines(page: RulePage) -> Iterator[str]:
    """Render a page as lines of text."""
    yield f"{page.code} {page.name} ({page.status}, exit code {page.exit})"
    if page.redirects:
        yield f"Formerly {', '.join(page.redirects)}."
    yield f"\n{page.what}"
    yield f"\nWhy: {page.why}"
    for name, example in (("Bad", page.bad), ("Good", page.good)):
        if example:
            yield f"\n{name}:"
            yield from (f"    {line}".rstrip() for line in example_lines(example))
    if page.untested:
        yield f"\n{page.untested}"


def example_lines(example: RuleExample) -> Iterator[str]:
    """Render an example: each file with its name, then the command unless it is ``kb validate``."""
    for name, content in example.files.items():
        yield f"# {name}"
        yield from content.splitlines()
    if example.run != VALIDATE or not example.files:
        yield f"$ {example.run}"
