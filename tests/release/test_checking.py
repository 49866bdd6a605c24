"""The check of a release finds damage and false metadata."""

from __future__ import annotations

import gzip
import json
import os
import re
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from kb.cli import run
from kb.problems import KbError
from kb.release import checking


def test_an_intact_release_has_no_problems(release: Path, rich: Path) -> None:
    assert not checking.check_release(release)
    assert not checking.check_release(rich)


def sum_again(folder: Path, *names: str) -> None:
    """Make the checksums fit, so that only what the files say can be wrong."""
    sums = folder / "SHA256SUMS"
    text = sums.read_text(encoding="utf-8")
    for name in names:
        text = re.sub(rf"[0-9a-f]{{64}}(?=  {re.escape(name)}\n)", sha256((folder / name).read_bytes()).hexdigest(), text)
    sums.write_text(text, encoding="utf-8")


def messages(folder: Path) -> str:
    return "\n".join(map(str, checking.check_release(folder)))


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda folder: (folder / "csv/facts.csv").unlink(), "csv/facts.csv: KB712 It is missing"),
        (lambda folder: (folder / "LICENSE").write_text("mine"), "LICENSE: KB712 It was changed"),
        (lambda folder: (folder / "more.txt").write_text("more"), "more.txt: KB712 It is not part of the release"),
        (lambda folder: (folder / "croissant.json").write_text("{"), "croissant.json: KB712 It was changed"),
        (lambda folder: (folder / "SHA256SUMS").write_text("nonsense\n"), "SHA256SUMS:"),
    ],
)
def test_missing_changed_and_unexpected_files_are_named(damage: Callable[[Path], Any], words: str, damaged: Path) -> None:
    damage(damaged)
    assert words in messages(damaged)


def _edit(name: str, change: Callable[[Any], None]) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        value = json.loads((folder / name).read_text(encoding="utf-8"))
        change(value)
        (folder / name).write_text(json.dumps(value), encoding="utf-8")

    return edit


def _replace(name: str, old: str, new: str) -> Callable[[Path], None]:
    def replace(folder: Path) -> None:
        text = (folder / name).read_text(encoding="utf-8")
        assert re.search(old, text), name
        (folder / name).write_text(re.sub(old, new, text, count=1), encoding="utf-8")

    return replace


LIES = {
    "datapackage.json bytes": ("datapackage.json", _edit("datapackage.json", lambda each: each["resources"][0].update(bytes=1))),
    "datapackage.json rows": ("datapackage.json", _edit("datapackage.json", lambda each: each["resources"][0].update(rows=1))),
    "datapackage.json hash": ("datapackage.json", _edit("datapackage.json", lambda each: each["resources"][0].update(hash="x"))),
    "datapackage.json path": ("datapackage.json", _edit("datapackage.json", lambda each: each["resources"][0].update(path="x"))),
    "croissant.json digest": ("croissant.json", _edit("croissant.json", lambda each: each["distribution"][0].update(sha256="x"))),
    "ro-crate size": (
        "ro-crate-metadata.json",
        _edit("ro-crate-metadata.json", lambda each: each["@graph"][2].update(contentSize="1")),
    ),
    "ro-crate file": ("ro-crate-metadata.json", _edit("ro-crate-metadata.json", lambda each: each["@graph"].pop(2))),
    "schemaorg size": (
        "schemaorg.jsonld",
        _edit("schemaorg.jsonld", lambda each: each["distribution"][0].update(contentSize="1 B")),
    ),
    "dcat size": ("dcat.ttl", _replace("dcat.ttl", r'byteSize "\d+"', 'byteSize "1"')),
    "dcat digest": ("dcat.ttl", _replace("dcat.ttl", r'checksumValue "[0-9a-f]', 'checksumValue "')),
    "dcat triples": ("dcat.ttl", _replace("dcat.ttl", r"void:uriSpace|void:triples \d\d\d+", "void:triples 1")),
    "sssom rows": ("mappings/brightol.sssom.tsv", _replace("mappings/brightol.sssom.tsv", r"term:cough[^\n]*\n", "")),
    "turtle": ("rdf/brightol.ttl", _replace("rdf/brightol.ttl", "Not a cold", "Only a cold")),
    "trig": ("rdf/brightol.trig", _replace("rdf/brightol.trig", "Not a cold", "Only a cold")),
    "jsonld": ("rdf/brightol.jsonld", _replace("rdf/brightol.jsonld", "Not a cold", "Only a cold")),
    "unreadable": ("rdf/brightol.rdf", _replace("rdf/brightol.rdf", "<rdf:Description", "<rdf:Descriptio")),
}


@pytest.mark.parametrize("lie", LIES)
def test_false_metadata_is_found_even_with_correct_checksums(lie: str, damaged: Path) -> None:
    name, tell = LIES[lie]
    tell(damaged)
    sum_again(damaged, name)
    problems = checking.check_release(damaged)
    assert problems
    assert {problem.code for problem in problems} == {"KB712"}
    assert not [problem for problem in problems if "checksum differs" in problem.message]


def test_a_compressed_copy_of_something_else_is_found(damaged: Path) -> None:
    (damaged / "rdf/brightol.nt.gz").write_bytes(gzip.compress(b"something else"))
    sum_again(damaged, "rdf/brightol.nt.gz")
    assert "rdf/brightol.nt.gz: KB712 It is not a copy of rdf/brightol.nt." in messages(damaged)


def test_a_folder_that_is_not_a_release_cannot_be_checked(tmp_path: Path) -> None:
    with pytest.raises(KbError, match=r"KB101.*SHA256SUMS"):
        checking.check_release(tmp_path)


def test_the_command_exits_with_one_for_a_damaged_release(damaged: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (damaged / "README.md").write_text("", encoding="utf-8")
    assert run(["release", "--check", str(damaged)]) == 1
    assert "README.md: KB712" in capsys.readouterr().err


def _huge(path: Path) -> None:
    path.touch()
    os.truncate(path, 1 << 36)


@pytest.mark.parametrize(
    ("make", "code", "exit_code"),
    [
        (lambda path: path.symlink_to("/etc/hostname"), "KB113", 3),
        (lambda path: path.symlink_to("/etc"), "KB113", 3),
        (
            lambda path: path.symlink_to(next(above for above in path.parents if (above / "LICENSE").exists()) / "LICENSE"),
            "KB712",
            1,
        ),
        (lambda path: path.symlink_to("nothing"), "KB101", 3),
        (os.mkfifo, "KB102", 3),
        (_huge, "KB110", 4),
    ],
)
@pytest.mark.parametrize("name", ["csv/facts.csv", "datapackage.json", "more.txt"])
def test_what_is_no_file_of_the_release_is_reported_and_not_read(
    make: Callable[[Path], Any], code: str, exit_code: int, name: str, damaged: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (damaged / name).unlink(missing_ok=True)
    make(damaged / name)
    assert run(["release", "--check", str(damaged)]) == exit_code
    assert f"{name}: {code} " in capsys.readouterr().err


@pytest.mark.parametrize("name", ["../outside", "/etc/hostname"])
def test_a_name_in_the_checksums_that_leads_out_is_not_read(name: str, damaged: Path) -> None:
    (damaged.parent / "outside").write_text("outside", encoding="utf-8")
    with (damaged / "SHA256SUMS").open("a", encoding="utf-8") as sums:
        sums.write(f"{sha256(b'outside').hexdigest()}  {name}\n")
    assert messages(damaged).startswith(f"{name}: KB712 It is missing.")


_ENTITIES = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "x" * 10}">' for n in range(10))
_BOMB = f'<?xml version="1.0"?><!DOCTYPE r [{_ENTITIES}]><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
_BOMB += '<rdf:Description rdf:about="http://x/"><a xmlns="http://x/">&a9;</a></rdf:Description></rdf:RDF>'


def _flip(data: bytes) -> bytes:
    return bytes([*data[:40], data[40] ^ 0x55, *data[41:]])


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("rdf/brightol.rdf", lambda _: _BOMB.encode()),
        ("rdf/brightol.jsonld", lambda _: b'{"@graph":' * 200_000 + b"1" + b"}" * 200_000),
        ("rdf/brightol.jsonld", lambda _: b"[" * 1_000_000),
        ("rdf/brightol.ttl", lambda _: b"<x:a> <x:b> " + b"[ <x:c> " * 100_000),
        ("rdf/brightol.trig", lambda _: b"\xff\xfe"),
        ("datapackage.json", lambda _: b'{"resources":' + b"[" * 200_000 + b"]" * 200_000 + b"}"),
        ("datapackage.json", lambda data: data.replace(b'"bytes": ', b'"bytes": 9' + b"9" * 5_000)),
        ("croissant.json", lambda _: b'{"distribution": [{"contentUrl": ["x"]}]}'),
        ("ro-crate-metadata.json", lambda _: b'{"@graph": {"@id": "x"}}'),
        ("schemaorg.jsonld", lambda _: b'"x"'),
        ("csv/mappings.csv", lambda data: data + b'"' + b"x" * 20_000_000 + b'"\r\n'),
        ("csv/mappings.csv", lambda data: data + b'"' + b"," * 1_000_000),
        ("mappings/brightol.sssom.tsv", lambda _: b"\xff"),
        ("dcat.ttl", lambda _: b"("),
        ("dcat.ttl", lambda _: b""),
        ("rdf/brightol.nt.gz", _flip),
        ("rdf/brightol.nt.gz", lambda data: data[:100]),
        ("rdf/brightol.nt.gz", lambda _: b""),
        ("rdf/brightol.nt.gz", lambda _: gzip.compress(bytes(100_000_000))),
    ],
)
def test_a_file_that_its_reader_fails_on_is_named_and_ends_nothing(
    name: str, change: Callable[[bytes], bytes], damaged: Path
) -> None:
    content = (damaged / name.removesuffix(".gz")).read_bytes()
    (damaged / name).write_bytes(change(gzip.compress(content) if name.endswith(".gz") else content))
    sum_again(damaged, name)
    problems = checking.check_release(damaged)
    assert any(name in f"{problem.place.file} {problem.message}" for problem in problems)
    assert {problem.code for problem in problems} == {"KB712"}
    assert all(len(problem.message) < 400 for problem in problems)


@pytest.mark.parametrize(
    "name", ["datapackage.json", "croissant.json", "ro-crate-metadata.json", "schemaorg.jsonld", "dcat.ttl", "rdf/brightol.nt"]
)
def test_a_release_without_a_part_is_reported_as_such(name: str, damaged: Path) -> None:
    (damaged / name).unlink()
    sums = damaged / "SHA256SUMS"
    lines = sums.read_text(encoding="utf-8").splitlines(keepends=True)
    sums.write_text("".join(line for line in lines if not line.endswith(f"  {name}\n")), encoding="utf-8")
    problems = checking.check_release(damaged)
    assert problems
    assert {problem.code for problem in problems} <= {"KB101", "KB712"}
