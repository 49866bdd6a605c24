"""Import entries of a vocabulary as terms, each with a mapping to its identifier (``kb term import``).

Nothing gets stronger: only exact synonyms become aliases, a term that has the label of an entry is a close match, and what is
obsolete does not come in. The parents of an entry become broader matches of its term, since only documents state facts.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple
from unicodedata import normalize

from kb import exit_codes
from kb.checks import confusables, json_schema, mapping_checks
from kb.curation import record_edits
from kb.curation.authoring import RecordChange
from kb.curation.name_conflicts import join_languages, split_languages
from kb.escaping import count_of
from kb.files import characters, text_file
from kb.importers import term_mapping
from kb.importers.table_terms import make_id
from kb.importers.vocabularies import BIOLINK, EntryText, Thing, Vocabulary, report_obsolete, tidy
from kb.model import KnowledgeBase, OutsideMatch, Record, Term, list_names, primary_tag
from kb.problems import KbError, Place, Problem, fail, quote
from kb.rdf.iris import OWL, names_of
from kb.records import resolve
from kb.schema import vocabulary as kinds
from kb.schema.licences import find_licence

_EXACT, _CLOSE = "skos:exactMatch", "skos:closeMatch"
# How a mapping was made, beside by names: by a person, and from other mappings.
_BY_ID, _CHAINED = "semapv:ManualMappingCuration", "semapv:MappingChaining"
_ROLES = ("label", "synonym", "definition")


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How terms are made.

    Args:
        kind: Their kind; by default that to which the file leads.
        licence: The licence of the vocabulary, if the file does not state it.
        definitions: Whether to take definitions under a licence that is not known as open.
        file: The name of the file in ``terms/``; by default that of the prefix.
        today: The day of the mappings.
    """

    kind: str = ""
    licence: str = ""
    definitions: bool = False
    file: str = ""
    today: str = ""


def import_terms(
    kb: KnowledgeBase, vocabulary: Vocabulary, ids: Iterable[str], words: Iterable[str], options: ImportOptions
) -> RecordChange:
    """Compute the files with the entries of a vocabulary as terms; an entry that cannot be one is a problem of the change.

    Args:
        kb: The knowledge base.
        vocabulary: The vocabulary.
        ids: The CURIEs or IRIs of entries.
        words: Words that name entries.
        options: How terms are made.

    Raises:
        KbError: The kind of an entry is not known (KB832), or the result would have problems.
    """
    if not vocabulary.is_whole:
        raise fail("KB327", "A mapping set has no entries to import.", "Name a file in OBO, OWL or SKOS.", vocabulary.name)
    names = names_of(kb)
    wanted = {name if "://" in name else names.expand(name) or name: _BY_ID for name in ids}
    named, problems = term_mapping.find_entries(vocabulary, words)
    plan = _TermImport(kb, vocabulary, options)
    for iri, how in sorted({**named, **wanted}.items()):
        try:
            plan.add(iri, how)
        except KbError as error:
            if error.exit_code == exit_codes.USE:  # which concerns all of them
                raise
            problems += error.problems
    return term_mapping.check_change(kb, plan.finish(problems))


class _Entry(NamedTuple):
    """An entry of a vocabulary, with its words by language."""

    iri: str
    curie: str
    thing: Thing
    labels: dict[str, list[str]]
    synonyms: dict[str, list[str]]
    definitions: dict[str, list[str]]

    @property
    def names(self) -> dict[str, list[str]]:
        """Its labels and exact synonyms."""
        return {tag: [*self.labels.get(tag, ()), *self.synonyms.get(tag, ())] for tag in {**self.labels, **self.synonyms}}


class _TermImport:
    """An import that is planned: new terms, changed ones, and rows of mappings."""

    def __init__(self, kb: KnowledgeBase, vocabulary: Vocabulary, options: ImportOptions) -> None:
        self._kb, self._vocabulary, self._options, self._names = kb, vocabulary, options, names_of(kb)
        self._own = kb.dataset.language
        self._new: dict[str, tuple[str, dict[str, Any]]] = {}  # the prefix and the record of each
        self._changed: dict[str, tuple[Term, dict[str, Any]]] = {}
        self._rows: list[dict[str, str]] = []
        self._left_out = Counter[str]()
        self._equal = mapping_checks.join_equal(kb.outside)
        self._by_name: defaultdict[str, dict[str, Term]] = defaultdict(dict)
        for term in (*kb.terms.values(), *kb.retired.values()):
            self._add_names(term)
        self._by_object: defaultdict[str, list[OutsideMatch]] = defaultdict(list)
        self._by_subject: defaultdict[str, list[OutsideMatch]] = defaultdict(list)
        for row in kb.mappings:
            self._by_object[self._equal.get(row.object, row.object)].append(row)
            self._by_subject[row.subject].append(row)
        every = kinds.values("kind")
        if options.kind and options.kind not in every:
            raise fail("KB832", f"{quote(options.kind)} is no kind.", f"Name one of: {', '.join(every)}.", "--kind")
        self._kinds = {
            self._names.expand(curie) or curie.replace("biolink:", BIOLINK): name
            for name, value in every.items()
            for match in ("closeMatch", "exactMatch")
            for curie in value.links.get(match, ())
        }
        self._source, header = vocabulary.header
        stated = {*header.list_texts("licence"), *header.list_links("licence")}
        self._licence = find_licence(options.licence or (stated.pop() if len(stated) == 1 else ""))
        self._is_open = self._licence in kinds.OPEN_LICENCES.values()
        if options.definitions and not self._licence:
            raise fail("KB832", "The licence of the definitions is not known.", "Name it with --licence.", "--definitions")

    def _add_names(self, term: Term) -> None:
        for name in list_names(term):
            self._by_name[tidy(name)][term.id] = term

    def _fail(self, message: str, remedy: str) -> KbError:
        return KbError([Problem(Place(self._vocabulary.name), "KB815", message, remedy)])

    def add(self, iri: str, how: str) -> None:
        """Plan the term of an entry, which was chosen by its identifier or by a word.

        Raises:
            KbError: It is unknown (KB328) or obsolete (KB329), has no prefix (KB315) or no label, or may be another term (KB815),
                or its kind is not known (KB832).
        """
        curie, source = self._names.compact(iri) or iri, self._vocabulary.name
        thing = self._vocabulary.things.get(iri)
        if thing is None:
            raise fail("KB328", f"{quote(curie)} is not in {source}.", "Correct it, or leave it out.", source)
        if thing.is_obsolete:
            raise KbError([report_obsolete(curie, thing, self._names, Place(source), source)])
        if not thing.is_entry or iri.startswith(self._names.base):
            raise self._fail(f"{quote(curie)} is a relation, a vocabulary, or of this knowledge base.", "Name a thing.")
        term_mapping.check_prefix(self._kb, curie)
        entry = _Entry(iri, curie, thing, *(self._read(thing.words, role) for role in _ROLES))
        if term := self._find_mapped(entry) or self._find_named(entry):
            self._extend(entry, term)
        else:
            self._make(entry, how)
        self._left_out["synonyms that are not exact"] += len(thing.list_texts("inexact"))

    def _read(self, words: Iterable[EntryText], role: str) -> dict[str, list[str]]:
        """Return the words of a role by language; those without one are in the language of the knowledge base."""
        found: dict[str, list[str]] = {}
        for one in sorted(words):
            if one.role == role:
                tag = self._own if one.language.lower() in {"", self._own.lower()} else one.language
                found.setdefault(tag, []).append(normalize("NFC", " ".join(one.text.split())))
        near = next((tag for tag in found if primary_tag(tag) == primary_tag(self._own)), self._own)
        if self._own not in found and near in found:
            found[self._own] = found.pop(near)
        return found

    def _find_mapped(self, entry: _Entry) -> Term | None:
        """Find the term that is mapped to an entry, or to what mapping sets call equal, as the same or a close thing."""
        for row in self._by_object.get(self._equal.get(entry.curie, entry.curie), ()):
            term = self._kb.terms.get(row.subject.removeprefix("term:"))
            if row.match in {_EXACT, _CLOSE} and term:
                return term
            if row.match == _EXACT:
                raise self._fail(f"{quote(entry.curie)} is matched to '{row.subject}'.", "A predicate cannot be a term.")
        return None

    def _find_named(self, entry: _Entry) -> Term | None:
        """Find the term of the kind of an entry that has its label; refuse an entry that may be a term under another name."""
        if self._own not in entry.labels:
            tags = ", ".join(entry.labels)
            message = f"{quote(entry.curie)} has no label in {self._own}{tags and f', only in {tags}'}."
            raise self._fail(message, "Add the term with 'kb term add', and map it.")
        kind, label = self._find_kind(entry.iri), entry.labels[self._own][0]
        for name in (label, *entry.names[self._own]):
            terms = [term for term in self._by_name.get(tidy(name), {}).values() if kind in {"", term.kind}]
            if name == label and len(terms) == 1 and terms[0].id in self._kb.terms:
                self._check_others(entry, terms[0])
                return terms[0]
            if terms:
                listed = " and ".join(f"'{term.id}'" for term in terms)
                remedy = f"If it is the same, map it: 'kb term map {terms[0].id} --accept {entry.curie}'. Else use 'kb term add'."
                raise self._fail(f"{quote(entry.curie)}, {quote(label)}, has the name {quote(name)}, as has {listed}.", remedy)
        return None

    def _check_others(self, entry: _Entry, term: Term) -> None:
        """Refuse an entry whose label a term has that is another thing of the vocabulary."""
        for row in self._by_subject[f"term:{term.id}"]:
            if row.object.partition(":")[0] == entry.curie.partition(":")[0] and (
                row.match in {_EXACT, _CLOSE} or row.object == entry.curie
            ):
                match = row.match.partition(":")[2]
                message = f"{quote(entry.curie)} has the label of '{term.id}', which is mapped to '{row.object}' as {match}."
                raise self._fail(message, "Correct that mapping, or leave the identifier out.")

    def _find_kind(self, iri: str) -> str:
        """Return the kind that is named, or to which an entry or its nearest ancestors are linked; empty if that is not one."""
        level, seen, found = {iri}, set[str](), {self._options.kind} - {""}
        while level and not found:
            seen |= level
            things = [self._vocabulary.things[each] for each in level if each in self._vocabulary.things]
            types = {each for thing in things for each in thing.list_links("type")}
            found = {self._kinds[each] for each in level | types if each in self._kinds}
            level = {parent for thing in things for parent in thing.list_links("parent")} - seen
        return found.pop() if len(found) == 1 else ""

    def _make(self, entry: _Entry, how: str) -> None:
        """Plan a new term, which is the entry, and the mappings to it and to its parents."""
        kind, label = self._find_kind(entry.iri), entry.labels[self._own][0]
        name = make_id(label)
        if not kind:
            remedy = f"Name the kind of all with --kind: {', '.join(kinds.values('kind'))}."
            raise fail("KB832", f"The file does not say of what kind {quote(entry.curie)} is.", remedy, "--kind")
        if any(name in known for known in (self._kb.terms, self._kb.retired, self._new)):
            message = f"{quote(entry.curie)}, {quote(label)}, would get the id '{name}', which another term has."
            raise self._fail(message, "Add it under another id with 'kb term add', and map it.")
        others = {tag: words[:1] for tag, words in entry.labels.items() if tag != self._own}
        first = {self._own: [label], **self._choose(others, {}, name)}
        aliases = self._choose(entry.names, first, name)
        value = {
            "id": name,
            "kind": kind,
            "label": join_languages({tag: words[0] for tag, words in first.items()}, self._own),
            **({"aliases": join_languages(aliases, self._own)} if aliases else {}),
            **self._define(entry),
        }
        record = Record("term", value, Place(self._vocabulary.name))
        if flaws := _find_flaws(record):
            raise KbError(flaws)
        term = resolve.parse_term(record, self._own)
        rows = [self._make_row(term, "exact", entry.curie, how, "The term was made of this entry.")]
        rows += self._relate(entry, term)
        self._rows += rows
        self._new[name] = entry.curie.partition(":")[0], value
        self._add_names(term)

    def _define(self, entry: _Entry) -> dict[str, Any]:
        """Return the definition of a new term, with its source in a note, or a placeholder if its licence is not open."""
        given = {tag: words[0] for tag, words in entry.definitions.items() if _is_sound("definition", tag, words[0])}
        if given and not (self._is_open or self._options.definitions):
            self._left_out[f"definitions, whose licence is {self._licence or 'not known'}"] += 1
            given = {}
        source = " ".join(filter(None, (self._source or self._vocabulary.name, self._vocabulary.version)))
        note = {"note": f"Definition of {entry.curie} from {source}, licence {self._licence}."} if given else {}
        own = f"What the vocabulary of the identifier {entry.curie} describes there."
        return {"definition": join_languages({self._own: own, **given}, self._own), **note}

    def _choose(self, names: Mapping[str, Sequence[str]], had: Mapping[str, Sequence[str]], term: str) -> dict[str, list[str]]:
        """Return the names, by language, that a term lacks and can have: sound ones that no other term has."""
        chosen: dict[str, list[str]] = {}
        for tag, words in names.items():
            seen = set(map(tidy, had.get(tag, ())))
            for word in words:
                if tidy(word) in seen:
                    continue
                seen.add(tidy(word))
                if self._by_name.get(tidy(word), {}).keys() - {term}:
                    self._left_out["names that other terms have"] += 1
                elif not _is_sound("label", tag, word):
                    self._left_out["names that no term can have"] += 1
                else:
                    chosen.setdefault(tag, []).append(word)
        return chosen

    def _extend(self, entry: _Entry, term: Term) -> None:
        """Plan the mapping and the names that a term lacks; names only if it has the label, or is the same thing."""
        rows = [row for row in self._by_subject[f"term:{term.id}"] if row.match in {_EXACT, _CLOSE}]
        exact = {self._equal.get(row.object, row.object) for row in rows if row.match == _EXACT}
        is_exact = self._equal.get(entry.curie, entry.curie) in exact
        if entry.curie not in {row.object for row in rows}:
            match, how, why = ("exact", _CHAINED, "equal") if is_exact else ("close", term_mapping.BY_NAME, "called the same")
            self._rows.append(self._make_row(term, match, entry.curie, how, f"The term was there; they are {why}."))
        self._rows += self._relate(entry, term) if is_exact else []
        labels = set(map(tidy, entry.labels.get(self._own, ())))
        if term.record and (is_exact or labels & set(map(tidy, list_names(term)))):
            had = split_languages(term.record.value.get("aliases", []), self._own)
            label = split_languages(term.record.value["label"], self._own)
            new = self._choose(entry.names, {tag: [*had.get(tag, ()), *label.get(tag, ())] for tag in {**had, **label}}, term.id)
            aliases = {tag: [*had.get(tag, ()), *new.get(tag, ())] for tag in {**had, **new}}
            if new:
                self._changed[term.id] = term, {**term.record.value, "aliases": join_languages(aliases, self._own)}

    def _relate(self, entry: _Entry, term: Term) -> list[dict[str, str]]:
        """Make the mappings of a term to the parents of the entry that it is."""
        related = {row.object for row in self._by_subject[f"term:{term.id}"]} | {entry.curie}
        equal = {self._equal.get(curie, curie) for curie in related}
        rows = []
        for iri in entry.thing.list_links("parent"):
            curie, parent = self._names.compact(iri), self._vocabulary.things.get(iri)
            if not curie or not parent or iri.startswith((OWL, self._names.base)):
                self._left_out["parents that the file does not describe, or without a prefix in kb.yaml"] += not iri.startswith(
                    OWL
                )
            elif parent.is_entry and self._equal.get(curie, curie) not in equal:
                rows.append(self._make_row(term, "broad", curie, _CHAINED, f"A parent of {entry.curie}."))
        return rows

    def _make_row(self, term: Term, match: str, curie: str, how: str, comment: str) -> dict[str, str]:
        """Make the row of a mapping, under the licence of the vocabulary.

        Raises:
            KbError: Its identifier cannot be that of a mapping.
        """
        row = term_mapping.make_row(term, match, curie, self._vocabulary, self._options.today)
        row |= {"mapping_justification": how, "comment": f"{comment} Seen in {self._vocabulary.name}."}
        labels = self._read(self._vocabulary.things[self._names.expand(curie) or curie].words, "label") if self._is_open else {}
        label = next(iter(labels.get(self._own, ())), "")
        row["object_label"] = label if label and _is_sound("label", self._own, label) else ""
        row["license"] = self._licence if self._licence != self._kb.dataset.license else ""
        filled = {column: cell for column, cell in row.items() if cell}
        if flaws := [*json_schema.check(Record("mapping", filled, Place(self._vocabulary.name)))]:
            raise KbError(flaws)
        return row

    def finish(self, problems: list[Problem]) -> RecordChange:
        """Compute the files with all terms and mappings."""
        contents: dict[Path, str] = {}
        edits: defaultdict[Path, list[tuple[Record, dict[str, Any]]]] = defaultdict(list)
        added: defaultdict[Path, list[dict[str, Any]]] = defaultdict(list)
        for term, value in self._changed.values():
            edits[_get_file(term)].append((term.record or Record("term", {}, Place("")), value))
        for prefix, value in self._new.values():
            added[self._kb.folder / "terms" / (self._options.file or f"{prefix.lower()}.yaml")].append(value)
        for path, changes in edits.items():
            try:
                contents[path] = record_edits.replace_all(path, changes)
            except KbError as error:  # the records get no names, but the rest is imported
                problems += error.problems
                self._changed = {name: (term, value) for name, (term, value) in self._changed.items() if _get_file(term) != path}
        with text_file.read_planned({path: text.encode() for path, text in contents.items()}):
            contents |= {path: record_edits.append(path, "term", values) for path, values in added.items()}
        contents |= term_mapping.add_rows(self._kb, self._rows)
        values = [*(value for _, value in self._changed.values()), *(value for _, value in self._new.values())]
        records = [record_edits.format_record(value, "term", self._vocabulary.name) for value in values]
        notes = [f"Left out ({count:,}): {what}." for what, count in sorted((+self._left_out).items())]
        counts = [
            count_of(len(self._new), "new term"),
            f"{len(self._changed):,} with more names",
            count_of(len(self._rows), "mapping"),
        ]
        return RecordChange(contents, records, sorted(problems), [*notes, f"{', '.join(counts)}."])


def _get_file(term: Term) -> Path:
    return Path(term.record.place.file if term.record else "")


def _find_flaws(record: Record) -> list[Problem]:
    """Return what is wrong with a term by itself."""
    return [*chain.from_iterable(check(record) for check in (characters.check, json_schema.check, confusables.check))]


def _is_sound(key: str, tag: str, words: str) -> bool:
    """Return whether words in a language can be the label or definition of a term."""
    kind = next(iter(kinds.values("kind")))
    return not _find_flaws(
        Record("term", {"id": "x", "kind": kind, "label": "x", "definition": "x", key: {tag: words}}, Place(""))
    )
