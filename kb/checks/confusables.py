"""Checks labels for letters that look like others, and for normal form C (Unicode Technical Standard 39)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from unicodedata import is_normalized, name

from kb.files.text_file import spell
from kb.model import Record
from kb.problems import Problem

# Scripts with letters that look like Latin ones. Of Greek only the look-alikes count, since names such as TNF-alpha need others.
_LOOK_ALIKE = ("CYRILLIC", "ARMENIAN", "CHEROKEE", "COPTIC", "FULLWIDTH", "MATHEMATICAL", "LISU")
_GREEK_LOOK_ALIKES = frozenset(
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03bf\u03f2\u03f3"
)
_WORD = re.compile(r"[^\W\d_]+")


def check(record: Record) -> Iterator[Problem]:
    """Check the labels of a term, predicate or document (KB319, KB321)."""
    for key in ("label", "title", "aliases"):
        if key in record.value:
            yield from _check(record, record.value[key], key)


def _check(record: Record, text: Any, *path: str | int) -> Iterator[Problem]:
    """Check a text, or each text of a list, or of a mapping by language."""
    if not isinstance(text, str):
        for key, inner in text.items() if isinstance(text, dict) else enumerate(text):
            yield from _check(record, inner, *path, key)
        return
    if text.isascii():
        return
    if not is_normalized("NFC", text):
        remedy = "Save it in Unicode normal form C, as keyboards type it."
        yield Problem(record.at(*path), "KB321", f"'{text}' is not in normal form C.", remedy)
    for word in _WORD.findall(text):
        scripts = {script for letter in word if (script := _script(letter))}
        if "LATIN" in scripts and len(scripts) > 1:
            others = " and ".join(script.capitalize() for script in sorted(scripts - {"LATIN"}))
            foreign = next(letter for letter in word if _script(letter) not in ("", "LATIN"))
            message = f"'{word}' mixes Latin and {others} letters: it holds {spell(foreign)}."
            yield Problem(record.at(*path), "KB319", message, "Type the word again in one script.")


def _script(letter: str) -> str:
    first = name(letter, "").partition(" ")[0]
    if first == "GREEK":
        return first if letter in _GREEK_LOOK_ALIKES else ""
    return first if first == "LATIN" or first in _LOOK_ALIKE else ""
