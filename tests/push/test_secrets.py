"""Secrets come from the environment or a prompt, are sent to the store alone, and are never shown."""

from __future__ import annotations

import os
import traceback
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from click.testing import CliRunner

from kb.cli import push as command
from kb.cli import run
from kb.problems import KbError
from kb.push import credentials
from kb.push.credentials import ANONYMOUS, Credentials, check_address, find_credentials
from kb.push.profiles import PROFILES, Scheme
from kb.push.remote_store import PushTarget
from tests.push.double import Double
from tests.push.small import push_all, quads

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
SECRET = "c0rrect horse/+%battery"
FORMS = (SECRET, "c0rrect%20horse%2F%2B%25battery", b64encode(f"me:{SECRET}".encode()).decode())
Run = Callable[..., CompletedProcess[str]]
Make = Callable[..., Path]


@pytest.mark.parametrize("scheme", ["basic", "token", "digest"])
@pytest.mark.parametrize("fault", ["400", "401", "403", "500", "503", "cut", "http://elsewhere.example.org/"])
def test_no_error_shows_a_secret_even_where_the_store_repeats_it(
    scheme: Scheme, fault: str, double: Double, failing: Callable[..., PushTarget]
) -> None:
    who = Credentials(scheme, "me", SECRET)
    double.faults = {"GET": [fault] * 9, "PUT": [fault] * 9}
    reports: list[str] = []
    with pytest.raises(KbError) as caught:
        push_all(quads(), failing(who=who), reports=reports)
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + "".join(reports) + repr(who) + str(who)
    assert not [form for form in FORMS if form in shown]


@pytest.mark.parametrize("scheme", ["basic", "token", "digest"])
def test_no_message_of_the_command_shows_a_secret(scheme: str, double: Double, run_kb: Run, make_kb: Make) -> None:
    double.faults = {"GET": ["503", "500", "401"]}
    variables = {credentials.USER: "me", credentials.PASSWORD: SECRET, credentials.TOKEN: SECRET}
    args = ["push", double.address, "--auth", scheme, "--profile", "fuseki", "--attempts", "2", "--content", str(make_kb())]
    done = run_kb(*args, env=variables)
    assert done.returncode == 5
    assert not [form for form in FORMS if form in done.stdout + done.stderr]
    sent = " ".join(str(headers) for _, _, headers in double.requests)
    assert scheme == "digest" or any(form in sent for form in FORMS)  # digest answers a challenge, which never came


def test_there_is_no_option_for_a_secret() -> None:
    options = {name for each in command.command.params for name in each.opts}
    assert not {name for name in options if any(word in name for word in ("password", "token", "secret", "key"))}


@pytest.mark.parametrize(
    "address",
    [
        "http://me:c0rrect@store.example.org",
        "https://c0rrect@store.example.org/x",
        "http://store.example.org?access-token=c0rrect",
        "http://store.example.org#c0rrect",
        "http://store.example.org:c0rrect/",
        "c0rrect",
        "http://user:c0rrect%40store.example.org/",
        "http://user%3Ac0rrect%40127.0.0.1:9/",
        "http://user:c0rrect\uff20store.example.org/",
        "ftp://store.example.org/c0rrect",
        "http://[c0rrect/",
        "http:///c0rrect",
        "http://store.example.org/c0rrect x",
        "http://store.example.org/\u202ec0rrect",
        "",
    ],
)
def test_an_address_that_is_more_or_less_than_one_is_refused_and_not_repeated(
    address: str, make_kb: Make, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["push", address, "--content", str(make_kb())]) == 2
    captured = capfd.readouterr()
    assert "KB751" in captured.err
    assert "c0rrect" not in captured.out + captured.err


@pytest.mark.parametrize(
    ("scheme", "address", "allowed"),
    [
        ("basic", "http://store.example.org/x", False),
        ("token", "http://store.example.org/x", False),
        ("digest", "http://store.example.org/x", True),
        ("none", "http://store.example.org/x", True),
        ("basic", "https://store.example.org/x", True),
        ("basic", "http://localhost:3030/x", True),
        ("token", "http://127.0.0.1:3030/x", True),
        ("basic", "http://localhost.example.org/x", False),
    ],
)
def test_a_secret_that_could_be_read_on_its_way_is_not_sent(scheme: Scheme, address: str, allowed: bool) -> None:
    who = Credentials(scheme, "me", SECRET)
    assert check_address(f"{address}/", who, plaintext=True) == address
    if allowed:
        assert check_address(address, who, plaintext=False) == address
    else:
        with pytest.raises(KbError, match="KB752"):
            check_address(address, who, plaintext=False)


@pytest.mark.parametrize(
    ("profile", "user", "environment", "scheme"),
    [
        ("oxigraph", "", {}, "none"),
        ("virtuoso", "", {}, "none"),
        ("virtuoso", "dba", {"KB_PUSH_PASSWORD": "x"}, "digest"),
        ("virtuoso", "", {"KB_PUSH_USER": "dba", "KB_PUSH_PASSWORD": "x"}, "digest"),
        ("oxigraph", "me", {"KB_PUSH_PASSWORD": "x"}, "basic"),
        ("qlever", "", {"KB_PUSH_TOKEN": "x"}, "token"),
        ("graphdb", "", {"KB_PUSH_TOKEN": "x"}, "token"),
    ],
)
def test_how_to_say_who_pushes_follows_from_the_store_and_what_is_set(
    profile: str, user: str, environment: dict[str, str], scheme: str
) -> None:
    found = find_credentials(PROFILES[profile], None, user, environment, None)
    assert found.scheme == scheme
    assert found.secret == ("x" if environment else "")


@pytest.mark.parametrize(
    ("scheme", "user", "environment"),
    [
        ("basic", "", {"KB_PUSH_PASSWORD": "x"}),
        ("basic", "me", {}),
        ("digest", "me", {}),
        ("token", "", {}),
        ("token", "", {"KB_PUSH_TOKEN": "a\nb"}),
        ("token", "", {"KB_PUSH_TOKEN": "é"}),
        ("basic", "a:b", {"KB_PUSH_PASSWORD": "x"}),
    ],
)
def test_what_is_missing_or_cannot_be_sent_is_reported(scheme: Scheme, user: str, environment: dict[str, str]) -> None:
    with pytest.raises(KbError, match="KB752"):
        find_credentials(PROFILES["generic"], scheme, user, environment, None)


def test_a_prompt_asks_for_what_is_missing_and_shows_nothing() -> None:
    asked: list[str] = []

    def ask(prompt: str) -> str:
        asked.append(prompt)
        return SECRET

    assert find_credentials(PROFILES["virtuoso"], None, "dba", {}, ask).secret == SECRET
    assert asked == ["Password of dba"]


def test_the_prompt_of_the_command_is_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    with CliRunner().isolation(input=f"{SECRET}\n") as streams:
        monkeypatch.setattr("click.termui.hidden_prompt_func", lambda _: SECRET)
        assert command._ask("Password") == SECRET
        assert SECRET not in streams[0].getvalue().decode()


def test_nobody_is_nobody() -> None:
    assert ANONYMOUS.hide("a text") == "a text"
    assert "KB_PUSH_PASSWORD" not in os.environ
