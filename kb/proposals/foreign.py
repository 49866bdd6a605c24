"""Check the excerpts in other people's YAML or JSON against the texts that they name, by the rules of the gate.

Receipts hold digests and positions of what was accepted, so that a later run needs no text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kb.document_parts import Sentence
from kb.files import boundary
from kb.metadata import BiolinkProfile, Dataset
from kb.model import Document, Evidence, Fact, KnowledgeBase, Predicate, Term
from kb.problems import Problem, quote
from kb.proposals.foreign_records import Excerpt, make_slug
from kb.schema import vocabulary
from kb.schema.vocabulary import RULES
from kb.texts import normal_form, sentence_splitter
from kb.texts.indexed_text import IndexedText, QuoteLocation, QuoteVerdict
from kb.texts.normalisation import LEAST_WORDS, normalise
from kb.texts.quotes import REASONS, QuoteFinder
from kb.verification.claims import Judge
from kb.verification.cues import Cues
from kb.verification.fact_reading import CLAIM

_STATES = Predicate("states", "states", "", ("concept",), ("concept",))
_MODALITY = "modality"
_DATASET = Dataset("foreign", "", "", "", "https://example.org/", "", "en", "", (), {})


@dataclass(slots=True)
class GateRun:
    """The result of a run: the number of excerpts, relations without known words, problems, and a receipt for each accepted."""

    count: int = 0
    unknown: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    receipts: list[dict[str, Any]] = field(default_factory=list)


class ExcerptGate:
    """Checks excerpts against a folder of texts, which are named after their references."""

    def __init__(self, texts: Path, language: str = "en") -> None:
        self._language = language
        suffixes = tuple(normal_form.MEDIATYPES)
        files = [entry.name for entry in boundary.list_folder(texts) if entry.name.lower().endswith(suffixes)]
        self._paths = {make_slug(name.rpartition(".")[0]): texts / name for name in files}
        self._texts: dict[str, IndexedText] = {}

    def check(self, excerpts: Iterable[Excerpt]) -> GateRun:
        """Check excerpts: their words, and the claims that they are given for."""
        run, claims = GateRun(), list[tuple[Excerpt, QuoteLocation]]()
        for excerpt in excerpts:
            run.count += 1
            location = self._find(excerpt, run.problems)
            if location and (excerpt.subject or excerpt.object):
                claims.append((excerpt, location))
            elif location:
                run.receipts.append(self._make_receipt(excerpt, location))
        judge, cues = self._make_judge([excerpt for excerpt, _ in claims]), Cues()
        related = [excerpt for excerpt, _ in claims if excerpt.predicate]
        run.unknown = {one.predicate for one in related if not cues.relation(_make_predicate(one), self._language)}
        for excerpt, location in claims:
            if finding := self._judge_claim(judge, excerpt, location):
                message = f"{quote(excerpt.words)} stands in {location} and does not state the claim: {finding}"
                run.problems.append(Problem(excerpt.place, "KB437", message, "Quote the sentence that states it."))
            else:
                run.receipts.append(self._make_receipt(excerpt, location))
        return run

    def _find(self, excerpt: Excerpt, problems: list[Problem]) -> QuoteLocation | None:
        name = make_slug(excerpt.reference)
        if name not in self._paths:
            message, remedy = f"There is no text for {quote(excerpt.reference)}.", f"Name a file after it: {name}.txt."
            problems.append(Problem(excerpt.place, "KB445", message, remedy))
            return None
        verdict = QuoteFinder({name: self._load(name)}).find(excerpt.words, name, excerpt.sentence)
        if verdict.location is None and (other := self._find_elsewhere(excerpt, name)):
            verdict = QuoteVerdict("other-document", None, f"It stands in another document: {other}.")
        if verdict.location is None:
            message = f"{quote(excerpt.words)}: {verdict.message}"
            problems.append(Problem(excerpt.place, REASONS[verdict.verdict], message, "Quote the text word for word."))
        return verdict.location

    def _find_elsewhere(self, excerpt: Excerpt, own: str) -> QuoteLocation | None:
        """Return where the words stand in another text, if they do."""
        normal = normalise(excerpt.words).text
        if len(normal.split()) < LEAST_WORDS:
            return None
        found = (at for name in self._paths if name != own for _, at in self._load(name).occurrences(normal))
        return next(found, None)

    def _load(self, name: str) -> IndexedText:
        """Read and index a text when it is first needed."""
        if name not in self._texts:
            text = normal_form.read(self._paths[name])
            words, spans = text.words, sentence_splitter.split(text)
            sentences = tuple(
                Sentence(one.id, one.start, one.end, normal_form.digest(words[one.start : one.end])) for one in spans
            )
            parts = (name, self._language, "", "held-elsewhere", text.sha256, text.bytes, len(words), sentences)
            self._texts[name] = IndexedText(Document(name, *parts), text)
        return self._texts[name]

    def _make_judge(self, excerpts: Iterable[Excerpt]) -> Judge:
        """Make a judge that knows the words of all claims as terms and predicates."""
        words = dict.fromkeys(word for excerpt in excerpts for word in (excerpt.subject, excerpt.object) if word)
        terms = {word: Term(word, "concept", word, "") for word in words}
        documents = {name: text.document for name, text in self._texts.items()}
        relations = {_STATES.id: _STATES} | {one.id: one for one in map(_make_predicate, excerpts)}
        return Judge(KnowledgeBase(Path(), _DATASET, documents, terms, relations, (), (), (), BiolinkProfile()))

    def _judge_claim(self, judge: Judge, excerpt: Excerpt, location: QuoteLocation) -> str:
        """Return why a sentence does not state a claim; its relation and its hedge are compared if the record names them."""
        text, ends = self._texts[location.document], (excerpt.subject or excerpt.object, excerpt.object or excerpt.subject)
        hedge, open_ = dict(excerpt.qualifiers).get(_MODALITY, ""), {"hedge", "restriction"}
        if hedge and hedge not in vocabulary.values(_MODALITY):
            return f"it cannot be {quote(hedge)}; certainty is one of {', '.join(vocabulary.values(_MODALITY))}."
        is_related = bool(excerpt.predicate and excerpt.subject and excerpt.object)
        predicate = _make_predicate(excerpt) if is_related else _STATES
        qualifiers = {_MODALITY: hedge or "is", **({"polarity": "negated"} if excerpt.is_denied else {})}
        piece = Evidence(location.sentence, location.sentence, (CLAIM, *qualifiers))
        fact = Fact("", location.document, ends[0], predicate.id, ends[1], qualifiers, (piece,))
        findings = judge.judge(fact, text.originals, text.contexts).findings
        open_ -= {"hedge"} if hedge else set()
        open_ |= set() if is_related else {"relation"}
        unknown = () if hedge else (_MODALITY,)
        return next((one.message for one in findings if one.kind not in open_ and one.part not in unknown), "")

    def _make_receipt(self, excerpt: Excerpt, location: QuoteLocation) -> dict[str, Any]:
        text = self._texts[location.document].text.sha256
        positions = {"sentence": location.sentence, "start": location.start, "end": location.end}
        return {"quote": excerpt.key, "reference": excerpt.reference, "text": text, **positions, "rules": RULES}


def check_receipts(excerpts: Iterable[Excerpt], receipts: Iterable[Mapping[str, Any]]) -> GateRun:
    """Check that a run with the texts accepted the same excerpts, by the same rules."""
    run, known = GateRun(), {receipt.get("quote"): receipt for receipt in receipts if receipt.get("rules") == RULES}
    for excerpt in excerpts:
        run.count += 1
        if excerpt.key not in known:
            message = f"{quote(excerpt.words)} has no receipt for this reference and claim."
            run.problems.append(Problem(excerpt.place, "KB445", message, "Run 'kb gate --texts DIR --receipts FILE'."))
    return run


def _make_predicate(excerpt: Excerpt) -> Predicate:
    """Make a predicate of the words of a record, which may be those of a predicate with known cue words."""
    return _STATES._replace(id=make_slug(excerpt.predicate), label=excerpt.predicate) if excerpt.predicate else _STATES
