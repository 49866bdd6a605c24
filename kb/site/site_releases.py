"""The files of releases in a site, each checked against the digest that its release states."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from kb.files import boundary
from kb.files.text_file import read_bytes
from kb.problems import KbError, fail
from kb.release.lineage import CHECKSUMS, SIGNATURE

_CRATE = "ro-crate-metadata.json"
_LARGEST = 1 << 30


def read_release(folder: Path) -> Iterator[tuple[str, str, bytes]]:
    """Yield every file of a release: its path below the folder, what it contains, and its content.

    Raises:
        KbError: A file cannot be read (KB101, KB102), or is not what the release states (KB712).
    """
    whats = {_CRATE: "RO-Crate 1.1, with an entity for every file.", SIGNATURE: "The signature of the checksums."}
    whats |= _read_descriptions(read_bytes(folder / _CRATE, _CRATE, _LARGEST, folder))
    lines = read_bytes(folder / CHECKSUMS, CHECKSUMS, _LARGEST, folder).decode("utf-8", "replace").splitlines()
    listed = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    for above, entries in boundary.walk(folder, _report, folder):
        for name in sorted((above / entry.name).relative_to(folder).as_posix() for entry in entries if not entry.is_folder):
            content = read_bytes(folder / name, name, _LARGEST, folder)
            if name in listed and listed[name] != sha256(content).hexdigest():
                remedy = "Download the release again, or make it again."
                raise fail("KB712", f"The digest of the file is not that of {CHECKSUMS}.", remedy, str(folder / name))
            yield name, whats.get(name, ""), content


def _report(error: KbError) -> None:
    raise error


def _read_descriptions(content: bytes) -> dict[str, str]:
    """Return what the RO-Crate of a release says about each file."""
    try:
        entities = json.loads(content)["@graph"]
        return {str(entity["@id"]): str(entity.get("description", "")) for entity in entities if entity.get("@type") == "File"}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        remedy = "Name the folder of a release that 'kb release' made."
        raise fail("KB712", "The description of the release cannot be read.", remedy, _CRATE) from None
