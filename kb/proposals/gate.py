"""The gate: the one check that a proposal passes before it can become a fact, whoever made it.

The gate finds the words of a proposal by the rules of ``kb cite``, resolves its words to terms, fills in sentence, span, modality
and declared words, and runs the checks that a fact runs: schema, references, duplicates, and the comparison with its sentences.
What a proposal says of itself decides nothing: positions only choose among places with the same words, and declared words must
be those of the term. No option of any command changes a verdict.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from kb.checks import json_schema
from kb.curation import authoring
from kb.model import KnowledgeBase, Record, list_names
from kb.problems import Place, Problem, quote
from kb.proposals import store
from kb.proposals.doubts import find_doubts
from kb.proposals.filling import Filler, read_sentence
from kb.proposals.resolution import AS_STATED, RefusalError, Resolution, Resolver, VerdictKind
from kb.rdf.wording import word_fact
from kb.records import resolve
from kb.texts.indexed_text import QuoteLocation, QuoteVerdict
from kb.texts.normalisation import normalise
from kb.texts.quotes import REASONS, QuoteFinder
from kb.verification.cite import make_finder
from kb.verification.claims import Judgement
from kb.verification.cues import Cues
from kb.verification.passages import TokenisedSentence

_COMPARED = ("subject", "predicate", "object", "negation")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate says of a proposal.

    Args:
        verdict: Whether it can become a fact.
        record: The proposal, as it was given.
        problems: Why it is refused, or what a person has to decide.
        document: The document in which its words stand.
        fact: The record of the fact that it can become, without its document.
        terms: The records of the new terms that the fact needs.
        claim: The claim in words.
        locations: Where its words stand.
    """

    verdict: VerdictKind
    record: Record
    problems: tuple[Problem, ...] = ()
    document: str = ""
    fact: Mapping[str, Any] = field(default_factory=dict)
    terms: tuple[Mapping[str, Any], ...] = ()
    claim: str = ""
    locations: tuple[QuoteLocation, ...] = ()

    @property
    def is_acceptable(self) -> bool:
        """Whether a person may accept it."""
        return self.verdict != "refused" and bool(self.fact)

    @property
    def is_doubtful(self) -> bool:
        """Whether its words state the claim, but where they stand makes it doubtful."""
        return self.verdict == "needs a person" and {problem.code for problem in self.problems} == {"KB816"}

    @property
    def proposal_digest(self) -> str:
        """The digest of what was proposed, by whomever."""
        return store.digest_proposal(self.record)

    @property
    def claim_digest(self) -> str:
        """The digest of the claim with its qualifiers and sentences; empty if it cannot become a fact."""
        if not self.fact:
            return ""
        claim = {key: value for key, value in self.fact.items() if key != "evidence"}
        return store.digest([self.document, claim, sorted({piece["sentence"] for piece in self.fact["evidence"]})])


def check(kb: KnowledgeBase, proposal: Mapping[str, Any], texts: Iterable[str] = ()) -> Verdict:
    """Check one proposal against a knowledge base and its available texts.

    Args:
        kb: The knowledge base.
        proposal: The proposal, as ``proposal.schema.json`` describes it.
        texts: The texts that do not ship, as :func:`kb.texts.sources.parse_options` reads them.

    Raises:
        KbError: No text is available (KB445), or one cannot be read.
    """
    return Gate(kb, make_finder(kb, texts)).check(Record("proposal", proposal, Place("<proposal>")))


class Gate:
    """Checks proposals against a knowledge base and its indexed texts."""

    def __init__(self, kb: KnowledgeBase, finder: QuoteFinder) -> None:
        self.kb, self.finder = kb, finder
        self._cues = cues = Cues(kb.cues)
        self._resolver, self.filler = Resolver(kb, cues), Filler(kb, cues)

    def check(self, record: Record) -> Verdict:
        """Check a proposal; a refusal names the rule that it breaks."""
        if flaws := tuple(json_schema.check(record)):
            return Verdict("refused", record, flaws)
        if record.value.get("polarity") == AS_STATED:
            plain = {key: part for key, part in record.value.items() if key != "polarity"}
            verdicts = [self.check(replace(record, value=value)) for value in (plain, {**plain, "polarity": "negated"})]
            return replace(next((one for one in verdicts if one.is_acceptable), verdicts[0]), record=record)
        try:
            return self._check(record)
        except RefusalError as refusal:
            return Verdict(refusal.verdict, record, (refusal.problem,))

    def _search(self, record: Record) -> Verdict:
        """Look for a sentence that names the object of a claim without a quote, and states the claim."""
        document = self._resolver.find_document(record)
        for name, text in self.finder.texts.items():
            if document not in {"", name}:
                continue
            made = self._resolver.resolve(record, name)
            labels = list_names(made.kb.terms[made.parts["object"]]) if isinstance(made.parts["object"], str) else ()
            for sentence in text.document.sentences:
                if TokenisedSentence(read_sentence(text, sentence.id)).find(labels):
                    quote_ = {"words": text.extract(sentence).strip(), "sentence": sentence.id}
                    verdict = self.check(replace(record, value={**record.value, "document": name, "quote": [quote_]}))
                    if verdict.verdict == "ready":
                        return verdict
        message = "No sentence of the available texts is found that states the claim."
        raise RefusalError(Problem(record.place, "KB436", message, "Quote the sentence that states it."))

    def _check(self, record: Record) -> Verdict:
        if "quote" not in record.value:
            return self._search(record)
        given = record.value["quote"]
        quotes = [{"words": one} if isinstance(one, str) else one for one in (given if isinstance(given, list) else [given])]
        locations = tuple(self._locate(record, quotes))
        name, text = locations[0].document, self.finder.texts[locations[0].document]
        made = self._resolver.resolve(record, name)
        pieces = [self._make_piece(record, one, at, made) for one, at in zip(quotes, locations, strict=True)]
        fact, judged = self.filler.fill(text, made, pieces)
        parsed = resolve.parse_fact_value(fact, name)
        claim = word_fact(parsed, made.kb.terms, made.kb.predicates)
        verdict = Verdict("ready", record, (), name, fact, made.terms, claim, locations)
        if judged.findings:
            message = f"The words stand in {locations[0]}, but do not state the claim: {judged.findings[0].message}"
            problem = Problem(record.at("quote"), "KB437", message, "Propose what the sentence says, or quote another one.")
            return replace(verdict, verdict="refused", problems=(problem,))
        if flaws := [flaw._replace(place=record.place) for flaw in authoring.find_problems(made.kb, name, fact)]:
            return replace(verdict, verdict="refused", problems=tuple(flaws))
        doubts = [_report_doubt(record, doubt) for doubt in find_doubts(made.kb, self._cues, text, fact)]
        open_ = (*doubts, *_list_open(record, judged, made))
        is_doubtful = judged.verdict != "passed" or bool(doubts)
        kind: VerdictKind = "needs a person" if is_doubtful else "needs a term" if made.terms else "ready"
        return replace(verdict, verdict=kind, problems=open_)

    def _locate(self, record: Record, quotes: Iterable[Mapping[str, Any]]) -> Iterator[QuoteLocation]:
        """Find the words of a proposal, all in one document."""
        name = self._resolver.find_document(record)
        if name and name not in self.finder.texts:
            message = f"The text of {quote(name)} is not available."
            raise RefusalError(Problem(record.at("document"), "KB445", message, f"Name its file: --text {name}=PATH."))
        for piece in quotes:
            verdict = self._find(piece, name)
            if verdict.location is None:
                remedy = "Quote the text word for word, inside one sentence."
                message = f"{quote(piece['words'])}: {verdict.message}"
                raise RefusalError(Problem(record.at("quote"), REASONS[verdict.verdict], message, remedy))
            name = verdict.location.document
            yield verdict.location

    def _find(self, piece: Mapping[str, Any], document: str) -> QuoteVerdict:
        """Find a quote; of several places, take the one that its position or the words around it name."""
        verdict = self.finder.find(piece["words"], document, piece.get("sentence", ""))
        if verdict.verdict == "too-short" and document and "sentence" in piece:
            return self._find_whole(piece, document) or verdict
        if verdict.verdict != "ambiguous" or piece.keys().isdisjoint(("start", "before", "after")):
            return verdict
        named = [at for at in verdict.near if _is_named(at, self.finder.texts[at.document].text.words, piece)]
        return QuoteVerdict("found", named[0]) if len(named) == 1 else verdict

    def _find_whole(self, piece: Mapping[str, Any], document: str) -> QuoteVerdict | None:
        """Find a short sentence, such as an item of a list, that is named and quoted as a whole."""
        text, name = self.finder.texts[document], piece["sentence"]
        if name not in text.originals or normalise(text.originals[name]).text != normalise(piece["words"]).text:
            return None
        sentence = text.sentence(name)
        return None if sentence.is_heading else QuoteVerdict("found", text.location(sentence))

    def _make_piece(self, record: Record, given: Mapping[str, Any], at: QuoteLocation, made: Resolution) -> dict[str, Any]:
        """Make a piece of evidence of a quote and its place; declared words must have a word of a name of the term."""
        text = self.finder.texts[at.document]
        piece: dict[str, Any] = {"sentence": at.sentence}
        piece |= {key: given[key] for key in ("supports", "modality") if key in given}
        if len(text.extract(at).strip()) < len(text.extract(text.sentence(at.sentence)).strip()):
            piece |= {"start": at.start, "end": at.end}
        for part, wording in given.get("as", {}).items():
            term = made.kb.terms.get(str(made.parts.get(part)))
            if term is None or not self.filler.may_stand_for(wording, term, text):
                message = f"{quote(wording)} does not stand for the {part}: it has no word of its name."
                raise RefusalError(Problem(record.at("quote"), "KB446", message, "Add a name to the term, or leave it out."))
            piece.setdefault("as", {})[part] = wording
        return piece


def to_dict(verdict: Verdict) -> dict[str, Any]:
    """Convert a verdict to JSON values."""
    return {
        "verdict": verdict.verdict,
        "proposal": verdict.record.value,
        "document": verdict.document,
        "claim": verdict.claim,
        "fact": dict(verdict.fact),
        "terms": [dict(term) for term in verdict.terms],
        "problems": [problem.to_dict() for problem in verdict.problems],
    }


def _report_doubt(record: Record, doubt: str) -> Problem:
    return Problem(
        record.place, "KB816", f"The claim is doubtful: {doubt}.", "Read the sentence and what stands above it, and decide."
    )


def _list_open(record: Record, judged: Judgement, made: Resolution) -> Iterator[Problem]:
    """Yield what a person has to decide before a proposal that passed becomes a fact."""
    if judged.verdict != "passed":
        missing = ", ".join(part for part in _COMPARED if part not in judged.checked)
        message = f"The claim could not be compared with its sentence: no words are known for its {missing}."
        yield Problem(record.place, "KB813", message, "Read the sentence, and decide; or add cue words (cues.yaml).")
    for term in made.terms:
        candidate = f" A candidate for a mapping is {term['match']}." if "match" in term else ""
        message = f"{quote(term['label'])} is no term yet: {term['id']} ({term['kind']}).{candidate}"
        yield Problem(record.place, "KB301", message, "Accept it with the fact, or use another term.")


def _is_named(at: QuoteLocation, words: str, piece: Mapping[str, Any]) -> bool:
    """Return whether a place is the one that a tool means, which counts in code points, UTF-16 units or bytes."""
    before, after = normalise(piece.get("before", "")).text, normalise(piece.get("after", "")).text
    around, head = 4 * max(len(before), len(after)) + 8, words[: at.start]
    if before and not normalise(head[-around:]).text.endswith(before):
        return False
    if after and not normalise(words[at.end : at.end + around]).text.startswith(after):
        return False
    return "start" not in piece or piece["start"] in {at.start, len(head.encode("utf-16-le")) // 2, len(head.encode("utf-8"))}
