"""The tools over the Model Context Protocol: on standard input and output, or over HTTP on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import yaml

from kb.agents.answer_pages import write_page
from kb.agents.knowledge_tools import KnowledgeTools, describe_coverage
from kb.problems import KbError, fail
from kb.suggestions import did_you_mean

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server

_MOST_PROBLEMS = 20
_PAGE = {"page": {"type": "integer", "minimum": 1, "description": "The page of the answer; the first is 1."}}


@cache
def read_declarations() -> dict[str, dict[str, Any]]:
    """Return the name of each tool with its description and the schema of its arguments, which refers to no other."""
    declared: list[dict[str, Any]] = _read()["tools"]
    return {tool.pop("name"): {"description": tool.pop("description"), "schema": _make_schema(**tool)} for tool in declared}


def _make_schema(properties: dict[str, Any], required: Sequence[str] = (), **more: Any) -> dict[str, Any]:
    both = {"properties": {**properties, **_PAGE}, "required": list(required)}
    return {"type": "object", **both, "additionalProperties": False, **more}


def _read() -> Any:
    return yaml.safe_load((Path(__file__).parent / "tools.yaml").read_text(encoding="utf-8"))


def call(tools: KnowledgeTools, name: str, arguments: dict[str, Any]) -> str:
    """Call a tool, and return a page of its answer as JSON.

    Raises:
        KbError: There is no such tool, an argument is wrong (KB832), or the tool refuses the call.
    """
    known = list_tools(tools)
    if name not in known:
        raise fail("KB832", f"There is no tool '{name[:60]}'.", did_you_mean(name, known, f"Tools: {', '.join(known)}."), "name")
    schema = known[name]["schema"]
    if error := jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(schema).iter_errors(arguments)):
        place = ".".join(map(str, error.absolute_path)) or "arguments"
        given = ", ".join(f"{key}{'' if key in schema['required'] else ' (optional)'}" for key in schema["properties"])
        raise fail("KB832", f"{error.message[:200]}.", f"'{name}' takes: {given}.", place)
    page = arguments.pop("page", 1)
    result = getattr(tools, name)(**arguments)
    return write_page(result.answer, result.rows, page)


def list_tools(tools: KnowledgeTools) -> dict[str, dict[str, Any]]:
    """Return the declarations of the tools that may be called."""
    return {name: about for name, about in read_declarations().items() if tools.proposer or name != "propose_fact"}


def make_server(tools: KnowledgeTools) -> Server[Any]:
    """Make the server.

    Raises:
        KbError: The library is not installed (KB713).
    """
    if find_spec("mcp") is None:
        raise fail("KB713", "kb mcp needs the library mcp.", "Install it: pip install 'linked-kb[mcp]'.")
    from mcp import types
    from mcp.server.lowlevel import Server

    async def show_tools(*_: Any) -> types.ListToolsResult:
        hints = {
            name: types.ToolAnnotations(read_only_hint=name != "propose_fact", open_world_hint=False)
            for name in list_tools(tools)
        }
        listed = [
            types.Tool(name=name, description=about["description"], input_schema=about["schema"], annotations=hints[name])
            for name, about in list_tools(tools).items()
        ]
        return types.ListToolsResult(tools=listed)

    async def call_tool(_: Any, request: types.CallToolRequestParams) -> types.CallToolResult:
        try:
            text, is_error = call(tools, request.name, dict(request.arguments or {})), False
        except KbError as error:
            text, is_error = _describe_error(tools, error), True
        return types.CallToolResult(content=[types.TextContent(type="text", text=text)], is_error=is_error)

    about = {"version": metadata.version("linked-kb"), "instructions": _read()["instructions"]}
    return Server("kb", **about, on_list_tools=show_tools, on_call_tool=call_tool)


def _describe_error(tools: KnowledgeTools, error: KbError) -> str:
    """Say what is wrong; where nothing has a name, also what the knowledge base covers."""
    lines = [str(problem) for problem in error.problems[:_MOST_PROBLEMS]]
    if any(problem.code == "KB705" for problem in error.problems):
        lines.append(describe_coverage(tools.open_base()[0]))
    return "\n".join(lines)


def serve(server: Server[Any], port: int | None) -> None:
    """Serve one client on standard input and output, or with a port all clients of this machine over HTTP."""
    import anyio
    from mcp.server.stdio import stdio_server

    async def serve_streams() -> None:
        async with stdio_server() as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())

    if port is None:
        anyio.run(serve_streams)
        return
    import uvicorn

    uvicorn.run(server.streamable_http_app(), host="127.0.0.1", port=port, log_level="warning")
