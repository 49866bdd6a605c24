"""The nanopublication of one fact, made from the statements of a store: the same as :mod:`kb.rdf.nanopubs` makes from records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from kb.model import STANDING
from kb.rdf import facts, nanopubs, quantities, trusty
from kb.rdf.iris import DCTERMS, FOAF, KB, RDFS, Names
from kb.rdf.nanopubs import Triple
from kb.rdf.quads import Quad, iri, iri_value, literal_value
from kb.schema import vocabulary

#: Returns the triples of a node (or those of one predicate) and of nodes that belong to it: evidence, values and selectors.
Describe = Callable[..., Iterable[Triple]]


def read_nanopub(fact: str, names: Names, describe: Describe) -> list[Quad]:
    """Make the nanopublication of a fact; nothing if there is no such fact.

    Args:
        fact: Its IRI, as N-Triples writes it.
        names: The names of the knowledge base.
        describe: Looks up the triples of a node, by such an IRI.
    """
    own = list(describe(fact))
    about = [triple for triple in own if triple[0] == fact]
    if (fact, facts.TYPE, facts.FACT) not in about:
        return []
    claimed = [triple for triple in about if triple[1] not in nanopubs.EVIDENCE]
    claimed += [triple for triple in own if nanopubs.is_value(triple)]
    evidence = [triple for triple in own if triple not in claimed]
    subject, predicate, obj = (_value(about, part) for part in (facts.SUBJECT, facts.PREDICATE, facts.OBJECT))
    plain = [(subject, predicate, obj)] if _has_plain_triple(about, describe(predicate, iri(f"{KB}plainModality"))) else []
    sources = {obj for _, predicate, obj in evidence if predicate in {facts.DERIVED, facts.PRIMARY_SOURCE}}
    stated = (triple for node in sorted(sources) for triple in describe(node) if triple[1] not in nanopubs.OMITTED)
    info = _info(predicate, [*claimed, *plain], _value(about, facts.LABEL), names, describe)
    draft = nanopubs.assemble(names, [*claimed, *plain], evidence, stated, info)
    return trusty.fill_in(draft, trusty.compute_code(draft))


def find_published(node: str, names: Names, candidates: Iterable[str], describe: Describe) -> str:
    """Return the IRI of the fact among the candidates whose nanopublication has a name; empty if there is none.

    A name is a digest of the content, so nanopublications are made until one has it.
    """
    start = f"{node.rstrip('>')}#"
    return next((iri_value(fact) for fact in candidates if read_nanopub(fact, names, describe)[0].graph.startswith(start)), "")


def _value(triples: Iterable[Triple], predicate: str) -> str:
    return next((obj for _, name, obj in triples if name == predicate), "")


def _has_plain_triple(about: Sequence[Triple], allowed: Iterable[Triple]) -> bool:
    """Return whether a fact has a plain triple; see :func:`kb.rdf.facts.has_plain_triple`."""
    names = {iri_value(name).removeprefix(KB) for _, name, _ in about}
    is_void = _value(about, iri(KB + STANDING)) in {iri(KB + word) for word in vocabulary.VOID}
    if is_void or quantities.FIGURE in _value(about, facts.OBJECT) or names & set(vocabulary.restricting_qualifiers()):
        return False
    return _value(about, iri(f"{KB}modality")) in {obj for _, _, obj in allowed}


def _info(predicate: str, claimed: Iterable[Triple], label: str, names: Names, describe: Describe) -> Iterator[Triple]:
    """Yield the triples of the publication info."""
    dataset = list(describe(iri(names.base)))
    creators = []
    for agent in (obj for _, name, obj in dataset if name == iri(f"{DCTERMS}creator")):
        person = list(describe(agent))
        creators.append((_value(person, iri(f"{RDFS}seeAlso")) or agent, _value(person, iri(f"{FOAF}name"))))
    created = nanopubs.write_created(literal_value(_value(dataset, iri(f"{DCTERMS}issued"))).value)
    yield from nanopubs.describe_nanopub(names, created, iri_value(_value(dataset, iri(f"{DCTERMS}license"))), label, creators)
    yield predicate, facts.LABEL, _value(describe(predicate, facts.LABEL), facts.LABEL)
    for term in sorted({obj for _, _, obj in claimed if obj.startswith(f"<{names.term('')}")}):
        yield term, facts.PREFERRED, _value(describe(term, facts.PREFERRED), facts.PREFERRED)
