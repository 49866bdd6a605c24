"""Which RDF a record becomes: for each class, the schema of its records and the IRI that each key stands for.

Facts, evidence, terms and predicates have their meaning in ``context.jsonld``; what the compiler adds to their
records is added here. Documents and mappings are compiled by hand, so their meaning is written here in the same form.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from kb import resources
from kb.rdf.ontology import STATUS

Schema = dict[str, Any]
_VALUES = "values.schema.json#/$defs/"
_ID, _SENTENCE = {"$ref": f"{_VALUES}id"}, {"$ref": f"{_VALUES}sentence-id"}
_ID_PATTERN: str = resources.schema("values")["$defs"]["id"]["pattern"]
_MATCHES = tuple(f"skos:{name}Match" for name in ("exact", "close", "broad", "narrow", "related"))

_OF_FACTS = ("kb:restrictions", "kb:standing", "kb:dispute", "rdfs:label")  # computed

_AGENT = {
    "x-form": "The IRI of an agent, or of an ORCID iD.",
    "pattern": "(/agent/[^/]+(/[^/]+)?|^https://orcid[.]org/[0-9X-]{19})$",
}


class Frame(NamedTuple):
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
    source = resources.schema("values") if file else home
    target = resolve(source["$defs"][pointer], source)
    return {**target, **own, "x-ref": pointer, "x-form": target["description"]}


def frames(context: Schema) -> list[Frame]:
    """Give every class of nodes that has a shape.

    Args:
        context: The content of ``context.jsonld``.
    """
    fact, document = resources.schema("fact"), resources.schema("document")
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
            _without(context, "Quantity", "low", "high"),
            types=("kb:Quantity", "qudt:QuantityValue"),
            ignored=("kb:lowest", "kb:highest", "kb:baseUnit", "qudt:hasUnit", "skos:prefLabel"),
        ),
        _scoped("Evidence", "A piece of evidence", fact["$defs"]["evidence"], fact, context, types=("kb:Evidence",)),
        _scoped(
            "Review",
            "A review",
            fact["$defs"]["review"],
            fact,
            context,
            types=("kb:Review", "prov:Activity"),
            ignored=("kb:outdated", "skos:prefLabel"),
        ),
        # Terms are the subjects of plain triples, so they have any predicate as property: shapes-sparql.ttl closes them.
        _scoped("Term", "A term", *_twice("term"), context, types=("kb:Term", "skos:Concept"), folder="term", closed=False),
        _scoped(
            "Predicate",
            "A predicate",
            *_twice("predicate"),
            context,
            types=("kb:Predicate", "rdf:Property"),
            folder="predicate",
            ignored=_MATCHES,
        ),
        _written("Document", "A document", document, document, types=("kb:Document", "prov:Entity"), folder="document"),
        _written("Section", "A section", document["$defs"]["section"], document, types=("kb:Section",)),
        _written("Sentence", "A sentence", document["$defs"]["sentence"], document, types=("kb:Sentence", "oa:SpecificResource")),
        _written("Position", "A position", document["$defs"]["sentence"], document, types=("oa:TextPositionSelector",)),
        _written("Quote", "A quote", document["$defs"]["sentence"], document, types=("oa:TextQuoteSelector",)),
        _written(
            "Verification",
            "A verification",
            resources.schema("verification")["$defs"]["result"],
            resources.schema("verification"),
            types=("kb:Verification", "prov:Activity"),
        ),
        _written("Mapping", "A mapping", *_twice("mapping"), types=("sssom:Mapping",)),
    ]


def _without(context: Schema, name: str, *keys: str) -> Schema:
    """Leave out keys that mean the same as others."""
    own = {key: meaning for key, meaning in context[name]["@context"].items() if key not in keys}
    return {**context, name: {**context[name], "@context": own}}


def _twice(kind: str) -> tuple[Schema, Schema]:
    return resources.schema(kind), resources.schema(kind)


def _scoped(name: str, noun: str, schema: Schema, home: Schema, context: Schema, **rest: Any) -> Frame:
    meanings = {"note": {"@id": context["note"]}} if "note" in schema["properties"] else {}
    for key, meaning in context[name]["@context"].items():
        if meaning is not None:
            meanings[key] = meaning if isinstance(meaning, dict) else {"@id": meaning}
    return _frame(name, noun, schema, home, meanings, **rest)


def _written(name: str, noun: str, schema: Schema, home: Schema, **rest: Any) -> Frame:
    return _frame(name, noun, schema, home, _MEANINGS[name], **rest)


def _frame(name: str, noun: str, schema: Schema, home: Schema, meanings: dict[str, Any], **rest: Any) -> Frame:
    added = _ADDED.get(name, {})
    properties = resolve({**schema["properties"], **added.get("properties", {})}, home)
    required = {*schema["required"], *added.get("required", ())} & set(meanings) - {*added.get("optional", ())}
    needs = schema.get("dependentRequired", {})
    return Frame(name, noun, {key: properties[key] for key in meanings}, required, meanings, needs=needs, **rest)


def _id(iri: str) -> Schema:
    return {"@id": iri, "@type": "@id"}


def _below(iri: str, base: str) -> Schema:
    return {"@id": iri, "@type": "@id", "@context": {"@base": base}}


def _word(iri: str) -> Schema:
    return {"@id": iri, "@type": "@vocab"}


def _plain(iri: str, datatype: str = "") -> Schema:
    return {"@id": iri, "@type": datatype} if datatype else {"@id": iri, "@language": None}


_MEANINGS: dict[str, dict[str, Any]] = {
    "Document": {
        "title": {"@id": "dcterms:title"},
        "language": _plain("dcterms:language"),
        "mediatype": _plain("dcterms:format"),
        "rights": {"@id": "dcterms:rights"},
        "license": _id("dcterms:license"),
        "text": _word("kb:availability"),
        "source": _id("dcterms:source"),
        "identifiers": _plain("dcterms:identifier"),
        "topic": _below("dcterms:subject", "term/"),
        "issued": _plain("dcterms:issued"),
        "version": {"@id": "owl:versionInfo"},
        "retrieved": _plain("pav:retrievedOn", "xsd:date"),
        "replaces": _below("dcterms:replaces", "document/"),
        "standing": _word("adms:status"),
        "since": _plain("kb:standingSince", "xsd:date"),
        "standing source": _id("kb:standingSource"),
        "sha256": _plain("kb:sha256"),
        "words-sha256": _plain("kb:wordsSha256"),
        "bytes": _plain("kb:bytes", "xsd:integer"),
        "characters": _plain("kb:characters", "xsd:integer"),
        "note": {"@id": "skos:editorialNote"},
    },
    "Section": {
        "number": _plain("kb:number", "xsd:integer"),
        "topic": {"@id": "skos:prefLabel"},
        "code": _plain("skos:notation"),
        "document": _below("dcterms:isPartOf", "document/"),
    },
    "Sentence": {
        "id": _plain("dcterms:identifier"),
        "sha256": _plain("kb:sha256"),
        "document": _below("oa:hasSource", "document/"),
        "section": _id("dcterms:isPartOf"),
        "position": _id("oa:hasSelector"),
        "number": _plain("kb:number", "xsd:integer"),
        "status": _word("kb:status"),
        "reason": _word("kb:exemption"),
        "by": _below("kb:restated", "document/"),
        "note": {"@id": "skos:editorialNote"},
    },
    "Position": {
        "start": _plain("oa:start", "xsd:integer"),
        "end": _plain("oa:end", "xsd:integer"),
    },
    "Verification": {
        "fact": _id("kb:verifies"),
        "document": _below("prov:used", "document/"),
        "sha256": _plain("kb:sha256"),
        "digest": _plain("kb:digest"),
        "verdict": _word("kb:verdict"),
        "checked": _word("kb:checked"),
        "unchecked": _word("kb:unchecked"),
        "rules": _plain("kb:rules", "xsd:integer"),
        "when": _plain("prov:endedAtTime", "xsd:dateTime"),
    },
    "Quote": {
        "exact": _plain("oa:exact"),
        "prefix": _plain("oa:prefix"),
        "suffix": _plain("oa:suffix"),
    },
    "Mapping": {
        "subject_id": _id("owl:annotatedSource"),
        "predicate_id": _word("owl:annotatedProperty"),
        "target": _id("owl:annotatedTarget"),
        "object_id": _plain("kb:curie"),
        "object_label": _plain("sssom:object_label"),
        "mapping_justification": _id("sssom:mapping_justification"),
        "object_source_version": _plain("sssom:object_source_version"),
        "mapping_date": _plain("sssom:mapping_date", "xsd:date"),
        "comment": _plain("rdfs:comment"),
        "license": _id("dcterms:license"),
    },
}
#: The other slots of SSSOM keep their names.
_SLOTS = (
    resources.schema("mapping")["properties"].keys() - _MEANINGS["Mapping"] - {"subject_label", "predicate_modifier", "curie_map"}
)
_MEANINGS["Mapping"] |= {slot: _plain(f"sssom:{slot}") for slot in sorted(_SLOTS)}

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
            "since": {"title": "standing since", "$ref": f"{_VALUES}date"},
            "standing source": {"title": "source of the standing", "$ref": f"{_VALUES}iri"},
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
