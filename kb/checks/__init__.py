"""Validation: each check is a generator of problems, and none raises or prints for bad input.

::

    json_schema.py        a record against its JSON Schema
    schema_messages.py    explains the errors of the schema validator
    identifiers.py        IRIs and language tags
    references.py         the references of facts, mappings and predicates, with explanations
    references_fast.py    the references of a fact, accepted or refused
    document_checks.py    sections, spans, text and exemptions of a document
    confusables.py        letters that look like others in labels
    biolink_profile.py    the names in biolink.yaml
    shacl.py              the compiled graph against its shapes
    conformance_cache.py  checks that found no problem and need not run again
"""
