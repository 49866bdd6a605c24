"""Whether a text that is held elsewhere has got into a release: its sentences are known by length and digest alone.

Every stretch of a file that begins and ends like a sentence and is as long as one is hashed; so no text is needed to find
one. Packed files are looked into, and what formats escape is unescaped first.
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

from kb.model import KnowledgeBase
from kb.problems import Place, Problem

#: Length in code points to the digests of the held sentences of that length, each with its name.
Held = Mapping[int, Mapping[str, str]]

_END = re.compile("""[.!?:;…"'\u201d\u2019)](?=$|[\\s"'<>|,;)\\\\&]|[A-Z])""")
_ESCAPED = re.compile(r'\\(u[0-9A-Fa-f]{4}|["\\/nrt])')
#: Shorter sentences are words that anybody uses.
_SHORTEST = 20


def held(kb: KnowledgeBase) -> Held:
    """Give the sentences of the documents whose text may not travel."""
    found: dict[int, dict[str, str]] = {}
    for document in kb.documents.values():
        if document.text == "held-elsewhere":
            for sentence in document.sentences:
                length = sentence.end - sentence.start
                if length >= _SHORTEST and not sentence.is_heading:
                    found.setdefault(length, {})[sentence.sha256] = f"{document.id}/{sentence.id}"
    return found


def search(folder: Path, sentences: Held) -> Iterator[Problem]:
    """Search every file of a folder for held sentences (KB714)."""
    if not sentences:
        return
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            names = {name for text in texts(path) for name in find(text, sentences)}
            for name in sorted(names):
                message = f"It holds the text of the sentence {name}, which is held elsewhere."
                remedy = "Say it in words of our own in the record that it comes from."
                yield Problem(Place(path.relative_to(folder).as_posix()), "KB714", message, remedy)


def texts(path: Path) -> Iterator[str]:
    """Give the text of a file: as it stands, and with what formats escape unescaped."""
    if path.suffix == ".parquet":
        table = import_module("pyarrow.parquet").read_table(io.BytesIO(path.read_bytes()))
        yield json.dumps(table.to_pylist(), ensure_ascii=False)
        return
    data = path.read_bytes()
    if path.suffix == ".gz":
        data = gzip.decompress(data)
    text = data.decode("utf-8", "replace")
    yield text
    for plain in (html.unescape(text), _ESCAPED.sub(_unescape, text), text.replace('""', '"')):
        if plain != text:
            yield plain


def _unescape(found: re.Match[str]) -> str:
    code = found[1]
    return chr(int(code[1:], 16)) if code[0] == "u" else {"n": "\n", "r": "\r", "t": "\t"}.get(code, code)


def find(text: str, sentences: Held) -> Iterator[str]:
    """Name the sentences that a text holds."""
    for end in (match.end() for match in _END.finditer(text)):
        for length, digests in sentences.items():
            start = end - length
            if start < 0 or not text[start].isalnum() or (start and text[start - 1].isalnum()):
                continue
            name = digests.get(sha256(text[start:end].encode("utf-8", "replace")).hexdigest())
            if name:
                yield name
