"""RDF: from values of the model to statements, without blank nodes.

::

    iris           prefixes, CURIEs and the IRIs of a knowledge base
    quads          statements and terms in the form of canonical N-Quads
    quantities     numbers with units: spelled, in words, compared, and as statements
    facts          compiles one fact; the same step runs on one fact and on a million
    reviews        compiles who entered and reviewed facts, and whether reviews still hold
    documents      compiles documents and sentences: positions and digests
    value_groups   several values of a qualifier: spelled, in words, and as statements
    verifications  compiles results of verification, and whether they still hold
    terms          compiles terms, predicates and mappings
    ontology       compiles the words of the vocabulary
    dataset        compiles the metadata of the knowledge base
    compilation    compiles a whole knowledge base
    nanopubs       compiles facts as nanopublications
    stored_nanopubs  the nanopublication of a fact of a store
    trusty         trusty URIs: names that contain the digest of what they name
    signing        signs nanopublications
    wording        puts a claim into words
"""
