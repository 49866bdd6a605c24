"""The statements that a page shows, by subject and property, and facts as values with links."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from kb.pages.links import Link, Links
from kb.rdf.iris import ADMS, DCTERMS, KB, OA, OWL, PAV, PROV, RDF, RDFS, SKOS, SSSOM
from kb.rdf.quads import iri_value, literal_value
from kb.rdf.wording import DENIAL

Triple = tuple[str, str, str]
CURATION = {f"{PAV}curatedBy": "Curator", f"{DCTERMS}created": "Added", f"{KB}statusReason": "Reason", f"{KB}review": "Review"}
FACT_PARTS = {f"{RDF}{part}" for part in ("type", "subject", "predicate", "object")} | {
    f"{PROV}hadPrimarySource",
    f"{PROV}wasDerivedFrom",
    f"{KB}evidence",
    f"{KB}restrictions",
    f"{KB}proposition",
    f"{RDFS}label",
    *CURATION,
}
STATUS = f"{ADMS}status"
UNHEDGED = f"{KB}is"  # the modality of a claim without a hedge
NOTES = {f"{SKOS}editorialNote", f"{RDFS}comment"}


class Description(msgspec.Struct, frozen=True, array_like=True):
    """What the dataset states about a thing: the body of the response to a request of kind ``thing``."""

    own: list[Triple]  # the triples of the thing itself and of the nodes that belong to it
    others: list[tuple[str, list[Triple]]]  # the nodes that point to it, each with its triples
    labels: dict[str, str]  # labels of the things named in these triples, by IRI
    cut: bool  # whether there are more nodes than fit on this page
    context: list[Triple] = []  # of the facts among them: their sentences, and the results of verification; and of the chains
    chains: list[str] = []  # the facts of the chains through the thing

    @property
    def triples(self) -> list[Triple]:
        """All triples, each once, without the context."""
        return list(dict.fromkeys([*self.own, *(triple for _, triples in self.others for triple in triples)]))


class EvidenceView(NamedTuple):
    """A sentence that states a fact or a part of it.

    Args:
        sentence: Its number, with its address.
        supports: The parts of the fact that it supports.
        hedge: The modality of the sentence, where it is not that of the fact.
        quote: Its words, if they may be shown.
        start: Where it starts in the document, in Unicode code points.
        end: Where it ends.
        digest: The SHA-256 of its words.
        disputes: The parts of the fact that it speaks against.
    """

    sentence: Link
    supports: list[str]
    hedge: str
    quote: str
    start: str
    end: str
    digest: str
    disputes: Sequence[str] = ()


class FactView(NamedTuple):
    """A fact: the whole claim in words, its parts, its qualifiers by name with the modality first, and what it rests on."""

    fact: Link
    subject: Link
    predicate: Link
    object: Link
    hedges: list[tuple[Link, list[Link]]]
    evidence: list[EvidenceView]
    document: list[Link]
    notes: list[str]
    is_denied: bool
    verification: str
    curation: list[str]  # who entered and reviewed it, and why it has its status

    @property
    def modality(self) -> str:
        """The modality in words."""
        return next((values[0].text for name, values in self.hedges if name.title == f"{KB}modality" and values), "")

    @property
    def chips(self) -> list[tuple[str, list[Link]]]:
        """The qualifiers without the denial: the name, empty where the values say what they mean, and the values.

        A claim without a hedge is called *stated*, since the modality *is* tells a reader nothing.
        """
        plain = {f"{KB}modality", f"{KB}listing"}
        named = [(name.title, "" if name.title in plain else name.text, values) for name, values in self.hedges]
        return [
            (text, [value._replace(text="stated") if value.title == UNHEDGED else value for value in values])
            for iri, text, values in named
            if iri != f"{KB}{DENIAL}"
        ]


class PageGraph:
    """The triples of a page by subject and predicate, with the links and labels of what they name."""

    def __init__(self, triples: Iterable[Triple], links: Links, labels: Mapping[str, str]) -> None:
        self._subjects: dict[str, dict[str, list[str]]] = {}
        for subject, predicate, obj in triples:
            self._subjects.setdefault(subject, {}).setdefault(iri_value(predicate), []).append(obj)
        self._verified: dict[str, list[str]] = {}  # the results of verification, by fact
        for node in self._subjects:
            for fact in self.objects(node, f"{KB}verifies"):
                self._verified.setdefault(fact, []).append(node)
        self._links = links
        self._labels = {**self._mapped_labels(), **labels}

    def _mapped_labels(self) -> dict[str, str]:
        """Return the labels that mappings give to things of other vocabularies."""
        labels = {}
        for subject in self._subjects:
            targets = self.objects(subject, f"{OWL}annotatedTarget")
            for target, label in zip(targets, self.objects(subject, f"{SSSOM}object_label"), strict=False):
                labels[iri_value(target)] = literal_value(label).value
        return labels

    def subjects(self) -> list[str]:
        """Return the subjects."""
        return list(self._subjects)

    def predicates(self, subject: str) -> dict[str, list[str]]:
        """Return the objects of a subject by predicate."""
        return self._subjects.get(subject, {})

    def objects(self, subject: str, predicate: str) -> list[str]:
        """Return the objects of a subject and a predicate."""
        return self.predicates(subject).get(predicate, [])

    def is_a(self, subject: str, kind: str) -> bool:
        """Check whether a subject is of a kind."""
        return f"<{kind}>" in self.objects(subject, f"{RDF}type")

    def texts(self, subject: str, predicates: Iterable[str]) -> list[str]:
        """Return the literals that some predicates give a subject."""
        objects = (obj for predicate in predicates for obj in self.objects(subject, predicate))
        return [literal_value(obj).value for obj in objects if obj.startswith('"')]

    def literals(self, subject: str, predicates: Iterable[str]) -> list[Link]:
        """Return the literals that some predicates give a subject, each with its language."""
        objects = (obj for predicate in predicates for obj in self.objects(subject, predicate))
        return [self._links.link(obj, {}) for obj in objects if obj.startswith('"')]

    def terms(self, subject: str, predicate: str) -> list[Link]:
        """Return the objects of a subject and a predicate with their links."""
        return [self._links.link(term, self._labels) for term in self.objects(subject, predicate)]

    def properties(self, subject: str, predicates: Iterable[str]) -> list[tuple[Link, list[Link]]]:
        """Return predicates with their objects, all as links."""
        return [(self._links.predicate_link(name, self._labels), self.terms(subject, name)) for name in predicates]

    def qualifiers(self, fact: str) -> list[str]:
        """Return the predicates of the qualifiers of a fact, modality first: those of the ontology and of the knowledge base."""
        starts = (KB, STATUS, f"{self._links.names.base}vocabulary/")  # the knowledge base may declare some itself
        names = [name for name in self.predicates(fact) if name.startswith(starts) and name not in FACT_PARTS]
        return sorted(names, key=lambda name: (name != f"{KB}modality", name))

    def fact(self, fact: str) -> FactView:
        """Return a fact as a value."""
        subject, predicate, obj = (
            next(iter(self.terms(fact, f"{RDF}{part}")), Link("")) for part in ("subject", "predicate", "object")
        )
        evidence = [self.evidence(node) for node in self.objects(fact, f"{KB}evidence")]
        return FactView(
            self._links.link(fact, self._labels),
            subject,
            predicate,
            obj,
            self.properties(fact, self.qualifiers(fact)),
            sorted(evidence, key=lambda piece: int(piece.start or 0)),
            self.terms(fact, f"{PROV}hadPrimarySource"),
            self.texts(fact, NOTES),
            f"{KB}{DENIAL}" in self.predicates(fact),
            self._verification(fact),
            [f"{word}: {link.text}" for name, word in CURATION.items() for link in self.terms(fact, name)],
        )

    def evidence(self, node: str) -> EvidenceView:
        """Return a piece of evidence as a value."""
        target = next(iter(self.objects(node, f"{OA}hasTarget")), '""')
        selectors = [*self.objects(node, f"{OA}hasSelector"), *self.objects(target, f"{OA}hasSelector")]
        starts, ends = (
            [text for selector in selectors for text in self.texts(selector, (f"{OA}{part}",))] for part in ("start", "end")
        )
        return EvidenceView(
            self._links.link(target, self._labels),
            self._parts(node, "supports"),
            ", ".join(link.text for link in self.terms(node, f"{KB}modality")),
            self.words(selectors),
            next(iter(starts), ""),
            next(iter(ends), ""),
            next(iter(self.texts(target, (f"{KB}sha256",))), ""),
            self._parts(node, "disputes"),
        )

    def _parts(self, evidence: str, direction: str) -> list[str]:
        """Return the parts of a fact that a piece of evidence supports or disputes, the claim and its modality first."""
        parts = (link.text for link in self.terms(evidence, KB + direction))
        return sorted(parts, key=lambda part: (part != "claim", part != "modality", part))

    def words(self, selectors: Iterable[str]) -> str:
        """Return the words that selectors quote, each once."""
        return " … ".join(dict.fromkeys(text for node in selectors for text in self.texts(node, (f"{OA}exact",))))

    def _verification(self, fact: str) -> str:
        """Return the result of the last verification of a fact in words; empty if there is none."""
        results = self._verified.get(fact, [])
        if not results:
            return ""
        node = max(results, key=lambda node: self.texts(node, (f"{PROV}endedAtTime",)))
        verdict, date = self.terms(node, f"{KB}verdict"), self.texts(node, (f"{PROV}endedAtTime",))
        compared = ", ".join(sorted(link.text for link in self.terms(node, f"{KB}checked")))
        words = " ".join(link.text for link in verdict)
        return f"{words}; compared with the sentence: {compared or 'nothing'}; {''.join(date)[:10]}"
