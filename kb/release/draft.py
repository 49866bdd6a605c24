"""The files of a release or of a folder of exports, each with its description, size and digest."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from kb.escaping import escape_json, escape_markdown
from kb.files import atomic
from kb.model import KnowledgeBase
from kb.rdf.compilation import Compilation
from kb.rdf.quads import Quad, iri, literal
from kb.release import dictionary
from kb.release.dictionary import Column
from kb.release.lineage import CHECKSUMS, Identity

#: What a file is for: data, metadata for programs, a text for people.
Role = Literal["data", "metadata", "text"]

_TEMPLATES = Environment(
    loader=PackageLoader("kb.release"),
    autoescape=select_autoescape(),  # of HTML; the other templates name the filter of their format
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    undefined=StrictUndefined,
)
_TEMPLATES.filters |= {"iri": iri, "literal": literal, "md": escape_markdown, "key": dictionary.find_key}
_TEMPLATES.filters["json"] = lambda value: escape_json(json.dumps(value, ensure_ascii=False))


def render(template: str, **values: Any) -> str:
    """Fill in a template, which escapes each value by a filter.

    The filters are ``iri`` and ``literal`` for Turtle, ``md`` for Markdown, ``json`` for JSON and YAML.
    """
    return _TEMPLATES.get_template(template).render(**values)


@dataclass(frozen=True, slots=True)
class ReleaseFile:
    """A file of a draft, by its path below the folder; only tables have rows and columns, only others' data a licence."""

    name: str
    what: str
    media: str
    role: Role
    size: int
    sha256: str
    rows: int | None = None
    columns: tuple[Column, ...] = ()
    license: str = ""


class Draft:
    """A release or a folder of exports in progress.

    Args:
        kb: The knowledge base.
        folder: The folder to write to; without one, the contents are kept in memory.
        since: The previous release, if there is one.
        full: Whether the release has every format.
    """

    def __init__(
        self, kb: KnowledgeBase, folder: Path | None = None, since: Identity | None = None, *, full: bool = False
    ) -> None:
        self.kb, self.folder, self.since, self.full = kb, folder, since, full
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
        columns: tuple[Column, ...] = (),
        terms: str = "",
    ) -> None:
        """Add a file."""
        data = content if isinstance(content, bytes) else "".join(content).encode("utf-8")
        if self.folder is None:
            self.contents[name] = data
        else:
            atomic.write_new(self.folder / name, [data])
        self.files[name] = ReleaseFile(name, what, media, role, len(data), sha256(data).hexdigest(), rows, columns, terms)

    def read(self, name: str) -> bytes:
        """Return the content of a file."""
        return self.contents[name] if self.folder is None else (self.folder / name).read_bytes()

    def add_json(self, name: str, value: Any, what: str, media: str = "application/json") -> None:
        """Add metadata as JSON."""
        self.add(name, escape_json(json.dumps(value, indent=2, ensure_ascii=False)) + "\n", what, media, "metadata")

    def add_archive(self, name: str, files: Mapping[str, bytes], what: str) -> None:
        """Add a zip archive, in which every file has the same time stamp."""
        content = io.BytesIO()
        with ZipFile(content, "w", ZIP_DEFLATED, compresslevel=9) as archive:
            for path, data in sorted(files.items()):
                entry = ZipInfo(path)  # which has the date 1980-01-01
                entry.compress_type, entry.create_system, entry.external_attr = ZIP_DEFLATED, 3, 0o644 << 16
                archive.writestr(entry, data)
        self.add(name, content.getvalue(), what, "application/zip")

    def add_checksums(self) -> None:
        """Add SHA256SUMS, in the format of ``sha256sum``; it lists all files added before."""
        lines = [f"{file.sha256}  {name}\n" for name, file in sorted(self.files.items())]
        self.add(CHECKSUMS, lines, "A checksum for every file.", "text/plain", "text")

    def of(self, *roles: Role) -> list[ReleaseFile]:
        """Return the files with one of some roles, sorted by name."""
        return [file for _, file in sorted(self.files.items()) if file.role in roles]
