"""Make the contracts that follow from the packages of the vocabulary and the JSON Schemas.

These are the kinds and qualifiers in the schemas and the context, the ontology and the shapes.

``python tools/contracts.py`` writes them; ``--check`` writes nothing, names each stale file and exits 1.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # a script finds only what lies beside it

from kb import resources
from kb.checks import shape_writer
from kb.schema import composition, vocabulary
from tools import ontology

_HEADING = "# Made by tools/contracts.py from the JSON Schemas; 'make contracts' makes it anew. Do not edit.\n"
_WIDTH = 120
# The words of a property-scoped context that starts by switching the vocabulary off: those are the kinds.
_KINDS = re.compile(
    r'("(?P<key>\w+)": \{\n(?: +"@(?:id|type)": .*\n)+ +"@context": \{\n(?P<indent> +)"@vocab": null,\n)(?:(?! +\}).*\n)*'
)
_PLACES = ["kind", "subject", "object"]


def main(arguments: list[str]) -> int:
    """Write the generated files, or check them; give the exit code."""
    parser = argparse.ArgumentParser(description="Make the contracts that follow from the JSON Schemas.")
    parser.add_argument("--check", action="store_true", help="only tell which files are stale")
    vocabulary.use(vocabulary.declare({"base": "", "language": "en", "vocabulary": {}}))  # what the packages say, not old schemas
    only_check = parser.parse_args(arguments).check
    stale = {path: text for path, text in files() if not path.exists() or path.read_text(encoding="utf-8") != text}
    for path, text in stale.items():
        if only_check:
            print(f"{path.relative_to(ROOT)} is stale. Run 'make contracts'.")
        else:
            path.write_text(text, encoding="utf-8")
            print(f"Wrote {path.relative_to(ROOT)}.")
    return int(only_check and bool(stale))


def files() -> Iterator[tuple[Path, str]]:
    """Give each generated file with the text that it should have."""
    folder, words = ROOT / "schemas", composition.merge_words(composition.PACKAGES)
    for kind in composition.COMPOSED:
        schema = composition.compose_schema(kind, resources.schema(kind), words)
        yield folder / f"{kind}.schema.json", json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    written = context((folder / "context.jsonld").read_text(encoding="utf-8"))
    if json.loads(written)["@context"] != composition.compose_context(json.loads(written)["@context"], words, {}):
        message = "schemas/context.jsonld has other qualifiers than the packages"
        raise SystemExit(message)
    yield folder / "context.jsonld", written
    yield folder / "ontology.ttl", _HEADING + ontology.write()
    yield folder / "shapes.ttl", _HEADING + shape_writer.write()


def context(text: str) -> str:
    """Put the kinds into the text of the context, which is otherwise written by hand."""
    found = [match["key"] for match in _KINDS.finditer(text)]
    if found != _PLACES:
        message = f"schemas/context.jsonld has the kinds at {found}, not at {_PLACES}"
        raise SystemExit(message)
    return _KINDS.sub(_kinds, text)


def _kinds(match: re.Match[str]) -> str:
    words = {kind: f"kb:{composition.class_name(kind)}" for kind in vocabulary.values("kind")}
    if match["key"] == "object":
        words |= {"literal": "rdfs:Literal", "quantity": "kb:Quantity"}
    pairs = [f'"{word}": "{term}"' for word, term in words.items()]
    lines = [pairs[0]]
    for pair in pairs[1:]:
        if len(match["indent"]) + len(lines[-1]) + len(pair) + 3 > _WIDTH:
            lines.append(pair)
        else:
            lines[-1] += f", {pair}"
    return match[1] + ",\n".join(match["indent"] + line for line in lines) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
