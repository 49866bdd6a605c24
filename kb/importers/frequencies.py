"""Frequencies of tables as one of five words, by the bands that CIOMS recommends for side effects."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kb.problems import fail, quote
from kb.schema import vocabulary

#: The smallest share of people in each band, the most frequent band first.
_BANDS = ((0.1, "very-common"), (0.01, "common"), (0.001, "uncommon"), (0.0001, "rare"), (0.0, "very-rare"))
_PERCENT = re.compile(r"(?:<\s*)?([0-9]+(?:\.[0-9]+)?)\s*%")
_SHARE = re.compile(r"[01](?:\.[0-9]+)?(?:[eE]-?[0-9]+)?")


def frequency_word(text: str, words: Mapping[str, str]) -> str:
    """Return the word for a frequency.

    Args:
        text: A word of the controlled list in any spelling (``Very common``), a percentage, or a share between 0 and 1.
        words: Further words, to words of the list, or to nothing for a frequency that is left out.

    Raises:
        KbError: The text is none of these (KB791).
    """
    if text in words:
        return words[text]
    word = re.sub("[ _-]+", "-", text.strip().lower())
    if word in vocabulary.values("frequency"):
        return word
    percent = _PERCENT.fullmatch(text)
    share = float(percent.group(1)) / 100 if percent else float(text) if _SHARE.fullmatch(text) else -1.0
    if not 0 <= share <= 1:
        remedy = f"Say what it means: --frequency-word '{text[:40]}=WORD', or '{text[:40]}=' to leave it out."
        raise fail("KB791", f"{quote(text)} is not a known frequency.", remedy)
    return next(word for least, word in _BANDS if share >= least)
