"""``kb explain``."""

from __future__ import annotations

from dataclasses import asdict

import click

from kb.cli import console, options, text_table
from kb.problems import RULES
from kb.rules import rule_pages


@click.command
@options.declare("explain")
def command(code: str | None, fmt: str) -> None:
    """Explain a rule, by its code or its name: what is wrong, why that matters, a bad and a good example.

    Without CODE, list all rules. The examples are files to add to the knowledge base that 'kb init' makes.
    """
    pages = [rule_pages.load_page(code)] if code else []
    if fmt == "json":
        console.emit_json([asdict(page) for page in pages or rule_pages.load_pages()])
    elif pages:
        console.emit(f"{line}\n" for line in rule_pages.page_lines(pages[0]))
    else:
        text_table.write(
            ["code", "name", "what is wrong", "status", "exit code"],
            ([known, rule.name, rule.title, rule.status.value, str(rule.exit)] for known, rule in RULES.items()),
        )
