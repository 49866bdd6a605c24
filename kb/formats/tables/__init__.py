"""Write exports that are not RDF: for knowledge graphs, property graphs, embeddings and spreadsheets.

::

    table_registry  the table of formats that are not RDF
    csv_tables      facts, terms and mappings as CSV
    spreadsheet     CSV that spreadsheets open safely
    omissions       counts of what tables and graphs leave out
    row_values      values that several tables share
    mapping_set     mappings as SSSOM/TSV
    property_graph  terms as nodes, facts as edges
    kgx             KGX of the Biolink Model
    neo4j           CSV for neo4j-admin
    parquet_graph   Parquet for LadybugDB and DuckDB
    graphml         GraphML
    hrt             head, relation and tail, for embeddings
"""
