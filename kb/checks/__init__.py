"""Validation: each check is a generator of problems, and none raises or prints for bad input.

::

    json_schema        a record against its JSON Schema
    schema_messages    explains the errors of the schema validator
    identifiers        IRIs and language tags
    references         the references of facts, mappings and predicates, with explanations
    references_fast    the references of a fact, accepted or refused
    document_checks    sections, spans, text and exemptions of a document
    confusables        letters that look like others in labels
    biolink_profile    the names in biolink.yaml
    shacl              the compiled graph against its shapes
    conformance_cache  checks that found no problem and need not run again
"""
