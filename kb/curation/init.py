"""Create a knowledge base: a small valid one, to be edited."""

from __future__ import annotations

import os
import re
import unicodedata
from datetime import UTC, datetime
from pathlib import Path

import yaml

from kb import resources
from kb.checks.argument_values import check_arguments
from kb.curation import editor_schemas
from kb.curation.canonical import canonicalize
from kb.files import atomic, boundary
from kb.files.temporary import TemporaryFolder
from kb.problems import KbError, fail


def create(top: Path, *, name: str = "", title: str = "", base: str = "") -> list[str]:
    """Create a knowledge base in a folder that does not exist, or has nothing but a repository of git.

    Args:
        top: The folder.
        name: Its id; if empty, derived from the name of the folder.
        title: Its title; if empty, the id.
        base: The base IRI; if empty, one below https://example.org/.

    Returns:
        The paths of the files, relative to the folder.

    Raises:
        KbError: An argument is invalid (KB832), or the folder is in use (KB831) or cannot be written.
    """
    check_arguments([("name", "id", name), ("title", "title", title), ("base", "base", base)])
    if os.path.lexists(top) and not top.is_dir():
        raise _used_error(top)
    with atomic.open_folder(top, keep_edits=True) as writer:
        if any(entry.name != ".git" for entry in boundary.list_folder(top)):
            raise _used_error(top)
        contents = _make_contents(top, name or _slug(top.resolve().name), title, base)
        writer.replace(contents)
    return sorted(contents)


def _make_contents(top: Path, name: str, title: str, base: str) -> dict[str, list[str]]:
    """Return the files of a new knowledge base, by their path."""
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
    with TemporaryFolder() as folder:
        made = Path(folder) / "kb"
        for path, text in texts.items():
            (made / path).parent.mkdir(parents=True, exist_ok=True)
            (made / path).write_text(text, encoding="utf-8")
        try:
            changes = editor_schemas.find_changes(made)
        except KbError as error:  # such as for an invalid --base
            places = ((problem, problem.place.file.replace(str(made), str(top))) for problem in error.problems)
            raise KbError(problem._replace(place=problem.place._replace(file=file)) for problem, file in places) from error
    texts |= {str(path.relative_to(made)): content for path, content in changes.items()}
    return {path: [text] for path, text in texts.items()}


def _used_error(top: Path) -> KbError:
    return fail("KB831", "The folder is not empty, or is a file.", "Name a folder that is empty or does not exist.", str(top))


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii").lower()
    return "-".join(re.findall("[a-z0-9]+", plain))[:100].strip("-") or "my-kb"
