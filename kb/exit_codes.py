"""The exit codes of ``kb``, with their meanings; ``docs/cli.md`` lists them."""

from __future__ import annotations

from _signal import SIGHUP, SIGINT, SIGTERM  # type: ignore[import-not-found] # see kb.cli.interrupts

DONE, CONTENT, USE, INPUT, LIMIT, OUTPUT, STORE = range(7)
FAULT, INTERRUPTED, CLOSED_PIPE = 70, 130, 141

MEANINGS = {
    DONE: "done",
    CONTENT: "the knowledge base has problems, or a check failed (an undecided sentence, a false ASK, an export out of date)",
    USE: "incorrect use: an unknown option, name, format or parameter, or a query that is invalid or refused",
    INPUT: "an input cannot be read",
    LIMIT: "a limit on time, memory, size or depth was exceeded",
    OUTPUT: "the output cannot be written, or a store does not accept it",
    STORE: "an output folder or store is in use by another process, is damaged, or contains other files",
    FAULT: "an internal error in kb; the message names a file with the details",
    INTERRUPTED: "interrupted",
    CLOSED_PIPE: "the program that reads standard output has ended",
}

#: The signals that end a run with INTERRUPTED: Ctrl-C, a request to end, and a terminal that is closed.
INTERRUPTS = (SIGINT, SIGTERM, SIGHUP)

#: Which code wins if several apply to a run.
PRECEDENCE = (FAULT, USE, STORE, OUTPUT, INPUT, LIMIT, CONTENT, DONE)
