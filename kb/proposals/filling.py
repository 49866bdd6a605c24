"""Fill in what a proposal leaves out (modality, declared words, what each sentence supports), and judge the fact that results."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import islice, product
from typing import Any

from kb.model import KnowledgeBase, Term, list_names
from kb.proposals.resolution import Resolution
from kb.proposals.wordings import WordingFinder
from kb.records import resolve
from kb.schema import vocabulary
from kb.texts.indexed_text import IndexedText
from kb.verification.cell_evidence import Contexts, Words, point_at_cells
from kb.verification.claims import Judge, Judgement
from kb.verification.cues import Cues, stems
from kb.verification.fact_reading import CLAIM, read_words
from kb.verification.passages import SentenceWords, TokenisedSentence, indexes

_ENDS = ("subject", "predicate", "object")
_WORDS = re.compile(r"\w+")
_MOST_TRIED = 60  # ways of filling in what a proposal leaves out


class Filler:
    """Makes facts of proposals for a knowledge base, and compares them with their sentences."""

    def __init__(self, kb: KnowledgeBase, cues: Cues) -> None:
        self._kb, self._cues, self._judge = kb, cues, Judge(kb)
        self.wordings = WordingFinder(cues)
        self._topics: dict[str, list[str]] = {}

    def name_topic(self, text: IndexedText) -> list[str]:
        """Return the names of what a document is about, of the terms of the knowledge base."""
        name = text.document.id
        if name not in self._topics:
            self._topics[name] = find_topic(text, self._kb.terms.values())
        return self._topics[name]

    def fill(self, text: IndexedText, made: Resolution, pieces: list[dict[str, Any]]) -> tuple[dict[str, Any], Judgement]:
        """Return the fact that the sentences state, or the one that they come nearest to, with its judgement."""
        best: tuple[dict[str, Any], Judgement] | None = None
        for fact in islice(self._list_fillings(text, made, pieces), _MOST_TRIED):
            judged = self.judge(made.kb, text, fact)
            if not judged.findings:
                return self._narrow(made.kb, text, fact), judged
            if best is None or len(judged.findings) < len(best[1].findings):
                best = fact, judged
        return best or ({}, Judgement((), (), ()))

    def judge(self, kb: KnowledgeBase, text: IndexedText, value: Mapping[str, Any], *, with_spans: bool = False) -> Judgement:
        """Compare a fact with its whole sentences, or with the spans in them; a cell of a table stands for itself."""
        name, words, contexts = text.document.id, text.originals, dict(text.contexts)
        fact = resolve.parse_fact_value(value, name)
        if any(block.cells for block in text.text.blocks) and any(piece.start is not None for piece in fact.evidence):
            all_words: Words = {name: dict(words)}
            all_contexts: Contexts = {name: contexts}
            pointed = point_at_cells(kb._replace(facts=(fact,)), {name: text.text}, all_words, all_contexts)
            if pointed.facts[0] is not fact:
                kb, fact, words = pointed, pointed.facts[0], all_words[name]
        if not with_spans:
            fact = fact._replace(evidence=tuple(piece._replace(start=None, end=None) for piece in fact.evidence))
        judge = self._judge if kb is self._kb else self._judge.widen(kb)
        return judge.judge(fact, words, contexts)

    def _narrow(self, kb: KnowledgeBase, text: IndexedText, fact: dict[str, Any]) -> dict[str, Any]:
        """Keep the spans of the evidence only if the claim can be read from them, too."""
        is_narrower = any("start" in piece for piece in fact["evidence"])
        if not is_narrower or not self.judge(kb, text, fact, with_spans=True).findings:
            return fact
        wide = [{key: value for key, value in piece.items() if key not in {"start", "end"}} for piece in fact["evidence"]]
        return {**fact, "evidence": wide}

    def _list_fillings(self, text: IndexedText, made: Resolution, pieces: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Yield the facts that a proposal can mean, the plainest first."""
        sentences = [read_sentence(text, piece["sentence"]) for piece in pieces]
        modalities = [made.parts["modality"]] if "modality" in made.parts else self._list_modalities(text, made, sentences)
        wordings = [self._list_wordings(text, made, piece, words) for piece, words in zip(pieces, sentences, strict=True)]
        shares = self._share_parts(made, pieces, sentences)
        for chosen in product(*wordings):
            evidence = [
                {**piece, **share, **({"as": {**piece.get("as", {}), **words}} if words or "as" in piece else {})}
                for piece, share, words in zip(pieces, shares, chosen, strict=True)
            ]
            for modality in modalities:
                parts = {**made.parts, "modality": modality}
                ordered = {key: parts[key] for key in (*_ENDS, *vocabulary.qualifiers()) if key in parts}
                yield {**ordered, "evidence": evidence}

    def _list_modalities(self, text: IndexedText, made: Resolution, sentences: Iterable[SentenceWords]) -> list[str]:
        """Return the modalities in the order of trial: those of the clause of the object, 'is', and others.

        Those that the predicate carries come first, then those with the longest words.
        """
        cues = self._cues.all_of("modality", text.document.language)
        obj = made.kb.terms.get(str(made.parts["object"]))
        plain = made.kb.predicates[made.parts["predicate"]].plain
        near: list[tuple[bool, int, str]] = []
        for passage in map(TokenisedSentence, sentences):
            places = passage.find(list_names(obj)) if obj else []
            clause = passage.clauses(places) if places else set(range(len(passage.words.tokens)))
            spans = [(span, name) for name, words in cues.items() for span in passage.find(words) if span[0] in clause]
            own = indexes(places)  # 'need to pass water', and 'deafness (sometimes for good)'
            spans = [(span, name) for span, name in spans if span[0] not in own and not passage.bracket_of(span[0])]
            near += [(name not in plain, start - end, name) for (start, end), name in spans]
        others = [read_sentence(text, other) for words in sentences for other in (*text.contexts.get(words.id, ()), words.id)]
        far = [name for other in others for name, words in cues.items() if TokenisedSentence(other).find(words)]
        return list(dict.fromkeys([*(name for *_, name in sorted(near)), "is", *far]))

    def _list_wordings(
        self, text: IndexedText, made: Resolution, piece: Mapping[str, Any], words: SentenceWords
    ) -> list[dict[str, str]]:
        """Return the words that a sentence can declare for the parts that it does not name by a label; first none."""
        passage, choices = TokenisedSentence(words), list[list[tuple[str, str]]]()
        for part, value in made.parts.items():
            term = made.kb.terms.get(value) if isinstance(value, str) and part != "predicate" else None
            if term is None or part in piece.get("as", {}) or passage.find(list_names(term)):
                continue
            is_topic = part == "subject" and bool(find_topic(text, [term]))
            found = list(self.wordings.find(term, words, self.name_topic(text)))
            found = [wording for wording in found if self.may_stand_for(wording, term, text)]
            found += self.wordings.find_topic(words) if is_topic else ()
            choices.append([("", ""), *((part, wording) for wording in dict.fromkeys(found))])
        made_of = ({part: wording for part, wording in pairs if part} for pairs in product(*choices))
        return sorted(islice(made_of, _MOST_TRIED), key=len)

    def may_stand_for(self, wording: str, term: Term, text: IndexedText) -> bool:
        """Return whether words can mean a term; a pronoun means the topic rather than another thing of its kind."""
        language = text.document.language
        pronouns = {stems(word, language) for word in self._cues.list_words("pronoun", language)}
        if stems(wording, language) in pronouns and not find_topic(text, [term]):
            alike = (other for other in self._kb.terms.values() if other.kind == term.kind)
            return not find_topic(text, alike)
        return self.wordings.shares_words(term, wording, language)

    def _share_parts(
        self, made: Resolution, pieces: list[dict[str, Any]], sentences: list[SentenceWords]
    ) -> list[dict[str, list[str]]]:
        """Decide which parts each of several sentences supports: a qualifier goes to the first one that expresses it."""
        if len(pieces) == 1 or any("supports" in piece for piece in pieces):
            return [{} for _ in pieces]
        passages, terms = [TokenisedSentence(words) for words in sentences], made.kb.terms
        shares: list[list[str]] = [[] for _ in pieces]
        for name, value in made.parts.items():
            if name not in _ENDS:
                words = list_names(terms[value]) if value in terms else self._cues.of(name, value, sentences[0].language)
                shares[next((at for at, passage in enumerate(passages) if passage.find(words)), 0)].append(name)
        ends = [name for end in _ENDS[::2] if (term := terms.get(str(made.parts[end]))) for name in list_names(term)]
        for at, passage in enumerate(passages):
            if not shares[at] or at == 0 or passage.find(ends):
                shares[at].insert(0, CLAIM)
        return [{"supports": share} for share in shares]


def find_topic(text: IndexedText, terms: Iterable[Term]) -> list[str]:
    """Return the names of those of some terms that the title of a document has."""
    title = f" {' '.join(_WORDS.findall(text.document.title.casefold()))} "
    names = ((term, [" ".join(_WORDS.findall(name.casefold())) for name in list_names(term)]) for term in terms)
    return [name for term, own in names if any(f" {name} " in title for name in own if name) for name in list_names(term)]


@lru_cache(maxsize=10_000)
def read_sentence(text: IndexedText, name: str) -> SentenceWords:
    """Divide a sentence of a document into words."""
    sentence = text.sentence(name)
    return read_words(name, text.extract(sentence), sentence.start, text.document.language)
