"""Words against look-alikes: what reads the same should be the same (Unicode Technical Standard 39)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from unicodedata import is_normalized, name

from kb.model import Record
from kb.problems import Problem

# Scripts with letters that look like Latin ones. Greek is left out: words such as TNFα are the field's own.
_LOOK_ALIKE = ("CYRILLIC", "ARMENIAN", "CHEROKEE", "COPTIC", "FULLWIDTH", "MATHEMATICAL", "LISU")
_WORD = re.compile(r"[^\W\d_]+")


def check(record: Record) -> Iterator[Problem]:
    """Check the labels of a term, predicate or document (KB319, KB321)."""
    for key in ("label", "title", "aliases"):
        value = record.value.get(key, ())
        for text in [value] if isinstance(value, str) else value:
            yield from _check(record, key, text)


def _check(record: Record, key: str, text: str) -> Iterator[Problem]:
    if text.isascii():
        return
    if not is_normalized("NFC", text):
        yield Problem(record.at(key), "KB321", f"'{text}' is not in normal form C.", "Save it composed, as keyboards type it.")
    for word in _WORD.findall(text):
        scripts = {script for letter in word if (script := _script(letter))}
        if "LATIN" in scripts and len(scripts) > 1:
            others = " and ".join(sorted(scripts - {"LATIN"})).lower()
            yield Problem(record.at(key), "KB319", f"'{word}' mixes Latin and {others} letters.", "Type the word anew.")


def _script(letter: str) -> str:
    first = name(letter, "").partition(" ")[0]
    return first if first == "LATIN" or first in _LOOK_ALIKE else ""
