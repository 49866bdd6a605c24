"""Find the conditions beside a claim, such as 'if …' and 'at high doses', for which the fact does not account."""

from __future__ import annotations

from collections.abc import Iterator

from kb.verification.case_clauses import names_what_is_meant
from kb.verification.condition_reading import Condition
from kb.verification.conditionals import find_main_clause, find_plain_words
from kb.verification.cues import Span
from kb.verification.passages import indexes
from kb.verification.stated_conditions import StatedConditions
from kb.verification.undergone_changes import find_cause, find_undergone


class ConditionFinder(StatedConditions):
    """Finds the conditions of one claim, and leaves out those that the fact says or that restrict nothing."""

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

    def _is_exclusive(self, condition: Condition) -> bool:
        """Return whether 'only' says that nothing but the subject does something: 'Only X prevents Y'."""
        start, end = condition.opening
        return start == 0 and end in self.subject and start in self._starts("exclusive")

    def _is_of_other_item(self, condition: Condition) -> bool:
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

    def _is_near(self, condition: Condition, clause: set[int]) -> bool:
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

    def _governs(self, condition: Condition, clause: set[int]) -> bool:
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

    def _is_of_conjunct(self, condition: Condition) -> bool:
        """Return whether a condition belongs to a phrase after 'and' that has its own preposition: 'in Y and in Z after X'."""
        passage, start = self.passage, condition.opening[0]
        prepositions = self._starts("population-preposition")
        joints = self.reading.marked(passage, "joint")
        last = max((at for at in prepositions if at < start and at - 1 in joints), default=0)
        own = [at for at in prepositions if at < last and passage.words.stems[at] == passage.words.stems[last]]
        is_between = not any(passage.has_comma(at, ";:,") for at in range(last + 1, start + 1))
        said = bool(own) and any(max(own) < at < last for at in passage.qualifying)
        return is_between and said and all(end < last for _, end in self.claim.object)

    def _is_explained(self, condition: Condition) -> bool:
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

    def _is_neutral(self, condition: Condition) -> bool:
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

    def _names_other_use(self, condition: Condition) -> bool:
        """Return whether a condition names an illness that the fact does not: 'during treatment with X for Y'."""
        purposes = {end for _, end in self.reading.spans(self.passage, "bare-cue")} & condition.content
        named = (span for _, span in self.reading.lexicon.find_terms(self.passage) if span[0] in purposes)
        return any(not self.passage.is_accounted(span) for span in named)

    def _is_contrast(self, condition: Condition) -> bool:
        """Return whether a condition only sets one thing against another: 'X strengthens it, while Y weakens it'."""
        start = condition.opening[0]
        if start not in self._starts("contrasting") or (start and not self.passage.has_comma(start)):
            return False
        relations = indexes(self.reading.relations.get(self.passage.id, ()))
        is_own = bool(self.object & condition.content) and condition.content >= relations  # 'while Y can occur with X, …'
        return is_own or bool(condition.content & indexes(self.reading.other_verbs(self.passage)))

    def _is_reason(self, condition: Condition) -> bool:
        """Return whether a condition names the subject, and a reason follows: 'stop if you notice X, as it may lead to Y'."""
        content = condition.content
        return bool(content & self.subject) and not content & self.rivals and condition.extent[1] in self._starts("causal")

    def _is_extension(self, condition: Condition) -> bool:
        """Return whether a time is added to one before it: 'during treatment with X and for two weeks after the last dose'."""
        start, reading = condition.opening[0], self.reading
        joint = max((at for at in reading.marked(self.passage, "all-of") if at < start), default=0)
        times = reading.marked(self.passage, "duration", "extending") | self.numbers
        openings = (*reading.spans(self.passage, "situation", "neutral-condition"), *self.neutral)
        return any(first < joint for first, _ in openings) and times.issuperset(range(joint + 1, start))

    def _is_end_of_case(self, condition: Condition) -> bool:
        """Return whether a condition says that an advice ends with its reason: 'If you feel X, lie down until it has gone'."""
        if not self.conditional or condition.opening not in self.reading.spans(self.passage, "ending"):
            return False
        over = self.reading.marked(self.passage, "recovering", "possessive") | find_plain_words(self.reading, self.claim)
        return self.reading.lists_predicate("of-advice") and condition.content <= over

    def _is_of_alternative(self, condition: Condition) -> bool:
        """Return whether a condition is part of an alternative to the subject: 'If you miss a dose or vomit after a dose, …'."""
        clause, start = self.conditional.condition if self.conditional else range(0), condition.opening[0]
        verbs = self.reading.marked(self.passage, "having", "auxiliary", "vomiting")
        own = max(self.subject & set(clause), default=self.size)
        verbs |= {start} & self._starts("conditional")  # 'if you have X or if you are tired'
        return start in clause and any(own < at < start and at + 1 in verbs for at in self._starts("alternative"))

    def _is_of_gloss(self, condition: Condition) -> bool:
        """Return whether a condition only helps to explain the object in a bracket: 'Y (hearing sound when it is quiet)'."""
        bracket, start = self.passage.bracket_of(condition.opening[0]), condition.opening[0]
        examples = {end for _, end in self.claim.object} & self._starts("example")
        if examples and min(examples) < start and start - 1 in self._starts("alternative"):
            return True  # 'Y, including Z or at night'
        is_explaining = bool(bracket) and bracket <= self.passage.bracket_after(self.claim.object)
        return is_explaining and min(bracket) + 1 < start and self.passage.until_comma(min(bracket))[1] > start

    def _is_around_description(self, condition: Condition) -> bool:
        """Return whether a claim describes what a condition names: 'if you have X, which causes Y'."""
        if self.reading.lists_predicate("of-persons") or self.reading.lists_predicate("of-advice"):
            return False
        verbs = {start for start, _ in self.reading.relations.get(self.passage.id, ())}
        ends = {self.passage.with_bracket(span)[1] for span in self.claim.subject} & self._starts("relative")
        pronouns = {at for at in ends if at > condition.opening[0] and self.passage.has_comma(at)}
        return any(not verbs.isdisjoint(range(at + 1, at + 4)) for at in pronouns)

    def _is_cause(self, condition: Condition) -> bool:
        """Return whether a condition only names the subject, which changes the object: 'Y may be reduced if you have X'."""
        having = self.plain | self.reading.marked(self.passage, "having", "auxiliary", "article", "patient", "alternative")
        state = find_undergone(self.reading, self.claim)
        is_cause = state is not None and find_cause(self.reading, self.claim, state) == condition.opening
        return is_cause and having.issuperset(range(condition.opening[1], condition.extent[1]))
