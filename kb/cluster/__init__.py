"""Builds on Apache Spark, and the edge table that they write.

``spark`` runs a build; ``shards`` has what its workers do, as plain functions of the local build; ``staging`` copies input to
where workers can read it; ``hadoop`` is the output folder; ``edges`` is the edge table, and asks it in SQL.
"""
