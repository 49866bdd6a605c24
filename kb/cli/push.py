"""``kb push``."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click

from kb import pipeline
from kb.cli import console, options, text_table
from kb.exit_codes import INTERRUPTED
from kb.http_client import RequestPolicy
from kb.push import credentials, remote_store, transfer
from kb.push.profiles import PROFILES

# Prompts for a secret, which is not shown.
_ask = partial(click.prompt, hide_input=True, err=True)


@click.command
@options.declare("push", profile={"type": click.Choice(list(PROFILES))})
def command(
    content: Path, url: str, fmt: str, profile: str, timeout: float, attempts: int, *, plaintext: bool, **values: Any
) -> int:
    """Write a knowledge base into the running store at URL, and verify that it arrived.

    Each graph is written, then counted and compared; graphs that are the same already are not sent. Secrets come from
    KB_PUSH_PASSWORD or KB_PUSH_TOKEN, or from a prompt. To finish an interrupted push, push again. Exit code 5:
    the store cannot be reached, refuses, or does not contain what it was sent.
    """
    outcomes: list[transfer.Outcome] = []
    with pipeline.stream(content) as (_, compiled):
        credentials.check_address(url, credentials.ANONYMOUS, plaintext=plaintext)
        ask = _ask if sys.stdin and sys.stdin.isatty() else None
        user = credentials.find_credentials(PROFILES[profile], values["auth"], values["user"], os.environ, ask)
        store_url, query_url = (
            address and credentials.check_address(address, user, plaintext=plaintext) for address in (url, values["query_url"])
        )
        target = remote_store.PushTarget(store_url, PROFILES[profile], user, query_url, RequestPolicy(timeout, attempts))
        try:
            plan = transfer.TransferPlan(values["dry_run"], values["prune"])
            outcomes.extend(transfer.push(compiled.quads(), compiled.names, target, plan, console.note))
        except KeyboardInterrupt:
            console.note("kb: interrupted; the store may contain a part of a graph. Push again to send what differs.")
            raise SystemExit(INTERRUPTED) from None
        finally:
            _report(outcomes, fmt)
    console.note(transfer.summarize(outcomes, dry_run=values["dry_run"]))
    return 0


def _report(outcomes: Sequence[transfer.Outcome], fmt: str) -> None:
    if fmt == "json":
        console.emit_json([outcome._asdict() for outcome in outcomes])
    elif outcomes:
        rows = (
            [graph, action, "?" if before is None else str(before), str(statements), compared or "-"]
            for graph, action, before, statements, compared in outcomes
        )
        text_table.write(["graph", "action", "before", "statements", "compared by"], rows)
