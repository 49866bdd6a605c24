"""No file that a user names can block a command, fill its memory, or get in unread."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import click
import pytest

from kb.cli.group import group
from kb.files import compression, text_file
from kb.problems import KbError
from kb.records import parquet


def _fifo(folder: Path) -> Path:
    os.mkfifo(folder / "pipe")
    return folder / "pipe"


def _socket(folder: Path) -> Path:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(folder / "socket"))
    return folder / "socket"


def _link(folder: Path) -> Path:
    (folder / "link").symlink_to("/dev/zero")
    return folder / "link"


TRAPS: dict[str, Callable[[Path], Path]] = {
    "device": lambda _: Path("/dev/zero"),
    "link to a device": _link,
    "pipe without writer": _fifo,
    "socket": _socket,
    "folder": lambda folder: folder,
    "missing": lambda folder: folder / "missing",
    "impossible name": lambda folder: folder / "nul\0",
    "file as a folder": lambda _: Path(__file__) / "x",
}

READERS: dict[str, Callable[[Path], object]] = {
    "text": lambda path: text_file.read_text(path, "f"),
    "lines": lambda path: compression.open_file(str(path)).__enter__(),
    "Parquet": lambda path: parquet.open_file(str(path)).__enter__(),
}


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
@pytest.mark.parametrize("make", TRAPS.values(), ids=TRAPS)
def test_what_is_no_regular_file_is_refused(make: Callable[[Path], Path], read: Callable[[Path], object], tmp_path: Path) -> None:
    with pytest.raises((KbError, NotADirectoryError), match=r"KB10[12]|Not a directory"):
        read(make(tmp_path))


def test_the_limit_is_the_last_size_that_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"a" * 10)
    assert text_file.read_bytes(path, "f", 10) == b"a" * 10
    with pytest.raises(KbError, match="KB110 The file has 10 bytes; at most 9 are read"):
        text_file.read_bytes(path, "f", 9)


def test_a_file_that_grows_while_it_is_read_is_not_read_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"a" * 100)
    monkeypatch.setattr(os, "fstat", lambda _: os.stat_result((0o100644, *[0] * 9)))
    with pytest.raises(KbError, match="KB110 The file has more than 10 bytes; at most 10 are read"):
        text_file.read_bytes(path, "f", 10)


def test_a_stream_is_read_up_to_the_limit() -> None:
    stream = BytesIO(b"a" * 100)
    with pytest.raises(KbError, match="KB110"):
        text_file.read_stream(stream, "<stdin>", 10)
    assert stream.tell() == 11


def test_a_text_is_taken_as_it_stands_but_for_mark_and_line_ends() -> None:
    assert text_file.decode_utf8(b"\xef\xbb\xbfa\r\nb\rc\x0c\n", "f") == "a\nb\nc\x0c\n"
    for data in (b"a\xff", "a".encode("utf-16-le"), "a".encode("utf-16")):
        with pytest.raises(KbError, match="KB103"):
            text_file.decode_utf8(data, "f")


FACT = ["--subject", "examplol", "--predicate", "has-side-effect", "--object", "itch", "--modality", "can", "--evidence", "s1.2"]

# Every command that takes a file or folder from a user; the suffix that its files have.
COMMANDS: dict[str, tuple[str, list[str]]] = {
    "quote-check": (".tsv", ["quote-check", "FILE", "--content", "KB"]),
    "document add": (".txt", ["document", "add", "FILE", "--content", "KB"]),
    "verify": ("", ["verify", "--text", "leaflet=FILE", "--content", "KB"]),
    "cite": ("", ["cite", "some words", "--text", "leaflet=FILE", "--content", "KB"]),
    "query": (".rq", ["query", "FILE", "--content", "KB"]),
    "validate YAML": (".yaml", ["validate", "--facts", "FILE", "--content", "KB"]),
    "validate lines": (".jsonl", ["validate", "--facts", "FILE", "--content", "KB"]),
    "validate compressed lines": (".jsonl.gz", ["validate", "--facts", "FILE", "--content", "KB"]),
    "validate Parquet": (".parquet", ["validate", "--facts", "FILE", "--content", "KB"]),
    "build": (".jsonl", ["build", "-o", "OUT.nq", "--facts", "FILE", "--content", "KB"]),
    "table import": (
        ".tsv",
        [
            "table",
            "import",
            "FILE",
            "--subject",
            "1",
            "--predicate",
            "p",
            "--object",
            "2",
            "--license",
            "CC0-1.0",
            "--content",
            "OUT",
        ],
    ),
    "export --sign": (".key", ["export", "--statements", "nanopubs", "--sign", "FILE", "-o", "OUT.trig", "--content", "KB"]),
    "diff": (".nq", ["diff", "FILE", "FILE"]),
    "verify --was": ("", ["verify", "--was", "leaflet=FILE", "--text", "leaflet=FILE", "--content", "KB"]),
    "coverage": ("", ["coverage", "--format", "html", "--text", "leaflet=FILE", "--content", "KB"]),
    "document show": ("", ["document", "show", "leaflet", "--text", "leaflet=FILE", "--content", "KB"]),
    "query --store": ("current", ["query", "side-effects", "--store", "FOLDER"]),
    "release --since": ("kb.yaml", ["release", "OUT", "--since", "FOLDER", "--content", "KB"]),
    "document update": (".txt", ["document", "update", "leaflet", "FILE", "--was", "FILE", "--content", "KB"]),
    "document split": (
        "",
        ["document", "split", "leaflet", "s1.1", "--before", "a", "--text", "leaflet=FILE", "--content", "KB"],
    ),
    "document merge": ("", ["document", "merge", "leaflet", "s1.1", "s1.2", "--text", "leaflet=FILE", "--content", "KB"]),
    "fact add --from": (".yaml", ["fact", "add", "--from", "FILE", "--content", "KB"]),
    "fact add --text": ("", ["fact", "add", *FACT, "--text", "leaflet=FILE", "--content", "KB"]),
    "fact edit": ("", ["fact", "edit", "has-side-effect/itch", "--note", "N", "--text", "leaflet=FILE", "--content", "KB"]),
    "mapping check": (".obo", ["mapping", "check", "--with", "FILE", "--content", "KB"]),
    "release --sign": (".key", ["release", "OUT", "--sign", "FILE", "--content", "KB"]),
    "release --signers": ("signers", ["release", "FOLDER", "--check", "--signers", "FILE"]),
    "a knowledge base": ("kb.yaml", ["validate", "--content", "FOLDER"]),
    "propose": (".jsonl", ["propose", "FILE", "--content", "KB"]),
    "propose a.ann": (".ann", ["propose", "FILE", "--content", "KB"]),
    "propose a.xmi": (".xmi", ["propose", "FILE", "--content", "KB"]),
    "propose --map": (".yaml", ["propose", "FILE", "--map", "FILE", "--content", "KB"]),
    "propose --words": (".txt", ["propose", "leaflet", "--words", "FILE", "--content", "KB"]),
    "propose --vocabulary": (".obo", ["propose", "leaflet", "--vocabulary", "FILE", "--content", "KB"]),
    "propose --text": ("", ["propose", "leaflet", "--text", "leaflet=FILE", "--content", "KB"]),
    "review": ("", ["review", "--text", "leaflet=FILE", "--content", "KB"]),
    "gate": (".yaml", ["gate", "FILE", "--texts", "FOLDER", "--map", "FILE"]),
    "gate --receipts": (".jsonl", ["gate", "FILE", "--receipts", "FILE", "--map", "FILE"]),
    "merge --mapping": (".sssom.tsv", ["merge", "KB", "KB", "--dry-run", "--mapping", "FILE"]),
    "merge-driver": (".yaml", ["merge-driver", "FILE", "FILE", "FILE", "facts/a.yaml"]),
    "term map": (".obo", ["term", "map", "--with", "FILE", "--content", "KB"]),
    "term import": (".ttl", ["term", "import", "FILE", "--ids", "HP:1", "--content", "KB"]),
    "term import --match": (".txt", ["term", "import", "VOCABULARY", "--match", "FILE", "--content", "KB"]),
    "init --from": (".nq", ["init", "OUT", "--from", "FILE"]),
    "site --release": ("SHA256SUMS", ["site", "OUT", "--release", "FOLDER", "--content", "KB"]),
    "release --check": ("SHA256SUMS", ["release", "FOLDER", "--check"]),
}
# The parameters by which commands read files; FOLDER stands for every knowledge base, store and release.
READING = {
    *(("quote-check", "file"), ("document add", "file"), ("table import", "file"), ("export", "key"), ("release", "since")),
    *((command, "texts") for command in ("verify", "cite", "coverage", "document show", "quote-check", "fact add", "fact edit")),
    *((command, "texts") for command in ("propose", "review", "gate", "mcp")),
    *(("gate", name) for name in ("files", "map_", "receipts")),
    *(("propose", name) for name in ("map_", "words", "vocabulary_files")),
    *(("init", "source"), ("merge", "mappings"), ("site", "releases"), ("term map", "path"), ("term import", "path")),
    *(("term import", "words"), ("merge", "first"), ("merge", "second")),
    *(("merge-driver", name) for name in ("base", "ours", "theirs")),
    *(
        ("verify", "was"),
        ("document update", "file"),
        ("document update", "was"),
        ("document split", "texts"),
        ("document merge", "texts"),
        ("fact add", "from"),
        ("mapping check", "files"),
        ("release", "key"),
        ("release", "signers"),
        ("serve", "folders"),
        ("validate", "more"),
        ("build", "more"),
        ("query", "store"),
        ("serve", "store"),
        ("show", "store"),
        ("release", "folder"),
    ),
}
WRITING = {
    ("merge", "output"),
    ("coverage", "output"),
    ("query", "output"),
    ("build", "output"),
    ("export", "output"),
    ("redirects", "output"),
}
WRITING |= {("init", "folder"), ("site", "folder"), ("build", "store"), ("build", "staging"), ("serve", "log")}

# Lines, tables and what is only hashed have no limit, since they are never held as a whole.
LIMITED = COMMANDS.keys() - {
    "validate lines",
    "validate compressed lines",
    "validate Parquet",
    "build",
    "table import",
    "release --check",
}


def _large(path: Path) -> None:
    path.touch()
    os.truncate(path, 1 << 36)  # a hole, which takes no room on the disk


FILES: dict[str, Callable[[Path], object]] = {
    "device": lambda path: path.symlink_to("/dev/zero"),
    "pipe without writer": os.mkfifo,
    "folder": Path.mkdir,
    "bad UTF-8": lambda path: path.write_bytes(b"good\nb\xffd\n"),
    "UTF-16": lambda path: path.write_bytes("good".encode("utf-16")),
    "too large": _large,
}

CHILD = """
import json, resource, signal, sys
from kb.cli import run
resource.setrlimit(resource.RLIMIT_DATA, (3 << 30, 3 << 30))
codes = {}
for name, arguments in json.load(sys.stdin).items():
    print(name, file=sys.stderr)
    signal.alarm(60)  # ends the process
    codes[name] = run(arguments)
print(json.dumps(codes), file=open(sys.argv[1], "w"))
"""


@pytest.mark.long("every command with every kind of file: over a hundred runs")
def test_no_command_hangs_or_ends_by_itself_whatever_it_is_given(make_kb: Callable[..., Path], tmp_path: Path) -> None:
    kb, cases = make_kb(), {}
    for file, make in FILES.items():
        for command, (suffix, arguments) in COMMANDS.items():
            if file == "too large" and command not in LIMITED:
                continue
            place = tmp_path / f"{file} {command}"
            place.mkdir()
            path = place / (suffix if suffix[:1].isalpha() else f"a{suffix}")
            make(path)
            given = {"FILE": str(path), "KB": str(kb), "OUT": str(tmp_path / "out"), "FOLDER": str(place)}
            cases[place.name] = [_filled(each, given) for each in arguments]
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(tmp_path / "codes")],
        input=json.dumps(cases),
        text=True,
        capture_output=True,
        check=False,
        env={**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")},
    )
    assert done.returncode == 0, done.stderr
    codes = json.loads((tmp_path / "codes").read_text(encoding="utf-8"))
    assert {name: code for name, code in codes.items() if code not in {1, 2, 3, 4, 6}} == {}
    assert "Traceback" not in done.stderr


def test_every_parameter_that_names_a_file_is_known_here() -> None:
    parameters = {(command, parameter.name) for command, parameter in _parameters(group, "") if _names_a_file(parameter)}
    parameters = {pair for pair in parameters if pair[1] != "content"}  # read by all commands alike
    assert parameters == READING | WRITING


def _parameters(command: click.Command, name: str) -> Iterator[tuple[str, click.Parameter]]:
    if isinstance(command, click.Group):
        context = click.Context(command)
        for child in command.list_commands(context):
            yield from _parameters(command.get_command(context, child) or command, f"{name} {child}".strip())
    else:
        yield from ((name, parameter) for parameter in command.params)


def _names_a_file(parameter: click.Parameter) -> bool:
    words = (parameter.metavar or "").replace("=", "|").split("|")
    return isinstance(parameter.type, click.Path) or bool({"FILE", "PATH", "DIR"} & {*words})


def _filled(argument: str, given: dict[str, str]) -> str:
    for name, value in given.items():
        argument = argument.replace(name, value)
    return argument


@pytest.mark.parametrize("arguments", [["quote-check", "-"], ["query", "-"]], ids=" ".join)
def test_standard_input_is_read_up_to_a_limit(arguments: list[str], make_kb: Callable[..., Path]) -> None:
    with Path("/dev/zero").open("rb") as zeros:
        command = [sys.executable, "-m", "kb", *arguments, "--content", str(make_kb())]
        done = subprocess.run(command, stdin=zeros, capture_output=True, check=False, timeout=60)
    assert done.returncode in {1, 2, 3, 4}, done.stderr
