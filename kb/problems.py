"""What can be wrong: the catalogue of rules (``rules/catalogue.tsv``), ``Problem`` values, and the only exception.

Checks are generators of :class:`Problem`: no check prints, and none raises for bad input. A command that
cannot go on raises :class:`KbError`, which ``kb.cli.dispatch`` alone turns into a message and an exit code.
``grep KB301`` finds the rule of a code, ``kb explain KB301`` explains it.
"""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from enum import StrEnum
from functools import wraps
from typing import NamedTuple, ParamSpec, TypeVar

from kb import exit_codes, resources
from kb.escaping import LONGEST_SHOWN, escape_unseen

#: How many problems are reported of one file, and in one run; the others are counted (KB115).
MOST_OF_FILE, MOST_OF_RUN = 1_000, 10_000
_LONGEST = 2_000  # characters of a message

# The rules whose messages show an excerpt below the sentence. The writer of the excerpt makes its characters visible.
_WITH_EXCERPT = {"KB602"}


class Status(StrEnum):
    """What users can rely on: a preview rule may report other things in the next minor version."""

    STABLE = "stable"
    PREVIEW = "preview"
    DEPRECATED = "deprecated"


class Rule(NamedTuple):
    """One entry of the catalogue.

    Args:
        name: The short name, unique, in kebab case; ``kb explain`` takes it in place of the code.
        title: What is wrong, in a few words.
        exit, status: The exit code of a run that reports it, and what users can rely on.
    """

    name: str
    title: str
    exit: int
    status: Status = Status.STABLE


class RetiredCode(NamedTuple):
    """A code that no run reports any more; it is never assigned again.

    Args:
        title, reason: What it stood for, and why it is gone.
        successor: The code that reports this now, or nothing.
    """

    title: str
    reason: str
    successor: str = ""


def _read_catalogue() -> dict[str, dict[str, Rule]]:
    sections: dict[str, dict[str, Rule]] = {}
    for code, name, title, number, status, section in resources.read_table("rules", "catalogue.tsv"):
        sections.setdefault(section, {})[code] = Rule(name, title, getattr(exit_codes, number), Status(status))
    return sections


#: The rules by section and code. A new code is the next number of its section.
SECTIONS = _read_catalogue()

RULES: dict[str, Rule] = {code: rule for rules in SECTIONS.values() for code, rule in rules.items()}

#: Codes that are no longer in the catalogue, and gaps in its numbering.
RETIRED: dict[str, RetiredCode] = {
    **dict.fromkeys(
        ("KB310", "KB610", "KB621", "KB775"), RetiredCode("a gap in the numbering", "No version of kb has reported it.")
    ),
    "KB447": RetiredCode("verification is out of date", "Such results are ignored; 'kb verify --record' updates them."),
    "KB614": RetiredCode("rows of a query cannot be explained", "Answers of every form are explained."),
    "KB776": RetiredCode("no redirect target for the IRIs", "It concerns releases, not nanopublications.", "KB715"),
    "KB792": RetiredCode("row of a table contradicts another", "Both stay, and the fact lacks what they disagree on.", "KB791"),
    "KB783": RetiredCode("library for zstd is not installed", "Every optional library has the same rule.", "KB713"),
}


class Place(NamedTuple):
    """Where a problem is.

    Args:
        file: The path as the user gave it, or a name such as ``<query>``.
        line, column: From 1, the column in code points; 0 if the whole file, or the whole line, is meant.
    """

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        numbers = [str(number) for number in (self.line, self.column) if number]
        return ":".join([escape_unseen(self.file), *numbers])


class Problem(NamedTuple):
    """One thing that is wrong.

    Args:
        place: Where the problem is.
        code: The rule, a key of :data:`RULES`.
        message: What is wrong, in one sentence.
        remedy: What to do about it, in one sentence.
    """

    place: Place
    code: str
    message: str
    remedy: str

    def to_dict(self) -> dict[str, str | int]:
        """Return it as plain values, for output in JSON."""
        return {"code": self.code, **self.place._asdict(), "message": self.message, "remedy": self.remedy}

    def __str__(self) -> str:
        message = escape_unseen(self.message, "\t\n" if self.code in _WITH_EXCERPT else "")
        return f"{self.place}: {self.code} {message} {escape_unseen(self.remedy)}"


class KbError(Exception):
    """The only exception that kb raises on purpose: one or more problems, distinguished by the codes of their rules."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = collect(problems)
        super().__init__("\n".join(map(str, self.problems)))

    @property
    def exit_code(self) -> int:
        """The exit code of a run that ends with these problems."""
        return exit_code(self.problems)

    def _render_traceback_(self) -> list[str]:
        """Return what notebooks show in place of a traceback: a line for each problem."""
        return list(map(str, self.problems))


def fail(code: str, message: str, remedy: str, place: Place | str = "kb") -> KbError:
    """Make the exception for one problem, to be raised by the caller; a message of a library may quote its whole input."""
    message = message if len(message) <= _LONGEST else f"{message[:_LONGEST]}…"
    return KbError([Problem(place if isinstance(place, Place) else Place(place), code, message, remedy)])


P = ParamSpec("P")
T = TypeVar("T")


def check_types(**choices: Collection[str]) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Let a function of the Python API refuse arguments of other types than its annotations name, or other words than choices.

    The function then raises KB832. Types are compared by name, so that none of them has to be imported; a type with parameters
    is not checked.
    """

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        signature = inspect.signature(function)
        allowed = {name: str(parameter.annotation).split(" | ") for name, parameter in signature.parameters.items()}

        @wraps(function)
        def checked(*args: P.args, **kwargs: P.kwargs) -> T:
            for name, value in signature.bind(*args, **kwargs).arguments.items():
                _check_type(name, value, allowed[name], choices.get(name, ()))
            return function(*args, **kwargs)

        return checked

    return decorate


_NUMBERS = {"int": ["int", "float"]}  # a whole number is a number, too


def _check_type(name: str, value: object, allowed: Sequence[str], choices: Collection[str]) -> None:
    own = [known for kind in type(value).__mro__ for known in _NUMBERS.get(kind.__name__, [kind.__name__])]
    is_unchecked = any(not kind.isidentifier() for kind in allowed)
    if choices and value not in choices:
        message, remedy = f"The argument '{name}' is {value!r:.60}.", f"Choose one of: {', '.join(choices)}."
    elif choices or is_unchecked or (value is None and "None" in allowed) or not {"object", *own}.isdisjoint(allowed):
        return
    else:
        message = f"The argument '{name}' is {value!r:.60}, of type {own[0]}."
        remedy = f"Give one of type {', '.join(allowed[:-1])}{' or ' * (len(allowed) > 1)}{allowed[-1]}."
    raise fail("KB832", message, remedy, name)


def collect(problems: Iterable[Problem]) -> Sequence[Problem]:
    """Sort problems, each once, up to :data:`MOST_OF_FILE` and :data:`MOST_OF_RUN` and at least one of each rule.

    A last problem of a file (KB115) says how many are left out, so that a small file cannot fill a terminal or the memory.
    """
    if isinstance(problems, _BoundedProblems):
        return problems
    shown: set[Problem] = set()
    codes: set[str] = set()
    counts, omitted = Counter[str](), Counter[str]()
    for problem in problems:
        file = problem.place.file
        if problem in shown:
            continue
        if problem.code != _OMITTED and problem.code in codes and (counts[file] >= MOST_OF_FILE or len(shown) >= MOST_OF_RUN):
            omitted[file if counts[file] else "kb"] += 1
            continue
        shown.add(problem)
        codes.add(problem.code)
        counts[file] += problem.code != _OMITTED
    shown.update(make_omitted(file, count, "problems") for file, count in omitted.items())
    return _BoundedProblems(sorted(shown, key=lambda problem: (problem.place.file, problem.code == _OMITTED, problem)))


class _BoundedProblems(list[Problem]):
    """Problems that are sorted and bounded already, so that nothing may be added: :func:`collect` returns a sequence."""


def make_omitted(file: str, count: int, what: str) -> Problem:
    """Return the problem that says how many problems of a file, or records with problems, are not shown (KB115)."""
    return Problem(Place(file), _OMITTED, f"{count:,} more {what} are not shown.", "Correct these, then run the command again.")


_OMITTED = "KB115"


def exit_code(problems: Iterable[Problem]) -> int:
    """Return the exit code of a run that reports these problems; 0 for none."""
    codes = {RULES[problem.code].exit for problem in problems}
    return next((code for code in exit_codes.PRECEDENCE if code in codes), exit_codes.DONE)


def quote(text: str) -> str:
    """Put text from the user between quotation marks, for a message."""
    return f"'{visible(text)}'"


def visible(text: str) -> str:
    """Shorten long text for a message, and escape characters that cannot be displayed."""
    cut = text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in cut)


def describe_size(size: float) -> str:
    """Return a number of bytes for a message, in the largest unit of which there is at least one: ``2.5 MB``."""
    units = ["bytes", "kB", "MB", "GB", "TB"]
    while size >= 999.5 and len(units) > 1:
        size, units = size / 1024, units[1:]
    return f"{size:.3g} {units[0]}"
