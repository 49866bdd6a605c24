"""Find and read the available texts: those that ship beside their records, and those whose files the user names."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from kb.files import boundary
from kb.model import Document
from kb.problems import KbError, Place, Problem, fail, quote
from kb.texts.normal_form import MEDIATYPES, SUFFIXES, Text, read

#: The value of ``text`` in the record of a document whose text ships.
SHIPPED = "shipped"


def is_text_of(document: Document, text: Text) -> bool:
    """Return whether a document's record was made from a text, by the digest of its file or of its normal form."""
    return text.sha256 == document.sha256 or text.digest == (document.words_sha256 or document.sha256)


def has_texts(folder: Path) -> bool:
    """Return whether the folder of a knowledge base has texts beside the records of documents."""
    return any(entry.name.endswith(tuple(SUFFIXES.values())) for entry in boundary.list_folder(folder / "documents"))


def shipped_path(document: Document, folder: Path) -> Path:
    """Return where the text of a document stands if it ships."""
    return folder / "documents" / f"{document.id}{SUFFIXES.get(document.mediatype, '.txt')}"


def read_shipped(document: Document, folder: Path) -> Text:
    """Read the text of a document that ships in the folder of a knowledge base, beside the records of documents.

    Raises:
        KbError: The text is missing (KB413), is outside the knowledge base (KB113), or cannot be read.
    """
    path = shipped_path(document, folder)
    place = document.record.at("text") if document.record else Place(str(path))
    if not boundary.exists(path):
        message = f"The record of {quote(document.id)} says that its text ships, but {path.name} does not exist."
        raise KbError([Problem(place, "KB413", message, f"Put it at {path}, or set 'text: held-elsewhere'.")])
    return read(path, document.mediatype)


def read_texts(
    documents: Iterable[Document], folder: Path, paths: Mapping[str, Path], unread: list[Problem] | None = None
) -> dict[str, Text]:
    """Read every available text: the shipped ones, and the files that the user names by the id of their document.

    If there is a list for the problems of texts that cannot be read, they are added to it, and the others are read.

    Returns:
        The text by the id of the document, without the documents whose text is not available.

    Raises:
        KbError: A file is named for an unknown document (KB303), or a text cannot be read.
    """
    known = {document.id: document for document in documents}
    problems = [
        Problem(Place(str(path)), "KB303", f"There is no document {quote(name)}.", f"Known: {', '.join(known) or 'none'}.")
        for name, path in paths.items()
        if name not in known
    ]
    texts: dict[str, Text] = {}
    for name, document in known.items():
        try:
            if name in paths:
                # The text is read as before, whatever the suffix of this file.
                known_type = document.mediatype if document.mediatype in SUFFIXES else ""
                texts[name] = read(paths[name], known_type or MEDIATYPES.get(paths[name].suffix.lower(), "text/plain"))
            elif document.text == SHIPPED:
                texts[name] = read_shipped(document, folder)
        except KbError as error:
            problems.extend(error.problems)
    if problems and unread is None:
        raise KbError(problems)
    (unread if unread is not None else []).extend(problems)
    return texts


def parse_options(arguments: Iterable[str], documents: Iterable[str]) -> dict[str, Path]:
    """Return the file of each document from the values of ``--text`` or ``--was``.

    Each is ``ID=PATH``, or a folder whose files are named after documents.

    Raises:
        KbError: An argument is neither (KB417).
    """
    names = list(documents)
    paths: dict[str, Path] = {}
    for argument in arguments:
        if os.path.isdir(argument):  # noqa: PTH112 - Path.is_dir raises where a name is too long
            for name in names:
                files = [file for suffix in MEDIATYPES if boundary.exists(file := Path(argument, f"{name}{suffix}"))]
                if files:
                    paths.setdefault(name, files[0])
        elif "=" in argument:
            name, _, path = argument.partition("=")
            paths[name] = Path(path)
        else:
            message = f"{quote(argument)} is neither ID=PATH nor a folder."
            raise fail("KB417", message, "Write the id of the document, '=', and its file.", "--text")
    return paths
