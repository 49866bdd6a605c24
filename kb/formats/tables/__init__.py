"""Exports that are no RDF: for knowledge graphs, property graphs, embeddings and spreadsheets. ``catalogue`` lists them."""
