"""Make a release in a temporary folder and rename it when it is complete; the registry of its parts."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from kb.files import atomic, boundary
from kb.model import KnowledgeBase
from kb.problems import KbError, fail
from kb.release import (
    changes,
    checking,
    content,
    dcat,
    descriptions,
    leaks,
    lineage,
    redirects,
    signatures,
)
from kb.release.draft import Draft
from kb.verification import verify


@dataclass(frozen=True, slots=True)
class ReleasePart:
    """A part of a release, with its content in a few words and the function that adds its files to a draft."""

    name: str
    what: str
    add: Callable[[Draft], None]


#: The parts in the order in which they are made; each part sees the files of the parts before it.
PARTS: tuple[ReleasePart, ...] = (
    ReleasePart("rdf", "the graph", content.add_rdf),
    ReleasePart("tables", "flat tables and KGX; with --full, property graphs and triples for embeddings", content.add_tables),
    ReleasePart("mappings", "the mappings as SSSOM sets", content.add_mappings),
    ReleasePart("queries", "the named queries with their answers", content.add_answers),
    ReleasePart("records", "the records themselves", content.add_records),
    ReleasePart("schemas", "shapes, context, ontology; with --full, JSON Schemas", content.add_contracts),
    ReleasePart("losses", "what each format cannot carry", content.add_losses),
    ReleasePart("changes", "changes since the previous release", changes.add_changes),
    ReleasePart("dcat", "DCAT 3 and VoID", dcat.add_catalogue),
    ReleasePart("w3id", "redirects for persistent IRIs, if kb.yaml names a target", redirects.add_redirects),
    *(ReleasePart(part.file, part.what, part.add) for part in descriptions.DESCRIPTIONS),
)


class ReleaseOptions(NamedTuple):
    """Whether a release has every format, and the SSH key to sign it with."""

    full: bool = False
    key: Path | None = None


_LEAN = ReleaseOptions()


def make(
    kb: KnowledgeBase,
    folder: Path,
    since: Path | None = None,
    on_part: Callable[[ReleasePart], None] = lambda _: None,
    options: ReleaseOptions = _LEAN,
) -> Draft:
    """Make a release.

    Args:
        kb: The knowledge base.
        folder: The folder to create; it does not exist, or is empty.
        since: The folder of the previous release.
        on_part: Called before each part is made.
        options: How much it has, and who signs it.

    Raises:
        KbError: The folder exists (KB711) or cannot be written (KB701), the release would contain a withheld text (KB714), a
            text that ships does not state a fact, or the release does not follow the previous one (KB712, KB716).
    """
    if os.path.lexists(folder) and (not folder.is_dir() or boundary.list_folder(folder)):
        remedy = "Name a folder that does not exist; a release is never changed."
        raise fail("KB711", "The folder is not empty, or is a file.", remedy, str(folder))
    unstated = verify.check_available(kb)
    if unstated:
        raise KbError(unstated)
    previous = _read_previous(kb, since) if since else None
    try:
        with atomic.new_folder(folder) as place:
            draft = Draft(kb, place, previous, full=options.full)
            for part in PARTS:
                on_part(part)
                part.add(draft)
            problems = list(leaks.find_leaks(place, leaks.find_withheld_sentences(kb)))
            if problems:
                raise KbError(problems)
            draft.add_checksums()
            if options.key:
                signature = signatures.sign(draft.read(lineage.CHECKSUMS), options.key)
                draft.add(lineage.SIGNATURE, signature, "The signature of the checksums.", "text/plain", "text")
            lineage.require_new(kb.dataset, folder, draft.files[lineage.RECORDS].sha256)
    except OSError as error:
        raise atomic.unwritable_error(folder, error) from error
    return draft


def _read_previous(kb: KnowledgeBase, folder: Path) -> lineage.Identity:
    """Check the release that a new one follows, and return what it says of itself."""
    problems = checking.check_release(folder)
    if problems:
        raise KbError(
            problem._replace(place=problem.place._replace(file=str(folder / problem.place.file))) for problem in problems
        )
    previous = lineage.read_identity(folder)
    lineage.require_order(kb.dataset, previous)
    return previous
