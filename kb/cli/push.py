"""``kb push``."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from kb import pipeline
from kb.cli import console, options, text_table
from kb.exit_codes import INTERRUPTED
from kb.http_client import RequestPolicy
from kb.push import credentials, remote_store, transfer
from kb.push.profiles import PROFILES


@click.command
@click.argument("url")
@options.content
@options.text_or_json
@options.choice("--profile", values=list(PROFILES), default="generic", purpose="The kind of store.")
@click.option("--query-url", metavar="URL", default="", help="The SPARQL endpoint, if the profile does not derive it from URL.")
@click.option(
    "--auth",
    type=click.Choice(["none", "basic", "digest", "token"]),
    help="The authentication scheme.  [default: what the store asks for, if a secret is set]",
)
@click.option("--user", metavar="NAME", default="", help="The user name. The variable KB_PUSH_USER sets it too.")
@click.option("--dry-run", is_flag=True, help="Change nothing; report what would change.")
@click.option("--prune", is_flag=True, help="Remove from the store the graphs that this knowledge base no longer has.")
@options.timeout(300.0, "How long the store may be silent.")
@click.option(
    "--attempts",
    type=click.IntRange(1, 100),
    default=5,
    show_default=True,
    help="How often a request is sent, at most, if it fails.",
)
@click.option("--plaintext", is_flag=True, help="Send a password or token over http:// too, where others can read it.")
def command(
    content: Path,
    url: str,
    fmt: str,
    profile: str,
    timeout: float,
    attempts: int,
    *,
    dry_run: bool,
    prune: bool,
    plaintext: bool,
    **access: Any,
) -> int:
    """Write a knowledge base into the running store at URL, and verify that it arrived.

    Each graph is written, then counted and compared; graphs that are the same already are not sent. Secrets come from
    KB_PUSH_PASSWORD or KB_PUSH_TOKEN, or from a prompt. To finish an interrupted push, push again. Exit code 5:
    the store cannot be reached, refuses, or does not contain what it was sent.

    \b
    Examples:
      kb push http://localhost:7878 --profile oxigraph
      kb push http://localhost:8890 --profile virtuoso --user dba
      kb push http://localhost:3030/kb --profile fuseki --dry-run
    """
    outcomes: list[transfer.Outcome] = []
    with pipeline.stream(content) as (_, compiled):
        credentials.check_address(url, credentials.ANONYMOUS, plaintext=plaintext)
        user = credentials.find_credentials(PROFILES[profile], access["auth"], access["user"], os.environ, _prompt())
        store_url, query_url = (
            address and credentials.check_address(address, user, plaintext=plaintext) for address in (url, access["query_url"])
        )
        target = remote_store.PushTarget(store_url, PROFILES[profile], user, query_url, RequestPolicy(timeout, attempts))
        try:
            plan = transfer.TransferPlan(dry_run, prune)
            outcomes.extend(transfer.push(compiled.quads(), compiled.names, target, plan, console.note))
        except KeyboardInterrupt:
            console.note("kb: interrupted; the store may contain a part of a graph. Push again to send what differs.")
            raise SystemExit(INTERRUPTED) from None
        finally:
            _report(outcomes, fmt)
    console.note(transfer.summarize(outcomes, dry_run=dry_run))
    return 0


def _prompt() -> Callable[[str], str] | None:
    """Return the function that prompts for a secret, if there is somebody to answer."""
    return _ask if sys.stdin and sys.stdin.isatty() else None


def _ask(prompt: str) -> str:
    return str(click.prompt(prompt, hide_input=True, err=True))


def _report(outcomes: Sequence[transfer.Outcome], fmt: str) -> None:
    if fmt == "json":
        console.emit_json([outcome._asdict() for outcome in outcomes])
    elif outcomes:
        rows = (
            [graph, action, "?" if before is None else str(before), str(statements), compared or "-"]
            for graph, action, before, statements, compared in outcomes
        )
        text_table.write(["graph", "action", "before", "statements", "compared by"], rows)
