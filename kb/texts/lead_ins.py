"""The lead-ins of lists: 'The following side effects may occur:', and 'Rare' below it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from kb.document_parts import Sentence
from kb.resources import language_data

# How many words a lead-in has without a colon, elsewhere and right before items, and one that says nothing: 'For example:'.
_FEW, _LONG, _SHORT = 12, 25, 3
# How many words a label has: 'Effects on the skin:'.
_LABEL = 6
# The depth at which an item of level 1 is open: lead-ins before lists have 0, those inside the item one more.
_ITEM = 2
_STOPS = frozenset(".!?:：。")
_FOOTNOTE = re.compile(r"\[\w{1,2}\]|[*†‡§^]")
_BRACKET = re.compile(r"\([^()]*\)")


class LeadIns:
    """The lead-ins and items under which the next block stands, the outermost first.

    A lead-in such as 'These were reported:' stays above the lead-ins 'Common:' and 'Rare:' below it, each with its own items.
    """

    def __init__(self, words: str) -> None:
        self._words = words
        self._open: list[tuple[int, str]] = []
        self._outer: list[tuple[int, str]] = []
        self._before = ""
        self._previous: list[Sentence] = []
        self._is_open = self._is_line = False
        self._loose: list[tuple[int, str]] = []
        self._group: list[tuple[int, str]] = []
        self._is_continued = False

    def add(self, kind: str, level: int, sentences: Sequence[Sentence], next_item: int, *, is_open: bool = False) -> list[str]:
        """Add a block, and return the sentences above it, the nearest first.

        Args:
            kind: The kind of the block.
            level: Its level.
            sentences: Its sentences.
            next_item: The level of the next block, if that is an item; 0 if not.
            is_open: Whether that goes on with the sentence: 'Tell your doctor before you take X.', 'if you have asthma'.
        """
        self._is_continued = is_open
        if kind not in {"heading", "item"} and level > 1:
            return self._add_inside(level - 1, sentences, next_item)
        if kind == "paragraph" and self._tells_band(sentences):
            return [name for _, name in reversed(self._open)]
        leads = self._find_leads(sentences, next_item) if kind == "paragraph" else []
        is_open_again = self._ends_open(sentences[-1])
        is_after = self._before == "paragraph"
        is_line = is_after and not next_item and bool(leads) and self._is_list_line(sentences)
        if kind == "heading":
            self._open = []
        elif kind == "item":
            self._open = [pair for pair in self._open if pair[0] < _ITEM * level]
        elif not is_after or (leads and not is_line):
            is_new = self._is_line and begins_with_frequency(self._read(sentences[0]))  # 'Rare', below the lines of 'Common'
            is_below = is_after and not is_new and (next_item if self._is_open else is_open_again)  # a lead-in or title, then one
            is_next = (self._before == "item" or self._is_line) and len(leads) == len(sentences) == 1 and self._is_label(leads[0])
            self._open = self._open if is_below else self._outer if is_next else []
        self._open = self._continue_loose(kind, sentences[0], list(self._open))
        self._open = self._continue_group(kind, sentences[0], self._open, leads)
        above = [name for _, name in reversed(self._open)]
        if kind == "item":
            self._open_item(level, sentences, next_item)
        elif kind == "paragraph" and not is_line:
            known = {name for _, name in self._open}
            self._open = [*self._open, *((0, one.id) for one in leads if one.id not in known)] if leads else []
            self._group = self._open if leads and self._begins(leads[-1], "groups") else self._group
        if kind == "heading" or (kind == "paragraph" and not (leads and above)):
            self._outer = []
        elif leads and is_after:
            self._outer = self._open[:1]
        self._before, self._is_open, self._previous = kind, is_open_again or is_line, list(sentences)
        self._is_line = is_line
        return above

    def find_announcing(self) -> str:
        """Return the last sentence if it is of a paragraph and announces what follows: 'The following was reported.'."""
        is_announcing = self._before == "paragraph" and _compile("announcing").search(self._read(self._previous[-1]))
        return self._previous[-1].id if is_announcing else ""

    def _continue_loose(self, kind: str, first: Sentence, opened: list[tuple[int, str]]) -> list[tuple[int, str]]:
        """Return what is open at a block: the lead-in of a list whose items have no marks is, at those in lower case.

        'X can cause serious side effects, including:', 'liver problems. Call your doctor if …', 'kidney problems. …'.
        """
        self._loose = self._loose if kind != "heading" else []
        is_loose = kind == "paragraph" and self._read(first)[:1].islower()
        ends = self._read(self._previous[-1])[-1:] if self._previous else ""
        if not is_loose or not (ends in _STOPS or self._before == "item"):
            return opened
        self._loose = opened if self._is_open else self._loose
        return opened or self._loose

    def _is_list_line(self, sentences: Sequence[Sentence]) -> bool:
        """Return whether a short paragraph is a line of a list without marks: 'nausea, fever' below 'Common:' or 'Common'."""
        is_title = self._begins(sentences[0], "groups") or begins_with_frequency(self._read(sentences[0]))
        return not self._ends_open(sentences[-1]) and not is_title and (self._is_open or self._is_band_title())

    def _tells_band(self, sentences: Sequence[Sentence]) -> bool:
        """Return whether a paragraph only tells what the frequency above it means: 'These may affect up to 1 in 10 people.'."""
        return self._is_band_title() and len(sentences) == 1 and self._begins(sentences[0], "bands")

    def _is_band_title(self) -> bool:
        """Return whether the block before is a paragraph that is but a title with a frequency: 'Common side effects'."""
        titles = [self._read(one) for one in self._previous[-1:] if self._before == "paragraph"]
        return any(begins_with_frequency(title) and title[-1] not in _STOPS and len(title.split()) <= _LONG for title in titles)

    def _continue_group(
        self, kind: str, first: Sentence, opened: list[tuple[int, str]], leads: list[Sentence]
    ) -> list[tuple[int, str]]:
        """Return what is open at a block: a title such as 'Children' is at each frequency below it, and not at 'Adults'."""
        is_group = bool(leads) and self._begins(leads[-1], "groups")
        if is_group:
            opened = [pair for pair in opened if pair not in self._group[-1:]]
        elif kind == "paragraph" and self._group and begins_with_frequency(self._read(first)):
            opened = self._group if self._group[-1] not in opened else opened
        if kind == "heading" or (kind == "paragraph" and not begins_with_frequency(self._read(first))):
            self._group = []
        return opened

    def _add_inside(self, level: int, sentences: Sequence[Sentence], next_item: int) -> list[str]:
        """Add a block that stands inside an item, below what it says itself; it can lead in items of its own."""
        self._open = [pair for pair in self._open if pair[0] <= _ITEM * level]
        above = [name for _, name in reversed(self._open)]
        self._open += [(_ITEM * level + 1, one.id) for one in self._find_leads(sentences, next_item)]
        self._before, self._is_open, self._previous = "item", False, []
        return above

    def _open_item(self, level: int, sentences: Sequence[Sentence], next_item: int) -> None:
        """Add an item to what is open, or the lead-in of another list with which it ends: 'chills. Signs of X include:'."""
        last = sentences[-1]
        is_title = self._ends_open(last) or begins_with_frequency(self._read(last))  # 'Uncommon (may affect 1 in 100 people)'
        if len(sentences) > 1 and next_item == level and is_title:
            outer = [pair for pair in self._open if 0 < pair[0] <= _ITEM * (level - 1)]
            self._open = [*outer, (_ITEM * level - 1, last.id)]
        else:
            inner = [one for at, one in enumerate(sentences) if not at or self._ends_open(one)]
            self._open += [(_ITEM * level, one.id) for one in inner]

    def _find_leads(self, sentences: Sequence[Sentence], next_item: int) -> list[Sentence]:
        """Return the sentences of a paragraph that introduce what follows, the outermost first.

        They are the last, but for references such as 'See section 4', and the one before it if the last says nothing without
        that: 'For example:', 'The symptoms include:'.
        """
        own = list(sentences)
        while next_item and len(own) > 1 and self._begins(own[-1], "references"):
            own.pop()
        last = own[-1]
        if not self._introduces(last, next_item, is_cut=len(own) < len(sentences)):
            return []
        refers = self._ends_open(last) and self._begins(last, "referring")
        needs_previous = refers or len(self._read(last).split()) <= _SHORT
        before = [*(self._previous[-1:] if self._before == "paragraph" and self._ends_open(last) else ()), *own[:-1]][-1:]
        announced = [one for one in own[:-1] if _compile("announcing").search(self._read(one))][-1:]
        if next_item and announced and not _compile("announcing").search(self._read(last)):
            return [*announced, last]  # 'If you use any of those listed below, tell your doctor. He may prescribe another:'
        return [*(before if needs_previous else ()), last]

    def _introduces(self, sentence: Sentence, next_item: int, *, is_cut: bool) -> bool:
        """Return whether a sentence introduces what follows: it announces it, ends with a colon, or is a few words."""
        text = self._read(sentence)
        is_announcing = next_item and (_compile("announcing").search(text) or _compile("effects").search(text))
        return (
            bool(is_announcing) or self._is_continued or (not is_cut and self._is_lead_in(sentence, _LONG if next_item else _FEW))
        )

    def _is_lead_in(self, sentence: Sentence, most: int) -> bool:
        """Return whether a sentence ends with a colon, or is a few words without a full stop."""
        text = self._read(sentence)
        listed = _BRACKET.sub("", text).partition(":")[2].strip() if begins_with_frequency(text) else ""
        is_list = listed and most == _FEW and not _compile("bands").match(listed)  # 'Rare: nausea, fever'
        if is_list or _FOOTNOTE.match(text):
            return False
        return self._ends_open(sentence) or (not text.endswith((".", "!", "?", ";", "。")) and len(text.split()) <= most)

    def _is_label(self, sentence: Sentence) -> bool:
        """Return whether a lead-in goes on with a list, as 'Rare (…):' does; 'Other side effects:' begins one."""
        text = _BRACKET.sub("", self._read(sentence))
        is_new = self._begins(sentence, "others") or bool(_compile("announcing").search(text))
        return not is_new and (begins_with_frequency(text) or len(text.split()) <= _LABEL)

    def _ends_open(self, sentence: Sentence) -> bool:
        """Return whether a sentence ends with a colon: what follows belongs to it, however short."""
        return self._read(sentence).endswith((":", "："))

    def _begins(self, sentence: Sentence, name: str) -> bool:
        return bool(_compile(name).match(self._read(sentence)))

    def _read(self, sentence: Sentence) -> str:
        return self._words[sentence.start : sentence.end].rstrip()


def is_frequency(title: str) -> bool:
    """Return whether a title is only a frequency: 'Less common', 'Rare (may affect up to 1 in 1,000 people)'."""
    return bool(_compile("frequencies").fullmatch(_BRACKET.sub("", title).strip().rstrip(" :：")))


def begins_condition(item: str) -> bool:
    """Return whether an item is only a condition: 'if you have asthma', not 'If you have questions, ask your doctor'."""
    return item[:1].islower() and bool(_compile("conditions").match(item))


def is_usual_title(line: str) -> bool:
    """Return whether a line is a title that all leaflets have, such as 'If you forget to take X:', and no sentence."""
    is_sentence = line.rstrip().endswith((".", ",", ";", "!")) or "\n" in line or len(line.split()) > _FEW
    return not is_sentence and begins_with_title(line)


def begins_with_title(line: str) -> bool:
    """Return whether a line begins with the words of a usual title; a sentence can follow: 'Other medicines and X Tell …'."""
    return bool(_compile("titles").match(line))


def begins_with_frequency(title: str) -> bool:
    """Return whether a title gives a frequency first: 'Rare side effects'."""
    return bool(_compile("frequencies").match(title))


@cache
def _compile(name: str) -> re.Pattern[str]:
    """Compile a list of words by which lists are read, of all languages."""
    words = sorted(language_data()["lists"][name], key=len, reverse=True)
    return re.compile(rf"(?<!\w)\W?(?:{'|'.join(map(re.escape, words))})(?!\w)" + r"\W*\Z" * (name == "effects"), re.IGNORECASE)
