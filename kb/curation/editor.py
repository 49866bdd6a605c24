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

from kb import pipeline, resources
from kb.curation.canonical import HEADER
from kb.files import text_file
from kb.model import KnowledgeBase
from kb.records import folder, strict_yaml
from kb.schema import vocabulary

#: Where the schemas lie in a knowledge base.
FOLDER = "schemas"

_ELSEWHERE = "values.schema.json#/$defs/"

Schema = dict[str, Any]


def schema(kb: KnowledgeBase, kind: str, *, many: bool) -> str:
    """Make the schema of the files of a knowledge base that hold one record of a kind, or many."""
    record = _fact(kb) if kind == "fact" else _whole(kind)
    if many:
        defs = {**record.pop("$defs"), "record": {key: value for key, value in record.items() if key != "$schema"}}
        about = {"description": f"Records of: {kb.dataset.title}.", "type": "array"}
        record = {"$schema": record["$schema"], **about, "items": {"$ref": "#/$defs/record"}, "$defs": defs}
    return json.dumps(record, indent=1, ensure_ascii=False) + "\n"


def _whole(kind: str) -> Schema:
    """Give a schema with all that it refers to, so that an editor needs one file and no network."""
    whole = deepcopy(resources.schema(kind))
    whole.pop("$id", None)
    defs = whole.setdefault("$defs", {})
    known: Schema = resources.schema("values")["$defs"]
    left = _references(whole)
    while left:
        name = left.pop()
        if name not in defs:
            defs[name] = deepcopy(known[name])
            left |= _references(defs[name])
    whole["$defs"] = dict(sorted(defs.items()))  # the same bytes in every run
    return whole


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
    whole = _whole("fact")
    del whole["title"]  # it would stand above the label of every term
    properties, defs = whole["properties"], whole["$defs"]
    kinds = sorted({term.kind for term in kb.terms.values()})
    defs["predicates-known"] = _choice((each.id, each.label, each.definition) for each in kb.predicates.values())
    defs["sentences-known"] = _choice(_sentences(kb))
    defs["documents-known"] = _choice((each.id, each.title, "") for each in kb.documents.values())
    _narrow(properties["predicate"], "predicates-known")
    _narrow(properties["document"], "documents-known")
    for key in ("subject", "object"):
        properties[key] = {}  # a description here would hide that of the term
    for name, qualifier in vocabulary.qualifiers().items():
        if qualifier.kinds:
            properties[name] = _terms(qualifier.kinds, kb, defs)
    _narrow(defs["evidence"]["properties"]["sentence"], "sentences-known")
    names = list(kb.predicates)
    free = {"properties": {"subject": _terms(kinds, kb, defs), "object": _terms((*kinds, "literal"), kb, defs)}}
    known = {"properties": {"predicate": {"enum": names}}, "required": ["predicate"]}
    whole["allOf"] = [
        *whole.get("allOf", []),
        {"if": known, "else": free},
        *(_rule(each.id, kb, defs) for each in kb.predicates.values()),
    ]
    whole["$defs"] = {name: each if each != {"oneOf": []} else {"type": "string"} for name, each in sorted(defs.items())}
    return whole


def _rule(name: str, kb: KnowledgeBase, defs: Schema) -> Schema:
    """Say what a fact with one predicate may hold."""
    predicate = kb.predicates[name]
    refused = [each for each in vocabulary.qualifiers() if each not in {"modality", "polarity", *predicate.qualifiers}]
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
    kb = pipeline.load(top)
    wanted: dict[Path, str] = {}
    for path, kind in folder.files(top, []):  # whatever is wrong with links, loading has told
        if path.suffix.lower() in {".yaml", ".yml"}:
            held = (now or {}).get(path) or text_file.read_text(path, str(path))
            many = isinstance(strict_yaml.parse(held, str(path)).value, list)
            name = f"{kind}s.schema.json" if many else f"{kind}.schema.json"
            if top / FOLDER / name not in wanted:
                wanted[top / FOLDER / name] = schema(kb, kind, many=many)
            wanted[path] = _headed(held, relpath(f"{FOLDER}/{name}", path.parent.relative_to(top).as_posix()))
    return {
        path: content for path, content in wanted.items() if not path.is_file() or path.read_bytes() != content.encode("utf-8")
    }


def _headed(held: str, reference: str) -> str:
    """Give a file of records the line that names its schema."""
    rest = held.split("\n", 1)[1] if held.startswith(HEADER) else held
    return f"{HEADER} $schema={reference}\n{rest}"
