"""Reads a file into its normal form: the text whose Unicode code points all positions count, from 0.

docs/documents.md states the rules, so that anybody can compute the normal form:

- The file is UTF-8. A byte order mark at its start is dropped. CR LF and CR become LF.
- Plain text is not changed further.
- Markdown is rendered as HTML (CommonMark with tables); a YAML heading between ``---`` lines is dropped first.
- HTML is parsed by the HTML standard. Its visible text stays, with a line for each block (``markup.py``).
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from kb.files.text_file import decode_utf8, read_bytes, report_as_input
from kb.problems import fail, quote
from kb.texts import markup, plain_text
from kb.texts.blocks import Block

#: The version of these rules. It must change if any text would get another normal form.
NORMAL_FORM = 1

#: The maximum size of a text, in bytes.
LARGEST = 20 * 1024 * 1024

#: The media types that can be read, by the suffix of the file.
MEDIATYPES = {
    ".txt": "text/plain",
    ".text": "text/plain",
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".html": "text/html",
    ".htm": "text/html",
    ".xhtml": "text/html",
}

#: The suffix under which a text ships.
SUFFIXES = {"text/plain": ".txt", "text/markdown": ".md", "text/html": ".html"}


class Text(NamedTuple):
    """A text in its normal form (``words``) with its blocks in order; digest and size are those of the file."""

    words: str
    blocks: tuple[Block, ...]
    sha256: str
    bytes: int
    mediatype: str = "text/plain"

    @property
    def digest(self) -> str:
        """The digest of the normal form, in UTF-8."""
        return digest(self.words)


def digest(words: str) -> str:
    """Return the SHA-256 of a text in UTF-8, in lower-case hexadecimal."""
    return sha256(words.encode("utf-8")).hexdigest()


def read(path: Path, mediatype: str = "") -> Text:
    """Read a file of a media type, by default that of its suffix, into its normal form.

    Raises:
        KbError: The file is missing (KB101), cannot be read (KB102), is not UTF-8 (KB103), is too large (KB110), has
            another media type (KB411), or holds no words (KB412).
    """
    kind = mediatype or MEDIATYPES.get(path.suffix.lower())
    if kind is None:
        message = f"A file named {quote(path.name)} is not plain text, Markdown or HTML."
        raise fail("KB411", message, f"Convert it, and name it with one of: {', '.join(MEDIATYPES)}.", str(path))
    return parse(read_bytes(path, str(path), LARGEST), kind, str(path))


def parse(data: bytes, mediatype: str, file_name: str) -> Text:
    """Convert the bytes of a file to the normal form of their media type.

    Raises:
        KbError: As :func:`read`.
    """
    readers = {"text/plain": plain_text.blocks, "text/markdown": markup.markdown, "text/html": markup.html}
    if mediatype not in readers:
        message = f"A text of media type {quote(mediatype)} cannot be read."
        raise fail("KB411", message, f"Convert it to one of: {', '.join(readers)}.", file_name)
    text = decode_utf8(data, file_name)
    with report_as_input(file_name, "KB411"):
        try:
            words, blocks = readers[mediatype](text)
        except markup.StructureError as error:
            raise fail("KB111", str(error), "Simplify the page, or save its text as plain text.", file_name) from error
    if not any(map(str.isalnum, words)):
        raise fail("KB412", "The file holds no words.", "Name the file that holds the text.", file_name)
    return Text(words, tuple(blocks), sha256(data).hexdigest(), len(data), mediatype)
