"""A named query and nothing else, ``kb query NAME``, answered from what is kept without the library of the command line.

Importing click takes as long as answering. So the commonest line of scripts goes this way where its answer goes to a pipe or
a file and all that it takes is kept. Everything else, and whatever is wrong, is the command's.
"""

from __future__ import annotations

import os
import re
import sys


def answered(args: list[str]) -> bool:
    """Answer a plain question; tell whether it was one, and was answered.

    Args:
        args: The command line.

    Raises:
        KbError: A limit was hit, or the answer cannot be written.
    """
    if len(args) != 2 or args[0] != "query" or not re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", args[1]):
        return False
    if sys.stdout is None or sys.stdout.isatty() or "KB_CONTENT" in os.environ or "_KB_COMPLETE" in os.environ:
        return False
    from kb import queries, resources
    from kb.cli import query_output

    kb = queries.open_kept(resources.content_here())
    if kb is None or args[1] not in kb.queries:
        return False
    query_output.answered(kb, queries.find_query(kb, args[1]))
    return True
