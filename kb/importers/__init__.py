"""Import tables of pairs, such as drugs and their effects, as facts with evidence; look up mappings in vocabularies.

::

    table             imports a table of pairs as facts
    rows              reads a table row by row
    frequencies       reads words, percentages, limits and ranges
    table_records     the records that a table becomes
    table_predicates  its predicates
    table_terms       the ids, labels and CURIEs of its terms
    vocabularies      outside identifiers in OBO, OWL, SKOS and SSSOM
"""
