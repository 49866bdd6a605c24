"""Text from elsewhere, written so that it can be nothing but text: one function for each place that it is written to.

HTML pages are written by Jinja2, which escapes every value itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from html import escape
from urllib.parse import quote, quote_plus

#: How many characters of a text from the user a message shows.
LONGEST_SHOWN = 60

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


# An @ in the query of an address whose host, port and path are plain belongs to a parameter; any other may end a password,
# whatever that holds, and also if it was escaped by mistake. So may anything in the place of a port.
_AT = "(?:@|%40|\uff20|\ufe6b)"
_PLAIN = r"https?://(?:[^/?#@:%\[\]\uff20\ufe6b]+|\[[^\]@]*\])(?::[0-9]+)?(?:/[^?#@]*)?(?:[?#]|\Z)"
_USER = re.compile(rf"\A(?!{_PLAIN})([a-z][a-z0-9+.-]*+://++|https?:/*+)?+.*{_AT}", re.IGNORECASE | re.DOTALL)
_NO_PORT = re.compile(rf"\A(?!{_PLAIN}|.*{_AT})(https?:/+)[^/?#]*:.*", re.IGNORECASE | re.DOTALL)
_PARAMETER = re.compile(r"([?&;](?:[^=&;#]*=)?|#[^=&;#]*=)[^&;#]+")


def hide_user(address: str) -> str:
    """Return an address, which may be malformed, for messages: without user name, password and values of parameters."""
    before, mark, rest = _NO_PORT.sub(r"\1***", _USER.sub(r"\1***@", address)).partition("?")
    return before + _PARAMETER.sub(r"\1***", mark + rest)


_ADDRESS = re.compile("[a-z][a-z0-9+.-]*:/|//", re.IGNORECASE)


def hide_arguments(message: str, arguments: Iterable[str]) -> str:
    """Return a message of a command without what :func:`hide_user` hides of addresses among its arguments."""
    parts = {part for argument in arguments for part in (argument.lstrip("-"), argument.partition("=")[2])}
    addresses = {form for part in filter(_ADDRESS.match, parts) for form in (part, part.partition("=")[0])}
    values = addresses | {re.sub("/+", "/", address).rstrip("/") for address in addresses}  # as paths are shown
    forms = {form for value in values for form in (value, repr(value)[1:-1], escape_unseen(value))}
    for form in sorted({*forms, *(form[:LONGEST_SHOWN] for form in forms)}, key=len, reverse=True):
        message = message.replace(form, hide_user(form))
    return message


def hide_secrets(text: str, secrets: Iterable[str]) -> str:
    """Replace secrets in a text, in every form in which programs write them."""
    forms = {
        form
        for secret in filter(None, secrets)
        for form in (secret, quote(secret), quote_plus(secret), quote(secret, safe=""), escape(secret), json.dumps(secret)[1:-1])
    }
    pattern = "|".join(map(re.escape, sorted(forms, key=len, reverse=True)))
    return re.sub(pattern, "***", text, flags=re.IGNORECASE) if forms else text


def count_of(number: int, noun: str) -> str:
    """Put a number of things into words, such as ``1 row`` or ``1,200 rows``; the plural of the noun must end in s."""
    return f"{number:,} {noun}{'s' * (number != 1)}"
