"""Arguments pass the checks that records pass: nothing that is refused in a record gets in by the command line."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from kb import cli
from kb.cli import argument_types, group
from kb.escaping import hide_user

Run = Callable[..., subprocess.CompletedProcess[str]]

TABLE = ["table", "import", "{top}/pairs.tsv", "--subject", "drug", "--object", "effect", "--content", "{top}/new"]
DOCUMENT = ["document", "add", "{top}/pairs.tsv", "--content", "{top}/new"]
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
    *((REDIRECTS, option, ["https://x.org/?a=b", "https://x.org/#a", "https://x.org/?"]) for option in ("--server", "--files")),
    (DOCUMENT, "--id", ["Bad Id", "../x", "a\n", "x" * 101]),
    (DOCUMENT, "--title", ["x\ny", "\x1b[31m", " ", "\u202ea", "x" * 201]),
    (DOCUMENT, "--language", ["english language", "en\n", "en-abc-abc-abc-abc", "\x1b"]),
    (DOCUMENT, "--rights", ["a\nb", "\x1b", "x" * 4001]),
    (DOCUMENT, "--source", BAD_IRIS),
    (DOCUMENT, "--licence", [*BAD_IRIS, "CC BY", "CC9"]),
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


# Every spelling that Python's float() reads as no finite number.
@pytest.mark.parametrize("text", ["nan", "NaN", "-nan", "+nan", " nan ", "inf", "-inf", "Infinity", "1e999"])
def test_no_option_takes_what_is_no_finite_number(text: str) -> None:
    context = click.Context(group.group)
    commands = [(name, group.group.get_command(context, name) or click.Command("")) for name in group.COMMANDS]
    options = [
        (f"{name} {option.opts[0]}", option)
        for name, command in commands
        for option in list_options(command)
        if isinstance(option.type, click.FloatRange | click.types.FloatParamType)
    ]
    accepted = []
    for name, option in options:
        try:
            accepted.append((name, option.type.convert(text, option, context)))
        except click.BadParameter as error:
            assert "nan" in error.message or "inf" in error.message.lower() or "range" in error.message
    assert (len(options) >= 7, accepted) == (True, [])


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("http://usr:sEkReT@h/", "http://***@h/"),
        ("HTTPS://usr@h/a", "HTTPS://***@h/a"),
        ("http:usr:sEkReT@127.0.0.1", "http:***@127.0.0.1"),
        ("http:///usr:sEkReT@h", "http:///***@h"),
        ("usr:sEkReT@h", "***@h"),
        ("//usr:sEkReT@h", "***@h"),
        ("ftp://usr:sEkReT@h", "ftp://***@h"),
        ("http://usr:sE/kR?e#T@h/", "http://***@h/"),
        ("http://usr:sE@kReT@h/", "http://***@h/"),
        ("http://usr:sEk\nReT@h/", "http://***@h/"),
        ("http://h/?password=sEkReT", "http://h/?password=***"),
        ("http://h:1/a?x=sEkReT&y=b@sEkReT#key=sEkReT", "http://h:1/a?x=***&y=***#key=***"),
        ("http://[::1]:1/?x=a@sEkReT", "http://[::1]:1/?x=***"),
        ("h?sEkReT", "h?***"),
        ("http://usr:sEkReT%40h/", "http://***@h/"),
        ("http://usr:sEk%40ReT@h/?a", "http://***@h/?***"),
        ("http://usr%3AsEkReT%40127.0.0.1:9/x", "http://***@127.0.0.1:9/x"),
        ("usr:sEkReT%40h/x", "***@h/x"),
        ("http://usr:sEkReT\uff20h/", "http://***@h/"),
        ("http://usr:sEkReT/x", "http://***"),
        ("http://usr:sEk/ReT:9/", "http://***"),
        ("http://example.org/a%40b", "http://example.org/a%40b"),
        ("http://[fe80::1%25eth0]:80/a", "http://[fe80::1%25eth0]:80/a"),
        ("https://usr:sEkReT@h/?x=sEkReT", "https://***@h/?x=***"),
        ("http://example.org/a#b", "http://example.org/a#b"),
        ("http://127.0.0.1:3030/ds/sparql", "http://127.0.0.1:3030/ds/sparql"),
    ],
)
def test_an_address_in_a_message_has_no_secret(address: str, shown: str) -> None:
    assert hide_user(address) == shown


@pytest.mark.parametrize("address", ["http://usr:sEkReT@h/", "http:usr:sEkReT@h", "usr:sEkReT@h", "http://h :x/?key=sEkReT"])
@pytest.mark.parametrize(
    "words",
    [
        [*REDIRECTS, "--server", "{address}"],
        [*REDIRECTS, "--files", "{address}"],
        [*REDIRECTS, "--homepage", "{address}"],
        ["init", "{top}/new", "--base", "{address}"],
        ["query", "side-effects", "--engine", "{address}"],
        ["serve", "--host", "{address}"],
        ["serve", "--allow-host", "{address}"],
        ["serve", "--trust-proxy", "{address}"],
        ["push", "{address}"],
        [*TABLE, *LICENCE, "--prefix", "x={address}"],
        [*TABLE, *LICENCE, "--base", "{address}"],
    ],
    ids=" ".join,
)
def test_no_refusal_shows_a_password(words: list[str], address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = cli.run([word.format(top=tmp_path, address=address) for word in words])
    captured = capsys.readouterr()
    assert code in {2, 3}
    assert "sEkReT" not in captured.out + captured.err


@pytest.mark.parametrize(
    "address",
    [
        "http://usr:sEkReT@h/",
        "http://usr:sEkReT%40h/",
        "https://usr:sEkReT/x",
        "https://usr:s'E\\kReT@h/?x=sEkReT\nkb: sEkReT",
        f"https://h/{'a' * 40}?key=sEkReTsEkReT",
        f"https://{'u' * 40}:sEkReTsEkReT@h/",
    ],
)
@pytest.mark.parametrize(
    "words",
    [
        ["{address}"],
        ["--{address}"],
        ["--x={address}"],
        ["stats", "{address}"],
        ["stats", "-f", "{address}"],
        ["stats", "--format={address}"],
        ["explain", "{address}"],
        ["show", "{address}"],
        ["query", "{address}"],
        ["query", "side-effects", "-p", "{address}=x"],
        ["query", "side-effects", "-p", "x={address}"],
        ["export", "-f", "{address}"],
        ["serve", "--port", "{address}"],
        ["push", "http://127.0.0.1:9/", "--profile", "{address}"],
        ["push", "http://127.0.0.1:9/", "--query-url", "{address}"],
        ["export", "--content", "{address}"],
    ],
    ids=" ".join,
)
def test_an_address_in_the_wrong_place_is_shown_without_its_password_and_on_one_line(
    words: list[str], address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run([word.format(address=address) for word in words])
    shown = "".join(capsys.readouterr())
    assert not re.search("s'?E|kReT", shown)
    assert "\nkb: sEk" not in shown
    assert "\nkb: ***" not in shown


def list_options(command: click.Command) -> list[click.Option]:
    own = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    commands = command.commands.values() if isinstance(command, click.Group) else ()
    return [*own, *(option for inner in commands for option in list_options(inner))]


def test_options_of_one_kind_have_one_type_in_every_command() -> None:
    context = click.Context(group.group)
    kinds = {"URL", "IRI", "DATE"}
    # a store or an endpoint, which have rules of their own; a URL of Spark
    others = {"--query-url", "--master"}
    untyped = [
        f"{name} {option.opts[0]}"
        for name in group.COMMANDS
        for option in list_options(group.group.get_command(context, name) or click.Command(""))
        if option.metavar in kinds and not isinstance(option.type, argument_types.CheckedText) and option.opts[0] not in others
    ]
    assert untyped == []
