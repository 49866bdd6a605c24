"""``kb verify``: compare every document, sentence, fact and qualifier with the texts, count them, and write what is asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from kb import pipeline
from kb.checks.document_checks import report_other_file
from kb.files import text_file
from kb.files.journal import Pieces, encode
from kb.model import Document, Fact, KnowledgeBase, Record
from kb.problems import Place, Problem, collect, exit_code, quote
from kb.records.folder import lock_records
from kb.texts import sources
from kb.texts.normal_form import Text, read
from kb.texts.structure import find_contexts
from kb.verification import result_files
from kb.verification.cell_evidence import Contexts, Words, point_at_cells
from kb.verification.claims import Judge, Judgement
from kb.verification.cues import Cues
from kb.verification.drift import Comparison, compare, cuts_word
from kb.verification.fact_reading import CLAIM, Finding
from kb.verification.text_updates import FactIndex, describe_new, plan_updates

_CODES = {
    "missing": "KB442",
    "negation": "KB443",
    "hedge": "KB444",
    "wording": "KB446",
    "relation": "KB449",
    "restriction": "KB450",
}
_KINDS = ("documents", "sentences", "facts", "qualifiers")


@dataclass(slots=True)
class Count:
    """How many of a kind were checked, were skipped because no text is available, and failed; a failure counts as checked."""

    checked: int = 0
    skipped: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class VerificationRun:
    """The result of a run: the counts by kind, and all problems, sorted.

    The comparisons are those of the documents whose text is available, by id. The judgements are those of the facts whose
    sentences were found, by path. ``left_out`` is the number of problems for which records or texts were not verified. Written
    are files; stale are the facts whose recorded result is out of date; added are the new sentences. ``uncompared`` says for
    which predicates facts could not be checked.
    """

    counts: Mapping[str, Count]
    problems: Sequence[Problem]
    comparisons: Mapping[str, Comparison]
    judgements: Mapping[str, Judgement]
    texts: Mapping[str, Text]
    left_out: int = 0
    written: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    uncompared: tuple[str, ...] = ()

    @property
    def exit(self) -> int:
        """The exit code: 1 if something was left out."""
        return 1 if self.left_out else exit_code(self.problems)

    @property
    def summary(self) -> str:
        """The counts in one sentence."""
        counts = (f"{checked} {kind} ({skipped} skipped, {failed} failed)" for kind, checked, skipped, failed in self.rows())
        return f"Verified {', '.join(counts)}."

    def rows(self) -> Iterator[list[str]]:
        """Yield the rows of the table of counts."""
        return ([kind, str(count.checked), str(count.skipped), str(count.failed)] for kind, count in self.counts.items())


def verify(
    content: Path,
    given: Iterable[str] = (),
    was: Iterable[str] = (),
    *,
    accept: Collection[str] | None = None,
    record: bool = False,
) -> VerificationRun:
    """Verify what is sound of a knowledge base; after a change of its records, verify it again.

    Args:
        content: The folder that holds ``kb.yaml``.
        given: The texts that the user names; see :func:`kb.texts.sources.parse_options`.
        was: The texts that the records were made from, where other texts are given.
        accept: The sentences whose proposals are accepted. If given, the positions of these, and of sentences that moved, are
            written.
        record: Whether to record the results.

    Raises:
        KbError: Nothing of the knowledge base can be read, or a file cannot be written.
    """
    is_writing = record or accept is not None
    with lock_records(content) if is_writing else nullcontext() as write_records:
        kb, faults = pipeline.load_sound(content, with_texts=False)
        unread: list[Problem] = []
        paths = sources.parse_options(given, kb.documents)
        texts = sources.read_texts(kb.documents.values(), kb.folder, paths, unread)
        run = verify_records(kb, texts, find_earlier_texts(kb, texts, paths, sources.parse_options(was, kb.documents)), paths)
        contents: dict[Path, Pieces] = {}
        before = {(name, sentence.id) for name, document in kb.documents.items() for sentence in document.sentences}
        if accept is not None:
            contents, left = plan_updates(kb, run.comparisons, texts, paths, accept)
            unread += left
            if contents:
                with text_file.read_planned({path: b"".join(encode(pieces)) for path, pieces in contents.items()}):
                    kb, faults = pipeline.load_sound(content, with_texts=False)
                run = verify_records(kb, texts, given=paths)
        now = ((name, sentence.id) for name, document in kb.documents.items() for sentence in document.sentences)
        written = sorted(map(str, contents))
        if record:
            kb, results = result_files.plan_results(kb, run.comparisons, run.judgements)
            written += sorted(map(str, results))
            contents |= results
        if write_records:
            write_records(contents)
        return replace(
            run,
            problems=collect([*faults, *unread, *run.problems]),
            left_out=len(faults) + len(unread),
            written=tuple(written),
            stale=tuple(result_files.find_outdated(kb)),
            added=tuple(":".join(pair) for pair in now if pair not in before),
            uncompared=tuple(describe_uncompared(kb, kb.facts)),
        )


def describe_uncompared(kb: KnowledgeBase, facts: Iterable[Fact]) -> Iterator[str]:
    """Yield for which predicates facts are not checked, since there are no words for them in the language of the document."""
    cues = Cues(kb.cues)
    counts = Counter((fact.predicate, kb.documents[fact.document].language) for fact in facts if fact.document in kb.documents)
    for (name, language), count in sorted(counts.items()):
        if not cues.relation(kb.predicates[name], language):
            yield f"{quote(name)} has no words in '{language}': {count} facts are not checked. Add its words to cues.yaml."


def verify_records(
    kb: KnowledgeBase, texts: Mapping[str, Text], earlier: Mapping[str, Text] | None = None, given: Collection[str] = ()
) -> VerificationRun:
    """Compare a knowledge base, whose records may have been made from other texts, with the available texts by document.

    The texts of :func:`find_earlier_texts` make comparisons more precise. The texts of ``given`` documents are not those
    that ship.
    """
    counts = {kind: Count() for kind in _KINDS}
    problems: list[Problem] = []
    comparisons: dict[str, Comparison] = {}
    covered = kb.covered()
    for name, document in kb.documents.items():
        text = texts.get(name)
        if text is None:
            counts["documents"].skipped += 1
            counts["sentences"].skipped += len(document.sentences)
            continue
        compared = comparisons[name] = compare(document, text, (earlier or {}).get(name))
        other = list(_text_problems(document, text, compared, is_shipped=document.text == sources.SHIPPED and name not in given))
        _add(counts["documents"], 1, failed=bool(other))
        problems.extend(other)
        drifted = list(_drift_problems(document, compared, covered.get(name, {})))
        _add(counts["sentences"], len(compared.drifts), failed=len(drifted))
        problems += [*drifted, *describe_new(document, text, compared.new)]
    judgements = _judge_facts(kb, texts, comparisons, counts, problems)
    if not comparisons:
        message = f"None of {len(kb.documents)} documents has an available text: nothing was verified."
        problems.append(Problem(Place(str(kb.folder)), "KB445", message, "Name files with --text ID=PATH, or a folder of them."))
    elif not counts["facts"].checked:
        message = f"None of {len(kb.facts)} facts was compared with its sentences."
        remedy = "Add facts ('kb fact add'), name the texts of their documents with --text, or add cue words (cues.yaml)."
        problems.append(Problem(Place(str(kb.folder)), "KB445", message, remedy))
    return VerificationRun(counts, collect(problems), comparisons, judgements, texts)


def _add(count: Count, checked: int, *, failed: int, skipped: int = 0) -> None:
    count.checked, count.failed, count.skipped = count.checked + checked, count.failed + failed, count.skipped + skipped


def check_available(
    kb: KnowledgeBase, facts: Iterable[Fact] | None = None, paths: Mapping[str, Path] | None = None
) -> list[Problem]:
    """Hold facts, by default all, against the texts that ship or that the user names; facts of other documents are left out.

    Raises:
        KbError: A text cannot be read.
    """
    chosen = kb.facts if facts is None else tuple(facts)
    named = {fact.document for fact in chosen}
    documents = {name: document for name, document in kb.documents.items() if name in named}
    given = {name: path for name, path in (paths or {}).items() if name in documents}
    texts = sources.read_texts(documents.values(), kb.folder, given)
    held = kb._replace(
        documents={name: document for name, document in documents.items() if name in texts},
        facts=tuple(fact for fact in chosen if fact.document in texts),
    )
    return list(verify_records(held, texts, given=given).problems) if texts else []


def find_earlier_texts(
    kb: KnowledgeBase, texts: Mapping[str, Text], paths: Mapping[str, Path], earlier_paths: Mapping[str, Path]
) -> dict[str, Text]:
    """Return the text that the record of each changed document was made from, where it is available.

    It is the text that ships, if the user names another file for that document, or a file that the user names for it.

    Raises:
        KbError: A file cannot be read.
    """
    earlier: dict[str, Text] = {}
    for name, document in kb.documents.items():
        if name not in texts or sources.is_text_of(document, texts[name]):
            continue
        candidates = []
        if document.text == sources.SHIPPED and name in paths:
            candidates.append(sources.read_shipped(document, kb.folder))
        if name in earlier_paths:
            candidates.append(read(earlier_paths[name], document.mediatype))
        if text := next((text for text in candidates if sources.is_text_of(document, text)), None):
            earlier[name] = text
    return earlier


def _summarise(compared: Comparison) -> str:
    moved = sum(drift.what == "moved" for drift in compared.drifts)
    changed = sum(not drift.is_exact for drift in compared.drifts)
    return f"{moved} sentences moved, {changed} changed, {len(compared.new)} are new; 'kb verify --write' updates the record."


def _place(record: Record | None, *path: str | int) -> Place:
    return record.at(*path) if record else Place("kb")


def _text_problems(document: Document, text: Text, compared: Comparison, *, is_shipped: bool) -> Iterator[Problem]:
    """Report a text that is not that of its record, and a shipped file that has other bytes."""
    place = _place(document.record, "sha256")
    if not sources.is_text_of(document, text):
        message = f"This text is not the one that the record of {quote(document.id)} was made from."
        yield Problem(place, "KB414", message, _summarise(compared))
    elif is_shipped and text.sha256 != document.sha256:
        yield report_other_file(document)


def _drift_problems(document: Document, compared: Comparison, facts: FactIndex) -> Iterator[Problem]:
    for index, drift in enumerate(compared.drifts):
        if drift.what != "same":
            similarity = "" if drift.similarity is None else f" (similarity {drift.similarity:.0f} of 100)"
            spans = " and ".join(f"{start}-{end}" for start, end in drift.spans)
            message, remedy = _DRIFT_MESSAGES[drift.what]
            message = message.format(name=drift.sentence.id, spans=spans, similarity=similarity)
            concerned = [] if drift.is_exact else [_name_fact(fact) for fact in facts.get(drift.sentence.id, ())]
            message += f" On it rest: {', '.join(concerned)}." if concerned else ""
            if not concerned and not drift.sentence.is_heading:
                remedy = _FREE_REMEDIES.get(drift.what, remedy)
            remedy = remedy.format(accept=f"'--accept {drift.sentence.id}'")
            yield Problem(_place(document.record, "sentences", index), "KB441", message, remedy)


# What became of a sentence, and what a curator can do about it.
_DRIFT_MESSAGES = {
    "moved": ("{name} moved to {spans}.", "'kb verify --write' updates its position."),
    "unlike": (
        "The text from {spans} does not have the digest of {name}.",
        "If you moved its boundary, 'kb verify --write' with {accept} updates the digest.",
    ),
    "changed": (
        "{name} changed; {spans} stands in its place{similarity}.",
        "Read it; if its facts still hold, accept it: --write with {accept}.",
    ),
    "split": ("{name} was split into {spans}{similarity}.", "Read them; --write with {accept} accepts the whole stretch."),
    "merged": (
        "{name} was merged with another: {spans}{similarity}.",
        "Read it; --write with {accept} accepts the passage.",
    ),
    "vanished": ("{name} is no longer in the text.", "Remove the sentence and the evidence that names it."),
}
# The same for a sentence on which no fact rests.
_AS_NEW = "--write makes a new, undecided sentence of what stands there; with {accept} it keeps the id and the exemption."
_FREE_REMEDIES = {
    **dict.fromkeys(("changed", "split", "merged"), _AS_NEW),
    "vanished": "--write removes it.",
}


def _judge_facts(
    kb: KnowledgeBase,
    texts: Mapping[str, Text],
    comparisons: Mapping[str, Comparison],
    counts: dict[str, Count],
    problems: list[Problem],
) -> dict[str, Judgement]:
    """Judge every fact by its unchanged sentences; add to the counts and problems."""
    judgements: dict[str, Judgement] = {}
    unchanged: Words = {}
    contexts: Contexts = {}
    for name, compared in comparisons.items():
        placed = [
            drift.sentence._replace(start=drift.spans[0][0], end=drift.spans[0][1]) for drift in compared.drifts if drift.is_exact
        ]
        unchanged[name] = {sentence.id: texts[name].words[sentence.start : sentence.end] for sentence in placed}
        contexts[name] = dict(find_contexts(sorted(placed, key=lambda sentence: sentence.start), texts[name]))
    pointed = point_at_cells(kb, texts, unchanged, contexts)
    judge = Judge(pointed)
    for fact, pointed_fact in zip(kb.facts, pointed.facts, strict=True):
        if fact.document not in unchanged:
            counts["facts"].skipped += 1
            counts["qualifiers"].skipped += len(fact.qualifiers)
            continue
        sentences = unchanged[fact.document]
        judged = judge.judge(pointed_fact, sentences, contexts[fact.document])
        judged = replace(judged, findings=(*judged.findings, *_check_spans(fact, kb.documents[fact.document], sentences)))
        has_lost_sentence = any(name not in sentences for name in fact.sentences)
        is_compared = has_lost_sentence or judged.verdict != "not-checked"
        _add(counts["facts"], int(is_compared), failed=bool(judged.findings) or has_lost_sentence, skipped=not is_compared)
        checked, failed = (len(fact.qualifiers.keys() & set(parts)) for parts in (judged.checked, judged.failed))
        _add(counts["qualifiers"], checked, failed=failed, skipped=len(fact.qualifiers) - checked)
        if not has_lost_sentence:
            judgements[fact.path] = judged
        problems.extend(_problem(fact, finding) for finding in judged.findings)
    return judgements


def _check_spans(fact: Fact, document: Document, sentences: Mapping[str, str]) -> Iterator[Finding]:
    """Check that each span of evidence that is inside its sentence starts and ends between words."""
    by_id = {sentence.id: sentence for sentence in document.sentences}
    for at, piece in enumerate(fact.evidence):
        if piece.start is None or piece.end is None or piece.sentence not in sentences:
            continue
        sentence, words = by_id[piece.sentence], sentences[piece.sentence]
        start, end = piece.start - sentence.start, piece.end - sentence.start
        if 0 <= start < end <= len(words) and cuts_word(words, start, end):
            message = f"{piece.start}-{piece.end} is not a stretch of whole words of {piece.sentence}."
            yield Finding("wording", CLAIM, at, message, "Let 'kb cite' find the span.")


def _problem(fact: Fact, finding: Finding) -> Problem:
    path: tuple[str | int, ...] = ("evidence",) if finding.piece < 0 else ("evidence", finding.piece)
    return Problem(_place(fact.record, *path), _CODES[finding.kind], f"{_name_fact(fact)}: {finding.message}", finding.remedy)


def _name_fact(fact: Fact) -> str:
    return fact.path.removeprefix("fact/").partition("/")[2]


def to_dict(run: VerificationRun) -> dict[str, Any]:
    """Convert a run to JSON values."""
    return {
        "counts": {kind: asdict(count) for kind, count in run.counts.items()},
        "drift": [
            {
                "document": name,
                "sentence": drift.sentence.id,
                "what": drift.what,
                "was": [drift.sentence.start, drift.sentence.end],
                "proposed": [list(span) for span in drift.spans],
                "likeness": drift.similarity,
            }
            for name, compared in run.comparisons.items()
            for drift in compared.drifts
            if drift.what != "same"
        ],
        "facts": [
            {
                "fact": path,
                "verdict": judged.verdict,
                "checked": list(judged.checked),
                "unchecked": list(judged.skipped),
                "by topic": list(judged.by_topic),
            }
            for path, judged in run.judgements.items()
        ],
        "new": [[name, *span] for name, compared in run.comparisons.items() for span in compared.new],
        "problems": [problem.to_dict() for problem in run.problems],
        "written": list(run.written),
        "added": list(run.added),
        "stale": list(run.stale),
        "not compared": list(run.uncompared),
    }
