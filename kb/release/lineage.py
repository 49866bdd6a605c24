"""What a release says of itself, and whether another release may follow it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from kb.files import boundary
from kb.files.text_file import read_bytes
from kb.metadata import Dataset
from kb.problems import KbError, fail, quote

CHECKSUMS, SIGNATURE, RECORDS = "SHA256SUMS", "SHA256SUMS.sig", "records.zip"
#: The file of a release that names its base IRI, version and date.
DESCRIPTION = "metadata/schemaorg.jsonld"
_VERSION = re.compile(r"[0-9]{1,18}\.[0-9]{1,18}\.[0-9]{1,18}(?:-[0-9A-Za-z.-]{1,50})?")
_LARGEST = 1 << 26


class Identity(NamedTuple):
    """A release by its folder: the base IRI of its knowledge base, its version and its date."""

    folder: Path
    base: str
    version: str
    issued: str


def read_identity(folder: Path) -> Identity:
    """Read what a release says of itself.

    Raises:
        KbError: It cannot be read (KB101, KB102), or is not what a release has (KB712).
    """
    content = read_bytes(folder / DESCRIPTION, str(folder / DESCRIPTION), _LARGEST, folder)
    try:
        about = json.loads(content)
        identity = Identity(folder, *(str(about[key]) for key in ("@id", "version", "datePublished")))
    except (ValueError, KeyError, TypeError, RecursionError):
        identity = Identity(folder, "", "", "")
    if not _VERSION.fullmatch(identity.version):
        raise fail("KB712", "It does not name the version of a release.", "Name the folder of a release.", str(folder))
    return identity


def locate_releases(folders: Iterable[Path], base: str) -> dict[str, Path]:
    """Return the folders of releases of one knowledge base, by version.

    Raises:
        KbError: One is not a release (KB101, KB712), is of another knowledge base, or has the version of another (KB716).
    """
    releases: dict[str, Path] = {}
    for folder in folders:
        release = read_identity(folder)
        require_base(release, base)
        if release.version in releases:
            raise fail("KB716", f"Version {release.version} is given twice.", "Name each version once.", str(folder))
        releases[release.version] = folder.resolve()
    return releases


def require_base(release: Identity, base: str) -> None:
    """Require that a release is of the knowledge base with a base IRI.

    Raises:
        KbError: It is of another (KB716).
    """
    if release.base != base:
        message = f"It is a release of {quote(release.base)}, not of {quote(base)}."
        raise fail("KB716", message, "Name a release of the same knowledge base.", str(release.folder))


def require_order(dataset: Dataset, previous: Identity) -> None:
    """Require that a version follows a release of the same knowledge base.

    Raises:
        KbError: The release is of another knowledge base, or its version is not lower, or its date is later (KB716).
    """
    require_base(previous, dataset.base)
    place = str(previous.folder)
    if _order(dataset.version) <= _order(previous.version):
        message = f"Version {dataset.version} does not follow version {previous.version}."
        raise fail("KB716", message, "Set a higher 'version' in kb.yaml.", place)
    if dataset.issued < previous.issued:
        message = f"Version {dataset.version} is dated {dataset.issued}, before version {previous.version} of {previous.issued}."
        raise fail("KB716", message, "Correct 'issued' in kb.yaml.", place)


def _order(version: str) -> tuple[object, ...]:
    """Return what versions are sorted by (Semantic Versioning 2.0, section 11)."""
    numbers, _, early = version.partition("-")
    parts = [(not part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in early.split(".")]
    return (*map(int, numbers.split(".")), not early, parts)


def require_new(dataset: Dataset, folder: Path, digest: str) -> None:
    """Require that no release beside a new one has its version with other records than those with a digest.

    Raises:
        KbError: There is one (KB716).
    """
    for entry in boundary.list_folder(folder.parent):
        other = folder.parent / entry.name
        if entry.name.startswith(".") or other == folder or not boundary.exists(other / CHECKSUMS):
            continue
        try:
            release = read_identity(other)
        except KbError:  # no release of ours, or one that does not say which
            continue
        sums = read_bytes(other / CHECKSUMS, CHECKSUMS, _LARGEST, other).decode("utf-8", "replace")
        if (release.base, release.version) == (dataset.base, dataset.version) and f"{digest}  {RECORDS}" not in sums:
            message = f"There is a release of version {dataset.version} with other records: {other}."
            raise fail("KB716", message, "Set another 'version' in kb.yaml; a version is released once.", str(folder))
