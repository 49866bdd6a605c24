"""Records in canonical form: one order, one style, every comment kept.

* The keys of a record stand in the order of its schema; keys that it does not know follow as they stood.
* Terms and predicates are sorted by id, facts by their first sentence, then by what they claim. A comment that a blank line
  parts from the record below it is a heading: records are sorted below it and never move past it.
* Collections that fit stand on one line, but evidence has a line for each key. Text that is too long for a line is folded.
* A comment stays with what it precedes, or with the line that it ends.

The values are read before and after by the one YAML reader (:mod:`kb.records.strict_yaml`). Nothing is written unless they are
the same and every comment is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from kb.curation import comments
from kb.curation.comments import Comments
from kb.curation.layout import Layout
from kb.files import text_file
from kb.problems import fail
from kb.records import strict_yaml

#: The line that YAML language servers read; it belongs to the file, not to its first record.
HEADER = "# yaml-language-server:"


def canonical(source: str, kind: str, shown: str) -> str:
    """Put a YAML file of records into canonical form.

    Args:
        source: The text of the file.
        kind: The kind of its records: ``kb``, ``document``, ``term``, ``predicate`` or ``fact``.
        shown: How messages name the file.

    Raises:
        KbError: It cannot be read, or it cannot be formatted without a change of meaning (KB803).
    """
    value = strict_yaml.parse(source, shown).value
    if value is None:
        raise text_file.empty(shown)
    found = comments.find(source)
    layout = Layout(kind, found)
    if isinstance(value, list):
        order = [index for group in _groups(value, found) for index in sorted(group, key=lambda each: _key(value[each], kind))]
        lines, expected = list(_records(value, order, layout, found)), [value[index] for index in order]
    else:
        lines, expected = [*_heading(found.before.pop((), [])), *layout.mapping(value, (), 0)], value
    lines.extend(comment for comment, _ in found.last)
    made = "".join(f"{line}\n" for line in lines)
    if strict_yaml.parse(made, shown).value != expected or comments.texts(made) != comments.texts(source):
        message = "It cannot be put into canonical form without a change of what it says."
        raise fail("KB803", message, "Nothing was written. Take apart the lines that hold several comments or brackets.", shown)
    return made


def _groups(value: Sequence[Any], found: Comments) -> Iterator[list[int]]:
    """Give the indexes of the records that stand below one heading."""
    group: list[int] = []
    for index in range(len(value)):
        if group and any(gap for _, gap in found.before.get((index,), ())):
            yield group
            group = []
        group.append(index)
    yield group


def _records(value: Sequence[Any], order: Sequence[int], layout: Layout, found: Comments) -> Iterator[str]:
    """Write records with their comments, a blank line between them; the headings stay where they were."""
    for place, index in enumerate(order):
        above = found.before.get((place,), [])
        heading, _ = _split(above, first=place == 0)
        _, own = _split(found.before.get((index,), []), first=index == 0)
        if place:
            yield ""
        yield from _heading(heading)
        yield from (comment for comment, _ in own)
        yield from layout.item(value[index], (index,), 0)
        yield from (f"  {comment}" for comment, _ in found.after.get((index,), ()))


def _split(above: Sequence[tuple[str, bool]], *, first: bool) -> tuple[list[tuple[str, bool]], list[tuple[str, bool]]]:
    """Part the comments above a record into headings and its own."""
    cut = max((number + 1 for number, (_, gap) in enumerate(above) if gap), default=0)
    if first and not cut and above and above[0][0].startswith(HEADER):
        cut = 1
    return list(above[:cut]), list(above[cut:])


def _heading(above: Sequence[tuple[str, bool]]) -> Iterator[str]:
    for comment, gap in above:
        yield comment
        if gap:
            yield ""


def _key(value: Any, kind: str) -> tuple[Any, ...]:
    """Give what records are sorted by; what is no good record stays behind the others, in its order."""
    if not isinstance(value, dict):
        return (1,)
    if kind == "fact":
        claim = [str(value.get(key, "")) for key in ("document", "subject", "predicate", "object")]
        return (0, _first_sentence(value.get("evidence")), *claim)
    return (0, str(value.get("id", "")))


def _first_sentence(evidence: Any) -> tuple[int, ...]:
    pieces = [each.get("sentence") for each in evidence if isinstance(each, dict)] if isinstance(evidence, list) else []
    numbers = [tuple(map(int, re.findall("[0-9]+", each))) for each in pieces if isinstance(each, str)]
    return min(filter(None, numbers), default=(0,))
