"""Create a knowledge base: a small valid one, to be edited."""

from __future__ import annotations

import os
import re
import unicodedata
from datetime import UTC, datetime
from pathlib import Path

import yaml

from kb import resources
from kb.curation import editor_schemas
from kb.curation.canonical import canonicalize
from kb.curation.formatting import write_changes
from kb.files import boundary
from kb.problems import fail
from kb.records import record_writer


def create(top: Path, *, name: str = "", title: str = "", base: str = "") -> list[str]:
    """Create a knowledge base in a folder that is empty or does not exist.

    Args:
        top: The folder.
        name: Its id; if empty, derived from the name of the folder.
        title: Its title; if empty, the id.
        base: The base IRI; if empty, one below https://example.org/.

    Returns:
        The paths of the files, relative to the folder.

    Raises:
        KbError: The folder is in use (KB831) or cannot be written.
    """
    if os.path.lexists(top) and (not top.is_dir() or boundary.list_folder(top)):
        remedy = "Name a folder that is empty or does not exist."
        raise fail("KB831", "The folder is not empty, or is a file.", remedy, str(top))
    name = name or _slug(top.resolve().name)
    starter = resources.starter()
    paths = [path for path in sorted(starter.rglob("*")) if path.is_file()]
    texts = {str(path.relative_to(starter)): path.read_text(encoding="utf-8") for path in paths}
    description = {
        **yaml.safe_load(texts["kb.yaml"]),
        "id": name,
        "title": title or name,
        "base": base or f"https://example.org/{name}/",
        "issued": datetime.now(UTC).date().isoformat(),
    }
    texts["kb.yaml"] = canonicalize(yaml.safe_dump(description, sort_keys=False, allow_unicode=True), "kb", "kb.yaml")
    record_writer.write_records(top, {top / path: [text] for path, text in texts.items()})
    write_changes(top, editor_schemas.find_changes(top))
    return sorted(str(path.relative_to(top)) for path in top.rglob("*") if path.is_file())


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii").lower()
    return "-".join(re.findall("[a-z0-9]+", plain)) or "my-kb"
