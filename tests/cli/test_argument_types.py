"""Arguments pass the checks that records pass: nothing that is refused in a record gets in by the command line."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from kb import cli
from kb.cli import argument_types, group

Run = Callable[..., subprocess.CompletedProcess[str]]

TABLE = ["table", "import", "{top}/pairs.tsv", "--subject", "drug", "--object", "effect", "--content", "{top}/new"]
LICENCE = ["--license", "https://creativecommons.org/publicdomain/zero/1.0/"]
REDIRECTS = ["redirects", "-o", "{top}/out"]
BAD_URLS = [
    "https://x.org/\nRewriteRule ^ https://evil.example/",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "https://x.org/ [R]",
    'https://x.org/"',
    "https://user:secret@x.org/",
    "https://",
    "http://x.org:port/",
    "http://[::1",
    "//x.org/",
]
BAD_IRIS = [
    "javascript:alert(1)",
    "JavaScript:x",
    "file:///etc/",
    "data:text/html,x",
    "a b",
    "x",
    "http://x/\u202e",
    "http://x/<y>",
]
BAD: list[tuple[list[str], str, list[str]]] = [
    *((REDIRECTS, option, BAD_URLS) for option in ("--server", "--files", "--homepage")),
    (REDIRECTS, "--contact", ["a\nb", "\x1b[31m", "\u202ea"]),
    (["init", "{top}/new"], "--id", ["Bad Id", "../x", "a\n", "x" * 101]),
    (["init", "{top}/new"], "--title", ["a\nb", "\x1b", " ", "\u200b"]),
    (["init", "{top}/new"], "--base", [*BAD_IRIS, "https://x.org/a", "https://x.org/../", "ftp://x.org/"]),
    ([*TABLE, *LICENCE], "--name", ["../../x", "a b", "A"]),
    ([*TABLE, *LICENCE], "--base", BAD_IRIS),
    ([*TABLE, *LICENCE], "--source", BAD_IRIS),
    (TABLE, "--license", BAD_IRIS),
    ([*TABLE, *LICENCE], "--date", ["2026-02-30", "yesterday", "20260101", "2026-01-01\n"]),
    ([*TABLE, *LICENCE], "--delimiter", ["\n", "\r", '"', "ab", "\0", "\x1b"]),
    ([*TABLE, *LICENCE], "--rights", ["a\nb", "\x07"]),
    ([*TABLE, *LICENCE], "--title", ["a\nb", "\u202e"]),
    ([*TABLE, *LICENCE], "--predicate", ["Has Effect", "a/b"]),
    ([*TABLE, *LICENCE], "--subject-kind", ["a b"]),
    ([*TABLE, *LICENCE], "--prefix", [f"x={iri}" for iri in BAD_IRIS]),
    (["serve"], "--host", ["a\nb", "x y", "\u0661", "a/b", "\0"]),
    (["serve"], "--base", BAD_IRIS),
    (["serve"], "--allow-host", ["a\nb", "x y"]),
    (["serve"], "--trust-proxy", ["a\nb", "300.1.1.1", "x"]),
    (["serve"], "--cors", ["https://x.org\nSet-Cookie: a"]),
]
CASES = [
    pytest.param(words, option, value, id=f"{words[0]}{option}-{number}")
    for words, option, values in BAD
    for number, value in enumerate(values)
]


@pytest.mark.parametrize(("words", "option", "value"), CASES)
def test_a_bad_argument_is_wrong_use_and_writes_nothing(
    words: list[str], option: str, value: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pairs.tsv").write_text("drug\teffect\na\tb\n", encoding="utf-8")
    code = cli.run([*(word.format(top=tmp_path) for word in words), option, value])
    error = capsys.readouterr().err
    assert code == 2
    assert option in error
    assert error.replace("\n", "").isprintable()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pairs.tsv"]


def list_options(command: click.Command) -> list[click.Option]:
    own = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    commands = command.commands.values() if isinstance(command, click.Group) else ()
    return [*own, *(option for inner in commands for option in list_options(inner))]


def test_options_of_one_kind_have_one_type_in_every_command() -> None:
    context = click.Context(group.group)
    kinds = {"URL": argument_types.URL, "IRI": argument_types.IRI, "DATE": argument_types.DATE}
    # a store or an endpoint, which have rules of their own; a URL of Spark
    others = {"--query-url", "--master"}
    untyped = [
        f"{name} {option.opts[0]}"
        for name in group.COMMANDS
        for option in list_options(group.group.get_command(context, name) or click.Command(""))
        if option.metavar in kinds and not isinstance(option.type, argument_types.CheckedText) and option.opts[0] not in others
    ]
    assert untyped == []
