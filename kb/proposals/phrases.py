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


# How the lists of ``phrase_words.toml`` are looked for: {NAME} stands for the words of a list.
_FORMS = {
    "opening": r"^(?:{opening}\b\s*)+",
    "bullet": r"\S\s*•",  # inside of a sentence, of which a text made one of several items
    "end": r"(?:^|[\s,;:\u2013—]+(?:-\s)?){end}(?!\w).*",
    "end-of-list": r"(?:^|[\s,;:\u2013—]+(?:-\s)?){end-of-list}(?!\w).*",
    "when": r"\s{when}(?!\w)(?!\s{neutral-when}\b)",
    "naming": r"^[\s,]?{naming}(?!\w)",
    "explaining": r"^{explaining}\b",
    "limiting": r"^(?:and |or )?{limiting}(?!\w)",
    "restricting": r"\b{restricting}\b",
    "clause": r"(?<![\w-]){clause}(?![\w-])",
    "general": r"^{general}$",
    "category": r"^{category}$",
    "relative": r"(?<!\w){relative}(?!\w)",
    "joint": r"\s+{joint}\s+(?!{inseparable}\b)",
    "alternative": r"^\s*{alternative}\s*$",
    "scope": r"^{scope}\b",
    "preposition": r"(?<!\w){preposition}(?!\w)",
    "placing": r"(?<!\w){placing}(?!\w)",
    "signs": r"\b{signs}\b",
    "describing": r"\b{signs}\b|(?<!adverse )\breactions?\b|^\W*{when}\b",  # 'skin reactions can include:', 'after treatment:'
    "advice": r"\b{advice}\b",
    "of-signs": r"\b{of-signs}\b",
    "conditional": r"\b{conditional}\s*:",
    "doubted": r"\b{doubted}\b",
    "of-some": r"\b{of-some}\b",
    "having": r"^\W*{having}\b",
    "past": r"^\W*(?:if\b)?\s*(?:you\b)?\s*{past}\b",
    "past-before": r"{past-before}\W*$",
    "some-before": r"\b{some-before}\s+$",
    "restricting-after": r"^(?:\s*\([^()]*\))?,?\s+{restricting-after}",
    "purpose": r"\({purpose}\b[^()]*$",
    "together-before": r"\b{together}\s+(?:an?\s+)?$",
    "together-after": r"^\s+{together}\s",
}
_KIND_FORMS = {"kinds": r"\b{}\b", "introduced": r"^{}\b", "announced": r"\b{}\b", "explained": r"\S[\s,]+{}\b"}


class Phrase(NamedTuple):
    """A name of a thing, and other names that its text gives in brackets."""

    label: str
    aliases: tuple[str, ...] = ()


class PhraseFinder:
    """Finds the names of things in texts of a language; in one without words, the items of lists as they stand."""

    def __init__(self, language: str) -> None:
        words = resources.phrase_words().get(language.partition("-")[0].lower(), {})
        joined = {name: _join(own) for name, own in words.items() if isinstance(own, list)}
        self._forms = {
            name: re.compile(re.sub("{([a-z-]+)}", lambda match: joined.get(match[1], "(?!)"), form), re.IGNORECASE)
            for name, form in _FORMS.items()
        }
        self._kinds, self._introduced, self._announced, self._explained = (
            {kind: re.compile(form.replace("{}", _join(own)), re.IGNORECASE) for kind, own in words.get(name, {}).items()}
            for name, form in _KIND_FORMS.items()
        )
        self._told, self._exclusive = words.get("told", ()), words.get("exclusive", ())

    def has(self, form: str, text: str) -> bool:
        """Return whether words have one of the forms above, such as 'past': 'if you have ever had fits'."""
        return bool(self._forms[form].search(text))

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
        return self.has("clause", _BRACKET.sub(" ", text))

    def opens_other_list(self, text: str) -> bool:
        """Return whether words open a list of something that they tell themselves: they end in a colon, and are no advice."""
        is_lead = text.rstrip().endswith(":") and self.is_clause(text)
        return is_lead and (self.has("signs", text) or not self.has("advice", text))

    def opens_conditions(self, lead: str) -> bool:
        """Return whether the items below a lead-in are conditions: 'dizziness may occur if you:'."""
        return self.has("conditional", lead) and not self.has("advice", lead)

    def tell_doubt(self, before: str, after: str) -> str:
        """Return what the words right before and after a name of an item say beside it, that makes a claim about it doubtful."""
        if self.has("past-before", before):
            return "the past, or others"
        if self.has("some-before", before) or self.has("restricting-after", after):
            return "some cases only"
        if self.has("relative", _BRACKET.sub(" ", before)):
            return "what it names before"  # 'a reaction which causes chills'
        return "what something else is for" if self.has("purpose", before) else ""

    def lists_signs(self, text: str) -> bool:
        """Return whether an item says outside of brackets that it names signs: 'a rash, which can be a sign of an allergy'."""
        return self.has("of-signs", _BRACKET.sub(" ", text))

    def is_of_some(self, text: str, names: Collection[str]) -> bool:
        """Return whether words speak of some persons only, and not of those with what is named: 'side effects in children:'."""
        found = (text[match.end() :].strip().casefold() for match in self._forms["of-some"].finditer(text))
        return not all(after.startswith(tuple(name.casefold() for name in names)) for after in found)

    def is_category(self, head: str) -> bool:
        """Return whether the head of a list says where effects are, and names none: 'endocrine disorders'."""
        return any(self.has(form, head.strip(_TRIM)) for form in ("category", "general"))

    def names_two(self, name: str) -> bool:
        """Return whether a name can be of two things: 'burning skin and thirst', but not 'pain in hands and feet'."""
        first, *rest = self._forms["joint"].split(name)
        return bool(rest) and not (self.has("scope", first) or self.has("preposition", first))

    def find(self, text: str) -> list[Phrase]:
        """Return the names in an item or an enumeration, without those that cannot stand for themselves; none of a clause."""
        segments = [one for item in _BULLET.split(" ".join(text.translate(_ROUND).split())) for one in _SEGMENT.findall(item)]
        return list(dict.fromkeys(phrase for segment in segments for phrase in self._find(segment)))

    def _find(self, segment: str) -> list[Phrase]:
        """Return the names between commas, up to one whose examples or causes can be what follows."""
        parts = [part for part in _PART.findall(segment) if part.strip(_TRIM)]
        made: list[Phrase] = []
        for at, part in enumerate(parts):
            if made and self.has("limiting", part.strip(_TRIM)):
                made = made[:-1]  # 'fits, seen in patients with …'
                continue
            if self.has("when", self._open(_BRACKET.sub(" ", part))) or (at and self.has("explaining", part.strip())):
                continue  # 'fits after a fall', and ', a hormone of the liver'
            outer = _BRACKET.sub(" ", part)
            whole = self._strip(outer)
            plain = self._forms["end-of-list"].sub("", whole)
            if self.has("naming", whole[len(plain) :]):
                break  # 'an enzyme called amylase'
            if at == 0 and self.has("clause", plain):
                return []
            is_last = 0 < at == len(parts) - 1
            if " with " in plain and 0 <= at < len(parts) - 1:
                break  # 'weakness with a rash, fever'
            names = list(self._split(plain, is_listed=is_last))
            if at == 1 and self.has("general", self._strip(parts[0])):
                continue  # 'inactive, prolonged infections'
            if any(self._is_fragment(name, made) for name in names):  # 'swelling of the face, lips and tongue'
                made = made[:-1]
            else:
                own = [phrase for name in names if (phrase := self._make(name, part))]
                is_alone = len(names) == 1 and not is_last  # a bracket at the end can be about all that is before it
                made += own if is_alone else [Phrase(phrase.label) for phrase in own]
            if plain != whole or self.has("end-of-list", outer) or self.has("relative", outer):
                break
        return made

    def find_introduced(self, text: str, lead: str = "") -> str:
        """Return the kind of things that an item or its lead-in tells, such as 'if you take'; empty if they tell none."""
        outer = _BRACKET.sub(" ", text)
        told = ((self._announced, lead), (self._explained, outer))
        found: list[str] = [kind for patterns, words in told for kind, pattern in patterns.items() if pattern.search(words)]
        if found:
            return found[0]
        rest = self._forms["opening"].sub("", text)
        return next((kind for kind, pattern in self._introduced.items() if pattern.search(rest)), "")

    def _strip(self, text: str) -> str:
        return self._forms["end"].sub("", self._open(text)).strip(_TRIM)

    def _open(self, text: str) -> str:
        """Return words without those before a name."""
        text = self._forms["opening"].sub("", " ".join(text.split()).strip(_TRIM))
        for pattern in self._introduced.values():
            text = pattern.sub("", text)
        return text

    def _split(self, text: str, *, is_listed: bool) -> Iterator[str]:
        """Divide words at an 'and' or 'or' that stands inside of no name: 'fits or fainting', but not 'pain in legs and feet'."""
        joints = list(self._forms["joint"].finditer(text))
        if len(joints) != 1:
            yield from (text,) if not joints else ()
            return
        first, last = text[: joints[0].start()], text[joints[0].end() :]
        is_scope, is_or = self.has("scope", first), self.has("alternative", joints[0][0])
        is_short, is_complete = " " not in first + last, " " in first and " " in last
        is_place = self.has("placing", first) or " " not in last or self._is_fragment(last, [])
        if is_or and self.has("preposition", first) and (is_place or self.has("preposition", last)):
            yield text  # 'pain in the arms or legs'
        elif is_or and not is_short and not is_complete:
            yield max(self._strip(first), self._strip(last), key=len)  # 'muscle cramps or pain', 'oily or fatty stools'
        elif is_short or ((is_listed or is_complete) and not is_scope):
            yield from (self._strip(first), self._strip(last))
        elif not (is_or and is_complete):  # 'reduced kidney or liver function'
            yield text

    def _is_fragment(self, name: str, before: list[Phrase]) -> bool:
        """Return whether a name continues the one before it: a part of the body, or a substance after 'low levels of …'."""
        is_of = bool(before) and self.has("preposition", before[-1].label)
        kinds = [self._kinds[kind] for kind in ("anatomy", "substance")[: 1 + is_of] if kind in self._kinds]
        words = [word for part in self._forms["joint"].split(name) for word in part.split()]
        return bool(words) and all(any(kind.fullmatch(word) for kind in kinds) for word in words)

    def _make(self, name: str, part: str) -> Phrase | None:
        """Return a name as a phrase; nothing if it is too long or too general, or has words of a clause."""
        is_name = 0 < len(_WORD.findall(name)) <= _LONGEST and re.search(r"[^\W\d_]{3}", name) and not _NO_NAME.search(name)
        if any(self.has("restricting", bracket) for bracket in _BRACKET.findall(part)):
            return None
        if (
            not is_name
            or self._forms["placing"].match(name)
            or _GLUED.search(name)
            or self.has("clause", name)
            or self.has("general", name)
            or name not in part
        ):
            return None
        is_proper = name[1:2].isupper() or re.match(r"\w+(?:['\u2019]s|[- ][A-Z])", name)
        label = name if is_proper else name[:1].lower() + name[1:]
        other = re.search(rf"{re.escape(name)}\s*\(([^()]{{3,40}})\)[\s.;]*$", part)
        return Phrase(label, (other[1].strip(),) if other and self._is_other_name(other[1]) else ())

    def _is_other_name(self, words: str) -> bool:
        """Return whether a bracket has the name of a disease in one word, such as 'hepatitis'; 'liver disorder' explains."""
        return len(words.split()) == 1 and bool(self._kinds["condition"].search(words))


@cache
def find_phrases(language: str) -> PhraseFinder:
    """Return the finder of names in texts of a language."""
    return PhraseFinder(language)


def _join(words: Iterable[str]) -> str:
    """Join some words to a pattern, the longest first; without words, to one that matches nothing. '-itis' is an ending."""
    patterns = (re.sub("^-", r"[\\w-]{2,}", word) for word in sorted(words, key=len, reverse=True))
    return f"(?:{'|'.join(patterns) or '(?!)'})"
