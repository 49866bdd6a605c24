"""Text from elsewhere, written so that it can be nothing but text: one function for each place that it is written to.

HTML pages are written by Jinja2, which escapes every value itself.
"""

from __future__ import annotations

import re

# Controls, lone surrogates, and characters that hide or reorder text (Unicode Technical Report 36, section 2.10). Joiners are
# not among them, since some scripts are written with them.
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)


def escape_unseen(text: str, keep: str = "") -> str:
    r"""Return a text with ``\x1b``, ``\u202e`` and the like in the place of characters that a terminal would obey or hide.

    Whatever reaches a terminal and may hold text from elsewhere goes through here: problems, notes, and cells of tables.

    Args:
        text: The text.
        keep: Characters that stay as they are, such as line ends.
    """
    if text.isascii() and text.isprintable():
        return text
    return _UNSEEN.sub(lambda match: match[0] if match[0] in keep else match[0].encode("unicode_escape").decode("ascii"), text)


# An underscore inside a word, as in the name of a file, is no markup.
_MARKDOWN = re.compile(r"[\\`*\[\]|~]|(?<![^\W_])_|_(?![^\W_])|^(?:[#+-]|[0-9]+[.)])(?= |$)|[&<>]", re.ASCII)
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def escape_markdown(text: str) -> str:
    """Return text as one line of Markdown (CommonMark with tables) that has no HTML, link or other markup."""
    line = escape_unseen(" ".join(text.split()))
    return _MARKDOWN.sub(lambda match: _ENTITIES.get(match[0]) or f"{match[0][:-1]}\\{match[0][-1]}", line)


def quote_code(text: str) -> str:
    """Return text as a code span of Markdown, in which only a backtick has a meaning."""
    return "`" + escape_unseen(text).replace("`", "'") + "`"


_IN_SCRIPT = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})


def escape_json(text: str) -> str:
    """Return a text of JSON as JSON that cannot end a script element around it (HTML, 4.12.1.3); it is YAML as well."""
    return text.translate(_IN_SCRIPT)


_USER = re.compile(r"(?<=//)[^/?#]*@")


def hide_user(url: str) -> str:
    """Return an address without its user name and password, for messages."""
    return _USER.sub("", url)
