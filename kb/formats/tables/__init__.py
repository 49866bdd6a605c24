"""Exports that are not RDF, for knowledge graphs, property graphs, embeddings and spreadsheets.

| module | what it does |
|---|---|
| ``table_registry`` | the table of these exports |
| ``columns`` | what several of them share |
| ``flat``, ``spreadsheet``, ``mapping_set`` | facts, terms and mappings as CSV; SSSOM |
| ``property_graph`` | makes nodes and edges |
| ``neo4j``, ``parquet_graph``, ``graphml`` | write nodes and edges |
| ``kgx`` | nodes and edges of the Biolink Model |
| ``hrt`` | head, relation and tail |
"""
