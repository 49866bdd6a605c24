"""JSON Schemas for one knowledge base, with which editors complete, explain and check records.

The general schemas define the records of any knowledge base. These schemas list the terms, predicates and sentences of one: the
predicate of a fact decides which terms may be its subject and object and which qualifiers it takes. Each schema is one
self-contained file in the folder of the knowledge base. The first line of a file of records names its schema;
``yaml-language-server``, which most editors use, reads this line.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from copy import deepcopy
from pathlib import Path
from posixpath import relpath
from typing import Any

from kb import pipeline
from kb.curation.canonical import HEADER
from kb.files import text_file
from kb.model import Document, KnowledgeBase
from kb.rdf import value_groups
from kb.records import folder, strict_yaml
from kb.schema import vocabulary
from kb.texts import sources

#: The folder of the schemas in a knowledge base.
FOLDER = "schemas"

# In a knowledge base with more documents, files of facts share one schema, which lists the sentences of all.
_MOST_OWN = 100
_VALUES = "values.schema.json#/$defs/"

Schema = dict[str, Any]


def build_schema(kb: KnowledgeBase, kind: str, *, many: bool, document: str = "") -> str:
    """Build the schema of files that contain one record of a kind, or many; of facts, those of one document if it is given."""
    record = _fact_schema(kb, document) if kind == "fact" else _self_contained(kind)
    if many:
        defs = {**record.pop("$defs"), "record": {key: value for key, value in record.items() if key != "$schema"}}
        about = {"description": f"Records of: {kb.dataset.title}.", "type": "array"}
        record = {"$schema": record["$schema"], **about, "items": {"$ref": "#/$defs/record"}, "$defs": defs}
    return json.dumps(record, indent=1, ensure_ascii=False) + "\n"


def _self_contained(kind: str) -> Schema:
    """Return a schema with all definitions that it refers to, so that an editor needs one file and no network."""
    schema = deepcopy(vocabulary.schema(kind))
    schema.pop("$id", None)
    defs = schema.setdefault("$defs", {})
    known: Schema = vocabulary.schema("values")["$defs"]
    missing = _references(schema)
    while missing:
        name = missing.pop()
        if name not in defs:
            defs[name] = deepcopy(known[name])
            missing |= _references(defs[name])
    schema["$defs"] = dict(sorted(defs.items()))  # the same bytes in every run
    return schema


def _references(node: Any) -> set[str]:
    """Rewrite references to the schema of values as local ones; return the names of the definitions."""
    names: set[str] = set()
    if isinstance(node, dict):
        reference = node.get("$ref", "")
        if isinstance(reference, str) and reference.startswith((_VALUES, "#/$defs/")):
            name = reference.rpartition("/")[2]
            node["$ref"] = f"#/$defs/{name}"
            names |= {name} & vocabulary.schema("values")["$defs"].keys()
    for value in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        names |= _references(value)
    return names


def _fact_schema(kb: KnowledgeBase, document: str) -> Schema:
    """Build the schema of a fact: the general one, restricted to the declared terms, predicates and sentences."""
    schema = _self_contained("fact")
    del schema["title"]  # editors would display it above the label of every term
    properties, defs = schema["properties"], schema["$defs"]
    kinds = sorted({term.kind for term in kb.terms.values()})
    defs["predicates-known"] = _choice((name, known.label, known.definition) for name, known in kb.predicates.items())
    defs["sentences-known"] = _choice(_sentences_of(kb, kb.documents[document]) if document else _sentence_choices(kb))
    defs["documents-known"] = _choice((name, document.title, "") for name, document in kb.documents.items())
    _narrow(properties["predicate"], "predicates-known")
    _narrow(properties["document"], "documents-known")
    for key in ("subject", "object"):
        properties[key] = {}  # a description here would hide the description of the term
    for name, qualifier in vocabulary.qualifiers().items():
        if qualifier.kinds:
            one = _terms(qualifier.kinds, kb, defs)
            several = {"type": "array", "items": one, "minItems": 2}
            group = {"type": "object", "properties": dict.fromkeys(value_groups.CLASSES, several), "additionalProperties": False}
            properties[name] = {"anyOf": [one, group]}
    _narrow(defs["evidence"]["properties"]["sentence"], "sentences-known")
    free = {"properties": {"subject": _terms(kinds, kb, defs), "object": _terms((*kinds, "literal", "quantity"), kb, defs)}}
    known = {"properties": {"predicate": {"enum": list(kb.predicates)}}, "required": ["predicate"]}
    rules = [_predicate_rule(name, kb, defs) for name in kb.predicates]
    schema["allOf"] = [*schema.get("allOf", []), {"if": known, "else": free}, *rules]
    schema["$defs"] = {name: node if node != {"oneOf": []} else {"type": "string"} for name, node in sorted(defs.items())}
    return schema


def _predicate_rule(name: str, kb: KnowledgeBase, defs: Schema) -> Schema:
    """Restrict the facts with one predicate."""
    predicate = kb.predicates[name]
    disallowed = [name for name in vocabulary.qualifiers() if name not in {"modality", "polarity", *predicate.qualifiers}]
    ends = {"subject": _terms(predicate.subject, kb, defs), "object": _terms(predicate.object, kb, defs)}
    then: Schema = {"properties": {**ends, **dict.fromkeys(disallowed, False)}}
    if predicate.requires:
        then["required"] = list(predicate.requires)
    return {"if": {"properties": {"predicate": {"const": name}}, "required": ["predicate"]}, "then": then}


def _terms(allowed: Iterable[str], kb: KnowledgeBase, defs: Schema) -> Schema:
    """Return a choice of the terms of some kinds, and of literals where allowed.

    Each combination of kinds has a flat list, because language servers display the titles of nested lists instead of the terms.
    """
    kinds = sorted(vocabulary.with_subkinds(tuple(allowed)))
    every = set(vocabulary.values("kind"))
    named = ["any", *sorted(set(kinds) - every)] if every <= set(kinds) else kinds
    name = f"terms-{'-or-'.join(named)}"
    if name not in defs:
        terms = (term for term in kb.terms.values() if term.kind in kinds)
        listed = _choice((term.id, term.label, term.definition) for term in terms)["oneOf"]
        literals: list[Schema] = [{"$ref": "#/$defs/literal"}] if "literal" in kinds else []
        literals += [{"$ref": "#/$defs/quantity", "required": ["unit"]}] if "quantity" in kinds else []
        defs[name] = {"oneOf": [*listed, *literals]} if listed or literals else {"not": {}}
    return {"$ref": f"#/$defs/{name}"}


def _choice(entries: Iterable[tuple[str, str, str]]) -> Schema:
    """Return a choice of words, each with its label and definition."""
    return {
        "oneOf": [
            {"const": name, "title": label, "description": f"{label}: {definition}" if definition else label}
            for name, label, definition in entries
        ]
    }


def _sentences_of(kb: KnowledgeBase, document: Document) -> Iterable[tuple[str, str, str]]:
    """Yield the ids of the sentences of a document, each with its words if the text ships."""
    text = sources.read_texts([document], kb.folder, {}).get(document.id)
    for sentence in document.sentences:
        span = f"{sentence.start} to {sentence.end} of {document.title}"
        yield sentence.id, sentence.id, " ".join(text.words[sentence.start : sentence.end].split()) if text else span


def _sentence_choices(kb: KnowledgeBase) -> Iterable[tuple[str, str, str]]:
    """Yield the ids of sentences, each described by the documents that have it."""
    documents: dict[str, list[str]] = {}
    for document in kb.documents.values():
        for sentence in document.sentences:
            documents.setdefault(sentence.id, []).append(document.id)
    for name, ids in documents.items():
        more = f" and {len(ids) - 3} more" if len(ids) > 3 else ""
        yield name, name, f"a sentence of {', '.join(ids[:3])}{more}"


def _narrow(node: Schema, name: str) -> None:
    """Replace the constraints of the general schema by a choice from a list."""
    node["$ref"] = f"#/$defs/{name}"
    for key in ("title", "description", "pattern", "type", "examples"):  # editors display only the first description
        node.pop(key, None)


def find_changes(top: Path, pending: Mapping[Path, str] | None = None) -> dict[Path, str]:
    """Return the files to write for editors, with their new content: the schemas, and records whose first line changes.

    ``pending`` has new content of files that is not yet written.

    Raises:
        KbError: The knowledge base has problems.
    """
    kb = pipeline.load(top)
    contents: dict[Path, str] = {}
    for path, kind in folder.find_files(top, []):  # loading has reported problems of links
        if path.suffix.lower() in {".yaml", ".yml"}:
            text = (pending or {}).get(path) or text_file.read_text(path, str(path))
            value = strict_yaml.parse(text, str(path)).value
            many = isinstance(value, list)
            document = _find_document(kb, path, value if many else [value]) if kind == "fact" else ""
            name = f"{kind}{'s' * many}{'-' * bool(document)}{document}.schema.json"
            if top / FOLDER / name not in contents:
                contents[top / FOLDER / name] = build_schema(kb, kind, many=many, document=document)
            contents[path] = _with_header(text, relpath(f"{FOLDER}/{name}", path.parent.relative_to(top).as_posix()))
    return {path: content for path, content in contents.items() if not text_file.has_content(path, content.encode("utf-8"))}


def _find_document(kb: KnowledgeBase, path: Path, facts: list[Any]) -> str:
    """Return the document of all facts of a file, by whose name it is called; nothing if some are of another."""
    stem = path.name.partition(".")[0]
    is_own = all(isinstance(fact, dict) and fact.get("document", stem) == stem for fact in facts)
    return stem if is_own and stem in kb.documents and len(kb.documents) <= _MOST_OWN else ""


def _with_header(text: str, reference: str) -> str:
    """Put the line that names the schema at the top of a file of records."""
    rest = text.split("\n", 1)[1] if text.startswith(HEADER) else text
    return f"{HEADER} $schema={reference}\n{rest}"
