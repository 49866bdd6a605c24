"""Generate the parts of docs/ that the code knows better: the commands, the problems, the named queries.

``python tools/reference.py`` writes them, ``python tools/reference.py --check`` names those that are stale.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click

from kb import pipeline, problems, resources
from kb import queries as asking
from kb.cli.group import COMMANDS, group
from kb.push.profiles import PROFILES
from kb.rules import rule_pages as pages
from kb.server.settings import LIMITS, STATUS
from kb.sparql import library

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # a script finds only what lies beside it

from tools import integrity

DOCS = Path(__file__).resolve().parent.parent / "docs"
MADE = "<!-- Made by tools/reference.py; do not edit. -->\n"
EXITS = {
    problems.DONE: "done",
    problems.CONTENT: "the knowledge base has problems (or: a sentence is undecided, an ASK is false, an export is stale)",
    problems.USE: "wrong use: an unknown option, name, format or parameter, a query that cannot be read or is refused",
    problems.INPUT: "an input cannot be read",
    problems.LIMIT: "a limit was hit: time, memory, size, depth",
    problems.OUTPUT: "the output cannot be written, or a store does not take it",
    problems.STORE: "an output folder is in use by another process",
    problems.FAULT: "a fault in kb; the message names a log",
    problems.INTERRUPTED: "interrupted",
    problems.CLOSED_PIPE: "the reader of standard output has gone",
}


def commands() -> Iterator[str]:
    """Give docs/cli.md: the help of every command."""
    yield f"{MADE}# The command line\n\nData goes to standard output, everything else to standard error.\n"
    top = click.Context(group, info_name="kb", terminal_width=100, max_content_width=100, **group.context_settings)
    inner = [click.Context(import_module(f"kb.cli.{module}").command, top, name) for name, (module, _) in COMMANDS.items()]
    for context in (top, *_with_their_own(inner)):
        name, command = context.command_path, context.command
        yield f"\n## {name}\n\n```text\n{command.get_help(context)}\n```\n"
    yield "\n## Exit codes\n\n| code | meaning |\n|---:|---|\n"
    yield from (f"| {code} | {meaning} |\n" for code, meaning in EXITS.items())
    yield "\nWhere a run meets problems of several sorts, the first of 70, 2, 6, 5, 3, 4, 1 that applies is the exit code.\n"


def _with_their_own(contexts: list[click.Context]) -> Iterator[click.Context]:
    """Give commands, each followed by those that it has if it is a group."""
    for context in contexts:
        yield context
        if isinstance(context.command, click.Group):
            yield from (click.Context(each, context, name) for name, each in context.command.commands.items())


def rules() -> Iterator[str]:
    """Yield docs/problems.md: the rules by section, the retired codes, then the page of each rule."""
    yield f"{MADE}# Problems\n\nEvery problem that `kb` reports carries the code of a rule. `kb explain KB301` or\n"
    yield "`kb explain unknown-term` prints the page of a rule. The examples are files to add to the knowledge base that\n"
    yield "`kb init` makes; a test runs them.\n\n"
    yield "A *stable* rule keeps its meaning. A *preview* rule may report other things in the next minor version.\n"
    yield "A *deprecated* rule will be retired. A retired code is never assigned again.\n"
    every_page = list(pages.load_pages())
    for title in dict.fromkeys(page.section for page in every_page):
        yield f"\n## {title}\n\n| code | name | what is wrong | status | exit code |\n|---|---|---|---|---:|\n"
        for page in every_page:
            if page.section == title:
                link = f"[{page.code}](#{page.code.lower()}-{page.name})"
                yield f"| {link} | `{page.name}` | {page.title} | {page.status} | {page.exit} |\n"
    yield "\n## Retired codes\n\n| code | what it stood for | now | reason |\n|---|---|---|---|\n"
    for code, retired in problems.RETIRED.items():
        yield f"| {code} | {retired.title} | {retired.successor or 'none'} | {retired.reason} |\n"
    for page in every_page:
        yield f"\n## {page.code} {page.name}\n\n{page.what}\n"
        yield from (f"\n{text}\n" for text in (page.why, page.untested) if text)
        for name, example in (("Bad", page.bad), ("Good", page.good)):
            if example:
                language = "yaml" if example.files else "sh"
                yield "\n".join([f"\n{name}:\n", f"```{language}", *pages.example_lines(example), "```", ""])


def queries() -> Iterator[str]:
    """Write docs/queries.md: the named queries, a public contract."""
    yield f"{MADE}# Named queries\n\n"
    yield "`kb query NAME` runs one of these queries, `kb query NAME --param PARAMETER=VALUE` restricts it, and\n"
    yield "`kb query NAME --show` prints its SPARQL. A parameter that is not given matches everything, or has the default\n"
    yield "that `--show` prints. The columns listed here are stable. A query may return more columns after them,\n"
    yield "such as IRIs.\n\n"
    yield "Every knowledge base can be queried in this way. A query of the same name in the `queries/` folder of a\n"
    yield "knowledge base takes precedence. If a query uses a term or predicate that the knowledge base does not have,\n"
    yield "`kb query` says so.\n\n"
    known = asking.named_queries(pipeline.load(resources.content()))
    for sort in dict.fromkeys(sorted((query.group for query in known), key=library.group_rank)):
        yield f"\n## {library.group_title(sort)}\n\n| name | question | columns | parameters |\n|---|---|---|---|\n"
        for query in known:
            if query.group == sort:
                columns = ", ".join(query.columns) or "a graph"
                yield f"| `{query.name}` | {query.question} | {columns} | {', '.join(query.parameters) or 'none'} |\n"


def push() -> Iterator[str]:
    """Give docs/push.md with the table of stores anew."""
    start, end = "<!-- stores: made by tools/reference.py -->\n", "<!-- end of stores -->\n"
    before, _, rest = (DOCS / "push.md").read_text(encoding="utf-8").partition(start)
    yield f"{before}{start}"
    yield "| `--profile` | store | URL | graphs at | queries at | login | known from |\n|---|---|---|---|---|---|---|\n"
    for each in PROFILES.values():
        graphs = each.graphs.add.split(" ")[1].partition("?")[0]
        queries_at = "`--query-url`" if each.query is None else f"`URL{each.query}`"
        row = (f"`{each.name}`", each.title, f"`{each.address}`", f"`URL{graphs}`", queries_at, each.scheme, each.source)
        yield f"| {' | '.join(row)} |\n"
    yield "\n"
    for each in PROFILES.values():
        ways = ["replaced in one request" if each.graphs.replace else "removed, then added", f"`{each.media_type}`"]
        ways += ["compressed"] if each.gzip else []
        yield f"- **{each.title}**: {', '.join(ways)}, at most {each.part >> 20} MiB a request. {each.note}".rstrip() + "\n"
    yield f"{end}{rest.partition(end)[2]}"


def serving() -> Iterator[str]:
    """Give docs/server.md with the tables of limits and of status codes anew."""
    text = (DOCS / "server.md").read_text(encoding="utf-8")
    limits = "| option | unless set | unit | bounds | who meets it gets |\n|---|---:|---|---|---|\n" + "".join(
        f"| `{each.option}` | {each.default:,} | {each.unit} | {each.bounds} | {each.response} |\n" for each in LIMITS
    )
    codes = "| status | problem |\n|---:|---|\n" + "".join(
        f"| {status} | {code} `{problems.RULES[code].name}`: {problems.RULES[code].title} |\n"
        for code, status in sorted(STATUS.items(), key=lambda each: each[::-1])
    )
    for name, table in (("limits", limits), ("statuses", codes)):
        start, end = f"<!-- {name}: made by tools/reference.py -->\n", f"<!-- end of {name} -->\n"
        before, _, rest = text.partition(start)
        text = f"{before}{start}{table}{end}{rest.partition(end)[2]}"
    yield text


def quotes() -> Iterator[str]:
    """Give docs/quotes.md with the table of the integrity tests made anew; all else in it is written by hand."""
    opening, closing = "<!-- integrity: made by tools/integrity.py -->\n", "<!-- end -->\n"
    before, _, rest = (DOCS / "quotes.md").read_text(encoding="utf-8").partition(opening)
    yield f"{before}{opening}{integrity.table()}{closing}{rest.partition(closing)[2]}"


PAGES = {
    "quotes.md": quotes,
    "server.md": serving,
    "cli.md": commands,
    "problems.md": rules,
    "queries.md": queries,
    "push.md": push,
}


def main() -> int:
    """Write the pages, or check them."""
    stale = []
    for name, page in PAGES.items():
        path, text = DOCS / name, "".join(page())
        if "--check" not in sys.argv[1:]:
            path.write_text(text, encoding="utf-8")
        elif not path.is_file() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            print(f"docs/{name} is stale: run 'make docs'", file=sys.stderr)
    return int(bool(stale))


if __name__ == "__main__":
    sys.exit(main())
