"""Look up the outside identifiers of mappings in files of their vocabularies.

Ontologies in OBO and OBO Graphs are read by pronto (an extra), OWL and SKOS as RDF, and SSSOM as the mappings of a knowledge base
are. Found are identifiers that a file does not have, obsolete ones, those that it calls otherwise, and matches that contradict
what it calls equal.
"""

from __future__ import annotations

import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any
from unicodedata import normalize

from kb.checks import json_schema, mapping_checks
from kb.files import compression, text_file
from kb.model import KnowledgeBase, OutsideMatch
from kb.problems import Place, Problem, fail
from kb.rdf.iris import DCTERMS, OWL, RDF, RDFS, SKOS, Names, names_of
from kb.records import folder

_OBO = "http://purl.obolibrary.org/obo/"
_RDF_FORMATS = {"owl": "rdf", "rdf": "rdf", "xml": "rdf", "ttl": "ttl", "nt": "nt", "nq": "nq", "trig": "trig"}
_LABELS = {f"{RDFS}label", f"{SKOS}prefLabel"}
_SYNONYMS = {f"{SKOS}altLabel", "http://www.geneontology.org/formats/oboInOwl#hasExactSynonym"}
_SUCCESSORS = {f"{_OBO}IAO_0100001", f"{DCTERMS}isReplacedBy"}
_EQUAL = {f"{SKOS}exactMatch", f"{OWL}equivalentClass", f"{OWL}sameAs"}
_EXACT = "skos:exactMatch"
_LARGEST = 512 << 20  # bytes of an ontology that is read as a whole


@dataclass(slots=True)
class Thing:
    """What a file says of an identifier."""

    labels: set[str] = field(default_factory=set)
    synonyms: set[str] = field(default_factory=set)
    successors: set[str] = field(default_factory=set)
    is_obsolete: bool = False


@dataclass(slots=True)
class Vocabulary:
    """A file of a vocabulary: its things by IRI, pairs of equal ones, and whether it has all identifiers of its prefix."""

    name: str
    things: defaultdict[str, Thing] = field(default_factory=lambda: defaultdict(Thing))
    equal: set[tuple[str, str]] = field(default_factory=set)
    is_whole: bool = True


def read_vocabulary(path: Path, names: Names) -> Vocabulary:
    """Read a file of a vocabulary, by its suffix; it may be compressed.

    Args:
        path: The file: ``.obo``, ``.json`` (OBO Graphs), ``.owl``, ``.rdf``, ``.ttl`` and other RDF, or ``.sssom.tsv``.
        names: The prefixes of the knowledge base.

    Raises:
        KbError: It cannot be read (KB102), its suffix is unknown (KB327), or pronto is not installed (KB713).
    """
    vocabulary = Vocabulary(path.name)
    suffix = path.name.lower().removesuffix(".gz").removesuffix(".zst").rpartition(".")[2]
    try:
        if suffix == "tsv":
            _read_sssom(path, names, vocabulary)
        elif suffix in {"obo", "json"}:
            _read_ontology(path, names, vocabulary)
        elif suffix in _RDF_FORMATS:
            _read_rdf(path, _RDF_FORMATS[suffix], vocabulary)
        else:
            remedy = "Name a file in .obo, .json (OBO Graphs), .owl, .rdf, .ttl, .nt or .sssom.tsv."
            raise fail("KB327", "The suffix is that of no format for vocabularies.", remedy, str(path))
    except (OSError, EOFError, ValueError, SyntaxError, KeyError, TypeError, AttributeError) as error:  # what pronto raises
        raise fail("KB102", f"The vocabulary cannot be read: {error}.", "Check the file and its suffix.", str(path)) from error
    return vocabulary


def _read_ontology(path: Path, names: Names, vocabulary: Vocabulary) -> None:
    try:
        import pronto
    except ImportError as error:
        remedy = "Install it: pip install 'linked-kb[ontologies]'; or name the OWL file."
        raise fail("KB713", "OBO needs the library pronto, which is not installed.", remedy, str(path)) from error

    def expand(name: str) -> str:
        return name if "://" in name else names.expand(name) or _OBO + name.replace(":", "_")

    with compression.open_file(str(path)) as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ontology: Any = pronto.Ontology(BytesIO(text_file.read_stream(file, str(path), _LARGEST)), import_depth=0)
        for entity in (*ontology.terms(), *ontology.relationships()):
            thing = vocabulary.things[expand(entity.id)]
            thing.labels |= {entity.name} - {None}
            thing.synonyms |= {synonym.description for synonym in entity.synonyms if synonym.scope == "EXACT"}
            thing.is_obsolete = entity.obsolete
            thing.successors = {expand(name) for name in entity._data().replaced_by}  # noqa: SLF001 - the public one fails if absent
            for other in entity.alternate_ids:
                vocabulary.things[expand(other)] = Thing(successors={expand(entity.id)}, is_obsolete=True)


def _read_rdf(path: Path, suffix: str, vocabulary: Vocabulary) -> None:
    from pyoxigraph import Literal, NamedNode, RdfFormat, parse

    with compression.open_file(str(path)) as file:
        for quad in parse(file, format=RdfFormat.from_extension(suffix), base_iri="file:///"):
            if not isinstance(quad.subject, NamedNode):
                continue
            subject, predicate, value = quad.subject.value, quad.predicate.value, quad.object
            if isinstance(value, Literal):
                if predicate in _LABELS:
                    vocabulary.things[subject].labels.add(value.value)
                elif predicate in _SYNONYMS:
                    vocabulary.things[subject].synonyms.add(value.value)
                elif predicate == f"{OWL}deprecated":
                    vocabulary.things[subject].is_obsolete = value.value in {"true", "1"}
            elif isinstance(value, NamedNode) and predicate in _EQUAL:
                vocabulary.equal.add((subject, value.value))
            elif isinstance(value, NamedNode) and predicate in _SUCCESSORS:
                vocabulary.things[subject].successors.add(value.value)
            elif predicate == f"{RDF}type":
                vocabulary.things[subject].is_obsolete |= value == NamedNode(f"{OWL}DeprecatedClass")


def _read_sssom(path: Path, names: Names, vocabulary: Vocabulary) -> None:
    vocabulary.is_whole = False
    for record in folder.read_file(path, "mapping"):
        row, ends = record.value, []
        prefixes = {**names.prefixes, **row.get("curie_map", {})}
        for end in ("subject", "object"):
            prefix, _, local = row.get(f"{end}_id", "").partition(":")
            ends.append(prefixes.get(prefix, f"{prefix}:") + local)
            vocabulary.things[ends[-1]].labels |= {row.get(f"{end}_label", "")} - {""}
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
        new = ", ".join(sorted(names.compact(iri) or iri for iri in thing.successors))
        remedy = f"Use {new}, if it means the same." if new else "Find its successor, or remove the mapping."
        yield Problem(place, "KB329", f"'{row.object}' is obsolete in {vocabulary.name}.", remedy)
    if row.label and thing.labels and tidy(row.label) not in set(map(tidy, thing.labels)):
        shown = ", ".join(f"'{label[:100]}'" for label in sorted(thing.labels)[:3])
        message = f"'{row.object}' is called {shown} in {vocabulary.name}, not '{row.label}'."
        yield Problem(place, "KB330", message, "Check that it still means the same, then correct the label.")


def tidy(label: str) -> str:
    """Return a name as names are compared: without case, and with single blanks."""
    return " ".join(normalize("NFC", label).casefold().split())
