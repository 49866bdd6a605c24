"""Compile facts: the statement, its qualifiers, its evidence, and a plain triple where that does not overstate the fact.

:class:`Compiler` is the only step from a fact to RDF; all formats, stores and queries are made of its result. A record means
what ``schemas/context.jsonld`` says: a test expands records with a JSON-LD processor and compares the statements.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Literal, NamedTuple

from kb.model import DISPUTE, ONLY_DISPUTED, SEPARATOR, STANDING, STATUS, Evidence, Fact, LiteralObject, Predicate, Term
from kb.rdf import quantities, reviews, value_groups
from kb.rdf.iris import ADMS, KB, OA, PROPOSITION, PROV, RDF, RDFS, SKOS, XSD, Names, word_iri
from kb.rdf.quads import Quad, iri, literal, make_quads
from kb.rdf.wording import DENIAL, QualifierWords, find_hedges, word_fact, word_hedged, word_qualifiers, word_value
from kb.schema import vocabulary
from kb.schema.vocabulary import VOID

#: How a fact is written: as a described rdf:Statement, a plain triple (``lean``: with little else), a graph of its own, an
#: RDF 1.2 reifier, or (by ``nanopubs``) a nanopublication.
Model = Literal["full", "plain", "lean", "named-graphs", "rdf12", "nanopubs"]

TYPE = iri(f"{RDF}type")
STATEMENT, SUBJECT, PREDICATE, OBJECT = (iri(RDF + name) for name in ("Statement", "subject", "predicate", "object"))
REIFIES = iri(f"{RDF}reifies")
FACT, EVIDENCE_CLASS = iri(f"{KB}Fact"), iri(f"{KB}Evidence")
EVIDENCE, SUPPORTS, DISPUTES, BASIS = (iri(KB + name) for name in ("evidence", "supports", "disputes", "evidenceType"))
PROPOSED = iri(f"{KB}proposition")
PRIMARY_SOURCE, DERIVED = iri(f"{PROV}hadPrimarySource"), iri(f"{PROV}wasDerivedFrom")
TARGET, NOTE = iri(f"{OA}hasTarget"), iri(f"{SKOS}editorialNote")
_INTEGER = f"{XSD}integer"
_MOST_GRADED = 10_000  # combinations of qualifiers whose rows are held; a few dozen are in most facts
# The qualifiers of a fact with their values, and those with hedges.
_Qualifiers = tuple[tuple[tuple[str, str], ...], tuple[tuple[str, tuple[str, ...]], ...]]
START, END, WORDING, RESTRICTIONS = (iri(KB + name) for name in ("start", "end", "wording", "restrictions"))
#: The end of the properties for the words that stand for one part of a fact, such as ``kb:subjectWording``.
WORDING_OF = "Wording"
LABEL, VALUE, PREFERRED = iri(f"{RDFS}label"), iri(f"{RDF}value"), iri(f"{SKOS}prefLabel")
#: What stands between the IRI of a fact and the qualifier of a hedged value. No restricting qualifier sorts between it and
#: ``/evidence/``, nor between that and :data:`kb.rdf.quantities.FIGURE`.
HEDGED = "/hedged/"
#: The nodes that stand in the place of values of a fact.
VALUE_NODES = (quantities.FIGURE, value_groups.GROUP, HEDGED)
#: The nodes of a fact, but for its evidence.
NODES = (*VALUE_NODES, reviews.EVALUATION)
_HEAD = "\0"  # in shared rows, where the IRI of the fact is


def has_plain_triple(fact: Fact, predicate: Predicate, restricting: Collection[str] | None = None) -> bool:
    """Return whether a fact has a plain triple: whether 'subject predicate object' does not overstate the fact.

    That is so if no qualifier restricts the claim, and the definition of the predicate already carries the modality of the fact.
    The node of a quantity belongs to its fact, so that no other triple leads to it.
    What is void is stated no more, and what a document only disputes is not stated. Callers that have the restricting qualifiers
    give them.
    """
    restricting = vocabulary.restricting_qualifiers() if restricting is None else restricting
    if fact.qualifiers["modality"] not in predicate.plain or not fact.qualifiers.keys().isdisjoint(restricting):
        return False
    has_own_node = isinstance(fact.object, LiteralObject) and bool(fact.object.quantity)
    return not has_own_node and not is_void(fact) and fact.dispute != ONLY_DISPUTED


def is_void(fact: Fact) -> bool:
    """Return whether a fact is deprecated, or its document retracted or withdrawn."""
    return fact.qualifiers.get(STANDING) in VOID or fact.qualifiers.get(STATUS) in VOID


class FactLines(NamedTuple):
    """A fact as lines of N-Quads, in three parts: each is sorted, and no line of another fact belongs between its lines.

    Args:
        evidence: The statements about its evidence, and about the nodes in the places of its values.
        node: The statements about the fact itself.
        plain: The bare triple, in the graph of claims, or nothing. Other facts may have the same one.
    """

    evidence: str
    node: str
    plain: str


class FactQuads(NamedTuple):
    """A fact as statements, in the same three parts as :class:`FactLines`."""

    evidence: list[Quad]
    node: list[Quad]
    plain: list[Quad]


# A fact as rows, which become lines or statements: its evidence, itself, its bare triple. Plain tuples, since this is hot.
_Rows = tuple[list[tuple[str, Iterable[str]]], str, list[str], tuple[str, str, str, str] | None]


class _Source(NamedTuple):
    """What the facts of one document share.

    Args:
        start, graph, end, basis: The start of its IRI, its graph, the end of a line, the row of its evidence type.
        claim: Where the claim begins in the paths of its facts.
    """

    start: str
    graph: str
    end: str
    basis: tuple[str, ...]
    claim: int


class _GradedRows(NamedTuple):
    """The rows of the qualifiers of facts, their words, and the path and rows of each value that is a node of its own."""

    rows: tuple[str, ...]
    nodes: tuple[tuple[str, tuple[str, ...]], ...]
    words: QualifierWords


class Compiler:
    """Compiles facts; what they share is written once, so that a fact takes a handful of string operations.

    It can be pickled and sent to other processes.

    Args:
        names: The names of the knowledge base.
        predicates: Its predicates by id.
        language: The language of notes.
        model: How facts are written.
        terms: The terms by id, with whose labels each fact is put into words; it is not without them.
    """

    def __init__(
        self,
        names: Names,
        predicates: Mapping[str, Predicate],
        language: str,
        model: Model = "full",
        terms: Mapping[str, Term] | None = None,
    ) -> None:
        self._names = names
        self._predicates = predicates
        self._language = language
        self._model = model
        self._terms = terms
        self._term, self._fact = f"<{names.term('')}", f"<{names.base}"
        self._proposition = f" {PROPOSED} <{names.base}{PROPOSITION}"
        self._claims = iri(names.graph("claims"))
        self._restricting = frozenset(vocabulary.restricting_qualifiers())
        self._listed = {
            STANDING,
            STATUS,
            DISPUTE,
            *(name for name, qualifier in vocabulary.qualifiers().items() if qualifier.listed),
        }
        self._entered: tuple[str, str] = ("", "")
        self._source = _Source("", "", "", (), 0)
        self._qualifiers: dict[tuple[str, str], str] = {}
        self._supports: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._graded: dict[_Qualifiers, _GradedRows] = {}

    def lines(self, fact: Fact, basis: str = "") -> FactLines:
        """Compile one fact into lines of N-Quads, independent of all others.

        Args:
            fact: The fact, whose predicate must be known.
            basis: The evidence type of its document, as a CURIE; empty if there is none.
        """
        evidence, node, rows, plain = self._rows(fact, basis)
        end = self._source.end
        return FactLines(
            "".join([f"{piece}{(end + piece).join(about)}{end}" for piece, about in evidence]),
            f"{node}{(end + node).join(rows)}{end}" if rows else "",
            f"{' '.join(plain)} .\n" if plain else "",
        )

    def quads(self, fact: Fact, basis: str = "") -> FactQuads:
        """Compile one fact into statements; see :meth:`lines`."""
        evidence, node, rows, plain = self._rows(fact, basis)
        graph = self._source.graph
        return FactQuads(
            [quad for piece in evidence for quad in make_quads(*piece, graph)],
            list(make_quads(node, rows, graph)),
            [Quad(*plain)] if plain else [],
        )

    def _rows(self, fact: Fact, basis: str) -> _Rows:
        if self._entered != (fact.document, basis):
            self._enter(fact.document, basis)
        source, head = self._source, f"{self._fact}{fact.path}"
        node = f"{head}>"
        about, plain = self._claim(fact, node)
        if self._model in {"plain", "lean"}:
            return [], node, [], plain
        evidence = fact.evidence
        sentences = fact.sources if len(evidence) > 1 else (evidence[0].sentence,)
        about += [f" {DERIVED} {source.start}{sentence}>" for sentence in sentences]
        about.append(f" {PRIMARY_SOURCE} {source.start[:-1]}>")
        if fact.qualifiers.get(DISPUTE) != ONLY_DISPUTED:  # nobody proposes what is only disputed
            about.append(f"{self._proposition}{fact.path[source.claim :]}>")
        if fact.note:
            about.append(f" {NOTE} {literal(fact.note, language=self._language)}")
        graded = self._grade(fact)
        about += graded.rows if not graded.nodes else [row.replace(_HEAD, head) for row in graded.rows]
        if self._terms is not None:
            label = word_fact(fact, self._terms, self._predicates, graded.words)
            about.append(f" {LABEL} {literal(label, language=self._language)}")
        pieces: list[tuple[str, Iterable[str]]] = [self._evidence(piece, head, about) for piece in evidence]
        pieces += [(f"{head}{path}>", [row.replace(_HEAD, head) for row in rows]) for path, rows in graded.nodes]
        if isinstance(fact.object, LiteralObject) and fact.object.quantity:
            pieces.append((f"{head}{quantities.FIGURE}object>", quantities.compile_rows(fact.object.quantity, self._language)))
        if fact.curation:
            with_words = self._terms is not None
            (_, own), *nodes = reviews.compile_reviews(fact, self._names, head, self._language, labelled=with_words)
            about += own
            pieces += nodes
        if len(pieces) > 1:
            pieces.sort()
        about.sort()
        return pieces, node, about, plain

    def _enter(self, document: str, basis: str) -> None:
        base = self._fact
        graph = f"{base}graph/document/{document}>"
        stated = self._state_basis(basis) if basis else ()
        self._entered, self._source = (
            (document, basis),
            _Source(f"{base}document/{document}/", graph, f" {graph} .\n", stated, len(f"fact/{document}/")),
        )

    def _state_basis(self, curie: str) -> tuple[str]:
        """Return the row of a type of evidence."""
        return (f" {BASIS} {iri(self._names.expand(curie) or '')}",)

    def _claim(self, fact: Fact, node: str) -> tuple[list[str], tuple[str, str, str, str] | None]:
        """Return the first rows of a fact by its statement model, and its plain triple."""
        subject, predicate = f"{self._term}{fact.subject}>", f"{self._fact}predicate/{fact.predicate}>"
        obj = f"{self._term}{fact.object}>" if isinstance(fact.object, str) else _literal(fact.object, self._names, node)
        plain = has_plain_triple(fact, self._predicates[fact.predicate], self._restricting)
        if plain and self._model == "named-graphs":
            return [f" {TYPE} {FACT}"], (subject, predicate, obj, node)
        bare = (subject, predicate, obj, self._claims) if plain else None
        if self._model == "rdf12":
            return [f" {REIFIES} <<( {subject} {predicate} {obj} )>>", f" {TYPE} {FACT}"], bare
        return [
            f" {OBJECT} {obj}",
            f" {PREDICATE} {predicate}",
            f" {SUBJECT} {subject}",
            f" {TYPE} {STATEMENT}",
            f" {TYPE} {FACT}",
        ], bare

    def _grade(self, fact: Fact) -> _GradedRows:
        """Return the rows of the qualifiers of a fact, made once for all facts that share them."""
        hedges = find_hedges(fact) if len(fact.evidence) > 1 or fact.evidence[0].modality else {}
        shared = (tuple(fact.qualifiers.items()), tuple(hedges.items()))
        graded = self._graded.get(shared)
        if graded is None:
            if len(self._graded) >= _MOST_GRADED:
                self._graded.clear()
            graded = self._graded[shared] = self._make_grades(fact.qualifiers, hedges)
        return graded

    def _make_grades(self, qualifiers: Mapping[str, str], hedges: Mapping[str, tuple[str, ...]]) -> _GradedRows:
        """Make the rows of qualifiers.

        A quantity is a node, and so are several values, and a value with a hedge of its own.
        """
        words = word_qualifiers(qualifiers, hedges, self._terms or {})
        rows, nodes = [], []
        if words.restrictions and self._terms is not None:
            rows.append(f" {RESTRICTIONS} {literal(words.restrictions)}")
        for name, value in qualifiers.items():
            own = hedges.get(name, ()) if name != DENIAL else ()  # what denies stays flat, so that no reader misses it
            if quantities.MARK in value:
                nodes.append((f"{quantities.FIGURE}{name}", quantities.compile_rows(value, self._language)))
            elif SEPARATOR in value:
                text = word_value(name, value, self._terms) if self._terms is not None else ""
                rows_of_group = value_groups.compile_rows(value, self._term, text, self._language)
                nodes.append((f"{value_groups.GROUP}{name}", rows_of_group))
            if not own:
                rows.append(self._qualifier((name, value)))
                continue
            rows.append(f" {iri(word_iri(name))} {_HEAD}{HEDGED}{name}>")
            about = [f" {TYPE} {iri(f'{KB}HedgedValue')}", f" {VALUE} {self._value(name, value)}"]
            about += [self._qualifier(("modality", hedge)) for hedge in own]
            if self._terms is not None:
                text = word_hedged(word_value(name, value, self._terms), own)
                about.append(f" {PREFERRED} {literal(text, language=self._language)}")
            nodes.append((f"{HEDGED}{name}", tuple(sorted(about))))
        return _GradedRows(tuple(rows), tuple(nodes), words)

    def _value(self, name: str, word: str) -> str:
        if quantities.MARK in word:
            return f"{_HEAD}{quantities.FIGURE}{name}>"
        if SEPARATOR in word:
            return f"{_HEAD}{value_groups.GROUP}{name}>"
        return iri(word_iri(word)) if name in self._listed else f"{self._term}{word}>"

    def _qualifier(self, item: tuple[str, str]) -> str:
        """Return the row of a qualifier."""
        known = self._qualifiers.get(item)
        if known is None:
            name = iri(f"{ADMS}{STATUS}" if item[0] == STATUS else word_iri(item[0]))
            known = self._qualifiers[item] = f" {name} {self._value(*item)}"
        return known

    def _evidence(self, piece: Evidence, head: str, about: list[str]) -> tuple[str, list[str]]:
        """Return a piece of evidence with its rows, and add the row that links it to ``about``."""
        source, here = self._source, f"{head}/evidence/{piece.name}>"
        about.append(f" {EVIDENCE} {here}")
        supports = self._supports.get(piece.supports)
        if supports is None:
            supports = self._supports[piece.supports] = tuple(
                f" {SUPPORTS} {iri(word_iri(part))}" for part in sorted(piece.supports)
            )
        rows = [f" {TYPE} {EVIDENCE_CLASS}", f" {TARGET} {source.start}{piece.sentence}>"]
        rows += self._state_basis(piece.basis) if piece.basis else source.basis
        if piece.modality:
            rows.append(self._qualifier(("modality", piece.modality)))
        if piece.start is not None or piece.wordings:
            rows += _words(piece)
        rows += supports
        if piece.disputes:
            rows += [f" {DISPUTES} {iri(word_iri(part))}" for part in piece.disputes]
        rows.sort()
        return here, rows


def _words(piece: Evidence) -> Iterator[str]:
    """Yield the rows of the span in the sentence, and of the words by which it names parts of the fact."""
    if piece.start is not None:
        yield f" {START} {literal(str(piece.start), _INTEGER)}"
        yield f" {END} {literal(str(piece.end), _INTEGER)}"
    yield from sorted({f" {WORDING} {literal(words)}" for _, words in piece.wordings})
    yield from (f" {iri(f'{word_iri(part)}{WORDING_OF}')} {literal(words)}" for part, words in piece.wordings)


def _literal(obj: LiteralObject, names: Names, node: str) -> str:
    if obj.quantity:
        return f"{node[:-1]}{quantities.FIGURE}object>"
    return literal(obj.value, names.expand(obj.datatype) or "", obj.language)
