"""Digests of documents with their facts, by which a run finds those that changed since an earlier one."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import NamedTuple

from kb.build import sorted_runs
from kb.build.joining import MergedRecords, pair_documents


class DocumentDigest(NamedTuple):
    """A document as its records say.

    Args:
        id: Its id, or the one that facts name.
        title: Its title; empty if it has no record.
        digest: The SHA-256 of the values of its record and its facts; not of its text and its results of verification.
        files: The paths of the files that hold them.
    """

    id: str
    title: str
    digest: str
    files: frozenset[str]


def digest_documents(facts: MergedRecords, documents: MergedRecords) -> Iterator[DocumentDigest]:
    """Compute the digest of each document, in the order of their names."""
    for pair in pair_documents(facts, documents):
        hashed, files = sha256(), set[str]()
        for source, entries in ((documents, pair.documents), (facts, pair.facts)):
            for value, _, number in entries:
                hashed.update(sorted_runs.encode(value, 0))
                files.add(source.pieces[number].path)
            hashed.update(b"|")
        title = pair.documents[-1][0].title if pair.documents else ""
        yield DocumentDigest(pair.name, title, hashed.hexdigest(), frozenset(files))
