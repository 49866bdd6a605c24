"""Format YAML records in canonical form: one order, one style, all comments preserved.

* Keys are in the order of the schema; unknown keys follow in their original order.
* Terms and predicates are sorted by id, facts by their first sentence, then by their claim. A comment followed by a blank line
  is a heading: the records below it are sorted among themselves and never move past it.
* A collection that fits is on one line, except evidence, which has a line for each key. Long text is folded.
* A comment stays with the value that follows it, or with the line that it ends.

The values before and after are read by :mod:`kb.records.strict_yaml` and compared. Nothing is written unless they are equal
and every comment is preserved.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from typing import Any

from kb.curation.yaml_layout import Comments, Layout, comment_texts, find_comments
from kb.files import text_file
from kb.problems import fail
from kb.records import strict_yaml

#: The comment that YAML language servers read; it belongs to the file, not to its first record.
HEADER = "# yaml-language-server:"


def canonicalize(source: str, kind: str, name: str) -> str:
    """Return a YAML file of records of a kind in canonical form; messages call it by its name.

    Raises:
        KbError: It cannot be read, or not formatted without a change of its values or comments (KB803).
    """
    value = strict_yaml.parse(source, name).value
    if value is None:
        raise text_file.empty_error(name)
    comments = find_comments(source)
    layout = Layout(kind, comments)
    if value == []:
        lines, expected = [*(comment for comment, _ in comments.last), "[]"], value
        comments.last.clear()
    elif isinstance(value, list):
        groups = (sorted(group, key=lambda index: _sort_key(value[index], kind)) for group in _groups(value, comments))
        order = list(chain.from_iterable(groups))
        lines, expected = list(_record_lines(value, order, layout, comments)), [value[index] for index in order]
    else:
        lines, expected = [*_heading_lines(comments.before.pop((), [])), *layout.mapping(value, (), 0)], value
    lines.extend(comment for comment, _ in comments.last)
    formatted = "".join(f"{line}\n" for line in lines)
    same_comments = comment_texts(formatted) == comment_texts(source)
    if strict_yaml.parse(formatted, name).value != expected or not same_comments:
        message = "It cannot be formatted without changing its values or comments."
        raise fail("KB803", message, "Nothing was written. Split the lines that contain several comments or brackets.", name)
    return formatted


def _groups(value: Sequence[Any], comments: Comments) -> Iterator[range]:
    """Yield the indexes of the records below each heading."""
    with_heading = [at for at in range(1, len(value)) if any(gap for _, gap in comments.before.get((at,), ()))]
    return (range(start, end) for start, end in pairwise([0, *with_heading, len(value)]))


def _record_lines(value: Sequence[Any], order: Sequence[int], layout: Layout, comments: Comments) -> Iterator[str]:
    """Write records with their comments, separated by blank lines; headings stay in place."""
    for place, index in enumerate(order):
        heading, _ = _split(comments.before.get((place,), []), first=place == 0)
        _, own = _split(comments.before.get((index,), []), first=index == 0)
        if place:
            yield ""
        yield from _heading_lines(heading)
        yield from (comment for comment, _ in own)
        yield from layout.item(value[index], (index,), 0)
        yield from (f"  {comment}" for comment, _ in comments.after.get((index,), ()))


def _split(above: Sequence[tuple[str, bool]], *, first: bool) -> tuple[list[tuple[str, bool]], list[tuple[str, bool]]]:
    """Split the comments above a record into headings and its own."""
    has_header = first and bool(above) and above[0][0].startswith(HEADER)
    cut = max((number for number, (_, gap) in enumerate(above, 1) if gap), default=int(has_header))
    return list(above[:cut]), list(above[cut:])


def _heading_lines(above: Sequence[tuple[str, bool]]) -> Iterator[str]:
    for comment, gap in above:
        yield comment
        if gap:
            yield ""


def _sort_key(value: Any, kind: str) -> tuple[Any, ...]:
    """Return the sort key of a record; values that are not mappings come last."""
    if not isinstance(value, dict):
        return (1,)
    if kind == "fact":
        claim = [str(value.get(key, "")) for key in ("document", "subject", "predicate", "object")]
        return (0, _first_sentence(value.get("evidence")), *claim)
    return (0, str(value.get("id", "")))


def _first_sentence(evidence: Any) -> tuple[int, ...]:
    sentences = [piece.get("sentence") for piece in evidence if isinstance(piece, dict)] if isinstance(evidence, list) else []
    numbers = [tuple(map(int, re.findall("[0-9]+", sentence))) for sentence in sentences if isinstance(sentence, str)]
    return min(filter(None, numbers), default=(0,))
