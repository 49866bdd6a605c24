"""A release while it is made: a folder beside its place, to which one part after the other adds its files."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, NamedTuple

from kb.model import KnowledgeBase
from kb.rdf.compilation import Compilation
from kb.rdf.quads import Quad

#: What a file is for: content in a format, a packed copy of that, a description for machines, a text for people.
Role = Literal["data", "copy", "metadata", "text"]


class File(NamedTuple):
    """A file of a release.

    Args:
        name: Its path below the folder.
        what: What it is, in a sentence.
        media: Its media type.
        role: What it is for.
        size: Its bytes.
        sha256: Their digest.
        rows: The records in it, where it is a table.
        columns: The columns, where it is a table.
    """

    name: str
    what: str
    media: str
    role: Role
    size: int
    sha256: str
    rows: int | None = None
    columns: tuple[str, ...] = ()


class Draft:
    """A release while it is made.

    Args:
        kb: What is released.
        folder: Where the files go.
        since: The folder of the release before, if there is one.
    """

    def __init__(self, kb: KnowledgeBase, folder: Path, since: Path | None = None) -> None:
        self.kb, self.folder, self.since = kb, folder, since
        self.compilation = Compilation(kb)
        self.files: dict[str, File] = {}
        self.losses: list[dict[str, Any]] = []

    @property
    def quads(self) -> list[Quad]:
        """The statements of the model ``full``, compiled once for all parts."""
        return self.compilation.full

    def add(  # noqa: PLR0913 - what is known of a file
        self,
        name: str,
        content: str | bytes | Iterable[str],
        what: str,
        media: str,
        role: Role = "data",
        *,
        rows: int | None = None,
        columns: tuple[str, ...] = (),
    ) -> None:
        """Write a file and remember what it is."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        digest, size = sha256(), 0
        with path.open("wb") as file:
            for piece in _bytes(content):
                digest.update(piece)
                size += file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        self.files[name] = File(name, what, media, role, size, digest.hexdigest(), rows, columns)

    def add_json(self, name: str, value: Any, what: str, media: str = "application/json") -> None:
        """Write a description for machines as JSON."""
        self.add(name, json.dumps(value, indent=2, ensure_ascii=False) + "\n", what, media, "metadata")

    def of(self, *roles: Role) -> list[File]:
        """Give the files of some roles, by name."""
        return [each for _, each in sorted(self.files.items()) if each.role in roles]


def _bytes(content: str | bytes | Iterable[str]) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
    else:
        yield from (piece.encode("utf-8") for piece in ([content] if isinstance(content, str) else content))
