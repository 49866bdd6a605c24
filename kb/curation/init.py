"""Create a knowledge base: a small valid one, to be edited."""

from __future__ import annotations

import json
import os
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import starmap
from pathlib import Path
from typing import Any

import yaml

from kb import resources
from kb.checks.argument_values import check_arguments
from kb.curation import editor_schemas
from kb.curation.canonical import canonicalize
from kb.curation.yaml_layout import flow
from kb.files import atomic, boundary
from kb.files.temporary import TemporaryFolder
from kb.problems import KbError, fail

_LONG = 1 << 20  # characters of a file of records, from which on it is JSON Lines


def create(top: Path, *, name: str = "", title: str = "", base: str = "", template: str = "medicines") -> list[str]:
    """Create a knowledge base in a folder that does not exist, or has nothing but a repository of git.

    Args:
        top: The folder.
        name: Its id; if empty, derived from the name of the folder.
        title: Its title; if empty, the id.
        base: The base IRI; if empty, one below https://example.org/.
        template: The example that it begins with: ``medicines`` or ``general``.

    Returns:
        The paths of the files, relative to the folder.

    Raises:
        KbError: An argument is invalid (KB832), or the folder is in use (KB831) or cannot be written.
    """
    check_arguments([("name", "id", name), ("title", "title", title), ("base", "base", base)])
    return _create(top, lambda: _make_starter(template, name or _slug(top.resolve().name), title, base), "")


def create_from(top: Path, records: Mapping[str, tuple[str, Any]], files: Mapping[str, bytes], source: str) -> list[str]:
    """Create a knowledge base of records and files, by their path; see :func:`create`.

    Args:
        top: The folder.
        records: The records of each file with their kind, as a list; a mapping is a file of one record.
        files: Other files.
        source: What messages call their origin.

    Raises:
        KbError: They are no valid knowledge base, or as :func:`create`.
    """
    return _create(top, lambda: {**dict(starmap(write_records, records.items())), **files}, source)


def write_records(path: str, content: tuple[str, Any]) -> tuple[str, bytes]:
    """Return a file of records: YAML in canonical form, or JSON Lines where it would be long.

    Args:
        path: Its path, as YAML.
        content: The kind of the records, and their values; a mapping is a file of one record.

    Raises:
        KbError: They have no canonical form.
    """
    kind, value = content
    if not isinstance(value, list):
        text = f"{flow(value)}\n"
    elif len(text := "".join(f"- {flow(one)}\n" for one in value)) > _LONG:
        lines = "".join(f"{json.dumps(one, ensure_ascii=False)}\n" for one in value)
        return path.replace(".yaml", ".jsonl"), lines.encode("utf-8")
    return path, canonicalize(text, kind, path).encode("utf-8")


def _create(top: Path, make: Callable[[], Mapping[str, bytes]], source: str) -> list[str]:
    if os.path.lexists(top) and not top.is_dir():
        raise _used_error(top)
    with atomic.open_folder(top, keep_edits=True) as writer:
        if any(entry.name != ".git" for entry in boundary.list_folder(top)):
            raise _used_error(top)
        contents = _complete(make(), source or str(top))
        writer.replace({path: [content] for path, content in contents.items()})
    return sorted(contents)


def _make_starter(template: str, name: str, title: str, base: str) -> dict[str, bytes]:
    """Return the files of a new knowledge base that is an example, by their path."""
    starter = resources.starter(template)
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
    return {path: text.encode("utf-8") for path, text in texts.items()}


@contextmanager
def write_aside(contents: Mapping[str, bytes]) -> Iterator[Path]:
    """Write the files of a knowledge base into a temporary folder, and yield it."""
    with TemporaryFolder() as folder:
        made = Path(folder) / "kb"
        for path, content in contents.items():
            (made / path).parent.mkdir(parents=True, exist_ok=True)
            (made / path).write_bytes(content)
        yield made


def _complete(contents: Mapping[str, bytes], name: str) -> dict[str, bytes]:
    """Return the files of a new knowledge base, once they are valid, with schemas for editors; messages call it by a name."""
    with write_aside(contents) as made:
        try:
            changes = editor_schemas.find_changes(made)
        except KbError as error:  # such as for an invalid --base
            raise rename_places(error, str(made), name) from error
    return {**contents, **{str(path.relative_to(made)): content.encode("utf-8") for path, content in changes.items()}}


def rename_places(error: KbError, old: str, new: str) -> KbError:
    """Return an error whose places and messages name another folder."""
    return KbError(
        problem._replace(
            place=problem.place._replace(file=problem.place.file.replace(old, new)), message=problem.message.replace(old, new)
        )
        for problem in error.problems
    )


def _used_error(top: Path) -> KbError:
    return fail("KB831", "The folder is not empty, or is a file.", "Name a folder that is empty or does not exist.", str(top))


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii").lower()
    return "-".join(re.findall("[a-z0-9]+", plain))[:100].strip("-") or "my-kb"
