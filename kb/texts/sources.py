"""The texts at hand: those that ship beside their records, and those whose files the user names."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from kb.model import Document
from kb.problems import KbError, Place, Problem, fail, quote
from kb.texts.normal_form import MEDIATYPES, SUFFIXES, Text, read

#: The word of the records for a text that travels with them.
SHIPPED = "shipped"


def path_of(document: Document, folder: Path) -> Path:
    """Tell where the text of a document lies in a knowledge base, if it ships: beside the records of documents."""
    return folder / "documents" / f"{document.id}{SUFFIXES.get(document.mediatype, '.txt')}"


def shipped(document: Document, folder: Path) -> Text:
    """Read a text that ships.

    Args:
        document: The document.
        folder: The folder of the knowledge base.

    Raises:
        KbError: It is not there (KB413), lies elsewhere (KB113), or cannot be read.
    """
    path = path_of(document, folder)
    place = document.record.at("text") if document.record else Place(str(path))
    if not os.path.lexists(path):
        message = f"The text of {quote(document.id)} is said to ship, and {path.name} is not beside the records."
        raise KbError([Problem(place, "KB413", message, f"Put it at {path}, or set 'text: held-elsewhere'.")])
    if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder)):
        raise fail("KB113", "The link leads out of the knowledge base.", "Copy what it leads to.", str(path))
    return read(path, document.mediatype)


def texts(documents: Iterable[Document], folder: Path, given: Mapping[str, Path]) -> dict[str, Text]:
    """Read every text that is at hand.

    Args:
        documents: The documents.
        folder: The folder of the knowledge base.
        given: The files that the user names, by the id of the document.

    Returns:
        Text by the id of the document; documents whose text is not at hand are left out.

    Raises:
        KbError: A file is named for no document (KB303), or a text cannot be read.
    """
    known = {document.id: document for document in documents}
    problems = [
        Problem(Place(str(path)), "KB303", f"There is no document {quote(name)}.", f"Known: {', '.join(known) or 'none'}.")
        for name, path in given.items()
        if name not in known
    ]
    found: dict[str, Text] = {}
    for name, document in known.items():
        try:
            if name in given:
                found[name] = read(given[name], _mediatype(given[name], document))
            elif document.text == SHIPPED:
                found[name] = shipped(document, folder)
        except KbError as error:
            problems.extend(error.problems)
    if problems:
        raise KbError(problems)
    return found


def _mediatype(path: Path, document: Document) -> str:
    """Read a file as its document was read; a text kept under another suffix is still that text."""
    return document.mediatype if document.mediatype in SUFFIXES else MEDIATYPES.get(path.suffix.lower(), "text/plain")


def named(arguments: Iterable[str], documents: Iterable[str]) -> dict[str, Path]:
    """Tell which file is named for which document.

    Args:
        arguments: Each ``ID=PATH``, or a folder whose files are named after documents.
        documents: The ids of the documents.

    Raises:
        KbError: An argument is neither (KB417).
    """
    known = list(documents)
    found: dict[str, Path] = {}
    for argument in arguments:
        name, equals, path = argument.partition("=")
        if equals and not os.path.isdir(argument):  # noqa: PTH112 - Path.is_dir raises where a name is too long
            found[name] = Path(path)
            continue
        if not os.path.isdir(argument):  # noqa: PTH112 - as above
            message = f"{quote(argument)} is neither ID=PATH nor a folder."
            raise fail("KB417", message, "Write the id of the document, '=', and its file.", "--text")
        for each in known:
            files = (Path(argument, f"{each}{suffix}") for suffix in MEDIATYPES)
            there = next((file for file in files if file.is_file()), None)
            if there:
                found.setdefault(each, there)
    return found
