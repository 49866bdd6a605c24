"""Find the conditions beside a claim, such as 'if …' and 'at high doses', for which the fact does not account."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kb.schema import vocabulary
from kb.verification.back_references import find_reference, find_referring
from kb.verification.case_clauses import find_joined_cases, names_what_is_meant
from kb.verification.conditionals import (
    find_conditional,
    find_conditionals,
    find_main_clause,
    find_plain_words,
    find_words_before_subject,
    is_alternative_of_item,
    states_consequence,
)
from kb.verification.consequences import find_otherwise
from kb.verification.cues import Span, longest
from kb.verification.ends import inherits_object
from kb.verification.fact_reading import Claim, FactReading
from kb.verification.list_items import find_apposition, find_other_items, find_purpose
from kb.verification.passages import indexes
from kb.verification.undergone_changes import find_cause, find_undergone
from kb.verification.uses import find_own_heading


@dataclass(frozen=True, slots=True)
class _Condition:
    """A condition: its first words ('if'), its extent up to the next comma, and the tokens of what it says."""

    opening: Span
    extent: Span
    content: set[int]


class ConditionFinder:
    """Finds the conditions of one claim, and leaves out those that the fact says or that restrict nothing."""

    def __init__(self, reading: FactReading, claim: Claim, neutral: list[Span]) -> None:
        self.reading, self.claim, self.passage, self.neutral = reading, claim, claim.passage, neutral
        self.size = len(claim.passage.words.tokens)
        self.subject, self.object = indexes(claim.subject), indexes(claim.object)
        self.openers = self._find_openers()
        self.emphasised = find_emphasised(reading, claim)
        self.numbers = {at for at, token in enumerate(claim.passage.words.tokens) if token.text.isdigit()}
        self.rivals = indexes(span for _, span in reading.find_like_subject(claim.passage)) - self.subject
        self.plain = self._find_plain_words()
        self.other_items = find_other_items(reading, claim)
        self.heading = find_own_heading(reading, claim) if reading.begins_with(claim.passage, "conditional") else set[int]()
        clauses = list(find_conditionals(reading, claim))
        self.conditional = find_conditional(reading, claim) if reading.lists_predicate("of-if-clause") else None
        if find_referring(reading, claim):  # '- if you have X. If this is the case, lie down'
            self.conditional = next((one for one in clauses if not self.subject.isdisjoint(one.condition)), None)
        reference = find_reference(reading, claim)
        is_resolved = any(find_referring(reading, one) is claim for one in reading.claims)
        self.referring = find_otherwise(reading, claim) | set(reference.condition if reference and is_resolved else ())
        self.ends = {one.condition.start: one.main.start for one in clauses if one.main.start == one.condition.stop}

    def find(self, clause: set[int]) -> Iterator[Span]:
        """Yield the extents of the conditions in a clause, or right before it, that the fact leaves out."""
        above = self.reading.source.above(self.passage.id)[:1]
        lead_ins = [end for one in above for _, end in self.reading.spans(one, "conditional")]
        is_alternative = bool(lead_ins) and max(lead_ins) == len(above[0].words.tokens)  # 'if:', 'you have X or if you have Z'
        for condition in map(self._read, self._find_openings()):
            is_of_other = names_what_is_meant(self.reading, self.claim, condition.opening, condition.content)
            is_of_other = is_of_other or self._is_of_other_item(condition)
            if self._is_exclusive(condition) or is_of_other or condition.opening[0] in self.heading:
                continue
            is_of_claim = self._is_of_subject(condition)
            is_said = self._is_said(condition) or self._is_item(condition) or condition.opening[0] in self.referring
            is_said = is_said or (is_of_claim and self._is_subject(condition))
            is_joined = condition.opening[0] in self.emphasised or condition.opening[0] - 1 in self._starts("alternative")
            is_alternative = is_said or (is_alternative and is_joined)  # 'not if you have Y or if you have Z'
            if self._is_near(condition, clause) and not (is_alternative or (not is_of_claim and self._is_explained(condition))):
                yield condition.extent

    def _is_exclusive(self, condition: _Condition) -> bool:
        """Return whether 'only' says that nothing but the subject does something: 'Only X prevents Y'."""
        start, end = condition.opening
        return start == 0 and end in self.subject and start in self._starts("exclusive")

    def _is_of_other_item(self, condition: _Condition) -> bool:
        """Return whether a condition stands in a bracket after another item of a list: 'rash (when warm), Y'."""
        passage, bracket = self.passage, self.passage.bracket_of(condition.opening[0])
        ends, after = self.object | self.subject, max(bracket, default=self.size) + 1
        if not bracket or not bracket.isdisjoint(ends) or not (after < self.size and passage.has_mark(after, ",")):
            return False
        item = set(passage.stretch_before(min(bracket)))
        stated = indexes(self.reading.relations.get(passage.id, ()))
        barred = ends | stated | self.reading.marked(passage, "auxiliary", "condition", "relative", "topic")
        first = min(item)
        begins = not first or passage.has_comma(first, ",:;") or first in self.reading.marked(passage, "joint")
        is_item = begins and first not in self.reading.marked(passage, "opener") and item.isdisjoint(barred)
        return is_item and not any(passage.has_mark(at, ":") for at in range(after, self.size))

    def _find_openers(self) -> list[Span]:
        """Return words such as 'in' and 'during' at the start of a sentence, if a comma ends what they begin."""
        reading, passage = self.reading, self.passage
        is_fronted = passage.until_comma(0)[1] < self.size
        if not is_fronted or reading.begins_with(passage, "neutral-opener") or reading.begins_with(passage, "contrast"):
            return []  # 'in contrast to Y, X …'
        return [span for span in reading.spans(passage, "opener") if span[0] == 0]

    def _find_openings(self) -> Iterator[Span]:
        reading, passage = self.reading, self.passage
        inverted = [span for span in reading.spans(passage, "inverted") if span[0] == 0]  # 'Should you have X, …'
        spans = [*reading.spans(passage, "condition", "situation", "neutral-condition"), *inverted, *self.openers]
        return longest(spans, [*self.neutral, *spans])

    def _find_plain_words(self) -> frozenset[int]:
        """Return the words that restrict nothing: 'if you take Y, X reduces the excretion of Y'."""
        stems = [*self.passage.words.stems]
        named = {stems[at] for at in self.object}
        return (
            self.reading.marked(self.passage, "neutral-words", "administered")
            | self.subject
            | {at for at, stem in enumerate(stems) if stem in named}
        )

    def _read(self, opening: Span) -> _Condition:
        start, end = self.passage.until_comma(opening[0])
        joints, verbs = self._starts("any-of") | self._starts("all-of"), self._starts("auxiliary")
        end = next((at for at in range(opening[1], end) if at in joints and at + 1 in verbs), end)  # 'after X and should'
        extent = start, min(end, self.ends.get(start, end))
        bracket = self.passage.bracket_after([(opening[1], extent[1])])
        is_described = min(bracket, default=-1) in self.reading.marked(self.passage, "participle")
        return _Condition(opening, extent, set(range(opening[1], extent[1])) | (set() if is_described else bracket))

    def _starts(self, name: str) -> set[int]:
        return {start for start, _ in self.reading.spans(self.passage, name)}

    def _is_near(self, condition: _Condition, clause: set[int]) -> bool:
        """Return whether a condition is one of the clause: in it, right before it, or at the end of a lead-in."""
        start, end = condition.opening[0], condition.extent[1]
        is_of_other = condition.content.isdisjoint(self.subject) and not self._begins_clause(start)
        if self._governs(condition, clause):
            return True
        if start not in clause and is_of_other and end in self._starts("causal"):
            return False  # 'it must not be taken when you have Z, as it may cause Y'
        if condition.content & self._starts("relative") & {end for _, end in self.claim.object}:
            return True  # 'if you have Y that is caused by X'
        is_lead_in = end == self.size and self.passage.words.text.rstrip().endswith(":")
        return start in clause or (end in clause and start not in self.other_items) or is_lead_in

    def _governs(self, condition: _Condition, clause: set[int]) -> bool:
        """Return whether a sentence begins with a condition of two joined clauses: 'If you have X, you do Z and should do Y'."""
        first = min(self.object & clause, default=0)
        while first - 1 in clause:
            first -= 1
        is_joined = first in self.reading.marked(self.passage, "all-of", "any-of")
        is_joint = condition.opening in self.reading.spans(self.passage, "joint-use")  # 'Taken with Z, X does W or causes Y'
        governs = is_joint or first in find_main_clause(self.reading, self.claim)
        return is_joined and condition.opening[0] == 0 and governs

    def _begins_clause(self, start: int) -> bool:
        """Return whether a token begins the sentence, a clause, or what follows a comma."""
        return not start or self.passage.has_comma(start) or start not in self.passage.clauses([(start - 1, start)])

    def _is_of_conjunct(self, condition: _Condition) -> bool:
        """Return whether a condition belongs to a phrase after 'and' that has its own preposition: 'in Y and in Z after X'."""
        passage, start = self.passage, condition.opening[0]
        prepositions = self._starts("population-preposition")
        joints = self.reading.marked(passage, "joint")
        last = max((at for at in prepositions if at < start and at - 1 in joints), default=0)
        own = [at for at in prepositions if at < last and passage.words.stems[at] == passage.words.stems[last]]
        is_between = not any(passage.has_comma(at, ";:,") for at in range(last + 1, start + 1))
        said = bool(own) and any(max(own) < at < last for at in passage.qualifying)
        return is_between and said and all(end < last for _, end in self.claim.object)

    def _is_explained(self, condition: _Condition) -> bool:
        """Return whether a condition restricts nothing, whatever the fact says."""
        is_opener = condition.opening in self.openers
        if is_opener and condition.opening[0] in self._starts("preceding"):
            return False  # 'Before treatment with X, Y is treated'
        return (
            condition.opening[0] in self.emphasised
            or self._is_neutral(condition)
            or (is_opener and not condition.content.isdisjoint(self.subject | self.object))
            or self._is_contrast(condition)
            or self._is_reason(condition)
            or self._is_of_conjunct(condition)
            or self._is_cause(condition)
            or self._is_extension(condition)
            or self._is_of_gloss(condition)
            or self._is_end_of_case(condition)
            or self._is_of_alternative(condition)
            or self._is_around_description(condition)
        )

    def _is_item(self, condition: _Condition) -> bool:
        """Return whether a condition is but the item that its lead-in is about: 'See a doctor: if you have X'."""
        having = self.plain | self.reading.marked(self.passage, "having", "auxiliary")
        is_item = not condition.content.isdisjoint(self.subject) or condition.content <= having
        is_item = is_item or is_alternative_of_item(self.reading, self.claim, having)
        return is_item and not self.claim.object and inherits_object(self.reading, self.passage)

    def _is_of_subject(self, condition: _Condition) -> bool:
        """Return whether the main clause says something of what a condition names: 'If you have X, Y may occur'."""
        reading = self.reading
        if not self.conditional or self.conditional.condition.start != condition.opening[0]:
            return False
        begins = self.conditional.main.start in reading.marked(self.passage, "speaker")  # not 'If you have X, Z may cause Y'
        return begins or reading.lists_predicate("of-advice") or states_consequence(reading, self.claim)

    def _is_subject(self, condition: _Condition) -> bool:
        """Return whether an if-clause says no more than the subject, or alternatives to it: 'you have X or take a lot of Y'."""
        reading, passage = self.reading, self.passage
        words, clause = self._find_words_of_clause(condition), self.conditional
        own = max(self.subject & words, default=-1)
        plain = self.plain | passage.qualifying | find_plain_words(reading, self.claim)
        plain |= indexes([*self.neutral, *(span for name, span in reading.lexicon.find_terms(passage) if reading.is_about(name))])
        grades = {start for value in vocabulary.values("severity") for start, _ in reading.spans_of(passage, "severity", value)}
        if own < 0 or not clause or ((words & grades) | find_joined_cases(reading, passage, own, words)) - plain:
            return False  # 'if you have severe X or Y', 'if you have X and take Y'
        ends = reading.marked(passage, "alternative") & words
        ends |= {at for at in words if ends and passage.has_comma(at, ",;")}
        part = {at for at in words - ends if ends.isdisjoint(range(min(at, own) + 1, max(at, own) + 1))}
        return part | (find_words_before_subject(reading, self.claim, clause) & words) <= plain

    def _find_words_of_clause(self, condition: _Condition) -> set[int]:
        """Return the words of the if-clause, without examples, without glosses and without further conditions in it."""
        reading, passage = self.reading, self.passage
        words = set(self.conditional.condition if self.conditional else ()) - set(range(*condition.opening))
        neutral = {start for start, _ in self.neutral}  # 'if you vomit within 3 hours', 'if you have X while taking Z'
        outer = neutral | {condition.opening[0]}
        others = [passage.until_comma(start) for start, _ in self._find_openings() if start not in outer]
        concessions = (
            start for start, _ in reading.spans(passage, "concessive") if passage.has_comma(start)
        )  # 'even if it is mild'
        others += [passage.until_comma(start) for start in (*concessions, *self._starts("example"))]
        words -= indexes(extent for extent in others if self.subject.isdisjoint(range(*extent)))
        words = {at for at in words if at in self.subject or neutral & passage.bracket_of(at) or not passage.bracket_of(at)}
        if not self.subject.isdisjoint(reading.marked(passage, "degree-of")):
            words -= set(range(max(self.subject) + 1, passage.until_comma(max(self.subject))[1]))  # 'not enough X to control Y'
        return words

    def _is_neutral(self, condition: _Condition) -> bool:
        """Return whether a condition has only words that restrict nothing, or tells of a study or a time: 'After a year, …'."""
        (start, _), content = condition.opening, condition.content
        is_quantity = start in self.reading.marked(self.passage, "quantity")
        is_gloss = is_quantity and bool(self.passage.bracket_of(start))
        if is_gloss or any(first <= start < end for first, end in self.neutral):
            return not self._names_other_use(condition)  # 'acidosis (too much acid in the blood)'
        alternatives = self.rivals | self.reading.marked(self.passage, "alternative")
        is_joint = not content.isdisjoint(self.reading.marked(self.passage, "all-of"))
        is_alternative = bool(content & self.subject) and not is_joint  # 'if you take X or Y', not 'X with Y'
        plain = self.plain | alternatives if is_alternative else self.plain
        if content and content <= plain:
            return True
        if condition.opening not in self.openers:
            return False
        last = condition.extent[1] - 1
        groups = self.reading.marked(self.passage, "population", "population-general")
        times = self.reading.marked(self.passage, "duration") | self.numbers
        is_study = last in self.reading.marked(self.passage, "study") and content.isdisjoint(groups)
        return is_study or (last in times and content <= times | self.plain)

    def _names_other_use(self, condition: _Condition) -> bool:
        """Return whether a condition names an illness that the fact does not: 'during treatment with X for Y'."""
        purposes = {end for _, end in self.reading.spans(self.passage, "bare-cue")} & condition.content
        named = (span for _, span in self.reading.lexicon.find_terms(self.passage) if span[0] in purposes)
        return any(not self.passage.is_accounted(span) for span in named)

    def _is_said(self, condition: _Condition) -> bool:
        """Return whether the fact says what a condition says: by a qualifier, by declared words or by its object."""
        reading, passage, opening = self.reading, self.passage, set(range(*condition.opening))
        if (condition.content | opening) & passage.qualifying or opening <= passage.accounted:
            return True  # 'at high doses' of the value 'high doses'
        wide = set(range(*passage.until_comma(condition.opening[0], ",;:")))
        if wide & passage.qualifying:
            return True  # 'if fever (a high temperature) is not treated'
        if passage.qualifying and condition.content & reading.marked(passage, "determiner", "complement"):
            return True  # 'if used at that stage'
        if find_apposition(reading, self.claim) and condition.content & self.subject:
            return True  # 'if you have X, a disease that …'
        return self._is_object(condition) or self._begins_list_of_subject(condition)

    def _is_object(self, condition: _Condition) -> bool:
        """Return whether a condition is the object itself: 'do not take it if you have asthma'."""
        reading, passage, objects = self.reading, self.passage, {start for start, _ in self.claim.object}
        is_of_effect = reading.lists_predicate("of-effects")
        if is_of_effect and condition.opening[0] in reading.marked(passage, "past-event"):
            return False  # what was given after a rash did not cause it
        if is_of_effect and passage.clauses([condition.opening]).isdisjoint(reading.marked(passage, "advice")):
            return False  # 'You are at risk of a fall if you have Y'
        if reading.lists_predicate("of-persons") and self._is_one_of_two():
            return False  # 'if you have asthma and a fever'
        relations = reading.relations.get(passage.id, ())
        if reading.lists_predicate("of-persons"):  # 'do not use X if you have Y or do not use Z'
            relations = [span for span in relations if span[0] not in condition.content] or relations
        related = indexes(relations)
        if self._is_whole_item(condition):
            return bool(objects) and related.isdisjoint(self.object)
        subject = set[int]() if reading.predicate.symmetric else self.subject
        others = (subject | related) - self.object
        return any(objects & part and part.isdisjoint(others) for part in self._find_parts(condition))

    def _is_whole_item(self, condition: _Condition) -> bool:
        """Return whether an item is but an if-clause that lists who must not take it: 'if you have A or B, C, such as D'."""
        is_first = condition.opening[0] == 0 and self.reading.lists_predicate("of-persons")
        both = self._starts("all-of") - find_purpose(self.reading, self.claim)  # 'a medicine for fever and gout, called Y'
        both -= self.reading.marked(self.passage, "attributive", "before-illness")  # 'an illness associated with Y'
        return is_first and not find_main_clause(self.reading, self.claim) and not both

    def _find_parts(self, condition: _Condition) -> tuple[set[int], set[int]]:
        """Return the words of a condition before its verb, and those of a fronted one up to the end of its clause."""
        (_, first), (start, end) = condition.opening, condition.extent
        is_opener = condition.opening in self.openers
        verbs = self.reading.marked(self.passage, "auxiliary")
        if condition.opening[0] in self.reading.marked(self.passage, "opener"):
            end = min((at for at in verbs if first < at < end), default=end)  # 'during Y is not recommended'
        whole = set(range(first, self.passage.until_comma(start, ",;:")[1])) if is_opener else set[int]()
        return condition.content - set(range(end, condition.extent[1])), whole

    def _is_one_of_two(self) -> bool:
        """Return whether 'and' joins the object to something else, and not two words of its name: 'treated with X'."""
        inner = range(min(self.object, default=0), max(self.object, default=0))
        within = {end for _, end in self.reading.spans(self.passage, "before-illness", "attributive")}  # 'diagnosed with X'
        joined = (span for span in self.reading.spans(self.passage, "all-of") if span[0] not in inner and span[1] not in within)
        both = {start for start, end in joined if end - start == 1}
        articles = self.reading.marked(self.passage, "article")
        return any(end in both or start - 1 - (start - 1 in articles) in both for start, end in self.claim.object)

    def _begins_list_of_subject(self, condition: _Condition) -> bool:
        """Return whether words of joint use begin a list that has the subject: 'Y is increased with concurrent A, B or X'."""
        first, verbs = condition.opening[1], self.reading.marked(self.passage, "auxiliary", "relative")
        is_joint = condition.opening in self.reading.spans(self.passage, "joint-use") and condition.opening[0] > 0
        return is_joint and any(start >= first and verbs.isdisjoint(range(first, start)) for start, _ in self.claim.subject)

    def _is_contrast(self, condition: _Condition) -> bool:
        """Return whether a condition only sets one thing against another: 'X strengthens it, while Y weakens it'."""
        start = condition.opening[0]
        if start not in self._starts("contrasting") or (start and not self.passage.has_comma(start)):
            return False
        relations = indexes(self.reading.relations.get(self.passage.id, ()))
        is_own = bool(self.object & condition.content) and condition.content >= relations  # 'while Y can occur with X, …'
        return is_own or bool(condition.content & indexes(self.reading.other_verbs(self.passage)))

    def _is_reason(self, condition: _Condition) -> bool:
        """Return whether a condition names the subject, and a reason follows: 'stop if you notice X, as it may lead to Y'."""
        content = condition.content
        return bool(content & self.subject) and not content & self.rivals and condition.extent[1] in self._starts("causal")

    def _is_extension(self, condition: _Condition) -> bool:
        """Return whether a time is added to one before it: 'during treatment with X and for two weeks after the last dose'."""
        start, reading = condition.opening[0], self.reading
        joint = max((at for at in reading.marked(self.passage, "all-of") if at < start), default=0)
        times = reading.marked(self.passage, "duration", "extending") | self.numbers
        openings = (*reading.spans(self.passage, "situation", "neutral-condition"), *self.neutral)
        return any(first < joint for first, _ in openings) and times.issuperset(range(joint + 1, start))

    def _is_end_of_case(self, condition: _Condition) -> bool:
        """Return whether a condition says that an advice ends with its reason: 'If you feel X, lie down until it has gone'."""
        if not self.conditional or condition.opening not in self.reading.spans(self.passage, "ending"):
            return False
        over = self.reading.marked(self.passage, "recovering", "possessive") | find_plain_words(self.reading, self.claim)
        return self.reading.lists_predicate("of-advice") and condition.content <= over

    def _is_of_alternative(self, condition: _Condition) -> bool:
        """Return whether a condition is part of an alternative to the subject: 'If you miss a dose or vomit after a dose, …'."""
        clause, start = self.conditional.condition if self.conditional else range(0), condition.opening[0]
        verbs = self.reading.marked(self.passage, "having", "auxiliary", "vomiting")
        own = max(self.subject & set(clause), default=self.size)
        verbs |= {start} & self._starts("conditional")  # 'if you have X or if you are tired'
        return start in clause and any(own < at < start and at + 1 in verbs for at in self._starts("alternative"))

    def _is_of_gloss(self, condition: _Condition) -> bool:
        """Return whether a condition only helps to explain the object in a bracket: 'Y (hearing sound when it is quiet)'."""
        bracket, start = self.passage.bracket_of(condition.opening[0]), condition.opening[0]
        examples = {end for _, end in self.claim.object} & self._starts("example")
        if examples and min(examples) < start and start - 1 in self._starts("alternative"):
            return True  # 'Y, including Z or at night'
        is_explaining = bool(bracket) and bracket <= self.passage.bracket_after(self.claim.object)
        return is_explaining and min(bracket) + 1 < start and self.passage.until_comma(min(bracket))[1] > start

    def _is_around_description(self, condition: _Condition) -> bool:
        """Return whether a claim describes what a condition names: 'if you have X, which causes Y'."""
        if self.reading.lists_predicate("of-persons") or self.reading.lists_predicate("of-advice"):
            return False
        verbs = {start for start, _ in self.reading.relations.get(self.passage.id, ())}
        ends = {self.passage.with_bracket(span)[1] for span in self.claim.subject} & self._starts("relative")
        pronouns = {at for at in ends if at > condition.opening[0] and self.passage.has_comma(at)}
        return any(not verbs.isdisjoint(range(at + 1, at + 4)) for at in pronouns)

    def _is_cause(self, condition: _Condition) -> bool:
        """Return whether a condition only names the subject, which changes the object: 'Y may be reduced if you have X'."""
        having = self.plain | self.reading.marked(self.passage, "having", "auxiliary", "article", "patient", "alternative")
        state = find_undergone(self.reading, self.claim)
        is_cause = state is not None and find_cause(self.reading, self.claim, state) == condition.opening
        return is_cause and having.issuperset(range(condition.opening[1], condition.extent[1]))


def find_emphasised(reading: FactReading, claim: Claim) -> set[int]:
    """Return the tokens after a word such as 'especially', which restrict nothing: 'especially when used in children'."""
    starts = [start for start, _ in reading.spans(claim.passage, "emphasis")]
    stretches = [set(range(*claim.passage.until_comma(start))) for start in starts]
    ends = indexes([*claim.object, *claim.subject])
    near = {at for start in starts for at in (start + 1, start + 2)}
    return near.union(*(stretch for stretch in stretches if ends.isdisjoint(stretch)))
