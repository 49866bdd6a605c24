"""The terms and predicates that a knowledge base imports: which it has, of which knowledge base, and what is wrong with them.

``imports`` in ``kb.yaml`` names other knowledge bases. ``kb imports`` (:mod:`kb.importers.base_import`) copies their ``kb.yaml``,
terms and predicates into ``imports/NAME/``, so that a knowledge base can be read, released and compared by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from kb.model import Predicate, Record, Term
from kb.problems import KbError, Place, Problem, quote
from kb.records import folder
from kb.suggestions import did_you_mean

_CODE = "KB338"
_UPDATE = "Run 'kb imports'."
Imported = TypeVar("Imported", Term, Predicate)


class Import(NamedTuple):
    """What is imported of a knowledge base: where its copy is, and what its ``kb.yaml`` says, which may be anything."""

    folder: Path
    about: Mapping[str, Any]


def read_imports(top: Path) -> dict[str, Import]:
    """Return what a knowledge base has of others, by their names in it; what cannot be read is empty."""
    return {one.name: Import(one, _read_about(one)) for one in folder.list_imports(top, [])}


def _read_about(copy: Path) -> Mapping[str, Any]:
    try:
        values = [record.value for record in folder.read_file(copy / "kb.yaml", "kb")]
    except (KbError, OSError):
        return {}
    return values[0] if isinstance(values[0], dict) else {}


def add_origins(things: Iterable[Imported], kind: str, imports: Mapping[str, Import]) -> Iterator[Imported]:
    """Yield terms or predicates; those that are imported with their IRI in the knowledge base that they come from."""
    bases = {f"{one.folder}/": f"{one.about.get('base', '')}{kind}/" for one in imports.values()}
    for thing in things:
        file = thing.record.place.file if thing.record else ""
        start = next((base for path, base in bases.items() if file.startswith(path)), "")
        yield thing._replace(origin=f"{start}{thing.id}") if start else thing


def check(record: Record, top: Path) -> Iterator[Problem]:
    """Check that what ``kb.yaml`` imports is there as it says, and nothing else (KB338)."""
    imports, declared, language = read_imports(top), record.value.get("imports", {}), record.value["language"]
    for name, entry in declared.items():
        place, one = record.at("imports", name), imports.get(name)
        if one is None or not one.about:
            yield Problem(place, _CODE, f"The import {quote(name)} is not in imports/{name}/.", _UPDATE)
            continue
        if entry.get("version", one.about.get("version")) != one.about.get("version"):
            message = f"The import {quote(name)} is version {one.about.get('version')}, not {entry['version']}."
            yield Problem(place, _CODE, message, f"{_UPDATE[:-1]}, or name the version that you want.")
        if one.about.get("language") != language:
            message = f"The language of the import {quote(name)} is {one.about.get('language')}, not {language}."
            yield Problem(place, _CODE, message, "Import a knowledge base in the same language.")
    for name in imports.keys() - declared.keys():
        remedy = did_you_mean(name, declared, "Declare it under 'imports' in kb.yaml, or remove the folder.")
        yield Problem(Place(str(imports[name].folder)), _CODE, "kb.yaml does not declare this import.", remedy)
