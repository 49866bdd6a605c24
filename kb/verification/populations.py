"""Find the groups, situations and other drugs to which a sentence restricts a claim, and for which the fact does not account."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from kb.verification.condition_reading import find_emphasised
from kb.verification.cues import Span, longest
from kb.verification.fact_reading import RESTRICTING, Claim, FactReading
from kb.verification.passages import TokenisedSentence, indexes

# How many words can stand between a preposition and its group, or describe the group: 'in very young children with asthma'.
_REACH = 4
_DESCRIPTION = 5
# The lists of words that can stand before an illness and are no part of its name.
_NO_NAME = (
    *("neutral-words", "having", "before-illness", "article", "joint", "any-of", "possessive", "auxiliary", "be", "adverb"),
    *("population", "population-general", "population-neutral", "population-preposition", "combination", "condition", "opener"),
    *("other-kind", "not", "example"),
)


class PopulationFinder:
    """Finds the groups that a sentence names, such as 'in dogs' and 'in patients with asthma', and that the fact does not say."""

    def __init__(self, reading: FactReading, passage: TokenisedSentence) -> None:
        self.reading, self.passage = reading, passage
        self.general = reading.spans(passage, "population-general")
        self.prepositions = self._starts("population-preposition")
        self.marks = self._starts("population-mark")
        verbs = reading.spans(passage, "treating") if reading.lists_predicate("of-uses") else []
        self.treating = {end - 1 for _, end in verbs}  # 'used to treat children with Y'
        self.examples = self._starts("example")
        self.objects = indexes(place for claim in reading.claims if claim.passage is passage for place in claim.object)
        self.is_of_persons = reading.lists_predicate("of-persons")

    def find(self, clause: set[int]) -> Iterator[Span]:
        """Yield the groups in a clause, each from its preposition on, that the fact leaves out."""
        for group in self._find_groups():
            before = self._find_preposition(group[0])
            if not self._is_about(group, before, clause) or self._is_vague(group, before):
                continue
            last = self._find_end(group)
            if not (self._is_said(group, before, last) or is_of_another(self.reading, self.passage, group[0])):
                yield group[0] if before is None else before, last

    def _starts(self, name: str) -> set[int]:
        return {start for start, _ in self.reading.spans(self.passage, name)}

    def _find_groups(self) -> Iterator[Span]:
        """Yield the words of groups; a longer name of another kind has none: 'childbirth', 'adult respiratory distress'."""
        reading, passage, terms = self.reading, self.passage, self.reading.lexicon.kb.terms
        groups = reading.spans(passage, "population")
        named = [place for name, place in reading.lexicon.find_terms(passage) if terms[name].kind not in RESTRICTING]
        if reading.lists_predicate("of-effects"):  # 'a rash in kidney failure'
            ends = {end for _, end in groups}
            named = [(start, end) for start, end in named if end not in ends or start in self.objects]
        yield from longest(groups, [*groups, *named, *reading.spans(passage, "pseudo-population")])
        treated = [
            span for span in reading.spans(passage, "treated-person") if span[1] not in self.marks
        ]  # 'of the treated patient'
        cases = reading.spans(passage, "referring")  # 'in this case'
        yield from longest(self.general, [*self.general, *treated, *cases])

    def _find_preposition(self, start: int) -> int | None:
        near = range(start - 1, max(-1, start - _REACH - 1), -1)
        return next((at for at in near if at in self.prepositions or at in self.treating), None)

    def _is_about(self, group: Span, before: int | None, clause: set[int]) -> bool:
        """Return whether a group restricts the clause: it has a preposition or begins the sentence, and is no mere emphasis."""
        emphasised = {end for _, end in self.reading.spans(self.passage, "emphasis")}  # 'especially in dogs'
        return group[0] in clause and (before is not None or group[0] <= 2) and before not in emphasised

    def _is_vague(self, group: Span, before: int | None) -> bool:
        """Return whether a group restricts nothing: 'in patients', 'in 1 of 10 people', 'to breast-feed your baby'."""
        begin = 0 if before is None else before + 1
        if before in self.reading.marked(self.passage, "infinitive") and begin in self.passage.accounted:
            return True
        if group not in self.general:
            return False
        neutral, tokens = self._starts("population-neutral"), self.passage.words.tokens
        begin += begin + 1 == group[0] and begin in self.reading.marked(self.passage, "relative")  # 'in which patients have Y'
        modifiers = [at for at in range(begin, group[0]) if at not in neutral and at not in self.passage.accounted]
        is_share = any(tokens[at].text[0].isdigit() for at in modifiers)
        return is_share or (group[1] not in self.marks and (not modifiers or before is None))

    def _find_end(self, group: Span) -> int:
        """Return where the description of a group ends: before the next verb or comma."""
        until = self._find_comma(group)
        verbs = self._starts("auxiliary")
        return min(next((at for at in range(group[1], until) if at in verbs), until), group[1] + _DESCRIPTION)

    def _find_comma(self, group: Span) -> int:
        if group not in self.general:
            return group[1]
        _, end = self.passage.until_comma(group[0])
        return self.passage.until_comma(end, ".;")[1] if self.passage.has_comma(end, ":") else end  # 'in patients with: X, Y'

    def _is_said(self, group: Span, before: int | None, last: int) -> bool:
        """Return whether the fact says a group: as its object, by a qualifier or by declared words."""
        (start, end), passage, is_general = group, self.passage, group in self.general
        until, begin = self._find_comma(group), start if before is None else before + 1
        if is_general and self.is_of_persons and not self.objects.isdisjoint(range(end, until)):
            return True  # 'contraindicated in patients with Y'
        if is_treated(self.reading, passage, group):
            return True
        if is_general and until in self.examples and passage.is_accounted(passage.until_comma(until)):
            return True  # 'in patients with these, including X'
        if not is_general and self._has_modifier(0 if before is None else begin, start):
            return False  # 'in older men'
        if passage.is_accounted((start, last)) and not (is_general and self._is_described(end)):
            return True
        is_qualified = not passage.qualifying.isdisjoint({*range(end, until), *range(begin, start)})
        return is_qualified or is_joined_to_own(self.reading, passage, group)

    def _has_modifier(self, begin: int, start: int) -> bool:
        """Return whether words between a preposition and a group narrow it, and the fact does not say them: 'in older men'."""
        neutral = self._starts("population-neutral") | self.prepositions | self.passage.accounted
        neutral |= self.reading.marked(self.passage, "neutral-words", "article", "joint", "possessive", "auxiliary")
        words = [at for at in range(begin, start) if at not in neutral and not self.passage.words.tokens[at].text[0].isdigit()]
        return start - 1 in words and not any(self.passage.has_comma(at) for at in range(begin + 1, start + 1))

    def _is_described(self, end: int) -> bool:
        """Return whether words that the fact does not say describe a group: 'in patients with asthma who took X'."""
        relatives = self.reading.marked(self.passage, "relative")
        return end in self.marks and end not in relatives and self.passage.accounted.isdisjoint({end + 1, end + 2})


def find_inherited_populations(reading: FactReading, claim: Claim) -> Iterator[str]:
    """Yield the groups to which headings, lead-ins or captions restrict a sentence that does not state the relation itself."""
    is_bare, own = _is_list(reading, claim), reading.fact.qualifiers.get("population", "")
    if (own and reading.lexicon.find_value(own, claim.passage)) or _is_described(reading, claim):
        return  # 'nausea (in boys)' below 'Children', 'Y, which may include Z' below 'Children'
    names = [name for value in (*reading.fact.values, reading.fact.subject) for name in reading.lexicon.list_names(value)]
    objects = [word for name in reading.lexicon.list_names(reading.fact.object) for word in name.split()]
    is_of_own_group = not is_bare and "population" in reading.fact.qualifiers and bool(claim.passage.qualifying)
    for above in reading.source.above(claim.passage.id) if claim.object and not is_of_own_group else ():
        if not is_bare and (above.is_heading or _is_about_topic(reading, claim, above)):
            continue
        above.account(above.find([*names, *objects]), is_qualifying=True)
        if above.words.text != reading.source.title.text:
            yield from (above.quote(span) for span in PopulationFinder(reading, above).find(set(range(len(above.words.tokens)))))


def _is_described(reading: FactReading, claim: Claim) -> bool:
    """Return whether a relative clause right after the subject states the relation: an illness 'which may include Y'."""
    pronouns = reading.marked(claim.passage, "relative") & {end for _, end in claim.subject}
    stated = [start for start, _ in reading.relations.get(claim.passage.id, ())]
    return bool(stated) and all(any(at <= start < claim.passage.until_comma(at)[1] for at in pronouns) for start in stated)


def _is_list(reading: FactReading, claim: Claim) -> bool:
    """Return whether a sentence states the relation by no clause of its own, but for a title: 'Rare (1 in 1,000): nausea'."""
    passage, first = claim.passage, min((start for start, _ in claim.object), default=0)
    stated = reading.relations.get(passage.id, ())
    if not stated or claim.subject:
        return not stated
    return all(end <= first and any(passage.has_mark(at, ":") for at in range(end, first + 1)) for _, end in stated)


def find_inherited_uses(reading: FactReading, claim: Claim) -> Iterator[str]:
    """Yield the uses to which a lead-in restricts a bare item: 'Side effects if you take X to prevent Y:', 'when used with Z'."""
    for above in reading.source.above(claim.passage.id) if claim.object and not reading.relations.get(claim.passage.id) else ():
        named = [*reading.spans(above, "topic"), *reading.lexicon.find_value(reading.fact.subject, above)]
        said, links = indexes(reading.find_values(above)), reading.marked(above, "use-links")
        said |= indexes(named) if reading.predicate.symmetric else set()  # 'when taken with X' of what interacts with X
        active = {end: last for _, end in reading.spans(above, "use-condition") for start, last in named if start == end}
        passive = {end: end for _, end in reading.spans(above, "use-participle")}
        for first, last in (active | passive).items():
            extent = above.until_comma(first)
            is_narrower = not links.isdisjoint((last, last + (first in active)))  # after a name of two words, such as 'X Forte'
            if is_narrower and said.isdisjoint(range(*extent)):
                yield above.quote(extent)


def _is_about_topic(reading: FactReading, claim: Claim, above: TokenisedSentence) -> bool:
    """Return whether a lead-in is about the topic, and a sentence of its own is not: 'X is used in adults:', 'Y can be fatal'."""
    if not claim.subject or reading.is_about(reading.value("subject")) or reading.is_about(reading.value("object")):
        return False
    first = {name for name, (start, _) in reading.lexicon.find_terms(above) if start <= 1 and reading.is_about(name)}
    return bool(first) or reading.begins_with(above, "topic")


class OtherTermFinder:
    """Finds the terms that restrict a claim and are none of the fact: situations, groups, and drugs taken with the subject."""

    def __init__(self, reading: FactReading, claim: Claim) -> None:
        self.reading, self.claim, self.passage = reading, claim, claim.passage
        self.terms = reading.lexicon.kb.terms
        self.named = reading.lexicon.find_terms(claim.passage)
        subject = reading.value("subject")
        self.kind_of_subject = {self.terms[subject].kind} if subject else set()
        self.joined = set(reading.spans(claim.passage, "combination"))
        self.is_of_persons = reading.lists_predicate("of-persons")
        self.is_of_cases = self.is_of_persons or reading.lists_predicate("of-advice")

    def find(self, clause: set[int]) -> Iterator[Span]:
        """Yield the tokens of the terms, and of the relative clauses, that restrict the claim."""
        relatives = [self.passage.until_comma(at) for at, _ in self._spans("population-mark") if at - 1 in clause]
        if self.is_of_persons:
            ends = {end for _, end in self.claim.object if not self.passage.has_comma(end)}
            # 'Y which needs dialysis', 'children weighing less than 45 kg'
            relatives += [self.passage.until_comma(at) for at, _ in self._spans("narrowing") if at in ends]
        emphasised = find_emphasised(self.reading, self.claim)  # 'especially in people who …'
        yield from self._find_relative_clauses([extent for extent in relatives if extent[0] not in emphasised])
        yield from self._find_adjectives()
        yield from self._find_further_conditions()
        yield from self._find_combinations()
        yield from self._find_pairs()
        yield from self._find_takers()
        near = (clause | indexes(relatives)) - emphasised  # 'adults who have asthma'
        for name, place in self.named:
            if place[0] in near and self._is_restricting(name, place) and not self._is_said(place):
                yield place

    def _spans(self, name: str) -> list[Span]:
        return self.reading.spans(self.passage, name)

    def _find_relative_clauses(self, relatives: list[Span]) -> Iterator[Span]:
        """Yield clauses that describe a group by nothing that the fact says: 'adults who have responded to nothing else'."""
        plain = self.reading.marked(self.passage, "neutral-words")
        pronouns = self.reading.marked(self.passage, "narrowing" if self.is_of_persons else "relative")
        own = self.passage.qualifying | indexes([*self.claim.subject, *self.claim.object])
        examples = {start for start, _ in self._spans("example")}
        for start, end in relatives:
            words = set(range(start + 1, end))
            words |= set(range(*self.passage.until_comma(end))) if end in examples else set()  # 'who take A, including X'
            if self.is_of_persons and not words.isdisjoint(self.reading.marked(self.passage, "purpose")):
                continue  # 'if you take Y, which is used to treat Z'
            is_described = start in pronouns and words.isdisjoint(own) and not words <= plain
            if is_described and not is_joined_to_own(self.reading, self.passage, (start - 1, start)):
                yield start, end

    def _find_adjectives(self) -> Iterator[Span]:
        """Yield adjectives before an illness that the fact does not say: 'do not take X if you have severe Y'."""
        ill = self.claim.object if self.is_of_persons else ()
        ill = self.claim.subject if self.reading.lists_predicate("of-advice") else ill
        ill = self.claim.object if self.reading.lists_predicate("of-uses") else ill
        starts = {start for start, _ in ill if start - 1 not in self.passage.accounted}
        starts &= {start for start, _ in ill if not self.passage.bracket_of(start)}
        yield from (span for span in self._spans("narrowing-before") if span[1] in starts)
        glossed = {at for start, _ in ill for at in self._find_glossed(start)}  # 'severe shaking (Y)'
        yield from (span for span in self._spans("narrowing-before") if span[0] in glossed)
        yield from ((start - 1, start) for start in starts if self.is_of_persons and self._is_part_of_name(start))
        kinds = self.passage.find(self.reading.cues.of("narrowing-words", self.reading.fact.predicate, self.reading.language))
        near = [(span, range(span[0] - 2, span[0] + 1)) for span in self._spans("apposed-kind")]
        kinds += [span for span, before in near if any(map(self.passage.has_comma, before))]
        yield from (span for span in kinds if span[1] in {start for start, _ in self.claim.object})  # 'Z, a rare form of Y'

    def _find_glossed(self, start: int) -> set[int]:
        """Return the tokens of the words that a bracket explains, if it has an illness."""
        bracket = self.passage.bracket_of(start)
        is_gloss = bool(bracket) and bracket <= indexes(self.claim.object)
        return set(self.passage.stretch_before(min(bracket))) if is_gloss else set()

    def _is_part_of_name(self, start: int) -> bool:
        """Return whether the word before an illness belongs to its name, which is narrower: 'bone cancer'."""
        plain = self.reading.marked(self.passage, *_NO_NAME) | indexes(self.reading.relation_spans(self.passage))
        return (
            bool(start) and start - 1 not in plain and not self.passage.has_comma(start) and not self.passage.is_adverb(start - 1)
        )

    def _find_further_conditions(self) -> Iterator[Span]:
        """Yield a second condition that the fact does not say: 'if you have Y and you are treated with Z'."""
        last = max((end for _, end in (self.claim.object if self.is_of_persons else ())), default=len(self.passage.words.tokens))
        extents = (self.passage.until_comma(start) for start, _ in self._spans("further-condition") if start >= last)
        own = self.passage.qualifying | indexes(self.claim.object)
        yield from (extent for extent in extents if own.isdisjoint(range(*extent)))

    def _find_takers(self) -> Iterator[Span]:
        """Yield words by which a group takes another drug than the document is about: 'women taking Z'."""
        groups = {end for _, end in self._spans("population")}
        starts = {end: start for start, end in self._spans("group-taking") if start in groups}
        for name, (start, end) in self.named:
            if start in starts and not self.reading.is_about(name) and not self.passage.is_accounted((start, end)):
                yield starts[start], end

    def _find_combinations(self) -> Iterator[Span]:
        """Yield words that join the subject to something else: 'X, alone or in combination with the subject'."""
        if self.reading.predicate.symmetric:
            return
        like_subject = (start for name, (start, _) in self.named if self.terms[name].kind in self.kind_of_subject)
        first, pronouns = min(like_subject, default=0), self.reading.marked(self.passage, "relative")
        for start, end in self.joined:
            place = next((last for at, last in self.claim.subject if at == end), 0)
            is_described = self.passage.has_comma(place) and place in pronouns  # 'together with X, which causes …'
            if end - start > 1 and start > first and place and not is_described:
                yield start, end

    def _find_pairs(self) -> Iterator[Span]:
        """Yield words that join the object to something else: 'do not take X with a combination of Y and Z'."""
        joints = self.reading.marked(self.passage, "all-of")
        for start, end in self._spans("pair"):
            pair = set(range(end, self.passage.until_comma(start)[1]))
            is_of_object = any(at in pair for at, _ in self.claim.object) and not any(at in pair for at, _ in self.claim.subject)
            if is_of_object and joints & pair:
                yield start, end

    def _is_restricting(self, name: str, place: Span) -> bool:
        """Return whether a term is of a kind that restricts, or is a drug that is taken with the subject."""
        kind, (start, end) = self.terms[name].kind, place
        if self.claim.subject and not self.claim.object and self._is_item(start):
            return False  # 'fever or stress' below 'Y can be caused by:'
        if kind == "action" and self.reading.lists_predicate("of-advice"):
            return False  # 'stop X and call your doctor'
        is_joined = any({(last, start), (end, at)} & self.joined for at, last in self.claim.subject)
        return kind in RESTRICTING - self.kind_of_subject or (kind in self.kind_of_subject and is_joined)

    def _is_item(self, start: int) -> bool:
        """Return whether a term begins an item of the list in which the subject is one: 'fever, infection or stress'."""
        joints = self.reading.marked(self.passage, "joint")
        is_bare = not self.reading.spans(self.passage, "auxiliary", "condition", "opener")
        return is_bare and (start - 1 in joints or self.passage.has_mark(start, ","))

    def _is_said(self, place: Span) -> bool:
        """Return whether the fact says a term, or the term restricts something else or nothing."""
        reading, passage, (start, end) = self.reading, self.passage, place
        words = set(range(start, end))
        using = reading.marked(passage, "using", "using-links") if self.is_of_cases else frozenset[int]()
        if words & passage.accounted and words - passage.accounted <= using:
            return True  # 'taking X' of the subject X
        if start in {last for _, last in reading.relations.get(passage.id, ())} - reading.marked(passage, "opener"):
            return True  # 'may lead to hospitalization and death', not 'used in combination for Y'
        return (
            words <= passage.accounted
            or self._is_use_of_subject(words)
            or is_joined_to_own(reading, passage, place)
            or is_of_another(reading, passage, start)
            or is_treated(reading, passage, place)
            or start in reading.marked(passage, "pseudo-population")
            or (self.is_of_persons and any(at in words for at, _ in self.claim.object))  # 'patients with Y'
            or bool(self.claim.piece.wordings and words & passage.qualifying)  # 'work with … taper off'
        )

    def _is_use_of_subject(self, words: set[int]) -> bool:
        """Return whether words only say that the subject is taken: 'taking this medicine', 'treatment with X'."""
        own = indexes([*self.claim.subject, *self.reading.spans(self.passage, "topic")]) & words
        return max(words) in own and words - own <= self.reading.marked(self.passage, "using", "neutral-words")


def is_treated(reading: FactReading, passage: TokenisedSentence, place: Span) -> bool:
    """Return whether a group is but who is treated for the object: 'used to treat people with Y'."""
    acts = {end for _, end in reading.relation_spans(passage)} if reading.lists_predicate("of-treatment") else set[int]()
    starts = {start for claim in reading.claims if claim.passage is passage for start, _ in claim.object}
    suffering = dict(reading.spans(passage, "suffering"))
    return any(
        first in acts and place[0] == first and suffering.get(end) in starts
        for first, end in reading.spans(passage, "population-general")
    )


def is_joined_to_own(reading: FactReading, passage: TokenisedSentence, span: Span) -> bool:
    """Return whether a joint links a group or situation to one that the fact has: 'in adults with X and in children'."""
    start, end = span
    joints, prepositions = (reading.marked(passage, name) for name in ("joint", "population-preposition"))
    own = passage.qualifying | {at for claim in reading.claims if claim.passage is passage for at in indexes(claim.object)}
    groups = reading.find_values(passage)
    if reading.lists_predicate("of-persons"):  # 'contraindicated in Y and in patients who …'
        groups += [place for claim in reading.claims if claim.passage is passage for place in claim.object]
    plain = prepositions | reading.marked(passage, "population-neutral")
    if _is_after_joint(start, joints, plain) and any(last < start for _, last in groups):
        return True
    if any(end < first and _is_after_joint(first, joints, plain) for first, _ in groups):
        return True
    start -= start - 1 in prepositions
    return (start - 1 in joints and start - 2 in own) or (end in joints and end + 1 in own)


def _is_after_joint(start: int, joints: AbstractSet[int], plain: AbstractSet[int]) -> bool:
    """Return whether 'and' or the like stands before a group, with its preposition and article: 'or in any children'."""
    while start - 1 in plain - joints:
        start -= 1
    return start - 1 in joints


def is_of_another(reading: FactReading, passage: TokenisedSentence, start: int) -> bool:
    """Return whether what a token begins restricts a term that 'and' and a preposition join: 'for A and for B in children'."""
    terms = reading.lexicon.kb.terms
    joints, prepositions = (reading.marked(passage, name) for name in ("joint", "population-preposition"))
    own = [end for claim in reading.claims if claim.passage is passage for _, end in claim.object]
    if start - 1 in prepositions and start - 2 in joints and max(own, default=start) == start - 2:
        return True  # 'in Y and in people who …'
    return any(
        min(passage.accounted, default=start) < at < start and at - 1 in prepositions and at - 2 in joints
        for name, (at, end) in reading.lexicon.find_terms(passage)
        if terms[name].kind not in RESTRICTING and not passage.is_accounted((at, end))
    )
