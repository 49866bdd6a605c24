"""Read statements of RDF as proposals without words, to be looked for in texts: plain triples, nanopublications, facts of kb."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from kb.files.text_file import report_as_input
from kb.formats.rdf_reader import read_statements
from kb.importers.rdf_records import RdfRecords
from kb.rdf import facts
from kb.rdf.iris import NP, RDFS, SKOS, STANDARD, Names
from kb.rdf.quads import Quad, iri, is_iri, literal_value
from kb.schema import vocabulary

_ASSERTION = iri(f"{NP}hasAssertion")
_LABELS = (iri(f"{SKOS}prefLabel"), iri(f"{RDFS}label"))
# Vocabularies whose statements are about words, documents and other statements.
_NO_CLAIMS = tuple(f"<{start}" for start in STANDARD.values())
_NO_PARTS = {"document", "quote", "proposer", "terms", "note"}


def read_claims(path: Path, names: Names) -> list[dict[str, Any]]:
    """Read the claims of a file of RDF as parts of proposals, each once.

    Of facts that kb described, qualifiers are parts, too. Of nanopublications, only assertions make claims.

    Args:
        path: The file.
        names: The names of the knowledge base, whose ids and prefixes stand for IRIs.

    Raises:
        KbError: It cannot be read.
    """
    quads, _ = read_statements(path)
    with report_as_input(str(path)):
        claims = [*_read_facts(quads, names, str(path)), *_read_triples(quads, names)]
    return list({json.dumps(claim, sort_keys=True): claim for claim in claims}.values())


def _read_facts(quads: list[Quad], names: Names, source: str) -> Iterator[dict[str, Any]]:
    """Read the facts that kb described, by their base; the terms of other bases are named by their labels."""
    known = vocabulary.schema("proposal")["properties"].keys() - _NO_PARTS
    described = {quad.subject[1:-1] for quad in quads if quad.predicate == facts.TYPE and quad.object == facts.FACT}
    for base in sorted({node.partition("fact/")[0] for node in described}):
        graph = RdfRecords(quads, base, names.prefixes, source)
        for _, value in graph.read_facts():
            claim = {key: part for key, part in value.items() if key in known}
            if base != names.base:
                kinds = dict.fromkeys(claim, "term") | {"predicate": "predicate"}
                words = {
                    key: _find_label(graph, f"{base}{kinds[key]}/{part}") for key, part in claim.items() if isinstance(part, str)
                }
                claim |= {key: label for key, label in words.items() if label}
            yield claim


def _find_label(graph: RdfRecords, address: str) -> str:
    labels = [label for key in _LABELS for label in graph.find_values(iri(address), key)]
    return literal_value(labels[0]).value if labels else ""


def _read_triples(quads: Iterable[Quad], names: Names) -> Iterator[dict[str, Any]]:
    """Read plain triples, but for those that a described fact repeats."""
    parts: dict[str, dict[str, str]] = {}
    labels: dict[str, str] = {}
    asserted = {quad.object for quad in quads if quad.predicate == _ASSERTION}
    for quad in quads:
        if quad.predicate in {facts.SUBJECT, facts.PREDICATE, facts.OBJECT}:
            parts.setdefault(quad.subject, {})[quad.predicate] = quad.object
        elif quad.predicate in _LABELS:
            labels.setdefault(quad.subject, literal_value(quad.object).value)
    stated = {tuple(own.get(key) for key in (facts.SUBJECT, facts.PREDICATE, facts.OBJECT)) for own in parts.values()}
    for quad in quads:
        is_claim = is_iri(quad.subject) and (is_iri(quad.object) or quad.object.startswith('"'))
        if (
            is_claim
            and not quad.predicate.startswith(_NO_CLAIMS)
            and quad[:3] not in stated
            and (not asserted or quad.graph in asserted)
        ):
            words = (_word(term, names, labels) for term in quad[:3])
            yield dict(zip(("subject", "predicate", "object"), words, strict=True))


def _word(term: str, names: Names, labels: dict[str, str]) -> str:
    """Return the words for an end of a triple: an id of ours, a CURIE, a label, or the IRI."""
    if term.startswith('"'):
        return literal_value(term).value
    curie = names.compact(term[1:-1]) or ""
    prefix, _, local = curie.partition(":")
    return local if prefix in {"term", "pred"} else curie or labels.get(term, term[1:-1])
