"""``kb explain``."""

from __future__ import annotations

import click

from kb.cli import console, options


@click.command
@click.argument("code", required=False)
@options.text_or_json
def command(code: str | None, fmt: str) -> None:
    """Explain the problem CODE: what is wrong, why that matters, an example that has it and one that has not.

    Without CODE, all of them are listed. The examples are laid over the small knowledge base that 'kb init' makes.

    \b
    Examples:
      kb explain KB301
      kb explain
    """
    from kb.problems import RULES
    from kb.rules import rule_pages

    pages = [rule_pages.page(code)] if code else []
    if fmt == "json":
        console.emit_json([each._asdict() for each in pages or rule_pages.pages()])
    elif pages:
        console.emit(f"{line}\n" for line in rule_pages.lines(pages[0]))
    else:
        console.table(
            ["code", "what is wrong", "exit code"], ([name, rule.title, str(rule.exit)] for name, rule in RULES.items())
        )
