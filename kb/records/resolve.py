"""Resolves records, which must be valid by their schemas, into values of the model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, TypeVar

from kb.document_parts import Exemption, Section, Sentence, Verification
from kb.metadata import Agent, BiolinkProfile, Creator, Curation, Dataset, EdgeRule, Review
from kb.model import Cue, Document, Evidence, Fact, LiteralObject, OutsideMatch, Predicate, Record, Term, Translations
from kb.rdf import quantities, value_groups
from kb.rdf.iris import Names, fact_path, literal_segment
from kb.schema import vocabulary

# The slots of SSSOM that a mapping has as fields of its own, or that follow from others.
_MATCH_SLOTS = {"subject_id", "subject_label", "predicate_id", "object_id", "object_label", "mapping_justification"}
_MATCH_SLOTS |= {"object_source_version", "mapping_date", "comment", "curie_map", "predicate_modifier", "heading", "extensions"}
Localized = TypeVar("Localized", Term, Predicate)
#: The part of a fact that is subject, predicate and object together.
CLAIM = "claim"


def parse_dataset(record: Record) -> Dataset:
    """Parse ``kb.yaml``."""
    value = dict(record.value)
    value["creators"] = tuple(Creator(**creator) for creator in value["creators"])
    for key in ("keywords", "themes", "spatial"):
        value[key] = tuple(value.get(key, ()))
    for key in {"publisher", "contact"} & set(value):
        value[key] = Agent(**value[key])
    if "temporal" in value:
        value["temporal"] = (value["temporal"]["start"], value["temporal"].get("end", ""))
    return Dataset(**{**value, "vocabulary": vocabulary.declare(value)})


def placeholder_dataset(record: Record) -> Dataset | None:
    """Return a placeholder for an invalid ``kb.yaml``, so that the rest can be checked; nothing if it has no prefixes."""
    prefixes = record.value.get("prefixes") if isinstance(record.value, dict) else None
    if not isinstance(prefixes, dict):
        return None
    base = "https://placeholder.invalid/"
    return Dataset("", "", "", "", base, "", "en", "", (), dict.fromkeys(prefixes, base))


def parse_document(record: Record) -> Document:
    """Parse a document with its sentences."""
    value = dict(record.value)
    value["sentences"] = tuple(map(_parse_sentence, value["sentences"]))
    value["sections"] = tuple(Section(**section) for section in value.get("sections", ()))
    value |= {key: tuple(value.get(key, ())) for key in ("identifiers", "replaces", "topic")}
    for key, part in value.pop("standing", {}).items():
        value["standing" if key == "is" else f"standing_{key}"] = part
    value["words_sha256"] = value.pop("words-sha256", "")
    return Document(**value, record=record)


def _parse_sentence(value: dict[str, Any]) -> Sentence:
    exempt = value.get("exempt")
    if exempt is None:
        return Sentence(**value)
    parsed = Exemption(exempt["reason"], tuple(exempt.get("by", ())), exempt.get("note", ""))
    return Sentence(value["id"], value["start"], value["end"], value["sha256"], parsed)


def parse_term(record: Record, language: str = "") -> Term:
    """Parse a term; without the language of the knowledge base, :func:`localize` has to follow."""
    value, translations = _split_languages(record.value)
    value["aliases"] = tuple(value.get("aliases", ()))
    value["replaced_by"] = value.pop("replaced-by", "")
    return localize(Term(**value, translations=translations, record=record), language)


def parse_predicate(record: Record, language: str = "") -> Predicate:
    """Parse a predicate; see :func:`parse_term`."""
    value, translations = _split_languages(record.value)
    for key in ("subject", "object", "qualifiers", "requires", "plain"):
        value[key] = tuple(value.get(key, ()))
    return localize(Predicate(**value, translations=translations, record=record), language)


def _split_languages(record: Mapping[str, Any]) -> tuple[dict[str, Any], Translations]:
    """Take the words by language out of a record; a label and definition that have no language yet are empty."""
    value: dict[str, Any] = dict(record)
    translations: list[tuple[str, str, str]] = []
    for key in ("label", "aliases", "definition"):
        if isinstance(by_language := value.get(key), dict):
            value[key] = () if key == "aliases" else ""
            for tag, words in by_language.items():
                translations += [(key, tag, one) for one in ([words] if isinstance(words, str) else words)]
    return value, tuple(translations)


def localize(thing: Localized, language: str) -> Localized:
    """Take the words in the language of the knowledge base from the translations of a term or predicate."""
    if not thing.translations or not language:
        return thing
    chosen, rest = _take_language(thing.translations, language.lower())
    return thing._replace(**{"label": thing.label or thing.id, **chosen}, translations=rest)


def _take_language(translations: Translations, language: str) -> tuple[dict[str, Any], Translations]:
    own: dict[str, tuple[str, ...]] = {}
    for key, tag, words in translations:
        if tag.lower() == language:
            own[key] = (*own.get(key, ()), words)
    chosen = {key: words if key == "aliases" else words[0] for key, words in own.items()}
    return chosen, tuple(entry for entry in translations if entry[1].lower() != language)


def parse_fact(record: Record) -> Fact:
    """Parse a fact: derive its path from what it claims, and the parts that each sentence supports."""
    return parse_fact_value(record.value, record.stem)._replace(record=record)


def parse_fact_value(value: Mapping[str, Any], stem: str) -> Fact:
    """Parse the value of a fact's record; its file's stem is the document that states it, if the value names none."""
    document_id, obj, shape = value.get("document", stem), value["object"], _shape(tuple(value))
    if isinstance(obj, str):
        segment = obj
    elif "unit" in obj:
        segment = quantities.spell(quantities.parse_record(obj))
        obj = LiteralObject(quantities.word(segment), "kb:Quantity", quantity=segment)
    else:
        obj = LiteralObject(**obj) if "language" not in obj else LiteralObject(obj["value"], "", obj["language"])
        segment = literal_segment(obj.value, obj.language or obj.datatype)
    qualifiers = {name: own if isinstance(own := value[name], str) else _parse_value(own) for name in shape.qualifiers}
    restrictions = [(name, qualifiers[name]) for name in shape.restricting]
    path = fact_path(document_id, value["subject"], value["predicate"], segment, restrictions)
    evidence = _evidence(value["evidence"], shape.parts)
    fact = Fact(path, document_id, value["subject"], value["predicate"], obj, qualifiers, evidence, value.get("note", ""))
    return fact._replace(curation=_parse_curation(value)) if shape.is_curated else fact


def _parse_curation(value: Mapping[str, Any]) -> Curation:
    reviews, status = tuple(Review(**review) for review in value.get("review", ())), value.get("status", {})
    return Curation(value.get("curator", ""), value.get("added", ""), reviews, status.get("is", ""), status.get("reason", ""))


def _parse_value(value: Mapping[str, Any]) -> str:
    """Parse a value of a qualifier that is no word."""
    if value.keys() <= value_groups.CLASSES.keys():
        return value_groups.spell(value)
    return quantities.spell(quantities.parse_record(value))


class _Shape(NamedTuple):
    """The qualifiers that all records with the same keys have, those that are part of the identity, and the parts to support."""

    qualifiers: tuple[str, ...]
    restricting: tuple[str, ...]
    parts: tuple[str, ...]
    is_curated: bool


@vocabulary.by_vocabulary
def _shape(keys: tuple[str, ...]) -> _Shape:
    qualifiers = tuple(name for name in vocabulary.qualifiers() if name in keys)
    restricting = tuple(name for name in vocabulary.restricting_qualifiers() if name in keys)
    is_curated = not {"curator", "added", "review", "status"}.isdisjoint(keys)
    return _Shape(qualifiers, restricting, (CLAIM, *qualifiers), is_curated)


def _evidence(pieces: list[dict[str, Any]], parts: tuple[str, ...]) -> tuple[Evidence, ...]:
    if len(pieces) == 1 and len(pieces[0]) == 1:
        sentence = pieces[0]["sentence"]
        return (Evidence(sentence, sentence, parts),)
    named = {part for piece in pieces if "supports" in piece and not _is_against(piece) for part in piece["supports"]}
    rest = (CLAIM, *[part for part in parts if part not in named and part != CLAIM]) if named else parts
    made, names = [], set[str]()
    for piece in (_piece(piece, rest) for piece in pieces):
        made.append(piece._replace(name=f"{piece.name}@{piece.start}") if piece.name in names else piece)
        names.add(piece.name)
    return tuple(made)


def _is_against(piece: Mapping[str, Any]) -> bool:
    return bool(piece.get("direction", "supports") == "disputes")


def _piece(piece: dict[str, Any], rest: tuple[str, ...]) -> Evidence:
    sentence = piece["sentence"]
    if len(piece) == 1:
        return Evidence(sentence, sentence, rest)
    modality = piece.get("modality", "")
    if _is_against(piece):
        against = tuple(dict.fromkeys(piece.get("supports") or (CLAIM,)))
        made = Evidence(f"{sentence}/disputes/{'.'.join(against)}", sentence, (), modality, disputes=against)
    elif not piece.get("supports"):
        made = Evidence(sentence, sentence, rest, modality)
    else:
        supports = tuple(dict.fromkeys(piece["supports"]))
        made = Evidence(f"{sentence}/{'.'.join(supports)}", sentence, supports, modality)
    if "start" in piece or "as" in piece or "basis" in piece:
        wordings, basis = tuple(piece.get("as", {}).items()), piece.get("basis", "")
        return made._replace(start=piece.get("start"), end=piece.get("end"), wordings=wordings, basis=basis)
    return made


def parse_verifications(value: Mapping[str, Any]) -> tuple[Verification, ...]:
    """Parse the results of verification of a document, from the value of its record."""
    made = []
    for result in value["facts"]:
        about = (result["fact"], result["digest"], result["verdict"], result["when"], value["sha256"], value["rules"])
        made.append(Verification(*about, tuple(result.get("checked", ())), tuple(result.get("unchecked", ()))))
    return tuple(made)


def parse_cue(record: Record) -> Cue:
    """Parse cue words."""
    value = record.value
    return Cue(value["list"], value["value"], value["language"], tuple(value["words"]), record)


def parse_mapping(record: Record) -> OutsideMatch:
    """Parse a row of SSSOM."""
    value = record.value
    slots = {name: cell for name, cell in value.items() if name not in _MATCH_SLOTS}
    return OutsideMatch(
        subject=value["subject_id"],
        match=value["predicate_id"],
        object=value["object_id"],
        justification=value["mapping_justification"],
        source_version=value.get("object_source_version", ""),
        date=value.get("mapping_date", ""),
        label=value.get("object_label", ""),
        comment=value.get("comment", ""),
        slots=slots,
        prefixes=value.get("curie_map", {}),
        heading=value.get("heading", {}),
        extensions=value.get("extensions", {}),
        record=record,
    )


def adopt_prefixes(about: Dataset, mappings: Iterable[OutsideMatch]) -> tuple[Dataset, list[OutsideMatch]]:
    """Take over the prefixes that only the files of mappings declare; return the metadata and the mappings with them.

    A prefix for what the knowledge base has a prefix of its own for becomes that one.
    """
    declared = Names(about.base, about.prefixes).prefixes
    prefixes = {start: prefix for prefix, start in reversed(declared.items())}
    added: dict[str, str] = {}

    def adopt(curie: str, own: Mapping[str, str]) -> str:
        prefix, _, local = curie.partition(":")
        if prefix in declared or prefix not in own:
            return curie
        known = prefixes.get(own[prefix], prefix)
        if known == prefix:
            added.setdefault(prefix, own[prefix])
        return f"{known}:{local}"

    rows = [row._replace(subject=adopt(row.subject, row.prefixes), object=adopt(row.object, row.prefixes)) for row in mappings]
    return (about._replace(prefixes={**about.prefixes, **added}) if added else about), rows


def parse_biolink(record: Record) -> BiolinkProfile:
    """Parse ``biolink.yaml``."""
    value = record.value
    rules = {name: tuple(map(_parse_rule, rules)) for name, rules in value.get("predicates", {}).items()}
    flags = value.get("trade_names", ""), value.get("unmatched", False), value.get("unlinked", False)
    return BiolinkProfile(value.get("infores", ""), value.get("terms", {}), rules, *flags, record)


def _parse_rule(value: dict[str, Any]) -> EdgeRule:
    parsed = dict(value)
    for key in {"modalities", "subject", "object"} & set(value):
        parsed[key] = tuple(value[key])
    return EdgeRule(**parsed)
