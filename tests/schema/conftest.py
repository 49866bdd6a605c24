"""What the tests of the contracts share: records as RDF by a JSON-LD processor, RDF against the shapes, good records."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable
from typing import Any, NoReturn

import pyshacl
import pytest
import rdflib
from hypothesis import strategies as st
from pyld import jsonld

from kb import resources
from kb.checks import shape_writer
from kb.rdf.iris import DCTERMS, KB, OA, PROV, RDF, SKOS, XSD, kind_iri, word_iri
from kb.rdf.quads import iri_value, is_iri, literal, literal_value
from kb.schema import vocabulary
from tests.schema.quantity_records import records

Node = dict[str, Any]
#: Three terms, as N-Triples writes them.
Triple = tuple[str, str, str]
#: The triples of a node of JSON-LD, with a base IRI.
Expand = Callable[[Node, str], frozenset[Triple]]
#: For each set of triples, whether a shape of one of the classes refuses one of its subjects.
Judge = Callable[..., list[bool]]

SH = rdflib.Namespace("http://www.w3.org/ns/shacl#")
_DOUBLE = "urn:double"
# What an IRI must not hold, and what a language tag looks like (RDF 1.1 N-Triples, grammar).
_NOT_IN_IRIS = re.compile('[\x00-\x20<>"{}|^`\\\\]')
_TAG = re.compile("[A-Za-z]+(-[A-Za-z0-9]+)*")


def _refuse(url: str, _options: Any) -> NoReturn:
    message = f"nothing may be fetched: {url}"
    raise AssertionError(message)


@pytest.fixture(scope="session")
def expand() -> Expand:
    def triples(node: Node, base: str) -> frozenset[Triple]:
        document = {"@context": [{"@base": base, "@language": "en"}, vocabulary.context()], **node}
        expanded = _guard(jsonld.expand(document, {"documentLoader": _refuse}))
        dataset = jsonld.to_rdf(expanded, {"documentLoader": _refuse})
        return frozenset(
            (_term(each["subject"]), _term(each["predicate"]), _term(each["object"])) for each in dataset.get("@default", ())
        )

    return triples


def _guard(value: Any) -> Any:
    """Hide xsd:double from PyLD, which writes strings of that type anew; JSON-LD 1.1 has that for numbers alone."""
    if isinstance(value, list):
        return [_guard(each) for each in value]
    if not isinstance(value, dict):
        return value
    hidden = value.get("@type") == f"{XSD}double" and isinstance(value.get("@value"), str)
    return {**value, "@type": _DOUBLE} if hidden else {key: _guard(each) for key, each in value.items()}


def _term(value: dict[str, str]) -> str:
    if value["type"] == "IRI":
        return f"<{value['value']}>"
    if value["type"] == "blank node":
        return value["value"]
    if "language" in value:
        return literal(value["value"], language=value["language"])
    return literal(value["value"], value["datatype"].replace(_DOUBLE, f"{XSD}double"))


@vocabulary.by_vocabulary
def _parse_shapes() -> list[rdflib.Graph]:
    return [rdflib.Graph().parse(data=text, format="turtle") for text in shape_writer.list_shapes()]


@pytest.fixture(scope="session")
def judge() -> Judge:
    def refused(graphs: list[frozenset[Triple]], classes: list[str], *, with_sparql: bool = False) -> list[bool]:
        every, classes_of = _parse_shapes(), _classes()
        shapes = every[0] + every[1] if with_sparql else every[0] + rdflib.Graph()
        for shape, _, target in list(shapes.triples((None, SH.targetClass, None))):
            if str(target) not in {KB + name for name in classes}:  # what is only referred to is not at issue
                shapes.remove((shape, SH.targetClass, target))
        data, owners = rdflib.Graph(), {}
        verdicts = [not _is_rdf(triples) for triples in graphs]
        for index, triples in enumerate(graphs):
            terms = [] if verdicts[index] else [tuple(_rdflib(term, index) for term in triple) for triple in triples]
            owners.update({subject: index for subject, _, _ in terms})
            own = {subject for subject, _, obj in terms if obj == rdflib.URIRef(f"{KB}Quantity")}  # no terms
            for subject, predicate, obj in terms:
                data.add((subject, predicate, obj))
                for kind in classes_of.get(str(predicate), ()) if isinstance(obj, rdflib.URIRef) and obj not in own else ():
                    data.add((obj, rdflib.RDF.type, rdflib.URIRef(kind)))
        _, report, _ = pyshacl.validate(data, shacl_graph=shapes, inplace=True)
        for result in report.subjects(rdflib.RDF.type, SH.ValidationResult):
            for node in (report.value(result, SH.focusNode), report.value(result, SH.value)):
                if node in owners:
                    verdicts[owners[node]] = True
        return verdicts

    return refused


def _is_rdf(triples: Iterable[Triple]) -> bool:
    terms = {term for triple in triples for term in triple}
    tags = [literal_value(term).language for term in terms if term.startswith('"')]
    bad = any(is_iri(term) and _NOT_IN_IRIS.search(iri_value(term)) for term in terms)
    return bool(terms) and not bad and all(_TAG.fullmatch(tag) for tag in tags if tag)


def _rdflib(term: str, index: int) -> rdflib.term.Node:
    if is_iri(term):
        return rdflib.URIRef(iri_value(term))
    if term.startswith("_:"):
        return rdflib.BNode(f"b{index}{term[2:]}")
    value = literal_value(term)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # rdflib says of some bad literals that they are odd
        return rdflib.Literal(value.value, lang=value.language or None, datatype=value.datatype or None, normalize=False)


# What a record refers to is taken to exist and to be of the right kind: that is for checks across records.
_TERM = [f"{KB}Term", f"{SKOS}Concept"]


@vocabulary.by_vocabulary
def _classes() -> dict[str, list[str]]:
    return {
        f"{PROV}hadPrimarySource": [f"{KB}Document"],
        f"{PROV}wasDerivedFrom": [f"{KB}Sentence"],
        f"{OA}hasTarget": [f"{KB}Sentence"],
        f"{RDF}predicate": [f"{KB}Predicate"],
        **dict.fromkeys((f"{RDF}subject", f"{RDF}object", f"{DCTERMS}isReplacedBy"), _TERM),
        f"{KB}member": [*_TERM, *(kind_iri(kind) for kind in vocabulary.values("kind"))],
        **{
            word_iri(name): [*_TERM, *(kind_iri(kind) for kind in value.kinds)]
            for name, value in vocabulary.qualifiers().items()
            if value.kinds
        },
    }


def _pattern(name: str) -> str:
    pattern: str = resources.schema("values")["$defs"][name]["pattern"]
    return pattern


IDS = st.from_regex(_pattern("id"), fullmatch=True).filter(lambda each: len(each) <= 100)
PREDICATE_IDS = st.from_regex(_pattern("predicate-id"), fullmatch=True).filter(lambda each: len(each) <= 100)
SENTENCES = st.from_regex(_pattern("sentence-id"), fullmatch=True)
# Any character but U+0000, which no string of XPath holds, and surrogates, which are none.
_ANY = st.characters(min_codepoint=1, codec="utf-8")
TEXTS = st.text(_ANY, min_size=1, max_size=30)
LABELS = TEXTS.filter(lambda each: re.search(_pattern("label"), each) is not None and not each.endswith("\n"))


WORDINGS = st.from_regex(_pattern("wording"), fullmatch=True).filter(lambda each: len(each) <= 120 and each.isprintable())


def _words(name: str) -> st.SearchStrategy[str]:
    return st.sampled_from(list(vocabulary.values(name)))


def _literals() -> st.SearchStrategy[Any]:
    rules = resources.schema("fact")["$defs"]["literal"]["allOf"]
    typed = [
        st.fixed_dictionaries(
            {
                "value": st.from_regex(rule["then"]["properties"]["value"]["pattern"], fullmatch=True),
                "datatype": st.just(rule["if"]["properties"]["datatype"]["const"]),
            }
        )
        for rule in rules
    ]
    plain = st.fixed_dictionaries({"value": st.text(_ANY, max_size=30)}, optional={"datatype": st.just("xsd:string")})
    tagged = st.fixed_dictionaries({"value": st.text(_ANY, max_size=30), "language": st.sampled_from(["en", "de", "pt-BR"])})
    return st.one_of(plain, tagged, *typed)


def _curations() -> dict[str, st.SearchStrategy[Any]]:
    agents = st.sampled_from(["lexicon", "person:me", "model:a/b:c", "tool:\u00fc%.", "https://orcid.org/0000-0002-1825-0097"])
    days = st.dates().map(str)
    digests = st.sampled_from(["0" * 64, "f" * 64])
    review = {"by": agents, "on": days, "verdict": _words("review-verdict"), "digest": digests}
    status = {"is": _words("fact-status"), "reason": TEXTS}
    reviews = st.lists(st.fixed_dictionaries(review), max_size=2)
    return {"curator": agents, "added": days, "review": reviews, "status": st.fixed_dictionaries(status)}


def _join(parts: tuple[Node, Node]) -> Node:
    return {**parts[0], **parts[1]}


_MEMBERS = st.lists(IDS, min_size=2, max_size=4, unique=True)
_GROUPS = st.sampled_from(["all-of", "any-of"]).flatmap(lambda kind: st.fixed_dictionaries({kind: _MEMBERS}))


def _sentence(piece: Node) -> str:
    return str(piece["sentence"])


def make_facts() -> st.SearchStrategy[Node]:
    """Return facts that fit the vocabulary in use."""
    qualifiers = {
        name: (_words(name) if value.listed else IDS | _GROUPS if value.kinds else st.nothing())
        | (st.nothing() if value.units is None else records(value.units))
        for name, value in vocabulary.qualifiers().items()
        if name != "modality"
    }
    objects = IDS | _literals() | records().filter(lambda value: "unit" in value)

    @st.composite
    def facts(draw: st.DrawFn) -> Node:
        fact = draw(
            st.fixed_dictionaries(
                {"subject": IDS, "predicate": PREDICATE_IDS, "object": objects, "modality": _words("modality")},
                optional={**qualifiers, "document": IDS, "note": TEXTS, **_curations()},
            )
        )
        if "comparator" not in fact:
            fact.pop("against", None)
        parts = st.sampled_from(["claim", *(name for name in vocabulary.qualifiers() if name in fact)])
        piece = st.fixed_dictionaries(
            {"sentence": SENTENCES},
            optional={
                "supports": st.lists(parts, max_size=3, unique=True),
                "modality": _words("modality"),
                "direction": st.sampled_from(["supports", "disputes"]),
                "as": st.dictionaries(st.sampled_from(["subject", "object", "trigger"]), WORDINGS, max_size=2),
            },
        )
        spans = st.tuples(st.integers(0, 999), st.integers(0, 999)).map(lambda each: {"start": each[0], "end": each[1]})
        pieces = st.tuples(piece, st.just({}) | spans).map(_join)
        return {**fact, "evidence": draw(st.lists(pieces, min_size=1, max_size=3, unique_by=_sentence))}

    return facts()


def _by_language(words: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Draw words in the language of the knowledge base, or by language, that of the knowledge base among them."""
    return words | st.fixed_dictionaries({"en": words}, optional=dict.fromkeys(("fr", "pt-BR"), words))


def make_terms() -> st.SearchStrategy[Node]:
    """Return terms that fit the vocabulary in use."""
    keys = {"id": IDS, "kind": _words("kind"), "label": _by_language(LABELS), "definition": _by_language(TEXTS)}
    optional = {"aliases": _by_language(st.lists(LABELS, max_size=3)), "note": TEXTS}
    retired = {**keys, "deprecated": st.just(value=True), "note": TEXTS}
    other = {"aliases": optional["aliases"], "replaced-by": IDS}
    amount = {"value": st.from_regex(r"\A[0-9]{1,5}([.][0-9]{1,5})?\Z"), "unit": st.sampled_from(["mg", "mL/kg", "%", "[iU]"])}
    return (
        st.fixed_dictionaries(keys, optional=optional)
        | st.fixed_dictionaries({**keys, **amount}, optional=optional)
        | st.fixed_dictionaries(retired, optional=other).filter(lambda term: term.get("replaced-by") != term["id"])
    )


def make_predicates() -> st.SearchStrategy[Node]:
    """Return predicates that fit the vocabulary in use."""
    kinds, qualifiers = _words("kind"), st.lists(st.sampled_from(list(vocabulary.qualifiers())), max_size=4, unique=True)
    keys: dict[str, st.SearchStrategy[Any]] = {
        "id": PREDICATE_IDS,
        "label": _by_language(LABELS),
        "definition": _by_language(TEXTS),
        "subject": st.lists(kinds, min_size=1, max_size=4, unique=True),
        "object": st.lists(kinds | st.just("literal"), min_size=1, max_size=4, unique=True),
    }
    return st.fixed_dictionaries(
        keys,
        optional={
            "qualifiers": qualifiers,
            "requires": qualifiers,
            "plain": st.lists(_words("modality"), max_size=4, unique=True),
            "symmetric": st.just(value=True),
            "note": TEXTS,
        },
    )


def make_records() -> dict[str, st.SearchStrategy[Node]]:
    """Return records that fit the vocabulary in use, by kind."""
    return {"fact": make_facts(), "term": make_terms(), "predicate": make_predicates()}


@pytest.fixture(scope="session")
def good_facts() -> st.SearchStrategy[Node]:
    return make_facts()


@pytest.fixture(scope="session")
def good_terms() -> st.SearchStrategy[Node]:
    return make_terms()


@pytest.fixture(scope="session")
def good_predicates() -> st.SearchStrategy[Node]:
    return make_predicates()


@pytest.fixture(scope="session")
def good_records() -> dict[str, st.SearchStrategy[Node]]:
    return make_records()
