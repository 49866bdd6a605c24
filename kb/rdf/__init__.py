"""RDF: from values of the model to statements, without blank nodes.

| module | what it does |
|---|---|
| ``iris`` | prefixes, CURIEs and the IRIs of a knowledge base |
| ``quads`` | statements and terms in the form of canonical N-Quads |
| ``facts`` | compiles one fact; the same step runs on one fact and on a million |
| ``documents``, ``verifications`` | compile documents with their sentences, and results of verification |
| ``terms``, ``ontology``, ``dataset`` | compile terms, predicates and mappings; the words of the vocabulary; the metadata |
| ``compilation`` | compiles a whole knowledge base |
| ``nanopubs``, ``trusty``, ``signing`` | nanopublications, their names and signatures |
| ``wording`` | puts a claim into words |
"""
