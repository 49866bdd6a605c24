"""Results of verification: whether they are up to date, and their statements, as activities of PROV."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from hashlib import sha256

from kb.document_parts import Verification
from kb.model import DISPUTE, STANDING, STATUS, Document, Fact, KnowledgeBase
from kb.rdf.iris import KB, PROV, RDF, XSD, word_iri
from kb.rdf.quads import iri, literal
from kb.schema.vocabulary import RULES

_TYPE = iri(f"{RDF}type")


def digest_claim(fact: Fact, sentences: Mapping[str, str]) -> str:
    """Compute the digest of the claim of a fact and of the sentences that it cites.

    Args:
        fact: The fact; its note is not part of the claim.
        sentences: The digest of each sentence of its document, by id.
    """
    obj = fact.object if isinstance(fact.object, str) else [fact.object.value, fact.object.datatype, fact.object.language]
    given = ((one, sorted(one.supports), sorted(one.wordings)) for one in fact.evidence)
    pieces = [
        [one.sentence, sentences.get(one.sentence, ""), supports, one.modality, one.start, one.end, wordings]
        for one, supports, wordings in given
    ]
    pieces.sort(key=json.dumps)
    qualifiers = sorted(item for item in fact.qualifiers.items() if item[0] not in {STANDING, STATUS, DISPUTE})
    claim = [fact.document, fact.subject, fact.predicate, obj, qualifiers, pieces]
    return sha256(json.dumps(claim, ensure_ascii=False, separators=(",", ":")).encode("utf-8")).hexdigest()


def sentence_digests(document: Document) -> dict[str, str]:
    """Return the digest of each sentence, by id."""
    return {sentence.id: sentence.sha256 for sentence in document.sentences}


class CurrentResults:
    """The results of verification of a document's facts that are up to date: for this text, these rules, facts and sentences."""

    def __init__(self, document: Document) -> None:
        self._known = {result.fact: result for result in document.verified if is_current(result, document)}
        self._sentences = sentence_digests(document) if self._known else {}

    def of(self, fact: Fact) -> Verification | None:
        """Return the result of a fact, if it is up to date."""
        result = self._known.get(name_fact(fact)) if self._known else None
        return result if result and result.digest == digest_claim(fact, self._sentences) else None


def name_fact(fact: Fact) -> str:
    """Return the path of a fact below that of its document."""
    return fact.path.removeprefix(f"fact/{fact.document}/")


def is_current(result: Verification, document: Document) -> bool:
    """Return whether a result is for the current text and rules."""
    return result.sha256 == document.sha256 and result.rules == RULES


def describe_result(result: Verification, node: str) -> list[str]:
    """Return the rows of a result.

    Args:
        result: The result.
        node: The IRI of its document, which ends in ``document/ID``.
    """
    base, _, name = node.rpartition("document/")
    fact = f"{base}fact/{name}/{result.fact}"
    return [
        f" {_TYPE} {iri(f'{KB}Verification')}",
        f" {_TYPE} {iri(f'{PROV}Activity')}",
        f" {iri(f'{KB}verifies')} <{fact}>",
        f" {iri(f'{PROV}used')} <{node}>",
        f" {iri(f'{KB}sha256')} {literal(result.sha256)}",
        f" {iri(f'{KB}digest')} {literal(result.digest)}",
        f" {iri(f'{KB}verdict')} {iri(KB + result.verdict)}",
        f" {iri(f'{KB}rules')} {literal(str(result.rules), f'{XSD}integer')}",
        f" {iri(f'{PROV}endedAtTime')} {literal(result.when, f'{XSD}dateTime')}",
        *[f" {iri(f'{KB}checked')} {iri(word_iri(part))}" for part in result.checked],
        *[f" {iri(f'{KB}unchecked')} {iri(word_iri(part))}" for part in result.unchecked],
    ]


def with_current_results(kb: KnowledgeBase) -> Iterator[Document]:
    """Yield the documents of a knowledge base, each with the results of verification that are up to date."""
    facts = defaultdict[str, list[Fact]](list)
    for fact in kb.facts:
        facts[fact.document].append(fact)
    for document in kb.documents.values():
        results = CurrentResults(document)
        current = map(results.of, facts[document.id]) if document.verified else ()
        yield document._replace(verified=tuple(filter(None, current)))
