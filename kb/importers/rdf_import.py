"""Turn an export, a release or nanopublications of ``kb`` back into the files of a knowledge base.

A release holds its records. From RDF, records are read back (:mod:`kb.importers.rdf_records`); the statements that these records
make again are then compared with those of the file, so that nothing is lost silently.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from kb.build import step
from kb.checks import json_schema
from kb.files import boundary, text_file
from kb.formats.rdf_reader import SUFFIXES as RDF_SUFFIXES
from kb.formats.rdf_reader import read_statements
from kb.formats.tables import mapping_set
from kb.importers.rdf_documents import read_documents
from kb.importers.rdf_records import RdfRecords, Value
from kb.importers.rdf_vocabulary import read_declared
from kb.model import KnowledgeBase, Record
from kb.problems import KbError, Place, Problem, fail, quote
from kb.rdf import facts, nanopubs, value_groups
from kb.rdf.compilation import Compilation
from kb.rdf.facts import Model
from kb.rdf.iris import DCTERMS, KB, NP, RDFS, SKOS, VOID, names_of
from kb.rdf.quads import Quad, iri, iri_value, literal_value
from kb.records import resolve
from kb.release.lineage import CHECKSUMS, RECORDS
from kb.reports.versions import find_export
from kb.schema import vocabulary
from kb.texts.normal_form import SUFFIXES
from kb.texts.sources import SHIPPED

_LARGEST = 1 << 30  # bytes of the records in a release, which are held in memory
_PATH = re.compile(r"(?:\w[\w.-]*/)*\w[\w.-]*", re.ASCII)
_LEFT_OUT = "kb.yaml has only what exports carry; biolink.yaml, cues, queries, comments and the order of lists are not in RDF."
_NANOPUBS = (
    "Nanopublications have no definitions, kinds, mappings, exemptions or uncited sentences: kinds and definitions are made up."
)
_UNKNOWN = "Known by its label alone, from nanopublications."
_SPACE, _PART_OF, _CREATED, _LICENSE, _CREATOR = (
    iri(name) for name in (f"{VOID}uriSpace", *(DCTERMS + key for key in ("isPartOf", "created", "license", "creator")))
)
_LABEL, _PREFERRED, _NANOPUB, _COUNT = (
    iri(f"{RDFS}label"),
    iri(f"{SKOS}prefLabel"),
    iri(f"{NP}Nanopublication"),
    iri(f"{KB}facts"),
)
_CODE = re.compile(r"(?<=/np/)RA[A-Za-z0-9_-]{43}(?=[#>])")
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(slots=True)
class ReadBase:
    """The contents of a knowledge base, from another form of it.

    Args:
        source: What messages call it.
        records: The records of each file, with their kind; a mapping is a file of one record.
        files: Other files.
        quads: The statements that it was read from, if it was.
        model: The statement model of these.
        notes: What they do not carry.
    """

    source: str
    records: dict[str, tuple[str, Any]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    quads: list[Quad] = field(default_factory=list)
    model: Model = "full"
    notes: list[str] = field(default_factory=list)

    def find_lost(self, kb: KnowledgeBase) -> list[tuple[str, ...]]:
        """Return the statements that the new knowledge base does not make again, in whatever nanopublication."""
        made: Iterable[Quad] = Compilation(kb).full
        if self.model == "nanopubs":
            made = nanopubs.compile_nanopubs(kb, names_of(kb), nanopubs.read_published(self.quads))
        size = 4 if all(quad.graph for quad in self.quads) else 3
        known = {tuple(_CODE.sub("", term) for term in quad[:size]) for quad in made}
        return sorted(quad[:size] for quad in self.quads if tuple(_CODE.sub("", term) for term in quad[:size]) not in known)


def read_base(source: Path) -> ReadBase:
    """Read a release, a folder of exports, or a file of RDF.

    Raises:
        KbError: It is none of a knowledge base (KB821), was damaged (KB712), or cannot be read.
    """
    if boundary.exists(source / RECORDS):
        return _read_release(source)
    path = find_export(source)
    if not path.name.endswith(RDF_SUFFIXES):
        remedy = f"Name a release, or a file that ends in {', '.join(RDF_SUFFIXES)}."
        raise fail("KB821", "It is neither a release nor a file of RDF that is read.", remedy, str(source))
    quads, prefixes = read_statements(path, within=source if source.is_dir() else None)
    with text_file.report_as_input(str(path)):
        return _read_quads(quads, prefixes, str(path))


def _read_release(folder: Path) -> ReadBase:
    """Read the records of a release, which must have the digest that it states of them."""
    data = text_file.read_bytes(folder / RECORDS, str(folder / RECORDS), _LARGEST, folder)
    sums = text_file.read_bytes(folder / CHECKSUMS, str(folder / CHECKSUMS), within=folder).decode("utf-8", "replace")
    if f"{sha256(data).hexdigest()}  {RECORDS}" not in sums.splitlines():
        raise fail("KB712", f"{RECORDS} is not the one of {CHECKSUMS}.", "Get the release again.", str(folder / RECORDS))
    base, left = ReadBase(str(folder)), _LARGEST
    with text_file.report_as_input(str(folder / RECORDS)), ZipFile(BytesIO(data)) as archive:
        for entry in archive.infolist():
            left -= entry.file_size  # no more is read of it
            if not _PATH.fullmatch(entry.filename) or entry.filename in base.files or left < 0:
                message = f"{RECORDS} holds too much, or a file with an unsafe name: {quote(entry.filename)}."
                raise fail("KB712", message, "Get the release again.", str(folder / RECORDS))
            base.files[entry.filename] = archive.read(entry)
    return base


def _read_quads(quads: list[Quad], prefixes: dict[str, str], source: str) -> ReadBase:
    vocabulary.use("")
    base, model = _find_base(quads, source)
    graph = RdfRecords(quads, base, prefixes, source)
    declared = {"vocabulary": words} if (words := read_declared(graph)) else {}
    if declared:
        _use_declared({**graph.read_dataset(), **declared}, source)
    read = ReadBase(source, quads=quads, model=model, notes=[_LEFT_OUT if model == "full" else _NANOPUBS])
    claims = list(graph.read_facts())
    counts = [literal_value(term).value for term in graph.find_values(iri(base), _COUNT)]
    if model == "full" and counts != [str(sum("object" in value for _, value in claims))]:
        message = f"It should have {', '.join(counts) or 'a number of'} described facts, and has {len(claims)}."
        raise fail("KB821", message, "Export with '--statements full', or nanopubs.", source)
    documents = read_documents(graph)
    if model == "nanopubs":
        _require_shared_words(quads, base, source)
        terms, predicates = _complete(graph, claims)
        dataset = _describe(graph)
        known = {"topic": {term["id"] for term in terms}, "replaces": {document.record["id"] for document in documents}}
        for record, key in ((document.record, key) for document in documents for key in known if key in document.record):
            record[key] = [name for name in record[key] if name in known[key]]
    else:
        terms, predicates, dataset = (
            graph.read_vocabulary("Term"),
            graph.read_vocabulary("Predicate"),
            graph.read_dataset() | declared,
        )
    stated = defaultdict[str, list[Value]](list)
    for _, value in claims:
        stated[str(value.pop("document", ""))].append(value)
    _require_ids([*stated, *(str(value.record["id"]) for value in documents)], source)
    for document in documents:
        _add_document(read, document.record, document.results, document.words)
    read.records |= {f"facts/{name}.yaml": ("fact", values) for name, values in stated.items()}
    read.records |= {"terms/terms.yaml": ("term", terms), "predicates.yaml": ("predicate", predicates)}
    mappings = list(graph.read_mappings())
    dataset["prefixes"] = dict(sorted(graph.prefixes.items()))  # with those that were made on the way
    read.records["kb.yaml"] = ("kb", dataset)
    read.records = {path: record for path, record in read.records.items() if record[1]}
    checked = {**read.records, "mappings/": ("mapping", mappings)}
    problems = [*graph.problems, *(problem for path, record in checked.items() for problem in _check(source, path, *record))]
    if problems:
        raise KbError(problems)
    if mappings:
        read.files |= dict(_write_mappings(dataset, terms, predicates, mappings))
    return read


def _use_declared(about: Value, source: str) -> None:
    """Take the vocabulary of a knowledge base in use.

    Raises:
        KbError: It is invalid.
    """
    _, problems = step.resolve_record(Record("kb", about, Place(source)), is_clean=False)
    if problems:
        raise KbError(problems)
    vocabulary.use(vocabulary.declare(about))


def _check(source: str, path: str, kind: str, value: Any) -> Iterator[Problem]:
    """Check the records of a file against their schema; a problem names the record that the RDF would become."""
    for number, one in enumerate(value if isinstance(value, list) else [value], 1):
        name = one.get("id") or "/".join(str(one[key]) for key in ("subject", "predicate", "object") if key in one) or number
        yield from json_schema.check(Record(kind, one, Place(f"{source} ({path} {name})")))


def _find_base(quads: Iterable[Quad], source: str) -> tuple[str, Model]:
    """Find the base IRI of the knowledge base that statements describe, or whose nanopublications they are."""
    described = {
        iri_value(quad.subject)
        for quad in quads
        if quad.predicate == _SPACE and literal_value(quad.object).value == quad.subject[1:-1]
    }
    published = {quad.subject for quad in quads if quad.object == _NANOPUB}
    parts = {iri_value(quad.object) for quad in quads if quad.predicate == _PART_OF and quad.subject in published}
    bases = described or (parts if any(quad.object == facts.FACT for quad in quads) else set())
    if len(bases) == 1:
        return next(iter(bases)), "full" if described else "nanopubs"
    what = f"It describes {len(bases)} knowledge bases" if bases else "It describes no knowledge base (void:uriSpace)"
    remedy = "Name an export of one knowledge base; 'kb propose FILE' looks for the statements of other RDF in texts."
    raise fail("KB821", f"{what}, as exports of kb describe one.", remedy, source)


def _require_ids(names: Iterable[str], source: str) -> None:
    problems = [
        Problem(Place(source), "KB821", f"{name[:100]!r} is no id of a document.", "Export the knowledge base again.")
        for name in sorted(set(names))
        if not _ID.fullmatch(name)
    ]
    if problems:
        raise KbError(problems)


def _require_shared_words(quads: Iterable[Quad], base: str, source: str) -> None:
    """Refuse nanopublications with qualifiers of one's own: whether these restrict, and what they take, is not in them."""
    if own := next((quad.predicate for quad in quads if quad.predicate.startswith(f"<{base}vocabulary/")), ""):
        message = f"{own} is a word of the knowledge base's own, which nanopublications use and do not define."
        raise fail("KB821", message, "Name a release, or an export with '--statements full'.", source)


def _add_document(read: ReadBase, value: Value, results: Value, words: str) -> None:
    """Add a document, with its text if that ships and can be put together again."""
    name = value["id"]
    if value.get("text") == SHIPPED:
        if words and "words-sha256" not in value:
            read.files[f"documents/{name}{SUFFIXES.get(value.get('mediatype', ''), '.txt')}"] = words.encode("utf-8")
        else:
            value["text"] = "held-elsewhere"
            read.notes.append(f"The text of {name} cannot be put together; put its file into documents/, with 'text: {SHIPPED}'.")
    read.records[f"documents/{name}.yaml"] = ("document", value)
    if results:
        read.records[f"verification/{name}.yaml"] = ("verification", results)


def _write_mappings(
    dataset: Value, terms: list[Value], predicates: list[Value], mappings: list[Value]
) -> Iterator[tuple[str, bytes]]:
    """Write mappings as their sets: that of the knowledge base, and those of others."""

    def resolved(parse: Any, kind: str, values: Iterable[Value]) -> dict[str, Any]:
        return {str(value.get("id")): parse(Record(kind, value, Place(""))) for value in values}

    matches = tuple(resolve.parse_mapping(Record("mapping", value, Place(""))) for value in mappings)
    about = resolve.parse_dataset(Record("kb", dataset, Place("")))
    known = (
        resolved(partial(resolve.parse_term, language=about.language), "term", terms),
        resolved(partial(resolve.parse_predicate, language=about.language), "predicate", predicates),
    )
    for file in mapping_set.list_sets(KnowledgeBase(Path(), about, {}, *known, (), matches)):
        yield f"mappings/{file.name}.sssom.tsv", "".join(file.lines()).encode("utf-8")


def _complete(graph: RdfRecords, claims: list[tuple[str, Value]]) -> tuple[list[Value], list[Value]]:
    """Make terms and predicates of the labels in nanopublications, with kinds and qualifiers that their facts allow."""
    qualifiers, terms_of, every = vocabulary.qualifiers(), vocabulary.term_qualifiers(), tuple(vocabulary.values("kind"))
    kinds: dict[str, tuple[str, ...]] = {}
    predicates = defaultdict[str, defaultdict[str, set[str]]](lambda: defaultdict(set))
    for _, fact in claims:
        own = {name: value for name, value in fact.items() if name in terms_of}
        for name, term in ({"subject": fact["subject"], "object": fact["object"]} | own).items():
            members = term.values() if isinstance(term, dict) and term.keys() <= value_groups.CLASSES.keys() else ()
            for one in [term] if isinstance(term, str) else [one for group in members for one in group]:
                allowed = terms_of[name] if name in own else every
                kinds[one] = tuple(kind for kind in kinds.get(one, allowed) if kind in allowed) or kinds[one]
    chosen = {term: "concept" if "concept" in allowed else allowed[0] for term, allowed in kinds.items()}
    for path, fact in claims:
        keys, obj = predicates[fact["predicate"]], fact["object"]
        keys["subject"].add(chosen[fact["subject"]])
        keys["object"].add(chosen[obj] if isinstance(obj, str) else "quantity" if "unit" in obj else "literal")
        keys["qualifiers"] |= fact.keys() & qualifiers.keys() - {"modality", "polarity"}
        bare = graph.find_values(iri(f"{graph.base}term/{fact['subject']}"), iri(f"{graph.base}predicate/{fact['predicate']}"))
        if not {*bare}.isdisjoint(graph.find_values(iri(graph.base + path), facts.OBJECT)):
            keys["plain"].add(fact["modality"])
    terms = [{"id": name, "kind": kind, **_name(graph, f"term/{name}", _PREFERRED)} for name, kind in sorted(chosen.items())]
    return terms, [
        {"id": name, **_name(graph, f"predicate/{name}", _LABEL), **{key: sorted(own) for key, own in keys.items() if own}}
        for name, keys in sorted(predicates.items())
    ]


def _name(graph: RdfRecords, path: str, predicate: str) -> Value:
    labels = [literal_value(term).value for term in graph.find_values(iri(graph.base + path), predicate)]
    return {"label": (labels or [path.rpartition("/")[2]])[0], "definition": _UNKNOWN}


def _describe(graph: RdfRecords) -> Value:
    """Describe a knowledge base by what its nanopublications say of themselves."""
    nodes = [node for node, row in graph.nodes.items() if _NANOPUB in row.get(facts.TYPE, ())]
    own = {
        key: sorted({term for node in nodes for term in graph.find_values(node, key)})
        for key in (_CREATED, _LICENSE, _CREATOR, _LABEL)
    }
    name = "-".join(re.findall("[a-z0-9]+", graph.base.rstrip("/").rpartition("/")[2].lower())) or "nanopublications"
    return {
        "id": name,
        "title": f"Nanopublications of {name}",
        "description": f"Facts read back from {len(nodes)} nanopublications.",
        "version": "0.1.0",
        "base": graph.base,
        "license": "".join(map(iri_value, own[_LICENSE][:1])),
        "language": next((literal_value(term).language for term in own[_LABEL]), "") or "en",
        "issued": "".join(literal_value(term).value[:10] for term in own[_CREATED][-1:]),
        "creators": [graph.read_creator(node) for node in own[_CREATOR]],
    }
