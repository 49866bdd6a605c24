"""SPARQL: the text of queries, what is refused, named queries and parameters, engines, and the formats of results.

::

    scope           keeps queries to one knowledge base of a store that holds several
    syntax          tokens, form, prefixes and variables of a query
    slips           common slips in queries that an engine rejects
    guard           checks of a query before it runs
    projection      a SELECT split into its parts, and rewritten to select every variable
    label_language  chooses the language of the labels that a query reads
    library         named queries: .rq files and their parameters
    parameters      what a user types for a parameter, converted to an RDF term
    values          queries and answers in plain values
    result_formats  JSON, XML, CSV, TSV, Markdown, HTML; the registry of result formats
    engines         what evaluates queries
"""
