"""Validation: each check is a generator of problems, and none raises or prints for bad input.

::

    json_schema        a record against its JSON Schema
    schema_messages    explains the errors of the schema validator
    identifiers        IRIs and language tags
    argument_values    arguments of commands and functions
    references         the references of facts, mappings and predicates, with explanations
    retired_terms      retired terms and their successors
    acceptance         whether references are valid, without explanations
    term_labels        labels of terms and predicates, in each language
    document_checks    sections, spans, text and exemptions of a document
    confusables        letters that look like others in labels
    biolink_profile    the names in biolink.yaml
    mapping_checks     what mappings claim together
    vocabulary_checks  the words that a knowledge base declares itself
    shacl              the compiled graph against its shapes
    shape_writer       writes the shapes of a vocabulary
    frames             which RDF a record becomes, for the shapes
"""
