"""``kb serve``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from kb.cli import console, options
from kb.cli.argument_types import Number
from kb.cli.query import open_content
from kb.files import boundary
from kb.release import lineage
from kb.server import serve
from kb.server.settings import LIMITS, LOOPBACK, ServerSettings


def _add_limits(function: options.Function) -> options.Function:
    for limit in reversed(LIMITS):
        kind = Number(0, 1e9) if limit.unit == "seconds" or limit.name == "rate" else click.IntRange(0, 1 << 40)
        named: dict[str, Any] = {"metavar": "N", "type": kind, "default": limit.default, "show_default": True}
        function = click.option(limit.option, help=f"{limit.help}.", **named)(function)
    return function


@click.command
@options.declare("serve")
@_add_limits
@click.pass_context
def command(
    context: click.Context, /, content: Path, store: Path | None, host: str, log: str, *, no_access_log: bool, **values: Any
) -> int:
    """Serve a knowledge base: a SPARQL 1.1 endpoint, a page for each term, fact and sentence, and a query page.

    The server is read-only, and listens on this machine only unless --host names another address. Each query runs in a
    separate process, which can reach neither files nor the network and is stopped at its limits; docs/server.md lists them.
    """
    serve.require_libraries()
    if log not in {"", "-"}:
        boundary.check_target(Path(log))
    kb, code = open_content(content, store)
    if code:  # strangers would not see what is left out
        return code
    base, hosts, origins, folders = (values.pop(name) for name in ("base", "hosts", "origins", "folders"))
    settings = ServerSettings(
        host=host,
        base=base or kb.names.base,
        hosts=(*LOOPBACK, host.lower(), *map(str.lower, hosts)),
        origins=() if "none" in origins else origins,
        rate_all=context.get_parameter_source("rate") is not click.core.ParameterSource.DEFAULT,
        log="" if no_access_log else log,
        **{name: values.pop(name) for name in ("port", "workers", "proxies")},
        limits=values,
        releases=lineage.locate_releases(folders, kb.names.base),
    )
    return 0 if serve.serve(kb, settings, console.note) else 70
