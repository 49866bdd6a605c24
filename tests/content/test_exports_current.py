"""The committed exports are what the content makes."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import rdflib

from kb.model import KnowledgeBase
from kb.release import export_folder

EXPORTS = Path(__file__).resolve().parents[2] / "exports"


def test_exports_are_current_byte_for_byte(shipped: KnowledgeBase) -> None:
    made = export_folder.export_files(shipped, export_folder.choose_formats([], "", "full", many=True), "full", complete=True)
    assert not export_folder.find_stale(EXPORTS, made)
    on_disk = {str(path.relative_to(EXPORTS)) for path in EXPORTS.rglob("*") if path.is_file()}
    assert on_disk == set(made)


def test_checksums_are_those_of_the_files() -> None:
    lines = (EXPORTS / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    assert len(lines) == len([path for path in EXPORTS.rglob("*") if path.is_file()]) - 1
    for line in lines:
        digest, _, name = line.partition("  ")
        assert sha256((EXPORTS / name).read_bytes()).hexdigest() == digest


def test_the_readme_tells_the_number_of_triples() -> None:
    graph = rdflib.Graph().parse(EXPORTS / "clonazepam.nt")
    assert f"{len(graph)} triples" in (EXPORTS / "README.md").read_text(encoding="utf-8")
