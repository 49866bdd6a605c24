"""RDF terms in the form of the SPARQL 1.1 Query Results JSON Format, section 3.2.2."""

from __future__ import annotations

from kb.rdf.iris import XSD
from kb.rdf.quads import iri_value, is_blank, is_iri, literal_value


def json_term(term: str) -> dict[str, str]:
    """Convert a term from N-Triples to the object that stands for it in JSON results."""
    if is_iri(term):
        return {"type": "uri", "value": iri_value(term)}
    if is_blank(term):
        return {"type": "bnode", "value": term[2:]}
    literal = literal_value(term)
    if literal.language:
        return {"type": "literal", "value": literal.value, "xml:lang": literal.language}
    if literal.datatype == f"{XSD}string":
        return {"type": "literal", "value": literal.value}
    return {"type": "literal", "value": literal.value, "datatype": literal.datatype}
