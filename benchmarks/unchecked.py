"""Our own step with validation left out: read a line, resolve it, compile it, write it; what bare formatting is compared with."""

from __future__ import annotations

import sys
from pathlib import Path

from kb.model import Record
from kb.rdf.facts import Compiler
from kb.rdf.iris import Names
from kb.records import folder, jsonlines, resolve


def main(content: Path, target: Path) -> None:
    """Compile the facts of a generated knowledge base, unchecked and unsorted."""
    found: dict[str, list[Record]] = {"kb": [], "predicate": []}
    for path, kind in folder.find_files(content, []):
        if kind in found:
            found[kind].extend(folder.read_file(path, kind))
    about = resolve.parse_dataset(found["kb"][0])
    predicates = {each.value["id"]: resolve.parse_predicate(each) for each in found["predicate"]}
    compiler = Compiler(Names(about.base, about.prefixes), predicates, about.language)
    source = content / "facts" / "all.jsonl"
    with source.open("rb") as facts, target.open("w", encoding="utf-8", buffering=1 << 20) as out:
        for line in facts:
            value = jsonlines.decode_fast(line)
            out.write("".join(compiler.lines(resolve.parse_fact_value(value, "all"))))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
