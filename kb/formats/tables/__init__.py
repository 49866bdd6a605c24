"""Exports that are no RDF: for knowledge graphs, property graphs, embeddings and spreadsheets. ``table_registry`` lists them."""
