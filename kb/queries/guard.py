"""What is refused before a query runs, so that the answer is a clear message.

This reads tokens, not grammar, and is a courtesy: the guarantee that nothing leaves the machine is the sandbox.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from kb.problems import Place, Problem

#: The longest query, in characters, and the deepest nesting of its brackets.
LONGEST = 64 * 1024
DEEPEST = 128

_UPDATES = frozenset({"INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "COPY", "MOVE", "ADD", "WITH"})
_FORMS = frozenset({"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"})
_CODEPOINT = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*)
    |(?P<text>'''(?:(?:'|'')?(?:[^'\\]|\\.))*'''|\"\"\"(?:(?:"|"")?(?:[^"\\]|\\.))*\"\"\"|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")
    |(?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
    |(?P<variable>[?$]\w+)
    |(?P<name>[\w.-]*:[\w.:%\\-]*)
    |(?P<word>[A-Za-z_][\w-]*)
    |(?P<open>[({\[])
    |(?P<close>[)}\]])""",
    re.VERBOSE | re.DOTALL,
)


def check(text: str, graphs: Collection[str]) -> Iterator[Problem]:
    """Find what a query must not do.

    Args:
        text: The query.
        graphs: The IRIs of the graphs that ``FROM`` may name.
    """
    if len(text) > LONGEST:
        yield _problem("KB606", f"The query has {len(text):,} characters; at most {LONGEST:,} are run.", "Shorten it.", text, 0)
        return
    plain = _CODEPOINT.sub(_decode, text)  # SPARQL 1.1, section 19.2: escapes are undone before parsing
    depth, form, before = 0, False, ""
    for token in _TOKEN.finditer(plain):
        kind, word = token.lastgroup, token.group().upper()
        if kind == "comment":
            continue
        depth += {"open": 1, "close": -1}.get(kind or "", 0)
        if depth > DEEPEST:
            yield _problem("KB606", f"More than {DEEPEST} brackets are nested.", "Simplify the query.", plain, token.start())
            return
        if kind == "word":
            form = form or word in _FORMS
            yield from _word(word, token, plain, first=not form)
            if word in _UPDATES and not form:
                return
        elif kind in {"iri", "name"} and before in {"FROM", "NAMED"} and token.group()[1:-1] not in graphs:
            message = f"FROM {token.group()} is not a graph of this knowledge base."
            yield _problem("KB603", message, "Leave FROM out: every graph is searched.", plain, token.start())
        before = word


def _word(word: str, token: re.Match[str], text: str, *, first: bool) -> Iterator[Problem]:
    if word == "SERVICE":
        message = "SERVICE would ask another machine; queries stay on this one."
        yield _problem("KB603", message, "Ask the other endpoint on its own and join the answers.", text, token.start())
    elif first and word in _UPDATES:
        yield _problem("KB603", f"{word} is an update; queries only read.", "Change the records instead.", text, token.start())


def _decode(found: re.Match[str]) -> str:
    code = int(found.group(1) or found.group(2), 16)
    return chr(code) if code <= 0x10FFFF else found.group()


def _problem(code: str, message: str, remedy: str, text: str, offset: int) -> Problem:
    line = text.count("\n", 0, offset) + 1
    return Problem(Place("<query>", line, offset - text.rfind("\n", 0, offset)), code, message, remedy)
