"""What was verified of a fact, as RDF: an activity of PROV with its verdict, and whether it still holds."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from hashlib import sha256

from kb.model import Document, Fact, KnowledgeBase, Verification
from kb.rdf.iris import KB, PROV, RDF, XSD
from kb.rdf.quads import iri, literal
from kb.schema.vocabulary import RULES

_TYPE = iri(f"{RDF}type")


def digest_claim(fact: Fact, sentences: Mapping[str, str]) -> str:
    """Give the digest of what a fact claims and of the sentences that it rests on.

    Args:
        fact: The fact; its note is no part of what it claims.
        sentences: The digest of each sentence of its document, by id.
    """
    obj = fact.object if isinstance(fact.object, str) else [fact.object.value, fact.object.datatype, fact.object.language]
    pieces = [
        [
            piece.sentence,
            sentences.get(piece.sentence, ""),
            sorted(piece.supports),
            piece.modality,
            piece.start,
            piece.end,
            piece.wordings,
        ]
        for piece in fact.evidence
    ]
    claim = [fact.document, fact.subject, fact.predicate, obj, sorted(fact.qualifiers.items()), pieces]
    return sha256(json.dumps(claim, ensure_ascii=False, separators=(",", ":")).encode("utf-8")).hexdigest()


def sentence_digests(document: Document) -> dict[str, str]:
    """Give the digest of each sentence, by id."""
    return {each.id: each.sha256 for each in document.sentences}


class CurrentResults:
    """What was verified of a document's facts and still holds: of this text, by these rules, of facts and sentences as they are.

    Args:
        document: The document.
    """

    def __init__(self, document: Document) -> None:
        self._known = {each.fact: each for each in document.verified if is_current(each, document)}
        self._sentences = sentence_digests(document) if self._known else {}

    def of(self, fact: Fact) -> Verification | None:
        """Give what was verified of a fact, if it still holds."""
        each = self._known.get(name_fact(fact)) if self._known else None
        return each if each and each.digest == digest_claim(fact, self._sentences) else None


def name_fact(fact: Fact) -> str:
    """Give the path of a fact below that of its document."""
    return fact.path.removeprefix(f"fact/{fact.document}/")


def is_current(each: Verification, document: Document) -> bool:
    """Tell whether a result is one of this text by these rules."""
    return each.sha256 == document.sha256 and each.rules == RULES


def describe_result(each: Verification, node: str) -> list[str]:
    """Write what is said of a verification.

    Args:
        each: The verification.
        node: The IRI of its document, which ends in ``document/ID``.
    """
    base, _, name_ = node.rpartition("document/")
    fact = f"{base}fact/{name_}/{each.fact}"
    return [
        f" {_TYPE} {iri(f'{KB}Verification')}",
        f" {_TYPE} {iri(f'{PROV}Activity')}",
        f" {iri(f'{KB}verifies')} <{fact}>",
        f" {iri(f'{PROV}used')} <{node}>",
        f" {iri(f'{KB}sha256')} {literal(each.sha256)}",
        f" {iri(f'{KB}digest')} {literal(each.digest)}",
        f" {iri(f'{KB}verdict')} {iri(KB + each.verdict)}",
        f" {iri(f'{KB}rules')} {literal(str(each.rules), f'{XSD}integer')}",
        f" {iri(f'{PROV}endedAtTime')} {literal(each.when, f'{XSD}dateTime')}",
        *[f" {iri(f'{KB}checked')} {iri(KB + part)}" for part in each.checked],
        *[f" {iri(f'{KB}unchecked')} {iri(KB + part)}" for part in each.unchecked],
    ]


def with_current_results(kb: KnowledgeBase) -> Iterator[Document]:
    """Give the documents of a knowledge base, each with the results of verification that are up to date."""
    stated = defaultdict[str, list[Fact]](list)
    for fact in kb.facts:
        stated[fact.document].append(fact)
    for document in kb.documents.values():
        results = CurrentResults(document)
        found = [results.of(fact) for fact in stated[document.id]] if document.verified else ()
        yield document._replace(verified=tuple(each for each in found if each))
