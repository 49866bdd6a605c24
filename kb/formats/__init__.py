"""Writers of RDF: the same statements give the same bytes. ``registry`` lists the formats.

| module | what it does |
|---|---|
| ``registry`` | the table of formats |
| ``streaming`` | chooses the format of a file by its name, and writes it in bounded memory |
| ``grouping`` | sorts statements into the order that people read best |
| ``turtle``, ``trig_lines``, ``nquads``, ``jsonld``, ``rdfxml`` | the writers |
| ``tables`` | everything that is not RDF |
"""
