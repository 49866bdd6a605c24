"""Read documents back from the RDF of a knowledge base: their sentences, results of verification, and texts that ship."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

from kb.importers.rdf_records import Frame, RdfRecords, find_frame
from kb.texts.normal_form import LARGEST, digest

Value = dict[str, Any]


class ReadDocument(NamedTuple):
    """A document: its record, that of its results of verification, and its text, if all of that can be put together."""

    record: Value
    results: Value
    words: str


class _Passage(NamedTuple):
    """The words of a sentence, from a position on, with what stands around them."""

    start: int
    exact: str
    prefix: str
    suffix: str


def read_documents(graph: RdfRecords) -> list[ReadDocument]:
    """Read all documents."""
    frames = {name: find_frame(name, "document", name.lower()) for name in ("Section", "Sentence")}
    below = {name: _group(graph, frame) for name, frame in frames.items()}
    below["Verification"] = _group(graph, find_frame("Verification", "verification", "result"))
    nodes = graph.instances(find_frame("Document"))
    return [_read_document(graph, node, *(below[name][graph.name(node, "document")] for name in below)) for node in nodes]


def _group(graph: RdfRecords, frame: Frame) -> defaultdict[str, list[Value]]:
    """Read the nodes of a class by the document to which they belong."""
    grouped = defaultdict[str, list[Value]](list)
    for node in graph.instances(frame):
        value = graph.read(frame, node)
        for document in value.pop("document", ()):
            grouped[document].append(value)
    return grouped


def _read_document(
    graph: RdfRecords, node: str, sections: list[Value], sentences: list[Value], results: list[Value]
) -> ReadDocument:
    value: Value = {"id": graph.name(node, "document"), **graph.read(find_frame("Document"), node)}
    standing = {key: value.pop(f"standing-{key}")[0] for key in ("since", "source") if f"standing-{key}" in value}
    if "standing" in value:
        value["standing"] = {"is": value["standing"], **standing}
    if "evidence" in value:
        value["evidence"] = graph.compact(value["evidence"])
    passages: list[_Passage] = []
    value["sentences"] = [_read_sentence(graph, sentence, passages) for sentence in sentences]
    value["sentences"].sort(key=lambda sentence: (sentence.get("start", 0), sentence.get("id", "")))
    used = {int(str(sentence["id"])[1:].partition(".")[0] or 0) for sentence in value["sentences"] if _is_numbered(sentence)}
    own = [section for section in sections if len(section) > 1 or section.get("number") not in used]
    if own:
        value["sections"] = sorted(own, key=lambda section: int(section.get("number", 0)))
    of_all: Value = {key: result.pop(key)[0] for result in results for key in ("sha256", "rules") if key in result}
    start = f"{graph.base}fact/{value['id']}/"
    for result in results:
        result["fact"] = str(result.get("fact", "")).removeprefix(start)
    verified = {"document": value["id"], **of_all, "facts": results} if results else {}
    return ReadDocument(value, verified, _join(passages, value))


def _is_numbered(sentence: Value) -> bool:
    return str(sentence.get("id", ""))[1:].partition(".")[0].isdecimal()


def _read_sentence(graph: RdfRecords, read: Value, passages: list[_Passage]) -> Value:
    """Read a sentence with its position and its exemption; append its words, if they ship."""
    value: Value = {key: read[key] for key in ("id", "sha256") if key in read}
    frames = find_frame("Position", "document", "sentence"), find_frame("Quote", "document", "sentence")
    for selector in read.get("position", ()):
        position, quote = (graph.read(frame, f"<{selector}>") for frame in frames)
        value |= {key: position[key] for key in ("start", "end") if key in position}
        if "exact" in quote:
            around = ("".join(quote.get(key, ())) for key in ("prefix", "suffix"))
            passages.append(_Passage(-1, "".join(quote["exact"]), *around))
    if passages and passages[-1].start < 0:
        passages[-1] = passages[-1]._replace(start=int(value.get("start", 0)))
    if "reason" in read:
        exempt = {"reason": read["reason"][0], "by": [other.rpartition("/")[2] for other in read.get("by", ())]}
        value["exempt"] = {
            **{key: own for key, own in exempt.items() if own},
            **({"note": read["note"][0]} if "note" in read else {}),
        }
    return value


def _join(passages: Iterable[_Passage], document: Value) -> str:
    """Join the passages of a text with what stands between them; nothing if that is not the text of the document."""
    words, after, size = [""], "", 0
    for passage in sorted(passages):
        gap = passage.start - size
        if not 0 <= gap <= len(after) + len(passage.prefix) or size > LARGEST:
            return ""
        between = after[:gap] if gap <= len(after) else after + passage.prefix[len(after) - gap :]
        words += (between, passage.exact)
        after, size = passage.suffix, passage.start + len(passage.exact)
    text = "".join([*words, after])
    return text if digest(text) == document.get("words-sha256", document.get("sha256")) else ""
