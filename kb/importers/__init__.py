"""Import tables of pairs, such as drugs and their effects, as facts with evidence.

::

    table          imports a table of pairs as facts
    rows           reads a table row by row
    table_records  the records that a table becomes
    table_terms    the ids, labels and CURIEs of its terms
    frequencies    frequencies as words
"""
