"""Read files of vocabularies, and look up the outside identifiers of mappings in them.

OBO and OBO Graphs are read by fastobo (an extra), OWL and SKOS as RDF, and SSSOM as the mappings of a knowledge base are. Nothing
that a file imports is opened. Found are identifiers that a file does not have, obsolete ones, those that it calls otherwise, and
matches that contradict what it calls equal.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from io import BufferedReader, BytesIO, RawIOBase
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple
from unicodedata import normalize

from kb import resources
from kb.checks import json_schema, mapping_checks
from kb.files import compression
from kb.model import KnowledgeBase, OutsideMatch
from kb.problems import KbError, Place, Problem, fail
from kb.progress import report
from kb.rdf.iris import DCTERMS, OWL, RDF, RDFS, SKOS, Names, names_of
from kb.records import folder

#: The namespace of the Biolink Model, to which kinds are linked.
BIOLINK = "https://w3id.org/biolink/vocab/"
_OBO = "http://purl.obolibrary.org/obo/"
_IN_OWL = "http://www.geneontology.org/formats/oboInOwl#"
_RDF_FORMATS = {"owl": "rdf", "rdf": "rdf", "xml": "rdf", "ttl": "ttl", "nt": "nt", "nq": "nq", "trig": "trig"}
# What a property says of an identifier; a synonym that is not exact says more or less than the label.
_ROLES = {
    **dict.fromkeys((f"{RDFS}label", f"{SKOS}prefLabel"), "label"),
    **dict.fromkeys((f"{SKOS}altLabel", f"{_IN_OWL}hasExactSynonym"), "synonym"),
    **dict.fromkeys((f"{_IN_OWL}has{scope}Synonym" for scope in ("Broad", "Narrow", "Related")), "inexact"),
    **dict.fromkeys((f"{SKOS}hiddenLabel",), "inexact"),
    **dict.fromkeys((f"{SKOS}definition", f"{_OBO}IAO_0000115"), "definition"),
    **dict.fromkeys((f"{_OBO}IAO_0100001", f"{DCTERMS}isReplacedBy"), "successor"),
    **dict.fromkeys((f"{RDFS}subClassOf", f"{SKOS}broader"), "parent"),
    **dict.fromkeys((f"{RDF}type", f"{BIOLINK}category"), "type"),
    **dict.fromkeys((f"{DCTERMS}license", "http://creativecommons.org/ns#license", "https://schema.org/license"), "licence"),
    f"{OWL}versionInfo": "version",
    f"{OWL}versionIRI": "version IRI",
}
_USUAL = {f"{OWL}Class", f"{OWL}NamedIndividual", f"{RDFS}Class", f"{SKOS}Concept"}
_HEADERS = {f"{OWL}Ontology", f"{SKOS}ConceptScheme"}
_PROPERTIES = {f"{OWL}{name}Property" for name in ("Annotation", "Datatype", "Object")} | {f"{RDF}Property"}
_EQUAL = {f"{SKOS}exactMatch", f"{OWL}equivalentClass", f"{OWL}sameAs"}
_EXACT = "skos:exactMatch"
# How RDF/XML declares an entity, and one that stands for a namespace: entities in others, or long ones, could fill the memory.
_ENTITY = b"<!ENTITY"
_NAMESPACE = re.compile(rb"""<!ENTITY\s+[^\s"'&%<>]{1,100}\s+("[^"&%<>]{0,300}"|'[^'&%<>]{0,300}')\s*>""")
_LONGEST_ENTITY = 1_000  # bytes
_GRAPHS = re.compile(rb'"graphs"\s*:\s*[^\s\[]|"graphs"\s*:\s*\[\s*[^\s\]]')
_START = 64  # bytes, among which is the first sign of a file
_OTHER_FORMAT = "Name a file of the format that its suffix says, such as .json for OBO Graphs."
_LARGEST = 512 << 20  # bytes of OBO and OBO Graphs, which are held in memory


class EntryText(NamedTuple):
    """What a file says in words of an identifier: a label, synonym, definition or the like, and its language if it is known."""

    role: str
    text: str
    language: str = ""


@dataclass(slots=True)
class Thing:
    """What a file says of an identifier, in words and by IRIs, each with its role."""

    words: set[EntryText] = field(default_factory=set)
    links: set[tuple[str, str]] = field(default_factory=set)
    is_obsolete: bool = False

    def list_texts(self, role: str) -> list[str]:
        """Return the words of a role without their languages, sorted."""
        return sorted({words.text for words in self.words if words.role == role})

    def list_links(self, role: str) -> list[str]:
        """Return the IRIs of a role, sorted."""
        return sorted(iri for name, iri in self.links if name == role)

    @property
    def is_entry(self) -> bool:
        """Whether it stands for a thing that is in use, and not for a relation or a vocabulary."""
        return not self.is_obsolete and (_HEADERS | _PROPERTIES).isdisjoint(self.list_links("type"))


@dataclass
class Vocabulary:
    """A file of a vocabulary.

    Args:
        name: The name of the file.
        things: What it says of each IRI.
        equal: The pairs that it calls equal.
        is_whole: Whether it has all identifiers of its prefix.
    """

    name: str
    things: defaultdict[str, Thing] = field(default_factory=lambda: defaultdict(Thing))
    equal: set[tuple[str, str]] = field(default_factory=set)
    is_whole: bool = True

    @cached_property
    def header(self) -> tuple[str, Thing]:
        """The IRI of the vocabulary itself, empty if there is not exactly one, and what the file says of it."""
        headers = {iri: thing for iri, thing in self.things.items() if not _HEADERS.isdisjoint(thing.list_links("type"))}
        iri, thing = next(iter(headers.items()), ("", Thing()))
        return (iri, thing) if len(headers) == 1 else ("", Thing())

    @cached_property
    def version(self) -> str:
        """The version of the vocabulary as mapping sets have it; empty if the file does not state one."""
        _, header = self.header
        stated = [header.list_texts("version"), header.list_texts("data version"), header.list_links("version IRI")]
        form = re.compile(resources.schema("mapping")["properties"]["object_source_version"]["pattern"])
        return next((found[0] for found in stated if len(found) == 1 and form.search(found[0])), "")


def read_vocabulary(path: Path, names: Names) -> Vocabulary:
    """Read a file of a vocabulary, by its suffix; it may be compressed.

    Args:
        path: The file: ``.obo``, ``.json`` (OBO Graphs), ``.owl``, ``.rdf``, ``.ttl`` and other RDF, or ``.sssom.tsv``.
        names: The prefixes of the knowledge base.

    Raises:
        KbError: It cannot be read (KB102), its suffix is unknown (KB327), or fastobo is not installed (KB713).
    """
    vocabulary = Vocabulary(path.name)
    suffix = path.name.lower().removesuffix(".gz").removesuffix(".zst").rpartition(".")[2]
    if suffix not in {"tsv", "obo", "json", *_RDF_FORMATS}:
        remedy = "Name a file in .obo, .json (OBO Graphs), .owl, .rdf, .ttl, .nt or .sssom.tsv."
        raise fail("KB327", "The suffix is that of no format for vocabularies.", remedy, str(path))
    try:
        if suffix == "tsv":
            _read_sssom(path, names, vocabulary)
        elif suffix in {"obo", "json"}:
            _read_ontology(path, names, vocabulary, is_graph=suffix == "json")
        else:
            _read_rdf(path, _RDF_FORMATS[suffix], vocabulary)
    except KbError:
        raise
    except Exception as error:  # parsers raise what they like, also in place of a problem of the file below
        if isinstance(error.__cause__, KbError):
            raise error.__cause__ from error
        raise fail("KB102", f"The vocabulary cannot be read: {error}.", "Check the file and its suffix.", str(path)) from error
    return vocabulary


class _GuardedFile(RawIOBase):
    """A file of which every piece is reported as it is read, up to a size, and without entities that expand to much."""

    def __init__(self, file: BinaryIO, path: Path, advance: Callable[[int], None], *, is_rdf: bool) -> None:
        self._file, self._path, self._advance, self._is_rdf = file, path, advance, is_rdf
        self._size, self._tail = 0, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        self._size += len(data)
        self._advance(len(data))
        if self._is_rdf:
            self._check_entities(data)
        elif self._size > _LARGEST:
            message = f"The file has more than {_LARGEST:,} bytes, which is too much for this format."
            raise fail("KB110", message, "Name the OWL file, which is read piece by piece.", str(self._path))
        return len(data)

    def _check_entities(self, data: bytes) -> None:
        text = self._tail + data
        self._tail = text[-len(_ENTITY) :]
        for match in re.finditer(_ENTITY, text):
            if data and len(text) - match.start() < _LONGEST_ENTITY:
                self._tail = text[match.start() :]
                return
            if not _NAMESPACE.match(text, match.start()):
                message = "The vocabulary declares an entity that does not stand for a namespace, and could expand to much."
                raise fail("KB102", message, "Write what it stands for in its place.", str(self._path))


def _read_ontology(path: Path, names: Names, vocabulary: Vocabulary, *, is_graph: bool) -> None:
    try:
        import fastobo
    except ImportError as error:
        remedy = "Install it: pip install 'linked-kb[ontologies]'; or name the OWL file."
        raise fail("KB713", "OBO needs the library fastobo, which is not installed.", remedy, str(path)) from error
    with _open(path, is_rdf=False) as file:
        document: Any = fastobo.load_graph(_check_graphs(file, path)) if is_graph else fastobo.iter(file, ordered=True)
        header = document.header if is_graph else document.header()
        spaces = {clause.prefix: str(clause.url) for clause in header if clause.raw_tag() == "idspace"}

        def expand(name: Any) -> str:
            prefix, local = getattr(name, "prefix", ""), getattr(name, "local", str(name))
            start = spaces.get(prefix) or names.prefixes.get(prefix)
            return str(name) if "://" in str(name) else f"{start}{local}" if start else f"{_OBO}{prefix and prefix + '_'}{local}"

        reader = _OboReader(vocabulary, expand)
        for clause in header:
            if clause.raw_tag() == "ontology":
                reader.thing = vocabulary.things[f"{_OBO}{clause.ontology}.owl"]
                reader.thing.links.add(("type", f"{OWL}Ontology"))
        for clause in header:
            reader.read_clause(clause)
        for frame in document:
            reader.read_frame(frame)


def _check_graphs(file: BufferedReader, path: Path) -> BytesIO:
    """Return the content of a file that has graphs; fastobo crashes on JSON that has none."""
    data = file.read()
    if not _GRAPHS.search(data):
        raise fail("KB102", "The file is no OBO Graphs: it has no 'graphs'.", _OTHER_FORMAT, str(path))
    return BytesIO(data)


class _OboReader:
    """Reads the clauses of OBO into a vocabulary; ``thing`` is the one that they are about."""

    def __init__(self, vocabulary: Vocabulary, expand: Callable[[Any], str]) -> None:
        self._things, self._expand, self._iri, self.thing = vocabulary.things, expand, "", Thing()

    def read_frame(self, frame: Any) -> None:
        self._iri = self._expand(frame.id)
        self.thing = self._things[self._iri]
        if type(frame).__name__ == "TypedefFrame":
            self.thing.links.add(("type", f"{OWL}ObjectProperty"))
        for clause in frame:
            self.read_clause(clause)

    def read_clause(self, clause: Any) -> None:
        match clause.raw_tag():
            case "name":
                self.thing.words.add(EntryText("label", clause.name))
            case "def":
                self.thing.words.add(EntryText("definition", clause.definition))
            case "synonym":
                self.thing.words.add(EntryText("synonym" if clause.synonym.scope == "EXACT" else "inexact", clause.synonym.desc))
            case "data-version":
                self.thing.words.add(EntryText("data version", clause.version))
            case "is_obsolete":
                self.thing.is_obsolete |= clause.obsolete
            case "alt_id":
                self._things[self._expand(clause.alt_id)] = Thing(set(), {("successor", self._iri)}, is_obsolete=True)
            case "replaced_by" | "is_a" as tag if hasattr(clause, "term"):
                self.thing.links.add(("parent" if tag == "is_a" else "successor", self._expand(clause.term)))
            case "property_value":
                self._read_property(clause.property_value)

    def _read_property(self, value: Any) -> None:
        role = _ROLES.get(self._expand(value.relation), "")
        if role and (role == "version" or isinstance(value.value, str)):  # a date is read as an identifier
            self.thing.words.add(EntryText(role, str(value.value)))
        elif role:
            self.thing.links.add((role, self._expand(value.value)))


@contextmanager
def _open(path: Path, *, is_rdf: bool) -> Iterator[BufferedReader]:
    """Open a file, decompressed as its suffix says, and report what is read of it."""
    with compression.open_file(str(path)) as file, report("reading", path.stat().st_size) as advance:
        yield BufferedReader(_GuardedFile(file, path, advance, is_rdf=is_rdf), 1 << 20)


def _read_rdf(path: Path, suffix: str, vocabulary: Vocabulary) -> None:
    from pyoxigraph import Literal, NamedNode, RdfFormat, parse

    with _open(path, is_rdf=True) as file:
        if suffix == "rdf" and file.peek(_START)[:_START].lstrip()[:1] in {b"{", b"["}:
            raise fail("KB102", "The file holds JSON, and not XML.", _OTHER_FORMAT, str(path))
        for quad in parse(file, format=RdfFormat.from_extension(suffix), base_iri="file:///"):
            if not isinstance(quad.subject, NamedNode):
                continue
            subject, predicate, value = quad.subject.value, quad.predicate.value, quad.object
            if predicate in _ROLES:
                thing = vocabulary.things[subject]
                if isinstance(value, Literal):
                    thing.words.add(EntryText(_ROLES[predicate], value.value, value.language or ""))
                elif isinstance(value, NamedNode) and value.value not in _USUAL:
                    thing.links.add((_ROLES[predicate], value.value))
                    thing.is_obsolete |= value.value == f"{OWL}DeprecatedClass"
            elif isinstance(value, NamedNode) and predicate in _EQUAL:
                vocabulary.equal.add((subject, value.value))
            elif isinstance(value, NamedNode) and predicate == f"{SKOS}narrower":
                vocabulary.things[value.value].links.add(("parent", subject))
            elif isinstance(value, Literal) and predicate == f"{OWL}deprecated":
                vocabulary.things[subject].is_obsolete |= value.value in {"true", "1"}


def _read_sssom(path: Path, names: Names, vocabulary: Vocabulary) -> None:
    vocabulary.is_whole = False
    for record in folder.read_file(path, "mapping"):
        row, ends = record.value, []
        prefixes = {**names.prefixes, **row.get("curie_map", {})}
        for end in ("subject", "object"):
            prefix, _, local = row.get(f"{end}_id", "").partition(":")
            ends.append(prefixes.get(prefix, f"{prefix}:") + local)
            if label := row.get(f"{end}_label", ""):
                vocabulary.things[ends[-1]].words.add(EntryText("label", label))
            else:
                vocabulary.things[ends[-1]]
        if row.get("predicate_id") == _EXACT and json_schema.accepts("mapping", row):
            vocabulary.equal.add((ends[0], ends[1]))


def check(kb: KnowledgeBase, vocabulary: Vocabulary) -> tuple[int, list[Problem]]:
    """Check the mappings that a vocabulary can judge; return how many these are, and the problems (KB325, KB328 to KB330)."""
    names = names_of(kb)
    prefixes = Counter(prefix for iri in vocabulary.things for prefix, _ in islice(names.matching(iri), 1))
    whole = prefixes.most_common(1)[0][0] if prefixes and vocabulary.is_whole else ""
    known = vocabulary.things.keys() | {iri for pair in vocabulary.equal for iri in pair}
    judged = [row for row in kb.mappings if names.expand(row.object) in known or row.object.partition(":")[0] == whole]
    problems = [problem for row in judged for problem in _check_row(row, names, vocabulary, whole)]
    pairs = [(names.compact(first) or first, names.compact(second) or second) for first, second in sorted(vocabulary.equal)]
    equal = (
        OutsideMatch(first, _EXACT, second, "", "", "") for first, second in pairs if not first.startswith(("term:", "pred:"))
    )
    before = set(mapping_checks.check(kb))
    problems += [problem for problem in mapping_checks.check(kb._replace(outside=(*kb.outside, *equal))) if problem not in before]
    return len(judged), problems


def _check_row(row: OutsideMatch, names: Names, vocabulary: Vocabulary, whole: str) -> Iterator[Problem]:
    place = row.record.at("object_id") if row.record else Place("")
    thing = vocabulary.things.get(names.expand(row.object) or "")
    if thing is None:
        if row.object.partition(":")[0] == whole:
            message = f"'{row.object}' is not in {vocabulary.name}."
            yield Problem(place, "KB328", message, "Correct it, or remove the mapping.")
        return
    if thing.is_obsolete:
        yield report_obsolete(row.object, thing, names, place, vocabulary.name)
    labels = thing.list_texts("label")
    if row.label and labels and tidy(row.label) not in set(map(tidy, labels)):
        shown = ", ".join(f"'{label[:100]}'" for label in labels[:3])
        message = f"'{row.object}' is called {shown} in {vocabulary.name}, not '{row.label}'."
        yield Problem(place, "KB330", message, "Check that it still means the same, then correct the label.")


def report_obsolete(name: str, thing: Thing, names: Names, place: Place, source: str) -> Problem:
    """Return the problem of an identifier that is obsolete (KB329), with its successors."""
    new = ", ".join(sorted(names.compact(iri) or iri for iri in thing.list_links("successor")))
    remedy = f"Use {new}, if it means the same." if new else "Find its successor, or leave it out."
    return Problem(place, "KB329", f"'{name}' is obsolete in {source}.", remedy)


def tidy(label: str) -> str:
    """Return a name as names are compared: without case, and with single blanks."""
    return " ".join(normalize("NFC", label).casefold().split())
