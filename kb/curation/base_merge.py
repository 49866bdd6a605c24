"""Merge two knowledge bases into a new one: what is equal becomes one, and whatever clashes is told with both places.

Nothing gets stronger, and nothing is decided unseen: a text that both have differently is chosen by the caller, and what means
different things needs another id. The two are put in an order of their own first, so that the order in which they are named
decides on the metadata alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from kb import pipeline
from kb.curation import base_pairs, init, term_merge
from kb.curation.base_files import BaseFiles, BaseRecord, read_files, write_files
from kb.curation.base_joining import CLASH, MergeOptions, RecordJoiner
from kb.curation.base_pairs import EqualPair
from kb.curation.name_conflicts import split_languages
from kb.curation.named_ids import find_ids, rename_ids
from kb.escaping import count_of
from kb.files import fingerprint
from kb.model import KnowledgeBase, Record
from kb.problems import KbError, Place, Problem, quote


def merge_bases(
    sources: tuple[Path, Path],
    output: Path | None,
    options: MergeOptions,
    read_proposals: Callable[[Path], Iterable[Record]],
) -> list[str]:
    """Merge two knowledge bases into a new folder, with the metadata of the first; neither is changed.

    Args:
        sources: The folders that hold their ``kb.yaml``.
        output: The new folder; without it nothing is written.
        options: What answers clashes.
        read_proposals: Returns the proposals that wait in a knowledge base.

    Returns:
        What was done, in lines.

    Raises:
        KbError: One of them or the result has problems, or there are clashes without an answer (KB825), all of them; or the
            new folder is in use (KB831). Nothing is written.
    """
    bases = {name: pipeline.load(top) for name, top in zip("ab", sources, strict=True)}
    merge = _Merge(bases, options)
    pairs = merge.plan()
    with init.write_aside(write_files(merge.sides)) as made:
        try:
            joined = list(term_merge.merge_pairs(made, pairs, lambda: read_proposals(made)))
            kb, files = pipeline.load(made), read_files(made, "").contents
        except KbError as error:
            raise init.rename_places(error, str(made), str(output or "the result")) from error
    if output:
        init.create_from(output, {}, files, str(output))
    counted = (("document", kb.documents), ("term", kb.terms), ("predicate", kb.predicates), ("fact", kb.facts))
    counts = ", ".join(count_of(len(things), noun) for noun, things in counted)
    told = f"Together: {counts}. Records that both had: {merge.shared}. Terms joined: {len(pairs)}.\n"
    return [*merge.joiner.lines, *joined, told, *([] if output else ["Nothing was written.\n"])]


class _Merge:
    """A merge that is planned: the files of both, of whose records the values are changed; and how many both have."""

    def __init__(self, bases: Mapping[str, KnowledgeBase], options: MergeOptions) -> None:
        self._bases, self._options, self.shared = bases, options, 0
        self._files = {name: read_files(kb.folder, name) for name, kb in bases.items()}
        self.sides = sorted(self._files.values(), key=self._order)
        cited = frozenset(
            (options.find_id(name, "document", fact.document), piece.sentence)
            for name, kb in bases.items()
            for fact in kb.facts
            for piece in fact.evidence
        )
        self.joiner = RecordJoiner(self.sides, options, bases["a"].dataset.language, cited)

    def _order(self, side: BaseFiles) -> tuple[str, ...]:
        about = self._bases[side.name].dataset
        contents = (part for path, content in side.contents.items() for part in (path.encode(), content))
        return about.id, about.base, fingerprint.digest(contents)

    def plan(self) -> list[tuple[str, str]]:
        """Plan all changes, and return the terms that are to be joined, each as the id that is retired and the one that stays.

        Raises:
            KbError: There are clashes without an answer.
        """
        pairs = base_pairs.find_pairs(self._bases, self._options, self.joiner)
        for side in self.sides:
            self._rename(side)
            self._join_predicates(side, [pair for pair in pairs if (pair.side, pair.sort) == (side.name, "predicate")])
        self._describe()
        known = {one.key: one for one in self.sides[0].list_records() if one.value is not None}
        for other in self.sides[1].list_records():
            if other.value is not None and (one := known.get(other.key)):
                self.shared += 1
                one.value, other.value = self.joiner.join(one, other), None
        self._compare_files()
        terms = [(pair.old, pair.new) for pair in pairs if pair.sort == "term"]
        self._compare_labels({old for old, _ in terms})
        if self.joiner.clashes:
            raise KbError(self.joiner.clashes)
        return terms

    def _rename(self, side: BaseFiles) -> None:
        """Give the records of one their new ids; results of verification that name a former one go."""
        names = {(sort, old): new for (name, sort, old), new in self._options.rename.items() if name == side.name}
        own, taken = ({(one.sort, one.id) for each in sides for record in each.list_records()
                       for one in find_ids(record.record.kind, record.value)} for sides in ([side], self.sides))  # fmt: skip
        for (sort, old), new in names.items():
            if (sort, old) not in own or (sort, new) in taken:
                what = f"is no {sort} of {side.top}" if (sort, old) not in own else f"cannot become {quote(new)}, which is in use"
                self.joiner.clashes.append(Problem(Place("--rename"), CLASH, f"{quote(old)} {what}.", "Name another id."))
            if sort == "document":
                side.rename_files(old, new)
            self.joiner.lines.append(f"The {sort} '{old}' of {side.top} is now '{new}'; queries do not follow.\n")
        _give_ids(side, names)

    def _join_predicates(self, side: BaseFiles, pairs: Iterable[EqualPair]) -> None:
        """Give predicates the ids of their equals in the other knowledge base, with whose records theirs are joined."""
        for pair in pairs:
            self.joiner.lines.append(f"The predicate '{pair.old}' of {side.top} becomes '{pair.new}'; queries do not follow.\n")
        _give_ids(side, {("predicate", pair.old): pair.new for pair in pairs})

    def _describe(self) -> None:
        """Let the metadata be that of the first, with the prefixes and creators of both."""
        own, theirs = (next(one for one in self._files[name].list_records() if one.record.kind == "kb") for name in "ab")
        before, other, told = own.value, theirs.value, self.joiner
        if before["language"] != other["language"]:
            what, remedy = "The language differs", "Write the labels of one by language, and name the other's."
            told.note([one.record.at("language") for one in (own, theirs)], what, remedy)
        if before.get("vocabulary") != other.get("vocabulary"):
            places = [one.record.at("vocabulary") for one in (own, theirs)]
            told.note(places, "The kinds and qualifiers that are declared differ", "Declare the same in both.")
        for name in before.get("imports", {}).keys() & other.get("imports", {}).keys():
            if before["imports"][name] != other["imports"][name]:
                places = [one.record.at("imports", name) for one in (own, theirs)]
                told.note(places, f"The import '{name}' differs", "Give one of them another name.")
        if before["license"] != other["license"] and not self._options.license:
            remedy = "Name one under which both may be shared: --license URL."
            told.note([one.record.at("license") for one in (own, theirs)], "The licence differs", remedy)
        for prefix, start in other["prefixes"].items():
            if before["prefixes"].get(prefix, start) != start:
                places = [one.record.at("prefixes", prefix) for one in (own, theirs)]
                told.note(places, f"What the prefix '{prefix}' stands for differs", "Use another prefix in one of them.")
        if before["base"] != other["base"]:
            told.lines.append(f"All IRIs begin with {before['base']}, also those that began with {other['base']}.\n")
        ids = {creator["id"] for creator in before["creators"]}
        value = {
            **before,
            "license": self._options.license or before["license"],
            "prefixes": {**other["prefixes"], **before["prefixes"]},
            **{key: {**other.get(key, {}), **before.get(key, {})} for key in ("imports",) if key in before or key in other},
            "creators": [*before["creators"], *(one for one in other["creators"] if one["id"] not in ids)],
        }
        for side in self.sides:
            mine = before if side.name == "a" else other
            side.license = mine["license"] if mine["license"] != value["license"] else ""
        own.value, theirs.value = before if value == before else value, None

    def _compare_files(self) -> None:
        """Compare the files that have no records."""
        paths = [{side.moved.get(path, path): path for path in side.contents} for side in self.sides]
        for path in sorted(paths[0].keys() & paths[1].keys()):
            both = [(side, names[path]) for side, names in zip(self.sides, paths, strict=True)]
            is_plain = not any(name in side.records for side, name in both)
            if is_plain and both[0][0].contents[both[0][1]] != both[1][0].contents[both[1][1]]:
                places = [Place(str(side.top / name)) for side, name in both]
                self.joiner.note(places, "The content of this file differs", "Rename the query, or the document of the text.")

    def _compare_labels(self, gone: set[str]) -> None:
        """Compare the labels of terms of one kind, and of predicates, that are not joined."""
        first: dict[tuple[str, ...], BaseRecord] = {}
        for one in (one for side in self.sides for one in side.list_records() if one.record.kind in {"term", "predicate"}):
            if one.value is None or one.value["id"] in gone or one.value.get("deprecated"):
                continue
            for tag, (label,) in split_languages(one.value["label"], self._bases["a"].dataset.language).items():
                key = (one.record.kind, one.value.get("kind", ""), tag.lower(), label.casefold())
                if (same := first.setdefault(key, one)) is not one:
                    what = f"'{same.value['id']}' and '{one.value['id']}' have the same label {quote(label)}"
                    remedy = "If they are one thing, say so with --mapping; else give one another label."
                    self.joiner.note([each.record.at("label") for each in (same, one)], what, remedy)


def _give_ids(side: BaseFiles, names: Mapping[tuple[str, str], str]) -> None:
    """Give records new ids; results of verification that name a former one go."""
    for record in side.list_records() if names else ():
        kind, value = record.record.kind, record.value
        record.value = _drop_results(value, names) if kind == "verification" else rename_ids(kind, value, names)


def _drop_results(value: dict[str, Any], names: Mapping[tuple[str, str], str]) -> Any:
    """Return the results of verification of facts whose claims keep their ids; nothing if none is left."""
    if ("document", value["document"]) in names:
        return None
    former = {old for sort, old in names if sort != "document"}
    facts = [each for each in value["facts"] if former.isdisjoint(each["fact"].replace(",", "/").split("/"))]
    return value if len(facts) == len(value["facts"]) else {**value, "facts": facts} if facts else None
