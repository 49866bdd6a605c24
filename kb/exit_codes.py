"""The exit codes of ``kb``, with their meanings; ``docs/cli.md`` lists them."""

from __future__ import annotations

DONE, CONTENT, USE, INPUT, LIMIT, OUTPUT, STORE = range(7)
FAULT, INTERRUPTED, CLOSED_PIPE = 70, 130, 141

MEANINGS = {
    DONE: "done",
    CONTENT: "the knowledge base has problems (or: a sentence is undecided, an ASK is false, an export is stale)",
    USE: "wrong use: an unknown option, name, format or parameter, a query that cannot be read or is refused",
    INPUT: "an input cannot be read",
    LIMIT: "a limit was hit: time, memory, size, depth",
    OUTPUT: "the output cannot be written, or a store does not take it",
    STORE: "an output folder is in use by another process",
    FAULT: "a fault in kb; the message names a log",
    INTERRUPTED: "interrupted",
    CLOSED_PIPE: "the reader of standard output has gone",
}

#: Which code wins if several apply to a run.
PRECEDENCE = (FAULT, USE, STORE, OUTPUT, INPUT, LIMIT, CONTENT, DONE)
