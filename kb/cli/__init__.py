"""The command line: a module for each command, which declares it and calls the packages that do the work.

Besides commands, there are:

::

    interrupts       what an interrupt does, before and after the imports
    dispatch         runs a command; turns exceptions into messages and exit codes
    group            the list of commands
    options          the arguments and options of commands, which options.tsv lists, and their examples
    argument_types   types of arguments, which check values as records are checked
    vocabulary_options  options that offer the words of a knowledge base
    console          writes data and messages
    fact_prompts     prompts for the parts of a fact
    problem_reports  reports of problems for other programs
    text_table       draws results as tables, on a terminal and elsewhere
    progress_bar     shows progress on a terminal
    stdin            records on standard input

This module imports next to nothing, so that an interrupt finds its handler in place as early as possible.
"""

from __future__ import annotations

from kb.cli import interrupts


def main(args: list[str] | None = None) -> None:
    """Run the command line and leave the process with its exit code."""
    interrupts.leave_at_once()
    from kb.cli import dispatch

    dispatch.run_and_exit(args)


def run(args: list[str] | None = None) -> int:
    """Run a command; report what it raises on standard error and return the exit code."""
    from kb.cli import dispatch

    return dispatch.run(args)
