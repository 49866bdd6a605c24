"""Reads a file into its normal form: the text whose Unicode code points all positions count, from 0.

docs/documents.md states the rules, so that anybody can compute the normal form:

- The file is UTF-8, or XML or HTML that declares another encoding. A byte order mark at its start is dropped. CR LF and CR become
  LF.
- Plain text is not changed further.
- Markdown is rendered as HTML (CommonMark with tables); a YAML heading between ``---`` lines is dropped first.
- HTML is parsed by the HTML standard, other markup as XML. The visible text stays, with a line for each block
  (``markup_reader.py``).
- Form feeds and vertical tabs become LF. Other characters that XML cannot hold are refused.
"""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from kb.files.text_file import TextLines, decode_utf8, read_bytes, report_as_input, spell
from kb.problems import Place, fail, quote
from kb.texts import markup, plain_text, xml_text
from kb.texts.blocks import Block
from kb.texts.stated_details import TextDetails
from kb.texts.tables import StructureError

#: The version of these rules. It must change if any text would get another normal form.
NORMAL_FORM = 3

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
    ".xhtml": "application/xhtml+xml",
    ".xml": "application/xml",
    ".nxml": "application/xml",
    ".json": "application/fhir+json",
    ".fhir": "application/fhir+json",
}

#: The suffix under which a text ships.
SUFFIXES = {
    "text/plain": ".txt",
    "text/markdown": ".md",
    "text/html": ".html",
    "application/xhtml+xml": ".xhtml",
    "application/xml": ".xml",
    "application/fhir+xml": ".xml",
    "application/fhir+json": ".fhir",  # files that end in .json are records
}

_PAGE_BREAKS = re.compile("[\f\v]")
_UNWRITABLE = re.compile("[\x00-\x08\x0e-\x1f\ufffe\uffff]")  # characters that XML 1.0 cannot hold


class Text(NamedTuple):
    """A text in its normal form (``words``) with its blocks in order; digest and size are those of the file.

    The details are those that the text states of itself.
    """

    words: str
    blocks: tuple[Block, ...]
    sha256: str
    bytes: int
    mediatype: str = "text/plain"
    details: TextDetails = TextDetails()

    @property
    def digest(self) -> str:
        """The digest of the normal form, in UTF-8."""
        return digest(self.words)


def digest(words: str) -> str:
    """Return the SHA-256 of a text in UTF-8, in lower-case hexadecimal."""
    return sha256(words.encode("utf-8")).hexdigest()


def read(path: Path, mediatype: str = "") -> Text:
    """Read a file of a media type, by default the one that its content or else its suffix shows, into its normal form.

    Raises:
        KbError: The file is missing (KB101), cannot be read (KB102), is not UTF-8 (KB103), is too large (KB110), has another
            media type (KB411), holds characters that no export can hold (KB108), or holds no words (KB412).
    """
    data = read_bytes(path, str(path), LARGEST)
    kind = mediatype or xml_text.identify(data) or MEDIATYPES.get(path.suffix.lower(), "")
    if kind not in SUFFIXES:
        what = (
            f"The file is {kind}" if kind and not mediatype else f"A file named {quote(path.name)} is of no format that is read"
        )
        raise fail("KB411", f"{what}.", f"Convert it, and name it with one of: {', '.join(MEDIATYPES)}.", str(path))
    return parse(data, kind, str(path))


def read_copy(path: Path, text: Text) -> bytes:
    """Return the bytes of the file from which a text was read.

    Raises:
        KbError: As :func:`read`, or it was changed since then (KB708).
    """
    data = read_bytes(path, str(path), LARGEST)
    if sha256(data).hexdigest() != text.sha256:
        raise fail(
            "KB708", "It was changed while the command was running.", "Run the command again; nothing was changed.", str(path)
        )
    return data


def parse(data: bytes, mediatype: str, file_name: str) -> Text:
    """Convert the bytes of a file to the normal form of their media type.

    Raises:
        KbError: As :func:`read`.
    """
    if mediatype not in SUFFIXES:
        message = f"A text of media type {quote(mediatype)} cannot be read."
        raise fail("KB411", message, f"Convert it to one of: {', '.join(SUFFIXES)}.", file_name)
    with report_as_input(file_name, "KB411"):
        try:
            words, blocks, details = _read_words(data, mediatype, file_name)
        except StructureError as error:
            raise fail("KB111", str(error), "Simplify the page, or save its text as plain text.", file_name) from error
    if unwritable := _UNWRITABLE.search(words):
        place = TextLines(words, file_name).place(unwritable.start()) if mediatype == "text/plain" else Place(file_name)
        near = quote(words[max(0, unwritable.start() - 20) : unwritable.start()])
        message = f"The text holds {spell(unwritable[0])} after {near}, which no export can hold."
        raise fail("KB108", message, "Remove it. If the file was converted, convert it again as UTF-8 text.", place)
    if not any(map(str.isalnum, words)):
        raise fail("KB412", "The file holds no words.", "Name the file that holds the text.", file_name)
    return Text(words, tuple(blocks), sha256(data).hexdigest(), len(data), mediatype, details)


def _read_words(data: bytes, mediatype: str, file_name: str) -> tuple[str, list[Block], TextDetails]:
    match mediatype:
        case "application/fhir+json":
            return xml_text.read_fhir_json(data, file_name)
        case "text/html":
            return markup.read_html(markup.decode_html(data, file_name))
        case "text/markdown":
            return markup.read_markdown(decode_utf8(data, file_name))
        case "text/plain":
            words = _PAGE_BREAKS.sub("\n", decode_utf8(data, file_name))
            return words, plain_text.find_blocks(words), TextDetails()
        case _:
            return xml_text.read_xml(data, file_name)
