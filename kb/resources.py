"""The only module that knows where ``schemas/``, ``content/`` and the other data lie.

In a wheel the schemas are inside the package (hatchling puts them there); in a checkout and in an
editable install they are beside it.
"""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).resolve().parent


def content() -> Path:
    """Give the folder of the shipped knowledge base."""
    return _PACKAGE / "content"


def content_here() -> Path:
    """Give the knowledge base that is meant when none is named: the current folder if it is one, else the shipped."""
    here = Path()
    return here if (here / "kb.yaml").is_file() else content()


def cached(room: str) -> Path:
    """Give the folder for what a room keeps that can be made anew, by the rules of XDG for caches; it need not be there."""
    root = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111 - never raises
    return Path(root, "linked-kb", room)


def rules() -> Path:
    """Give the folder of the pages that explain the rules."""
    return _PACKAGE / "rules"


def example() -> Path:
    """Give the folder of the example whose text ships."""
    return _PACKAGE / "examples" / "zelorin"


def server_pages() -> Path:
    """Give the folder of the templates and static files of ``kb serve``."""
    return _PACKAGE / "server"


def starter() -> Path:
    """Give the small knowledge base that ``kb init`` copies."""
    return _PACKAGE / "starter"


def schemas() -> Path:
    """Give the folder of the contracts."""
    inside = _PACKAGE / "schemas"
    return inside if inside.is_dir() else _PACKAGE.parent / "schemas"


@cache
def schema(kind: str) -> dict[str, Any]:
    """Read the JSON Schema of a kind of record, such as ``fact``."""
    loaded: dict[str, Any] = json.loads(schema_text(kind))
    return loaded


def schema_text(kind: str) -> str:
    """Read the text of a JSON Schema."""
    return (schemas() / f"{kind}.schema.json").read_text(encoding="utf-8")


def shapes() -> list[Path]:
    """Give the SHACL files: core first, then what needs SPARQL."""
    return [schemas() / "shapes.ttl", schemas() / "shapes-sparql.ttl"]
