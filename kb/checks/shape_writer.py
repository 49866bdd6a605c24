"""The shapes: what the JSON Schemas say of records, in SHACL core (W3C, 2017), over the RDF that records become."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from kb import resources
from kb.checks.frames import NodeFrame, Schema, frames
from kb.rdf.iris import KB, STANDARD, kind_iri, word_iri
from kb.rdf.wording import DENIAL
from kb.schema import vocabulary

#: A node of the shapes graph: prefixed names to values. A value is a prefixed name, a :class:`ShapeText`, a number, a truth
#: value, a node of its own, a list of values (an RDF list), or a tuple of values (several objects).
Node = dict[str, Any]

_STANDARD = ("adms", "dcterms", "edtf", "kb", "oa", "owl", "pav", "prov", "qudt", "rdf", "rdfs", "skos", "sssom", "xsd")
_PREFIXES = {
    **{name: STANDARD[name] for name in _STANDARD},
    "sh": "http://www.w3.org/ns/shacl#",
    "shapes": "https://w3id.org/linked-kb/shapes#",
}
#: What an IRI that ends in an id leads to: by the last folder and the kind of id, the shape and the classes.
_REFERENCES = {
    ("term/", "id"): ("shapes:TermReference", ("kb:Term", "skos:Concept")),
    ("predicate/", "id"): ("shapes:PredicateReference", ("kb:Predicate",)),
    ("document/", "id"): ("shapes:DocumentReference", ("kb:Document",)),
    ("document/", "sentence-id"): ("shapes:SentenceReference", ("kb:Sentence",)),
}
_LINE_FEED = "shapes:LineFeed"
_GROUPS = ("kb:AllOf", "kb:AnyOf")
_WIDTH = 100


class ShapeText(str):
    """A string that is written as a literal."""

    __slots__ = ()


def list_shapes() -> list[str]:
    """Return the texts of the shapes of the vocabulary in use: those of SHACL Core first, then those that need SPARQL."""
    texts = [path.read_text(encoding="utf-8") for path in resources.shapes()]
    if not vocabulary.in_use():
        return texts
    own = [f"<{word_iri(name)}>" for name in vocabulary.qualifiers() if name in vocabulary.own_iris()]
    restricting = [f"<{word_iri(name)}>" for name in vocabulary.restricting_qualifiers() if name in vocabulary.own_iris()]
    rules = texts[-1].replace("kb:against)", ", ".join(("kb:against", *own)) + ")")
    rules = rules.replace("kb:comparator ?restriction", "|".join(("kb:comparator", *restricting)) + " ?restriction")
    return [write(), rules]


def write() -> str:
    """Write the shapes of the vocabulary in use as Turtle."""
    nodes = dict(_shared())
    nodes["shapes:HedgedValueShape"] = _hedged_value()
    nodes["shapes:ValueGroupShape"] = _value_group()
    nodes["shapes:QuantityNumbersShape"] = _quantity_numbers()
    for frame in frames(vocabulary.context()):
        nodes[f"shapes:{frame.name}Shape"] = _shape(frame)
        nodes.update(_needs(frame))
    sides = [{"sh:property": {"sh:path": f"kb:{name}", "sh:minCount": 1}} for name in ("supports", "disputes")]
    words = ShapeText("A piece of evidence either supports parts of a fact or disputes them.")
    nodes["shapes:DirectionShape"] = {"a": "sh:NodeShape", "sh:targetClass": "kb:Evidence", "sh:xone": sides, "sh:message": words}
    heading = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in sorted(_PREFIXES.items()))
    return heading + "".join(f"\n{name}{_body(node, '')} .\n" for name, node in nodes.items())


def _shared() -> Iterator[tuple[str, Node]]:
    definitions = vocabulary.schema("values")["$defs"]
    comment = ShapeText("Some engines let $ stand before a last line feed; XPath does not. So line feeds are refused apart.")
    yield _LINE_FEED, {"a": "sh:NodeShape", "rdfs:comment": comment, "sh:pattern": ShapeText("\n")}
    longest = definitions["id"]["maxLength"]
    for (folder, sort), (name, classes) in _REFERENCES.items():
        inside = definitions["id"]["pattern"].strip("^$")
        tail = "" if sort == "id" else "/" + definitions[sort]["pattern"].strip("^$")
        yield (
            name,
            {
                "a": "sh:NodeShape",
                "sh:nodeKind": "sh:IRI",
                "sh:class": classes,
                "sh:pattern": _portable(f"/{folder}{inside}{tail}$"),
                "sh:not": {"sh:pattern": ShapeText(f"/{folder}[^/]{{{longest + 1},}}")},
                **({"sh:property": {"sh:path": "owl:deprecated", "sh:maxCount": 0}} if folder == "term/" else {}),
            },
        )


def _hedged_value() -> Node:
    """Hold a value with a hedge of its own; the fact holds the value itself."""
    hedges = [f"kb:{name}" for name in vocabulary.values("modality")]
    return {
        "a": "sh:NodeShape",
        "sh:targetClass": "kb:HedgedValue",
        "sh:pattern": ShapeText("/fact/.+/hedged/[a-z0-9-]+$"),
        "sh:property": {"sh:path": "kb:modality", "sh:minCount": 1, "sh:in": hedges},
        "sh:message": ShapeText("A hedged value has at least one 'modality', and an IRI below that of its fact."),
    }


def _value_group() -> Node:
    """Hold several values of a qualifier; the fact holds what they are."""
    return {
        "a": "sh:NodeShape",
        "sh:targetClass": tuple(_GROUPS),
        "sh:pattern": ShapeText("/fact/.+/group/[a-z0-9-]+$"),
        "sh:property": {"sh:path": "kb:member", "sh:minCount": 2, "sh:maxCount": 20, "sh:node": "shapes:TermReference"},
        "sh:not": {"sh:class": "kb:AllOf", "sh:and": [{"sh:class": "kb:AnyOf"}]},
        "sh:message": ShapeText("Several values are 2 to 20 terms, all or any of them, at an IRI below that of their fact."),
    }


def _quantity_numbers() -> Node:
    """Hold the numbers of a quantity: one, or at most one bound on each side, or counts alone."""

    def path(*names: str) -> Node:
        return {"sh:path": {"sh:alternativePath": [f"qudt:{name}" if name != "count" else "kb:count" for name in names]}}

    lower, upper = ("numericValue", "minInclusive", "minExclusive"), ("numericValue", "maxInclusive", "maxExclusive")
    words = "A quantity has one number, or one bound on each side, or counts."
    return {
        "a": "sh:NodeShape",
        "sh:targetClass": "kb:Quantity",
        "sh:property": (
            {**path(*lower, *upper[1:], "count"), "sh:minCount": 1, "sh:message": ShapeText(words)},
            {**path(*lower), "sh:maxCount": 1, "sh:message": ShapeText(words)},
            {**path(*upper), "sh:maxCount": 1, "sh:message": ShapeText(words)},
        ),
    }


def _shape(frame: NodeFrame) -> Node:
    node: Node = {"a": "sh:NodeShape", "sh:targetClass": frame.types[0], "sh:nodeKind": "sh:IRI"}
    words = f"{frame.noun} has an IRI"
    if frame.folder:
        definitions = vocabulary.schema("values")["$defs"]
        definition = definitions.get(f"{frame.folder}-id", definitions["id"])
        node["sh:pattern"] = _portable(f"/{frame.folder}/{definition['pattern'].strip('^')}")
        node["sh:not"] = {"sh:pattern": ShapeText(f"/{frame.folder}/[^/]{{{definition['maxLength'] + 1},}}")}
        words += f" that ends in '{frame.folder}/' and its id"
    if frame.closed:
        node["sh:closed"] = True
        node["sh:ignoredProperties"] = ["rdf:type", *frame.ignored]
        words += ", and no properties but those that are listed here"
    node["sh:message"] = ShapeText(f"{words}.")
    keys = [key for key in frame.properties if frame.meanings[key]["@id"] != "rdf:type"]
    node["sh:property"] = (_types(frame), *(_property(frame, key) for key in keys))
    return node


def _types(frame: NodeFrame) -> Node:
    """Hold the classes of a node; a kind, where its records have one, is a class of its own."""
    kinds = _vocabulary(frame, "kind") if "kind" in frame.properties else []
    node: Node = {
        "sh:path": "rdf:type",
        "sh:name": ShapeText("kind" if kinds else "type"),
        "sh:in": [*frame.types, *kinds],
        "sh:minCount": len(frame.types) + bool(kinds),
    }
    message = f"{frame.noun} has the {'type' if len(frame.types) == 1 else 'types'} {' and '.join(frame.types)}"
    if kinds:
        node["sh:qualifiedValueShape"] = {"sh:in": kinds}
        node["sh:qualifiedMinCount"] = node["sh:qualifiedMaxCount"] = 1
        message += f", and exactly one kind: {_one_of(_words(frame.properties['kind']))}"
    return {**node, "sh:message": ShapeText(f"{message}.")}


def _property(frame: NodeFrame, key: str) -> Node:
    schema, meaning = frame.properties[key], frame.meanings[key]
    is_localized = schema.get("x-localized", False)
    if is_localized:  # what a text is in one language, RDF has in each
        schema = {**schema["anyOf"][0], **{name: value for name, value in schema.items() if name != "anyOf"}}
    many = schema.get("type") == "array"
    least = schema.get("minItems", 0) if many else 0
    least = max(least, int(key in frame.required))
    most = None if is_localized else schema.get("maxItems") if many else 1
    value, words = _value(frame, key, schema["items"] if many else schema)
    node: Node = {"sh:path": _name(meaning["@id"]), "sh:name": ShapeText(schema["title"])}
    if least:
        node["sh:minCount"] = least
    if most:
        node["sh:maxCount"] = most
    if is_localized and not many:
        node["sh:uniqueLang"] = True
    if "x-kinds" in schema:
        schema = {**schema, "oneOf": ()}
    if 0 < len(schema.get("x-kinds", ())) < len(vocabulary.values("kind")):
        classes = [_name(kind_iri(kind)) for kind in schema["x-kinds"]]
        value |= {"sh:or": [{"sh:class": each} for each in classes]} if len(classes) > 1 else {"sh:class": classes[0]}
        words += f" of kind {_one_of(schema['x-kinds'])}"
    if frame.name == "Fact" and key in vocabulary.qualifiers() and key not in {"modality", DENIAL}:
        if schema.get("x-kinds") is not None:
            members: Node = {"sh:path": "kb:member", **value}
            value = {"sh:or": [value, *({"sh:class": group, "sh:property": members} for group in _GROUPS)]}
            words += ", or several of them"
        held: Node = {"sh:path": "rdf:value", "sh:minCount": 1, "sh:maxCount": 1, **value}
        value = {"sh:or": [value, {"sh:class": "kb:HedgedValue", "sh:property": held}]}
        words += ", or a node with that as its value, and its hedge"
    count = _count(least, most if many or not is_localized else 1)
    count = count.replace("has", "has, in each language,", 1) if is_localized else count
    message = f"{frame.noun} {count} '{schema['title']}': {words}."
    return {**node, **value, "sh:message": ShapeText(message)}


def _count(least: int, most: int | None) -> str:
    if most == 1:
        return "has exactly one" if least else "has at most one"
    limits = [f"at least {least}"] if least else []
    limits += [f"at most {most}"] if most else []
    return f"has {' and '.join(limits) or 'any number'} of"


def _value(frame: NodeFrame, key: str, schema: Schema) -> tuple[Node, str]:
    """Give the constraints on a value, and in words what it is."""
    meaning = frame.meanings[key]
    reference = (meaning.get("@context", {}).get("@base"), schema.get("x-ref"))
    if "x-class" in schema:
        return _node(schema["x-class"])
    if "x-kinds" in schema:
        reference = (reference[0], "id")
    if reference in _REFERENCES:
        name, classes = _REFERENCES[reference]
        return {"sh:node": name}, f"the IRI of a {classes[0].removeprefix('kb:').lower()}"
    if meaning.get("@type") == "@vocab":
        return _word_or_quantity({"sh:in": _vocabulary(frame, key)}, schema)
    if "oneOf" in schema:
        words = "the IRI of a term, a literal in a form that its datatype allows, or a quantity with a unit"
        return _term_or_literal(schema["oneOf"][1]), words
    if meaning.get("@type") == "@id":
        limits = {name: limit for name, limit in _limits(schema).items() if name != "sh:not"}  # no IRI holds a line feed
        return {"sh:nodeKind": "sh:IRI", **limits}, _form(schema)
    return _literal(schema, meaning.get("@type"), localized="@language" not in meaning)


def _word_or_quantity(words: Node, schema: Schema) -> tuple[Node, str]:
    if "x-units" not in schema:
        return words, _one_of(_words(schema))
    return {"sh:or": [words, {"sh:class": "kb:Quantity"}]}, f"{', '.join(_words(schema))}, or a quantity"


def _node(classes: str | list[str]) -> tuple[Node, str]:
    """Ask for a node of a class, or of one of several."""
    names = [each if ":" in each else f"kb:{each}" for each in ([classes] if isinstance(classes, str) else classes)]
    asked: Node = {"sh:class": names[0]} if len(names) == 1 else {"sh:or": [{"sh:class": each} for each in names]}
    return {"sh:nodeKind": "sh:IRI", **asked}, f"a node of the class {_one_of(names)}"


def _literal(schema: Schema, sort: str | None, *, localized: bool) -> tuple[Node, str]:
    if "x-nodes" in schema:
        return {"sh:nodeKind": "sh:IRIOrLiteral"}, _form(schema)
    if schema.get("type") == "integer":
        limits = {"sh:minInclusive": schema["minimum"], "sh:maxInclusive": schema["maximum"]}
        return {"sh:datatype": sort, **limits}, f"a whole number from {schema['minimum']} to {schema['maximum']}"
    if schema.get("type") == "boolean":
        pattern, words = ("^true$", "true") if "const" in schema else ("^(true|false)$", "true or false")
        return {"sh:datatype": sort, "sh:pattern": ShapeText(pattern), "sh:not": _LINE_FEED}, words
    if sort or not localized:
        return {"sh:datatype": sort or "xsd:string", **_limits(schema)}, _form(schema)
    return {"sh:or": [{"sh:datatype": "rdf:langString"}, {"sh:datatype": "xsd:string"}], **_limits(schema)}, _form(schema)


def _form(schema: Schema) -> str:
    """Say in words what a text looks like: how its sort is described, or else its key."""
    sentence = str(schema.get("x-form") or schema["description"]).rstrip(".")
    words = sentence if sentence[1:2].isupper() else sentence[0].lower() + sentence[1:]
    return f"{words}, of at most {schema['maxLength']} characters" if "maxLength" in schema else words


def _term_or_literal(literal: Schema) -> Node:
    value = literal["properties"]["value"]
    forms = {rule["if"]["properties"]["datatype"]["const"]: rule["then"]["properties"]["value"] for rule in literal["allOf"]}
    typed = [{"sh:datatype": name, **_limits({**value, **forms.get(name, {})})} for name in vocabulary.values("datatype")]
    number = {"sh:class": "kb:Quantity", "sh:property": {"sh:path": "qudt:ucumCode", "sh:minCount": 1}}
    return {"sh:or": [{"sh:node": "shapes:TermReference"}, number, {"sh:datatype": "rdf:langString", **_limits(value)}, *typed]}


def _limits(schema: Schema) -> Node:
    node: Node = {f"sh:{key}": schema[key] for key in ("minLength", "maxLength") if key in schema}
    if "pattern" in schema:
        node |= {"sh:pattern": _portable(schema["pattern"]), "sh:not": _LINE_FEED}
    return node


def _portable(pattern: str) -> ShapeText:
    r"""Write a pattern of ECMA-262 for XPath, which has no ``\u`` escapes; no string of XPath holds U+0000."""
    return ShapeText(re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16) or 1), pattern))


def _vocabulary(frame: NodeFrame, key: str) -> list[str]:
    """Give the words that a key takes as the IRIs that the context makes of them."""
    schema = frame.properties[key]
    own = frame.meanings[key].get("@context", {})
    return [_name(own.get(word) or (word if ":" in word else word_iri(word))) for word in _words(schema.get("items", schema))]


def _name(iri: str) -> str:
    """Write an IRI, or what stands for one in the context."""
    return iri.replace(KB, "kb:") if "://" not in iri or iri.startswith(KB) else f"<{iri}>"


def _words(schema: Schema) -> list[str]:
    if "const" in schema:
        return [schema["const"]]
    choices = [*schema.get("oneOf", ()), *schema.get("anyOf", ())]
    return schema.get("enum") or [word for each in choices for word in _words(each)]


def _one_of(words: list[str]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}" if len(words) > 1 else words[0]


def _needs(frame: NodeFrame) -> Iterator[tuple[str, Node]]:
    for key, needed in frame.needs.items():
        for other in needed:
            absent = {"sh:property": {"sh:path": frame.meanings[key]["@id"], "sh:maxCount": 0}}
            present = {"sh:property": {"sh:path": frame.meanings[other]["@id"], "sh:minCount": 1}}
            yield (
                f"shapes:{frame.name}{key.title().replace('-', '')}Shape",
                {
                    "a": "sh:NodeShape",
                    "sh:targetClass": frame.types[0],
                    "sh:or": [absent, present],
                    "sh:message": ShapeText(f"{frame.noun} that has '{key}' has '{other}' too."),
                },
            )


def _body(node: Node, indent: str) -> str:
    inner = f"{indent}    "
    return " ;".join(f"\n{inner}{key} {_written(value, inner)}" for key, value in node.items())


def _written(value: Any, indent: str) -> str:
    if isinstance(value, ShapeText):
        return json.dumps(value).replace("\x7f", "\\u007f")
    if isinstance(value, bool | int):
        return str(value).lower()
    if isinstance(value, dict):
        short = ", ".join(f"{key} {_written(each, indent)}" for key, each in value.items())
        return f"[ {short} ]" if len(value) == 1 and "\n" not in short else f"[{_body(value, indent)}\n{indent}]"
    if isinstance(value, tuple):
        return ", ".join(_written(each, indent) for each in value)
    return _list(value, indent) if isinstance(value, list) else str(value)


def _list(values: list[Any], indent: str) -> str:
    parts = [_written(each, f"{indent}    ") for each in values]
    flat = f"( {' '.join(parts)} )"
    if "\n" not in flat and len(flat) <= _WIDTH:
        return flat
    return "(" + "".join(f"\n{indent}    {each}" for each in parts) + f"\n{indent})"
