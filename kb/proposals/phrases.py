"""Find the names of things in the items of lists and in enumerations, by the words of ``phrase_words.toml``.

A phrase that needs its sentence to be understood ('your heart', 'may show …') is no name. What follows 'such as' or 'used to'
explains a name, and a bracket after a name gives another one if it looks like the name of a disease.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from typing import NamedTuple

from kb import resources

_LONGEST = 7  # words of a name
_PART, _SEGMENT = (re.compile(rf"(?:\((?:[^()]|\([^()]*\))*\)|[^(;•{comma}])+") for comma in (",", ""))  # brackets stay whole
_ROUND = str.maketrans("[]", "()")
_BULLET = re.compile(r"•|(?:^|\s)\*\s")
_BRACKET = re.compile(r"\((?:[^()]|\([^()]*\))*\)")
_NO_NAME = re.compile(
    r"[\"\u201c\u201d\u2018:@…%()]|://|www[.]|(?<![\w-])(?<!type )\d[\d.,]*(?![\w-])|\s[-\u2013—]\s"
    r"|^[b-hj-zB-HJ-Z] (?!cell)[a-z]{2}|^\d[\d.,]*[A-Za-z]|\b[A-Z]*\d{3,}\b"  # 'v omiting', '50mg X' and 'PA12345'
)
_GLUED = re.compile(r"\b[a-z]\w*(?: [A-Z][a-z]+)+ [a-z]")  # 'difficulty urinating Dehydration Double vision'
_WORD = re.compile(r"[^\W_](?:[\w'\u2019/.-]*\w)?")
_TRIM = " \t\n.;,:•®™*-\u2013—'\"\u2018\u2019\u201c\u201d"


class Phrase(NamedTuple):
    """A name of a thing, and other names that its text gives in brackets."""

    label: str
    aliases: tuple[str, ...] = ()


class PhraseFinder:
    """Finds the names of things in texts of a language; in one without words, the items of lists as they stand."""

    def __init__(self, language: str) -> None:
        words = resources.phrase_words().get(language.partition("-")[0].lower(), {})
        self._opening = _compile(words.get("opening"), r"(?:(?:%s)\b\s*)+")
        self._end = _compile(words.get("end"), r"(?:^|[\s,;:\u2013—]+(?:-\s)?)(?:%s)(?!\w).*")
        neutral = "|".join(map(re.escape, words.get("neutral-when", ()))) or "(?!)"
        self._when = _compile(words.get("when"), rf"\s(?:%s)(?!\w)(?!\s(?:{neutral})\b)")
        self._timed = _compile(words.get("when"), r"\W*(?:%s)\b")
        self._end_of_list = _compile(words.get("end-of-list"), r"(?:^|[\s,;:\u2013—]+(?:-\s)?)(?:%s)(?!\w).*")
        self._naming = _compile(words.get("naming"), r"(?:^|[\s,])(?:%s)(?!\w)")
        self._signs = _compile(words.get("signs"), r"\b(?:%s)\b")
        self._past = _match(words.get("past"), r"\W*(?:if\b)?\s*(?:you\b)?\s*(?:%s)\b")
        self._announced = {kind: _match(told) for kind, told in words.get("announced", {}).items()}
        self._explained = {kind: _compile(told, r"\S[\s,]+(?:%s)\b") for kind, told in words.get("explained", {}).items()}
        self._of_signs = _match(words.get("of-signs"))
        self._contents = _match(words.get("contents"))
        self._relative = _compile(words.get("relative"), r"(?<!\w)(?:%s)(?!\w)")
        self._explaining = _compile(words.get("explaining"), r"(?:%s)\b")
        self._limiting = _compile(words.get("limiting"), r"(?:and |or )?(?:%s)(?!\w)")
        self._conditional = _compile(words.get("conditional"), r"\b(?:%s)\s*:")
        self._described = _compile(words.get("signs"), r"\b(?:%s)\b|(?<!adverse )\breactions?\b")
        self._advice = _compile(words.get("advice"), r"\b(?:%s)\b")
        self._category = _match(words.get("category"), "%s")
        self._of_some = _match(words.get("of-some"))
        self._doubted = _match(words.get("doubted"))
        self._told = words.get("told", ())
        self._past_before = _match(words.get("past-before"), r"(?:%s)\W*$")
        self._restricting_after = _match(words.get("restricting-after"), r"(?:\s*\([^()]*\))?,?\s+(?:%s)")
        self._some_before = _match(words.get("some-before"), r"\b(?:%s)\s+$")
        self._having = _compile(words.get("having"), r"\W*(?:%s)\b")
        together = "|".join(words.get("together", ["(?!)"]))
        self._together = (re.compile(rf"\b(?:{together})\s+(?:an?\s+)?$"), re.compile(rf"\s+(?:{together})\s"))
        self._purpose = _compile(words.get("purpose"), r"\((?:%s)\b[^()]*$")
        self._exclusive = words.get("exclusive", ())
        self._clause = _compile(words.get("clause"), r"(?<![\w-])(?:%s)(?![\w-])")
        self._restricting = _compile(words.get("restricting"), r"\b(?:%s)\b")
        self._general = _match(words.get("general"), "%s")
        inseparable = "|".join(words.get("inseparable", ())) or "(?!)"
        self._joint = _compile(words.get("joint"), rf"\s+(?:%s)\s+(?!(?:{inseparable})\b)")
        self._alternative = words.get("alternative", ())
        self._scope = _compile(words.get("scope"), r"(?:%s)\b")
        self._preposition = _compile(words.get("preposition"), r"(?<!\w)(?:%s)(?!\w)")
        self._placing = _compile(words.get("placing"), r"(?<!\w)(?:%s)(?!\w)")
        self._introduced = {kind: _compile(told, r"(?:%s)\b") for kind, told in words.get("introduced", {}).items()}
        told = words.get("kinds", {}).get("condition", ())
        self._disease = _compile_kind(tuple(word for word in told if word.startswith("-")))
        self._kinds = {kind: _compile_kind(tuple(told)) for kind, told in words.get("kinds", {}).items()}

    def find_kind(self, label: str, kinds: Iterable[str]) -> str:
        """Return the kind that the last words of a name tell, of some or an exclusive one; empty if they tell none."""
        own = dict.fromkeys((*kinds, *self._exclusive))
        places = {kind: match.end() for kind in own if kind in self._kinds for match in self._kinds[kind].finditer(label)}
        return max(places, key=lambda kind: places[kind], default="")

    def needs_word(self, kinds: Collection[str]) -> bool:
        """Return whether names of some kinds have words that tell them: a name without one is no drug class."""
        return all(kind in self._told for kind in kinds)

    def is_clause(self, text: str) -> bool:
        """Return whether words have a verb or a pronoun, outside of brackets: they are more than names."""
        return bool(self._clause.search(_BRACKET.sub(" ", text)))

    def has_items(self, text: str) -> bool:
        """Return whether words have a bullet inside: they are items of which a text made one sentence, of more than one list."""
        lead, *items = _BULLET.split(text.strip(_TRIM))
        return bool(items) and not (lead.rstrip().endswith(":") and ":" not in "".join(items))

    def announces_signs(self, text: str) -> bool:
        """Return whether words announce symptoms or signs, which can be those of something else."""
        return bool(self._signs.search(text))

    def opens_other_list(self, text: str) -> bool:
        """Return whether words open a list of something that they tell themselves: they end in a colon, and are no advice."""
        is_lead = text.rstrip().endswith(":") and self.is_clause(text)
        return is_lead and (self.announces_signs(text) or not self._advice.search(text))

    def opens_conditions(self, lead: str) -> bool:
        """Return whether the items below a lead-in are conditions: 'dizziness may occur if you:'."""
        return bool(self._conditional.search(lead) and not self._advice.search(lead))

    def tell_doubt(self, before: str, after: str) -> str:
        """Return what the words right before and after a name of an item say beside it, that makes a claim about it doubtful."""
        if self._past_before.search(before):
            return "the past, or others"
        if self._some_before.search(before) or self.is_restricted(after):
            return "some cases only"
        if self._relative.search(_BRACKET.sub(" ", before)):
            return "what it names before"  # 'a reaction which causes chills'
        return "what something else is for" if self._purpose.search(before) else ""

    def is_restricted(self, after: str) -> bool:
        """Return whether words after a name restrict it."""
        return bool(self._restricting_after.match(after))

    def tells_condition(self, text: str) -> bool:
        """Return whether an item says what a reader has."""
        return bool(self._having.match(text))

    def is_together(self, before: str, after: str) -> bool:
        """Return whether a name is joined to another one by 'and'."""
        return bool(self._together[0].search(before) or self._together[1].match(after))

    def lists_signs(self, text: str) -> bool:
        """Return whether an item says outside of brackets that it names signs: 'a rash, which can be a sign of an allergy'."""
        return bool(self._of_signs.search(_BRACKET.sub(" ", text)))

    def announces_contents(self, text: str) -> bool:
        """Return whether what stands below a heading are other headings."""
        return bool(self._contents.search(text))

    def describes(self, head: str) -> bool:
        """Return whether what follows words can be of what they name: 'skin reactions can include:', 'after treatment:'."""
        return bool(self._described.search(head) or self._timed.match(head))

    def doubts_lists(self, text: str) -> bool:
        """Return whether a sentence doubts that what is listed below it are effects."""
        return bool(self._doubted.search(text))

    def is_of_some(self, text: str, names: Collection[str]) -> bool:
        """Return whether words speak of some persons only, and not of those with what is named: 'side effects in children:'."""
        found = (text[match.end() :].strip().casefold() for match in self._of_some.finditer(text))
        return not all(after.startswith(tuple(name.casefold() for name in names)) for after in found)

    def is_past(self, text: str) -> bool:
        """Return whether an item speaks of the past alone, such as 'if you have ever had fits'."""
        return bool(self._past.match(text))

    def is_category(self, head: str) -> bool:
        """Return whether the head of a list says where effects are, and names none: 'endocrine disorders'."""
        return bool(self._category.fullmatch(head.strip(_TRIM)) or self.is_general(head.strip(_TRIM)))

    def is_joined(self, name: str) -> bool:
        """Return whether a name has an 'and' or 'or', which can join what is no part of it."""
        return bool(self._joint.search(name))

    def names_two(self, name: str) -> bool:
        """Return whether a name can be of two things: 'burning skin and thirst', but not 'pain in hands and feet'."""
        first, *rest = self._joint.split(name)
        return bool(rest) and not (self._scope.match(first) or self._preposition.search(first))

    def is_general(self, name: str) -> bool:
        """Return whether a name is too general for a fact, such as 'medicine'."""
        return bool(self._general.fullmatch(name))

    def find(self, text: str) -> list[Phrase]:
        """Return the names in an item or an enumeration, without those that cannot stand for themselves; none of a clause."""
        segments = [one for item in _BULLET.split(" ".join(text.translate(_ROUND).split())) for one in _SEGMENT.findall(item)]
        return list(dict.fromkeys(phrase for segment in segments for phrase in self._find(segment)))

    def _find(self, segment: str) -> list[Phrase]:
        """Return the names between commas, up to one whose examples or causes can be what follows."""
        parts = [part for part in _PART.findall(segment) if part.strip(_TRIM)]
        made: list[Phrase] = []
        for at, part in enumerate(parts):
            if made and self._limiting.match(part.strip(_TRIM)):
                made = made[:-1]  # 'fits, seen in patients with …'
                continue
            if self._when.search(self._open(_BRACKET.sub(" ", part))) or (at and self._explaining.match(part.strip())):
                continue  # 'fits after a fall', and ', a hormone of the liver'
            outer = _BRACKET.sub(" ", part)
            whole = self._strip(outer)
            plain = self._end_of_list.sub("", whole)
            if self._naming.match(whole, len(plain)):
                break  # 'an enzyme called amylase'
            if at == 0 and self._clause.search(plain):
                return []
            is_last = 0 < at == len(parts) - 1
            if " with " in plain and 0 <= at < len(parts) - 1:
                break  # 'weakness with a rash, fever'
            names = list(self._split(plain, is_listed=is_last))
            if at == 1 and self.is_general(self._strip(parts[0])):
                continue  # 'inactive, prolonged infections'
            if any(self._is_fragment(name, made) for name in names):  # 'swelling of the face, lips and tongue'
                made = made[:-1]
            else:
                own = [phrase for name in names if (phrase := self._make(name, part))]
                is_alone = len(names) == 1 and not is_last  # a bracket at the end can be about all that is before it
                made += own if is_alone else [Phrase(phrase.label) for phrase in own]
            if plain != whole or self._end_of_list.search(outer) or self._relative.search(outer):
                break
        return made

    def find_introduced(self, text: str, lead: str = "") -> str:
        """Return the kind of things that an item or its lead-in tells, such as 'if you take'; empty if they tell none."""
        outer = _BRACKET.sub(" ", text)
        told = ((self._announced, lead), (self._explained, outer))
        found: list[str] = [kind for patterns, words in told for kind, pattern in patterns.items() if pattern.search(words)]
        if found:
            return found[0]
        opening = self._opening.match(text)
        rest = text[opening.end() if opening else 0 :]
        return next((kind for kind, words in self._introduced.items() if words.match(rest)), "")

    def _strip(self, text: str) -> str:
        return self._end.sub("", self._open(text)).strip(_TRIM)

    def _open(self, text: str) -> str:
        """Return words without those before a name."""
        text = " ".join(text.split()).strip(_TRIM)
        opening = self._opening.match(text)
        text = text[opening.end() if opening else 0 :]
        for words in self._introduced.values():
            text = words.sub("", text, count=1) if words.match(text) else text
        return text

    def _split(self, text: str, *, is_listed: bool) -> Iterator[str]:
        """Divide words at an 'and' or 'or' that stands inside of no name: 'fits or fainting', but not 'pain in legs and feet'."""
        joints = list(self._joint.finditer(text))
        if len(joints) != 1:
            yield from (text,) if not joints else ()
            return
        first, last = text[: joints[0].start()], text[joints[0].end() :]
        is_scope, is_or = bool(self._scope.match(first)), joints[0][0].strip().casefold() in self._alternative
        is_short, is_complete = " " not in first + last, " " in first and " " in last
        is_place = bool(self._placing.search(first)) or " " not in last or self._is_fragment(last, [])
        if is_or and self._preposition.search(first) and (is_place or self._preposition.search(last)):
            yield text  # 'pain in the arms or legs'
        elif is_or and not is_short and not is_complete:
            yield max(self._strip(first), self._strip(last), key=len)  # 'muscle cramps or pain', 'oily or fatty stools'
        elif is_short or ((is_listed or is_complete) and not is_scope):
            yield from (self._strip(first), self._strip(last))
        elif not (is_or and is_complete):  # 'reduced kidney or liver function'
            yield text

    def _is_fragment(self, name: str, before: list[Phrase]) -> bool:
        """Return whether a name continues the one before it: a part of the body, or a substance after 'low levels of …'."""
        is_of = bool(before) and bool(self._preposition.search(before[-1].label))
        kinds = [self._kinds[kind] for kind in ("anatomy", "substance")[: 1 + is_of] if kind in self._kinds]
        words = [word for part in self._joint.split(name) for word in part.split()]
        return bool(words) and all(any(kind.fullmatch(word) for kind in kinds) for word in words)

    def _make(self, name: str, part: str) -> Phrase | None:
        """Return a name as a phrase; nothing if it is too long or too general, or has words of a clause."""
        is_name = 0 < len(_WORD.findall(name)) <= _LONGEST and re.search(r"[^\W\d_]{3}", name) and not _NO_NAME.search(name)
        if any(self._restricting.search(bracket) for bracket in _BRACKET.findall(part)):
            return None
        if (
            not is_name
            or self._placing.match(name)
            or _GLUED.search(name)
            or self._clause.search(name)
            or self._general.fullmatch(name)
            or name not in part
        ):
            return None
        is_proper = name[1:2].isupper() or re.match(r"\w+(?:['\u2019]s|[- ][A-Z])", name)
        label = name if is_proper else name[:1].lower() + name[1:]
        other = re.search(rf"{re.escape(name)}\s*\(([^()]{{3,40}})\)[\s.;]*$", part)
        return Phrase(label, (other[1].strip(),) if other and self._is_other_name(other[1]) else ())

    def _is_other_name(self, words: str) -> bool:
        """Return whether a bracket has the name of a disease, one word or with its ending: 'liver disorder' explains."""
        size = len(words.split())
        if "," in words or self._end_of_list.search(words):
            return False
        return size <= 3 and bool(self._disease.search(words) or (size == 1 and self._kinds["condition"].search(words)))


def _compile(words: list[str] | None, form: str) -> re.Pattern[str]:
    """Compile some words, the longest first, into a form; without words, into a pattern that matches nothing."""
    return re.compile(form % "|".join(map(re.escape, sorted(words, key=len, reverse=True))) if words else "(?!)", re.IGNORECASE)


def _match(patterns: Iterable[str] | None, form: str = r"\b(?:%s)\b") -> re.Pattern[str]:
    """Compile some patterns into a form; without patterns, into one that matches nothing."""
    joined = "|".join(patterns or ())
    return re.compile(form % joined if joined else "(?!)", re.IGNORECASE)


@cache
def _compile_kind(words: tuple[str, ...]) -> re.Pattern[str]:
    return _match(rf"[\w-]{{2,}}{word[1:]}" if word.startswith("-") else word for word in words)
