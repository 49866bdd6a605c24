"""``kb mcp``."""

from __future__ import annotations

from pathlib import Path

import click

from kb.cli import console, options


@click.command
@options.declare("mcp")
def command(content: Path, texts: tuple[str, ...], port: int | None, proposer: str, *, allow_proposals: bool) -> None:
    """Offer the knowledge base to assistants over the Model Context Protocol.

    Without --http, the assistant starts this command and talks to it on standard input and output. The tools find, ask and
    check. They write nothing, unless --allow-proposals lets them store proposals, which are no facts (docs/agents.md).
    """
    from kb.agents import mcp_server
    from kb.agents.knowledge_tools import KnowledgeTools
    from kb.records import folder

    list(folder.find_files(content, []))
    server = mcp_server.make_server(KnowledgeTools(content, texts, proposer if allow_proposals else ""))
    if port is not None:
        console.note(f"Serving at http://127.0.0.1:{port}/mcp; stop with Ctrl-C.")
    mcp_server.serve(server, port)
