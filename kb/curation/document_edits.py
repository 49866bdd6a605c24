"""Correct the sentences of documents, and remove and rename documents; facts follow, and the rest of the files stays."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kb import pipeline
from kb.curation.record_edits import keep_form
from kb.files import boundary, text_file
from kb.model import Document, Evidence, Fact, KnowledgeBase, Record
from kb.problems import KbError, fail, quote
from kb.records import resolve
from kb.records.folder import lock_records
from kb.texts import sources
from kb.texts.normal_form import Text, digest
from kb.verification import verify
from kb.verification.sentence_edits import RecordEdits

Entry = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Correction:
    """A document that is being corrected, with its record, the entries of its sentences, and its facts."""

    document: Document
    record: Record
    entries: list[Entry]
    kb: KnowledgeBase
    texts: Mapping[str, Text]
    edits: RecordEdits

    @property
    def words(self) -> str:
        """The normal form of the document, or nothing if it is not at hand."""
        return self.texts[self.document.id].words if self.texts else ""

    def select(self, ranges: Iterable[str]) -> list[int]:
        """Return the indexes of sentences, given as ``s4.14`` or ``s4.14-s4.20``.

        Raises:
            KbError: One is unknown (KB304).
        """
        index = {entry["id"]: at for at, entry in enumerate(self.entries)}
        chosen: dict[int, None] = {}
        for item in ranges:
            first, _, last = item.partition("-")
            if index.get(first, len(index)) > index.get(last or first, -1):
                message = f"{quote(item)} names no sentences of {quote(self.document.id)}."
                raise fail("KB304", message, "Write s4.14, or s4.14-s4.20; 'kb document show' lists them.")
            chosen |= dict.fromkeys(range(index[first], index[last or first] + 1))
        return list(chosen)

    def place(self, start: int, end: int) -> Entry:
        """Return position and digest of a span."""
        if not self.words:
            raise fail("KB445", f"The text of {quote(self.document.id)} is not available.", "Name its file with --text.")
        return {"start": start, "end": end, "sha256": digest(self.words[start:end])}

    def name_evidence(self, old: str, new: str, moves: Callable[[Fact, Evidence], bool] = lambda *_: True) -> None:
        """Let evidence of a sentence name another one; ``moves`` chooses which."""
        for fact in self.kb.facts:
            for at, piece in enumerate(fact.evidence):
                if fact.record and piece.sentence == old and moves(fact, piece):
                    self.edits.set_value(fact.record.at("evidence", at, "sentence"), old, new)

    def find_claims(self, old: str, new: str) -> frozenset[str]:
        """Find the facts with evidence of a whole sentence which only its second part states, by their paths."""
        record = Record("document", {**self.record.value, "sentences": self.entries}, self.record.place)
        names: dict[tuple[str, int | None], str] = {(old, None): new}
        facts = tuple(fact for fact in self.kb.facts if any((one.sentence, one.start) in names for one in fact.evidence))
        kb = self.kb._replace(documents={self.document.id: resolve.parse_document(record)}, facts=facts)
        moved = tuple(
            fact._replace(
                evidence=tuple(one._replace(sentence=names.get((one.sentence, one.start), one.sentence)) for one in fact.evidence)
            )
            for fact in facts
        )
        return find_unstated(kb, self.texts) - find_unstated(kb._replace(facts=moved), self.texts)


def find_unstated(kb: KnowledgeBase, texts: Mapping[str, Text]) -> frozenset[str]:
    """Return the facts that their sentences do not state, by their paths."""
    return frozenset(path for path, judged in verify.verify_records(kb, texts).judgements.items() if judged.findings)


def split(content: Path, name: str, sentence: str, before: str, given: Iterable[str] = ()) -> list[str]:
    """Split a sentence before some of its words; the second part gets the next free number of its section.

    Evidence of the whole sentence names the part that states its fact.

    Returns:
        What was done, in lines.

    Raises:
        KbError: The words do not stand in the sentence exactly once (KB419), the text is not available (KB445), or the
            result would have problems, such as a fact that its sentences no longer state; nothing is written.
    """

    def change(one: _Correction) -> Iterator[str]:
        at = one.select([sentence])[0]
        entry = one.entries[at]
        one.place(entry["start"], entry["end"])
        text = one.words[entry["start"] : entry["end"]]
        if text.count(before) != 1 or not text.partition(before)[0].strip():
            raise fail(
                "KB419", f"{quote(before)} does not stand once inside of {sentence}.", "Give the first words of the second part."
            )
        middle = text.index(before)
        section = sentence.partition(".")[0]
        number = 1 + max(int(other["id"].partition(".")[2]) for other in one.entries if other["id"].startswith(f"{section}."))
        second = {"id": f"{section}.{number}", **one.place(entry["start"] + middle, entry["end"])}
        first = {**entry, **one.place(entry["start"], entry["start"] + len(text[:middle].rstrip()))}
        one.entries[at : at + 1] = [first, second]
        claims = one.find_claims(sentence, second["id"])
        one.name_evidence(
            sentence,
            second["id"],
            lambda fact, piece: fact.path in claims if piece.start is None else piece.start >= second["start"],
        )
        yield f"{sentence} ends before {quote(before)}, where {second['id']} begins.\n"

    return _correct(content, name, change, given)


def merge(content: Path, name: str, sentences: Sequence[str], given: Iterable[str] = ()) -> list[str]:
    """Merge sentences that follow each other into the first of them; evidence of the others names that.

    Returns, raises:
        As :func:`split`.
    """

    def change(one: _Correction) -> Iterator[str]:
        chosen = one.select(sentences)
        if len(chosen) < 2 or chosen != list(range(chosen[0], chosen[0] + len(chosen))):
            raise fail(
                "KB419", "Only sentences that follow each other can be merged.", "Write the first and the last: s4.2-s4.3."
            )
        first, *others = (one.entries[at] for at in chosen)
        one.entries[chosen[0] : chosen[-1] + 1] = [{**first, **one.place(first["start"], others[-1]["end"])}]
        names = {other["id"]: first["id"] for other in others}
        for entry in one.entries:
            if by := entry.get("exempt", {}).get("by"):
                entry["exempt"] = {**entry["exempt"], "by": list(dict.fromkeys(names.get(sentence, sentence) for sentence in by))}
        for other in names:
            one.name_evidence(other, first["id"])
        yield f"{first['id']} now holds {', '.join(names)}.\n"

    return _correct(content, name, change, given)


def exempt(content: Path, name: str, sentences: Sequence[str], exemption: Mapping[str, Any]) -> list[str]:
    """Exempt sentences from facts with a reason; without one, remove their exemptions.

    Returns, raises:
        As :func:`split`.
    """

    def change(one: _Correction) -> Iterator[str]:
        chosen = [at for at in one.select(sentences) if not one.entries[at]["id"].endswith(".0")]
        for at in chosen:
            plain = {key: value for key, value in one.entries[at].items() if key != "exempt"}
            one.entries[at] = {**plain, "exempt": dict(exemption)} if exemption else plain
        yield f"{len(chosen)} sentences are {'exempted' if exemption else 'no longer exempted'}.\n"

    return _correct(content, name, change)


def _correct(content: Path, name: str, change: Callable[[_Correction], Iterator[str]], given: Iterable[str] = ()) -> list[str]:
    """Plan a change of the sentences of a document, check the result, and write it."""
    with lock_records(content) as write:
        kb = _load(content, name)
        document = kb.documents[name]
        record = document.record
        if record is None:
            raise fail("KB419", "The document has no record of its own.", "Move it to a YAML file.")
        texts = sources.read_texts([document], kb.folder, sources.parse_options(given, [name]))
        texts = {key: text for key, text in texts.items() if sources.is_text_of(document, text)}
        one = _Correction(document, record, [dict(entry) for entry in record.value["sentences"]], kb, texts, RecordEdits())
        lines = list(change(one))
        one.edits.set_sentences(record, one.entries)
        contents = {path: _keep_form(path, pieces[0], Path(record.place.file)) for path, pieces in one.edits.apply().items()}
        with text_file.read_planned({path: text.encode() for path, text in contents.items()}):
            result = _load(content, name)
            unstated = find_unstated(result, texts)
            if unstated and (unstated := unstated - find_unstated(kb, texts)):
                facts = tuple(fact for fact in result.facts if fact.path in unstated)
                raise KbError(verify.verify_records(result._replace(facts=facts), texts).problems)
        write({path: [text] for path, text in contents.items()})
        return lines


def _load(content: Path, name: str) -> KnowledgeBase:
    """Load a knowledge base, which must have no problems, with one document and its facts alone."""
    kb = pipeline.load(content, with_texts=False)
    document = kb.find_document(name)
    return kb._replace(documents={name: document}, facts=tuple(fact for fact in kb.facts if fact.document == name))


def _keep_form(path: Path, text: str, document: Path) -> str:
    return keep_form(text_file.read_text(path, str(path)), text, "document" if path == document else "fact", path)


def remove_document(content: Path, name: str) -> list[str]:
    """Remove a document on which no fact rests: its record, its text and its recorded results.

    Raises:
        KbError: Facts rest on it (KB419), or its record is not a file of its own (KB416).
    """
    with lock_records(content) as write:
        kb = pipeline.load(content, with_texts=False)
        files = _list_files(kb, kb.find_document(name))
        facts = sum(fact.document == name for fact in kb.facts)
        if facts:
            raise fail("KB419", f"{facts} facts rest on {quote(name)}.", "Remove them first: 'kb fact remove'.")
        write(dict.fromkeys(files))
        return [f"Removed {path}.\n" for path in files]


def rename_document(content: Path, name: str, new: str) -> list[str]:
    """Give a document another id, in its record and its facts; recorded results are removed.

    Raises:
        KbError: Its record is not a file of its own, or the new id is taken (KB416).
    """
    with lock_records(content) as write:
        kb = pipeline.load(content, with_texts=False)
        document, edits = kb.find_document(name), RecordEdits()
        old_files = _list_files(kb, document)
        if new in kb.documents or document.record is None:
            raise fail("KB416", f"{quote(new)} already has a record.", "Choose another id.")
        edits.set_value(document.record.at("id"), name, new)
        for fact in kb.facts:
            if fact.record and fact.record.value.get("document") == name:
                edits.set_value(fact.record.at("document"), name, new)
        by_name = {Path(fact.record.place.file) for fact in kb.facts if fact.record and fact.record.stem == name == fact.document}
        contents: dict[Path, Any] = dict(edits.apply())
        moved = {path: path.with_name(new + path.name.removeprefix(name)) for path in {*old_files, *by_name}}
        kept = {path: target for path, target in moved.items() if path.parent.name != "verification"}
        if taken := [target for target in kept.values() if boundary.exists(target)]:
            raise fail("KB416", "There is a file of that name.", "Choose another id, or move the file.", str(taken[0]))
        for path, target in kept.items():
            contents[target] = contents.pop(path, None) or [text_file.read_bytes(path, str(path))]
        write({**contents, **dict.fromkeys(moved)})
        return [
            *(f"{path} is now {target}.\n" for path, target in sorted(kept.items())),
            "The IRIs of the document and of its facts changed.\n",
        ]


def _list_files(kb: KnowledgeBase, document: Document) -> list[Path]:
    """Return the files of a document that exist: its record first.

    Raises:
        KbError: Its record is not a file of its own (KB416).
    """
    record = Path(document.record.place.file) if document.record else Path()
    if (
        record.stem != document.id
        or sum(bool(other.record and Path(other.record.place.file) == record) for other in kb.documents.values()) > 1
    ):
        raise fail("KB416", f"The record of {quote(document.id)} is not a file of its own.", "Edit it by hand.", str(record))
    others = (sources.shipped_path(document, kb.folder), kb.folder / "verification" / f"{document.id}.yaml")
    return [record, *(path for path in others if boundary.exists(path))]
