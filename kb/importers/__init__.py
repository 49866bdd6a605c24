"""Import tables of pairs as facts with evidence, and RDF that kb wrote as records; look up mappings in vocabularies.

::

    table             imports a table of pairs as facts
    rows              reads a table row by row
    table_records     the records that a table becomes
    table_predicates  its predicates
    table_terms       the ids, labels and CURIEs of its terms
    rdf_import        a knowledge base read back from a release, an export or nanopublications
    rdf_records       its facts, terms, predicates and mappings
    rdf_documents     its documents with their sentences
    term_mapping      outside identifiers proposed for terms by their names
    vocabularies      outside identifiers in OBO, OWL, SKOS and SSSOM
"""
