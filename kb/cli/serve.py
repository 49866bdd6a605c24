"""``kb serve``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from kb.cli import console, options
from kb.server.settings import LIMITS, LOOPBACK, ServerSettings


def _limits(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add an option for each limit."""
    for each in reversed(LIMITS):
        kind = click.FloatRange(0, 1e9) if each.unit == "seconds" or each.name == "rate" else click.IntRange(0, 1 << 40)
        add = click.option(each.option, type=kind, default=each.default, show_default=True, metavar="N", help=f"{each.help}.")
        function = add(function)
    return function


@click.command
@options.content
@click.option(
    "--store", type=click.Path(path_type=Path), metavar="DIR", help="A store that kb build made, in place of --content."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="The port; 0 for one that is free.")
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="How many processes speak to clients.")
@click.option("--base", metavar="IRI", help="The IRI that the root of this server stands for.  [default: the knowledge base's]")
@click.option("--allow-host", "hosts", multiple=True, metavar="NAME", help="Another name of this server; * for any.")
@click.option(
    "--cors",
    "origins",
    multiple=True,
    metavar="ORIGIN",
    default=["*"],
    show_default=True,
    help="Whose pages may read; none for nobody's.",
)
@click.option("--trust-proxy", "proxies", multiple=True, metavar="IP", help="A proxy whose X-Forwarded-For is believed.")
@click.option(
    "--access-log", "log", default="-", show_default=True, metavar="FILE", help="Where the log goes; - is standard error."
)
@click.option("--no-access-log", is_flag=True, help="Write no log of requests.")
@_limits
@click.pass_context
def command(
    context: click.Context,
    /,
    content: Path,
    store: Path | None,
    host: str,
    port: int,
    workers: int,
    base: str | None,
    hosts: tuple[str, ...],
    origins: tuple[str, ...],
    proxies: tuple[str, ...],
    log: str,
    *,
    no_access_log: bool,
    **limits: float,
) -> int:
    """Serve a knowledge base: a SPARQL 1.1 endpoint, a page for each thing, and a page to ask from.

    Read-only, and on this machine only unless --host says otherwise. Each query runs in a process of its own, which can
    reach neither files nor the network and is ended at its limits; docs/server.md has them all.

    \b
    Examples:
      kb serve
      kb serve --content my-kb --port 9000 --timeout 30
      kb serve --host 0.0.0.0 --allow-host kb.example.org --workers 2
    """
    from kb import queries
    from kb.server import serve

    serve.require_libraries()

    kb = queries.open_fresh(store, console.problem) if store else queries.open_base(content)
    given = context.get_parameter_source("rate") is not click.core.ParameterSource.DEFAULT
    names = (*LOOPBACK, host.lower(), *(each.lower() for each in hosts))
    settings = ServerSettings(
        host,
        port,
        workers,
        base or kb.names.base,
        names,
        () if "none" in origins else origins,
        proxies,
        given,
        "" if no_access_log else log,
        limits,
    )
    return 0 if serve.serve(kb, settings, console.note) else 70
