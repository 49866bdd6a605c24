"""The check of a release finds damage and false metadata."""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

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
        (lambda folder: (folder / "data/facts.csv").unlink(), "data/facts.csv: KB712 It is missing"),
        (lambda folder: (folder / "LICENSE").write_text("mine"), "LICENSE: KB712 It was changed"),
        (lambda folder: (folder / "more.txt").write_text("more"), "more.txt: KB712 It is not part of the release"),
        (lambda folder: (folder / "metadata/croissant.json").write_text("{"), "metadata/croissant.json: KB712 It was changed"),
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


def _change_answers(change: Callable[[str, bytes], bytes]) -> Callable[[Path], None]:
    def rewrite(folder: Path) -> None:
        with ZipFile(folder / "queries.zip") as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        changed = {name: change(name, data) for name, data in files.items()}
        assert changed != files
        (folder / "queries.zip").write_bytes(_pack(changed))

    return rewrite


LIES = {
    "datapackage.json bytes": ("datapackage.json", _edit("datapackage.json", lambda each: each["resources"][0].update(bytes=1))),
    "datapackage.json rows": ("datapackage.json", _edit("datapackage.json", lambda each: each["resources"][0].update(rows=1))),
    "datapackage.json hash": ("datapackage.json", _edit("datapackage.json", lambda each: each["resources"][0].update(hash="x"))),
    "datapackage.json path": ("datapackage.json", _edit("datapackage.json", lambda each: each["resources"][0].update(path="x"))),
    "croissant.json digest": (
        "metadata/croissant.json",
        _edit("metadata/croissant.json", lambda each: each["distribution"][0].update(sha256="x")),
    ),
    "ro-crate size": (
        "ro-crate-metadata.json",
        _edit("ro-crate-metadata.json", lambda each: each["@graph"][2].update(contentSize="1")),
    ),
    "ro-crate file": ("ro-crate-metadata.json", _edit("ro-crate-metadata.json", lambda each: each["@graph"].pop(2))),
    "schemaorg size": (
        "metadata/schemaorg.jsonld",
        _edit("metadata/schemaorg.jsonld", lambda each: each["distribution"][0].update(contentSize="1 B")),
    ),
    "dcat size": ("metadata/dcat.ttl", _replace("metadata/dcat.ttl", r'byteSize "\d+"', 'byteSize "1"')),
    "dcat digest": ("metadata/dcat.ttl", _replace("metadata/dcat.ttl", r'checksumValue "[0-9a-f]', 'checksumValue "')),
    "dcat triples": ("metadata/dcat.ttl", _replace("metadata/dcat.ttl", r"void:uriSpace|void:triples \d\d\d+", "void:triples 1")),
    "readme facts": ("README.md", _replace("README.md", r": \d+ facts", ": 1 facts")),
    "answer": (
        "queries.zip",
        _change_answers(lambda name, data: data.replace(b"literal", b"uri") if name == "facts.srj" else data),
    ),
    "empty answer": ("queries.zip", _change_answers(lambda name, _: b"" if name == "facts.csv" else _)),
    "number of rows": (
        "queries.zip",
        _change_answers(lambda name, data: re.sub(rb"(facts .*) \d+ \|", rb"\1 1000 |", data) if name == "README.md" else data),
    ),
    "question that is missing": (
        "queries.zip",
        _change_answers(lambda name, data: data + b"| more | What more? | 3 |\n" if name == "README.md" else data),
    ),
    "number of empty answers": ("README.md", _replace("README.md", r"\d+ answers are empty", "99 answers are empty")),
    "question": ("queries.zip", _change_answers(lambda name, data: b"ASK { }" if name == "facts.rq" else data)),
    "sssom rows": ("data/brightol.sssom.tsv", _replace("data/brightol.sssom.tsv", r"term:cough[^\n]*\n", "")),
    "turtle": ("data/brightol.ttl", _replace("data/brightol.ttl", "Not a cold", "Only a cold")),
    "trig": ("data/brightol.trig", _replace("data/brightol.trig", "Not a cold", "Only a cold")),
    "jsonld": ("data/brightol.jsonld", _replace("data/brightol.jsonld", "Not a cold", "Only a cold")),
    "unreadable": ("data/brightol.rdf", _replace("data/brightol.rdf", "<rdf:Description", "<rdf:Descriptio")),
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
@pytest.mark.parametrize("name", ["data/facts.csv", "datapackage.json", "more.txt"])
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
    return bytes([*data[:140], data[140] ^ 0x55, *data[141:]])


def _pack(files: Mapping[str, bytes]) -> bytes:
    content = io.BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return content.getvalue()


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("data/brightol.rdf", lambda _: _BOMB.encode()),
        ("data/brightol.jsonld", lambda _: b'{"@graph":' * 200_000 + b"1" + b"}" * 200_000),
        ("data/brightol.jsonld", lambda _: b"[" * 1_000_000),
        ("data/brightol.ttl", lambda _: b"<x:a> <x:b> " + b"[ <x:c> " * 100_000),
        ("data/brightol.trig", lambda _: b"\xff\xfe"),
        ("datapackage.json", lambda _: b'{"resources":' + b"[" * 200_000 + b"]" * 200_000 + b"}"),
        ("datapackage.json", lambda data: data.replace(b'"bytes": ', b'"bytes": 9' + b"9" * 5_000)),
        ("metadata/croissant.json", lambda _: b'{"distribution": [{"contentUrl": ["x"]}]}'),
        ("ro-crate-metadata.json", lambda _: b'{"@graph": {"@id": "x"}}'),
        ("metadata/schemaorg.jsonld", lambda _: b'"x"'),
        ("data/facts.csv", lambda data: data + b'"' + b"x" * 20_000_000 + b'"\r\n'),
        ("data/facts.csv", lambda data: data + b'"' + b"," * 1_000_000),
        ("data/brightol.sssom.tsv", lambda _: b"\xff"),
        ("metadata/dcat.ttl", lambda _: b"("),
        ("metadata/dcat.ttl", lambda _: b""),
        ("queries.zip", _flip),
        ("queries.zip", lambda data: data[:100]),
        ("queries.zip", lambda _: b""),
        ("queries.zip", lambda _: _pack({"x.rq": bytes(400_000_000)})),
        ("queries.zip", lambda _: _pack({"x.rq": b"SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }"})),
        ("queries.zip", lambda _: _pack({"x.rq": b"INSERT DATA { <x:s> <x:p> <x:o> }"})),
    ],
)
def test_a_file_that_its_reader_fails_on_is_named_and_ends_nothing(
    name: str, change: Callable[[bytes], bytes], damaged: Path
) -> None:
    (damaged / name).write_bytes(change((damaged / name).read_bytes()))
    sum_again(damaged, name)
    problems = checking.check_release(damaged)
    assert any(name in f"{problem.place.file} {problem.message}" for problem in problems)
    assert {problem.code for problem in problems} == {"KB712"}
    assert all(len(problem.message) < 400 for problem in problems)


@pytest.mark.parametrize(
    "name",
    [
        "datapackage.json",
        "metadata/croissant.json",
        "ro-crate-metadata.json",
        "metadata/schemaorg.jsonld",
        "metadata/dcat.ttl",
        "data/brightol.ttl",
    ],
)
def test_a_release_without_a_part_is_reported_as_such(name: str, damaged: Path) -> None:
    (damaged / name).unlink()
    sums = damaged / "SHA256SUMS"
    lines = sums.read_text(encoding="utf-8").splitlines(keepends=True)
    sums.write_text("".join(line for line in lines if not line.endswith(f"  {name}\n")), encoding="utf-8")
    problems = checking.check_release(damaged)
    assert problems
    assert {problem.code for problem in problems} <= {"KB101", "KB712"}
