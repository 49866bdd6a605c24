"""Tell whether a condition is what the fact says: its subject, its object, a qualifier or declared words."""

from __future__ import annotations

from kb.schema import vocabulary
from kb.verification.case_clauses import find_joined_cases
from kb.verification.condition_reading import Condition, ConditionReading
from kb.verification.conditionals import (
    find_main_clause,
    find_plain_words,
    find_words_before_subject,
    is_alternative_of_item,
    states_consequence,
)
from kb.verification.ends import inherits_object
from kb.verification.list_items import find_apposition, find_purpose
from kb.verification.passages import indexes


class StatedConditions(ConditionReading):
    """Tells which conditions of a sentence the fact states."""

    def _is_item(self, condition: Condition) -> bool:
        """Return whether a condition is but the item that its lead-in is about: 'See a doctor: if you have X'."""
        having = self.plain | self.reading.marked(self.passage, "having", "auxiliary")
        is_item = not condition.content.isdisjoint(self.subject) or condition.content <= having
        is_item = is_item or is_alternative_of_item(self.reading, self.claim, having)
        return is_item and not self.claim.object and inherits_object(self.reading, self.passage)

    def _is_of_subject(self, condition: Condition) -> bool:
        """Return whether the main clause says something of what a condition names: 'If you have X, Y may occur'."""
        reading = self.reading
        if not self.conditional or self.conditional.condition.start != condition.opening[0]:
            return False
        begins = self.conditional.main.start in reading.marked(self.passage, "speaker")  # not 'If you have X, Z may cause Y'
        return begins or reading.lists_predicate("of-advice") or states_consequence(reading, self.claim)

    def _is_subject(self, condition: Condition) -> bool:
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

    def _find_words_of_clause(self, condition: Condition) -> set[int]:
        """Return the words of the if-clause, without examples, without glosses and without further conditions in it."""
        reading, passage = self.reading, self.passage
        words = set(self.conditional.condition if self.conditional else ()) - set(range(*condition.opening))
        neutral = {start for start, _ in self.neutral}  # 'if you vomit within 3 hours', 'if you have X while taking Z'
        outer = neutral | {condition.opening[0]}
        others = [passage.until_comma(start) for start, _ in self._find_openings() if start not in outer]
        concessions = (start for start in self._starts("concessive") if passage.has_comma(start))  # 'even if it is mild'
        others += [passage.until_comma(start) for start in (*concessions, *self._starts("example"))]
        words -= indexes(extent for extent in others if self.subject.isdisjoint(range(*extent)))
        words = {at for at in words if at in self.subject or neutral & passage.bracket_of(at) or not passage.bracket_of(at)}
        if not self.subject.isdisjoint(reading.marked(passage, "degree-of")):
            words -= set(range(max(self.subject) + 1, passage.until_comma(max(self.subject))[1]))  # 'not enough X to control Y'
        return words

    def _is_said(self, condition: Condition) -> bool:
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

    def _is_object(self, condition: Condition) -> bool:
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

    def _is_whole_item(self, condition: Condition) -> bool:
        """Return whether an item is but an if-clause that lists who must not take it: 'if you have A or B, C, such as D'."""
        is_first = condition.opening[0] == 0 and self.reading.lists_predicate("of-persons")
        both = self._starts("all-of") - find_purpose(self.reading, self.claim)  # 'a medicine for fever and gout, called Y'
        both -= self.reading.marked(self.passage, "attributive", "before-illness")  # 'an illness associated with Y'
        return is_first and not find_main_clause(self.reading, self.claim) and not both

    def _find_parts(self, condition: Condition) -> tuple[set[int], set[int]]:
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

    def _begins_list_of_subject(self, condition: Condition) -> bool:
        """Return whether words of joint use begin a list that has the subject: 'Y is increased with concurrent A, B or X'."""
        first, verbs = condition.opening[1], self.reading.marked(self.passage, "auxiliary", "relative")
        is_joint = condition.opening in self.reading.spans(self.passage, "joint-use") and condition.opening[0] > 0
        return is_joint and any(start >= first and verbs.isdisjoint(range(first, start)) for start, _ in self.claim.subject)
