"""Propose facts about things that have no term yet: items of lists, what follows the words of a relation, the topic, given words.

Each candidate is a term of a widened knowledge base, in which the dictionary looks for facts. What it finds is proposed with the
new terms that it needs, and checked against the knowledge base as it is.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from kb.files import text_file
from kb.importers.table_terms import make_id
from kb.importers.term_mapping import find_candidates
from kb.importers.vocabularies import Vocabulary
from kb.model import KnowledgeBase, Term, list_names
from kb.problems import KbError, Place, Problem
from kb.proposals.filling import find_topic, read_sentence
from kb.proposals.gate import Gate, Verdict
from kb.proposals.lexicon import Dictionary
from kb.proposals.phrases import Phrase, find_phrases
from kb.proposals.stated_values import MARKS_ABOVE, CueFinder
from kb.resources import language_data
from kb.schema import vocabulary
from kb.texts.normalisation import normalise
from kb.verification.cues import Span, stems
from kb.verification.passages import SentenceWords, TokenisedSentence, indexes

_TITLE = re.compile(r"[^\W\d_][\w'\u2019-]*(?: [^\W\d_][\w'\u2019-]*)*")  # up to a number or a mark
_PHONE = re.compile(r"\+\d[\d ()-]{6}")
_GAP = 4  # words between those of a relation and a colon
_SUREST = 2  # words of a relation, after which a name is its object
Words = Mapping[str, str]
_Found = tuple[str, Phrase, list[str], str]  # a sentence, a name in it, the relations that it can have, and its kind


def read_words(path: Path) -> list[dict[str, str]]:
    """Read a list of words: a label in each line, and after a tab each an identifier and a kind, if they are known.

    Raises:
        KbError: The file cannot be read, or a line has an unknown kind (KB204).
    """
    found, problems = [], list[Problem]()
    for number, line in enumerate(text_file.read_text(path, str(path)).split("\n"), 1):
        label, identifier, kind = (*(word.strip() for word in line.split("\t")), "", "")[:3]
        if kind and kind not in vocabulary.values("kind"):
            remedy = f"It can be: {', '.join(vocabulary.values('kind'))}."
            problems.append(Problem(Place(str(path), number), "KB204", f"The kind cannot be '{kind}'.", remedy))
        told = {"label": label, "match": identifier, "kind": kind}
        found.append({key: word for key, word in told.items() if word})
    if problems:
        raise KbError(problems)
    return [word for word in found if "label" in word]


def propose(gate: Gate, document: str, words: Iterable[Words], vocabularies: Iterable[Vocabulary] = ()) -> Iterator[Verdict]:
    """Yield the proposals of the dictionary for a document, also those that need new terms.

    Args:
        gate: The gate of the knowledge base.
        document: The id of a document whose text is available.
        words: What may be new terms, as :func:`read_words` returns them.
        vocabularies: Vocabularies in which identifiers of new terms are looked up by their names.
    """
    finder = _CandidateFinder(gate, document)
    terms = finder.find(words)
    added = {name: Term(name, term["kind"], term["label"], "") for name, term in terms.items()}
    _add_identifiers(gate.kb, terms, vocabularies)
    widened = Gate(gate.kb._replace(terms={**gate.kb.terms, **added}), gate.finder) if added else gate
    for verdict in Dictionary(widened, finder.allows).propose(document):
        value = verdict.record.value
        needed = {key: name for key, name in value.items() if isinstance(name, str) and name in terms}
        if not needed:
            yield verdict
        else:
            labels = {key: terms[name]["label"] for key, name in needed.items()}
            offered = [terms[name] for name in dict.fromkeys(needed.values())]
            restated = gate.check(replace(verdict.record, value={**value, **labels, "terms": offered}))
            if restated.is_acceptable:
                yield restated


def _add_identifiers(kb: KnowledgeBase, terms: Mapping[str, dict[str, Any]], vocabularies: Iterable[Vocabulary]) -> None:
    """Give each new term the identifier that, of all in the vocabularies, matches its names best, if there is only one."""
    named = {name: Term(name, term["kind"], term["label"], "", tuple(term.get("aliases", ()))) for name, term in terms.items()}
    found = [one for vocabulary in vocabularies for one in find_candidates(kb._replace(terms=named), vocabulary)]
    declared = {*kb.dataset.prefixes}
    for name, term in terms.items():
        own = sorted(one for one in found if one.term == name and one.identifier.partition(":")[0] in declared)
        if "match" not in term and own and not any(one.rank == own[0].rank for one in own[1:]):
            term["match"] = own[0].identifier


class _CandidateFinder:
    """Finds what a text names and the knowledge base does not have, each with its kind.

    What a list or the words of a relation give is a candidate for their relations in this sentence only, unless its name is
    among the words that are given.
    """

    def __init__(self, gate: Gate, document: str) -> None:
        self._gate, self._kb, self._text = gate, gate.kb, gate.finder.texts[document]
        self._cues, language = CueFinder(gate.kb), self._text.document.language
        self._phrases, self._list_words = find_phrases(language), partial(self._cues.list_words, language=language)
        self._names = [sentence.id for sentence in self._text.document.sentences]
        self._blocks = {block.start: block.kind for block in self._text.text.blocks}
        self._items = {one.id for one in self._text.document.sentences if self._blocks.get(one.start) == "item"}
        self._leads = {other for above in self._text.contexts.values() for other in above} - self._items
        self._topics = dict[str, tuple[str, ...]]()  # the names of what the document is about, by id
        self._places = defaultdict[str, set[tuple[str, str]]](set)  # the sentences and predicates of each candidate
        self._closed = set[str]()  # the lead-ins whose lists are over
        self._listed = dict[str, set[tuple[str, tuple[str, ...]]]]()  # the relations and names of each item, none of other lists

    def allows(self, sentence: str, subject: str, predicate: str, obj: str) -> bool:
        """Return whether a claim can be looked for in a sentence: candidates are objects of the topic, each where it stands."""
        names = [name for term in (subject, obj) if term in self._kb.terms for name in list_names(self._kb.terms[term])]
        if sentence in self._leads or subject in self._places or any(self._phrases.has("general", name) for name in names):
            return False
        other = subject if obj in self._topics else obj
        if other in self._kb.terms and not self._topics.keys().isdisjoint((subject, obj)):
            own = list_names(self._kb.terms[other])
            if sentence not in self._listed:
                return self._is_stated(sentence, predicate, own)
            stated = {(predicate, stems(name, self._text.document.language)) for name in own}
            return not stated.isdisjoint(self._listed[sentence])
        return obj not in self._places or (subject in self._topics and (sentence, predicate) in self._places[obj])

    def _is_stated(self, sentence: str, predicate: str, names: Collection[str]) -> bool:
        """Return whether a sentence that is no list says something of the topic, and names an object as a whole."""
        words = read_sentence(self._text, sentence)
        passage, listed = TokenisedSentence(words), self._list_words
        if self._phrases.has("doubted", words.text):
            return False
        effects, these = passage.find(listed("side-effect")), indexes(passage.find(listed("determiner")))
        own = passage.find(listed("topic"))  # in 'an interruption of treatment', it relates nothing
        cues = [span for span in self._cues.find_cues(words, self._kb.predicates[predicate]) if span not in own]
        is_of_topic = bool(effects) or any(indexes([span]).isdisjoint(indexes(cues)) for span in self._find_speakers(passage))
        is_of_others = any(start - 1 in these for start, _ in effects)  # 'These side effects usually go away'
        places = passage.find(names)
        return (
            bool(cues)
            and is_of_topic
            and not is_of_others
            and (not places or any(self._is_whole(passage, place) for place in places))
        )

    def _is_whole(self, passage: TokenisedSentence, place: Span) -> bool:
        """Return whether words are no end of a longer name: not 'depression' in 'bone depression'."""
        start, words = place[0], passage.words
        if start + 1 < place[1]:
            return True
        before = words.tokens[start - 1].text.casefold()
        if start == 0 or passage.has_comma(start) or before in language_data()["function-words"]:
            return True
        return any(start - 1 in range(*span) for span in self._cues.find_any_cues(words))

    def find(self, words: Iterable[Words]) -> dict[str, dict[str, Any]]:
        """Return the records of the candidates, by id."""
        known = {name.casefold() for term in self._kb.terms.values() for name in (term.id, *list_names(term))}
        spoken = self._text.normal.text.casefold()
        given = {make_id(word["label"]): dict(word) for word in words if normalise(word["label"]).text.casefold() in spoken}
        found: dict[str, dict[str, Any]] = {}
        self._topics = {term.id: list_names(term) for term in self._kb.terms.values() if find_topic(self._text, [term])}
        if not self._topics and (topic := self._find_title()):
            self._topics = {make_id(topic): (topic,)}
            kinds = Counter(predicate.subject[0] for predicate in self._kb.predicates.values())
            found[make_id(topic)] = {"label": topic, "kind": max(kinds, key=lambda kind: kinds[kind], default="")}
        topics = [name.casefold() for names in self._topics.values() for name in names]
        kinds_of = defaultdict[str, Counter[str]](Counter)
        for sentence, phrase, predicates, kind in self._list_phrases():
            name = make_id(phrase.label)
            kinds_of[name][kind] += 1
            is_about = any(topic in phrase.label.casefold() for topic in topics)
            if name and not is_about and (name not in found or name in self._places):
                aliases = {"aliases": list(phrase.aliases)} if phrase.aliases else {}
                found.setdefault(name, {"label": phrase.label, **aliases})["kind"] = kinds_of[name].most_common(1)[0][0]
                self._places[name].update((sentence, predicate) for predicate in predicates)
        for name, word in given.items():
            self._places.pop(name, None)
            found[name] = {**found.get(name, {"kind": self._guess_kind(word["label"])}), **word}
        for word in found.values():
            if any(alias.casefold() in known or make_id(alias) in found for alias in word.get("aliases", ())):
                del word["aliases"]
        return {name: word for name, word in found.items() if word["kind"] and known.isdisjoint((name, word["label"].casefold()))}

    def _find_title(self) -> str:
        """Return the words of the title that the text says most often: the name of what it is about."""
        title, spoken = self._text.document.title, self._text.normal.text
        found = [match[0] for match in _TITLE.finditer(title)]
        runs = [run.split() for run in [run for run in found if run[0].isupper()] or found]
        names = [" ".join(run[:size]) for run in runs for size in range(1, len(run) + 1)]
        counts = {name: len(re.findall(rf"\b{re.escape(name)}\b", spoken, re.IGNORECASE)) for name in names}
        return max(names, key=lambda name: (counts[name], len(name)), default="") if any(counts.values()) else ""

    def _list_phrases(self) -> Iterator[_Found]:
        """Yield the names of items, and of paragraphs that are mere names, with the relations above them; and those of others."""
        for sentence in (sentence for sentence in self._text.document.sentences if sentence.id not in self._leads):
            words = read_sentence(self._text, sentence.id)
            if _PHONE.search(words.text):
                continue
            above = self._read_above(sentence.id)
            is_clause = self._phrases.is_clause(words.text)
            if is_clause and self._phrases.has("bullet", words.text):
                continue  # its parts can be of several lists
            if above and sentence.start not in self._blocks and words.text.rstrip().endswith(":"):
                self._closed.add(above[0].id)  # what follows is the list of another lead-in, in the same block
            is_item = bool(above) and (
                self._blocks.get(sentence.start) in {"item", "row"} or (not is_clause and self._is_bare_item(words.text))
            )
            is_other = is_item and self._is_of_another(above)
            relations = self._find_nearest(above) if is_item and not is_other else ()
            if is_other or (relations and not is_clause):
                self._listed[sentence.id] = set()
            if not is_other:
                yield from self._list_names(words, relations, above)

    def _list_names(self, words: SentenceWords, relations: Iterable[str], above: list[SentenceWords]) -> Iterator[_Found]:
        """Yield the names of an item with the relations above it, or else those after the words of a relation."""
        lead = above[0].text if above and not TokenisedSentence(above[0]).is_heading else ""
        listed = self._list_items(words, relations, lead) if relations else self._list_objects(words)
        for phrase, predicates, is_listed in listed:
            kinds = list(dict.fromkeys(kind for predicate in predicates for kind in self._kb.predicates[predicate].object))
            kind = self._phrases.find_kind(phrase.label, kinds)
            if kind in kinds or (is_listed and not kind and not self._phrases.needs_word(kinds)):
                if relations:
                    label = stems(phrase.label, words.language)
                    self._listed.setdefault(words.id, set()).update((name, label) for name in predicates)
                yield words.id, phrase, predicates, kind or kinds[0]

    def _is_of_another(self, above: list[SentenceWords]) -> bool:
        """Return whether a list is about something else: that of its lead-in, of an item, or the signs of what is named."""
        lead = above[0]
        is_sign = self._phrases.has("signs", lead.text)
        is_named = bool(TokenisedSentence(lead).find(self._list_words("side-effect")))
        is_stated = is_named if is_sign else bool(self._find_relations(lead))
        return (
            lead.id in self._closed
            or (lead.id in self._items and not lead.text.rstrip().endswith(":"))
            or (self._phrases.opens_other_list(lead.text) and not is_stated)
            or (is_sign and bool(above[1:2] and self._phrases.find(above[1].text)))
        )

    @staticmethod
    def _is_bare_item(text: str) -> bool:
        """Return whether a paragraph that is no sentence is an item: several names, or one that does not end like a sentence."""
        return not text.startswith("* ") and bool(re.search("[,:]", text) or not text.rstrip().endswith("."))

    def _list_items(self, words: SentenceWords, predicates: Iterable[str], lead: str) -> Iterator[tuple[Phrase, list[str], bool]]:
        """Yield the names of an item, after its colon or else before it, with those predicates that fit what it introduces."""
        kind = self._phrases.find_introduced(words.text, lead)
        fitting = [predicate for predicate in predicates if not kind or kind in self._kb.predicates[predicate].object]
        head, _, rest = words.text.partition(":")
        named = [] if rest and self._phrases.is_category(head) else self._phrases.find(head)
        if rest and not named and self._phrases.is_clause(head) and self._phrases.has("describing", head):
            self._listed[words.id] = set()
            return  # 'skin reactions can include: …'
        kinds = {kind for predicate in fitting for kind in self._kb.predicates[predicate].object}
        is_sign = any("(" in head or self._phrases.find_kind(phrase.label, kinds) in kinds for phrase in named)
        phrases = named if is_sign else self._phrases.find(rest) or named  # 'liver failure (…): dark urine, …'
        yield from ((phrase, fitting, True) for phrase in phrases if fitting)

    def _list_objects(self, words: SentenceWords) -> Iterator[tuple[Phrase, list[str], bool]]:
        """Yield the names after the words of a relation; those after its label or after a colon can be of any kind."""
        passage = TokenisedSentence(words)
        speakers = self._find_speakers(passage)
        if ":" not in words.text and not speakers:
            return
        joint = bool(passage.find(self._list_words("joint-use")))
        groups = {end for _, end in passage.find(self._list_words("population-general"))}  # 'patients suffering from X'
        for name, spans in self._find_relations(words, is_longest=False).items():
            labels = {
                end
                for start, end in passage.find([self._kb.predicates[name].label])
                if not start or not words.tokens[start].text.endswith("ing")  # 'other products containing X'
            }
            for end in (last for first, last in spans if first not in groups):
                after = words.text[words.tokens[end - 1].end :]
                gap, _, rest = after.partition(":")
                head = words.text[: len(words.text) - len(rest)]
                rest = "" if self._phrases.has("describing", head) or len(gap.split()) > _GAP else rest
                is_sure = any(last <= end and last - first >= _SUREST for first, last in spans)
                is_joint = joint and not self._kb.predicates[name].symmetric  # 'X together with Y may cause Z'
                told = max((last for _, last in speakers if last < end), default=end)
                has_number = re.search(r"\s\d", words.text[words.tokens[told - 1].end : words.tokens[end - 1].end])
                if is_joint or has_number or not (rest or end in labels or is_sure):
                    continue
                unjoined = (one for one in self._phrases.find(rest or after) if not self._phrases.has("joint", one.label))
                yield from ((phrase, [name], bool(rest) or end in labels) for phrase in unjoined)

    def _find_speakers(self, passage: TokenisedSentence) -> list[Span]:
        """Return where a sentence has words for what the document is about: a pronoun if the one before names it."""
        speakers = [name for names in self._topics.values() for name in names] + list(self._list_words("topic"))
        before = self._names[max(0, self._names.index(passage.id) - 1)]
        if before != passage.id and TokenisedSentence(read_sentence(self._text, before)).find(speakers):
            speakers += self._list_words("pronoun")
        return passage.find(speakers)

    def _find_relations(self, words: SentenceWords, *, is_longest: bool = True) -> dict[str, list[Span]]:
        """Return the predicates for which a sentence has words, more than 'is an', or those with the longest, and where."""
        lists = ("auxiliary", "article") if is_longest else ("auxiliary",)
        auxiliary = indexes(TokenisedSentence(words).find(word for name in lists for word in self._list_words(name)))
        marks = MARKS_ABOVE if is_longest or ":" in words.text else (*MARKS_ABOVE, ">>")  # of words before the object
        cues = ((name, self._cues.find_cues(words, predicate, marks)) for name, predicate in self._kb.predicates.items())
        found = {name: [span for span in spans if not auxiliary.issuperset(range(*span))] for name, spans in cues}
        lengths = {name: max((end - start for start, end in spans), default=0) for name, spans in found.items()}
        least = max(lengths.values(), default=0) if is_longest else 1
        return {name: spans for name, spans in found.items() if lengths[name] >= max(1, least)}

    def _guess_kind(self, label: str) -> str:
        """Return the kind of a name: the one that most relations of its sentences, or of what is above them, ask for."""
        counts = Counter[str]()
        for sentence in self._text.document.sentences:
            words = read_sentence(self._text, sentence.id)
            if TokenisedSentence(words).find([label]):
                for name in self._find_nearest([words, *self._read_above(sentence.id)]):
                    kinds = self._kb.predicates[name].object
                    kind = self._phrases.find_kind(label, kinds)
                    counts[kind if kind in kinds else kinds[0]] += 1
        return max(counts, key=lambda kind: counts[kind], default="")

    def _read_above(self, sentence: str) -> list[SentenceWords]:
        return [read_sentence(self._text, other) for other in self._text.contexts.get(sentence, ())]

    def _find_nearest(self, passages: Iterable[SentenceWords]) -> Iterable[str]:
        """Return the predicates of the first of some passages that has words of one."""
        for passage in passages:
            if found := self._find_relations(passage):
                return found
            if self._phrases.opens_other_list(passage.text):
                break  # 'Days later, other signs appear:'
        return {}
