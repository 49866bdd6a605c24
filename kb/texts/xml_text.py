"""Reads XML without document types, entities or network, and tells by its root which markup language it is.

libxml2 bounds the depth of elements to 256 and the length of a text node and of an attribute to 10 MB.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.entities import html5
from typing import Any

from lxml import etree

from kb.files.text_file import decode_as, has_wide_mark
from kb.problems import Place, fail, quote
from kb.texts.blocks import Block
from kb.texts.markup import read_html_details
from kb.texts.markup_reader import BlockReader, Element, Token, load_markup, read_line
from kb.texts.stated_details import TextDetails, read_details

_XHTML = "http://www.w3.org/1999/xhtml"
_NAMESPACES = {"xml": "http://www.w3.org/XML/1998/namespace", "xlink": "http://www.w3.org/1999/xlink"}
_ENCODING = re.compile(r"""^(<\?xml[^>]*?)\sencoding\s*=\s*(?:"[^"]*"|'[^']*')""")
# A reference to an entity; in comments, character data and instructions, there are none.
_CHARACTER = re.compile(
    rb"<!--(?:.*?-->|.*)|<!\[CDATA\[(?:.*?\]\]>|.*)|<\?(?:.*?\?>|.*)|&(?P<name>[A-Za-z][A-Za-z0-9]*;)", re.DOTALL
)
_DATE_PARTS = ("year", "month", "day")
# The root element of each markup language.
_ROOTS = {"article": "jats", "document": "spl", "Bundle": "fhir", "Composition": "fhir", "html": "xhtml", "div": "xhtml"}
_PROLOG = re.compile(
    r"(?>\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>)*+<(?:[\w.-]+:)?([\w.-]+)([^>]*)", re.DOTALL | re.IGNORECASE
)
_MEDIATYPES = {"jats": "application/xml", "spl": "application/xml", "fhir": "application/fhir+xml"}
_BINARY = {b"%PDF-": "a PDF document", b"PK\x03\x04": "an archive or office document", b"{\\rtf": "an RTF document"}


def identify(data: bytes) -> str:
    """Return the media type that the content of a file shows, or nothing; of a file that is no text, what it is."""
    binary = next((name for start, name in _BINARY.items() if data.startswith(start)), "")
    if binary:
        return binary
    encoding = "utf-16" if has_wide_mark(data) else "utf-8"
    start = data[:10_000].decode(encoding, "replace").removeprefix("\ufeff").lstrip()
    if start.startswith("{") and re.search(r'"resourceType"\s*:\s*"(?:Bundle|Composition)"', start):
        return "application/fhir+json"
    match = _PROLOG.match(start)
    root, attributes = match.groups() if match else ("", "")
    if root == "div" or root.lower() == "html":
        is_xml = start.startswith("<?xml") or (root == "div" and _XHTML in attributes)
        return "application/xhtml+xml" if is_xml else "" if root == "div" else "text/html"
    is_other = root == "document" and "urn:hl7-org:v3" not in attributes
    return "" if is_other else _MEDIATYPES.get(_ROOTS.get(root, ""), "")


def read_xml(data: bytes, file_name: str) -> tuple[str, list[Block], TextDetails]:
    """Return the normal form of an XML text, its blocks and its details.

    Raises:
        KbError: It is not well-formed, uses entities, nests too deep, or is of no known language (KB411).
    """
    root = parse_xml(data, file_name)
    for element in root.iter(etree.Element):
        element.tag = etree.QName(element).localname
    language = _ROOTS.get(root.tag, "")
    if not language:
        message = f"kb does not know XML whose root element is {quote(root.tag)}."
        raise fail(
            "KB411", message, "It reads JATS, SPL, XHTML, and Composition and Bundle of FHIR.", Place(file_name, root.sourceline)
        )
    notes = {note.get("ID", ""): at for at, note in enumerate(root.iter("footnote"), 1)}
    words, blocks = BlockReader(load_markup("html" if language == "xhtml" else language), notes).read(_list_tokens(root))
    if language == "xhtml":
        return words, blocks, read_html_details(etree.tostring(root, method="html", encoding="unicode"))
    return words, blocks, read_details(language, lambda path: _find(root, path, language))


def read_fhir_json(data: bytes, file_name: str) -> tuple[str, list[Block], TextDetails]:
    """Return the normal form of a FHIR document in JSON, its blocks and its details.

    Raises:
        KbError: As :func:`read_xml`.
    """
    try:
        value = json.loads(data)
        root = etree.Element(str(value.get("resourceType", "")) if isinstance(value, dict) else "none")
        _add_values(root, value, file_name)
    except (ValueError, RecursionError) as error:  # also for keys and texts that XML cannot have
        raise fail("KB411", f"The file is no FHIR document in JSON: {error}.", "Check it.", file_name) from error
    return read_xml(etree.tostring(root), file_name)


def _add_values(parent: etree._Element, value: Any, file_name: str) -> None:
    """Add JSON values to an element, as FHIR maps JSON to XML."""
    for key, entries in value.items() if isinstance(value, dict) else ():
        for entry in entries if isinstance(entries, list) else [entries]:
            if key == "div" and isinstance(entry, str):
                parent.append(parse_xml(entry.encode(), file_name))
            elif key == "resource" and isinstance(entry, dict):
                _add_values(etree.SubElement(etree.SubElement(parent, key), str(entry.get("resourceType"))), entry, file_name)
            elif isinstance(entry, dict):
                _add_values(etree.SubElement(parent, key), entry, file_name)
            elif isinstance(entry, str) and key != "resourceType":
                etree.SubElement(parent, key).set("value", entry)


def parse_xml(data: bytes, file_name: str) -> etree._Element:
    """Parse XML; references to entities of HTML become their characters, and other entities are not expanded.

    Raises:
        KbError: It is not well-formed, or refers to another entity (KB411), or is not in the encoding of its mark (KB103).
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True)
    if has_wide_mark(data):
        data = _ENCODING.sub(r"\1", decode_as(data, file_name, "utf-16")).encode()
    data = _CHARACTER.sub(_write_character, data)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        message = f"The XML cannot be read: {error.msg}."
        raise fail("KB411", message, "Correct it at its source, or convert it.", Place(file_name, line, column + 1)) from error
    for entity in root.iter(etree.Entity):
        message = f"The text refers to the entity {quote(entity.name)}; kb does not expand entities."
        raise fail("KB411", message, "Write its characters.", Place(file_name, entity.sourceline))
    return root


def _write_character(match: re.Match[bytes]) -> bytes:
    """Write a reference to an entity of HTML, which need not be declared, as its characters; leave others as they are."""
    characters = html5.get((match["name"] or b"").decode(), "")
    return "".join(f"&#{ord(one)};" for one in characters).encode() or match[0]


def _list_tokens(root: etree._Element) -> Iterator[Token]:
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "start":
            yield Element(element.tag, element.attrib)
            if element.text:
                yield element.text
        else:
            yield None
            if element.tail and element is not root:
                yield element.tail


def _find(root: etree._Element, path: str, language: str) -> str:
    """Return the words at an XPath; of a date, its parts from the year on."""
    for node in root.xpath(path, namespaces=_NAMESPACES):
        if isinstance(node, str):
            return node
        parts = [node.findtext(name) for name in _DATE_PARTS]
        words = "-".join(filter(None, parts)) if parts[0] else read_line(language, _list_tokens(node))
        if words:
            return words
    return ""
