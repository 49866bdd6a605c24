"""Merge one term into another: every record names the other, and the merged term keeps its IRI as a retired one.

Nothing gets stronger: facts that become equal are joined only if they say the same, and of two matches the weaker one stays.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from kb import pipeline
from kb.curation import mapping_conflicts, name_conflicts, record_edits
from kb.curation.document_edits import find_unstated
from kb.curation.fact_joining import find_differences, join_facts
from kb.curation.named_ids import find_ids, rename_ids
from kb.files import boundary, text_file
from kb.model import Fact, KnowledgeBase, Record, Term, Trail
from kb.problems import KbError, Place, Problem, fail, quote
from kb.records import folder, resolve
from kb.sparql.parameters import find_id, find_kept_id
from kb.texts import sources
from kb.verification import verify
from kb.verification.sentence_edits import RecordEdits

_SOLVED = {"KB320", "KB325", "KB334"}  # that terms share a label or a match, or one is retired; the result is checked again

#: Returns the proposals that wait for a decision.
ReadProposals = Callable[[], Iterable[Record]]


def merge_terms(content: Path, old: str, new: str, read_proposals: ReadProposals, *, dry_run: bool = False) -> list[str]:
    """Merge a term into another one; facts, topics, mappings and proposals that name it name the other.

    Args:
        content: The folder that holds ``kb.yaml``.
        old: The term that is retired, by any of its names; it may be retired already.
        new: The term that takes its place.
        read_proposals: Returns the proposals that wait, which are changed too.
        dry_run: Whether to write nothing.

    Returns:
        What was done, in lines.

    Raises:
        KbError: They cannot be merged (KB814), a record cannot be edited (KB812, KB419), or the result would have problems,
            such as a fact that its sentences no longer state; nothing is written.
    """
    with nullcontext() if dry_run else folder.lock_records(content) as write:
        merge = _plan(content, (old, new), read_proposals, ())
        if write:
            write({path: [text] for path, text in merge.contents.items()})
        return [*merge.lines, *merge.summarize(written=not dry_run)]


def merge_pairs(content: Path, pairs: Collection[tuple[str, str]], read_proposals: ReadProposals) -> Iterator[str]:
    """Merge several terms, each into another, and yield what was done; what the last of them solves is no problem before.

    Raises:
        KbError: As :func:`merge_terms`; those before are written.
    """
    for number, names in enumerate(pairs, 1):
        with folder.lock_records(content) as write:
            merge = _plan(content, names, read_proposals, _SOLVED if number < len(pairs) else ())
            write({path: [text] for path, text in merge.contents.items()})
            yield from (*merge.lines, *merge.summarize(written=True))


def _plan(content: Path, names: tuple[str, str], read_proposals: ReadProposals, solved: Collection[str]) -> _Merge:
    """Plan the merge of a term into another, and check the result."""
    checked = pipeline.check(content)
    kb, problems = checked.kb, [problem for problem in checked.problems if problem.code not in _SOLVED]
    if kb is None or problems:
        raise KbError(problems or checked.problems)
    labels = kb.labels()
    old, new = find_kept_id(names[0], "term", labels), find_id(names[1], "term", labels)
    if old == new:
        remedy = "Name another one."
        raise fail("KB814", f"{quote(names[0])} and {quote(names[1])} are the same term.", remedy, str(content))
    merge = _Merge(kb, {**kb.terms, **kb.retired}[old], kb.terms[new])
    merge.plan(read_proposals())
    merge.check(content, solved)
    return merge


class _Merge:
    """A merge that is planned: the new content of each file, and what is told."""

    def __init__(self, kb: KnowledgeBase, old: Term, new: Term) -> None:
        self.kb, self.old, self.new = kb, old, new
        self.contents: dict[Path, bytes] = {}
        self.lines: list[str] = []
        self.counts = Counter[str]()
        self._moved: dict[str, str] = {}  # the paths of facts, before and after
        self._edits = RecordEdits()

    def plan(self, proposals: Iterable[Record]) -> None:
        """Plan all changes; records that are replaced come first, since edits rely on the places of the others."""
        waiting = list(proposals)
        self._join_facts()
        self.counts["fact"] = len(self._moved)
        self._retire()
        files = {Path(record.place.file): record.kind for record in self._find_records()}
        with self._planned():
            for path, kind in files.items():
                if path.name.lower().endswith((".gz", ".zst", ".parquet")):
                    message = "Records in this file cannot be edited."
                    raise fail("KB812", message, "Write them as YAML or JSON Lines first.", str(path))
                for record in folder.read_file(path, kind):
                    self._rename(record)
            for record in waiting:
                self._rename(record)
            self._carry_mappings()
            for path, (text,) in self._edits.apply().items():
                before = text_file.read_text(path, str(path))
                kept = record_edits.keep_form(before, text, files[path], path) if path in files else text
                self.contents[path] = kept.encode("utf-8")

    def _planned(self) -> AbstractContextManager[None]:
        return text_file.read_planned(self.contents)

    def _find_records(self) -> Iterator[Record]:
        """Yield the records that name the term, but for its mappings."""
        facts = (fact for fact in self.kb.facts if fact.path in self._moved)
        values: tuple[Any, ...] = (*facts, *self.kb.documents.values(), *self.kb.retired.values(), self.kb.biolink)
        records = (value.record for value in values)
        return (record for record in records if record and any(_find_references(record, self.old.id)))

    def _rename(self, record: Record) -> None:
        """Plan that a record names the new term."""
        for trail in _find_references(record, self.old.id):
            place = record.at(*trail)
            if record.kind == "document" and self.new.id in record.value["topic"]:
                self._edits.remove_item(place, self.old.id)
            elif record.kind == "biolink" and self.new.id in record.value["terms"]:
                raise fail(
                    "KB814", f"Both '{self.old.id}' and '{self.new.id}' have a class.", "Remove the one of the first.", place
                )
            elif record.kind != "proposal" or trail in record.places:  # one in the form of another tool is resolved by its words
                self._edits.set_value(place, self.old.id, self.new.id)
            self.counts[record.kind] += record.kind != "fact"

    def _replace(self, record: Record, path: str, value: dict[str, Any] | None) -> None:
        """Plan another value of a term or fact, which is named by its id or path, or that it is removed."""
        file = Path(record.place.file)
        with self._planned():
            now = next(each for each in folder.read_file(file, record.kind) if _name(each) == path)
            self.contents[file] = record_edits.replace(now, value).encode("utf-8")

    def _join_facts(self) -> None:
        """Plan to join the facts that become equal."""
        groups: dict[str, list[Fact]] = {}
        problems: list[Problem] = []
        for fact in self.kb.facts:
            after = self._move(fact)
            groups.setdefault(after.path, []).append(fact)
            if after is not fact:
                self._moved[fact.path] = after.path
            if after.path != fact.path:
                self.lines.append(f"{fact.path} is now {after.path}.\n")
                if after.subject == after.object and fact.subject != fact.object:
                    message = f"'{fact.path}' relates '{self.old.id}' to '{self.new.id}', so they are not one thing."
                    problems.append(Problem(_at(fact.record), "KB814", message, "Remove it first, if it is wrong."))
        for first, *others in (sorted(group, key=lambda fact: fact.path in self._moved) for group in groups.values()):
            for other in others:
                if keys := find_differences(self._move_value(first), self._move_value(other)):
                    message = f"'{other.path}' would claim the same as the fact at {_at(first.record)}, but differs in {keys}."
                    problems.append(Problem(_at(other.record), "KB814", message, "Make them equal first, or remove one."))
            if others and not problems:
                self._join(first, others)
        if problems:
            raise KbError(problems)

    def _move(self, fact: Fact) -> Fact:
        """Return a fact as it will be; the same one if it does not name the term."""
        names_it = fact.record and self.old.id in (fact.subject, fact.object, *fact.values)
        return resolve.parse_fact_value(self._move_value(fact), fact.record.stem) if fact.record and names_it else fact

    def _move_value(self, fact: Fact) -> dict[str, Any]:
        """Return the record of a fact as it will be."""
        return rename_ids("fact", fact.record.value, {("term", self.old.id): self.new.id}) if fact.record else {}

    def _join(self, first: Fact, others: Iterable[Fact]) -> None:
        """Plan one fact with the evidence of several; each sentence supports the parts that it supported."""
        facts = [(fact, fact.record) for fact in (first, *others) if fact.record]
        self._replace(facts[0][1], first.path, join_facts([record for _, record in facts]))
        for fact, record in facts[1:]:
            self.lines.append(f"{fact.path} claims the same as {first.path} (KB311): their evidence is joined.\n")
            self._replace(record, fact.path, None)

    def _retire(self) -> None:
        """Plan the tombstone of the old term, and its labels as aliases of the new one."""
        old, new = self.old, self.new
        if old.record is None or new.record is None:
            raise fail("KB812", "A term has no record of its own.", "Move it to a YAML file.", str(self.kb.folder))
        names = name_conflicts.carry_names(self.kb, old, new)
        for name, other in names.conflicts.items():
            self.lines.append(f"'{name}' names '{other}' too, so it is no alias of '{new.id}' (KB320).\n")
        if names.new != new.record.value.get("aliases", {}):
            self._replace(new.record, new.id, {**new.record.value, "aliases": names.new})
        value = {key: part for key, part in old.record.value.items() if key != "aliases"}
        value |= {"aliases": names.old} if names.old else {}
        note = old.note if old.deprecated else f"{old.note} Merged into '{new.id}'.".lstrip()
        self._replace(old.record, old.id, {**value, "deprecated": True, "replaced-by": new.id, "note": note})

    def _carry_mappings(self) -> None:
        """Plan that mappings of the old term are those of the new one, but for those that conflict."""
        for row, why in mapping_conflicts.resolve_conflicts(self.kb, self.old.id, self.new.id):
            record = row.record or Record("mapping", {}, Place("kb"))
            self.counts["mapping"] += 1
            if why:
                self._edits.remove_line(record.place)
                self.lines.append(f"Removed the mapping {row.subject} {row.match} {row.object}, {why} (KB325).\n")
                continue
            self._edits.set_value(record.at("subject_id"), row.subject, f"term:{self.new.id}")
            if label := record.value.get("subject_label"):
                self._edits.set_value(record.at("subject_label"), label, self.new.label)

    def check(self, content: Path, solved: Collection[str]) -> None:
        """Check the result, but for rules that are ``solved`` later, and that the sentences of the facts still state them.

        Raises:
            KbError: It has problems.
        """
        named = re.compile(rf"\bterm:{re.escape(self.old.id)}(?![\w-])")
        for entry in boundary.list_folder(content / "queries"):
            path = content / "queries" / entry.name
            if path.suffix == ".rq" and named.search(text_file.read_text(path, str(path))):
                self.lines.append(f"{path} names term:{self.old.id}: change it by hand.\n")
        texts = sources.read_texts(self.kb.documents.values(), self.kb.folder, {})
        before = find_unstated(_choose(self.kb, self._moved), texts)  # first, since places are read from the files as they are
        with self._planned():
            checked = pipeline.check(content)
            if checked.kb is None or (problems := [one for one in checked.problems if one.code not in solved]):
                raise KbError(problems if checked.kb else checked.problems)
            lost = find_unstated(_choose(checked.kb, self._moved.values()), texts) - {self._moved[path] for path in before}
            if lost:
                raise KbError(verify.verify_records(_choose(checked.kb, lost), texts).problems)

    def summarize(self, *, written: bool) -> Iterator[str]:
        """Yield how much was changed, and whether it is written."""
        counts = ", ".join(f"{kind} {count}" for kind, count in sorted((+self.counts).items()))
        yield f"'{self.old.id}' is merged into '{self.new.id}', and retired. Records changed: {counts or 'none'}.\n"
        yield "" if written else "Nothing was written.\n"


def _find_references(record: Record, name: str) -> Iterator[Trail]:
    """Yield where a record names a term."""
    named = find_ids(record.kind, record.value)
    yield from (one.trail for one in named if (one.sort, one.id) == ("term", name) and one.trail != ("id",))


def _choose(kb: KnowledgeBase, paths: Collection[str]) -> KnowledgeBase:
    """Return a knowledge base with some of its facts, and their documents."""
    facts = tuple(fact for fact in kb.facts if fact.path in paths)
    names = {fact.document for fact in facts}
    return kb._replace(facts=facts, documents={name: document for name, document in kb.documents.items() if name in names})


def _name(record: Record) -> str:
    """Return the id of a term, or the path of a fact."""
    return str(record.value["id"]) if record.kind == "term" else resolve.parse_fact_value(record.value, record.stem).path


def _at(record: Record | None) -> Place:
    return record.place if record else Place("kb")
