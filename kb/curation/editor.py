"""JSON Schemas made to the measure of one knowledge base, for editors that complete, explain and check while one types.

The general schemas say what a record of any knowledge base may hold. These here know the terms, predicates and sentences of
one: a fact's predicate decides which terms stand at its ends and which qualifiers it takes. They lie in the folder of the
knowledge base, each whole in itself, and the first line of a file of records names its own; ``yaml-language-server``, which most
editors use, reads that line.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from copy import deepcopy
from pathlib import Path
from posixpath import relpath
from typing import Any

from kb import contracts, pipeline, resources
from kb.curation.canonical import HEADER
from kb.model import KnowledgeBase
from kb.records import folder, text, yaml

#: Where the schemas lie in a knowledge base.
FOLDER = "schemas"

#: The schema of a file that holds one record, and of one that holds a list.
_NAMES = {
    "kb": ("kb", "kb"),
    "document": ("document", "documents"),
    "term": ("term", "terms"),
    "predicate": ("predicate", "predicates"),
    "fact": ("fact", "facts"),
}
_ELSEWHERE = "values.schema.json#/$defs/"

Schema = dict[str, Any]


def schemas(kb: KnowledgeBase) -> dict[str, str]:
    """Make the schemas of a knowledge base: name of the file to text."""
    made: dict[str, Schema] = {}
    for kind, (one, many) in _NAMES.items():
        record = _whole(kind) if kind != "fact" else _fact(kb)
        made[one] = record
        if many != one:
            about = f"A list of records of {kb.dataset.title}."
            defs = {**record.pop("$defs", {}), "record": {key: value for key, value in record.items() if key != "$schema"}}
            items = {"$schema": record["$schema"], "title": many, "description": about, "type": "array"}
            made[many] = {**items, "items": {"$ref": "#/$defs/record"}, "$defs": defs}
            record["$defs"] = {key: value for key, value in defs.items() if key != "record"}
    return {f"{name}.schema.json": json.dumps(schema, indent=1, ensure_ascii=False) + "\n" for name, schema in made.items()}


def _whole(kind: str) -> Schema:
    """Give a schema with all that it refers to, so that an editor needs one file and no network."""
    schema = deepcopy(resources.schema(kind))
    schema.pop("$id", None)
    defs = schema.setdefault("$defs", {})
    known: Schema = resources.schema("values")["$defs"]
    left = _references(schema)
    while left:
        name = left.pop()
        if name not in defs:
            defs[name] = deepcopy(known[name])
            left |= _references(defs[name])
    schema["$defs"] = dict(sorted(defs.items()))  # the same bytes in every run
    return schema


def _references(node: Any) -> set[str]:
    """Turn references to the file of values into references to this one; give the names."""
    found: set[str] = set()
    if isinstance(node, dict):
        reference = node.get("$ref", "")
        if isinstance(reference, str) and reference.startswith((_ELSEWHERE, "#/$defs/")):
            name = reference.rpartition("/")[2]
            if reference.startswith(_ELSEWHERE):
                node["$ref"] = f"#/$defs/{name}"
                found.add(name)
            elif name in resources.schema("values")["$defs"]:
                found.add(name)
        for value in node.values():
            found |= _references(value)
    elif isinstance(node, list):
        for value in node:
            found |= _references(value)
    return found


def _fact(kb: KnowledgeBase) -> Schema:
    """Make the schema of a fact: the general one, narrowed to what is declared."""
    schema = _whole("fact")
    properties, defs = schema["properties"], schema["$defs"]
    kinds = sorted({term.kind for term in kb.terms.values()})
    defs["predicates-known"] = _choice((each.id, each.label, each.definition) for each in kb.predicates.values())
    defs["sentences-known"] = _choice(_sentences(kb))
    defs["documents-known"] = _choice((each.id, each.title, "") for each in kb.documents.values())
    _narrow(properties["predicate"], "predicates-known")
    _narrow(properties["document"], "documents-known")
    for key in ("subject", "object"):
        properties[key] = {}  # a description here would hide that of the term
    for name, qualifier in contracts.qualifiers().items():
        if qualifier.kinds:
            properties[name] = _terms(qualifier.kinds, kb, defs)
    _narrow(defs["evidence"]["properties"]["sentence"], "sentences-known")
    names = list(kb.predicates)
    free = {"properties": {"subject": _terms(kinds, kb, defs), "object": _terms((*kinds, "literal"), kb, defs)}}
    known = {"properties": {"predicate": {"enum": names}}, "required": ["predicate"]}
    schema["allOf"] = [
        *schema.get("allOf", []),
        {"if": known, "else": free},
        *(_rule(each.id, kb, defs) for each in kb.predicates.values()),
    ]
    schema["$defs"] = {name: each if each != {"oneOf": []} else {"type": "string"} for name, each in sorted(defs.items())}
    return schema


def _rule(name: str, kb: KnowledgeBase, defs: Schema) -> Schema:
    """Say what a fact with one predicate may hold."""
    predicate = kb.predicates[name]
    refused = [each for each in contracts.qualifiers() if each not in {"modality", "polarity", *predicate.qualifiers}]
    ends = {"subject": _terms(predicate.subject, kb, defs), "object": _terms(predicate.object, kb, defs)}
    then: Schema = {"properties": {**ends, **dict.fromkeys(refused, False)}}
    if predicate.requires:
        then["required"] = list(predicate.requires)
    return {"if": {"properties": {"predicate": {"const": name}}, "required": ["predicate"]}, "then": then}


def _terms(wanted: Iterable[str], kb: KnowledgeBase, defs: Schema) -> Schema:
    """Choose among the terms of some kinds, and literals where these are allowed.

    One flat list for each combination of kinds: of a choice between lists, language servers show the titles of the lists.
    """
    kinds = sorted(set(wanted))
    name = f"terms-{'-or-'.join(kinds)}"
    if name not in defs:
        found = (each for each in kb.terms.values() if each.kind in kinds)
        listed = _choice((each.id, each.label, each.definition) for each in found)["oneOf"]
        literal = [{"$ref": "#/$defs/literal"}] if "literal" in kinds else []
        defs[name] = {"oneOf": [*listed, *literal]} if listed or literal else {"not": {}}
    return {"$ref": f"#/$defs/{name}"}


def _choice(entries: Iterable[tuple[str, str, str]]) -> Schema:
    """Choose one of several words, each with its label and definition."""
    listed = [
        {"const": name, "title": label, "description": f"{label}: {definition}" if definition else label}
        for name, label, definition in entries
    ]
    return {"oneOf": listed}


def _sentences(kb: KnowledgeBase) -> Iterable[tuple[str, str, str]]:
    """Give the numbers of sentences, each with the documents that have it."""
    documents: dict[str, list[str]] = {}
    for document in kb.documents.values():
        for sentence in document.sentences:
            documents.setdefault(sentence.id, []).append(document.id)
    for name, found in documents.items():
        more = f" and {len(found) - 3} more" if len(found) > 3 else ""
        yield name, name, f"a sentence of {', '.join(found[:3])}{more}"


def _narrow(node: Schema, name: str) -> None:
    """Let a value be chosen from a list, in place of what the general schema says of its form."""
    node["$ref"] = f"#/$defs/{name}"
    for key in ("title", "description", "pattern", "type", "examples"):  # the first description found hides all others
        node.pop(key, None)


def changes(top: Path, now: Mapping[Path, str] | None = None) -> dict[Path, str]:
    """Give the files of a knowledge base that its schemas for editors change: the schemas, and the first lines of the records.

    Args:
        top: The folder that holds ``kb.yaml``.
        now: What files are about to hold, where that is not what they hold.

    Raises:
        KbError: The knowledge base has problems.
    """
    made = schemas(pipeline.load(top))
    wanted: dict[Path, str] = {}
    for path, kind in folder.files(top, []):  # whatever is wrong with links, loading has told
        if path.suffix.lower() in {".yaml", ".yml"}:
            held = (now or {}).get(path) or text.read_text(path, str(path))
            name = f"{_NAMES[kind][isinstance(yaml.parse(held, str(path)).value, list)]}.schema.json"
            wanted[top / FOLDER / name] = made[name]
            wanted[path] = _headed(held, relpath(f"{FOLDER}/{name}", path.parent.relative_to(top).as_posix()))
    return {
        path: content for path, content in wanted.items() if not path.is_file() or path.read_bytes() != content.encode("utf-8")
    }


def _headed(held: str, reference: str) -> str:
    """Give a file of records the line that names its schema."""
    rest = held.split("\n", 1)[1] if held.startswith(HEADER) else held
    return f"{HEADER} $schema={reference}\n{rest}"
