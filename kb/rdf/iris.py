"""The IRIs of a knowledge base: prefixes, CURIEs, and how every IRI is made.

Each IRI is readable and derived from content alone: ``BASE`` + ``term/ID``, ``predicate/ID``,
``document/ID``, ``document/ID/s3.2``, ``fact/DOCUMENT/SUBJECT/PREDICATE/OBJECT``, ``proposition/SUBJECT/PREDICATE/OBJECT`` and
so on. Records contain the paths below the base, to which ``schemas/context.jsonld`` gives the same meaning.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import quote

from kb.problems import check_types
from kb.schema import vocabulary
from kb.schema.composition import class_name

if TYPE_CHECKING:  # a warm query does without the model
    from kb.model import KnowledgeBase

#: The shared ontology, which is also the named graph of its words in every export; its words begin with :data:`KB`.
ONTOLOGY = "https://w3id.org/linked-kb/ontology"
KB = f"{ONTOLOGY}#"
QUDT = "http://qudt.org/schema/qudt/"
SH = "http://www.w3.org/ns/shacl#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
XSD = "http://www.w3.org/2001/XMLSchema#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
DCTERMS = "http://purl.org/dc/terms/"
DCAT = "http://www.w3.org/ns/dcat#"
VOID = "http://rdfs.org/ns/void#"
FOAF = "http://xmlns.com/foaf/0.1/"
PROV = "http://www.w3.org/ns/prov#"
OA = "http://www.w3.org/ns/oa#"
SSSOM = "https://w3id.org/sssom/"
ADMS = "http://www.w3.org/ns/adms#"
PAV = "http://purl.org/pav/"
EDTF = "http://id.loc.gov/datatypes/edtf/"
OWL = "http://www.w3.org/2002/07/owl#"
NP = "http://www.nanopub.org/nschema#"
NPX = "http://purl.org/nanopub/x/"

#: The prefixes of every export and query, in addition to those of the knowledge base.
STANDARD: dict[str, str] = {
    "adms": ADMS,
    "dcat": DCAT,
    "dcterms": DCTERMS,
    "edtf": EDTF,
    "foaf": FOAF,
    "kb": KB,
    "np": NP,
    "npx": NPX,
    "oa": OA,
    "owl": OWL,
    "pav": PAV,
    "prov": PROV,
    "qudt": QUDT,
    "rdf": RDF,
    "rdfs": RDFS,
    "semapv": "https://w3id.org/semapv/vocab/",
    "sh": SH,
    "skos": SKOS,
    "sssom": SSSOM,
    "void": VOID,
    "xsd": XSD,
}

# The first segments of the paths of a knowledge base's IRIs.
_KINDS = ("activity", "agent", "document", "fact", "graph", "mapping", "predicate", "prefix", "proposition", "term", "vocabulary")
#: What the path of a proposition begins with; then it is that of its facts, behind the document.
PROPOSITION = "proposition/"
_LONGEST_SEGMENT = 100
# A path whose first segment is a word, without dot segments and empty segments.
_RELATIVE = re.compile(r"[A-Za-z0-9_-]+(/(?!\.{1,2}(/|$))[^/?#]+)*/?")
_NOT_NORMAL = re.compile(r"//|/\.{1,2}/")
_CUT_ESCAPE = re.compile("%[0-9A-F]?$")


def word_iri(name: str) -> str:
    """Make the IRI of a word of the vocabulary in use: a qualifier, a value or the name of a class."""
    return vocabulary.own_iris().get(name) or KB + name


def kind_iri(kind: str) -> str:
    """Make the IRI of the class of a kind of term."""
    return word_iri(class_name(kind))


class Names:
    """The IRIs and prefixes of one knowledge base.

    Args:
        base: The base IRI, ending with a slash.
        prefixes: Prefix to IRI, as ``kb.yaml`` declares them.
    """

    def __init__(self, base: str, prefixes: Mapping[str, str]) -> None:
        self.base = base
        self._normal = not _NOT_NORMAL.search(base.partition("://")[2])
        own = {"term": f"{base}term/", "pred": f"{base}predicate/"}
        own |= {"vocab": f"{base}vocabulary/"} if vocabulary.own_iris() else {}
        self.prefixes = dict(sorted({**prefixes, **STANDARD, **own}.items()))
        self._by_length = sorted(self.prefixes.items(), key=lambda item: (-len(item[1]), item[0]))

    def term(self, name: str) -> str:
        """Make the IRI of a term."""
        return f"{self.base}term/{name}"

    def predicate(self, name: str) -> str:
        """Make the IRI of a predicate."""
        return f"{self.base}predicate/{name}"

    def document(self, name: str) -> str:
        """Make the IRI of a document."""
        return f"{self.base}document/{name}"

    def agent(self, name: str) -> str:
        """Make the IRI of an agent: ``agent/NAME`` of a person, ``agent/KIND/NAME`` of another; an ORCID iD is one."""
        if name.startswith("https:"):
            return name
        kind, _, own = name.partition(":") if ":" in name else ("tool", "", name)
        return f"{self.base}agent/{'' if kind == 'person' else f'{kind}/'}{quote(own, safe='-._~')}"

    def sentence(self, document: str, sentence: str) -> str:
        """Make the IRI of a sentence."""
        return f"{self.base}document/{document}/{sentence}"

    def graph(self, path: str) -> str:
        """Make the IRI of a named graph: ``claims``, ``document/ID``, ``vocabulary``, ``mappings`` or ``dataset``."""
        return f"{self.base}graph/{path}"

    def own_pattern(self) -> str:
        """Return a regular expression for the rest of a pattern that matches the IRIs of this knowledge base.

        The base of another one may begin with this base, so the kinds of things are part of it.
        """
        base = re.sub(r"([.+*?$()])", r"[\1]", self.base)
        return f"{base}(({'|'.join(_KINDS)})/|$)"

    def expand(self, curie: str) -> str | None:
        """Return the IRI of a CURIE, or nothing if its prefix is unknown."""
        prefix, _, local = curie.partition(":")
        start = self.prefixes.get(prefix)
        return None if start is None else start + local

    def matching(self, iri: str) -> Iterator[tuple[str, str]]:
        """Yield the prefixes that an IRI begins with, the longest first, as prefix and start."""
        for prefix, start in self._by_length:
            if iri.startswith(start):
                yield prefix, start

    def relative(self, iri: str) -> str | None:
        """Return an IRI relative to the base where that resolves back to it (RFC 3986, section 5.2), or nothing."""
        if not (self._normal and iri.startswith(self.base)):
            return None
        rest = iri[len(self.base) :]
        return rest if not rest or _RELATIVE.fullmatch(rest) else None

    def compact(self, iri: str) -> str | None:
        """Return the CURIE of an IRI by the longest prefix that fits, or nothing."""
        for prefix, start in self.matching(iri):
            if len(iri) > len(start):
                return f"{prefix}:{iri[len(start) :]}"
        return None


def is_valid(iri: str) -> bool:
    """Return whether a text is an absolute IRI (RFC 3987) that every format and engine accepts."""
    from pyoxigraph import NamedNode

    try:
        NamedNode(iri)
    except ValueError:
        return False
    return True


def fact_path(document: str, subject: str, predicate: str, obj: str, restrictions: Iterable[tuple[str, str]]) -> str:
    """Make the path of a fact below the base, which is its identity.

    Args:
        document: The document's id.
        subject: The subject's id.
        predicate: The predicate's id.
        obj: The object's id, or a segment made by :func:`literal_segment`.
        restrictions: The qualifiers that are part of the claim, as name and value.
    """
    path = f"fact/{document}/{subject}/{predicate}/{obj}"
    for name, value in restrictions:
        path += f"/{name}/{value}"
    return path


def literal_segment(value: str, kind: str) -> str:
    """Make a readable path segment of a literal; a long one ends in a digest.

    Args:
        value: The lexical form.
        kind: The datatype as a CURIE, or the language tag.
    """
    text = quote(value, safe="-._~")
    if len(text) > _LONGEST_SEGMENT:
        digest = sha256(value.encode("utf-8")).hexdigest()[:16]
        text = f"{_CUT_ESCAPE.sub('', text[:40])}~{digest}"
    return f"{text};{kind.rpartition(':')[2]}"


@check_types()
def converter(kb: KnowledgeBase) -> dict[str, str]:
    """Return the prefixes of a knowledge base as a prefix map, such as ``curies.Converter.from_prefix_map`` takes.

    Args:
        kb: The knowledge base.

    Returns:
        Prefix to URI prefix, one prefix for each URI prefix: the one that exports use.
    """
    prefixes = names_of(kb).prefixes
    preferred = {start: prefix for prefix, start in reversed(prefixes.items())}  # the first in the alphabet, as in exports
    return {prefix: start for prefix, start in prefixes.items() if preferred[start] == prefix}


def names_of(kb: KnowledgeBase) -> Names:
    """Return the names of a knowledge base, whose vocabulary is in use from then on."""
    vocabulary.use(kb.dataset.vocabulary)
    return Names(kb.dataset.base, kb.dataset.prefixes)
