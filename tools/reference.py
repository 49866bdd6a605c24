"""Generate reference pages from the code: commands, rules, named queries, store profiles, server limits.

``python tools/reference.py`` writes them; ``python tools/reference.py --check`` lists those that are out of date.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from kb import exit_codes, pipeline, problems, resources
from kb import queries as asking
from kb.cli.group import COMMANDS, group
from kb.push.profiles import PROFILES
from kb.rules import rule_pages as pages
from kb.server.settings import LIMITS, STATUS
from kb.sparql import library

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # Python adds only the folder of the script

from tools import checkers, claims, integrity

DOCS = Path(__file__).resolve().parent.parent / "docs"
MADE = "<!-- Made by tools/reference.py; do not edit. -->\n"


def commands() -> Iterator[str]:
    """Write docs/cli.md: the help of every command."""
    yield f"{MADE}# The command line\n\nEvery command writes its data to standard output, and messages to standard error.\n"
    yield "As the name of a file, `-` stands for standard input or standard output.\n"
    top = click.Context(group, info_name="kb", terminal_width=100, max_content_width=100, **group.context_settings)
    inner = [click.Context(command, top, name) for name in COMMANDS if (command := group.get_command(top, name))]
    for context in (top, *_with_their_own(inner)):
        name, command = context.command_path, context.command
        yield f"\n## {name}\n\n```text\n{command.get_help(context)}\n```\n"
    yield "\n## Exit codes\n\n| code | meaning |\n|---:|---|\n"
    yield from (f"| {code} | {meaning} |\n" for code, meaning in exit_codes.MEANINGS.items())
    yield f"\nIf several codes apply to a run, the exit code is the first of {', '.join(map(str, exit_codes.PRECEDENCE[:-1]))}.\n"


def _with_their_own(contexts: list[click.Context]) -> Iterator[click.Context]:
    """Return commands, each group followed by its subcommands."""
    for context in contexts:
        yield context
        if isinstance(context.command, click.Group):
            yield from (click.Context(each, context, name) for name, each in context.command.commands.items())


def rules() -> Iterator[str]:
    """Yield docs/problems.md: the rules by section, the retired codes, then the page of each rule."""
    yield f"{MADE}# Problems\n\nEvery problem that `kb` reports carries the code of a rule. `kb explain KB301` or\n"
    yield "`kb explain unknown-term` prints the page of a rule. The examples are files to add to the knowledge base that\n"
    yield "`kb init` makes; a test runs them.\n\n"
    yield "A *stable* rule keeps its meaning. What a *preview* rule reports may change in the next minor version.\n"
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
    yield "`kb query NAME` runs one of these queries, `kb query NAME --param PARAMETER=VALUE` restricts its results, and\n"
    yield "`kb query NAME --show` prints its SPARQL. If a parameter is omitted, it does not restrict the results, or it has the\n"
    yield "default that `--show` prints. The columns listed here are stable. A query may return further columns after them,\n"
    yield "such as IRIs.\n\n"
    yield "`restrictions` shows what a row must not be read without: whether the claim is negated, its trigger, condition and\n"
    yield "population, whether the list in which it stands is open, and the hedge of each qualifier with its own. `modality`\n"
    yield "is the hedge of the claim. Where a row rests on two claims, `other_modality` and `other_restrictions` belong to the\n"
    yield "second. Counts give restricted and denied claims in columns of their own.\n\n"
    yield "In a knowledge base of more than 2,000 terms, queries that compare everything with everything need the parameters in\n"
    yield "bold.\n\n"
    yield "These queries run on every knowledge base. A file in the `queries/` folder of a knowledge base replaces the query of\n"
    yield "the same name. A parameter takes any name of a thing: an id, a label, an alias, or an identifier of another\n"
    yield "vocabulary that matches it exactly. If an answer is empty, `kb query` says why: an unknown name with the nearest, a\n"
    yield "text without its language tag, a value that gives no rows with those that do, or a claim that has no plain triple. A\n"
    yield "brand is answered for what it names, with a note. Beside the rows about a thing, a note names the denials that the\n"
    yield "query leaves out. `--explain` shows the facts and sentences behind each row; of a count, the first 100 that it\n"
    yield "counts.\n\n"
    known = asking.named_queries(pipeline.load(resources.content()))
    for sort in dict.fromkeys(sorted((query.group for query in known), key=library.group_rank)):
        yield f"\n## {library.group_title(sort)}\n\n| name | question | columns | parameters |\n|---|---|---|---|\n"
        for query in known:
            if query.group == sort:
                columns = ", ".join(query.columns) or "a graph"
                needed = {name for need in query.needs for name in need}
                parameters = ", ".join(f"**{name}**" if name in needed else name for name in query.parameters) or "none"
                yield f"| `{query.name}` | {query.question} | {columns} | {parameters} |\n"


def push() -> Iterator[str]:
    """Write docs/push.md with a new table of stores."""
    yield _replace_block((DOCS / "push.md").read_text(encoding="utf-8"), "stores", "".join(_stores()))


def _stores() -> Iterator[str]:
    yield "| `--profile` | store | URL | graphs at | queries at | login | source |\n|---|---|---|---|---|---|---|\n"
    for profile in PROFILES.values():
        graphs = profile.graphs.add.split(" ")[1].partition("?")[0]
        endpoint = "`--query-url`" if profile.query is None else f"`URL{profile.query}`"
        names = (f"`{profile.name}`", profile.title, f"`{profile.address}`", f"`URL{graphs}`", endpoint)
        yield f"| {' | '.join((*names, profile.scheme, profile.source))} |\n"
    yield "\n"
    for profile in PROFILES.values():
        ways = ["replaced in one request" if profile.graphs.replace else "removed, then added", f"`{profile.media_type}`"]
        ways += ["compressed"] if profile.gzip else []
        limit = f"at most {profile.part >> 20} MiB a request"
        union = f"To ask across graphs, {profile.union}." if profile.union else "The default graph is the union of all graphs."
        yield f"- **{profile.title}**: {', '.join(ways)}, {limit}. {union} {profile.note}".rstrip() + "\n"


def serving() -> Iterator[str]:
    """Write docs/server.md with new tables of limits and of status codes."""
    limits = "| option | default | unit | what it limits | response at the limit |\n|---|---:|---|---|---|\n" + "".join(
        f"| `{limit.option}` | {limit.default:,} | {limit.unit} | {limit.bounds} | {limit.response} |\n" for limit in LIMITS
    )
    codes = "| status | problem |\n|---:|---|\n" + "".join(
        f"| {status} | {code} `{problems.RULES[code].name}`: {problems.RULES[code].title} |\n"
        for code, status in sorted(STATUS.items(), key=lambda item: item[::-1])
    )
    text = (DOCS / "server.md").read_text(encoding="utf-8")
    yield _replace_block(_replace_block(text, "limits", limits), "statuses", codes)


def quotes() -> Iterator[str]:
    """Write docs/quotes.md with a new table of the integrity tests."""
    text = _replace_block((DOCS / "quotes.md").read_text(encoding="utf-8"), "integrity", integrity.table())
    yield _replace_block(text, "checkers", "".join(checkers.table()))


def verification() -> Iterator[str]:
    """Write docs/verification.md with new tables of the measured check of claims."""
    folders = {name: claims.list_corpus(name) for name in ("tuned", "held", "later")}
    groups = {name: [claims.measure_file(path, resources.content(), ()) for path in paths] for name, paths in folders.items()}
    groups["sentences without a claim"] = [claims.measure_file(claims.CORPUS / "no-claim.txt", resources.content(), ())]
    curated = claims.CORPUS.with_name("curated")
    wrong = curated.with_name("curated-wrong.json")
    groups["a curator's base"] = [claims.measure_file(path, curated, ()) for path in (wrong, curated)]
    groups["tried later"] = [
        claims.measure_file(path, curated, ()) for path in sorted(claims.CORPUS.with_name("tried").glob("*.yaml"))
    ]
    groups["the example"] = [claims.measure_file(resources.example(), resources.content(), ())]
    block = "".join([*claims.table(groups, with_time=False), "\n", *claims.kinds(groups["held"])])
    yield _replace_block((DOCS / "verification.md").read_text(encoding="utf-8"), "claims", block)


def _replace_block(page: str, name: str, block: str) -> str:
    """Replace the generated block of a page; the text around it is written by hand."""
    start, end = f"<!-- {name}: made by tools/reference.py -->\n", f"<!-- end of {name} -->\n"
    before, _, rest = page.partition(start)
    return f"{before}{start}{block}{end}{rest.partition(end)[2]}"


PAGES = {
    "quotes.md": quotes,
    "verification.md": verification,
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
