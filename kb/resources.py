"""Locate ``schemas/``, ``content/`` and the other data; no other module contains their paths.

In a wheel the schemas are inside the package (hatchling puts them there); in a checkout and in an editable install they are
beside it.
"""

from __future__ import annotations

import json
import os
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).resolve().parent


def content() -> Path:
    """Return the folder of the shipped knowledge base."""
    return _PACKAGE / "content"


def is_installed(path: Path) -> bool:
    """Return whether a path lies in the installed package, where nothing is written.

    In a checkout, maintainers edit the shipped knowledge base by its relative path.
    """
    is_maintained = not path.is_absolute() and (_PACKAGE.parent / "pyproject.toml").exists()
    return not is_maintained and Path(os.path.realpath(path)).is_relative_to(_PACKAGE)


def default_content() -> Path:
    """Return the knowledge base that is used by default.

    That is the one that the variable KB_CONTENT names, or the nearest folder with ``kb.yaml``, from the current one upwards; or
    else the shipped one.
    """
    if named := os.environ.get("KB_CONTENT"):
        return Path(named)
    try:
        here = Path.cwd()
    except OSError:  # it was removed
        return content()
    for level, folder in enumerate((here, *here.parents)):
        if os.path.lexists(folder / "kb.yaml"):
            return Path(*[".."] * level)
    return content()


def cache_folder(name: str) -> Path:
    """Return the folder of a cache, by the XDG Base Directory Specification; it may not exist yet."""
    root = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111 - never raises
    return Path(root, "linked-kb", name)


def rules() -> Path:
    """Return the folder of the pages that explain the rules."""
    return _PACKAGE / "rules"


def example(name: str = "zelorin") -> Path:
    """Return the folder of an example whose text ships: a leaflet of a made-up medicine, or a guide of made-up software."""
    return _PACKAGE / "examples" / name


def pages() -> Path:
    """Return the folder of the templates and static files of pages."""
    return _PACKAGE / "pages"


def starter(template: str = "medicines") -> Path:
    """Return the folder of the small knowledge base that ``kb init`` copies: ``medicines`` or ``general``."""
    return _PACKAGE / ("starter" if template == "medicines" else "starter_general")


def schemas() -> Path:
    """Return the folder of the JSON Schemas, the SHACL shapes, the ontology and the JSON-LD context."""
    inside = _PACKAGE / "schemas"
    return inside if inside.is_dir() else _PACKAGE.parent / "schemas"


@cache
def schema(kind: str) -> dict[str, Any]:
    """Return the JSON Schema of a kind of record, such as ``fact``."""
    value: dict[str, Any] = json.loads(schema_text(kind))
    return value


@cache
def context() -> dict[str, Any]:
    """Return what the keys of records mean: the JSON-LD context, by term."""
    meanings: dict[str, Any] = json.loads((schemas() / "context.jsonld").read_text(encoding="utf-8"))["@context"]
    return meanings


@cache
def language_data() -> dict[str, Any]:
    """Return the words and marks of languages by which texts are compared, and by which ``kb verify`` reads sentences."""
    value: dict[str, Any] = json.loads((_PACKAGE / "texts" / "languages.json").read_text(encoding="utf-8"))
    return value


@cache
def phrase_words() -> dict[str, Any]:
    """Return the words of languages by which names are found in lists and enumerations."""
    return tomllib.loads((_PACKAGE / "proposals" / "phrase_words.toml").read_text(encoding="utf-8"))


@cache
def markup_languages() -> dict[str, Any]:
    """Return what the elements of markup languages mean, and where their texts state details."""
    return tomllib.loads((_PACKAGE / "texts" / "markup_roles.toml").read_text(encoding="utf-8"))


def read_table(*path: str) -> list[list[str]]:
    """Return the rows of a table of the package, whose cells tabs separate, without its heading."""
    return [line.split("\t") for line in _PACKAGE.joinpath(*path).read_text(encoding="utf-8").splitlines()[1:]]


def schema_text(kind: str) -> str:
    """Return the text of the JSON Schema of a kind of record."""
    return (schemas() / f"{kind}.schema.json").read_text(encoding="utf-8")


def shapes() -> list[Path]:
    """Return the SHACL files: those of SHACL Core first, then those that need SPARQL."""
    return [schemas() / "shapes.ttl", schemas() / "shapes-sparql.ttl"]
