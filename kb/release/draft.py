"""The files of a release or of a folder of exports, each with its description, size and digest."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from kb.escaping import escape_json
from kb.files import atomic
from kb.model import KnowledgeBase
from kb.rdf.compilation import Compilation
from kb.rdf.quads import Quad

#: What a file is for: data, a compressed copy of data, metadata for programs, a text for people.
Role = Literal["data", "copy", "metadata", "text"]

CHECKSUMS = "SHA256SUMS"


@dataclass(frozen=True, slots=True)
class ReleaseFile:
    """A file of a draft, by its path below the folder; only tables have a number of rows and columns."""

    name: str
    what: str
    media: str
    role: Role
    size: int
    sha256: str
    rows: int | None = None
    columns: tuple[str, ...] = ()


class Draft:
    """A release or a folder of exports in progress.

    Args:
        kb: The knowledge base.
        folder: The folder to write to; without one, the contents are kept in memory.
        since: The folder of the previous release, if there is one.
    """

    def __init__(self, kb: KnowledgeBase, folder: Path | None = None, since: Path | None = None) -> None:
        self.kb, self.folder, self.since = kb, folder, since
        self.compilation = Compilation(kb)
        self.files: dict[str, ReleaseFile] = {}
        self.contents: dict[str, bytes] = {}
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
        """Add a file."""
        data = content if isinstance(content, bytes) else "".join(content).encode("utf-8")
        if self.folder is None:
            self.contents[name] = data
        else:
            atomic.write_new(self.folder / name, [data])
        self.files[name] = ReleaseFile(name, what, media, role, len(data), sha256(data).hexdigest(), rows, columns)

    def read(self, name: str) -> bytes:
        """Return the content of a file."""
        return self.contents[name] if self.folder is None else (self.folder / name).read_bytes()

    def add_json(self, name: str, value: Any, what: str, media: str = "application/json") -> None:
        """Add metadata as JSON."""
        self.add(name, escape_json(json.dumps(value, indent=2, ensure_ascii=False)) + "\n", what, media, "metadata")

    def add_checksums(self) -> None:
        """Add SHA256SUMS, in the format of ``sha256sum``; it lists all files added before."""
        lines = [f"{file.sha256}  {name}\n" for name, file in sorted(self.files.items())]
        self.add(CHECKSUMS, lines, "A checksum for every file.", "text/plain", "text")

    def of(self, *roles: Role) -> list[ReleaseFile]:
        """Return the files with one of some roles, sorted by name."""
        return [file for _, file in sorted(self.files.items()) if file.role in roles]
