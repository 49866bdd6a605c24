"""Write records: new facts and documents, canonical form, schemas for editors, new knowledge bases.

::

    init               creates a knowledge base with a small example
    document_records   creates and updates the record of a document
    document_edits     corrects sentences, removes and renames documents
    authoring          adds, changes and removes facts, and adds terms, checked first
    reviewing          adds reviews to facts
    term_merge         merges a term into another, with all records that name it
    base_merge         merges two knowledge bases into a new one
    base_files         their records with their identity, and their other files
    base_joining       joins the records that both have
    base_pairs         finds the terms that are one thing under two ids
    fact_joining       joins facts of one claim
    named_ids          finds and changes the ids in records
    mapping_conflicts  decides which mappings two terms have together
    name_conflicts     decides which names two terms have together
    record_merge       merges versions of a file of records, record by record
    migration          brings records of former versions over
    team               prepares a knowledge base for several curators in git
    record_edits       single records in a YAML file, the rest of which stays
    formatting         finds and writes files that are not in canonical form
    canonical          the canonical form of records
    yaml_layout        lays out a record as YAML, with its comments
    editor_schemas     schemas with which editors complete and check records
"""
