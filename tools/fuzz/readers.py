"""The readers of input from elsewhere, each with inputs that it accepts, and how an input is mutated."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from kb import resources
from kb.build import parts
from kb.build.chunks import Piece
from kb.importers import vocabularies
from kb.importers.rows import Table
from kb.problems import KbError
from kb.push import comparison
from kb.queries import named
from kb.rdf.iris import Names
from kb.records import folder as records
from kb.release import checking
from kb.release.lineage import CHECKSUMS
from kb.reports import versions
from kb.sparql import guard, library
from kb.sparql.engines import remote
from kb.texts import normal_form, sentence_splitter, xml_text
from kb.verification import cite, frequencies

_TOKENS = (
    *(
        b'"',
        b"'",
        b"\\",
        b"{",
        b"}",
        b"[",
        b"]",
        b"(",
        b")",
        b"<",
        b">",
        b",",
        b":",
        b";",
        b"\t",
        b"\n",
        b"\r",
        b"\r\n",
        b"\0",
        b" ",
    ),
    *(
        b"]]",
        b"}}",
        b'{"a":1,"a":2}',
        b"1e999",
        b"NaN",
        b"-0",
        b"1" * 400,
        b"\\ud800",
        b"\\u0000",
        b"\xff",
        b"\xed\xa0\x80",
        b"\xef\xbb\xbf",
    ),
    *(
        "\u202e".encode(),
        "\u2028".encode(),
        b"\x1b[31m",
        b"- ",
        b"? ",
        b": ",
        b"&a ",
        b"*a ",
        b"!!python/x ",
        b"<<: ",
        b"---\n",
        b"|\n",
        b">\n",
    ),
    *(
        b"#",
        b"%",
        b"@",
        b"`",
        b"~",
        b"null",
        b"true",
        b"''",
        b'""',
        b"'''",
        b'"""',
        b"<!--",
        b"<![CDATA[",
        b"&#x0;",
        b"&amp",
        b"</",
    ),
    *(
        b"SELECT",
        b"FROM",
        b"VALUES ?x { UNDEF }",
        b"PREFIX",
        b"SERVICE",
        b"\\u0053",
        b"_:",
        b"^^",
        b"@en",
        b"<<( ",
        b" )>>",
        b".",
    ),
    *(
        b"id: ",
        b"javascript:",
        b"file:///",
        b"../",
        b"\x1f\x8b",
        b"PAR1",
        b"subject_id",
        b"2026-02-30",
        b"$",
        b"*" * 60,
        b"[" * 70,
        b"{" * 70,
    ),
)


class Reader(NamedTuple):
    """A reader with inputs that it accepts; ``weight`` is how often it is chosen, and ``read`` gets an input."""

    name: str
    weight: float
    seeds: list[bytes]
    read: Callable[[bytes], object]


def make_readers(folder: Path) -> list[Reader]:
    """Make the readers; they write their input to files in a folder."""
    good = Path(__file__).parents[2] / "tests/bad_input/good"
    kinds = {"kb.yaml": "kb", "predicates.yaml": "predicate", "documents/leaflet.yaml": "document"}
    kinds |= {"facts/leaflet.yaml": "fact", "terms/terms.yaml": "term"}
    values: dict[str, Any] = {kind: (good / name).read_bytes() for name, kind in kinds.items()}
    plain = {kind: [record.value for record in records.read_file(good / name, kind)] for name, kind in kinds.items()}
    lines = {kind: b"".join(json.dumps(value).encode() + b"\n" for value in many) for kind, many in plain.items()}
    table = b"drug,effect,severity\n" + b"".join(b'aspirin,"pain, %d",mild\n' % number for number in range(20))
    queries = [path.read_bytes() for path in sorted((resources.content() / "queries").glob("*.rq"))[:12]]
    xsd = "http://www.w3.org/2001/XMLSchema#"
    literal = {"type": "literal", "value": "1", "datatype": f"{xsd}integer"}
    bindings = [{"a": {"type": "uri", "value": "http://x/"}, "b": literal}, {"a": {"type": "bnode", "value": "b0"}}]
    bindings += [{"b": {"type": "literal", "value": "x", "xml:lang": "en"}}]
    answer = json.dumps({"head": {"vars": ["a", "b"]}, "results": {"bindings": bindings}}).encode()
    objects = (f'"1.50"^^<{xsd}decimal>', '"x\\ny"@en', f'"P1Y2M"^^<{xsd}duration>', f'"1e9"^^<{xsd}double>', "<http://x/c>")
    triples = "".join(f"<http://x/a> <http://x/b> {term} .\n" for term in objects).encode()
    quads = triples.replace(b" .\n", b" <http://x/g> .\n")
    html = b"<html><body><h1>A</h1><p>One <b>two</b>. Three.</p><table><tr><td>a<td>b</table><ul><li>c<li>d</ul></body></html>"
    jats = (
        b"<article xml:lang='en'><front><article-meta><title-group><article-title>A</article-title></title-group></article-meta>"
    )
    jats += (
        b"</front><body><sec><title>B</title><p>One<sup>2</sup>. <xref ref-type='bibr'>3</xref></p><table-wrap><caption><p>C</p>"
    )
    jats += b"</caption><table><tr><th rowspan='2'>a</th><th>b</th></tr><tr><td>c</td></tr></table>"
    jats += b"</table-wrap></sec></body></article>"
    spl = b"<document xmlns='urn:hl7-org:v3'><title>A</title><setId root='1-2'/><effectiveTime value='20260131'/><component>"
    spl += b"<structuredBody><component><section><code code='34084-4'/><title>1 B</title><text>"
    spl += b"<paragraph>One <sub>2</sub>.</paragraph><list><item>c</item></list></text></section></component>"
    spl += b"</structuredBody></component></document>"
    div = "<div xmlns='http://www.w3.org/1999/xhtml'><p>One. <b>Two</b>&#160;<del>3</del></p></div>"
    composition = {"resourceType": "Composition", "title": "A", "section": [{"title": "B", "text": {"div": div}}]}
    fhir = b"<Composition xmlns='http://hl7.org/fhir'><title value='A'/><section><text>%b</text></section></Composition>"
    obo = b"format-version: 1.2\nontology: a\n\n[Term]\nid: HP:1\nname: a\nalt_id: HP:2\n"
    obo += b"\n[Term]\nid: HP:3\nis_obsolete: true\nreplaced_by: HP:1\n"
    markdown = b"---\na: b\n---\n# A\n\nOne *two* [x](y). `z`\n\n- a\n- b\n\n| a | b |\n|---|---|\n| c | d |\n"
    requests = b'quote\tdocument\tfact\nIt may cause itch.\tleaflet\t\n"x"\tleaflet\ta\n'
    return [
        *(Reader(f"{kind}.yaml", 8, [data], _records(folder, f"{kind}.yaml", kind)) for kind, data in values.items()),
        *(
            Reader(f"{kind}.json", 6, [json.dumps(plain[kind], indent=1).encode()], _records(folder, f"{kind}.json", kind))
            for kind in plain
        ),
        *(Reader(f"{kind}.jsonl", 6, [data], _records(folder, f"{kind}.jsonl", kind)) for kind, data in lines.items()),
        Reader("fact.jsonl.gz", 4, [gzip.compress(lines["fact"], mtime=0)], _records(folder, "fact.jsonl.gz", "fact")),
        Reader(
            "fact.jsonl in gz", 3, [lines["fact"]], lambda data: _records(folder, "in.jsonl.gz", "fact")(gzip.compress(data, 1))
        ),
        Reader("fact.jsonl.zst", 4, _compress(lines["fact"]), _records(folder, "fact.jsonl.zst", "fact")),
        Reader(
            "fact.parquet",
            2,
            _to_parquet([fact for fact in plain["fact"] if isinstance(fact["object"], str)]),
            _records(folder, "fact.parquet", "fact"),
        ),
        Reader(
            "mapping.sssom.tsv", 8, [(good / "mappings/hp.sssom.tsv").read_bytes()], _records(folder, "a.sssom.tsv", "mapping")
        ),
        Reader("verification.yaml", 3, [_VERIFICATION], _records(folder, "v.yaml", "verification")),
        Reader("table.csv", 6, [table], _table(folder, "t.csv")),
        Reader("table.tsv", 6, [table.replace(b", ", b" ").replace(b",", b"\t")], _table(folder, "t.tsv")),
        Reader("table.csv.gz", 3, [gzip.compress(table, mtime=0)], _table(folder, "t.csv.gz")),
        Reader("query.rq", 8, queries, _query),
        Reader(
            "endpoint.json",
            8,
            [answer],
            lambda data: remote.parse(remote.RemoteResponse("u", "application/sparql-results+json", data)),
        ),
        Reader("endpoint.nt", 6, [triples], lambda data: remote.parse(remote.RemoteResponse("u", "application/n-triples", data))),
        Reader("store.nt", 4, [triples], _compare),
        Reader("version.nq", 4, [quads], _version(folder)),
        Reader("text.txt", 3, [b"One. Two e.g. three.\n\n- a\n- b\n"], _text("text/plain")),
        Reader("text.md", 4, [markdown], _text("text/markdown")),
        Reader("text.html", 6, [html], _text("text/html")),
        Reader("text.xml", 4, [jats, spl], _text("application/xml")),
        Reader("text.xhtml", 3, [div.encode()], _text("application/xhtml+xml")),
        Reader("text.fhir", 2, [fhir % div.encode()], _text("application/fhir+xml")),
        Reader("text.fhir.json", 2, [json.dumps(composition).encode()], _text("application/fhir+json")),
        Reader("text of some kind", 2, [jats, spl, html, div.encode(), markdown], xml_text.identify),
        Reader("vocabulary.obo", 1, [obo], _vocabulary(folder, "v.obo")),
        Reader("vocabulary.ttl", 1, [b"<http://x/a> a <http://x/b> ; <http://x/c> 'd'@en ."], _vocabulary(folder, "v.ttl")),
        Reader("frequency", 1, [b"1 (0.5%)", b"<10%", b"1/100 to 1/10", b">=1/100 to <1/10"], _frequency),
        Reader(
            "quotes",
            4,
            [requests, b'{"quote":"a","document":"b"}\n'],
            lambda data: cite.parse_requests(data.decode("utf-8", "replace"), "q"),
        ),
        Reader("release", 0.05, [], _release(folder)),
    ]


_VERIFICATION = b"document: leaflet\nsha256: " + b"0" * 64 + b"\nrules: 1\nfacts:\n  - {fact: a/b/c, digest: " + b"e" * 64
_VERIFICATION += b", verdict: passed, checked: [claim], when: '2026-01-01T00:00:00Z'}\n"


def _compress(data: bytes) -> list[bytes]:
    from kb.files import compression

    return [b"".join(compression.compressor("zst")([data]))]


def _to_parquet(values: list[Any]) -> list[bytes]:
    import io

    import pyarrow as pa
    import pyarrow.parquet as pq

    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(values), file)
    return [file.getvalue()]


def _records(folder: Path, name: str, kind: str) -> Callable[[bytes], object]:
    path = folder / name

    def read(data: bytes) -> None:
        path.write_bytes(data)
        parts.forget_reread()
        problems = [problem for part in parts.read_parts(Piece(kind, str(path))) for problem in part.problems]
        if problems:
            raise KbError(problems)

    return read


def _table(folder: Path, name: str) -> Callable[[bytes], object]:
    path = folder / name

    def read(data: bytes) -> None:
        path.write_bytes(data)
        problems: list[Any] = []
        for _ in Table(path, ["drug", "effect"], problems.append).rows():
            pass
        if problems:
            raise KbError(problems)

    return read


def _query(data: bytes) -> None:
    from kb.files import text_file

    text = text_file.decode(data, "q.rq")
    query = named.parse_query(text, Path("q.rq"))
    library.bind(query, dict.fromkeys(query.parameters, "UNDEF"))
    problems = list(guard.check(text, [], {"a": "http://a/"}, "http://b/"))
    if problems:
        raise KbError(problems)


def _compare(data: bytes) -> None:
    for line in data.splitlines(keepends=True):
        try:
            comparison.normalize(comparison.rewrite(line))
        except (SyntaxError, ValueError):  # which the caller reports as an answer that is not RDF
            continue


def _version(folder: Path) -> Callable[[bytes], object]:
    path = folder / "v.nq"

    def read(data: bytes) -> None:
        path.write_bytes(data)
        versions.read_version(str(path), "")

    return read


def _text(mediatype: str) -> Callable[[bytes], object]:
    def read(data: bytes) -> None:
        for _ in sentence_splitter.split(normal_form.parse(data, mediatype, "t")):
            pass

    return read


def _vocabulary(folder: Path, name: str) -> Callable[[bytes], object]:
    path, names = folder / name, Names("http://x/", {"HP": "http://purl.obolibrary.org/obo/HP_"})

    def read(data: bytes) -> None:
        path.write_bytes(data)
        vocabularies.read_vocabulary(path, names)

    return read


def _frequency(data: bytes) -> None:
    frequencies.read_frequency(data.decode("utf-8", "replace"))


def _release(folder: Path) -> Callable[[bytes], object]:
    """Check a small release with one damaged file, whose checksum is right; the input chooses the file and the damage."""
    top = folder / "release"

    def read(data: bytes) -> None:
        if not top.exists():
            from kb import pipeline
            from kb.release import making

            making.make(pipeline.load(Path(__file__).parents[2] / "tests/bad_input/good"), top)
        names = sorted(path for path in top.rglob("*") if path.is_file() and path.name != CHECKSUMS)
        chooser = random.Random(data)
        path = chooser.choice(names)
        before, sums = path.read_bytes(), (top / CHECKSUMS).read_bytes()
        changed = mutate(before[:200_000], chooser, [b""])
        old, new = (sha256(content).hexdigest().encode() for content in (before, changed))
        path.write_bytes(changed)
        (top / CHECKSUMS).write_bytes(sums.replace(old, new))
        try:
            problems = checking.check_release(top)
        finally:
            path.write_bytes(before)
            (top / CHECKSUMS).write_bytes(sums)
        if problems:
            raise KbError(problems)

    return read


def mutate(data: bytes, chooser: random.Random, others: list[bytes]) -> bytes:
    """Change an input in one to six places."""
    changed = bytearray(data)
    for _ in range(chooser.choice((1, 1, 1, 2, 3, 6))):
        at = chooser.randrange(len(changed) + 1)
        end = min(len(changed), at + chooser.choice((1, 1, 4, 20, 200)))
        match chooser.randrange(9):
            case 0 if changed:
                changed[at % len(changed)] ^= 1 << chooser.randrange(8)
            case 1:
                changed[at:end] = b""
            case 2 | 3:
                changed[at:at] = chooser.choice(_TOKENS)
            case 4:
                changed[at:end] = chooser.choice(_TOKENS)
            case 5:
                changed[at:at] = changed[at:end] * chooser.choice((1, 2, 2, 30, 30, 2_000))
            case 6:
                del changed[at:]
            case 7:
                other = chooser.choice(others)
                start = chooser.randrange(len(other) + 1)
                changed[at:end] = other[start : start + 50]
            case _:
                changed[at:at] = bytes(chooser.randrange(256) for _ in range(chooser.choice((1, 2, 8))))
    return bytes(changed)
