"""Writers of RDF: the same bytes for the same statements.

::

    registry    the table of RDF formats
    nquads      N-Triples and N-Quads
    turtle      Turtle and TriG
    trig_lines  TriG with one nanopublication per line
    jsonld      JSON-LD
    rdfxml      RDF/XML
    grouping    the order of statements for readers
    streaming   files of any size, compressed or not, in bounded memory
    tables      exports that are not RDF
"""
