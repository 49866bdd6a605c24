"""Read the excerpts in other people's YAML or JSON, with the claims that they are given for; and make proposals of them.

A map says by which keys their records give an excerpt, its reference and the claim; or it is a LinkML schema, whose slots say
so with ``implements``, ``slot_uri`` or ``relational_role``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from kb.files import boundary
from kb.model import Record
from kb.problems import KbError, Place, Problem, fail, quote
from kb.records import folder

_IMPLEMENTS = {"excerpt": "excerpt", "authoritative_reference": "reference"}
_IMPLEMENTS |= {end: end for end in ("subject", "predicate", "object")}
_NO_LISTS = {"excerpt", "reference", "sentence", "stance", "language"}
_NOT_NAME = re.compile(r"[^A-Za-z0-9]+")


@dataclass(frozen=True, slots=True)
class RecordMap:
    """By which keys records give what is checked.

    Args:
        excerpt, reference: The keys of the quote, and of the id of its text, in one mapping.
        subject, object: The keys of the words for both ends of the claim, in the mappings around it, the nearest first.
        predicate, predicates: The keys of the words for the relation, or the words for it by the key of the list around.
        qualifiers: The keys of other parts of the claim, by the names that facts have for them.
        sentence: The key of the number of the sentence, if they give it.
        stance, denied, ignored: The key that says how the excerpt bears on the claim, its values for a denial, and those that
            claim nothing.
        language: The language of the texts.
    """

    excerpt: str = "excerpt"
    reference: str = "reference"
    subject: tuple[str, ...] = ()
    object: tuple[str, ...] = ()
    predicate: tuple[str, ...] = ()
    predicates: Mapping[str, str] = field(default_factory=dict)
    qualifiers: Mapping[str, str] = field(default_factory=dict)
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
    predicate: str = ""
    qualifiers: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> str:
        """What a receipt is for: the digest of the quote, its reference and the claim."""
        parts = [self.words, self.reference, self.sentence, self.subject, self.object, str(self.is_denied)]
        parts += [self.predicate, *map("=".join, self.qualifiers)] if self.predicate or self.qualifiers else []
        return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def read_map(path: Path) -> RecordMap:
    """Read a map, or derive it from a LinkML schema.

    Raises:
        KbError: It cannot be read, has other keys (KB202), or lists where mappings belong (KB203).
    """
    value = next(iter(folder.read_file(path, "kb"))).value
    value = value if isinstance(value, dict) else {}
    if "slots" in value or "classes" in value:
        value = dict(_derive(value))
    known = RecordMap.__slots__
    if unknown := sorted(set(value) - set(known)):
        raise fail("KB202", f"A map cannot have {quote(unknown[0])}.", f"It can have: {', '.join(known)}.", str(path))
    return RecordMap(**{key: _read(key, part, str(path)) for key, part in value.items()})


def _read(key: str, value: Any, file: str) -> Any:
    """Read a part of a map: a list of words, a mapping of words, or words."""
    if key in {"predicates", "qualifiers"}:
        if not isinstance(value, dict):
            raise fail("KB203", f"In a map, '{key}' must be a mapping.", f"Write {key}: {{NAME: WORD}}.", file)
        return {str(name): str(word) for name, word in value.items()}
    return str(value) if key in _NO_LISTS else tuple(map(str, value if isinstance(value, list) else [value]))


def _derive(schema: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the keys that the slots of a LinkML schema give to excerpts, references, and the parts of claims."""
    classes = [one for one in (schema.get("classes") or {}).values() if isinstance(one, dict)]
    for slots in (schema.get("slots") or {}, *(one.get("attributes") or {} for one in classes)):
        for name, slot in slots.items():
            told = slot if isinstance(slot, dict) else {}
            given = [*(told.get("implements") or ()), told.get("slot_uri"), str(told.get("relational_role", "")).lower()]
            for implemented in given:
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
                made = Excerpt(words, reference, place, str(value.get(keys.sentence, "")))
                yield (
                    made
                    if stance in keys.ignored
                    else replace(made, **_read_claim(keys, path, around), is_denied=stance in keys.denied)
                )
            for key, item in value.items():
                yield from walk(item, (*path, key), (value, *around))

    yield from walk(record.value, (), ())


def _read_claim(keys: RecordMap, path: tuple[str | int, ...], around: tuple[Mapping[str, Any], ...]) -> dict[str, Any]:
    """Read the claim for which an excerpt is given: its subject from the outermost mapping, the rest from the nearest."""
    section = next((keys.predicates[str(name)] for name in reversed(path) if name in keys.predicates), "")
    told = ((part, _find([key], around)) for part, key in keys.qualifiers.items())
    return {
        "subject": _find(keys.subject, around[::-1]),
        "object": _find(keys.object, around),
        "predicate": _find(keys.predicate, around) or section,
        "qualifiers": tuple((part, word) for part, word in told if word),
    }


def _find(names: Iterable[str], around: Iterable[Mapping[str, Any]]) -> str:
    found = (str(value[name]) for value in around for name in names if isinstance(value.get(name), str))
    return next(found, "")


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


def make_proposals(
    excerpts: Iterable[Excerpt], documents: Iterable[str], defaults: Mapping[str, str], notes: list[Problem]
) -> Iterator[Record]:
    """Yield a proposal for each excerpt with a claim; the others are noted. References name documents of the knowledge base."""
    names = {make_slug(name): name for name in documents}
    for excerpt in excerpts:
        claim = {"subject": excerpt.subject, "predicate": excerpt.predicate, "object": excerpt.object}
        if all(claim.values()) and excerpt.subject != excerpt.object:
            piece = {"words": excerpt.words, "sentence": excerpt.sentence}
            value = {
                "proposer": "tool:records",
                **defaults,
                "document": names.get(make_slug(excerpt.reference), excerpt.reference),
                **claim,
                **({"polarity": "negated"} if excerpt.is_denied else {}),
                **dict(excerpt.qualifiers),
                "quote": [{key: word for key, word in piece.items() if word}],
            }
            yield Record("proposal", value, excerpt.place)
        else:
            message = f"No proposal is made of {quote(excerpt.words)}: the record gives no claim for it."
            notes.append(Problem(excerpt.place, "KB448", message, "Name the keys of subject, predicate and object in the map."))


def make_slug(name: str) -> str:
    """Return the letters and digits of a reference, as files are named after it: ``pmid-123`` for ``PMID:123``."""
    return _NOT_NAME.sub("-", name).strip("-").lower()
