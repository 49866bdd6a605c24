"""RDF: writers, with the same bytes for the same statements, and a reader.

::

    registry    the table of RDF formats
    nquads      N-Triples and N-Quads
    turtle      Turtle and TriG
    trig_lines  TriG with one nanopublication per line
    jsonld      JSON-LD
    rdfxml      RDF/XML
    rdf_reader  reads files of RDF from anywhere
    grouping    the order of statements for readers
    streaming   files of any size, compressed or not, in bounded memory
    tables      exports that are not RDF
"""
