"""The commands that write, each with the state before, and with how its result is compared."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

Run = Callable[..., int]
_TEMPORARY = ".kb-tmp"
_FACT = [
    "--subject",
    "examplol",
    "--predicate",
    "has-side-effect",
    "--object",
    "itching",
    "--modality",
    "can",
    "--evidence",
    "s1.2",
]
_TABLE = "drug\teffect\nrxnorm:1\tnausea\nrxnorm:2\tnausea\nrxnorm:2\tvertigo\nrxnorm:3\t\n"
_PROPOSAL = {"subject": "examplol", "predicate": "has-side-effect", "object": "itching", "proposer": "tool:x"}
_PROPOSAL |= {"quote": "It can cause itching, which is rare."}
_MOVED = "A new first line.\n"


def files(folder: Path) -> dict[str, str]:
    """Return the digests of all visible files of a folder; the times of verifications and decisions do not count."""
    found = {}
    for path in folder.rglob("*"):
        name = str(path.relative_to(folder))
        if path.is_file() and _TEMPORARY not in name:
            is_timed = name.startswith(("verification/", "decisions/"))
            content = re.sub(rb"when\"?: ?[^,}]+", b"", path.read_bytes()) if is_timed else path.read_bytes()
            found[name] = sha256(content).hexdigest()
    return found


def store(folder: Path) -> dict[str, str]:
    """Return what a store holds, or what is wrong with it; nothing if there is none."""
    from kb.queries import store_build
    from kb.sparql.engines import disk_store

    if not (folder / "current").exists():
        return {name: "visible" for name in files(folder) if not name.startswith("build-")}
    problems = [problem for problem in store_build.check_store(folder) if problem.code != "KB655"]
    if problems:
        return {"damaged": str(problems[0])}
    manifest = disk_store.open_build(folder).manifest
    return {"facts": str(manifest["facts"]), "quads": str(manifest["quads"])}


@dataclass(frozen=True, slots=True)
class Case:
    """A command that writes.

    Args:
        name: Its name.
        args: Its arguments; ``{}`` stands for the folder of the run, in which ``kb`` is a knowledge base.
        prepare: Changes the folder before the run, with a function that runs kb.
        target: What is compared, below the folder.
        read: Reads the state of the target.
        again: The exit codes of the next run if the first one was successful.
        step: Every how manieth call is tried by default.
    """

    name: str
    args: tuple[str, ...]
    prepare: Callable[[Path, Run], object] = lambda *_: None
    target: str = "kb"
    read: Callable[[Path], Mapping[str, str]] = files
    again: frozenset[int] = frozenset({0})
    step: int = 1


def make_base(folder: Path, run: Run) -> None:
    """Make the knowledge base with which every case begins: that of ``kb init``, without its second fact."""
    folder.mkdir()
    (folder / "tmp").mkdir()
    run("init", f"{folder}/kb", "--id", "small")
    facts = folder / "kb/facts/leaflet.yaml"
    facts.write_text(facts.read_text(encoding="utf-8").split("\n\n")[0] + "\n", encoding="utf-8")
    (folder / "proposed.jsonl").write_text(json.dumps(_PROPOSAL), encoding="utf-8")
    (folder / "pairs.tsv").write_text(_TABLE, encoding="utf-8")
    (folder / "note.md").write_text("# Note\n\nExamplol is new. It helps.\n", encoding="utf-8")


def _old_document(folder: Path, run: Run) -> None:
    run("document", "add", f"{folder}/note.md", "--content", f"{folder}/kb", "--licence", "CC0-1.0")
    (folder / "note.md").write_text("# Note\n\nExamplol is old. It does not help.\n", encoding="utf-8")


def _unformatted(folder: Path, _: Run) -> None:
    for path in (folder / "kb").rglob("*.yaml"):
        path.write_text(path.read_text(encoding="utf-8") + "\n\n\n", encoding="utf-8")


def _old_mappings(folder: Path, _: Run) -> None:
    (folder / "kb/mappings").mkdir()
    for number in range(2):
        table = folder / f"kb/mappings/{number}.sssom.tsv"
        table.write_text("subject_id\tobject_source_version\nterm:a\tsome.owl\n", encoding="utf-8")


def _named(folder: Path, _: Run) -> None:
    label = '<http://www.w3.org/2004/02/skos/core#prefLabel> "itching"'
    (folder / "names.ttl").write_text(f"<http://purl.obolibrary.org/obo/HP_2> {label} .\n", encoding="utf-8")


def _exported(folder: Path, run: Run) -> None:
    run("export", "--content", f"{folder}/kb", "-o", f"{folder}/all.nq")


def _no_schemas(folder: Path, _: Run) -> None:
    shutil.rmtree(folder / "kb/schemas")


def _old_export(folder: Path, run: Run) -> None:
    run("export", "--content", f"{folder}/kb", "-o", f"{folder}/out/")
    (folder / "out/notes.txt").write_text("ours", encoding="utf-8")
    _add_fact(folder, run)


def _add_fact(folder: Path, run: Run) -> None:
    run("fact", "add", "--content", f"{folder}/kb", *_FACT)


def _old_file(folder: Path, run: Run) -> None:
    run("export", "--content", f"{folder}/kb", "-o", f"{folder}/out.ttl")
    (folder / "out").mkdir()
    (folder / "out.ttl").rename(folder / "out/all.ttl")
    _add_fact(folder, run)


def _old_store(folder: Path, run: Run) -> None:
    run("build", "--content", f"{folder}/kb", "--store", f"{folder}/out")
    _add_fact(folder, run)


def _moved_text(folder: Path, _: Run) -> None:
    text = folder / "kb/documents/leaflet.txt"
    text.write_text(_MOVED + text.read_text(encoding="utf-8"), encoding="utf-8")


def _new_text(folder: Path, _: Run) -> None:
    """Write a text that the record was not made from, with its sentences at other positions and a new one."""
    text = folder / "kb/documents/leaflet.txt"
    (folder / "new.txt").write_text(_MOVED + text.read_text(encoding="utf-8"), encoding="utf-8")


def _two_terms(folder: Path, run: Run) -> None:
    own = ("--kind", "symptom", "--definition", "A wish to scratch.", "--file", "more.yaml")
    _proposed(folder, run)
    run("fact", "add", "--content", f"{folder}/kb", *_FACT, "--as", "subject=It")
    run("term", "add", "pruritus", "--content", f"{folder}/kb", *own)


def _recorded(folder: Path, run: Run) -> None:
    run("verify", "--record", "--content", f"{folder}/kb")


def _proposed(folder: Path, run: Run) -> None:
    run("propose", f"{folder}/proposed.jsonl", "--content", f"{folder}/kb")


def _empty_folder(folder: Path, _: Run) -> None:
    (folder / "out").mkdir()


_KB = ("--content", "{}/kb")
_REVIEW = ("review", *_KB, "--accept-if", "predicate=has-side-effect", "--accept-if", "proposer=tool:x", "--yes")
_ALREADY = frozenset({1, 2})
_SUCCESS_OR_ROWS = frozenset({0, 1})
_MAP = ("term", "map", "itching", "--with", "{}/names.ttl", "--accept", "HP:2", *_KB)
_PAIRS = ("table", "import", "{}/pairs.tsv", "--subject", "drug", "--object", "effect", "--name", "pairs", "--date", "2026-01-01")
_VERSIONS = ("{}/kb/terms/terms.yaml", "{}/kb/terms/terms.yaml", "{}/kb/predicates.yaml")
_LICENCE = ("--license", "https://creativecommons.org/publicdomain/zero/1.0/")

CASES = [
    Case("fact add", ("fact", "add", *_KB, *_FACT), again=_ALREADY),
    Case("fact edit", ("fact", "edit", "is-a-type-of/medicine", *_KB, "--note", "A remark.")),
    Case("fact review", ("fact", "review", "is-a-type-of/medicine", "--by", "person:ana", *_KB)),
    Case("fact remove", ("fact", "remove", "is-a-type-of/medicine", *_KB), again=_ALREADY),
    Case("term add", ("term", "add", "rash", *_KB, "--kind", "symptom", "--definition", "Red spots."), again=_ALREADY),
    Case("term map", _MAP, _named, again=frozenset({2})),
    Case("term merge", ("term", "merge", "itching", "pruritus", *_KB), _two_terms, again=_ALREADY),
    Case("propose", ("propose", "{}/proposed.jsonl", *_KB)),
    Case("review", _REVIEW, _proposed),
    Case("document add", ("document", "add", "{}/note.md", *_KB, "--licence", "CC0-1.0"), again=_ALREADY),
    Case("document add --replace", ("document", "add", "{}/note.md", *_KB, "--replace"), _old_document),
    Case("document split", ("document", "split", "leaflet", "s1.2", *_KB, "--before", "which"), again=_ALREADY),
    Case("document merge", ("document", "merge", "note", "s1.1-s1.2", *_KB), _old_document, again=_ALREADY),
    Case("document exempt", ("document", "exempt", "note", "s1.2", *_KB, "--reason", "no-claim"), _old_document),
    Case("document remove", ("document", "remove", "note", *_KB), _old_document, again=_ALREADY, step=2),
    Case("document rename", ("document", "rename", "leaflet", "other", *_KB), _recorded, again=_ALREADY, step=3),
    Case("document update", ("document", "update", "leaflet", "{}/new.txt", *_KB), _new_text),
    Case("table import", (*_PAIRS, *_KB), again=_SUCCESS_OR_ROWS),
    Case("table import, new", (*_PAIRS, "--content", "{}/new/kb", *_LICENCE), target="new", again=_SUCCESS_OR_ROWS),
    Case("init", ("init", "{}/new/kb"), target="new", again=_ALREADY),
    Case("init, empty folder", ("init", "{}/out"), _empty_folder, target="out", again=_ALREADY),
    Case("init --from", ("init", "{}/new/kb", "--from", "{}/all.nq"), _exported, target="new", again=_ALREADY),
    Case("init --team", ("init", "--team", "{}/kb")),
    Case("merge", ("merge", "{}/kb", "{}/kb", "-o", "{}/new/kb"), target="new", again=_ALREADY),
    Case("merge-driver", ("merge-driver", *_VERSIONS, "terms/terms.yaml"), target="kb/terms"),
    Case("format", ("format", *_KB), _unformatted),
    Case("migrate", ("migrate", *_KB), _old_mappings),
    Case("schema", ("schema", *_KB), _no_schemas),
    Case("verify --record", ("verify", *_KB, "--record")),
    Case("verify --write", ("verify", *_KB, "--write"), _moved_text),
    Case("verify --write --record", ("verify", *_KB, "--write", "--record"), _moved_text),
    Case("export FILE", ("export", *_KB, "-o", "{}/out/all.ttl"), _old_file, target="out"),
    Case("export NEW/", ("export", *_KB, "-o", "{}/new/out/"), target="new", step=3),
    Case("export OLD/", ("export", *_KB, "-o", "{}/out/"), _old_export, target="out", step=3),
    Case("query FILE", ("query", "side-effects", *_KB, "-o", "{}/out/answer.csv"), target="out"),
    Case("coverage FILE", ("coverage", *_KB, "--format", "html", "-o", "{}/out/sentences.html"), target="out"),
    Case("site", ("site", "{}/out/", *_KB), target="out", step=11),
    Case("redirects", ("redirects", *_KB, "--server", "https://x.example/", "-o", "{}/out/"), target="out"),
    Case("release", ("release", *_KB, "{}/out"), target="out", again=_ALREADY, step=11),
    Case("build FILE", ("build", *_KB, "-o", "{}/out/all.nq", "--workers", "1"), _old_file, target="out"),
    Case("build --store, new", ("build", *_KB, "--store", "{}/out"), target="out", read=store, step=5),
    Case("build --store, old", ("build", *_KB, "--store", "{}/out"), _old_store, target="out", read=store, step=5),
]


def encode(value: Any) -> bytes:
    """Encode a result that a child process returns."""
    return json.dumps(value).encode()
