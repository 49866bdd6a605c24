"""A new knowledge base: a tiny one that is in order, to be changed into one's own."""

from __future__ import annotations

import os
import re
import unicodedata
from datetime import UTC, datetime
from pathlib import Path

import yaml

from kb import resources
from kb.curation import editor
from kb.curation.canonical import canonical
from kb.curation.formatting import write
from kb.files import atomic
from kb.problems import fail


def start(top: Path, *, name: str = "", title: str = "", base: str = "") -> list[str]:
    """Make a knowledge base in a folder that is empty or not there yet.

    Args:
        top: The folder.
        name: Its id; made of the folder's name if empty.
        title: Its title; the id if empty.
        base: The IRI below which all its things are named; an example if empty.

    Returns:
        The files, by their paths below the folder.

    Raises:
        KbError: Something lies there already (KB831), or it cannot be written.
    """
    if os.path.lexists(top) and not (top.is_dir() and not any(top.iterdir())):
        remedy = "Name a folder that is empty or not there yet."
        raise fail("KB831", "Something lies there already.", remedy, str(top))
    name = name or _slug(top.resolve().name)
    made = {str(path.relative_to(resources.starter())): path for path in sorted(resources.starter().rglob("*")) if path.is_file()}
    texts = {each: path.read_text(encoding="utf-8") for each, path in made.items()}
    about = {
        **yaml.safe_load(texts["kb.yaml"]),
        "id": name,
        "title": title or name,
        "base": base or f"https://example.org/{name}/",
        "issued": datetime.now(UTC).date().isoformat(),
    }
    texts["kb.yaml"] = canonical(yaml.safe_dump(about, sort_keys=False, allow_unicode=True), "kb", "kb.yaml")
    atomic.write_folder(top, {each: [text] for each, text in texts.items()})
    write(top, editor.changes(top))
    return sorted(str(path.relative_to(top)) for path in top.rglob("*") if path.is_file())


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii").lower()
    return "-".join(re.findall("[a-z0-9]+", plain)) or "my-kb"
