"""The marks that stand for markup with a meaning, so that no plain text says something else than its document.

docs/documents.md states them: superscripts and subscripts become those of Unicode where it has them, and are marked with ``^``
and ``_`` otherwise; each struck letter is followed by U+0336; inserted text stands in half brackets; citations and notes stand
in square brackets; a formula becomes ``[formula]``; words that are marked as a quotation stand in quotation marks.
"""

from __future__ import annotations

import re
import unicodedata

#: What stands around inserted and quoted text, and instead of a formula.
INSERTED = "⸢⸣"
QUOTED = "“”"
FORMULA = "[formula]"
#: What follows each letter of struck text.
STRUCK = "\u0336"

_RAISED = str.maketrans("0123456789+-−=()in", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁱⁿ")
_LOWERED = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")
_LOWER_AGAIN = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_RAISES, _LOWERS = re.compile(r"[0-9+−=()in-]+(?:[,–;][0-9+−=()-]+)*"), re.compile(r"[0-9+−=()-]+(?:[,–;][0-9+−=()-]+)*")
_ORDINAL = re.compile(r"(?:st|nd|rd|th|er|re|ère|e|ème|o|a|os|as|do|er\.)", re.IGNORECASE)
_NO_MARK = re.compile(r"(?:\[[^\[\]]*\][,;–-]?\s*)+|[^\w]+")  # citations, and signs such as ® and *
_CITED = re.compile(r"\d+(?:\s*[,;–-]\s*\d+)*|[a-zA-Z]{1,2}")
_FRACTION = re.compile("(?<![⁰¹²³⁴⁵⁶⁷⁸⁹])([⁰¹²³⁴⁵⁶⁷⁸⁹]++)[/⁄]([₀₁₂₃₄₅₆₇₈₉]+)")
_VULGAR = {unicodedata.normalize("NFKC", sign): sign for sign in "¼½¾⅐⅑⅒⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞"}


def strike(text: str) -> str:
    """Mark each letter of a struck text."""
    return "".join(letter if letter.isspace() else f"{letter}{STRUCK}" for letter in text)


def mark(role: str, text: str, before: str) -> str:
    """Mark a superscript (``sup``), subscript (``sub``) or ``citation`` by what it holds and what stands before it."""
    inner = text.strip()
    start, end = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{start}{_mark(role, inner, before)}{end}" if inner else text


def _mark(role: str, inner: str, before: str) -> str:
    if role == "citation":
        plain = inner.translate(_LOWER_AGAIN)
        is_open = any(before.rfind(left) > before.rfind(right) for left, right in ("[]", "()"))
        return f"[{plain}]" if _CITED.fullmatch(plain) and not is_open else inner
    if _NO_MARK.fullmatch(inner):
        return inner
    if role == "sup" and before[-1:].isdigit() and len(inner) > 1 and _ORDINAL.fullmatch(inner):
        return inner
    shape, letters, sign = (_RAISES, _RAISED, "^") if role == "sup" else (_LOWERS, _LOWERED, "_")
    if shape.fullmatch(inner):
        return inner.translate(letters)
    return f"{sign}{inner}" if inner.isalnum() else f"{sign}({inner})"


def join_fractions(text: str) -> str:
    """Write a raised numerator over a lowered denominator as the fraction that Unicode has, or with a fraction slash."""
    return _FRACTION.sub(_join_fraction, text)


def _join_fraction(match: re.Match[str]) -> str:
    plain = "⁄".join(unicodedata.normalize("NFKC", part) for part in match.groups())
    return _VULGAR.get(plain, f"{match[1]}⁄{match[2]}")
