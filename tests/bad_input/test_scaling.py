"""Twice the input takes about twice the processor time, whatever its shape: no reader can be kept busy by a small file."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from kb.build import parts
from kb.build.chunks import Piece
from kb.escaping import hide_user
from kb.http_client import HttpResponse, RequestPolicy, Watchdog
from kb.importers.rows import Table
from kb.problems import KbError
from kb.push import comparison
from kb.queries import named
from kb.rdf.quads import literal
from kb.reports import versions
from kb.sparql import guard, result_formats
from kb.sparql.values import Answer
from kb.texts import normal_form, xml_text
from kb.texts import quote_errors as quote_errors_module
from kb.verification import cite, frequencies, passages

Read = Callable[[Path, bytes], object]


def records(name: str, kind: str = "fact") -> Read:
    def read(folder: Path, data: bytes) -> None:
        (folder / name).write_bytes(data)
        parts.forget_reread()
        list(parts.read_parts(Piece(kind, str(folder / name))))

    return read


def table(name: str) -> Read:
    def read(folder: Path, data: bytes) -> None:
        (folder / name).write_bytes(data)
        list(Table(folder / name, ["1", "2"], lambda _: None, header=False).rows())

    return read


def text(mediatype: str) -> Read:
    return lambda _, data: normal_form.parse(data, mediatype, "t")


def query(_: Path, data: bytes) -> None:
    named.parse_query(data.decode(), Path("q.rq"))
    list(guard.check(data.decode(), [], {}, "", max_length=1 << 30, max_depth=1 << 30))


def normalize(_: Path, data: bytes) -> None:
    comparison.normalize(data)


def quotes(_: Path, data: bytes) -> None:
    cite.parse_requests(data.decode(), "q")


def quote_errors(_: Path, data: bytes) -> None:
    for pattern in (quote_errors_module._ELLIPSIS, quote_errors_module._BRACKETED):
        pattern.sub("", data.decode())


def kind_of_text(_: Path, data: bytes) -> None:
    xml_text.identify(data)


def frequency(_: Path, data: bytes) -> None:
    frequencies.read_frequency(data.decode())


def address(_: Path, data: bytes) -> None:
    hide_user(data.decode())


def declared_words(_: Path, data: bytes) -> None:
    passages.find_wording(data.decode(), "a b")


def version(folder: Path, data: bytes) -> None:
    (folder / "v.nq").write_bytes(data)
    versions.read_version(str(folder / "v.nq"), "")


def answer_in_xml(_: Path, data: bytes) -> None:
    rows = ((literal(data.decode()),),)
    list(result_formats.find("xml").lines(Answer("select", ("x",), rows)))


class Page:
    """A response with a body."""

    status_code = 500
    headers: dict[str, str] = {}  # noqa: RUF012 - as httpx has it

    def __init__(self, body: bytes) -> None:
        self.body = body

    def iter_bytes(self) -> list[bytes]:
        return [self.body]


def excerpt(_: Path, data: bytes) -> None:
    HttpResponse(Page(data), Watchdog(RequestPolicy())).excerpt(str)  # type: ignore[arg-type] # a double


XHTML = b'<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "xhtml1-strict.dtd"><html><body><p>%b</p></body></html>'
JATS = b"<article><body><p>%b</p></body></article>"
#: A reader, the least size, and the input of a size.
SHAPES: dict[str, tuple[Read, int, Callable[[int], bytes]]] = {
    "json: keys": (records("a.json"), 20_000, lambda n: b"[{%b}]" % b",".join(b'"k%d":1' % i for i in range(n))),
    "json: repeated keys": (records("a.json"), 100_000, lambda n: b"[{%b}]" % b",".join([b'"k":1'] * n)),
    "json: empty records": (records("a.json"), 50_000, lambda n: b"[%b]" % b",".join([b"{}"] * n)),
    "yaml: records": (records("a.yaml"), 10_000, lambda n: b"- a: 1\n" * n),
    "yaml: keys": (records("a.yaml"), 10_000, lambda n: b"".join(b"k%d: 1\n" % i for i in range(n))),
    "yaml: anchors": (records("a.yaml"), 50_000, lambda n: b"".join(b"- &a%d x\n" % i for i in range(n))),
    "yaml: quoted lines": (records("a.yaml"), 50_000, lambda n: b'a: "%b"' % (b"b\n " * n)),
    "yaml: halves of merge conflicts": (records("a.yaml"), 2_000, lambda n: b"<<<<<<< a\n" * n),
    "json lines: blank": (records("a.jsonl"), 500_000, lambda n: b"\n" * n + b"{}"),
    "gzip: blank lines and empty records": (records("a.jsonl.gz"), 2_000, lambda n: gzip.compress((b"\n" * 200 + b"{}\n") * n)),
    "gzip: members": (records("a.jsonl.gz"), 10_000, lambda n: gzip.compress(b"") * n),
    "gzip: name in the header": (records("a.jsonl.gz"), 500_000, lambda n: b"\x1f\x8b\x08\x08\0\0\0\0\0\xff" + b"a" * n),
    "sssom: columns": (
        records("a.sssom.tsv", "mapping"),
        20_000,
        lambda n: b"\t".join([b"subject_id", *(b"c%d" % i for i in range(n))]) + b"\n" + b"x\t" * n + b"x\n",
    ),
    "sssom: heading": (records("a.sssom.tsv", "mapping"), 20_000, lambda n: b"#a: b\n" * n + b"subject_id\nx\n"),
    "csv: open quotes": (table("a.csv"), 50_000, lambda n: b'"a"b,c\n' * n),
    "csv: columns": (table("a.csv"), 100_000, lambda n: b",".join(b"c%d" % i for i in range(n))),
    "frequency: digits": (frequency, 2_000, lambda n: b"- < " + b"0" * n + b"x"),
    "html: nested": (text("text/html"), 20_000, lambda n: b"<div>" * n + b"a"),
    "html: formats": (text("text/html"), 20_000, lambda n: b"".join(b"<b class=%d>x<p>" % i for i in range(n))),
    "html: attributes": (text("text/html"), 20_000, lambda n: b"<p %b>x" % b" ".join(b"a%d=b" % i for i in range(n))),
    "html: blanks in a tag": (text("text/html"), 20_000, lambda n: b"<p" + b" " * n + b">x"),
    "html: superscripts": (text("text/html"), 5_000, lambda n: b"<p>a%b" % (b"<sup>1</sup>" * n)),
    "html: digits in a superscript": (text("text/html"), 5_000, lambda n: b"<p>a<sup>%b</sup>" % (b"1" * n)),
    "html: insertions after blanks": (text("text/html"), 5_000, lambda n: b"<p>a<p>" + b"<b> </b>" * n + b"<ins></ins>" * n),
    "xhtml: entities": (text("application/xhtml+xml"), 10_000, lambda n: XHTML % (b"a&nbsp;" * n)),
    "xhtml: entities below elements": (text("application/xhtml+xml"), 10_000, lambda n: XHTML % (b"<b/>a&nbsp;&nbsp;" * n)),
    "xhtml: character data": (text("application/xhtml+xml"), 20_000, lambda n: XHTML % (b"a<![CDATA[b]]>" * n)),
    "xhtml: comments": (text("application/xhtml+xml"), 20_000, lambda n: XHTML % (b"a<!-- b --><?c d?>" * n)),
    "jats: labels": (text("application/xml"), 5_000, lambda n: JATS % ("<label>•</label>".encode() * n)),
    "jats: citations": (text("application/xml"), 5_000, lambda n: JATS % (b"<xref ref-type='bibr'>1</xref>" * n)),
    "jats: notes": (text("application/xml"), 2_000, lambda n: JATS % (b"a<fn><p>b</p></fn>" * n)),
    "xml: comments before the root": (kind_of_text, 25, lambda n: b"<!--a-->" * n + b"x"),
    "markdown: blanks in the heading": (text("text/markdown"), 2_000, lambda n: b"---\ntitle: a" + b" " * n + b"b\n---\n"),
    "markdown: brackets": (text("text/markdown"), 3_000, lambda n: b"[" * n + b"a"),
    "markdown: links": (text("text/markdown"), 2_000, lambda n: b"[a](<b" * n),
    "query: strings": (query, 20_000, lambda n: b"SELECT * {%b}" % (b"'''" * n)),
    "query: prefixes": (query, 5_000, lambda n: b"PREFIX a: <x> " * n + b"ASK {}"),
    "query: open IRIs": (query, 50_000, lambda n: b"SELECT * {%b}" % (b"<" * n)),
    "store: quotation marks": (
        normalize,
        200_000,
        lambda n: b'<a> <b> "%b"^^<http://www.w3.org/2001/XMLSchema#x .\n' % (b'\\"' * n),
    ),
    "address: slashes": (address, 20_000, lambda n: b"https:" + b"/" * n),
    "declared words: blanks": (declared_words, 20_000, lambda n: b" " * n + b"a"),
    "quotes: rows": (quotes, 20_000, lambda n: b"quote\n" + b"a b\n" * n),
    "quotes: blanks": (quote_errors, 8_000, lambda n: b" " * n + b"a"),
    "quotes: brackets": (quote_errors, 20_000, lambda n: b"[(<{" * n),
    "version: quotation marks": (version, 8_000, lambda n: b"<a:a> <a:a> " + b'"a' * n),
    "answer in XML: blanks": (answer_in_xml, 20_000, lambda n: b"a" + b" " * n + b"a"),
    "page of an error: heads": (excerpt, 3_000, lambda n: b"<head " * n),
    "page of an error: tags": (excerpt, 20_000, lambda n: b"<a" * n),
}


@pytest.mark.long("it measures processor time with large inputs")
@pytest.mark.parametrize("shape", SHAPES)
def test_four_times_the_input_takes_about_four_times_as_long(shape: str, tmp_path: Path) -> None:
    read, size, make = SHAPES[shape]

    def measure(data: bytes) -> float:
        begun = time.process_time()
        with suppress(KbError, SyntaxError):
            read(tmp_path, data)
        return time.process_time() - begun

    small, large = make(size), make(4 * size)
    measure(small)
    ratios = [measure(large) / max(measure(small), 0.01) for _ in range(3)]
    assert min(ratios) < 8, ratios  # 16 for a quadratic reader
