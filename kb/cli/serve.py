"""``kb serve``."""

from __future__ import annotations

from pathlib import Path

import click

from kb import queries
from kb.cli import argument_types as types
from kb.cli import console, options
from kb.files import boundary
from kb.queries import store_build
from kb.server import serve
from kb.server.settings import LIMITS, LOOPBACK, ServerSettings


def _limits(function: options.Function) -> options.Function:
    """Add an option for each limit."""
    for limit in reversed(LIMITS):
        kind = click.FloatRange(0, 1e9) if limit.unit == "seconds" or limit.name == "rate" else click.IntRange(0, 1 << 40)
        add = click.option(limit.option, type=kind, default=limit.default, show_default=True, metavar="N", help=f"{limit.help}.")
        function = add(function)
    return function


@click.command
@options.content
@options.store
@click.option("--host", type=types.HOST, default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="The port; 0 for any free one.")
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="The number of HTTP worker processes.")
@click.option(
    "--base",
    type=types.IRI,
    metavar="IRI",
    help="The IRI that the root of the server stands for.  [default: the base of the knowledge base]",
)
@options.repeated(
    "--allow-host", "hosts", type=types.ALLOWED_HOST, metavar="NAME", purpose="A host name that the server answers to; * for any."
)
@options.repeated(
    "--cors",
    "origins",
    type=types.WORD,
    metavar="ORIGIN",
    default=["none"],
    show_default=True,
    purpose="An origin whose pages may read answers (CORS); * for any.",
)
@options.repeated("--trust-proxy", "proxies", type=types.IP, metavar="IP", purpose="A proxy whose X-Forwarded-For is trusted.")
@click.option(
    "--access-log", "log", default="-", show_default=True, metavar="FILE", help="The file of the access log; - is standard error."
)
@click.option("--no-access-log", is_flag=True, help="Write no access log.")
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
    """Serve a knowledge base: a SPARQL 1.1 endpoint, a page for each term, fact and sentence, and a query page.

    The server is read-only, and listens on this machine only unless --host names another address. Each query runs in a
    separate process, which can reach neither files nor the network and is stopped at its limits; docs/server.md lists them.

    \b
    Examples:
      kb serve
      kb serve --content my-kb --port 9000 --timeout 30
      kb serve --host 0.0.0.0 --allow-host kb.example.org --workers 2
    """
    serve.require_libraries()
    if log not in {"", "-"}:
        boundary.check_target(Path(log))
    kb = store_build.open_fresh(store, console.note_problem) if store else queries.open_base(content, console.note_problem)
    settings = ServerSettings(
        host=host,
        port=port,
        workers=workers,
        base=base or kb.names.base,
        hosts=(*LOOPBACK, host.lower(), *map(str.lower, hosts)),
        origins=() if "none" in origins else origins,
        proxies=proxies,
        rate_all=context.get_parameter_source("rate") is not click.core.ParameterSource.DEFAULT,
        log="" if no_access_log else log,
        limits=limits,
    )
    return 0 if serve.serve(kb, settings, console.note) else 70
