"""Write the files of a site that changed, remove those of pages that are gone, and write the workflow for GitHub Pages."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from kb import resources
from kb.files import atomic, text_file
from kb.files.boundary import exists
from kb.problems import fail

#: The file that lists what a site consists of, so that the next one removes what is gone.
LIST = "site-files.txt"
WORKFLOW = ".github/workflows/kb-site.yml"


class Written(NamedTuple):
    """How many files of a site were written, removed and left as they were."""

    changed: int
    removed: int
    same: int
    size: int


def write_site(folder: Path, files: Iterable[tuple[str, bytes]]) -> Written:
    """Write a site; files that have not changed are left alone.

    Raises:
        KbError: A file is in the way that no site wrote (KB701), or the folder cannot be written (KB701, KB704, KB707).
    """
    contents = dict(files)
    with atomic.open_folder(folder) as writer:
        known = _read_list(folder)
        listed = "".join(f"{name}\n" for name in sorted(contents)).encode("utf-8")
        changed: dict[str, list[bytes] | None] = {}
        for name, content in [*contents.items(), (LIST, listed)]:
            if not text_file.has_content(folder / name, content, folder):
                if name not in known and exists(folder / name):
                    remedy = "Name a folder of its own for the site, or move the file away."
                    raise fail("KB701", "The file was not written by 'kb site'.", remedy, str(folder / name))
                changed[name] = [content]
        removed = {name: None for name in known - contents.keys() - {LIST} if exists(folder / name)}
        writer.replace({**changed, **removed})
    return Written(len(changed), len(removed), len(contents) + 1 - len(changed), sum(map(len, contents.values())))


def _read_list(folder: Path) -> set[str]:
    """Return the names of the files of the former site; only paths below the folder count."""
    path = folder / LIST
    if not exists(path):
        return set()
    names = text_file.read_text(path, str(path)).splitlines()
    return {LIST, *(name for name in names if name and not name.startswith("/") and ".." not in name.split("/"))}


def read_workflow() -> bytes:
    """Return the workflow that publishes the site of a knowledge base on GitHub Pages."""
    path = resources.pages() / "templates" / "kb-site.yml"
    return text_file.read_bytes(path, path.name)
