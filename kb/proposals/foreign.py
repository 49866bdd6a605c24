"""Check the excerpts in other people's YAML or JSON against the texts that they name, by the rules of the gate.

A map says by which keys their records give an excerpt, its reference and the claim; or it is a LinkML schema, whose slots say
so with ``implements``. Receipts hold digests and positions of what was accepted, so that a later run needs no text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from kb.files import boundary
from kb.metadata import BiolinkProfile, Dataset
from kb.model import Document, Evidence, Fact, KnowledgeBase, Predicate, Record, Sentence, Term
from kb.problems import KbError, Place, Problem, fail, quote
from kb.records import folder
from kb.schema.vocabulary import RULES
from kb.texts import normal_form, sentence_splitter
from kb.texts.indexed_text import IndexedText, QuoteLocation, QuoteVerdict
from kb.texts.normalisation import LEAST_WORDS, normalise
from kb.texts.quotes import REASONS, QuoteFinder
from kb.verification.claims import Judge
from kb.verification.fact_reading import CLAIM

_IMPLEMENTS = {"excerpt": "excerpt", "authoritative_reference": "reference"}
_NOT_NAME = re.compile(r"[^A-Za-z0-9]+")
_STATES = "states"
_DATASET = Dataset("foreign", "", "", "", "https://example.org/", "", "en", "", (), {})


@dataclass(frozen=True, slots=True)
class RecordMap:
    """By which keys records give what is checked.

    Args:
        excerpt, reference: The keys of the quote, and of the id of its text, in one mapping.
        subject, object: The keys of the words for both ends of the claim, in the mappings around it, the nearest first.
        sentence: The key of the number of the sentence, if they give it.
        stance, denied, ignored: The key that says how the excerpt bears on the claim, its values for a denial, and those that
            claim nothing.
        language: The language of the texts.
    """

    excerpt: str = "excerpt"
    reference: str = "reference"
    subject: tuple[str, ...] = ()
    object: tuple[str, ...] = ()
    sentence: str = "sentence"
    stance: str = ""
    denied: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A quote of a foreign record, with its reference, the claim that it is given for, and where it stands in the file."""

    words: str
    reference: str
    place: Place
    sentence: str = ""
    subject: str = ""
    object: str = ""
    is_denied: bool = False

    @property
    def key(self) -> str:
        """What a receipt is for: the digest of the quote, its reference and the claim."""
        parts = (self.words, self.reference, self.sentence, self.subject, self.object, str(self.is_denied))
        return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(slots=True)
class GateRun:
    """The result of a run: the number of excerpts, their problems, and a receipt for each that was accepted."""

    count: int = 0
    problems: list[Problem] = field(default_factory=list)
    receipts: list[dict[str, Any]] = field(default_factory=list)


def read_map(path: Path) -> RecordMap:
    """Read a map, or derive it from a LinkML schema.

    Raises:
        KbError: It cannot be read, or has other keys (KB202).
    """
    value = next(iter(folder.read_file(path, "kb"))).value
    value = value if isinstance(value, dict) else {}
    if "slots" in value or "classes" in value:
        value = dict(_derive(value))
    known = RecordMap.__slots__
    if unknown := sorted(set(value) - set(known)):
        raise fail("KB202", f"A map cannot have {quote(unknown[0])}.", f"It can have: {', '.join(known)}.", str(path))
    texts = {"excerpt", "reference", "sentence", "stance", "language"}
    parts: dict[str, Any] = {key: str(part) if key in texts else _list(part) for key, part in value.items()}
    return RecordMap(**parts)


def _list(value: Any) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else (str(value),)


def _derive(schema: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the keys that the slots of a LinkML schema give to excerpts and references."""
    classes = [one for one in (schema.get("classes") or {}).values() if isinstance(one, dict)]
    for slots in (schema.get("slots") or {}, *(one.get("attributes") or {} for one in classes)):
        for name, slot in slots.items():
            for implemented in (slot or {}).get("implements") or ():
                if role := _IMPLEMENTS.get(str(implemented).rpartition(":")[2]):
                    yield role, name


def list_excerpts(record: Record, keys: RecordMap) -> Iterator[Excerpt]:
    """Yield the excerpts of a record, at any depth, with the claim of the mappings around each."""

    def walk(value: Any, path: tuple[str | int, ...], around: tuple[Mapping[str, Any], ...]) -> Iterator[Excerpt]:
        if isinstance(value, list):
            for index, item in enumerate(value):
                yield from walk(item, (*path, index), around)
        elif isinstance(value, dict):
            words, stance = value.get(keys.excerpt), str(value.get(keys.stance, ""))
            if isinstance(words, str) and keys.reference in value:
                place, reference = record.at(*path, keys.excerpt), str(value[keys.reference])
                sentence = str(value.get(keys.sentence, ""))
                ends = ("", "") if stance in keys.ignored else (_find(keys.subject, around[::-1]), _find(keys.object, around))
                yield Excerpt(words, reference, place, sentence, *ends, stance in keys.denied)
            for key, item in value.items():
                yield from walk(item, (*path, key), (value, *around))

    yield from walk(record.value, (), ())


def _find(names: Iterable[str], around: Iterable[Mapping[str, Any]]) -> str:
    found = (str(value[name]) for value in around for name in names if isinstance(value.get(name), str))
    return next(found, "")


class ExcerptGate:
    """Checks excerpts against a folder of texts, which are named after their references."""

    def __init__(self, texts: Path, language: str = "en") -> None:
        self._language = language
        suffixes = tuple(normal_form.MEDIATYPES)
        files = [entry.name for entry in boundary.list_folder(texts) if entry.name.lower().endswith(suffixes)]
        self._paths = {_name(name.rpartition(".")[0]): texts / name for name in files}
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
        judge = self._make_judge([excerpt for excerpt, _ in claims])
        for excerpt, location in claims:
            if finding := self._judge_claim(judge, excerpt, location):
                message = f"{quote(excerpt.words)} stands in {location} and does not state the claim: {finding}"
                run.problems.append(Problem(excerpt.place, "KB437", message, "Quote the sentence that states it."))
            else:
                run.receipts.append(self._make_receipt(excerpt, location))
        return run

    def _find(self, excerpt: Excerpt, problems: list[Problem]) -> QuoteLocation | None:
        name = _name(excerpt.reference)
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
        """Make a judge that knows the words of all claims as terms."""
        words = dict.fromkeys(word for excerpt in excerpts for word in (excerpt.subject, excerpt.object) if word)
        terms = {word: Term(word, "concept", word, "") for word in words}
        documents = {name: text.document for name, text in self._texts.items()}
        predicate = Predicate(_STATES, _STATES, "", ("concept",), ("concept",))
        return Judge(KnowledgeBase(Path(), _DATASET, documents, terms, {_STATES: predicate}, (), (), (), BiolinkProfile()))

    def _judge_claim(self, judge: Judge, excerpt: Excerpt, location: QuoteLocation) -> str:
        """Return why a sentence does not state a claim; its relation and its hedges are not known."""
        text, ends = self._texts[location.document], (excerpt.subject or excerpt.object, excerpt.object or excerpt.subject)
        qualifiers = {"modality": "is", **({"polarity": "negated"} if excerpt.is_denied else {})}
        piece = Evidence(location.sentence, location.sentence, (CLAIM, *qualifiers))
        fact = Fact("", location.document, ends[0], _STATES, ends[1], qualifiers, (piece,))
        findings = judge.judge(fact, text.originals, text.contexts).findings
        return next((finding.message for finding in findings if finding.kind not in {"relation", "hedge", "restriction"}), "")

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


def read_excerpts(files: Iterable[Path], keys: RecordMap, problems: list[Problem]) -> Iterator[Excerpt]:
    """Yield the excerpts of files; append the problems of what cannot be read."""
    for path in files:
        try:
            for record in folder.read_file(path, "foreign"):
                yield from list_excerpts(record, keys)
        except KbError as error:
            problems.extend(error.problems)
        except OSError as error:
            problems.extend(boundary.unreadable_error(error, str(path)).problems)


def _name(reference: str) -> str:
    return _NOT_NAME.sub("-", reference).strip("-").lower()
