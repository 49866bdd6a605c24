"""Check that sentences express the qualifiers of a fact, are about the fact, and do not hedge or deny the qualifiers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from kb.model import SEPARATOR, Evidence, split_values
from kb.problems import KbError
from kb.rdf import quantities
from kb.schema import vocabulary
from kb.verification.antecedents import names_next_subject
from kb.verification.back_references import find_referring
from kb.verification.conditionals import find_conditional
from kb.verification.cues import Span, longest
from kb.verification.ends import inherits_subject
from kb.verification.fact_reading import CLAIM, POSSIBLE, Claim, FactReading, Finding
from kb.verification.frequencies import read_frequency
from kb.verification.hedges import find_unexplained
from kb.verification.inheritance import find_open_end
from kb.verification.list_items import find_other_items, find_purpose
from kb.verification.passages import TokenisedSentence, indexes
from kb.verification.side_phrases import find_added

_BRACKET, _SHARE = re.compile(r"\(([^()]*)\)"), re.compile(r"[0-9]\s*(?:[%/]|in\b)")


@vocabulary.by_vocabulary
def _grading() -> tuple[str, ...]:
    """Return the qualifiers with a list that a sentence can hedge or deny by itself, as in 'usually mild'."""
    listed = (one for one in vocabulary.qualifiers().values() if one.listed and not one.restricts)
    return tuple(one.name for one in listed if one.name not in {"modality", "listing"})


def _find_grades(reading: FactReading, passage: TokenisedSentence, names: Iterable[str]) -> set[int]:
    """Return where words begin that grade something, such as 'mild'."""
    values = ((name, value) for name in names for value in vocabulary.values(name))
    return {start for name, value in values for start, _ in reading.spans_of(passage, name, value)}


def find_hedged_grades(reading: FactReading, passage: TokenisedSentence) -> set[int]:
    """Return the tokens of hedges of an adjective alone, which :func:`check_qualifier_hedges` checks: 'usually mild nausea'."""
    grades = _find_grades(reading, passage, set(_grading()) - {"frequency"})
    verbs = reading.marked(passage, "auxiliary")
    return indexes(span for span in reading.hedge_spans(passage) if span[1] in grades and span[0] not in grades | verbs)


def check_qualifiers(reading: FactReading) -> Iterator[Finding]:
    """Check each qualifier with the sentences that are given for it."""
    for at, piece in enumerate(reading.fact.evidence):
        passage = reading.passages.get(piece.sentence)
        for part in piece.supports:
            if part != CLAIM and passage:
                yield from _check_qualifier(reading, at, piece, part, passage)
            elif part != CLAIM:
                reading.checked.setdefault(part, False)


def _check_qualifier(reading: FactReading, at: int, piece: Evidence, part: str, passage: TokenisedSentence) -> Iterator[Finding]:
    """Look for words that express a qualifier, in a sentence that is about the claim."""
    value = piece.modality if part == "modality" and piece.modality else reading.fact.qualifiers[part]
    if CLAIM not in piece.supports and not _reaches(reading, piece, passage):
        reading.checked[part] = True
        message = f"{piece.sentence} is not about the fact: it names no end of it and does not continue its sentences."
        yield Finding("missing", part, at, message, "Name a sentence about the subject and object of the fact.")
        return
    is_zero = part == "polarity" and passage.empty_count.startswith("0")
    claim = next((claim for claim in reading.claims if claim.passage.id == passage.id), None)
    is_antecedent = claim is not None and names_next_subject(reading, claim)
    is_told = (part in dict(piece.wordings) and SEPARATOR not in value) or (part == "modality" and value == "is")
    if is_told or is_zero or is_antecedent:
        reading.checked[part] = True
        return  # 'is' needs no cue word; a hedge in the sentence is found by _check_claim
    if checking := _check_group if SEPARATOR in value else _check_numbers if quantities.MARK in value else None:
        yield from checking(reading, at, piece, part, passage)
        return
    is_listed = vocabulary.qualifiers()[part].listed
    words = reading.cues.of(part, value, reading.language) if is_listed else reading.lexicon.list_names(value)
    reading.checked[part] = reading.checked.get(part, False) or bool(words)
    if not words:
        return
    beside = find_other_items(reading, claim) if claim and part != "listing" else set()  # which is said of all items
    spans = reading.spans_of(passage, part, value) if is_listed else reading.lexicon.find_value(value, passage)
    spans = [span for span in spans if span[0] not in beside and not (claim and _is_of_other_item(reading, claim, part, span))]
    if part == "modality" and (places := reading.places("object", piece, passage)):
        grades = _find_grades(reading, passage, _grading())
        clause = passage.clauses(places)  # 'usually' in 'nausea, which is usually mild' is not about the claim
        spans = [span for span in spans if span[0] in clause or span[1] not in grades]
    other = _find_other_value(reading, piece, passage, part, value) if is_listed else ""
    passage.account(spans, is_qualifying=part != "modality")
    if piece.modality and part != "modality":
        passage.account(passage.find(reading.cues.of("modality", piece.modality, reading.language)))
    if other:
        message = f"{piece.sentence} says '{other}' of it, not the {part} '{value}'."
        yield Finding("missing", part, at, message, "Correct the qualifier, or declare its words: as: {" + part + ": …}.")
    elif not spans and not (_inherits_qualifier(reading, passage, part, value) or _counts_band(reading, passage, part, value)):
        examples = ", ".join(f"'{word}'" for word in words[:4])
        message = f"{piece.sentence} has no word for the {part} '{value}', such as {examples}."
        remedy = f"Name the sentence that says it (supports: [{part}]), or declare the words: as: {{{part}: …}}."
        yield Finding("missing", part, at, message, remedy)
    opens = reading.spans(passage, "open-list") if value == "closed-list" else []
    if opens:
        message = f"{piece.sentence} lists examples ('{passage.quote(opens[0])}'), and the fact says that the list is closed."
        yield Finding("missing", part, at, message, "Set 'listing: open-list', or leave it out.")


def _check_group(reading: FactReading, at: int, piece: Evidence, part: str, passage: TokenisedSentence) -> Iterator[Finding]:
    """Look for each of several values, and for the word between them that says whether all or any of them are meant."""
    reading.checked[part] = True
    value = reading.fact.qualifiers[part]
    kind, wording = value.partition(SEPARATOR)[0], dict(piece.wordings).get(part, "")
    spans = passage.locate(wording) if wording else []
    for one in split_values(value) if not wording else ():
        names = reading.lexicon.list_names(one, reading.language)
        found = reading.lexicon.find_value(one, passage)
        spans += found
        if not found:
            message = f"{piece.sentence} has no word for the {part} '{one}', such as '{names[0] if names else one}'."
            remedy = f"Remove the value, or declare the words of all: as: {{{part}: …}}."
            yield Finding("missing", part, at, message, remedy)
    passage.account(spans, is_qualifying=True)
    if not spans or not reading.cues.list_words("any-of", reading.language):
        return
    between = range(min(start for start, _ in spans), max(end for _, end in spans))
    said = {name for name in ("any-of", "all-of") if any(start in between for start, _ in reading.spans(passage, name))}
    stated = "any-of" if "any-of" in said else "all-of"
    if kind != stated or not said:
        wanted = " or ".join(f"'{word}'" for word in reading.cues.list_words(kind, reading.language)[:2])
        message = f"{piece.sentence} does not say {wanted} between the values of the {part}, which are '{kind}'."
        remedy = f"Write '{stated}', or a fact for each of them." if said else "Write a fact for each of them."
        yield Finding("missing", part, at, message, remedy)


def _check_numbers(reading: FactReading, at: int, piece: Evidence, part: str, passage: TokenisedSentence) -> Iterator[Finding]:
    """Look for each number of a quantity, in the sentence or in what stands above it."""
    reading.checked[part] = True
    own = quantities.parse(reading.fact.qualifiers[part])
    numbers = [each for each in (own.value, own.least, own.above, own.most, own.below, own.per, own.n, own.of) if each]
    passages = (passage, *reading.source.above(passage.id))
    stated = {token.text.replace(",", ".") for each in passages for token in each.words.tokens}
    passage.account([(at, at + 1) for at, token in enumerate(passage.words.tokens) if token.text.replace(",", ".") in numbers])
    missing = [number for number in numbers if number not in stated]
    if missing:
        message = f"{piece.sentence} does not have the number{'s' * (len(missing) > 1)} {', '.join(missing)} of the {part}."
        yield Finding("missing", part, at, message, f"Correct the quantity, or declare its words: as: {{{part}: …}}.")


def _find_other_value(reading: FactReading, piece: Evidence, passage: TokenisedSentence, part: str, value: str) -> str:
    """Return another value of a list that the sentence expresses right where it names the object, and the fact's not."""
    places = reading.places("object", piece, passage)
    if part in {"modality", "polarity", "listing", "degree"} or not places:
        return ""
    others = [name for name in reading.cues.all_of(part, reading.language) if name != value]
    for stretch in (passage.clauses(places, at_commas=True) | passage.bracket_after(places), _find_part(passage, places)):
        if any(start in stretch for start, _ in reading.spans_of(passage, part, value)):
            return ""
        named = (name for name in others if any(start in stretch for start, _ in reading.spans_of(passage, part, name)))
        if other := next(named, ""):
            return other
    return ""


def _find_item(passage: TokenisedSentence, places: list[Span]) -> set[int]:
    """Return the tokens between the semicolons around places; all if there are no places."""
    starts = [start for start, _ in places] or range(len(passage.words.tokens))
    return {at for start in starts for at in passage.between_semicolons(start)}


def _find_part(passage: TokenisedSentence, places: list[Span]) -> set[int]:
    """Return the tokens from the semicolon before a place to the place: 'common: headache; rare: nausea'."""
    last = min(start for start, _ in places)
    first = max((at for at in range(last + 1) if passage.has_mark(at, ";")), default=last)
    return set(range(first, last))


def _is_of_other_item(reading: FactReading, claim: Claim, part: str, span: Span) -> bool:
    """Return whether a grade is that of another item: 'severe headache, nausea', 'changes of Z (usually mild); nausea'."""
    if claim.passage.bracket_of(span[0]) and span[0] not in _find_item(claim.passage, claim.object):
        return True
    passage, terms = claim.passage, reading.lexicon.find_terms(claim.passage)
    ends = {end for name, (start, end) in terms if start == span[1] and name not in {reading.fact.object, *reading.fact.values}}
    return part in {"severity", "course"} and any(passage.has_mark(end, ",") for end in ends)


def _inherits_qualifier(reading: FactReading, passage: TokenisedSentence, part: str, value: str) -> bool:
    """Return whether what stands above a sentence expresses a qualifier; of several values, the nearest counts."""
    claim = next((claim for claim in reading.claims if claim.passage.id == passage.id), None)
    objects = claim.object if claim else reading.lexicon.find_value(reading.fact.object, passage)
    if not claim and not (objects and inherits_subject(reading, passage)):
        return False
    hedges = list(longest(reading.hedge_spans(passage), reading.spans(passage, "pseudo-hedge")))
    beside = find_other_items(reading, claim) | find_purpose(reading, claim) | find_added(reading, claim) if claim else set()
    item = _find_item(passage, objects) - beside
    clause = passage.clauses(objects or [(0, 1)]) - beside
    if claim and (conditional := find_conditional(reading, claim)):
        clause -= set(conditional.condition)  # 'if you might fall, lie down'
    is_referred_to = claim is not None and find_referring(reading, claim) is not None  # 'You may have X. If so, …'
    if part == "modality" and not is_referred_to and any(start in clause for start, _ in hedges):
        return False
    values = POSSIBLE if part == "modality" and value in POSSIBLE else (value,)
    if part == "modality" and value in reading.predicate.plain and claim:
        return True
    is_listed = vocabulary.qualifiers()[part].listed
    for above in (passage, *reading.source.above(passage.id)):
        says = (
            any(reading.spans_of(above, part, name) for name in values)
            if is_listed
            else bool(reading.lexicon.find_value(value, above))
        )
        if says and above is not passage:
            return True
        is_of_disease = reading.begins_with(above, "symptom-opener")  # which is rare, not its symptoms
        if part in {"frequency", "severity"} and (
            is_of_disease
            or any(
                above is not passage or (span not in hedges and span[0] in item)
                for name in vocabulary.values(part)
                for span in reading.spans_of(above, part, name)
            )
        ):
            return False
    return False


def _counts_band(reading: FactReading, passage: TokenisedSentence, part: str, value: str) -> bool:
    """Return whether a cell, or the bracket of a header over it, gives a share of people that the band of a frequency holds."""
    if part != "frequency" or not passage.cell:
        return False
    above = [other.words.text for other in reading.source.above(passage.id)]
    is_percent = any("%" in text for text in above)
    shares = [(passage.cell, is_percent), *((text, False) for words in above for text in (words, *_BRACKET.findall(words)))]
    return next((band for text, is_percent in shares if (band := _read_band(text, is_percent=is_percent))), "") == value


def _read_band(text: str, *, is_percent: bool) -> str:
    try:
        return read_frequency(text, is_percent=is_percent).band if is_percent or _SHARE.search(text) else ""
    except KbError:
        return ""


def _reaches(reading: FactReading, piece: Evidence, passage: TokenisedSentence) -> bool:
    """Return whether a sentence that supports only qualifiers is about the claim."""
    claims = {claim.passage.id for claim in reading.claims}
    if passage.id in claims or any(passage.id in reading.source.contexts.get(name, ()) for name in claims):
        return True
    if passage.is_heading:
        return False
    if reading.places("object", piece, passage):
        return True
    lead_ins = [reading.passages[name] for name in reading.source.contexts.get(passage.id, ())[:1] if name in claims]
    if reading.places("subject", piece, passage) or any(find_open_end(reading, one) for one in lead_ins):
        kb, fact = reading.lexicon.kb, reading.fact
        kind = kb.terms[fact.object].kind if isinstance(fact.object, str) else ""
        others = (name for name, span in reading.lexicon.find_terms(passage) if kb.terms[name].kind == kind)
        return not any(name not in {fact.subject, fact.object, *fact.values} for name in others)
    return _is_next_to(reading, passage, claims)


def _is_next_to(reading: FactReading, passage: TokenisedSentence, claims: set[str]) -> bool:
    """Return whether a sentence continues a sentence of the fact or the list of its item, or announces or is continued by it."""
    previous = reading.source.before.get(passage.id)
    if previous in set(reading.fact.sentences) or any(_is_beside(reading, previous, name) for name in claims):
        return _continues(reading, passage)
    followed = [name for name in claims if reading.source.before.get(name) == passage.id]
    is_open = passage.words.text.rstrip().endswith(":")  # 'These can occur:', not 'These are mild.' about what was said before
    return bool(followed) and (
        any(start or is_open for start, _ in reading.spans(passage, "announcing"))
        or any(_continues(reading, reading.passages[name]) for name in followed)
    )


def _is_beside(reading: FactReading, one: str | None, other: str) -> bool:
    """Return whether two sentences are items of one list: they stand under the same lead-in."""
    above, others = (reading.source.contexts.get(name or "", ()) for name in (one, other))
    return bool(above) and above == others and not TokenisedSentence(reading.source.words[above[0]]).is_heading


def _continues(reading: FactReading, passage: TokenisedSentence) -> bool:
    """Return whether a sentence begins by referring to what was said before it."""
    if not reading.cues.list_words("anaphor", reading.language):
        return True
    return reading.begins_with(passage, "anaphor") and not reading.begins_with(passage, "expletive")


def check_qualifier_hedges(reading: FactReading) -> Iterator[Finding]:
    """Find negations and hedges in the clauses that express qualifiers, which neither the evidence nor the fact has."""
    for at, piece in enumerate(reading.fact.evidence):
        passage = reading.passages.get(piece.sentence)
        is_claim = CLAIM in piece.supports
        graded = {*_grading(), "within"} - ({"frequency", "within"} if is_claim else set())
        parts = [part for part in piece.supports if part in graded]
        if passage is None:
            continue
        if not is_claim:
            yield from _check_denial(reading, at, piece, passage)
        if not parts:
            continue
        places = [span for part in parts for span in reading.qualifier_spans(part, piece, passage)]
        carried = {reading.fact.qualifiers["modality"], piece.modality}
        if not carried.isdisjoint(POSSIBLE) and (is_claim or passage.is_heading):
            carried |= set(POSSIBLE)  # 'may cause nausea, which can be severe'
        if is_claim:  # 'deafness (sometimes irreversible)', 'which can be serious'
            before = {start - 1 - (passage.words.stems[start - 1] == "be") for start, _ in places if start}
            if hedge := find_unexplained(reading, "modality", passage, before, carried):
                yield _report_hedge(piece, parts[0], at, hedge)
            continue
        hedge = find_unexplained(reading, "modality", passage, passage.clauses(places), carried)
        if hedge and piece.modality != "is":
            yield _report_hedge(piece, parts[0], at, hedge)


def _check_denial(reading: FactReading, at: int, piece: Evidence, passage: TokenisedSentence) -> Iterator[Finding]:
    """Find qualifiers that a sentence denies: 'children should not take it' does not say who is treated."""
    parts = [part for part in piece.supports if part not in {CLAIM, "modality", "listing", "polarity"}]
    places = [span for part in parts for span in reading.qualifier_spans(part, piece, passage)]
    clause = passage.clauses(places, at_commas=True) if places else set[int]()
    negation = find_unexplained(reading, "polarity", passage, clause, set())
    if negation and "polarity" not in reading.fact.qualifiers:
        message = f"{piece.sentence} denies the {parts[0]} ('{negation[1]}')."
        yield Finding("negation", parts[0], at, message, "Correct the qualifier, or declare its words.")


def _report_hedge(piece: Evidence, part: str, at: int, hedge: tuple[str, str]) -> Finding:
    message = f"{piece.sentence} hedges the {part} ('{hedge[1]}', {hedge[0]}), and the evidence does not."
    return Finding("hedge", part, at, message, f"Set the modality of the evidence: modality: {hedge[0]}.")
