"""``kb push``."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kb.cli import console, options
from kb.push.profiles import PROFILES, Scheme

if TYPE_CHECKING:
    from kb.push.transfer import Outcome


@click.command
@click.argument("url")
@options.content
@options.text_or_json
@click.option("--profile", type=click.Choice(list(PROFILES)), default="generic", show_default=True, help="Which store it is.")
@click.option("--query-url", metavar="URL", default="", help="Where queries go, if other than the profile says.")
@click.option(
    "--auth",
    type=click.Choice(["none", "basic", "digest", "token"]),
    help="How to say who you are. Left out, as the store asks, if a secret is set.",
)
@click.option("--user", metavar="NAME", default="", help="The user's name; or set KB_PUSH_USER.")
@click.option("--dry-run", is_flag=True, help="Change nothing; tell what would change.")
@click.option("--prune", is_flag=True, help="Remove the graphs of this knowledge base that it has no more.")
@click.option(
    "--timeout",
    type=click.FloatRange(0.1, 86400),
    default=300.0,
    show_default=True,
    metavar="SECONDS",
    help="How long the store may be silent.",
)
@click.option("--attempts", type=click.IntRange(1, 100), default=5, show_default=True, help="How often a request is tried.")
@click.option("--plaintext", is_flag=True, help="Send a password or token over http:// too, readable on its way.")
def command(
    content: Path,
    url: str,
    fmt: str,
    profile: str,
    query_url: str,
    auth: Scheme | None,
    user: str,
    timeout: float,
    attempts: int,
    *,
    dry_run: bool,
    prune: bool,
    plaintext: bool,
) -> int:
    """Bring a knowledge base into the running store at URL, and prove that it arrived.

    Each graph is replaced as a whole, then counted and compared with ours; graphs that are the same already are not sent.
    Secrets come from KB_PUSH_PASSWORD or KB_PUSH_TOKEN, or from a prompt. A push that was cut off is finished by pushing
    again. Exit code 5: the store cannot be reached, refuses, or does not hold what it was sent.

    \b
    Examples:
      kb push http://localhost:7878 --profile oxigraph
      kb push http://localhost:8890 --profile virtuoso --user dba
      kb push http://localhost:3030/kb --profile fuseki --dry-run
    """
    from kb import pipeline
    from kb.http_client import RequestPolicy
    from kb.problems import INTERRUPTED
    from kb.push import credentials, transfer

    store = PROFILES[profile]
    outcomes: list[transfer.Outcome] = []
    with pipeline.stream(content) as (_, compiled):
        credentials.check_address(url, credentials.ANONYMOUS, plaintext=plaintext)
        who = credentials.find_credentials(store, auth, user, os.environ, _ask if sys.stdin and sys.stdin.isatty() else None)
        address, asked = (each and credentials.check_address(each, who, plaintext=plaintext) for each in (url, query_url))
        target = transfer.PushTarget(address, store, who, asked, RequestPolicy(timeout, attempts))
        try:
            plan = transfer.TransferPlan(dry_run, prune)
            outcomes.extend(transfer.push(compiled.quads(), compiled.names, target, plan, console.note))
        except KeyboardInterrupt:
            console.note("kb: interrupted; the store may hold a part of a graph. Push again, and what differs is sent.")
            raise SystemExit(INTERRUPTED) from None
        finally:
            _show(outcomes, fmt)
    console.note(transfer.summarize(outcomes, dry_run=dry_run))
    return 0


def _ask(prompt: str) -> str:
    return str(click.prompt(prompt, hide_input=True, err=True))


def _show(outcomes: Sequence[Outcome], fmt: str) -> None:
    if fmt == "json":
        console.emit_json([each._asdict() for each in outcomes])
    elif outcomes:
        rows = (
            (
                each.graph,
                each.action,
                "?" if each.before is None else str(each.before),
                str(each.statements),
                each.compared or "-",
            )
            for each in outcomes
        )
        console.table(("graph", "action", "before", "statements", "compared by"), rows)
