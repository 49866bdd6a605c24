"""Which RDF a record becomes: for each class, the schema of its records and the IRI that each key stands for.

Records have their meaning in ``context.jsonld``; what the compiler adds to their
records is added here.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from kb.rdf.facts import WORDING_OF
from kb.rdf.iris import word_iri
from kb.rdf.ontology import STATUS
from kb.rdf.terms import AGENT_SLOTS
from kb.schema import vocabulary

Schema = dict[str, Any]
_VALUES = "values.schema.json#/$defs/"
_ID, _SENTENCE = {"$ref": f"{_VALUES}id"}, {"$ref": f"{_VALUES}sentence-id"}
_ID_PATTERN: str = vocabulary.schema("values")["$defs"]["id"]["pattern"]
_MATCHES = tuple(f"skos:{name}Match" for name in ("exact", "close", "broad", "narrow", "related"))

_OF_FACTS = ("kb:proposition", "kb:restrictions", "kb:standing", "kb:dispute", "rdfs:label")  # computed

_AGENT = {
    "x-form": "The IRI of an agent, or of an ORCID iD.",
    "pattern": "(/agent/[^/]+(/[^/]+)?|^https://orcid[.]org/[0-9X-]{19})$",
}


class NodeFrame(NamedTuple):
    """A class of nodes.

    Args:
        name: The class, as a prefixed name.
        noun: How messages name one of it.
        properties: The schema of each key, references resolved.
        required: The keys that must be there.
        meanings: What each key stands for, as a term definition of JSON-LD.
        types: The classes of its nodes; the first is the target.
        folder: What the IRI ends in before the id, if the id is checked.
        needs: Keys that need others (``dependentRequired``).
        ignored: Properties that may stand beside those of the schema, where it is closed.
        closed: Whether it has no other properties.
    """

    name: str
    noun: str
    properties: dict[str, Schema]
    required: set[str]
    meanings: dict[str, Any]
    types: tuple[str, ...]
    folder: str = ""
    needs: dict[str, list[str]] = {}  # noqa: RUF012 - never changed
    ignored: tuple[str, ...] = ()
    closed: bool = True


def resolve(schema: Any, home: Schema) -> Any:
    """Resolve all references in a schema; a place keeps the name (``x-ref``) and description (``x-form``) of what it names."""
    if isinstance(schema, list):
        return [resolve(each, home) for each in schema]
    if not isinstance(schema, dict):
        return schema
    own = {key: resolve(each, home) for key, each in schema.items() if key != "$ref"}
    if "$ref" not in schema:
        return own
    file, _, pointer = schema["$ref"].partition("#/$defs/")
    source = vocabulary.schema("values") if file else home
    target = resolve(source["$defs"][pointer], source)
    return {**target, **own, "x-ref": pointer, "x-form": target["description"]}


def frames(context: Schema) -> list[NodeFrame]:
    """Give every class of nodes that has a shape.

    Args:
        context: The content of ``context.jsonld``.
    """
    return [
        *_fact_frames(context),
        *_vocabulary_frames(context),
        *_document_frames(context),
        _scoped("Mapping", "A mapping", *_twice("mapping"), context, types=("sssom:Mapping",)),
    ]


def _fact_frames(context: Schema) -> list[NodeFrame]:
    """Give facts, and the nodes that belong to a fact."""
    fact = vocabulary.schema("fact")
    return [
        _scoped(
            "Fact",
            "A fact",
            {**fact, "dependentRequired": {**fact["dependentRequired"], "status": ["reason"], "reason": ["status"]}},
            fact,
            context,
            types=("kb:Fact", "rdf:Statement"),
            ignored=_OF_FACTS,
        ),
        _scoped(
            "Quantity",
            "A quantity",
            {**fact["$defs"]["quantity"], "required": [], "dependentRequired": {"n": ["of"], "of": ["n"]}},
            fact,
            _leave_out(context, "Quantity", "low", "high"),
            types=("kb:Quantity", "qudt:QuantityValue"),
            ignored=("kb:lowest", "kb:highest", "kb:baseUnit", "qudt:hasUnit", "skos:prefLabel"),
        ),
        _scoped(
            "Evidence",
            "A piece of evidence",
            fact["$defs"]["evidence"],
            fact,
            context,
            types=("kb:Evidence",),
            ignored=tuple(_wording(part) for part in fact["$defs"]["evidence"]["properties"]["as"]["properties"]),
        ),
        _scoped(
            "Review",
            "A review",
            fact["$defs"]["review"],
            fact,
            context,
            types=("kb:Review", "prov:Activity"),
            ignored=("kb:outdated", "skos:prefLabel"),
        ),
    ]


def _vocabulary_frames(context: Schema) -> list[NodeFrame]:
    """Give terms and predicates."""
    return [
        # Terms are the subjects of plain triples, so they have any predicate as property: shapes-sparql.ttl closes them.
        _scoped("Term", "A term", *_twice("term"), context, types=("kb:Term", "skos:Concept"), folder="term", closed=False),
        _scoped(
            "Predicate",
            "A predicate",
            *_twice("predicate"),
            context,
            types=("kb:Predicate", "rdf:Property"),
            folder="predicate",
            ignored=(*_MATCHES, "rdfs:isDefinedBy"),
        ),
    ]


def _document_frames(context: Schema) -> list[NodeFrame]:
    """Give documents, their parts, and the results of verification."""
    document = vocabulary.schema("document")
    sentence = document["$defs"]["sentence"]
    return [
        _scoped("Document", "A document", document, document, context, types=("kb:Document", "prov:Entity"), folder="document"),
        _scoped("Section", "A section", document["$defs"]["section"], document, context, types=("kb:Section",)),
        _scoped("Sentence", "A sentence", sentence, document, context, types=("kb:Sentence", "oa:SpecificResource")),
        _scoped("Position", "A position", sentence, document, context, types=("oa:TextPositionSelector",)),
        _scoped("Quote", "A quote", sentence, document, context, types=("oa:TextQuoteSelector",)),
        _scoped(
            "Verification",
            "A verification",
            vocabulary.schema("verification")["$defs"]["result"],
            vocabulary.schema("verification"),
            context,
            types=("kb:Verification", "prov:Activity"),
        ),
    ]


def _wording(part: str) -> str:
    return f"<{word_iri(part)}{WORDING_OF}>" if part in vocabulary.own_iris() else f"kb:{part}{WORDING_OF}"


def _leave_out(context: Schema, name: str, *keys: str) -> Schema:
    """Leave out keys that mean the same as others."""
    own = {key: meaning for key, meaning in context[name]["@context"].items() if key not in keys}
    return {**context, name: {**context[name], "@context": own}}


def _twice(kind: str) -> tuple[Schema, Schema]:
    return vocabulary.schema(kind), vocabulary.schema(kind)


def _scoped(name: str, noun: str, schema: Schema, home: Schema, context: Schema, **rest: Any) -> NodeFrame:
    added = _ADDED.get(name, {})
    meanings = {"note": {"@id": context["note"]}} if "note" in {**schema["properties"], **added.get("properties", {})} else {}
    for key, meaning in context[name]["@context"].items():
        if meaning is not None and key != "@vocab":
            meanings[key] = meaning if isinstance(meaning, dict) else {"@id": meaning}
    if name == "Mapping":  # the other slots of SSSOM keep their names
        slots = sorted(schema["properties"].keys() - meanings - _NO_SLOTS)
        meanings |= {slot: {"@id": f"sssom:{slot}", "@language": None} for slot in slots}
        schema = {**schema, "properties": {**schema["properties"], **_AGENTS_OF_MAPPINGS}}
    properties = resolve({**schema["properties"], **added.get("properties", {})}, home)
    required = {*schema["required"], *added.get("required", ())} & set(meanings) - {*added.get("optional", ())}
    needs = schema.get("dependentRequired", {})
    return NodeFrame(name, noun, {key: properties[key] for key in meanings}, required, meanings, needs=needs, **rest)


#: The slots of SSSOM that name people and tools: each is a node of its own, or a text where it is no CURIE.
_AGENTS_OF_MAPPINGS: Schema = {
    slot: {"title": slot, "type": "array", "items": {"x-form": "The IRI or the name of a person or tool.", "x-nodes": "any"}}
    for slot in AGENT_SLOTS
}
#: The slots of SSSOM that a mapping does not have as they are.
_NO_SLOTS = {"subject_label", "predicate_modifier", "curie_map", "heading", "extensions"}


#: What the compiler adds to a record, or writes in another form than the record has it.
_ADDED: dict[str, Schema] = {
    "Fact": {
        "properties": {
            "sentences": {"title": "sentences", "type": "array", "items": _SENTENCE, "minItems": 1},
            "curator": {"title": "curator", **_AGENT},
            "status": {"title": "status", "$ref": f"{_VALUES}fact-status"},
            "reason": {"title": "reason of the status", "$ref": f"{_VALUES}text"},
        },
        "required": ["document", "sentences"],
    },
    "Review": {"properties": {"by": {"title": "by", **_AGENT}}},
    "Evidence": {
        "properties": {
            "basis": {"title": "evidence type", "$ref": f"{_VALUES}iri"},
            "as": {"title": "as", "type": "array", "items": {"$ref": f"{_VALUES}wording"}, "maxItems": 20},
            "disputes": {"title": "disputes", "type": "array", "items": {"$ref": f"{_VALUES}part"}, "maxItems": 40},
        },
    },
    "Document": {
        "properties": {
            "standing": {"title": "standing", "$ref": f"{_VALUES}standing"},
            "evidence": {"title": "evidence type", "$ref": f"{_VALUES}iri"},
            "standing-since": {"title": "standing since", "$ref": f"{_VALUES}date"},
            "standing-source": {"title": "source of the standing", "$ref": f"{_VALUES}iri"},
        },
        "required": ["mediatype"],  # the compiler writes the default
    },
    "Section": {"properties": {"document": {"title": "document", **_ID}}, "required": ["document"]},
    "Sentence": {
        "properties": {
            "document": {"title": "document", **_ID},
            "section": {"title": "section", "x-class": "kb:Section"},
            "position": {
                "title": "position",
                "type": "array",
                "items": {"x-class": ["oa:TextPositionSelector", "oa:TextQuoteSelector"]},
                "minItems": 1,
                "maxItems": 2,
            },
            "number": {"title": "number", "type": "integer", "minimum": 0, "maximum": 999999},
            "status": {"title": "status", "enum": list(STATUS)},
            "reason": {"$ref": f"{_VALUES}reason"},
            "by": {"title": "by", "type": "array", "items": _SENTENCE, "maxItems": 1000},
            "note": {"title": "note", "$ref": f"{_VALUES}text"},
        },
        "required": ["document", "section", "position", "number", "status"],
    },
    "Verification": {
        "properties": {
            "fact": {"title": "fact", "x-class": "kb:Fact"},
            "document": {"title": "document", **_ID},
            "sha256": {"title": "SHA-256", "$ref": f"{_VALUES}sha256"},
            "rules": {"title": "rules", "type": "integer", "minimum": 1, "maximum": 1000000},
        },
        "required": ["document", "sha256", "rules"],
    },
    "Quote": {
        "properties": {
            "exact": {"title": "exact", "x-form": "The text of the sentence.", "minLength": 1},
            "prefix": {"title": "prefix", "x-form": "The text before it.", "minLength": 1, "maxLength": 32},
            "suffix": {"title": "suffix", "x-form": "The text after it.", "minLength": 1, "maxLength": 32},
        },
        "required": ["exact"],
    },
    "Mapping": {
        "properties": {
            "subject_id": {
                "title": "subject_id",
                "x-form": "The IRI of a term or predicate.",
                "pattern": f"/(term|predicate)/{_ID_PATTERN[1:]}",
            },
            "target": {"title": "object_id", "$ref": f"{_VALUES}iri"},
            "mapping_justification": {
                "title": "mapping_justification",
                "x-form": "An IRI of the Semantic Mapping Vocabulary.",
                "pattern": "^https://w3id.org/semapv/vocab/[A-Za-z]+$",
            },
        },
        "required": ["target"],
    },
}
