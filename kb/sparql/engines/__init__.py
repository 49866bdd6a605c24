"""STORE: engines that answer SPARQL over a dataset, one module each, all with the same two functions.

``load(question)`` reads the data and warms the engine up; what it gives is passed to ``ask``, which answers. Between
the two the sandbox closes every way out, so ``ask`` must neither open files nor import modules.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from typing import Any

from kb.sparql.values import Answer, Question, Refusal, Row


@cache
def _name() -> re.Pattern[str]:
    """Give what finds the prefixed names of a query."""
    return re.compile(
        r"""\#[^\n\r]*+ | <[^<>"{}|^`\x00-\x20]*+>
        |'''(?:'{0,2}+(?:[^'\\]|\\.))*+''' |\"""(?:"{0,2}+(?:[^"\\]|\\.))*+\""" |'(?:[^'\\\n]|\\.)*+' |"(?:[^"\\\n]|\\.)*+"
        |(?P<declared>\bPREFIX\s++)?(?<![\w.-])(?P<prefix>(?:[^\W\d_][\w.-]*+)?+):[\w.:%-]*+""",
        re.VERBOSE | re.DOTALL | re.IGNORECASE,
    )


_STAR = r"\bSELECT\s*(?:\b(?:DISTINCT|REDUCED)\s*)?(\*|\W|$)"  # compiled where it is used: starting fast counts


def engine(name: str) -> tuple[Callable[[Question], Any], Callable[[Any, Question], Answer]]:
    """Give the two functions of an engine, importing it now; a name that is none is told by ``kb.queries.ask``."""
    module = import_module(f"kb.sparql.engines.{name}")
    return module.load, module.ask


def unknown_prefix(question: Question) -> Refusal | None:
    """Find the first prefix that a query uses and nobody declared.

    Engines say little of it, or speak of something else; so this is asked when they have refused.
    """
    known = set(question.prefixes)
    for found in _name().finditer(question.text):
        prefix = found["prefix"]
        if found["declared"]:
            known.add(prefix)
        elif prefix is not None and prefix not in known:
            near = get_close_matches(prefix, sorted(known), n=1)
            hint = f"did you mean '{near[0]}:'?" if near else f"declare it: PREFIX {prefix}: <...>"
            start = found.start("prefix")
            line, column = question.text.count("\n", 0, start) + 1, start - question.text.rfind("\n", 0, start)
            return Refusal("KB602", f"the prefix '{prefix}:' is not declared ({hint})", line, column)
    return None


def selection(question: Question, variables: Sequence[str], rows: Iterable[Row]) -> Answer:
    """Give the answer to a SELECT; the columns of ``SELECT *`` in the order in which the query names them.

    Engines order those by letter or by chance.
    """
    if "*" not in question.text:
        return Answer("select", tuple(variables), tuple(rows))
    text = _name().sub(lambda found: found[0] if found["prefix"] is not None else " ", question.text)
    star = re.search(_STAR, text, re.IGNORECASE)
    if not star or star[1] != "*":
        return Answer("select", tuple(variables), tuple(rows))
    places: dict[str, int] = {}
    for found in re.finditer(r"[?$](\w+)", text):
        places.setdefault(found[1], found.start())
    order = sorted(range(len(variables)), key=lambda index: (places.get(variables[index], len(text)), variables[index]))
    return Answer(
        "select",
        tuple(variables[index] for index in order),
        tuple(tuple(row[index] for index in order) for row in rows),
    )
