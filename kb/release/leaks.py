"""Search a release for sentences of texts that are held elsewhere, by their lengths and digests.

Every passage of a file that starts and ends like a sentence and has the length of one is hashed, so the search does not need the
texts. Compressed files are decompressed, and the escapes of formats are resolved.
"""

from __future__ import annotations

import gzip
import html
import io
import json
import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from zipfile import ZipFile

from kb.model import KnowledgeBase
from kb.problems import Place, Problem

#: Length in code points to the withheld sentences of this length: digest to name.
WithheldSentences = Mapping[int, Mapping[str, str]]

_END = re.compile("""[.!?:;…"'\u201d\u2019)](?=$|[\\s"'<>|,;)\\\\&]|[A-Z])""")
_ESCAPED = re.compile(r'\\(u[0-9A-Fa-f]{4}|["\\/nrt])')
#: The minimum length of a sentence in code points; shorter ones occur in any text.
_SHORTEST = 20


def find_withheld_sentences(kb: KnowledgeBase) -> WithheldSentences:
    """Return the sentences of the documents whose text does not ship."""
    sentences: dict[int, dict[str, str]] = {}
    for document in kb.documents.values():
        if document.text == "held-elsewhere":
            for sentence in document.sentences:
                length = sentence.end - sentence.start
                if length >= _SHORTEST and not sentence.is_heading:
                    sentences.setdefault(length, {})[sentence.sha256] = f"{document.id}/{sentence.id}"
    return sentences


def find_leaks(folder: Path, sentences: WithheldSentences) -> Iterator[Problem]:
    """Yield a problem for each file of a folder and each withheld sentence in it (KB714)."""
    if not sentences:
        return
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            for name in sorted({name for text in decoded_texts(path) for name in _find(text, sentences)}):
                message = f"It contains the text of the sentence {name}, which must not be published."
                remedy = "Rephrase it in the record that it comes from."
                yield Problem(Place(path.relative_to(folder).as_posix()), "KB714", message, remedy)


def decoded_texts(path: Path) -> Iterator[str]:
    """Yield the texts of a file, unchanged and with the escapes of each format resolved; an archive has those of its files."""
    yield from _decode(path.name, path.read_bytes())


def _decode(name: str, data: bytes) -> Iterator[str]:
    if name.endswith(".zip"):
        with ZipFile(io.BytesIO(data)) as archive:
            for entry in archive.namelist():
                yield from _decode(entry, archive.read(entry))
    elif name.endswith(".parquet"):
        table = import_module("pyarrow.parquet").read_table(io.BytesIO(data))
        yield json.dumps(table.to_pylist(), ensure_ascii=False)
    else:
        text = (gzip.decompress(data) if name.endswith(".gz") else data).decode("utf-8", "replace")
        yield from {text, html.unescape(text), _ESCAPED.sub(_unescape, text), text.replace('""', '"')}


def _unescape(match: re.Match[str]) -> str:
    code = match[1]
    return chr(int(code[1:], 16)) if code[0] == "u" else {"n": "\n", "r": "\r", "t": "\t"}.get(code, code)


def _find(text: str, sentences: WithheldSentences) -> Iterator[str]:
    """Yield the names of the sentences in a text."""
    for end in (match.end() for match in _END.finditer(text)):
        for length, digests in sentences.items():
            start = end - length
            if start < 0 or not text[start].isalnum() or (start and text[start - 1].isalnum()):
                continue
            name = digests.get(sha256(text[start:end].encode("utf-8", "replace")).hexdigest())
            if name:
                yield name
