"""Make ``schemas/biolink.json``: the names of the Biolink Model, from the package ``biolink-model``.

``--check`` writes nothing; it tells whether the file is that of the installed version.
"""

from __future__ import annotations

import enum
import inspect
import json
import sys
import typing
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml

TARGET = Path(__file__).resolve().parent.parent / "schemas" / "biolink.json"
_ALWAYS = {"id", "subject", "predicate", "object", "knowledge_level", "agent_type"}


def main(arguments: list[str]) -> int:
    """Write the file, or check it."""
    model: Any = import_module("biolink_model.datamodel.pydanticmodel_v2")
    text = json.dumps(describe(model), indent=1, ensure_ascii=False) + "\n"
    if "--check" not in arguments:
        TARGET.write_text(text, encoding="utf-8")
        return 0
    stale = TARGET.read_text(encoding="utf-8") != text
    if stale:
        print("schemas/biolink.json is not that of the installed biolink-model: run 'make biolink'", file=sys.stderr)
    return int(stale)


def describe(model: Any) -> dict[str, Any]:
    """Give the names: prefixes, node classes with their order of prefixes, predicates, association classes."""
    folder = Path(model.__file__).parent.parent
    schema = yaml.safe_load((folder / "schema" / "biolink_model.yaml").read_text(encoding="utf-8"))
    known = json.loads((folder / "prefixmaps" / "biolink_model_prefix_map.json").read_text(encoding="utf-8"))
    classes = {name: each for name, each in vars(model).items() if inspect.isclass(each) and issubclass(each, model.Entity)}
    associations = {name: each for name, each in classes.items() if issubclass(each, model.Association)}
    return {
        "version": model.version,
        "prefixes": " ".join(sorted(known)),
        "predicates": " ".join(sorted(_predicates(schema["slots"]))),
        "slots": " ".join(sorted(model.Association.model_fields)),
        "nodes": {name: " ".join(_order(name, schema)) for name, each in classes.items() if _is_node(each, model)},
        "attributes": " ".join(name for name, each in classes.items() if _is_node(each, model) and _needed(each)),
        "ancestors": {name: " ".join(_ancestors(name, schema)) for name, each in classes.items() if _is_node(each, model)},
        "associations": {name: _association(name, each, model, schema) for name, each in sorted(associations.items())},
        "values": _values(associations.values()),
    }


def _is_node(each: Any, model: Any) -> bool:
    """Tell whether a term can be of a class: it needs nothing that a term does not have."""
    return issubclass(each, model.NamedThing) and _needed(each) <= {"has_attribute_type"}


def _needed(each: Any) -> set[str]:
    return {name for name, field in each.model_fields.items() if field.is_required()} - _ALWAYS


def _predicates(slots: dict[str, Any]) -> typing.Iterator[str]:
    for name, slot in slots.items():
        above = name
        while above and above != "related to":
            above = (slots.get(above) or {}).get("is_a", "")
        if above and not (slot or {}).get("deprecated"):
            yield name.replace(" ", "_")


def _spell(name: str) -> str:
    return "".join(word[:1].upper() + word[1:] for word in name.split(" "))


def _lineage(name: str, schema: dict[str, Any], *, mixins: bool) -> list[str]:
    """Give a class, by its spelling in Python, and those above it, as the schema names them; nearest first."""
    found: list[str] = []
    waiting = [each for each in schema["classes"] if _spell(each) == name]
    while waiting:
        found.append(waiting.pop(0))
        about = schema["classes"][found[-1]]
        waiting += [about["is_a"]] if about.get("is_a") else []
        waiting += about.get("mixins", []) if mixins else []
    return list(dict.fromkeys(found))


def _order(name: str, schema: dict[str, Any]) -> list[str]:
    """Give the prefixes of a class in the order of the model, those of the class above after them."""
    above = _lineage(name, schema, mixins=False)
    return list(dict.fromkeys(prefix for each in above for prefix in schema["classes"][each].get("id_prefixes", [])))


def _ancestors(name: str, schema: dict[str, Any]) -> list[str]:
    return sorted(map(_spell, _lineage(name, schema, mixins=True)[1:]))


def _range(name: str, end: str, schema: dict[str, Any]) -> str:
    """Give the class that an association takes at an end: its own, or that of the nearest class above."""
    usages = (schema["classes"][each].get("slot_usage", {}).get(end) or {} for each in _lineage(name, schema, mixins=True))
    return next((_spell(usage["range"]) for usage in usages if "range" in usage), "")


def _association(name: str, each: Any, model: Any, schema: dict[str, Any]) -> dict[str, str]:
    kept = typing.get_args(each.model_fields["predicate"].annotation)
    own = sorted(set(each.model_fields) - set(model.Association.model_fields))
    found = {
        "slots": " ".join(own),
        "required": " ".join(sorted(_needed(each))),
        "predicates": " ".join(each.removeprefix("biolink:") for each in kept if each.startswith("biolink:")),
        **{end: _range(name, end, schema) for end in ("subject", "object")},
    }
    return {key: words for key, words in found.items() if words}


def _values(associations: Any) -> dict[str, str]:
    found: dict[str, set[str]] = {}
    for each in associations:
        for slot, field in each.model_fields.items():
            for part in (field.annotation, *typing.get_args(field.annotation)):
                if slot.endswith("_qualifier") and inspect.isclass(part) and issubclass(part, enum.Enum):
                    found.setdefault(slot, set()).update(value.value for value in part)
    return {slot: ", ".join(sorted(values)) for slot, values in sorted(found.items())}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
