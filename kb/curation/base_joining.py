"""Join the records that two knowledge bases both have: what both say stays, and what differs is told or chosen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from kb.curation.base_files import BaseFiles, BaseRecord
from kb.curation.fact_joining import find_differences, join_facts
from kb.curation.name_conflicts import join_languages, split_languages
from kb.model import Record
from kb.problems import Place, Problem

#: The code of every clash.
CLASH = "KB825"
# What is united; and what the caller chooses where both differ. All else is what a record means.
_UNITED = {"aliases", "topic", "identifiers", "replaces", "words"}
_CHOSEN = {
    "term": {"label", "definition", "note"},
    "predicate": {"label", "definition", "note", "subject", "object", "qualifiers", "requires"},
    "document": {"title", "note", "source", "issued", "version", "retrieved", "sections", "standing"},
    "biolink": {"infores", "trade_names", "unmatched", "unlinked"},
}
_BY_NAME = {"terms", "predicates"}  # in biolink.yaml


class MergeOptions(NamedTuple):
    """What answers clashes.

    Args:
        prefer: The knowledge base whose text is taken: ``a``, ``b`` or empty.
        rename: New ids, by ``a`` or ``b``, the kind of record and the id.
        license: The licence of the result, if those of the two differ.
        mappings: Files of SSSOM that say which terms and predicates are equal.
    """

    prefer: str = ""
    rename: Mapping[tuple[str, str, str], str] = {}
    license: str = ""
    mappings: tuple[Path, ...] = ()

    def find_id(self, side: str, sort: str, old: str) -> str:
        """Return the id that a record will have."""
        return self.rename.get((side, sort, old), old)


class RecordJoiner:
    """Joins records, and notes the clashes between them.

    Args:
        sides: The two, in the order of their records.
        options: What answers clashes.
        language: The language of both.
        cited: The sentences that state facts, by the id of their document, of both.
    """

    def __init__(
        self, sides: Sequence[BaseFiles], options: MergeOptions, language: str, cited: frozenset[tuple[str, str]]
    ) -> None:
        self._top = next(f"{side.top}/" for side in sides if side.name == "a")
        self._prefer, self._chosen = options.prefer, [side.name for side in sides].index(options.prefer or sides[0].name)
        self._language, self._cited = language, cited
        self.clashes: list[Problem] = []
        self.lines: list[str] = []

    def note(self, places: Iterable[Place], what: str, remedy: str) -> None:
        """Note a clash, at the place in the knowledge base that was named first, with that in the other."""
        here, there = sorted(places, key=lambda place: not place.file.startswith(self._top))
        self.clashes.append(Problem(here, CLASH, f"{what}; the other is at {there}.", remedy))

    def _clash(self, both: tuple[BaseRecord, BaseRecord], what: str, remedy: str, key: str = "") -> None:
        self.note([one.record.at(key) if key else one.record.place for one in both], what, remedy)

    def _choose(self, both: tuple[BaseRecord, BaseRecord], what: str, values: Sequence[Any], key: str = "") -> Any:
        """Return the value of the knowledge base that is preferred."""
        if not self._prefer:
            self._clash(both, f"{what} differs", "Choose that of one: --prefer a, or --prefer b.", key)
        return values[self._chosen]

    def join(self, one: BaseRecord, other: BaseRecord) -> Any:
        """Return one record for two with the same identity."""
        kind, values, both = one.record.kind, (one.value, other.value), (one, other)
        if values[0] == values[1]:
            return values[0]
        if kind == "fact":
            return self._join_facts(both)
        if kind == "verification":
            return self._join_results(values)
        if kind == "mapping":
            return self._choose(both, f"The mapping {' '.join(one.key[1:])}", values)
        keys = dict.fromkeys([*values[0], *values[1]])
        value = {key: self._join_key(both, key, [each.get(key) for each in values]) for key in keys}
        if kind == "term" and values[0]["label"] != values[1]["label"]:
            labels = split_languages(value["label"], self._language)
            names = self._unite_names([value.get("aliases", []), *(each["label"] for each in values)])
            rest = {
                tag: [name for name in own if name not in labels.get(tag, ())]
                for tag, own in split_languages(names, self._language).items()
            }
            value["aliases"] = join_languages(rest, self._language)
        return value

    def _join_key(self, both: tuple[BaseRecord, BaseRecord], key: str, values: list[Any]) -> Any:
        """Return one value of two."""
        kind, name = both[0].record.kind, " ".join(both[0].key)
        is_in_both = None not in values
        if values[0] == values[1]:
            return values[0]
        if key in _UNITED:
            return self._unite_names(value or [] for value in values)
        if key == "sentences":
            return self._join_sentences(both, values)
        if kind == "biolink" and key in _BY_NAME:
            named = [value or {} for value in values]
            same = all(named[0][each] == named[1][each] for each in named[0].keys() & named[1].keys())
            chosen = {} if same else self._choose(both, f"The {key} of biolink.yaml", named, key)
            return {**named[0], **named[1], **chosen}
        if key in _CHOSEN.get(kind, ()):
            return self._choose(both, f"'{key}' of {name}", values, key) if is_in_both else next(filter(None, values), None)
        remedy = f"If they are different things, give one another id: --rename b:{kind}/{both[0].key[-1]}=ID; else correct one."
        self._clash(both, f"'{key}' of {name} differs", remedy if kind in _CHOSEN else "Correct one.", key)
        return values[0]

    def _unite_names(self, values: Iterable[Any]) -> Any:
        """Return the names in all of several values, by language where they have one."""
        united: dict[str, list[str]] = {}
        for value in values:
            for tag, names in split_languages(value, self._language).items():
                own = united.setdefault(tag, [])
                own += [name for name in names if name not in own]
        return join_languages(united, self._language)

    def _join_facts(self, both: tuple[BaseRecord, BaseRecord]) -> Any:
        """Return a fact with the evidence and reviews of both."""
        values = [{key: own for key, own in each.value.items() if key != "review"} for each in both]
        if keys := find_differences(*values):
            self._clash(both, f"'{keys}' of {both[0].key[1]} differs", "Nothing decides between them: correct one.")
        made = join_facts([Record("fact", each.value, each.record.place, stem=each.stem) for each in both])
        reviews = [review for each in both for review in each.value.get("review", ())]
        united = [review for at, review in enumerate(reviews) if review not in reviews[:at]]
        return {**made, **({"review": united} if united else {})}

    def _join_sentences(self, both: tuple[BaseRecord, BaseRecord], values: list[Any]) -> Any:
        """Return the sentences of a document with the decisions of both: a fact is one, and such a sentence is not exempted."""
        plain = [[{key: own for key, own in each.items() if key != "exempt"} for each in sentences] for sentences in values]
        name = both[0].value["id"]
        if plain[0] != plain[1]:
            remedy = f"Correct one, or give one another id: --rename b:document/{name}=ID."
            self._clash(both, f"The division of '{name}' into sentences differs", remedy, "sentences")
            return values[0]
        made = []
        for bare, *entries in zip(plain[0], *values, strict=True):
            exempt = [entry["exempt"] for entry in entries if "exempt" in entry]
            if len(exempt) == 2 and exempt[0] != exempt[1]:
                exempt = [self._choose(both, f"The exemption of {bare['id']} of '{name}'", exempt, "sentences")]
            is_stated = (name, bare["id"]) in self._cited
            if exempt and is_stated:
                self.lines.append(f"{bare['id']} of '{name}' is no longer exempted, since one of them states facts of it.\n")
            made.append({**bare, "exempt": exempt[0]} if exempt and not is_stated else bare)
        return made

    def _join_results(self, values: tuple[Any, Any]) -> Any:
        """Return the results of verification of both, if they are by the same rules; of two of one fact, the later."""
        versions = [(value["rules"], value["sha256"]) for value in values]
        if versions[0] != versions[1]:
            self.lines.append(f"The older results of verification of '{values[0]['document']}' go: run 'kb verify --record'.\n")
            return max(values, key=lambda value: (value["rules"], value["sha256"]))
        results = sorted((each for value in values for each in value["facts"]), key=lambda each: (each["when"], str(each)))
        return {**values[0], "facts": list({each["fact"]: each for each in results}.values())}
