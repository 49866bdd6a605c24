"""Text from elsewhere on a terminal: whatever could hide or imitate something is made visible."""

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
