"""Import tables of pairs as facts, RDF that kb wrote as records, and entries of vocabularies as terms; look up mappings in them.

::

    table             imports a table of pairs as facts
    rows              reads a table row by row
    table_records     the records that a table becomes
    table_predicates  its predicates
    table_terms       the ids, labels and CURIEs of its terms
    rdf_import        a knowledge base read back from a release, an export or nanopublications
    rdf_records       its facts, terms, predicates and mappings
    rdf_vocabulary    the words that it declares itself
    rdf_documents     its documents with their sentences
    base_import       copies of the terms and predicates of other knowledge bases
    term_import       terms made of entries of a vocabulary
    term_mapping      outside identifiers proposed for terms by their names
    vocabularies      files in OBO, OWL, SKOS and SSSOM, and outside identifiers looked up in them
"""
