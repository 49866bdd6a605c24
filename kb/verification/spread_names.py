"""Finds a term whose words stand in a sentence in other forms, or with other words in between, where none of its labels does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, product

from kb.model import Term, list_names
from kb.resources import language_data
from kb.verification.cues import Cues, CueToken, Span, stems, tokens, word_families
from kb.verification.passages import TokenisedSentence, index_phrases, indexes

# How many tokens a name may take up in a sentence: so many for each of its own, and these more.
_STRETCH = 2
_SLACK = 4

# How many words can describe the second of two things before their common noun: 'pelvic or lower stomach pain'.
_SECOND = 2

_ABBREVIATION = re.compile(r"\s*\([^\W\d_]?[A-Z]+[^()\s]*\)")
_LIST_MARKS = ",;:•*"
_UNIT = re.compile(language_data()["units"], re.IGNORECASE)
_PREPOSITIONS = ("population-preposition", "opener", "combination")
_LIGHT = ("name-words", "auxiliary", "article", "adverb", "link", "pronoun", "determiner", "neutral-words", "comparative")
_ACTING = ("auxiliary", "relative", "agent", "subordinate", "of", "infinitive", "not-taking")
_VERBS = ("auxiliary", "having", "neutral-words")


@dataclass(frozen=True)
class _Name:
    """A label: its tokens, and the families of their words, but for words such as 'of' and 'your', which have none.

    ``is_of_group`` says that its first word, such as 'patients', has none either.
    """

    tokens: tuple[CueToken, ...]
    families: tuple[str, ...]
    is_of_group: bool = False

    @cached_property
    def order(self) -> dict[str, int]:
        """Where the words stand that a sentence must have, by their families."""
        return {name: at for at, name in enumerate(self.families) if name}

    def find_plain(self, first: int, last: int) -> set[str]:
        """Return the stems of the words between two others that a sentence need not have."""
        return {self.tokens[at].stem for at in range(first + 1, last) if not self.families[at]}

    @cached_property
    def amounts(self) -> list[tuple[str, str]]:
        """Each number with the word after it, such as its unit."""
        return [pair for pair in pairwise(self.families) if pair[0][:1].isdigit() and pair[1]]


class SpreadNameFinder:
    """Finds such names of the terms of a knowledge base.

    'allergy to gentamicin' is named by 'if you are allergic to gentamicin, gelatin or …', and 'stopping breastfeeding' by
    'breastfeeding should be stopped'. 'pain in the chest' is not named by 'pain in the neck, rash on the chest'.
    """

    def __init__(
        self, terms: Mapping[str, Term], cues: Cues, find_terms: Callable[[TokenisedSentence], list[tuple[str, Span]]]
    ) -> None:
        self._terms, self._cues, self._find_terms = terms, cues, find_terms
        self._names: dict[tuple[str, str], list[_Name]] = {}

    def find(self, value: str, passage: TokenisedSentence) -> list[Span]:
        """Return the tokens of the first label of a term whose words stand close together in one clause of a sentence."""
        language, families = passage.words.language, passage.words.families
        term = self._terms.get(value)
        if not term or not self._cues.list_words("name-words", language):
            return []
        for name in self._read_all(term, language):
            if name.order and name.order.keys() <= families.keys():
                named = (place for place in _find_places(name, passage) if self._is_named(term, name, passage, place))
                if place := next(named, ()):
                    return [(at, at + 1) for at in place]
        return self._find_around_taking(term, passage)

    def _find_around_taking(self, term: Term, passage: TokenisedSentence) -> list[Span]:
        """Return the tokens of a label before and after what a group takes: 'women taking X who can become pregnant'."""
        takings, own = self.find_words(passage, "group-taking"), passage.words.stems
        if not takings:
            return []
        named = [*(span for _, span in self._find_terms(passage)), *self.find_words(passage, "topic")]
        cuts = [(start, end) for start, verb in takings for first, end in named if first == verb]
        for label in (stems(label, passage.words.language) for label in list_names(term, passage.words.language)):
            for (start, end), size in product(cuts, range(1, len(label))):
                last = end + len(label) - size
                if own[max(start - size, 0) : start] + own[end:last] == label:
                    return [(start - size, start), (end, last)]
        return []

    def _read_all(self, term: Term, language: str) -> list[_Name]:
        key = term.id, language
        if key not in self._names:
            self._names[key] = [name for label in list_names(term, language) for name in self._read(label, language)]
        return self._names[key]

    def _read(self, label: str, language: str) -> Iterator[_Name]:
        """Yield a label without an abbreviation in brackets, such as '(TB)'; if it begins with 'patients', also without that."""
        own, plain = tokens(_ABBREVIATION.sub("", label), language), {*self._cues.list_words("name-words", language)}
        known = word_families(language)
        families = ["" if one.text.casefold() in plain else known.get(one.stem, one.stem) for one in own]
        yield _Name(tuple(own), tuple(families))
        groups = {one for word in self._cues.list_words("population-general", language) for one in stems(word, language)}
        if len(own) > 1 and own[0].stem in groups and not families[1]:
            yield _Name(tuple(own), ("", *families[1:]), is_of_group=True)

    def find_words(self, passage: TokenisedSentence, name: str) -> list[Span]:
        """Return where a sentence has words of a list of cues."""
        return passage.find_indexed(index_phrases(self._cues.list_words(name, passage.words.language), passage.words.language))

    def marked(self, passage: TokenisedSentence, *lists: str) -> frozenset[int]:
        """Return the tokens of the words of some lists of cues."""
        known = passage.words.marked
        if lists not in known:
            known[lists] = frozenset(indexes(span for name in lists for span in self.find_words(passage, name)))
        return known[lists]

    def negated(self, passage: TokenisedSentence) -> frozenset[int]:
        """Return the tokens of words that deny."""
        known, key = passage.words.marked, ("spread", "negations")
        if key not in known:
            known[key] = frozenset(indexes(passage.find(self._cues.negations(passage.words.language))))
        return known[key]

    def list_stems(self, passage: TokenisedSentence, *lists: str) -> frozenset[str]:
        """Return the stems of the words of some lists of cues."""
        return frozenset().union(*(self._cues.list_stems(name, passage.words.language) for name in lists))

    def ends_phrase(self, passage: TokenisedSentence, at: int) -> bool:
        """Return whether a word describes none after it: not 'asthmatic' in 'asthmatic cough'."""
        after = self.marked(passage, *_LIGHT, *_PREPOSITIONS, "joint", "subordinate", "population", "population-general")
        return at + 1 == len(passage.words.tokens) or at + 1 in after or passage.has_comma(at + 1, _LIST_MARKS + "()")

    def _is_named(self, term: Term, name: _Name, passage: TokenisedSentence, place: tuple[int, ...]) -> bool:
        """Return whether the words of a label mean its term where they stand."""
        if name.is_of_group and not self._is_condition(passage, place[0]):
            return False
        if place[0] - 1 in self.negated(passage) or not self.marked(passage, "compound").isdisjoint(at - 1 for at in place):
            return False  # 'not pregnant', 'anti-epileptic'
        if len(place) == 1 and not name.is_of_group:
            return self._is_other_form(name, passage, place[0])
        return (
            passage.clauses([(place[0], place[0] + 1)]).issuperset(place)
            and not self._is_of_another(term, name, passage, place)
            and all(_Gap(self, name, passage, pair).is_joined for pair in pairwise(place))
        )

    def _is_condition(self, passage: TokenisedSentence, start: int) -> bool:
        """Return whether a word begins what the reader may have: 'if you suffer from asthma' is said of patients with asthma."""
        articles = self.marked(passage, "article")
        while start - 1 in articles:
            start -= 1
        return any(end == start for _, end in passage.find(self._cues.list_words("if-you-have", passage.words.language)))

    def _is_other_form(self, name: _Name, passage: TokenisedSentence, at: int) -> bool:
        """Return whether a word is another form of a label of one word: 'pregnant' of 'pregnancy'; not 'epileptics'."""
        own, token = name.tokens[0], passage.words.tokens[at]
        is_same = len(name.tokens) > 1 or own.stem == token.stem or own.text.isupper()
        return not is_same and not token.text.endswith("ics") and self.ends_phrase(passage, at)

    def _is_of_another(self, term: Term, name: _Name, passage: TokenisedSentence, place: tuple[int, ...]) -> bool:
        """Return whether a word belongs to a longer name of another term, or another of the term's kind stands in between."""
        plain = self.marked(passage, "name-words", "using", "using-links").union(place)  # 'stop taking X' for 'stopping X'
        examples = [at for at, _ in self.find_words(passage, "example")]
        for other, (start, end) in self._find_terms(passage):
            own = set(range(start, end))
            is_inside = place[0] < start and end <= place[-1] and own.isdisjoint(place)
            shares_noun = own & plain == {place[-1]} == {end - 1}  # 'severe liver or kidney problems'
            shares_noun |= own & set(place) == {place[0]} == {start} and self._is_second_object(passage, end, place)
            is_longer = not (own.isdisjoint(place) or own <= plain or shares_noun)
            is_example = any(place[0] < at < start for at in examples)  # 'skin reactions such as a rash or itching'
            if (is_longer or (is_inside and not is_example and self._terms[other].kind == term.kind)) and not any(
                one.order.keys() <= name.order.keys() for one in self._read_all(self._terms[other], passage.words.language)
            ):
                return True
        return False

    def _is_second_object(self, passage: TokenisedSentence, end: int, place: tuple[int, ...]) -> bool:
        """Return whether 'or' joins the rest of a name to another: 'a blockage in your gut or bile ducts'."""
        return end in self.marked(passage, "any-of") and end + 1 == place[1]


# How many words can stand between 'feel' and the last of several feelings.
_FEELINGS = 5


class _Gap:
    """The words between two words of a label in a sentence; those of a bracket or of examples between commas do not count.

    ``links`` are the prepositions that the label has between the two.
    """

    def __init__(self, finder: SpreadNameFinder, name: _Name, passage: TokenisedSentence, ends: Span) -> None:
        self.finder, self.name, self.passage, self.ends = finder, name, passage, ends
        asides = set(self._find_asides(range(ends[0] + 1, ends[1])))
        commas = (at for at in range(ends[0] + 1, ends[1] + 1) if passage.has_comma(at, _LIST_MARKS))
        self.words = [at for at in range(ends[0] + 1, ends[1]) if at not in asides]
        self.joints = self._among("joint")
        self.breaks = {at for at in commas if asides.isdisjoint((at - 1, at))} | self.joints
        self.prepositions = self._among(*_PREPOSITIONS)
        first, second = (self._order(at) for at in ends)
        self.is_reversed = first > second
        self.links = name.find_plain(*sorted((first, second))) & finder.list_stems(passage, *_PREPOSITIONS)

    @property
    def is_joined(self) -> bool:
        """Whether the two words belong together in spite of what stands between them."""
        if not self.finder.negated(self.passage).isdisjoint(self.words):
            return False
        if self.is_reversed:
            is_beside = self._is_compound() or self._is_index_entry() or self._undoes_compound()
            return self._is_predicate() or is_beside or self._is_example()
        is_listed = self._begins_list(self.links) or self._is_second() or self._is_feeling()
        return self._is_light() or self._is_amount() or is_listed or self._is_glossed() or self._is_example()

    def _among(self, *lists: str) -> set[int]:
        """Return the tokens in between that are words of some lists of cues."""
        return set(self.words) & self.finder.marked(self.passage, *lists)

    def _order(self, at: int) -> int:
        """Return where the label has the word of a token of the sentence."""
        own = self._stem(at)
        return self.name.order[word_families(self.passage.words.language).get(own, own)]

    def _own_token(self, at: int) -> CueToken:
        """Return the token of the label to which one of the sentence belongs."""
        return self.name.tokens[self._order(at)]

    def _stem(self, at: int) -> str:
        return self.passage.words.stems[at]

    def _find_asides(self, between: range) -> Iterator[int]:
        """Yield the tokens of brackets, and of examples between commas: 'contraceptives, like pills, …'."""
        examples = {start for start, _ in self.finder.find_words(self.passage, "example")}
        for at in between:
            if (bracket := self.passage.bracket_of(at)) and bracket.isdisjoint(self.ends):
                yield at
            elif at in examples and self.passage.has_comma(at, ","):
                extent = range(*self.passage.until_comma(at))
                yield from extent if extent.stop <= self.ends[1] else ()

    def _is_light(self) -> bool:
        """Return whether only words such as 'your', 'may' and 'closely' stand between: 'your symptoms may return'."""
        light = self._among(*_LIGHT)
        is_plain = not self.breaks and all(at in light or self.passage.is_adverb(at) for at in self.words)
        return is_plain and (self._is_object() if self.links and not self.prepositions else self._has_links())

    def _has_links(self) -> bool:
        """Return whether all prepositions are those of the label: 'effect on X' is not the effect of X.

        Of an action and its object, the label can lack one: 'discontinuation of X' for 'discontinuing X'.
        """
        plain = self._among("infinitive")
        if self._own_token(self.ends[0]).text.endswith("ing"):
            plain |= self._among("of")
        return {self._stem(at) for at in self.prepositions - plain} <= self.links

    def _is_object(self) -> bool:
        """Return whether the first word is a verb and the second its object: 'harm your baby' for 'harm to the baby'."""
        objects = {one for name in ("of", "infinitive") for one in self.finder.list_stems(self.passage, name)}
        is_other_form = self._own_token(self.ends[0]).stem != self._stem(self.ends[0])
        return self.links <= objects and (bool(self.words) or is_other_form)

    def _is_amount(self) -> bool:
        """Return whether only amounts stand between: 'Zolam 5 mg and 10 mg tablets'."""
        texts = [self.passage.words.tokens[at].text for at in self.words if at not in self.joints]
        return any(text.isdigit() for text in texts) and all(text[0].isdigit() or _UNIT.fullmatch(text) for text in texts)

    def _begins_list(self, links: AbstractSet[str]) -> bool:
        """Return whether a preposition leads to the second word: 'allergic to nuts or X', 'treated with the drug X'."""
        if len(self.prepositions) != 1 or {self._stem(first := min(self.prepositions))}.isdisjoint(links):
            return False
        last, light, plain = max(self.breaks, default=first), self._among(*_LIGHT), self._among("name-words", "article")
        before = [at for at in self.words if at < first]
        after = [at for at in self.words if at > first and at not in self.joints]
        is_action = bool(after) and self.passage.words.tokens[first + 1].text.endswith("ing")  # 'effect of stopping X'
        is_list = plain.issuperset(at for at in after if at >= last) and plain.issuperset(self._among(*_VERBS) & set(after))
        return (
            all(at in light or self.passage.is_adverb(at) for at in before)
            and min(self.breaks, default=first + 1) > first
            and (is_list if self.breaks else not is_action)
        )

    def _is_second(self) -> bool:
        """Return whether both have a noun in common with what 'or' joins to the first: 'pelvic or stomach pain'."""
        is_short = 1 < len(self.words) <= _SECOND + 1 and self.breaks == {self.words[0]} == self._among("any-of")
        return is_short and not self.links and not self._among(*_PREPOSITIONS, *_VERBS)

    def _is_glossed(self) -> bool:
        """Return whether words that end with 'called' say what the second word is: 'levels of a protein in muscle called X'."""
        if self.breaks or not self.words or self.words[-1] not in self._among("names-before") - self._among("article"):
            return False
        opened = min(self._among("article"), default=self.words[-1])
        barred = self._among(*_ACTING, *_PREPOSITIONS) - self._among("place-links")
        before = {self._stem(at) for at in self.words if at < opened}
        return before == self.links and opened < self.words[-1] and barred.isdisjoint(range(opened + 1, self.words[-1]))

    def _is_example(self) -> bool:
        """Return whether the second word is an example of what happens at the first: 'skin reactions such as itching'."""
        between = range(self.ends[0] + 1, self.ends[1])
        start, opened = next((one for one in self.finder.find_words(self.passage, "example") if one[0] in between), (0, 0))
        listed = set(range(opened, self.ends[1]))
        is_of_kind = start > between.start and self.finder.marked(self.passage, "happenings").issuperset(
            range(between.start, start)
        )
        barred = self.finder.marked(self.passage, *_ACTING, *_PREPOSITIONS)
        joints = self.finder.marked(self.passage, "any-of", "all-of")
        is_item = not listed or self.ends[1] - 1 in joints or self.passage.has_comma(self.ends[1], ",")
        return is_of_kind and is_item and barred.isdisjoint(listed) and self.finder.ends_phrase(self.passage, self.ends[1])

    def _is_feeling(self) -> bool:
        """Return whether the second word is one of several feelings: 'feel tired, weak or X', not 'feel tired and X'."""
        is_feeling = self._stem(self.ends[0]) in self.finder.list_stems(self.passage, "feeling")
        is_list = bool(self.joints) and self.joints == self._among("any-of") and not self._among(*_PREPOSITIONS, *_VERBS)
        return is_feeling and is_list and len(self.words) <= _FEELINGS

    def _is_predicate(self) -> bool:
        """Return whether the second word is said of the first: 'breastfeeding should be stopped', 'X works less effectively'."""
        verbs, words = self._among("predicating", "comparative"), self._among("predicating", "comparative", "auxiliary")
        return bool(verbs) and not self.breaks and all(at in words or self.passage.is_adverb(at) for at in self.words)

    def _is_compound(self) -> bool:
        """Return whether a noun stands right before the one that it describes: 'zolam treatment', not 'zolam treats'."""
        is_same = self._own_token(self.ends[1]).stem == self._stem(self.ends[1])
        return bool(self.links) and not (self.words or self.breaks) and is_same

    def _is_index_entry(self) -> bool:
        """Return whether it is an entry such as 'uterine surgery, history of'."""
        after = self.passage.words.stems[self.ends[1] + 1 : self.ends[1] + 2]
        return bool(self.breaks) and not self.words and not self.links.isdisjoint(after)

    def _undoes_compound(self) -> bool:
        """Return whether a preposition stands for the order of two words of the label: 'allergic to X' for 'X allergy'."""
        first, second = sorted(self._order(at) for at in self.ends)
        links = {self._stem(at) for at in self._among("name-words")}
        is_plain = bool(self.breaks) or self._among("name-words", "article").issuperset(self.words)
        is_last = self.finder.ends_phrase(self.passage, self.ends[1])
        return second == first + 1 and is_plain and is_last and self._begins_list(links)


def _find_places(name: _Name, passage: TokenisedSentence) -> list[tuple[int, ...]]:
    """Return where all words of a label stand close together, the closest first."""
    families = passage.words.families
    width, places = _STRETCH * len(name.tokens) + _SLACK, set[tuple[int, ...]]()
    for first in {at for one in name.order for at in families[one]}:
        near = [next((at for at in families[one] if at >= first), first + width) for one in name.order]
        has_amounts = all(any(at + 1 in families[other] for at in families[one] if at in near) for one, other in name.amounts)
        if max(near) - first < width and has_amounts:
            places.add(tuple(sorted(near)))
    return sorted(places, key=lambda place: place[-1] - place[0])
