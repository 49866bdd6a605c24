"""Write records: new facts and documents, canonical form, schemas for editors, new knowledge bases.

::

    init              creates a knowledge base with a small example
    document_records  creates and updates the record of a document
    authoring         adds a fact, checked first
    formatting        finds and writes files that are not in canonical form
    canonical         the canonical form of records
    yaml_layout       lays out a record as YAML
    yaml_comments     finds comments, each with the value that it describes
    editor_schemas    schemas with which editors complete and check records
"""
