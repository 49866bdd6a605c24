"""Sign nanopublications with a user's key, by the library ``nanopub`` (extra ``nanopub``).

The signature covers the same statements as the trusty URI (http://nanopub.net/guidelines/working_draft/, digital
signatures). It is RSA with PKCS #1 v1.5, so that signing again gives the same bytes.
"""

from __future__ import annotations

import warnings
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kb.files.text_file import read_bytes
from kb.metadata import Creator
from kb.model import KnowledgeBase
from kb.problems import KbError, fail
from kb.rdf import nanopubs, trusty
from kb.rdf.iris import NPX, XSD, names_of
from kb.rdf.quads import Quad, iri, iri_value, literal, literal_value

_LARGEST_KEY = 64 * 1024  # bytes of a file that holds a key


def sign_all(kb: KnowledgeBase, key: Path) -> Iterator[Quad]:
    """Make a signed nanopublication of every fact.

    Args:
        kb: The knowledge base; its first creator with an ORCID signs.
        key: The file of a private RSA key: PEM, or base64 as the tools of the nanopublication network write it.

    Raises:
        KbError: The library is not installed (KB713); the key cannot be read (KB772); nobody can sign (KB773); a
            nanopublication would be too large (KB771), or is not valid after signing (KB774).
    """
    signer = next((creator for creator in kb.dataset.creators if creator.orcid), None)
    if signer is None:
        remedy = "Add 'orcid' to a creator in kb.yaml."
        raise fail("KB773", "Nobody can sign: no creator of the knowledge base has an ORCID.", remedy, str(kb.folder / "kb.yaml"))
    profile = _profile(signer, key)
    publisher = nanopubs.Publisher(kb, names_of(kb))
    for fact in kb.stated_facts():
        yield from _sign(publisher.draft(fact), publisher.start, signer, profile)


def _profile(signer: Creator, key: Path) -> Any:
    try:
        from Crypto.PublicKey import RSA
        from nanopub.profile import Profile
    except ImportError as error:
        remedy = "Install it: pip install 'linked-kb[nanopub]'."
        raise fail("KB713", "Signing needs the library nanopub, which is not installed.", remedy) from error
    try:
        text = read_bytes(key, str(key), _LARGEST_KEY).decode("ascii").strip()
        pem = text if text.startswith("-----") else f"-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----"
        read = RSA.import_key(pem)
        private = b64encode(read.export_key("DER", pkcs=8) if read.has_private() else b"").decode("ascii")
    except (KbError, ValueError, IndexError, TypeError):  # the library's message could contain a part of the key
        private = ""
    if not private:
        remedy = "Name the file of a private RSA key without a passphrase, such as ~/.nanopub/id_rsa."
        raise fail("KB772", "The key for signing cannot be read.", remedy, str(key))
    public = b64encode(read.public_key().export_key("DER")).decode("ascii")
    return Profile(signer.url, signer.name, private, public)


def _sign(draft: list[Quad], start: str, signer: Creator, profile: Any) -> list[Quad]:
    """Sign a draft, after changing its IRIs to the form in which the library expects the artifact code."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the library uses old names of rdflib
        from nanopub import Nanopub, NanopubConf
        from nanopub.utils import MalformedNanopubError
        from rdflib import ConjunctiveGraph, Graph, Literal, URIRef

        dataset = ConjunctiveGraph()
        signature, info = iri(f"{start}{trusty.PLACEHOLDER}#sig"), draft[-1].graph
        signed_by = Quad(signature, iri(f"{NPX}signedBy"), iri(signer.url), info)
        for quad in (*draft, signed_by):
            subject, predicate, graph = (URIRef(_open(term)) for term in (quad.subject, quad.predicate, quad.graph))
            dataset.add((subject, predicate, _term(quad.object, Literal, URIRef), Graph(dataset.store, graph)))
        try:
            made = Nanopub(rdf=dataset, conf=NanopubConf(profile=profile))
            made.sign()
        except (MalformedNanopubError, ValueError) as error:
            raise fail("KB774", f"A nanopublication cannot be signed: {error}.", "Please report it.") from error
        quads = list(map(_quad, made.rdf.quads((None, None, None, None))))
    artifact = str(made.source_uri).rpartition("/")[2]
    if trusty.compute_code(trusty.clear(quads, artifact)) != artifact:
        raise fail("KB774", "A signed nanopublication does not have the digest that its name says.", "Please report it.")
    return quads


def _open(term: str) -> str:
    """Write an IRI of a draft without the placeholder, as the library expects it."""
    return iri_value(term).replace(f"{trusty.PLACEHOLDER}#", "").replace(trusty.PLACEHOLDER, "")


def _term(term: str, literal_class: Any, iri_class: Any) -> Any:
    if term[0] == "<":
        return iri_class(_open(term))
    value = literal_value(term)
    if value.language:
        return literal_class(value.value, lang=value.language)
    datatype = None if value.datatype == f"{XSD}string" else iri_class(value.datatype)
    return literal_class(value.value, datatype=datatype, normalize=False)


def _quad(statement: Any) -> Quad:
    subject, predicate, obj, context = statement
    if hasattr(obj, "datatype"):
        written = literal(str(obj), str(obj.datatype or f"{XSD}string"), obj.language or "")
    else:
        written = iri(str(obj))
    return Quad(iri(str(subject)), iri(str(predicate)), written, iri(str(getattr(context, "identifier", context))))
